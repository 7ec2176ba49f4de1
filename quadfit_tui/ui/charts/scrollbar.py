"""The scrollbar: the mark at the right end of what can be scrolled that tells which part of it is seen."""

from __future__ import annotations

SIGN = "▐"


def marked_rows(top: int, height: int, count: int) -> tuple[int, int]:
    """The rows, of `height`, that are marked when rows from line `top` of `count` are seen; none if all are.

    Where there is more above or below, the mark leaves room for it, in three rows or more.
    """
    if count <= height:
        return 0, 0
    below = int(top + height < count)
    first = min(max(0, height - 1 - below), max(round(top / count * height), int(top > 0)))
    return first, max(first + 1, min(round((top + height) / count * height), height - below))
