"""Judges answers, a letter of a choice or a number as students type it, and renders the feedback to each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import NamedTuple

from quadfit_tui.core.config.parameters import PARAMETERS
from quadfit_tui.core.text.language import (
    N_,
    _,
    comma_separated,
    full_stop,
    join_or,
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

join_as_row = "{}  {}".format  # joins the letter and the text of a choice, as in a table


class Verdict(StrEnum):
    """The verdicts on an answer; an unreadable one is no attempt."""

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
    """The result of judging an answer.

    `feedback` is the text for the student, `answer` the row of the question that the answer matches, or None.
    `canonical` is the answer as transcripts record it: a number as typed, a choice by its letter in the order of the
    file. `number` is the parsed value if the question asks for a number.
    """

    verdict: Verdict
    feedback: str
    answer: Answer | None
    canonical: str
    number: float | None = None


def judge(lesson: Lesson, step: Step, facts: Facts, typed: str) -> Judgement:
    """Judges what a student typed to a question: a number, or a choice by its letter as shown or by its words."""
    try:
        text = normalized(typed)
    except ValueError:  # the text is far too long
        text = typed
    chosen = _find_choice(lesson.choices(step), text) if step.tolerance is None else None
    if chosen is not None:
        return _judge_choice(lesson, step, facts, chosen)
    if len(text) > LONGEST_ANSWER:
        return _unreadable(_("Your answer is too long; a number or a letter is enough."))
    return _unreadable(letters_prompt(step)) if step.tolerance is None else _judge_number(lesson, step, facts, text)


def judge_recorded(lesson: Lesson, step: Step, facts: Facts, canonical: str) -> Judgement:
    """Judges an answer from a transcript, in which a choice has its letter in the order of the file."""
    if step.tolerance is not None:
        return judge(lesson, step, facts, canonical)
    index = LETTERS.find(canonical) if len(canonical) == 1 else -1
    if not 0 <= index < len(step.answers):
        return _unreadable(_("There is no such choice."))
    return _judge_choice(lesson, step, facts, step.answers[index])


def right_answer(lesson: Lesson, step: Step, facts: Facts, choice: Callable[[str, str], str] = join_as_row) -> str:
    """Formats the right answer to a question, or the solution of a task: `136`, `B  down`, `lr 1.6`; empty if none.

    Shown after a step was skipped, or a prediction was wrong. `choice` joins the letter and the text of a choice:
    `labeled` makes `B: down` for use within a sentence.
    """
    right = step.right_answer
    if step.solution is not None:
        changes = lesson.solving_changes(step)
        settings = [f"{PARAMETERS[name].label} {PARAMETERS[name].show(value)}" for name, value in changes.items()]
        return comma_separated(settings) or _("play the run to its end")
    if right is None:
        return ""
    if step.tolerance is not None:
        return facts.format_right_number(step)
    return choice(lesson.letter(step, right).upper(), right.text)


def answer_prompt(step: Step) -> str:
    """Returns the prompt for a question, such as `Type A or B.`: which answers it allows."""
    if step.kind is StepKind.EXPLAIN:
        return _("Type a sentence or two.")
    if step.tolerance is not None:
        return _number_prompt(step.tolerance, step.text.template.lower())
    return letters_prompt(step)


def letters_prompt(step: Step) -> str:
    """Returns the prompt with the letters of a choice: `Type A or B.`"""
    return _("Type {letters}.").format(letters=join_or(LETTERS[: len(step.answers)].upper()))


def _number_prompt(tolerance: Tolerance, question: str) -> str:
    """Returns the prompt for a number, with the tolerance unless the question states it.

    `question` is the text of the question in lower case.
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
    """Makes the judgement on an answer that cannot be parsed."""
    return Judgement(Verdict.UNREADABLE, feedback, None, "")


