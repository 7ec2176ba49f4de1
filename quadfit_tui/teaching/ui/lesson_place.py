"""LessonPlace: where a lesson is seen: beside the chart, in the place of the log, or on a small screen over the app."""

from __future__ import annotations

from dataclasses import replace

from quadfit_tui.teaching.ui.pane.lesson_page import LessonPage
from quadfit_tui.teaching.ui.pane.lesson_pane import LessonPane
from quadfit_tui.ui.app import QuadfitApp
from quadfit_tui.ui.teaching import Teaching

# Classes of the screen: a lesson is open; it is read, where it lies over the app; the log is in its place.
_OPEN, _READ, _LOG = "-lesson", "-lesson-read", "-lesson-log"
_SMALL = ({"-slim", "-tall"}, {"-short"}, {"-medium"})  # sizes in which it lies over the app


class LessonPlace:
    """The pane of the lesson that is open, and how much of it is in sight."""

    def __init__(self, app: QuadfitApp, lessons: Teaching) -> None:
        self.pane = LessonPane()
        self._app, self._lessons = app, lessons
        self._page = LessonPage(())

    @property
    def is_small(self) -> bool:
        """Whether the lesson lies over the app, while it is read."""
        return any(size <= self._app.screen_stack[0].classes for size in _SMALL)

    @property
    def hides_chart(self) -> bool:
        """Whether it does so now."""
        return self.is_small and self._app.screen_stack[0].has_class(_READ)

    @property
    def can_swap(self) -> bool:
        """Whether the lesson has the place of the log."""
        main = self._app.screen_stack[0]
        return not (self.is_small or (main.has_class("-wide") and main.classes & {"-high", "-higher"}))

    def begin(self) -> None:
        """Gives it a place."""
        self._app.screen_stack[0].add_class(_OPEN)

    def close(self) -> None:
        """Takes the place away."""
        self._app.screen_stack[0].set_focus(None)
        self._app.screen_stack[0].remove_class(_OPEN, _READ, _LOG)

    def show(self, page: LessonPage | None = None, reads: bool = False) -> None:
        """Shows a page, or that one again, in sight if it is to be read; with the keys of the pen while it has them."""
        if reads:
            self.read()
        self._page = page or self._page
        self.pane.show(replace(self._page, prompt=self._page.typing) if self._lessons.has_pen else self._page)

    def read(self) -> None:
        """Has the lesson be in sight."""
        self._app.screen_stack[0].add_class(_READ).remove_class(_LOG)
        self._app.refresh_bindings()

    def remark(self, text: str) -> None:
        """Says something where the lesson says which keys lead on; in the row of messages where it is out of sight."""
        main = self._app.screen_stack[0]
        if (self.is_small and not main.has_class(_READ)) or (self.can_swap and main.has_class(_LOG)):
            self._app.show_notice(text)
        else:
            self.pane.remark(text)

    def action_swap(self) -> None:
        """Shows the log in the place of the lesson, or the lesson again."""
        self._app.screen_stack[0].toggle_class(_LOG)

    def action_put_aside(self) -> None:
        """Shows the app, over which the lesson lies on a small screen."""
        self._app.screen_stack[0].remove_class(_READ)
        self._app.refresh_bindings()
