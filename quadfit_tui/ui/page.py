"""A page of text over the app, which scrolls; help, the principle and the like are pages."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static


class Page(ModalScreen[None]):
    """Shows a text until Esc or one of its own keys; the arrows, PgUp, PgDn, Home and End scroll in it."""

    AUTO_FOCUS = "VerticalScroll"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q", "dismiss", "Close")]

    def __init__(self, heading: str, text: Content | str, keys: str) -> None:
        """`keys` close it, too: those that opened it, as in a Binding; a text without style may be a string."""
        super().__init__()
        self._heading = heading
        self._text = text
        self._bindings.bind(keys, "dismiss", "Close")

    def compose(self) -> ComposeResult:
        with VerticalScroll() as page:
            page.border_title = self._heading
            page.border_subtitle = "↑ ↓ scroll, Esc closes"
            yield Static(self._text, markup=False)
