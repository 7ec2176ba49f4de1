"""Tries other learning rates, another schedule and scaled features, by doing the run of a restart: which one works."""

from __future__ import annotations

import math
import time
from operator import attrgetter
from typing import NamedTuple

import numpy as np

from quadfit_tui.core.algebra.affine_maps import log_spectral_radius
from quadfit_tui.core.config.parameters import PARAMETERS, ConfigError, RunConfig
from quadfit_tui.core.diagnosis.forecast import lost_to_rounding
from quadfit_tui.core.diagnosis.rest import KNOWN
from quadfit_tui.core.diagnosis.stability import EpochMaps, Limit, LimitBasis, descent_of
from quadfit_tui.core.methods.schedules import SCHEDULES, is_constant
from quadfit_tui.core.model.array import Array
from quadfit_tui.core.model.parabola import curvature
from quadfit_tui.core.model.problem import Dataset, Stream, generator
from quadfit_tui.core.model.task import FitTask
from quadfit_tui.core.session.closeness import aim, is_good, tol_tells
from quadfit_tui.core.session.snapshot import Snapshot
from quadfit_tui.core.session.whole_run import whole_run
from quadfit_tui.core.text.numbers import rounded_down

BUDGET = 3.0  # seconds of work for all trials: on a busy machine it takes longer, and comes to the same
MOST_RATE = 1e6  # that may be chosen
LEAST_GAIN = 1e-9  # of the mean loss that counts as a change: less may be rounding
STEP = 2 ** (1 / 3)  # from one rate that is looked at to the next
MOST_MAPS = 2048  # updates of an epoch that are looked at; with momentum an eighth of them
HOPELESS = 1e3  # times the aim: what ends higher, at the best of the rates that are looked at, needs another change
STABLE = 1e-6  # what log ρ of an epoch may be above 0, for a rate to begin with
MOST_POWER = 308  # of ten, that a double can hold
COARSE, FINE = 4.0, 1.02  # from one rate that is trained to the next, at first and at last


class Trial(NamedTuple):
    """How a run with another `config`, which has other values of `changed` and all else the same, came out.

    `converged`: it stopped by its rule with a mean loss below tol, or, where it never stops, that is below tol after
    `epochs` epochs, and in the end as far as there was time to see. `good`: or it ends hardly above the least.
    `at_most`: a bound of the mean loss if rounding leaves no digits of it.
    """

    config: RunConfig
    changed: tuple[str, ...]
    converged: bool
    good: bool
    epochs: int
    mean_loss: float
    at_most: float | None = None

    @property
    def rank(self) -> tuple[object, ...]:
        """Less than that of another trial that ends worse, or as well but by more changes, or later."""
        if self.converged:
            return 0, len(self.changed), self.epochs
        return 1, not self.good, self.mean_loss


class Tested(NamedTuple):
    """The changes that work, the best one first; those of kinds of which none does; and those for which time was up."""

    trials: tuple[Trial, ...]
    failed: tuple[RunConfig, ...]
    untested: tuple[RunConfig, ...]


def try_changes(task: FitTask, found: Limit, scaling: bool = False, budget: float = BUDGET) -> Tested:
    """Looks for the smallest change with which the run converges, or ends hardly above the least possible mean loss.

    First another rate, then another schedule, then scaled features, these also beside another one if `scaling`. Where
    nothing comes out well, of the simple changes that which ends lowest, if lower than the run began. `found` is the
    limit of the task.
    """
    tests, config = _Tests(task, time.thread_time() + budget), task.config
    turned = config.replace(schedule="halve" if is_constant(config) else "constant")
    if found.rate is not None and config.lr >= found.rate:
        tests.run(config.replace(lr=_round_rate_down(found.rate * (0.99 if found.basis is LimitBasis.SAFE else 0.9))))
    elif is_constant(config) and not task.trained.is_fitted:  # what keeps moving about comes to rest
        tests.run(turned)
    bases = [config, turned]
    if not config.scale_features:
        bases += [base.replace(scale_features=True) for base in bases]
    if scaling or not tests.mended:
        foreseen = {base: _foreseen(FitTask(base, task.problem)) for base in bases}
        promising = [base for base in bases if foreseen[base] and foreseen[base][0][1] < tests.aim]
        for base in dict.fromkeys(promising + bases):  # of what may work the smallest change first
            if not tests.mended or (scaling and base in promising and max(tests.mended) < base.scale_features):
                tests.climb(base, foreseen[base])
    return tests.outcome(scaling)


