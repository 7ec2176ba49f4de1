"""The bar of views: number and name of each. Those in sight are marked, and a click on one shows it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.strip import Strip

from quadfit_tui.core.text.language import pgettext, pgettext_noop
from quadfit_tui.core.text.width import cell_width
from quadfit_tui.ui.toolkit.line_widget import LineWidget
from quadfit_tui.ui.views.view_table import VIEWS, view_name

_BRIEF = {"parameters": pgettext_noop("view", "Params")}  # names of views for narrow bars


def entries(active: str, width: int, keys: bool = True) -> list[tuple[str, str]]:
    """Returns the name and the text of each view in a bar of `width` columns: full, brief, or only the active one's.

    Brief texts have one blank between them; those beside the active one belong to its text. Without `keys` blanks
    replace the numbers.
    """
    numbered = [
        (number if keys else " ", name, pgettext("view", _BRIEF[name]) if name in _BRIEF else view_name(name))
        for number, name in enumerate(VIEWS, 1)
    ]
    choices = (
        [f" {number} {view_name(name)} " for number, name, _brief in numbered],
        _spaced([f"{number} {brief}" for number, _name, brief in numbered], [*VIEWS].index(active)),
        [f" {number} {brief} " if name == active else f" {number} " for number, name, brief in numbered],
    )
    texts = next((choice for choice in choices if sum(map(cell_width, choice)) <= width), choices[-1])
    return [*zip(VIEWS, texts, strict=True)]


def _spaced(texts: list[str], active: int) -> list[str]:
    """Adds one blank between texts, before the first and after the last; the active one gets those on either side."""
    spaced = []
    for index, text in enumerate(texts):
        before = " " if index in (0, active) else ""
        after = "" if index == active - 1 else " "
        spaced.append(f"{before}{text}{after}")
    return spaced


class ViewBar(LineWidget):
    """The bar of views; with `signs`, for terminals without colors, the active view stands in brackets."""

    STYLES: ClassVar[dict[str, str]] = {
        "active": "bold $on-primary on $primary",
        "seen": "bold $text-primary",
        "other": "$text-muted",
    }

    def __init__(self, signs: bool) -> None:
        super().__init__()
        self._signs = signs
        self._keys = True
        self._active = next(iter(VIEWS))
        self._seen: Sequence[str] = ()

    def show(self, active: str, seen: Sequence[str]) -> None:
        """Marks the active view and the views that are seen."""
        if (active, seen) != (self._active, self._seen):
            self._active, self._seen = active, seen
            self.refresh()

    def show_keys(self, keys: bool) -> None:
        """Shows the numbers of views, or hides them while digits are typed into a field and switch no view."""
        if keys != self._keys:
            self._keys = keys
            self.refresh()

    def render_line(self, y: int) -> Strip:  # noqa: ARG002  there is one line
        """Renders the row of views."""
        segments = []
        for name, text in entries(self._active, self.size.width, self._keys):
            if name == self._active:
                label, part = f"[{text[1:-1]}]" if self._signs else text, "active"
            else:
                label, part = text, "seen" if name in self._seen else "other"
            segments.append(Segment(label, self.style_of(part)))
        return Strip(segments).adjust_cell_length(self.size.width, self.style_of(""))

    async def on_click(self, event: events.Click) -> None:
        """Shows the view that was clicked; if a field is in use, the click only leaves that."""
        end = 0
        for name, text in entries(self._active, self.size.width):
            end += cell_width(text)
            if event.x < end and self.screen.focused is None:
                await self.run_action(f"app.view('{name}')")
                return
