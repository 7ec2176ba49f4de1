"""Parses CSV tables of names, in any encoding that spreadsheets save: names of a class, and names by account."""

from __future__ import annotations

import csv
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from quadfit_tui.core.files.class_records import is_name
from quadfit_tui.core.model.samples.sample_text import SampleFileError, SampleText
from quadfit_tui.core.text.language import _
from quadfit_tui.core.text.quoting import quoted, with_allowed

MOST_BYTES = 1_000_000  # maximum size of a table
MOST_NAMES = 1000  # maximum number of students of a class
_LONGEST = 60  # maximum length of a student's name, in characters
_MOST_OF_NAME = 200  # maximum length of a student's name, in bytes: a folder's name has at most 255
_LONGEST_OF_ACCOUNT = 100  # maximum length of an account, and of its name, in characters
_OF_ACCOUNTS = ("account", "name")
_DELIMITERS = ";\t,"
_IN_CHINESE = {"姓名": "name", "账号": "account"}  # headings in tables of Chinese schools


class TableError(ValueError):
    """A table that cannot be used; the message is one line, which the caller writes after the file's name."""


def class_names(content: bytes) -> list[str]:
    """Parses the column `name` of a CSV file that a teacher made of a class; returns the names in Unicode form NFC.

    Each name will name a folder on any file system. So names must differ in more than capital letters or the encoding
    of accents. Raises TableError.
    """
    names: list[str] = []
    seen: dict[str, int] = {}
    for number, (cell,) in _rows(content, ["name"], _("a column with the heading name")):
        name = unicodedata.normalize("NFC", " ".join(cell.split()))
        _check_folder(name, number)
        key = unicodedata.normalize("NFC", name.casefold())
        if key in seen:
            problem = _("line {line}: {name} is in line {other} already; allowed: each once, whatever its capitals")
            raise TableError(problem.format(line=number, name=quoted(name), other=seen[key]))
        seen[key] = number
        names.append(name)
    if not 0 < len(names) <= MOST_NAMES:
        raise TableError(_("has {n} names; allowed: 1 to {most}").format(n=len(names), most=MOST_NAMES))
    return names


def _check_folder(name: str, line: int) -> None:
    """Raises TableError if a name cannot name a folder."""
    is_short = len(name) <= _LONGEST and len(name.encode(errors="replace")) <= _MOST_OF_NAME
    if not (is_short and name.isprintable() and "\\" not in name and is_name(name)):
        allowed = _("up to {most} characters that print, no / or \\, no dot at the beginning").format(most=_LONGEST)
        problem = _("line {line}: {text} is no name of a folder").format(line=line, text=quoted(name))
        raise TableError(with_allowed(problem, allowed))


def account_names(content: bytes) -> Mapping[str, str]:
    """Parses a CSV file of accounts and names; returns the name to show for each account, with the account as key.

    Accounts are in small letters, since spreadsheets capitalize the first letter of a cell. If several accounts share a
    name, the account follows it in parentheses. Raises TableError.
    """
    names: dict[str, str] = {}
    seen: dict[str, int] = {}
    for number, account, name in _accounts(content):
        if account in seen:
            problem = _("line {line}: {account} has a name in line {other} already; allowed: one")
            raise TableError(problem.format(line=number, account=quoted(account), other=seen[account]))
        seen[account], names[account] = number, name
    counts = Counter(names.values())
    return {account: f"{name} ({account})" if counts[name] > 1 else name for account, name in names.items()}


def _accounts(content: bytes) -> Iterator[tuple[int, str, str]]:
    """Yields the line number, the account in small letters and the name of each row; raises TableError."""
    for number, cells in _rows(content, _OF_ACCOUNTS, _("columns with the headings account and name")):
        for column, text in zip(_OF_ACCOUNTS, cells, strict=True):
            if not text:
                problem = _("line {line}: has no {column}; allowed: an account and a name in each row")
                raise TableError(problem.format(line=number, column=column))
            if not text.isprintable() or len(text) > _LONGEST_OF_ACCOUNT:
                problem = _("line {line}: {text} is no {column}; allowed: up to {most} characters that print")
                raise TableError(
                    problem.format(line=number, text=quoted(text), column=column, most=_LONGEST_OF_ACCOUNT)
                )
        account, name = cells
        yield number, account.lower(), name


def _rows(content: bytes, columns: Sequence[str], allowed: str) -> Iterator[tuple[int, list[str]]]:
    """Parses a CSV file in any encoding, with any delimiter; yields each row's line number and cells of these columns.

    Skips rows whose cells in these columns are all empty. Raises TableError; `allowed` names the headings for its
    message.
    """
    text = SampleText([content], "auto")
    try:
        for _step in text.judge():
            pass
    except SampleFileError:
        raise TableError(with_allowed(_("is no text"), allowed)) from None
    lines = [line for block in text.lists() for line in block]
    start = int(
        bool(lines) and lines[0].lower().startswith("sep=")
    )  # some spreadsheets name the delimiter in a first line
    heading = lines[start] if start < len(lines) else ""
    delimiter, places = _headings(heading, start + 1, columns, allowed)
    for number, line in enumerate(lines[start + 1 :], start + 2):
        cells = _cells(line, delimiter, number, allowed)
        values = [cells[place] if place < len(cells) else "" for place in places]
        if any(values):
            yield number, values


def _headings(line: str, number: int, columns: Sequence[str], allowed: str) -> tuple[str, list[int]]:
    """Returns a table's delimiter and the indices of columns in its heading; raises TableError if one is missing."""
    for delimiter in _DELIMITERS:
        cells = [_IN_CHINESE.get(cell, cell.casefold()) for cell in _cells(line, delimiter, number, allowed)]
        if all(cells.count(column) == 1 for column in columns):
            return delimiter, [cells.index(column) for column in columns]
    raise TableError(with_allowed(_("line {line}: does not name these columns").format(line=number), allowed))


def _cells(line: str, delimiter: str, number: int, allowed: str) -> list[str]:
    """Splits a line of a table into its cells, stripped of blanks; raises TableError if the line cannot be parsed."""
    try:
        return [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter), [])]
    except csv.Error:  # a cell is far too long
        raise TableError(with_allowed(_("line {line}: cannot be read").format(line=number), allowed)) from None
