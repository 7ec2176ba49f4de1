"""The ground of a chart: its bands as the colors of cells, or as signs where there are no colors to paint with."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quadfit_tui.core.model.array import Array
from quadfit_tui.core.text.width import cell_width, is_single
from quadfit_tui.ui.charts.axes import AXES, Ruler
from quadfit_tui.ui.charts.clip import CellSize
from quadfit_tui.ui.charts.spec import GROUND_ROLES, INKS, ChartSpec, Ground, Role, Series, StyledRow, letter_of

BOTH = 2  # halves of a cell that have bands of their own
UPPER, LOWER = "▀", "▄"

Bands = NDArray[np.int8]


def painted(rows: list[StyledRow], spec: ChartSpec, x: Ruler, y: Ruler, halves: int) -> list[StyledRow]:
    """The inside of a chart, of which each row is as wide, upon its ground, in colors by GROUND_ROLES.

    What is written or drawn stands on the band in the middle of its cell, if all of that is painted: else the ground
    would have bulges at its ends. A cell with nothing in it has one color, or with BOTH halves those of its upper and
    its lower half.
    """
    assert spec.ground is not None
    across, down = _middles(x, cell_width(rows[0].text)), _middles(y, len(rows))[::-1]
    quarter = (y.limits[1] - y.limits[0]) / max(1, len(rows) - 1) / 4 * (halves == BOTH)
    colors = np.array([*_colors(spec.ground), -1])
    bands = (colors[_bands_at(spec, across, places)] for places in (down + quarter, down, down - quarter))
    return [_painted(*row) for row in zip(rows, *bands, strict=True)]


def _colors(ground: Ground) -> list[int]:
    """Which of GROUND_ROLES each band has: evenly spread ones."""
    return [round(band * (len(GROUND_ROLES) - 1) / max(1, ground.count - 1)) for band in range(ground.count)]


def ground_entry(ground: Ground, is_painted: bool, brief: bool) -> StyledRow:
    """What the legend has of a ground: its bands from the best to the worst, and what they tell."""
    text = f" {ground.brief if brief else ground.label}"
    sample, letters = ground.signs, Role.CONTOUR * len(ground.signs)
    if is_painted:
        sample, letters = " " * ground.count, "".join(letter_of(Role.BLANK, at) for at in _colors(ground))
    return StyledRow(sample + text, letters + Role.TEXT * len(text))


def _painted(row: StyledRow, upper: Bands, middle: Bands, lower: Bands) -> StyledRow:
    """One row, upon the bands of its columns."""
    if not is_single(row.text):  # each character has the band of its first column
        begins = [0, *accumulate(map(cell_width, row.text))][:-1]
        upper, middle, lower = (bands[np.minimum(begins, len(bands) - 1)] for bands in (upper, middle, lower))
    signs, letters = _codes(row.text), _codes(row.roles)
    blank = letters == ord(Role.BLANK)
    split = blank & (upper != lower)
    ground = np.where((upper < 0) | (lower < 0), -1, np.where(blank, lower, middle))
    signs = np.where(split, np.where(upper < 0, ord(LOWER), ord(UPPER)), signs)
    letters = np.where(split, _OF_BANDS[np.where(upper < 0, lower, upper)], letters)
    return StyledRow(_text(signs), _text(letters + INKS * (ground + 1)))


def shading(spec: ChartSpec, x: Ruler, y: Ruler, size: CellSize) -> Iterator[Series]:
    """The signs of the bands in the middles of columns × rows cells, where the scales put them."""
    ground = spec.ground
    if ground is None or not ground.signs:
        return
    across, up = _middles(x, size[0]), _middles(y, size[1])
    bands = _bands_at(spec, across, up)
    for band, sign in enumerate(ground.signs):
        if sign != " " and (bands == band).any():
            edges = np.diff(np.pad(bands == band, ((0, 0), (1, 1))).astype(np.int8), axis=1)
            rows, first = np.nonzero(edges == 1)  # in the same order as where they end
            last = np.nonzero(edges == -1)[1] - 1
            gaps = np.full(len(rows), np.nan)  # a line for each run of cells: plotext takes its time for each point
            x_places = np.column_stack([across[first], across[last], gaps]).ravel()
            yield Series(Role.CONTOUR, x_places, np.repeat(up[rows], 3), line=True, mark=sign, lasting=True)


def _bands_at(spec: ChartSpec, x: Array, y: Array) -> Bands:
    """The bands at places on the axes, shape (m,) across and (n,) up: those of the nearest ones, shape (n, m)."""
    assert spec.ground is not None
    ground: Ground = spec.ground
    around = np.pad(ground.bands, 1, constant_values=-1)  # beyond its ends nothing is painted
    found: Bands = around[
        _nearest(AXES[spec.y_scale].place(ground.y), y)[:, np.newaxis],
        _nearest(AXES[spec.x_scale].place(ground.x), x),
    ]
    return found


def _nearest(own: Array, places: Array) -> NDArray[np.intp]:
    """The number of the nearest of a ground's own places, from 1; 0 before the first one, one more after the last."""
    if len(own) == 1:
        return np.ones(len(places), dtype=np.intp)
    middles = (own[1:] + own[:-1]) / 2
    ends = 2 * own[0] - middles[0], 2 * own[-1] - middles[-1]
    return np.searchsorted(np.array([ends[0], *middles, ends[1]]), places)


def _middles(axis: Ruler, count: int) -> Array:
    """Where the middles of so many cells are on an axis."""
    return np.linspace(*axis.limits, count)


def _codes(text: str) -> NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32)


def _text(codes: NDArray[np.integer[Any]]) -> str:
    return codes.astype(np.uint32).tobytes().decode("utf-32-le")


_OF_BANDS = _codes("".join(GROUND_ROLES))
