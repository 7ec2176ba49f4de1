"""ChoiceField: a one-row field for one of a few options, cheaper to paint over a slow link than a drop-down list."""

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
    """Formats the value of a choice field for so many columns."""
    space = " " if cell_width(value) + 4 <= width else ""
    return f"‹{space}{value}{space}›"


class ChoiceField(OrderedKeys, Widget, can_focus=True):
    """A field with one `value` of its `options`: arrow keys, space, a first letter or a click choose another."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "turn(-1)", N_("previous / next option"), key_display="←", show=False),
        Binding("right,space", "turn(1)", N_("previous / next option"), key_display="→", show=False),
    ]

    value: reactive[str] = reactive("")

    @dataclass
    class Changed(Message):
        """The user has chosen another value."""

        choice: ChoiceField

    def __init__(self, options: tuple[str, ...], value: str, id: str | None = None) -> None:
        super().__init__(id=id)
        self.options = options
        self.set_reactive(ChoiceField.value, value)

    def render(self) -> Content:
        return Content(choice_text(self.value, self.content_size.width))

    def check_consume_key(self, key: str, character: str | None) -> bool:  # noqa: ARG002  Textual's signature
        """Whether the field handles a key itself: it does for letters, so that they trigger no bindings of the app."""
        return character is not None and character.isprintable()

    async def on_key(self, event: events.Key) -> None:
        """Chooses the next option that begins with the typed letter."""
        if event.character is None or not event.character.isprintable() or event.key == "space":
            return
        event.stop()
        letter = normalized(event.character).lower()
        others = self.options[self._index + 1 :] + self.options[: self._index + 1]
        match = next((option for option in others if option.startswith(letter)), None)
        if match is not None:
            self._choose(match)

    def on_click(self, event: events.Click) -> None:
        self.turn_at(event.x)

    def turn_at(self, column: int) -> None:
        """Chooses the previous option for a click on the first two columns, or else the next one."""
        self.action_turn(-1 if column < 2 else 1)

    @property
    def _index(self) -> int:
        return self.options.index(self.value) if self.value in self.options else -1

    def action_turn(self, by: int) -> None:
        """Chooses the next option (`by` 1) or the previous one (-1)."""
        self._choose(self.options[(max(self._index, 0 if by < 0 else -1) + by) % len(self.options)])

    def _choose(self, value: str) -> None:
        """Sets the value, and posts that the user has changed it."""
        self.value = value
        self.post_message(self.Changed(self))
