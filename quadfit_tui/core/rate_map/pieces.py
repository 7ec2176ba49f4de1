"""Works out a map piece by piece: coarse first, then what is under the cursor, then all the rest."""

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
from quadfit_tui.core.model.incremental_job import JobSteps, Result, mapped
from quadfit_tui.core.model.parabola import distinct, residuals
from quadfit_tui.core.model.problem import Stream, generator
from quadfit_tui.core.model.task import FitTask
from quadfit_tui.core.rate_map.axes import (
    factors_of,
    levels_of,
    plain_limit,
    reach,
    rounded_rates,
    rows_of,
    updates_of,
)
from quadfit_tui.core.rate_map.epoch_factor import (
    EpochFactors,
    UpdateCoefficients,
    composed_epoch,
    directions,
    of_maps,
    of_orders,
    places,
    scaled,
)
from quadfit_tui.core.rate_map.epochs_needed import RunEnds, ends_of_runs
from quadfit_tui.core.rate_map.rate_map import (
    CellOutcome,
    Figure,
    RateMap,
    Up,
    edges_of,
    figures_of,
    is_of_algebra,
    least_told,
    ups_of,
)
from quadfit_tui.core.rate_map.run_ends import CellEnd, cell_end, train_runs
from quadfit_tui.core.text.language import _

SIZE = (120, 40)  # columns and rows
CHUNK = 768  # cells that are worked out together: what stays in the cache
RUNS = 512  # cells whose runs are done together: to set up more of them would be a long slice
NEAR = 32  # cells that are worked out first around one that is wanted, where runs are done
COARSE = 4  # every fourth cell of every fourth row comes first
MOST_WORK = 1e9  # cells times updates
FEW_ORDERS, MANY_ORDERS = 8, 64  # epochs whose orders tell how a distance grows: far from the border, and near it
CLOSE = 2  # times the noise, within which the few do not tell on which side of the border it is
Nearby = Callable[[], tuple[int, int] | None]


class _Cells(NamedTuple):
    """Cells that are worked out together: rows and columns, each of shape (C,), of runs that go with that of `task`."""

    task: FitTask
    rows: NDArray[np.intp]
    columns: NDArray[np.intp]

    def part(self, chosen: NDArray[np.generic]) -> _Cells:
        """Some of them."""
        return _Cells(self.task, self.rows[chosen], self.columns[chosen])


def whole_map(
    task: FitTask, up: Up | None = None, figure: Figure | None = None, size: tuple[int, int] = SIZE
) -> RateMap:
    """The whole map of a run, of at most `size` columns and rows; what may take long, takes long."""
    *_earlier, found = map_pieces(task, up, figure, size)
    return found


def map_pieces(
    task: FitTask,
    up: Up | None = None,
    figure: Figure | None = None,
    size: tuple[int, int] = SIZE,
    first: Nearby = lambda: None,
) -> Iterator[RateMap]:
    """Maps that become fuller, each after at most some 20 ms of work; the last one has share 1.0.

    Without `up` or `figure` the first that means something. `first` is asked for the cell, row and column, that
    is wanted soon. Raises WorkCancelledError where nobody waits for it any more.
    """
    up = up or ups_of(task.config)[0]
    figure = figure or figures_of(task.config, up)[0]
    levels, bound = levels_of(task, up, size[1]), plain_limit(task)
    empty = _empty(task, up, figure, rounded_rates(bound / 1000, bound * 2, size[0]), levels)
    if refusal := _refusal(empty):
        yield replace(empty, share=1.0, refusal=refusal)
        return
    low, high = yield from _shown(reach(task, up, levels), lambda _found: empty)
    work = _MapJob(_empty(task, up, figure, rounded_rates(low, high, size[0]), levels))
    while work.waiting:
        cells = work.next_cells(first())
        yield from _shown(work.worked_out(cells), work.at)
        work.done += work.effort(cells)
        if work.waiting:
            yield work.at(0.0)
    yield replace(work.found, share=1.0)


def _shown(work: JobSteps[Result], show: Callable[[float], RateMap]) -> Generator[RateMap, None, Result]:
    """Work with a map to show after each piece, of how much is done."""

    def wanted(share: float) -> RateMap:
        check_cancelled()
        return show(share)

    return mapped(work, wanted)


def _empty(task: FitTask, up: Up, figure: Figure, rates: Array, levels: Array) -> RateMap:
    shape = len(levels), len(rates)
    outcomes, unknown, epochs = np.zeros(shape, dtype=np.int8), np.full(shape, math.nan), np.zeros(shape, dtype=np.intp)
    for array in (rates, levels, outcomes, unknown, epochs):
        array.flags.writeable = False
    return RateMap(task, up, figure, rates, levels, outcomes, unknown, unknown, epochs, unknown, 0.0, ())


