"""Texts set by the columns that a terminal gives them."""

import textwrap
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from trials import trials

from quadfit_tui.core.text.width import cell_width, cut, ellipsize, is_single, line_starts, ljust, rjust, wrapped

_CHARS = "ab.,:) (-−·²é e\u0301学习率，。（）「」、ｎ？…×αΣ⠿█─"
_TEXTS = st.text(st.sampled_from(_CHARS), max_size=60)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", 0), ("lr 0.5", 6), ("学习率", 6), ("学", 2), ("lr：0.5", 7), ("e\u0301", 1), ("·²−", 3), ("⠿█─", 3),
        ("ｎ", 2),
    ],
)  # fmt: skip
def test_columns(text: str, expected: int) -> None:
    assert cell_width(text) == expected


def test_text_width_is_sum_of_characters() -> None:
    for first in range(0x20, 0x1_2000, 16):
        chars = [chr(code) for code in range(first, first + 16) if not 0x7F <= code < 0xA0]
        text = "".join(chars)
        assert cell_width(text) == sum(cell_width(f"{char}学") - 2 for char in chars), hex(first)
        assert is_single(text) == all(cell_width(f"{char}学") == 3 for char in chars), hex(first)


@given(_TEXTS)
@trials(200)
def test_columns_are_those_that_rich_counts(text: str) -> None:
    assert cell_width(text) == sum(map(cell_len, text))


@given(_TEXTS, st.integers(-2, 40))
@trials(200)
def test_cut_gives_longest_fitting_prefix(text: str, width: int) -> None:
    fitting = [text[:end] for end in range(len(text) + 1) if sum(map(cell_len, text[:end])) <= max(0, width)]
    assert cut(text, width) == fitting[-1]


@given(_TEXTS, st.integers(1, 40))
@trials(200)
def test_shortened_text_fits_and_ends_with_ellipsis(text: str, width: int) -> None:
    shown = ellipsize(text, width)
    assert cell_width(shown) <= width
    assert shown == text if cell_width(text) <= width else shown == f"{cut(text, width - 1)}…"


def test_sides() -> None:
    assert ljust("学", 4) == "学  "
    assert rjust("学", 4) == "  学"
    assert ljust("学习率", 4) == rjust("学习率", 4) == "学习率"


@given(st.lists(st.text("abc.,()-", min_size=1, max_size=8).filter("-".__ne__), max_size=14), st.integers(12, 40))
@trials(200)
def test_ascii_wraps_like_textwrap(words: list[str], width: int) -> None:
    text = " ".join(words)
    expected = textwrap.wrap(text, width, initial_indent="1. ", subsequent_indent="   ", break_on_hyphens=False)
    assert wrapped(text, width, "1. ", "   ") == expected


@given(_TEXTS, st.integers(1, 30), st.sampled_from(["", "  ", "学"]), st.sampled_from(["", "  ", "学"]))
@trials(200)
def test_wrapped_lines_fit_and_lose_nothing(text: str, width: int, first: str, rest: str) -> None:
    lines = wrapped(text, width, first, rest)
    told = "".join(line.removeprefix(rest if at else first) for at, line in enumerate(lines))
    assert "".join(told.split()) == "".join(text.split())
    for at, line in enumerate(lines):
        indent = rest if at else first
        assert cell_width(line) <= width or len([c for c in line.removeprefix(indent) if cell_width(c)]) <= 1


def test_han_line_breaks_respect_punctuation() -> None:
    assert wrapped("学习率太大，会发散。", 10) == ["学习率太", "大，会发", "散。"]
    assert wrapped("学习率（太大）", 8) == ["学习率", "（太大）"]
    assert wrapped("设 lr 为 0.5。", 6) == ["设 lr", "为", "0.5。"]


FORMULA = "残差 r = y_out − y，更新 b ← b − lr·g_b。"


@pytest.mark.parametrize("width", range(16, 50))
@pytest.mark.parametrize("text", [FORMULA, "The residual r = y_out − y leads to b ← b - lr·g_b, which is all."])
def test_no_operator_at_line_edges(text: str, width: int) -> None:
    by_begins = [0, *line_starts(text, width), len(text)]
    for lines in (wrapped(text, width), [text[begin:end].strip() for begin, end in pairwise(by_begins)]):
        assert not {"=", "−", "-", "←"} & {word for line in lines for word in (line.split()[0], line.split()[-1])}
        assert max(map(cell_width, lines)) <= width


def test_long_formula_breaks_before_relations_first() -> None:
    assert wrapped("a = 1 + 2 + 3 − 4 = 5 − 6", 16) == ["a", "= 1 + 2 + 3 − 4", "= 5 − 6"]
    assert wrapped("a = 1 + 2 + 3", 6) == ["a = 1", "+ 2 +", "3"]
