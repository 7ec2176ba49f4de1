"""Checkpoints of a run, from which it is trained again to go back; and RunCursor, which moves along a run by them."""

from __future__ import annotations

from bisect import bisect_right
from typing import NamedTuple

from quadfit_tui.core.training.fast_forward import FastForward
from quadfit_tui.core.training.position import Position
from quadfit_tui.core.training.record import Record, TrainerState
from quadfit_tui.core.training.record_log import EpochSpan
from quadfit_tui.core.training.trainer import Trainer

MOST_CHECKPOINTS = 768
CHUNKS_BETWEEN_STATES = 4  # so that a step back within a long epoch takes at most some milliseconds


class Checkpoint(NamedTuple):
    """A state, the record of the update before it, and the state in which that update's epoch began (start: None)."""

    state: TrainerState
    record: Record | None
    began: TrainerState | None = None

    @property
    def position(self) -> Position:
        """The position of the checkpoint in the run."""
        return Position(self.state.epoch, self.state.update)


class Checkpoints:
    """The checkpoints of a run between epochs: at most MOST_CHECKPOINTS, thinned as it grows; the first one stays."""

    def __init__(self, first: Checkpoint) -> None:
        self._checkpoints = [first]
        self._apart = 1  # least distance of checkpoints in epochs

    def add(self, checkpoint: Checkpoint) -> None:
        """Adds a checkpoint if it is far enough after the last one."""
        if checkpoint.state.epoch < self._checkpoints[-1].state.epoch + self._apart:
            return
        self._checkpoints.append(checkpoint)
        if len(self._checkpoints) > MOST_CHECKPOINTS:
            self._checkpoints = self._checkpoints[::2]
            first, last = self._checkpoints[0], self._checkpoints[-1]
            self._apart = (last.state.epoch - first.state.epoch) // (len(self._checkpoints) - 1)

    def before(self, position: Position) -> Checkpoint:
        """Returns the last checkpoint from which an update leads to `position`; for the start itself, the first one."""
        epoch = max(0, position.epoch if position.update else position.epoch - 1)
        index = bisect_right(self._checkpoints, epoch, key=lambda checkpoint: checkpoint.state.epoch)
        return self._checkpoints[index - 1]


class RunCursor:
    """A trainer that moves along a run, forward and back, one short step of work at a time.

    It passes whole epochs by the span that covers the epoch in progress, if there is one.
    """

    def __init__(self, trainer: Trainer, fast_forward: FastForward, checkpoints: Checkpoints) -> None:
        self.trainer = trainer
        self.span: EpochSpan | None = None
        self._fast_forward = fast_forward
        self._checkpoints = checkpoints
        self.began: TrainerState | None = None  # as in Checkpoint
        self._span_began = self.checkpoint
        self._in_epoch: list[Checkpoint] = []  # checkpoints within the epoch in progress

    @property
    def position(self) -> Position:
        """The position that it has reached."""
        return self.trainer.position

    @property
    def checkpoint(self) -> Checkpoint:
        """A checkpoint of the position that it has reached."""
        return Checkpoint(self.trainer.state, self.trainer.last, self.began)

    def approach(self, goal: Position) -> None:
        """Moves one step of work, of about a millisecond, toward `goal`; called until `position` is `goal`."""
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
        """Jumps to a checkpoint on the way to `goal`, if any is beyond the present span; returns whether it did."""
        checkpoint = self._checkpoints.before(goal)
        reached = self.position.epoch if self.span is None else self.span.end
        if checkpoint.state.epoch <= reached:
            return False
        self._jump_to(checkpoint)
        return True

    def _jump_to(self, checkpoint: Checkpoint, span: EpochSpan | None = None) -> None:
        """Moves to a checkpoint; `span` is the one that covers it or ends there, if there is one."""
        self.trainer.restore(checkpoint.state, checkpoint.record)
        self.began = checkpoint.began
        self.span = span
        self._in_epoch.clear()

    def _look_ahead(self) -> None:
        """Computes the span from here before an epoch's first update, so that its results do not depend on the goal."""
        epoch = self.position.epoch
        if self.span is None or not self.span.start.epoch <= epoch < self.span.end:
            self._span_began = self.checkpoint
            self._checkpoints.add(self.checkpoint)
            self.span = self._fast_forward.span(self.trainer.state)
            if self.span is not None and not self.span.length:
                self.trainer.span_from, self.span = self.span.span_from, None

    def _arrive(self, span: EpochSpan, epoch: int) -> None:
        """Moves to the end of an epoch that the span covers: `epoch` epochs are done then."""
        self._jump_to(Checkpoint(span.state(epoch), span.record(epoch - 1), span.state(epoch - 1)), span)

    def _do_updates(self, most: int) -> None:
        """Runs at most `most` updates, and no more than a chunk, by the trainer; keeps checkpoints within the epoch."""
        trainer = self.trainer
        epoch = trainer.epoch
        began = self.began if trainer.update else trainer.state
        if trainer.advance(min(most, trainer.chunk)) is not None:
            self.began = began
        last_kept = self._in_epoch[-1].state.update if self._in_epoch else 0
        if trainer.epoch != epoch:
            self.span = None
            self._in_epoch.clear()
        elif trainer.update >= last_kept + CHUNKS_BETWEEN_STATES * trainer.chunk:
            self._in_epoch.append(self.checkpoint)

    def _go_before(self, goal: Position) -> None:
        """Moves back to `goal`, or to the nearest known state before it."""
        passed = [checkpoint for checkpoint in self._in_epoch if checkpoint.position <= goal]
        span = self.span
        if passed:
            self._jump_to(passed[-1], span)
            self._in_epoch = passed
        elif span is not None and span.start.epoch < goal.epoch <= span.end:
            self._arrive(span, goal.epoch)
        elif span is not None and span.start.epoch == goal.epoch and (goal.update or not goal.epoch):
            self._jump_to(self._span_began, span)
        else:
            self._jump_to(self._checkpoints.before(goal))