def more_helps(snapshot: Snapshot, budget: float = BUDGET) -> bool:
    """Whether to keep training helps a run whose epochs are done: trained on, it converges, or halves its mean loss."""
    task, before = snapshot.task, snapshot.mean_loss
    if is_good(before, task.trained.least, aim(task)):
        return False
    deadline = time.thread_time() + budget
    try:
        more = task.replace(init=tuple(snapshot.w.tolist()))
    except ConfigError:  # from where w is, no run can start
        return False
    came = whole_run(more, lambda: time.thread_time() < deadline)
    return came is not None and ((came.converged and tol_tells(task)) or came.mean_loss < before / 2)


class _Tests:
    """The trials of changes to one task until the deadline, and the changes that were not tested by then."""

    def __init__(self, task: FitTask, deadline: float) -> None:
        self._task, self._deadline, own = task, deadline, task.config
        self.aim, self._tol_tells = aim(task), tol_tells(task)
        self._trials = {own: Trial(own, (), False, False, own.epochs, math.inf)}  # which is to be mended
        self._late: list[RunConfig] = []

    @property
    def mended(self) -> list[bool]:
        """Whether the features are scaled, of each change that works."""
        return [trial.config.scale_features for trial in self._trials.values() if trial.good]

    def run(self, config: RunConfig, until: float = math.inf) -> Trial | None:
        """The trial of a configuration; None where there is no time for it."""
        if config not in self._trials:
            until = min(until, self._deadline)
            # Of a run that goes on below a tol which tells nothing, the end alone counts.
            trained = config if self._tol_tells or config.stop_on != "never" else config.replace(tol=0.0)
            came = whole_run(FitTask(trained, self._task.problem), lambda: time.thread_time() < until)
            if came is None:
                self._late.append(config)
                return None
            own, least = self._task.config, self._task.trained.least
            changed = tuple(name for name in PARAMETERS if getattr(config, name) != getattr(own, name))
            converged = came.converged and self._tol_tells
            good = converged or is_good(came.mean_loss, least, self.aim)
            self._trials[config] = Trial(config, changed, converged, good, came.epochs, came.mean_loss)
        return self._trials[config]

    def climb(self, base: RunConfig, foreseen: list[tuple[float, float]]) -> None:
        """Trains `base` as it is, and from the most promising rate on with others, to where it ends lowest."""
        until = (time.thread_time() + self._deadline) / 2  # something is left for other changes
        step, tried = STEP if foreseen else COARSE, dict[float, float]()
        hopeless = HOPELESS * max(self.aim, self._task.trained.least)
        own = min(foreseen, key=lambda row: abs(math.log(row[0] / base.lr)), default=(base.lr, 0.0))
        rates = [foreseen[0][0]] if foreseen else _guessed(FitTask(base, self._task.problem))
        rates = [*rates, base.lr] if own[1] > hopeless else [base.lr, *rates]  # tested is what has been trained
        while step > FINE:
            for rate in rates:
                trial = self.run(base.replace(lr=rate), until)
                if trial is None or trial.good:
                    return
                tried[rate] = trial.mean_loss
            best = min(tried, key=lambda rate: tried[rate])
            if foreseen and tried[best] > hopeless:
                return
            beside = (_round_rate_down(best * step, step), _round_rate_down(best / step, step))
            rates = [rate for rate in beside if rate not in tried and not (foreseen and rate > max(foreseen)[0])]
            if not rates:
                step = math.sqrt(step)

    def outcome(self, scaling: bool) -> Tested:
        """What came out of all of them: the best one with scaled features, and of the others."""
        tried = sorted((trial for trial in self._trials.values() if trial.changed), key=attrgetter("rank"))
        chosen: dict[bool, Trial] = {}
        for trial in tried:
            simple = {*trial.changed} < {"lr", "schedule"} or (scaling and "schedule" not in trial.changed)
            misled = self._tol_tells and trial.epochs < trial.config.epochs
            enough = (1 - LEAST_GAIN) * self._task.loss_at_start
            if trial.config.scale_features in chosen or not (trial.good or (simple and not misled)):
                continue
            bound = None if trial.converged or not trial.mean_loss < enough else self._bound(trial)
            known = trial.mean_loss if bound is None else bound
            if known < enough or (trial.good and known < math.inf):
                chosen[trial.config.scale_features] = trial._replace(at_most=bound)
        tested, works = {kind_of(each.config) for each in tried}, {kind_of(each.config) for each in tried if each.good}
        failed = (trial.config for trial in tried if kind_of(trial.config) not in works)
        untested = (config for config in self._late if kind_of(config) not in tested)
        return Tested(tuple(chosen.values()), tuple(failed), tuple(untested))

    def _bound(self, trial: Trial) -> float | None:
        """A power of ten, or inf, that the mean loss of a trial is below; None if rounding leaves digits of it."""
        task = FitTask(trial.config, self._task.problem)
        descent, root = descent_of(task), math.sqrt(trial.mean_loss)
        if descent is None or not descent.ordered:
            return None
        peak = float(np.abs([task.start, task.trained.optimum, task.trained.center]).max())
        with np.errstate(all="ignore"):
            lost = lost_to_rounding(task, trial.epochs, peak)
        if root > KNOWN * lost:
            return None
        power = 2 * math.log10(root + lost) if root + lost < math.inf else math.inf
        return 10.0 ** math.ceil(power) if power < MOST_POWER else math.inf


