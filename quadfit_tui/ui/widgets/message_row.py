"""The rows of messages: what the user is told, and nothing else tells; a click tells more of it."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.geometry import Offset, Size
from textual.widget import Widget

from quadfit_tui.ui.messages import NOTHING, Message, MessageContext, messages

_HIGH = 30  # rows of a screen from which on there are two, whatever they say: another height repaints all of it


class MessageRow(Widget):
    """Shows the most important message of a situation, and on high screens the news of the run below it."""

    def __init__(self) -> None:
        super().__init__()
        self._about: MessageContext | None = None
        self.messages: Sequence[Message] = [NOTHING]
        self.is_painted = False  # since the messages last changed

    def show(self, about: MessageContext) -> None:
        """Shows what a situation is about from now on."""
        self._about = about
        width, before = self.content_size.width, self.messages
        if width:
            self.messages = self._said(about, width)
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
        """The rows that it takes, laid out here for the width: what is seen first is right, then."""
        if self._about is not None and width:
            self.messages = self._said(self._about, width)
        return max(len(self._lines(self.messages)), self._rows)

    def _said(self, about: MessageContext, width: int) -> Sequence[Message]:
        return messages(about, width, self._rows)

    @property
    def _rows(self) -> int:
        return 2 if self.app.size.height >= _HIGH else 1

    @staticmethod
    def _lines(said: Sequence[Message]) -> list[Content]:
        return [Content.styled(line, "$text-warning" if each.warns else "") for each in said for line in each.lines]

    async def on_click(self) -> None:
        """Tells more of it; where a field is in use, a click beside it leaves it, and that is all."""
        if self.screen.focused is None:
            await self.run_action("app.diagnose")

    @property
    def message(self) -> Message:
        """The most important message."""
        return self.messages[0]

    @property
    def untold(self) -> str:
        """All of what was told, where it is cut here; of what is known of the run, its page tells more."""
        return self.message.whole if self.is_told else ""

    @property
    def is_told(self) -> bool:
        """Whether it shows something that was just told."""
        return self.display and self.message.is_told

    @property
    def cursor_offset(self) -> Offset | None:
        """Where on the screen it begins to say something."""
        if not (self.display and self.region.area):
            return None
        lines = [line for each in self.messages for line in each.lines]
        above = next((y for y, line in enumerate(lines) if line), 0)
        return self.content_region.offset + Offset(0, above)


class ToldRow(MessageRow):
    """Shows what was told on a page over the main screen, in as many rows as it takes."""

    def _said(self, about: MessageContext, width: int) -> Sequence[Message]:
        return [each for each in super()._said(about, width) if each.is_told] or [NOTHING]

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        super().get_content_height(container, viewport, width)
        return len(self._lines(self.messages))
