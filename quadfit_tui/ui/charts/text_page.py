"""A page of text in the place that it has: folded to its width, and as many rows of it as there is room for."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import NamedTuple

from quadfit_tui.ui.charts.scrollbar import SIGN, thumb
from quadfit_tui.ui.charts.spec import Page, Role, Row

INDENT = 4  # of what a line goes on with
_BLANKS = re.compile(r"(?<=\S) +(?=\S)")
_SIGNS = "=+−×/←"  # what follows them belongs to them
_BRACKETS = (("(", ")"), ("⌊", "⌋"))


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


def fold(row: Row, width: int) -> list[Row]:
    """The row as rows of at most `width` characters, at least 1.

    Each but the first is indented. They part where blanks begin, of which one is left out: the columns of a table all
    end at the same places, and so do the rest of its columns below. Only a word that is longer than a row is cut.
    """
    indent = min(INDENT, width // 4)
    room, rest, folded = width, row, []
    while len(rest.text) > room:
        at = _end(rest.text, room)
        folded.append(_cut(rest, 0, at))
        rest = _cut(rest, at + (rest.text[at] == " "))
        room = width - indent
    folded.append(rest)
    begin = Row(" " * indent, Role.BLANK * indent)
    return [folded[0], *(Row(begin.text + each.text, begin.roles + each.roles) for each in folded[1:])]


def _end(text: str, room: int) -> int:
    """Where to part a text that is longer than `room`: where blanks begin, and that not too soon.

    Rather behind a comma, else outside of brackets, else not behind a sign.
    """
    ends = [blanks.start() for blanks in _BLANKS.finditer(text) if blanks.start() <= room]
    late = [end for end in ends if end > room / 3 and text[end - 1] not in _SIGNS]
    whole = [end for end in late if _is_closed(text[:end])]
    listed = [end for end in whole if end > room / 2 and text[end - 1] in ",:"]
    return max(listed or whole or late or ends or [room])


def _is_closed(text: str) -> bool:
    return all(text.count(begin) <= text.count(end) for begin, end in _BRACKETS)


def _cut(row: Row, begin: int, end: int | None = None) -> Row:
    return Row(row.text[begin:end], row.roles[begin:end])
