"""After how many epochs runs are below tol, of many runs at once: by the maps of their epochs, applied to the start."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from quadfit_tui.core.methods.schedules import SCHEDULES, Hyperparameters
from quadfit_tui.core.model.array import Array
from quadfit_tui.core.model.parabola import EPSILON, residuals
from quadfit_tui.core.model.piecewise import Pieces
from quadfit_tui.core.model.problem import Stream, generator
from quadfit_tui.core.model.task import Task
from quadfit_tui.core.rate_map.epoch_factor import PIECE, Updates, composed_epoch, epoch_of_states

WORTH_A_MAP = 6  # epochs at one rate, from which on composing their map is less work than doing them
SURELY_GONE = 1e160  # of a, b, c: the squares of residuals leave what a double can hold
SURE = 64.0  # times what rounding is expected to come to
ALIKE = 1e-9  # of tol: mean losses so near are not told from it here


class RunEnds(NamedTuple):
    """How runs end, each of shape (C,): after how many epochs, with which mean loss (inf where it diverged), whether
    that is below tol, and whether all of this is `sure`: elsewhere the run itself is to be done.
    """

    epochs: NDArray[np.intp]
    mean_loss: Array
    below: NDArray[np.bool_]
    sure: NDArray[np.bool_]


def ends_of_runs(
    task: Task, updates: Updates, schedules: Sequence[Hyperparameters], schedule_of: NDArray[np.intp], tol: float
) -> Pieces[RunEnds]:
    """How runs end that are like `task`, but for their `updates`: below tol, or after all of their epochs.

    `schedules` have the parameters of each run's schedule with a rate of 1; `schedule_of`, shape (C,), says which one
    that is.
    """
    runs = _Runs(task, updates, tol)
    rate, holds, epochs = *SCHEDULES[task.config.schedule][:2], task.config.epochs
    mixed = task.config.shuffle and not task.is_full_batch
    drawn = generator(task.config.seed, Stream.ORDER)
    order = None
    while runs.epoch < epochs and len(runs.under_way):
        units = np.array([rate(each, runs.epoch) for each in schedules])
        now = runs.updates_at(units[schedule_of])
        lasts = 1 if mixed else min(epochs - runs.epoch, *(holds(each, runs.epoch) for each in schedules))
        if mixed:
            order = drawn.permutation(len(task.trained.x))
        if lasts < WORTH_A_MAP:
            yield from runs.do_epoch(now, order)
            continue
        yield from runs.do_epochs(now, lasts)
    return runs.ends()


class _Runs:
    """Runs on their way; those that have ended are taken out of the arrays."""

    def __init__(self, task: Task, updates: Updates, tol: float) -> None:
        self._task, self._updates, self._tol = task, updates, tol
        problem, count = task.trained, len(updates.rate)
        self._x, self._y = problem.x, -residuals(problem.center, problem.x, problem.y)
        self.epoch, self.under_way = 0, np.arange(count)
        begun = np.zeros((count, 3 if updates.is_plain else 6))
        begun[:, :3] = task.start - problem.center
        self._states = begun  # of those under way: w counted from the center, and the velocity
        self._lost = np.zeros(count)  # what rounding may have put the root of the mean loss off by
        self._epochs = np.zeros(count, dtype=np.intp)
        self._mean_loss = np.full(count, math.inf)
        self._below, self._sure = np.zeros(count, dtype=np.bool_), np.ones(count, dtype=np.bool_)
        self._reach = math.sqrt(float(problem.loss_form.reach @ problem.loss_form.reach))

    def updates_at(self, units: Array) -> Updates:
        """The updates of those under way in an epoch, `units` being the rates that all have at a first rate of 1."""
        some = Updates(*(array[self.under_way] for array in self._updates))
        if some.is_plain:
            self._states = self._states[:, :3]  # what is left of a velocity makes no difference
        return some._replace(rate=some.rate * units[self.under_way])

    def do_epoch(self, updates: Updates, order: NDArray[np.intp] | None) -> Pieces[None]:
        """Does one epoch, update by update."""
        x, y = (self._x, self._y) if order is None else (self._x[order], self._y[order])
        states, longest = yield from epoch_of_states(x, y, self._task.batch, updates, self._states)
        with np.errstate(all="ignore"):
            self._end_epoch(states, np.fmax(longest / np.abs(self._states).max(axis=1), 1))

    def do_epochs(self, updates: Updates, count: int) -> Pieces[None]:
        """Does so many epochs at one rate and in one order: by their map."""
        deviations, longest, _ = yield from composed_epoch(self._x, self._y, self._task.batch, updates)
        linear, added = deviations[:, :, :-1], deviations[:, :, -1]
        piece, done = max(1, PIECE // (4 * max(1, linear.size))), 0
        while done < count and len(self.under_way):
            with np.errstate(all="ignore"):
                for _ in range(min(piece, count - done)):
                    kept = self._end_epoch(
                        self._states + (linear @ self._states[..., np.newaxis])[..., 0] + added, longest
                    )
                    if not kept.all():
                        linear, added, longest = linear[kept], added[kept], longest[kept]
                    done += 1
                    if not len(kept):
                        break
            yield self.epoch / self._task.config.epochs

    def _end_epoch(self, states: Array, longest: Array) -> NDArray[np.bool_]:
        """Looks at what an epoch came to, and takes out the runs that have ended; gives which of them go on."""
        problem, at = self._task.trained, self.under_way
        self.epoch += 1
        with np.errstate(all="ignore"):
            size = np.abs(states).max(axis=1)
            largest = np.maximum(np.abs(self._states).max(axis=1), size) * longest
            mean_loss, off = problem.loss_form.losses(states[:, :3] + problem.center)
            gone = ~(size < SURELY_GONE) | ~(mean_loss < math.inf)
            below = (mean_loss < self._tol) & ~gone
            self._lost[at] += SURE * EPSILON * largest * self._reach
            doubt = off + ALIKE * self._tol + 2 * math.sqrt(max(self._tol, 0.0)) * self._lost[at] + self._lost[at] ** 2
            self._sure[at] &= gone | ~(np.abs(mean_loss - self._tol) <= doubt)
        self._epochs[at], self._below[at] = self.epoch, below
        self._mean_loss[at] = np.where(gone, math.inf, np.maximum(mean_loss, 0.0))
        goes_on: NDArray[np.bool_] = ~(gone | below)
        self.under_way, self._states = at[goes_on], states[goes_on]
        return goes_on

    def ends(self) -> RunEnds:
        """How they ended."""
        sure = self._sure | (self._mean_loss == math.inf)
        return RunEnds(self._epochs, self._mean_loss, self._below, sure)
