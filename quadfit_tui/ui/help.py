"""The help page: every key, from the bindings themselves."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

ABOUT = """\
After each sample or batch, w = (a, b, c) moves against the gradient of the loss, by the learning rate. The log tells \
the last update of each epoch: loss is that of its batch, mean loss that of all samples. Going back forgets nothing: \
from there it plays the same again."""


class HelpScreen(ModalScreen[None]):
    """Lists the keys with what they do."""

    AUTO_FOCUS = "VerticalScroll"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,question_mark,q,enter,space", "dismiss", "Close")]

    def __init__(self, keys: Iterable[tuple[str, str]]) -> None:
        super().__init__()
        self._keys = list(keys)

    def compose(self) -> ComposeResult:
        width = max(len(key) for key, _ in self._keys)
        rows = [Content.assemble((f"{key:>{width}}", "bold $accent"), f"  {what}") for key, what in self._keys]
        with VerticalScroll() as page:
            page.border_title = "Help"
            page.border_subtitle = "↑ ↓ scroll, Esc closes"
            yield Static(ABOUT, markup=False, classes="about")
            yield Static(Content("\n").join(rows))
