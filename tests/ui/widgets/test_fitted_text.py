"""A text of a few rows: the fullest way that fits, or the last one with an ellipsis."""

import pytest
from textual.app import App

from quadfit_tui.core.text.width import cell_width
from quadfit_tui.ui.toolkit.fitted_text import FittedText, cut_to, fitting

WAYS = ("which loss is compared with tol (one of dataset, never)", "which loss is compared with tol")


@pytest.mark.parametrize(
    ("size", "rows"),
    [
        ((60, 1), [WAYS[0]]),
        ((40, 2), ["which loss is compared with tol (one of", "dataset, never)"]),
        ((40, 1), [WAYS[1]]),
        ((16, 2), None),
        ((0, 0), None),  # no place yet
    ],
)
def test_the_fullest_way_that_fits(size, rows):
    assert fitting(WAYS, *size) == rows


@pytest.mark.parametrize(
    ("size", "more", "rows"),
    [
        ((16, 2), "…", ["which loss is", "compared with…"]),
        ((16, 1), "… i", ["which loss is… i"]),
        ((3, 1), "… i", ["whi"]),  # no room for it
        ((0, 1), "…", ["…"]),
    ],
)
def test_truncated_text_ends_with_suffix(size, more, rows):
    assert cut_to(WAYS[1], *size, more) == rows


async def test_no_text_has_no_line():
    class Texts(App):
        def compose(self):
            yield FittedText()

    async with Texts().run_test() as pilot:
        text = pilot.app.query_one(FittedText)
        text.set_texts("")
        assert str(text.render()) == ""
        text.set_texts("a line")
        assert str(text.render()) == "a line"


def test_columns_are_counted():
    assert cut_to("损失和容差比较，（每轮之后）", 9, 2) == ["损失和容", "差比较，…"]
    (line,) = cut_to("损失和容差比较", 8, 1)
    assert cell_width(line) <= 8
