"""The frame of a chart: its axes, ticks and labels, to the cell as plotext draws them, but without loading it.

Loading plotext takes a third of the time until the app is there, and a sixth of its memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from quadfit_tui.ui.charts.axes import AXES
from quadfit_tui.ui.charts.canvas import FIRST, LAST
from quadfit_tui.ui.charts.spec import Range, Role, Row, Scale

BELOW = 2  # rows: the x axis and its labels


class Ruler(NamedTuple):
    """One axis: the scale and the window that it shows, and about how many ticks it has."""

    scale: Scale
    window: Range
    wanted: int

    def limits(self) -> Range:
        """The ends of the window where the scale puts them."""
        low, high = AXES[self.scale].place(np.array(self.window)).tolist()
        return low, high

    def ticks(self) -> tuple[list[float], list[str]]:
        """Where the scale puts the ticks, and their labels."""
        values, labels = AXES[self.scale].ticks(self.window, self.wanted)
        return AXES[self.scale].place(np.array(values)).tolist(), labels


# Draws a frame in `height` rows of `width` characters, of which the last BELOW are those of the x axis.
Framer = Callable[[int, int, Ruler, Ruler], tuple[Row, ...]]


@lru_cache(maxsize=32)
def frame(width: int, height: int, x: Ruler, y: Ruler) -> tuple[Row, ...]:
    """The frame of a chart; the same one as long as nothing but the series change."""
    beside = max(map(len, y.ticks()[1]))
    if beside + 1 > width:  # plotext leaves out labels that are too long for it
        beside = 0
    inside, rows = width - beside - 1, height - BELOW
    texts = [" " * beside + "│"] * rows
    for line, label in _cells(y, rows, downwards=True):
        if beside:
            # A later label covers an earlier one as far as it goes.
            texts[line] = texts[line][: beside - len(label)] + label + "┤"
    marks, labels = _labels(inside, _cells(x, inside))
    axis = "".join("┬" if column in marks else "─" for column in range(inside))
    roles = Role.AXIS * (beside + 1) + Role.BLANK * inside
    return (
        *(Row(text + " " * inside, roles) for text in texts),
        Row(" " * beside + "└" + axis, Role.AXIS * width),
        Row(" " * (beside + 1) + labels, Role.AXIS * width),
    )


def _cells(ruler: Ruler, cells: int, downwards: bool = False) -> Iterator[tuple[int, str]]:
    """The cells in which the ticks lie, of those that there are, with their labels."""
    first, last = ruler.limits()[:: -1 if downwards else 1]
    for place, label in zip(*ruler.ticks(), strict=True):
        cell = int(FIRST + (cells - FIRST - LAST) * ((place - first) / (last - first)))
        if 0 <= cell < cells:
            yield cell, label


def _labels(width: int, ticks: Iterator[tuple[int, str]]) -> tuple[set[int], str]:
    """Below an axis: which ticks have room for their labels, and the row of these.

    A label covers its tick, with its middle if there is room for that, and touches no other one.
    """
    marks, row = set(), " " * width
    for cell, label in ticks:
        length = len(label)
        middle = cell - (length - 1) // 2
        for at in sorted(range(cell - length + 1, cell + 1), key=lambda start: abs(start - middle)):
            if 0 <= at <= width - length and not row[max(0, at - 1) : at + length].strip():
                row = row[:at] + label + row[at + length :]
                marks.add(cell)
                break
    return marks, row
