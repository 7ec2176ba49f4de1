"""Reads samples from a Parquet file, where pyarrow is installed (the extra `parquet`)."""

from __future__ import annotations

import io
from typing import Any

import numpy as np

from quadfit_tui.core.config.parameters import LARGEST, MAX_SAMPLES
from quadfit_tui.core.model.array import Array
from quadfit_tui.core.model.columns import choose
from quadfit_tui.core.model.sample_text import SampleFileError
from quadfit_tui.core.text.quoting import shown_name

MAGIC = b"PAR1"  # what such a file begins with
_BATCH = 65_536  # rows; a file that says little of itself fills no memory


def read_parquet(content: bytes, columns: tuple[str, str] | None) -> tuple[Array, Array, list[int]]:
    """The columns x and y of a file's `content`, and the rows with a missing value, counted from 1."""
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise SampleFileError(
            "is a Parquet file, which takes pyarrow to read (pip install 'quadfit-tui[parquet]'); allowed: a CSV file"
        ) from None
    try:
        file = pyarrow.parquet.ParquetFile(io.BytesIO(content))
        return _samples(file, columns)
    except (pyarrow.ArrowException, OSError):
        raise SampleFileError("cannot be read: it is damaged or cut off; allowed: a whole Parquet file") from None


def _samples(file: Any, columns: tuple[str, str] | None) -> tuple[Array, Array, list[int]]:
    schema = file.schema_arrow
    places = choose(schema.names, len(schema.names), columns)
    for place in places:
        field = schema.field(place)
        if not _is_numeric(field.type):
            raise SampleFileError(f"column {_called(field.name)} is of type {field.type}; allowed: columns of numbers")
    if file.metadata.num_rows > MAX_SAMPLES:
        raise SampleFileError(f"has more than {MAX_SAMPLES} samples; allowed: up to {MAX_SAMPLES}")
    names = [schema.names[place] for place in places]
    found = [np.empty((0, 2))]
    for batch in file.iter_batches(_BATCH, columns=names):
        found.append(np.column_stack([_numbers(batch.column(batch.schema.get_field_index(name))) for name in names]))
    rows = np.concatenate(found)
    missing = np.isnan(rows).any(axis=1)
    if missing.all():
        raise SampleFileError("contains no samples; allowed: two columns of numbers, x and y")
    bad = np.argwhere(np.abs(rows) > LARGEST)
    if len(bad):
        row, place = bad[0]
        value = rows[row, place]
        why = f"is too large; allowed: from {-LARGEST:.0e} to {LARGEST:.0e}"
        if np.isinf(value):
            why = "is not a finite number; allowed: finite numbers"
        raise SampleFileError(f"row {row + 1}, column {_called(names[place])}: '{value:g}' {why}")
    x, y = rows[~missing].T.copy()
    return x, y, (np.flatnonzero(missing) + 1).tolist()


def _called(name: str) -> str:
    return shown_name(name[:40])


def _is_numeric(kind: Any) -> bool:
    import pyarrow.types

    return any(getattr(pyarrow.types, f"is_{name}")(kind) for name in ("integer", "floating", "decimal"))


def _numbers(column: Any) -> Array:
    """A column as doubles, NaN where a value is missing."""
    numbers: Array = column.cast("float64", safe=False).to_numpy(zero_copy_only=False)
    return numbers
