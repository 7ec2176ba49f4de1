"""Borders between the cells of a grid that are good and those that are not, as lines: marching squares."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from quadfit_tui.core.model.array import Array

_GridCell = tuple[int, int]  # row and column
_GridEdge = tuple[_GridCell, _GridCell]  # two neighbors: the one in the lower row or column comes first
_CORNERS = ((0, 0), (0, 1), (1, 1), (1, 0))


def border_lines(good: NDArray[np.bool_], excess: Array, x: Array, y: Array, apart: bool = False) -> list[Array]:
    """Returns the lines between good and bad cells as polylines of (x, y), each of shape (k, 2).

    `good` and `excess` have shape (n, m); y, shape (n,), and x, shape (m,), are the positions of rows and columns. A
    line passes between two cells where `excess`, which is below 0 for good cells, would be 0 by linear interpolation,
    and halfway if that is undefined. Rows that stand `apart` have lines of their own, straight up half a row each way.
    Source: Lorensen & Cline 1987, Marching cubes, in two dimensions; in ambiguous squares good cells are connected.
    """
    if apart or len(y) == 1:
        changes = np.argwhere(good[:, 1:] != good[:, :-1]).tolist()
        places = [_place(((row, column), (row, column + 1)), good, excess, x, y) for row, column in changes]
        return [np.array([(across, up - 0.5), (across, up + 0.5)]) for across, up in places]
    beside = dict[_GridEdge, list[_GridEdge]]()
    corners = sum(good[up : len(y) - 1 + up, right : len(x) - 1 + right].astype(int) for up, right in _CORNERS)
    for row, column in np.argwhere((corners > 0) & (corners < len(_CORNERS))).tolist():
        cells = [(row + up, column + right) for up, right in _CORNERS]
        crossed: list[_GridEdge] = [
            (min(one, other), max(one, other))
            for one, other in zip(cells, [*cells[1:], cells[0]], strict=True)
            if good[one] != good[other]
        ]
        if len(crossed) == len(_CORNERS) and good[cells[1]]:  # pairs the edges so that each line cuts off a bad corner
            crossed = [*crossed[1:], crossed[0]]
        for one, other in zip(crossed[::2], crossed[1::2], strict=True):
            beside.setdefault(one, []).append(other)
            beside.setdefault(other, []).append(one)
    lines = []
    for start in [*(edge for edge, ends in beside.items() if len(ends) == 1), *beside]:
        line = [start]
        while following := beside.get(line[-1]):
            line.append(following.pop())
            beside[line[-1]].remove(line[-2])
        if len(line) > 1:
            lines.append(np.array([_place(edge, good, excess, x, y) for edge in line]))
    return lines


def _place(edge: _GridEdge, good: NDArray[np.bool_], excess: Array, x: Array, y: Array) -> tuple[float, float]:
    """Returns the (x, y) at which a border crosses the way from one cell to its neighbor."""
    (row, column), (next_row, next_column) = edge
    one, other = float(excess[row, column]), float(excess[next_row, next_column])
    known = np.isfinite([one, other]).all() and (one < 0) == good[row, column] and (one < 0) != (other < 0)
    part = one / (one - other) if known else 0.5
    across = x[column] + part * (x[next_column] - x[column])
    return float(across), float(y[row] + part * (y[next_row] - y[row]))
