"""LessonDialogue: one lesson in sentences: its steps, what was answered to them, the run that they are about."""

from __future__ import annotations

from collections.abc import Iterator

from quadfit_tui.core.course.course import Course, Phase
from quadfit_tui.core.course.question import DOES, lettered, prompt
from quadfit_tui.core.course.spoken_run import SpokenRun
from quadfit_tui.core.course.transcript import Transcript
from quadfit_tui.core.lessons.facts import Facts
from quadfit_tui.core.lessons.lesson import LETTERS, Lesson, Step, StepKind
from quadfit_tui.core.text.numbers import counted
from quadfit_tui.core.text.sentences import ended
from quadfit_tui.core.training.position import START

_LOOKS = "Type where to hear a, b, c and the losses, or update to hear the last update."
Words = Iterator[str]  # texts that are to be said, one after the other


class LessonDialogue:
    """A lesson as it is taken by lines. Begin with `start`; what a method gives is what is to be said."""

    def __init__(self, lesson: Lesson, facts: Facts, transcript: Transcript, shows_notes: bool = False) -> None:
        self.course = Course(lesson, facts, transcript, face="spoken")
        self.run = SpokenRun(next(iter(lesson.runs.values()))) if lesson.runs else None
        self._shows_notes = shows_notes

    def start(self, anew: bool = False) -> Words:
        """Begins the lesson, or comes back to where it was left."""
        course, lesson = self.course, self.course.lesson
        comes_back = course.start(anew)
        yield f"Lesson: {ended(lesson.title)}"
        if comes_back:
            yield f"You are back: {course.progress.done} of {counted(len(lesson.steps), 'step')} done."
            if course.transcript.status != "recorded":
                yield course.notice
        else:
            yield f"It has {counted(len(lesson.steps), 'step')}, and takes about {counted(lesson.minutes, 'minute')}."
            yield course.notice
            yield "Type help for the commands."
        yield from self.say_step(comes_back=comes_back)

    # Steps

    def say_step(self, comes_back: bool = False) -> Words:
        """The present step; where the student comes back to it, with the run that an earlier one may have asked for."""
        course, step = self.course, self.course.step
        if step is None:
            yield from self._end()
            return
        yield f"Step {course.number} of {len(course.lesson.steps)}, {DOES[step.kind]}: {ended(step.title)}"
        name = course.run if comes_back else step.run
        if self.run is not None and name is not None:
            yield from self.run.set_up(course.lesson.runs[name], step.at)
        yield course.facts.said(step.text)
        if self._shows_notes:
            for note in step.notes:
                yield f"Note for the teacher: {course.facts.said(note)}"
        for letter, choice in lettered(course.lesson, step):
            yield f"{letter}, {ended(choice)}"
        if course.phase is Phase.ANSWERED:
            yield from self._own(step)
            yield course.feedback
        elif step.kind is StepKind.OBSERVE and step.run is not None and step.at != START:
            yield _LOOKS
        yield prompt(course)
        course.work_out()  # while the student thinks

    def _own(self, step: Step) -> Words:
        """What was answered last to a step."""
        for own in self.course.own_answers():
            if own.step is step and own.given:
                yield f"You answered {ended(_spoken(own.given[-1]))}"

    def _end(self) -> Words:
        yield "The lesson is done."
        yield from self.course.score.lines
        yield prompt(self.course)

    # What the student does

    def go_on(self) -> Words:
        """Goes on, where there is nothing to do."""
        if self.course.confirm():
            yield from self.say_step()
        else:
            yield prompt(self.course)

    def is_answer(self, word: str, rest: str, is_command: bool, takes: bool) -> bool:
        """Whether a line answers the open question; an explanation may begin as a command does, which `takes` more."""
        step = self.course.step
        if not self.course.is_asked or step is None or not word:
            return False
        if step.kind is StepKind.EXPLAIN:
            return not is_command or (bool(rest) and word.lower() != "answer" and not (takes and rest[0].isdigit()))
        is_letter = step.is_choice and len(word) == 1 and word.lower() in LETTERS[: len(step.answers)]
        return not is_command or (is_letter and not rest)

    def answer(self, text: str) -> Words:
        """Answers the open question; after a prediction its run is shown."""
        course, step, was_held = self.course, self.course.step, self.course.is_held_back
        if step is None or not course.is_asked:
            yield f"No question is open. {prompt(course)}"
            return
        told = course.answer(text)
        if was_held and not course.is_held_back:
            yield from self._own(step)
            yield from self._reveal(step)
        yield told
        if not course.is_asked:
            yield prompt(course)
        elif course.offers == "skip":
            yield "Type skip to hear the answer."
        elif course.offers == "hint":
            yield "Type hint for a hint."

    def _reveal(self, step: Step) -> Words:
        """Shows the run that a prediction was about: its next update, if it was asked amid an epoch or at the start."""
        if self.run is None or step.run is None:
            return
        if step.at is not None and (step.at.update or step.at == START):
            yield "Now the next update."
            yield from self.run.step()
        else:
            yield "Now the run."
            yield from self.run.play()

    def skip(self) -> Words:
        """Gives a step up."""
        yield self.course.skip()
        if self.course.phase is Phase.ANSWERED:
            yield prompt(self.course)

    def again(self) -> Words:
        """Says the step again, and sets up its run."""
        self.course.again()
        return self.say_step(comes_back=True)

    def look(self) -> Words:
        """Looks whether the task is done, after something was done to the run."""
        if self.run is not None and self.course.watch(self.run.snapshot):
            yield f"{self.course.feedback} {prompt(self.course)}"

    def answers(self) -> Words:
        """The student's own answers, beside the right ones."""
        found = self.course.own_answers()
        if not found:
            yield "You have answered nothing in this lesson yet."
        for step, given, right, is_right, is_skipped, said in found:
            told = ", then ".join(map(_spoken, given)) or said or "skipped"
            yield f"{step.title.rstrip('.?!')}: {ended(told)}"
            if is_skipped and given:
                yield "You skipped it."
            if right:
                yield "That is right." if is_right else f"Right is {ended(_spoken(right))}"


def _spoken(given: str) -> str:
    """An answer with a comma in the place of the gap between a letter and its words."""
    return given.replace("  ", ", ")
