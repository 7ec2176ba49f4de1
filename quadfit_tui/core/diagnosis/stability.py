"""The learning rate below which a run converges, from the data's own curvature; what an epoch leaves of the distance.

An update of plain descent or with momentum is an affine map of w (and its velocity), and so is an epoch that takes the
samples in a fixed order. Its linear part maps the distance from where the run settles to that of an epoch later: the
distance dies out in the long run if and only if the spectral radius, the largest modulus of an eigenvalue, is below 1.
The place where the run settles (rest.py) need not be the optimum: single samples and batches have optima of their own.
If fewer than three different x leave directions of w open, nothing ever moves along these: they are left out.
With more than one update an epoch the distance may die out again at higher rates: in windows above the first limit.
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

MOST_UPDATES = 65_536  # maximum per epoch of plain descent: composed for many rates in less than a second
MOST_WITH_MOMENTUM = 4096  # maximum per epoch with momentum: composed in less than two seconds
MAPS_AT_ONCE = 2**18  # maximum of rates times updates in one composition
FINENESS = 1.01  # ratio of two neighboring rates of a scan
MOST_TRIED = 4096  # maximum number of rates in a scan
BORDER = 1e-6  # relative precision of a limit
NOISY = 1e-3  # minimum change of log ρ at which rounding matters
UNSEEN = 1e-13  # relative growth of the distance in an epoch that even a billion epochs, the maximum, do not show
SURE_DIGITS = 1e-4  # maximum relative change of 1 − ρ by rounding at which its digits are shown
REPEATS = 16  # number of epochs that are chained if rounding matters


class LimitBasis(Enum):
    """The reason for a limit: exact algebra, rounding, or a safe bound."""

    EXACT = "the spectral radius of an epoch's map reaches 1"
    ROUNDING = "within an epoch errors grow so much that those of rounding come to as much as w"
    SAFE = "no update takes w farther from what fits its own samples: it cannot diverge; higher rates may work, too"
    NONE = "there is no such limit, or none is known"


class Limit(NamedTuple):
    """The learning rate below which a run converges, and what it rests on; above it, the run may not converge.

    At a constant rate below `rate` the distance from where the run settles dies out, just above it grows. With the
    basis SAFE only the former is known; with the basis NONE `rate` is None.
    """

    rate: float | None
    basis: LimitBasis


class Window(NamedTuple):
    """A stable window: the lowest and highest rate of a range above the first limit where runs converge again."""

    low: float
    high: float


class Descent(NamedTuple):
    """The settings of a task that its limit depends on besides the data."""

    batch: int
    ordered: bool  # whether each epoch has the same batches
    factor: float
    momentum: Momentum


def descent_of(task: FitTask) -> Descent | None:
    """Returns the settings that the limit of a task depends on, or None if its updates are no affine maps."""
    config = task.config
    momentum = OPTIMIZERS[config.optimizer].affine(config)
    ordered = not config.shuffle or task.is_full_batch
    return None if momentum is None else Descent(task.batch, ordered, CONVENTIONS[config.gradient], momentum)


def limit(task: FitTask) -> Limit:
    """Computes the limit of the learning rate for the data, order, optimizer and gradient convention of a task.

    Exact for one update an epoch: 2/(factor·λ) with the largest eigenvalue λ of its curvature; times 1 + μ for the
    heavy ball (Polyak 1964), times (1 + μ)/(1 + 2μ) for Nesterov's momentum. At this rate −1 becomes an eigenvalue; at
    all higher rates one is below −1. For more updates in a fixed order it is the smallest rate at which the spectral
    radius of their product reaches 1, on a scan in steps of 1 %; as the maps are composed in doubles, their rounding is
    that of the run. For samples in a new order each epoch only the safe rate is known: 2/(factor·λ) with the largest
    ‖f‖² of a sample as λ. No batch exceeds it, so no update moves w away from any w that fits its own samples best. If
    one w fits all of them, that is the optimum. Adagrad, rmsprop and adam have no limit of this kind.
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
        if epochs.decrement(bracket[1]).noise > NOISY:  # rounding hides all but some digits of the crossing
            return Limit(_between(epochs.excess, *bracket, 1, 1e-4), LimitBasis.ROUNDING)
        return Limit(_between(epochs.excess, *bracket, max(8, at_once), BORDER), LimitBasis.EXACT)
    return Limit(safe, LimitBasis.SAFE) if plain else Limit(None, LimitBasis.NONE)


