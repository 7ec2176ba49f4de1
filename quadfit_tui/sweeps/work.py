"""Work: what a worker does of a sweep: trains some of its cells, each to the last bit as it comes out alone."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from operator import attrgetter

import numpy as np

from quadfit_tui.core.config.parameters import PARAMETERS, ConfigError, RunConfig, check_batch
from quadfit_tui.core.many_runs.side_by_side import COMMON, RunEnd, VectorizedRuns
from quadfit_tui.core.model.problem import MANY, Dataset, make_problem
from quadfit_tui.core.model.task import FitTask, make_task
from quadfit_tui.core.session.verdict import standing_of
from quadfit_tui.core.text.language import in_english
from quadfit_tui.sweeps.rows import STATUSES, VERDICTS, ResultRows
from quadfit_tui.sweeps.space import Cells, Space

# What cells have in common that are trained side by side: what their samples are made of, but for the seed, and what
# VectorizedRuns asks for.
_SHARED = *(name for name, row in PARAMETERS.items() if row.group == "data" and name != "seed"), *COMMON
_shared = attrgetter(*_SHARED)
MOST_PROBLEMS = 4  # that a worker keeps from one chunk to the next: cells of the same samples are neighbors
MOST_SAMPLES = 2**21  # of these in all, and of runs with samples of their own that go side by side: some 50 MB

_known: tuple[Dataset, ...] = ()  # the one that was asked for last comes first


@dataclass(frozen=True)
class SweepJob:
    """A sweep as it is sent to workers; `problem` has the samples that are given, not made from configurations."""

    space: Space
    problem: Dataset | None = None

    def in_groups(self, cells: Sequence[int] | Cells) -> Cells:
        """Sorts cells so that those trained side by side stand together."""
        cells = np.asarray(cells, dtype=np.int64)
        found = self.space.places(cells)
        # Of a group, those of one seed stand together, which have the same samples.
        places = [found[name] for name in (*(name for name in found if name in _SHARED), "seed") if name in found]
        return cells[np.lexsort(places[::-1])] if places else cells

    def train(self, cells: Sequence[int] | Cells) -> ResultRows:
        """Trains some cells, side by side where they may be; of one that cannot be trained the row says so."""
        rows, errors = ResultRows.empty(len(cells)), dict[int, str]()
        rows.cell[:] = cells
        for places, tasks in self.groups(cells):
            if isinstance(tasks, ConfigError):
                errors |= dict.fromkeys(rows.cell[places].tolist(), str(tasks))
                continue
            for at, task, end in zip(places, tasks, _ends(tasks), strict=True):
                rows.status[at] = STATUSES.index(str(end.status))
                rows.verdict[at] = VERDICTS.index(standing_of(task, end.status, end.w, end.mean_loss))
                rows.epochs[at], rows.updates[at] = end.epochs, end.updates
                rows.mean_loss[at], rows.least[at], rows.w[at] = end.mean_loss, task.trained.least, end.w
        return replace(rows, errors=errors)

    def task(self, cell: int) -> FitTask:
        """A cell as a task that is trained alone."""
        config = self.space.config(cell)
        return make_task(config) if self.problem is None else FitTask(config, self.problem)

    def groups(self, cells: Sequence[int] | Cells) -> Iterator[tuple[list[int], list[FitTask] | ConfigError]]:
        """Some cells as tasks that are trained side by side, and their places among these; or why they cannot be."""
        configs, groups = self.space.configs(cells), dict[object, list[int]]()
        for at, config in enumerate(configs):
            # So many samples fill the processor's cache: the runs of other seeds would bring nothing.
            seed = _seed(config) if config.samples > MANY else None
            groups.setdefault((seed, *_shared(config)), []).append(at)
        for places in groups.values():
            is_one_problem = len({_seed(configs[at]) for at in places}) == 1
            most = len(places) if is_one_problem else MOST_SAMPLES // configs[places[0]].samples
            for low in range(0, len(places), most):
                some = places[low : low + most]
                try:
                    with in_english():  # for what is refused stands in files
                        tasks = self._tasks([configs[at] for at in some])
                except ConfigError as refused:
                    yield some, refused
                else:
                    yield some, tasks

    def _tasks(self, configs: list[RunConfig]) -> list[FitTask]:
        """The tasks of configurations that differ in nothing that samples are made of but the seed."""
        problems = dict[int | None, Dataset]()
        for config in configs:
            if _seed(config) not in problems:
                problems[_seed(config)] = self._problem(config)
        return [FitTask(config, problems[_seed(config)]) for config in configs]

    def _problem(self, config: RunConfig) -> Dataset:
        if self.problem is not None:
            check_batch(config, len(self.problem.x))
            return self.problem
        return _remembered(make_problem(config, *_known))


def _remembered(problem: Dataset) -> Dataset:
    """Keeps a problem for the next chunks, in the place of those that were asked for longest ago."""
    global _known
    kept = problem, *(each for each in _known if each is not problem)
    samples = accumulate(len(each.x) for each in kept[:MOST_PROBLEMS])
    _known = kept[: max(1, sum(count <= MOST_SAMPLES for count in samples))]
    return problem


def _seed(config: RunConfig) -> int | None:
    """The seed, if the samples depend on it."""
    return config.seed if config.noise else None


def _ends(tasks: list[FitTask]) -> list[RunEnd]:
    """How tasks end that are trained side by side."""
    runs = VectorizedRuns(tasks)
    while not runs.advance(math.inf):
        pass
    return [end for end in runs.ends if end is not None]
