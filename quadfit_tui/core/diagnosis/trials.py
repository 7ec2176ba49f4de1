"""Tries other learning rates, another schedule and scaled features, by doing the run of a restart: which one works."""

from __future__ import annotations

import math
import time
from bisect import bisect_left
from collections.abc import Callable, Iterator
from enum import Enum
from operator import attrgetter
from typing import NamedTuple

import numpy as np

from quadfit_tui.core.config.parameters import PARAMETERS, RunConfig
from quadfit_tui.core.diagnosis.rest import is_constant
from quadfit_tui.core.diagnosis.stability import EpochMaps, Limit, LimitBasis, descent_of
from quadfit_tui.core.methods.schedules import SCHEDULES
from quadfit_tui.core.methods.stopping import STOP_RULES
from quadfit_tui.core.model.array import Array
from quadfit_tui.core.model.cancellation import check_cancelled
from quadfit_tui.core.model.parabola import curvature
from quadfit_tui.core.model.problem import Problem, Stream, generator
from quadfit_tui.core.model.task import Task
from quadfit_tui.core.session.closeness import is_good
from quadfit_tui.core.text.numbers import rounded_down
from quadfit_tui.core.training.affine_maps import log_spectral_radius
from quadfit_tui.core.training.position import Position
from quadfit_tui.core.training.record_log import RecordLog
from quadfit_tui.core.training.status import Status
from quadfit_tui.core.training.timeline import Timeline

BUDGET = 1.5  # seconds of work for all trials: on a busy machine it takes longer, and comes to the same
MOST_RATE = 1e6  # that may be chosen
LEAST_GAIN = 1e-9  # of the mean loss that counts as a change: less may be rounding
STEP = 2 ** (1 / 3)  # from one rate that is looked at to the next
MOST_MAPS = 2048  # updates of an epoch that are looked at; with momentum an eighth of them
HOPELESS = 1e3  # times tol: what ends higher, at the best of the rates that are looked at, needs another change
AT_ONCE = 256  # epochs that are looked at together
STABLE = 1e-6  # what log ρ of an epoch may be above 0, for a rate to begin with
COARSE, FINE = 4.0, 1.2  # from one rate that is trained to the next, at first and at last


class Kind(Enum):
    """Changes of a run, as they are told."""

    LOWER = "a lower rate"
    HIGHER = "a higher rate"
    HALVE = "schedule halve"
    CONSTANT = "schedule constant"
    SCALED = "scaled features"


class Trial(NamedTuple):
    """How a run with another `config`, which has other values of `changed` and all else the same, came out.

    `converged`: it stopped by its rule with a mean loss below tol, or, where it never stops, that came below tol after
    `epochs` epochs, and stays there as far as there was time to see. `good`: or it ends hardly above the least.
    """

    config: RunConfig
    changed: tuple[str, ...]
    converged: bool
    good: bool
    epochs: int
    mean_loss: float

    @property
    def rank(self) -> tuple[object, ...]:
        """Less than that of another trial that ends worse, or as well but by more changes, or later."""
        changes = len(self.changed) if self.good else 0
        return not self.converged, not self.good, changes, self.epochs if self.converged else 0, self.mean_loss


class Trials(NamedTuple):
    """The changes that work, the best one first; the kinds of which none converges, and those for which time was up."""

    best: tuple[Trial, ...]
    failed: tuple[Kind, ...]
    untested: tuple[Kind, ...]


def try_changes(task: Task, found: Limit, scaling: bool = False, budget: float = BUDGET) -> Trials:
    """Looks for the smallest change with which the run converges, or ends hardly above the least possible mean loss.

    First another rate, then another schedule, then scaled features: these in any case if `scaling`. Where nothing comes
    out well, the changes that end lowest, of some, if lower than the run began. `found` is the limit of the task.
    """
    tests, config = _Tests(task, scaling, time.thread_time() + budget), task.config
    too_high = found.rate is not None and config.lr >= found.rate
    turned = config.replace(schedule="halve" if is_constant(config) else "constant")
    if found.rate is not None and too_high:
        tests.end(config.replace(lr=_told(found.rate * (0.99 if found.basis is LimitBasis.SAFE else 0.9))))
    elif is_constant(config) and not task.trained.is_fitted:  # what keeps moving about comes to rest
        tests.end(turned)
    if tests.trials and tests.trials[-1].good and not scaling:
        return tests.outcome()
    bases = [config, turned]
    if not config.scale_features:
        bases += [base.replace(scale_features=True) for base in bases]
    foreseen = {base: _foreseen(Task(base, task.problem)) for base in bases}
    promising = [base for base in bases if foreseen[base] and foreseen[base][0][1] < base.tol]
    for base in dict.fromkeys(promising + bases):  # of what may work the smallest change first
        mended = {trial.config.scale_features for trial in tests.trials if trial.good}
        if not mended or (scaling and base.scale_features and base in promising and True not in mended):
            tests.climb(base, foreseen[base])
    return tests.outcome()


