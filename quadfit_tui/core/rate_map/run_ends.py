"""Trains the runs of a map side by side, to find how they end if no algebra can tell."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.many_runs.side_by_side import RunEnd, VectorizedRuns
from quadfit_tui.core.model.task import FitTask
from quadfit_tui.core.rate_map.rate_map import CellOutcome, Figure, least_shown
from quadfit_tui.core.training.status import Status

SLICE = 0.01  # seconds of work between two yields
MADE = 32  # tasks that are made between two yields


class CellEnd(NamedTuple):
    """The end of a run of a map: its outcome, its figure (nan unless it converges), epochs done and mean loss.

    If nothing stops the run, `epochs` are those after which it was first below tol, if it still is in the end.
    """

    outcome: CellOutcome
    value: float
    epochs: int
    mean_loss: float


Report = Callable[[int, CellEnd], None]  # called with the number of a run and its end


def train_runs(task: FitTask, configs: list[RunConfig], figure: Figure, report: Report) -> Iterator[float]:
    """Trains the runs of these configurations of a task piece by piece; reports each one as soon as it has ended.

    Yields the share of the work done. For *ends*, a run that nothing stops is trained twice: up to the first epoch with
    a mean loss below tol, and, if there is one, to its end.
    """
    looks_twice = figure is Figure.ENDS and task.config.stop_on == "never"
    crossed = dict[int, int]()  # the number of epochs until a run was first below tol

    def first_pass(run: int, end: RunEnd) -> None:
        if end.status is Status.CONVERGED:
            crossed[run] = end.epochs
        else:
            report(run, cell_end(task, end.status, end.epochs, end.mean_loss, figure))

    def last_pass(run: int, end: RunEnd) -> None:
        epochs = crossed.get(run, end.epochs) if end.mean_loss < task.config.tol else end.epochs
        report(run, cell_end(task, end.status, epochs, end.mean_loss, figure))

    if looks_twice:
        stopped = [config.replace(stop_on="dataset") for config in configs]
        for share in _side_by_side(task, dict(enumerate(stopped)), first_pass):
            yield share / 2
        for share in _side_by_side(task, {run: configs[run] for run in sorted(crossed)}, last_pass):
            yield 0.5 + share / 2
    else:
        yield from _side_by_side(task, dict(enumerate(configs)), last_pass)


def _side_by_side(
    task: FitTask, configs: dict[int, RunConfig], report: Callable[[int, RunEnd], None]
) -> Iterator[float]:
    """Trains numbered configurations side by side; reports the end of each under its number."""
    numbers, tasks = [*configs], list[FitTask]()
    for low in range(0, len(numbers), MADE):
        tasks += [FitTask(configs[run], task.problem) for run in numbers[low : low + MADE]]
        yield 0.0
    if not tasks:
        return
    runs, reported, over = VectorizedRuns(tasks), np.zeros(len(tasks), dtype=np.bool_), False
    while not over:
        over = runs.advance(SLICE)
        for index in np.flatnonzero(~reported).tolist():
            end = runs.ends[index]
            if end is not None:
                reported[index] = True
                report(numbers[index], end)
        yield runs.share


def cell_end(task: FitTask, status: Status, epochs: int, mean_loss: float, figure: Figure) -> CellEnd:
    """Returns the CellEnd of a run that ended so; `task` has the same samples, batches and epochs as the run."""
    outcome, value = CellOutcome.UNFINISHED, math.nan
    if status is Status.DIVERGED:
        outcome = CellOutcome.DIVERGES
    elif status is Status.CONVERGED and not mean_loss < task.config.tol:
        outcome = CellOutcome.STOPS_EARLY
    elif figure is Figure.ENDS and mean_loss < task.config.tol:
        outcome, value = CellOutcome.CONVERGES, float(epochs)
    elif figure is Figure.SETTLES and mean_loss <= max(task.loss_at_start, task.trained.least):
        outcome, value = CellOutcome.CONVERGES, mean_loss / least_shown(task.trained)
    return CellEnd(outcome, value, epochs, mean_loss)
