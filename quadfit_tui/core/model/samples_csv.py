"""Reads samples from a file of columns as spreadsheets and programs write them."""

from __future__ import annotations

import csv
import math
from array import array
from collections.abc import Iterable, Iterator, MutableSequence, Sequence
from itertools import chain, islice, repeat
from typing import NamedTuple

import numpy as np

from quadfit_tui.core.config.parameters import LARGEST, MAX_SAMPLES
from quadfit_tui.core.config.value_types import plain_float, read_number
from quadfit_tui.core.model.array import Array
from quadfit_tui.core.model.columns import choose
from quadfit_tui.core.model.parquet import MAGIC, read_parquet
from quadfit_tui.core.model.piecewise import Pieces, done
from quadfit_tui.core.model.sample_text import (
    LONGEST_LINE,
    MARKS_OF_UTF_16,
    SampleFileError,
    SampleText,
    content_of,
    unpacked,
)
from quadfit_tui.core.text.quoting import LONGEST_TEXT, enumerated, normalized, quoted, shown_name

_DELIMITERS = (";", "\t", ",")
_JUDGED = 1000  # lines from the end that are tried for their delimiter
_CHUNK = 4000  # lines that NumPy reads at once, most of a file's; some milliseconds where it cannot
_PARTS = 8  # of a chunk with a line that it cannot read, for it to try again
_FEW = 64  # lines, in which such a line is looked for
_MISSING = frozenset({"", "na", "n/a", "#n/a", "<na>", "nan", "-nan", "null", "none"})
_MOST_COUNTED = 1000  # rows at fault that are counted
_MOST_LISTED = 4  # of them, by their numbers
_BEGINNING = 1 << 12  # bytes of a file whose lines tell what its columns are
_MOST_BLOCKS = 4  # of which a packed file may leave some empty


class Samples(NamedTuple):
    """The samples (x, y) of a file, each of shape (n,), n ≥ 1; `left_out` are the lines with a missing value.

    `unit` says what these are: a file of no text has rows.
    """

    x: Array
    y: Array
    left_out: Sequence[int]
    unit: str = "line"


def read_samples(path: str, columns: tuple[str, str] | None = None, encoding: str = "auto") -> Samples:
    """The samples of the file at `path`, as `samples_in` gives them; raises SampleFileError."""
    return done(samples_in(content_of(path), columns, encoding))


def samples_in(
    content: Iterable[bytes], columns: tuple[str, str] | None = None, encoding: str = "auto"
) -> Pieces[Samples]:
    """The samples of a file that holds the blocks `content`, of two columns by their headings or numbers.

    Columns may be separated by comma or semicolon, also those of a Chinese input method, by tab or blanks; a heading,
    empty lines and lines starting with `#` are passed over. Raises SampleFileError, which names the line at fault.
    """
    blocks: list[bytes] = []
    content = unpacked(content)
    for block in content:
        if block.startswith(MAGIC) and not blocks:
            return Samples(*(yield from read_parquet(chain((block,), content), columns)), unit="row")
        if block:
            blocks.append(block)
        yield 0.0
    text = SampleText(blocks, encoding)
    for _ in text.judge():
        yield 0.0
    table = yield from _table(text, columns)
    found, faults = [np.empty((0, 2))], _Faults()
    left_out = array("I")
    samples, first = 0, 1  # the number of the first line of a list
    for done_blocks, lines in enumerate(text.lists(drops=True)):
        for at in range(max(0, table.start + 1 - first), len(lines), _CHUNK):
            for numbers in _numbers(lines[at : at + _CHUNK], first + at, table, left_out, faults):
                found.append(numbers)
                samples += len(numbers)
                yield done_blocks / (len(blocks) + 1)
            if samples > MAX_SAMPLES and not faults:
                raise SampleFileError(f"has more than {MAX_SAMPLES} samples; allowed: up to {MAX_SAMPLES}")
            if faults.are_enough:
                raise SampleFileError(faults.text())
        first += len(lines)
    if faults:
        raise SampleFileError(faults.text())
    if not samples:
        missing = f": a value is missing in {lines_text(left_out)}" if left_out else ""
        raise SampleFileError(f"contains no samples{missing}; allowed: two columns of numbers, x and y")
    x = np.concatenate([numbers[:, 0] for numbers in found])
    yield 1.0
    return Samples(x, np.concatenate([numbers[:, 1] for numbers in found]), left_out)


