"""The app in Chinese, at several sizes: rows as wide as the screen, parted as Chinese is, and nothing in English."""

import re

import pytest
from app_helpers import at_once, burst, screen_text, train
from marked import NAMES
from pseudo_locale import cells, columns
from trials import rounds

from quadfit_tui.core.config.parameters import PARAMETERS
from quadfit_tui.core.text import language
from quadfit_tui.ui.views import VIEWS
from quadfit_tui.ui.widgets.key_bar import KeyBar

SIZES = rounds([(80, 24), (40, 12), (140, 45), (60, 20), (120, 36)])
VIEW_KEYS = [str(number) for number in range(1, len(VIEWS) + 1)]
# Pages, lists, the form, and a value that it refuses.
OTHERS = ["question_mark", "i", "p", "k", "t", "d", "w", "L", "ctrl+p", "f1", "s"]
KEYS = {"tab", "esc", "del", "Tab", "PgUp", "PgDn", "Home", "End", "Del", "Bksp", "shift", "ctrl", "A-F"}
# Names of files, of columns in them, of formats, of methods and of other programs; what is typed or in formulas.
OTHER_NAMES = """\
example galileo pontius outlier time distance load deflection svg ansi txt CSV Parquet
Adam AdaGrad RMSProp Nesterov MSE Python quadfit-tui run explain sweep teacher class shell fg
loss update epoch mean optimum custom yes no inf y_out y_true g_a g_b g_c decay_every decay_rate
"""
OF_VIEWS = {
    *VIEWS,
    *(each for view in VIEWS.values() for words in view.options.values() for word in words for each in word.split()),
}
ALLOWED = NAMES | KEYS | OF_VIEWS | {*OTHER_NAMES.split()}
_WORD = re.compile(r"[A-Za-z][A-Za-z_-]{2,}")
_NOT_FIRST = tuple("，。、；：！？）”")
_FRAME = re.compile("[│▐▕▏]")
_STRAY = re.compile(r"[，。；：！？] (?=[^\s│─╮╯▁-█▐])")
_HALF = re.compile(r"[\u4e00-\u9fff][,;:!?](?:\s|$)")


@pytest.fixture(autouse=True)
def _chinese():
    language.load("zh_CN")
    yield
    language.use(None)


def shown(app):
    """The rows of the screen, or of the page that is open over it."""
    rows = screen_text(app).splitlines()
    if len(app.screen_stack) == 1:
        return rows
    region = app.screen.children[0].region
    return ["".join(cells(row)[region.x : region.right]) for row in rows[region.y : region.bottom]]


def is_named(word):
    """Whether a word is a name, or what there was room for of one."""
    return word in ALLOWED or any(name.startswith(word) or name.endswith(word) for name in ALLOWED if len(word) > 3)


def faults(app):
    """What is wrong on the screen."""
    found = [row for row in screen_text(app).splitlines() if columns(row) != app.size.width]
    rows = shown(app)
    for row in rows:
        found += [part for part in _FRAME.split(row) if part.strip().startswith(_NOT_FIRST)]
        found += [row] * bool(_STRAY.search(row) or _HALF.search(row))
        found += [word for word in _WORD.findall(row) if not is_named(word)]
    return found


async def test_the_screens(make_app):
    app = make_app("too-fast", runner=at_once)
    async with app.run_test(size=SIZES[0]) as pilot:
        for epochs in (0, 2, 9):  # ready, paused, diverged
            train(app, epochs)
            for size in SIZES:
                await pilot.resize_terminal(*size)
                for key in VIEW_KEYS:
                    await pilot.press(key)
                    await pilot.pause()
                    assert faults(app) == [], (epochs, size, key)


async def test_what_opens_over_them(make_app):
    app = make_app("article-minibatch", runner=at_once)
    async with app.run_test(size=SIZES[0]) as pilot:
        train(app, 3)
        app.runs.action_twin_of("schedule")
        await pilot.pause()
        train(app, 5)
        for size in SIZES:
            await pilot.resize_terminal(*size)
            for key in OTHERS:
                await pilot.press(key)
                await pilot.pause()
                assert faults(app) == [], (size, key)
                await pilot.press("escape")
            burst(app, ["l", "x", "enter"])
            await pilot.pause()
            assert faults(app) == [], (size, "a rate that is none")
            await pilot.press("escape", "escape")


async def test_a_word_that_means_two_things_is_two(make_app):
    app = make_app("article-minibatch", runner=at_once)
    async with app.run_test(size=(140, 45)) as pilot:
        train(app, 3)
        await pilot.press("u", "b", "1")
        assert {"后退", "起点"} <= {key.label for key in app.query_one(KeyBar).keys}
        assert re.search(" 本批 .* 样本 .* 批损失 ", screen_text(app))
        assert PARAMETERS["samples"].label == "样本数"
        await pilot.press("k")
        await pilot.pause()
        assert "开始" in [key.label for key in app.screen.query_one(KeyBar).keys]
        await pilot.press("escape", "f1")
        await pilot.pause()
        assert "返回" in [key.label for key in app.screen.query_one(KeyBar).keys]
