"""A field for one word of a few, in one row: cheaper to paint over a slow link than a list that drops down."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from quadfit_tui.core.text.language import N_
from quadfit_tui.core.text.quoting import normalized
from quadfit_tui.core.text.width import cell_width
from quadfit_tui.ui.fields.ordered_keys import OrderedKeys


def choice_text(value: str, width: int) -> str:
    """The text of a field that has `value`, in so many columns."""
    space = " " if cell_width(value) + 4 <= width else ""
    return f"‹{space}{value}{space}›"


class ChoiceField(OrderedKeys, Widget, can_focus=True):
    """Shows `value`; the arrow keys, space, a first letter or a click take another of `options`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "turn(-1)", N_("previous / next option"), key_display="←", show=False),
        Binding("right,space", "turn(1)", N_("previous / next option"), key_display="→", show=False),
    ]

    value: reactive[str] = reactive("")

    @dataclass
    class Changed(Message):
        """The user took another value."""

        choice: ChoiceField

    def __init__(self, options: tuple[str, ...], value: str, id: str | None = None) -> None:
        super().__init__(id=id)
        self.options = options
        self.set_reactive(ChoiceField.value, value)

    def render(self) -> Content:
        return Content(choice_text(self.value, self.content_size.width))

    def check_consume_key(self, key: str, character: str | None) -> bool:  # noqa: ARG002  Textual's signature
        """Letters stay in the field, as in one that is typed into."""
        return character is not None and character.isprintable()

    async def on_key(self, event: events.Key) -> None:
        if event.character is None or not event.character.isprintable() or event.key == "space":
            return
        event.stop()
        typed = normalized(event.character).lower()
        others = self.options[self._index + 1 :] + self.options[: self._index + 1]
        match = next((option for option in others if option.startswith(typed)), None)
        if match is not None:
            self._take(match)

    def on_click(self, event: events.Click) -> None:
        self.turn_at(event.x)

    def turn_at(self, column: int) -> None:
        """Does what a click there does: on the left end it goes back, elsewhere on."""
        self.action_turn(-1 if column < 2 else 1)

    @property
    def _index(self) -> int:
        return self.options.index(self.value) if self.value in self.options else -1

    def action_turn(self, by: int) -> None:
        """Takes the next or the previous option."""
        self._take(self.options[(max(self._index, 0 if by < 0 else -1) + by) % len(self.options)])

    def _take(self, value: str) -> None:
        self.value = value
        self.post_message(self.Changed(self))
