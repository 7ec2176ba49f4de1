"""A run done to its end, as the session does it, to the last bit: how it comes out."""

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

AT_ONCE = 256  # epochs whose mean losses are looked at together


class RunOutcome(NamedTuple):
    """How a run came out: after how many epochs, with which mean loss, inf if its numbers overflowed.

    `converged`: its rule stopped it with a mean loss below tol. Of a run that no rule stops: the mean loss is below tol
    in the end, and was so for the first time after `epochs` epochs. `status` is None of such a run that there was no
    time to see the end of, after that; `mean_loss` is then that of where it was left.
    """

    status: Status | None
    epochs: int
    mean_loss: float
    converged: bool


def whole_run(task: FitTask, goes_on: Callable[[], bool]) -> RunOutcome | None:
    """Does a run as long as it `goes_on`; None where that is not long enough."""
    run, goal, tol, below = Timeline(task), Position(task.config.epochs, 0), task.config.tol, None
    while not run.at_end and goes_on():
        records, done = RecordLog(), run.position.epoch
        while not run.at_end and goes_on() and len(records) < AT_ONCE:
            check_cancelled()
            run.approach(goal, records)
        if below is None and STOP_RULES[task.config.stop_on].judged is None:
            near = np.flatnonzero(task.trained.mean_losses(records.column("trained_w")) < tol)
            below = done + 1 + int(near[0]) if len(near) else None
    status = None if run.end is None else run.end.status
    mean_loss = math.inf if run.trainer.overflowed else run.trainer.mean_loss
    if below is not None and mean_loss < tol:
        return RunOutcome(status, below, mean_loss, True)
    if status is None:
        return None
    return RunOutcome(status, run.position.epoch, mean_loss, status is Status.CONVERGED and mean_loss < tol)
