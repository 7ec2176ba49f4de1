"""Columns of a table by their headings, of texts such as names, in whatever way a spreadsheet has saved it."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence

from quadfit_tui.core.model.samples.sample_text import SampleFileError, SampleText
from quadfit_tui.core.text.language import _
from quadfit_tui.core.text.quoting import with_allowed

_DELIMITERS = ";\t,"
_IN_CHINESE = {"姓名": "name", "账号": "account"}  # as the tables of Chinese schools have these headings


class TableError(ValueError):
    """A table cannot be used; the text is one line, follows on the file's name, and tells the line at fault."""


def named_columns(content: bytes, columns: Sequence[str], allowed: str) -> Iterator[tuple[int, list[str]]]:
    """The line and the cells of each row of these columns, of a CSV file in any encoding and with any delimiter.

    Rows that have nothing there are left out. Raises TableError; `allowed` says there which headings are needed.
    """
    text = SampleText([content], "auto")
    try:
        for _done in text.judge():
            pass
    except SampleFileError:
        raise TableError(with_allowed(_("is no text"), allowed)) from None
    lines = [line for block in text.lists() for line in block]
    start = int(bool(lines) and lines[0].lower().startswith("sep="))  # as some spreadsheets name the delimiter
    heading = lines[start] if start < len(lines) else ""
    delimiter, places = _headings(heading, start + 1, columns, allowed)
    for number, line in enumerate(lines[start + 1 :], start + 2):
        cells = _cells(line, delimiter, number, allowed)
        found = [cells[place] if place < len(cells) else "" for place in places]
        if any(found):
            yield number, found


def _headings(line: str, number: int, columns: Sequence[str], allowed: str) -> tuple[str, list[int]]:
    """What parts the columns of a table, and where those are that are wanted."""
    for delimiter in _DELIMITERS:
        cells = [_IN_CHINESE.get(cell, cell.casefold()) for cell in _cells(line, delimiter, number, allowed)]
        if all(cells.count(each) == 1 for each in columns):
            return delimiter, [cells.index(each) for each in columns]
    raise TableError(with_allowed(_("line {line}: does not name these columns").format(line=number), allowed))


def _cells(line: str, delimiter: str, number: int, allowed: str) -> list[str]:
    """The cells of a line of a table."""
    try:
        return [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter), [])]
    except csv.Error:  # of a cell that is far too long
        raise TableError(with_allowed(_("line {line}: cannot be read").format(line=number), allowed)) from None
