"""The glossary: how long its meanings may be, what they are found by, and which word stands where on a row."""

import pytest
from languages import speaking
from tables import table

from quadfit_tui.core.config.parameters import PARAMETERS
from quadfit_tui.core.explain.glossary import GLOSSARY, WORDS, meaning, meaning_at, meaning_of_setting
from quadfit_tui.core.methods.optimizers import OPTIMIZERS
from quadfit_tui.core.methods.schedules import SCHEDULES
from quadfit_tui.core.text.language import _
from quadfit_tui.core.text.width import cell_width, wrapped

# Rows of the screen, and of each what is explained by which word.
ROWS = {
    " READY     0 of 500 epochs  learning rate 0.2 ▕███░░░▏ 39 % of the limit 0.511        10 epochs/s": {
        "READY": "state",
        "0 of 500 epochs": "epoch",
        "learning rate 0.2 ": "learning rate",
        "▕███░░░▏ 39 % of the limit 0.511": "limit",
        "10 epochs/s": "epoch",
    },
    " DIVERGING    43 of 500 epochs  update 3 of 40  lr 0.8 ▕██████▏ 156 %": {
        "DIVERGING": "diverged",
        "43 of 500 epochs": "epoch",
        "update 3 of 40": "update",
        "lr 0.8 ": "learning rate",
        "▕██████▏ 156 %": "limit",
    },
    " CONVERGED    lr 0.2, 39 % of the limit 0.511": {
        "CONVERGED": "converged",
        "lr 0.2, 39 % of the ": "learning rate",
        "limit 0.511": "limit",
    },
    " fitted y = -x² - 2x + 8      true y = 2x² + x - 3  mean loss 73.3692": {
        "fitted y = -x² - 2x + 8": "fitted",
        "true y = 2x² + x - 3": "true",
        "mean loss 73.3692": "mean loss",
    },
    "article-minibatch · adam · batch 16 · halve · lr 0.2 · 100 epochs": {
        "adam": "adam",
        "batch 16": "batch",
        "halve": "halve",
        "lr 0.2": "learning rate",
        "100 epochs": "epoch",
    },
}


def test_each_word_has_the_columns_that_belong_to_it():
    for row, parts in ROWS.items():
        expected = [""] * (len(row) + 5)
        for part, word in parts.items():
            expected[row.index(part) : row.index(part) + len(part)] = [WORDS[word]] * len(part)
        assert [meaning_at(row, column) for column in range(len(row) + 5)] == expected, row


@table(
    ("row", "said", "word"),
    [
        (" 就绪     0 / 500 轮  学习率 0.2 ▕███░░░▏ 上限 0.511 的 39%  10 轮/秒", "就绪", "state"),
        (" 就绪     0 / 500 轮  学习率 0.2 ▕███░░░▏ 上限 0.511 的 39%  10 轮/秒", "/ 500", "epoch"),
        (" 就绪     0 / 500 轮  学习率 0.2 ▕███░░░▏ 上限 0.511 的 39%  10 轮/秒", "0.2", "learning rate"),
        (" 就绪     0 / 500 轮  学习率 0.2 ▕███░░░▏ 上限 0.511 的 39%  10 轮/秒", "0.511", "limit"),
        (" 拟合 y = -x² - 2x + 8  真实 y = 2x² + x - 3  平均损失 73.3692", "真实", "true"),
        (" 拟合 y = -x² - 2x + 8  真实 y = 2x² + x - 3  平均损失 73.3692", "2x + 8", "fitted"),
        (" 拟合 y = -x² - 2x + 8  真实 y = 2x² + x - 3  平均损失 73.3692", "73", "mean loss"),
        ("playground · sgd · 批量 full · constant · lr 0.2 · 500 轮", "sgd", "sgd"),
    ],
)
def test_words_are_found_in_chinese_by_columns(row, said, word):
    with speaking("zh_CN"):
        assert meaning_at(row, cell_width(row[: row.index(said)])) == _(WORDS[word])


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_meanings_fit_a_tooltip(language):
    with speaking(language):
        told = [meaning(word) for word in WORDS] + [_(row.help) for row in PARAMETERS.values()]
        assert [text for text in told if len(wrapped(text, 60)) > 3 or not text] == []


def test_choices_have_their_meaning_and_settings_that_need_it():
    for name, words in (("optimizer", OPTIMIZERS), ("schedule", SCHEDULES)):
        for word in words:
            assert meaning_of_setting(name, word) == WORDS[word]
    assert meaning_of_setting("lr", "0.2") == GLOSSARY["learning rate"]
    assert meaning_of_setting("epochs", "500") == ""  # how many there are at most: its help says that
    assert meaning_of_setting("data", "adam") == ""


def test_newcomers_find_what_they_ask_for():
    asked = (
        "gradient, learning rate, epoch, batch, update, loss, mean loss, limit, converged, diverged, optimum, momentum"
    )
    asked += ", schedule, noise, tol, w, valley, condition number, residual, sample, gradient descent"
    assert {*asked.split(", ")} <= {*WORDS}
