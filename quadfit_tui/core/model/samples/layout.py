"""Detects the layout of a file of samples: its delimiter, heading, columns, and the line in which its rows begin."""

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
    strip_comment,
    strip_trailing_cells,
)
from quadfit_tui.core.model.samples.columns import choose_columns
from quadfit_tui.core.model.samples.dates import date_of
from quadfit_tui.core.model.samples.findings import lines_text
from quadfit_tui.core.model.samples.numbers import is_heading, is_number, looks_numeric
from quadfit_tui.core.model.samples.sample_text import LONGEST_LINE, SampleFileError, SampleText
from quadfit_tui.core.model.samples.table import RowError, TableLayout
from quadfit_tui.core.model.units import are_units
from quadfit_tui.core.text.language import _, ngettext
from quadfit_tui.core.text.quoting import quoted

_DELIMITERS = (";", "\t", "|", ",")
_DECLARED = re.compile(r'\s*"?sep=([^\w\s.+"-]|\t| )"?\s*', re.IGNORECASE)  # Excel writes and reads such a first line
_JUDGED = 1000  # lines from the end by which the delimiter is detected
_LONGEST_PREAMBLE = 200  # maximum length in lines, without comments and empty ones
_MOST_TOTALS = 4  # maximum number of rows of totals at the end of a file


class _NumberedLine(NamedTuple):
    number: int
    text: str


class _Refusal(NamedTuple):
    """Why rows cannot be parsed, to be raised later; an error object would keep the whole file by its traceback."""

    kind: type[SampleFileError]
    text: str


def detect_layout(text: SampleText, columns: tuple[str, str] | None, skip: int = 0) -> JobSteps[TableLayout]:
    """Detects the layout of a text below its first `skip` lines, step by step; `columns` are the user's choice.

    `text` must be judged. Tries a table with at most one heading; if that fails, the same without comments behind
    values; last, a table below a preamble, with a row of units. Raises SampleFileError.
    """
    lines = _head(text, skip)
    first = yield from _take(lines, 2)
    if first and (declared := _DECLARED.fullmatch(first[0].text)):
        first = [*first[1:], *(yield from _take(lines, 1))]
        delimiter = declared[1].strip(" ") or None
    else:
        # Comments may hide the numbers of all last lines, so the first ones are tried, too.
        delimiter = delimiter_of([*reversed(text.last_lines), *(line.text for line in reversed(first))])
    if not first:
        raise SampleFileError(_("contains no samples; allowed: two columns of numbers, x and y"))
    table = _layout_without_preamble(first, delimiter, columns)
    if not isinstance(table, TableLayout) or not _second_line_fits(table, first):
        head = [*first, *(yield from _take(lines, _LONGEST_PREAMBLE))]
        bare = [
            _NumberedLine(line.number, _strip_comment(line.text, delimiter))
            for line in head
            if not may_be_comment(line.text)
        ]
        layout = _layout_without_preamble(bare[:2], delimiter, columns) if bare else None
        if not isinstance(layout, TableLayout) or not _second_line_fits(layout, bare[:2]):
            layout = _layout_below_preamble(bare, _last_row_width(text, delimiter), delimiter, columns)
        table = layout or table
    if not isinstance(table, TableLayout):
        raise table.kind(table.text)
    _check_end(text, table)
    return table


def _strip_comment(line: str, delimiter: str | None) -> str:
    """Strips the comment behind a line's cells; `#` within a heading, such as `x #1,y`, begins none."""
    line = line[: LONGEST_LINE + 1]
    cut = strip_comment(line)
    if cut is None:
        return line
    cells = cells_of(cut, delimiter)
    is_whole = delimiter is None or len(cells) == len(cells_of(line, delimiter))
    return cut if is_whole or count_values(cells, delimiter) > 1 else line


def _head(text: SampleText, skip: int) -> Iterator[_NumberedLine | None]:
    """Yields the lines below the first `skip` that are neither empty nor comments, and None after each step of work."""
    passed = 0
    for lines in text.lists():
        for number, line in content_lines(lines, passed + 1):
            if number > skip:
                yield _NumberedLine(number, line)
        passed += len(lines)
        yield None


def _take(lines: Iterator[_NumberedLine | None], most: int) -> JobSteps[list[_NumberedLine]]:
    """Takes up to `most` lines from the iterator, step by step, and returns them."""
    numbered: list[_NumberedLine] = []
    for line in lines:
        if line is None:
            yield 0.0
        else:
            numbered.append(line)
            if len(numbered) == most:
                break
    return numbered