class _Tests:
    """The trials of one task until the deadline."""

    def __init__(self, task: Task, scaling: bool, deadline: float) -> None:
        self._task, self._scaling, self._deadline = task, scaling, deadline
        self._losses: dict[RunConfig, float] = {}  # that runs ended with, inf where they diverged
        self.trials: list[Trial] = []
        self._late: list[Kind] = []

    def climb(self, base: RunConfig, foreseen: list[tuple[float, float]]) -> None:
        """Trains `base` as it is, and from the most promising rates on with others, to where it ends lowest."""
        until = (time.thread_time() + self._deadline) / 2  # something is left for other changes
        task, step, tried = Task(base, self._task.problem), COARSE, dict[float, float]()
        hopeless = HOPELESS * max(base.tol, task.trained.least)
        near = [lowest for rate, lowest in foreseen if base.lr / STEP < rate < base.lr * STEP]
        rates = [] if near and min(near) > hopeless else [base.lr]
        rates += [rate for rate, _ in foreseen[:2]] if foreseen else _guessed(task)
        while step > FINE:
            for rate in rates:
                found = self.end(base.replace(lr=rate), until)
                if found is None or (self.trials and self.trials[-1].good):
                    return
                tried[rate] = found
                if foreseen and rate == foreseen[0][0] and found > hopeless:
                    return
            best = min(tried, key=lambda rate: tried[rate])
            most = max((rate for rate, _ in foreseen), default=MOST_RATE)
            beside = (_told(best * step), _told(best / step))
            rates = [rate for rate in beside if rate not in tried and rate <= most]
            if not rates:
                step = math.sqrt(step)

    def end(self, config: RunConfig, until: float = math.inf) -> float | None:
        """The mean loss that a run ends with, inf where it diverges; None where there is no time for it."""
        if config == self._task.config:
            return math.inf  # which is what is to be mended
        if config not in self._losses:
            until = min(until, self._deadline)
            trial = _try(self._task, config, lambda: time.thread_time() < until)
            if trial is None:
                self._late.append(self._kind(config))
                return None
            self._losses[config] = trial.mean_loss
            self.trials.append(trial)
        return self._losses[config]

    def _kind(self, config: RunConfig) -> Kind:
        own = self._task.config
        if config.scale_features != own.scale_features:
            return Kind.SCALED
        if config.schedule != own.schedule:
            return Kind[config.schedule.upper()]
        return Kind.LOWER if config.lr < own.lr else Kind.HIGHER

    def _is_nearer(self, trial: Trial) -> bool:
        """Whether a change that does not mend the run is worth a word: a simple one that leads somewhere."""
        simple = {"lr", "schedule"} - {*trial.changed} and ("scale_features" not in trial.changed or self._scaling)
        return bool(simple) and trial.mean_loss < (1 - LEAST_GAIN) * self._task.loss_at_start

    def outcome(self) -> Trials:
        """What came out of all of them: the best one with scaled features, and of the others."""
        kinds: dict[Kind, bool] = {}
        for trial in self.trials:
            kind = self._kind(trial.config)
            kinds[kind] = kinds.get(kind, False) or trial.converged
        ranked = sorted((trial for trial in self.trials if trial.good or self._is_nearer(trial)), key=_rank)
        chosen = {"scale_features" in trial.changed: trial for trial in reversed(ranked)}
        failed = (kind for kind, converges in kinds.items() if not converges)
        untested = (kind for kind in dict.fromkeys(self._late) if kind not in kinds)
        return Trials(tuple(sorted(chosen.values(), key=_rank)), tuple(failed), tuple(untested))


_rank = attrgetter("rank")


def _told(rate: float) -> float:
    """A rate as it is told, rounded down to two digits."""
    return float(rounded_down(min(rate, MOST_RATE), 2))


