"""Tables of names, however a spreadsheet has saved them: of a class with tokens, and of accounts."""

from __future__ import annotations

import csv
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from quadfit_tui.core.files.class_records import is_name
from quadfit_tui.core.model.samples.sample_text import SampleFileError, SampleText
from quadfit_tui.core.text.language import _
from quadfit_tui.core.text.quoting import quoted, with_allowed

MOST_BYTES = 1_000_000  # of such a table
MOST_NAMES = 1000  # of a class
_LONGEST, _MOST_OF_NAME = 60, 200  # characters of a name of a class, and bytes: a folder has at most 255
_LONGEST_OF_ACCOUNT = 100  # characters of an account, and of its name
_OF_ACCOUNTS = ("account", "name")
_DELIMITERS = ";\t,"
_IN_CHINESE = {"姓名": "name", "账号": "account"}  # as the tables of Chinese schools have these headings


class TableError(ValueError):
    """A table cannot be used; the text is one line, follows on the file's name, and tells the line at fault."""


def class_names(content: bytes) -> list[str]:
    """The names of a CSV file, in its column `name`, in whatever way a spreadsheet has saved it; raises TableError.

    Each is to name a folder, on any file system: they differ in more than capital letters, or how accents are encoded.
    """
    names: list[str] = []
    seen: dict[str, int] = {}
    for number, (cell,) in _rows(content, ["name"], _("a column with the heading name")):
        name = unicodedata.normalize("NFC", " ".join(cell.split()))
        _check_folder(name, number)
        key = unicodedata.normalize("NFC", name.casefold())
        if key in seen:
            told = _("line {line}: {name} is in line {other} already; allowed: each once, whatever its capitals")
            raise TableError(told.format(line=number, name=quoted(name), other=seen[key]))
        seen[key] = number
        names.append(name)
    if not 0 < len(names) <= MOST_NAMES:
        raise TableError(_("has {n} names; allowed: 1 to {most}").format(n=len(names), most=MOST_NAMES))
    return names


def _check_folder(name: str, line: int) -> None:
    """Raises TableError where a name can name no folder."""
    is_short = len(name) <= _LONGEST and len(name.encode(errors="replace")) <= _MOST_OF_NAME
    if not (is_short and name.isprintable() and "\\" not in name and is_name(name)):
        told = _("up to {most} characters that print, no / or \\, no dot at the beginning").format(most=_LONGEST)
        said = _("line {line}: {text} is no name of a folder").format(line=line, text=quoted(name))
        raise TableError(with_allowed(said, told))


def account_names(content: bytes) -> Mapping[str, str]:
    """The names of a CSV file by their accounts, in whatever encoding and with whatever delimiter it was saved.

    Accounts are in small letters, since spreadsheets begin a cell with a capital one. Where several accounts have one
    name, the account stands behind it. Raises TableError.
    """
    names: dict[str, str] = {}
    seen: dict[str, int] = {}
    for number, account, name in _accounts(content):
        if account in seen:
            problem = _("line {line}: {account} has a name in line {other} already; allowed: one")
            raise TableError(problem.format(line=number, account=quoted(account), other=seen[account]))
        seen[account], names[account] = number, name
    often = Counter(names.values())
    return {account: f"{name} ({account})" if often[name] > 1 else name for account, name in names.items()}


def _accounts(content: bytes) -> Iterator[tuple[int, str, str]]:
    """The line, the account and the name of each row."""
    for number, cells in _rows(content, _OF_ACCOUNTS, _("columns with the headings account and name")):
        for what, text in zip(_OF_ACCOUNTS, cells, strict=True):
            if not text:
                problem = _("line {line}: has no {column}; allowed: an account and a name in each row")
                raise TableError(problem.format(line=number, column=what))
            if not text.isprintable() or len(text) > _LONGEST_OF_ACCOUNT:
                problem = _("line {line}: {text} is no {column}; allowed: up to {most} characters that print")
                raise TableError(problem.format(line=number, text=quoted(text), column=what, most=_LONGEST_OF_ACCOUNT))
        account, name = cells
        yield number, account.lower(), name


def _rows(content: bytes, columns: Sequence[str], allowed: str) -> Iterator[tuple[int, list[str]]]:
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
