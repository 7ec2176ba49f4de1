"""Snapshot: all that a front end sees of a session at one time."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.model.array import Array
from quadfit_tui.core.model.problem import Problem
from quadfit_tui.core.model.task import Task
from quadfit_tui.core.session.playback import Unit
from quadfit_tui.core.training.position import Position
from quadfit_tui.core.training.record import Record
from quadfit_tui.core.training.status import Status


@dataclass(frozen=True, eq=False)
class Snapshot:
    """All that is to be known of a run at one time.

    `run` is its number. `epoch` is the number of whole epochs done, `update` the updates done since, `updates` all of
    them: the position that is visited. `newest` is how far the run was ever trained, `goal` where a step or a jump is
    on its way to. `lr` belongs to the epoch in progress, or to the last one of a run that has ended. `record` tells of
    the update that led here, None at the start; `gradient` and `loss` are its, `batch` are its samples (x, y).
    `trained_w` is w as trained, always finite; where the features are scaled it is in z, and `gradient` is by the
    parameters in z. `speed` counts the `unit` by which it plays.
    """

    run: int
    status: Status
    task: Task
    epoch: int
    update: int
    updates: int
    lr: float
    newest: Position
    goal: Position | None
    record: Record | None
    trained_w: Array
    mean_loss: float
    unit: Unit
    speed: int | None

    @property
    def config(self) -> RunConfig:
        """The configuration of the run."""
        return self.task.config

    @property
    def problem(self) -> Problem:
        """The samples of the run, as they were made or read."""
        return self.task.problem

    @property
    def updates_per_epoch(self) -> int:
        """How many updates an epoch has."""
        return self.task.updates_per_epoch

    @cached_property
    def w(self) -> Array:
        """w in coordinates of x, shape (3,)."""
        return self.task.to_x(self.trained_w)

    @property
    def position(self) -> Position:
        """Where the run is visited."""
        return Position(self.epoch, self.update)

    @property
    def gradient(self) -> Array | None:
        """The gradient of the record's update."""
        return None if self.record is None else self.record.gradient

    @property
    def loss(self) -> float | None:
        """The loss of the record's update."""
        return None if self.record is None else self.record.loss

    @property
    def batch(self) -> tuple[Array, Array] | None:
        """The samples of the record's update."""
        return None if self.record is None else self.record.batch
