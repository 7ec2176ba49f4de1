"""Answers in the words of all faces: what a student gave, and what is right."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from quadfit_tui.core.text.language import N_, _, full_stop, labeled, paragraph
from quadfit_tui.core.text.sentences import unended
from quadfit_tui.teaching.course.curve_comparison import run_curve
from quadfit_tui.teaching.course.drawn_curve import DrawnCurve
from quadfit_tui.teaching.course.own_runs import shown
from quadfit_tui.teaching.course.progress import RIGHT, LessonProgress
from quadfit_tui.teaching.course.transcript_entry import Entry
from quadfit_tui.teaching.judging.facts import Facts
from quadfit_tui.teaching.judging.judge import AS_ROW, Verdict, judge, judge_recorded, right_answer
from quadfit_tui.teaching.judging.tasks import why
from quadfit_tui.teaching.notation.lesson import LETTERS, PREDICTIONS, Lesson, Step, StepKind

# A prediction, of a number or a choice, then of a curve: where it was not so, where it was, where it was skipped.
_MET = (
    (
        N_("you said {answer}; it was {right}"),
        N_("you said {answer}, and so it was"),
        N_("you skipped it; it was {right}"),
    ),
    (
        N_("you drew that it {answer}; it {right}"),
        N_("you drew that it {answer}, and so it does"),
        N_("you skipped it; it {right}"),
    ),
)


class OwnAnswer(NamedTuple):
    """What a student answered at a step, beside the right answer, which is empty while it is not to be told."""

    step: Step
    given: tuple[str, ...]  # the answers that count, and behind them the second vote
    right: str
    is_right: bool  # the last one of them
    is_skipped: bool
    said: str


class Met(NamedTuple):
    """A prediction beside what happened, in a sentence; `mark`: right, wrong, or nothing where it is neither."""

    told: str
    mark: str


class AnswerResult(NamedTuple):
    """What is said to an answer, and what of it is recorded: nothing where it could not be read."""

    feedback: str
    recorded: Mapping[str, Any]


def own_answers(lesson: Lesson, progress: LessonProgress, facts: Facts) -> list[OwnAnswer]:
    """What a student answered at each step, beside the right answers of those that are done."""
    found = []
    for step in lesson.steps:
        record = progress.records[step.id]
        shown = record.counted_and_discussed
        texts = tuple(format_answer(lesson, step, entry) for entry in shown)
        if texts or record.said or record.is_skipped:
            right = right_answer(lesson, step, facts) if record.is_done and step.answers else ""
            is_right = bool(shown) and shown[-1].got == RIGHT
            found.append(OwnAnswer(step, texts, right, is_right, record.is_skipped, record.said))
    return found


def predictions_met(lesson: Lesson, progress: LessonProgress, facts: Facts) -> list[Met]:
    """What a student predicted at each step, or skipped, beside what happened."""
    found = []
    for step in lesson.steps:
        record = progress.records[step.id]
        if step.kind in PREDICTIONS and (record.counted or record.is_skipped):
            is_drawn = step.kind is StepKind.DRAW
            happened = _(run_curve(facts, step).shape) if is_drawn else right_answer(lesson, step, facts, labeled)
            own = format_answer(lesson, step, record.counted[-1], labeled) if record.counted else ""
            said = _MET[is_drawn][2 if not own else own == happened]
            told = _(said).format(answer=own, right=unended(happened))
            found.append(Met(labeled(unended(step.title), full_stop(told)), record.mark))
    return found


def format_answer(lesson: Lesson, step: Step, entry: Entry, choice: Callable[[str, str], str] = AS_ROW) -> str:
    """An answer of a transcript as a student reads it: a number as typed, a choice with its letter and words.

    These are put together by `choice`: `labeled` within a sentence. Of a drawn curve its shape.
    """
    if entry.points:
        return _(DrawnCurve(entry.points).shape_in(lesson, step))
    if step.kind is StepKind.DO:
        return shown(entry.answer)
    if step.tolerance is not None:
        return entry.answer
    row = LETTERS.index(entry.choice) if entry.choice else len(step.answers)
    if row >= len(step.answers):  # as a newer version of the lesson may have fewer
        return "?"
    answer = step.answers[row]
    return choice(lesson.letter(step, answer).upper(), answer.text)


def shown_answer(lesson: Lesson, step: Step, facts: Facts) -> str:
    """The right answer of a step that was given up, with its reason."""
    if step.kind is StepKind.DRAW:
        return run_curve(facts, step).sentence
    told = right_answer(lesson, step, facts, labeled)
    if step.kind is StepKind.DO:
        one_way = _("One way to do it: {answer}.").format(answer=told) if told else _("Skipped.")
        return paragraph([one_way, why(step, facts)])
    if not told:
        return _("Skipped.")
    reason = "" if step.right is None else facts.render_prose(step.right.feedback)
    return paragraph([_("The answer is {answer}.").format(answer=unended(told)), reason])


def evaluate_answer(lesson: Lesson, step: Step, facts: Facts, typed: str) -> AnswerResult:
    """What a student typed to a question, or drew, as points; judged, if there is anything to judge."""
    if step.kind is StepKind.DRAW:
        try:
            curve = DrawnCurve.read(typed)
        except ValueError as refused:
            return AnswerResult(str(refused), {})
        return AnswerResult(run_curve(facts, step).compared(curve), {"points": curve.points})
    found = judge(lesson, step, facts, typed)
    if found.verdict is Verdict.UNREADABLE:
        return AnswerResult(found.feedback, {})
    given = "choice" if step.tolerance is None else "answer"
    return AnswerResult(found.feedback, {given: found.canonical, "got": found.verdict.value})


def recorded_feedback(lesson: Lesson, step: Step, facts: Facts, entry: Entry) -> str:
    """What is said to an answer of a transcript."""
    if entry.points:
        return run_curve(facts, step).compared(DrawnCurve(entry.points))
    return judge_recorded(lesson, step, facts, entry.choice or entry.answer).feedback


def compared_with(step: Step, facts: Facts) -> str:
    """The model answers of an explanation, to compare one's own with; empty where it has none."""
    first, *others = [facts.render_prose(model) for model in step.models] or [""]
    told = [_("Compare your answer with this one: {answer}").format(answer=first)] * bool(first)
    return paragraph([*told, *(_("Or with this one: {answer}").format(answer=model) for model in others)])
