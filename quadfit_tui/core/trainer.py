"""The trainer: gradient descent update by update, in chunks as long as the caller likes.

However a run is cut into chunks, the same updates are done with the same arithmetic: w is the same to the last bit.
A State is all there is to a moment of a run: a trainer that is put back into it does the same again.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from quadfit_tui.core import problem as problems
from quadfit_tui.core import quadratic
from quadfit_tui.core.config import RunConfig
from quadfit_tui.core.optimizers import OPTIMIZERS, Rule, Slots
from quadfit_tui.core.problem import Problem, Stream
from quadfit_tui.core.quadratic import Array
from quadfit_tui.core.rules import CONVENTIONS
from quadfit_tui.core.schedules import SCHEDULES

LIGHT = 64  # samples of a batch that may be kept with every record


@dataclass(frozen=True, eq=False)
class Record:
    """What one update, or the last update of an epoch, did.

    `gradient` and `loss` are those of the update's batch before the update, `w` is the result, shape (3,). `update`
    counts from 1 within the epoch. `data` are the samples trained on, for the record of a whole epoch only; `batch` are
    those of the update, x and y. `before` and `slots` are what the update began with: w, and what the optimiser
    remembered, empty where the update makes nothing of it.

    Where the features are scaled, `w` and `batch` are in x all the same, and `scaled_w` is w in z. All else is as
    trained: `gradient` is by the parameters in z, `before` and `slots` are in z.
    """

    epoch: int
    update: int
    lr: float
    gradient: Array
    loss: float
    w: Array
    data: Problem | None = None
    batch: tuple[Array, Array] | None = None
    before: Array | None = None
    slots: tuple[Slots, ...] = ()
    scaled_w: Array | None = None

    @property
    def trained_w(self) -> Array:
        """w in the coordinates of training: of z where the features are scaled, else of x."""
        return self.w if self.scaled_w is None else self.scaled_w

    @property
    def ends_epoch(self) -> bool:
        """Whether this is the record of a whole epoch."""
        return self.data is not None

    @property
    def light(self) -> Record:
        """The same for those who keep many: without a large batch, and a small one in a copy, since all samples in the
        order of their epoch may be kept by a part of them."""
        if self.batch is None:
            return self
        x, y = self.batch
        return self.with_batch((x.copy(), y.copy()) if len(x) <= LIGHT else None)

    def with_batch(self, batch: tuple[Array, Array] | None) -> Record:
        """The same with its batch held otherwise, or not at all."""
        record = replace(self, batch=batch)
        if "mean_loss" in vars(self):  # a pass over all samples, not to be made twice
            vars(record)["mean_loss"] = self.mean_loss
        return record

    @cached_property
    def mean_loss(self) -> float | None:
        """The loss of w over the whole data set, of the record of an epoch; worked out when it is first asked for."""
        return None if self.data is None else self.data.mean_loss(self.trained_w)


class State(NamedTuple):
    """A moment of a run: whole epochs done, updates done since, w as trained, shape (3,).

    `slots` are what the optimiser keeps of each parameter. `order` is the state of the random generator before it
    orders the samples of this epoch, None where they are taken as they are. Before the epoch `leap_from` no leap is
    tried: one that was did not hold.
    """

    epoch: int
    update: int
    w: Array
    slots: tuple[Slots, ...]
    order: Mapping[str, Any] | None = None
    leap_from: int = 0


class _Update(NamedTuple):
    """One update's outcome: the loss and gradient of its batch before it, w and slots after it, and those before it."""

    loss: float
    gradient: Array
    w: Array
    slots: tuple[Slots, ...]
    before: Array | None = None
    slots_before: tuple[Slots, ...] = ()

    @property
    def finite(self) -> bool:
        numbers = [self.loss, *self.gradient.tolist(), *self.w.tolist(), *(v for kept in self.slots for v in kept)]
        return all(map(math.isfinite, numbers))


