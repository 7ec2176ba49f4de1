"""LessonPlace: where a lesson is seen: beside the chart, in the place of the log, or on a small screen over the app."""

from __future__ import annotations

from dataclasses import replace

from quadfit_tui.teaching.ui.pane.lesson_page import LessonPage
from quadfit_tui.teaching.ui.pane.lesson_pane import LessonPane
from quadfit_tui.ui.app import QuadfitApp
from quadfit_tui.ui.teaching import Teaching

# CSS classes of the screen: a lesson is open; it is in sight, if it lies over the app; the log is in its place.
_OPEN, _READ, _LOG = "-lesson", "-lesson-read", "-lesson-log"
_SMALL = ({"-slim", "-tall"}, {"-short"}, {"-medium"})  # classes of screen sizes where a lesson lies over the app


class LessonPlace:
    """The pane of the open lesson on the main screen, and whether it is in sight."""

    def __init__(self, app: QuadfitApp, lessons: Teaching) -> None:
        self.pane = LessonPane()
        self._app, self._lessons = app, lessons
        self._page = LessonPage(())

    @property
    def is_small(self) -> bool:
        """Whether the screen is so small that the lesson covers the app while it is read."""
        return any(size <= self._app.screen_stack[0].classes for size in _SMALL)

    @property
    def hides_chart(self) -> bool:
        """Whether the lesson covers the app, and so the chart, right now."""
        return self.is_small and self._app.screen_stack[0].has_class(_READ)

    @property
    def can_swap(self) -> bool:
        """Whether the lesson and the log share one place on this screen, so that a key can swap them."""
        main = self._app.screen_stack[0]
        return not (self.is_small or (main.has_class("-wide") and main.classes & {"-high", "-higher"}))

    def begin(self) -> None:
        """Shows the pane when a lesson is opened."""
        self._app.screen_stack[0].add_class(_OPEN)

    def close(self) -> None:
        """Hides the pane when the lesson is closed."""
        self._app.screen_stack[0].set_focus(None)
        self._app.screen_stack[0].remove_class(_OPEN, _READ, _LOG)

    def show(self, page: LessonPage | None = None, reads: bool = False) -> None:
        """Shows a page, by default the last one again; with `reads` it is brought into sight.

        While the pen has the keys, the page shows the pen's keys.
        """
        if reads:
            self.read()
        self._page = page or self._page
        self.pane.show(replace(self._page, prompt=self._page.typing) if self._lessons.has_pen else self._page)

    def read(self) -> None:
        """Brings the lesson into sight, over the app or in the place of the log."""
        self._app.screen_stack[0].add_class(_READ).remove_class(_LOG)
        self._app.refresh_bindings()

    def remark(self, text: str) -> None:
        """Shows a remark in the line of the keys of the lesson, or as a notice if the lesson is out of sight."""
        main = self._app.screen_stack[0]
        if (self.is_small and not main.has_class(_READ)) or (self.can_swap and main.has_class(_LOG)):
            self._app.show_notice(text)
        else:
            self.pane.remark(text)

    def action_swap(self) -> None:
        """Swaps the lesson and the log, which share one place."""
        self._app.screen_stack[0].toggle_class(_LOG)

    def action_put_aside(self) -> None:
        """Shows the app again, which the lesson covers on a small screen."""
        self._app.screen_stack[0].remove_class(_READ)
        self._app.refresh_bindings()
