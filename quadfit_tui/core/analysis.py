"""What can be known of a run beforehand, from the data's own curvature: which learning rates hold, how long it takes.

An update of plain descent or with momentum is an affine map of w (and its velocity), and so is an epoch that takes the
samples in a fixed order. Its linear part takes the distance from where the run settles to that of an epoch later: the
distance dies out in the long run if and only if the spectral radius, the largest modulus of an eigenvalue, is below 1.
Where fewer than three different x leave directions of w open, nothing ever moves along these: they are left out.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from quadfit_tui.core import epochmap
from quadfit_tui.core.config import RunConfig
from quadfit_tui.core.epochmap import Maps
from quadfit_tui.core.figures import short, short_below
from quadfit_tui.core.optimizers import OPTIMIZERS, Momentum
from quadfit_tui.core.problem import Problem, start
from quadfit_tui.core.quadratic import Array, curvature, features, predict
from quadfit_tui.core.rules import CONVENTIONS
from quadfit_tui.core.schedules import SCHEDULES
from quadfit_tui.core.trainer import Record, Trainer, batch_size

EPSILON = float(np.finfo(np.float64).eps)
MOST_UPDATES = 65_536  # of an epoch, to be composed for many rates in less than a second
MAPS_AT_ONCE = 2**18  # of one composition: so many rates times updates
FINENESS = 1.01  # from one rate that is tried to the next
MOST_TRIED = 4096  # rates
FORGIVEN = 1e-9  # that a spectral radius may be above 1: rounding, where a direction hardly moves
REPEATS = 16  # of an epoch whose rounding matters
MOST_STRETCHES = 512  # of epochs at one rate, that a prediction looks through
BLOCK = 1024  # epochs that a prediction looks at one by one
LONGEST = 2**40  # epochs
MOST_FOLLOWED = 20_000  # updates that are followed one by one


def safe_rate(config: RunConfig, problem: Problem) -> float:
    """A learning rate below which no update of plain descent can diverge: 2/(factor·λ).

    An update on a batch with features F takes w − w* to (I − lr·factor·FᵀF/n)·(w − w*), which does not lengthen it
    while lr·factor·λmax(FᵀF/n) ≤ 2. For full batch this λmax is that of the data and the limit is exact; for smaller
    batches λ is the largest ‖f‖² of a sample, which no batch exceeds, and somewhat higher rates may do.
    """
    if config.batch == "full":
        largest = float(np.linalg.eigvalsh(curvature(problem.x))[-1])
    else:
        largest = float((features(problem.x) ** 2).sum(axis=1).max())
    return 2 / (CONVENTIONS[config.gradient] * largest)


class Ground(Enum):
    """What a limit rests on."""

    EXACT = "the spectral radius of an epoch's map reaches 1"
    ROUNDING = "within an epoch errors grow so much that those of rounding come to as much as w"
    SAFE = "no update lengthens the distance: it cannot diverge; higher rates may do as well"
    NONE = "there is no such limit, or none is known"


class Limit(NamedTuple):
    """The largest learning rate that a run can be trained with, and what that rests on.

    At a constant `rate` below it the distance from where the run settles dies out, above it grows. On SAFE ground only
    the former is known; on none `rate` is None.
    """

    rate: float | None
    ground: Ground


class _Rule(NamedTuple):
    """What a limit depends on besides the data."""

    batch: int
    ordered: bool  # whether each epoch takes the same batches
    factor: float
    momentum: Momentum


def _rule_of(config: RunConfig, problem: Problem) -> _Rule | None:
    """None of an optimiser whose updates are no affine maps."""
    affine = OPTIMIZERS[config.optimizer].affine
    if affine is None:
        return None
    size = batch_size(config, problem)
    ordered = not config.shuffle or size == len(problem.x)
    return _Rule(size, ordered, CONVENTIONS[config.gradient], affine(config))


def limit(config: RunConfig, problem: Problem) -> Limit:
    """The largest learning rate for this data, order, optimiser and convention of the gradient.

    Exact for one update an epoch: 2/(factor·λ) with the largest eigenvalue λ of its curvature; times 1 + μ for the
    heavy ball (Polyak 1964), times (1 + μ)/(1 + 2μ) for Nesterov's momentum: where −1 becomes an eigenvalue. Of more
    updates in a fixed order it is the smallest rate at which the spectral radius of their product reaches 1, on a scan
    in steps of 1 %; as the maps are composed in doubles, their rounding is that of the run. Of samples in a new order
    each epoch only the safe rate is known, of adagrad, rmsprop and adam no limit of this kind.
    """
    rule = _rule_of(config, problem)
    return Limit(None, Ground.NONE) if rule is None else _limit(rule, problem)


@lru_cache(maxsize=4)
def _limit(rule: _Rule, problem: Problem) -> Limit:
    plain = rule.momentum.carry == 0
    updates = len(problem.x) // rule.batch
    largest = float((features(problem.x) ** 2).sum(axis=1).max())
    safe = 2 / (rule.factor * largest)
    if rule.ordered and updates == 1:
        steepest = float(np.linalg.eigvalsh(curvature(problem.x[: rule.batch]))[-1])
        keep = rule.momentum.keep
        widened = (1 + keep) / (1 + 2 * keep) if rule.momentum.push > 1 else 1 + keep
        return Limit(2 * widened / (rule.factor * steepest), Ground.EXACT)
    if rule.ordered and updates <= MOST_UPDATES:
        epochs = _Epochs(rule, problem)
        low = safe if plain else safe * (1 - rule.momentum.keep) / 20
        found = _first_crossing(epochs.excess, low, max(1, min(64, MAPS_AT_ONCE // updates)))
        if found is None:
            return Limit(None, Ground.NONE)
        return Limit(found, Ground.ROUNDING if epochs.noise(found) > 1e-3 else Ground.EXACT)
    return Limit(safe, Ground.SAFE) if plain else Limit(None, Ground.NONE)


class _Epochs:
    """The maps of an epoch in a fixed order at many rates."""

    def __init__(self, rule: _Rule, problem: Problem, centre: Array | None = None) -> None:
        """`centre` is what w is counted from; without one the maps are only good for their linear part."""
        self._rule = rule
        size = len(problem.x) // rule.batch * rule.batch
        self._x = problem.x[:size]
        y = np.zeros(size) if centre is None else (problem.y - predict(centre, problem.x))[:size]
        self._single = rule.batch == 1 and rule.momentum.carry == 0
        if self._single:
            self._y = y
        elif rule.batch == size:
            self._forces = epochmap.forces_of_all(self._x, y)
        else:
            order = np.arange(size).reshape(1, -1, rule.batch)
            self._forces = epochmap.forces(epochmap.terms(self._x, y), order)
        self._basis = _determined(self._x)

    def maps(self, rates: Array) -> Maps:
        """The maps at these learning rates, shape (R,)."""
        rates = rates * self._rule.factor
        with np.errstate(all="ignore"):
            if self._single:
                return epochmap.compose_samples(self._x[np.newaxis], self._y[np.newaxis], rates, np.ones((3, 3)))
            weights = epochmap.norm_weights(math.inf, rates, self._rule.momentum)
            return epochmap.compose(self._forces, rates, self._rule.momentum, weights)

    def linear(self, maps: Maps) -> Array:
        """The linear parts along the directions that the data determine, shape (R, d, d)."""
        matrix = maps.matrix[:, :-1, :-1]
        if self._basis.shape[1] == 3:
            return matrix
        basis = np.kron(np.eye(matrix.shape[-1] // 3), self._basis)
        found: Array = basis.T @ matrix @ basis
        return found

    def excess(self, rates: Array) -> Array:
        """How far log ρ is above 0, beyond what rounding may feign, shape (R,); inf where a double cannot hold it."""
        with np.errstate(all="ignore"):
            maps = self.maps(rates)
            found = _log_radius(self.linear(maps))
            noise = 8 * EPSILON * np.sqrt(maps.growth)
        # Where rounding matters its effect is random: that of many epochs, which differ by a hair in their rate.
        for at in np.flatnonzero((noise > 1e-3) & (found < math.inf)).tolist():
            found[at] = self._in_the_long_run(float(rates[at]))
        found -= np.clip(noise, FORGIVEN, 1e-3)
        return found

    def _in_the_long_run(self, rate: float) -> float:
        repeated = self.linear(self.maps(self._nearly(rate)))
        product: Array = np.eye(repeated.shape[-1])
        log = 0.0
        with np.errstate(all="ignore"):
            for matrix in repeated:
                product = matrix @ product
                size = float(np.abs(product).max())
                if not 0 < size < math.inf:
                    return math.inf if size else -math.inf
                log += math.log(size)
                np.divide(product, size, out=product)
            return (float(_log_radius(product[np.newaxis])[0]) + log) / REPEATS

    @staticmethod
    def _nearly(rate: float) -> Array:
        near: Array = rate + rate * 1e-11 * np.arange(REPEATS, dtype=np.float64)
        return near

    def noise(self, rate: float) -> float:
        """How much rounding alone changes log ρ at a rate: by its standard deviation."""
        logs = _log_radius(self.linear(self.maps(self._nearly(rate))))
        return float(logs.std()) if np.isfinite(logs).all() else math.inf


def _determined(x: Array) -> Array:
    """Directions of w that samples at x determine, as orthonormal columns, shape (3, d)."""
    different = np.unique(x)
    if len(different) >= 3:
        return np.eye(3)
    basis: Array = np.linalg.qr(features(different).T)[0]
    return basis


def _log_radius(matrices: Array) -> Array:
    """log of the spectral radius of matrices, shape (R, d, d): shape (R,); inf where they are not finite."""
    found = np.full(len(matrices), math.inf)
    finite = np.isfinite(matrices).all(axis=(1, 2))
    if finite.any():
        with np.errstate(all="ignore"):
            found[finite] = np.log(np.abs(np.linalg.eigvals(matrices[finite])).max(axis=1))
    return found


def _first_crossing(excess: Callable[[Array], Array], low: float, at_once: int) -> float | None:
    """The smallest rate above `low` at which `excess` goes above 0, None where none is found.

    Rates are tried `at_once` at a time: 1 % apart from below; around a highest value between them closer by; then
    between the last good and the first bad one.
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
            return _between(excess, *bracket, max(8, at_once))
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


