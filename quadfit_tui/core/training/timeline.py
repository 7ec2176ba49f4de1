"""The timeline of a run: every update can be visited, forwards and backwards, and is the same each time.

A run is a function of its configuration: from a State it goes on by leaps of whole epochs where the algebra holds,
update by update elsewhere. Which of the two an epoch takes depends on the run alone, never on how it is visited. So
checkpoints here and there are enough to be anywhere again, to the last bit.
"""

from __future__ import annotations

import copy
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple, overload

import numpy as np

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.methods.stopping import STOP_RULES
from quadfit_tui.core.model.parabola import Array
from quadfit_tui.core.model.problem import Problem
from quadfit_tui.core.training.curves import History
from quadfit_tui.core.training.epoch_path import Walker, walkable
from quadfit_tui.core.training.fast_forward import Leap, Leaper
from quadfit_tui.core.training.status import Status
from quadfit_tui.core.training.trainer import Record, State, Trainer

MOST_CHECKPOINTS = 512
CHUNKS_BETWEEN_MARKS = 4  # some milliseconds: what a step back within a long epoch may take


class Position(NamedTuple):
    """A point between two updates: whole epochs done, and updates done since."""

    epoch: int
    update: int


START = Position(0, 0)


class End(NamedTuple):
    """Where a run ends, and how."""

    position: Position
    status: Status


class Moment(NamedTuple):
    """A State, the record of the update before it, and the State in which that one's epoch began: None at the start."""

    state: State
    record: Record | None
    began: State | None = None

    @property
    def position(self) -> Position:
        return Position(self.state.epoch, self.state.update)


class Checkpoints:
    """Moments between epochs to begin again from: thinned as they become many, the first one kept."""

    def __init__(self, first: Moment) -> None:
        self._moments = [first]
        self._apart = 1

    def add(self, moment: Moment) -> None:
        """Keeps a moment that is new, if it is far enough from the last one."""
        if moment.state.epoch < self._moments[-1].state.epoch + self._apart:
            return
        if moment.record is not None:
            moment = moment._replace(record=moment.record.light)
        self._moments.append(moment)
        if len(self._moments) > MOST_CHECKPOINTS:
            self._moments = self._moments[::2]
            self._apart = (self._moments[-1].state.epoch - self._moments[0].state.epoch) // (len(self._moments) - 1)

    def before(self, position: Position) -> Moment:
        """The last of them from which an update leads to `position`; the first one for the start itself."""
        epoch = max(0, position.epoch if position.update else position.epoch - 1)
        return self._moments[bisect_right(self._moments, epoch, key=lambda moment: moment.state.epoch) - 1]


class Cursor:
    """A point of a run that moves along it, a piece of work at a time.

    Whole epochs are passed by the leap that covers the epoch in progress, where there is one.
    """

    def __init__(self, trainer: Trainer, leaper: Leaper, checkpoints: Checkpoints) -> None:
        self.trainer = trainer
        self.leap: Leap | None = None
        self._leaper = leaper
        self._checkpoints = checkpoints
        self.began: State | None = None  # as in Moment
        self._leapt_from = self.moment
        self._marks: list[Moment] = []  # within the epoch in progress

    @property
    def position(self) -> Position:
        """Where it is."""
        return Position(self.trainer.epoch, self.trainer.update)

    @property
    def moment(self) -> Moment:
        """All there is to know of where it is."""
        return Moment(self.trainer.state, self.trainer.last, self.began)

    def rest(self) -> None:
        """Gives back the memory of samples in an order of their own, of which batches are a part."""
        self.trainer.rest()
        self._leapt_from, *self._marks = (
            moment._replace(record=self.trainer.rested(moment.record)) for moment in (self._leapt_from, *self._marks)
        )

    def approach(self, goal: Position) -> None:
        """Does one piece of work, of about a millisecond, on the way to `goal`."""
        if goal < self.position:
            self._go_before(goal)
        elif goal > self.position and not self._skip(goal):
            if self.position.update == 0:
                self._look_ahead()
            if goal.epoch == self.position.epoch:
                self._do_updates(goal.update - self.position.update)
            elif self.leap is not None:
                self._arrive(self.leap, min(goal.epoch, self.leap.end))
            else:
                self._do_updates(self.trainer.updates_per_epoch)

    def _skip(self, goal: Position) -> bool:
        """Goes to a checkpoint on the way to `goal`, if there is one beyond the present leap."""
        moment = self._checkpoints.before(goal)
        reached = self.position.epoch if self.leap is None else self.leap.end
        if moment.state.epoch <= reached:
            return False
        self._begin_at(moment)
        return True

    def _restore(self, moment: Moment) -> None:
        self.trainer.restore(moment.state, moment.record)
        self.began = moment.began

    def _begin_at(self, moment: Moment) -> None:
        self._restore(moment)
        trainer, record = self.trainer, moment.record
        if record is not None and record.batch is None and not trainer.config.shuffle:
            trainer.last = replace(record, batch=trainer.samples_as_given(trainer.updates_per_epoch - 1))
        self.leap = None
        self._marks.clear()

    def _look_ahead(self) -> None:
        """Makes the leap from here. What an epoch comes to is settled before its first update is done."""
        epoch = self.position.epoch
        if self.leap is None or not self.leap.start.epoch <= epoch < self.leap.end:
            self._leapt_from = self.moment
            self._checkpoints.add(self.moment)
            self.leap = self._leaper.leap(self.trainer.state)
            if self.leap is not None and not self.leap.length:
                self.trainer.leap_from, self.leap = self.leap.leap_from, None

    def _arrive(self, leap: Leap, epoch: int) -> None:
        """Goes to the end of an epoch that a leap covers."""
        self._restore(Moment(leap.state(epoch), leap.record(epoch - 1, with_batch=True), leap.state(epoch - 1)))
        self._marks.clear()

    def _do_updates(self, most: int) -> None:
        trainer, epoch = self.trainer, self.trainer.epoch
        began = self.began if trainer.update else trainer.state
        if trainer.advance(min(most, trainer.chunk)) is not None:
            self.began = began
        marked = self._marks[-1].state.update if self._marks else 0
        if trainer.epoch != epoch:
            self.leap = None
            self._marks.clear()
        elif trainer.update >= marked + CHUNKS_BETWEEN_MARKS * trainer.chunk:
            self._marks.append(self.moment)

    def _go_before(self, goal: Position) -> None:
        """Goes back to `goal`, or to where it is reached from soonest."""
        self._marks = [mark for mark in self._marks if mark.position <= goal]
        leap = self.leap
        if self._marks:
            self._restore(self._marks[-1])
        elif leap is not None and leap.start.epoch < goal.epoch <= leap.end:
            self._arrive(leap, goal.epoch)
        elif leap is not None and leap.start.epoch == goal.epoch and (goal.update or not goal.epoch):
            self._restore(self._leapt_from)
        else:
            self._begin_at(self._checkpoints.before(goal))


