"""LessonRun: a run of a lesson, trained when it is first needed; the facts of a run, and of its moments.

Nothing is computed here that is elsewhere: a run is a RunSession, an update is core/explain/worked_update.py, limits
and condition numbers are the diagnosis's.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from itertools import pairwise

import numpy as np

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.diagnosis.forecast import forecast_run
from quadfit_tui.core.diagnosis.stability import decrement, limit
from quadfit_tui.core.explain.worked_update import WorkedUpdate, angle, work_out
from quadfit_tui.core.methods.schedules import first_rate
from quadfit_tui.core.model import parabola
from quadfit_tui.core.model.array import Array
from quadfit_tui.core.model.cancellation import check_cancelled
from quadfit_tui.core.model.parabola import PARAMETER_NAMES, curvature
from quadfit_tui.core.model.problem import Dataset
from quadfit_tui.core.model.task import make_task
from quadfit_tui.core.session.session import RunSession
from quadfit_tui.core.session.snapshot import Snapshot
from quadfit_tui.core.session.verdict import stopped_above_tol
from quadfit_tui.core.text.language import _, ngettext
from quadfit_tui.core.training.position import Position
from quadfit_tui.teaching.notation.expression import ExpressionError, Value

_FORECAST = 5.0  # seconds for a forecast: ten times the app's limit, so that slow machines get the same result
_SLICE = 0.05  # seconds of training between two checks for cancellation


def run_fact(snapshot: Snapshot, fact: str) -> Value | None:
    """Computes one of RUN_FACTS of a run at its end, or where it stands; None if it has no value."""
    task = snapshot.task
    problem = task.problem
    match fact:
        case "status":
            return str(snapshot.status)
        case "epochs":
            return snapshot.epoch
        case "updates" | "updates_per_epoch" | "mean_loss" | "loss":
            return getattr(snapshot, fact)  # type: ignore[no-any-return]
        case "updates_to_tol":  # LessonRun computes it; the updates of the run on the screen are not recorded
            return None
        case "misled":
            return stopped_above_tol(snapshot)
        case "gap":
            return snapshot.mean_loss / snapshot.loss if snapshot.loss else None
        case "start":
            return task.loss_at_start
        case "start_a" | "start_b" | "start_c":
            return _named(task.to_x(task.start), fact[-1])
        case "last_lr":
            return snapshot.lr
        case "distance":
            return math.dist(snapshot.w.tolist(), problem.optimum.tolist())
        case "a" | "b" | "c":
            return _named(snapshot.w, fact)
        case "best_a" | "best_b" | "best_c":
            return _named(problem.optimum, fact[-1])
        case "limit":
            return limit(task).rate
        case "ground":
            return limit(task).basis.name.lower()
        case "share":
            rate = limit(task).rate
            return None if rate is None else first_rate(snapshot.config) / rate
        case "condition":
            return task.trained.condition
        case "other_condition":
            return (problem.standardized if task.scale is None else problem).condition
        case "steepest":
            return float(np.linalg.eigvalsh(curvature(task.trained.x))[-1])
        case "least":
            return task.trained.least
        case "truth_loss":
            return None if problem.truth is None else problem.mean_loss(np.array(problem.truth))
        case "needed":
            return forecast_run(task, _FORECAST).epochs
        case "left":
            result = decrement(task, first_rate(snapshot.config))
            return None if result is None else 1 - result.share
        case _:
            value = getattr(snapshot.config, fact)
            return value if isinstance(value, bool | int | float | str) else None


def moment_fact(snapshot: Snapshot, update: WorkedUpdate | None, fact: str) -> Value | None:
    """Computes one of MOMENT_FACTS; `update` is the one that led to the moment, None at the start.

    Raises ExpressionError if the moment has no such fact.
    """
    name = fact.rpartition("_")[2]
    match fact:
        case "a" | "b" | "c" | "mean_loss" | "distance":
            return run_fact(snapshot, fact)
        case "lr":
            return run_fact(snapshot, "last_lr")
    if update is None:
        raise ExpressionError(_("there is no update before the start"))
    before = update.record.before
    match fact:
        case "x" | "y" | "y_out" | "r":
            if snapshot.task.batch != 1:
                raise ExpressionError(_("its updates take more than one sample"))
            return float({"x": update.x, "y": update.y, "y_out": update.y_out, "r": update.residuals}[fact][0])
        case "loss":
            return update.loss
        case "g_a" | "g_b" | "g_c":
            return _named(update.gradient, name)
        case "whole_a" | "whole_b" | "whole_c":
            return _named(update.whole_gradient, name)
        case "step_a" | "step_b" | "step_c":
            return _named(update.after - before, name)
        case "before_a" | "before_b" | "before_c":
            return _named(before, name)
        case "mean_before":
            return update.mean_losses[0]
        case "angle":
            return update.angle
        case "aim":
            return angle(-update.gradient, snapshot.task.trained.optimum - before)
        case _:
            return float(np.linalg.norm(update.gradient))  # the fact is length


def _named(w: Array, name: str) -> float:
    """Returns the component of w, shape (3,), for a parameter: a, b or c."""
    return float(w[PARAMETER_NAMES.index(name)])


class LessonRun:
    """A run of a lesson, trained to its end when something of it is first needed.

    `problems` are datasets made before, to be shared if equal; `spend` is called with the seconds of each piece of
    training, and raises TooMuchWorkError if they are too many.
    """

    def __init__(self, config: RunConfig, problems: tuple[Dataset, ...], spend: Callable[[float], None]) -> None:
        self.task = make_task(config, *problems)
        self._config = config
        self._spend = spend
        self._moments: dict[Position, tuple[Snapshot, WorkedUpdate | None]] = {}
        self._rises: dict[int, int] = {}
        self._facts: dict[str, Value | None] = {}

    @cached_property
    def session(self) -> RunSession:
        """The run, trained to its end on first use."""
        session = RunSession(self._config, speed=None)
        session.play()
        self._work(session)
        return session

    @cached_property
    def end(self) -> Snapshot:
        """The run at its end."""
        return self.session.snapshot()

    def arrival(self, position: Position) -> Snapshot:
        """Trains the run anew up to a position and no farther, and returns it there."""
        session = RunSession(self._config, speed=None)
        session.seek(*position)
        self._work(session)
        return session.snapshot()

    @contextmanager
    def _counted(self) -> Iterator[None]:
        """Checks for cancellation, then reports the processor time of the `with` block to `spend`."""
        check_cancelled()
        began = time.thread_time()
        yield
        self._spend(time.thread_time() - began)

    def _work(self, session: RunSession) -> None:
        """Trains a session until it is where it was sent, in slices that can be canceled."""
        while session.is_busy:
            with self._counted():
                session.advance(_SLICE)

    def fact(self, fact: str) -> Value | None:
        """Returns one of RUN_FACTS at the end of the run, computed once; None if it has no value."""
        if fact not in self._facts:
            end = self.end
            if fact == "updates_to_tol":
                self._facts[fact] = self._updates_to_tol()
            else:
                with self._counted():
                    self._facts[fact] = run_fact(end, fact)
        return self._facts[fact]

    def _updates_to_tol(self) -> int | None:
        """Computes after how many updates the mean loss of all samples was first below tol; None if it never was."""
        for epoch in range(self.end.epoch):
            for update, w in enumerate(self._path(epoch)):
                if self._mean_loss(w) < self._config.tol:
                    return epoch * self.task.updates_per_epoch + update
        return None

    def moment(self, position: Position) -> tuple[Snapshot, WorkedUpdate | None]:
        """Returns the run at a moment, and the update that led there; raises ExpressionError if the run ends before."""
        if position not in self._moments:
            if position > self.end.position:
                problem = ngettext("the run ends after {n} epoch", "the run ends after {n} epochs", self.end.epoch)
                raise ExpressionError(problem)
            self.session.seek(*position)
            self._work(self.session)
            snapshot = self.session.snapshot()
            with self._counted():
                self._moments[position] = snapshot, None if snapshot.record is None else work_out(snapshot.record)
        return self._moments[position]

    def rises(self, epoch: int) -> int:
        """Counts the updates of an epoch that raise the mean loss of all samples."""
        if epoch not in self._rises:
            self.moment(Position(epoch + 1, 0))
            losses = map(self._mean_loss, self._path(epoch))
            self._rises[epoch] = sum(after > before for before, after in pairwise(losses))
        return self._rises[epoch]

    def _path(self, epoch: int) -> Array:
        """Returns w before the first and after each update of an epoch, shape (updates + 1, 3).

        Raises ExpressionError if the epoch has too many updates.
        """
        self.session.seek(epoch + 1)
        self._work(self.session)
        with self._counted():
            path = self.session.timeline.epoch_path(self.task.updates_per_epoch)
        if len(path) != self.task.updates_per_epoch + 1:
            raise ExpressionError(_("an epoch has too many updates to be followed one by one"))
        return path

    def _mean_loss(self, w: Array) -> float:
        with self._counted():
            return parabola.loss(w, self.task.problem.x, self.task.problem.y)
