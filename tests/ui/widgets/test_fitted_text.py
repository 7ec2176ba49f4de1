"""A text of a few rows: the fullest way that fits, or the last one with an ellipsis."""

import pytest

from quadfit_tui.core.text.width import columns
from quadfit_tui.ui.toolkit.fitted_text import fitting

WAYS = ("which loss is compared with tol (one of dataset, never)", "which loss is compared with tol")


@pytest.mark.parametrize(
    ("size", "rows"),
    [
        ((60, 1), [WAYS[0]]),
        ((40, 2), ["which loss is compared with tol (one of", "dataset, never)"]),
        ((40, 1), [WAYS[1]]),
        ((16, 2), ["which loss is", "compared with…"]),
        ((0, 0), ["…"]),  # no place yet
    ],
)
def test_the_fullest_way_that_fits(size, rows):
    assert fitting(WAYS, *size) == rows


def test_columns_are_counted():
    assert fitting(("损失和容差比较，（每轮之后）",), 9, 2) == ["损失和容", "差比较，…"]
    assert max(map(columns, fitting(("损失和容差比较",), 8, 1))) <= 8
