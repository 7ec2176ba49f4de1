"""A page of text in a pane: folded to its width, scrolled, as many rows of it as there is room for."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable
from typing import NamedTuple

from quadfit_tui.core.text.width import cell_width, is_single, may_break
from quadfit_tui.ui.charts.scrollbar import SIGN, marked_rows
from quadfit_tui.ui.charts.spec import Role, StyledRow, TextPage

INDENT = 4  # columns, of each line of a folded row but the first
_BLANKS = re.compile(r"(?<=\S) +(?=\S)")
_SIGNS = "=+−×/←"  # not followed by a fold, if another place will do: what follows belongs to them
_LISTED = ",:，：、"
_BRACKETS = (("(", ")"), ("（", "）"), ("⌊", "⌋"))


class PagePosition(NamedTuple):
    """A scroll position in a page that survives other widths: a row, and one of the lines that it is folded into."""

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
        """The first line in sight if the page is scrolled to its end."""
        return max(0, len(self._lines) - self._height)

    def first_line(self, position: PagePosition) -> int:
        """Returns the first line in sight if the page is scrolled to a position."""
        return max(0, min(bisect_right(self._positions, position) - 1, self.end))

    def scrolled(self, position: PagePosition, by: int) -> PagePosition:
        """Returns the position `by` lines further on, or back if negative; the same one if all of the page is seen."""
        if not self.end:
            return position
        return self._positions[max(0, min(self.first_line(position) + by, self.end))]

    def rows(self, position: PagePosition = TOP) -> list[StyledRow]:
        """Renders the rows in sight, with the scrollbar, if the page is scrolled to a position."""
        top = self.first_line(position)
        first, stop = marked_rows(top, self._height, len(self._lines))
        rows = self._lines[top : top + self._height]
        rows += [StyledRow("", "")] * (self._height - len(rows))
        return [self._with_scrollbar(row, first <= y < stop) for y, row in enumerate(rows)]

    def _with_scrollbar(self, row: StyledRow, marked: bool) -> StyledRow:
        end, role = (SIGN, Role.SCROLLBAR) if marked else (" ", Role.BLANK)
        text, roles = row.fitted(self._room)
        return StyledRow(text + end, roles + role).fitted(self._width)


def fold(row: StyledRow, width: int) -> list[StyledRow]:
    """Folds a row into rows of at most `width` columns, at least 1; all but the first are indented.

    Folds lie where blanks begin, of which one is left out, or beside wide characters. All columns of a table end at
    the same places, and so do the rest of its columns below. Only a word that is longer than a row is cut.
    """
    indent = min(INDENT, width // 4)
    room, rest, folded = width, row, []
    while cell_width(rest.text) > room:
        end = _fold_index(rest, room)
        folded.append(_cut(rest, 0, end))
        rest = _cut(rest, end + rest.text.startswith(" ", end))
        room = width - indent
    folded.append(rest)
    first, *others = folded
    blank, roles = " " * indent, Role.BLANK * indent
    return [first, *(StyledRow(blank + other.text, roles + other.roles) for other in others)]


def _fold_index(row: StyledRow, room: int) -> int:
    """Returns the index at which to fold a text that is wider than `room` columns.

    That is where blanks begin, or beside a wide character, and not too soon in the row: preferably behind a comma, else
    outside of brackets, else not behind a sign.
    """
    text, last = row.text, row.at(room)
    ends = [blanks.start() for blanks in _BLANKS.finditer(text) if blanks.start() <= last]
    if not is_single(text):
        indices = range(1, min(last + 1, len(text)))
        ends += [index for index in indices if text[index - 1] != " " and may_break(text[index - 1], text[index])]
    late = [end for end in ends if end > row.at(room // 3) and text[end - 1] not in _SIGNS]
    whole = [end for end in late if _is_closed(text[:end])]
    listed = [end for end in whole if end > row.at(room // 2) and text[end - 1] in _LISTED]
    return max(listed or whole or late or ends or [max(1, last)])


def _is_closed(text: str) -> bool:
    """Checks whether the text closes all brackets that it opens."""
    return all(text.count(begin) <= text.count(end) for begin, end in _BRACKETS)


def _cut(row: StyledRow, begin: int, end: int | None = None) -> StyledRow:
    return StyledRow(row.text[begin:end], row.roles[begin:end])


def spelled_page(page: TextPage, spell: Callable[[str], str]) -> TextPage:
    """Transliterates a page to what a terminal can show, such as `^2`, character by character by `spell`."""
    return page._replace(rows=tuple(_spelled(row, spell) for row in page.rows))


def _spelled(row: StyledRow, spell: Callable[[str], str]) -> StyledRow:
    text = spell(row.text)
    if text == row.text:
        return row
    return StyledRow(text, "".join(role * len(spell(char)) for char, role in zip(*row, strict=True)))
