"""A page of text in the place that it has: folded to its width, and as many rows of it as there is room for."""

from __future__ import annotations

from bisect import bisect_right
from typing import NamedTuple

from quadfit_tui.ui.charts.folding import fold
from quadfit_tui.ui.charts.scrollbar import SIGN, thumb
from quadfit_tui.ui.charts.spec import Page, Role, Row


class Spot(NamedTuple):
    """A place in a page, whatever its width: a row, and which of the lines that it is folded into."""

    row: int
    part: int


class Bookmark:
    """Where somebody reads: what is seen first. It stays where it was when there is room for all of the page."""

    def __init__(self) -> None:
        self.spot = Spot(0, 0)


class Sheet:
    """A page folded to `width`, of which the last column is for a mark of the part that is seen."""

    def __init__(self, page: Page, width: int, height: int) -> None:
        self.height, self._room = height, max(1, width - 1)
        self._width = width
        self._lines: list[Row] = []
        self._spots: list[Spot] = []
        for number, row in enumerate(page.rows):
            for part, line in enumerate(fold(row, self._room)):
                self._lines.append(line)
                self._spots.append(Spot(number, part))

    @property
    def end(self) -> int:
        """The line that is seen first when the last one is in sight."""
        return max(0, len(self._lines) - self.height)

    def top(self, spot: Spot) -> int:
        """The line that is seen first when somebody reads there."""
        return max(0, min(bisect_right(self._spots, spot) - 1, self.end))

    def moved(self, spot: Spot, by: int) -> Spot:
        """The place so many lines further on, or back; the same if all of the page is seen."""
        return self._spots[max(0, min(self.top(spot) + by, self.end))] if self.end else spot

    def rows(self, spot: Spot) -> list[Row]:
        """The rows that are seen by somebody who reads there."""
        top = self.top(spot)
        first, last = thumb(top, self.height, len(self._lines))
        lines = self._lines[top : top + self.height]
        rows = [*lines, *[Row("", "")] * (self.height - len(lines))]
        return [self._row(row, first <= y < last) for y, row in enumerate(rows)]

    def _row(self, row: Row, marked: bool) -> Row:
        end, role = (SIGN, Role.THUMB) if marked else (" ", Role.BLANK)
        text, roles = row.text.ljust(self._room) + end, row.roles.ljust(self._room) + role
        return Row(text[: self._width], roles[: self._width])
