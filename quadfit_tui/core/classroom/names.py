"""The names of a class by its accounts, from a table that its teacher has saved from a spreadsheet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from quadfit_tui.core.model.named_columns import TableError, named_columns
from quadfit_tui.core.text.language import _
from quadfit_tui.core.text.quoting import quoted

MOST_BYTES = 1_000_000  # of such a table
_LONGEST = 100  # characters of a name
_COLUMNS = ("account", "name")


def names_in(content: bytes) -> Mapping[str, str]:
    """The names of a CSV file by their accounts, in whatever encoding and with whatever delimiter it was saved.

    Accounts are in small letters, since spreadsheets begin a cell with a capital one. Where several accounts have one
    name, the account stands behind it. Raises TableError.
    """
    names: dict[str, str] = {}
    seen: dict[str, int] = {}
    for number, account, name in _rows(content):
        if account in seen:
            problem = _("line {line}: {account} has a name in line {other} already; allowed: one")
            raise TableError(problem.format(line=number, account=quoted(account), other=seen[account]))
        seen[account], names[account] = number, name
    often = Counter(names.values())
    return {account: f"{name} ({account})" if often[name] > 1 else name for account, name in names.items()}


def _rows(content: bytes) -> Iterator[tuple[int, str, str]]:
    """The line, the account and the name of each row."""
    for number, cells in named_columns(content, _COLUMNS, _("columns with the headings account and name")):
        for what, text in zip(_COLUMNS, cells, strict=True):
            if not text:
                problem = _("line {line}: has no {column}; allowed: an account and a name in each row")
                raise TableError(problem.format(line=number, column=what))
            if not text.isprintable() or len(text) > _LONGEST:
                problem = _("line {line}: {text} is no {column}; allowed: up to {most} characters that print")
                raise TableError(problem.format(line=number, text=quoted(text), column=what, most=_LONGEST))
        account, name = cells
        yield number, account.lower(), name
