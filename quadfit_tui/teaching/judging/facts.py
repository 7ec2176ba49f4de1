"""Facts: the values of a lesson's expressions, computed by training its runs when they are first needed."""

from __future__ import annotations

import dataclasses
import math
import re
from functools import partial

from quadfit_tui.core.config.parameters import ConfigError, RunConfig
from quadfit_tui.core.session.snapshot import Snapshot
from quadfit_tui.core.text.language import N_, _, labeled
from quadfit_tui.core.text.numbers import format_short, format_trimmed, rounded_down
from quadfit_tui.core.training.curves import Curves
from quadfit_tui.core.training.position import Position, parse_moment
from quadfit_tui.teaching.judging.loss_axes import LossAxes
from quadfit_tui.teaching.judging.trained_run import LessonRun, moment_fact, run_fact
from quadfit_tui.teaching.notation.expression import NOW, Evaluation, Expression, ExpressionError, FactSource, Value
from quadfit_tui.teaching.notation.lesson import Face, Lesson, Prose, StatedNumber, Step

MOST_SECONDS = 60.0  # limit of processor time for all runs of a lesson
MOST_PASSES = 10**9  # limit of samples times epochs, for all its runs together
MOST_SAMPLES = 250_000  # limit of samples, for all its runs together
_MANY_SAMPLES = N_("its runs have more than {most} samples together; {run} has {n}")
_MANY_PASSES = N_("its runs have more than {most} samples times epochs together; {run} has {n}")
_SEEDS = 10**18 + 1  # number of allowed seeds, from 0
_LIMIT = re.compile(r"\w+\.limit")


class TooMuchWorkError(Exception):
    """The error of a lesson whose runs exceed the limits of time or memory.

    `run` is the name of the run that needs most, or empty if unknown.
    """

    def __init__(self, text: str, run: str = "") -> None:
        super().__init__(text)
        self.run = run


def has_chance(config: RunConfig) -> bool:
    """Whether a seed decides what a run does."""
    is_shuffled = config.shuffle and config.batch != "full"
    return is_shuffled or config.init == "random" or (config.noise > 0 and config.data is None)


def later_seed(config: RunConfig, later: int) -> int:
    """Computes the seed of a run plus an offset, which wraps around at the largest seed."""
    return (config.seed + later) % _SEEDS


