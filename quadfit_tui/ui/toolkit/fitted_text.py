"""A text of a few rows, in the fullest way that these have room for."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from quadfit_tui.core.text.width import cut, wrapped


class FittedText(Static):
    """Shows a text in the ways that there are to say it: the first that fits, or else as much of the last one."""

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id, markup=False)
        self._ways: tuple[str, ...] = ("",)

    def tell(self, *ways: str) -> None:
        """Shows this from now on; the fullest way comes first."""
        if ways != self._ways:
            self._ways = ways
            self.refresh()

    def render(self) -> Content:
        return Content("\n".join(fitting(self._ways, *self.content_size)))


def fitting(ways: tuple[str, ...], width: int, rows: int) -> list[str]:
    """The first way that has room, in rows; of the last one what there is room for, and an ellipsis."""
    laid_out = [wrapped(way, max(1, width)) for way in ways]
    lines = next((lines for lines in laid_out if len(lines) <= rows), None)
    if lines is None:
        *above, last = laid_out[-1][: max(1, rows)]
        lines = [*above, f"{cut(last, width - 1)}…"]
    return lines
