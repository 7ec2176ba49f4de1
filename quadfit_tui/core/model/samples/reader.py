"""Reads samples from a file of columns as spreadsheets and programs write them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import islice
from typing import NamedTuple

import numpy as np

from quadfit_tui.core.config.parameters import MAX_SAMPLES
from quadfit_tui.core.model.array import Array
from quadfit_tui.core.model.incremental_job import JobSteps, run_job
from quadfit_tui.core.model.quantity import UNNAMED, Quantities
from quadfit_tui.core.model.samples.cells import MISSING, cells_of, content_lines, strip_trailing_cells
from quadfit_tui.core.model.samples.columns import column_word, known_columns
from quadfit_tui.core.model.samples.dates import date_of
from quadfit_tui.core.model.samples.findings import ParseFindings, lines_text
from quadfit_tui.core.model.samples.layout import detect_layout
from quadfit_tui.core.model.samples.numbers import Signs, is_number
from quadfit_tui.core.model.samples.other_formats import format_error, log_message
from quadfit_tui.core.model.samples.rows import samples_of
from quadfit_tui.core.model.samples.sample_text import (
    MARKS_OF_UTF_16,
    TOO_MANY,
    SampleFileError,
    SampleText,
    read_blocks,
    unpack,
)
from quadfit_tui.core.model.samples.table import TableLayout
from quadfit_tui.core.text.language import _

_CHUNK = 4000  # lines that NumPy reads at once; if it cannot read them, they take some milliseconds
_BEGINNING = 1 << 12  # bytes at the beginning of a file from which its columns are known
_MOST_BLOCKS = 4  # blocks that are read for that: some of a packed file may be empty
_MOST_VALUES = 4  # values of a column that users see as examples


class FileSamples(NamedTuple):
    """The samples (x, y) of a file, each of shape (n,), n ≥ 1; `left_out` are the lines with a missing value.

    `notices` are messages on how ambiguous parts of the file were read, each a sentence without its final period.
    `quantities` are the names and units of x and y in the headings; the unit of x made of dates is seconds.
    """

    x: Array
    y: Array
    left_out: Sequence[int]
    notices: Sequence[str] = ()
    quantities: Quantities = UNNAMED


class SkipError(SampleFileError):
    """The file has no more lines than `skip`; the message is written after their number."""

    parameter = "skip"


def read_samples(path: str, columns: tuple[str, str] | None = None) -> FileSamples:
    """Reads the samples of the file at `path` without a pause, like `samples_in`; raises SampleFileError."""
    return run_job(samples_in(read_blocks(path), columns))


def samples_in(
    content: Iterable[bytes], columns: tuple[str, str] | None = None, encoding: str = "auto", skip: int = 0
) -> JobSteps[FileSamples]:
    """Parses the samples of a file from its blocks of bytes, step by step; `columns` are two headings or numbers.

    Columns may be separated by comma or semicolon, also those of a Chinese input method, by tab or blanks. Skips the
    first `skip` lines, a preamble, a heading, units, empty lines and comments with `#` or `%`. Raises SampleFileError,
    which names the line at fault, or how to convert a file of another format.
    """
    blocks: list[bytes] = []
    content = unpack(content)
    for block in content:
        if block:
            blocks.append(block)
        yield 0.0
    begin = blocks[0] if blocks else b""
    try:
        return (yield from _text_samples(blocks, columns, encoding, skip))
    except SampleFileError as refused:
        raise format_error(begin, refused) from None


def _text_samples(
    blocks: list[bytes], columns: tuple[str, str] | None, encoding: str, skip: int
) -> JobSteps[FileSamples]:
    text = SampleText(blocks, encoding)
    for _step in text.judge():
        yield 0.0
    if 0 < text.line_count <= skip:
        problem = _("passes over all lines of the file; allowed: up to {most}")
        raise SkipError(problem.format(most=text.line_count - 1))
    table = yield from detect_layout(text, columns, skip)
    signs = Signs(table.delimiter)
    arrays, findings = yield from _read(text, len(blocks), table, ParseFindings(signs))
    if (thousands := signs.thousands) and (findings.faults.are_ambiguous or not findings.refusal):
        table = table._replace(thousands=thousands)
        arrays, findings = yield from _read(text, len(blocks), table, ParseFindings(signs))
    blocks.clear()  # frees their memory for the arrays
    left_out = findings.left_out
    if refused := findings.refusal:
        raise SampleFileError(refused)
    if not arrays:
        if not left_out:
            raise SampleFileError(_("contains no samples; allowed: two columns of numbers, x and y"))
        problem = _("contains no samples: a value is missing in {lines}; allowed: two columns of numbers, x and y")
        raise SampleFileError(problem.format(lines=lines_text(left_out)))
    x = np.concatenate([numbers[:, 0] for numbers in arrays])
    yield 1.0
    y = np.concatenate([numbers[:, 1] for numbers in arrays])
    notices = [*filter(None, (text.notice,)), *table.notices, *findings.notices]
    quantities = table.quantities
    if table.names and findings.dates.first is not None:
        quantities = quantities._replace(x=replace(quantities.x, unit="s"))
    return FileSamples(x, y, left_out, notices, quantities)


def _read(
    text: SampleText, blocks: int, table: TableLayout, findings: ParseFindings
) -> JobSteps[tuple[list[Array], ParseFindings]]:
    """Parses a table's rows into arrays of samples, shape (n, 2), until too many faults; raises SampleFileError."""
    arrays = list[Array]()
    samples = 0
    first = 1  # the number of the first of `lines`
    for blocks_done, lines in enumerate(text.lists(drops=bool(table.thousands))):
        for start in range(max(0, table.start + 1 - first), len(lines), _CHUNK):
            for numbers in samples_of(lines[start : start + _CHUNK], first + start, table, findings):
                if len(numbers):
                    arrays.append(numbers)
                samples += len(numbers)
                yield blocks_done / (blocks + 1)
            if samples > MAX_SAMPLES and not findings.faults:
                raise SampleFileError(_(TOO_MANY).format(most=MAX_SAMPLES))
            if findings.faults.are_enough:
                return arrays, findings
        first += len(lines)
    return arrays, findings


