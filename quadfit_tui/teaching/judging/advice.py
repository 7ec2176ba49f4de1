"""Warns of weak tasks and recall questions in a lesson that is free of faults, such as a task that is too easy."""

from __future__ import annotations

import ast
import math
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress

from quadfit_tui.core.config.parameters import PARAMETERS, ConfigError, RunConfig
from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.text.language import N_, _, comma_separated
from quadfit_tui.core.text.quoting import did_you_mean, quoted
from quadfit_tui.teaching.judging.check import LessonFault, wrap_rows
from quadfit_tui.teaching.judging.facts import Facts, TooMuchWorkError
from quadfit_tui.teaching.judging.tasks import compared_value, is_done_with, split_condition, success_feedback
from quadfit_tui.teaching.notation.catalog import Catalog, current_id
from quadfit_tui.teaching.notation.expression import ExpressionError
from quadfit_tui.teaching.notation.lesson import NUMERIC_PARAMETERS, Lesson, Step, StepKind, parse_solution

_VALUES, _FROM, _TO = 24, 0.1, 10.0  # number of values tried, and their range as factors of the solution's
_MOST_EPOCHS = 5000  # epochs of a run that is tried
_MOST_LINES = 2
# Changes that a student may try without a thought of the task.
_STOCK: Mapping[str, Mapping[str, object]] = {
    "tol 1e12": {"tol": 1e12},
    "init 2,-4,3": {"init": (2.0, -4.0, 3.0)},
    "data example:pontius": {"data": "example:pontius", "scale_features": True, "lr": 0.7},
    "preset playground": {name: getattr(PRESETS["playground"], name) for name in PARAMETERS},
    "optimizer adam": {"optimizer": "adam"},
    "seed 7": {"seed": 7},
    "noise 0": {"noise": 0.0},
    f"epochs {_MOST_EPOCHS}": {"epochs": _MOST_EPOCHS},
}
_NO_SUCCESS = N_("nothing is said to a run that does it: write a row - [x], and below it, indented, why it does")
_SILENT = N_("nothing is said where {condition} is false: write a row - [ ] text `condition`")


def advice(lesson: Lesson, facts: Facts, before: Collection[str] | None = None) -> list[LessonFault]:
    """Returns warnings on a lesson, in order of lines; `before` are ids of the lessons before it, if known."""
    warnings = [LessonFault(line, text) for line, text in _recall_warnings(lesson, before)]
    if before is not None:
        warnings += [LessonFault(1, text) for text in _id_warnings(lesson, before)]
    for step in lesson.steps:
        if step.kind is StepKind.DO:
            warnings += [LessonFault(line, text) for line, text in _row_warnings(step, facts)]
            with suppress(TooMuchWorkError):  # the warnings before stand
                warnings += [LessonFault(step.line, text) for text in _run_warnings(step, facts)]
    return sorted(warnings)


def _id_warnings(lesson: Lesson, before: Collection[str]) -> Iterator[str]:
    """Yields warnings if a lesson needs an unknown one, or has the id of a packaged lesson and is another."""
    for need in lesson.needs:
        if current_id(need, before) not in before:
            problem = _("needs {id}, which is no lesson before this one").format(id=quoted(need))
            yield did_you_mean(problem, need, before)
    for packaged in Catalog.packaged(lesson.language).lessons:
        same = (packaged.id, packaged.language) == (lesson.id, lesson.language)
        if same and packaged.digest != lesson.digest:
            problem = _("the lesson {title} of the program has the id {id}, too; reports would mix them up")
            yield problem.format(title=quoted(packaged.title), id=quoted(lesson.id))


def _recall_warnings(lesson: Lesson, before: Collection[str] | None) -> Iterator[tuple[int, str]]:
    """Yields warnings if the first question does not recall an earlier lesson's idea, or recalls an unknown lesson."""
    questions = [step for step in lesson.steps if step.answers and step.kind is not StepKind.EXPLAIN]
    recalls = [step for step in questions if step.recall]
    for step in recalls:
        if step is not questions[0]:
            yield step.line, _("what is recalled comes first: recall= is for the first question of a lesson")
        if before is not None and current_id(step.recall, before) not in before:
            yield step.line, _("recall={id} names no lesson before this one").format(id=quoted(step.recall))
    if lesson.needs and not recalls:
        yield (
            1,
            _("nothing is recalled of {lessons}; write a first question with recall={id}").format(
                lessons=comma_separated(lesson.needs), id=lesson.needs[-1]
            ),
        )


def _row_warnings(step: Step, facts: Facts) -> Iterator[tuple[int, str]]:
    """Yields warnings if a task lacks feedback to a run that fulfills it, or to one that fails it, or is wordy."""
    if step.success is None:
        yield step.line, _(_NO_SUCCESS)
    elif (lines := len(wrap_rows(success_feedback(step, facts)))) > _MOST_LINES:
        template = _("what is said to a run that does it takes {n} lines; {most} are read")
        yield step.success.line, template.format(n=lines, most=_MOST_LINES)
    if step.until is not None and all(row.is_right for row in step.run_feedback):
        for part in split_condition(step.until):
            if compared_value(part) is None:
                yield step.line, _(_SILENT).format(condition=ast.unparse(part))


def _run_warnings(step: Step, facts: Facts) -> Iterator[str]:
    """Yields warnings if changes foreign to the idea of a task fulfill it, or too many values do."""
    if step.until is None or step.run is None or step.solution is None:
        return
    config = facts.lesson.runs[step.run]
    if not step.only:
        others = [name for name, changes in _STOCK.items() if _fulfills(step, facts, config, changes)]
        if others:
            template = _(
                "anything may change here, and the task is done with {changes}, too; name what may, as only=lr"
            )
            yield template.format(changes=comma_separated(others))
        else:
            yield _("anything may change here; name what may, as only=lr")
        return
    name = step.only[0]
    right = parse_solution(step.solution).get(name)
    if len(step.only) == 1 and name in NUMERIC_PARAMETERS and isinstance(right, int | float):
        most = len(facts.snapshot(config).problem.x) if name == "batch" else math.inf
        values = [value for value in _values(right) if value <= most]
        fulfilling = [value for value in values if is_done_with(step, facts, config, {name: value})]
        if 2 * len(fulfilling) > len(values):
            template = _("{done} of {n} values of {name} from {low} to {high} do the task; ask for more")
            low, high = (PARAMETERS[name].show(value) for value in (values[0], values[-1]))
            yield template.format(done=len(fulfilling), n=len(values), name=PARAMETERS[name].label, low=low, high=high)


def _fulfills(step: Step, facts: Facts, config: RunConfig, changes: Mapping[str, object]) -> bool:
    """Whether changes to a run are valid, make a difference and fulfill a task."""
    with suppress(ConfigError, ExpressionError):
        return config.with_values(changes) != config and is_done_with(step, facts, config, changes)
    return False


def _values(right: float) -> list[float]:
    """Returns a geometric series of values around the right one; whole numbers if that is one."""
    series = [right * _FROM * (_TO / _FROM) ** (index / (_VALUES - 1)) for index in range(_VALUES)]
    if isinstance(right, int):
        return list(dict.fromkeys(max(1, round(value)) for value in series))
    return [float(f"{value:.3g}") for value in series]
