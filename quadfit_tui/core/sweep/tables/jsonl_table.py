"""A sweep's file as JSON lines: the head as an object, then an object for each row."""

from __future__ import annotations

import json
import math
from collections.abc import Generator, Iterator
from typing import Any

from quadfit_tui.core.sweep.head import SweepFileError
from quadfit_tui.core.sweep.tables.lines import batches, text_lines
from quadfit_tui.core.sweep.tables.table import RESULTS, CurveTable, Put, Table
from quadfit_tui.core.text.language import _

BEGINS = b'{"sweep": '
_ROW = json.JSONEncoder(allow_nan=False)  # one for each row would take five times as long


def write(put: Put, table: Table | CurveTable) -> None:
    """Writes the file; numbers read back to the same double, those that are not finite are null."""
    put(json.dumps(table.facts).encode() + b"\n")
    names = [column.name for column in table.columns]
    reals = [column.name for column in table.columns if column.kind == "real"]
    for block in table.blocks():
        for name in reals:
            block[name] = [None if value is None or not math.isfinite(value) else value for value in block[name]]
        rows = (dict(zip(names, row, strict=True)) for row in zip(*block.values(), strict=True))
        put("".join(f"{_ROW.encode(row)}\n" for row in rows).encode())


def read(content: Iterator[bytes]) -> Generator[Any, None, None]:
    """The facts of the head, then blocks of rows; raises SweepFileError, ValueError."""
    lines = text_lines(content)
    yield json.loads(next(lines))
    for batch in batches(lines):
        rows = [*map(json.loads, batch)]
        if not all(isinstance(row, dict) for row in rows):
            raise SweepFileError(_("has a line that is no row"))
        yield {name: [row.get(name) for row in rows] for name in RESULTS}
