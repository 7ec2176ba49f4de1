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
from quadfit_tui.core.model.samples.layout import table_of
from quadfit_tui.core.model.samples.numbers import Signs, is_number
from quadfit_tui.core.model.samples.other_formats import refusal, refusal_of_log
from quadfit_tui.core.model.samples.rows import samples_of
from quadfit_tui.core.model.samples.sample_text import (
    MARKS_OF_UTF_16,
    TOO_MANY,
    SampleFileError,
    SampleText,
    content_of,
    unpacked,
)
from quadfit_tui.core.model.samples.table import TableLayout
from quadfit_tui.core.text.language import _

_CHUNK = 4000  # lines that NumPy reads at once, most of a file's; some milliseconds where it cannot
_BEGINNING = 1 << 12  # bytes of a file whose lines tell what its columns are
_MOST_BLOCKS = 4  # of which a packed file may leave some empty
_MOST_VALUES = 4  # of a column that somebody is shown


class FileSamples(NamedTuple):
    """The samples (x, y) of a file, each of shape (n,), n ≥ 1; `left_out` are the lines with a missing value.

    `notices` tell how the file was read where that could have been meant otherwise, each a sentence without its end.
    `quantities` are what x and y are by their headings; x made of dates has seconds.
    """

    x: Array
    y: Array
    left_out: Sequence[int]
    notices: Sequence[str] = ()
    quantities: Quantities = UNNAMED


class SkipError(SampleFileError):
    """The lines that are to be passed over are not there; the text follows on their number."""

    parameter = "skip"


def read_samples(path: str, columns: tuple[str, str] | None = None) -> FileSamples:
    """The samples of the file at `path`, as `samples_in` gives them; raises SampleFileError."""
    return run_job(samples_in(content_of(path), columns))


def samples_in(
    content: Iterable[bytes], columns: tuple[str, str] | None = None, encoding: str = "auto", skip: int = 0
) -> JobSteps[FileSamples]:
    """The samples of a file that holds the blocks `content`, of two columns by their headings or numbers.

    Columns may be separated by comma or semicolon, also those of a Chinese input method, by tab or blanks. The first
    `skip` lines are passed over, and a preamble, a heading, units, empty lines and comments with `#` or `%`. Raises
    SampleFileError, which names the line at fault, or the way that works for a file of another format.
    """
    blocks: list[bytes] = []
    content = unpacked(content)
    for block in content:
        if block:
            blocks.append(block)
        yield 0.0
    begin = blocks[0] if blocks else b""
    try:
        return (yield from _text_samples(blocks, columns, encoding, skip))
    except SampleFileError as refused:
        raise refusal(begin, refused) from None


def _text_samples(
    blocks: list[bytes], columns: tuple[str, str] | None, encoding: str, skip: int
) -> JobSteps[FileSamples]:
    text = SampleText(blocks, encoding)
    for _done in text.judge():
        yield 0.0
    if 0 < text.line_count <= skip:
        problem = _("passes over all lines of the file; allowed: up to {most}")
        raise SkipError(problem.format(most=text.line_count - 1))
    table = yield from table_of(text, columns, skip)
    signs = Signs(table.delimiter)
    found, findings = yield from _read(text, len(blocks), table, ParseFindings(signs))
    if (thousands := signs.thousands) and (findings.faults.are_ambiguous or not findings.refusal):
        found, findings = yield from _read(text, len(blocks), table._replace(thousands=thousands), ParseFindings(signs))
    blocks.clear()  # their memory is of use for the arrays
    left_out = findings.left_out
    if refused := findings.refusal:
        raise SampleFileError(refused)
    if not found:
        if not left_out:
            raise SampleFileError(_("contains no samples; allowed: two columns of numbers, x and y"))
        problem = _("contains no samples: a value is missing in {lines}; allowed: two columns of numbers, x and y")
        raise SampleFileError(problem.format(lines=lines_text(left_out)))
    x = np.concatenate([numbers[:, 0] for numbers in found])
    yield 1.0
    y = np.concatenate([numbers[:, 1] for numbers in found])
    notices = [*filter(None, (text.notice,)), *table.notices, *findings.notices]
    quantities = table.quantities
    if table.names and findings.dates.first is not None:
        quantities = quantities._replace(x=replace(quantities.x, unit="s"))
    return FileSamples(x, y, left_out, notices, quantities)


def _read(
    text: SampleText, blocks: int, table: TableLayout, findings: ParseFindings
) -> JobSteps[tuple[list[Array], ParseFindings]]:
    """The samples in the rows of a table, of shape (n, 2) each, as far as they can be read; raises SampleFileError."""
    found, samples, first = list[Array](), 0, 1  # the number of the first line of a list
    for done_blocks, lines in enumerate(text.lists(drops=bool(table.thousands))):
        for at in range(max(0, table.start + 1 - first), len(lines), _CHUNK):
            for numbers in samples_of(lines[at : at + _CHUNK], first + at, table, findings):
                if len(numbers):
                    found.append(numbers)
                samples += len(numbers)
                yield done_blocks / (blocks + 1)
            if samples > MAX_SAMPLES and not findings.faults:
                raise SampleFileError(_(TOO_MANY).format(most=MAX_SAMPLES))
            if findings.faults.are_enough:
                return found, findings
        first += len(lines)
    return found, findings


def columns_in(path: str) -> list[str]:
    """What the columns of a file are called, or their numbers, as its beginning tells.

    It opens regular files alone, and reads but some kilobytes of them. Raises SampleFileError.
    """
    _lines, table = _beginning(path)
    return [table.column(place) for place in range(table.width)]


class FileColumn(NamedTuple):
    """A column of numbers: the `word` that the parameter columns has for it, its heading, if any, and first values."""

    word: str
    heading: str
    values: Sequence[str]


def undecided_columns(path: str) -> list[FileColumn]:
    """The columns of numbers of a file of which somebody has to say which are x and y; none where that is known.

    It reads as little of the file as `columns_in`, and raises SampleFileError likewise.
    """
    lines, table = _beginning(path)
    if known_columns(table.names, table.width) is not None:
        return []
    cells = [
        row
        for line in lines
        if len(row := strip_trailing_cells(cells_of(line, table.delimiter), table.width)) == table.width
    ]
    found = []
    for place in range(table.width):
        values = [row[place] for row in cells if row[place].lower() not in MISSING]
        if values and all(is_number(value, table.delimiter) or date_of(value) for value in values):
            heading = table.names[place] if table.names else ""
            found.append(FileColumn(column_word(table.names, place), heading, values[:_MOST_VALUES]))
    return found


def _beginning(path: str) -> tuple[list[str], TableLayout]:
    """The first rows of a file, as lines of text, and how they are to be read; raises SampleFileError."""
    head, *more = [*filter(None, islice(unpacked(content_of(path, _BEGINNING, waits=False)), _MOST_BLOCKS)), b""]
    if any(more):  # its last line may be cut, in UTF-16 amid the character that ends it
        head = head[: max(head.rfind(b"\n"), head.rfind(b"\r")) + 1] or head
        head += b"\0" * (head.startswith(MARKS_OF_UTF_16) and len(head) % 2)
    text = SampleText([head], "auto")
    try:
        for _done in text.judge():
            pass
        table = run_job(table_of(text, ("1", "2")))  # which are there, where there are two
    except SampleFileError as refused:
        raise refusal(head, refused) from None
    if refused_log := refusal_of_log(head):  # whose heading would be its first line
        raise SampleFileError(refused_log)
    lines = [line for each in text.lists() for line in each]
    return [line for _number, line in content_lines(lines[table.start :])], table
