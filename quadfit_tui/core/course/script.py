"""Script: what every face of a lesson does with the run of a step, says of it and holds back; decided here alone."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple

from quadfit_tui.core.config.parameters import PARAMETERS, RunConfig
from quadfit_tui.core.course.course import Course, Phase
from quadfit_tui.core.judging.judge import allowed
from quadfit_tui.core.lessons.lesson import LETTERS, Step, StepKind, changes_of
from quadfit_tui.core.session.playback import Unit
from quadfit_tui.core.session.session import Session
from quadfit_tui.core.training.position import START, Position

_TOLD = (StepKind.SAY, StepKind.EXPLAIN)  # which need not be about a moment


# What there is to do at a step, to follow on its number.
DOES = {
    StepKind.SAY: "to read",
    StepKind.DO: "to do",
    StepKind.PREDICT: "to predict",
    StepKind.OBSERVE: "to answer",
    StepKind.EXPLAIN: "to explain",
    StepKind.DRAW: "to draw",
}


class Deed(StrEnum):
    """What somebody does with a run, by a key or a word."""

    LOOK = "look"  # at where it stands, or at what was trained before
    TRAIN = "train"  # beyond that, or to a moment that is named
    BEGIN = "begin"  # another run, or the same once more
    DIAGNOSE = "diagnose"


# What would give away what a prediction is about.
_HELD_BACK = (Deed.TRAIN, Deed.BEGIN, Deed.DIAGNOSE)


class Said(NamedTuple):
    """A paragraph of a step; `part` is what it is: title, text, choice, hint, said. A choice has its letter."""

    text: str
    part: str = "text"
    letter: str = ""


class Script:
    """A course beside the `session` of its runs, in which `restart` begins another one."""

    def __init__(self, course: Course, session: Session, restart: Callable[[RunConfig], None]) -> None:
        self._course = course
        self._session = session
        self._restart = restart

    def set_up(self, anew: bool = False) -> bool:
        """Has the run stand where the present step is about it; whether it does not leave it as it is.

        `anew`: the student comes from elsewhere, or wants the step once more. Then a step that names no run, or no
        moment of one, has it as the steps before left it.
        """
        step = self._about(anew)
        if step is None or step.run is None:
            return False
        course, session, config = self._course, self._session, self._course.lesson.runs[step.run]
        is_over = step is not course.step or course.phase is Phase.ANSWERED
        is_new = step.kind is StepKind.DO or (step.kind is StepKind.PREDICT and not is_over)
        session.pause()
        if anew or is_new or session.config != config:
            self._restart(config)
        elif step.kind in _TOLD and step.at is None:
            return False
        session.seek(*self._moment(step, is_over))
        return True

    def show(self) -> bool:
        """Goes on to what a prediction was about: the update after its moment, or else all of the run; whether all."""
        step, session = self._course.step, self._session
        assert step is not None
        assert step.run is not None
        config, moment = self._course.lesson.runs[step.run], self._moment(step, False)
        if (session.config, session.timeline.position) != (config, moment):  # it was left, or is shown once more
            self._restart(config)
            session.seek(*moment)
        if step.at is None:
            session.play()
        else:
            session.step(Unit.UPDATE)
        return step.at is None

    def _about(self, anew: bool) -> Step | None:
        """The step whose run and moment are to be set up: the present one, or `anew` the one that left them to it."""
        steps = self._course.lesson.steps[: self._course.number]
        if not anew:
            return self._course.step
        about = [step for step in steps if step.run is not None]
        while about[1:] and about[-1].kind in _TOLD and about[-1].at is None and about[-2].run == about[-1].run:
            del about[-1]
        return about[-1] if about else None

    def _moment(self, step: Step, is_over: bool) -> Position:
        """Where the run of a step stands, before it is answered or when that `is_over`."""
        if step.kind is StepKind.OBSERVE or (step.kind is StepKind.PREDICT and is_over):
            if step.at is None:
                return Position(self._session.config.epochs, 0)
            return step.at if step.kind is StepKind.OBSERVE else self._session.timeline.after(step.at)
        return step.at or START


def holds_back(course: Course, deed: Deed) -> bool:
    """Whether something cannot be done with the run now, since it would give an answer away."""
    return course.is_held_back and deed in _HELD_BACK


def said_at_first(course: Course) -> list[Said]:
    """What is said of the present step to whoever comes to it: its text, its choices, the hints that were given."""
    step = course.step
    assert step is not None
    said = [Said(step.title, "title")]
    said += [Said(" ".join(part.split())) for part in course.facts.said(step.text).split("\n\n")]
    choices = course.lesson.choices(step) if step.is_choice else ()
    said += [Said(answer.text, "choice", LETTERS[at]) for at, answer in enumerate(choices)]
    if course.shows_notes:
        said += [Said(f"Note for the teacher: {course.facts.said(note)}", "hint") for note in step.notes]
    return [*said, *(Said(hint, "hint") for hint in course.hints)]


def prompt(course: Course) -> str:
    """What can be typed now, in the dialogue."""
    match course.phase:
        case Phase.READING | Phase.ANSWERED:
            return "Press Enter to go on."
        case Phase.WAITING:
            return course.pause
        case Phase.DOING:
            return _to_do(course)
        case Phase.ENDED:
            return "Type answers to hear yours, list for other lessons, or quit."
    assert course.step is not None
    return allowed(course.step)


def _to_do(course: Course) -> str:
    """The commands that a task needs, whatever keys its text names; of an open one not those of its solution."""
    step = course.step
    assert step is not None
    if step.open:
        return "Here you type rate and a number, or set, a name and a value, then go; help lists all commands."
    assert step.solution is not None
    assert step.run is not None
    config = course.lesson.runs[step.run]
    names = [name for name, value in changes_of(step.solution).items() if getattr(config, name) != value]
    words = ["rate" if name == "lr" else f"set {PARAMETERS[name].label}" for name in names]
    values = "".join(f"{word} and a value, then " for word in words)
    return f"Here you type {values}go; help lists all commands." if words else "Here you type step, or go."
