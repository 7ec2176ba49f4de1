"""The samples in the lines of a file: as NumPy reads them, and row by row where it cannot."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import repeat

import numpy as np

from quadfit_tui.core.config.parameters import LARGEST
from quadfit_tui.core.model.array import Array
from quadfit_tui.core.model.samples.cells import (
    COMMENTS,
    MISSING,
    cells_of,
    content_lines,
    is_comment,
    is_commented_row,
    line_cells,
    may_be_comment,
    quoted_cells,
    strip_trailing_cells,
    uncommented,
)
from quadfit_tui.core.model.samples.dates import ALLOWED, Date
from quadfit_tui.core.model.samples.findings import ParseFindings
from quadfit_tui.core.model.samples.numbers import AMBIGUOUS
from quadfit_tui.core.model.samples.sample_text import LONGEST_LINE
from quadfit_tui.core.model.samples.table import RowError, Sample, TableLayout
from quadfit_tui.core.text.language import _

_PARTS = 8  # of the lines with one that NumPy cannot read, for it to try again
_FEW = 64  # lines, in which such a line is looked for


def samples_of(lines: list[str], first: int, table: TableLayout, findings: ParseFindings) -> Iterator[Array]:
    """The samples in lines, each array of shape (n, 2): as NumPy reads them, and row by row where it cannot."""
    if findings.faults.are_enough:
        return
    missing: list[int] = []
    numbers, has_dates = None, findings.dates.first is not None  # of which NumPy would take 20240201 for a number
    if not has_dates:
        numbers = _quick(lines, table)
        if numbers is None and len(lines) > _FEW:
            read, missing = _parted(lines, first, table)
            numbers = _quick(read, table) if read else np.empty((0, 2))
    if numbers is not None:
        findings.left_out.extend(missing)
        if len(numbers):
            findings.dates.see_numbers()
            findings.signs.see_lines(lines, first, _chosen_cells(lines, table))
        yield numbers
    elif len(lines) <= _FEW:
        yield np.array([*_rows(lines, first, table, findings)]).reshape(-1, 2)
    else:
        size = len(lines) // _PARTS + 1
        for start in range(0, len(lines), size):
            yield from samples_of(lines[start : start + size], first + start, table, findings)


def _parted(lines: list[str], first: int, table: TableLayout) -> tuple[list[str], list[int]]:
    """The lines for NumPy to try that hold something, and the numbers of those of which `_rows` leaves out a row."""
    full, missing = [], []
    delimiter, width, (x, y) = table.delimiter, table.width, table.chosen
    for number, line in enumerate(lines, first):
        if is_comment(line):
            continue
        if len(line) <= LONGEST_LINE:
            has_quotes = '"' in line
            cells = quoted_cells(line, delimiter) if has_quotes else line.split(delimiter)
            if has_quotes or len(cells) > width:
                cells = strip_trailing_cells([*map(str.strip, cells)], width)
                if not any((delimiter or " ") in cell for cell in cells):  # else it would become two
                    line = (delimiter or " ").join(cells)
            if len(cells) == width and (cells[x].strip().lower() in MISSING or cells[y].strip().lower() in MISSING):
                if any(map(str.strip, cells)):
                    missing.append(number)
                continue
        if line.strip():
            full.append(line)
    return full, missing


def _quick(lines: list[str], table: TableLayout) -> Array | None:
    """The samples in lines of nothing but numbers, as NumPy reads them; None where they have to be looked at."""
    delimiter, width, chosen = table.delimiter, table.width, table.chosen
    if max(map(len, lines)) > LONGEST_LINE or not any(map(str.strip, lines)):
        return None
    if width > 2:
        if delimiter is None:
            widths = {*map(len, map(str.split, lines))}
        else:
            widths = {parts + 1 for parts in {*map(str.count, lines, repeat(delimiter))}}
        if widths != {width} or any(line.lstrip().startswith(COMMENTS) for line in lines):
            return None
    if table.thousands and table.thousands != delimiter:
        lines = [line.replace(table.thousands, "") for line in lines]
    if delimiter != ",":
        lines = [line.replace(",", ".") for line in lines]
    places = chosen if width > 2 else None  # where NumPy reads all columns, it sees to it that no row has fewer or more
    try:
        numbers: Array = np.loadtxt(lines, delimiter=delimiter, comments=None, usecols=places, ndmin=2)
    except ValueError:
        return None
    if numbers.shape[1] != 2 or not np.abs(numbers).max() <= LARGEST:
        return None
    return numbers if width > 2 else numbers[:, chosen]


def _rows(lines: list[str], first: int, table: TableLayout, findings: ParseFindings) -> Iterator[tuple[float, float]]:
    """The samples in lines, row by row; what else they are goes to the findings."""
    for number, line in content_lines(lines, first):
        try:
            row = _row(number, line, table, findings)
            if row is None:
                continue
            sample, cells = row
            x, y = sample
            try:
                seconds = findings.dates.seconds(x)
            except ValueError as reason:
                raise table.error(table.chosen[0], cells, reason, _(ALLOWED)) from None
        except RowError as fault:
            if may_be_comment(line):
                continue
            if fault.args[-1] == AMBIGUOUS:
                findings.signs.see(number, *_chosen_cells([line], table))
            findings.faults.add(number, *fault.args)
            if findings.faults.are_enough:
                return
        else:
            places = table.chosen[isinstance(x, Date) :]
            findings.signs.see(number, (cells[place] for place in places))
            yield seconds, y


def _row(number: int, line: str, table: TableLayout, findings: ParseFindings) -> tuple[Sample, list[str]] | None:
    """The sample in a line, with the cells that it is read from; None where there is none. Raises RowError."""
    cells = strip_trailing_cells(line_cells(number, line, table.delimiter), table.width)
    if not any(cells) or is_commented_row(cells):
        return None  # an empty line of a spreadsheet, or no line of the table
    try:
        sample = table.sample(cells)
    except RowError:
        shorter = uncommented(line)
        if shorter is None:
            raise
        cells = strip_trailing_cells(cells_of(shorter, table.delimiter), table.width)
        sample = table.sample(cells)
        if sample is None and any(not cells[place] for place in table.chosen):
            raise  # the comment stands for the value, or is none
        findings.commented.append(number)
    if sample is None:
        findings.left_out.append(number)
        return None
    return sample, cells


def _chosen_cells(lines: list[str], table: TableLayout) -> Iterator[list[str]]:
    """The cells of x and y in each of some lines that NumPy has read, or that hold no row."""
    for line in lines:
        cells = [] if is_comment(line) else cells_of(line, table.delimiter)
        yield [cells[place] for place in table.chosen] if len(cells) >= table.width else []
