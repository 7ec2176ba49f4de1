"""The axes of a map: round learning rates from far below the limit to beyond the last border, and levels of `up`."""

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
    factors_of_maps,
    factors_of_one_update,
)
from quadfit_tui.core.rate_map.rate_map import Up, value_of

BELOW = 1000  # ratio of the limit of plain descent on all samples to the lowest rate of a map
BEYOND = 1.5  # ratio of the highest rate of a map to the last one that converges
LATER = 4  # factor on the highest rate if a schedule lowers the rates
FINENESS = 1.06  # ratio of neighboring rates in the search for the last border
TRIED = 24  # number of rates that are tried at once: two octaves
MOST_TRIED = 10  # maximum number of such tries
HOPELESS = math.log(2)  # if an epoch doubles the distance at all rates of two octaves, it does so at higher ones, too
FEW_LEVELS = 6  # number of levels at which the last border is searched
FARTHEST = 10  # ratio of the highest rate of a method that rescales gradients to the way from start to optimum
SHARES = (100, 50, 40, 20, 10, 5, 4, 2)  # numbers of parts of 1 that have short decimals
HIGHEST_SHARE = 0.99  # maximum of momentum and the like, which stay below 1
HIGHEST = 1e6  # maximum learning rate, as in PARAMETERS
MANY = 10  # minimum number of rates in a decade that include twice and five times a power of ten
TINY = 1e-9  # tolerance for powers of ten, as a share of a step between rates
MOST_ORDERS = 1e6  # maximum ratio of the highest rate to the lowest one for methods that rescale gradients


class RowGroup(NamedTuple):
    """Rows of a map that are computed side by side: their runs have the samples, batches and features of `task`."""

    task: FitTask
    rows: tuple[int, ...]


def group_rows(task: FitTask, up: Up, levels: Array) -> list[RowGroup]:
    """Groups the rows of a map by what can be computed side by side."""
    if up not in (Up.BATCH, Up.SCALED):
        return [RowGroup(task, tuple(range(len(levels))))]
    groups = []
    for row, level in enumerate(levels.tolist()):
        groups.append(RowGroup(task.replace(**{up.value: value_of(task, up, level)}), (row,)))
    return groups


def levels_of(task: FitTask, up: Up, most: int) -> Array:
    """Returns the values of `up` on the vertical axis of a map, shape (n,), at most `most`.

    Batches are powers of two and all samples; shares, such as momentum, have even steps.
    """
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
    """Returns at most `most` round rates from `low` to `high`, evenly spread by their logarithms, shape (n,).

    Each has as few digits as keep it within a quarter of the way to the next one. If a decade has MANY, powers of ten,
    twice and five times these are among them: people try such rates.
    """
    ends = math.log10(low), math.log10(high)
    for steps in range(int((most - 1) / (ends[1] - ends[0])), 0, -1):  # steps in a decade
        first, last = math.floor(ends[0] * steps + TINY), math.ceil(ends[1] * steps - TINY)
        has_two = abs(math.log10(2) * steps % 1 - 0.5) >= 1 / 4  # 2, and so 5, is near enough to a rate
        if last - first < most and (has_two or steps < MANY):
            numbers = range(first, last + 1)
            return np.array([_rounded(10 ** (number / steps), math.log(10) / steps / 4) for number in numbers])
    exact = np.geomspace(low, high, most)
    return np.array([_rounded(rate, math.log(high / low) / max(1, most - 1) / 4) for rate in exact.tolist()])


def _rounded(rate: float, within: float) -> float:
    """Rounds a rate to the fewest digits that change its logarithm by at most `within`."""
    candidates = (float(f"{rate:.{digits}e}") for digits in range(16))
    return next((rounded for rounded in candidates if abs(math.log(rounded / rate)) <= within), rate)


def updates_of(task: FitTask, rates: Array, levels: Array, up: Up) -> UpdateCoefficients:
    """Returns the update coefficients of an affine optimizer at these rates and levels of `up`, each of shape (C,)."""
    config, optimizer = task.config, OPTIMIZERS[task.config.optimizer]
    known = {name: levels if name == up else getattr(config, name) for name in optimizer.parameters}
    # As in Optimizer.affine: one update of a velocity alone, and one of a gradient alone, determine the rule.
    rule, zeros, ones = optimizer.rule_of_runs(known), np.zeros(len(rates)), np.ones(len(rates))
    carry, keep = rule(zeros, (ones,) * optimizer.slots, 1.0, 1)
    push, _ = rule(ones, (zeros,) * optimizer.slots, 1.0, 1)
    return UpdateCoefficients(rates * CONVENTIONS[config.gradient], sum(keep, zeros), carry + zeros, zeros - push)


def factors_of(
    task: FitTask, updates: UpdateCoefficients, order: NDArray[np.intp] | None = None
) -> JobSteps[EpochFactors]:
    """Computes the factors by which an epoch in a fixed order shrinks the distance, for all these runs."""
    problem = task.trained
    if task.updates_per_epoch == 1:
        yield 1.0
        return factors_of_one_update(eigenvalues(problem, task.batch), updates)
    x = problem.x if order is None else problem.x[order]
    epochs = yield from composed_epoch(x, None, task.batch, updates)
    return factors_of_maps(directions(problem, task.updates_per_epoch * task.batch), epochs)


def plain_limit(task: FitTask) -> float:
    """Computes the limit of plain descent on all samples: 2/(factor·λ), λ the largest eigenvalue of their curvature."""
    steepest = float(eigenvalues(task.trained, len(task.trained.x))[-1])
    return 2 / (CONVENTIONS[task.config.gradient] * steepest)


def reach(task: FitTask, up: Up, levels: Array) -> JobSteps[tuple[float, float]]:
    """Returns the lowest and the highest learning rate of a map, which cover the run's own and all that converge.

    Above the first border runs may converge again: from the limit of plain descent on, higher rates are tried until an
    epoch at least doubles the distance at all of two octaves of them, whatever is `up`. Methods that rescale gradients
    move w by about the rate in an update: their rates are scaled by the way from the start to the optimum.
    """
    own = task.config.lr
    if not OPTIMIZERS[task.config.optimizer].is_affine:
        yield 1.0
        low, high = _reach_of_rescaled(task)
        high = min(HIGHEST, max(high, own))
        return min(low, own, high / BELOW), high
    lows, highs = [own], [own]
    for group in group_rows(task, up, levels):
        bound = plain_limit(group.task)
        last = yield from _last_rate(group, up, levels, bound)
        lows.append(min(bound, last) / BELOW)
        highs.append(last * BEYOND)
    high = min(HIGHEST, max(highs) * (1 if is_constant(task.config) else LATER))
    return min(*lows, high / BELOW), high


def _reach_of_rescaled(task: FitTask) -> tuple[float, float]:
    """Returns the lowest and the highest learning rate for methods that rescale gradients."""
    start, optimum = task.start, task.from_x(task.problem.optimum)
    far = float(np.abs(start - optimum).max()) or 1.0
    updates = task.updates_per_epoch * task.config.epochs
    return max(far / updates, far * FARTHEST / MOST_ORDERS), far * FARTHEST


def _last_rate(group: RowGroup, up: Up, levels: Array, bound: float) -> JobSteps[float]:
    """Returns the highest rate found at which a run of these rows converges; `bound` if none does."""
    task, last = group.task, 0.0
    few = np.linspace(0, len(group.rows) - 1, min(FEW_LEVELS, len(group.rows))).round().astype(int)
    chosen, order = np.array(group.rows)[few], None
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
