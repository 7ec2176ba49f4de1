"""Tries other learning rates, another schedule and scaled features, by training a whole run with each."""

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

BUDGET = 3.0  # seconds of processor time for all trials: a busy machine takes longer, with the same result
MOST_RATE = 1e6  # maximum rate of a trial
LEAST_GAIN = 1e-9  # minimum relative change of the mean loss that counts: less may be rounding
STEP = 2 ** (1 / 3)  # ratio of neighboring rates that are compared by algebra
MOST_MAPS = 2048  # maximum number of updates of an epoch that are composed; with momentum an eighth of them
HOPELESS = 1e3  # times the aim: if the best of the rates ends higher, the run needs another change
STABLE = 1e-6  # maximum log ρ of an epoch for a rate to begin with
MOST_POWER = 308  # maximum power of ten that a double can hold
COARSE, FINE = 4.0, 1.02  # ratio of neighboring rates that are trained, at first and at last


class Trial(NamedTuple):
    """The result of a run with another `config`, which differs from the run in the parameters `changed`.

    `converged`: it stopped by its rule with a mean loss below tol; or it never stops, and that is below tol after
    `epochs` epochs, and in the end as far as there was time to check. `good`: it converged, or ends hardly above the
    least mean loss. `at_most` is a bound of the mean loss if rounding leaves no digits of it.
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
        """The sort key of a trial: less than that of one that ends worse, or as well with more changes, or later."""
        if self.converged:
            return 0, len(self.changed), self.epochs
        return 1, not self.good, self.mean_loss


class Tested(NamedTuple):
    """The results of all trials of a run.

    `trials` are the changes that work, the best one first; `failed` those of kinds of which none works; `untested`
    those for which time was up.
    """

    trials: tuple[Trial, ...]
    failed: tuple[RunConfig, ...]
    untested: tuple[RunConfig, ...]


def try_changes(task: FitTask, known_limit: Limit, scaling: bool = False, budget: float = BUDGET) -> Tested:
    """Searches for the smallest change with which a run converges, or ends hardly above the least mean loss.

    Tries first another rate, then another schedule, then scaled features, with `scaling` these even if another change
    works. If nothing comes out well, returns the simple change that ends lowest, if lower than the run began.
    `known_limit` is the limit of the task.
    """
    tests, config = _Tests(task, time.thread_time() + budget), task.config
    other_schedule = config.replace(schedule="halve" if is_constant(config) else "constant")
    if known_limit.rate is not None and config.lr >= known_limit.rate:
        share = 0.99 if known_limit.basis is LimitBasis.SAFE else 0.9
        tests.run(config.replace(lr=_round_rate_down(known_limit.rate * share)))
    elif is_constant(config) and not task.trained.is_fitted:  # a falling rate brings w to rest
        tests.run(other_schedule)
    bases = [config, other_schedule]
    if not config.scale_features:
        bases += [base.replace(scale_features=True) for base in bases]
    if scaling or not tests.mended:
        foreseen = {base: _foreseen(FitTask(base, task.problem)) for base in bases}
        promising = [base for base in bases if foreseen[base] and foreseen[base][0][1] < tests.aim]
        for base in dict.fromkeys(promising + bases):  # the smallest promising change comes first
            if not tests.mended or (scaling and base in promising and max(tests.mended) < base.scale_features):
                tests.climb(base, foreseen[base])
    return tests.outcome(scaling)


def more_helps(snapshot: Snapshot, budget: float = BUDGET) -> bool:
    """Checks by training whether a finished run would converge, or halve its mean loss, if it were trained on."""
    task, before = snapshot.task, snapshot.mean_loss
    if is_good(before, task.trained.least, aim(task)):
        return False
    deadline = time.thread_time() + budget
    try:
        more = task.replace(init=tuple(snapshot.w.tolist()))
    except ConfigError:  # no run can start at this w
        return False
    outcome = whole_run(more, lambda: time.thread_time() < deadline)
    return outcome is not None and ((outcome.converged and tol_tells(task)) or outcome.mean_loss < before / 2)


class _Tests:
    """The trials of changes to one task until a deadline, and the changes that were not tested by then."""

    def __init__(self, task: FitTask, deadline: float) -> None:
        self._task, self._deadline, own = task, deadline, task.config
        self.aim, self._tol_tells = aim(task), tol_tells(task)
        self._trials = {own: Trial(own, (), False, False, own.epochs, math.inf)}  # the run itself comes first
        self._late: list[RunConfig] = []

    @property
    def mended(self) -> list[bool]:
        """For each change that works, whether its features are scaled."""
        return [trial.config.scale_features for trial in self._trials.values() if trial.good]

    def run(self, config: RunConfig, until: float = math.inf) -> Trial | None:
        """Trains a configuration to its end; returns its trial, or None if there is no time for it."""
        if config not in self._trials:
            until = min(until, self._deadline)
            # If the mean loss is below tol from the start and the run goes on, the end alone counts.
            trained = config if self._tol_tells or config.stop_on != "never" else config.replace(tol=0.0)
            outcome = whole_run(FitTask(trained, self._task.problem), lambda: time.thread_time() < until)
            if outcome is None:
                self._late.append(config)
                return None
            own, least = self._task.config, self._task.trained.least
            changed = tuple(name for name in PARAMETERS if getattr(config, name) != getattr(own, name))
            converged = outcome.converged and self._tol_tells
            good = converged or is_good(outcome.mean_loss, least, self.aim)
            self._trials[config] = Trial(config, changed, converged, good, outcome.epochs, outcome.mean_loss)
        return self._trials[config]

    def climb(self, base: RunConfig, foreseen: list[tuple[float, float]]) -> None:
        """Trains `base` as it is, then with other rates around the most promising one, to find where it ends lowest."""
        until = (time.thread_time() + self._deadline) / 2  # leaves time for other changes
        step, tried = STEP if foreseen else COARSE, dict[float, float]()
        hopeless = HOPELESS * max(self.aim, self._task.trained.least)
        own = min(foreseen, key=lambda row: abs(math.log(row[0] / base.lr)), default=(base.lr, 0.0))
        rates = [foreseen[0][0]] if foreseen else _guessed(FitTask(base, self._task.problem))
        rates = [*rates, base.lr] if own[1] > hopeless else [base.lr, *rates]  # a hopeless rate is trained last
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
        """Sorts the trials: returns the best one with scaled features and without, and what failed or is untested."""
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
        tested = {kind_of(trial.config) for trial in tried}
        works = {kind_of(trial.config) for trial in tried if trial.good}
        failed = (trial.config for trial in tried if kind_of(trial.config) not in works)
        untested = (config for config in self._late if kind_of(config) not in tested)
        return Tested(tuple(chosen.values()), tuple(failed), tuple(untested))

    def _bound(self, trial: Trial) -> float | None:
        """Returns a power of ten, or inf, above the mean loss of a trial; None if rounding leaves digits of it."""
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
    """Returns the group of a trial: whether its features are scaled, and its schedule."""
    return config.scale_features, config.schedule


def _round_rate_down(rate: float, step: float = STEP) -> float:
    """Rounds a rate down for display: to two digits, or to three if the next rate is less than a `step` away."""
    return float(rounded_down(min(rate, MOST_RATE), 2 if step > 1.1 else 3))


def _guessed(task: FitTask) -> list[float]:
    """Guesses rates with which an optimizer whose updates have about their size may just reach the optimum."""
    config = task.config
    epochs = sum(rate / config.lr * count for rate, count in SCHEDULES[config.schedule].stretches(config, STEP))
    updates = epochs * task.updates_per_epoch
    distance = float(np.abs(task.start - task.from_x(task.problem.optimum)).max())
    if config.optimizer == "adagrad":
        updates = 2 * math.sqrt(updates)
    return [_round_rate_down(times * distance / updates) for times in (4, 32)] if distance and updates else []


def _foreseen(task: FitTask) -> list[tuple[float, float]]:
    """Predicts rates, and about which mean loss each ends at, by algebra, the most promising first; [] if impossible.

    It composes the maps of an epoch, for some of its batches, at rates STEP apart, through which its schedule goes
    down. Samples in a new order each epoch are treated as if one order came again.
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
        for index, (rate, count) in enumerate(SCHEDULES[config.schedule].stretches(config, STEP)):
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
            soonest = np.where((losses < bound) & np.isinf(soonest), index, soonest)
            lowest = np.fmin(lowest, losses)
        stable = log_spectral_radius(powers[0][:, :-1, :-1]) < STABLE
    ranked = sorted(zip(soonest[stable].tolist(), lowest[stable].tolist(), grid[stable].tolist(), strict=True))
    return [(_round_rate_down(rate), loss) for _, loss, rate in ranked]
