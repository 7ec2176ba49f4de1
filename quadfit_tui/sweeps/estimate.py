"""How long the runs of a sweep take, by training some of them for a moment."""

from __future__ import annotations

import time

import numpy as np

from quadfit_tui.core.config.parameters import ConfigError
from quadfit_tui.core.many_runs.side_by_side import VectorizedRuns
from quadfit_tui.sweeps.space import Cells
from quadfit_tui.sweeps.work import SweepJob

_TOGETHER = 256  # cells that are neighbors in a chunk, and so trained together
_BUDGET = 0.3  # seconds in all
_PARTS = 4  # of these: so many places at least are looked at


def seconds_a_run(work: SweepJob, cells: Cells) -> float | None:
    """About how many seconds a run takes by one process, at most; None where too little is done for that.

    Neighbors are trained in some places, the same ones each time, for a moment: what they come to by
    then tells how long they take, if none of them ends early.
    """
    cells, first, found = work.in_groups(cells), time.perf_counter(), list[float]()
    places = np.random.default_rng(0).permutation(-(-len(cells) // _TOGETHER)) * _TOGETHER
    for place in places.tolist():
        begun, done = time.perf_counter(), 0.0
        if begun >= first + _BUDGET:
            break
        for _rows, tasks in work.groups(cells[place : place + _TOGETHER]):
            if not isinstance(tasks, ConfigError):
                runs = VectorizedRuns(tasks)
                runs.advance(_BUDGET / _PARTS)
                done += len(tasks) * runs.share
            if time.perf_counter() >= begun + _BUDGET / _PARTS:
                break
        if done:
            found.append((time.perf_counter() - begun) / done)
    return float(np.mean(found)) if found else None
