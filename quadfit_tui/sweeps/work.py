"""SweepJob: trains some cells of a sweep side by side in a worker, each to the same bits as alone."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from operator import attrgetter

import numpy as np

from quadfit_tui.core.config.parameters import PARAMETERS, ConfigError, RunConfig, check_batch
from quadfit_tui.core.many_runs.side_by_side import COMMON, RunEnd, VectorizedRuns
from quadfit_tui.core.model.problem import SUMS_FROM, Dataset, make_dataset
from quadfit_tui.core.model.task import FitTask, make_task
from quadfit_tui.core.session.verdict import standing_of
from quadfit_tui.core.text.language import in_english
from quadfit_tui.sweeps.rows import STATUSES, VERDICTS, ResultRows
from quadfit_tui.sweeps.space import Cells, Space

# Cells that are trained side by side share these values: those that make their samples, except the seed, and those that
# VectorizedRuns requires.
_SHARED = *(name for name, row in PARAMETERS.items() if row.group == "data" and name != "seed"), *COMMON
_shared = attrgetter(*_SHARED)
MOST_PROBLEMS = 4  # datasets that a worker caches between chunks: cells of the same samples are neighbors
MOST_SAMPLES = 2**21  # in the cache, and in runs side by side that have samples of their own: some 50 MB

_known: tuple[Dataset, ...] = ()  # the cache of datasets, the most recently used one first


@dataclass(frozen=True)
class SweepJob:
    """A sweep as it is sent to workers; `problem` has the samples of all cells, None if configurations make them."""

    space: Space
    problem: Dataset | None = None

    def in_groups(self, cells: Sequence[int] | Cells) -> Cells:
        """Sorts cells so that those trained side by side stand together."""
        cells = np.asarray(cells, dtype=np.int64)
        places = self.space.places(cells)
        # The seed comes last: within a group, cells of one seed have the same samples.
        keys = [places[name] for name in places if name in _SHARED]
        if "seed" in places:
            keys.append(places["seed"])
        return cells[np.lexsort(keys[::-1])] if keys else cells

    def train(self, cells: Sequence[int] | Cells) -> ResultRows:
        """Trains some cells, side by side if possible, and returns their rows; a cell that cannot be trained fails."""
        rows, errors = ResultRows.empty(len(cells)), dict[int, str]()
        rows.cell[:] = cells
        for places, tasks in self.groups(cells):
            if isinstance(tasks, ConfigError):
                errors |= dict.fromkeys(rows.cell[places].tolist(), str(tasks))
                continue
            for index, task, end in zip(places, tasks, _ends(tasks), strict=True):
                rows.status[index] = STATUSES.index(str(end.status))
                rows.verdict[index] = VERDICTS.index(standing_of(task, end.status, end.w, end.mean_loss))
                rows.epochs[index], rows.updates[index] = end.epochs, end.updates
                rows.mean_loss[index], rows.least[index], rows.w[index] = end.mean_loss, task.trained.least, end.w
        return replace(rows, errors=errors)

    def task(self, cell: int) -> FitTask:
        """Makes the task of one cell, to train it alone; loads its samples if the sweep has none for all cells."""
        config = self.space.config(cell)
        return make_task(config) if self.problem is None else FitTask(config, self.problem)

    def groups(self, cells: Sequence[int] | Cells) -> Iterator[tuple[list[int], list[FitTask] | ConfigError]]:
        """Yields groups of cells that can be trained side by side: their indices, and their tasks or the error."""
        configs, groups = self.space.configs(cells), dict[object, list[int]]()
        for index, config in enumerate(configs):
            # Many samples fill the processor's cache alone, so runs of other seeds beside them would gain nothing.
            seed = _seed(config) if config.samples > SUMS_FROM else None
            groups.setdefault((seed, *_shared(config)), []).append(index)
        for places in groups.values():
            is_one_problem = len({_seed(configs[index]) for index in places}) == 1
            most = len(places) if is_one_problem else MOST_SAMPLES // configs[places[0]].samples
            for low in range(0, len(places), most):
                some = places[low : low + most]
                try:
                    with in_english():  # files have the reasons of failures in English
                        tasks = self._tasks([configs[index] for index in some])
                except ConfigError as refused:
                    yield some, refused
                else:
                    yield some, tasks

    def _tasks(self, configs: list[RunConfig]) -> list[FitTask]:
        """Makes the tasks of configurations whose samples differ at most by the seed; makes those of a seed once."""
        problems = dict[int | None, Dataset]()
        for config in configs:
            if _seed(config) not in problems:
                problems[_seed(config)] = self._problem(config)
        return [FitTask(config, problems[_seed(config)]) for config in configs]

    def _problem(self, config: RunConfig) -> Dataset:
        """Returns the samples of a configuration, from the sweep or the cache if possible; raises ConfigError."""
        if self.problem is not None:
            check_batch(config, len(self.problem.x))
            return self.problem
        return _remembered(make_dataset(config, *_known))


def _remembered(problem: Dataset) -> Dataset:
    """Caches a dataset for later chunks, dropping the least recently used ones; returns it."""
    global _known
    recent = problem, *(cached for cached in _known if cached is not problem)
    samples = accumulate(len(cached.x) for cached in recent[:MOST_PROBLEMS])
    _known = recent[: max(1, sum(count <= MOST_SAMPLES for count in samples))]
    return problem


def _seed(config: RunConfig) -> int | None:
    """Returns the seed if the samples depend on it, else None."""
    return config.seed if config.noise else None


def _ends(tasks: list[FitTask]) -> list[RunEnd]:
    """Trains tasks side by side to their ends; returns how each of them ended."""
    runs = VectorizedRuns(tasks)
    while not runs.advance(math.inf):
        pass
    return [end for end in runs.ends if end is not None]
