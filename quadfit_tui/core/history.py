"""The course of a run for curves: losses and parameters by epoch, thinned to a fixed size.

Of every stretch of epochs it keeps those at which one of the curves is lowest or highest, so that no spike is lost;
always the first epoch and the newest ones, too. As a run grows longer, the stretches do.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from quadfit_tui.core.quadratic import Array

PENDING = 4096  # epochs that are kept as they are before they are thinned
STRETCHES = 256  # at most; then every two are made one
FIRST_WIDTH = 32  # epochs of a stretch, at first

COLUMNS = ("mean_loss", "loss", "a", "b", "c")


class Curves(NamedTuple):
    """`epochs`, shape (n,), increasing: whole epochs done. `values` by the names of COLUMNS, each of shape (n,)."""

    epochs: NDArray[np.int64]
    values: dict[str, Array]


class History:
    """Collects a run's epochs in bounded memory. `mean_losses` gives those of the rows of an array of w."""

    def __init__(self, w: Array, mean_losses: Callable[[Array], Array]) -> None:
        """Begins with the start: no update has been done, so that there is no loss of one (nan)."""
        self._mean_losses = mean_losses
        self._first = self._last = np.array([[0.0, np.nan, *w.tolist()]])
        self._width = FIRST_WIDTH
        self._kept = np.empty((0, 2 * len(COLUMNS), 1 + len(COLUMNS)))  # stretches, their extremes, epoch and values
        self._open = np.empty((0, 1 + len(COLUMNS)))  # extremes of a stretch that is not complete yet
        self._opened = 0  # epochs that these stand for
        self._pending: list[Array] = []  # without mean losses: they are cheaper by the thousand
        self._count = 0

    def add(self, epoch: int, loss: Array, w: Array) -> None:
        """Adds epochs from number `epoch` on (the first is 0), each with its outcome; both arrays have as many rows."""
        rows = np.empty((len(loss), 5))
        rows[:, 0] = np.arange(epoch + 1, epoch + 1 + len(loss))
        rows[:, 1] = loss
        rows[:, 2:] = w
        self._last = rows[-1:]
        self._pending.append(rows)
        self._count += len(loss)
        if self._count >= PENDING:
            self._thin()

    def curves(self) -> Curves:
        """What there is to draw: at most some thousand points, whatever the length of the run."""
        kept = self._kept.reshape(-1, 1 + len(COLUMNS))
        rows = np.concatenate(
            [self._judged([self._first]), kept, self._open, self._judged([*self._pending, self._last])]
        )
        epochs, index = np.unique(rows[:, 0].astype(np.int64), return_index=True)
        rows = rows[index]
        return Curves(epochs, {name: rows[:, at] for at, name in enumerate(COLUMNS, 1)})

    def _judged(self, parts: list[Array]) -> Array:
        """Rows with their mean losses."""
        rows = np.concatenate(parts)
        return np.insert(rows, 1, self._mean_losses(rows[:, 2:]), axis=1)

    def _thin(self) -> None:
        pending = np.concatenate(self._pending)
        width = min(self._width, PENDING)
        whole = len(pending) // width * width
        self._pending, self._count = [pending[whole:]], len(pending) - whole
        rows = self._judged([pending[:whole]])
        extremes = _extremes(rows.reshape(-1, width, rows.shape[1]))
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
    found: Array = np.take_along_axis(stretches, at[:, :, np.newaxis], axis=1)
    return found
