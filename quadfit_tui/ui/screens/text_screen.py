"""TextScreen: a scrolling page of text over the main screen, the base of help and diagnosis."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from quadfit_tui.core.text.language import N_
from quadfit_tui.ui.screens.dialog import Dialog
from quadfit_tui.ui.toolkit.textual_internals import bindings_of


class TextScreen(Dialog[Any]):
    """A page with a text, which Esc or its own keys close; the arrows, PgUp, PgDn, Home and End scroll it."""

    AUTO_FOCUS = "VerticalScroll"
    # With priority, so that the keys typed after one that closes it are for the screen below.
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q", "dismiss", N_("Close"), priority=True)]

    def __init__(self, heading: str, text: Content | str, keys: str, others: Mapping[str, str] | None = None) -> None:
        """`keys` also close the page, in the notation of a Binding; as a rule, they opened it.

        `others` are keys that open another page instead, each with an action of the app.
        """
        super().__init__()
        self._heading = heading
        self._body = Static(text, markup=False)
        bindings = bindings_of(self)
        bindings.bind(keys, "dismiss", N_("Close"), priority=True)
        for key, action in (others or {}).items():
            bindings.bind(key, f"leave_for('{action}')", N_("Another page"), priority=True)

    def compose(self) -> ComposeResult:
        with VerticalScroll() as page:
            page.border_title = self._heading
            yield self._body

    async def action_leave_for(self, action: str) -> None:
        """Closes the page, and runs an action of the app."""
        self.dismiss()
        await self.app.run_action(action)