def _judge_choice(lesson: Lesson, step: Step, facts: Facts, chosen: Answer) -> Judgement:
    """Judges the choice that a student made."""
    canonical = lesson.file_letter(step, chosen)
    if chosen.is_right:
        return Judgement(
            Verdict.RIGHT, paragraph([_("Right."), facts.render_prose(chosen.feedback)]), chosen, canonical
        )
    feedback = paragraph([facts.render_prose(chosen.feedback), _answer_sentence(lesson, step, facts)])
    return Judgement(Verdict.WRONG, feedback, chosen, canonical)


def _find_choice(choices: Sequence[Answer], text: str) -> Answer | None:
    """Finds the choice that a text names: by its letter, by its words, or by both, as in `b, more epochs`."""
    typed = text.casefold().rstrip(" ).:")
    for letter, choice in zip(LETTERS, choices, strict=False):
        words = choice.text.casefold().rstrip(".")
        if typed in (letter, words) or (typed[:1] == letter and typed[1:].lstrip(" ,.:)") == words):
            return choice
    return None


def _answer_sentence(lesson: Lesson, step: Step, facts: Facts) -> str:
    """Returns the right answer in a sentence after a wrong prediction, which has one attempt; else empty."""
    if step.kind is not StepKind.PREDICT:
        return ""
    return _("The answer is {answer}.").format(answer=right_answer(lesson, step, facts, labeled))


def _judge_number(lesson: Lesson, step: Step, facts: Facts, text: str) -> Judgement:
    """Judges a typed number by the tolerance of the question, and by its wrong answers."""
    right, tolerance = step.right_answer, step.tolerance
    assert right is not None
    assert tolerance is not None
    if not text:
        return _unreadable(answer_prompt(step))
    value = facts.number(right.expression)
    try:
        written = read_typed(text, value)
    except ValueError as refused:
        return _unreadable(full_stop(with_problem(quoted(text), str(refused))))
    grade = grade_match(written, value, tolerance, is_limit(right.expression))
    reason = facts.render_prose(right.feedback)
    if grade is MatchGrade.RIGHT:
        confirmation = _("Right: it is {answer}.").format(answer=facts.format_right_number(step))
        return Judgement(Verdict.RIGHT, paragraph([confirmation, reason]), right, text, written.value)
    # A number that is a wrong answer as written counts as that, even if it is close to the right one, too.
    row = _wrong_row(step, facts, written, written.shows)
    if grade is MatchGrade.MORE_DIGITS and row is None:
        return _unreadable(_("More digits, please: at least {n}.").format(n=f"{tolerance.amount:.0f}"))
    solution = _answer_sentence(lesson, step, facts)
    if row is None and grade is MatchGrade.OFF:

        def is_near(value: float, is_limit: bool) -> bool:
            return grade_match(written, value, tolerance, is_limit) is MatchGrade.RIGHT

        row = _wrong_row(step, facts, written, is_near)
    if row is not None:
        feedback = paragraph([facts.render_prose(row.feedback), solution])
        return Judgement(Verdict.WRONG, feedback, row, text, written.value)
    more_or_less = _("It is more than that.") if value > written.value else _("It is less than that.")
    is_close = grade is MatchGrade.CLOSE
    feedback = paragraph([_("Close.") if is_close else "", more_or_less, solution, reason if solution else ""])
    return Judgement(Verdict.CLOSE if is_close else Verdict.WRONG, feedback, None, text, written.value)


def _wrong_row(step: Step, facts: Facts, written: Written, is_near: Callable[[float, bool], bool]) -> Answer | None:
    """Returns the wrong answer whose value is nearest to a typed number, or None if none satisfies `is_near`.

    `is_near` takes a value, and whether it is a limit of the learning rate.
    """
    fitting = []
    for answer in step.answers:
        value = facts.number(answer.expression)
        if not answer.is_right and is_near(value, is_limit(answer.expression)):
            fitting.append((abs(written.value - value), answer.line, answer))
    return min(fitting)[2] if fitting else None
