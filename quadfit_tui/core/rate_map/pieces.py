"""Computes a map piece by piece: coarse first, then the cells around the cursor, then all others."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.methods.optimizers import OPTIMIZERS
from quadfit_tui.core.methods.schedules import SCHEDULES
from quadfit_tui.core.model.array import Array
from quadfit_tui.core.model.cancellation import check_cancelled
from quadfit_tui.core.model.incremental_job import JobSteps, Result, map_progress
from quadfit_tui.core.model.parabola import distinct, residuals
from quadfit_tui.core.model.problem import Stream, generator
from quadfit_tui.core.model.task import FitTask
from quadfit_tui.core.rate_map.axes import (
    factors_of,
    group_rows,
    levels_of,
    plain_limit,
    reach,
    rounded_rates,
    updates_of,
)
from quadfit_tui.core.rate_map.epoch_factor import (
    EpochFactors,
    UpdateCoefficients,
    as_part,
    composed_epoch,
    directions,
    factors_of_maps,
    factors_of_orders,
    fixed_points,
)
from quadfit_tui.core.rate_map.epochs_needed import RunEnds, ends_of_runs
from quadfit_tui.core.rate_map.rate_map import (
    CellOutcome,
    Figure,
    RateMap,
    Up,
    edges_of,
    figures_of,
    least_shown,
    ups_of,
    uses_algebra,
)
from quadfit_tui.core.rate_map.run_ends import CellEnd, cell_end, train_runs
from quadfit_tui.core.text.language import _

SIZE = (120, 40)  # columns and rows
CHUNK = 768  # number of cells that are computed together: their arrays stay in the cache
RUNS = 512  # number of cells whose runs are trained together: setting up more would be a long slice
NEAR = 32  # number of cells around the wanted one that are computed first, if runs are trained
COARSE = 4  # every fourth cell of every fourth row comes first
MOST_WORK = 1e9  # maximum of cells times updates
FEW_ORDERS, MANY_ORDERS = 8, 64  # numbers of epochs that estimate how a distance grows: far from the border, near it
CLOSE = 2  # times the noise: so close to the border, few epochs leave its side in doubt
Nearby = Callable[[], tuple[int, int] | None]


class _CellBatch(NamedTuple):
    """Cells that are computed together: rows and columns, each of shape (C,).

    Their runs have the samples, batches and features of `task`.
    """

    task: FitTask
    rows: NDArray[np.intp]
    columns: NDArray[np.intp]

    def part(self, chosen: NDArray[np.generic]) -> _CellBatch:
        """Returns the cells that an index or a mask chooses."""
        return _CellBatch(self.task, self.rows[chosen], self.columns[chosen])


def whole_map(
    task: FitTask, up: Up | None = None, figure: Figure | None = None, size: tuple[int, int] = SIZE
) -> RateMap:
    """Computes the whole map of a run, of at most `size` columns and rows, however long it takes."""
    *_earlier, rate_map = map_pieces(task, up, figure, size)
    return rate_map


def map_pieces(
    task: FitTask,
    up: Up | None = None,
    figure: Figure | None = None,
    size: tuple[int, int] = SIZE,
    first: Nearby = lambda: None,
) -> Iterator[RateMap]:
    """Yields ever fuller maps of a run, each after some 20 ms of work at most; the last one has share 1.0.

    `up` and `figure` default to the first ones that the run has. `first` is called for the cell, row and column, that
    is wanted soon. Raises WorkCancelledError if nobody waits for the map any more.
    """
    up = up or ups_of(task.config)[0]
    figure = figure or figures_of(task.config, up)[0]
    levels, bound = levels_of(task, up, size[1]), plain_limit(task)
    empty = _empty(task, up, figure, rounded_rates(bound / 1000, bound * 2, size[0]), levels)
    if refusal := _refusal(empty):
        yield replace(empty, share=1.0, refusal=refusal)
        return
    low, high = yield from _with_maps(reach(task, up, levels), lambda _share: empty)
    job = _MapJob(_empty(task, up, figure, rounded_rates(low, high, size[0]), levels))
    while job.waiting:
        cells = job.next_cells(first())
        yield from _with_maps(job.compute(cells), job.map_at)
        job.done += job.effort(cells)
        if job.waiting:
            yield job.map_at(0.0)
    yield replace(job.rate_map, share=1.0)


def _with_maps(work: JobSteps[Result], show: Callable[[float], RateMap]) -> Generator[RateMap, None, Result]:
    """Runs a job; yields a map after each piece of work, which `show` makes from the share done."""

    def checked(share: float) -> RateMap:
        check_cancelled()
        return show(share)

    return map_progress(work, checked)


def _empty(task: FitTask, up: Up, figure: Figure, rates: Array, levels: Array) -> RateMap:
    """Returns a map of which no cell is known."""
    shape = len(levels), len(rates)
    outcomes = np.zeros(shape, dtype=np.int8)
    unknown = np.full(shape, math.nan)
    epochs = np.zeros(shape, dtype=np.intp)
    for array in (rates, levels, outcomes, unknown, epochs):
        array.flags.writeable = False
    return RateMap(task, up, figure, rates, levels, outcomes, unknown, unknown, epochs, unknown, 0.0, ())


def _effort(task: FitTask, figure: Figure) -> int:
    """Returns the work for one cell: the number of updates, or of epochs by a map."""
    config, updates, mixed = task.config, task.updates_per_epoch, _is_mixed(task)
    if uses_algebra(config, figure):
        return updates * (FEW_ORDERS if mixed else 1)
    if mixed or not _has_maps(config):
        return updates * config.epochs
    lasts = min(config.epochs, SCHEDULES[config.schedule].plateau_epochs(config, 0) + 1)
    return updates * -(-config.epochs // lasts) + config.epochs


def _has_maps(config: RunConfig) -> bool:
    """Returns whether the maps of its epochs can tell how a run ends."""
    is_affine = OPTIMIZERS[config.optimizer].is_affine and config.round_epochs is None
    return is_affine and config.stop_on != "last-update"


def _is_mixed(task: FitTask) -> bool:
    """Returns whether the samples of each batch change from epoch to epoch."""
    return task.config.shuffle and not task.is_full_batch


def _refusal(rate_map: RateMap) -> str:
    """Returns why a map cannot be computed, or an empty string if it can."""
    groups = group_rows(rate_map.task, rate_map.up, rate_map.levels)
    work = sum(len(group.rows) * len(rate_map.rates) * _effort(group.task, rate_map.figure) for group in groups)
    if work <= MOST_WORK:
        return ""
    if rate_map.up is not Up.BATCH and not rate_map.task.is_full_batch:
        return _("This map takes more than a billion updates: try batch full")
    if uses_algebra(rate_map.task.config, rate_map.figure):
        return _("This map takes more than a billion updates: try fewer samples")
    return _("This map takes more than a billion updates: try fewer epochs")


class _MapJob:
    """A map that is being computed: `rate_map` is what is known of it, `waiting` are the cells that are not.

    `done` is the work done, as `effort` counts it.
    """

    def __init__(self, empty: RateMap) -> None:
        self.rate_map, self.waiting, self.done = empty, _chunks(empty), 0
        self._total = sum(map(self.effort, self.waiting))

    def effort(self, cells: _CellBatch) -> int:
        """Returns the work for these cells: the number of updates, or of epochs by a map."""
        return len(cells.rows) * _effort(cells.task, self.rate_map.figure)

    def map_at(self, part: float) -> RateMap:
        """Returns the map as far as it is known; `part` is the share done of the work on the present cells."""
        now = self._total - self.done - sum(map(self.effort, self.waiting))
        return replace(self.rate_map, share=min((self.done + part * now) / self._total, 0.999))

    def next_cells(self, wanted: tuple[int, int] | None) -> _CellBatch:
        """Removes and returns the cells to compute next: those with the wanted cell, else the first ones."""
        if wanted is None or self.rate_map.outcomes[wanted] != CellOutcome.UNKNOWN:
            return self.waiting.pop(0)
        row, column = wanted
        chunks = enumerate(self.waiting)
        index = next(index for index, cells in chunks if ((cells.rows == row) & (cells.columns == column)).any())
        cells = self.waiting.pop(index)
        if uses_algebra(cells.task.config, self.rate_map.figure) or len(cells.rows) <= NEAR:
            return cells
        nearest = np.argsort(np.abs(cells.rows - row) + np.abs(cells.columns - column), kind="stable")
        self.waiting.insert(index, cells.part(np.sort(nearest[NEAR:])))
        return cells.part(nearest[:NEAR])

    def compute(self, cells: _CellBatch) -> JobSteps[None]:
        """Computes these cells, by algebra or by training their runs; yields the share done."""
        rate_map, task = self.rate_map, cells.task
        if not uses_algebra(task.config, rate_map.figure):
            yield from self._compute_ends(cells)
            return
        updates = updates_of(task, rate_map.rates[cells.columns], rate_map.levels[cells.rows], rate_map.up)
        ratios = None
        if rate_map.figure is Figure.SETTLES:
            known, ratios = yield from _settling_factors(task, updates)
        elif _is_mixed(task):
            known = yield from _mixed_factors(task, updates)
        else:
            known = yield from factors_of(task, updates)
        outcomes = np.where(known.logs < 0, CellOutcome.CONVERGES, CellOutcome.DIVERGES).astype(np.int8)
        outcomes[np.abs(known.logs) <= known.noise] = CellOutcome.UNCERTAIN
        with np.errstate(all="ignore"):
            values = math.log(10) / -known.logs if ratios is None else ratios
            values = np.where(outcomes == CellOutcome.CONVERGES, values, math.nan)
            self._store(cells, outcomes=outcomes, values=values, factors=np.exp(known.logs))

    def _compute_ends(self, cells: _CellBatch) -> JobSteps[None]:
        """Computes how the runs of these cells end: by the maps of their epochs if that is sure, else by training."""
        rate_map, count = self.rate_map, len(cells.rows)
        ends = {
            "outcomes": np.zeros(count, dtype=np.int8),
            "values": np.full(count, math.nan),
            "epochs": np.zeros(count, dtype=np.intp),
            "mean_losses": np.full(count, math.nan),
        }
        wanted = np.arange(count)

        def report(run: int, end: CellEnd) -> None:
            for array, value in zip(ends.values(), end, strict=True):
                array[wanted[run]] = value

        if _has_maps(cells.task.config):
            known = yield from _ends(rate_map, cells)
            for run in np.flatnonzero(known.sure).tolist():
                status, epochs, mean_loss = known.end(run, cells.task)
                report(run, cell_end(cells.task, status, epochs, mean_loss, rate_map.figure))
            wanted = np.flatnonzero(~known.sure)
            self._store(cells, **ends)
        positions = zip(cells.rows[wanted].tolist(), cells.columns[wanted].tolist(), strict=True)
        configs = [rate_map.config(row, column) for row, column in positions]
        for part in train_runs(cells.task, configs, rate_map.figure, report):
            if (ends["outcomes"] != self.rate_map.outcomes[cells.rows, cells.columns]).any():
                self._store(cells, **ends)
            yield part

    def _store(self, cells: _CellBatch, **arrays: NDArray[Any]) -> None:
        """Stores the results of these cells; keyword arguments name the arrays of a RateMap."""
        rate_map, updated = self.rate_map, dict[str, NDArray[Any]]()
        for name, values in arrays.items():
            updated[name] = getattr(rate_map, name).copy()
            updated[name][cells.rows, cells.columns] = values
            updated[name].flags.writeable = False
        changes: dict[str, Any] = {**updated, "edges": edges_of(updated["values"], rate_map.figure)}
        self.rate_map = replace(rate_map, **changes)


def _chunks(rate_map: RateMap) -> list[_CellBatch]:
    """Splits all cells into batches, in the order of their computation: a coarse map first, if it is worth it."""
    columns = np.arange(len(rate_map.rates))
    whole, coarse, fine = list[_CellBatch](), list[_CellBatch](), list[_CellBatch]()
    for task, rows in group_rows(rate_map.task, rate_map.up, rate_map.levels):
        row, column = (array.ravel() for array in np.meshgrid(rows, columns, indexing="ij"))
        cells, effort = _CellBatch(task, row, column), _effort(task, rate_map.figure)
        if effort == 1:
            whole.append(cells)
            continue
        is_coarse = (np.searchsorted(rows, row) % COARSE == min(COARSE, len(rows)) // 2) & (
            column % COARSE == COARSE // 2
        )
        most = CHUNK if uses_algebra(task.config, rate_map.figure) else RUNS
        for part, some in ((coarse, is_coarse), (fine, ~is_coarse)):
            chosen = np.flatnonzero(some)
            part += [cells.part(chosen[low : low + most]) for low in range(0, len(chosen), most)]
    return [*whole, *coarse, *fine]


def _ends(rate_map: RateMap, cells: _CellBatch) -> JobSteps[RunEnds]:
    """Computes how the runs of these cells end, by the maps of their epochs."""
    config, rates, levels = cells.task.config, rate_map.rates[cells.columns], rate_map.levels[cells.rows]
    decays = distinct(levels) if rate_map.up is Up.DECAY else np.array([config.decay_rate])
    names = {"lr": 1.0, "epochs": config.epochs, "schedule": config.schedule, "decay_every": config.decay_every}
    schedules = [SimpleNamespace(**names, decay_rate=decay) for decay in decays.tolist()]
    which = np.searchsorted(decays, levels) if rate_map.up is Up.DECAY else np.zeros(len(rates), dtype=np.intp)
    updates, task = updates_of(cells.task, rates, levels, rate_map.up), cells.task
    stops = config.stop_on != "never"
    if stops or rate_map.figure is not Figure.ENDS:
        return (yield from ends_of_runs(task, updates, schedules, which, config.tol if stops else -math.inf))
    first = yield from ends_of_runs(task, updates, schedules, which, config.tol)
    last = yield from ends_of_runs(task, updates, schedules, which, -math.inf, (config.tol,))
    return last.first_below(first, config.tol)


def _settling_factors(task: FitTask, updates: UpdateCoefficients) -> JobSteps[tuple[EpochFactors, Array]]:
    """Computes the factors of epochs, and the mean losses where runs settle as multiples of the least one."""
    problem = task.trained
    y = -residuals(problem.center, problem.x, problem.y)
    epochs = yield from composed_epoch(problem.x, y, task.batch, updates)
    used = directions(problem, task.updates_per_epoch * task.batch)
    settled = fixed_points(used, epochs.deviations) + problem.center
    return factors_of_maps(used, epochs), problem.mean_losses(settled) / least_shown(problem)


def _mixed_factors(task: FitTask, updates: UpdateCoefficients) -> JobSteps[EpochFactors]:
    """Estimates the factors of epochs in random orders, those of the run itself; uses more epochs near the border."""
    problem = task.trained

    def orders() -> Callable[[], NDArray[np.intp]]:
        random = generator(task.config.seed, Stream.ORDER)
        return lambda: random.permutation(len(problem.x))

    logs, noise = yield from as_part(factors_of_orders(problem, task.batch, updates, orders(), FEW_ORDERS), 0.0, 0.5)
    near = np.flatnonzero(np.abs(logs) <= CLOSE * noise)
    if len(near):
        some = UpdateCoefficients(*(array[near] for array in updates))
        more = yield from as_part(factors_of_orders(problem, task.batch, some, orders(), MANY_ORDERS), 0.5, 0.5)
        logs[near], noise[near] = more
    return EpochFactors(logs, noise)
