"""Script: what every face of a lesson does with the run of a step, says of it and holds back; decided here alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from quadfit_tui.core.config.parameters import PARAMETERS, RunConfig
from quadfit_tui.core.session.playback import Unit
from quadfit_tui.core.session.runs import Run
from quadfit_tui.core.session.session import RunSession
from quadfit_tui.core.text.language import N_, _, in_turn
from quadfit_tui.core.text.sentences import ended
from quadfit_tui.core.training.position import START, Position
from quadfit_tui.teaching.course.course import Course
from quadfit_tui.teaching.course.drawn_curve import SHAPES, typed
from quadfit_tui.teaching.course.standing import Phase
from quadfit_tui.teaching.notation.expression import Expression
from quadfit_tui.teaching.notation.lesson import LETTERS, PREDICTIONS, Face, Step, StepKind

# What there is to do at a step, to follow on its number; noted.
DOES = {
    StepKind.SAY: N_("to read"),
    StepKind.DO: N_("to do"),
    StepKind.PREDICT: N_("to predict"),
    StepKind.OBSERVE: N_("to answer"),
    StepKind.EXPLAIN: N_("to explain"),
    StepKind.DRAW: N_("to draw"),
}


WHICH = N_("Which says what you mean?")


class StepParagraph(NamedTuple):
    """A paragraph of a step; `part` is what it is: title, text, choice, hint, said, or a table, which has rows of cells
    that are parted by tabs. A choice has its letter.

    `mark`, right or wrong, is for what was answered, and for the choices then.
    """

    text: str
    part: str = "text"
    letter: str = ""
    mark: str = ""


class Script:
    """A course beside the `session` of its runs, in which `restart` begins another one.

    Few runs stay to be compared with a new one, or nobody could tell the lines of a small chart apart: those that the
    step gives numbers of, that of the last text, and the one that was there last.
    """

    def __init__(self, course: Course, session: RunSession, restart: Callable[[RunConfig], None]) -> None:
        self._course = course
        self._session = session
        self._restart = restart
        self._config: RunConfig | None = None  # of the run of the lesson that was begun last

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
        is_new = step.kind is StepKind.DO or (step.kind in PREDICTIONS and not is_over)
        session.pause()
        if anew or is_new or self._config is None or session.config != config:
            self._start_run(config)
        elif _leaves_run(step):
            return False
        session.seek(*self._moment(step, is_over))
        return True

    def compare(self) -> bool:
        """Shows the run of the last text before the present step, if it is not among the earlier ones; whether it does.

        It is there by then for whoever has taken the steps before, but not for those who come from elsewhere.
        """
        course, session, about = self._course, self._session, self._about(True)
        told = self._told()
        if not told or about is None or about.run is None:
            return False
        config = course.lesson.runs[told[-1]]
        if config in (course.lesson.runs[about.run], *(run.config for run in session.earlier)):
            return False
        session.pause()
        self._start_run(config)
        session.seek(config.epochs)
        return True

    def _told(self) -> list[str]:
        """The runs that texts before the present step have shown to their ends."""
        before = self._course.lesson.steps[: self._course.number - 1]
        return [step.run for step in before if step.kind is StepKind.SAY and step.run is not None and step.at is None]

    def _start_run(self, config: RunConfig) -> None:
        """Begins a run, and forgets those that the step does not compare it with: runs on other samples set its scale.

        If it is another one, all are forgotten but the last and those that the step names.
        """
        self._restart(config)
        earlier, source = self._session.earlier, self._session.timeline.task.problem.source
        kept: list[Run] = []
        if self._config is not None:
            latest = earlier if config == self._config else earlier[-1:]
            kept = [*(run for run in latest if run.problem.source == source), *self._compared(earlier)]
        for run in earlier:
            if run not in kept:
                self._session.forget(run.number)
        self._config = config

    def _compared(self, earlier: tuple[Run, ...]) -> list[Run]:
        """Those of the earlier runs that the present step gives numbers of, or that the last text has shown."""
        step, runs = self._course.step, self._course.lesson.runs
        numbers = () if step is None else step.text.numbers  # none at the end, to which a student comes back
        named = [run for number in numbers for run in Expression.parse(number.expression).runs()]
        configs = [runs[run] for run in (*named, *self._told()[-1:])]
        return [run for run in earlier if run.config in configs]

    def show(self) -> bool:
        """Goes on to what a prediction was about: the update after its moment, or else all of the run; whether all."""
        step, session = self._course.step, self._session
        assert step is not None
        assert step.run is not None
        config, moment = self._course.lesson.runs[step.run], self._moment(step, False)
        if (session.config, session.timeline.position) != (config, moment):  # it was left, or is shown once more
            self._start_run(config)
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
        while about[1:] and _leaves_run(about[-1]) and about[-2].run == about[-1].run:
            del about[-1]
        return about[-1] if about else None

    def _moment(self, step: Step, is_over: bool) -> Position:
        """Where the run of a step stands, before it is answered or when that `is_over`."""
        is_predicted = step.kind in PREDICTIONS and is_over
        if step.at is None:
            is_at_end = is_predicted or step.kind in (StepKind.SAY, StepKind.OBSERVE)
            return Position(self._session.config.epochs, 0) if is_at_end else START
        return self._session.timeline.after(step.at) if is_predicted else step.at


def _leaves_run(step: Step) -> bool:
    """Whether a step is about its run as the steps before it left that, at no moment of its own."""
    return step.kind is StepKind.EXPLAIN and step.at is None


def initial_paragraphs(course: Course) -> list[StepParagraph]:
    """What is said of the present step to whoever comes to it: its text, its choices, the hints that were given."""
    step = course.step
    assert step is not None
    said = [StepParagraph(step.title, "title")]
    if course.is_choosing:
        said += [
            StepParagraph(_("You wrote: {text}").format(text=ended(course.own_words))),
            StepParagraph(_(WHICH), "said"),
        ]
    else:
        said += [StepParagraph(" ".join(part.split())) for part in course.facts.render_prose(step.text).split("\n\n")]
    has_choices = step.is_choice or (step.has_sentences and (course.is_choosing or course.phase is Phase.ANSWERED))
    choices = course.lesson.choices(step) if has_choices else ()
    said += [StepParagraph(answer.text, "choice", LETTERS[at]) for at, answer in enumerate(choices)]
    if step.kind is StepKind.DRAW and course.facts.face is Face.SPOKEN:
        said += [StepParagraph(_(shape), "choice", letter) for letter, shape in zip(LETTERS, SHAPES, strict=False)]
    if course.shows_notes:
        notes = map(course.facts.render_prose, step.notes)
        said += [StepParagraph(_("Note for the teacher: {note}").format(note=note), "hint") for note in notes]
    return [*said, *(StepParagraph(hint, "hint") for hint in course.hints), *runs_said(course)]


def runs_said(course: Course) -> list[StepParagraph]:
    """The student's own runs of a task, on the screen as a table."""
    runs = course.own_runs
    if runs is None:
        return []
    return [StepParagraph(runs.table, "table") if course.facts.face is Face.SCREEN else StepParagraph(runs.spoken)]


