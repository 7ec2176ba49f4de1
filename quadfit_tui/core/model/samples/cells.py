"""The cells of a line, and the numbers in them."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Iterator

from quadfit_tui.core.config.value_types import plain_float, read_number
from quadfit_tui.core.model.samples.sample_text import LONGEST_LINE, SampleFileError
from quadfit_tui.core.text.quoting import LONGEST_TEXT, normalized

MISSING = frozenset({"", "na", "n/a", "#n/a", "<na>", "nan", "-nan", "null", "none"})


def content_lines(lines: Iterable[str], first: int = 1) -> Iterator[tuple[int, str]]:
    """The lines that are neither empty nor comments, with their numbers."""
    for number, line in enumerate(lines, first):
        if line.strip() and not line.lstrip().startswith("#"):
            yield number, line


def line_cells(number: int, line: str, delimiter: str | None) -> list[str]:
    if len(line) > LONGEST_LINE:
        raise SampleFileError(f"line {number} has more than {LONGEST_LINE} characters; allowed: up to {LONGEST_LINE}")
    return cells_of(line, delimiter)


def cells_of(line: str, delimiter: str | None) -> list[str]:
    if '"' in line:
        return quoted_cells(line, delimiter)
    return line.split() if delimiter is None else [cell.strip() for cell in line.split(delimiter)]


def trimmed(cells: list[str], width: int) -> list[str]:
    """The cells of a line without the empty ones that a spreadsheet leaves at its end, beyond `width`."""
    end = len(cells)
    while end > width and not cells[end - 1]:
        end -= 1
    return cells[:end]


def quoted_cells(line: str, delimiter: str | None) -> list[str]:
    if delimiter is None:
        line, delimiter = " ".join(line.split()), " "
    try:
        return [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter, skipinitialspace=True))]
    except csv.Error:
        return [line]


def is_heading(cells: list[str]) -> bool:
    """Whether no cell begins like a number: `nan` and `inf` are taken for values, not for headings."""
    return not any(looks_numeric(cell) for cell in cells)


def looks_numeric(cell: str) -> bool:
    start = normalized(cell[:LONGEST_TEXT])
    try:
        float(start.replace(",", "."))
    except ValueError:
        return start[:1] in tuple("0123456789.-+")
    return True


def number_of(text: str, delimiter: str | None) -> float:
    """The number in a cell. A comma that does not part the columns is a decimal comma, also in `1,125`."""
    try:
        return plain_float(text if delimiter == "," else text.replace(",", "."))  # quick, and right for nearly all
    except ValueError:
        return read_number(text)


def is_number(cell: str, delimiter: str | None) -> bool:
    try:
        return math.isfinite(number_of(cell, delimiter))
    except ValueError:
        return False
