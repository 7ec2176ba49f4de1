"""Texts to be heard: one sentence a line, in words, nothing that a terminal would obey."""

from hypothesis import given
from hypothesis import strategies as st
from tables import table
from trials import CHARACTERS, trials

from quadfit_tui.core.text.ascii import ascii_of
from quadfit_tui.core.text.sentences import capitalized, lines_to_hear, sentences, with_stop


@table(
    ("text", "said"),
    [
        ("It is 0.5. lr is 1 now! And?", ["It is 0.5.", "lr is 1 now!", "And?"]),
        ("A rule, e.g. this one. Or i.e. that.", ["A rule, e.g. this one.", "Or i.e. that."]),
        (
            "1, 2, ... 7 times. (It is so.) He said 'no.' Then",
            ["1, 2,... 7 times.", "(It is so.)", "He said 'no.'", "Then"],
        ),
        ("One line\nof two:\n\nA paragraph", ["One line of two:", "A paragraph"]),
        ("g = r·x², from −9.", ["g = r times x squared, from minus 9."]),
        (
            "它收敛了。对吗？对！（是的。）他说“不”。然后",
            ["它收敛了。", "对吗？", "对！", "（是的。）", "他说“不”。", "然后"],
        ),
        ("lr 是 0.5。Press i. 好", ["lr 是 0.5。", "Press i.", "好"]),
        ("", []),
        (" \n\n ", []),
    ],
)
def test_sentences(text, said):
    assert sentences(text) == said


def test_long_sentence_wraps_to_next_line():
    text = " ".join(["word"] * 40) + "."
    lines = lines_to_hear(text)
    assert " ".join(lines) == text
    assert [len(line) <= 78 for line in lines] == [True] * 3
    assert [len(line) for line in lines_to_hear("x" * 200)] == [78, 78, 44]
    long = "The rate is 0.1 in every epoch, and the run takes 1406 epochs to converge, that is: its loss falls."
    assert lines_to_hear(long) == [
        "The rate is 0.1 in every epoch, and the run takes 1406 epochs to converge,",
        "that is: its loss falls.",
    ]


def test_control_characters_are_replaced():
    assert lines_to_hear("a\x1b[2Jb\u202ec") == ["a?[2Jb?c"]
    assert lines_to_hear("σ ≈ 1 − ε", ascii_of) == ["sigma about 1 minus e"]


@trials(300)
@given(st.text(CHARACTERS))
def test_any_text_is_lines_that_print(text):
    for spell in (str, ascii_of):
        for line in lines_to_hear(text, spell):
            assert line.isprintable()
            assert 0 < len(line) <= 78
            assert spell is str or line.isascii()


def test_a_sentence_begins_with_a_capital_letter():
    assert [capitalized(text) for text in ("w of SGD", "W", "", "∂f")] == ["W of SGD", "W", "", "∂f"]


def test_a_text_is_ended_once():
    assert [with_stop(text) for text in ("so", "so.", "so?", "so!")] == ["so.", "so.", "so?", "so!"]


def test_chinese_sentence_wraps_after_clause():
    clause = "学习率太大，" * 7
    assert lines_to_hear(f"{clause}{clause}训练发散。") == ["学习率太大，" * 6] * 2 + [
        "学习率太大，" * 2 + "训练发散。"
    ]
    settings = [f"x 最大 {n}（原为 1）、" for n in range(5)]
    assert lines_to_hear("".join(settings) + "lr 0.1。") == ["".join(settings[:3]), "".join(settings[3:]) + "lr 0.1。"]
