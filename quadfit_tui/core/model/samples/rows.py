"""Parses samples from the lines of a file: by NumPy, or row by row if it cannot read them."""

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
    strip_comment,
    strip_trailing_cells,
)
from quadfit_tui.core.model.samples.dates import ALLOWED, Date
from quadfit_tui.core.model.samples.findings import ParseFindings
from quadfit_tui.core.model.samples.numbers import AMBIGUOUS
from quadfit_tui.core.model.samples.sample_text import LONGEST_LINE
from quadfit_tui.core.model.samples.table import RowError, Sample, TableLayout
from quadfit_tui.core.text.language import _

_PARTS = 8  # parts into which lines that NumPy cannot read are divided, for it to try again
_FEW = 64  # lines that are parsed row by row rather than divided


def samples_of(lines: list[str], first: int, table: TableLayout, findings: ParseFindings) -> Iterator[Array]:
    """Parses lines of a file into arrays of samples, shape (n, 2): by NumPy, or row by row if it cannot read them.

    `first` is the number of the first line. Faults and missing values go to the findings.
    """
    if findings.faults.are_enough:
        return
    missing: list[int] = []
    numbers = None
    has_dates = findings.dates.first is not None  # NumPy would take the date 20240201 for a number
    if not has_dates:
        numbers = _quick(lines, table)
        if numbers is None and len(lines) > _FEW:
            full, missing = _split_missing(lines, first, table)
            numbers = _quick(full, table) if full else np.empty((0, 2))
    if numbers is not None:
        findings.left_out.extend(missing)
        if len(numbers):
            findings.dates.see_numbers()
            findings.signs.see_lines(lines, first, _chosen_cells(lines, table))
        yield numbers
    elif len(lines) <= _FEW:
        yield np.array([*_parse_rows(lines, first, table, findings)]).reshape(-1, 2)
    else:
        size = len(lines) // _PARTS + 1
        for start in range(0, len(lines), size):
            yield from samples_of(lines[start : start + size], first + start, table, findings)


def _split_missing(lines: list[str], first: int, table: TableLayout) -> tuple[list[str], list[int]]:
    """Returns the lines that NumPy can try, cleaned of quotes and comments, and the numbers of lines left out.

    A line is left out if its x or y is missing, as `_parse_rows` does.
    """
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
                if not any((delimiter or " ") in cell for cell in cells):  # else one cell would become two
                    line = (delimiter or " ").join(cells)
            if len(cells) == width and (cells[x].strip().lower() in MISSING or cells[y].strip().lower() in MISSING):
                if any(map(str.strip, cells)):
                    missing.append(number)
                continue
        if line.strip():
            full.append(line)
    return full, missing


def _quick(lines: list[str], table: TableLayout) -> Array | None:
    """Parses lines of plain numbers by NumPy, shape (n, 2); returns None if they need to be parsed row by row."""
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
    places = chosen if width > 2 else None  # NumPy checks the number of columns only if it reads all of them
    try:
        numbers: Array = np.loadtxt(lines, delimiter=delimiter, comments=None, usecols=places, ndmin=2)
    except ValueError:
        return None
    if numbers.shape[1] != 2 or not np.abs(numbers).max() <= LARGEST:
        return None
    return numbers if width > 2 else numbers[:, chosen]


def _parse_rows(
    lines: list[str], first: int, table: TableLayout, findings: ParseFindings
) -> Iterator[tuple[float, float]]:
    """Parses lines row by row and yields the samples (x, y); faults and missing values go to the findings."""
    for number, line in content_lines(lines, first):
        try:
            row = _parse_row(number, line, table, findings)
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


def _parse_row(number: int, line: str, table: TableLayout, findings: ParseFindings) -> tuple[Sample, list[str]] | None:
    """Parses a line into its sample and cells; returns None if it has no sample. Raises RowError if it is faulty."""
    cells = strip_trailing_cells(line_cells(number, line, table.delimiter), table.width)
    if not any(cells) or is_commented_row(cells):
        return None  # a line of empty cells, or a comment
    try:
        sample = table.sample(cells)
    except RowError:
        shorter = strip_comment(line)
        if shorter is None:
            raise
        cells = strip_trailing_cells(cells_of(shorter, table.delimiter), table.width)
        sample = table.sample(cells)
        if sample is None and any(not cells[place] for place in table.chosen):
            raise  # the comment stands in place of the value, or is no comment
        findings.commented.append(number)
    if sample is None:
        findings.left_out.append(number)
        return None
    return sample, cells


def _chosen_cells(lines: list[str], table: TableLayout) -> Iterator[list[str]]:
    """Yields the cells of x and y of each line that NumPy has read; [] for a comment or a line too short."""
    for line in lines:
        cells = [] if is_comment(line) else cells_of(line, table.delimiter)
        yield [cells[place] for place in table.chosen] if len(cells) >= table.width else []
