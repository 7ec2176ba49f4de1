"""What the runs of a map come to by doing them, side by side: where no algebra tells it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.many_runs.side_by_side import SideBySide
from quadfit_tui.core.model.task import Task
from quadfit_tui.core.rate_map.rate_map import Figure, Outcome, least_told
from quadfit_tui.core.training.status import Status

SLICE = 0.01  # seconds of work at a time
MADE = 32  # tasks at a time
Ended = Callable[[int, Outcome, float], None]  # told of a run by its number: what it comes to, and its figure or nan


def do_runs(task: Task, configs: list[RunConfig], figure: Figure, ended: Ended) -> Iterator[float]:
    """Does the runs of these configurations of a task, piece by piece; tells of each as soon as it has ended.

    A run that nothing stops is below tol after the first epoch with such a mean loss: it is followed as far as that.
    """
    if not configs:
        return
    tasks = list[Task]()
    for low in range(0, len(configs), MADE):
        for config in configs[low : low + MADE]:
            stops = figure is Figure.ENDS and config.stop_on == "never"
            tasks.append(Task(config.replace(stop_on="dataset") if stops else config, task.problem))
        yield 0.0
    runs, told, over = SideBySide(tasks), np.zeros(len(tasks), dtype=np.bool_), False
    while not over:
        over = runs.advance(SLICE)
        for run in np.flatnonzero(~told).tolist():
            end = runs.ends[run]
            if end is not None:
                told[run] = True
                below = end.status is Status.CONVERGED
                ended(run, *outcome_of(below, end.epochs, end.mean_loss, task, figure))
        yield runs.share


def outcome_of(below: bool, epochs: int, mean_loss: float, task: Task, figure: Figure) -> tuple[Outcome, float]:
    """What a run comes to that ended with this mean loss, inf where it diverged; and its figure, or nan."""
    if not below and not mean_loss <= max(task.loss_at_start, task.trained.least):
        return Outcome.DIVERGES, math.nan
    if figure is Figure.SETTLES:
        return Outcome.CONVERGES, mean_loss / least_told(task.trained)
    return (Outcome.CONVERGES, float(epochs)) if below else (Outcome.UNFINISHED, math.nan)
