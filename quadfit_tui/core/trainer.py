"""The trainer: gradient descent update by update, in chunks as long as the caller likes.

However a run is cut into chunks, the same updates are done with the same arithmetic: w is the same to the last bit.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from quadfit_tui.core import problem as problems
from quadfit_tui.core import quadratic
from quadfit_tui.core.config import RunConfig
from quadfit_tui.core.problem import Problem, Stream
from quadfit_tui.core.quadratic import Array
from quadfit_tui.core.rules import CONVENTIONS
from quadfit_tui.core.schedules import SCHEDULES


@dataclass(frozen=True, eq=False)
class Record:
    """What one update, or the last update of an epoch, did.

    `gradient` and `loss` are those of the update's batch before the update, `w` is the result, shape (3,). `update`
    counts from 1 within the epoch. `mean_loss`, over the whole data set, is known for the record of an epoch only.
    """

    epoch: int
    update: int
    lr: float
    gradient: Array
    loss: float
    w: Array
    mean_loss: float | None = None

    @property
    def ends_epoch(self) -> bool:
        """Whether this is the record of a whole epoch."""
        return self.mean_loss is not None


class _Update(NamedTuple):
    """One update's outcome: the loss and gradient of its batch before it, and w after it."""

    loss: float
    gradient: Array
    w: Array

    @property
    def finite(self) -> bool:
        return math.isfinite(self.loss) and bool(np.isfinite(self.gradient).all() and np.isfinite(self.w).all())


class Trainer:
    """Plain stochastic gradient descent on one Problem, resting between chunks of updates.

    Attributes: `epoch`, the epoch in progress, from 0; `update`, its updates done; `w`, always finite, shape (3,);
    `last`, the newest Record; `diverged`, once the next update gave something that is not finite.
    """

    def __init__(self, config: RunConfig, problem: Problem, rng: np.random.Generator | None = None) -> None:
        self.config = config
        self.problem = problem
        self.epoch = 0
        self.update = 0
        self.w = problems.start(config)
        self.last: Record | None = None
        self.diverged = False
        self.batch = len(problem.x) if config.batch == "full" else int(config.batch)
        self.updates_per_epoch = len(problem.x) // self.batch
        self._rng = rng or problems.generator(config.seed, Stream.ORDER)
        self._x, self._y = problem.x, problem.y

    @property
    def lr(self) -> float:
        """The learning rate of the epoch in progress."""
        return SCHEDULES[self.config.schedule](self.config.lr, self.epoch, self.config.decay_every)

    @property
    def chunk(self) -> int:
        """How many updates take about a millisecond: how often a caller can look at the clock."""
        return 4096 if self.batch == 1 else max(1, min(64, 100_000 // self.batch))

    def advance(self, limit: int) -> Record | None:
        """Does at most `limit` updates within the epoch in progress; gives the record of the last one, or of the epoch.

        None, and `diverged` is set, where nothing could be done because the next update is not finite.
        """
        if self.update == 0:
            self._reorder()
        count = min(limit, self.updates_per_epoch - self.update)
        outcome = self._updates(self.w, self.update, count)
        if not outcome.finite:
            # Not so where only the check itself overflowed: a sum over the whole chunk.
            done, outcome = self._replay(count)
            self.diverged = done < count
            if not done:
                return None
            count = done
        record = Record(self.epoch, self.update + count, self.lr, outcome.gradient, outcome.loss, outcome.w)
        self.update += count
        self.w = outcome.w
        if self.update == self.updates_per_epoch and not self.diverged:
            record = self._end_epoch(record)
        self.last = record
        return record

    def _reorder(self) -> None:
        if self.config.shuffle:
            order = self._rng.permutation(len(self.problem.x))
            self._x, self._y = self.problem.x[order], self.problem.y[order]

    def _updates(self, w: Array, first: int, count: int) -> _Update:
        """The updates `first` to `first + count` of the epoch in progress, from w."""
        low, high = first * self.batch, (first + count) * self.batch
        x, y = self._x[low:high], self._y[low:high]
        if self.batch == 1:
            return _per_sample(w, x, y, self.lr, self.config.gradient)
        return _per_batch(w, x, y, self.batch, self.lr, self.config.gradient)

    def _replay(self, count: int) -> tuple[int, _Update]:
        """Repeats a chunk that ended not finite, one update at a time: how many were finite, and the last of them."""
        outcome = _Update(math.nan, self.w, self.w)
        for done in range(count):
            following = self._updates(outcome.w, self.update + done, 1)
            if not following.finite:
                return done, outcome
            outcome = following
        return count, outcome

    def _end_epoch(self, record: Record) -> Record:
        gradient, loss, w = record.gradient, record.loss, record.w
        if self.config.round_epochs is not None:
            digits = self.config.round_epochs
            gradient, loss, w = _rounded(gradient, digits), round(loss, digits), _rounded(w, digits)
        mean_loss = self.problem.mean_loss(w)
        if not math.isfinite(mean_loss):
            self.diverged = True
            return record
        self.epoch, self.update, self.w = self.epoch + 1, 0, w
        return Record(record.epoch, record.update, record.lr, gradient, loss, w, mean_loss)


def _rounded(values: Array, digits: int) -> Array:
    return np.array([round(value, digits) + 0.0 for value in values.tolist()])  # + 0.0: no minus zero


def _per_sample(w: Array, x: Array, y: Array, lr: float, convention: str) -> _Update:
    """Updates from one sample each, in plain floats: for single samples a hundred times as fast as arrays of one."""
    factor = CONVENTIONS[convention]
    a, b, c = w.tolist()
    error = by_a = by_b = by_c = 0.0
    squares = 0.0  # turns inf or nan with any loss that does, and stays so
    for xi, yi in zip(x.tolist(), y.tolist(), strict=True):
        error = (a * xi + b) * xi + c - yi
        squares += error * error
        by_c = factor * error
        by_b = by_c * xi
        by_a = by_b * xi
        a -= lr * by_a
        b -= lr * by_b
        c -= lr * by_c
    loss = error * error if math.isfinite(squares) else math.inf
    return _Update(loss, np.array([by_a, by_b, by_c]), np.array([a, b, c]))


def _per_batch(w: Array, x: Array, y: Array, batch: int, lr: float, convention: str) -> _Update:
    """Updates from `batch` samples each; len(x) is a multiple of it."""
    loss, gradient = 0.0, np.zeros(3)
    worst = 0.0
    with np.errstate(all="ignore"):
        for low in range(0, len(x), batch):
            xs, ys = x[low : low + batch], y[low : low + batch]
            loss = quadratic.loss(w, xs, ys)
            gradient = quadratic.gradient(w, xs, ys, convention)
            w = w - lr * gradient
            worst += loss
    return _Update(loss if math.isfinite(worst) else math.inf, gradient, w)