def _between(excess: Callable[[Array], Array], low: float, high: float, at_once: int) -> float:
    """The crossing between a good and a bad rate, to a millionth."""
    while high - low > 1e-6 * low:
        rates = np.linspace(low, high, at_once + 2)
        above = np.flatnonzero(excess(rates[1:-1]) > 0)
        stop = int(above[0]) + 1 if len(above) else at_once + 1
        low, high = float(rates[stop - 1]), float(rates[stop])
    return low


def condition(problem: Problem) -> float:
    """The condition number λmax/λmin of the curvature; inf where the data leave a direction open.

    By the singular values of a root of the curvature, which keeps small eigenvalues that a sum of squares would lose.
    """
    if len(np.unique(problem.x)) < 3:
        return math.inf
    form = problem.loss_form
    try:
        root = np.linalg.cholesky(form.curvature).T @ form.to_unit
    except np.linalg.LinAlgError:
        return math.inf
    values = np.linalg.svd(root, compute_uv=False)
    return float(values[0] / values[-1]) ** 2 if values[-1] > 0 else math.inf


def shrinkage(config: RunConfig, problem: Problem, rate: float) -> float | None:
    """The spectral radius of an epoch at a constant rate: what it leaves, in the long run, of the distance.

    None where an epoch has no fixed map, or too many updates.
    """
    rule = _rule_of(config, problem)
    if rule is None or not rule.ordered or len(problem.x) // rule.batch > MOST_UPDATES:
        return None
    epochs = _Epochs(rule, problem)
    return float(np.exp(_log_radius(epochs.linear(epochs.maps(np.array([rate]))))[0]))


