"""The runs that a student makes for a task: how each is recorded, and the table of them, by what was changed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import suppress
from typing import NamedTuple

from quadfit_tui.core.config.parameters import PARAMETERS, ConfigError, RunConfig
from quadfit_tui.core.model.task import FitTask
from quadfit_tui.core.session.snapshot import Snapshot
from quadfit_tui.core.session.verdict import got_worse
from quadfit_tui.core.text.language import N_, _, clauses, comma_separated, paragraph
from quadfit_tui.core.text.width import ellipsize
from quadfit_tui.core.training.status import Status
from quadfit_tui.teaching.judging.facts import Facts, TooMuchWorkError
from quadfit_tui.teaching.judging.tasks import (
    fact_name,
    forbidden_changes_message,
    format_rounded,
    is_done,
    matching_feedback,
    unmet_feedback,
)
from quadfit_tui.teaching.notation.expression import NOW, Expression, ExpressionError, Reference
from quadfit_tui.teaching.notation.lesson import LONGEST_ANSWER, NUMERIC_PARAMETERS, Step, parse_solution

_MOST = 10  # maximum number of runs in a table; the oldest are left out
_DIGITS_OF_LARGE = 5  # of a mean loss from 1,000 on: a lesson's text tells it as the table does
_OVER = ">"  # prefix of the epochs of a run that did not converge in them
_GREW = N_("grew")
_EPOCHS = Reference(NOW, "", "epochs")


class OwnRuns(NamedTuple):
    """The student's runs of a task by the value of the one parameter that varies, with the result of each."""

    name: str
    values: tuple[str, ...]
    result: str  # the results' name
    results: tuple[str, ...]

    @property
    def table(self) -> str:
        """The runs as two rows of tab-separated cells."""
        return "\n".join("\t".join(row) for row in ((self.name, *self.values), (self.result, *self.results)))

    @property
    def spoken(self) -> str:
        """The runs and their results as a sentence, for a screen reader."""
        runs = []
        for value, result in zip(self.values, self.results, strict=True):
            spoken = _("over {n}").format(n=result.removeprefix(_OVER)) if result.startswith(_OVER) else result
            runs.append(_("{name} {value}, {result}").format(name=self.name, value=value, result=spoken))
        return _("So far, {result}: {runs}.").format(result=self.result, runs=clauses(runs))


def format_changes(step: Step, facts: Facts, config: RunConfig) -> str:
    """Formats what a run changes of its task's run, as recorded in the transcript: `lr:1.4`; empty if nothing.

    If a task allows only one setting to change, that one is recorded even if it is unchanged. Text that is too long is
    cut, and does not make a row of the table.
    """
    if step.run is None:
        return ""
    before, unused = facts.lesson.runs[step.run], config.unused
    changed = [name for name in PARAMETERS if getattr(before, name) != getattr(config, name) and name not in unused]
    names = step.only if len(step.only) == 1 else changed
    changes = [f"{name}:{PARAMETERS[name].show(getattr(config, name))}" for name in names]
    return ellipsize(";".join(changes), LONGEST_ANSWER)


def format_recorded_changes(answer: str) -> str:
    """Formats a run's recorded changes for the student: `lr 1.4`."""
    texts = []
    for change in answer.split(";"):
        name, _colon, value = change.partition(":")
        texts.append(f"{PARAMETERS[name].label} {value}" if name in PARAMETERS else change)
    return comma_separated(texts)


class TaskReview(NamedTuple):
    """The review of a resting run: what to tell the student, what to record, and whether the task is done."""

    spoken: str = ""
    answer: str = ""
    is_done: bool = False


