"""The app's commands of lessons: the list of them, answers, hints."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from textual import on
from textual.actions import parse
from textual.dom import DOMNode
from textual.geometry import Offset

from quadfit_tui.core.export.recorder import RunRecorder
from quadfit_tui.core.session.session import Session
from quadfit_tui.core.session.snapshot import Snapshot
from quadfit_tui.core.training.status import Status
from quadfit_tui.ui.display.capabilities import Capabilities
from quadfit_tui.ui.keymap import IN_LESSON, KEYS
from quadfit_tui.ui.lessons.lesson_pane import LessonPage, LessonPane
from quadfit_tui.ui.playback_commands import AT_AN_END, DIVERGED
from quadfit_tui.ui.run_commands import RunCommands
from quadfit_tui.ui.tasks.diagnosis_worker import Runner
from quadfit_tui.ui.terminal.terminal_app import spelled
from quadfit_tui.ui.widgets.log import HELD_BACK
from quadfit_tui.ui.widgets.panes import Panes

# Lessons are imported when one is first asked for: most sessions have none, and they would take time of the start.
if TYPE_CHECKING:
    from quadfit_tui.core.classroom.classroom import Classroom
    from quadfit_tui.core.course.transcript import Transcript
    from quadfit_tui.core.lessons.lesson import Lesson
    from quadfit_tui.ui.lessons.fact_worker import FactWorker, FactWorkers
    from quadfit_tui.ui.lessons.open_lesson import OpenLesson, Stage

FIRST_ANSWER = "Answer the question first: press a; or S to skip it."
_NOT_DONE = "It is not done yet. When it is, that is noticed by itself; or press S to skip it."
_IN_LESSON = frozenset(key.action for key in IN_LESSON)
# What leaves a lesson in sight where it lies over the app.
ACTIONS = _IN_LESSON | {"lessons", "vote"}
_BESIDE = _IN_LESSON | {"lessons", "vote", "scroll", "help", "principle", "end", "palette"}
_OWN = frozenset(key.action.partition("(")[0] for key in KEYS)
_SMALL = ("-slim", "-short", "-medium")  # sizes in which a lesson is a page over the app
_OPEN, _READ = "-lesson", "-lesson-read"  # classes of the screen


@dataclass
class Library:
    """The lessons that there are, and what their student has answered; both are read when they are first needed.

    `first` is to be opened when the app is there. `is_checked`: whether what a lesson states is known to be true.
    `shows_notes`: those for teachers are shown. `classroom` is that of a class; `students` are where the transcripts of
    its students lie, for the teacher of it alone.
    """

    lessons: Callable[[], Sequence[Lesson]]
    transcript: Callable[[], Transcript]
    first: Lesson | None = None
    is_checked: Callable[[Lesson], bool] = lambda lesson: True  # noqa: ARG005
    shows_notes: bool = False
    classroom: Classroom | None = None
    students: Sequence[str] | None = None


class LessonCommands(RunCommands):
    """Opens lessons, and passes the keys of the student on to the one that is open."""

    def __init__(
        self,
        session: Session,
        fps: int,
        capabilities: Capabilities,
        output: RunRecorder | None,
        library: Library | None,
        runner: Runner | None,
    ) -> None:
        super().__init__(session, fps, capabilities, output)
        self.lesson: OpenLesson | None = None
        self.library = library
        self._lesson_runner = runner
        self._fact_workers: FactWorkers | None = None  # where a lesson was open
        self._transcript: Transcript | None = None
        self._last_lesson = ""  # its id
        self._answers_worker: FactWorker | None = None

    # The list

    async def action_lessons(self) -> None:
        """Lists the lessons; opens the one that is chosen."""
        if self.library is None:
            self.tell("There are no lessons here.")
            return
        from quadfit_tui.ui.lessons.lesson_list import LessonsScreen

        transcript = self._own_transcript()
        last = self._last_lesson or transcript.last_lesson
        screen = LessonsScreen(self.library.lessons(), transcript, self._show_answers, last)
        await self.push_screen(screen, self._choose_lesson)

    def _show_answers(self, lesson: Lesson) -> None:
        """Shows what was answered in a lesson, once its facts are worked out."""
        from quadfit_tui.core.course.course import Course
        from quadfit_tui.core.judging.facts import Facts
        from quadfit_tui.ui.lessons.lesson_list import answers_page

        course = Course(lesson, Facts(lesson), self._own_transcript())
        self._stop_answers()
        self._answers_worker = self._worker()

        def show(result: object) -> None:
            self._stop_answers()
            if isinstance(result, list):
                self.push_screen(answers_page(course, result, partial(spelled, self)))
            else:
                self.tell(f"Your answers cannot be shown. {result or type(result).__name__}")

        self._answers_worker.do(course.own_answers, show)

    def _stop_answers(self) -> None:
        """Has no answers be shown any more that are still worked out."""
        if self._answers_worker is not None:
            self._answers_worker.stop()
            self._answers_worker = None

    def _own_transcript(self) -> Transcript:
        assert self.library is not None
        if self._transcript is None:
            self._transcript = self.library.transcript()
        return self._transcript

    def finish_record(self) -> str:
        """Has what could not be recorded be written at last; tells of it, where that still cannot be."""
        return "" if self._transcript is None else self._transcript.finish()

    def _choose_lesson(self, chosen: tuple[Lesson, bool] | None) -> None:
        self._stop_answers()
        if chosen is not None:
            self.open_lesson(*chosen)

    def open_lesson(self, lesson: Lesson, anew: bool = False) -> None:
        """Begins a lesson, or goes on with it."""
        from quadfit_tui.core.course.course import Course
        from quadfit_tui.core.judging.facts import Facts
        from quadfit_tui.ui.lessons.open_lesson import OpenLesson

        self.close_lesson()
        self.reading = None
        self._last_lesson = lesson.id
        course = Course(lesson, Facts(lesson), self._own_transcript())
        shows_notes = self.library is not None and self.library.shows_notes
        self._take(OpenLesson(course, self.session, *self._tools(), shows_notes), lesson, anew)

    def _tools(self) -> tuple[FactWorker, Stage]:
        """What an OpenLesson works with."""
        from quadfit_tui.ui.lessons.open_lesson import Stage

        stage = Stage(
            show=self._show_lesson,
            restart=partial(self._restart, at_once=True),
            advance=self.training.advance,
            echo=self._echo_later,
            choose=self.query_one(Panes).choose,
            fail=self._fail,
            later=self.set_timer,
        )
        return self._worker(), stage

    def _take(self, opened: OpenLesson, lesson: Lesson, anew: bool = False) -> None:
        """Has a lesson be open, or a question of it."""
        self.lesson = opened
        self.screen_stack[0].add_class(_OPEN)
        opened.start(anew, checks=not (self.library is None or self.library.is_checked(lesson)))

    def _echo_later(self) -> None:
        """Shows a change as soon as what is being shown now has been."""
        self.call_later(self.training.echo)

    def _worker(self) -> FactWorker:
        """A worker beside the event loop, who tells as of a message to the app, which may open pages."""
        from quadfit_tui.ui.lessons.fact_worker import FactWorkers

        if self._fact_workers is None:
            self._fact_workers = FactWorkers(self.call_later, self._lesson_runner)
        return self._fact_workers.another()

    def stop_lesson_threads(self) -> None:
        """Ends the threads in which facts are worked out."""
        if self._fact_workers is not None:
            self._fact_workers.stop()

    def close_lesson(self) -> None:
        """Leaves the lesson, if one is open: all keys are the app's again."""
        if self.lesson is not None:
            self.lesson.leave()
            self.lesson = None
            self.screen_stack[0].set_focus(None)
            self.screen_stack[0].remove_class(_OPEN, _READ, HELD_BACK)
            self._after_lesson()

    def _fail(self, why: str) -> None:
        self.close_lesson()
        self.clear_notifications()
        said = spelled(self, f"The lesson cannot be taken. {why}")
        self.notify(said, severity="error", timeout=15, markup=False)

    def _show_lesson(self, page: LessonPage, reads: bool) -> None:
        """Shows a page of the open lesson; where it lies over the app, only if it is to be read now."""
        if self.lesson is None or not self.is_running:
            return
        main = self.screen_stack[0]
        main.query_one(LessonPane).show(page)
        if reads:
            main.add_class(_READ)
        main.set_class(self.is_held_back, HELD_BACK)
        self._after_lesson()

    def _after_lesson(self) -> None:
        """Has all be seen that depends on whether a prediction is open."""
        self.refresh_bindings()
        self._show_anew()

    @property
    def is_held_back(self) -> bool:
        """Whether a prediction is open, so that what would give it away is not shown, nor done."""
        return self.lesson is not None and self.lesson.is_held_back

    @property
    def is_in_use(self) -> bool:
        """Whether a field or a page has the keys, or a prediction the run."""
        return self.is_held_back or super().is_in_use

    def keep(self, setting: str, value: str) -> None:
        """Notes a setting that the user has changed; in a lesson, which sets speed and views itself, only the theme."""
        if self.lesson is None or setting == "theme":
            super().keep(setting, value)

    def _watch_lesson(self, snapshot: Snapshot) -> None:
        if self.lesson is not None:
            self.lesson.watch(snapshot)

    async def run_action(
        self,
        action: str | tuple[str, str, tuple[object, ...]],
        default_namespace: DOMNode | None = None,
        namespaces: Mapping[str, DOMNode] | None = None,
    ) -> bool:
        """Does what a key, the mouse or the palette asks for; says why where that is not possible now.

        At once: what is told of a key that comes next would otherwise be taken away by it.
        """
        destination, name, parameters = parse(action) if isinstance(action, str) else action
        if destination == "app" or (not destination and default_namespace in (None, self)):
            allowed = self.check_action(name, parameters)
            if allowed is None:
                if name == "go_on" or self.is_held(name, parameters):
                    self._tell_what_is_open(name)
                else:
                    self.tell(DIVERGED if self.session.status is Status.DIVERGED else AT_AN_END)
                return True
            if allowed and self._is_small and name in _OWN - _BESIDE:
                self.action_put_aside()
        return await super().run_action(action, default_namespace, namespaces)

    def _tell_what_is_open(self, action: str) -> None:
        """Says what is to be done before something else; Enter leads to the question, too."""
        if action != "go_on":
            self._remark(FIRST_ANSWER)
        elif self.lesson is not None and self.lesson.is_asked:
            self.action_answer()
        else:
            self._remark(_NOT_DONE)

    def _remark(self, text: str) -> None:
        """Says something where the lesson says which keys lead on; in the corner where the lesson is out of sight."""
        if self._is_small and not self.screen_stack[0].has_class(_READ):
            self.tell(text)
        else:
            self.query_one(LessonPane).remark(text)

    @on(LessonPane.Typing)
    def _typing(self, event: LessonPane.Typing) -> None:
        if self.lesson is not None:
            self.lesson.show_typing(event.is_typing)

    @property
    def cursor(self) -> Offset | None:
        """Where somebody types or, while a lesson is open, reads: at its question."""
        place = super().cursor
        if place is not None or self.lesson is None or self.is_leaving or len(self.screen_stack) != 1:
            return place
        pane = self.query_one(LessonPane)
        return pane.attention if self.focused is None or pane.has_focus_within else None

    @property
    def shows_cursor(self) -> bool:
        """Whether a question has the keys."""
        is_seen = self.lesson is not None and not self.is_leaving and len(self.screen_stack) == 1
        return is_seen and self.query_one(LessonPane).has_focus_within

    # Keys of the student

    def action_answer(self) -> None:
        """Gives the keys to the question."""
        if self.lesson is None:
            return
        self.screen.add_class(_READ)
        if self.lesson.is_asked:
            self.query_one(LessonPane).ask()

    async def action_commit_answer(self) -> None:
        """Commits what was typed or marked."""
        typed = await self.query_one(LessonPane).read()
        if typed is not None and self.lesson is not None:
            self.lesson.answer(typed)

    async def action_go_on(self) -> None:
        """Goes on to the next step, after the last one to the list."""
        if self.lesson is None:
            return
        if self.lesson.is_ended:
            self.close_lesson()
            await self.action_lessons()
        else:
            self.lesson.go_on()

    def action_hint(self) -> None:
        """Shows a hint."""
        if self.lesson is not None:
            self.lesson.hint()

    def action_skip(self) -> None:
        """Skips the step, if it is asked for twice."""
        if self.lesson is not None:
            self.lesson.skip()

    def action_again(self) -> None:
        """Sets the step up again."""
        if self.lesson is not None:
            self.lesson.again()

    def action_leave_lesson(self) -> None:
        """Leaves the lesson."""
        if self.lesson is not None:
            self.close_lesson()
            self.notify("The lesson is left; L, then Enter, goes on with it.", timeout=5)

    def action_put_aside(self) -> None:
        """Shows the app, over which the lesson lies on a small screen."""
        self.screen.remove_class(_READ)

    @property
    def _is_small(self) -> bool:
        return any(self.screen_stack[0].has_class(size) for size in _SMALL)

    def is_used(self, action: str) -> bool | None:
        """Whether an action of lessons has something to do now; None for what waits for an answer."""
        if action == "lessons":
            return self.lesson is None
        if self.lesson is None:
            return False
        match action:
            case "put_aside":
                return self._is_small and self.screen_stack[0].has_class(_READ)
            case "answer":
                return self.lesson.is_asked or self._is_small
            case "hint" | "skip":
                return self.lesson.is_open
            case "go_on":
                return None if self.lesson.is_open else True
        return True

    @property
    def idle_actions(self) -> set[str]:
        """The actions of keys that have nothing to do as long as no lesson is open, or one is."""
        return {action for action in ACTIONS if self.is_used(action) is False}

    def is_held(self, action: str, parameters: tuple[object, ...]) -> bool:
        """Whether an action is held back now, since it would give an answer away."""
        return self.lesson is not None and self.lesson.holds_back(action, parameters)
