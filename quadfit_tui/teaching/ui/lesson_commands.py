"""The app's commands of lessons: the list of them, answers, hints; and which of all keys may act while one is open."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.geometry import Offset
from textual.widget import Widget

from quadfit_tui.core.session.snapshot import Snapshot
from quadfit_tui.core.text.language import N_, _, full_stop
from quadfit_tui.teaching.ui.drawing_commands import DRAWING, DRAWING_ACTIONS, DrawnStep
from quadfit_tui.teaching.ui.latest_job import LatestJob
from quadfit_tui.teaching.ui.lesson_keys import ANSWERING, IN_LESSON, VOTE
from quadfit_tui.teaching.ui.lesson_place import LessonPlace
from quadfit_tui.teaching.ui.library import LessonSetup
from quadfit_tui.teaching.ui.pane.lesson_page import LessonPage
from quadfit_tui.teaching.ui.pane.lesson_pane import LessonPane
from quadfit_tui.ui.app import QuadfitApp
from quadfit_tui.ui.tasks.diagnosis_worker import Runner
from quadfit_tui.ui.teaching import Teaching
from quadfit_tui.ui.terminal.terminal_app import transliterate_for
from quadfit_tui.ui.views.scene import Drawing
from quadfit_tui.ui.widgets.view_bar import ViewBar

# Lessons are imported when one is first opened: most sessions have none, and the import would slow the start.
if TYPE_CHECKING:
    from quadfit_tui.teaching.classroom.classroom import Classroom
    from quadfit_tui.teaching.course.course import Course
    from quadfit_tui.teaching.course.transcript import Transcript
    from quadfit_tui.teaching.notation.lesson import Lesson, Step
    from quadfit_tui.teaching.ui.open_lesson import OpenLesson
    from quadfit_tui.teaching.ui.votes.vote_commands import ClassVotes

FIRST_ANSWER = N_("Answer the question first, or skip it: S.")
_NO_RUN = N_("No run of this task has ended yet: space plays it.")
_WAIT = N_("Wait for the class.")
_VOTE_FIRST = N_("Vote first; then the class sees the run together.")
_WAITS = N_("The run waits for your answer."), N_("answer first")
_CLASS_WAITS = N_("The run waits for the class."), N_("wait for class")
_OWN = frozenset(key.action.partition("(")[0] for key in (*IN_LESSON, *ANSWERING, *DRAWING, VOTE)) | {"lessons"}
# The actions that leave a lesson in sight even if it covers the app.
_BESIDE = _OWN | {"scroll", "help", "manual", "end", "palette"}
_FIELDS = frozenset({"edit", "settings"})  # these may shrink the screen: the keyboard of a phone opens


class Lessons(Teaching):
    """The Teaching of an app with lessons: opens them, and passes the keys of the student on to the open one.

    Its parts: `place` shows and hides the pane, `drawn` draws curves, `votes` takes part in the votes of a class.
    """

    sections: ClassVar[dict[str, Sequence[Binding]]] = {
        N_("In a lesson"): (*IN_LESSON, *ANSWERING, VOTE),
        N_("While a curve is drawn"): DRAWING,
    }
    fields: ClassVar[dict[str, Sequence[BindingType]]] = {N_("In the question of a lesson"): LessonPane.BINDINGS}

    def __init__(
        self, app: QuadfitApp, library: LessonSetup, room: Classroom | None = None, runner: Runner | None = None
    ) -> None:
        """`room` is the class, if there is one; `runner` computes facts, by default in a thread."""
        self.app = app
        self.lesson: OpenLesson | None = None
        self.library = library
        self.place = LessonPlace(app, self)
        self.drawn = DrawnStep(app, self.place, lambda: self._open_course, self.commit)
        self.votes: ClassVotes | None = None
        if room is not None:
            from quadfit_tui.teaching.ui.votes.vote_commands import ClassVotes

            self.votes = ClassVotes(self, room)
            self.drawn.others = self.votes.curves
        self.is_projected = library.shows_notes or room is not None
        self._jobs = LatestJob(app, runner)
        self._transcript: Transcript | None = None
        self._last_lesson = ""  # its id

    # What the app asks

    def action(self, name: str) -> Callable[..., object] | None:
        """Returns the method that does an action, of this object, its parts or the open lesson; None if none does."""
        parts = self, self.place, self.drawn, self.votes, self.lesson
        return next(filter(None, (getattr(part, f"action_{name}", None) for part in parts)), None)

    def compose(self) -> Iterable[Widget]:
        """Returns the pane, to be mounted behind the widgets of the app."""
        return (self.place.pane,)

    def keys(self, others: Sequence[Binding]) -> Sequence[Binding]:
        """Returns all bindings with those of lessons first, since they lead on; L comes last, for the footer."""
        return (VOTE, *DRAWING, *ANSWERING, *IN_LESSON[:-1], *others, IN_LESSON[-1])

    def on_app_ready(self) -> None:
        """Opens the lesson of --lesson, and starts to follow the class; called after the first frame."""
        if self.votes is not None:
            self.votes.begin()
        if self.library.first is not None:
            self.open_lesson(self.library.first)

    def state_of(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Whether an action can be done now; None if it must wait for an answer, or would give the answer away."""
        lesson, course = self.lesson, self._open_course
        if action in DRAWING_ACTIONS:
            return self.has_pen or (action == "draw_at" and self.drawn.pen is not None)
        if action == "vote":
            return self.votes is not None and self.votes.can_vote
        if lesson is None or course is None:
            return action == "lessons" or action not in _OWN
        if action in ("answer", "go_on") and self.app.maps.state_of("begin_cell"):
            return False  # Enter starts the run at the cursor of the map
        match action:
            case "lessons" | "scale_rate_unshifted":  # a number may begin with the signs of the latter
                return False
            case "answer":
                return (course.is_asked and not course.is_back) or (self.place.is_small and not self.place.hides_chart)
            case "type_answer":
                return self.place.pane.takes(str(parameters[0]))
            case "go_on":
                return None if course.is_waiting or (course.is_open and not course.is_back) else True
            case "hint":
                return course.is_open and bool(course.step and course.step.hints)
            case "skip":
                return course.is_open and not course.is_vote
            case "look_back":
                return lesson.can_go_back
            case "steps":
                return self.library.shows_notes or self.library.students is not None
            case "swap":
                return self.place.can_swap
            case "put_aside":
                return self.place.hides_chart
        return None if lesson.blocks_action(action, parameters) else True

    def explain(self, action: str, parameters: tuple[object, ...]) -> bool:
        """Shows what to do before a blocked action; returns whether a lesson blocks it."""
        if self.lesson is None or self.state_of(action, parameters) is not None:
            return False
        course = self.lesson.course
        if course.is_vote:
            self.place.remark(_(_VOTE_FIRST if course.is_asked and not course.tries else _WAIT))
        elif action == "go_on" and not course.is_asked:
            self.place.remark(course.feedback or _(_NO_RUN))
        else:
            self.place.remark(_(FIRST_ANSWER))
        return True

    @property
    def waiting_message(self) -> Sequence[str]:  # type: ignore[override]
        """While an open prediction hides the outcome: what the run waits for, in full and in short."""
        if self.lesson is None or not self.lesson.course.hides_outcome:
            return ()
        return [*map(_, _CLASS_WAITS if self.lesson.course.is_vote else _WAITS)]

    @property
    def withheld(self) -> frozenset[str]:  # type: ignore[override]
        """The facts that the open lesson withholds now; other rates always, which no key halves or doubles there."""
        return frozenset() if self.lesson is None else self.lesson.course.withheld | {"next rate"}

    def hint_for_key(self, key: str) -> str:
        """Returns the hint key as a sentence for a useless `h`, which a student may have meant by it; else empty."""
        return full_stop(_("H: hint")) if key == "h" and self.state_of("hint", ()) and self.lesson else ""

    def before_action(self, action: str) -> None:
        """Ends a remark, and puts aside a lesson that covers the app if the action's effect must be seen there."""
        self.place.pane.end_remark()
        if action in _FIELDS or (self.place.is_small and action not in _BESIDE):
            self.place.action_put_aside()

    def scroll(self, where: str, others_can: bool) -> bool:
        """Scrolls the lesson by an arrow key, or by another key if nothing else scrolls; returns whether it did."""
        pane = self.place.pane
        if scrolls := pane.can_scroll and (where in ("up", "down") or not others_can):
            pane.move(where)
        return scrolls

    def saves_setting(self, setting: str) -> bool:
        """Whether a changed setting is saved; in a lesson, which sets speed and view, only theme and language."""
        return self.lesson is None or setting in ("theme", "language")

    def on_snapshot(self, snapshot: Snapshot) -> None:
        """Lets the open lesson review the run; called for each snapshot that is shown."""
        if self.lesson is not None:
            self.lesson.watch(snapshot)

    @property
    def cursor_offset(self) -> Offset | None:  # type: ignore[override]
        """The position of the question on the screen, for a screen reader; None if no lesson has the keys."""
        has_keys = self.app.focused is None or self.is_typing
        return self.place.pane.cursor_offset if self.lesson is not None and has_keys else None

    @property
    def is_open(self) -> bool:  # type: ignore[override]
        """Whether a lesson is open."""
        return self.lesson is not None

    @property
    def first_setting(self) -> str:  # type: ignore[override]
        """The first setting that the task, open or done, lets change; empty if all may change, or it is no task."""
        return "" if self._open_course is None else self._open_course.first_setting

    @property
    def delays_playback(self) -> bool:  # type: ignore[override]
        """Whether a chosen run waits to be played: in a lesson, and for a teacher, who asks about it first."""
        return self.lesson is not None or self.is_projected

    @property
    def is_typing(self) -> bool:  # type: ignore[override]
        """Whether a question has the keys."""
        return self.lesson is not None and self.place.pane.has_focus_within

    @property
    def drawing(self) -> Drawing | None:  # type: ignore[override]
        """The curves drawn at the current step, for the chart; None if there are none."""
        return self.drawn.drawing

    @property
    def has_pen(self) -> bool:  # type: ignore[override]
        """Whether keys draw the curve now."""
        return self.drawn.has_pen

    def leave(self) -> None:
        """Closes the teacher's vote when the user quits; it stays open if a signal ends the app (a lost connection)."""
        if self.votes is not None:
            self.votes.close()

    def stop(self) -> None:
        """Stops the thread that computes facts, and waits a moment for it."""
        self._jobs.stop()

    def finish(self) -> str:
        """Retries to write pending answers when the app ends; returns a sentence if that fails, else empty."""
        return "" if self._transcript is None else self._transcript.finish()

    # Lessons

    @property
    def _open_course(self) -> Course | None:
        return None if self.lesson is None else self.lesson.course

    def own_transcript(self) -> Transcript:
        """Returns the transcript of the student, opened at the first call."""
        if self._transcript is None:
            self._transcript = self.library.transcript()
        return self._transcript

    def open_lesson(self, lesson: Lesson, anew: bool = False) -> None:
        """Opens a lesson, or resumes it, in the place of the one that is open."""
        self.close_lesson()
        self.app.runs.reading = None
        self._last_lesson = lesson.id
        self.open_course(self._course(lesson), lesson, anew)

    def _course(self, lesson: Lesson) -> Course:
        """Returns a new course of a lesson, with the student's transcript."""
        from quadfit_tui.teaching.course.course import Course
        from quadfit_tui.teaching.judging.facts import Facts

        voted = str if self.votes is None else partial(self.votes.voted_step, lesson)
        notes = self.library.shows_notes
        return Course(lesson, Facts(lesson), self.own_transcript(), shows_notes=notes, voted_step=voted)

    def open_course(self, course: Course, lesson: Lesson, anew: bool = False) -> None:
        """Opens a course in the pane: that of `lesson`, or a vote on a question of it."""
        from quadfit_tui.teaching.ui.open_lesson import OpenLesson

        self.lesson = OpenLesson(course, self.app, self._jobs.run, self.show, self._fail)
        self.place.begin()
        self.lesson.start(anew, checks=not self.library.is_checked(lesson))

    def close_lesson(self) -> None:
        """Leaves the open lesson, if there is one; all keys are those of the app again."""
        self.leave()
        if self.lesson is not None:
            self.lesson.leave()
            self.lesson = None
            self._jobs.cancel()
            self.place.close()
            self._after_lesson()

    def _fail(self, reason: str) -> None:
        """Closes a lesson that cannot be taken, and shows why."""
        self.close_lesson()
        self.app.show_notice(_("The lesson cannot be taken. {why}").format(why=reason), stays=True)

    def show(self, page: LessonPage, reads: bool) -> None:
        """Shows a page of the open lesson; if it covers the app, brings it into sight only with `reads`."""
        if self.lesson is not None and self.app.is_running:
            self.place.show(page, reads)
            self._after_lesson()

    def _after_lesson(self) -> None:
        """Refreshes all that depends on an open prediction: drawing, keys, diagnosis and the bar of views."""
        self.drawn.show()
        self.app.refresh_bindings()
        self.app.refresh_all()
        self.app.query_one(ViewBar).show_keys(not self.state_of("type_answer", ("1",)))

    # Keys

    async def action_lessons(self, finished: Lesson | None = None) -> None:
        """Opens the list of lessons, at the one just `finished` or where to resume; opens the chosen one."""
        from quadfit_tui.teaching.ui.lesson_list import LessonsScreen

        transcript = self.own_transcript()
        last = self._last_lesson or transcript.last_lesson
        screen = LessonsScreen(self.library.lessons(), transcript, self._show_answers, last, finished)
        await self.app.push_screen(screen, self._choose)

    def _choose(self, chosen: tuple[Lesson, bool] | None) -> None:
        """Opens the lesson that was chosen in the list, if any."""
        if chosen is not None:
            self.open_lesson(*chosen)

    def _show_answers(self, lesson: Lesson) -> None:
        """Shows the page of the student's answers in a lesson, once its facts are computed."""
        from quadfit_tui.teaching.ui.lesson_list import answers_page

        course = self._course(lesson)

        def show(result: object) -> None:
            if isinstance(result, list):
                spell, is_ascii = partial(transliterate_for, self.app), self.app.capabilities.ascii
                self.app.push_screen(answers_page(course, result, spell, is_ascii))
            else:
                self.app.show_notice(
                    _("Your answers cannot be shown. {why}").format(why=result or type(result).__name__)
                )

        compute = partial(self._jobs.run, course.own_answers, show)
        if self.lesson is None:
            compute()
        else:  # the list may be open before the lesson of --lesson is ready: its facts are computed first
            self.lesson.when_begun(compute)

    def action_answer(self) -> None:
        """Focuses the question, or the pen; brings the lesson into sight."""
        if not self.drawn.take_keys():
            self.place.read()
            self.place.pane.ask()

    def action_type_answer(self, character: str) -> None:
        """Focuses the question, and enters the first character of its answer."""
        self.place.read()
        self.place.pane.insert_key("minus" if character == "-" else character, character)

    async def action_commit_answer(self) -> None:
        """Commits the typed text or the marked choice as the answer."""
        answer = await self.place.pane.read()
        if answer is not None:
            self.commit(answer)

    def commit(self, answer: str) -> None:
        """Commits an answer, or a drawn curve as text; in a vote after a look at the class, as it may be too late."""
        if self.votes is not None:
            self.votes.refresh()
        if self.lesson is not None:
            self.lesson.answer(answer)

    async def action_go_on(self) -> None:
        """Moves on to the next step; after the last one to the list, after a vote to the lesson before."""
        if self.lesson is None:
            return
        if self.lesson.is_over and self.votes is not None:
            self.votes.leave(goes_on=True)
        elif self.lesson.is_ended:
            finished = self.lesson.course.full_lesson
            self.close_lesson()
            await self.action_lessons(finished)
        else:
            self.lesson.go_on()

    async def action_steps(self) -> None:
        """Opens the list of the steps, for a teacher; moves to the chosen one."""
        from quadfit_tui.teaching.ui.step_list import StepsScreen

        if self.lesson is not None:
            course = self.lesson.course
            await self.app.push_screen(StepsScreen(course.lesson, course.step), self.go_to)

    def go_to(self, step: Step | None) -> None:
        """Moves to a step, if one was chosen, as soon as the lesson is ready."""
        if step is not None and self.lesson is not None:
            self.lesson.when_begun(partial(self.lesson.go_to, step))

    def action_leave_lesson(self) -> None:
        """Leaves the lesson, or the vote (key L)."""
        if self.lesson is not None and self.lesson.course.is_vote and self.votes is not None:
            self.votes.leave()
        elif self.lesson is not None:
            self.close_lesson()
            self.app.show_notice(_("The lesson is left; L, then Enter, goes on with it."), warns=False)
