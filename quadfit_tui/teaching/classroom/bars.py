"""Rows of bars: how many of a class are at a step, or gave an answer, as text."""

from __future__ import annotations

from collections.abc import Sequence

from quadfit_tui.core.text.width import cell_width, ellipsize, ljust, rjust

Counts = Sequence[Sequence[int]]  # for each row, the counts of its bars


def bar_rows(labels: Sequence[str], counts: Counts, room: int, length: int, most: int, none: str = "0") -> list[str]:
    """Returns a row for each label: the label, padded to `room` columns, then its counts, each with a bar.

    A bar of the count `most` is `length` columns long; a count of 0 is written as `none`.
    """
    digits = digits_of(counts)
    rows = []
    for label, row in zip(labels, counts, strict=True):
        bars = [
            f"{rjust(str(count or none), digits)} {ljust('█' * round(length * count / (most or 1)), length)}"
            for count in row
        ]
        rows.append("  ".join([ljust(ellipsize(label, room), room), *bars]).rstrip())
    return rows


def digits_of(counts: Counts) -> int:
    """Returns the width of the largest count, in columns."""
    return cell_width(str(max((count for row in counts for count in row), default=0)))
