"""The samples in the lines of a file: as NumPy reads them, and row by row where it cannot."""

from __future__ import annotations

import math
from collections.abc import Iterator, MutableSequence
from itertools import repeat

import numpy as np

from quadfit_tui.core.config.parameters import LARGEST
from quadfit_tui.core.model.array import Array
from quadfit_tui.core.model.samples.cells import (
    MISSING,
    content_lines,
    line_cells,
    number_of,
    quoted_cells,
    trimmed,
)
from quadfit_tui.core.model.samples.faults import Faults
from quadfit_tui.core.model.samples.sample_text import LONGEST_LINE
from quadfit_tui.core.model.samples.table import Table
from quadfit_tui.core.text.quoting import quoted

_PARTS = 8  # of the lines with one that NumPy cannot read, for it to try again
_FEW = 64  # lines, in which such a line is looked for


def samples_of(
    lines: list[str], first: int, table: Table, left_out: MutableSequence[int], faults: Faults
) -> Iterator[Array]:
    """The samples in lines, each array of shape (n, 2): as NumPy reads them, and row by row where it cannot."""
    if faults.are_enough:
        return
    numbers = _quick(lines, table)
    if numbers is None and len(lines) > _FEW:
        full, missing = _parted(lines, first, table)
        numbers = _quick(full, table) if full else np.empty((0, 2))
        if numbers is not None:
            left_out.extend(missing)
    if numbers is not None:
        yield numbers
    elif len(lines) <= _FEW:
        yield np.array([*_rows(lines, first, table, left_out, faults)]).reshape(-1, 2)
    else:
        size = len(lines) // _PARTS + 1
        for start in range(0, len(lines), size):
            yield from samples_of(lines[start : start + size], first + start, table, left_out, faults)


def _parted(lines: list[str], first: int, table: Table) -> tuple[list[str], list[int]]:
    """The lines for NumPy to try that hold something, and the numbers of those of which `_rows` leaves out a row."""
    full, missing = [], []
    delimiter, width, (x, y) = table.delimiter, table.width, table.chosen
    for number, line in enumerate(lines, first):
        if "#" in line and line.lstrip().startswith("#"):
            continue
        if len(line) <= LONGEST_LINE:
            has_quotes = '"' in line
            cells = quoted_cells(line, delimiter) if has_quotes else line.split(delimiter)
            if has_quotes or len(cells) > width:
                cells = trimmed([*map(str.strip, cells)], width)
                if not any((delimiter or " ") in cell for cell in cells):  # else it would become two
                    line = (delimiter or " ").join(cells)
            if len(cells) == width and (cells[x].strip().lower() in MISSING or cells[y].strip().lower() in MISSING):
                if any(map(str.strip, cells)):
                    missing.append(number)
                continue
        if line.strip():
            full.append(line)
    return full, missing


def _quick(lines: list[str], table: Table) -> Array | None:
    """The samples in lines of nothing but numbers, as NumPy reads them; None where they have to be looked at."""
    delimiter, _, _, width, chosen = table
    if max(map(len, lines)) > LONGEST_LINE or not any(map(str.strip, lines)):
        return None
    if width > 2:
        if delimiter is None:
            widths = {*map(len, map(str.split, lines))}
        else:
            widths = {parts + 1 for parts in {*map(str.count, lines, repeat(delimiter))}}
        if widths != {width}:
            return None
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


def _rows(
    lines: list[str], first: int, table: Table, left_out: MutableSequence[int], faults: Faults
) -> Iterator[tuple[float, float]]:
    """The samples in lines, row by row; the numbers of those with a missing value go to `left_out`."""
    for number, line in content_lines(lines, first):
        cells = trimmed(line_cells(number, line, table.delimiter), table.width)
        if not any(cells):
            continue  # an empty line of a spreadsheet
        if len(cells) != table.width:
            columns = "one column" if len(cells) == 1 else f"{len(cells)} columns"
            allowed = "two, x and y" if table.width == 2 else f"{table.width}, as in the first row"
            faults.add(number, "", f" has {columns}", allowed, "columns")
            continue
        if any(cells[place].lower() in MISSING for place in table.chosen):
            left_out.append(number)
            continue
        try:
            x, y = (_value(cells[place], place, table) for place in table.chosen)
        except _CellError as fault:
            faults.add(number, *fault.args)
        else:
            yield x, y
        if faults.are_enough:
            return


class _CellError(Exception):
    """A cell that is no number; its arguments are those of a fault."""


def _value(text: str, place: int, table: Table) -> float:
    allowed = "finite numbers"
    try:
        value = number_of(text, table.delimiter)
        if not math.isfinite(value):
            raise ValueError("is not a finite number")
        if abs(value) > LARGEST:
            allowed = f"from {-LARGEST:.0e} to {LARGEST:.0e}"
            raise ValueError("is too large")
    except ValueError as reason:
        kind = str(reason).partition(":")[0]
        raise _CellError(f", column {table.column(place)}: ", f"{quoted(text)} {reason}", allowed, kind) from None
    return value
