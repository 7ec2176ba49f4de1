"""Script: sets up and plays the run of each step; and the texts of a step that all faces of a lesson share."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from quadfit_tui.core.config.parameters import PARAMETERS, RunConfig
from quadfit_tui.core.session.playback import Unit
from quadfit_tui.core.session.runs import Run
from quadfit_tui.core.session.session import RunSession
from quadfit_tui.core.text.language import N_, _, join_then
from quadfit_tui.core.text.sentences import with_stop
from quadfit_tui.core.training.position import START, Position
from quadfit_tui.teaching.course.course import Course
from quadfit_tui.teaching.course.drawn_curve import SHAPES, shape_prompt
from quadfit_tui.teaching.course.standing import Phase
from quadfit_tui.teaching.notation.expression import Expression
from quadfit_tui.teaching.notation.lesson import LETTERS, PREDICTIONS, Face, Step, StepKind

# What a student must do at a step, shown behind its number; marked for translation.
STEP_TASKS = {
    StepKind.SAY: N_("to read"),
    StepKind.DO: N_("to do"),
    StepKind.PREDICT: N_("to predict"),
    StepKind.OBSERVE: N_("to answer"),
    StepKind.EXPLAIN: N_("to explain"),
    StepKind.DRAW: N_("to draw"),
}


WHICH_SENTENCE = N_("Which says what you mean?")


class StepParagraph(NamedTuple):
    """A paragraph of a step, as the pane and the dialogue show it.

    `part` is its kind: title, text, choice, hint, said, or table, whose text has rows of tab-separated cells. `letter`
    is that of a choice. `mark`, right or wrong, is for an answer, and for choices once the question is answered.
    """

    text: str
    part: str = "text"
    letter: str = ""
    mark: str = ""


class Script:
    """Controller that sets up the session's run for each step of a course, and plays the outcomes of predictions.

    `restart` starts another run in `session`. Only a few earlier runs are kept to be compared with a new one, or nobody
    could tell the lines of a small chart apart: those that the step states numbers of, that of the last text, and the
    latest one.
    """

    def __init__(self, course: Course, session: RunSession, restart: Callable[[RunConfig], None]) -> None:
        self._course = course
        self._session = session
        self._restart = restart
        self._config: RunConfig | None = None  # configuration of the run that the lesson started last

    def set_up(self, anew: bool = False) -> bool:
        """Moves the run to the current step's configuration and moment; returns whether it changed anything.

        `anew`: the student comes from another step, or sets the step up again. Then a step without a run or a moment of
        its own gets those that the steps before it would have left.
        """
        step = self._step_of_run(anew)
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
        """Restores the run of the last text before the step, if it is missing as a comparison; returns whether it did.

        A student who has done the steps before has that run already; one who comes from elsewhere has not.
        """
        course, session, about = self._course, self._session, self._step_of_run(True)
        runs = self._runs_of_texts()
        if not runs or about is None or about.run is None:
            return False
        config = course.lesson.runs[runs[-1]]
        if config in (course.lesson.runs[about.run], *(run.config for run in session.earlier)):
            return False
        session.pause()
        self._start_run(config)
        session.seek(config.epochs)
        return True

    def _runs_of_texts(self) -> list[str]:
        """Returns the names of the runs that texts before the current step have shown to their ends."""
        before = self._course.lesson.steps[: self._course.number - 1]
        return [step.run for step in before if step.kind is StepKind.SAY and step.run is not None and step.at is None]

    def _start_run(self, config: RunConfig) -> None:
        """Starts a run, and drops earlier runs that the step is not compared with.

        Runs on other samples are dropped, since they would set the scale. If the configuration is a new one of the
        lesson, all are dropped but the latest and those that the step names.
        """
        self._restart(config)
        earlier, source = self._session.earlier, self._session.timeline.task.problem.source
        compared: list[Run] = []
        if self._config is not None:
            latest = earlier if config == self._config else earlier[-1:]
            compared = [*(run for run in latest if run.problem.source == source), *self._runs_to_compare(earlier)]
        for run in earlier:
            if run not in compared:
                self._session.forget(run.number)
        self._config = config

    def _runs_to_compare(self, earlier: tuple[Run, ...]) -> list[Run]:
        """Returns the earlier runs that the current step states numbers of, or that the last text has shown."""
        step, runs = self._course.step, self._course.lesson.runs
        numbers = () if step is None else step.text.numbers  # there is no step at the end
        named = [run for number in numbers for run in Expression.parse(number.expression).runs()]
        configs = [runs[run] for run in (*named, *self._runs_of_texts()[-1:])]
        return [run for run in earlier if run.config in configs]

    def show(self) -> bool:
        """Plays on to the outcome of an answered prediction; returns whether it plays the whole run.

        A prediction about a moment is followed by one update.
        """
        step, session = self._course.step, self._session
        assert step is not None
        assert step.run is not None
        config, moment = self._course.lesson.runs[step.run], self._moment(step, False)
        # The user may have left that moment, or the outcome is shown once more.
        if (session.config, session.timeline.position) != (config, moment):
            self._start_run(config)
            session.seek(*moment)
        if step.at is None:
            session.play()
        else:
            session.step(Unit.UPDATE)
        return step.at is None

    def _step_of_run(self, anew: bool) -> Step | None:
        """Returns the step whose run to set up: the current one, or with `anew` the one that determines its run."""
        steps = self._course.lesson.steps[: self._course.number]
        if not anew:
            return self._course.step
        about = [step for step in steps if step.run is not None]
        while about[1:] and _leaves_run(about[-1]) and about[-2].run == about[-1].run:
            del about[-1]
        return about[-1] if about else None

    def _moment(self, step: Step, is_over: bool) -> Position:
        """Returns the moment of a step at which its run stands, before or (`is_over`) after its answer."""
        is_predicted = step.kind in PREDICTIONS and is_over
        if step.at is None:
            is_at_end = is_predicted or step.kind in (StepKind.SAY, StepKind.OBSERVE)
            return Position(self._session.config.epochs, 0) if is_at_end else START
        return self._session.timeline.after(step.at) if is_predicted else step.at


def _leaves_run(step: Step) -> bool:
    """Whether a step has no moment of its own, and is about the run as the steps before it left that."""
    return step.kind is StepKind.EXPLAIN and step.at is None


def initial_paragraphs(course: Course) -> list[StepParagraph]:
    """Returns the paragraphs that open the current step: text, choices, notes, hints so far, the student's runs."""
    step = course.step
    assert step is not None
    paragraphs = [StepParagraph(step.title, "title")]
    if not (course.is_choosing and course.facts.face is Face.SPOKEN):  # it has just been read out
        paragraphs += [
            StepParagraph(" ".join(part.split())) for part in course.facts.render_prose(step.text).split("\n\n")
        ]
    if course.is_choosing:
        paragraphs += [
            StepParagraph(_("You wrote: {text}").format(text=with_stop(course.own_words))),
            StepParagraph(_(WHICH_SENTENCE), "said"),
        ]
    has_choices = step.is_choice or (step.has_sentences and (course.is_choosing or course.phase is Phase.ANSWERED))
    choices = course.lesson.choices(step) if has_choices else ()
    paragraphs += [StepParagraph(answer.text, "choice", LETTERS[index]) for index, answer in enumerate(choices)]
    if step.kind is StepKind.DRAW and course.facts.face is Face.SPOKEN:
        paragraphs.append(StepParagraph(_("Evenly means by the same share in each epoch: the scale is logarithmic.")))
    if step.kind is StepKind.DRAW and course.facts.face is Face.SPOKEN:
        paragraphs += [
            StepParagraph(_(shape), "choice", letter) for letter, shape in zip(LETTERS, SHAPES, strict=False)
        ]
    if course.shows_notes:
        notes = map(course.facts.render_prose, step.notes)
        paragraphs += [StepParagraph(_("Note for the teacher: {note}").format(note=note), "hint") for note in notes]
    return [*paragraphs, *(StepParagraph(hint, "hint") for hint in course.hints), *own_run_paragraphs(course)]


def own_run_paragraphs(course: Course) -> list[StepParagraph]:
    """Returns a paragraph on the student's runs of a task, as a table on the screen; none if there are no runs."""
    runs = course.own_runs
    if runs is None:
        return []
    return [StepParagraph(runs.table, "table") if course.facts.face is Face.SCREEN else StepParagraph(runs.spoken)]


def prompt(course: Course) -> str:
    """Returns the sentence of the dialogue on what the student can type now."""
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
    return shape_prompt() if course.step.kind is StepKind.DRAW else course.allowed


def _to_do(course: Course) -> str:
    """Returns the sentence of the dialogue on the commands for an open task, whatever keys its text names."""
    step = course.step
    assert step is not None
    if not step.only:
        return _("Here you type step or go, or before that set, a name and a value; help lists all commands.")
    to_set = _("set {name} and a value")
    phrases = [
        _("rate and a value") if name == "lr" else to_set.format(name=PARAMETERS[name].label) for name in step.only
    ]
    commands = _("{settings}, then go").format(settings=join_then(phrases))
    return _("Here you type {commands}; help lists all commands.").format(commands=commands)
