"""FittedText: shows the longest of several wordings that fits into its rows."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.widgets import Static

from quadfit_tui.core.text.width import cell_width, cut, ellipsize, wrapped


class FittedText(Static):
    """A widget that shows the first of several wordings that fits into it, or else as much of the last as fits."""

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id, markup=False)
        self._ways: tuple[str, ...] = ("",)

    def set_texts(self, *ways: str) -> None:
        """Sets the wordings of the text, the longest first, and repaints the widget if they differ."""
        if ways != self._ways:
            self._ways = ways
            self.refresh()

    def render(self) -> Content:
        width, rows = self.content_size
        lines = fitting(self._ways, width, rows)
        if lines is None:
            lines = cut_to(self._ways[-1], width, max(1, rows))
        return Content("\n".join(lines))


def fitting(ways: Sequence[str], width: int, rows: int) -> list[str] | None:
    """Returns the wrapped lines of the first wording that fits into so many columns and rows, or None if none does."""
    laid_out = (wrapped(way, max(1, width)) for way in ways)
    return next((lines for lines in laid_out if len(lines) <= rows), None)


def cut_to(text: str, width: int, rows: int, more: str = "…") -> list[str]:
    """Wraps a text that does not fit, and cuts it after so many rows; `more` ends the last one."""
    *above, last = wrapped(text, max(1, width))[:rows]
    room = width - cell_width(more)
    return [*above, cut(last, room) + more if room > 0 else ellipsize(last, width)]
