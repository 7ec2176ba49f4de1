"""The footer: the keys that can be pressed."""

from __future__ import annotations

from typing import Any

from textual.screen import Screen
from textual.widgets import Footer

from quadfit_tui.ui.display.textual_internals import show_keys_at_once


class KeyBar(Footer):
    """The keys; made anew only when they are others, without which a key in a field costs 1.5 times as much."""

    def __init__(self) -> None:
        super().__init__(show_command_palette=False, compact=True)
        show_keys_at_once(self)
        self._listed: list[Any] = []

    def compose(self) -> Any:
        self._listed = self._list()
        for widget in super().compose():
            widget.add_class("-compact", update=False)  # else each key is styled a second time when it is told so
            yield widget

    def bindings_changed(self, screen: Screen[Any]) -> None:
        if self.is_attached and self._list() != self._listed:
            super().bindings_changed(screen)

    def _list(self) -> list[Any]:
        """What is to be seen: the keys of the footer, and whether each can be used now."""
        return [(each.binding, each.enabled) for each in self.screen.active_bindings.values() if each.binding.show]
