"""The runs that a student makes for a task: how each is recorded, and the table of them, by what was changed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import suppress
from typing import NamedTuple

from quadfit_tui.core.config.parameters import PARAMETERS, ConfigError, RunConfig
from quadfit_tui.core.session.snapshot import Snapshot
from quadfit_tui.core.session.verdict import got_worse
from quadfit_tui.core.text.language import N_, _, clauses, comma_separated, paragraph
from quadfit_tui.core.text.width import shortened
from quadfit_tui.core.training.status import Status
from quadfit_tui.teaching.judging.facts import Facts, TooMuchWorkError
from quadfit_tui.teaching.judging.tasks import answer_to, called, is_done, refused, remark_on, rounded
from quadfit_tui.teaching.notation.expression import NOW, Expression, ExpressionError, Reference
from quadfit_tui.teaching.notation.lesson import LONGEST_ANSWER, NUMBERS, Step, changes_of

_MOST = 10  # runs of a table: the oldest go
_OVER = ">"  # before the epochs of a run that has not converged in these
_GREW = N_("grew")
_EPOCHS = Reference(NOW, "", "epochs")


class OwnRuns(NamedTuple):
    """The runs that were made with some values of a parameter, in order of these, and what each came to."""

    name: str
    values: tuple[str, ...]
    result: str  # what it is
    results: tuple[str, ...]

    @property
    def table(self) -> str:
        """Two rows of cells, parted by tabs."""
        return "\n".join("\t".join(row) for row in ((self.name, *self.values), (self.result, *self.results)))

    @property
    def spoken(self) -> str:
        """The runs and their results as a sentence."""
        runs = []
        for value, result in zip(self.values, self.results, strict=True):
            told = _("over {n}").format(n=result.removeprefix(_OVER)) if result.startswith(_OVER) else result
            runs.append(_("{name} {value}, {result}").format(name=self.name, value=value, result=told))
        return _("So far, {result}: {runs}.").format(result=self.result, runs=clauses(runs))


def written(step: Step, facts: Facts, config: RunConfig) -> str:
    """What a run of a task has changed, as it is recorded: `lr:1.4`; empty where that is nothing.

    Where one setting alone may change it is that of each run. What is too long is cut, and no run of the table.
    """
    if step.run is None:
        return ""
    before, unused = facts.lesson.runs[step.run], config.unused
    differs = [name for name in PARAMETERS if getattr(before, name) != getattr(config, name) and name not in unused]
    names = step.only if len(step.only) == 1 else differs
    changes = [f"{name}:{PARAMETERS[name].show(getattr(config, name))}" for name in names]
    return shortened(";".join(changes), LONGEST_ANSWER)


def shown(answer: str) -> str:
    """What was recorded of a run as a student reads it: `lr 1.4`."""
    told = []
    for change in answer.split(";"):
        name, _colon, value = change.partition(":")
        told.append(f"{PARAMETERS[name].label} {value}" if name in PARAMETERS else change)
    return comma_separated(told)


class TaskReview(NamedTuple):
    """What there is to say of a run that rests, what is to be recorded of it, and whether its task is done with it."""

    spoken: str = ""
    answer: str = ""
    is_done: bool = False


class TaskRuns:
    """The runs that a student makes for the tasks of a lesson, and what they came to, each trained once."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._known: dict[tuple[str, str], Snapshot] = {}
        self._seen: tuple[RunConfig, bool] | None = None  # the run that was looked at last, and whether it had ended

    def begin(self) -> None:
        """Has what was said of a run be said again, as where the step begins."""
        self._seen = None

    def review(self, step: Step, now: Snapshot, tried: Sequence[str]) -> TaskReview:
        """Looks at a run that rests, beside what was recorded of those `tried` before.

        What it says of a run that is refused, or has ended and is not what is asked for, it says once.
        """
        before, self._seen = self._seen, (now.config, now.status.ended)
        answer = written(step, self._facts, now.config)
        new = "" if answer in tried else answer
        with suppress(ExpressionError, TooMuchWorkError):  # what is asked for is nothing that this run has
            if is_done(step, self._facts, now):
                self._keep(step, answer, now)
                return TaskReview("", new, is_done=True)
        if before == self._seen:
            return TaskReview()
        if told := refused(step, self._facts, now.config):
            return TaskReview(told)
        if not now.status.ended:
            return TaskReview()
        self._keep(step, answer, now)
        if not step.tries:
            return TaskReview(answer_to(step, self._facts, now), new)
        done = len({*tried, answer})
        count = _("{done} of {n} different runs so far.")
        if not new:
            count = _("This one was tried before: {done} of {n} different runs so far.")
        count = count.format(done=done, n=step.tries)
        told = paragraph([count, remark_on(step, self._facts, now)])
        return TaskReview(told, new, is_done=done >= step.tries)

    def _keep(self, step: Step, answer: str, now: Snapshot) -> None:
        if now.status.ended:
            self._known[step.id, answer] = now

    def table(self, step: Step, answers: Sequence[str]) -> OwnRuns | None:
        """The table of the runs that were recorded of a task, where these are of one number; None if there are none."""
        name = step.only[0] if len(step.only) == 1 else ""
        if name not in NUMBERS or step.run is None:
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
            called("epochs" if counts else "mean_loss"),
            tuple(_epochs(end) if counts else _mean_loss(end) for end in ends),
        )

    def _end(self, step: Step, answer: str) -> Snapshot | None:
        """What a run came to; None where it cannot be made, as of another version of the lesson."""
        if (step.id, answer) not in self._known:
            assert step.run is not None
            with suppress(ValueError, ConfigError, ExpressionError, TooMuchWorkError):
                changes = changes_of(answer)
                if changes.keys() <= {*step.only}:
                    config = self._facts.lesson.runs[step.run].with_values(changes)
                    self._known[step.id, answer] = self._facts.snapshot(config)
        return self._known.get((step.id, answer))


def _order(value: object) -> float:
    return float(value) if isinstance(value, int | float) else math.inf  # all samples are more than any number of them


def _counts_epochs(step: Step, ends: Sequence[Snapshot]) -> bool:
    """Whether the epochs of runs are what they are to be compared by, and not the mean loss."""
    if step.until is None:
        return any(end.status is Status.CONVERGED for end in ends)
    return _EPOCHS in [*Expression.parse(step.until).references()] and ends[0].config.stop_on != "never"


def _epochs(end: Snapshot) -> str:
    if end.status is Status.CONVERGED:
        return str(end.epoch)
    return _(_GREW) if got_worse(end) else f"{_OVER}{end.epoch}"


def _mean_loss(end: Snapshot) -> str:
    return _(_GREW) if end.status is Status.DIVERGED else rounded(end.mean_loss)
