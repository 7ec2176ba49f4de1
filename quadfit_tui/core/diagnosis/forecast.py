"""Forecasts how a run will come out, by training it beforehand; and farther on, by the algebra of its epochs.

A forecast is right or is left out: if many epochs are trained at once, or are followed by algebra, it has a number of
epochs only if the possible error of the mean loss by rounding leaves no doubt about it.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from quadfit_tui.core.diagnosis.rest import KNOWN, SURE, FixedPoint, ends_with_run, fixed_point, passage, size_of_values
from quadfit_tui.core.diagnosis.stability import EpochMaps, descent_of, log_sizes
from quadfit_tui.core.methods.schedules import FOREVER, first_rate, is_constant
from quadfit_tui.core.model.array import Array
from quadfit_tui.core.model.cancellation import check_cancelled
from quadfit_tui.core.model.parabola import EPSILON, curvature
from quadfit_tui.core.model.task import FitTask
from quadfit_tui.core.session.closeness import tol_tells
from quadfit_tui.core.session.whole_run import whole_run
from quadfit_tui.core.training.fast_forward import FastForward
from quadfit_tui.core.training.position import Position
from quadfit_tui.core.training.record_log import RecordLog
from quadfit_tui.core.training.status import Status, status_after_all_epochs
from quadfit_tui.core.training.timeline import Timeline

BUDGET = 0.5  # seconds of processor time: a busy machine takes longer, with the same result
FOLLOWED = 16_384  # epochs of a constant rate that are trained before the algebra goes on alone
BLOCK = 1024  # epochs whose mean losses are computed at once
MOST_LOOKS = 4096  # maximum number of blocks, or jumps over epochs that cannot matter
SKEWED = 1e6  # maximum condition number of the eigenvectors: above, too few digits are right


class RunForecast(NamedTuple):
    """The forecast of how a run will come out.

    `epochs` is the number of epochs until the mean loss of all samples will first be below tol, which may be more than
    the run has. It is None if the mean loss never is, if it is not below tol at the end, if it is below tol from the
    start, or if that is unknown. `passes` is the same number for a run that goes on then, and is not known to end below
    tol. `diverges`: whether its status will be that it diverged: its numbers overflow, or the mean loss is far above
    that of the start in the end. `mean_loss` is that after its last epoch, or None if the run ends before, or it is
    unknown. `gets_worse`: whether that is more than at the start, known also if rounding leaves no digits of it.
    `outcome` is the mean loss that this very run ends with, if nothing else predicts its end. It serves for comparisons
    with other runs and is not shown, for rounding may have made it; None if it took too long. `premature_stop` is the
    number of epochs after which the rule stops this run although its mean loss is not below tol, and that mean loss;
    None if it does not. `stopped`: whether the rule stops a run whose mean loss is below tol from the start.
    """

    epochs: int | None = None
    diverges: bool = False
    mean_loss: float | None = None
    gets_worse: bool = False
    outcome: float | None = None
    premature_stop: tuple[int, float] | None = None
    passes: int | None = None
    stopped: bool = False

    @property
    def end(self) -> float | None:
        """The mean loss that the run ends with, inf if its numbers overflow; None if unknown."""
        known = self.outcome if self.mean_loss is None else self.mean_loss
        return math.inf if known is None and self.diverges else known


def forecast_run(
    task: FitTask,
    budget: float = BUDGET,
    clock: Callable[[], float] = time.thread_time,
    most_followed: int = FOLLOWED,
) -> RunForecast:
    """Forecasts a run: trains it beforehand until its mean loss is below tol, or `budget` seconds are over.

    After `most_followed` epochs of a constant rate the algebra goes on alone. If that leaves the end of the run open,
    although there is time enough, trains the run once more, to the last bit.
    """
    config, tells, in_time, forecast = task.config, tol_tells(task), True, RunForecast()
    if tells or config.stop_on == "never":
        aimed = task if tells else task.replace(tol=0.0)
        followed = _Forecast(aimed, clock, clock() + budget, most_followed)
        forecast, in_time = followed.forecast(), followed.in_time
    below = forecast.epochs if forecast.epochs is not None and forecast.epochs <= config.epochs else None
    if forecast.end is not None or (below is not None and config.stop_on == "dataset"):
        return forecast
    deadline = clock() + budget
    run = whole_run(task, lambda: in_time and clock() < deadline)
    ended = run is not None and run.status is not None
    if below is not None and not (run is not None and ended and run.mean_loss < config.tol):
        forecast = forecast._replace(epochs=None, passes=below)
    if run is None or not ended:
        return forecast
    misled = run.status is Status.CONVERGED and not run.converged
    return forecast._replace(
        outcome=run.mean_loss,
        diverges=run.status is Status.DIVERGED,
        gets_worse=not run.mean_loss <= task.loss_at_start,
        premature_stop=(run.epochs, run.mean_loss) if misled else None,
        stopped=run.status is Status.CONVERGED and not tells,
    )


class _Forecast:
    """A run that is followed for its forecast, with the numbers that bound the effect of rounding on it."""

    def __init__(
        self, task: FitTask, clock: Callable[[], float], deadline: float, most_followed: int = FOLLOWED
    ) -> None:
        self._most_followed = most_followed
        self._own, config = task, task.config
        longest = config.epochs if ends_with_run(config) else FOREVER
        self._config = config.replace(epochs=longest, stop_on="dataset")
        self._task, self._problem = FitTask(self._config, task.problem), task.trained
        self._may_stop_early = config.stop_on == "last-update"
        self._timeline = Timeline(self._task)
        self._clock, self._deadline = clock, deadline
        self._fast_forwards = FastForward(task).possible
        w = self._timeline.trainer.trained_w
        self._peak = float(max(np.abs(w).max(), np.abs(self._problem.center).max()))  # largest |a|, |b|, |c| so far
        self._losses = np.empty(0)  # mean losses of the two newest epochs
        self._lowest = math.inf  # lowest mean loss of the epochs before these
        self.in_time = False  # whether there was time enough to follow the run as far as it goes

    def forecast(self) -> RunForecast:
        """Follows the run to its end, and beyond it until the mean loss is below tol; returns the forecast."""
        timeline, trainer = self._timeline, self._timeline.trainer
        self._follow(self._own.config.epochs)
        end = timeline.end
        self.in_time = self._clock() < self._deadline
        if end is not None and end.status is Status.CONVERGED:
            return RunForecast(self._epochs())
        if trainer.overflowed:
            return RunForecast(diverges=not self._may_stop_early)
        mean_loss, gets_worse, diverges = None, False, False
        if timeline.position.epoch == self._own.config.epochs and not self._may_stop_early:
            mean_loss = trainer.mean_loss
            gets_worse = mean_loss > self._own.loss_at_start
            if self._fast_forwards and not math.sqrt(mean_loss) > KNOWN * lost_to_rounding(
                self._task, timeline.position.epoch, self._peak
            ):
                mean_loss = None
            else:
                diverges = status_after_all_epochs(self._own, mean_loss) is Status.DIVERGED
        beyond = self._beyond() if end is None and self._problem.least < self._config.tol else None
        return RunForecast(beyond, diverges, mean_loss, gets_worse)

    def _beyond(self) -> int | None:
        """Returns the number of epochs, more than the run has, until the mean loss is below tol; None if unknown."""
        timeline, epoch = self._timeline, self._timeline.position.epoch
        descent = descent_of(self._task)
        ordered = descent is not None and descent.ordered
        far = self._fast_forwards and is_constant(self._config) and ordered and not self._may_stop_early
        self._follow(max(self._most_followed, epoch) if far else FOREVER)
        if timeline.end is not None:
            return self._epochs() if timeline.end.status is Status.CONVERGED else None
        return self._far_on() if far and timeline.position.update == 0 else None

    def _follow(self, epoch: int) -> None:
        """Trains up to an epoch, or until the time is over, or w no longer moves."""
        timeline, goal = self._timeline, Position(epoch, 0)
        while not timeline.at_end and timeline.position < goal and self._clock() < self._deadline:
            check_cancelled()
            records, before = RecordLog(), timeline.trainer.trained_w
            timeline.approach(goal, records)
            rows = records.column("trained_w")
            if not len(rows):
                continue
            losses = np.append(self._losses, self._problem.mean_losses(rows))
            self._losses = losses[-2:]
            self._lowest = float(min(self._lowest, losses[:-2].min(initial=math.inf)))
            self._peak = max(self._peak, float(np.abs(rows).max()))
            if np.array_equal(timeline.trainer.trained_w, before):  # the rate has come down to nothing
                return

    def _epochs(self) -> int | None:
        """Returns the number of epochs of a run that has just converged, or None if that is in doubt."""
        timeline, trainer = self._timeline, self._timeline.trainer
        epoch, tol = timeline.position.epoch, self._config.tol
        if self._may_stop_early:
            curves = timeline.history.curves()
            if (curves.values["loss"][curves.epochs < epoch] < tol).any():
                return None  # the run has stopped before
        if not self._fast_forwards:
            return epoch  # each update was done as the run does it
        lost = lost_to_rounding(self._task, timeline.position.epoch, self._peak)
        before, here = math.sqrt(self._lowest), math.sqrt(trainer.mean_loss)
        return epoch if before > math.sqrt(tol) + lost and here < math.sqrt(tol) - lost else None

    def _far_on(self) -> int | None:
        """Returns the epoch in which a constant rate comes below tol, by the algebra of an epoch; None if unknown.

        It goes on from where the run was followed to. The root of the mean loss changes in an epoch no more than w
        does, measured by that root. So if it is still far above tol, the algebra jumps over as many epochs as it takes
        to come down at most. It looks at all others.
        """
        trainer, problem, tol = self._timeline.trainer, self._problem, self._config.tol
        fixed = fixed_point(self._task, trainer.trained_w)
        modes = None if fixed is None else _modes(fixed, trainer.trained_w - problem.center, trainer.slots)
        if fixed is None or modes is None:
            return None
        settled, moves = fixed.place[:3] + problem.center, (fixed.directions @ modes.vectors)[:3]
        sizes = np.sqrt(np.maximum(np.einsum("ij,ik,kj->j", moves.conj(), curvature(problem.x), moves).real, 0.0))
        below, epoch, parts = math.sqrt(problem.mean_loss(settled)), self._timeline.position.epoch, modes.parts
        soon, unsure = 0, 0.0
        steps = np.arange(1, BLOCK + 1)[:, np.newaxis]
        values = np.where(modes.values == -1, EPSILON - 1, modes.values)  # else the logarithm is infinite
        logs = log_sizes(values) + 1j * np.angle(1 + values)
        for _ in range(MOST_LOOKS):
            check_cancelled()
            if epoch >= soon:
                soon = 2 * epoch
                unsure = lost_to_rounding(self._task, soon, self._peak) + math.sqrt(tol) * modes.unsure
            high, low = math.sqrt(tol) + unsure, math.sqrt(tol) - unsure
            if below - np.abs(parts) @ sizes > high or self._clock() >= self._deadline:
                return None
            root = math.sqrt(problem.mean_loss(settled + (moves @ parts).real))
            fastest = float(np.abs(parts * modes.values) @ sizes)
            jump = int(min(FOREVER, (root - high) / fastest)) if fastest > 0 else FOREVER
            if epoch + jump >= FOREVER:
                return None
            if jump > BLOCK:
                epoch, parts = epoch + jump, parts * np.exp(jump * logs)
                continue
            roots = np.sqrt(problem.mean_losses(settled + ((np.exp(steps * logs) * parts) @ moves.T).real))
            near = np.flatnonzero(roots < high)
            if len(near):
                return epoch + int(near[0]) + 1 if roots[near[0]] < low else None
            epoch, parts = epoch + BLOCK, parts * np.exp(BLOCK * logs)
        return None


def lost_to_rounding(task: FitTask, epochs: int, peak: float) -> float:
    """Returns a bound of the error by rounding of the root of the mean loss after so many epochs.

    It includes the error of computing that loss. `peak` is the largest |a|, |b|, |c| after an epoch. Only for
    optimizers whose epochs are affine maps.
    """
    problem, descent, most = task.trained, descent_of(task), SURE * EPSILON
    assert descent is not None
    misread = most * size_of_values(problem, peak) / math.sqrt(len(problem.x))
    if result := passage(task, max(1, epochs)):
        return result[1] + misread
    growth = float(EpochMaps(descent, problem).maps(np.array([first_rate(task.config)])).growth[0])
    updates = growth * task.updates_per_epoch * max(1, epochs)
    return most * peak * math.sqrt(updates * float(np.trace(curvature(problem.x)))) + misread


class _Eigenmodes(NamedTuple):
    """The eigenmodes in which (w, v) nears a fixed point.

    An epoch multiplies each mode by an eigenvalue, 1 + `values`, shape (d,). `vectors` are their directions, shape (d,
    d), and `parts` their amplitudes. `unsure` is a bound of the relative error of their sum in the end.
    """

    values: Array
    vectors: Array
    parts: Array
    unsure: float


def _modes(fixed: FixedPoint, w: Array, slots: tuple[tuple[float, ...], ...]) -> _Eigenmodes | None:
    """Returns the eigenmodes of a state, or None if it does not near the fixed point, or rounding hides them."""
    values, vectors = (array.astype(complex) for array in np.linalg.eig(fixed.change))
    skewed = float(np.linalg.cond(vectors))
    if not (np.abs(1 + values) < 1).all() or not skewed < SKEWED:
        return None
    state = np.array([*w.tolist(), *(value for slot in slots for value in slot)])
    state = state[: len(fixed.place)]  # without momentum no velocity is carried on: its slots do not count
    parts = np.linalg.solve(vectors, fixed.directions.T @ (state - fixed.place))
    unsure = 64 * EPSILON * skewed * float(np.abs(values).max() / np.abs(values).min())
    return _Eigenmodes(values, vectors, parts, unsure)
