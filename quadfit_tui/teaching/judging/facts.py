"""Facts: what the expressions of a lesson are about, computed by training its runs."""

from __future__ import annotations

import dataclasses
import math
import re
from functools import partial

from quadfit_tui.core.config.parameters import ConfigError, RunConfig
from quadfit_tui.core.session.snapshot import Snapshot
from quadfit_tui.core.text.language import N_, _, labeled
from quadfit_tui.core.text.numbers import format_trimmed, rounded_down, short
from quadfit_tui.core.training.curves import Curves
from quadfit_tui.core.training.position import Position, read_moment
from quadfit_tui.teaching.judging.loss_axes import LossAxes
from quadfit_tui.teaching.judging.trained_run import LessonRun, moment_fact, run_fact
from quadfit_tui.teaching.notation.expression import NOW, Evaluation, Expression, ExpressionError, FactSource, Value
from quadfit_tui.teaching.notation.lesson import Face, Lesson, Prose, StatedNumber, Step

MOST_SECONDS = 60.0  # of processor time, for all runs of a lesson
MOST_PASSES = 10**9  # samples times epochs, of all its runs
MOST_SAMPLES = 250_000  # of all its runs
_MANY_SAMPLES = N_("its runs have more than {most} samples together; {run} has {n}")
_MANY_PASSES = N_("its runs have more than {most} samples times epochs together; {run} has {n}")
_SEEDS = 10**18 + 1  # that there are
_A_LIMIT = re.compile(r"\w+\.limit")


class TooMuchWorkError(Exception):
    """The runs of a lesson take more time or memory than they may, whatever expression is worked out.

    `run` is the one that takes the most, where that is known.
    """

    def __init__(self, text: str, run: str = "") -> None:
        super().__init__(text)
        self.run = run


def has_chance(config: RunConfig) -> bool:
    """Whether a seed decides what a run does."""
    is_shuffled = config.shuffle and config.batch != "full"
    return is_shuffled or config.init == "random" or (config.noise > 0 and config.data is None)


def later_seed(config: RunConfig, later: int) -> int:
    """A seed so much larger than that of a run, or at the end of all that there are one from their beginning."""
    return (config.seed + later) % _SEEDS