def delimiter_of(lines: Sequence[str]) -> str | None:
    """Detects the delimiter of columns by the last line with two or more numbers; returns None for blanks.

    `lines` has the last one first.
    """
    last = [line[:LONGEST_LINE] for _number, line in islice(content_lines(lines), _JUDGED)]
    plain = [line for line in last if not may_be_comment(line)]
    # With a delimiter at its end, the comment stands in place of a value.
    cut = [line for line in map(strip_comment, plain) if line and not line.endswith(_DELIMITERS)]
    for line in chain(plain, cut, last):
        best, most = None, (False, 1, 0)
        for delimiter in (*_DELIMITERS, None):
            if delimiter is None and most[0] and best != ",":
                break  # the spaces separate thousands
            cells = strip_trailing_cells(cells_of(line, delimiter), 2)
            values = count_values(cells, delimiter)
            # With as many numbers, fewer cells are better: 1,5;2,5 is two numbers, not 1 and 5;2 and 5.
            worth = 1 < values == len(cells), values, -len(cells)
            if values > 1 and worth > most:
                best, most = delimiter, worth
        if most[1] > 1:
            return best
    return next((delimiter for delimiter in _DELIMITERS if delimiter in "".join(last[:1])), None)


def count_values(cells: Iterable[str], delimiter: str | None) -> int:
    """Counts the cells that hold numbers or dates."""
    return sum(is_number(cell, delimiter) or date_of(cell) is not None for cell in cells)


def _last_row_width(text: SampleText, delimiter: str | None) -> int:
    """Returns the number of cells of the last row with two or more numbers; 0 if there is none."""
    for line in reversed(text.last_lines):
        cells = strip_trailing_cells(cells_of((strip_comment(line) or line)[:LONGEST_LINE], delimiter), 2)
        if count_values(cells, delimiter) > 1 and not line.lstrip().startswith(COMMENTS):
            return len(cells)
    return 0


def _layout_without_preamble(
    lines: Sequence[_NumberedLine], delimiter: str | None, columns: tuple[str, str] | None
) -> TableLayout | _Refusal:
    """Detects the layout if `lines` are the heading and the first row, or the first rows; else returns the reason."""
    try:
        (number, cells), *others = [(line.number, line_cells(*line, delimiter)) for line in lines]
        names = strip_trailing_cells(cells, 2)
        if len(names) < 2:
            raise SampleFileError(_("line {line} has one column; allowed: two, x and y").format(line=number))
        if not is_heading(names):
            return TableLayout(delimiter, number - 1, [], len(names), choose_columns([], len(names), columns, number))
        names = _names(cells, others[0][1] if others else cells, lines[-1].text, delimiter)
        return TableLayout(delimiter, number, names, len(names), choose_columns(names, len(names), columns, number))
    except SampleFileError as refused:
        return _Refusal(type(refused), str(refused))


def _names(cells: list[str], row: list[str], line: str, delimiter: str | None) -> list[str]:
    """Returns the columns' headings from the cells of a heading and of the first row below it, whose text is `line`."""
    names, row = strip_trailing_cells(cells, 2), strip_trailing_cells(row, 2)
    if len(row) == len(names) + 1 and (delimiter != "," or line.lstrip().startswith('"')):
        return ["", *names]  # R writes no heading above the names of rows
    return cells[: len(row)] if len(names) < len(row) <= len(cells) else names  # the last columns may have no heading


def _second_line_fits(table: TableLayout, lines: Sequence[_NumberedLine]) -> bool:
    """Whether the second line, with or without a comment behind it, is a row of the table; True if there is none."""
    if len(lines) < 2 or _is_row(lines[1].text, table):
        return True
    cut = strip_comment(lines[1].text)
    return cut is not None and not cut.endswith(_DELIMITERS) and _is_row(cut, table)  # `1,# none` lacks a value


def _is_row(line: str, table: TableLayout) -> bool:
    """Whether a line can be parsed as a row of the table, also one with missing values or without any."""
    cells = strip_trailing_cells(cells_of(line[:LONGEST_LINE], table.delimiter), table.width)
    try:
        if any(cells):
            table.sample(cells)
    except RowError:
        return False
    return True


