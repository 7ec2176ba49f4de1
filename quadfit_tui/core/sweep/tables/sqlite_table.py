"""A sweep's file as SQLite: tables `cells`, `sweep` of the facts of its head by name and, if asked for, `curves`.

SQLite opens its files by itself: it is given a temporary one, whose content is what is written or read here.
"""

from __future__ import annotations

import errno
import json
import sqlite3
import tempfile
from collections.abc import Generator, Iterator
from contextlib import closing
from typing import Any
from urllib.parse import quote

from quadfit_tui.core.sweep.head import SweepFileError
from quadfit_tui.core.sweep.tables.blocks import LONGEST
from quadfit_tui.core.sweep.tables.lines import LONGEST_LINE, MOST_FACTS
from quadfit_tui.core.sweep.tables.table import RESULTS, CurveTable, Put, Table
from quadfit_tui.core.text.language import _

BEGINS = b"SQLite format 3\0"
# A number of a column of type REAL would lose the sign of -0.0; what is of no type is kept as it is.
_TYPES = {"whole": "INTEGER", "real": "", "flag": "INTEGER", "text": "TEXT"}
_FACTS = "CREATE TABLE sweep (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID"
_BLOCK = 1 << 20  # bytes
_STEPS = 2_000_000_000  # of SQLite's machine, some minutes; ten million rows take a tenth


def write(put: Put, table: Table) -> None:
    """Writes the file; numbers are the same doubles, what is not there is null. Raises OSError."""
    with tempfile.NamedTemporaryFile() as file:
        try:
            with closing(sqlite3.connect(file.name, isolation_level=None)) as database:
                for setting in ("journal_mode = OFF", "synchronous = OFF"):  # of a file that is nobody's yet
                    database.execute(f"PRAGMA {setting}")
                database.execute("BEGIN")
                database.execute(_FACTS)
                facts = ((name, _text(value)) for name, value in table.facts.items())
                database.executemany("INSERT INTO sweep VALUES (?, ?)", facts)
                _fill(database, "cells", table, "(cell))")
                if table.curves is not None:
                    _fill(database, "curves", table.curves, "(cell, epoch)) WITHOUT ROWID")
                database.execute("COMMIT")
        except sqlite3.Error as failure:
            problem = _("a temporary file for it cannot be written: {problem}").format(problem=failure)
            raise OSError(errno.EIO, problem) from None
        for part in iter(lambda: file.read(_BLOCK), b""):
            put(part)


def _fill(database: sqlite3.Connection, name: str, table: Table | CurveTable, key: str) -> None:
    columns = [f'"{column.name}" {_TYPES[column.kind]}'.rstrip() for column in table.columns]
    database.execute(f"CREATE TABLE {name} ({', '.join(columns)}, PRIMARY KEY {key}")
    row = ", ".join("?" * len(columns))
    for block in table.blocks():
        database.executemany(f"INSERT INTO {name} VALUES ({row})", zip(*block.values(), strict=True))


def _text(value: object) -> str:
    """A fact as it stands in the table: a text as it is, so that `base` is a TOML file; else JSON."""
    return value if isinstance(value, str) else json.dumps(value)


def read(content: Iterator[bytes]) -> Generator[Any, None, None]:
    """The facts of the head, then blocks of rows; raises SweepFileError, ValueError."""
    with tempfile.NamedTemporaryFile() as file:
        for block in content:
            file.write(block)
        file.flush()
        try:
            with closing(sqlite3.connect(f"file:{quote(file.name)}?mode=ro&immutable=1", uri=True)) as database:
                _restrain(database)
                facts = database.execute("SELECT name, value FROM sweep").fetchmany(MOST_FACTS)
                yield {name: _value(name, text) for name, text in facts}
                found = database.execute(f"SELECT {', '.join(RESULTS)} FROM cells")
                while rows := found.fetchmany(LONGEST):
                    yield dict(zip(RESULTS, zip(*rows, strict=True), strict=True))
        except sqlite3.Error:  # whose texts may have anything of the file in them
            raise SweepFileError(_("is damaged: it has tables that cannot be read")) from None


def _value(name: str, text: str) -> Any:
    return text if name in ("base", "version", "numpy") else json.loads(text)


def _restrain(database: sqlite3.Connection) -> None:
    """Has a database of whoever wrote it do no more than give the rows of its tables."""

    def allowed(action: int, *_: object) -> int:
        return sqlite3.SQLITE_OK if action in (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ) else sqlite3.SQLITE_DENY

    database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST_LINE)
    database.set_progress_handler(lambda: True, _STEPS)
    database.execute("PRAGMA trusted_schema = OFF")
    tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE 'CREATE TABLE %'"  # none that is virtual
    if not {("cells",), ("sweep",)} <= {*database.execute(tables)}:
        raise SweepFileError(_("is not the file of a sweep"))
    database.set_authorizer(allowed)
