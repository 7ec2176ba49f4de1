"""How the rows of a file are laid out: what separates their columns, and where they begin below what stands there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice, takewhile
from typing import NamedTuple

from quadfit_tui.core.model.incremental_job import JobSteps
from quadfit_tui.core.model.samples.cells import (
    COMMENTS,
    MISSING,
    cells_of,
    content_lines,
    is_total,
    line_cells,
    may_be_comment,
    strip_trailing_cells,
    uncommented,
)
from quadfit_tui.core.model.samples.columns import choose
from quadfit_tui.core.model.samples.dates import date_of
from quadfit_tui.core.model.samples.findings import lines_text
from quadfit_tui.core.model.samples.numbers import is_heading, is_number, looks_numeric
from quadfit_tui.core.model.samples.sample_text import LONGEST_LINE, SampleFileError, SampleText
from quadfit_tui.core.model.samples.table import RowError, TableLayout
from quadfit_tui.core.model.units import are_units
from quadfit_tui.core.text.language import _, ngettext
from quadfit_tui.core.text.quoting import quoted

_DELIMITERS = (";", "\t", "|", ",")
_DECLARED = re.compile(r'\s*"?sep=([^\w\s.+"-]|\t| )"?\s*', re.IGNORECASE)  # as Excel writes and reads it
_JUDGED = 1000  # lines from the end that are tried for their delimiter
_LONGEST_PREAMBLE = 200  # lines, but for comments and empty ones
_MOST_TOTALS = 4  # rows at the end of a file


class _NumberedLine(NamedTuple):
    number: int
    text: str


class _Refusal(NamedTuple):
    """Why rows cannot be read. Kept as an error, it would keep all that it has come through, such as the whole file."""

    kind: type[SampleFileError]
    text: str


def table_of(text: SampleText, columns: tuple[str, str] | None, skip: int = 0) -> JobSteps[TableLayout]:
    """How a judged text is to be read, below its first `skip` lines.

    First as a table with one heading at most, and nothing else; where that cannot be, without comments; last with more
    above the rows: a preamble, units. Raises SampleFileError.
    """
    lines = _head(text, skip)
    first = yield from _next(lines, 2)
    if first and (declared := _DECLARED.fullmatch(first[0].text)):
        first = [*first[1:], *(yield from _next(lines, 1))]
        delimiter = declared[1].strip(" ") or None
    else:
        # Of the last lines a comment may have hidden all that tell.
        delimiter = delimiter_of([*reversed(text.last_lines), *(line.text for line in reversed(first))])
    if not first:
        raise SampleFileError(_("contains no samples; allowed: two columns of numbers, x and y"))
    table = _plain(first, delimiter, columns)
    if not isinstance(table, TableLayout) or not _begins(table, first):
        head = [*first, *(yield from _next(lines, _LONGEST_PREAMBLE))]
        bare = [
            _NumberedLine(line.number, _bare(line.text, delimiter)) for line in head if not may_be_comment(line.text)
        ]
        found = _plain(bare[:2], delimiter, columns) if bare else None
        if not isinstance(found, TableLayout) or not _begins(found, bare[:2]):
            found = _below(bare, _width(text, delimiter), delimiter, columns)
        table = found or table
    if not isinstance(table, TableLayout):
        raise table.kind(table.text)
    _check_end(text, table)
    return table


def _bare(line: str, delimiter: str | None) -> str:
    """A line without a comment behind its cells; one within a heading, such as `x #1,y`, is none."""
    line = line[: LONGEST_LINE + 1]
    cut = uncommented(line)
    if cut is None:
        return line
    cells = cells_of(cut, delimiter)
    is_whole = delimiter is None or len(cells) == len(cells_of(line, delimiter))
    return cut if is_whole or count_values(cells, delimiter) > 1 else line


def _head(text: SampleText, skip: int) -> Iterator[_NumberedLine | None]:
    """The lines below the first `skip` that are neither empty nor comments; None where a piece is done."""
    passed = 0
    for lines in text.lists():
        for number, line in content_lines(lines, passed + 1):
            if number > skip:
                yield _NumberedLine(number, line)
        passed += len(lines)
        yield None


def _next(lines: Iterator[_NumberedLine | None], most: int) -> JobSteps[list[_NumberedLine]]:
    found: list[_NumberedLine] = []
    for line in lines:
        if line is None:
            yield 0.0
        else:
            found.append(line)
            if len(found) == most:
                break
    return found


def delimiter_of(lines: Sequence[str]) -> str | None:
    """What separates the columns, judged by the last line of two numbers or more; None for blanks.

    `lines` has the last one first.
    """
    last = [line[:LONGEST_LINE] for _number, line in islice(content_lines(lines), _JUDGED)]
    plain = [line for line in last if not may_be_comment(line)]
    cut = [
        line for line in map(uncommented, plain) if line and not line.endswith(_DELIMITERS)
    ]  # else a value is missing
    for line in chain(plain, cut, last):
        best, most = None, (False, 1, 0)
        for delimiter in (*_DELIMITERS, None):
            if delimiter is None and most[0] and best != ",":
                break  # spaces stand between thousands
            cells = strip_trailing_cells(cells_of(line, delimiter), 2)
            values = count_values(cells, delimiter)
            # Of as many numbers in fewer cells: 1,5;2,5 is two numbers, not 1 and 5;2 and 5.
            worth = 1 < values == len(cells), values, -len(cells)
            if values > 1 and worth > most:
                best, most = delimiter, worth
        if most[1] > 1:
            return best
    return next((delimiter for delimiter in _DELIMITERS if delimiter in "".join(last[:1])), None)


def count_values(cells: Iterable[str], delimiter: str | None) -> int:
    """How many of the cells have numbers or dates."""
    return sum(is_number(cell, delimiter) or date_of(cell) is not None for cell in cells)


def _width(text: SampleText, delimiter: str | None) -> int:
    """How many cells the last row of numbers has; 0 where there is none."""
    for line in reversed(text.last_lines):
        cells = strip_trailing_cells(cells_of((uncommented(line) or line)[:LONGEST_LINE], delimiter), 2)
        if count_values(cells, delimiter) > 1 and not line.lstrip().startswith(COMMENTS):
            return len(cells)
    return 0


def _plain(
    lines: Sequence[_NumberedLine], delimiter: str | None, columns: tuple[str, str] | None
) -> TableLayout | _Refusal:
    """How rows are to be read of which `lines` are the first, or the heading and the first."""
    try:
        (number, cells), *others = [(line.number, line_cells(*line, delimiter)) for line in lines]
        names = strip_trailing_cells(cells, 2)
        if len(names) < 2:
            raise SampleFileError(_("line {line} has one column; allowed: two, x and y").format(line=number))
        if not is_heading(names):
            return TableLayout(delimiter, number - 1, [], len(names), choose([], len(names), columns, number))
        names = _names(cells, others[0][1] if others else cells, lines[-1].text, delimiter)
        return TableLayout(delimiter, number, names, len(names), choose(names, len(names), columns, number))
    except SampleFileError as refused:
        return _Refusal(type(refused), str(refused))


def _names(cells: list[str], row: list[str], line: str, delimiter: str | None) -> list[str]:
    """What the columns are called by the cells of a heading; `row` is the first one below it, `line` its text."""
    names, row = strip_trailing_cells(cells, 2), strip_trailing_cells(row, 2)
    if len(row) == len(names) + 1 and (delimiter != "," or line.lstrip().startswith('"')):
        return ["", *names]  # R writes names of rows without a heading of their own
    return cells[: len(row)] if len(names) < len(row) <= len(cells) else names  # the last columns have none


def _begins(table: TableLayout, lines: Sequence[_NumberedLine]) -> bool:
    """Whether the second line is a row of the table; a comment behind it makes no difference."""
    if len(lines) < 2 or _is_row(lines[1].text, table):
        return True
    cut = uncommented(lines[1].text)
    return cut is not None and not cut.endswith(_DELIMITERS) and _is_row(cut, table)  # else a value is missing


def _is_row(line: str, table: TableLayout) -> bool:
    cells = strip_trailing_cells(cells_of(line[:LONGEST_LINE], table.delimiter), table.width)
    try:
        if any(cells):
            table.sample(cells)
    except RowError:
        return False
    return True


def _below(
    lines: Sequence[_NumberedLine], width: int, delimiter: str | None, columns: tuple[str, str] | None
) -> TableLayout | _Refusal | None:
    """How rows are to be read that begin below other lines; None where these are not known to be none."""

    def cells(at: int) -> list[str]:  # of few lines at once: thousands in a line take much memory
        return strip_trailing_cells(cells_of(lines[at].text[:LONGEST_LINE], delimiter), 2)

    of_numbers = (at for at in range(len(lines)) if len(row := cells(at)) == width and count_values(row, delimiter) > 1)
    first = next(of_numbers, 0)
    if not first:
        return None

    def is_above(at: int) -> bool:
        """Whether a line can be the heading of the rows."""
        if at < 0 or sum(map(bool, cells(at))) < 2 or not (is_heading(cells(at)) or are_units(cells(at))):
            return False
        return len(_names(cells(at), cells(first), lines[first].text, delimiter)) == width

    def chosen(at: int) -> tuple[int, int] | None:
        """The places of x and y by a heading."""
        table = _plain([lines[at], lines[first]], delimiter, columns)
        return table.chosen if isinstance(table, TableLayout) else None

    notices, head, units = [], first, list[str]()
    if is_above(first - 1):
        head = first - 1
        if is_above(head - 1):
            if are_units(cells(head)):
                notices = [_("line {line} is passed over: it has units").format(line=lines[head].number)]
                units = cells(head)
                head -= 1
            elif chosen(head - 1) != chosen(head):
                return None  # two headings that do not agree
    elif sum(map(bool, cells(first - 1))) > 1 and (delimiter is not None or width > 2):
        return None  # a heading of other columns
    if not all(_is_text(cells(at), width if head == first else 0, delimiter) for at in range(head)):
        return None
    table = _plain([lines[at] for at in sorted({head, first})], delimiter, columns)
    if not isinstance(table, TableLayout):
        return table
    if head:
        above = [line.number for line in lines[:head]]
        told = ngettext(
            "{lines} is passed over: the table begins in line {first}",
            "{lines} are passed over: the table begins in line {first}",
            len(above),
            lines=lines_text(above),
            first=lines[head].number,
        )
        notices.insert(0, told)
    return table._replace(start=lines[first].number - 1, notices=tuple(notices), units=units)


def _is_text(cells: Sequence[str], width: int, delimiter: str | None) -> bool:
    """Whether a line is no row, also no damaged one: it has words; where no heading is below it, fewer numbers than a
    row of this width.
    """
    if len(cells) > 1 and is_number(cells[0], delimiter):
        return False
    numeric = sum(map(looks_numeric, cells))
    if not width:
        return any(cell.lower() not in MISSING and not is_number(cell, delimiter) for cell in cells)
    has_words = any(cell.lower() not in MISSING and not looks_numeric(cell) for cell in cells)
    return has_words and (numeric == 0 or (numeric == 1 < len(cells) < width))


def _check_end(text: SampleText, table: TableLayout) -> None:
    """Raises SampleFileError where the file ends with totals, which could be read as samples."""
    if table.width == 2:
        return
    lines = content_lines(text.last_lines, text.last_numbers.start)
    rows = [(number, _total(line, table)) for number, line in lines if number > table.start][::-1]
    totals = [*takewhile(lambda row: row[1], rows[:_MOST_TOTALS])]
    words = {word for _number, word in totals}
    # A word that stands in other rows, too, says something else.
    if totals and len(totals) < len(rows) and words.isdisjoint(word for _number, word in rows[len(totals) :]):
        number, word = totals[-1]
        problem = _("line {line} has {word}, as a total has; allowed: rows of samples alone")
        raise SampleFileError(problem.format(line=number, word=quoted(word)))


def _total(line: str, table: TableLayout) -> str:
    """The word beside x and y by which a row that could be read is a total; empty where it is none."""
    cells = strip_trailing_cells(cells_of(line[:LONGEST_LINE], table.delimiter), table.width)
    others = [cell for place, cell in enumerate(cells) if place not in table.chosen]
    word = next((cell for cell in others if is_total(cell)), "")
    return word if word and _is_row(line, table) else ""