def columns_in(path: str) -> list[str]:
    """What the columns of a file are called, or their numbers, as its beginning tells; none of a Parquet file.

    It opens regular files alone, and reads but some kilobytes of them. Raises SampleFileError.
    """
    head, *more = [*filter(None, islice(unpacked(content_of(path, _BEGINNING, waits=False)), _MOST_BLOCKS)), b""]
    if head.startswith(MAGIC):
        return []
    if any(more):  # its last line may be cut, in UTF-16 amid the character that ends it
        head = head[: max(head.rfind(b"\n"), head.rfind(b"\r")) + 1] or head
        head += b"\0" * (head.startswith(MARKS_OF_UTF_16) and len(head) % 2)
    text = SampleText([head], "auto")
    for _ in text.judge():
        pass
    table = done(_table(text, ("1", "2")))  # which are there, where there are two
    return [table.column(place) for place in range(table.width)]


def lines_text(numbers: Sequence[int], least: str = "", unit: str = "line") -> str:
    """`line 4`, `lines 4 and 9`, `lines 4, 9, 12, 17 and 37 more`; `least` is what stands before that 37."""
    if len(numbers) == 1:
        return f"{unit} {numbers[0]}"
    texts = [*map(str, numbers[:_MOST_LISTED])]
    if len(numbers) > _MOST_LISTED:
        texts.append(f"{least}{len(numbers) - _MOST_LISTED} more")
    return f"{unit}s {enumerated(texts)}"


class _Table(NamedTuple):
    """How the rows of a file are to be read: `start` is the index of the first line below the heading."""

    delimiter: str | None  # None for blanks
    start: int
    names: list[str]  # the headings, none where there are none
    width: int
    chosen: tuple[int, int]  # the places of x and y

    def column(self, place: int) -> str:
        """What a message calls a column."""
        return shown_name(self.names[place]) if self.names and self.names[place] else str(place + 1)


class _Faults:
    """The rows that cannot be read: the first of them, and which ones have the same kind of fault."""

    def __init__(self) -> None:
        self._first: tuple[str, str, str, str] | None = None
        self._lines: list[int] = []

    def add(self, line: int, where: str, what: str, allowed: str, kind: str) -> None:
        """Takes a fault: ` has 3 columns`, or `, column 2: 'foo' is not a number` of the kind `is not a number`."""
        self._first = self._first or (where, what, allowed, kind)
        if kind == self._first[-1]:
            self._lines.append(line)

    def __bool__(self) -> bool:
        return bool(self._lines)

    @property
    def are_enough(self) -> bool:
        """Whether no more of them need be counted."""
        return len(self._lines) >= _MOST_COUNTED

    def text(self) -> str:
        """All of it in one line."""
        assert self._first is not None
        where, what, allowed, _ = self._first
        least = "at least " if self.are_enough else ""
        others = f" (also {lines_text(self._lines[1:], least)})" if len(self._lines) > 1 else ""
        return f"line {self._lines[0]}{where}{what}{others}; allowed: {allowed}"


def _content(lines: Iterable[str], first: int = 1) -> Iterator[tuple[int, str]]:
    """The lines that are neither empty nor comments, with their numbers."""
    for number, line in enumerate(lines, first):
        if line.strip() and not line.lstrip().startswith("#"):
            yield number, line


def _delimiter(lines: Iterable[str]) -> str | None:
    """What separates the columns, judged by the last line of two numbers or more; None for blanks.

    `lines` has the last one first.
    """
    last = [line[:LONGEST_LINE] for _, line in islice(_content(lines), _JUDGED)]
    for line in last:
        best, most = None, (1, 0)
        for delimiter in (*_DELIMITERS, None):
            cells = _trimmed(_cells(line, delimiter), 2)
            # Of as many numbers in fewer cells: 1,5;2,5 is two numbers, not 1 and 5;2 and 5.
            worth = sum(_is_number(cell, delimiter) for cell in cells), -len(cells)
            if worth > most:
                best, most = delimiter, worth
        if most[0] > 1:
            return best
    return next((delimiter for delimiter in _DELIMITERS if delimiter in "".join(last[:1])), None)


def _table(text: SampleText, columns: tuple[str, str] | None) -> Pieces[_Table]:
    head: list[tuple[int, str]] = []
    passed = 0
    for lines in text.lists():
        head += islice(_content(lines, passed + 1), 2 - len(head))
        passed += len(lines)
        if len(head) == 2:
            break
        yield 0.0
    # Of the last lines a comment may have hidden all that tell.
    delimiter = _delimiter(chain(reversed(text.last_lines), (line for _, line in reversed(head))))
    first = [(number, line, _line_cells(number, line, delimiter)) for number, line in head]
    if not first:
        raise SampleFileError("contains no samples; allowed: two columns of numbers, x and y")
    number, _, cells = first[0]
    names = _trimmed(cells, 2)
    if len(names) < 2:
        raise SampleFileError(f"line {number} has one column; allowed: two, x and y")
    if not _is_heading(names):
        return _Table(delimiter, number - 1, [], len(names), choose([], len(names), columns, number))
    _, line, row = first[-1]
    row = _trimmed(row, 2)
    if len(row) == len(names) + 1 and (delimiter != "," or line.lstrip().startswith('"')):
        names = ["", *names]  # R writes names of rows without a heading of their own
    elif len(names) < len(row) <= len(cells):
        names = cells[: len(row)]  # the last columns have none
    return _Table(delimiter, number, names, len(names), choose(names, len(names), columns, number))


