"""The names of a class by its accounts, from a table that its teacher has saved from a spreadsheet."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Mapping

from quadfit_tui.core.model.samples.sample_text import SampleFileError, SampleText
from quadfit_tui.core.text.language import _
from quadfit_tui.core.text.quoting import quoted

MOST_BYTES = 1_000_000  # of such a table
_LONGEST = 100  # characters of a name
_COLUMNS = _ACCOUNT, _NAME = "account", "name"
_DELIMITERS = ";\t,"


class NamesError(ValueError):
    """A table has no usable names; the text is one line, follows on the file's name, and tells the line at fault."""


def names_in(content: bytes) -> Mapping[str, str]:
    """The names of a CSV file by their accounts, in whatever encoding and with whatever delimiter it was saved.

    Accounts are in small letters, since spreadsheets begin a cell with a capital one. Where several accounts have one
    name, the account stands behind it. Raises NamesError.
    """
    text = SampleText([content], "auto")
    try:
        for _done in text.judge():
            pass
    except SampleFileError:
        raise NamesError(_("is no text; allowed: columns with the headings account and name")) from None
    lines = [line for block in text.lists() for line in block]
    start = bool(lines) and lines[0].lower().startswith("sep=")  # as some spreadsheets name the delimiter
    names: dict[str, str] = {}
    seen: dict[str, int] = {}
    for number, account, name in _rows(lines, int(start)):
        if account in seen:
            problem = _("line {line}: {account} has a name in line {other} already; allowed: one")
            raise NamesError(problem.format(line=number, account=quoted(account), other=seen[account]))
        seen[account], names[account] = number, name
    often = Counter(names.values())
    return {account: f"{name} ({account})" if often[name] > 1 else name for account, name in names.items()}


def _rows(lines: list[str], start: int) -> Iterator[tuple[int, str, str]]:
    """The line, the account and the name of each row below the headings, which stand in the line at `start`."""
    delimiter, places = _headings(lines[start] if start < len(lines) else "", start + 1)
    for number, line in enumerate(lines[start + 1 :], start + 2):
        cells = _cells(line, delimiter, number)
        account, name = (cells[place] if place < len(cells) else "" for place in places)
        if not (account or name):
            continue
        for what, text in zip(_COLUMNS, (account, name), strict=True):
            if not text:
                problem = _("line {line}: has no {column}; allowed: an account and a name in each row")
                raise NamesError(problem.format(line=number, column=what))
            if not text.isprintable() or len(text) > _LONGEST:
                problem = _("line {line}: {text} is no {column}; allowed: up to {most} characters that print")
                raise NamesError(problem.format(line=number, text=quoted(text), column=what, most=_LONGEST))
        yield number, account.lower(), name


def _headings(line: str, number: int) -> tuple[str, list[int]]:
    """What parts the columns of a table, and where accounts and names are."""
    for delimiter in _DELIMITERS:
        cells = [cell.casefold() for cell in _cells(line, delimiter, number)]
        if all(cells.count(each) == 1 for each in _COLUMNS):
            return delimiter, [cells.index(each) for each in _COLUMNS]
    problem = _("line {line}: does not name these columns; allowed: columns with the headings account and name")
    raise NamesError(problem.format(line=number))


def _cells(line: str, delimiter: str, number: int) -> list[str]:
    """The cells of a line of a table."""
    try:
        return [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter), [])]
    except csv.Error:  # of a cell that is far too long
        problem = _("line {line}: cannot be read; allowed: columns with the headings account and name")
        raise NamesError(problem.format(line=number)) from None
