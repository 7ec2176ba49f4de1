"""The scrollbar: the mark at the right end of what can be scrolled, beside the part of it that is seen."""

from __future__ import annotations

SIGN = "▐"


def marked_rows(top: int, height: int, count: int) -> tuple[int, int]:
    """Computes which of `height` rows the scrollbar marks, first and stop, if lines from `top` on of `count` are seen.

    No row is marked if all lines are seen. The mark leaves a row free above or below if lines are hidden there and
    there are three rows or more.
    """
    if count <= height:
        return 0, 0
    below = int(top + height < count)
    first = min(max(0, height - 1 - below), max(round(top / count * height), int(top > 0)))
    return first, max(first + 1, min(round((top + height) / count * height), height - below))
