"""LessonDialogue: renders one lesson in sentences: its steps, the student's answers, the run of a step."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress

from quadfit_tui.core.session.session import RunSession
from quadfit_tui.core.text.language import (
    N_,
    _,
    comma_separated,
    full_stop,
    join_then,
    labeled,
    ngettext,
    ngettext_noop,
    paragraph,
)
from quadfit_tui.core.text.sentences import capitalized, with_stop, without_stop
from quadfit_tui.core.training.position import START
from quadfit_tui.teaching.classroom.classroom import DISCUSSED, Question, VoteState
from quadfit_tui.teaching.classroom.vote import AGAIN, CLOSED, Vote
from quadfit_tui.teaching.course.course import Course
from quadfit_tui.teaching.course.script import STEP_TASKS, StepParagraph, initial_paragraphs, own_run_paragraphs, prompt
from quadfit_tui.teaching.course.standing import Phase
from quadfit_tui.teaching.dialogue.run_dialogue import RunDialogue
from quadfit_tui.teaching.dialogue.words import Typed, is_number
from quadfit_tui.teaching.judging.facts import TooMuchWorkError
from quadfit_tui.teaching.notation.expression import ExpressionError
from quadfit_tui.teaching.notation.lesson import LETTERS, PREDICTIONS, StepKind

_LOOKS = N_("Type where to hear a, b, c and the losses, or update to hear the last update.")
Sentences = Iterator[str]  # texts to output, one after the other


class LessonDialogue:
    """A lesson taken line by line, or a question that a class votes on.

    Call `start` first. Methods that are iterators yield the sentences to be output.
    """

    def __init__(self, course: Course) -> None:
        self.course = course
        first = next(iter(course.lesson.runs.values()), None)
        self.run = None if first is None else RunDialogue(RunSession(first, speed=None), course)

    def start(self, anew: bool = False) -> Sentences:
        """Starts the lesson, or resumes it unless `anew`; yields its heading and the present step."""
        course, lesson = self.course, self.course.lesson
        comes_back = course.start(anew)
        if course.is_vote:
            yield from self.say_step(anew=True)
            return
        yield _("Lesson: {title}").format(title=with_stop(lesson.title))
        steps = len(lesson.steps)
        if comes_back:
            counts = ngettext_noop("You are back: {done} of {n} step done.", "You are back: {done} of {n} steps done.")
            yield ngettext(*counts, steps, done=course.progress.done)
            if not course.transcript.is_recorded or course.transcript.damage:
                yield course.notice
        else:
            yield _("It has {steps}, and takes about {minutes}.").format(
                steps=ngettext("{n} step", "{n} steps", steps),
                minutes=ngettext("{n} minute", "{n} minutes", lesson.minutes),
            )
            yield course.notice
            yield _("Type help for the commands.")
        yield from self.say_step(anew=True)

    # Steps

    def say_step(self, anew: bool = False) -> Sentences:
        """Yields the present step, with its run set up; `anew`: the student comes from elsewhere, or repeats it."""
        course, step = self.course, self.course.step
        if step is None:
            yield from self._end()
            return
        yield _("{place}, {deed}: {title}").format(
            place=capitalized(course.where), deed=_(STEP_TASKS[step.kind]), title=with_stop(step.title)
        )
        if self.run is not None:
            yield from self.run.set_up(anew)
        yield from _paragraph_sentences(initial_paragraphs(course)[1:])  # the title was output before
        if course.phase is Phase.ANSWERED:
            yield from self._own_answer()
            yield from filter(None, [course.verdict, course.feedback])
        elif isinstance(course, Vote) and course.own:
            yield course.own
        elif step.kind in (StepKind.SAY, StepKind.OBSERVE) and step.run is not None and step.at != START:
            yield _(_LOOKS)
        yield prompt(course)
        with suppress(ExpressionError, TooMuchWorkError):
            course.precompute(step)  # while the student thinks

    def _own_answer(self) -> Sentences:
        """Yields the student's last answer to the present step, if there is one."""
        step, answer, words = self.course.step, self.course.own_answer, self.course.own_words
        if words:
            yield _("You wrote: {answer}").format(answer=with_stop(words))
        if step is not None and answer and step.kind is not StepKind.DO:
            template = _("Your curve {answer}") if step.kind is StepKind.DRAW else _("You answered {answer}")
            yield template.format(answer=with_stop(_spoken(answer)))

    def _end(self) -> Sentences:
        """Yields the end of the lesson: summary, predictions beside what happened, score."""
        yield _("The lesson is done.")
        yield from self.course.summary
        yield from (met.sentence for met in self.course.predictions_met())
        yield self.course.progress.score.lines[0]
        yield prompt(self.course)

    # The class

    def follow(self, question: Question | None) -> Sentences:
        """Follows the class to a new state of its question; yields what has changed. Called on news of the class."""
        vote = self.course
        if not isinstance(vote, Vote) or not vote.follow(question):
            return
        step = vote.lesson.steps[0]
        match vote.question.state:
            case VoteState.OPEN:
                place = full_stop(capitalized(vote.where))
                yield paragraph([place, _(AGAIN)]) if vote.question.round == DISCUSSED else place
            case VoteState.CLOSED:
                yield _(CLOSED)
            case VoteState.SHOWN:
                yield from self._own_answer()
                yield from self._show_run(step.kind in PREDICTIONS)
                yield from filter(None, [vote.verdict, vote.feedback])
        yield prompt(vote)

    # Commands of the student

    def go_on(self) -> Sentences:
        """Continues with the next step, unless the present one must be done or answered first."""
        was_back = self.course.is_back
        if self.course.confirm():
            yield from self.say_step(anew=was_back or self.course.is_again)
        else:
            yield prompt(self.course)

    def back(self) -> Sentences:
        """Goes back to the step before, and yields it."""
        if self.course.back():
            yield from self.say_step(anew=True)
        else:
            yield paragraph([_("There is no step before this one."), prompt(self.course)])

    def is_answer(self, typed: Typed, takes: bool) -> bool:
        """Whether a line is an answer to the open question rather than a command; `takes`: the command takes a value.

        An explanation may begin with the word of a command: the line is a command only if the word stands alone, or
        with a number that the command takes. `r = -9` is a number, though r is a command, and `I don't know` is none
        of a command that stands alone. In a closed vote answers are recognized, too, to be refused as too late.
        """
        step, phase = self.course.step, self.course.phase
        word, command, rest = typed.word, typed.command, typed.rest
        if phase not in (Phase.ASKED, Phase.WAITING) or step is None or not word:
            return False
        if step.kind is StepKind.EXPLAIN and not self.course.is_choosing:
            return not command or (bool(rest) and command != "answer" and not (takes and is_number(rest)))
        if step.kind is StepKind.DRAW:
            letters = LETTERS
        elif step.tolerance is None:
            letters = LETTERS[: len(step.answers)]
        else:
            letters = ""
        is_letter = len(word) == 1 and word in letters
        is_value = step.tolerance is not None and rest.startswith(("=", "＝"))
        is_sentence = bool(rest) and not takes
        return not command or is_value or is_sentence or (is_letter and not rest)

    def answer(self, text: str) -> Sentences:
        """Judges an answer to the open question; yields the feedback, and after a prediction plays its run."""
        course = self.course
        was_asked, was_hidden = course.is_asked, course.hides_outcome
        was_choosing, tries_before = course.is_choosing, course.tries
        feedback = course.answer(text)
        if course.is_choosing and not was_choosing:
            yield from _paragraph_sentences(initial_paragraphs(course)[1:])
            yield prompt(course)
            return
        if not was_asked:
            # The feedback of a vote includes what can be typed.
            yield feedback if course.is_vote else paragraph([feedback, prompt(course)])
            return
        if was_hidden and not course.hides_outcome:
            yield from self._own_answer()
        if course.tries > tries_before and not course.is_vote:
            yield from filter(None, [course.verdict])
        yield from self._show_run(was_hidden)
        yield feedback
        yield from self._next_prompt()

    def _next_prompt(self) -> Sentences:
        """Yields what can be typed now; while the step is open, only the offer to skip or of a hint, if any."""
        course = self.course
        if not course.is_open:
            yield prompt(course)
        elif course.offers == "skip":
            yield _("Type skip to hear the answer.")
        elif course.offers == "hint":
            yield _("Type hint for a hint.")

    def _show_run(self, was_hidden: bool) -> Sentences:
        """Plays the run of a prediction if its outcome `was_hidden` before the command and is no more."""
        step = self.course.step
        if was_hidden and not self.course.hides_outcome and self.run is not None and step is not None and step.run:
            yield from self.run.show()

    def skip(self) -> Sentences:
        """Skips the step if asked twice; yields its answer, and after a prediction plays its run."""
        was_hidden = self.course.hides_outcome
        message = self.course.skip()
        yield from self._show_run(was_hidden)
        yield message
        if self.course.phase is Phase.ANSWERED:
            yield prompt(self.course)

    def again(self) -> Sentences:
        """Repeats the present step, and sets up its run again."""
        self.course.again()
        return self.say_step(anew=True)

    def refresh(self) -> Sentences:
        """Checks whether the run fulfills the open task; yields the feedback. Called after each command on the run."""
        if self.run is None or self.course.step is None:
            return
        runs_before = own_run_paragraphs(self.course)
        if feedback := self.course.watch(self.run.snapshot):
            yield feedback
            yield from (row.text for row in own_run_paragraphs(self.course) if row not in runs_before)
            yield from self._next_prompt()

    def answers(self) -> Sentences:
        """Yields the student's answers in this lesson, beside the right ones."""
        answers = self.course.own_answers()
        if not answers:
            yield _("You have answered nothing in this lesson yet.")
        for own in answers:
            if own.explanation:
                answer = own.explanation
            elif own.answers:
                answer = join_then([*map(_spoken, own.answers)])
            else:
                answer = _("skipped")
            yield labeled(without_stop(own.step.title), with_stop(answer))
            if own.is_skipped and own.answers:
                yield _("You skipped it.")
            if own.right and own.is_right:
                yield _("That is right.")
            elif own.right:
                yield _("The right answer is {answer}").format(answer=with_stop(_spoken(own.right)))


def _paragraph_sentences(paragraphs: Iterable[StepParagraph]) -> Sentences:
    """Yields the paragraphs of a step as text, a choice with its letter."""
    for part in paragraphs:
        if part.letter:
            yield _("{letter}, {text}").format(letter=part.letter.upper(), text=with_stop(part.text))
        else:
            yield part.text


def _spoken(answer: str) -> str:
    """Returns an answer with a comma in place of the two blanks between the letter of a choice and its text."""
    return comma_separated(answer.split("  "))
