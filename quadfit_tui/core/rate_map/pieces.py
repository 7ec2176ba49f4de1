"""Works out a map piece by piece: coarse first, then what is under the cursor, then all the rest."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from quadfit_tui.core.model.array import Array
from quadfit_tui.core.model.cancellation import check_cancelled
from quadfit_tui.core.model.piecewise import Pieces
from quadfit_tui.core.model.task import Task
from quadfit_tui.core.rate_map.axes import (
    factors,
    levels_of,
    plain_limit,
    reach,
    rounded_rates,
    rows_of,
    updates_of,
)
from quadfit_tui.core.rate_map.epoch_factor import EpochFactors, composed_epoch, of_maps, places
from quadfit_tui.core.rate_map.rate_map import (
    Figure,
    Outcome,
    RateMap,
    Up,
    edges_of,
    figures_of,
    is_of_algebra,
    ups_of,
)

SIZE = (120, 40)  # columns and rows
CHUNK = 512  # cells whose runs are worked out together: what stays in the cache
COARSE = 4  # every fourth cell of every fourth row comes first
MOST_WORK = 1e9  # cells times updates
Nearby = Callable[[], tuple[int, int] | None]


class _Cells(NamedTuple):
    """Cells that are worked out together: rows and columns, each of shape (C,), of the runs of `task`."""

    task: Task
    rows: NDArray[np.intp]
    columns: NDArray[np.intp]


class _Found(NamedTuple):
    """What cells come to, each of shape (C,)."""

    outcomes: NDArray[np.int8]
    values: Array
    factors: Array


def whole_map(task: Task, up: Up | None = None, figure: Figure | None = None, size: tuple[int, int] = SIZE) -> RateMap:
    """The whole map of a run, of at most `size` columns and rows; what may take long, takes long."""
    *_, found = map_pieces(task, up, figure, size)
    return found


def map_pieces(
    task: Task,
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
    levels = levels_of(task, up, size[1])
    bound = plain_limit(task)
    found = _empty(task, up, figure, rounded_rates(bound / 1000, bound * 2, size[0]), levels)
    if refusal := _refusal(found):
        yield replace(found, share=1.0, refusal=refusal)
        return
    work = reach(task, up, levels)
    while True:
        check_cancelled()
        try:
            next(work)
        except StopIteration as end:
            low, high = end.value
            break
        yield found
    found = _empty(task, up, figure, rounded_rates(low, high, size[0]), levels)
    waiting, done = _chunks(found), 0
    total = sum(len(cells.rows) * _effort(cells.task, found) for cells in waiting)
    while waiting:
        cells = waiting.pop(_next(waiting, first()))
        effort = len(cells.rows) * _effort(cells.task, found)
        pieces = _worked_out(found, cells)
        while True:
            check_cancelled()
            try:
                part = next(pieces)
            except StopIteration as end:
                found = _with(found, cells, end.value)
                break
            yield replace(found, share=min((done + part * effort) / total, 0.999))
        done += effort
        found = replace(found, share=done / total if waiting else 1.0)
        if waiting:
            yield found
    yield found


def _empty(task: Task, up: Up, figure: Figure, rates: Array, levels: Array) -> RateMap:
    shape = len(levels), len(rates)
    unknown = np.full(shape, math.nan)
    return RateMap(task, up, figure, rates, levels, np.zeros(shape, dtype=np.int8), unknown, unknown, 0.0, ())


def _effort(task: Task, found: RateMap) -> int:
    """Updates that are done for a cell."""
    return task.updates_per_epoch * (1 if is_of_algebra(task.config, found.figure) else task.config.epochs)


def _refusal(found: RateMap) -> str:
    """Why a map cannot be worked out; empty where it can."""
    rows = rows_of(found.task, found.up, found.levels)
    work = sum(len(each.rows) * len(found.rates) * _effort(each.task, found) for each in rows)
    if work <= MOST_WORK:
        return ""
    if all(each.task.updates_per_epoch == 1 for each in rows):
        return f"The map of so many epochs takes more than {MOST_WORK:.0e} updates: try fewer epochs."
    return f"The map of so many updates takes too long: more than {MOST_WORK:.0e} of them. Try batch full."


def _chunks(found: RateMap) -> list[_Cells]:
    """All cells, in the order in which they are worked out: those of a coarse map first, where it is worth it."""
    columns, chunks = np.arange(len(found.rates)), list[_Cells]()
    coarse, fine = list[_Cells](), list[_Cells]()
    for task, rows in rows_of(found.task, found.up, found.levels):
        row, column = (array.ravel() for array in np.meshgrid(rows, columns, indexing="ij"))
        if _effort(task, found) == 1:
            chunks.append(_Cells(task, row, column))
            continue
        is_coarse = (np.searchsorted(rows, row) % COARSE == COARSE // 2 % len(rows)) & (column % COARSE == COARSE // 2)
        for part, some in ((coarse, is_coarse), (fine, ~is_coarse)):
            at = np.flatnonzero(some)
            part += [_Cells(task, row[each], column[each]) for each in np.array_split(at, -(-len(at) // CHUNK))]
    return [*chunks, *coarse, *fine]


def _next(waiting: list[_Cells], wanted: tuple[int, int] | None) -> int:
    """The number of the cells that come next: those with the cell that is wanted, else the first ones."""
    for at, cells in enumerate(waiting if wanted is not None else []):
        if ((cells.rows == wanted[0]) & (cells.columns == wanted[1])).any():  # type: ignore[index]
            return at
    return 0


def _with(found: RateMap, cells: _Cells, known: _Found) -> RateMap:
    """The map with what these cells come to."""
    at = cells.rows, cells.columns
    outcomes, values, factor = found.outcomes.copy(), found.values.copy(), found.factors.copy()
    outcomes[at], values[at], factor[at] = known
    for array in (outcomes, values, factor):
        array.flags.writeable = False
    edges = edges_of(values, found.figure)
    return replace(found, outcomes=outcomes, values=values, factors=factor, edges=edges)


def _worked_out(found: RateMap, cells: _Cells) -> Pieces[_Found]:
    """What these cells come to, by the way that suits them."""
    updates = updates_of(cells.task, found.rates[cells.columns], found.levels[cells.rows].tolist(), found.up)
    task, problem = cells.task, cells.task.trained
    if found.figure is Figure.SPEED:
        known = yield from factors(task, updates)
        return _found(known, None)
    y = problem.y
    from quadfit_tui.core.model.parabola import predict

    deviations, longest = yield from composed_epoch(
        problem.x, y - predict(problem.center, problem.x), task.batch, updates, True
    )
    known = of_maps(problem.x[: task.updates_per_epoch * task.batch], deviations, longest)
    settled = places(problem.x, deviations) + problem.center
    return _found(known, problem.mean_losses(settled) / problem.least)


def _found(known: EpochFactors, ratios: Array | None) -> _Found:
    outcomes = np.where(known.logs < 0, Outcome.CONVERGES, Outcome.DIVERGES).astype(np.int8)
    outcomes[np.abs(known.logs) <= known.noise] = Outcome.UNCERTAIN
    with np.errstate(all="ignore"):
        values = math.log(10) / -known.logs if ratios is None else ratios
        return _Found(outcomes, np.where(outcomes == Outcome.CONVERGES, values, math.nan), np.exp(known.logs))
