"""The footer: the keys that can be pressed, each with its name. A click on one presses it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, ClassVar, NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding
from textual.screen import Screen
from textual.strip import Strip

from quadfit_tui.core.text.language import _
from quadfit_tui.core.text.width import cell_width
from quadfit_tui.ui.toolkit.line_widget import LineWidget

_EDGE = 1  # blank columns at the left, as all other parts of the screen have
_WIDE = 120  # columns of a screen that is `-wide`, on which there are two blanks between keys


class Key(NamedTuple):
    """A key in the bar: Textual's name of it, the sign and label that the bar shows, and whether it works now."""

    key: str
    sign: str
    label: str
    enabled: bool
    tooltip: str

    @property
    def width(self) -> int:
        """The columns of sign and label."""
        return cell_width(f"{self.sign} {self.label}")


class KeyBar(LineWidget):
    """The bar that shows the keys in a row, and leaves out those for which there is no room.

    It is one widget: Textual's footer has one for each key, which takes a fifth of the app's start without imports.
    """

    STYLES: ClassVar[dict[str, str]] = {
        "key": "bold $footer-key-foreground on $footer-key-background",
        "label": "$footer-description-foreground on $footer-description-background",
        "off": "$text-muted",
        "pointed": "on $block-hover-background",
    }
    ALLOW_SELECT = False

    def __init__(
        self,
        also: Mapping[str, str] = MappingProxyType({}),
        label: Callable[[Binding], str] = lambda key: _(key.description),
    ) -> None:
        """Creates a bar that also shows the keys of `also`, with these labels, though their bindings are hidden.

        `label` returns the label of any other key.
        """
        super().__init__()
        self._also, self._label = also, label
        self.keys: list[Key] = []  # includes those for which there is no room
        self._order: Mapping[str, str] = {}
        self._has_order = False  # whether the keys are those of `_order`, the last of which is always in sight
        self._mouse: int | None = None  # column of the mouse
        self._pointed: Key | None = None  # key at the mouse

    def on_mount(self) -> None:
        self.list_keys()
        self.screen.bindings_updated_signal.subscribe(self, self._changed)

    def _changed(self, screen: Screen[Any]) -> None:
        if screen.app.app_focus:  # else the terminal is in the background, and the focused field will come back
            self.list_keys()

    def show(self, order: Mapping[str, str]) -> None:
        """Shows the keys of `order`, with its labels unless these are empty; those of a field while it is in use."""
        if order is not self._order:
            self._order = order
            self.list_keys()

    def list_keys(self) -> None:
        """Updates the keys to those that the screen's bindings have now."""
        active, keys = self.screen.active_bindings, dict[str, Key]()
        self._has_order = bool(self._order) and self.screen.focused is None
        if self._has_order:
            chosen = {key: active[key] for key in self._order if key in active}
        else:
            own = [key for key, entry in active.items() if entry.node is not self.app and entry.binding.show]
            # Answers come first, then the key that leaves.
            own.sort(key=lambda key: (key != "enter", key not in ("y", "n"), key != "escape"))
            chosen = {key: active[key] for key in (*own, *self._also) if key in active}
        for key, (_node, binding, enabled, tooltip) in chosen.items():
            if binding.action not in keys:
                own_label = self._also.get(key) or self._order.get(key)
                label = _(own_label) if own_label else self._label(binding)
                sign = self.app.get_key_display(binding)
                keys[binding.action] = Key(binding.key, sign, label, enabled, _(tooltip))
        if self.keys != [*keys.values()]:
            self.keys = [*keys.values()]
            self._point_at(self._mouse)
            self.refresh()

    def _placed(self) -> Iterator[tuple[int, Key]]:
        """Yields the keys for which there is room, and the columns at which they begin; always the last of an order."""
        begin, gap, last = _EDGE, self._gap, self.keys[-1:] if self._has_order else []
        room = self.size.width - sum(key.width + gap for key in last)
        for key in self.keys[: -len(last) or None]:
            if begin + key.width > room:
                break
            yield begin, key
            begin += key.width + gap
        for key in last:
            if begin + key.width <= self.size.width:
                yield begin, key

    @property
    def _gap(self) -> int:
        return 2 if self.size.width >= _WIDE else 1

    def key_at(self, column: int) -> Key | None:
        """Returns the key at a column, such as that of a click, or None if there is none."""
        return next((key for begin, key in self._placed() if begin <= column < begin + key.width), None)

    def render_line(self, y: int) -> Strip:  # noqa: ARG002  there is one line
        """Renders the row of keys."""
        blank = Style(bgcolor=self.style_of("").bgcolor)
        segments: list[Segment] = []
        for _begin, key in self._placed():
            segments.append(Segment(" " * (self._gap if segments else _EDGE), blank))
            behind = Style(bgcolor=self.style_of("pointed").bgcolor) if key == self._pointed else Style()
            sign, label = (self.style_of(part if key.enabled else "off") + behind for part in ("key", "label"))
            text = Strip([Segment(key.sign, sign), Segment(f" {key.label}", label)], key.width)
            segments += text.apply_offsets(0, 0)  # as Textual's text widgets do: names within an SVG depend on it
        return Strip(segments).adjust_cell_length(self.size.width, blank)

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Presses the key that was clicked; rings the bell if it is disabled."""
        key = self.key_at(event.x)
        if key is not None and key.enabled:
            self.app.simulate_key(key.key)
        elif key is not None:
            self.app.bell()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        self._point_at(event.x)

    def on_leave(self) -> None:
        self._point_at(None)

    def _point_at(self, column: int | None) -> None:
        """Marks the key at the mouse and sets its tooltip; None if the mouse has left."""
        self._mouse = column
        key = None if column is None else self.key_at(column)
        if key != self._pointed:
            self._pointed = key
            self.tooltip = None if key is None else key.tooltip or None
            self.styles.pointer = "default" if key is None else "pointer"
            self.refresh()