def prompt(course: Course) -> str:
    """What can be typed now, in the dialogue."""
    match course.phase:
        case _ if course.is_back:
            return _("Press Enter to go on from where you were.")
        case Phase.READING | Phase.ANSWERED:
            return _("Press Enter to go on.")
        case Phase.WAITING:
            return course.pause
        case Phase.DOING:
            return _to_do(course)
        case Phase.ENDED if course.wrong_prediction is not None:
            return _("Press Enter to answer one of them once more, or type list for other lessons, or quit.")
        case Phase.ENDED:
            return _("Type answers to hear yours, list for other lessons, or quit.")
    assert course.step is not None
    return typed() if course.step.kind is StepKind.DRAW else course.allowed


def _to_do(course: Course) -> str:
    """The commands that a task needs, by what may change in it, whatever keys its text names."""
    step = course.step
    assert step is not None
    if not step.only:
        return _("Here you type step or go, or before that set, a name and a value; help lists all commands.")
    to_set = _("set {name} and a value")
    typed = [
        _("rate and a value") if name == "lr" else to_set.format(name=PARAMETERS[name].label) for name in step.only
    ]
    commands = _("{settings}, then go").format(settings=in_turn(typed))
    return _("Here you type {commands}; help lists all commands.").format(commands=commands)
