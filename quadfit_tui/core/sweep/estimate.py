"""How long the runs of a sweep take, by training some of them for a moment."""

from __future__ import annotations

import time

import numpy as np

from quadfit_tui.core.model.cancellation import WorkCancelledError, cancel_unless
from quadfit_tui.core.sweep.space import Cells
from quadfit_tui.core.sweep.work import Work

TOGETHER = 64  # neighbors, which are trained together, as they are in a sweep


def seconds_a_run(work: Work, cells: Cells, budget: float = 0.3) -> float | None:
    """About how many seconds a run takes by one process; None where none of them is done within the budget.

    Neighbors are trained from places drawn at random, the same ones each time, for about `budget` seconds.
    """
    first, trained, spent = time.perf_counter(), 0, 0.0
    places = np.random.default_rng(0).permutation(-(-len(cells) // TOGETHER)) * TOGETHER
    with cancel_unless(lambda: time.perf_counter() < first + budget):
        for place in places.tolist():
            try:
                trained += len(work.train(cells[place : place + TOGETHER]))
            except WorkCancelledError:
                break
            spent = time.perf_counter() - first
            if spent >= budget:
                break
    return spent / trained if trained else None
