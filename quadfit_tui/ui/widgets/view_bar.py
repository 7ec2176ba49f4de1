"""The bar of views: number and name of each; those in sight are marked, and a click on one shows it."""

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

_BRIEF = {"parameters": pgettext_noop("view", "Params")}  # where there is not much room


def entries(active: str, width: int, keys: bool = True) -> list[tuple[str, str]]:
    """The views by name with their texts for so many columns: full or brief, or that of the active one alone.

    Brief ones have one blank between them, which belongs to the active one: it has a blank on either side. Without
    `keys` the place of each number is blank.
    """
    numbered = [
        (number if keys else " ", name, pgettext("view", _BRIEF[name]) if name in _BRIEF else view_name(name))
        for number, name in enumerate(VIEWS, 1)
    ]
    choices = (
        [f" {number} {view_name(name)} " for number, name, _brief in numbered],
        _close([f"{number} {brief}" for number, _name, brief in numbered], [*VIEWS].index(active)),
        [f" {number} {brief} " if name == active else f" {number} " for number, name, brief in numbered],
    )
    texts = next((each for each in choices if sum(map(cell_width, each)) <= width), choices[-1])
    return [*zip(VIEWS, texts, strict=True)]


def _close(texts: list[str], active: int) -> list[str]:
    """Texts with one blank between them, and before the first and after the last one."""
    return [f"{' ' * (at in (0, active))}{text}{' ' * (at != active - 1)}" for at, text in enumerate(texts)]


class ViewBar(LineWidget):
    """Shows the bar; the active view stands in brackets where a terminal has no colors."""

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
        """Shows from now on which view is active and which ones are seen."""
        if (active, seen) != (self._active, self._seen):
            self._active, self._seen = active, seen
            self.refresh()

    def show_keys(self, keys: bool) -> None:
        """Shows from now on whether a digit shows the view of its number, or is typed somewhere."""
        if keys != self._keys:
            self._keys = keys
            self.refresh()

    def render_line(self, y: int) -> Strip:  # noqa: ARG002  there is one line
        segments = []
        for name, text in entries(self._active, self.size.width, self._keys):
            part = "active" if name == self._active else "seen" if name in self._seen else "other"
            shown = f"[{text[1:-1]}]" if part == "active" and self._signs else text
            segments.append(Segment(shown, self.style_of(part)))
        return Strip(segments).adjust_cell_length(self.size.width, self.style_of(""))

    async def on_click(self, event: events.Click) -> None:
        """Shows the view that is clicked on; where a field is in use, a click beside it leaves it, and that is all."""
        end = 0
        for name, text in entries(self._active, self.size.width):
            end += cell_width(text)
            if event.x < end and self.screen.focused is None:
                await self.run_action(f"app.view('{name}')")
                return
