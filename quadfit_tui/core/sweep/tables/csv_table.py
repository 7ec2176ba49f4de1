"""A sweep's file as CSV: the facts of its head in lines that begin with `# `, then a line for each row."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Generator, Iterator
from typing import Any

from quadfit_tui.core.sweep.head import SweepFileError
from quadfit_tui.core.sweep.tables.lines import MOST_FACTS, batches, text_lines
from quadfit_tui.core.sweep.tables.table import RESULTS, CurveTable, Kind, Put, Table
from quadfit_tui.core.text.language import _

BEGINS = b"# sweep: "
_SPECIAL = re.compile(r'[,"#\r\n]')  # a reader might take what follows on # for a comment


def write(put: Put, table: Table | CurveTable) -> None:
    """Writes the file; numbers read back to the same double, what is not there is empty."""
    head = [f"# {name}: {json.dumps(value)}" for name, value in table.facts.items()]
    put("\n".join([*head, ",".join(column.name for column in table.columns), ""]).encode())
    kinds = [column.kind for column in table.columns]
    for block in table.blocks():
        columns = (
            map(_cell, values) if kind != "text" else map(_text, values)
            for kind, values in zip(kinds, block.values(), strict=True)
        )
        put("".join(f"{','.join(row)}\n" for row in zip(*columns, strict=True)).encode())


def _cell(value: Any) -> str:
    return "" if value is None else repr(value) if value is not True and value is not False else str(value).lower()


def _text(value: str | None) -> str:
    if value is None:
        return ""
    return '"' + value.replace('"', '""') + '"' if _SPECIAL.search(value) or not value else value


def read(content: Iterator[bytes]) -> Generator[Any, None, None]:
    """The facts of the head, then blocks of rows; raises SweepFileError, ValueError."""
    lines = text_lines(content)
    facts: dict[str, Any] = {}
    heading = ""
    for at, line in enumerate(lines):
        if not line.startswith("# "):
            heading = line
            break
        if at > MOST_FACTS:
            raise SweepFileError(_("is not the file of a sweep"))
        name, _colon, value = line[2:].partition(": ")
        facts[name] = json.loads(value)
    yield facts
    try:
        names = next(csv.reader([heading]), [])
        if missing := [name for name in RESULTS if names.count(name) != 1]:
            raise SweepFileError(_("has no column {name}, or several").format(name=missing[0]))
        places = {name: names.index(name) for name in RESULTS}
        for rows in batches(csv.reader(lines, strict=True)):
            columns = [*zip(*rows, strict=True)]
            if len(columns) != len(names):
                raise ValueError("rows of another length")
            yield {name: [*map(_READ[RESULTS[name]], columns[at])] for name, at in places.items()}
    except csv.Error as damaged:
        raise ValueError("not the lines of a table") from damaged


def _number(text: str) -> float | None:
    return float(text) if text else None


_READ: dict[Kind, Any] = {"whole": int, "real": _number, "text": lambda text: text or None}