# How long it takes


def epochs_needed(config: RunConfig, problem: Problem) -> int | None:
    """After how many epochs the mean loss of the whole data set will first be below tol, with the schedule's rates.

    This may be more than the run has. None where it never is, cannot be said (an order that is drawn anew, another
    optimiser, rounding after each epoch or too much within one), or lies beyond what is looked through.
    """
    rule = _rule_of(config, problem)
    if rule is None or not rule.ordered or config.round_epochs is not None:
        return None
    updates = len(problem.x) // rule.batch
    if updates > MOST_UPDATES:
        return None
    centre = problem.loss_form.p if problem.truth is None else np.array(problem.truth)
    epochs = _Epochs(rule, problem, centre)
    vector = np.array([*(start(config) - centre).tolist(), *([0.0] * 3 if rule.momentum.carry else []), 1.0])

    def is_above(vectors: Array) -> NDArray[np.bool_]:
        return ~(problem.mean_losses(vectors[:, :3] + centre) < config.tol)

    floor = EPSILON * max(1.0, float(np.abs(problem.optimum).max()))
    stretches = list(_stretches(config))
    at_once = max(1, min(64, MAPS_AT_ONCE // updates))
    for low in range(0, len(stretches), at_once):
        part = stretches[low : low + at_once]
        maps = epochs.maps(np.array([rate for _, rate, _ in part]))
        for (first, _, count), matrix, growth in zip(part, maps.matrix, maps.growth.tolist(), strict=True):
            if not (floor * math.sqrt(growth)) ** 2 * _trace(problem) < config.tol / 16:
                return None
            with np.errstate(all="ignore"):
                done, vector = _first_below(is_above, matrix, vector, count)
            if done is not None:
                return first + done
            if not np.isfinite(vector).all():
                return None
    return None


def _trace(problem: Problem) -> float:
    """The trace of the curvature: no less than its largest eigenvalue."""
    return float((features(problem.x) ** 2).sum(axis=1).mean())


def _stretches(config: RunConfig) -> Iterator[tuple[int, float, int]]:
    """The first epoch, rate and length of stretches at one rate; a schedule of a fixed length ends with the run."""
    schedule = SCHEDULES[config.schedule]
    epoch = 0
    for _ in range(MOST_STRETCHES):
        rate, count = schedule.rate(config, epoch), schedule.holds(config, epoch)
        if rate == 0:
            return
        yield epoch, rate, count
        epoch += count


def _first_below(
    is_above: Callable[[Array], NDArray[np.bool_]], matrix: Array, vector: Array, count: int
) -> tuple[int | None, Array]:
    """After how many of `count` epochs the loss is first below tol, None if after none; and (w, v, 1) after them.

    Looks at the first epochs one by one; farther on, that the loss once below stays there, and at those before it.
    """
    few = min(count, BLOCK)
    powers = epochmap.powers(Maps(matrix[np.newaxis], np.ones(1)), few + 1, None)[0][0]
    rows = powers @ vector
    below = np.flatnonzero(~is_above(rows[1:]))
    if len(below):
        return int(below[0]) + 1, rows[-1]
    if few == count:
        return None, rows[-1]
    if count < LONGEST and count < 10**9:
        at_end = np.linalg.matrix_power(matrix, count) @ vector
        if is_above(at_end[np.newaxis])[0]:
            return None, at_end
    doubled = [matrix]
    while 2 ** len(doubled) <= min(count, LONGEST):
        doubled.append(doubled[-1] @ doubled[-1])
    if is_above((doubled[-1] @ vector)[np.newaxis])[0]:
        return None, doubled[-1] @ vector
    done, reached = 0, vector
    for power in range(len(doubled) - 1, -1, -1):
        further = doubled[power] @ reached
        if is_above(further[np.newaxis])[0]:
            done, reached = done + 2**power, further
    back = max(0, done - BLOCK + 1)
    rows = powers @ (np.linalg.matrix_power(matrix, back) @ vector)
    below = np.flatnonzero(~is_above(rows[1:]))
    return back + int(below[0]) + 1 if len(below) else done + 1, reached


# The diagnosis


@dataclass(frozen=True)
class Diagnosis:
    """What can be said of a learning rate beforehand.

    `fraction` is the rate in units of the limit, None where there is none. `condition` is that of the curvature, of
    eigenvalues `steepest` (the largest) and smaller. `left` is what an epoch at this constant rate leaves of the
    distance in the long run, None as in `shrinkage`; `epochs` as in `epochs_needed`.
    """

    rate: float
    limit: Limit
    fraction: float | None
    condition: float
    steepest: float
    left: float | None
    epochs: int | None


def diagnose(config: RunConfig, problem: Problem, rate: float | None = None) -> Diagnosis:
    """The diagnosis of a rate that a schedule has come to, without one of the rate that the run begins with."""
    rate = config.lr if rate is None else rate
    found = limit(config, problem)
    return Diagnosis(
        rate=rate,
        limit=found,
        fraction=None if found.rate is None else rate / found.rate,
        condition=condition(problem),
        steepest=float(np.linalg.eigvalsh(curvature(problem.x))[-1]),
        left=shrinkage(config, problem, rate),
        epochs=epochs_needed(config, problem),
    )


def working_rate(config: RunConfig, problem: Problem) -> float | None:
    """A rate with a margin below what is known to hold, with three digits; None where nothing is known."""
    found = limit(config, problem)
    if found.rate is None:
        return None
    return float(short_below(found.rate * (0.99 if found.ground is Ground.SAFE else 0.9)))


def one_line(diagnosis: Diagnosis, config: RunConfig) -> str:
    """The diagnosis in at most 78 characters."""
    rate, found = f"lr {short(diagnosis.rate)}", diagnosis.limit
    if found.rate is None:
        return _without_limit(config)
    bound = short_below(found.rate)
    if found.ground is Ground.SAFE:
        if diagnosis.rate < found.rate:
            return f"{rate} is safe: below {bound} it cannot diverge"
        return f"{rate} may diverge: only below {bound} it surely cannot"
    if diagnosis.rate >= found.rate:
        return f"{rate} is above the limit {bound}: at this rate the error grows"
    said = f"{rate} is {short(diagnosis.rate / found.rate)} of the limit {bound}"
    return said if diagnosis.epochs is None else f"{said}; {_epochs(diagnosis.epochs)} to tol"


def _epochs(count: int) -> str:
    return f"{count} epoch{'s' * (count != 1)}"


def _without_limit(config: RunConfig) -> str:
    if OPTIMIZERS[config.optimizer].affine is None:
        return f"{config.optimizer} scales each gradient itself: no limit of this kind"
    return f"{config.optimizer}: no limit of the learning rate is known for such epochs"


def details(diagnosis: Diagnosis, config: RunConfig) -> list[str]:
    """The diagnosis in full, in lines of at most 78 characters."""
    said = [one_line(diagnosis, config), *_grounds(diagnosis, config)]
    if math.isinf(diagnosis.condition):
        said.append("The data leave w open: many w fit them equally well.")
    else:
        said.append(f"Condition number of the curvature: {short(diagnosis.condition)}.")
    if diagnosis.left is not None and (diagnosis.left < 1 or diagnosis.limit.ground is Ground.EXACT):
        said.append(f"An epoch at this rate multiplies the error by {_radius(diagnosis.left)} in the long run.")
    if diagnosis.epochs is not None:
        more = f"; the run has {config.epochs}" if diagnosis.epochs > config.epochs else ""
        said.append(f"Mean loss below tol {short(config.tol)} after {_epochs(diagnosis.epochs)}{more}.")
    return said


def _radius(value: float) -> str:
    """A spectral radius, not rounded to the 1 that it is not."""
    if value != 1 and abs(value - 1) < 1e-3:
        return f"1 {'−' if value < 1 else '+'} {short(abs(value - 1))}"
    return short(value)


def _grounds(diagnosis: Diagnosis, config: RunConfig) -> list[str]:
    match diagnosis.limit.ground:
        case Ground.EXACT if config.batch == "full" and config.optimizer == "sgd":
            factor = short(CONVENTIONS[config.gradient])
            largest = short(diagnosis.steepest)
            return [f"The limit is 2 / ({factor} × {largest}): the largest eigenvalue of the curvature."]
        case Ground.EXACT:
            return ["At the limit an epoch's map stops to shrink the error: spectral radius 1."]
        case Ground.ROUNDING:
            return [
                "Within an epoch at such a rate errors grow a lot before they shrink:",
                "what rounding adds sets this limit, not the curvature alone.",
            ]
        case Ground.SAFE if config.shuffle:
            return ["A new order each epoch has no fixed map: higher rates may do, or not."]
        case Ground.SAFE:
            return ["An epoch has too many updates to tell the limit: higher rates may do."]
        case Ground.NONE:
            return []


def loss_gap(record: Record) -> float | None:
    """How many times the loss of its last update an epoch's mean loss is: far from 1, the former tells little.

    None of a single update, or where the division has no sense.
    """
    mean_loss = record.mean_loss
    return None if mean_loss is None or not record.loss > 0 else mean_loss / record.loss


class Rise(NamedTuple):
    """The first update after which the mean loss of the whole data set was more than before it; it counts from 1."""

    epoch: int
    update: int
    before: float
    after: float


def first_rise(config: RunConfig, problem: Problem, most: int = MOST_FOLLOWED) -> Rise | None:
    """The first rise of a run within `most` updates; None where there is none.

    Of small batches single updates often raise the mean loss, also in a run that converges.
    """
    trainer = Trainer(config, problem)
    reached, places = [trainer.w], [(0, 0)]
    while places and most > 0 and trainer.epoch < config.epochs and not trainer.diverged:
        for _ in range(min(most, 256)):
            record = trainer.advance(1)
            if record is None:
                break
            reached.append(record.w)
            places.append((record.epoch, record.update))
        most -= 256
        losses = problem.mean_losses(np.array(reached))
        risen = np.flatnonzero(~(losses[1:] <= losses[:-1]))
        for at in risen.tolist():
            before, after = problem.mean_loss(reached[at]), problem.mean_loss(reached[at + 1])
            if after > before:
                return Rise(*places[at + 1], before, after)
        reached, places = reached[-1:], places[-1:]
    return None


def divergence(config: RunConfig, problem: Problem) -> list[str]:
    """Why a run of this configuration diverged, and what to try: lines of at most 78 characters."""
    said = [one_line(diagnose(config, problem), config)]
    rise = first_rise(config, problem)
    if rise is not None:
        said.append(f"The mean loss first rose at update {rise.update} of epoch {rise.epoch}:")
        said.append(f"from {short(rise.before)} to {short(rise.after)}.")
    rate = working_rate(config, problem)
    if rate is not None and rate < config.lr:
        said.append(f"A learning rate that holds: {short(rate)}.")
    return said
