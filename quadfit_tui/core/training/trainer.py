"""Trainer: gradient descent update by update, in chunks of any length.

However a run is cut into chunks, the same updates run with the same arithmetic: w is the same to the last bit. A
TrainerState is the complete state of a run: a trainer that is restored to it does the same again. The order of every
operation that decides the last bit is in `run_updates_by_rule` and in parabola.py: its gradients, and `descend` (plain
updates of single samples). Whole epochs at once have an order of their own, in plan_maps.py and affine_maps.py.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from quadfit_tui.core.methods.gradients import CONVENTIONS
from quadfit_tui.core.methods.optimizers import OPTIMIZERS, Rule, Slots
from quadfit_tui.core.methods.schedules import SCHEDULES
from quadfit_tui.core.model import parabola
from quadfit_tui.core.model.array import Array
from quadfit_tui.core.model.parabola import Passed
from quadfit_tui.core.model.problem import Stream, generator
from quadfit_tui.core.model.task import FitTask
from quadfit_tui.core.training.position import Position
from quadfit_tui.core.training.record import Order, Record, TrainerState


class Update(NamedTuple):
    """The result of consecutive updates: loss and gradient before the last one, on its batch; w and slots after it."""

    loss: float
    gradient: Array
    w: Array
    slots: tuple[Slots, ...]

    @property
    def finite(self) -> bool:
        """Whether all numbers of the result are finite; `loss` is inf if that of any of the updates is not finite."""
        numbers = [
            self.loss,
            *self.gradient.tolist(),
            *self.w.tolist(),
            *(value for slots in self.slots for value in slots),
        ]
        return all(map(math.isfinite, numbers))


def run_updates_by_rule(
    w: Array,
    slots: tuple[Slots, ...],
    x: Array,
    y: Array,
    batch: int,
    lr: float,
    factor: float,
    rule: Rule,
    updates_done: int,
    passed: Passed | None = None,
) -> Update:
    """Runs consecutive updates of w, shape (3,), by an optimizer's rule, each on the next `batch` samples of x and y.

    x and y have the shape (n,). `updates_done` counts the updates of the run before them, for rules such
    as Adam's. Appends w after each update to `passed`, if that is given.
    """
    a, b, c = w.tolist()
    slots_a, slots_b, slots_c = slots
    loss = by_a = by_b = by_c = worst = 0.0
    measure: Callable[[float, float, float, Any, Any, float], tuple[float, ...]]
    samples: Iterator[tuple[Any, Any]]
    if batch == 1:  # floats are a hundred times as fast as arrays of one element
        measure, samples = parabola.sample_gradient, zip(x.tolist(), y.tolist(), strict=True)
    else:
        measure = parabola.batch_gradient
        samples = ((x[low : low + batch], y[low : low + batch]) for low in range(0, len(x), batch))
    with np.errstate(all="ignore"):
        for count, (xs, ys) in enumerate(samples, updates_done + 1):
            loss, by_a, by_b, by_c = measure(a, b, c, xs, ys, factor)
            worst += loss
            change, slots_a = rule(by_a, slots_a, lr, count)
            a += change
            change, slots_b = rule(by_b, slots_b, lr, count)
            b += change
            change, slots_c = rule(by_c, slots_c, lr, count)
            c += change
            if passed is not None:
                passed.append((a, b, c))
    loss = loss if math.isfinite(worst) else math.inf
    return Update(loss, np.array([by_a, by_b, by_c]), np.array([a, b, c]), (slots_a, slots_b, slots_c))


class Trainer:
    """Gradient descent on the samples of one FitTask, which the caller runs in chunks of updates.

    Attributes: `task`; `epoch`, the epoch in progress, from 0; `update`, its updates done; `trained_w`, w as trained,
    in z if the features are scaled, always finite, shape (3,); `slots`, the optimizer's memory; `last`, the newest
    Record; `overflowed`, whether the next update is not finite; `span_from` as in TrainerState.
    """

    def __init__(self, task: FitTask, rng: np.random.Generator | None = None) -> None:
        self.task = task
        self.epoch = 0
        self.update = 0
        self.trained_w = task.start
        self.last: Record | None = None
        self.overflowed = False
        self.span_from = 0
        optimizer = OPTIMIZERS[task.config.optimizer]
        self.slots: tuple[Slots, ...] = ((0.0,) * optimizer.slots,) * 3
        self._rule: Rule = optimizer.rule(task.config)
        self._is_plain = task.config.optimizer == "sgd"
        self._rng = (rng or generator(task.config.seed, Stream.ORDER)) if task.config.shuffle else None
        self._order: Order | None = None if self._rng is None else self._rng.bit_generator.state  # of this epoch
        # The samples in the order of an epoch. `_drawn` is the generator's state before that order was drawn, None if
        # the samples are not reordered; `_following` is the state after it.
        self._x, self._y = task.trained.x, task.trained.y
        self._drawn: Order | None = None
        self._following: Order | None = None

    def __getstate__(self) -> dict[str, Any]:
        """Returns the state for pickle, without the rule, a local function that cannot be pickled."""
        return {name: value for name, value in vars(self).items() if name != "_rule"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._rule = OPTIMIZERS[self.task.config.optimizer].rule(self.task.config)

    @property
    def position(self) -> Position:
        """The trainer's present position in the run."""
        return Position(self.epoch, self.update)

    @property
    def w(self) -> Array:
        """w in coordinates of x, shape (3,)."""
        return self.task.to_x(self.trained_w)

    @property
    def mean_loss(self) -> float:
        """The loss of w over all samples."""
        return self.task.trained.mean_loss(self.trained_w)

    @property
    def lr(self) -> float:
        """The learning rate of the epoch in progress."""
        config = self.task.config
        return SCHEDULES[config.schedule].rate(config, self.epoch)

    @property
    def chunk(self) -> int:
        """The number of updates that take about a millisecond, after which a caller can check the time."""
        batch = self.task.batch
        if batch == 1:
            return 4096 if self._is_plain else 1024
        return max(1, min(64, 100_000 // batch))

    @property
    def state(self) -> TrainerState:
        """The present state of the run, for `restore`."""
        return TrainerState(self.epoch, self.update, self.trained_w, self.slots, self._order, self.span_from)

    def restore(self, state: TrainerState, last: Record | None = None) -> None:
        """Restores an earlier or later state of this run; `last` is the record of the update before it."""
        self.epoch = state.epoch
        self.update = state.update
        self.trained_w = state.w
        self.slots = state.slots
        self.last = last
        self.overflowed = False
        self._order = state.order
        self.span_from = state.span_from

    def release_memory(self) -> None:
        """Frees the reordered copy of the samples, which the next update makes again."""
        self._x, self._y = self.task.trained.x, self.task.trained.y
        self._drawn = None

    def _samples(self, first: int, count: int) -> tuple[Array, Array]:
        """Returns the samples (x, y), as trained, of `count` updates of the epoch in progress from number `first`."""
        if self._drawn is not self._order:
            self._reorder()
        low, high = first * self.task.batch, (first + count) * self.task.batch
        return self._x[low:high], self._y[low:high]

    def advance(self, limit: int) -> Record | None:
        """Runs at most `limit` updates of the epoch in progress; returns the record of the last one, or of the epoch.

        If the next update is not finite, it does none, sets `overflowed` and returns None.
        """
        count = min(limit, self.task.updates_per_epoch - self.update)
        start = self.state
        finite = True
        if count > 1:  # the last one is run by itself, since w and slots before it belong to its record
            finite = self._run_updates(count - 1).finite
        before, slots = self.trained_w, self.slots
        outcome = self._run_updates(1)
        if not (finite and outcome.finite):
            self.restore(start, self.last)
            if count > 1:  # perhaps only the sum of their losses overflowed, so that some or all can be done
                return self._one_by_one(count)
            self.overflowed = True
            return None
        record = Record(
            self.task,
            self.epoch,
            self.update,
            self.lr,
            outcome.gradient,
            outcome.loss,
            outcome.w,
            before,
            slots,
            self._order,
        )
        if self.update == self.task.updates_per_epoch:
            record = self._end_epoch(record)
        self.last = record
        return record

    def advance_tracing(self, stops: range) -> Array:
        """Runs updates up to the last of `stops`; returns w, as trained, after each of them, shape (m, 3).

        `stops` count the updates of the epoch in progress, all of which are known to be finite. Makes no record.
        """
        passed = Passed()
        first = self.update + 1
        self._run_updates(stops[-1] - self.update, passed)
        return np.array([passed[stop - first] for stop in stops])

    def _reorder(self) -> None:
        """Draws the order of the epoch in progress and reorders the samples."""
        if self._rng is not None and self._order is not None:
            samples = self.task.trained
            self._drawn = self._order
            self._rng.bit_generator.state = self._order
            indices = self._rng.permutation(len(samples.x))
            self._following = self._rng.bit_generator.state
            self._x, self._y = samples.x[indices], samples.y[indices]

    def _run_updates(self, count: int, passed: Passed | None = None) -> Update:
        """Runs `count` updates of the epoch in progress, finite or not; appends w after each to `passed`, if given."""
        x, y = self._samples(self.update, count)
        factor, w, batch = CONVENTIONS[self.task.config.gradient], self.trained_w, self.task.batch
        if self._is_plain and batch == 1:
            loss, gradient, w = parabola.descend(w, x, y, self.lr, factor, passed)
            outcome = Update(loss, gradient, w, self.slots)
        else:
            updates_done = self.position.updates(self.task.updates_per_epoch)
            outcome = run_updates_by_rule(w, self.slots, x, y, batch, self.lr, factor, self._rule, updates_done, passed)
        self.update += count
        self.trained_w = outcome.w
        self.slots = outcome.slots
        return outcome

    def _one_by_one(self, count: int) -> Record | None:
        """Runs up to `count` updates one by one until one overflows; returns the last record, or None if none."""
        record = None
        while count and not self.overflowed:
            record = self.advance(1) or record
            count -= 1
        return record

    def _end_epoch(self, record: Record) -> Record:
        """Returns the record of the epoch and begins the next one; sets `overflowed` if the mean loss is not finite."""
        gradient, loss, w = record.gradient, record.loss, record.trained_w
        digits = self.task.config.round_epochs
        if digits is not None:
            gradient, loss, w = _rounded(gradient, digits), round(loss, digits), _rounded(w, digits)
        ended = replace(record, gradient=gradient, loss=loss, trained_w=w, ends_epoch=True)
        if not math.isfinite(ended.mean_loss or 0.0):
            self.overflowed = True
            return record
        self.epoch += 1
        self.update = 0
        self.trained_w = w
        self._order = self._following
        return ended


def _rounded(values: Array, digits: int) -> Array:
    """Rounds values as Python does, shape (n,); returns no minus zeros."""
    return np.array([round(value, digits) + 0.0 for value in values.tolist()])
