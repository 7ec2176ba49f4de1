"""The footer: the keys that can be pressed, each with its name; a click on one presses it."""

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
_WIDE = 120  # columns from which on there are two blanks between keys: where a screen is `-wide`


class Key(NamedTuple):
    """A key in the bar: which one, what is to be seen of it, whether it can be used now."""

    key: str
    sign: str
    label: str
    enabled: bool
    tooltip: str

    @property
    def width(self) -> int:
        """The columns that it takes."""
        return cell_width(f"{self.sign} {self.label}")


class KeyBar(LineWidget):
    """Shows the keys in a row; those for which there is no room are left out: half a word tells nothing.

    One widget: Textual's footer has another for each key, which takes a fifth of a start but for its imports.
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
        """`also` are keys of a field or page that are told, with these labels, though their bindings are not; `label`
        is what another one is called."""
        super().__init__()
        self._also, self._label = also, label
        self.keys: list[Key] = []  # also those for which there is no room
        self._order: Mapping[str, str] = {}
        self._has_order = False  # whether the keys shown are those, of which the last one is always in sight
        self._mouse: int | None = None  # the column that it is in
        self._pointed: Key | None = None  # the key there

    def on_mount(self) -> None:
        self.list_keys()
        self.screen.bindings_updated_signal.subscribe(self, self._changed)

    def _changed(self, screen: Screen[Any]) -> None:
        if screen.app.app_focus:  # else no field has the keys, but it will again
            self.list_keys()

    def show(self, order: Mapping[str, str]) -> None:
        """Shows these keys from now on, with labels where they have others; while a field is in use, those of that."""
        if order is not self._order:
            self._order = order
            self.list_keys()

    def list_keys(self) -> None:
        """Shows the keys that there are now."""
        active, keys = self.screen.active_bindings, dict[str, Key]()
        self._has_order = bool(self._order) and self.screen.focused is None
        if self._has_order:
            chosen = {key: active[key] for key in self._order if key in active}
        else:
            own = [key for key, each in active.items() if each.node is not self.app and each.binding.show]
            own.sort(key=lambda key: (key != "enter", key not in ("y", "n"), key != "escape"))  # answers, the way out
            chosen = {key: active[key] for key in (*own, *self._also) if key in active}
        for key, (_node, binding, enabled, tooltip) in chosen.items():
            if binding.action not in keys:
                other = self._also.get(key) or self._order.get(key)
                shown = _(other) if other else self._label(binding)
                sign = self.app.get_key_display(binding)
                keys[binding.action] = Key(binding.key, sign, shown, enabled, _(tooltip))
        if self.keys != [*keys.values()]:
            self.keys = [*keys.values()]
            self._point_at(self._mouse)
            self.refresh()

    def _placed(self) -> Iterator[tuple[int, Key]]:
        """The keys for which there is room, and the column at which each begins; of an order the last one is
        always there."""
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
        """The key that a column belongs to."""
        return next((key for begin, key in self._placed() if begin <= column < begin + key.width), None)

    def render_line(self, y: int) -> Strip:  # noqa: ARG002  there is one line
        blank = Style(bgcolor=self.style_of("").bgcolor)
        segments: list[Segment] = []
        for _begin, key in self._placed():
            segments.append(Segment(" " * (self._gap if segments else _EDGE), blank))
            behind = Style(bgcolor=self.style_of("pointed").bgcolor) if key == self._pointed else Style()
            sign, label = (self.style_of(part if key.enabled else "off") + behind for part in ("key", "label"))
            text = Strip([Segment(key.sign, sign), Segment(f" {key.label}", label)], key.width)
            segments += text.apply_offsets(0, 0)  # as Textual's widgets of text: the names within an SVG go by that
        return Strip(segments).adjust_cell_length(self.size.width, blank)

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Does what the key does."""
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
        """Marks the key at the mouse, and tells more of it when the mouse rests there."""
        self._mouse = column
        key = None if column is None else self.key_at(column)
        if key != self._pointed:
            self._pointed = key
            self.tooltip = None if key is None else key.tooltip or None
            self.styles.pointer = "default" if key is None else "pointer"
            self.refresh()
