"""The notes of a chart, written into its rows at places where they cover nothing but contours and earlier runs."""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter

import numpy as np
from numpy.typing import NDArray

from quadfit_tui.core.model.array import Array
from quadfit_tui.core.text.width import cell_width
from quadfit_tui.ui.charts.spec import RUN_ROLES, Note, Range, Role, StyledRow, Window

_COVERED = [ord(role) for role in (Role.BLANK, Role.CONTOUR, *RUN_ROLES)]


def write_notes(rows: list[StyledRow], notes: Sequence[Note], window: Window) -> list[StyledRow]:
    """Writes notes into the inside of a chart, and leaves out those for which there is no room.

    Window and notes are in places on the axes, not in values. Each character of `rows` must take one column; those of
    notes may take two.
    """
    rows = [*rows]
    height, width = len(rows), len(rows[0].text)
    placed: list[tuple[int, int, Note]] = []
    roles = np.frombuffer("".join(row.roles for row in rows).encode("ascii"), np.uint8).reshape(height, width)
    taken = ~np.isin(roles, _COVERED)
    for note in notes:
        length = cell_width(note.text)
        first = _cell(note.x, window[0], width) - length // 2
        line = height - 1 - _cell(note.y, window[1], height)
        if note.beside:
            first, line = np.tile(first, 3), np.concatenate([line, line - 1, line + 1])
        fits = np.flatnonzero((first >= 0) & (first <= width - length) & (line >= 0) & (line < height))
        free = fits[_free(taken, first[fits], line[fits], length)]
        if len(free):
            column, row = int(first[free[0]]), int(line[free[0]])
            placed.append((row, column, note))
            taken[row, max(0, column - 1) : column + length + 1] = True
    for row, column, note in sorted(
        placed, key=itemgetter(1), reverse=True
    ):  # rightmost first: wide text moves the rest
        text, letters = rows[row]
        end = column + cell_width(note.text)
        rows[row] = StyledRow(
            text[:column] + note.text + text[end:], letters[:column] + note.role * len(note.text) + letters[end:]
        )
    return rows


def _free(taken: NDArray[np.bool_], first: NDArray[np.intp], line: NDArray[np.intp], length: int) -> NDArray[np.bool_]:
    """Checks for texts that begin at columns `first` of lines `line` whether they neither cover nor touch taken cells.

    `taken` has the shape of the chart, the others are of shape (n,).
    """
    before = np.zeros((len(taken), taken.shape[1] + 1), dtype=np.intp)  # count of taken cells left of a column
    np.cumsum(taken, axis=1, out=before[:, 1:])
    end = np.minimum(first + length + 1, taken.shape[1])
    free: NDArray[np.bool_] = before[line, end] == before[line, np.maximum(0, first - 1)]
    return free


def _cell(values: Array, window: Range, count: int) -> NDArray[np.intp]:
    """Converts values to numbers of cells on an axis of `count` cells; nan, and what is far away, is outside of it."""
    with np.errstate(all="ignore"):
        share = (values - window[0]) / (window[1] - window[0])
    share = np.fmin(np.fmax(share, -1.0), 2.0)  # of a nan and a number, these take the number
    return np.round(share * (count - 1)).astype(np.intp)