class TaskRuns:
    """The student's runs for the tasks of a lesson: reviews each when it rests, and remembers its result."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._known: dict[tuple[str, str], Snapshot] = {}
        self._seen: tuple[FitTask, bool] | None = None  # that of the run reviewed last, and whether it had ended

    def begin(self) -> None:
        """Forgets the last review when a step begins, so that its remark can be repeated."""
        self._seen = None

    def review(self, step: Step, now: Snapshot, tried: Sequence[str]) -> TaskReview:
        """Reviews a resting run, given the recorded changes of the runs `tried` before it.

        A remark on a run that is refused, or that ended without doing the task, is made once; on an equal run again.
        """
        before, self._seen = self._seen, (now.task, now.status.ended)
        answer = format_changes(step, self._facts, now.config)
        new = "" if answer in tried else answer
        with suppress(ExpressionError, TooMuchWorkError):  # this run lacks a fact that the task asks for
            if is_done(step, self._facts, now):
                self._keep(step, answer, now)
                return TaskReview("", new, is_done=True)
        if before is not None and before[0] is now.task and before[1] == now.status.ended:
            return TaskReview()
        if refusal := forbidden_changes_message(step, self._facts, now.config):
            return TaskReview(refusal)
        if not now.status.ended:
            return TaskReview()
        self._keep(step, answer, now)
        if not step.tries:
            return TaskReview(unmet_feedback(step, self._facts, now), new)
        count = len({*tried, answer})
        template = _("{done} of {n} different runs so far.")
        if not new:
            template = _("This one was tried before: {done} of {n} different runs so far.")
        message = paragraph([template.format(done=count, n=step.tries), matching_feedback(step, self._facts, now)])
        return TaskReview(message, new, is_done=count >= step.tries)

    def _keep(self, step: Step, answer: str, now: Snapshot) -> None:
        """Remembers a run's end if it has ended."""
        if now.status.ended:
            self._known[step.id, answer] = now

    def table(self, step: Step, answers: Sequence[str]) -> OwnRuns | None:
        """Returns the table of a task's recorded runs if they vary one number, else None.

        None, too, if none of them can be run.
        """
        name = step.only[0] if len(step.only) == 1 else ""
        if name not in NUMERIC_PARAMETERS or step.run is None:
            return None
        newest = list(dict.fromkeys(reversed(answers)))[:_MOST]
        ends = [end for answer in newest if (end := self._end(step, answer)) is not None]
        if not ends:
            return None
        ends.sort(key=lambda end: _order(getattr(end.config, name)))
        counts = _counts_epochs(step, ends)
        return OwnRuns(
            PARAMETERS[name].label,
            tuple(PARAMETERS[name].show(getattr(end.config, name)) for end in ends),
            fact_name("epochs" if counts else "mean_loss"),
            tuple(_epochs(end) if counts else _mean_loss(end) for end in ends),
        )

    def _end(self, step: Step, answer: str) -> Snapshot | None:
        """Returns the end of a recorded run, trained if necessary; None if this version of the lesson cannot run it."""
        if (step.id, answer) not in self._known:
            assert step.run is not None
            with suppress(ValueError, ConfigError, ExpressionError, TooMuchWorkError):
                changes = parse_solution(answer)
                if changes.keys() <= {*step.only}:
                    config = self._facts.lesson.runs[step.run].with_values(changes)
                    self._known[step.id, answer] = self._facts.snapshot(config)
        return self._known.get((step.id, answer))


def _order(value: object) -> float:
    """Returns the sort key of a parameter's value in the table."""
    return float(value) if isinstance(value, int | float) else math.inf  # `all` samples sorts behind any number of them


def _counts_epochs(step: Step, ends: Sequence[Snapshot]) -> bool:
    """Whether the table compares runs by their epochs, and not by the mean loss."""
    if step.until is None:
        return any(end.status is Status.CONVERGED for end in ends)
    return _EPOCHS in [*Expression.parse(step.until).references()] and ends[0].config.stop_on != "never"


def _epochs(end: Snapshot) -> str:
    """Formats the epochs of a run in the table: `12`, `>100` if it did not converge, or `grew`."""
    if end.status is Status.CONVERGED:
        return str(end.epoch)
    return _(_GREW) if got_worse(end) else f"{_OVER}{end.epoch}"


def _mean_loss(end: Snapshot) -> str:
    """Formats the mean loss of a run in the table, or `grew` if it diverged; large ones have more digits."""
    if end.status is Status.DIVERGED:
        return _(_GREW)
    if end.mean_loss < 1e3:
        return format_rounded(end.mean_loss)
    return format_rounded(end.mean_loss, _DIGITS_OF_LARGE)
