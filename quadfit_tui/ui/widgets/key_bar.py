"""The footer: the keys that can be pressed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rich.cells import cell_len
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Footer

from quadfit_tui.ui.display.textual_internals import FooterKey, show_keys_at_once


class KeyBar(Footer):
    """The keys; made anew only when they are others, without which a key in a field costs 1.5 times as much."""

    def __init__(self) -> None:
        super().__init__(show_command_palette=False, compact=True)
        show_keys_at_once(self)
        self._listed: list[Any] = []

    def compose(self) -> Any:
        self._listed = self._list()
        keys = [*super().compose()]
        for widget in keys:
            widget.add_class("-compact", update=False)  # else each key is styled a second time when it is told so
        _fit(keys, self.app.size.width)
        yield from keys

    def on_resize(self) -> None:
        _fit(self.children, self.app.size.width)

    def bindings_changed(self, screen: Screen[Any]) -> None:
        if self.is_attached and self._list() != self._listed:
            super().bindings_changed(screen)

    def _list(self) -> list[Any]:
        """What is to be seen: the keys of the footer, and whether each can be used now."""
        return [(each.binding, each.enabled) for each in self.screen.active_bindings.values() if each.binding.show]


def _fit(keys: Iterable[Widget], width: int) -> None:
    """Hides the keys for which there is no room: half a word tells nothing."""
    end = 0
    for key in keys:
        if isinstance(key, FooterKey):
            end += cell_len(key.key_display) + 1 + cell_len(key.description)
            key.display = end <= width
            end += 1
