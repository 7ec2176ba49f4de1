"""A page of text in a pane: folded to its width, scrolled, as many rows of it as there is room for."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable
from typing import NamedTuple

from quadfit_tui.core.text.width import cell_width, is_single, parts
from quadfit_tui.ui.charts.scrollbar import SIGN, marked_rows
from quadfit_tui.ui.charts.spec import Role, StyledRow, TextPage

INDENT = 4  # of what a line goes on with
_BLANKS = re.compile(r"(?<=\S) +(?=\S)")
_SIGNS = "=+−×/←"  # what follows them belongs to them
_LISTED = ",:，：、"
_BRACKETS = (("(", ")"), ("（", "）"), ("⌊", "⌋"))


class PagePosition(NamedTuple):
    """A place in a page, whatever its width: a row, and which of the lines that it is folded into."""

    row: int
    part: int


TOP = PagePosition(0, 0)


class FoldedPage:
    """A page folded to `width` columns, of which the last one is for the scrollbar; `height` rows are in sight."""

    def __init__(self, page: TextPage, width: int, height: int) -> None:
        self._width, self._height = width, height
        self._room = max(1, width - 1)
        self._lines: list[StyledRow] = []
        self._positions: list[PagePosition] = []
        for number, row in enumerate(page.rows):
            for part, line in enumerate(fold(row, self._room)):
                self._lines.append(line)
                self._positions.append(PagePosition(number, part))

    @property
    def end(self) -> int:
        """The first line in sight when the last one is in sight, too."""
        return max(0, len(self._lines) - self._height)

    def first_line(self, position: PagePosition) -> int:
        """The first line in sight of a page that is scrolled to a position."""
        return max(0, min(bisect_right(self._positions, position) - 1, self.end))

    def scrolled(self, position: PagePosition, by: int) -> PagePosition:
        """The position so many lines further on, or back; the same if all of the page is in sight."""
        return self._positions[max(0, min(self.first_line(position) + by, self.end))] if self.end else position

    def rows(self, position: PagePosition = TOP) -> list[StyledRow]:
        """The rows in sight when the page is scrolled to a position."""
        top = self.first_line(position)
        first, last = marked_rows(top, self._height, len(self._lines))
        lines = self._lines[top : top + self._height]
        rows = [*lines, *[StyledRow("", "")] * (self._height - len(lines))]
        return [self._with_scrollbar(row, first <= y < last) for y, row in enumerate(rows)]

    def _with_scrollbar(self, row: StyledRow, marked: bool) -> StyledRow:
        end, role = (SIGN, Role.SCROLLBAR) if marked else (" ", Role.BLANK)
        text, roles = row.fitted(self._room)
        return StyledRow(text + end, roles + role).fitted(self._width)


def fold(row: StyledRow, width: int) -> list[StyledRow]:
    """The row as rows of at most `width` columns, at least 1.

    Each but the first is indented. They part where blanks begin, of which one is left out: the columns of a table all
    end at the same places, and so do the rest of its columns below; and beside wide characters. Only a word that is
    longer than a row is cut.
    """
    indent = min(INDENT, width // 4)
    room, rest, folded = width, row, []
    while cell_width(rest.text) > room:
        at = _end(rest, room)
        folded.append(_cut(rest, 0, at))
        rest = _cut(rest, at + rest.text.startswith(" ", at))
        room = width - indent
    folded.append(rest)
    begin = StyledRow(" " * indent, Role.BLANK * indent)
    return [folded[0], *(StyledRow(begin.text + each.text, begin.roles + each.roles) for each in folded[1:])]


def _end(row: StyledRow, room: int) -> int:
    """Where to part a text that is wider than `room`: where blanks begin or beside wide characters, and that not soon.

    Rather behind a comma, else outside of brackets, else not behind a sign.
    """
    text, last = row.text, row.at(room)
    ends = [blanks.start() for blanks in _BLANKS.finditer(text) if blanks.start() <= last]
    if not is_single(text):
        within = range(1, min(last + 1, len(text)))
        ends += [at for at in within if text[at - 1] != " " and parts(text[at - 1], text[at])]
    late = [end for end in ends if end > row.at(room // 3) and text[end - 1] not in _SIGNS]
    whole = [end for end in late if _is_closed(text[:end])]
    listed = [end for end in whole if end > row.at(room // 2) and text[end - 1] in _LISTED]
    return max(listed or whole or late or ends or [max(1, last)])


def _is_closed(text: str) -> bool:
    return all(text.count(begin) <= text.count(end) for begin, end in _BRACKETS)


def _cut(row: StyledRow, begin: int, end: int | None = None) -> StyledRow:
    return StyledRow(row.text[begin:end], row.roles[begin:end])


def spelled_page(page: TextPage, spell: Callable[[str], str]) -> TextPage:
    """Returns the page in words that a terminal can show, such as ^2, for which it needs more room."""
    return page._replace(rows=tuple(_spelled(row, spell) for row in page.rows))


def _spelled(row: StyledRow, spell: Callable[[str], str]) -> StyledRow:
    text = spell(row.text)
    if text == row.text:
        return row
    return StyledRow(text, "".join(role * len(spell(char)) for char, role in zip(*row, strict=True)))
