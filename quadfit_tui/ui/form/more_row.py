"""The row of the form that stands for the settings that are needed less often, which it hides."""

from __future__ import annotations

from collections.abc import Callable

from textual.content import Content
from textual.widget import Widget

from quadfit_tui.core.text.language import _, ngettext
from quadfit_tui.core.text.width import shortened


class MoreRow(Widget, can_focus=True):
    """Says how many settings are hidden; where none is, a click hides them again."""

    FOCUS_ON_CLICK = False  # who opens it by the mouse has the keys of the app still

    def __init__(self, turn: Callable[[], None]) -> None:
        """`turn` shows the settings, or hides them."""
        super().__init__(id="input-more")
        self._turn = turn
        self.hidden = 0

    def show(self, hidden: int) -> None:
        """Says from now on that so many settings are hidden."""
        if hidden != self.hidden:
            self.hidden = hidden
            self.refresh()

    @property
    def help(self) -> str:
        """What it is for, and how."""
        if self.hidden:
            return _("settings that are needed less often (Enter or ↓ shows them)")
        return _("hide what is needed less often (Enter)")

    def render(self) -> Content:
        told = _("fewer settings")
        if self.hidden:
            told = ngettext("more: {n} setting …", "more: {n} settings …", self.hidden)
        return Content(shortened(told, self.content_size.width))

    def on_click(self) -> None:
        """Shows the settings, or hides them."""
        self._turn()
