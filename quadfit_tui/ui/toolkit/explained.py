"""Explained: a widget that tells what a word means while the mouse rests on it."""

from __future__ import annotations

from textual import events
from textual.widget import Widget

from quadfit_tui.ui.toolkit.textual_internals import clear_tooltip


class Explained(Widget):
    """Has a tooltip of the word at the mouse; none beside words."""

    def meaning_at(self, x: int, y: int) -> str:  # noqa: ARG002  for those that override it
        """Returns what the word at a place within the widget means; empty if none is explained there."""
        return ""

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Explains what the mouse has come to."""
        self._explain(self.meaning_at(event.x, event.y))

    def on_leave(self) -> None:
        """Explains nothing any more; at once, where Textual would wait for what the mouse comes to."""
        self._explain("")
        clear_tooltip(self.screen)

    def _explain(self, meaning: str) -> None:
        if meaning != (self.tooltip or ""):
            self.tooltip = meaning or None