def _layout_below_preamble(
    lines: Sequence[_NumberedLine], width: int, delimiter: str | None, columns: tuple[str, str] | None
) -> TableLayout | _Refusal | None:
    """Detects the layout of rows below a preamble; returns None if lines above may be rows, or else why it fails."""

    def cells(index: int) -> list[str]:  # not kept for all lines: thousands of cells in a line take much memory
        return strip_trailing_cells(cells_of(lines[index].text[:LONGEST_LINE], delimiter), 2)

    numeric_rows = (
        index for index in range(len(lines)) if len(row := cells(index)) == width and count_values(row, delimiter) > 1
    )
    first = next(numeric_rows, 0)
    if not first:
        return None

    def may_be_heading(index: int) -> bool:
        """Whether a line can be the heading of the rows, or their row of units."""
        if index < 0 or sum(map(bool, cells(index))) < 2 or not (is_heading(cells(index)) or are_units(cells(index))):
            return False
        return len(_names(cells(index), cells(first), lines[first].text, delimiter)) == width

    def chosen(index: int) -> tuple[int, int] | None:
        """Returns the indices of x and y if a line is the heading, or None if they are not known then."""
        table = _layout_without_preamble([lines[index], lines[first]], delimiter, columns)
        return table.chosen if isinstance(table, TableLayout) else None

    notices = []
    head = first
    units = list[str]()
    if may_be_heading(first - 1):
        head = first - 1
        if may_be_heading(head - 1):
            if are_units(cells(head)):
                notices = [_("line {line} is passed over: it has units").format(line=lines[head].number)]
                units = cells(head)
                head -= 1
            elif chosen(head - 1) != chosen(head):
                return None  # two headings that do not agree
    elif sum(map(bool, cells(first - 1))) > 1 and (delimiter is not None or width > 2):
        return None  # a heading of other columns
    if not all(_is_text(cells(index), width if head == first else 0, delimiter) for index in range(head)):
        return None
    table = _layout_without_preamble([lines[index] for index in sorted({head, first})], delimiter, columns)
    if not isinstance(table, TableLayout):
        return table
    if head:
        above = [line.number for line in lines[:head]]
        notice = ngettext(
            "{lines} is passed over: the table begins in line {first}",
            "{lines} are passed over: the table begins in line {first}",
            len(above),
            lines=lines_text(above),
            first=lines[head].number,
        )
        notices.insert(0, notice)
    return table._replace(start=lines[first].number - 1, notices=tuple(notices), units=units)


def _is_text(cells: Sequence[str], width: int, delimiter: str | None) -> bool:
    """Whether a line above the rows is text, and not a damaged row: it has words.

    `width` is that of a row if no heading is below the line: then it must have fewer numbers than such a row; else 0.
    """
    if len(cells) > 1 and is_number(cells[0], delimiter):
        return False
    numeric = sum(map(looks_numeric, cells))
    if not width:
        return any(cell.lower() not in MISSING and not is_number(cell, delimiter) for cell in cells)
    has_words = any(cell.lower() not in MISSING and not looks_numeric(cell) for cell in cells)
    return has_words and (numeric == 0 or (numeric == 1 < len(cells) < width))


def _check_end(text: SampleText, table: TableLayout) -> None:
    """Raises SampleFileError if the file ends with rows of totals, which would be parsed as samples."""
    if table.width == 2:
        return
    lines = content_lines(text.last_lines, text.last_numbers.start)
    rows = [(number, _total_word(line, table)) for number, line in lines if number > table.start][::-1]
    totals = [*takewhile(lambda row: row[1], rows[:_MOST_TOTALS])]
    words = {word for _number, word in totals}
    # A word that stands in other rows, too, does not mark a total.
    if totals and len(totals) < len(rows) and words.isdisjoint(word for _number, word in rows[len(totals) :]):
        number, word = totals[-1]
        problem = _("line {line} has {word}, as a total has; allowed: rows of samples alone")
        raise SampleFileError(problem.format(line=number, word=quoted(word)))


def _total_word(line: str, table: TableLayout) -> str:
    """Returns the word in another column than x and y by which a valid row is a total; empty if it is none."""
    cells = strip_trailing_cells(cells_of(line[:LONGEST_LINE], table.delimiter), table.width)
    others = [cell for place, cell in enumerate(cells) if place not in table.chosen]
    word = next((cell for cell in others if is_total(cell)), "")
    return word if word and _is_row(line, table) else ""
