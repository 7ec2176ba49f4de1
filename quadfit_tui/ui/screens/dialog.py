"""Dialog: the base of all screens that open over the main one: pages of text, and lists to choose from."""

from __future__ import annotations

from textual.app import ScreenStackError
from textual.await_complete import AwaitComplete
from textual.screen import ModalScreen, ScreenResultType

from quadfit_tui.core.text.language import N_
from quadfit_tui.ui.messages import MessageContext
from quadfit_tui.ui.widgets.key_bar import KeyBar
from quadfit_tui.ui.widgets.message_row import NoticeRow


class Dialog(ModalScreen[ScreenResultType]):
    """A modal screen that closes once, whatever is typed or clicked while it closes.

    Textual's `dismiss` removes the top screen even if that is another one. Of two keys in one packet, the second still
    reaches the closed dialog, and would fail or close the screen below it.
    """

    def dismiss(self, result: ScreenResultType | None = None) -> AwaitComplete:
        """Closes the dialog with a result for the caller that opened it; does nothing if it is closed already."""
        return super().dismiss(result) if self._is_on_top else AwaitComplete()

    def show_progress(self) -> None:
        """Updates what the dialog shows of the current run; called with each new moment. Subclasses override it."""

    def on_mount(self) -> None:
        self.mount(NoticeRow(), KeyBar(also={"up": N_("Move")}))

    def show_message(self, about: MessageContext) -> None:
        """Shows a notice in the row below the dialog, in place of its keys; called when the messages change."""
        for row in self.query(NoticeRow):
            row.display = about.notice is not None
            row.show(about)

    @property
    def _is_on_top(self) -> bool:
        """Whether no other screen is over the dialog, and it is open."""
        try:
            return self.app.screen is self
        except ScreenStackError:  # the app exits
            return False
