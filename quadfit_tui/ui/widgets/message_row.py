"""The row of messages: what the user is told, and nothing else tells; a click tells more of it."""

from __future__ import annotations

from textual.content import Content
from textual.geometry import Offset, Size
from textual.widget import Widget

from quadfit_tui.ui.messages import Message, Situation, message

_HIGH = 30  # rows of a screen from which on it may take two


class MessageRow(Widget):
    """Shows the most important message of a situation; repaints it when it changes."""

    def __init__(self) -> None:
        super().__init__()
        self._about: Situation | None = None
        self._room = (0, 0)  # columns and rows that were asked for
        self.message: Message | None = None
        self.is_painted = False  # since the message last changed

    def show(self, about: Situation) -> None:
        """Shows what a situation is about from now on."""
        self._about = about
        width = self.content_size.width
        if width:
            self._put(message(about, width, self._most_rows), width)

    def on_resize(self) -> None:
        if self._about is not None:
            self.show(self._about)

    def render(self) -> Content:
        self.is_painted = True
        return Content("\n".join(self.message.lines if self.message is not None else ()))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002  Textual's
        """The rows that it takes, laid out here for the width: what is seen first is right, then."""
        if self._about is not None and width:
            self.message = message(self._about, width, self._most_rows)
            self._room = width, len(self.message.lines)
        return max(1, self._room[1])

    async def on_click(self) -> None:
        """Tells more of it; where a field is in use, a click beside it leaves it, and that is all."""
        if self.screen.focused is None:
            await self.run_action("app.diagnose")

    @property
    def untold(self) -> str:
        """All of what was told, where it is cut here; of what is known of the run, its page tells more."""
        return self.message.whole if self.message is not None and self.is_told else ""

    @property
    def is_told(self) -> bool:
        """Whether it shows something that was just told."""
        return self.display and self.message is not None and self.message.state in ("kept", "told")

    @property
    def attention(self) -> Offset | None:
        """Where on the screen it begins."""
        return self.content_region.offset if self.display and self.region.area else None

    @property
    def _most_rows(self) -> int:
        return 2 if self.app.size.height >= _HIGH else 1

    def _put(self, new: Message, width: int) -> None:
        before, self.message = self.message, new
        self.set_class(new.warns, "-alarm")
        if before is not None and before.lines == new.lines:
            return
        self.is_painted = False
        if (width, len(new.lines)) != self._room:
            self.refresh(layout=True)  # which repaints the whole screen
        else:
            self.refresh()
