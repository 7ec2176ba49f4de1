"""Writes the notes of a chart onto its canvas, where they cover nothing but contours and ghosts."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from quadfit_tui.core.model.array import Array
from quadfit_tui.ui.charts.canvas import Canvas
from quadfit_tui.ui.charts.spec import ChartSpec, Range, Role

_COVERED = [ord(role) for role in (Role.BLANK, Role.CONTOUR, Role.GHOST)]


def write_notes(canvas: Canvas, spec: ChartSpec) -> None:
    """Writes the notes of a chart, as far as there is room for them; the chart's axes are linear."""
    taken = ~np.isin(canvas.roles, _COVERED)
    for note in spec.notes:
        length = len(note.text)
        first = _cell(note.x, spec.x_range, canvas.width) - length // 2
        line = canvas.height - 1 - _cell(note.y, spec.y_range, canvas.height)
        fits = np.flatnonzero((first >= 0) & (first <= canvas.width - length) & (line >= 0) & (line < canvas.height))
        free = fits[_free(taken, first[fits], line[fits], length)]
        if len(free):
            column, row = int(first[free[0]]), int(line[free[0]])
            canvas.write(note.role, column, row, note.text)
            taken[row, max(0, column - 1) : column + length + 1] = True


def _free(taken: NDArray[np.bool_], first: NDArray[np.intp], line: NDArray[np.intp], length: int) -> NDArray[np.bool_]:
    """Of texts of a length, from a column in a line on, those that cover nothing that is taken, nor are beside it."""
    before = np.zeros((len(taken), taken.shape[1] + 1), dtype=np.intp)  # in each line, how many cells left of a column
    np.cumsum(taken, axis=1, out=before[:, 1:])
    end = np.minimum(first + length + 1, taken.shape[1])
    free: NDArray[np.bool_] = before[line, end] == before[line, np.maximum(0, first - 1)]
    return free


def _cell(values: Array, window: Range, count: int) -> NDArray[np.intp]:
    share = (values - window[0]) / (window[1] - window[0])
    return np.round(np.clip(share, -1, 2) * (count - 1)).astype(np.intp)
