"""The trainer: gradient descent update by update, in chunks as long as the caller likes.

However a run is cut into chunks, the same updates are done with the same arithmetic: w is the same to the last bit.
A State is all there is to a moment of a run: a trainer that is put back into it does the same again.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.methods.optimizers import OPTIMIZERS, Slots
from quadfit_tui.core.methods.schedules import SCHEDULES
from quadfit_tui.core.model import problem as problems
from quadfit_tui.core.model.parabola import Array
from quadfit_tui.core.model.problem import Problem, Stream
from quadfit_tui.core.training.record import Record, State
from quadfit_tui.core.training.updates import Update, by_rule, per_batch, per_sample, trace_batches, trace_samples


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

    def trace(self, stops: range) -> Array:
        """Goes on to the last of `stops`, and gives w, as trained, after each of them: shape (m, 3). Makes no record.

        They count the updates of the epoch in progress, all of which are known to be finite.
        """
        if self.update == 0:
            self._reorder()
        x, y = self.samples(self.update, stops[-1] - self.update)
        w, after = self.trained_w, [stop - self.update for stop in stops]
        if self._rule is not None:
            passed: list[tuple[float, float, float]] = []
            done = self.epoch * self.updates_per_epoch + self.update
            convention, rule = self.config.gradient, self._rule
            self.slots = by_rule(w, self.slots, x, y, self.batch, self.lr, convention, rule, done, passed).slots
            found = np.array(passed)[[stop - 1 for stop in after]]
        elif self.batch == 1:
            found = trace_samples(w, x, y, self.lr, self.config.gradient, after)
        else:
            found = trace_batches(w, x, y, self.batch, self.lr, self.config.gradient, after)
        self.update, self.trained_w = stops[-1], found[-1]
        return found

    def _reorder(self) -> None:
        self._is_ordered = True
        if self.rng is not None and self._order is not None:
            self.rng.bit_generator.state = self._order
            order = self.rng.permutation(len(self.problem.x))
            self._order_after = self.rng.bit_generator.state
            self._x, self._y, self._numbers = self.problem.x[order], self.problem.y[order], order

    def _updates(self, w: Array, slots: tuple[Slots, ...], first: int, count: int) -> Update:
        """The updates `first` to `first + count` of the epoch in progress, from w and slots.

        The last one is done by itself: what it began with belongs to its record.
        """
        if count > 1:
            most = self._some(w, slots, first, count - 1)
            if not most.finite:
                return most
            w, slots = most.w, most.slots
        return self._some(w, slots, first + count - 1, 1)._replace(before=w, slots_before=slots)

    def _some(self, w: Array, slots: tuple[Slots, ...], first: int, count: int) -> Update:
        """The same, without what the last one began with."""
        x, y = self.samples(first, count)
        convention = self.config.gradient
        if self._rule is None:
            if self.batch == 1:
                return per_sample(w, x, y, self.lr, convention)
            return per_batch(w, x, y, self.batch, self.lr, convention)
        done = self.epoch * self.updates_per_epoch + first
        return by_rule(w, slots, x, y, self.batch, self.lr, convention, self._rule, done)

    def _replay(self, count: int) -> tuple[int, Update]:
        """Repeats a chunk that ended not finite, one update at a time: how many were finite, and the last of them."""
        outcome = Update(math.nan, self.trained_w, self.trained_w, self.slots)
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