def kind_of(config: RunConfig) -> tuple[bool, str]:
    """What trials are told together by: whether the features are scaled, and the schedule."""
    return config.scale_features, config.schedule


def _round_rate_down(rate: float, step: float = STEP) -> float:
    """A rate as it is told: rounded down to two digits, or to three where the next one is less than a `step` away."""
    return float(rounded_down(min(rate, MOST_RATE), 2 if step > 1.1 else 3))


def _guessed(task: FitTask) -> list[float]:
    """Rates of an optimizer that makes updates of about their size, with which it may just come to the optimum."""
    config = task.config
    epochs = sum(rate / config.lr * count for rate, count in SCHEDULES[config.schedule].stretches(config, STEP))
    updates = epochs * task.updates_per_epoch
    distance = float(np.abs(task.start - task.from_x(task.problem.optimum)).max())
    if config.optimizer == "adagrad":
        updates = 2 * math.sqrt(updates)
    return [_round_rate_down(times * distance / updates) for times in (4, 32)] if distance and updates else []


def _foreseen(task: FitTask) -> list[tuple[float, float]]:
    """Rates, and about which mean loss the run comes down to with each, the most promising first; empty of no maps.

    By the maps of an epoch, of some of its batches, at rates STEP apart, through which its schedule goes down.
    Samples in a new order each epoch are taken as if one of these came again.
    """
    descent, config, problem, updates = descent_of(task), task.config, task.trained, task.updates_per_epoch
    bound = aim(task)
    if descent is None:
        return []
    order = np.arange(len(problem.x))
    if config.shuffle:
        generator(config.seed, Stream.ORDER).shuffle(order)
    keep = descent.momentum.velocity_decay
    every = -(-updates // (MOST_MAPS // 8 if descent.momentum.velocity_gain else MOST_MAPS))
    chosen = order[: updates * task.batch].reshape(updates, -1)[::every]
    some = Dataset(problem.x[chosen.ravel()], problem.y[chosen.ravel()], None)
    steepest, xx = float(np.linalg.eigvalsh(curvature(problem.x))[-1]), problem.x * problem.x
    top = 8 * (1 + keep) / (descent.factor * steepest)
    low = 2 * (1 - keep) / (500 * descent.factor * float((xx * xx + xx).max() + 1))
    grid: Array = top * STEP ** -np.arange(math.log(top / low) / math.log(STEP))
    with np.errstate(all="ignore"):
        powers = [EpochMaps(descent, some, problem.center).maps(grid).matrix]
        state = np.zeros((len(grid), powers[0].shape[-1], 1))
        state[:, :3, 0], state[:, -1] = task.start - problem.center, 1
        lowest = soonest = np.full(len(grid), math.inf)
        for at, (rate, count) in enumerate(SCHEDULES[config.schedule].stretches(config, STEP)):
            lower = round(math.log(config.lr / rate) / math.log(STEP)) if rate else len(grid)
            if lower >= len(grid):
                break
            repeats = round(count * updates / len(chosen))
            for bit in range(repeats.bit_length()):
                if bit == len(powers):
                    powers.append(powers[-1] @ powers[-1])
                if repeats >> bit & 1:
                    state[: len(grid) - lower] = powers[bit][lower:] @ state[: len(grid) - lower]
            losses = np.maximum(problem.quadratic_loss.losses(state[:, :3, 0] + problem.center)[0], 0)
            soonest = np.where((losses < bound) & np.isinf(soonest), at, soonest)
            lowest = np.fmin(lowest, losses)
        stable = log_spectral_radius(powers[0][:, :-1, :-1]) < STABLE
    found = zip(soonest[stable].tolist(), lowest[stable].tolist(), grid[stable].tolist(), strict=True)
    return [(_round_rate_down(rate), loss) for soonest_at, loss, rate in sorted(found)]
