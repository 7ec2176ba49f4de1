"""DrawnStep: a student draws the mean loss that is expected of a run, by keys or the mouse, into view 2."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from quadfit_tui.core.text.language import N_, _
from quadfit_tui.ui.keymap import app_key
from quadfit_tui.ui.views.scene import Drawing
from quadfit_tui.ui.widgets.panes import Panes

# As in lesson_commands.py, these are imported when a lesson is first opened.
if TYPE_CHECKING:
    from quadfit_tui.teaching.course.course import Course
    from quadfit_tui.teaching.course.drawn_curve import Points
    from quadfit_tui.teaching.ui.curve_pen import CurvePen
    from quadfit_tui.teaching.ui.lesson_place import LessonPlace
    from quadfit_tui.ui.app import QuadfitApp

_MOVES = N_("move the pen: across, higher, lower; the mouse draws, too")
# The keys of the pen, which come before all others while it has the focus.
DRAWING = (
    app_key("left", "move_pen(-1, 0)", N_("Draw"), _MOVES, N_("move the pen left"), key_display="arrows"),
    *(
        app_key(key, f"move_pen({across}, {up})", "", _MOVES, command, system=True)
        for key, across, up, command in (
            ("right", 1, 0, N_("move the pen right")),
            ("up", 0, 1, N_("move the pen up")),
            ("down", 0, -1, N_("move the pen down")),
        )
    ),
    app_key(
        "tab", "move_tenth(1)", N_("Next tenth"), N_("move the pen to the next tenth of the epochs"), key_display="Tab"
    ),
    app_key(
        "shift+tab", "move_tenth(-1)", "", N_("move the pen back by a tenth of the epochs"), key_display="shift+Tab"
    ),
    app_key("delete", "draw_anew", N_("Clear"), N_("draw the curve anew"), key_display="Del"),
    app_key("enter", "commit_drawing", N_("Done"), N_("show the run over what you have drawn")),
    app_key("escape", "put_pen_down", N_("Stop drawing"), N_("give the keys back; Enter takes the pen again")),
)
DRAWING_ACTIONS = frozenset(key.action.partition("(")[0] for key in DRAWING) | {"draw_at"}
_NOTHING = N_("Nothing is drawn yet: the arrows draw, the mouse, or a finger.")


class DrawnStep:
    """The drawing of the current step of a lesson: the pen, what is drawn, and the commands that draw."""

    def __init__(
        self, app: QuadfitApp, place: LessonPlace, course: Callable[[], Course | None], commit: Callable[[str], None]
    ) -> None:
        """`course` returns the open course, or None; `commit` receives the drawn curve as text."""
        self._app, self._place, self._course, self._commit = app, place, course, commit
        # Returns the curves to show instead of the student's own, with their label, given whether the question is open.
        self.others: Callable[[bool], tuple[tuple[Points, ...], str] | None] = lambda is_open: None  # noqa: ARG005
        self._pen: CurvePen | None = None
        self._pen_of: tuple[Course, str] | None = None  # course and step id that the pen belongs to
        self._has_keys = False  # whether the keys move the pen
        self._shown: tuple[object, ...] = ()  # cache key of `_drawing`: all that it depends on
        self._drawing: Drawing | None = None

    @property
    def _drawn_in(self) -> Course | None:
        """The open course if its current step is one to draw, else None."""
        course = self._course()
        return course if course is not None and course.step is not None and course.step.kind == "draw" else None

    @property
    def pen(self) -> CurvePen | None:
        """The pen of the current step while its question is open, else None; a new pen has the keys."""
        course = self._drawn_in
        if course is None or course.step is None:  # the pen is kept while an earlier step is read again
            return None
        if not course.is_asked:  # a question that is asked anew gets a new pen
            self._pen_of = None
            return None
        from quadfit_tui.teaching.ui.curve_pen import CurvePen

        if self._pen_of != (course, course.step.id):
            self._pen, self._pen_of, self._has_keys = CurvePen(self._drawn(course)), (course, course.step.id), True
        return self._pen

    @property
    def has_pen(self) -> bool:
        """Whether the keys move the pen now."""
        return self.pen is not None and self._has_keys and not self._place.hides_chart

    @property
    def drawing(self) -> Drawing | None:
        """The curves of the current step for the chart, or None; the same object as long as nothing changes."""
        course, pen = self._drawn_in, self.pen
        if course is None or course.step is None or course.step.run is None:
            self._shown, self._drawing = (), None
            return None
        from quadfit_tui.teaching.ui.drawings import drawing_of

        axes, is_open = course.facts.axes(course.step.run), course.hides_outcome
        drawn = self._drawn(course) if pen is None else pen.points
        curves, label = self.others(is_open) or (((drawn,) if drawn else ()), "")
        state = axes, is_open, curves, (pen.across, pen.up) if pen is not None and self.has_pen else None
        if state != self._shown:
            self._shown, self._drawing = state, drawing_of(axes, curves, label, is_open, state[-1]) if curves else None
        return self._drawing

    @staticmethod
    def _drawn(course: Course) -> Points:
        """Returns the points that were committed at the current step; empty if none were."""
        return () if course.step is None else course.progress.records[course.step.id].points

    def show(self) -> None:
        """Shows the current drawing in the chart; called after each change."""
        for panes in self._app.screen_stack[0].query(Panes):
            panes.show_drawing(self.drawing)

    def _after_pen(self) -> None:
        """Refreshes lesson, chart, keys and message after the pen got or lost the keys."""
        self._place.show()
        self.show()
        self._app.refresh_bindings()
        self._app.show_message()

    # Keys, and the mouse

    def take_keys(self) -> bool:
        """Gives the keys to the pen, and brings its chart into sight; returns whether there is a pen."""
        if self.pen is None:
            return False
        self._has_keys = True
        self._place.action_put_aside()
        self._app.query_one(Panes).choose("loss")
        self._after_pen()
        return True

    def action_move_pen(self, across: int, up: int) -> None:
        """Moves the pen by steps, drawing a line."""
        if self.pen is not None:
            self.pen.move(across, up)
            self.show()

    def action_move_tenth(self, by: int) -> None:
        """Moves the pen to the next (1) or previous (-1) tenth of the epochs."""
        if self.pen is not None:
            self.pen.move_tenth(by)
            self.show()

    def action_draw_at(self, x: float, y: float, beside: float, is_drag: bool) -> None:
        """Draws to a point of the chart that was clicked or dragged to, in epochs and mean loss.

        `beside` is the mean loss of the adjacent row. A click into the row of the start means exactly that height,
        since the row has no other height that one could aim at.
        """
        from quadfit_tui.teaching.judging.loss_axes import AT_START, WHOLE

        course = self._drawn_in
        if self.pen is not None and course is not None and course.step is not None and course.step.run is not None:
            axes = course.facts.axes(course.step.run)
            up = axes.height(y)
            is_level = abs(up - AT_START) <= abs(axes.height(beside) - up) / 2
            self.pen.point(WHOLE * x / axes.epochs, AT_START if is_level else up, is_drag)
            if not self._has_keys:
                self.take_keys()
            self.show()

    def action_draw_anew(self) -> None:
        """Clears the drawn curve."""
        from quadfit_tui.teaching.ui.curve_pen import CurvePen

        self._pen = CurvePen()
        self.show()

    def action_put_pen_down(self) -> None:
        """Gives the keys back to the app; on a small screen, brings the question back into sight."""
        self._has_keys = False
        if self._place.is_small:
            self._place.read()
        self._after_pen()

    def action_commit_drawing(self) -> None:
        """Commits the drawn curve as the answer; shows a notice if nothing is drawn."""
        curve = None if self.pen is None else self.pen.curve
        if curve is None:
            self._app.show_notice(_(_NOTHING))
        else:
            self._commit(curve.as_text)
