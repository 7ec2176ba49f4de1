"""Facts: what the expressions of a lesson are about, computed by training its runs.

Nothing is worked out here a second time: a run is a Session, an update is core/explain/worked_update.py, limits and
condition are the diagnosis's.
"""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from itertools import pairwise

import numpy as np

from quadfit_tui.core.config.parameters import ConfigError, RunConfig
from quadfit_tui.core.diagnosis.cancellation import check_cancelled
from quadfit_tui.core.diagnosis.diagnose import first_rate, loss_gap
from quadfit_tui.core.diagnosis.forecast import forecast_run
from quadfit_tui.core.diagnosis.settling import settling
from quadfit_tui.core.diagnosis.stability import LimitBasis, limit, shrinkage
from quadfit_tui.core.diagnosis.verdict import misled
from quadfit_tui.core.explain.worked_update import WorkedUpdate, angle, work_out
from quadfit_tui.core.lessons.expression import NOW, Expression, ExpressionError, Outcome, Value
from quadfit_tui.core.lessons.lesson import Lesson, Prose, StatedNumber, Step
from quadfit_tui.core.model import parabola
from quadfit_tui.core.model.array import Array
from quadfit_tui.core.model.parabola import PARAMETER_NAMES, curvature
from quadfit_tui.core.model.problem import Problem
from quadfit_tui.core.model.task import make_task
from quadfit_tui.core.session.session import Session
from quadfit_tui.core.session.snapshot import Snapshot
from quadfit_tui.core.text.numbers import rounded_down, short, trimmed
from quadfit_tui.core.training.position import Position, read_moment

MOST_SECONDS = 60.0  # of processor time, for all runs of a lesson
MOST_PASSES = 10**9  # samples times epochs, of all its runs
MOST_SAMPLES = 250_000  # of all its runs
_FORECAST = 5.0  # seconds for a forecast: ten times what the app has, so that a slow machine comes to the same
_SLICE = 0.05  # seconds of training between two looks at whether anybody waits
_BASES = {LimitBasis.EXACT: "exact", LimitBasis.ROUNDING: "rounding", LimitBasis.SAFE: "safe", LimitBasis.NONE: "none"}
_A_LIMIT = re.compile(r"\w+\.limit")


class TooMuchWorkError(ExpressionError):
    """The runs of a lesson take more time or memory than they may."""


