"""Folds the lines of a page that are too long for its place, so that words stay whole and columns stay columns."""

from __future__ import annotations

import re

from quadfit_tui.ui.charts.spec import Role, Row

INDENT = 4  # of what a line goes on with
_BLANKS = re.compile(r"(?<=\S) +(?=\S)")
_SIGNS = "=+−×/←"  # what follows them belongs to them
_BRACKETS = (("(", ")"), ("⌊", "⌋"))


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
