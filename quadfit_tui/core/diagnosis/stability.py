"""The learning rate below which a run converges, from the data's own curvature; what an epoch leaves of the distance.

An update of plain descent or with momentum is an affine map of w (and its velocity), and so is an epoch that takes the
samples in a fixed order. Its linear part takes the distance from where the run settles to that of an epoch later: the
distance dies out in the long run if and only if the spectral radius, the largest modulus of an eigenvalue, is below 1.
Where the run settles (rest.py) need not be the optimum: single samples and batches have optima of their own.
Where fewer than three different x leave directions of w open, nothing ever moves along these: they are left out.
With more than one update an epoch it may do so again at higher rates: above the first limit there are windows.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import suppress
from enum import Enum
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from quadfit_tui.core.algebra import affine_maps
from quadfit_tui.core.algebra.affine_maps import Maps, log_spectral_radius
from quadfit_tui.core.methods.gradients import CONVENTIONS
from quadfit_tui.core.methods.optimizers import OPTIMIZERS, Momentum
from quadfit_tui.core.model.array import Array
from quadfit_tui.core.model.cancellation import check_cancelled
from quadfit_tui.core.model.parabola import EPSILON, curvature, distinct, features, predict
from quadfit_tui.core.model.problem import Dataset
from quadfit_tui.core.model.task import FitTask

MOST_UPDATES = 65_536  # of an epoch of plain descent, to be composed for many rates in less than a second
MOST_WITH_MOMENTUM = 4096  # of one with momentum, in two
MAPS_AT_ONCE = 2**18  # of one composition: so many rates times updates
FINENESS = 1.01  # from one rate that is tried to the next
MOST_TRIED = 4096  # rates
BORDER = 1e-6  # of a rate: how closely a border is told
NOISY = 1e-3  # how much rounding may change log ρ before it matters
UNSEEN = 1e-13  # of the distance, in an epoch: a billion epochs, which are the most, do not lengthen it
SURE_DIGITS = 1e-4  # of 1 − ρ that rounding may change where it is told
REPEATS = 16  # of an epoch whose rounding matters


class LimitBasis(Enum):
    """What a limit rests on."""

    EXACT = "the spectral radius of an epoch's map reaches 1"
    ROUNDING = "within an epoch errors grow so much that those of rounding come to as much as w"
    SAFE = "no update takes w farther from what fits its own samples: it cannot diverge; higher rates may work, too"
    NONE = "there is no such limit, or none is known"


class Limit(NamedTuple):
    """The learning rate below which a run converges, and what that rests on; above it, it may not.

    At a constant rate below `rate` the distance from where the run settles dies out, just above it grows. On SAFE
    ground only the former is known; on none `rate` is None.
    """

    rate: float | None
    basis: LimitBasis


class Window(NamedTuple):
    """Rates above the first limit at which the distance dies out again: the lowest and the highest one of them."""

    low: float
    high: float


class Descent(NamedTuple):
    """What a limit depends on besides the data."""

    batch: int
    ordered: bool  # whether each epoch takes the same batches
    factor: float
    momentum: Momentum


def descent_of(task: FitTask) -> Descent | None:
    """What the limit of a task depends on besides its data; None of an optimizer whose updates are no affine maps."""
    config = task.config
    momentum = OPTIMIZERS[config.optimizer].affine(config)
    ordered = not config.shuffle or task.is_full_batch
    return None if momentum is None else Descent(task.batch, ordered, CONVENTIONS[config.gradient], momentum)


def limit(task: FitTask) -> Limit:
    """The first limit of the learning rate for this data, order, optimizer and convention of the gradient.

    Exact for one update an epoch: 2/(factor·λ) with the largest eigenvalue λ of its curvature; times 1 + μ for the
    heavy ball (Polyak 1964), times (1 + μ)/(1 + 2μ) for Nesterov's momentum: where −1 becomes an eigenvalue, which one
    below −1 is at all higher rates. Of more updates in a fixed order it is the smallest rate at which the spectral
    radius of their product reaches 1, on a scan in steps of 1 %; as the maps are composed in doubles, their rounding is
    that of the run. Of samples in a new order each epoch only the safe rate is known: 2/(factor·λ) with the largest
    ‖f‖² of a sample as λ, which no batch exceeds, so that no update takes w farther from any w that fits its own
    samples best. Where one w fits all of them, that is the optimum. Of adagrad, rmsprop and adam no limit of this kind.
    """
    descent = descent_of(task)
    return Limit(None, LimitBasis.NONE) if descent is None else _limit(descent, task.trained)


@lru_cache(maxsize=4)
def _limit(descent: Descent, problem: Dataset) -> Limit:
    plain = descent.momentum.velocity_gain == 0
    updates = len(problem.x) // descent.batch
    largest = float((features(problem.x) ** 2).sum(axis=1).max())
    safe = 2 / (descent.factor * largest)
    if descent.ordered and updates == 1:
        steepest = float(np.linalg.eigvalsh(curvature(problem.x[: descent.batch]))[-1])
        keep = descent.momentum.velocity_decay
        widened = (1 + keep) / (1 + 2 * keep) if descent.momentum.gradient_gain > 1 else 1 + keep
        return Limit(2 * widened / (descent.factor * steepest), LimitBasis.EXACT)
    if descent.ordered and updates <= (MOST_UPDATES if plain else MOST_WITH_MOMENTUM):
        epochs, at_once = EpochMaps(descent, problem), _at_once(updates)
        low = safe if plain else safe * (1 - descent.momentum.velocity_decay) / 20
        bracket = _first_crossing(epochs.excess, low, at_once)
        if bracket is None:
            return Limit(None, LimitBasis.NONE)
        if epochs.decrement(bracket[1]).noise > NOISY:  # where the crossing is known no better than to some digits
            return Limit(_between(epochs.excess, *bracket, 1, 1e-4), LimitBasis.ROUNDING)
        return Limit(_between(epochs.excess, *bracket, max(8, at_once), BORDER), LimitBasis.EXACT)
    return Limit(safe, LimitBasis.SAFE) if plain else Limit(None, LimitBasis.NONE)


def _at_once(updates: int) -> int:
    return max(1, min(64, MAPS_AT_ONCE // updates))


def window(task: FitTask, rate: float) -> Window | None:
    """The window in which a rate above the first limit is; None where it is in none, or that cannot be said."""
    first, epochs, at_once = limit(task).rate, epoch_maps(task), _at_once(task.updates_per_epoch)
    if first is None or epochs is None or task.updates_per_epoch == 1 or not rate > first * (1 + 2 * BORDER):
        return None
    taken = epochs.decrement(rate)
    if not (taken.is_known and taken.share > 0) or epochs.excess(np.array([rate]))[0] > 0:
        return None

    def downward(inverses: Array) -> Array:
        return np.where(inverses < 1 / (first * (1 + BORDER)), epochs.excess(1 / inverses), math.inf)

    up, down = _first_crossing(epochs.excess, rate, at_once), _first_crossing(downward, 1 / rate, at_once)
    if up is None or down is None:
        return None
    low, high = 1 / _between(downward, *down, max(8, at_once), BORDER), _between(epochs.excess, *up, 8, BORDER)
    return Window(min(low, rate), max(high, rate))


class Decrement(NamedTuple):
    """What an epoch takes off the distance from where a run settles, in the long run: 1 − ρ, with all its digits.

    Of a low rate ρ itself has none of these. `unsure` is how much rounding changes it, `noise` how much log ρ: by the
    standard deviations at rates that differ by a hair.
    """

    share: float
    unsure: float
    noise: float

    @property
    def is_known(self) -> bool:
        """Whether its first digits are those of 1 − ρ, and more than what is lost when w is rounded."""
        return max(self.unsure, EPSILON) <= SURE_DIGITS * abs(self.share)


class EpochMaps:
    """The maps of an epoch in a fixed order at many rates."""

    def __init__(self, descent: Descent, problem: Dataset, center: Array | None = None) -> None:
        """`center` is what w is counted from; without one the maps are only good for their linear part."""
        self._descent = descent
        size = len(problem.x) // descent.batch * descent.batch
        self._x = problem.x[:size]
        y = np.zeros(size) if center is None else (problem.y - predict(center, problem.x))[:size]
        self._single = descent.batch == 1 and descent.momentum.velocity_gain == 0
        if self._single:
            self._y = y
        else:
            order = np.arange(size).reshape(1, -1, descent.batch)
            self._gradients = affine_maps.gradient_maps(self._x, y, order)
        self._basis = determined(self._x)

    def maps(self, rates: Array) -> Maps:
        """The maps at these learning rates, shape (R,)."""
        check_cancelled()
        rates = rates * self._descent.factor
        with np.errstate(all="ignore"):
            if self._single:
                return affine_maps.compose_samples(self._x[np.newaxis], self._y[np.newaxis], rates, np.ones((3, 3)))
            weights = affine_maps.norm_weights(math.inf, rates, self._descent.momentum)
            return affine_maps.compose(self._gradients, rates, self._descent.momentum, weights)

    def linear(self, matrices: Array) -> Array:
        """The linear parts of maps, or of deviations, along what the data determine: shape (R, d, d)."""
        linear = matrices[:, :-1, :-1]
        if self._basis.shape[1] == 3:
            return linear
        return self.directions.T @ linear @ self.directions

    @property
    def directions(self) -> Array:
        """What the data determine of w (and its velocity), as orthonormal columns, shape (D − 1, d)."""
        return np.asarray(
            np.kron(np.eye(2 if self._descent.momentum.velocity_gain else 1), self._basis), dtype=np.float64
        )

    def excess(self, rates: Array) -> Array:
        """How far log ρ is above 0, beyond what rounding may feign, shape (R,); inf where a double cannot hold it.

        Above the first of the rates, in ascending order, that is above 0, it is not worked out with as much care.
        """
        with np.errstate(all="ignore"):
            maps = self.maps(rates)
            found = log_radius(self.linear(maps.deviation))
            noise = 8 * EPSILON * np.sqrt(maps.growth)
        # Where rounding matters its effect is random: that of many epochs, which differ by a hair in their rate.
        matters = noise > NOISY
        noise = np.clip(noise, UNSEEN, NOISY)
        for at in range(len(rates)):
            if matters[at] and found[at] < math.inf:
                found[at], noise[at] = self._in_the_long_run(float(rates[at]))
            elif UNSEEN < found[at] <= noise[at]:  # which is a bound: rates that differ by a hair tell more closely
                noise[at] = max(UNSEEN, 8 * self.decrement(float(rates[at])).noise)
            if found[at] > noise[at]:
                break
        found -= noise
        return found

    def _in_the_long_run(self, rate: float) -> tuple[float, float]:
        """log ρ of many epochs after each other, and how much rounding changes that of one."""
        repeated = self.linear(self.maps(self._nearly(rate)).matrix)
        product: Array = np.eye(repeated.shape[-1])
        log = 0.0
        with np.errstate(all="ignore"):
            for matrix in repeated:
                product = matrix @ product
                size = float(np.abs(product).max())
                if not 0 < size < math.inf:
                    return math.inf if size else -math.inf, NOISY
                log += math.log(size)
                np.divide(product, size, out=product)
            noise = float(np.fmin(log_spectral_radius(repeated).std(), NOISY))
            return (float(log_spectral_radius(product[np.newaxis])[0]) + log) / REPEATS, noise

    @staticmethod
    def _nearly(rate: float) -> Array:
        return rate + rate * 1e-11 * np.arange(REPEATS, dtype=np.float64)

    def decrement(self, rate: float) -> Decrement:
        """What an epoch at a rate takes off the distance, with what rounding makes of it."""
        with np.errstate(all="ignore"):
            logs = log_radius(self.linear(self.maps(self._nearly(rate)).deviation))
            found = -np.expm1(logs)
            unsure, noise = float(found.std()), float(logs.std())
        if not math.isfinite(noise):
            return Decrement(-math.inf, math.inf, math.inf)
        return Decrement(float(found[0]), unsure, noise)


def epoch_maps(task: FitTask, center: Array | None = None) -> EpochMaps | None:
    """The maps of a task's epochs; None where these have no fixed ones, or of too many updates."""
    descent = descent_of(task)
    if descent is None or not descent.ordered or task.updates_per_epoch > MOST_UPDATES:
        return None
    return EpochMaps(descent, task.trained, center)


