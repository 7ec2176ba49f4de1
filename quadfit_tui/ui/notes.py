"""Writes the notes of a chart into its rows, where they cover nothing but contours and ghosts."""

from __future__ import annotations

import numpy as np

from quadfit_tui.ui.chartspec import Array, ChartSpec, Note, Range, Role, Row

_COVERED = {Role.BLANK, Role.CONTOUR, Role.GHOST}
_BELOW = 2  # rows: the axis and its labels


def write_notes(rows: list[Row], spec: ChartSpec) -> list[Row]:
    """The rows of a chart with its notes, as far as there is room for them; the chart's axes are linear."""
    left = 1 + min(rows[0].text.find(sign) % (len(rows[0].text) + 1) for sign in "┤│")
    width, height = len(rows[0].text) - left, len(rows) - _BELOW
    if width < 1:
        return rows
    texts, roles = [list(row.text) for row in rows], [list(row.roles) for row in rows]
    taken = np.array([[role not in _COVERED for role in row.roles[left:]] for row in rows[:height]])
    for note in spec.notes:
        for column, line in _cells(note, spec, width, height):
            first = column - len(note.text) // 2
            around = taken[line, max(0, first - 1) : first + len(note.text) + 1]
            if 0 <= first <= width - len(note.text) and not around.any():
                span = slice(left + first, left + first + len(note.text))
                texts[line][span], roles[line][span] = note.text, note.role * len(note.text)
                around[:] = True
                break
    return [Row("".join(text), "".join(role)) for text, role in zip(texts, roles, strict=True)]


def _cells(note: Note, spec: ChartSpec, width: int, height: int) -> list[tuple[int, int]]:
    """The places of a note as columns and lines, those in the window."""
    columns, lines = _cell(note.x, spec.x_range, width), height - 1 - _cell(note.y, spec.y_range, height)
    return [
        (column, line)
        for column, line in zip(columns.tolist(), lines.tolist(), strict=True)
        if 0 <= column < width and 0 <= line < height
    ]


def _cell(values: Array, window: Range, count: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    share = (values - window[0]) / (window[1] - window[0])
    return np.round(np.clip(share, -1, 2) * (count - 1)).astype(np.int64)
