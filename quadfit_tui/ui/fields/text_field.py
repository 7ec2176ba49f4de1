"""A one-row field for text, and the wait for what was typed into one."""

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
from quadfit_tui.core.text.width import shortened
from quadfit_tui.ui.fields.ordered_keys import OrderedKeys


def overlong() -> str:
    """What is told of a text that is longer than a field takes."""
    return _("nothing was added: a field holds at most {most} characters").format(most=LONGEST_TEXT)


def cut_text(value: str, width: int) -> Content:
    """What a field of so many columns shows of `value` while it is not in use: its beginning, and a mark of the cut."""
    return Content(value).truncate(width, ellipsis=True, pad=True)


class TextField(OrderedKeys, Input):
    """A one-row input whose cursor does not blink: blinking would send bytes forever."""

    # Textual's has the whole screen laid out anew at each key, though what is typed never changes the size of a field.
    virtual_size = Reactive(Size(0, 0))

    @dataclass
    class Overlong(Message):
        """Something was typed or pasted that would make the text longer than it may be; it was not taken."""

        input: TextField

    def __init__(
        self, value: str = "", placeholder: str = "", id: str | None = None, suggester: Suggester | None = None
    ) -> None:
        super().__init__(value, placeholder, id=id, compact=True, max_length=LONGEST_TEXT, suggester=suggester)
        self.cursor_blink = False
        self.takes_letters = True  # before keys of what it is in

    def check_consume_key(self, key: str, character: str | None) -> bool:
        return self.takes_letters and super().check_consume_key(key, character)

    def render_line(self, y: int) -> Strip:
        """A line of it; one that was left shows its beginning, where Textual's goes on to show where its cursor was.

        What an empty one asks for has a mark where it is cut.
        """
        if not self.value:
            asked = self.placeholder
            self.set_reactive(Input.placeholder, shortened(asked, self.content_size.width))
            line = super().render_line(y)
            self.set_reactive(Input.placeholder, asked)
            return line
        if self.has_focus or y:
            return super().render_line(y)
        shown = cut_text(self.value, self.content_size.width).plain
        return Strip([Segment(shown)]).apply_style(self.rich_style)

    def on_paste(self, event: events.Paste) -> None:
        """Takes from what is pasted what the terminal would obey if it were shown; Textual's own method follows."""
        # No more of it than is known to be too much: the parser has cut it before (see key_parser.py).
        line = next(iter(event.text[: LONGEST_TEXT + 1].splitlines()), "").replace("\t", " ")
        event.text = "".join(each for each in line if unicodedata.category(each) not in ("Cc", "Cs"))

    def restricted(self) -> None:
        """Tells of it; Textual rings the bell, which many have switched off."""
        self.post_message(self.Overlong(self))


class FileSuggester(Suggester):
    """Suggests, behind what is typed, the name of a file that begins so; → takes it.

    It is for a file of samples or, where it `saves`, for one to be written.
    """

    def __init__(self, *, saves: bool = False) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._saves = saves

    async def get_suggestion(self, value: str) -> str | None:
        """The first such name."""
        return completion(value, saves=self._saves)


async def typed_within(owner: Widget) -> None:
    """Waits until what was typed before this key is in the field in use within `owner`, and `owner` has heard of it."""
    focused = owner.screen.focused
    if focused is None:
        return
    # The field has its keys first, then its own message about them, which passes every parent on its way to the owner.
    for node in (focused, *(node for node in focused.ancestors_with_self if owner in node.ancestors_with_self)):
        done = asyncio.Event()
        if node.call_later(done.set):  # else it is being taken apart
            await done.wait()
