"""Work: what a worker does of a sweep: trains some of its cells, each to the last bit as it comes out alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from quadfit_tui.core.config.parameters import ConfigError
from quadfit_tui.core.model.problem import Problem
from quadfit_tui.core.model.task import Task, make_task
from quadfit_tui.core.sweep.rows import STATUSES, Rows
from quadfit_tui.core.sweep.space import Space
from quadfit_tui.core.training.position import Position
from quadfit_tui.core.training.record_log import RecordLog
from quadfit_tui.core.training.status import Status
from quadfit_tui.core.training.timeline import Timeline


@dataclass(frozen=True)
class Work:
    """A sweep as it is sent to workers; `problem` has the samples that are given, not made from configurations."""

    space: Space
    problem: Problem | None = None

    def train(self, cells: Sequence[int]) -> Rows:
        """Trains some cells; of one that cannot be trained the row says so."""
        return Rows.joined([self._alone(int(cell)) for cell in cells])

    def _alone(self, cell: int) -> Rows:
        try:
            config = self.space.config(cell)
            task = make_task(config) if self.problem is None else Task(config, self.problem)
        except ConfigError as refused:
            return Rows.failed([cell], str(refused))
        run = Timeline(task)
        while not run.at_end:
            run.approach(Position(config.epochs, 0), RecordLog())
        assert run.end is not None
        rows, status = Rows.empty(1), run.end.status
        rows.cell[0], rows.status[0] = cell, STATUSES.index(str(status))
        rows.epochs[0] = run.position.epoch
        rows.updates[0] = run.position.epoch * task.updates_per_epoch
        rows.least[0] = task.trained.least
        if status is Status.DIVERGED:
            rows.mean_loss[0] = np.inf
        else:
            rows.mean_loss[0], rows.w[0] = run.trainer.mean_loss, task.to_x(run.trainer.trained_w)
        return rows
