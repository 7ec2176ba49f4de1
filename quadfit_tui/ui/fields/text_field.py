"""TextField, a one-row field for text, its suggestions of file names, and the wait until typed keys are handled."""

from __future__ import annotations

import asyncio
import unicodedata
from dataclasses import dataclass

from rich.segment import Segment
from textual import events
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.reactive import Reactive
from textual.strip import Strip
from textual.suggester import Suggester
from textual.widget import Widget
from textual.widgets import Input

from quadfit_tui.core.files.folders import completion
from quadfit_tui.core.text.language import _
from quadfit_tui.core.text.quoting import LONGEST_TEXT
from quadfit_tui.core.text.width import ellipsize
from quadfit_tui.ui.fields.ordered_keys import OrderedKeys


def overlong() -> str:
    """Returns the message that a typed or pasted text was refused because the field would be too long."""
    return _("nothing was added: a field holds at most {most} characters").format(most=LONGEST_TEXT)


def cut_text(value: str, width: int) -> Content:
    """Cuts the value of a field without focus to so many columns, with a mark at the cut."""
    return Content(value).truncate(width, ellipsis=True, pad=True)


class TextField(OrderedKeys, Input):
    """A one-row input whose cursor does not blink: blinking would send bytes forever."""

    # Textual's reactive lays out the whole screen at each key, though typing never changes the size of a field.
    virtual_size = Reactive(Size(0, 0))

    @dataclass
    class Overlong(Message):
        """A typed or pasted text was refused because the field would become too long."""

        input: TextField

    def __init__(
        self, value: str = "", placeholder: str = "", id: str | None = None, suggester: Suggester | None = None
    ) -> None:
        super().__init__(value, placeholder, id=id, compact=True, max_length=LONGEST_TEXT, suggester=suggester)
        self.cursor_blink = False
        self.takes_letters = True  # whether letters are text, and not keys of a widget around it
        self._focused_at = 0.0  # time of the event

    def on_focus(self, event: events.Focus) -> None:
        self._focused_at = event.time

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Keeps all of the text selected if this click gave the field the focus: what is typed then replaces it."""
        if self.select_on_focus and event.time <= self._focused_at:
            event.prevent_default()

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Whether the field handles a key as text, so that it triggers no binding."""
        return self.takes_letters and super().check_consume_key(key, character)

    def render_line(self, y: int) -> Strip:
        """Renders a line; without focus, it shows the beginning of the value and not, as Textual's, its scrolled part.

        A placeholder that is too long is cut with a mark.
        """
        if not self.value:
            placeholder = self.placeholder
            self.set_reactive(Input.placeholder, ellipsize(placeholder, self.content_size.width))
            line = super().render_line(y)
            self.set_reactive(Input.placeholder, placeholder)
            return line
        if self.has_focus or y:
            return super().render_line(y)
        beginning = cut_text(self.value, self.content_size.width).plain
        return Strip([Segment(beginning)]).apply_style(self.rich_style)

    def on_paste(self, event: events.Paste) -> None:
        """Reduces a pasted text to one line without control characters, before Textual's own method inserts it."""
        # One character more than allowed is enough to refuse it; the parser has cut it before (see key_parser.py).
        line = next(iter(event.text[: LONGEST_TEXT + 1].splitlines()), "").replace("\t", " ")
        event.text = "".join(char for char in line if unicodedata.category(char) not in ("Cc", "Cs"))

    def restricted(self) -> None:
        """Posts Overlong for a refused text; Textual only rings the bell, which many users have switched off."""
        self.post_message(self.Overlong(self))


class FileSuggester(Suggester):
    """A suggester of file names that begin as the typed text; → accepts the suggestion.

    It suggests data files or, with `saves`, files to write.
    """

    def __init__(self, *, saves: bool = False) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._saves = saves

    async def get_suggestion(self, value: str) -> str | None:
        """Returns the first matching file name, or None if there is none."""
        return completion(value, saves=self._saves)


async def typed_within(owner: Widget) -> None:
    """Waits until the focused field within `owner` has handled all keys typed so far, and `owner` its messages."""
    focused = owner.screen.focused
    if focused is None:
        return
    # The field handles its keys first, then posts a message about them, which passes each parent up to the owner.
    for node in (focused, *(node for node in focused.ancestors_with_self if owner in node.ancestors_with_self)):
        is_idle = asyncio.Event()
        if node.call_later(is_idle.set):  # else the node is closing
            await is_idle.wait()
