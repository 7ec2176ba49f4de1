"""Trainer: gradient descent update by update, in chunks as long as the caller likes.

However a run is cut into chunks, the same updates are done with the same arithmetic: w is the same to the last bit.
A State is all there is to a point of a run: a trainer that is put back into it does the same again.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from quadfit_tui.core.methods.optimizers import OPTIMIZERS, Slots
from quadfit_tui.core.methods.schedules import SCHEDULES
from quadfit_tui.core.model.array import Array
from quadfit_tui.core.model.problem import Stream, generator
from quadfit_tui.core.model.task import Task
from quadfit_tui.core.training.position import Position
from quadfit_tui.core.training.record import Record, State
from quadfit_tui.core.training.record_batches import Order
from quadfit_tui.core.training.updates import Update, by_rule, per_batch, per_sample, trace_batches, trace_samples


class Trainer:
    """Gradient descent on the samples of one Task, resting between chunks of updates.

    Attributes: `task`; `epoch`, the epoch in progress, from 0; `update`, its updates done; `trained_w`, w as trained,
    in z where the features are scaled, always finite, shape (3,); `slots`, what the optimizer keeps; `last`, the newest
    Record; `diverged`, once the next update gave something that is not finite; `span_from` as in State.
    """

    def __init__(self, task: Task, rng: np.random.Generator | None = None) -> None:
        self.task = task
        self.epoch = 0
        self.update = 0
        self.trained_w = task.start
        self.last: Record | None = None
        self.diverged = False
        self.span_from = 0
        optimizer = OPTIMIZERS[task.config.optimizer]
        self.slots: tuple[Slots, ...] = ((0.0,) * optimizer.slots,) * 3
        # Plain descent has loops of its own, which are quicker.
        self._rule = None if task.config.optimizer == "sgd" else optimizer.rule(task.config)
        self.rng = (rng or generator(task.config.seed, Stream.ORDER)) if task.config.shuffle else None
        self._order: Order | None = None if self.rng is None else self.rng.bit_generator.state  # of this epoch
        # The samples in an order, which one that is (None: as they are), and the one after it.
        self._x, self._y = task.trained.x, task.trained.y
        self._drawn: Order | None = None
        self._following: Order | None = None

    @property
    def position(self) -> Position:
        """Where in the run it is."""
        return Position(self.epoch, self.update)

    @property
    def w(self) -> Array:
        """w in coordinates of x, shape (3,)."""
        return self.task.to_x(self.trained_w)

    @property
    def mean_loss(self) -> float:
        """The loss of w over the whole data set."""
        return self.task.trained.mean_loss(self.trained_w)

    @property
    def lr(self) -> float:
        """The learning rate of the epoch in progress."""
        config = self.task.config
        return SCHEDULES[config.schedule].rate(config, self.epoch)

    @property
    def chunk(self) -> int:
        """How many updates take about a millisecond: how often a caller can look at the clock."""
        batch = self.task.batch
        if batch == 1:
            return 4096 if self._rule is None else 1024
        return max(1, min(64, 100_000 // batch))

    @property
    def state(self) -> State:
        """This point of the run, for `restore`."""
        return State(self.epoch, self.update, self.trained_w, self.slots, self._order, self.span_from)

    def restore(self, state: State, last: Record | None = None) -> None:
        """Goes (back) to a point of this run; `last` is the record of the update before it."""
        self.epoch, self.update, self.trained_w, self.slots = state.epoch, state.update, state.w, state.slots
        self.last, self.diverged = last, False
        self._order, self.span_from = state.order, state.span_from

    def rest(self) -> None:
        """Gives back the memory of samples in an order of their own; they are put in order again where it goes on."""
        self._x, self._y = self.task.trained.x, self.task.trained.y
        self._drawn = None

    def _samples(self, first: int, count: int) -> tuple[Array, Array]:
        """The samples (x, y), as trained on, of `count` updates of the epoch in progress from `first` on, from 0."""
        if self._drawn is not self._order:
            self._reorder()
        low, high = first * self.task.batch, (first + count) * self.task.batch
        return self._x[low:high], self._y[low:high]

    def advance(self, limit: int) -> Record | None:
        """Does at most `limit` updates within the epoch in progress; gives the record of the last one, or of the epoch.

        None, and `diverged` is set, where nothing could be done because the next update is not finite.
        """
        count = min(limit, self.task.updates_per_epoch - self.update)
        outcome = self._updates(self.trained_w, self.slots, self.update, count)
        if not outcome.finite:
            # Not so where only the check itself overflowed: a sum over the whole chunk.
            done, outcome = self._replay(count)
            self.diverged = done < count
            if not done:
                return None
            count = done
        self.update += count
        record = Record(
            self.task,
            self.epoch,
            self.update,
            self.lr,
            outcome.gradient,
            outcome.loss,
            outcome.w,
            outcome.before,
            outcome.slots_before,
            self._order,
        )
        self.trained_w, self.slots = outcome.w, outcome.slots
        if self.update == self.task.updates_per_epoch and not self.diverged:
            record = self._end_epoch(record)
        self.last = record
        return record

    def trace(self, stops: range) -> Array:
        """Goes on to the last of `stops`, and gives w, as trained, after each of them: shape (m, 3). Makes no record.

        They count the updates of the epoch in progress, all of which are known to be finite.
        """
        x, y = self._samples(self.update, stops[-1] - self.update)
        w, after = self.trained_w, [stop - self.update for stop in stops]
        batch, convention = self.task.batch, self.task.config.gradient
        if self._rule is not None:
            passed: list[tuple[float, float, float]] = []
            done = self.position.updates(self.task.updates_per_epoch)
            self.slots = by_rule(w, self.slots, x, y, batch, self.lr, convention, self._rule, done, passed).slots
            found = np.array(passed)[[stop - 1 for stop in after]]
        elif batch == 1:
            found = trace_samples(w, x, y, self.lr, convention, after)
        else:
            found = trace_batches(w, x, y, batch, self.lr, convention, after)
        self.update, self.trained_w = stops[-1], found[-1]
        return found

    def _reorder(self) -> None:
        """Draws the order of the epoch in progress, and puts the samples in it."""
        if self.rng is not None and self._order is not None:
            samples, self._drawn = self.task.trained, self._order
            self.rng.bit_generator.state = self._order
            numbers = self.rng.permutation(len(samples.x))
            self._following = self.rng.bit_generator.state
            self._x, self._y = samples.x[numbers], samples.y[numbers]

    def _updates(self, w: Array, slots: tuple[Slots, ...], first: int, count: int) -> Update:
        """The updates `first` to `first + count` of the epoch in progress, from w and slots.

        The last one is done by itself: what it began with belongs to its record.
        """
        if count > 1:
            most = self._some(w, slots, first, count - 1)
            if not most.finite:
                return most
            w, slots = most.w, most.slots
        return self._some(w, slots, first + count - 1, 1)

    def _some(self, w: Array, slots: tuple[Slots, ...], first: int, count: int) -> Update:
        """The same in a row."""
        x, y = self._samples(first, count)
        batch, convention = self.task.batch, self.task.config.gradient
        if self._rule is None:
            if batch == 1:
                return per_sample(w, x, y, self.lr, convention)
            return per_batch(w, x, y, batch, self.lr, convention)
        done = Position(self.epoch, first).updates(self.task.updates_per_epoch)
        return by_rule(w, slots, x, y, batch, self.lr, convention, self._rule, done)

    def _replay(self, count: int) -> tuple[int, Update]:
        """Repeats a chunk that ended not finite, one update at a time: how many were finite, and the last of them."""
        outcome = Update(math.nan, self.trained_w, self.trained_w, self.slots, self.trained_w, self.slots)
        for done in range(count):
            following = self._updates(outcome.w, outcome.slots, self.update + done, 1)
            if not following.finite:
                return done, outcome
            outcome = following
        return count, outcome

    def _end_epoch(self, record: Record) -> Record:
        gradient, loss, w = record.gradient, record.loss, record.trained_w
        digits = self.task.config.round_epochs
        if digits is not None:
            gradient, loss, w = _rounded(gradient, digits), round(loss, digits), _rounded(w, digits)
        ended = replace(record, gradient=gradient, loss=loss, trained_w=w, ends_epoch=True)
        if not math.isfinite(ended.mean_loss or 0.0):
            self.diverged = True
            return record
        self.epoch, self.update, self.trained_w = self.epoch + 1, 0, w
        self._order = self._following
        return ended


def _rounded(values: Array, digits: int) -> Array:
    return np.array([round(value, digits) + 0.0 for value in values.tolist()])  # + 0.0: no minus zero