class Records(Sequence[Record]):
    """Records in the order in which they came, without large batches; those of leaps are made when looked at."""

    def __init__(self) -> None:
        self._spans: list[tuple[Leap | Record, int, int]] = []
        self._ends: list[int] = []

    def add(self, record: Record) -> None:
        """Adds one record."""
        self._append(record.light, 0, 1)

    def add_leap(self, leap: Leap, first: int, stop: int) -> None:
        """Adds those of the epochs `first` to `stop` of a leap."""
        self._append(leap, first, stop)

    def _append(self, source: Leap | Record, first: int, stop: int) -> None:
        if stop > first:
            self._spans.append((source, first, stop))
            self._ends.append(len(self) + stop - first)

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    @overload
    def __getitem__(self, index: int) -> Record: ...

    @overload
    def __getitem__(self, index: slice) -> list[Record]: ...

    def __getitem__(self, index: int | slice) -> Record | list[Record]:
        if isinstance(index, slice):
            return [self[at] for at in range(*index.indices(len(self)))]
        at = range(len(self))[index]
        span = bisect_right(self._ends, at)
        source, _, stop = self._spans[span]
        return source if isinstance(source, Record) else source.record(stop - (self._ends[span] - at))

    def parameters(self, as_trained: bool = False) -> Array:
        """w after each of them, shape (len, 3): in coordinates of x, or as trained."""
        rows = [
            (source.trained_w if as_trained else source.w)[np.newaxis]
            if isinstance(source, Record)
            else source.parameters(first, stop, as_trained)
            for source, first, stop in self._spans
        ]
        return np.concatenate(rows) if rows else np.empty((0, 3))

    def epochs(self, every: int) -> Iterator[Record]:
        """Those of the epochs whose number can be divided by `every`."""
        for source, first, stop in self._spans:
            if isinstance(source, Record):
                if source.ends_epoch and source.epoch % every == 0:
                    yield source
            else:
                for epoch in range(-(-first // every) * every, stop, every):
                    yield source.record(epoch)


class Timeline:
    """One run, of which one position is visited; `newest` is how far it was ever trained.

    `newest_w` is w there, `newest_scaled_w` the same in z where the features are scaled, else None. `end` is set once
    the run is known to end there. `history` has its course for curves.
    """

    def __init__(self, config: RunConfig, problem: Problem, rng: np.random.Generator | None = None) -> None:
        self.config = config
        self.problem = problem
        trainer = Trainer(config, problem, rng)
        on = trainer.problem
        self._leaper = Leaper(config, on, trainer.rng)
        self._checkpoints = Checkpoints(Moment(trainer.state, None))
        self._visited = self._cursor(trainer)
        self._reader: Cursor | None = None
        self._walker: Walker | None = None
        self._walk: tuple[Position, int, Array] | None = None  # the one asked for last
        self.newest = START
        self.newest_w, self.newest_scaled_w = on.in_both(trainer.trained_w)
        self.end: End | None = None
        self.history = History(trainer.trained_w, on.drawn_losses, None if on.scale is None else on.to_x)

    def _cursor(self, trainer: Trainer) -> Cursor:
        trainer.restore(self._checkpoints.before(START).state)
        return Cursor(trainer, self._leaper, self._checkpoints)

    def rest(self) -> None:
        """Gives back what can be worked out again: for a run that nobody looks at. Whatever it does next, it can."""
        self._reader = self._walker = self._walk = None
        self._leaper.rest()
        self._visited.rest()

    @property
    def position(self) -> Position:
        """Where the run is visited."""
        return self._visited.position

    @property
    def trainer(self) -> Trainer:
        """The trainer, put to where the run is visited: its w, lr, last record."""
        return self._visited.trainer

    @property
    def at_end(self) -> bool:
        """Whether the visited position is where the run ends."""
        return self.end is not None and self.position == self.end.position

    def after(self, position: Position) -> Position:
        """The position one update later."""
        epoch, update = position
        return Position(epoch, update + 1) if update + 1 < self.trainer.updates_per_epoch else Position(epoch + 1, 0)

    def before(self, position: Position) -> Position:
        """The position one update earlier; the start is its own."""
        epoch, update = position
        if update:
            return Position(epoch, update - 1)
        return Position(epoch - 1, self.trainer.updates_per_epoch - 1) if epoch else START

    def approach(self, goal: Position, records: Records) -> None:
        """Does a piece of work on the way to `goal`, or to the end of the run if that comes first.

        Adds the records of the epochs that this trained for the first time.
        """
        goal = goal if self.end is None else min(goal, self.end.position)
        if goal != self.position:
            self._visited.approach(goal)
            self._extend(records)

    def _extend(self, records: Records) -> None:
        """Notes what is new, and whether the run ends there."""
        position, trainer, first = self.position, self.trainer, self.newest.epoch
        if self.end is not None or position < self.newest:
            return
        self.newest = position
        self.newest_w, self.newest_scaled_w = trainer.problem.in_both(trainer.trained_w)
        stops = False
        if position.epoch > first:
            leap = self._visited.leap
            if leap is None:
                stops = self._note(records)
            else:
                rows = slice(first - leap.start.epoch, position.epoch - leap.start.epoch)
                records.add_leap(leap, first, position.epoch)
                self.history.add(first, leap.loss[rows], leap.w[rows])
                stops = leap.stops and position.epoch == leap.end
        if trainer.diverged:
            self.end = End(position, Status.DIVERGED)
        elif stops:
            self.end = End(position, Status.CONVERGED)
        elif position.epoch >= self.config.epochs:
            self.end = End(position, Status.FINISHED)

    def _note(self, records: Records) -> bool:
        """Notes an epoch that was trained update by update, and tells whether the run is to stop after it."""
        record = self.trainer.last
        assert record is not None  # it has just been made
        mean_loss = record.mean_loss or 0.0
        records.add(record)
        self.history.add(record.epoch, np.array([record.loss]), record.trained_w[np.newaxis])
        judged = STOP_RULES[self.config.stop_on].judged
        return judged is not None and bool(judged(record.loss, mean_loss) < self.config.tol)

    def _another_trainer(self) -> Trainer:
        rng = copy.deepcopy(self.trainer.rng)  # which is put into every state that is needed
        return Trainer(self.config, self.problem, rng)

    def walk(self, most: int = 256) -> Array:
        """w, in coordinates of x, before and after the updates of the epoch that is visited, or has just ended.

        Shape (m, 3), from the start of the epoch up to the visited position, worked out update by update. Of more than
        `most` updates only every second, fourth ... is shown, so that m is at most most + 1. Shape (0, 3) at the start
        of the run, and where an epoch has too many updates to be walked through once a frame. The same array as long as
        the position is the same; it is not to be changed.
        """
        position, began = self.position, self._visited.began
        if began is None or not walkable(self.trainer):
            return np.empty((0, 3))
        if self._walk is None or self._walk[:2] != (position, most):
            if self._walker is None:
                self._walker = Walker(self._another_trainer())
            updates = position.update or self.trainer.updates_per_epoch
            points = self._walker.points(began, updates, self.trainer.trained_w, most)
            self._walk = position, most, self.trainer.problem.to_x(points)
        return self._walk[2]

    def records(self, first: int, stop: int) -> list[Record]:
        """The records of the epochs `first` to `stop` that have been trained, worked out again."""
        if self._reader is None:
            self._reader = self._cursor(self._another_trainer())
        found = []
        for epoch in range(max(0, first), min(stop, self.newest.epoch)):
            goal = Position(epoch + 1, 0)
            while self._reader.position != goal:
                self._reader.approach(goal)
            record = self._reader.trainer.last
            assert record is not None
            found.append(record.light)
        return found

    @property
    def page(self) -> int:
        """How many epochs may be asked for at once without keeping anybody waiting."""
        trainer = self.trainer
        if self._leaper.possible:
            return max(4, min(512, 100_000 // len(self.problem.x)))
        # As many as take about a tenth of a second, one by one.
        return max(1, min(512, 100 * trainer.chunk // trainer.updates_per_epoch))
