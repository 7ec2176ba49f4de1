"""What lies over the app until it is left: pages of text, and lists to choose from."""

from __future__ import annotations

from textual.app import ScreenStackError
from textual.await_complete import AwaitComplete
from textual.screen import ModalScreen, ScreenResultType


class Dialog(ModalScreen[ScreenResultType]):
    """A modal screen that is left once, whatever was typed or clicked while it was being left.

    Textual's takes away what is on top, be it this one or not, and fails where it is told so twice: of keys that come
    in one packet, the second one still finds it.
    """

    _is_left = False

    def dismiss(self, result: ScreenResultType | None = None) -> AwaitComplete:
        """Leaves it, with a result for whoever opened it."""
        if self._is_left or not self._is_on_top:
            return AwaitComplete()
        self._is_left = True
        return super().dismiss(result)

    @property
    def _is_on_top(self) -> bool:
        try:
            return self.app.screen is self
        except ScreenStackError:  # on the way out
            return False
