"""Judges answers: a letter of a choice, or a number as students type it; and finds what is said to each."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple

from quadfit_tui.core.config.parameters import PARAMETERS
from quadfit_tui.core.text.language import (
    N_,
    _,
    comma_separated,
    either,
    full_stop,
    labeled,
    ngettext,
    paragraph,
    pgettext,
)
from quadfit_tui.core.text.quoting import normalized, quoted, with_problem
from quadfit_tui.teaching.judging.facts import Facts, is_limit
from quadfit_tui.teaching.judging.tolerance import MatchGrade, Written, grade_match
from quadfit_tui.teaching.judging.typed_numbers import read_typed
from quadfit_tui.teaching.notation.lesson import LETTERS, LONGEST_ANSWER, Answer, Lesson, Step, StepKind, Tolerance

AS_ROW = "{}  {}".format  # the letter and the text of a choice, as in a table


class Verdict(StrEnum):
    """How an answer was judged; an unreadable one is no attempt."""

    RIGHT = "right"
    CLOSE = "close"
    WRONG = "wrong"
    UNREADABLE = "unreadable"


VERDICTS = {
    Verdict.RIGHT: N_("right"),
    Verdict.CLOSE: N_("close"),
    Verdict.WRONG: N_("wrong"),
    Verdict.UNREADABLE: N_("unreadable"),
}


class Judgement(NamedTuple):
    """An answer that was judged.

    `feedback` is what is said to it, `answer` the row of the question that it fits, None where it fits none.
    `canonical` is how it is recorded: a number as typed, a choice by its letter in the order of the file. `number` is
    what was read of a number.
    """

    verdict: Verdict
    feedback: str
    answer: Answer | None
    canonical: str
    number: float | None = None


def judge(lesson: Lesson, step: Step, facts: Facts, typed: str) -> Judgement:
    """Judges what a student typed to a question, of a choice the letter that is shown."""
    try:
        text = normalized(typed)
    except ValueError:  # it is far too long
        text = typed
    if len(text) > LONGEST_ANSWER:
        return _unreadable(_("Your answer is too long; a number or a letter is enough."))
    if step.tolerance is None:
        return _choice(lesson, step, facts, text)
    return _number(lesson, step, facts, text)


def judge_recorded(lesson: Lesson, step: Step, facts: Facts, canonical: str) -> Judgement:
    """Judges an answer again as it was recorded, of a choice by its letter in the order of the file."""
    if step.tolerance is not None:
        return judge(lesson, step, facts, canonical)
    at = LETTERS.find(canonical) if len(canonical) == 1 else -1
    if not 0 <= at < len(step.answers):
        return _unreadable(_("There is no such choice."))
    return _choice(lesson, step, facts, lesson.letter(step, step.answers[at]))


def right_answer(lesson: Lesson, step: Step, facts: Facts, choice: Callable[[str, str], str] = AS_ROW) -> str:
    """What a student could have done, as it is told after the step was skipped: `136`, `B  down`, `lr 1.6`.

    `choice` puts the letter and the text of one together: `labeled` within a sentence, `B: down`.
    """
    right = step.right
    if step.solution is not None:
        changed = lesson.solving_changes(step)
        named = [f"{PARAMETERS[name].label} {PARAMETERS[name].show(value)}" for name, value in changed.items()]
        return comma_separated(named) or _("play the run to its end")
    if right is None:
        return ""
    if step.tolerance is not None:
        return facts.shown_right(step)
    return choice(lesson.letter(step, right).upper(), right.text)


def allowed(step: Step) -> str:
    """What answers a question, in a sentence."""
    if step.kind is StepKind.EXPLAIN:
        return _("Type a sentence or two.")
    if step.tolerance is not None:
        return _number_like(step.tolerance, step.text.template.lower())
    return letters_allowed(step)


def letters_allowed(step: Step) -> str:
    """The letters of its answers, in a sentence."""
    return _("Type {letters}.").format(letters=either(LETTERS[: len(step.answers)].upper()))


def _number_like(tolerance: Tolerance, question: str) -> str:
    """What answers a question for a number, and how near it has to be where the question, in small letters, does not
    tell that.
    """
    rule, amount = tolerance
    if rule == "digits":
        word = pgettext("by which a question tells how near a number has to be", "digit")
    else:
        word = pgettext("by which a question tells how near a number has to be", "within")
    match "exact" if word in question else rule:
        case "digits":
            return ngettext(
                "Type a number with {n} digit or more.", "Type a number with {n} digits or more.", int(amount)
            )
        case "factor":
            return _("Type a number; within a factor of {factor} is right.").format(factor=f"{amount:g}")
        case "rel":
            # xgettext: no-python-format
            return _("Type a number; within {percent} % is right.").format(percent=f"{100 * amount:g}")
        case "abs":
            return _("Type a number; within {distance} is right.").format(distance=f"{amount:g}")
    return _("Type a number.")


def _unreadable(feedback: str) -> Judgement:
    return Judgement(Verdict.UNREADABLE, feedback, None, "")


def _choice(lesson: Lesson, step: Step, facts: Facts, text: str) -> Judgement:
    choices = lesson.choices(step)
    letter = text.lower().rstrip(").:")
    at = LETTERS.find(letter) if len(letter) == 1 else -1
    if not 0 <= at < len(choices):
        return _unreadable(letters_allowed(step))
    chosen = choices[at]
    canonical = lesson.file_letter(step, chosen)
    if chosen.is_right:
        return Judgement(
            Verdict.RIGHT, paragraph([_("Right."), facts.render_prose(chosen.feedback)]), chosen, canonical
        )
    said = paragraph([facts.render_prose(chosen.feedback), _told(lesson, step, facts)])
    return Judgement(Verdict.WRONG, said, chosen, canonical)


def _told(lesson: Lesson, step: Step, facts: Facts) -> str:
    """The right answer in a sentence, for a prediction, which has one attempt."""
    if step.kind is not StepKind.PREDICT:
        return ""
    return _("The answer is {answer}.").format(answer=right_answer(lesson, step, facts, labeled))


def _number(lesson: Lesson, step: Step, facts: Facts, text: str) -> Judgement:
    right, tolerance = step.right, step.tolerance
    assert right is not None
    assert tolerance is not None
    if not text:
        return _unreadable(allowed(step))
    value = facts.number(right.expression)
    try:
        written = read_typed(text, value)
    except ValueError as refused:
        return _unreadable(full_stop(with_problem(quoted(text), str(refused))))
    found = grade_match(written, value, tolerance, is_limit(right.expression))
    reason = facts.render_prose(right.feedback)
    if found is MatchGrade.RIGHT:
        said = _("Right: it is {answer}.").format(answer=facts.shown_right(step))
        return Judgement(Verdict.RIGHT, paragraph([said, reason]), right, text, written.value)
    # What is a wrong answer as it is written is that, though it may be close to the right one, too.
    row = _wrong_row(step, facts, written, written.shows)
    if found is MatchGrade.MORE_DIGITS and row is None:
        return _unreadable(_("More digits, please: at least {n}.").format(n=f"{tolerance.amount:.0f}"))
    told = _told(lesson, step, facts)
    if row is None and found is MatchGrade.OFF:

        def is_near(value: float, is_limit: bool) -> bool:
            return grade_match(written, value, tolerance, is_limit) is MatchGrade.RIGHT

        row = _wrong_row(step, facts, written, is_near)
    if row is not None:
        return Judgement(Verdict.WRONG, paragraph([facts.render_prose(row.feedback), told]), row, text, written.value)
    more_or_less = _("It is more than that.") if value > written.value else _("It is less than that.")
    is_close = found is MatchGrade.CLOSE
    said = paragraph([_("Close.") if is_close else "", more_or_less, told, reason if told else ""])
    return Judgement(Verdict.CLOSE if is_close else Verdict.WRONG, said, None, text, written.value)


def _wrong_row(step: Step, facts: Facts, written: Written, is_near: Callable[[float, bool], bool]) -> Answer | None:
    """The wrong answer that a number is nearest to, of those whose values, limits or not, are near enough."""
    fitting = []
    for answer in step.answers:
        value = facts.number(answer.expression)
        if not answer.is_right and is_near(value, is_limit(answer.expression)):
            fitting.append((abs(written.value - value), answer.line, answer))
    return min(fitting)[2] if fitting else None