def _line_cells(number: int, line: str, delimiter: str | None) -> list[str]:
    if len(line) > LONGEST_LINE:
        raise SampleFileError(f"line {number} has more than {LONGEST_LINE} characters; allowed: up to {LONGEST_LINE}")
    return _cells(line, delimiter)


def _numbers(
    lines: list[str], first: int, table: _Table, left_out: MutableSequence[int], faults: _Faults
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
            yield from _numbers(lines[start : start + size], first + start, table, left_out, faults)


def _parted(lines: list[str], first: int, table: _Table) -> tuple[list[str], list[int]]:
    """The lines for NumPy to try that hold something, and the numbers of those of which `_rows` leaves out a row."""
    full, missing = [], []
    delimiter, width, (x, y) = table.delimiter, table.width, table.chosen
    for number, line in enumerate(lines, first):
        if "#" in line and line.lstrip().startswith("#"):
            continue
        if len(line) <= LONGEST_LINE:
            has_quotes = '"' in line
            cells = _quoted(line, delimiter) if has_quotes else line.split(delimiter)
            if has_quotes or len(cells) > width:
                cells = _trimmed([*map(str.strip, cells)], width)
                if not any((delimiter or " ") in cell for cell in cells):  # else it would become two
                    line = (delimiter or " ").join(cells)
            if len(cells) == width and (cells[x].strip().lower() in _MISSING or cells[y].strip().lower() in _MISSING):
                if any(map(str.strip, cells)):
                    missing.append(number)
                continue
        if line.strip():
            full.append(line)
    return full, missing


def _quick(lines: list[str], table: _Table) -> Array | None:
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
    lines: list[str], first: int, table: _Table, left_out: MutableSequence[int], faults: _Faults
) -> Iterator[tuple[float, float]]:
    """The samples in lines, row by row; the numbers of those with a missing value go to `left_out`."""
    for number, line in _content(lines, first):
        cells = _trimmed(_line_cells(number, line, table.delimiter), table.width)
        if not any(cells):
            continue  # an empty line of a spreadsheet
        if len(cells) != table.width:
            columns = "one column" if len(cells) == 1 else f"{len(cells)} columns"
            allowed = "two, x and y" if table.width == 2 else f"{table.width}, as in the first row"
            faults.add(number, "", f" has {columns}", allowed, "columns")
            continue
        if any(cells[place].lower() in _MISSING for place in table.chosen):
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


def _value(text: str, place: int, table: _Table) -> float:
    allowed = "finite numbers"
    try:
        value = _number(text, table.delimiter)
        if not math.isfinite(value):
            raise ValueError("is not a finite number")
        if abs(value) > LARGEST:
            allowed = f"from {-LARGEST:.0e} to {LARGEST:.0e}"
            raise ValueError("is too large")
    except ValueError as reason:
        kind = str(reason).partition(":")[0]
        raise _CellError(f", column {table.column(place)}: ", f"{quoted(text)} {reason}", allowed, kind) from None
    return value


def _cells(line: str, delimiter: str | None) -> list[str]:
    if '"' in line:
        return _quoted(line, delimiter)
    return line.split() if delimiter is None else [cell.strip() for cell in line.split(delimiter)]


def _trimmed(cells: list[str], width: int) -> list[str]:
    """The cells of a line without the empty ones that a spreadsheet leaves at its end, beyond `width`."""
    end = len(cells)
    while end > width and not cells[end - 1]:
        end -= 1
    return cells[:end]


def _quoted(line: str, delimiter: str | None) -> list[str]:
    if delimiter is None:
        line, delimiter = " ".join(line.split()), " "
    try:
        return [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter, skipinitialspace=True))]
    except csv.Error:
        return [line]


def _is_heading(cells: list[str]) -> bool:
    """Whether no cell begins like a number: `nan` and `inf` are taken for values, not for headings."""
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
        return plain_float(text if delimiter == "," else text.replace(",", "."))  # quick, and right for nearly all
    except ValueError:
        return read_number(text)


def _is_number(cell: str, delimiter: str | None) -> bool:
    try:
        return math.isfinite(_number(cell, delimiter))
    except ValueError:
        return False
