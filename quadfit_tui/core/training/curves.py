"""CurveHistory: losses and parameters of a run by epoch, thinned to a fixed size, for charts.

Of every stretch of epochs it keeps those at which one of the curves is lowest or highest, so that no spike is lost;
always the first epoch and the newest ones, too. As a run grows longer, the stretches do.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from quadfit_tui.core.model.array import Array

FIRST_WIDTH = 32  # epochs of a stretch, at first
PENDING = 128 * FIRST_WIDTH  # epochs that are kept as they are before they are thinned: times a power of 2
STRETCHES = 256  # at most; then every two are made one

COLUMNS = ("mean_loss", "loss", "a", "b", "c")


class Curves(NamedTuple):
    """`epochs`, shape (n,), increasing: whole epochs done. `values` by the names of COLUMNS, each of shape (n,).

    The arrays are not to be changed: who asks again is given the same ones, as long as nothing was added.
    """

    epochs: NDArray[np.int64]
    values: dict[str, Array]


class CurveHistory:
    """Collects a run's epochs in bounded memory: w as trained, of which the curves show what `to_x` makes of it.

    `mean_losses` gives those of the rows of an array of w.
    """

    def __init__(
        self, w: Array, mean_losses: Callable[[Array], Array], to_x: Callable[[Array], Array] | None = None
    ) -> None:
        """Begins with the start: no update has been done, so that there is no loss of one (nan)."""
        self._mean_losses = mean_losses
        self._to_x = to_x
        width = 1 + len(COLUMNS)  # of a row: epoch and values
        self._first = np.array([[0.0, np.nan, np.nan, *w.tolist()]])
        self._begun = False  # whether the mean loss of the start is known: not every run is looked at
        self._newest = self._first
        self._width = FIRST_WIDTH
        self._kept = np.empty((0, 2 * len(COLUMNS), width))  # stretches, their extremes
        self._open = np.empty((0, width))  # extremes of a stretch that is not complete yet
        self._opened = 0  # epochs that these stand for
        self._pending = np.empty((PENDING, width))
        self._count = 0  # of the pending rows
        self._judged = 0  # of these, the ones whose mean loss is known: it is cheaper by the thousand
        self._curves: Curves | None = None

    def add(self, epoch: int, loss: Array, w: Array) -> None:
        """Adds epochs from number `epoch` on (the first is 0): their losses, shape (m,), and w, shape (m, 3)."""
        self._curves = None
        while len(loss):
            rows = self._pending[self._count : self._count + len(loss)]
            count = len(rows)
            rows[:, 0] = np.arange(epoch + 1, epoch + 1 + count)
            rows[:, 2], rows[:, 3:] = loss[:count], w[:count]
            epoch, loss, w = epoch + count, loss[count:], w[count:]
            self._count += count
            if self._count == len(self._pending):
                self._thin()

    def curves(self) -> Curves:
        """What there is to draw: at most some thousand points, whatever the length of the run."""
        if self._curves is None:
            self._judge()
            kept = self._kept.reshape(-1, self._kept.shape[2])
            rows = np.concatenate([self._first, kept, self._open, self._newest, self._pending[: self._count]])
            rows = rows[np.diff(rows[:, 0], prepend=-1) > 0]
            columns = rows.T.copy()
            columns.flags.writeable = False
            values = dict(zip(COLUMNS, columns[1:], strict=True))
            self._curves = Curves(columns[0].astype(np.int64), values)
        return self._curves

    def _judge(self) -> None:
        """Gives the rows that are new their mean losses."""
        if not self._begun:
            self._complete(self._first)
            self._begun = True
        self._complete(self._pending[self._judged : self._count])
        self._judged = self._count

    def _complete(self, rows: Array) -> None:
        """Gives rows their mean losses, and then w as it is shown."""
        if len(rows):
            rows[:, 1] = self._mean_losses(rows[:, 3:])
            if self._to_x is not None:
                rows[:, 3:] = self._to_x(rows[:, 3:])

    def _thin(self) -> None:
        self._judge()
        self._newest = self._pending[-1:].copy()
        width = min(self._width, len(self._pending))
        extremes = _extremes(self._pending.reshape(-1, width, self._pending.shape[1]))
        self._count = self._judged = 0
        if width == self._width and not self._opened:
            self._kept = np.concatenate([self._kept, extremes])
        else:
            self._lengthen(extremes, width)
        while len(self._kept) > STRETCHES:
            self._merge()

    def _lengthen(self, extremes: Array, width: int) -> None:
        """Adds parts of `width` epochs to the stretch that is not complete."""
        for part in extremes:
            self._open = np.concatenate([self._open, part])
            self._opened += width
            self._open = _extremes(self._open[np.newaxis])[0]
            if self._opened >= self._width:
                self._kept = np.concatenate([self._kept, self._open[np.newaxis]])
                self._open, self._opened = self._open[:0], 0

    def _merge(self) -> None:
        """Makes every two stretches one; an odd one out is not complete any more."""
        count = len(self._kept)
        if count % 2:
            self._open = np.concatenate([self._kept[-1], self._open])
            self._opened += self._width
        self._width *= 2
        self._kept = _extremes(self._kept[: count // 2 * 2].reshape(count // 2, -1, self._kept.shape[2]))


def _extremes(stretches: Array) -> Array:
    """Of stretches, shape (s, n, 6), the rows where a column is lowest or highest, in their order: shape (s, 10, 6)."""
    values = stretches[:, :, 1:]
    at = np.concatenate([values.argmin(axis=1), values.argmax(axis=1)], axis=1)
    at.sort(axis=1)
    return np.take_along_axis(stretches, at[:, :, np.newaxis], axis=1)