def _stretches(config: RunConfig) -> Iterator[tuple[float, int]]:
    """About the rates of a run, and for how many epochs each: ever longer stretches, in which it goes down by STEP."""
    rate, epoch = SCHEDULES[config.schedule].rate, 0
    while epoch < config.epochs:
        first, end = rate(config, epoch), min(config.epochs, 2 * epoch or 1)
        lower = bisect_left(range(end), True, epoch + 1, key=lambda at: rate(config, at) < first / STEP)
        yield rate(config, (epoch + lower) // 2), lower - epoch
        epoch = lower


def _guessed(task: Task) -> list[float]:
    """Rates of an optimizer that makes updates of about their size, with which it may just come to the optimum."""
    updates = sum(rate / task.config.lr * count for rate, count in _stretches(task.config)) * task.updates_per_epoch
    distance = float(np.abs(task.start - task.trained.optimum).max())
    if task.config.optimizer == "adagrad":
        updates = 2 * math.sqrt(updates)
    return [_told(times * distance / updates) for times in (4, 32)] if distance and updates else []


def _foreseen(task: Task) -> list[tuple[float, float]]:
    """Rates, and about which mean loss the run comes down to with each, the most promising first; empty of no maps.

    By the maps of an epoch, of some of its batches, at rates STEP apart, through which its schedule goes down.
    Samples in a new order each epoch are taken as if one of these came again.
    """
    descent, config, problem, updates = descent_of(task), task.config, task.trained, task.updates_per_epoch
    if descent is None:
        return []
    order = np.arange(len(problem.x))
    if config.shuffle:
        generator(config.seed, Stream.ORDER).shuffle(order)
    keep = descent.momentum.keep
    every = -(-updates // (MOST_MAPS // 8 if descent.momentum.carry else MOST_MAPS))
    chosen = order[: updates * task.batch].reshape(updates, -1)[::every]
    some = Problem(problem.x[chosen.ravel()], problem.y[chosen.ravel()], None)
    steepest, xx = float(np.linalg.eigvalsh(curvature(problem.x))[-1]), problem.x * problem.x
    top = 8 * (1 + keep) / (descent.factor * steepest)
    low = 2 * (1 - keep) / (500 * descent.factor * float((xx * xx + xx).max() + 1))
    grid: Array = top * STEP ** -np.arange(math.log(top / low) / math.log(STEP))
    with np.errstate(all="ignore"):
        powers = [EpochMaps(descent, some, problem.center).maps(grid).matrix]
        state = np.zeros((len(grid), powers[0].shape[-1], 1))
        state[:, :3, 0], state[:, -1] = task.start - problem.center, 1
        lowest = soonest = np.full(len(grid), math.inf)
        done = 0
        for rate, count in _stretches(config):
            done += count
            lower = round(math.log(config.lr / rate) / math.log(STEP)) if rate else len(grid)
            if lower >= len(grid):
                break
            repeats = round(count * updates / len(chosen))
            for bit in range(repeats.bit_length()):
                if bit == len(powers):
                    powers.append(powers[-1] @ powers[-1])
                if repeats >> bit & 1:
                    state[: len(grid) - lower] = powers[bit][lower:] @ state[: len(grid) - lower]
            losses = np.maximum(problem.loss_form.losses(state[:, :3, 0] + problem.center)[0], 0)
            soonest = np.where((losses < config.tol) & (soonest > done), done, soonest)
            lowest = np.fmin(lowest, losses)
        stable = log_spectral_radius(powers[0][:, :-1, :-1]) < STABLE
    found = zip(soonest[stable].tolist(), lowest[stable].tolist(), grid[stable].tolist(), strict=True)
    return [(_told(rate), loss) for _, loss, rate in sorted(found)]


def _try(task: Task, config: RunConfig, goes_on: Callable[[], bool]) -> Trial | None:
    """The outcome of a run of another `config` than the task's, done as the session does it; None without the time."""
    run, goal, below = Timeline(Task(config, task.problem)), Position(config.epochs, 0), None
    while not run.at_end and goes_on():
        records, done = RecordLog(), run.position.epoch
        while not run.at_end and goes_on() and len(records) < AT_ONCE:
            check_cancelled()
            run.approach(goal, records)
        if below is None and STOP_RULES[config.stop_on].judged is None:
            near = np.flatnonzero(run.task.trained.mean_losses(records.trained_w()) < config.tol)
            below = done + 1 + int(near[0]) if len(near) else None
    if run.end is None and below is None:
        return None
    status, mean_loss = None if run.end is None else run.end.status, run.trainer.mean_loss
    if status is Status.DIVERGED:
        mean_loss = math.inf
    converged = mean_loss < config.tol and (status is Status.CONVERGED or below is not None)
    good = converged or is_good(mean_loss, run.task.trained.least, config.tol)
    changed = tuple(name for name in PARAMETERS if getattr(config, name) != getattr(task.config, name))
    return Trial(config, changed, converged, good, below or run.position.epoch, mean_loss)
