"""CurveHistory: losses and parameters of a run by epoch, thinned to a fixed size, for charts.

Of every stretch of epochs it keeps those at which one of the curves is lowest or highest, so that no spike is lost. It
also keeps the first epoch and the newest ones. As a run grows longer, the stretches do.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from quadfit_tui.core.model.array import Array

FIRST_WIDTH = 32  # epochs of a stretch at first
PENDING = 128 * FIRST_WIDTH  # epochs that are collected before they are thinned: FIRST_WIDTH times a power of 2
STRETCHES = 256  # maximum number of stretches; then they are merged in pairs

COLUMNS = ("mean_loss", "loss", "a", "b", "c")


class Curves(NamedTuple):
    """The points of a run's curves: `epochs`, whole epochs done, increasing, shape (n,), and `values` at each.

    `values` has an array of shape (n,) for each name in COLUMNS. Callers must not change the arrays: they are shared
    until an epoch is added.
    """

    epochs: NDArray[np.int64]
    values: dict[str, Array]


class CurveHistory:
    """The losses and parameters of a run's epochs, collected in bounded memory.

    `mean_losses` computes those of the rows of an array of w. `to_x` converts w as trained to what the curves show.
    """

    def __init__(
        self, w: Array, mean_losses: Callable[[Array], Array], to_x: Callable[[Array], Array] | None = None
    ) -> None:
        """Begins with w at the start of the run, where no update has a loss yet (nan)."""
        self._mean_losses = mean_losses
        self._to_x = to_x
        width = 1 + len(COLUMNS)  # the length of a row: epoch and values
        self._first = np.array([[0.0, np.nan, np.nan, *w.tolist()]])
        self._has_start_loss = False  # computed for the first curves: not every run is looked at
        self._newest = self._first
        self._width = FIRST_WIDTH
        self._stretches = np.empty((0, 2 * len(COLUMNS), width))  # the extremes of each stretch
        self._open = np.empty((0, width))  # extremes of a stretch that is not complete yet
        self._opened = 0  # the number of epochs in that stretch
        self._pending = np.empty((PENDING, width))
        self._count = 0  # the number of pending rows
        self._judged = 0  # the number of pending rows with a known mean loss, which is cheaper by the thousand
        self._curves: Curves | None = None

    def add(self, epoch: int, loss: Array, w: Array) -> None:
        """Appends m epochs, from the number `epoch` on (the first is 0): losses, shape (m,), and w, shape (m, 3)."""
        self._curves = None
        while len(loss):
            rows = self._pending[self._count : self._count + len(loss)]
            count = len(rows)
            rows[:, 0] = np.arange(epoch + 1, epoch + 1 + count)
            rows[:, 2], rows[:, 3:] = loss[:count], w[:count]
            epoch += count
            loss = loss[count:]
            w = w[count:]
            self._count += count
            if self._count == len(self._pending):
                self._thin()

    def curves(self) -> Curves:
        """Returns the curves to draw: at most some thousand points, whatever the length of the run."""
        if self._curves is None:
            self._add_mean_losses()
            extremes = self._stretches.reshape(-1, self._stretches.shape[2])
            rows = np.concatenate([self._first, extremes, self._open, self._newest, self._pending[: self._count]])
            rows = rows[np.diff(rows[:, 0], prepend=-1) > 0]
            columns = rows.T.copy()
            columns.flags.writeable = False
            values = dict(zip(COLUMNS, columns[1:], strict=True))
            self._curves = Curves(columns[0].astype(np.int64), values)
        return self._curves

    def _add_mean_losses(self) -> None:
        """Completes the rows that are new since the last call."""
        if not self._has_start_loss:
            self._complete(self._first)
            self._has_start_loss = True
        self._complete(self._pending[self._judged : self._count])
        self._judged = self._count

    def _complete(self, rows: Array) -> None:
        """Writes the mean losses into rows, and converts their w to what the curves show."""
        if len(rows):
            rows[:, 1] = self._mean_losses(rows[:, 3:])
            if self._to_x is not None:
                rows[:, 3:] = self._to_x(rows[:, 3:])

    def _thin(self) -> None:
        """Reduces the pending rows to the extremes of stretches, and merges stretches if they become too many."""
        self._add_mean_losses()
        self._newest = self._pending[-1:].copy()
        width = min(self._width, len(self._pending))
        extremes = _extremes(self._pending.reshape(-1, width, self._pending.shape[1]))
        self._count = self._judged = 0
        if width == self._width and not self._opened:
            self._stretches = np.concatenate([self._stretches, extremes])
        else:
            self._lengthen(extremes, width)
        while len(self._stretches) > STRETCHES:
            self._merge()

    def _lengthen(self, extremes: Array, width: int) -> None:
        """Adds the extremes of parts of `width` epochs to the stretch that is not complete."""
        for part in extremes:
            self._open = np.concatenate([self._open, part])
            self._opened += width
            self._open = _extremes(self._open[np.newaxis])[0]
            if self._opened >= self._width:
                self._stretches = np.concatenate([self._stretches, self._open[np.newaxis]])
                self._open = self._open[:0]
                self._opened = 0

    def _merge(self) -> None:
        """Merges stretches in pairs; an odd last one becomes the stretch that is not complete."""
        count = len(self._stretches)
        if count % 2:
            self._open = np.concatenate([self._stretches[-1], self._open])
            self._opened += self._width
        self._width *= 2
        pairs = self._stretches[: count // 2 * 2].reshape(count // 2, -1, self._stretches.shape[2])
        self._stretches = _extremes(pairs)


def _extremes(stretches: Array) -> Array:
    """Selects the rows of stretches, shape (s, n, 6), with extremes of a column; returns shape (s, 10, 6), in order."""
    values = stretches[:, :, 1:]
    indices = np.concatenate([values.argmin(axis=1), values.argmax(axis=1)], axis=1)
    indices.sort(axis=1)
    return np.take_along_axis(stretches, indices[:, :, np.newaxis], axis=1)
