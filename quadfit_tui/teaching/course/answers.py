"""Answers as all faces show them: those of the student, and the right ones with their reasons."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from quadfit_tui.core.text.language import N_, _, full_stop, labeled, paragraph
from quadfit_tui.core.text.sentences import without_stop
from quadfit_tui.teaching.course.curve_comparison import run_curve
from quadfit_tui.teaching.course.drawn_curve import DrawnCurve
from quadfit_tui.teaching.course.own_runs import format_recorded_changes
from quadfit_tui.teaching.course.progress import RIGHT, LessonProgress
from quadfit_tui.teaching.course.transcript_entry import Entry
from quadfit_tui.teaching.judging.facts import Facts
from quadfit_tui.teaching.judging.judge import Verdict, join_as_row, judge, judge_recorded, right_answer
from quadfit_tui.teaching.judging.tasks import success_reason
from quadfit_tui.teaching.notation.lesson import LETTERS, PREDICTIONS, Lesson, Step, StepKind

# Templates for a prediction of a number or a choice, then of a curve: wrong, right, skipped.
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
    """A student's answer at a step, with the right answer, which is empty as long as it is not revealed."""

    step: Step
    answers: tuple[str, ...]  # the answers that count, then the second vote
    right: str
    is_right: bool  # whether the last of them is right
    is_skipped: bool
    explanation: str  # the explanation


class PredictionOutcome(NamedTuple):
    """A sentence that compares a prediction with the outcome; `mark` is right, wrong or empty."""

    sentence: str
    mark: str


class AnswerResult(NamedTuple):
    """The feedback to an answer, and the transcript fields to record; these are empty if it was unreadable."""

    feedback: str
    recorded: Mapping[str, Any]


def own_answers(lesson: Lesson, progress: LessonProgress, facts: Facts) -> list[OwnAnswer]:
    """Returns the student's answers to each step of a lesson, with the right answers of finished steps."""
    own = []
    for step in lesson.steps:
        record = progress.records[step.id]
        entries = record.counted_and_discussed
        texts = tuple(format_answer(lesson, step, entry) for entry in entries)
        if texts or record.said or record.is_skipped:
            right = right_answer(lesson, step, facts) if record.is_done and step.answers else ""
            is_right = bool(entries) and entries[-1].got == RIGHT
            own.append(OwnAnswer(step, texts, right, is_right, record.is_skipped, record.said))
    return own


def predictions_met(lesson: Lesson, progress: LessonProgress, facts: Facts) -> list[PredictionOutcome]:
    """Returns a sentence for each prediction that the student made or skipped, comparing it with the outcome."""
    met = []
    for step in lesson.steps:
        record = progress.records[step.id]
        if step.kind in PREDICTIONS and (record.counted or record.is_skipped):
            is_drawn = step.kind is StepKind.DRAW
            happened = _(run_curve(facts, step).shape) if is_drawn else right_answer(lesson, step, facts, labeled)
            own = format_answer(lesson, step, record.counted[-1], labeled) if record.counted else ""
            wrong, right, skipped = _MET[is_drawn]
            if not own:
                template = skipped
            elif own == happened:
                template = right
            else:
                template = wrong
            sentence = _(template).format(answer=own, right=without_stop(happened))
            met.append(PredictionOutcome(labeled(without_stop(step.title), full_stop(sentence)), record.mark))
    return met


def format_answer(lesson: Lesson, step: Step, entry: Entry, choice: Callable[[str, str], str] = join_as_row) -> str:
    """Formats a recorded answer for the student: a number as typed, a choice with its letter and text.

    `choice` joins letter and text: `labeled` within a sentence. A drawn curve is formatted as its shape in words.
    """
    if entry.points:
        return _(DrawnCurve(entry.points).shape_in(lesson, step))
    if step.kind is StepKind.DO:
        return format_recorded_changes(entry.answer)
    if step.tolerance is not None:
        return entry.answer
    row = LETTERS.index(entry.choice) if entry.choice else len(step.answers)
    if row >= len(step.answers):  # a newer version of the lesson may have fewer choices
        return "?"
    answer = step.answers[row]
    return choice(lesson.letter(step, answer).upper(), answer.text)


def answer_with_reason(lesson: Lesson, step: Step, facts: Facts) -> str:
    """Returns the right answer of a step with its reason, when the student skips it or a teacher reveals it."""
    if step.kind is StepKind.DRAW:
        return run_curve(facts, step).sentence
    right = right_answer(lesson, step, facts, labeled)
    if step.kind is StepKind.DO:
        one_way = _("One way to do it: {answer}.").format(answer=right) if right else _("Skipped.")
        return paragraph([one_way, success_reason(step, facts)])
    if not right:
        return _("Skipped.")
    reason = "" if step.right_answer is None else facts.render_prose(step.right_answer.feedback)
    return paragraph([_("The answer is {answer}.").format(answer=without_stop(right)), reason])


def evaluate_answer(lesson: Lesson, step: Step, facts: Facts, answer: str) -> AnswerResult:
    """Judges an answer that a student typed, or drew (as points); returns the feedback and what to record."""
    if step.kind is StepKind.DRAW:
        try:
            curve = DrawnCurve.read(answer)
        except ValueError as refused:
            return AnswerResult(str(refused), {})
        return AnswerResult(run_curve(facts, step).compare(curve), {"points": curve.points})
    judgement = judge(lesson, step, facts, answer)
    if judgement.verdict is Verdict.UNREADABLE:
        return AnswerResult(judgement.feedback, {})
    field = "choice" if step.tolerance is None else "answer"
    return AnswerResult(judgement.feedback, {field: judgement.canonical, "got": judgement.verdict.value})


def recorded_feedback(lesson: Lesson, step: Step, facts: Facts, entry: Entry) -> str:
    """Returns the feedback to an answer that the transcript records, when its step is shown again."""
    if entry.points:
        return run_curve(facts, step).compare(DrawnCurve(entry.points))
    return judge_recorded(lesson, step, facts, entry.choice or entry.answer).feedback


def model_answers(step: Step, facts: Facts) -> str:
    """Returns the model answers of an explanation, to compare with the student's; empty if it has none."""
    first, *others = [facts.render_prose(model) for model in step.models] or [""]
    sentences = []
    if first:
        sentences.append(_("Compare your answer with this one: {answer}").format(answer=first))
    sentences += [_("Or with this one: {answer}").format(answer=model) for model in others]
    return paragraph(sentences)
