"""The axes of a map: round learning rates from far below the limit to beyond the last border, round values upwards."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from quadfit_tui.core.methods.gradients import CONVENTIONS
from quadfit_tui.core.methods.optimizers import OPTIMIZERS
from quadfit_tui.core.methods.schedules import is_constant
from quadfit_tui.core.model.array import Array
from quadfit_tui.core.model.incremental_job import JobSteps
from quadfit_tui.core.model.problem import Stream, generator
from quadfit_tui.core.model.task import FitTask
from quadfit_tui.core.rate_map.epoch_factor import (
    EpochFactors,
    UpdateCoefficients,
    composed_epoch,
    directions,
    eigenvalues,
    of_maps,
    of_one_update,
)
from quadfit_tui.core.rate_map.rate_map import Up, value_of

BELOW = 1000  # times the lowest rate of a map is the limit of plain descent on all samples
BEYOND = 1.5  # times the last rate that converges is the highest one
LATER = 4  # times as high are first rates worth a look where a schedule lowers them
FINENESS = 1.06  # from one rate to the next, where the last border is looked for
TRIED = 24  # rates at once: two octaves of them
MOST_TRIED = 10  # times
HOPELESS = math.log(2)  # where each epoch at each rate of two octaves doubles the distance, higher ones do so, too
FEW_LEVELS = 6  # of momentum, at which the last border is looked for
FARTHEST = 10  # times the distance from the start to the optimum: the highest rate of a method that rescales gradients
SHARES = (100, 50, 40, 20, 10, 5, 4, 2)  # how many parts of 1 have short decimals
HIGHEST_SHARE = 0.99  # of momentum and the like, which stay below 1
HIGHEST = 1e6  # of a learning rate, as PARAMETERS has it
MANY = 10  # rates in a decade, from which on twice and five times a power of ten are among them
TINY = 1e-9  # of a step between rates, by which a power of ten may be off
MOST_ORDERS = 1e6  # the highest rate is at most so many times the lowest one of these


class RowGroup(NamedTuple):
    """Rows of a map whose runs go together, side by side: the samples, batches and features of `task`."""

    task: FitTask
    rows: tuple[int, ...]


def rows_of(task: FitTask, up: Up, levels: Array) -> list[RowGroup]:
    """The rows of a map, those together that can be worked out side by side."""
    if up not in (Up.BATCH, Up.SCALED):
        return [RowGroup(task, tuple(range(len(levels))))]
    found = []
    for row, level in enumerate(levels.tolist()):
        found.append(RowGroup(task.replace(**{up.value: value_of(task, up, level)}), (row,)))
    return found


def levels_of(task: FitTask, up: Up, most: int) -> Array:
    """The values of `up`, shape (n,), `most` at most: batches of powers of two and of all samples, shares by steps."""
    if up is Up.SCALED:
        return np.array([0.0, 1.0])
    if up is Up.BATCH:
        samples = len(task.problem.x)
        sizes = [*(2**power for power in range(30) if 2**power < samples), samples]
        chosen = np.linspace(0, len(sizes) - 1, min(most, len(sizes))).round().astype(int)
        sized: Array = np.array(sizes, dtype=np.float64)[chosen]
        return sized
    count = next((count for count in SHARES if count <= most), SHARES[-1])
    if up is Up.DECAY:
        return np.arange(1, count + 1) / count
    even = np.arange(count) / count
    even[-1] = HIGHEST_SHARE
    return even


def rounded_rates(low: float, high: float, most: int) -> Array:
    """`most` rates at most from `low` to `high`, evenly spread by their logarithms, shape (n,).

    Each has as few digits as a quarter of the way to the next one leaves it; powers of ten, twice and five times these
    are among them, where a decade has MANY: people try such rates.
    """
    ends = math.log10(low), math.log10(high)
    for steps in range(int((most - 1) / (ends[1] - ends[0])), 0, -1):  # of a decade
        first, last = math.floor(ends[0] * steps + TINY), math.ceil(ends[1] * steps - TINY)
        has_two = abs(math.log10(2) * steps % 1 - 0.5) >= 1 / 4  # as a number near enough to one of these, and so 5
        if last - first < most and (has_two or steps < MANY):
            return np.array([_rounded(10 ** (at / steps), math.log(10) / steps / 4) for at in range(first, last + 1)])
    exact = np.geomspace(low, high, most)
    return np.array([_rounded(rate, math.log(high / low) / max(1, most - 1) / 4) for rate in exact.tolist()])


def _rounded(rate: float, within: float) -> float:
    """A rate with as few digits as leave its logarithm within that."""
    rounded = (float(f"{rate:.{digits}e}") for digits in range(16))
    return next((each for each in rounded if abs(math.log(each / rate)) <= within), rate)


def updates_of(task: FitTask, rates: Array, levels: Array, up: Up) -> UpdateCoefficients:
    """The updates of runs of an affine optimizer at these rates and levels of `up`, each of shape (C,)."""
    config, optimizer = task.config, OPTIMIZERS[task.config.optimizer]
    known = {name: levels if name == up else getattr(config, name) for name in optimizer.parameters}
    # As Optimizer.affine has it: all is told by what becomes of a velocity alone, and of a gradient alone.
    rule, zeros, ones = optimizer.rule_of_runs(known), np.zeros(len(rates)), np.ones(len(rates))
    carry, keep = rule(zeros, (ones,) * optimizer.slots, 1.0, 1)
    push, _ = rule(ones, (zeros,) * optimizer.slots, 1.0, 1)
    return UpdateCoefficients(rates * CONVENTIONS[config.gradient], sum(keep, zeros), carry + zeros, zeros - push)


def factors_of(
    task: FitTask, updates: UpdateCoefficients, order: NDArray[np.intp] | None = None
) -> JobSteps[EpochFactors]:
    """What an epoch in a fixed order leaves of the distance, of all these runs."""
    problem = task.trained
    if task.updates_per_epoch == 1:
        yield 1.0
        return of_one_update(eigenvalues(problem, task.batch), updates)
    x = problem.x if order is None else problem.x[order]
    epochs = yield from composed_epoch(x, None, task.batch, updates)
    return of_maps(directions(problem, task.updates_per_epoch * task.batch), epochs)


def plain_limit(task: FitTask) -> float:
    """The limit of plain descent on all samples: 2/(factor·λ) with the largest eigenvalue λ of their curvature."""
    steepest = float(eigenvalues(task.trained, len(task.trained.x))[-1])
    return 2 / (CONVENTIONS[task.config.gradient] * steepest)


def reach(task: FitTask, up: Up, levels: Array) -> JobSteps[tuple[float, float]]:
    """The lowest and the highest learning rate of a map: with the run's own, and all at which a run converges.

    Above the first border runs may converge again: from the limit of plain descent on, higher rates are tried until
    an epoch at least doubles the distance at all of two octaves of them, whatever is `up`. Methods that rescale
    gradients move w by about the rate in an update: theirs are measured by the way from the start to the optimum.
    """
    own = task.config.lr
    if not OPTIMIZERS[task.config.optimizer].is_affine:
        yield 1.0
        low, high = _reach_of_rescaled(task)
        high = min(HIGHEST, max(high, own))
        return min(low, own, high / BELOW), high
    lows, highs = [own], [own]
    for rows in rows_of(task, up, levels):
        bound = plain_limit(rows.task)
        last = yield from _last_rate(rows, up, levels, bound)
        lows.append(min(bound, last) / BELOW)
        highs.append(last * BEYOND)
    high = min(HIGHEST, max(highs) * (1 if is_constant(task.config) else LATER))
    return min(*lows, high / BELOW), high


def _reach_of_rescaled(task: FitTask) -> tuple[float, float]:
    start, optimum = task.start, task.from_x(task.problem.optimum)
    far = float(np.abs(start - optimum).max()) or 1.0
    updates = task.updates_per_epoch * task.config.epochs
    return max(far / updates, far * FARTHEST / MOST_ORDERS), far * FARTHEST


def _last_rate(rows: RowGroup, up: Up, levels: Array, bound: float) -> JobSteps[float]:
    """The highest rate at which a run of these rows converges, as far as it is found; below `bound` where none does."""
    task, last = rows.task, 0.0
    few = np.linspace(0, len(rows.rows) - 1, min(FEW_LEVELS, len(rows.rows))).round().astype(int)
    chosen, order = np.array(rows.rows)[few], None
    if task.config.shuffle and not task.is_full_batch:
        order = generator(task.config.seed, Stream.ORDER).permutation(len(task.trained.x))
    start = bound / 4
    for turn in range(MOST_TRIED):
        rates = start * FINENESS ** np.arange(turn * TRIED, (turn + 1) * TRIED, dtype=np.float64)
        updates = updates_of(task, np.tile(rates, len(chosen)), np.repeat(levels[chosen], TRIED), up)
        logs = (yield from factors_of(task, updates, order)).logs.reshape(len(chosen), TRIED)
        good = np.flatnonzero((logs < 0).any(axis=0))
        last = float(rates[good[-1]]) if len(good) else last
        if logs.min() > HOPELESS and (last or rates[-1] > bound):
            break
    return last or bound
