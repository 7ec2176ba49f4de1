"""The ground of a chart: its bands as the colors of cells, or as signs if there are no colors to paint with."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quadfit_tui.core.model.array import Array
from quadfit_tui.core.text.width import cell_width, is_single
from quadfit_tui.ui.charts.axes import AXES, Ruler
from quadfit_tui.ui.charts.clip import CellSize
from quadfit_tui.ui.charts.spec import (
    GROUND_ROLES,
    INKS,
    AxisScale,
    ChartSpec,
    Ground,
    Role,
    Series,
    StyledRow,
    letter_of,
)

BOTH = 2  # halves of a cell, if each has a color of its own
UPPER, LOWER = "▀", "▄"

Bands = NDArray[np.int8]  # the number of a band, or of its color, for each place; -1 is unpainted


def paint_ground(rows: list[StyledRow], spec: ChartSpec, x: Ruler, y: Ruler, halves: int) -> list[StyledRow]:
    """Paints the ground behind the inside of a chart, whose rows are all equally wide, in colors by GROUND_ROLES.

    What is written or drawn stands on the band in the middle of its cell, if all of the cell is painted: else the
    ground would have bulges at its ends. An empty cell has one color, or with BOTH `halves` those of its upper and its
    lower half.
    """
    assert spec.ground is not None
    size = cell_width(rows[0].text), len(rows)
    colors = _colors_of_cells(spec.ground, (spec.x_scale, spec.y_scale), x, y, size, halves)
    return [_painted(row, *of_row) for row, of_row in zip(rows, zip(*colors, strict=True), strict=True)]


@lru_cache(maxsize=4)
def _colors_of_cells(
    ground: Ground, scales: tuple[AxisScale, AxisScale], x: Ruler, y: Ruler, size: CellSize, halves: int
) -> tuple[Bands, Bands, Bands]:
    """Computes the colors at the upper quarter, the middle and the lower quarter of each cell, shape (rows, columns).

    Cached, because a run has one ground as long as its window stays.
    """
    across, down = _middles(x, size[0]), _middles(y, size[1])[::-1]
    quarter = (y.limits[1] - y.limits[0]) / max(1, size[1] - 1) / 4 if halves == BOTH else 0.0
    colors = np.array([*_colors(ground), -1])
    upper, middle, lower = (
        colors[_bands_at(ground, scales, across, places)] for places in (down + quarter, down, down - quarter)
    )
    return upper, middle, lower


def _colors(ground: Ground) -> list[int]:
    """Returns the index in GROUND_ROLES of the color of each band, from the best: evenly spread ones."""
    return [round(band * (len(GROUND_ROLES) - 1) / max(1, ground.count - 1)) for band in range(ground.count)]


def ground_entry(ground: Ground, is_painted: bool, brief: bool) -> StyledRow:
    """Returns the legend's entry for a ground: its bands from the best to the worst, and its label."""
    text = f" {ground.brief if brief else ground.label}"
    if is_painted:
        sample = " " * ground.count
        letters = "".join(letter_of(Role.BLANK, color) for color in _colors(ground))
    else:
        sample, letters = ground.signs, Role.CONTOUR * len(ground.signs)
    return StyledRow(sample + text, letters + Role.TEXT * len(text))


def _painted(row: StyledRow, upper: Bands, middle: Bands, lower: Bands) -> StyledRow:
    """Paints one row, given the colors at the upper quarter, the middle and the lower quarter of each column."""
    if not is_single(row.text):  # then each character has the band of its first column
        begins = [0, *accumulate(map(cell_width, row.text))][:-1]
        upper, middle, lower = (bands[np.minimum(begins, len(bands) - 1)] for bands in (upper, middle, lower))
    signs, letters = _codes(row.text), _codes(row.roles)
    blank = letters == ord(Role.BLANK)
    split = blank & (upper != lower)
    ground = np.where((upper < 0) | (lower < 0), -1, np.where(blank, lower, middle))
    signs = np.where(split, np.where(upper < 0, ord(LOWER), ord(UPPER)), signs)
    letters = np.where(split, _GROUND_LETTERS[np.where(upper < 0, lower, upper)], letters)
    return StyledRow(_text(signs), _text(letters + INKS * (ground + 1)))


def ground_as_signs(spec: ChartSpec, x: Ruler, y: Ruler, size: CellSize) -> Iterator[Series]:
    """Yields the bands of a ground as series of signs, for charts without colors.

    There is a sign in the middle of each of the columns × rows cells of `size`. The series are in places on the axes.
    """
    ground = spec.ground
    if ground is None or not ground.signs:
        return
    across, up = _middles(x, size[0]), _middles(y, size[1])
    bands = _bands_at(ground, (spec.x_scale, spec.y_scale), across, up)
    for band, sign in enumerate(ground.signs):
        if sign != " " and (bands == band).any():
            edges = np.diff(np.pad(bands == band, ((0, 0), (1, 1))).astype(np.int8), axis=1)
            # Each run of cells is a line, because plotext takes time for each point. Begins and ends are in one order.
            rows, first = np.nonzero(edges == 1)
            last = np.nonzero(edges == -1)[1] - 1
            gaps = np.full(len(rows), np.nan)
            x_places = np.column_stack([across[first], across[last], gaps]).ravel()
            yield Series(Role.CONTOUR, x_places, np.repeat(up[rows], 3), line=True, mark=sign, lasting=True)


def _bands_at(ground: Ground, scales: tuple[AxisScale, AxisScale], x: Array, y: Array) -> Bands:
    """Returns the band nearest to places on the axes, shape (m,) across and (n,) up: shape (n, m)."""
    padded = np.pad(ground.bands, 1, constant_values=-1)  # beyond its ends nothing is painted
    rows = _nearest(AXES[scales[1]].place(ground.y), y)
    columns = _nearest(AXES[scales[0]].place(ground.x), x)
    bands: Bands = padded[rows[:, np.newaxis], columns]
    return bands


def _nearest(grid: Array, places: Array) -> NDArray[np.intp]:
    """Returns for each place the number of the nearest grid place, from 1; 0 or len(grid) + 1 beyond its ends."""
    if len(grid) == 1:
        return np.ones(len(places), dtype=np.intp)
    middles = (grid[1:] + grid[:-1]) / 2
    ends = 2 * grid[0] - middles[0], 2 * grid[-1] - middles[-1]
    return np.searchsorted(np.array([ends[0], *middles, ends[1]]), places)


def _middles(axis: Ruler, count: int) -> Array:
    """Returns the places of the middles of `count` cells on an axis."""
    return np.linspace(*axis.limits, count)


def _codes(text: str) -> NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32)


def _text(codes: NDArray[np.integer[Any]]) -> str:
    return codes.astype(np.uint32).tobytes().decode("utf-32-le")


_GROUND_LETTERS = _codes("".join(GROUND_ROLES))
