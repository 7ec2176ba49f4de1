"""LessonDialogue: one lesson in sentences: its steps, what was answered to them, the run that they are about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress

from quadfit_tui.core.session.session import RunSession
from quadfit_tui.core.text.language import (
    N_,
    _,
    comma_separated,
    full_stop,
    in_turn,
    labeled,
    ngettext,
    ngettext_noop,
    paragraph,
)
from quadfit_tui.core.text.sentences import capitalized, ended, unended
from quadfit_tui.core.training.position import START
from quadfit_tui.teaching.classroom.classroom import DISCUSSED, Question, VoteState
from quadfit_tui.teaching.classroom.vote import AGAIN, CLOSED, Vote
from quadfit_tui.teaching.course.course import Course
from quadfit_tui.teaching.course.script import DOES, StepParagraph, initial_paragraphs, prompt, runs_said
from quadfit_tui.teaching.course.standing import Phase
from quadfit_tui.teaching.dialogue.run_dialogue import RunDialogue
from quadfit_tui.teaching.dialogue.words import Typed, is_number
from quadfit_tui.teaching.judging.facts import TooMuchWorkError
from quadfit_tui.teaching.notation.expression import ExpressionError
from quadfit_tui.teaching.notation.lesson import LETTERS, PREDICTIONS, StepKind

_LOOKS = N_("Type where to hear a, b, c and the losses, or update to hear the last update.")
Sentences = Iterator[str]  # texts that are to be said, one after the other


class LessonDialogue:
    """A lesson as it is taken by lines, or a question that a class votes on.

    Begin with `start`; what a method gives is what is to be said.
    """

    def __init__(self, course: Course) -> None:
        self.course = course
        first = next(iter(course.lesson.runs.values()), None)
        self.run = None if first is None else RunDialogue(RunSession(first, speed=None), course)

    def start(self, anew: bool = False) -> Sentences:
        """Begins the lesson, or comes back to where it was left."""
        course, lesson = self.course, self.course.lesson
        comes_back = course.start(anew)
        if course.is_vote:
            yield from self.say_step(anew=True)
            return
        yield _("Lesson: {title}").format(title=ended(lesson.title))
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
        """The present step, to which the student goes on, or comes from elsewhere or once more: `anew`."""
        course, step = self.course, self.course.step
        if step is None:
            yield from self._end()
            return
        places = {"place": capitalized(course.where), "deed": _(DOES[step.kind]), "title": ended(step.title)}
        yield _("{place}, {deed}: {title}").format(**places)
        if self.run is not None:
            yield from self.run.set_up(anew)
        yield from _in_lines(initial_paragraphs(course)[1:])  # the title has been said
        if course.phase is Phase.ANSWERED:
            yield from self._own()
            yield from filter(None, [course.verdict, course.feedback])
        elif isinstance(course, Vote) and course.own:
            yield course.own
        elif step.kind in (StepKind.SAY, StepKind.OBSERVE) and step.run is not None and step.at != START:
            yield _(_LOOKS)
        yield prompt(course)
        with suppress(ExpressionError, TooMuchWorkError):
            course.precompute(step)  # while the student thinks

    def _own(self) -> Sentences:
        """What was answered last to the present step."""
        step, given, words = self.course.step, self.course.own_answer, self.course.own_words
        if words:
            yield _("You wrote: {answer}").format(answer=ended(words))
        if step is not None and given and step.kind is not StepKind.DO:
            told = _("Your curve {answer}") if step.kind is StepKind.DRAW else _("You answered {answer}")
            yield told.format(answer=ended(_spoken(given)))

    def _end(self) -> Sentences:
        yield _("The lesson is done.")
        yield from self.course.summary
        yield from (met.told for met in self.course.predictions_met())
        yield self.course.progress.score.lines[0]
        yield prompt(self.course)

    # The class

    def follow(self, question: Question | None) -> Sentences:
        """Goes along with the class, and tells what it has come to."""
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
                yield from self._own()
                yield from self._show_run(step.kind in PREDICTIONS)
                yield from filter(None, [vote.verdict, vote.feedback])
        yield prompt(vote)

    # What the student does

    def go_on(self) -> Sentences:
        """Goes on, where there is nothing to do."""
        was_back = self.course.is_back
        if self.course.confirm():
            yield from self.say_step(anew=was_back or self.course.is_again)
        else:
            yield prompt(self.course)

    def back(self) -> Sentences:
        """Says the step before."""
        if self.course.back():
            yield from self.say_step(anew=True)
        else:
            yield paragraph([_("There is no step before this one."), prompt(self.course)])

    def is_answer(self, typed: Typed, takes: bool) -> bool:
        """Whether a line answers the open question, or else is a command, which `takes` something behind it or not.

        An explanation may begin with the word of one: only what stands alone, or with nothing but a number that the
        command takes, is the command then. And `r = -9` is a number, whatever r does. In a vote that is closed an
        answer is one that comes too late.
        """
        step, phase = self.course.step, self.course.phase
        word, command, rest, _given = typed
        if phase not in (Phase.ASKED, Phase.WAITING) or step is None or not word:
            return False
        if step.kind is StepKind.EXPLAIN and not self.course.is_choosing:
            return not command or (bool(rest) and command != "answer" and not (takes and is_number(rest)))
        count = len(LETTERS) if step.kind is StepKind.DRAW else len(step.answers) if step.tolerance is None else 0
        letters = LETTERS[:count]
        is_letter = len(word) == 1 and word in letters
        is_value = step.tolerance is not None and rest.startswith(("=", "＝"))
        return not command or is_value or (is_letter and not rest)

    def answer(self, text: str) -> Sentences:
        """Answers the open question; after a prediction its run is shown."""
        course, was_asked, was_held = self.course, self.course.is_asked, self.course.hides_outcome
        was_choosing, tries = course.is_choosing, course.tries
        told = course.answer(text)
        if course.is_choosing and not was_choosing:
            yield from _in_lines(initial_paragraphs(course)[1:])
            yield prompt(course)
            return
        if not was_asked:
            yield told if course.is_vote else paragraph([told, prompt(course)])  # a vote has said by now what to do
            return
        if was_held and not course.hides_outcome:
            yield from self._own()
        if course.tries > tries and not course.is_vote:
            yield from filter(None, [course.verdict])
        yield from self._show_run(was_held)
        yield told
        yield from self._lead_on()

    def _lead_on(self) -> Sentences:
        """What can be typed now, or while the step is open the way on that is worth naming."""
        course = self.course
        if not course.is_open:
            yield prompt(course)
        elif course.offers == "skip":
            yield _("Type skip to hear the answer.")
        elif course.offers == "hint":
            yield _("Type hint for a hint.")

    def _show_run(self, was_held: bool) -> Sentences:
        """Shows what a prediction was about, once it is over, if that is a run."""
        step = self.course.step
        if was_held and not self.course.hides_outcome and self.run is not None and step is not None and step.run:
            yield from self.run.show()

    def skip(self) -> Sentences:
        """Gives a step up; of a prediction its run is shown."""
        was_held = self.course.hides_outcome
        told = self.course.skip()
        yield from self._show_run(was_held)
        yield told
        if self.course.phase is Phase.ANSWERED:
            yield prompt(self.course)

    def again(self) -> Sentences:
        """Says the step again, and sets up its run."""
        self.course.again()
        return self.say_step(anew=True)

    def refresh(self) -> Sentences:
        """Looks whether the task is done, after something was done to the run; answers a try that was none."""
        if self.run is None or self.course.step is None:
            return
        runs = runs_said(self.course)
        if told := self.course.watch(self.run.snapshot):
            yield told
            yield from (each.text for each in runs_said(self.course) if each not in runs)
            yield from self._lead_on()

    def answers(self) -> Sentences:
        """The student's own answers, beside the right ones."""
        found = self.course.own_answers()
        if not found:
            yield _("You have answered nothing in this lesson yet.")
        for step, given, right, is_right, is_skipped, said in found:
            told = said or (in_turn([*map(_spoken, given)]) if given else _("skipped"))
            yield labeled(unended(step.title), ended(told))
            if is_skipped and given:
                yield _("You skipped it.")
            if right and is_right:
                yield _("That is right.")
            elif right:
                yield _("The right answer is {answer}").format(answer=ended(_spoken(right)))


def _in_lines(said: Iterable[StepParagraph]) -> Sentences:
    """Paragraphs of a step, a choice with its letter."""
    for each in said:
        option = _("{letter}, {text}").format(letter=each.letter.upper(), text=ended(each.text))
        yield option if each.letter else each.text


def _spoken(given: str) -> str:
    """An answer with a comma in the place of the gap between a letter and its words."""
    return comma_separated(given.split("  "))
