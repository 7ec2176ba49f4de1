"""Work: what a worker does of a sweep: trains some of its cells, each to the last bit as it comes out alone."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter

import numpy as np

from quadfit_tui.core.config.parameters import PARAMETERS, ConfigError, RunConfig, check_batch
from quadfit_tui.core.many_runs.side_by_side import COMMON, RunEnd, SideBySide
from quadfit_tui.core.model.problem import Problem, make_problem
from quadfit_tui.core.model.task import Task, make_task
from quadfit_tui.core.session.verdict import standing_of
from quadfit_tui.core.sweep.rows import STATUSES, VERDICTS, Rows
from quadfit_tui.core.sweep.space import Cells, Space
from quadfit_tui.core.text.language import in_english

# What cells have in common that are trained side by side: what their samples are made of, and what SideBySide asks for.
_SHARED = *(name for name, row in PARAMETERS.items() if row.group == "data" and name != "seed"), *COMMON
_shared = attrgetter(*_SHARED)
MOST_PROBLEMS = 64  # that a worker keeps from one chunk to the next
MOST_SAMPLES = 2**21  # of these in all: some 50 MB

_known: tuple[Problem, ...] = ()  # the one that was asked for last comes first


@dataclass(frozen=True)
class Work:
    """A sweep as it is sent to workers; `problem` has the samples that are given, not made from configurations."""

    space: Space
    problem: Problem | None = None

    def in_groups(self, cells: Sequence[int] | Cells) -> Cells:
        """The same cells in an order in which those stand together that are trained side by side."""
        cells = np.asarray(cells, dtype=np.int64)
        by_seed = any(self.space.values("noise")) or any(self.space.values("shuffle"))
        shared = {*_SHARED, "seed"} if by_seed else {*_SHARED}
        places = [place for name, place in self.space.places(cells).items() if name in shared]
        return cells[np.lexsort(places[::-1])] if places else cells

    def train(self, cells: Sequence[int] | Cells) -> Rows:
        """Trains some cells, side by side where they may be; of one that cannot be trained the row says so."""
        rows, errors = Rows.empty(len(cells)), dict[int, str]()
        rows.cell[:] = cells
        for places, tasks in self.groups(cells):
            if isinstance(tasks, ConfigError):
                errors |= dict.fromkeys(rows.cell[places].tolist(), str(tasks))
                continue
            rows.least[places] = tasks[0].trained.least
            for at, end in zip(places, _together(tasks), strict=True):
                rows.status[at] = STATUSES.index(str(end.status))
                rows.verdict[at] = VERDICTS.index(standing_of(tasks[0], end.status, end.w, end.mean_loss))
                rows.epochs[at], rows.updates[at] = end.epochs, end.updates
                rows.mean_loss[at], rows.w[at] = end.mean_loss, end.w
        return replace(rows, errors=errors)

    def task(self, cell: int) -> Task:
        """A cell as a task that is trained alone."""
        config = self.space.config(cell)
        return make_task(config) if self.problem is None else Task(config, self.problem)

    def groups(self, cells: Sequence[int] | Cells) -> Iterator[tuple[list[int], list[Task] | ConfigError]]:
        """Some cells as tasks that are trained side by side, and their places among these; or why they cannot be."""
        configs, groups = self.space.configs(cells), dict[object, list[int]]()
        for at, config in enumerate(configs):
            seed = config.seed if config.noise or config.shuffle else None
            groups.setdefault((seed, *_shared(config)), []).append(at)
        for places in groups.values():
            try:
                with in_english():  # for what is refused stands in files
                    problem = self._problem(configs[places[0]])
            except ConfigError as refused:
                yield places, refused
            else:
                yield places, [Task(configs[at], problem) for at in places]

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


def _together(tasks: list[Task]) -> Iterator[RunEnd]:
    """How tasks end that may go side by side."""
    runs = SideBySide(tasks)
    while not runs.advance(math.inf):
        pass
    for end in runs.ends:
        assert end is not None
        yield end
