"""MoreRow: the row of the form that stands for its less needed settings, and shows or hides them."""

from __future__ import annotations

from collections.abc import Callable

from textual.content import Content
from textual.widget import Widget

from quadfit_tui.core.text.language import _, ngettext
from quadfit_tui.core.text.width import ellipsize


class MoreRow(Widget, can_focus=True):
    """A row that shows how many settings are hidden; a click or Enter shows them, or hides them again."""

    FOCUS_ON_CLICK = False  # after a click, the keys are still the app's

    def __init__(self, turn: Callable[[], None]) -> None:
        """`turn` is called to show or hide the settings."""
        super().__init__(id="input-more")
        self._turn = turn
        self.hidden = 0

    def show(self, hidden: int) -> None:
        """Sets how many settings are hidden."""
        if hidden != self.hidden:
            self.hidden = hidden
            self.refresh()

    @property
    def help(self) -> str:
        """The help for the row: what Enter does."""
        if self.hidden:
            return _("settings that are needed less often (Enter or ↓ shows them)")
        return _("hide what is needed less often (Enter)")

    def render(self) -> Content:
        text = _("fewer settings")
        if self.hidden:
            text = ngettext("more: {n} setting …", "more: {n} settings …", self.hidden)
        return Content(ellipsize(text, self.content_size.width))

    def on_click(self) -> None:
        """Shows the settings, or hides them."""
        self._turn()
