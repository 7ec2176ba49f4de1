"""Trains a whole run as the session would, to the last bit, and returns how it comes out."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from quadfit_tui.core.methods.stopping import STOP_RULES
from quadfit_tui.core.model.cancellation import check_cancelled
from quadfit_tui.core.model.task import FitTask
from quadfit_tui.core.training.position import Position
from quadfit_tui.core.training.record_log import RecordLog
from quadfit_tui.core.training.status import Status
from quadfit_tui.core.training.timeline import Timeline

AT_ONCE = 256  # number of epochs whose mean losses are computed together


class RunOutcome(NamedTuple):
    """The outcome of a whole run: its status, the epochs done, and its mean loss, inf if its numbers overflowed.

    `converged`: its rule stopped it with a mean loss below tol. For a run that no rule stops: the mean loss is below
    tol in the end, and was so for the first time after `epochs` epochs. `status` is None if there was no time to see
    the end of such a run after that; `mean_loss` is then the last one computed.
    """

    status: Status | None
    epochs: int
    mean_loss: float
    converged: bool


def whole_run(task: FitTask, goes_on: Callable[[], bool]) -> RunOutcome | None:
    """Trains a run to its end as long as `goes_on` returns True; returns its outcome, or None if that is too short."""
    run, goal, tol, below = Timeline(task), Position(task.config.epochs, 0), task.config.tol, None
    while not run.at_end and goes_on():
        records, epoch = RecordLog(), run.position.epoch
        while not run.at_end and goes_on() and len(records) < AT_ONCE:
            check_cancelled()
            run.approach(goal, records)
        if below is None and STOP_RULES[task.config.stop_on].select_loss is None:
            near = np.flatnonzero(task.trained.mean_losses(records.column("trained_w")) < tol)
            below = epoch + 1 + int(near[0]) if len(near) else None
    status = None if run.end is None else run.end.status
    mean_loss = math.inf if run.trainer.overflowed else run.trainer.mean_loss
    if below is not None and mean_loss < tol:
        return RunOutcome(status, below, mean_loss, True)
    if status is None:
        return None
    return RunOutcome(status, run.position.epoch, mean_loss, status is Status.CONVERGED and mean_loss < tol)