class Facts:
    """The facts of a lesson, each computed when it is first needed, by one thread at a time.

    `known` are facts of a lesson with some of the same runs, which need not be trained again. Links in texts are
    rendered for `face`.
    """

    def __init__(self, lesson: Lesson, known: Facts | None = None, face: Face = Face.SCREEN) -> None:
        self.lesson = lesson
        self.face = face
        self.seconds = 0.0  # processor time used so far
        self._runs: dict[str, LessonRun] = {}
        self._trained: dict[tuple[object, ...], LessonRun] = {} if known is None else known._trained
        self._expressions: dict[str, Expression] = {}

    def prepare(self) -> None:
        """Trains all runs of the lesson, so that later calls return at once; raises TooMuchWorkError.

        Called first when a lesson is checked or made.
        """
        tasks = {name: self._run(name).task for name in self.lesson.runs}
        samples = {name: len(task.problem.x) for name, task in tasks.items()}
        _check_sum(samples, MOST_SAMPLES, _MANY_SAMPLES)
        passes = {name: samples[name] * task.config.epochs for name, task in tasks.items()}
        _check_sum(passes, MOST_PASSES, _MANY_PASSES)
        for run in self.lesson.runs:
            _end = self._run(run).end  # reading it trains the run

    def axes(self, run: str) -> LossAxes:
        """Returns the axes on which students draw the mean loss of a run before they see it; trains nothing."""
        return LossAxes.of(self._run(run).task)

    def snapshot(self, config: RunConfig, position: Position | None = None) -> Snapshot:
        """Returns a run of any configuration at its end, or at a position; raises ExpressionError if it ends before."""
        trained = self.lesson_run(config)
        return trained.end if position is None else trained.moment(position)[0]

    def trained_up_to(self, config: RunConfig, position: Position) -> Snapshot:
        """Returns a run trained just up to a position: what a student sees when a step sets it up there."""
        return self.lesson_run(config).arrival(position)

    def curves(self, config: RunConfig) -> Curves:
        """Returns the losses and a, b, c of a run of any configuration by epoch, thinned if there are many."""
        return self.lesson_run(config).session.timeline.history.curves()

    def with_later_seeds(self, later: int) -> Facts:
        """Returns facts of the same lesson with an offset to all seeds; runs without chance are shared."""
        runs = {
            name: config.replace(seed=later_seed(config, later)) if has_chance(config) else config
            for name, config in self.lesson.runs.items()
        }
        facts = Facts(dataclasses.replace(self.lesson, runs=runs), face=self.face)
        facts._trained = dict(self._trained)  # a copy, so that runs of other seeds are freed together with `facts`
        return facts

    def _spend(self, seconds: float) -> None:
        """Adds processor time; raises TooMuchWorkError if that exceeds MOST_SECONDS."""
        self.seconds += seconds
        if self.seconds > MOST_SECONDS:
            problem = _("its runs take more than {n} seconds together")
            raise TooMuchWorkError(problem.format(n=f"{MOST_SECONDS:.0f}"))

    def _run(self, name: str) -> LessonRun:
        """Returns a run of the lesson by name."""
        if name not in self._runs:
            self._runs[name] = self.lesson_run(self.lesson.runs[name])
        return self._runs[name]

    def lesson_run(self, config: RunConfig) -> LessonRun:
        """Returns the run of any configuration, trained once only; raises ExpressionError if it cannot begin."""
        problems = tuple(trained.task.problem for trained in self._trained.values())
        try:
            run = LessonRun(config, problems, self._spend)
        except ConfigError as refused:
            raise ExpressionError(_("a run cannot begin: {problem}").format(problem=refused)) from None
        return self._trained.setdefault((config, run.task.problem.source), run)

    # The callbacks of expressions

    @property
    def source(self) -> FactSource:
        """The source of facts for expressions: the runs of the lesson."""
        return FactSource(self._of_run, self._of_moment, lambda run, epoch: self._run(run).rises(epoch))

    def _of_run(self, run: str, fact: str) -> Value:
        return _require_value(self._run(run).fact(fact), f"{run}.{fact}")

    def _of_run_or_now(self, now: Snapshot, run: str, fact: str) -> Value:
        """Looks up a fact of the run on the screen if `run` is NOW, or else of a run of the lesson."""
        return _require_value(run_fact(now, fact), f"{run}.{fact}") if run == NOW else self._of_run(run, fact)

    def _of_moment(self, run: str, moment: str, fact: str) -> Value:
        named = f"{run}[{moment}].{fact}"
        trained = self._run(run)
        try:
            position = parse_moment(moment, trained.task.config.epochs, trained.task.updates_per_epoch)
            return _require_value(moment_fact(*trained.moment(position), fact), named)
        except ValueError as refused:
            raise ExpressionError(labeled(named, str(refused))) from None

    # The values of expressions, and texts with them

    def outcome(self, expression: str, now: Snapshot | None = None) -> Evaluation:
        """Evaluates an expression; `now` is the run on the screen. Raises ExpressionError if it has no value."""
        if expression not in self._expressions:
            self._expressions[expression] = Expression.parse(expression)
        source = self.source if now is None else self.source._replace(of_run=partial(self._of_run_or_now, now))
        return self._expressions[expression].evaluate(source)

    def value(self, expression: str, now: Snapshot | None = None) -> Value:
        """Returns the value of an expression; raises ExpressionError if it has none."""
        return self.outcome(expression, now).value

    def precompute(self, expression: str) -> None:
        """Computes the facts that an expression names, except of the run on the screen, to speed up its evaluation."""
        for run, moment, fact in Expression.parse(expression).references():
            if run != NOW:
                _value = self._of_moment(run, moment, fact) if moment else self._of_run(run, fact)

    def number(self, expression: str) -> float:
        """Returns the value of an expression as a number; raises ExpressionError if it is none."""
        value = self.value(expression)
        if isinstance(value, bool | str):
            raise ExpressionError(_("{expression} is no number").format(expression=expression))
        return value

    def render_prose(self, prose: Prose) -> str:
        """Renders prose with its numbers as written; `?` becomes the computed number. Raises ExpressionError."""
        return prose.text(*map(self.format_stated_number, prose.numbers), face=self.face)

    def format_stated_number(self, number: StatedNumber) -> str:
        """Formats a stated number as written; `?` becomes the computed number. Raises ExpressionError."""
        if number.written != "?":
            return number.written.removeprefix("~")
        return format_value(self.value(number.expression), number.expression)

    def format_right_number(self, step: Step) -> str:
        """Formats the right number of a question for students, with all its digits if it must be exact."""
        assert step.right_answer is not None
        value = self.number(step.right_answer.expression)
        if step.tolerance is not None and step.tolerance.rule == "exact" and isinstance(value, float):
            return format_trimmed(value)
        return format_value(value, step.right_answer.expression)


def _check_sum(counts: dict[str, int], most: int, template: str) -> None:
    """Raises TooMuchWorkError, with a message from `template`, if the sum of counts by run exceeds `most`."""
    if sum(counts.values()) > most:
        run = max(counts, key=counts.__getitem__)
        message = _(template).format(most=f"{most:.6g}", run=run, n=f"{counts[run]:.6g}")
        raise TooMuchWorkError(message, run)


def _require_value(value: Value | None, named: str) -> Value:
    """Returns a value; raises ExpressionError, which names it as `named`, if it is None or not finite."""
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        raise ExpressionError(_("{expression} has no value").format(expression=named))
    return value


def format_value(value: Value, expression: str = "") -> str:
    """Formats the value of an expression for students: limits rounded down, as in the app, other numbers rounded."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, str | int):
        return str(value)
    if is_limit(expression):
        return rounded_down(value)
    if len(format_trimmed(value)) <= 7:
        return format_trimmed(value)
    return f"{value:.0f}" if 1e4 <= abs(value) < 1e9 else format_short(value)


def is_limit(expression: str) -> bool:
    """Whether an expression is a limit of the learning rate, which the app rounds down."""
    return _LIMIT.fullmatch(expression.strip()) is not None
