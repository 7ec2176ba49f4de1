"""What gives an answer of a lesson away: a step before its question, or the program beside that step, tells it."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence, Set
from contextlib import suppress
from functools import cached_property
from weakref import WeakKeyDictionary

import numpy as np

from quadfit_tui.core.config.parameters import PARAMETERS, RunConfig
from quadfit_tui.core.diagnosis.diagnose import Remedy, RunDiagnosis, diagnose, find_remedy, offered, rate_forecast
from quadfit_tui.core.diagnosis.stability import LimitBasis
from quadfit_tui.core.diagnosis.trials import Trial
from quadfit_tui.core.diagnosis.wording.changes import change, ending_phrase
from quadfit_tui.core.explain.diagnosis_page import diagnosis_page
from quadfit_tui.core.explain.narrator import Narrator
from quadfit_tui.core.explain.worked_update import worked_update
from quadfit_tui.core.model.array import Array
from quadfit_tui.core.session.snapshot import Snapshot
from quadfit_tui.core.session.verdict import at_floor, brief_verdict
from quadfit_tui.core.text.language import N_, _, ngettext, ngettext_noop, pgettext, pgettext_noop
from quadfit_tui.core.text.numbers import format_short, format_trimmed, rounded_down
from quadfit_tui.core.training.position import START, Position
from quadfit_tui.teaching.judging.check import LessonFault
from quadfit_tui.teaching.judging.facts import Facts, TooMuchWorkError, is_limit
from quadfit_tui.teaching.judging.tasks import is_done_with
from quadfit_tui.teaching.judging.tolerance import FEWEST_SHOWN, MOST_DIGITS, Written
from quadfit_tui.teaching.judging.trained_run import LessonRun
from quadfit_tui.teaching.notation.expression import Expression, ExpressionError
from quadfit_tui.teaching.notation.lesson import QUESTIONS, Lesson, Step, StepKind

_NUMBER = re.compile(r"(?<![^\W一-鿿]|\.)\d+(?:,\d{3})*(?:\.\d+)?(?:e[-+]?\d+)?")
_DIAGNOSES: WeakKeyDictionary[LessonRun, RunDiagnosis] = WeakKeyDictionary()
_REMEDIES: WeakKeyDictionary[LessonRun, Remedy] = WeakKeyDictionary()  # each is looked for once
_SAME = 5e-6  # of a number of the run, by which it is another one
_SHOWS = N_("step {step} shows {number} in its {place}, which step {asked} asks for")
# Kinds of the narrator's sentences whose numbers the log has, too.
_IN_THE_LOG = {"half", "hundredth", "grows", "swings", "worse", "rate"}
# Facts that are said with a noun.
_COUNTS = {
    "epochs": ngettext_noop("{n} epoch", "{n} epochs"),
    "needed": ngettext_noop("{n} epoch", "{n} epochs"),
    "updates": ngettext_noop("{n} update", "{n} updates"),
}
_ENDS = {"status", "mean_loss", "distance", "a", "b", "c"}  # what a run comes to
_LENGTH = {"epochs", "tol", "stop_on"}  # settings by which a run is only longer or shorter
_SURE = {basis.name.lower() for basis in (LimitBasis.EXACT, LimitBasis.ROUNDING)}  # limits above which a run diverges


def give_aways(lesson: Lesson, facts: Facts) -> list[LessonFault]:
    """What gives answers of a lesson away, whose facts are true; in order of its lines.

    Each step is looked at as both faces have it, with what the lesson holds back there. A number counts where it is the
    right answer to all digits that are shown, unless the question states it itself; of a choice, what decides it.
    """
    found: list[LessonFault] = []
    with suppress(TooMuchWorkError):  # what was found by then stands
        scenes = list(_scenes(lesson, facts))
        for at, asked in enumerate(scenes):
            found += [LessonFault(asked.step.line, told) for told in _told_of(lesson, asked, scenes[:at], facts)]
    return found


def _told_of(lesson: Lesson, asked: _Scene, before: Sequence[_Scene], facts: Facts) -> Iterator[str]:
    """What each step tells of the answer to one, or of how its task is done."""
    step = asked.step
    if step.kind in QUESTIONS and step.right_answer is not None:
        told_by = _Question(lesson, asked, before, facts).told_by
        yield from filter(None, map(told_by, before))
    elif step.kind is StepKind.DO and step.run is not None:
        if any(link.name == "why" for link in step.text.links):  # which sends to what is offered
            return
        config = lesson.runs[step.run]
        for scene in () if is_done_with(step, facts, config, {}) else (*before, asked):
            changes = ((each, {name: getattr(each.config, name) for name in each.changed}) for each in scene.trials)
            does = next((trial for trial, changed in changes if is_done_with(step, facts, config, changed)), None)
            if does is not None:
                told = _("step {step} offers {change} in its diagnosis, which does step {asked}")
                yield told.format(step=scene.number, change=change(does), asked=asked.number)


class _Scene:
    """What is seen and heard at a step once it was answered: its run, if it has one, stands at each of some moments."""

    def __init__(
        self, lesson: Lesson, number: int, facts: Facts, moments: list[Snapshot], run: LessonRun | None
    ) -> None:
        self.number, self.step, self.moments = number, lesson.steps[number - 1], moments
        self.held: Set[str] = lesson.withheld_at(self.step)
        self._facts, self._run = facts, run

    @property
    def config(self) -> RunConfig | None:
        """The run that is seen."""
        return self.moments[0].config if self.moments else None

    @property
    def run(self) -> LessonRun:
        """The run that is seen, of a step that has one."""
        assert self._run is not None
        return self._run

    @property
    def diagnosis(self) -> RunDiagnosis:
        """That of the run."""
        if self.run not in _DIAGNOSES:
            _DIAGNOSES[self.run] = diagnose(self.run.task)
        return _DIAGNOSES[self.run]

    @cached_property
    def _remedy(self) -> Remedy:
        """What would help, whether it is needed or not."""
        if self.run not in _REMEDIES:
            _REMEDIES[self.run] = find_remedy(self.diagnosis)
        return _REMEDIES[self.run]

    def _remedy_at(self, moment: Snapshot) -> Remedy | None:
        return None if "remedy" in self.held else offered(moment, self.diagnosis, self._remedy)

    @cached_property
    def trials(self) -> list[Trial]:
        """The changes of the run that the program offers."""
        remedies = map(self._remedy_at, self.moments)
        return [trial for remedy in remedies if remedy is not None for trial in remedy.trials]

    @cached_property
    def lesson_says(self) -> dict[str, str]:
        """What the lesson itself says, by what that is, noted; of answers what is said to each."""
        step, said = self.step, self._facts.render_prose
        answered = [said(answer.feedback) for answer in step.answers]
        if step.right_answer is not None and step.tolerance is not None:
            answered.append(self._facts.format_right_number(step))
        answers = [answer.text for answer in step.answers]
        return {
            pgettext_noop("place", "text"): "\n".join([step.title, said(step.text), *answers]),
            pgettext_noop("place", "hints"): "\n".join(map(said, step.hints)),
            pgettext_noop("place", "feedback"): "\n".join(answered),
            pgettext_noop("place", "model answers"): "\n".join(map(said, step.models)),
        }

    @cached_property
    def program_says(self) -> dict[str, str]:
        """What the program says of the run, by where it does, noted; aloud no more, and with three digits."""
        verdict, diagnosis = pgettext_noop("place", "verdict"), pgettext_noop("place", "diagnosis")
        update = pgettext_noop("place", "update")
        texts: dict[str, list[str]] = {verdict: [], diagnosis: [], update: []}
        for moment in self.moments:
            remedy = self._remedy_at(moment)
            page = diagnosis_page(moment, self.diagnosis, rate_forecast(moment.task, moment.lr), remedy, self.held)
            texts[verdict].append(brief_verdict(moment, "optimum" not in self.held))
            narrated = self._narrator.up_to(moment.epoch)
            texts[diagnosis] += [sentence.full for sentence in narrated if sentence.kind not in _IN_THE_LOG]
            texts[diagnosis] += [text for _style, text in page]
            if moment.record is not None:
                texts[update] += worked_update(moment.record)
        return {place: "\n".join(lines) for place, lines in texts.items()}

    @cached_property
    def _narrator(self) -> Narrator:
        """What the narrator tells of the run."""
        narrator = Narrator(self.moments[0].task, self.diagnosis, self.held)
        narrator.read_epochs(self._facts.curves(self.moments[0].config))
        return narrator

    def columns(self) -> dict[str, Array]:
        """The numbers of the run, by where they stand, noted: in the header and in the log."""
        here = [[moment.mean_loss, *moment.w.tolist()] for moment in self.moments]
        last = self.moments[-1]
        curves = self._facts.curves(last.config)
        log = np.concatenate([values[curves.epochs <= last.epoch] for values in curves.values.values()])
        return {pgettext_noop("place", "header"): np.abs(np.ravel(here)), pgettext_noop("place", "log"): np.abs(log)}


def _scenes(lesson: Lesson, facts: Facts) -> Iterator[_Scene]:
    """The steps of a lesson with the run that is seen at each, its own or that of a step before it."""
    moments: list[Snapshot] = []
    for number, step in enumerate(lesson.steps, 1):
        if step.run is not None:
            with suppress(ExpressionError):
                moments = _moments(step, lesson.runs[step.run], facts)
        yield _Scene(lesson, number, facts, moments, facts.lesson_run(moments[0].config) if moments else None)


def _moments(step: Step, config: RunConfig, facts: Facts) -> list[Snapshot]:
    """The start of a run, and where it stands once a step was answered."""
    start = facts.trained_up_to(config, START)
    at = step.at
    if step.kind is StepKind.DO:
        return [start, facts.snapshot(config, at or START)]
    if at is not None and step.kind is StepKind.PREDICT:  # the next update is shown
        at = Position.after(at.updates(start.updates_per_epoch) + 1, start.updates_per_epoch)
    return [start, facts.snapshot(config, at)]


class _Question:
    """What a question asks for, and what of a step before it tells that."""

    def __init__(self, lesson: Lesson, asked: _Scene, before: Sequence[_Scene], facts: Facts) -> None:
        step, right = asked.step, asked.step.right_answer
        assert right is not None
        self._number = asked.number
        self._config = None if step.run is None else lesson.runs[step.run]
        self._is_predicted = step.kind is StepKind.PREDICT
        self._is_limit = is_limit(right.expression)
        self._value, self._phrase, said = math.nan, "", asked.lesson_says["text"]
        self._is_stated = False  # in the question itself
        if step.written_answer is not None:
            value = facts.number(right.expression)
            fact = right.expression.strip().partition(".")[2]
            phrase = ngettext(*_COUNTS[fact], int(value)) if fact in _COUNTS else ""
            self._is_stated = bool(_shown(value, said, self._is_limit) or self._says(said, phrase))
            if not self._is_stated:
                is_set = value in {config.epochs for config in lesson.runs.values()}
                self._phrase = "" if is_set else phrase
                self._value = value if _digits(step.written_answer) >= FEWEST_SHOWN else math.nan
        self._asks_of_end = bool(_facts_of(step.run, [right.expression]) & _ENDS)
        of_any = _facts_of(step.run, [answer.expression for answer in step.answers])
        self._asks_of_course, self._limit = bool(of_any & {"status", *_COUNTS}), math.nan
        if self._is_predicted and "status" in of_any:
            told = (text for scene in before for text in scene.lesson_says.values())
            self._limit = _decisive_limit(f"{step.run}", facts, [said, *told])

    def told_by(self, scene: _Scene) -> str:
        """What a step tells of the answer; empty where that is nothing."""
        steps = {"step": scene.number, "asked": self._number}
        for place, text in scene.lesson_says.items():
            if number := self._found_in(text):
                told = _("step {step} tells {number} in its {place}, which step {asked} asks for")
                return told.format(number=number, place=pgettext("place", place), **steps)
        config = scene.config
        if config is None or self._config is None or (not self._is_predicted and config == self._config):
            return ""  # what is asked for is to be read off there
        for place, text in scene.program_says.items():
            if number := self._found_in(text):
                return _(_SHOWS).format(number=number, place=pgettext("place", place), **steps)
        for place, values in scene.columns().items():
            if (np.abs(values - abs(self._value)) <= _SAME * abs(self._value)).any():
                number = format_trimmed(self._value)
                return _(_SHOWS).format(number=number, place=pgettext("place", place), **steps)
        if not self._is_predicted:
            return ""
        differs = {name for name in PARAMETERS if getattr(config, name) != getattr(self._config, name)}
        asks_of_run = (self._asks_of_end or self._asks_of_course) and not self._is_stated
        if not differs and asks_of_run and scene.moments[-1].status.ended:
            return _("step {step} shows at its end the run that step {asked} asks about").format(**steps)
        if "lr" in differs and "limit" not in scene.held and scene.diagnosis.limit.rate == self._limit:
            told = _("step {step} shows the limit {limit} in its header, which decides step {asked}")
            return told.format(limit=rounded_down(self._limit), **steps)
        is_longer = differs <= _LENGTH and self._config.epochs >= config.epochs  # a shorter one may not come to rest
        if self._asks_of_end and differs and is_longer and (rest := _rest(scene)):
            told = _("step {step} shows that its run stays at the mean loss {loss}, which decides step {asked}")
            return told.format(loss=rest, **steps)
        trial = next((each for each in scene.trials if self._is_like(each, differs - _LENGTH)), None)
        if self._asks_of_course and trial is not None:
            told = _("step {step} offers {change} in its diagnosis, with which it {ends}, as step {asked} asks")
            return told.format(change=change(trial), ends=ending_phrase(trial), **steps)
        return ""

    def _found_in(self, text: str) -> str:
        """The answer as a text has it; empty where it does not."""
        if self._says(text, self._phrase):
            return self._phrase
        return _shown(self._value, text, self._is_limit)

    def _says(self, text: str, phrase: str) -> bool:
        """Whether a text has a count with its noun, and not as the end of a larger one."""
        if not phrase:
            return False
        before_each = text.replace(f"第 {phrase}", "").split(phrase)[:-1]  # one of many, in Chinese, and no count
        return any(not before[-1:].isdigit() and before[-1:] != "," for before in before_each)

    def _is_like(self, trial: Trial, differs: set[str]) -> bool:
        """Whether a change is, but for the rate, the one that makes the run that is asked about."""
        same = differs - {"lr"} or differs
        return {*trial.changed} == differs and all(
            getattr(trial.config, name) == getattr(self._config, name) for name in same
        )


def _decisive_limit(run: str, facts: Facts, said: Iterable[str]) -> float:
    """The limit that tells whether a run converges; nan where there is none, or the lesson has told it."""
    with suppress(ExpressionError):
        if facts.value(f"{run}.ground") in _SURE:
            found = facts.number(f"{run}.limit")
            return math.nan if any(_shown(found, text, True) for text in said) else found
    return math.nan


def _rest(scene: _Scene) -> str:
    """The mean loss at which its run is told to stay however long it goes on; empty where it is not."""
    end = scene.moments[-1]
    if "optimum" in scene.held:
        return ""
    if end.status.ended and at_floor(end):
        return format_short(scene.diagnosis.least)
    rest = scene.diagnosis.settles or scene.diagnosis.stalls
    return "" if rest is None or "forecast" in scene.held else format_short(rest.mean_loss)


# Numbers in texts


def _facts_of(run: str | None, expressions: Iterable[str]) -> set[str]:
    """The facts of a run at its end that expressions name."""
    named = (reference for each in expressions for reference in Expression.parse(each).references())
    return {reference.fact for reference in named if reference.run == run and not reference.moment}


def _digits(written: str) -> int:
    """How many digits a number has as it is written, without zeros at its end."""
    value = Written.read(written).value
    return len(f"{abs(value):.14e}".partition("e")[0].replace(".", "").rstrip("0"))


def _shown(value: float, text: str, is_limit: bool) -> str:
    """A number of a text, with three digits or more, that is a value to its last digit; empty where none is."""
    for found in _NUMBER.findall(text):
        try:
            written = Written.read(found.replace(",", ""))
        except ValueError:  # no double is as large
            continue
        if written.digits >= FEWEST_SHOWN and abs(written.value - abs(value)) <= 0.01 * abs(value):
            digits = min(written.digits, MOST_DIGITS)
            if written.rounds(abs(value), digits) or (is_limit and written.value == float(rounded_down(value, digits))):
                return str(found)
    return ""
