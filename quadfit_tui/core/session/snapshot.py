"""Snapshot: all that a front end sees of a session at a moment."""

from __future__ import annotations

from dataclasses import dataclass

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.model.parabola import Array
from quadfit_tui.core.model.problem import Problem, trained
from quadfit_tui.core.session.playback import Unit
from quadfit_tui.core.training.position import Position
from quadfit_tui.core.training.record import Record
from quadfit_tui.core.training.status import Status


@dataclass(frozen=True, eq=False)
class Snapshot:
    """All that is to be known of a run at one moment.

    `run` is its number. `epoch` is the number of whole epochs done, `update` the updates done since, `updates` all of
    them: the position that is visited. `newest` is how far the run was ever trained, `goal` where a step or a jump is
    on its way to. `lr` belongs to the epoch in progress, or to the last one of a run that has ended. `record` tells of
    the update before this moment, None at the start; `gradient` and `loss` are its, `batch` are its samples (x, y). `w`
    is always finite; where the features are scaled it is in x all the same, and `scaled_w` is w in z, as trained. Then
    `gradient` is by the parameters in z. `speed` counts the `unit` by which it plays.
    """

    run: int
    status: Status
    config: RunConfig
    problem: Problem
    epoch: int
    update: int
    updates_per_epoch: int
    updates: int
    lr: float
    newest: Position
    goal: Position | None
    record: Record | None
    w: Array
    mean_loss: float
    unit: Unit
    speed: int | None
    scaled_w: Array | None = None

    @property
    def trained(self) -> Problem:
        """What is trained on: the problem itself or, where the features are scaled, the one in z."""
        return trained(self.config, self.problem)

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
