"""The base of all screens that open over the main one: pages of text, and lists to choose from."""

from __future__ import annotations

from textual.app import ScreenStackError
from textual.await_complete import AwaitComplete
from textual.screen import ModalScreen, ScreenResultType

from quadfit_tui.core.text.language import N_
from quadfit_tui.ui.messages import MessageContext
from quadfit_tui.ui.widgets.key_bar import KeyBar
from quadfit_tui.ui.widgets.message_row import ToldRow


class Dialog(ModalScreen[ScreenResultType]):
    """A modal screen that is left once, whatever was typed or clicked while it was being left.

    Textual's takes away what is on top, be it this one or not: of keys that come in one packet, a second one still
    finds it, and fails or takes away what lies below.
    """

    def dismiss(self, result: ScreenResultType | None = None) -> AwaitComplete:
        """Leaves it, with a result for whoever opened it."""
        return super().dismiss(result) if self._is_on_top else AwaitComplete()

    def show_progress(self) -> None:
        """Shows what the run has come to meanwhile, where the dialog tells of it."""

    def on_mount(self) -> None:
        self.mount(ToldRow(), KeyBar(also={"up": N_("Move")}))

    def show_message(self, about: MessageContext) -> None:
        """Shows what is told while it is open in the row below it, in the place of its keys."""
        for row in self.query(ToldRow):
            row.display = about.told is not None
            row.show(about)

    @property
    def _is_on_top(self) -> bool:
        try:
            return self.app.screen is self
        except ScreenStackError:  # on the way out
            return False