def _at_once(updates: int) -> int:
    """Returns how many rates a scan evaluates at once, for epochs of so many updates."""
    return max(1, min(64, MAPS_AT_ONCE // updates))


def window(task: FitTask, rate: float) -> Window | None:
    """Computes the stable window that contains a rate above the first limit, or None if it is in none, or unknown."""
    first, epochs, at_once = limit(task).rate, epoch_maps(task), _at_once(task.updates_per_epoch)
    if first is None or epochs is None or task.updates_per_epoch == 1 or not rate > first * (1 + 2 * BORDER):
        return None
    shrinkage = epochs.decrement(rate)
    if not (shrinkage.is_known and shrinkage.share > 0) or epochs.excess(np.array([rate]))[0] > 0:
        return None

    def downward(inverses: Array) -> Array:
        return np.where(inverses < 1 / (first * (1 + BORDER)), epochs.excess(1 / inverses), math.inf)

    up, down = _first_crossing(epochs.excess, rate, at_once), _first_crossing(downward, 1 / rate, at_once)
    if up is None or down is None:
        return None
    low, high = 1 / _between(downward, *down, max(8, at_once), BORDER), _between(epochs.excess, *up, 8, BORDER)
    return Window(min(low, rate), max(high, rate))


class Decrement(NamedTuple):
    """The share of the distance from where a run settles that an epoch removes, in the long run: 1 − ρ.

    It has all its digits, which at a low rate are lost in ρ itself. `unsure` is how much rounding changes the share,
    `noise` how much it changes log ρ: the standard deviations over rates that differ by a hair.
    """

    share: float
    unsure: float
    noise: float

    @property
    def is_known(self) -> bool:
        """Whether the first digits of 1 − ρ are right, and it is large enough not to vanish when w is rounded."""
        return max(self.unsure, EPSILON) <= SURE_DIGITS * abs(self.share)


class EpochMaps:
    """The affine maps of an epoch in a fixed order, for many learning rates."""

    def __init__(self, descent: Descent, problem: Dataset, center: Array | None = None) -> None:
        """`center` is the origin from which w is counted; without it only the linear parts of the maps are valid."""
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
        """Computes the maps of an epoch at these learning rates, shape (R,)."""
        check_cancelled()
        rates = rates * self._descent.factor
        with np.errstate(all="ignore"):
            if self._single:
                return affine_maps.compose_samples(self._x[np.newaxis], self._y[np.newaxis], rates, np.ones((3, 3)))
            weights = affine_maps.norm_weights(math.inf, rates, self._descent.momentum)
            return affine_maps.compose(self._gradients, rates, self._descent.momentum, weights)

    def linear(self, matrices: Array) -> Array:
        """Returns the linear parts of maps, or of deviations, along `directions`: shape (R, d, d)."""
        linear = matrices[:, :-1, :-1]
        if self._basis.shape[1] == 3:
            return linear
        return self.directions.T @ linear @ self.directions

    @property
    def directions(self) -> Array:
        """The directions of w (and its velocity) that the data determine: orthonormal columns, shape (D − 1, d)."""
        return np.asarray(
            np.kron(np.eye(2 if self._descent.momentum.velocity_gain else 1), self._basis), dtype=np.float64
        )

    def excess(self, rates: Array) -> Array:
        """Computes by how much log ρ exceeds 0, less what rounding may feign: shape (R,); positive for unstable rates.

        The rates ascend. Above the first of them with an excess above 0, it is computed with less care. It is inf if a
        double cannot hold it.
        """
        with np.errstate(all="ignore"):
            maps = self.maps(rates)
            logs = log_radius(self.linear(maps.deviation))
            noise = 8 * EPSILON * np.sqrt(maps.growth)
        # The effect of rounding is random, so many epochs are chained, whose rates differ by a hair.
        matters = noise > NOISY
        noise = np.clip(noise, UNSEEN, NOISY)
        for index in range(len(rates)):
            if matters[index] and logs[index] < math.inf:
                logs[index], noise[index] = self._long_run_log(float(rates[index]))
            elif UNSEEN < logs[index] <= noise[index]:  # a loose bound: nearby rates tell more
                noise[index] = max(UNSEEN, 8 * self.decrement(float(rates[index])).noise)
            if logs[index] > noise[index]:
                break
        logs -= noise
        return logs

    def _long_run_log(self, rate: float) -> tuple[float, float]:
        """Computes log ρ as the mean of REPEATS chained epochs.

        Returns it, and the standard deviation of log ρ of the single epochs, which rounding causes.
        """
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
        """Returns REPEATS rates that differ from this one by a hair, to measure the effect of rounding."""
        return rate + rate * 1e-11 * np.arange(REPEATS, dtype=np.float64)

    def decrement(self, rate: float) -> Decrement:
        """Computes the share of the distance that an epoch at a rate removes, and how much rounding changes it."""
        with np.errstate(all="ignore"):
            logs = log_radius(self.linear(self.maps(self._nearly(rate)).deviation))
            shares = -np.expm1(logs)
            unsure, noise = float(shares.std()), float(logs.std())
        if not math.isfinite(noise):
            return Decrement(-math.inf, math.inf, math.inf)
        return Decrement(float(shares[0]), unsure, noise)


def epoch_maps(task: FitTask, center: Array | None = None) -> EpochMaps | None:
    """Returns the maps of a task's epochs, or None if they have no fixed order, or too many updates."""
    descent = descent_of(task)
    if descent is None or not descent.ordered or task.updates_per_epoch > MOST_UPDATES:
        return None
    return EpochMaps(descent, task.trained, center)


def log_radius(deviations: Array) -> Array:
    """Computes log ρ of I + deviations, shape (R, d, d), with all digits near 0: shape (R,); inf if not finite."""
    logs = np.full(len(deviations), math.inf)
    finite = np.isfinite(deviations).all(axis=(1, 2))
    with np.errstate(all="ignore"), suppress(np.linalg.LinAlgError):  # numbers near the largest double raise it
        logs[finite] = log_sizes(np.linalg.eigvals(deviations[finite])).max(axis=1)
    return logs


def log_sizes(values: np.ndarray[Any, Any]) -> Array:
    """Computes log|1 + v| of complex v with all its digits, which NumPy's log1p loses for a v near 0."""
    near: Array = np.log1p(np.maximum(values.real * (2 + values.real) + values.imag**2, -0.75)) / 2  # |v| < 1/2
    far: Array = np.log(np.abs(1 + values))
    return np.where(np.abs(values) < 0.5, near, far)


def determined(x: Array) -> Array:
    """Returns the directions of w that samples at x determine, as orthonormal columns, shape (3, d)."""
    different = distinct(x)
    if len(different) >= 3:
        return np.eye(3)
    return np.linalg.qr(features(different).T)[0]


def _first_crossing(excess: Callable[[Array], Array], low: float, at_once: int) -> tuple[float, float] | None:
    """Returns a good and a bad rate around the smallest rate above `low` with an `excess` above 0, or None.

    Rates are tried `at_once` at a time, in ascending steps of 1 %, and more finely around a peak of `excess`.
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
    """Searches the peaks among good rates more finely; returns two rates around the first crossing, or None."""
    for index in range(1, len(rates) - 1):
        if values[index - 1] < values[index] > values[index + 1] and values[index] > -0.5:
            closer = np.linspace(rates[index - 1], rates[index + 1], 18)
            above = np.flatnonzero(excess(closer) > 0)
            if len(above):
                return float(closer[above[0] - 1]), float(closer[above[0]])
    return None


def _between(excess: Callable[[Array], Array], low: float, high: float, at_once: int, precision: float) -> float:
    """Narrows a good and a bad rate down to the crossing between them; returns the good side."""
    while high - low > precision * low:
        rates = np.linspace(low, high, at_once + 2)
        above = np.flatnonzero(excess(rates[1:-1]) > 0)
        stop = int(above[0]) + 1 if len(above) else at_once + 1
        low, high = float(rates[stop - 1]), float(rates[stop])
    return low


def decrement(task: FitTask, rate: float) -> Decrement | None:
    """Computes the share of the distance that an epoch at a constant rate removes; below 0 if the distance grows.

    It holds in the long run. None if an epoch has no fixed map, or too many updates, or if all of it is up to rounding.
    """
    epochs = epoch_maps(task) if task.config.round_epochs is None else None
    shrinkage = None if epochs is None else epochs.decrement(rate)
    return shrinkage if shrinkage is not None and shrinkage.noise <= NOISY else None
