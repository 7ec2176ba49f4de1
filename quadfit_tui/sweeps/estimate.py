"""How long the runs of a sweep take, by training some of them for a moment."""

from __future__ import annotations

import time

import numpy as np

from quadfit_tui.core.config.parameters import ConfigError
from quadfit_tui.core.many_runs.side_by_side import VectorizedRuns
from quadfit_tui.sweeps.space import Cells
from quadfit_tui.sweeps.work import SweepJob

_TOGETHER = 256  # neighboring cells that are trained together, as in a chunk
_BUDGET = 0.3  # seconds in all
_PARTS = 4  # the budget is split into so many parts, each for one batch of neighbors


def seconds_a_run(work: SweepJob, cells: Cells) -> float | None:
    """Estimates the seconds that one process takes for a run, at most; None if too little was trained for that.

    Trains neighboring cells for a moment, at some random places, the same ones each time: the share that is done by
    then gives the time of the whole, if none of them ends early.
    """
    cells, start, estimates = work.in_groups(cells), time.perf_counter(), list[float]()
    places = np.random.default_rng(0).permutation(-(-len(cells) // _TOGETHER)) * _TOGETHER
    for place in places.tolist():
        begun, done = time.perf_counter(), 0.0
        if begun >= start + _BUDGET:
            break
        for _rows, tasks in work.groups(cells[place : place + _TOGETHER]):
            if not isinstance(tasks, ConfigError):
                runs = VectorizedRuns(tasks)
                runs.advance(_BUDGET / _PARTS)
                done += len(tasks) * runs.share
            if time.perf_counter() >= begun + _BUDGET / _PARTS:
                break
        if done:
            estimates.append((time.perf_counter() - begun) / done)
    return float(np.mean(estimates)) if estimates else None
