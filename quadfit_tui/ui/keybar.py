"""The keys at the bottom of the screen: one line, painted. Textual's Footer has a widget for each key, and makes all of
them anew whenever another field, page or mode has other ones."""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.screen import Screen
from textual.strip import Strip

from quadfit_tui.ui.painted import Painted


class Key(NamedTuple):
    """A key as it is shown, and what a click on it stands for."""

    name: str
    shown: str
    label: str
    tooltip: str
    works: bool

    @property
    def width(self) -> int:
        """The columns that it takes."""
        return cell_len(self.shown) + 1 + cell_len(self.label)


def placed(keys: list[Key], width: int) -> list[tuple[int, Key]]:
    """The keys with the columns where they begin; of the last one that there is room for, the label may be cut."""
    places, column = [], 0
    for key in keys:
        if column + cell_len(key.shown) + 1 >= width:
            break
        places.append((column, key))
        column += key.width + 1
    return places


class KeyBar(Painted):
    """Shows the keys that can be used now, dims those that only do nothing at present, and takes clicks."""

    GROUP = "keys"
    COMPONENT_CLASSES: ClassVar[set[str]] = {"keys--key", "keys--label", "keys--pointed"}
    ALLOW_SELECT = False

    def __init__(self) -> None:
        super().__init__()
        self._keys: list[Key] = []
        self._pointed: Key | None = None

    def on_mount(self) -> None:
        self._keys = self._list()
        self.screen.bindings_updated_signal.subscribe(self, self._bindings_changed)

    def _bindings_changed(self, screen: Screen[Any]) -> None:
        if screen is self.screen and (keys := self._list()) != self._keys:
            self._keys = keys
            self._point_at(None)
            self.refresh()

    def _list(self) -> list[Key]:
        """Of the keys for one action, the first."""
        keys: dict[str, Key] = {}
        for _, binding, enabled, tooltip in self.screen.active_bindings.values():
            if binding.show and binding.action not in keys:
                display = self.app.get_key_display(binding)
                keys[binding.action] = Key(binding.key, display, binding.description, tooltip, enabled)
        return list(keys.values())

    def render_line(self, y: int) -> Strip:  # noqa: ARG002  there is one line
        """The keys, as many as there is room for."""
        segments, gap = [], Segment(" ", self.style_of(""))
        for _, key in placed(self._keys, self.size.width):
            segments += [
                Segment(key.shown, self._style("key", key)),
                Segment(f" {key.label}", self._style("label", key)),
                gap,
            ]
        return Strip(segments).adjust_cell_length(self.size.width, self.style_of(""))

    def _style(self, part: str, key: Key) -> Style:
        style = self.style_of(part)
        if key is self._pointed:
            style += Style(bgcolor=self.style_of("pointed").bgcolor)
        return style if key.works else style + Style(dim=True)

    def on_mouse_down(self, event: events.MouseDown) -> None:
        key = self.at(event.x)
        if key is not None and key.works:
            self.app.simulate_key(key.name)
        elif key is not None:
            self.app.bell()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        self._point_at(self.at(event.x))

    def on_leave(self) -> None:
        self._point_at(None)

    def at(self, column: int) -> Key | None:
        """The key that is there."""
        places = placed(self._keys, self.size.width)
        return next((key for start, key in places if start <= column < start + key.width), None)

    def _point_at(self, key: Key | None) -> None:
        if key is not self._pointed:
            self._pointed = key
            self.tooltip = None if key is None else key.tooltip or None
            self.refresh()