class Facts:
    """The facts of a lesson, each computed when it is first asked for, by one thread at a time.

    `known` are facts of a lesson with the same runs, or some of them, which need not be trained again. What is said is
    said for a `face`.
    """

    def __init__(self, lesson: Lesson, known: Facts | None = None, face: Face = Face.SCREEN) -> None:
        self.lesson = lesson
        self.face = face
        self.seconds = 0.0  # of processor time so far
        self._runs: dict[str, LessonRun] = {}
        self._trained: dict[tuple[object, ...], LessonRun] = {} if known is None else known._trained
        self._expressions: dict[str, Expression] = {}

    def prepare(self) -> None:
        """Trains all runs, so that what is asked later is answered at once; raises TooMuchWorkError."""
        tasks = {name: self._run(name).task for name in self.lesson.runs}
        samples = {name: len(task.problem.x) for name, task in tasks.items()}
        _check_sum(samples, MOST_SAMPLES, _MANY_SAMPLES)
        passes = {name: samples[name] * task.config.epochs for name, task in tasks.items()}
        _check_sum(passes, MOST_PASSES, _MANY_PASSES)
        for run in self.lesson.runs:
            _end = self._run(run).end

    def axes(self, run: str) -> LossAxes:
        """The axes into which the mean loss of a run is drawn before it is known; trains nothing."""
        return LossAxes.of(self._run(run).task)

    def snapshot(self, config: RunConfig, position: Position | None = None) -> Snapshot:
        """A run of any configuration at its end or, if it gets there, at a position; raises ExpressionError."""
        trained = self.run_of(config)
        return trained.end if position is None else trained.moment(position)[0]

    def arrival(self, config: RunConfig, position: Position) -> Snapshot:
        """What a student finds who is put to a position of a run that nobody has trained any farther."""
        return self.run_of(config).arrival(position)

    def curves(self, config: RunConfig) -> Curves:
        """The losses and a, b, c of a run of any configuration, by epoch; of many epochs some."""
        return self.run_of(config).session.timeline.history.curves()

    def with_later_seeds(self, later: int) -> Facts:
        """Facts of the same lesson with seeds so much larger; runs that no seed decides are not trained again."""
        runs = {
            name: config.replace(seed=later_seed(config, later)) if has_chance(config) else config
            for name, config in self.lesson.runs.items()
        }
        found = Facts(dataclasses.replace(self.lesson, runs=runs), face=self.face)
        found._trained = dict(self._trained)  # so that those of other seeds go with them
        return found

    def _spend(self, seconds: float) -> None:
        self.seconds += seconds
        if self.seconds > MOST_SECONDS:
            problem = _("its runs take more than {n} seconds together")
            raise TooMuchWorkError(problem.format(n=f"{MOST_SECONDS:.0f}"))

    def _run(self, name: str) -> LessonRun:
        if name not in self._runs:
            self._runs[name] = self.run_of(self.lesson.runs[name])
        return self._runs[name]

    def run_of(self, config: RunConfig) -> LessonRun:
        """The run of any configuration, which is trained but once; raises ExpressionError."""
        problems = tuple(run.task.problem for run in self._trained.values())
        try:
            found = LessonRun(config, problems, self._spend)
        except ConfigError as refused:
            raise ExpressionError(_("a run cannot begin: {problem}").format(problem=refused)) from None
        return self._trained.setdefault((config, found.task.problem.source), found)

    # What expressions ask

    @property
    def source(self) -> FactSource:
        """The runs of the lesson."""
        return FactSource(self._of_run, self._of_moment, lambda run, epoch: self._run(run).rises(epoch))

    def _of_run(self, run: str, fact: str) -> Value:
        return _known(self._run(run).fact(fact), f"{run}.{fact}")

    def _of_run_or_now(self, now: Snapshot, run: str, fact: str) -> Value:
        return _known(run_fact(now, fact), f"{run}.{fact}") if run == NOW else self._of_run(run, fact)

    def _of_moment(self, run: str, moment: str, fact: str) -> Value:
        named = f"{run}[{moment}].{fact}"
        trained = self._run(run)
        try:
            position = read_moment(moment, trained.task.config.epochs, trained.task.updates_per_epoch)
            return _known(moment_fact(*trained.moment(position), fact), named)
        except ValueError as refused:
            raise ExpressionError(labeled(named, str(refused))) from None

    # What everybody else asks

    def outcome(self, expression: str, now: Snapshot | None = None) -> Evaluation:
        """What an expression comes to; `now` is the run on the screen. Raises ExpressionError."""
        if expression not in self._expressions:
            self._expressions[expression] = Expression.parse(expression)
        source = self.source if now is None else self.source._replace(of_run=partial(self._of_run_or_now, now))
        return self._expressions[expression].evaluate(source)

    def value(self, expression: str, now: Snapshot | None = None) -> Value:
        """The value of an expression; raises ExpressionError."""
        return self.outcome(expression, now).value

    def precompute(self, expression: str) -> None:
        """Works out the facts that an expression names, but for those of the run on the screen."""
        for run, moment, fact in Expression.parse(expression).references():
            if run != NOW:
                _value = self._of_moment(run, moment, fact) if moment else self._of_run(run, fact)

    def number(self, expression: str) -> float:
        """The value of an expression that is a number; raises ExpressionError."""
        value = self.value(expression)
        if isinstance(value, bool | str):
            raise ExpressionError(_("{expression} is no number").format(expression=expression))
        return value

    def render_prose(self, prose: Prose) -> str:
        """The text of a prose with its numbers: as they are written, or as they are where `?` is written."""
        return prose.text(*map(self.said_number, prose.numbers), face=self.face)

    def said_number(self, number: StatedNumber) -> str:
        """A stated number: as it is written, or as it is where `?` is written."""
        if number.written != "?":
            return number.written.removeprefix("~")
        return format_value(self.value(number.expression), number.expression)

    def shown_right(self, step: Step) -> str:
        """The right number of a question, as a student is told it: with all its digits where it has to be exact."""
        assert step.right is not None
        value = self.number(step.right.expression)
        if step.tolerance is not None and step.tolerance.rule == "exact" and isinstance(value, float):
            return format_trimmed(value)
        return format_value(value, step.right.expression)


def _check_sum(counts: dict[str, int], most: int, said: str) -> None:
    """Raises TooMuchWorkError where the runs have more of something together than they may, as is `said`."""
    if sum(counts.values()) > most:
        run = max(counts, key=counts.__getitem__)
        told = _(said).format(most=f"{most:.6g}", run=run, n=f"{counts[run]:.6g}")
        raise TooMuchWorkError(told, run)


def _known(value: Value | None, named: str) -> Value:
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        raise ExpressionError(_("{expression} has no value").format(expression=named))
    return value


def format_value(value: Value, expression: str = "") -> str:
    """The value of an expression as a student is told it: a limit rounded down, as the app has it, others rounded."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, str | int):
        return str(value)
    if is_limit(expression):
        return rounded_down(value)
    if len(format_trimmed(value)) <= 7:
        return format_trimmed(value)
    return f"{value:.0f}" if 1e4 <= abs(value) < 1e9 else short(value)


def is_limit(expression: str) -> bool:
    """Whether an expression is a limit, which the app rounds down."""
    return _A_LIMIT.fullmatch(expression.strip()) is not None