def columns_in(path: str) -> list[str]:
    """Reads the headings of a file's columns, or their numbers, from its beginning, to offer them to the user.

    Opens only regular files, and reads only some kilobytes of them. Raises SampleFileError.
    """
    _lines, table = _beginning(path)
    return [table.column(place) for place in range(table.width)]


class FileColumn(NamedTuple):
    """A column of numbers: its `word` in the parameter `columns`, its heading, if any, and its first values."""

    word: str
    heading: str
    values: Sequence[str]


def undecided_columns(path: str) -> list[FileColumn]:
    """Reads a file's columns of numbers, if the user must choose x and y from them; else returns an empty list.

    Reads as little of the file as `columns_in`. Raises SampleFileError.
    """
    lines, table = _beginning(path)
    if known_columns(table.names, table.width) is not None:
        return []
    rows = [strip_trailing_cells(cells_of(line, table.delimiter), table.width) for line in lines]
    rows = [row for row in rows if len(row) == table.width]
    columns = []
    for place in range(table.width):
        values = [row[place] for row in rows if row[place].lower() not in MISSING]
        if values and all(is_number(value, table.delimiter) or date_of(value) for value in values):
            heading = table.names[place] if table.names else ""
            columns.append(FileColumn(column_word(table.names, place), heading, values[:_MOST_VALUES]))
    return columns


def _beginning(path: str) -> tuple[list[str], TableLayout]:
    """Reads the first rows of a file, as lines of text, and their layout; raises SampleFileError."""
    blocks = islice(unpack(read_blocks(path, _BEGINNING, waits=False)), _MOST_BLOCKS)
    head, *more = [*filter(None, blocks), b""]
    if any(more):  # the last line may be cut, in UTF-16 amid the character that ends it
        head = head[: max(head.rfind(b"\n"), head.rfind(b"\r")) + 1] or head
        if head.startswith(MARKS_OF_UTF_16) and len(head) % 2:
            head += b"\0"
    text = SampleText([head], "auto")
    try:
        for _step in text.judge():
            pass
        table = run_job(detect_layout(text, ("1", "2")))  # any two columns: only the layout matters
    except SampleFileError as refused:
        raise format_error(head, refused) from None
    if refused_log := log_message(head):  # else the first line of a log would pass for a heading
        raise SampleFileError(refused_log)
    lines = [line for block in text.lists() for line in block]
    return [line for _number, line in content_lines(lines[table.start :])], table
