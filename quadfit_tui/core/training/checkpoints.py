"""Checkpoints of a run, from which it is trained again to go back; and the RunCursor that goes to and fro by them."""

from __future__ import annotations

from bisect import bisect_right
from typing import NamedTuple

from quadfit_tui.core.training.fast_forward import FastForward
from quadfit_tui.core.training.position import Position
from quadfit_tui.core.training.record import Record, TrainerState
from quadfit_tui.core.training.record_log import EpochSpan
from quadfit_tui.core.training.trainer import Trainer

MOST_CHECKPOINTS = 768
CHUNKS_BETWEEN_STATES = 4  # some milliseconds: what a step back within a long epoch may take


class Checkpoint(NamedTuple):
    """A state, the record of the update before it, and the state in which that one's epoch began, None at the start."""

    state: TrainerState
    record: Record | None
    began: TrainerState | None = None

    @property
    def position(self) -> Position:
        """Where in the run it is."""
        return Position(self.state.epoch, self.state.update)


class Checkpoints:
    """Checkpoints between epochs: thinned as they become many, the first one kept."""

    def __init__(self, first: Checkpoint) -> None:
        self._kept = [first]
        self._apart = 1

    def add(self, checkpoint: Checkpoint) -> None:
        """Keeps one that is new, if it is far enough from the last one."""
        if checkpoint.state.epoch < self._kept[-1].state.epoch + self._apart:
            return
        self._kept.append(checkpoint)
        if len(self._kept) > MOST_CHECKPOINTS:
            self._kept = self._kept[::2]
            self._apart = (self._kept[-1].state.epoch - self._kept[0].state.epoch) // (len(self._kept) - 1)

    def before(self, position: Position) -> Checkpoint:
        """The last of them from which an update leads to `position`; the first one for the start itself."""
        epoch = max(0, position.epoch if position.update else position.epoch - 1)
        return self._kept[bisect_right(self._kept, epoch, key=lambda checkpoint: checkpoint.state.epoch) - 1]


class RunCursor:
    """A point of a run that moves along it, a piece of work at a time.

    Whole epochs are passed by the span that covers the epoch in progress, where there is one.
    """

    def __init__(self, trainer: Trainer, fast_forward: FastForward, checkpoints: Checkpoints) -> None:
        self.trainer = trainer
        self.span: EpochSpan | None = None
        self._fast_forward = fast_forward
        self._checkpoints = checkpoints
        self.began: TrainerState | None = None  # as in Checkpoint
        self._span_began = self.checkpoint
        self._in_epoch: list[Checkpoint] = []  # within the epoch in progress

    @property
    def position(self) -> Position:
        """Where it is."""
        return self.trainer.position

    @property
    def checkpoint(self) -> Checkpoint:
        """Where it is, to be come back to."""
        return Checkpoint(self.trainer.state, self.trainer.last, self.began)

    def approach(self, goal: Position) -> None:
        """Does one piece of work, of about a millisecond, on the way to `goal`."""
        if goal < self.position:
            self._go_before(goal)
        elif goal > self.position and not self._skip(goal):
            if self.position.update == 0:
                self._look_ahead()
            if goal.epoch == self.position.epoch:
                self._do_updates(goal.update - self.position.update)
            elif self.span is not None:
                self._arrive(self.span, min(goal.epoch, self.span.end))
            else:
                self._do_updates(self.trainer.task.updates_per_epoch)

    def _skip(self, goal: Position) -> bool:
        """Goes to a checkpoint on the way to `goal`, if there is one beyond the present span."""
        checkpoint = self._checkpoints.before(goal)
        reached = self.position.epoch if self.span is None else self.span.end
        if checkpoint.state.epoch <= reached:
            return False
        self._come_to(checkpoint)
        return True

    def _come_to(self, checkpoint: Checkpoint, span: EpochSpan | None = None) -> None:
        """Goes to a checkpoint, with the span that covers it or ends there, if there is one."""
        self.trainer.restore(checkpoint.state, checkpoint.record)
        self.began, self.span = checkpoint.began, span
        self._in_epoch.clear()

    def _look_ahead(self) -> None:
        """Makes the span from here. What an epoch comes to is settled before its first update is done."""
        epoch = self.position.epoch
        if self.span is None or not self.span.start.epoch <= epoch < self.span.end:
            self._span_began = self.checkpoint
            self._checkpoints.add(self.checkpoint)
            self.span = self._fast_forward.span(self.trainer.state)
            if self.span is not None and not self.span.length:
                self.trainer.span_from, self.span = self.span.span_from, None

    def _arrive(self, span: EpochSpan, epoch: int) -> None:
        """Goes to the end of an epoch that the span covers."""
        self._come_to(Checkpoint(span.state(epoch), span.record(epoch - 1), span.state(epoch - 1)), span)

    def _do_updates(self, most: int) -> None:
        trainer, epoch = self.trainer, self.trainer.epoch
        began = self.began if trainer.update else trainer.state
        if trainer.advance(min(most, trainer.chunk)) is not None:
            self.began = began
        kept = self._in_epoch[-1].state.update if self._in_epoch else 0
        if trainer.epoch != epoch:
            self.span = None
            self._in_epoch.clear()
        elif trainer.update >= kept + CHUNKS_BETWEEN_STATES * trainer.chunk:
            self._in_epoch.append(self.checkpoint)

    def _go_before(self, goal: Position) -> None:
        """Goes back to `goal`, or to where it is reached from soonest."""
        passed = [checkpoint for checkpoint in self._in_epoch if checkpoint.position <= goal]
        span = self.span
        if passed:
            self._come_to(passed[-1], span)
            self._in_epoch = passed
        elif span is not None and span.start.epoch < goal.epoch <= span.end:
            self._arrive(span, goal.epoch)
        elif span is not None and span.start.epoch == goal.epoch and (goal.update or not goal.epoch):
            self._come_to(self._span_began, span)
        else:
            self._come_to(self._checkpoints.before(goal))