class Trainer:
    """Gradient descent on one Problem, resting between chunks of updates.

    Attributes: `problem`, what is trained on, with scaled features where the run scales them; `epoch`, the epoch in
    progress, from 0; `update`, its updates done; `trained_w`, w of that problem, always finite, shape (3,);
    `slots`, what the optimiser keeps; `last`, the newest Record; `diverged`, once the next update gave something that
    is not finite; `leap_from` as in State.
    """

    def __init__(self, config: RunConfig, problem: Problem, rng: np.random.Generator | None = None) -> None:
        self.config = config
        self.problem = problem = problems.trained(config, problem)
        self.epoch = 0
        self.update = 0
        self.trained_w = problem.from_x(problems.start(config))
        self.last: Record | None = None
        self.diverged = False
        self.batch = batch_size(config, problem)
        self.updates_per_epoch = len(problem.x) // self.batch
        self.leap_from = 0
        optimizer = OPTIMIZERS[config.optimizer]
        self.slots: tuple[Slots, ...] = ((0.0,) * optimizer.slots,) * 3
        # Plain descent has loops of its own, which are quicker.
        self._rule = optimizer.rule(config) if optimizer.slots else None
        self.rng = (rng or problems.generator(config.seed, Stream.ORDER)) if config.shuffle else None
        self._x, self._y = problem.x, problem.y
        self._numbers: NDArray[np.intp] | None = None  # of the samples in the order of this epoch
        # The states of the generator before the order of this epoch was drawn, and after.
        self._order: Mapping[str, Any] | None = None if self.rng is None else self.rng.bit_generator.state
        self._order_after = self._order
        self._is_ordered = True

    @property
    def w(self) -> Array:
        """w in coordinates of x, shape (3,)."""
        return self.problem.to_x(self.trained_w)

    @property
    def mean_loss(self) -> float:
        """The loss of w over the whole data set."""
        return self.problem.mean_loss(self.trained_w)

    @property
    def lr(self) -> float:
        """The learning rate of the epoch in progress."""
        return SCHEDULES[self.config.schedule].rate(self.config, self.epoch)

    @property
    def chunk(self) -> int:
        """How many updates take about a millisecond: how often a caller can look at the clock."""
        if self.batch == 1:
            return 4096 if self._rule is None else 1024
        return max(1, min(64, 100_000 // self.batch))

    @property
    def state(self) -> State:
        """This moment, for `restore`."""
        return State(self.epoch, self.update, self.trained_w, self.slots, self._order, self.leap_from)

    def restore(self, state: State, last: Record | None = None) -> None:
        """Goes (back) to a moment of this run; `last` is the record of the update before it."""
        self.epoch, self.update, self.trained_w, self.slots = state.epoch, state.update, state.w, state.slots
        self.last, self.diverged = last, False
        self._order, self.leap_from = state.order, state.leap_from
        if self.update:
            self._reorder()

    def rest(self) -> None:
        """Gives back the memory of samples in an order of their own; they are put in order again where it goes on."""
        self._x, self._y, self._numbers = self.problem.x, self.problem.y, None
        self._is_ordered = self.rng is None
        self.last = self.rested(self.last)

    def rested(self, record: Record | None) -> Record | None:
        """A record of this run that keeps as little of the samples as it can without losing its batch."""
        if record is None or record.batch is None:
            return record
        x, y = record.batch
        return record.with_batch(self.samples_as_given(record.update - 1) if self.rng is None else (x.copy(), y.copy()))

    def samples(self, first: int, count: int) -> tuple[Array, Array]:
        """The samples (x, y), as trained on, of `count` updates of the epoch in progress from `first` on, from 0."""
        if not self._is_ordered:
            self._reorder()
        low, high = first * self.batch, (first + count) * self.batch
        return self._x[low:high], self._y[low:high]

    def samples_as_given(self, update: int) -> tuple[Array, Array]:
        """The samples (x, y), as the data have them, of an update of the epoch in progress, counted from 0."""
        x, y = self.samples(update, 1)
        if self.problem.scale is None:
            return x, y
        part = slice(update * self.batch, (update + 1) * self.batch)
        return self.problem.x_as_given[part if self._numbers is None else self._numbers[part]], y

    def advance(self, limit: int) -> Record | None:
        """Does at most `limit` updates within the epoch in progress; gives the record of the last one, or of the epoch.

        None, and `diverged` is set, where nothing could be done because the next update is not finite.
        """
        if self.update == 0:
            self._reorder()
        count = min(limit, self.updates_per_epoch - self.update)
        outcome = self._updates(self.trained_w, self.slots, self.update, count)
        if not outcome.finite:
            # Not so where only the check itself overflowed: a sum over the whole chunk.
            done, outcome = self._replay(count)
            self.diverged = done < count
            if not done:
                return None
            count = done
        self.update += count
        w, scaled_w = self.problem.in_both(outcome.w)
        record = Record(
            self.epoch,
            self.update,
            self.lr,
            outcome.gradient,
            outcome.loss,
            w,
            None,
            self.samples_as_given(self.update - 1),
            outcome.before,
            outcome.slots_before,
            scaled_w,
        )
        self.trained_w, self.slots = outcome.w, outcome.slots
        if self.update == self.updates_per_epoch and not self.diverged:
            record = self._end_epoch(record)
        self.last = record
        return record

    def _reorder(self) -> None:
        self._is_ordered = True
        if self.rng is not None and self._order is not None:
            self.rng.bit_generator.state = self._order
            order = self.rng.permutation(len(self.problem.x))
            self._order_after = self.rng.bit_generator.state
            self._x, self._y, self._numbers = self.problem.x[order], self.problem.y[order], order

    def _updates(self, w: Array, slots: tuple[Slots, ...], first: int, count: int) -> _Update:
        """The updates `first` to `first + count` of the epoch in progress, from w and slots.

        The last one is done by itself: what it began with belongs to its record.
        """
        if count > 1:
            most = self._some(w, slots, first, count - 1)
            if not most.finite:
                return most
            w, slots = most.w, most.slots
        return self._some(w, slots, first + count - 1, 1)._replace(before=w, slots_before=slots)

    def _some(self, w: Array, slots: tuple[Slots, ...], first: int, count: int) -> _Update:
        """The same, without what the last one began with."""
        x, y = self.samples(first, count)
        convention = self.config.gradient
        if self._rule is None:
            if self.batch == 1:
                return _per_sample(w, x, y, self.lr, convention)
            return _per_batch(w, x, y, self.batch, self.lr, convention)
        done = self.epoch * self.updates_per_epoch + first
        return _by_rule(w, slots, x, y, self.batch, self.lr, convention, self._rule, done)

    def _replay(self, count: int) -> tuple[int, _Update]:
        """Repeats a chunk that ended not finite, one update at a time: how many were finite, and the last of them."""
        outcome = _Update(math.nan, self.trained_w, self.trained_w, self.slots)
        for done in range(count):
            following = self._updates(outcome.w, outcome.slots, self.update + done, 1)
            if not following.finite:
                return done, outcome
            outcome = following
        return count, outcome

    def _end_epoch(self, record: Record) -> Record:
        gradient, loss, w = record.gradient, record.loss, record.trained_w
        if self.config.round_epochs is not None:
            digits = self.config.round_epochs
            gradient, loss, w = _rounded(gradient, digits), round(loss, digits), _rounded(w, digits)
        of_x, scaled_w = self.problem.in_both(w)
        ended = replace(record, gradient=gradient, loss=loss, w=of_x, scaled_w=scaled_w, data=self.problem)
        if not math.isfinite(ended.mean_loss or 0.0):
            self.diverged = True
            return record
        self.epoch, self.update, self.trained_w = self.epoch + 1, 0, w
        self._order = self._order_after
        return ended


def batch_size(config: RunConfig, problem: Problem) -> int:
    """How many samples an update takes."""
    return len(problem.x) if config.batch == "full" else int(config.batch)


def _rounded(values: Array, digits: int) -> Array:
    return np.array([round(value, digits) + 0.0 for value in values.tolist()])  # + 0.0: no minus zero


_NO_SLOTS: tuple[Slots, ...] = ((), (), ())


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
    return _Update(loss, np.array([by_a, by_b, by_c]), np.array([a, b, c]), _NO_SLOTS)


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
    return _Update(loss if math.isfinite(worst) else math.inf, gradient, w, _NO_SLOTS)


def _by_rule(
    w: Array,
    slots: tuple[Slots, ...],
    x: Array,
    y: Array,
    batch: int,
    lr: float,
    convention: str,
    rule: Rule,
    done: int,
) -> _Update:
    """Updates from `batch` samples each by an optimiser's rule; `done` is how many the run had before."""
    (a, b, c), (of_a, of_b, of_c) = w.tolist(), slots
    loss = by_a = by_b = by_c = worst = 0.0
    measure: Callable[[float, float, float, Any, Any, str], tuple[float, ...]]
    samples: Iterator[tuple[Any, Any]]
    if batch == 1:
        measure, samples = _measure_sample, zip(x.tolist(), y.tolist(), strict=True)
    else:
        measure, samples = _measure_batch, ((x[at : at + batch], y[at : at + batch]) for at in range(0, len(x), batch))
    with np.errstate(all="ignore"):
        for count, (xs, ys) in enumerate(samples, done + 1):
            loss, by_a, by_b, by_c = measure(a, b, c, xs, ys, convention)
            worst += loss
            change, of_a = rule(by_a, of_a, lr, count)
            a += change
            change, of_b = rule(by_b, of_b, lr, count)
            b += change
            change, of_c = rule(by_c, of_c, lr, count)
            c += change
    loss = loss if math.isfinite(worst) else math.inf
    return _Update(loss, np.array([by_a, by_b, by_c]), np.array([a, b, c]), (of_a, of_b, of_c))


def _measure_sample(a: float, b: float, c: float, x: float, y: float, convention: str) -> tuple[float, ...]:
    """The loss and the gradient of one sample."""
    error = (a * x + b) * x + c - y
    by_c = CONVENTIONS[convention] * error
    by_b = by_c * x
    return error * error, by_b * x, by_b, by_c


def _measure_batch(a: float, b: float, c: float, x: Array, y: Array, convention: str) -> tuple[float, ...]:
    """The loss and the gradient of a batch."""
    w = np.array([a, b, c])
    return quadratic.loss(w, x, y), *quadratic.gradient(w, x, y, convention).tolist()
