"""Reads samples from a file of two columns as spreadsheets and programs write them."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Iterator
from itertools import islice

import numpy as np

from quadfit_tui.core.config.parameters import LARGEST, MAX_SAMPLES
from quadfit_tui.core.config.value_types import read_number
from quadfit_tui.core.files import access
from quadfit_tui.core.model.array import Array
from quadfit_tui.core.text.quoting import LONGEST_TEXT, normalized, quoted

_LARGEST_FILE = 64_000_000  # bytes; a million lines of two numbers stay below
_MOST_LINES = 2 * MAX_SAMPLES  # with as many headings, comments and empty lines as samples
_LONGEST_LINE = 2000  # characters; two numbers, and the empty cells that a spreadsheet leaves behind them
_DELIMITERS = (";", "\t", ",")
_JUDGED = 1000  # lines from the end that are tried for their delimiter


class SampleFileError(ValueError):
    """A file that holds no usable samples; the text is one line and does not name the file."""


def read_samples(path: str) -> tuple[Array, Array]:
    """The columns x and y of the file at `path`, as `samples_in` gives them; raises SampleFileError."""
    return samples_in(read_content(path))


def read_content(path: str) -> bytes:
    """What the file at `path` holds; raises SampleFileError."""
    try:
        return access.read(path, _LARGEST_FILE)
    except OSError as failure:
        raise SampleFileError(access.refusal(failure, "a CSV file", _LARGEST_FILE)) from None


def samples_in(content: bytes) -> tuple[Array, Array]:
    """The columns x and y of a file that holds `content`, each of shape (n,), n ≥ 1.

    Columns may be separated by comma, semicolon, tab or blanks; a heading, empty lines and lines starting with `#` are
    passed over. Raises SampleFileError, which names the line at fault.
    """
    lines = _lines(_decode(content))
    delimiter = _delimiter(lines)
    xs: list[float] = []
    ys: list[float] = []
    for index, (number, cells) in enumerate(_rows(lines, delimiter)):
        if len(cells) != 2:
            columns = "one column" if len(cells) == 1 else f"{len(cells)} columns"
            raise SampleFileError(f"line {number} has {columns}; allowed: two, x and y")
        if index == 0 and _is_heading(cells):
            continue
        xs.append(_cell(cells[0], delimiter, LARGEST, number))
        ys.append(_cell(cells[1], delimiter, LARGEST, number))
        if len(xs) > MAX_SAMPLES:
            raise SampleFileError(f"has more than {MAX_SAMPLES} samples; allowed: up to {MAX_SAMPLES}")
    if not xs:
        raise SampleFileError("contains no samples; allowed: two columns of numbers, x and y")
    return np.array(xs), np.array(ys)


def _decode(content: bytes) -> str:
    """UTF-8 with or without BOM, a spreadsheet's UTF-16, or a heading in a Western code page."""
    try:
        if content.startswith((b"\xff\xfe", b"\xfe\xff")):
            return content.decode("utf-16")
        if b"\0" in content:
            raise SampleFileError("is not text; allowed: a CSV file of two columns")
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    if any(ord(character) < 32 and character not in "\t\r\n\f" for character in text):
        raise SampleFileError("is not text; allowed: a CSV file of two columns")
    return text


def _lines(text: str) -> list[str]:
    """The lines of a text; refused before they are made where there are too many of them."""
    if max(text.count("\n"), text.count("\r")) > _MOST_LINES:
        raise SampleFileError(f"has more than {_MOST_LINES} lines; allowed: up to {_MOST_LINES}")
    return text.splitlines()


def _content(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(lines, 1):
        if line.strip() and not line.lstrip().startswith("#"):
            yield number, line


def _delimiter(lines: list[str]) -> str | None:
    """What separates the columns, judged by the last line of two numbers; None for blanks."""
    last = [line[:_LONGEST_LINE] for _, line in islice(_content(reversed(lines)), _JUDGED)]
    for line in last:
        for delimiter in (*_DELIMITERS, None):
            cells = _cells(line, delimiter)
            if len(cells) == 2 and all(_is_number(cell, delimiter) for cell in cells):
                return delimiter
    return next((delimiter for delimiter in _DELIMITERS if delimiter in "".join(last[:1])), None)


def _rows(lines: list[str], delimiter: str | None) -> Iterator[tuple[int, list[str]]]:
    for number, line in _content(lines):
        if len(line) > _LONGEST_LINE:
            raise SampleFileError(f"line {number} has {len(line)} characters; allowed: up to {_LONGEST_LINE}")
        yield number, _cells(line, delimiter)


def _cells(line: str, delimiter: str | None) -> list[str]:
    """The cells of a line without the empty ones that a spreadsheet leaves at its end."""
    if delimiter is None:
        return line.split()
    cells = _quoted(line, delimiter) if '"' in line else [cell.strip() for cell in line.split(delimiter)]
    while len(cells) > 2 and not cells[-1]:
        cells.pop()
    return cells


def _quoted(line: str, delimiter: str) -> list[str]:
    try:
        return [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter, skipinitialspace=True))]
    except csv.Error:
        return [line]


def _is_heading(cells: list[str]) -> bool:
    """Whether neither cell begins like a number: `nan` and `inf` are refused as values, not taken for a heading."""
    return not any(_looks_numeric(cell) for cell in cells)


def _looks_numeric(cell: str) -> bool:
    start = normalized(cell[:LONGEST_TEXT])
    try:
        float(start.replace(",", "."))
    except ValueError:
        return start[:1] in tuple("0123456789.-+")
    return True


def _number(text: str, delimiter: str | None) -> float:
    """The number in a cell. A comma that does not part the columns is a decimal comma, also in `1,125`."""
    try:
        return float(text if delimiter == "," else text.replace(",", "."))  # quick, and right for nearly all
    except ValueError:
        return read_number(text)


def _is_number(cell: str, delimiter: str | None) -> bool:
    try:
        return math.isfinite(_number(cell, delimiter))
    except ValueError:
        return False


def _cell(text: str, delimiter: str | None, limit: float, line: int) -> float:
    try:
        value = _number(text, delimiter)
    except ValueError as reason:
        raise SampleFileError(f"line {line}: {quoted(text)} {reason}; allowed: finite numbers") from None
    if not math.isfinite(value):
        raise SampleFileError(f"line {line}: {quoted(text)} is not a finite number; allowed: finite numbers")
    if abs(value) > limit:
        raise SampleFileError(f"line {line}: {quoted(text)} is too large; allowed: from {-limit:.0e} to {limit:.0e}")
    return value
