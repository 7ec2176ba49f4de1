"""Explained: the base of widgets that show a word's meaning in a tooltip while the mouse rests on it."""

from __future__ import annotations

from textual import events
from textual.widget import Widget

from quadfit_tui.ui.toolkit.textual_internals import clear_tooltip


class Explained(Widget):
    """A widget whose tooltip explains the word under the mouse; subclasses override `meaning_at`."""

    def meaning_at(self, x: int, y: int) -> str:  # noqa: ARG002  subclasses use them
        """Returns the meaning of the word at a position within the widget; empty if nothing is explained there."""
        return ""

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Sets the tooltip for the word to which the mouse has moved."""
        self._explain(self.meaning_at(event.x, event.y))

    def on_leave(self) -> None:
        """Hides the tooltip at once; Textual would wait until the mouse reaches another widget."""
        self._explain("")
        clear_tooltip(self.screen)

    def _explain(self, meaning: str) -> None:
        """Sets the tooltip, or removes it for an empty text, if that differs from the present one."""
        if meaning != (self.tooltip or ""):
            self.tooltip = meaning or None
