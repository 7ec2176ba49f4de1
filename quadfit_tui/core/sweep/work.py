"""Work: what a worker does of a sweep: trains some of its cells, each to the last bit as it comes out alone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter

import numpy as np

from quadfit_tui.core.config.parameters import PARAMETERS, ConfigError, RunConfig, check_batch
from quadfit_tui.core.many_runs.side_by_side import COMMON, SideBySide
from quadfit_tui.core.model.problem import Problem, make_problem
from quadfit_tui.core.model.task import Task
from quadfit_tui.core.sweep.rows import STATUSES, Rows
from quadfit_tui.core.sweep.space import Cells, Space

# What cells have in common that are trained side by side: what their samples are made of, and what SideBySide asks for.
_NAMES = [name for name, row in PARAMETERS.items() if row.group == "data" and name != "seed"]
_SHARED = attrgetter(*_NAMES, *COMMON)
MOST_PROBLEMS = 64  # that a worker keeps from one chunk to the next
MOST_SAMPLES = 2**21  # of these in all: some 50 MB

_known: tuple[Problem, ...] = ()  # the one that was asked for last comes first


@dataclass(frozen=True)
class Work:
    """A sweep as it is sent to workers; `problem` has the samples that are given, not made from configurations."""

    space: Space
    problem: Problem | None = None

    def train(self, cells: Sequence[int] | Cells) -> Rows:
        """Trains some cells, side by side where they may be; of one that cannot be trained the row says so."""
        configs, groups, errors = self.space.configs(cells), dict[object, list[int]](), dict[int, str]()
        for at, config in enumerate(configs):
            seed = config.seed if config.noise or config.shuffle else None
            groups.setdefault((seed, *_SHARED(config)), []).append(at)
        rows = Rows.empty(len(configs))
        rows.cell[:] = cells
        for places in groups.values():
            try:
                problem = self._problem(configs[places[0]])
            except ConfigError as refused:
                errors |= dict.fromkeys(rows.cell[places].tolist(), str(refused))
            else:
                _train([Task(configs[at], problem) for at in places], rows, places)
        return Rows(**{**vars(rows), "errors": errors})

    def _problem(self, config: RunConfig) -> Problem:
        if self.problem is not None:
            check_batch(config, len(self.problem.x))
            return self.problem
        return _remembered(make_problem(config, *_known))


def _remembered(problem: Problem) -> Problem:
    """Keeps a problem for the next chunks, in the place of those that were asked for longest ago."""
    global _known
    kept = problem, *(each for each in _known if each is not problem)
    samples = np.cumsum([len(each.x) for each in kept])
    _known = kept[: max(1, min(MOST_PROBLEMS, int(np.searchsorted(samples, MOST_SAMPLES, "right"))))]
    return problem


def _train(tasks: list[Task], rows: Rows, places: list[int]) -> None:
    """Trains tasks that may go side by side; how each ended is written into its row."""
    runs = SideBySide(tasks)
    while not runs.advance(math.inf):
        pass
    for at, end in zip(places, runs.ends, strict=True):
        assert end is not None
        rows.status[at] = STATUSES.index(str(end.status))
        rows.epochs[at], rows.updates[at] = end.epochs, end.updates
        rows.mean_loss[at], rows.w[at] = end.mean_loss, end.w
    rows.least[places] = tasks[0].trained.least
