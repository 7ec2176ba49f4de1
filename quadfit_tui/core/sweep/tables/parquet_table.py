"""A sweep's file as Parquet, by pyarrow (the extra `parquet`): the head as JSON in the schema's metadata.

A file may ask pyarrow for gigabytes, or crash it: it is read by a program of its own, as files of samples are.
"""

from __future__ import annotations

import io
import json
import sys
import tempfile
from collections.abc import Generator, Iterator
from typing import Any

from quadfit_tui.core.model.piecewise import done
from quadfit_tui.core.model.samples.parquet import ended, opened
from quadfit_tui.core.model.samples.sample_text import SampleFileError
from quadfit_tui.core.sweep.head import SweepFileError
from quadfit_tui.core.sweep.space import MOST_CELLS
from quadfit_tui.core.sweep.tables.blocks import LONGEST
from quadfit_tui.core.sweep.tables.lines import byte_lines
from quadfit_tui.core.sweep.tables.table import RESULTS, CurveTable, Put, Table
from quadfit_tui.core.text.language import _

METADATA = b"sweep"  # under this name is the head
_TYPES = {"whole": "int64", "real": "float64", "flag": "bool", "text": "string"}
_MOST_MEMORY = 220_000_000  # bytes that the program may take which reads a file
_MOST_TOLD = 10_000_000_000  # bytes of what it tells
_BLOCK = 1 << 20
_END = {"ended": True}  # what is told at last
_PROGRAM = "from quadfit_tui.core.sweep.tables.parquet_table import tell_sweep; tell_sweep()"


class _Sink(io.RawIOBase):
    """What pyarrow writes to."""

    def __init__(self, put: Put) -> None:
        super().__init__()
        self._put = put

    def writable(self) -> bool:
        return True

    def write(self, content: Any) -> int:
        written = bytes(content)
        self._put(written)
        return len(written)


def write(put: Put, table: Table | CurveTable) -> None:
    """Writes the file; numbers are the same doubles, what is not there is null."""
    import pyarrow
    import pyarrow.parquet

    fields = [(column.name, pyarrow.type_for_alias(_TYPES[column.kind])) for column in table.columns]
    schema = pyarrow.schema(fields, metadata={METADATA: json.dumps(table.facts).encode()})
    with pyarrow.parquet.ParquetWriter(_Sink(put), schema) as writer:
        for block in table.blocks():
            writer.write_batch(pyarrow.RecordBatch.from_pydict(block, schema=schema))


def read(content: Iterator[bytes]) -> Generator[Any, None, None]:
    """The facts of the head, then blocks of rows; raises SweepFileError, ValueError."""
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as found:
        for block in content:
            given.write(block)
        given.seek(0)
        done(ended(_PROGRAM, _MOST_MEMORY, given, found))
        found.seek(0)
        for part in map(json.loads, byte_lines(iter(lambda: found.read(_BLOCK), b""))):
            if part == _END:
                return
            yield part
        raise SweepFileError(_("is damaged or cut off, or takes too much memory"))


# What the program does


def tell_sweep() -> None:
    """Reads the file that is standard input, and tells of it on standard output, in lines of JSON; at last its end."""
    told = 0

    def tell(part: object) -> None:
        nonlocal told
        line = json.dumps(part).encode() + b"\n"
        told += len(line)
        if told > _MOST_TOLD:
            raise SampleFileError("")
        sys.stdout.buffer.write(line)

    try:
        with opened(json.loads(sys.argv[1])) as file:
            tell(json.loads((file.schema_arrow.metadata or {}).get(METADATA, b"null")))
            if file.metadata.num_rows <= MOST_CELLS and {*RESULTS} <= {*file.schema_arrow.names}:
                for batch in file.iter_batches(LONGEST, columns=[*RESULTS], use_threads=False):
                    tell(batch.to_pydict())
                tell(_END)
    except (SampleFileError, ValueError):  # that there is no end tells it
        pass
