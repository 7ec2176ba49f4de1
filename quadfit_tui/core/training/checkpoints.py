"""Going back in a run: states here and there from which it can be trained again."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import replace
from typing import NamedTuple

from quadfit_tui.core.training.fast_forward import EpochSpan, FastForward
from quadfit_tui.core.training.position import Position
from quadfit_tui.core.training.record import Record, State
from quadfit_tui.core.training.trainer import Trainer

MOST_CHECKPOINTS = 512
CHUNKS_BETWEEN_STATES = 4  # some milliseconds: what a step back within a long epoch may take


class Checkpoint(NamedTuple):
    """A State, the record of the update before it, and the State in which that one's epoch began: None at the start."""

    state: State
    record: Record | None
    began: State | None = None

    @property
    def position(self) -> Position:
        return Position(self.state.epoch, self.state.update)


class Checkpoints:
    """Moments between epochs to begin again from: thinned as they become many, the first one kept."""

    def __init__(self, first: Checkpoint) -> None:
        self._moments = [first]
        self._apart = 1

    def add(self, moment: Checkpoint) -> None:
        """Keeps a moment that is new, if it is far enough from the last one."""
        if moment.state.epoch < self._moments[-1].state.epoch + self._apart:
            return
        if moment.record is not None:
            moment = moment._replace(record=moment.record.light)
        self._moments.append(moment)
        if len(self._moments) > MOST_CHECKPOINTS:
            self._moments = self._moments[::2]
            self._apart = (self._moments[-1].state.epoch - self._moments[0].state.epoch) // (len(self._moments) - 1)

    def before(self, position: Position) -> Checkpoint:
        """The last of them from which an update leads to `position`; the first one for the start itself."""
        epoch = max(0, position.epoch if position.update else position.epoch - 1)
        return self._moments[bisect_right(self._moments, epoch, key=lambda moment: moment.state.epoch) - 1]


class Cursor:
    """A point of a run that moves along it, a piece of work at a time.

    Whole epochs are passed by the leap that covers the epoch in progress, where there is one.
    """

    def __init__(self, trainer: Trainer, leaper: FastForward, checkpoints: Checkpoints) -> None:
        self.trainer = trainer
        self.leap: EpochSpan | None = None
        self._leaper = leaper
        self._checkpoints = checkpoints
        self.began: State | None = None  # as in Moment
        self._leapt_from = self.moment
        self._marks: list[Checkpoint] = []  # within the epoch in progress

    @property
    def position(self) -> Position:
        """Where it is."""
        return Position(self.trainer.epoch, self.trainer.update)

    @property
    def moment(self) -> Checkpoint:
        """All there is to know of where it is."""
        return Checkpoint(self.trainer.state, self.trainer.last, self.began)

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

    def _restore(self, moment: Checkpoint) -> None:
        self.trainer.restore(moment.state, moment.record)
        self.began = moment.began

    def _begin_at(self, moment: Checkpoint) -> None:
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

    def _arrive(self, leap: EpochSpan, epoch: int) -> None:
        """Goes to the end of an epoch that a leap covers."""
        self._restore(Checkpoint(leap.state(epoch), leap.record(epoch - 1, with_batch=True), leap.state(epoch - 1)))
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
        elif trainer.update >= marked + CHUNKS_BETWEEN_STATES * trainer.chunk:
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
