"""Moment: a run at one of its moments; Snapshot: all that a front end sees of a session at one time."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.model.array import Array
from quadfit_tui.core.model.problem import Dataset
from quadfit_tui.core.model.task import FitTask
from quadfit_tui.core.session.playback import Unit
from quadfit_tui.core.text.numbers import format_short, format_vector
from quadfit_tui.core.training.position import Position, format_moment
from quadfit_tui.core.training.record import Record
from quadfit_tui.core.training.status import Status


@dataclass(frozen=True, eq=False)
class Moment:
    """A run at one of its moments.

    `number` is that of the run in the session. `trained_w` is w at the position, as trained, always finite; it is in z
    if the features are scaled.
    """

    number: int
    task: FitTask
    status: Status
    position: Position
    trained_w: Array

    @property
    def config(self) -> RunConfig:
        """The configuration of the run."""
        return self.task.config

    @property
    def problem(self) -> Dataset:
        """The samples of the run, as they were generated or read."""
        return self.task.problem

    @property
    def updates(self) -> int:
        """The number of updates done."""
        return self.position.updates(self.task.updates_per_epoch)

    @property
    def overflowed(self) -> bool:
        """Whether the next update would overflow; a run may also diverge at the end of its epochs."""
        return self.status is Status.DIVERGED and self.position.epoch < self.config.epochs

    @cached_property
    def w(self) -> Array:
        """w in coordinates of x, shape (3,)."""
        return self.task.to_x(self.trained_w)

    @cached_property
    def mean_loss(self) -> float:
        """The mean loss of w."""
        return self.task.trained.mean_loss(self.trained_w)


@dataclass(frozen=True, eq=False, repr=False)
class Snapshot(Moment):
    """The visited moment of a run, and all else that a front end shows of it at one time.

    `newest` is the last position that was ever trained, `goal` the one that a step or a jump is on its way to. `lr` is
    the rate of the epoch in progress, or of the last one if the run has ended. `record` is that of the update that led
    here, None at the start, and `loss` comes from it. `speed` counts the `unit` by which it plays.
    """

    lr: float
    newest: Position
    goal: Position | None
    record: Record | None
    unit: Unit
    speed: int | None

    def __repr__(self) -> str:
        moment, w, mean_loss = format_moment(self.position), format_vector(self.w), format_short(self.mean_loss)
        return f"<Snapshot: {self.status} at {moment}, w {w}, mean loss {mean_loss}>"

    @property
    def epoch(self) -> int:
        """The number of whole epochs done."""
        return self.position.epoch

    @property
    def update(self) -> int:
        """The number of updates done since the last whole epoch."""
        return self.position.update

    @property
    def updates_per_epoch(self) -> int:
        """The number of updates in an epoch."""
        return self.task.updates_per_epoch

    @cached_property
    def mean_loss(self) -> float:
        """The mean loss of w, taken from the last record of an epoch if it has it."""
        known = None if self.record is None else self.record.mean_loss
        return super().mean_loss if known is None else known

    @property
    def loss(self) -> float | None:
        """The loss of the record's update, or None at the start."""
        return None if self.record is None else self.record.loss
