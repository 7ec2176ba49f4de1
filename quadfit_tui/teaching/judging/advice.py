"""What can be said of a true lesson for its tasks to be done by their idea alone, and to be answered."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress

from quadfit_tui.core.config.parameters import PARAMETERS, ConfigError, RunConfig
from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.text.language import N_, _, comma_separated
from quadfit_tui.core.text.quoting import quoted
from quadfit_tui.teaching.judging.check import LessonFault, rows_of
from quadfit_tui.teaching.judging.facts import Facts, TooMuchWorkError
from quadfit_tui.teaching.judging.tasks import compared, does_with, parts_of, success_told
from quadfit_tui.teaching.notation.catalog import present_id
from quadfit_tui.teaching.notation.expression import ExpressionError
from quadfit_tui.teaching.notation.lesson import NUMBERS, Lesson, Step, StepKind, changes_of

_VALUES, _FROM, _TO = 24, 0.1, 10.0  # how many values are tried, and from where to where, times that of the solution
_MOST_EPOCHS = 5000  # of what is tried without being asked for
_MOST_LINES = 2
# What may be changed without a thought of the task.
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
    """The warnings of a lesson, in order of its lines; `before` are the ids of those that come before it, if known."""
    found = [LessonFault(line, text) for line, text in _of_recall(lesson, before)]
    for step in lesson.steps:
        if step.kind is StepKind.DO:
            found += [LessonFault(line, text) for line, text in _of_the_rows(step, facts)]
            with suppress(TooMuchWorkError):  # what was found by then stands
                found += [LessonFault(step.line, text) for text in _of_the_runs(step, facts)]
    return sorted(found)


def _of_recall(lesson: Lesson, before: Collection[str] | None) -> Iterator[tuple[int, str]]:
    """Whether the first question asks for the idea of an earlier lesson, if there is one."""
    questions = [step for step in lesson.steps if step.answers and step.kind is not StepKind.EXPLAIN]
    recalls = [step for step in questions if step.recall]
    for step in recalls:
        if step is not questions[0]:
            yield step.line, _("what is recalled comes first: recall= is for the first question of a lesson")
        if before is not None and present_id(step.recall, before) not in before:
            told = _("recall={id} names no lesson before this one").format(id=quoted(step.recall))
            yield step.line, told
    if lesson.needs and not recalls:
        yield (
            1,
            _("nothing is recalled of {lessons}; write a first question with recall={id}").format(
                lessons=comma_separated(lesson.needs), id=lesson.needs[-1]
            ),
        )


def _of_the_rows(step: Step, facts: Facts) -> Iterator[tuple[int, str]]:
    """What a task does not say, or says at too much length."""
    if step.success is None:
        yield step.line, _(_NO_SUCCESS)
    elif (lines := len(rows_of(success_told(step, facts)))) > _MOST_LINES:
        told = _("what is said to a run that does it takes {n} lines; {most} are read")
        yield step.success.line, told.format(n=lines, most=_MOST_LINES)
    if step.until is not None and all(row.is_right for row in step.ends):
        for part in parts_of(step.until):
            if compared(part) is None:
                yield step.line, _(_SILENT).format(condition=ast.unparse(part))


def _of_the_runs(step: Step, facts: Facts) -> Iterator[str]:
    """What does a task though it is not what that is about, or too easily."""
    if step.until is None or step.run is None or step.solution is None:
        return
    config = facts.lesson.runs[step.run]
    if not step.only:
        others = [name for name, changes in _STOCK.items() if _also_does(step, facts, config, changes)]
        if others:
            told = _("anything may change here, and the task is done with {changes}, too; name what may, as only=lr")
            yield told.format(changes=comma_separated(others))
        else:
            yield _("anything may change here; name what may, as only=lr")
        return
    name, right = step.only[0], changes_of(step.solution).get(step.only[0])
    if len(step.only) == 1 and name in NUMBERS and isinstance(right, int | float):
        values = _values(right)
        done = [value for value in values if does_with(step, facts, config, {name: value})]
        if 2 * len(done) > len(values):
            told = _("{done} of {n} values of {name} from {low} to {high} do the task; ask for more")
            low, high = (PARAMETERS[name].show(value) for value in (values[0], values[-1]))
            yield told.format(done=len(done), n=len(values), name=PARAMETERS[name].label, low=low, high=high)


def _also_does(step: Step, facts: Facts, config: RunConfig, changes: Mapping[str, object]) -> bool:
    with suppress(ConfigError, ExpressionError):
        return config.with_values(changes) != config and does_with(step, facts, config, changes)
    return False


def _values(right: float) -> list[float]:
    """Values around one, each as many times as large as the one before; whole ones where that is."""
    found = [right * _FROM * (_TO / _FROM) ** (at / (_VALUES - 1)) for at in range(_VALUES)]
    if isinstance(right, int):
        return list(dict.fromkeys(max(1, round(value)) for value in found))
    return [float(f"{value:.3g}") for value in found]