def _effort(task: FitTask, figure: Figure) -> int:
    """Updates that are done for a cell, or epochs by a map."""
    config, updates, mixed = task.config, task.updates_per_epoch, _is_mixed(task)
    if is_of_algebra(config, figure):
        return updates * (FEW_ORDERS if mixed else 1)
    if mixed or not _has_maps(config):
        return updates * config.epochs
    lasts = min(config.epochs, SCHEDULES[config.schedule].plateau_epochs(config, 0) + 1)
    return updates * -(-config.epochs // lasts) + config.epochs


def _has_maps(config: RunConfig) -> bool:
    """Whether the ends of a run are told by the maps of its epochs."""
    is_affine = OPTIMIZERS[config.optimizer].is_affine and config.round_epochs is None
    return is_affine and config.stop_on != "last-update"


def _is_mixed(task: FitTask) -> bool:
    """Whether each epoch has batches of its own."""
    return task.config.shuffle and not task.is_full_batch


def _refusal(found: RateMap) -> str:
    """Why a map cannot be worked out; empty where it can."""
    rows = rows_of(found.task, found.up, found.levels)
    work = sum(len(each.rows) * len(found.rates) * _effort(each.task, found.figure) for each in rows)
    if work <= MOST_WORK:
        return ""
    if found.up is not Up.BATCH and not found.task.is_full_batch:
        return _("This map takes more than a billion updates: try batch full")
    if is_of_algebra(found.task.config, found.figure):
        return _("This map takes more than a billion updates: try fewer samples")
    return _("This map takes more than a billion updates: try fewer epochs")


class _MapJob:
    """A map on its way: `found` is what is known of it, `waiting` are the cells that are not."""

    def __init__(self, empty: RateMap) -> None:
        self.found, self.waiting, self.done = empty, _chunks(empty), 0
        self._total = sum(map(self.effort, self.waiting))

    def effort(self, cells: _Cells) -> int:
        """Updates that are done for these cells."""
        return len(cells.rows) * _effort(cells.task, self.found.figure)

    def at(self, part: float) -> RateMap:
        """The map as far as it is known; `part` is how much of the work on the present cells is done."""
        now = self._total - self.done - sum(map(self.effort, self.waiting))
        return replace(self.found, share=min((self.done + part * now) / self._total, 0.999))

    def next_cells(self, wanted: tuple[int, int] | None) -> _Cells:
        """Takes the cells that come next: those with the one that is wanted, else the first ones."""
        if wanted is None or self.found.outcomes[wanted] != CellOutcome.UNKNOWN:
            return self.waiting.pop(0)
        (row, column), chunks = wanted, enumerate(self.waiting)
        at = next(at for at, cells in chunks if ((cells.rows == row) & (cells.columns == column)).any())
        cells = self.waiting.pop(at)
        if is_of_algebra(cells.task.config, self.found.figure) or len(cells.rows) <= NEAR:
            return cells
        nearest = np.argsort(np.abs(cells.rows - row) + np.abs(cells.columns - column), kind="stable")
        self.waiting.insert(at, cells.part(np.sort(nearest[NEAR:])))
        return cells.part(nearest[:NEAR])

    def worked_out(self, cells: _Cells) -> JobSteps[None]:
        """Works out these cells, by the way that suits them."""
        found, task = self.found, cells.task
        if not is_of_algebra(task.config, found.figure):
            yield from self._done(cells)
            return
        updates = updates_of(task, found.rates[cells.columns], found.levels[cells.rows], found.up)
        ratios = None
        if found.figure is Figure.SETTLES:
            known, ratios = yield from _settling(task, updates)
        elif _is_mixed(task):
            known = yield from _mixed(task, updates)
        else:
            known = yield from factors_of(task, updates)
        outcomes = np.where(known.logs < 0, CellOutcome.CONVERGES, CellOutcome.DIVERGES).astype(np.int8)
        outcomes[np.abs(known.logs) <= known.noise] = CellOutcome.UNCERTAIN
        with np.errstate(all="ignore"):
            values = math.log(10) / -known.logs if ratios is None else ratios
            values = np.where(outcomes == CellOutcome.CONVERGES, values, math.nan)
            self._put(cells, outcomes=outcomes, values=values, factors=np.exp(known.logs))

    def _done(self, cells: _Cells) -> JobSteps[None]:
        """Finds out how the runs of these cells end: by the maps of their epochs, where that is sure; by doing them."""
        found, count = self.found, len(cells.rows)
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
            known = yield from _ends(found, cells)
            for run in np.flatnonzero(known.sure).tolist():
                status, epochs, mean_loss = known.end(run, cells.task)
                report(run, cell_end(cells.task, status, epochs, mean_loss, found.figure))
            wanted = np.flatnonzero(~known.sure)
            self._put(cells, **ends)
        places = zip(cells.rows[wanted].tolist(), cells.columns[wanted].tolist(), strict=True)
        for part in train_runs(cells.task, [found.config(*place) for place in places], found.figure, report):
            if (ends["outcomes"] != self.found.outcomes[cells.rows, cells.columns]).any():
                self._put(cells, **ends)
            yield part

    def _put(self, cells: _Cells, **arrays: NDArray[Any]) -> None:
        """Keeps what these cells come to, by the names of the arrays of a RateMap."""
        found, kept = self.found, dict[str, NDArray[Any]]()
        for name, values in arrays.items():
            kept[name] = getattr(found, name).copy()
            kept[name][cells.rows, cells.columns] = values
            kept[name].flags.writeable = False
        changes: dict[str, Any] = {**kept, "edges": edges_of(kept["values"], found.figure)}
        self.found = replace(found, **changes)


def _chunks(found: RateMap) -> list[_Cells]:
    """All cells, in the order in which they are worked out: those of a coarse map first, where it is worth it."""
    columns, whole, coarse, fine = np.arange(len(found.rates)), list[_Cells](), list[_Cells](), list[_Cells]()
    for task, rows in rows_of(found.task, found.up, found.levels):
        row, column = (array.ravel() for array in np.meshgrid(rows, columns, indexing="ij"))
        cells, effort = _Cells(task, row, column), _effort(task, found.figure)
        if effort == 1:
            whole.append(cells)
            continue
        is_coarse = (np.searchsorted(rows, row) % COARSE == min(COARSE, len(rows)) // 2) & (
            column % COARSE == COARSE // 2
        )
        most = CHUNK if is_of_algebra(task.config, found.figure) else RUNS
        for part, some in ((coarse, is_coarse), (fine, ~is_coarse)):
            at = np.flatnonzero(some)
            part += [cells.part(at[low : low + most]) for low in range(0, len(at), most)]
    return [*whole, *coarse, *fine]


def _ends(found: RateMap, cells: _Cells) -> JobSteps[RunEnds]:
    """How the runs of these cells end, by the maps of their epochs."""
    config, rates, levels = cells.task.config, found.rates[cells.columns], found.levels[cells.rows]
    decays = distinct(levels) if found.up is Up.DECAY else np.array([config.decay_rate])
    names = {"lr": 1.0, "epochs": config.epochs, "schedule": config.schedule, "decay_every": config.decay_every}
    schedules = [SimpleNamespace(**names, decay_rate=decay) for decay in decays.tolist()]
    which = np.searchsorted(decays, levels) if found.up is Up.DECAY else np.zeros(len(rates), dtype=np.intp)
    updates, task = updates_of(cells.task, rates, levels, found.up), cells.task
    stops = config.stop_on != "never"
    if stops or found.figure is not Figure.ENDS:
        return (yield from ends_of_runs(task, updates, schedules, which, config.tol if stops else -math.inf))
    first = yield from ends_of_runs(task, updates, schedules, which, config.tol)
    last = yield from ends_of_runs(task, updates, schedules, which, -math.inf, (config.tol,))
    return last.first_below(first, config.tol)


def _settling(task: FitTask, updates: UpdateCoefficients) -> JobSteps[tuple[EpochFactors, Array]]:
    """What epochs leave of the distance, and the mean losses where runs settle as multiples of the least one."""
    problem = task.trained
    y = -residuals(problem.center, problem.x, problem.y)
    epochs = yield from composed_epoch(problem.x, y, task.batch, updates)
    used = directions(problem, task.updates_per_epoch * task.batch)
    settled = places(used, epochs.deviations) + problem.center
    return of_maps(used, epochs), problem.mean_losses(settled) / least_told(problem)


def _mixed(task: FitTask, updates: UpdateCoefficients) -> JobSteps[EpochFactors]:
    """What epochs leave of the distance whose orders are the run's own: of more of them, where few do not tell."""
    problem = task.trained

    def orders() -> Callable[[], NDArray[np.intp]]:
        drawn = generator(task.config.seed, Stream.ORDER)
        return lambda: drawn.permutation(len(problem.x))

    logs, noise = yield from scaled(of_orders(problem, task.batch, updates, orders(), FEW_ORDERS), 0.0, 0.5)
    near = np.flatnonzero(np.abs(logs) <= CLOSE * noise)
    if len(near):
        some = UpdateCoefficients(*(array[near] for array in updates))
        more = yield from scaled(of_orders(problem, task.batch, some, orders(), MANY_ORDERS), 0.5, 0.5)
        logs[near], noise[near] = more
    return EpochFactors(logs, noise)