class _End:
    """The facts of a run at its end, or where it stands."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot

    def __getitem__(self, fact: str) -> Value | None:
        snapshot, task = self._snapshot, self._snapshot.task
        problem = task.problem
        match fact:
            case "status":
                return str(snapshot.status)
            case "epochs":
                return snapshot.epoch
            case "updates" | "updates_per_epoch" | "mean_loss" | "loss":
                return getattr(snapshot, fact)  # type: ignore[no-any-return]
            case "misled":
                return misled(snapshot)
            case "gap":
                return None if snapshot.loss is None else loss_gap(snapshot.loss, snapshot.mean_loss)
            case "start":
                return task.loss_at_start
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
                return _BASES[limit(task).basis]
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
                rate = first_rate(snapshot.config)
                settles = settling(task, rate)
                return shrinkage(task, rate) if settles is None else settles.left
            case _:
                value = getattr(snapshot.config, fact)
                return value if isinstance(value, bool | int | float | str) else None


def _moment_fact(snapshot: Snapshot, update: WorkedUpdate | None, fact: str) -> Value | None:
    """A fact of a moment; `update` is the one that led there, None at the start."""
    name = fact.rpartition("_")[2]
    match fact:
        case "a" | "b" | "c":
            return _named(snapshot.w, fact)
        case "mean_loss" | "lr":
            return getattr(snapshot, fact)  # type: ignore[no-any-return]
        case "distance":
            return math.dist(snapshot.w.tolist(), snapshot.problem.optimum.tolist())
    if update is None:
        raise ExpressionError("there is no update before the start")
    before = update.record.before
    match fact:
        case "x" | "y" | "y_out" | "r":
            if snapshot.task.batch != 1:
                raise ExpressionError("its updates take more than one sample")
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
            return float(np.linalg.norm(update.gradient))  # length


def _named(w: Array, name: str) -> float:
    return float(w[PARAMETER_NAMES.index(name)])


class _TrainedRun:
    """A run of a lesson, trained to its end when it is first asked for something."""

    def __init__(self, config: RunConfig, problems: tuple[Problem, ...], spend: Callable[[float], None]) -> None:
        self.task = make_task(config, *problems)
        self._config = config
        self._spend = spend
        self._moments: dict[Position, tuple[Snapshot, WorkedUpdate | None]] = {}
        self._rises: dict[int, int] = {}
        self._facts: dict[str, Value | None] = {}

    @cached_property
    def session(self) -> Session:
        """The run at its end."""
        session = Session(self._config, speed=None)
        session.play()
        self._work(session)
        return session

    @cached_property
    def end(self) -> Snapshot:
        """What it has come to."""
        return self.session.snapshot()

    def arrival(self, position: Position) -> Snapshot:
        """A run that was trained up to a position and no farther."""
        session = Session(self._config, speed=None)
        session.seek(*position)
        self._work(session)
        return session.snapshot()

    @contextmanager
    def _counted(self) -> Iterator[None]:
        """Counts the time of a piece of work, before which it asks whether anybody waits for it."""
        check_cancelled()
        began = time.thread_time()
        yield
        self._spend(time.thread_time() - began)

    def _work(self, session: Session) -> None:
        while session.is_busy:
            with self._counted():
                session.advance(_SLICE)

    def fact(self, fact: str) -> Value | None:
        """One of RUN_FACTS."""
        if fact not in self._facts:
            end = self.end
            with self._counted():
                self._facts[fact] = _End(end)[fact]
        return self._facts[fact]

    def moment(self, position: Position) -> tuple[Snapshot, WorkedUpdate | None]:
        """A moment, and the update that led there; raises ExpressionError where the run has none."""
        if position not in self._moments:
            if position > self.end.position:
                raise ExpressionError(f"the run ends after {self.end.epoch} epochs")
            self.session.seek(*position)
            self._work(self.session)
            snapshot = self.session.snapshot()
            with self._counted():
                self._moments[position] = snapshot, None if snapshot.record is None else work_out(snapshot.record)
        return self._moments[position]

    def rises(self, epoch: int) -> int:
        """How many updates of an epoch raise the mean loss."""
        if epoch not in self._rises:
            self.moment(Position(epoch + 1, 0))
            self.session.seek(epoch + 1)  # the moment may have been known
            self._work(self.session)
            with self._counted():
                path = self.session.timeline.epoch_path(self.task.updates_per_epoch)
            if len(path) != self.task.updates_per_epoch + 1:
                raise ExpressionError("an epoch has too many updates to be followed one by one")
            self._rises[epoch] = sum(after > before for before, after in pairwise(map(self._mean_loss, path)))
        return self._rises[epoch]

    def _mean_loss(self, w: Array) -> float:
        with self._counted():
            return parabola.loss(w, self.task.problem.x, self.task.problem.y)


class Facts:
    """The facts of a lesson, each computed when it is first asked for, by one thread at a time.

    `known` are facts of a lesson with the same runs, or some of them, which need not be trained again.
    """

    def __init__(self, lesson: Lesson, known: Facts | None = None) -> None:
        self.lesson = lesson
        self.seconds = 0.0  # of processor time so far
        self._runs: dict[str, _TrainedRun] = {}
        self._trained: dict[tuple[object, ...], _TrainedRun] = {} if known is None else known._trained
        self._expressions: dict[str, Expression] = {}

    def prepare(self) -> None:
        """Trains all runs, so that what is asked later is answered at once; raises TooMuchWorkError."""
        self.check_size()
        for run in self.lesson.runs:
            _ = self._run(run).end

    def check_size(self) -> None:
        """Raises TooMuchWorkError where the runs are too large, before any of them is trained."""
        sizes = {name: self._run(name).task for name in self.lesson.runs}
        if sum(len(task.problem.x) for task in sizes.values()) > MOST_SAMPLES:
            raise TooMuchWorkError(f"its runs have more than {MOST_SAMPLES} samples together")
        if sum(len(task.problem.x) * task.config.epochs for task in sizes.values()) > MOST_PASSES:
            raise TooMuchWorkError(f"its runs have more than {MOST_PASSES:.0e} samples times epochs together")

    def snapshot(self, config: RunConfig, position: Position | None = None) -> Snapshot:
        """A run of any configuration at its end or, if it gets there, at a position; raises ExpressionError."""
        trained = self._trained_run(config)
        return trained.end if position is None else trained.moment(position)[0]

    def arrival(self, config: RunConfig, position: Position) -> Snapshot:
        """What a student finds who is put to a position of a run that nobody has trained any farther."""
        return self._trained_run(config).arrival(position)

    def _spend(self, seconds: float) -> None:
        self.seconds += seconds
        if self.seconds > MOST_SECONDS:
            raise TooMuchWorkError(f"its runs take more than {MOST_SECONDS:.0f} seconds together")

    def _run(self, name: str) -> _TrainedRun:
        if name not in self._runs:
            self._runs[name] = self._trained_run(self.lesson.runs[name])
        return self._runs[name]

    def _trained_run(self, config: RunConfig) -> _TrainedRun:
        problems = tuple(run.task.problem for run in self._trained.values())
        try:
            found = _TrainedRun(config, problems, self._spend)
        except ConfigError as refused:
            raise ExpressionError(f"a run cannot begin: {refused}") from None
        return self._trained.setdefault((config, found.task.problem.source), found)

    # What expressions ask

    def of_run(self, run: str, fact: str) -> Value:
        return _known(self._run(run).fact(fact), f"{run}.{fact}")

    def of_moment(self, run: str, moment: str, fact: str) -> Value:
        named = f"{run}[{moment}].{fact}"
        trained = self._run(run)
        try:
            position = read_moment(moment, trained.task.config.epochs, trained.task.updates_per_epoch)
            return _known(_moment_fact(*trained.moment(position), fact), named)
        except TooMuchWorkError:
            raise
        except ValueError as refused:
            raise ExpressionError(f"{named}: {refused}") from None

    def rises(self, run: str, epoch: int) -> int:
        return self._run(run).rises(epoch)

    # What everybody else asks

    def outcome(self, expression: str, now: Snapshot | None = None) -> Outcome:
        """What an expression comes to; `now` is the run on the screen. Raises ExpressionError."""
        if expression not in self._expressions:
            self._expressions[expression] = Expression.parse(expression)
        source = self if now is None else _WithNow(self, now)
        return self._expressions[expression].evaluate(source)

    def value(self, expression: str, now: Snapshot | None = None) -> Value:
        """The value of an expression; raises ExpressionError."""
        return self.outcome(expression, now).value

    def number(self, expression: str) -> float:
        """The value of an expression that is a number; raises ExpressionError."""
        value = self.value(expression)
        if isinstance(value, bool | str):
            raise ExpressionError(f"{expression} is no number")
        return value

    def said(self, prose: Prose) -> str:
        """The text of a prose with its numbers: as they are written, or as they are where `?` is written."""
        return prose.text(*map(self._said, prose.numbers))

    def _said(self, number: StatedNumber) -> str:
        if number.written != "?":
            return number.written.removeprefix("~")
        return self.shown(self.value(number.expression), number.expression)

    def shown(self, value: Value, expression: str = "") -> str:
        """A value as a student is told it; a limit, as its expression tells, is rounded down."""
        return shown(value, expression)

    def shown_right(self, step: Step) -> str:
        """The right number of a question, as a student is told it: with all its digits where it has to be exact."""
        assert step.right is not None
        value = self.number(step.right.expression)
        if step.tolerance is not None and step.tolerance.rule == "exact" and isinstance(value, float):
            return trimmed(value)
        return self.shown(value, step.right.expression)


class _WithNow:
    """Facts with the run on the screen as `now`."""

    def __init__(self, facts: Facts, snapshot: Snapshot) -> None:
        self._facts = facts
        self._now = _End(snapshot)

    def of_run(self, run: str, fact: str) -> Value:
        return _known(self._now[fact], f"{run}.{fact}") if run == NOW else self._facts.of_run(run, fact)

    def of_moment(self, run: str, moment: str, fact: str) -> Value:
        return self._facts.of_moment(run, moment, fact)

    def rises(self, run: str, epoch: int) -> int:
        return self._facts.rises(run, epoch)


def _known(value: Value | None, named: str) -> Value:
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        raise ExpressionError(f"{named} has no value")
    return value


def shown(value: Value, expression: str = "") -> str:
    """A value of an expression as text: limits rounded down, as the app has them, other numbers to some digits."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str | int):
        return str(value)
    if is_limit(expression):
        return rounded_down(value)
    if len(trimmed(value)) <= 7:
        return trimmed(value)
    return f"{value:.0f}" if 1e4 <= abs(value) < 1e9 else short(value)


def is_limit(expression: str) -> bool:
    """Whether an expression is a limit, which the app rounds down."""
    return _A_LIMIT.fullmatch(expression.strip()) is not None
