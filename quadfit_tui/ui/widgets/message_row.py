"""The rows of messages to the user, which nothing else on the screen shows; a click opens a page about them."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.geometry import Offset, Size
from textual.widget import Widget

from quadfit_tui.ui.messages import NOTHING, Message, MessageContext, messages

_HIGH = 30  # rows of a screen from which on there are always two: a change of height would repaint the whole screen


class MessageRow(Widget):
    """The widget with the most important message of a situation, and on high screens the news of the run below it."""

    def __init__(self) -> None:
        super().__init__()
        self._about: MessageContext | None = None
        self.messages: Sequence[Message] = [NOTHING]
        self.is_painted = False  # whether it was painted since the messages last changed

    def show(self, about: MessageContext) -> None:
        """Shows the messages for a situation."""
        self._about = about
        width, before = self.content_size.width, self.messages
        if width:
            self.messages = self._messages_for(about, width)
            if self.messages != before:
                self.is_painted = False
                self.refresh(layout=len(self._lines(before)) != len(self._lines(self.messages)))

    def on_resize(self) -> None:
        if self._about is not None:
            self.show(self._about)

    def render(self) -> Content:
        self.is_painted = True
        return Content("\n").join(self._lines(self.messages))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002  Textual's
        """Returns how many rows it takes; lays out the messages for the width, so that the first frame is right."""
        if self._about is not None and width:
            self.messages = self._messages_for(self._about, width)
        return max(len(self._lines(self.messages)), self._rows)

    def _messages_for(self, about: MessageContext, width: int) -> Sequence[Message]:
        """Returns the messages for a situation, as lines of `width` columns."""
        return messages(about, width, self._rows)

    @property
    def _rows(self) -> int:
        return 2 if self.app.size.height >= _HIGH else 1

    @staticmethod
    def _lines(messages: Sequence[Message]) -> list[Content]:
        return [
            Content.styled(line, "$text-warning" if message.warns else "")
            for message in messages
            for line in message.lines
        ]

    async def on_click(self) -> None:
        """Opens the page about the messages; if a field is in use, the click only leaves that."""
        if self.screen.focused is None:
            await self.run_action("app.diagnose")

    @property
    def message(self) -> Message:
        """The most important message."""
        return self.messages[0]

    @property
    def full_notice(self) -> str:
        """The whole text of a notice that may be cut here, else ""; messages about the run have a page of their own."""
        return self.message.whole if self.shows_notice else ""

    @property
    def shows_notice(self) -> bool:
        """Whether it shows a notice that the user has just been given."""
        return self.display and self.message.is_notice

    @property
    def cursor_offset(self) -> Offset | None:
        """The place on the screen at which its text begins, for the terminal's cursor; None if it is not seen."""
        if not (self.display and self.region.area):
            return None
        lines = [line for message in self.messages for line in message.lines]
        above = next((y for y, line in enumerate(lines) if line), 0)
        return self.content_region.offset + Offset(0, above)


class NoticeRow(MessageRow):
    """The message row of a page over the main screen: it shows only notices, in as many rows as they take."""

    def _messages_for(self, about: MessageContext, width: int) -> Sequence[Message]:
        return [message for message in super()._messages_for(about, width) if message.is_notice] or [NOTHING]

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        super().get_content_height(container, viewport, width)
        return len(self._lines(self.messages))
