"""The dots in the cells of a chart: where several series pass a cell, those of the lower ones are taken away."""

from __future__ import annotations

import numpy as np

from quadfit_tui.ui.charts.clip import Places, Size
from quadfit_tui.ui.charts.spec import StyledRow

BRAILLE, SIGN = (2, 4), (1, 1)  # dots of a cell: across, down
_BRAILLE = "".join(map(chr, range(0x2800, 0x2900)))  # in Unicode, by the bits of their dots
_BITS = np.array([[1, 8], [2, 16], [4, 32], [64, 128]])


class Cells:
    """Cells of columns × rows, into which series are put, one over the other."""

    def __init__(self, size: Size) -> None:
        columns, rows = size
        self._bits = np.zeros((rows, columns), dtype=np.intp)  # of the upper series
        self._taken = np.zeros((rows, columns), dtype=np.bool_)
        self._shared = np.zeros((rows, columns), dtype=np.bool_)  # by dots of several series

    def put(self, across: Places, down: Places, dots: Size) -> None:
        """A series that fills these dots, or is written in signs."""
        column, row = across // dots[0], down // dots[1]
        if dots == SIGN:
            self._shared[row, column] = False
        else:
            self._shared[row, column] = self._taken[row, column]
            self._bits[row, column] = 0
            np.bitwise_or.at(self._bits, (row, column), _BITS[down % dots[1], across % dots[0]])
        self._taken[row, column] = True

    def corrected(self, rows: list[StyledRow]) -> list[StyledRow]:
        """A chart that plotext has drawn, but in shared cells without the dots of the lower series."""
        left = len(rows[0].text) - self._bits.shape[1]
        for at in np.flatnonzero(self._shared.any(axis=1)).tolist():
            signs = list(rows[at].text)
            columns = np.flatnonzero(self._shared[at])
            for column, bits in zip(columns.tolist(), self._bits[at, columns].tolist(), strict=True):
                if signs[left + column] in _BRAILLE:
                    signs[left + column] = _BRAILLE[_BRAILLE.index(signs[left + column]) & bits]
            rows[at] = StyledRow("".join(signs), rows[at].roles)
        return rows
