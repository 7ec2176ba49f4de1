"""How the rows of a file are to be read: what separates their columns, where they begin, which are x and y."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain, islice
from typing import NamedTuple

from quadfit_tui.core.model.piecewise import Pieces
from quadfit_tui.core.model.samples.cells import (
    cells_of,
    content_lines,
    is_heading,
    is_number,
    line_cells,
    trimmed,
)
from quadfit_tui.core.model.samples.columns import choose
from quadfit_tui.core.model.samples.sample_text import LONGEST_LINE, SampleFileError, SampleText
from quadfit_tui.core.text.quoting import shown_name

_DELIMITERS = (";", "\t", ",")
_JUDGED = 1000  # lines from the end that are tried for their delimiter


class Table(NamedTuple):
    """How the rows of a file are to be read: `start` is the index of the first line below the heading."""

    delimiter: str | None  # None for blanks
    start: int
    names: list[str]  # the headings, none where there are none
    width: int
    chosen: tuple[int, int]  # the places of x and y

    def column(self, place: int) -> str:
        """What a message calls a column."""
        return shown_name(self.names[place]) if self.names and self.names[place] else str(place + 1)


def table_of(text: SampleText, columns: tuple[str, str] | None) -> Pieces[Table]:
    head: list[tuple[int, str]] = []
    passed = 0
    for lines in text.lists():
        head += islice(content_lines(lines, passed + 1), 2 - len(head))
        passed += len(lines)
        if len(head) == 2:
            break
        yield 0.0
    # Of the last lines a comment may have hidden all that tell.
    delimiter = delimiter_of(chain(reversed(text.last_lines), (line for _, line in reversed(head))))
    first = [(number, line, line_cells(number, line, delimiter)) for number, line in head]
    if not first:
        raise SampleFileError("contains no samples; allowed: two columns of numbers, x and y")
    number, _, cells = first[0]
    names = trimmed(cells, 2)
    if len(names) < 2:
        raise SampleFileError(f"line {number} has one column; allowed: two, x and y")
    if not is_heading(names):
        return Table(delimiter, number - 1, [], len(names), choose([], len(names), columns, number))
    _, line, row = first[-1]
    row = trimmed(row, 2)
    if len(row) == len(names) + 1 and (delimiter != "," or line.lstrip().startswith('"')):
        names = ["", *names]  # R writes names of rows without a heading of their own
    elif len(names) < len(row) <= len(cells):
        names = cells[: len(row)]  # the last columns have none
    return Table(delimiter, number, names, len(names), choose(names, len(names), columns, number))


def delimiter_of(lines: Iterable[str]) -> str | None:
    """What separates the columns, judged by the last line of two numbers or more; None for blanks.

    `lines` has the last one first.
    """
    last = [line[:LONGEST_LINE] for _, line in islice(content_lines(lines), _JUDGED)]
    for line in last:
        best, most = None, (1, 0)
        for delimiter in (*_DELIMITERS, None):
            cells = trimmed(cells_of(line, delimiter), 2)
            # Of as many numbers in fewer cells: 1,5;2,5 is two numbers, not 1 and 5;2 and 5.
            worth = sum(is_number(cell, delimiter) for cell in cells), -len(cells)
            if worth > most:
                best, most = delimiter, worth
        if most[0] > 1:
            return best
    return next((delimiter for delimiter in _DELIMITERS if delimiter in "".join(last[:1])), None)
