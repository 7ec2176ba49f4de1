"""Computes when many runs fall below tol, by applying the affine maps of their epochs to the start."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from quadfit_tui.core.methods.schedules import SCHEDULES, Hyperparameters
from quadfit_tui.core.model.array import Array
from quadfit_tui.core.model.incremental_job import JobSteps
from quadfit_tui.core.model.parabola import EPSILON, residuals
from quadfit_tui.core.model.problem import Stream, generator
from quadfit_tui.core.model.task import FitTask
from quadfit_tui.core.rate_map.epoch_factor import PIECE, UpdateCoefficients, composed_epoch, epoch_of_states
from quadfit_tui.core.training.status import MOST_GROWTH, Status, status_after_all_epochs

WORTH_A_MAP = 6  # minimum number of epochs at one rate for which composing their map is less work
SURELY_GONE = 1e160  # |a|, |b| or |c| at which the squares of residuals overflow a double
SURE = 64.0  # safety factor on the expected effect of rounding
ALIKE = 1e-9  # relative distance from a bound within which a mean loss counts as undecided


class RunEnds(NamedTuple):
    """The ends of many runs, in arrays of shape (C,).

    `epochs` are those done, `mean_loss` is the last one (inf if the numbers overflowed), `below` whether that is below
    tol. `sure`: whether all of this is certain; if not, the run itself must be trained.
    """

    epochs: NDArray[np.intp]
    mean_loss: Array
    below: NDArray[np.bool_]
    sure: NDArray[np.bool_]

    def first_below(self, first: RunEnds, tol: float) -> RunEnds:
        """Returns the ends of runs that nothing stops, with the epochs until they were `first` below tol.

        If a run is not below tol in the end, its number is that of all its epochs.
        """
        below = self.mean_loss < tol
        epochs = np.where(below & first.below, first.epochs, self.epochs)
        return RunEnds(epochs, self.mean_loss, below, self.sure & first.sure & (first.below | ~below))

    def end(self, run: int, task: FitTask) -> tuple[Status, int, float]:
        """Returns the status, epochs and mean loss of one run, as if `task` had been trained."""
        mean_loss = float(self.mean_loss[run])
        status = Status.CONVERGED if self.below[run] else Status.DIVERGED
        if not self.below[run] and mean_loss < math.inf:
            status = status_after_all_epochs(task, mean_loss)
        return status, int(self.epochs[run]), mean_loss


def ends_of_runs(
    task: FitTask,
    updates: UpdateCoefficients,
    schedules: Sequence[Hyperparameters],
    schedule_of: NDArray[np.intp],
    tol: float,
    bounds: Sequence[float] = (),
) -> JobSteps[RunEnds]:
    """Computes how runs end that differ from `task` in their `updates`: below tol, or after all of their epochs.

    `schedules` have the parameters of each schedule with a rate of 1; `schedule_of`, shape (C,), is the index of each
    run's schedule. What is sure stays so when the mean loss after all epochs is compared with that of the start, with
    the limit of divergence, and with other `bounds`.
    """
    runs = _Runs(task, updates, tol)
    rate, holds = SCHEDULES[task.config.schedule][:2]
    epochs = task.config.epochs
    mixed = task.config.shuffle and not task.is_full_batch
    random = generator(task.config.seed, Stream.ORDER)
    order = None
    while runs.epoch < epochs and len(runs.under_way):
        units = np.array([rate(schedule, runs.epoch) for schedule in schedules])
        now = runs.updates_at(units[schedule_of])
        lasts = 1 if mixed else min(epochs - runs.epoch, *(holds(schedule, runs.epoch) for schedule in schedules))
        if mixed:
            order = random.permutation(len(task.trained.x))
        if lasts < WORTH_A_MAP:
            yield from runs.do_epoch(now, order)
            continue
        yield from runs.do_epochs(now, lasts)
    start = task.loss_at_start
    return runs.ends((max(start, task.trained.least), MOST_GROWTH * start, task.trained.loss_of_zero, *bounds))


class _Runs:
    """Many runs that are under way; those that have ended are removed from the arrays."""

    def __init__(self, task: FitTask, updates: UpdateCoefficients, tol: float) -> None:
        self._task, self._updates, self._tol = task, updates, tol
        problem, count = task.trained, len(updates.rate)
        self._x, self._y = problem.x, -residuals(problem.center, problem.x, problem.y)
        self.epoch, self.under_way = 0, np.arange(count)
        states = np.zeros((count, 3 if updates.is_plain else 6))
        states[:, :3] = task.start - problem.center
        self._states = states  # (w, v) of the runs under way, w counted from the center
        self._lost = np.zeros(count)  # bounds of the error by rounding of the root of the mean loss
        self._epochs = np.zeros(count, dtype=np.intp)
        self._mean_loss, self._off = np.full(count, math.inf), np.zeros(count)
        self._below, self._sure = np.zeros(count, dtype=np.bool_), np.ones(count, dtype=np.bool_)
        self._reach = math.sqrt(float(problem.reach @ problem.reach))

    def updates_at(self, units: Array) -> UpdateCoefficients:
        """Returns the updates of the runs under way in an epoch; `units` are the rates if the first rate is 1."""
        some = UpdateCoefficients(*(array[self.under_way] for array in self._updates))
        if some.is_plain:
            self._states = self._states[:, :3]  # any velocity left has no effect
        return some._replace(rate=some.rate * units[self.under_way])

    def do_epoch(self, updates: UpdateCoefficients, order: NDArray[np.intp] | None) -> JobSteps[None]:
        """Trains one epoch, update by update."""
        x, y = (self._x, self._y) if order is None else (self._x[order], self._y[order])
        states, longest = yield from epoch_of_states(x, y, self._task.batch, updates, self._states)
        with np.errstate(all="ignore"):
            self._end_epoch(states, np.fmax(longest / np.abs(self._states).max(axis=1), 1))

    def do_epochs(self, updates: UpdateCoefficients, count: int) -> JobSteps[None]:
        """Applies the map of an epoch `count` times: at one rate and in one order."""
        deviations, longest, _ = yield from composed_epoch(self._x, self._y, self._task.batch, updates)
        linear, added = deviations[:, :, :-1], deviations[:, :, -1]
        piece, applied = max(1, PIECE // (4 * max(1, linear.size))), 0
        while applied < count and len(self.under_way):
            with np.errstate(all="ignore"):
                for _ in range(min(piece, count - applied)):
                    goes_on = self._end_epoch(
                        self._states + (linear @ self._states[..., np.newaxis])[..., 0] + added, longest
                    )
                    if not goes_on.all():
                        linear, added, longest = linear[goes_on], added[goes_on], longest[goes_on]
                    applied += 1
                    if not len(goes_on):
                        break
            yield self.epoch / self._task.config.epochs

    def _end_epoch(self, states: Array, longest: Array) -> NDArray[np.bool_]:
        """Evaluates the states after an epoch, and removes the runs that have ended; returns which of them go on."""
        problem, under_way = self._task.trained, self.under_way
        self.epoch += 1
        with np.errstate(all="ignore"):
            size = np.abs(states).max(axis=1)
            largest = np.maximum(np.abs(self._states).max(axis=1), size) * longest
            mean_loss, off = problem.quadratic_loss.losses(states[:, :3] + problem.center)
            gone = ~(size < SURELY_GONE) | ~(mean_loss < math.inf)
            below = (mean_loss < self._tol) & ~gone
            self._lost[under_way] += SURE * EPSILON * largest * self._reach
            if self._tol > -math.inf:
                self._sure[under_way] &= gone | _is_apart(mean_loss, off, self._lost[under_way], self._tol)
        self._epochs[under_way], self._below[under_way], self._off[under_way] = self.epoch, below, off
        self._mean_loss[under_way] = np.where(gone, math.inf, np.maximum(mean_loss, 0.0))
        goes_on: NDArray[np.bool_] = ~(gone | below)
        self.under_way, self._states = under_way[goes_on], states[goes_on]
        return goes_on

    def ends(self, bounds: Iterable[float]) -> RunEnds:
        """Returns the ends; they are not sure if the mean loss after all epochs may be on either side of a bound."""
        with np.errstate(all="ignore"):
            for bound in filter(math.isfinite, bounds):
                self._sure &= self._below | _is_apart(self._mean_loss, self._off, self._lost, bound)
        sure = self._sure | (self._mean_loss == math.inf)
        return RunEnds(self._epochs, self._mean_loss, self._below, sure)


def _is_apart(mean_loss: Array, off: Array, lost: Array, bound: float) -> NDArray[np.bool_]:
    """Returns whether mean losses are certainly on one side of a bound, in spite of rounding: shape (C,).

    `off` is the possible error of each mean loss, and `lost` that of its root.
    """
    doubt = off + ALIKE * bound + 2 * math.sqrt(bound) * lost + lost**2
    apart: NDArray[np.bool_] = ~(np.abs(mean_loss - bound) <= doubt)
    return apart
