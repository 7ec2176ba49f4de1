"""A page in the place that it has: folded, scrolled, marked where there is more of it."""

import re

from hypothesis import example, given
from hypothesis import strategies as st
from pseudo_locale import columns
from tables import table
from trials import trials

from quadfit_tui.ui.charts.scrollbar import marked_rows
from quadfit_tui.ui.charts.spec import Role, StyledRow, TextPage
from quadfit_tui.ui.charts.text_page import INDENT, FoldedPage, PagePosition, fold

WORDS = st.lists(
    st.sampled_from(
        ["g_a", "=", "×", "−", "0.999", "1", "(-1.5)²", "mean", "a" * 30, "z" * 7, "损失", "（学习率），", "e\u0301"]
    ),
    max_size=20,
)
TEXTS = st.tuples(WORDS, st.lists(st.integers(0, 9), min_size=21, max_size=21)).map(
    lambda made: "".join(" " * blanks + word for word, blanks in zip(made[0], made[1], strict=False))
)


def row(text):
    """A row in which every character has a role of its own, as far as there are roles."""
    roles = [*Role]
    return StyledRow(text, "".join(roles[number % len(roles)] for number in range(len(text))))


def folded(text, width):
    return [each.text for each in fold(row(text), width)]


@trials(300)
@given(TEXTS, st.integers(1, 60))
@example("", 1)
@example(" " * 50, 7)
@example("a" * 8, 8)
def test_folding_loses_nothing_and_every_row_fits(text, width):
    rows, whole = fold(row(text), width), row(text)
    indent = min(INDENT, width // 4)
    assert all(len(each.text) == len(each.roles) for each in rows)
    assert all(columns(each.text) <= width or len(each.text) - indent == 1 for each in rows)
    assert all(each.text.startswith(" " * indent) for each in rows[1:])
    seen = [cell for each in rows for cell in zip(*each, strict=True) if cell[0] != " "]
    assert seen == [cell for cell in zip(*whole, strict=True) if cell[0] != " "]
    if columns(text) <= width:
        assert rows == [whole]
    if (
        text.isascii()
        and max(map(len, text.split()), default=0) <= width - indent
        and re.match(rf" {{0,{indent}}}\S", text)
    ):
        assert " ".join(each.text for each in rows).split() == text.split()  # words stay whole


@table(
    ("text", "width", "rows"),
    [
        ("m_a = 0.9 × 2.5 + (1 − 0.9) × 3.5 = 2.6", 40, ["m_a = 0.9 × 2.5 + (1 − 0.9) × 3.5 = 2.6"]),
        ("m_a = 0.9 × 2.5 + (1 − 0.9) × 3.5 = 2.6", 38, ["m_a = 0.9 × 2.5 + (1 − 0.9) × 3.5", "    = 2.6"]),
        ("m_a = 0.9 × 2.5 + (1 − 0.9) × 3.5 = 2.6", 25, ["m_a = 0.9 × 2.5", "    + (1 − 0.9) × 3.5", "    = 2.6"]),
        ("w before: a = -1.8, b = -131.7, c = -2400", 35, ["w before: a = -1.8, b = -131.7,", "    c = -2400"]),
        ("w before: a = -1.8, b = -131.7, c = -2400", 28, ["w before: a = -1.8,", "    b = -131.7, c = -2400"]),
        ("in the article (gradient = half)", 30, ["in the article", "    (gradient = half)"]),
        ("梯度等于损失对参数的导数。", 20, ["梯度等于损失对参数的", "    导数。"]),
        ("损失 = 0.5，梯度（对 w）= -1.25", 20, ["损失 = 0.5，", "    梯度（对 w）", "    = -1.25"]),
    ],
)
def test_arithmetic_is_parted_where_a_reader_would(text, width, rows):
    assert folded(text, width) == rows


def test_columns_stay_columns():
    table = [(name, f"{value:.6f}") for name, value in zip("abcdef", (1, -22.5, 3, 1e4, -5, 6.25), strict=True)]
    heading, numbers = ("".join(f"{cell:>13}" for cell in cells) for cells in zip(*table, strict=True))
    for width in range(17, 78):
        above, below = folded(heading, width), folded(numbers, width)
        assert len(above) == len(below)
        ends = [[match.end() for match in re.finditer(r"\S+", line)] for line in above]
        assert ends == [[match.end() for match in re.finditer(r"\S+", line)] for line in below]


def lines(count, length=6):
    return TextPage(tuple(row(f"{number:<{length}}") for number in range(count)))


def test_folded_rows_and_scrollbar():
    folded = FoldedPage(lines(6), 7, 3)
    assert [each.text for each in folded.rows(PagePosition(0, 0))] == ["0     ▐", "1     ▐", "2      "]
    assert [each.text for each in folded.rows(PagePosition(3, 0))] == ["3      ", "4      ", "5     ▐"]
    assert folded.rows(PagePosition(3, 0)) == folded.rows(PagePosition(5, 0))  # no further than the last row
    assert [each.text for each in FoldedPage(lines(2), 7, 3).rows(PagePosition(1, 0))] == [
        "0      ",
        "1      ",
        " " * 7,
    ]


def test_scrolling_stops_at_ends():
    page = TextPage((row("one two three four"), row("five six")))
    folded = FoldedPage(page, 11, 2)
    assert [each.text.rstrip(" ▐") for each in FoldedPage(page, 11, 9).rows(PagePosition(0, 0))][:4] == [
        "one two",
        "  three",
        "  four",
        "five six",
    ]
    position, seen = PagePosition(0, 0), []
    for by in (1, 1, 1, -1, -9, 9, -1):
        position = folded.scrolled(position, by)
        seen.append(position)
    assert seen == [(0, 1), (0, 2), (0, 2), (0, 1), (0, 0), (0, 2), (0, 1)]


def test_position_survives_refolding():
    page = TextPage((row("one two three four"), *lines(20).rows))
    narrow, wide, high = FoldedPage(page, 11, 4), FoldedPage(page, 40, 4), FoldedPage(page, 40, 50)
    position = narrow.scrolled(PagePosition(0, 0), 8)
    assert position == (6, 0)
    assert narrow.rows(position)[0].text.split()[0] == wide.rows(position)[0].text.split()[0] == "5"
    assert high.first_line(position) == 0
    assert high.scrolled(position, 1) == position
    assert wide.first_line(PagePosition(0, 2)) == 0  # in the middle of a row that is not folded there


@table(
    ("top", "height", "count", "rows"),
    [
        (0, 7, 7, (0, 0)),
        (7, 7, 14, (4, 7)),
        (0, 7, 2000, (0, 1)),
        (1993, 7, 2000, (6, 7)),
        (1, 19, 45, (1, 8)),
        (25, 19, 45, (11, 18)),
    ],
)
def test_scrollbar_range_examples(top, height, count, rows):
    assert marked_rows(top, height, count) == rows


@given(st.integers(3, 60), st.integers(1, 300), st.data())
def test_scrollbar_touches_end_only_at_end(height, more, data):
    top = data.draw(st.integers(0, more))
    first, last = marked_rows(top, height, height + more)
    assert 0 <= first < last <= height
    assert (first == 0) == (top == 0)
    assert (last == height) == (top == more)


def test_scrollbar_after_wide_rows():
    page = FoldedPage(TextPage((row("学习率"), row("a学习率学习率"), row("b"), row("c"))), 10, 2)
    for text, roles in page.rows():
        assert columns(text) == 10
        assert len(text) == len(roles)
    assert "".join(each.roles[-1] for each in page.rows()).strip()