def log_radius(deviations: Array) -> Array:
    """log ρ of I + deviations, shape (R, d, d), with all its digits near 0: shape (R,); inf where it is not finite."""
    found, finite = np.full(len(deviations), math.inf), np.isfinite(deviations).all(axis=(1, 2))
    with np.errstate(all="ignore"), suppress(np.linalg.LinAlgError):  # of numbers near the largest double
        found[finite] = log_sizes(np.linalg.eigvals(deviations[finite])).max(axis=1)
    return found


def log_sizes(values: np.ndarray[Any, Any]) -> Array:
    """log|1 + v| of complex v with all its digits, which NumPy's log1p does not leave of a v near 0."""
    near: Array = np.log1p(np.maximum(values.real * (2 + values.real) + values.imag**2, -0.75)) / 2  # |v| < 1/2
    far: Array = np.log(np.abs(1 + values))
    return np.where(np.abs(values) < 0.5, near, far)


def determined(x: Array) -> Array:
    """Directions of w that samples at x determine, as orthonormal columns, shape (3, d)."""
    different = distinct(x)
    if len(different) >= 3:
        return np.eye(3)
    return np.linalg.qr(features(different).T)[0]


def _first_crossing(excess: Callable[[Array], Array], low: float, at_once: int) -> tuple[float, float] | None:
    """A good and a bad rate around the smallest one above `low` at which `excess` goes above 0, None if none is found.

    Rates are tried `at_once` at a time: 1 % apart from below; around a highest value between them closer by.
    """
    while low > 0 and excess(np.array([low]))[0] > 0:
        low /= 16
    steps = FINENESS ** np.arange(1, at_once + 1)
    tried, values = np.array([low]), excess(np.array([low]))
    for _ in range(-(-MOST_TRIED // at_once)):
        rates = tried[-1] * steps
        with np.errstate(over="ignore"):
            following = excess(rates)
        tried, values = np.append(tried[-2:], rates), np.append(values[-2:], following)
        above = np.flatnonzero(values > 0)
        stop = int(above[0]) if len(above) else len(values)
        bracket = _hidden(excess, tried[:stop], values[:stop]) or (
            (float(tried[stop - 1]), float(tried[stop])) if len(above) else None
        )
        if bracket is not None:
            return bracket
    return None


def _hidden(excess: Callable[[Array], Array], rates: Array, values: Array) -> tuple[float, float] | None:
    """Two rates around a crossing between rates that are all good: beside the highest values, closer by."""
    for at in range(1, len(rates) - 1):
        if values[at - 1] < values[at] > values[at + 1] and values[at] > -0.5:
            closer = np.linspace(rates[at - 1], rates[at + 1], 18)
            above = np.flatnonzero(excess(closer) > 0)
            if len(above):
                return float(closer[above[0] - 1]), float(closer[above[0]])
    return None


def _between(excess: Callable[[Array], Array], low: float, high: float, at_once: int, precision: float) -> float:
    """The crossing between a good and a bad rate."""
    while high - low > precision * low:
        rates = np.linspace(low, high, at_once + 2)
        above = np.flatnonzero(excess(rates[1:-1]) > 0)
        stop = int(above[0]) + 1 if len(above) else at_once + 1
        low, high = float(rates[stop - 1]), float(rates[stop])
    return low


def decrement(task: FitTask, rate: float) -> Decrement | None:
    """What an epoch at a constant rate takes off the distance in the long run; less than 0 where that grows.

    None where an epoch has no fixed map, or too many updates, or where all of that is up to rounding.
    """
    epochs = epoch_maps(task) if task.config.round_epochs is None else None
    found = None if epochs is None else epochs.decrement(rate)
    return found if found is not None and found.noise <= NOISY else None
