"""The app's commands of lessons: the list of them, answers, hints."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.geometry import Offset
from textual.widget import Widget

from quadfit_tui.core.session.snapshot import Snapshot
from quadfit_tui.core.text.language import _, noted
from quadfit_tui.teaching.ui.drawing_commands import DRAWING, DRAWING_ACTIONS, READ, DrawingLessons
from quadfit_tui.teaching.ui.lesson_keys import ANSWERING, IN_LESSON, VOTE
from quadfit_tui.teaching.ui.library import Library
from quadfit_tui.teaching.ui.pane.lesson_page import LessonPage
from quadfit_tui.teaching.ui.pane.lesson_pane import LessonPane
from quadfit_tui.ui.app import QuadfitApp
from quadfit_tui.ui.tasks.diagnosis_worker import Done, Job, JobThread, Runner
from quadfit_tui.ui.terminal.terminal_app import spelled
from quadfit_tui.ui.widgets.view_bar import ViewBar

# Lessons are imported when one is first asked for: most sessions have none, and they would take time of the start.
if TYPE_CHECKING:
    from quadfit_tui.teaching.course.course import Course
    from quadfit_tui.teaching.course.transcript import Transcript
    from quadfit_tui.teaching.notation.lesson import Lesson, Step
    from quadfit_tui.teaching.ui.open_lesson import OpenLesson

FIRST_ANSWER = noted("Answer the question first, or skip it: S.")
_NO_RUN = noted("No run of this task has ended yet: space plays it.")
_WAITS = noted("The run waits for your answer."), noted("answer first")
_OWN = frozenset(key.action for key in (*IN_LESSON, VOTE)) | DRAWING_ACTIONS | {"lessons", "type_answer"}
# What leaves a lesson in sight where it lies over the app.
_BESIDE = _OWN | {"scroll", "help", "manual", "end", "palette"}
_OPEN, _LOG = "-lesson", "-lesson-log"  # classes of the screen


class Lessons(DrawingLessons):
    """Opens lessons, and passes the keys of the student on to the one that is open."""

    sections: ClassVar[dict[str, Sequence[Binding]]] = {
        noted("In a lesson"): (*IN_LESSON, *ANSWERING, VOTE),
        noted("While a curve is drawn"): DRAWING,
    }
    fields: ClassVar[dict[str, Sequence[BindingType]]] = {noted("In the question of a lesson"): LessonPane.BINDINGS}

    def __init__(self, app: QuadfitApp, library: Library, runner: Runner | None = None) -> None:
        """`runner` works out facts, where that is not done in a thread."""
        self.lesson: OpenLesson | None = None
        self.library = library
        self.is_projected = library.shows_notes
        self.pane = LessonPane()
        self._app = app
        self._runner = runner
        self._jobs = 0  # given to it so far: only the result of the last one is used
        self._transcript: Transcript | None = None
        self._last_lesson = ""  # its id

    # What the app asks

    def compose(self) -> Iterable[Widget]:
        """The pane."""
        return (self.pane,)

    def keys(self, others: Sequence[Binding]) -> Sequence[Binding]:
        """The keys of the student before all others, since they lead on; but for L, which is last always."""
        return (VOTE, *DRAWING, *ANSWERING, *IN_LESSON[:-1], *others, IN_LESSON[-1])

    def begin(self) -> None:
        """Opens the lesson that is to be begun with."""
        if self.library.first is not None:
            self.open_lesson(self.library.first)

    # The list

    async def action_lessons(self, finished: Lesson | None = None) -> None:
        """Lists the lessons, from the one just `finished` or where to go on; opens the one that is chosen."""
        from quadfit_tui.teaching.ui.lesson_list import LessonsScreen

        transcript = self.own_transcript()
        last = self._last_lesson or transcript.last_lesson
        screen = LessonsScreen(self.library.lessons(), transcript, self._show_answers, last, finished)
        await self._app.push_screen(screen, self._choose_lesson)

    def _show_answers(self, lesson: Lesson) -> None:
        """Shows what was answered in a lesson, once its facts are worked out."""
        from quadfit_tui.teaching.ui.lesson_list import answers_page

        course = self._course(lesson)

        def show(result: object) -> None:
            if isinstance(result, list):
                spell, is_ascii = partial(spelled, self._app), self._app.capabilities.ascii
                self._app.push_screen(answers_page(course, result, spell, is_ascii))
            else:
                self._app.tell(_("Your answers cannot be shown. {why}").format(why=result or type(result).__name__))

        work_out = partial(self._work_out, course.own_answers, show)
        if self.lesson is None:
            work_out()
        else:  # as where the list was asked for before the lesson of --lesson: its own facts come first
            self.lesson.when_begun(work_out)

    def own_transcript(self) -> Transcript:
        """The record of the student."""
        if self._transcript is None:
            self._transcript = self.library.transcript()
        return self._transcript

    def finish(self) -> str:
        """Has what could not be recorded be written at last; tells of it, where that still cannot be."""
        return "" if self._transcript is None else self._transcript.finish()

    def _choose_lesson(self, chosen: tuple[Lesson, bool] | None) -> None:
        if chosen is not None:
            self.open_lesson(*chosen)

    def open_lesson(self, lesson: Lesson, anew: bool = False) -> None:
        """Begins a lesson, or goes on with it."""
        self.close_lesson()
        self._app.runs.reading = None
        self._last_lesson = lesson.id
        self._take(self._course(lesson), lesson, anew)

    def _course(self, lesson: Lesson) -> Course:
        from quadfit_tui.teaching.course.course import Course
        from quadfit_tui.teaching.judging.facts import Facts

        return Course(lesson, Facts(lesson), self.own_transcript(), shows_notes=self.library.shows_notes)

    def _take(self, course: Course, lesson: Lesson, anew: bool = False) -> None:
        """Has a lesson be open, or a question of it."""
        from quadfit_tui.teaching.ui.open_lesson import OpenLesson

        self.lesson = OpenLesson(course, self._app, self._work_out, self._show_lesson, self._fail)
        self._app.screen_stack[0].add_class(_OPEN)
        self.lesson.start(anew, checks=not self.library.is_checked(lesson))

    def _work_out(self, job: Job, done: Done) -> None:
        """Runs a job beside the event loop, instead of the one before; then calls `done`, which may open pages."""
        self._jobs += 1
        number = self._jobs
        if self._runner is None:
            self._runner = JobThread()
            self._runner.start()

        def use(result: object) -> None:
            if number == self._jobs:
                done(result)

        def arrived(result: object) -> None:
            self._app.call_later(use, result)

        self._runner(job, arrived)

    def stop(self) -> None:
        """Ends the thread in which facts are worked out, as far as it does within a moment."""
        if isinstance(self._runner, JobThread):
            self._runner.stop()

    def close_lesson(self) -> None:
        """Leaves the lesson, if one is open: all keys are the app's again."""
        if self.lesson is not None:
            self.lesson.leave()
            self.lesson = None
            self._work_out(lambda: None, lambda _: None)  # instead of what is being worked out for it
            self._app.screen_stack[0].set_focus(None)
            self._app.screen_stack[0].remove_class(_OPEN, READ, _LOG)
            self.show_drawing()
            self._after_lesson()

    def _fail(self, why: str) -> None:
        self.close_lesson()
        self._app.tell(_("The lesson cannot be taken. {why}").format(why=why), stays=True)

    def _show_lesson(self, page: LessonPage, reads: bool) -> None:
        """Shows a page of the open lesson; where it lies over the app, only if it is to be read now."""
        if self.lesson is None or not self._app.is_running:
            return
        main = self._app.screen_stack[0]
        if reads:
            main.add_class(READ).remove_class(_LOG)
        self.show_page(page)
        self._after_lesson()

    def _after_lesson(self) -> None:
        """Has all be seen that depends on whether a prediction is open."""
        self._app.refresh_bindings()
        self._app.show_anew()
        self._app.query_one(ViewBar).show_keys(not self.state_of("type_answer", ("1",)))

    @property
    def waits_for(self) -> Sequence[str]:  # type: ignore[override]
        """An answer, while a prediction is open: what would give it away is not shown, nor done."""
        return [*map(_, _WAITS)] if self.lesson is not None and self.lesson.course.is_held_back else ()

    @property
    def held(self) -> frozenset[str]:  # type: ignore[override]
        """What the open lesson holds back now."""
        return frozenset() if self.lesson is None else self.lesson.course.held

    def keeps(self, setting: str) -> bool:
        """In a lesson, which sets speed and views itself, only the theme and the language are the user's."""
        return self.lesson is None or setting in ("theme", "language")

    def watch(self, snapshot: Snapshot) -> None:
        """Has the lesson look at the run."""
        if self.lesson is not None:
            self.lesson.watch(snapshot)

    def explain(self, action: str, parameters: tuple[object, ...]) -> bool:
        """Says what is to be done before something else."""
        lesson = self.lesson
        if lesson is None or not (action == "go_on" or lesson.holds_back(action, parameters)):
            return False
        is_task = action == "go_on" and not lesson.course.is_asked
        self.remark(lesson.course.feedback or _(_NO_RUN) if is_task else _(FIRST_ANSWER))
        return True

    def before(self, action: str) -> None:
        """Shows the app, where the lesson lies over it, for what is to be seen there."""
        if self._is_small and action not in _BESIDE:
            self.action_put_aside()

    def scroll(self, where: str, others_can: bool) -> bool:
        """Scrolls its text: the arrows do that first, the other keys where there is no page of text beside it."""
        scrolls = self.pane.can_scroll and (where in ("up", "down") or not others_can)
        if scrolls:
            self.pane.move(where)
        return scrolls

    def remark(self, text: str) -> None:
        """Says something where the lesson says which keys lead on; in the row of messages where it is out of sight."""
        main = self._app.screen_stack[0]
        if (self._is_small and not main.has_class(READ)) or (self._can_swap and main.has_class(_LOG)):
            self._app.tell(text)
        else:
            self.pane.remark(text)

    @property
    def attention(self) -> Offset | None:  # type: ignore[override]
        """Where a reader of the lesson looks: at its question."""
        has_keys = self._app.focused is None or self.is_typing
        return self.pane.attention if self.lesson is not None and has_keys else None

    @property
    def is_open(self) -> bool:  # type: ignore[override]
        """Whether a lesson is open."""
        return self.lesson is not None

    @property
    def first_setting(self) -> str:  # type: ignore[override]
        """That of an open task."""
        return "" if self.lesson is None else self.lesson.course.first_setting

    @property
    def asks_first(self) -> bool:  # type: ignore[override]
        """Whether a run that is chosen waits: in a lesson, and for a teacher, who asks before it plays."""
        return self.lesson is not None or self.is_projected

    @property
    def is_typing(self) -> bool:  # type: ignore[override]
        """Whether a question has the keys."""
        return self.lesson is not None and self.pane.has_focus_within

    # Keys of the student

    def action_answer(self) -> None:
        """Gives the keys to the question."""
        if self.lesson is None or self.take_pen():
            return
        self._app.screen.add_class(READ).remove_class(_LOG)
        self._app.refresh_bindings()
        self.pane.ask()

    def action_type_answer(self, character: str) -> None:
        """Gives the keys to the question, with the first character of its answer."""
        self._app.screen.add_class(READ).remove_class(_LOG)
        self.pane.take("minus" if character == "-" else character, character)

    async def action_commit_answer(self) -> None:
        """Commits what was typed or marked."""
        typed = await self.pane.read()
        if typed is not None:
            self.commit(typed)

    async def action_go_on(self) -> None:
        """Goes on to the next step, after the last one to the list."""
        if self.lesson is None:
            return
        if self.lesson.is_ended:
            finished = self.lesson.course.whole
            self.close_lesson()
            await self.action_lessons(finished)
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

    async def action_steps(self) -> None:
        """Lists the steps of the lesson, for whoever teaches; goes to the one that is chosen."""
        from quadfit_tui.teaching.ui.step_list import StepsScreen

        if self.lesson is not None:
            course = self.lesson.course
            await self._app.push_screen(StepsScreen(course.lesson, course.step), self._go_to)

    def _go_to(self, step: Step | None) -> None:
        if step is not None and self.lesson is not None:
            self.lesson.go_to(step)

    def action_look_back(self) -> None:
        """Shows the step before."""
        if self.lesson is not None:
            self.lesson.back()

    def action_swap(self) -> None:
        """Shows the log in the place of the lesson, or the lesson again."""
        self._app.screen.toggle_class(_LOG)

    def action_leave_lesson(self) -> None:
        """Leaves the lesson."""
        if self.lesson is not None:
            self.close_lesson()
            self._app.tell(_("The lesson is left; L, then Enter, goes on with it."), warns=False)

    def action_put_aside(self) -> None:
        """Shows the app, over which the lesson lies on a small screen."""
        self._app.screen.remove_class(READ)
        self._app.refresh_bindings()

    @property
    def _can_swap(self) -> bool:
        """Whether the lesson has the place of the log."""
        main = self._app.screen_stack[0]
        return not (self._is_small or (main.has_class("-wide") and main.classes & {"-high", "-higher"}))

    def state_of(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Whether an action can be done now: None for what waits for an answer, or would give it away."""
        if action == "type_answer":
            return self.lesson is not None and self.pane.takes(str(parameters[0]))
        if action in _OWN:
            return self._is_used(action)
        if self.lesson is None or action == "scale_rate_unshifted":
            return self.lesson is None  # in a lesson a number may begin with its sign
        return None if self.lesson.holds_back(action, parameters) else True

    def _is_used(self, action: str) -> bool | None:
        if action in DRAWING_ACTIONS:
            return self.pen is not None if action == "draw_at" else self.has_pen
        if action == "lessons":
            return self.lesson is None
        if (
            self.lesson is None
            or action == "vote"
            or (action in ("answer", "go_on") and self._app.maps.state_of("begin_cell"))
        ):
            return False
        match action:
            case "steps":
                return self.library.shows_notes or self.library.students is not None
            case "look_back":
                return self.lesson.can_go_back
            case "swap":
                return self._can_swap
            case "put_aside":
                return self._hides_chart
            case "answer":
                is_asked = self.lesson.course.is_asked and not self.lesson.course.is_back
                return is_asked or (self._is_small and not self._hides_chart)
            case "hint" | "skip":
                course = self.lesson.course
                return course.is_open and (action == "skip" or bool(course.step and course.step.hints))
            case "go_on":
                return None if self.lesson.course.is_open and not self.lesson.course.is_back else True
        return True
