"""Reads samples from a Parquet file, where pyarrow is installed (the extra `parquet`).

A file of some kilobytes may ask pyarrow for gigabytes, or crash it: it is read by a program of its own, which may take
so much memory and no more, and can be ended at any time. What that is given and what it finds are files without a name.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from array import array
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from typing import IO, Any

import numpy as np

from quadfit_tui.core.config.parameters import LARGEST, MAX_SAMPLES
from quadfit_tui.core.files import access, refusals
from quadfit_tui.core.model.array import Array
from quadfit_tui.core.model.piecewise import Pieces
from quadfit_tui.core.model.samples.columns import ColumnsError, choose
from quadfit_tui.core.model.samples.sample_text import LARGEST_FILE, TOO_MANY, SampleFileError
from quadfit_tui.core.model.samples.table import NOT_TOO_LARGE
from quadfit_tui.core.text.language import _, noted, present
from quadfit_tui.core.text.quoting import shown_name, with_allowed, with_problem

MAGIC = b"PAR1"  # what such a file begins with
_BATCH = 65_536  # rows; a file that says little of itself fills no memory
_MOST_MEMORY = 180_000_000  # bytes that the program may take: pyarrow takes 80 millions, a million rows 50
_WAIT = 0.002  # seconds in one go, in which no key is answered
_NAMES = "names"  # of the columns, in the place of two of them
_PROGRAM = "from quadfit_tui.core.model.samples.parquet import tell_samples; tell_samples()"
_DAMAGED = noted("cannot be read: it is damaged or cut off, or takes too much memory; allowed: a whole Parquet file")


def read_parquet(content: Iterable[bytes], columns: tuple[str, str] | None) -> Pieces[tuple[Array, Array, array[int]]]:
    """The columns x and y of a file's blocks, and the rows with a missing value, counted from 1."""
    if find_spec("pyarrow") is None:
        raise SampleFileError(
            _(
                "is a Parquet file, which takes pyarrow to read "
                "(pip install 'quadfit-tui[parquet]'); allowed: a CSV file"
            )
        )
    try:
        with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as found:
            for block in content:
                given.write(block)
                yield 0.0
            given.seek(0)
            yield from ended(_PROGRAM, [columns, _MOST_MEMORY], given, found)
            found.seek(0)
            return (yield from _told(found))
    except OSError as failure:
        problem = _("cannot be read, which takes a temporary file: {problem}; allowed: a CSV file")
        raise SampleFileError(problem.format(problem=refusals.reason(failure))) from None


def parquet_columns(path: str) -> Pieces[list[str]]:
    """What the columns of a Parquet file are called, none where pyarrow is not installed. Raises SampleFileError."""
    if find_spec("pyarrow") is None:
        return []
    try:
        descriptor = access.open_descriptor(path, os.O_RDONLY | access.NOT_WAITING)
        try:
            with tempfile.TemporaryFile() as found:
                yield from ended(_PROGRAM, [_NAMES, _MOST_MEMORY], descriptor, found)
                found.seek(0)
                return [shown_name(name) for name in _about(found)[_NAMES]]
        finally:
            os.close(descriptor)
    except OSError as failure:
        raise SampleFileError(refusals.refusal(failure, _("a Parquet file"), LARGEST_FILE)) from None


def ended(program: str, argument: object, given: IO[bytes] | int, found: IO[bytes]) -> Pieces[None]:
    """Waits for a program in Python that reads the file, which is its standard input; its argument is in JSON.

    What it refuses is in the language in use.
    """
    path = os.pathsep.join(folder for folder in sys.path if folder)
    settings = {"PYTHONPATH": path, "OPENBLAS_NUM_THREADS": "1", "ARROW_DEFAULT_MEMORY_POOL": "system"}
    code = present()
    program = f"from quadfit_tui.core.text.language import load; load({code!r}); {program}"
    command = [sys.executable, "-P", "-c", program, json.dumps(argument)]
    reading = subprocess.Popen(
        command, stdin=given, stdout=found, stderr=subprocess.DEVNULL, env={**os.environ, **settings}
    )
    try:
        while reading.poll() is None:
            with suppress(subprocess.TimeoutExpired):
                reading.wait(_WAIT)
            yield 0.0
    finally:  # it may be given up
        reading.kill()
        reading.wait()


def _told(found: IO[bytes]) -> Pieces[tuple[Array, Array, array[int]]]:
    """What the program has found, or why it refuses the file."""
    about = _about(found)
    x, y = np.empty(about["samples"]), np.empty(about["samples"])
    left_out = array("I", [0]) * about["left_out"]
    for each in (x, y, left_out):
        found.readinto(each)  # type: ignore[attr-defined]
        yield 1.0
    return x, y, left_out


def _about(found: IO[bytes]) -> Any:
    """The first line of what the program has found; raises SampleFileError where it refuses the file."""
    first = found.readline()
    if not first:  # it has been ended
        raise SampleFileError(_(_DAMAGED))
    about = json.loads(first)
    if "refused" in about:
        raise (ColumnsError if about["parameter"] == ColumnsError.parameter else SampleFileError)(about["refused"])
    return about


# What the program does


def tell_samples() -> None:
    """Reads the file that is standard input, and tells of it on standard output.

    Its argument has the columns, or that their names are asked for, and how much memory it may take.
    """
    columns, most_memory = json.loads(sys.argv[1])
    try:
        with opened(most_memory) as file:
            if columns == _NAMES:
                _tell({_NAMES: file.schema_arrow.names})
                return
            x, y, left_out = _samples(file, columns and tuple(columns))
    except SampleFileError as refused:
        _tell({"refused": str(refused), "parameter": refused.parameter})
    else:
        _tell({"samples": len(x), "left_out": len(left_out)}, x, y, left_out)


def _tell(about: dict[str, object], *content: Any) -> None:
    sys.stdout.buffer.write(json.dumps(about).encode() + b"\n")
    for each in content:
        sys.stdout.buffer.write(each)


@contextmanager
def opened(most_memory: int) -> Iterator[Any]:
    """The file that is standard input; what pyarrow cannot do with it is a refusal."""
    import pyarrow
    import pyarrow.parquet

    with suppress(ImportError, OSError, ValueError):  # where the system has no such bounds, or narrower ones
        import resource

        resource.setrlimit(resource.RLIMIT_DATA, (most_memory, most_memory))
    pyarrow.set_cpu_count(1)
    try:
        yield pyarrow.parquet.ParquetFile(sys.stdin.buffer, buffer_size=_BATCH)
    except (pyarrow.ArrowException, MemoryError, OSError):
        raise SampleFileError(_(_DAMAGED)) from None


def _samples(file: Any, columns: tuple[str, str] | None) -> tuple[Array, Array, array[int]]:
    schema = file.schema_arrow
    places = choose(schema.names, len(schema.names), columns)
    for place in places:
        field = schema.field(place)
        if not _is_numeric(field.type):
            problem = _("column {column} is of type {type}; allowed: columns of numbers")
            raise SampleFileError(problem.format(column=_called(field.name), type=field.type))
    if file.metadata.num_rows > MAX_SAMPLES:
        raise SampleFileError(_(TOO_MANY).format(most=MAX_SAMPLES))
    names = [schema.names[place] for place in places]
    found, left_out, passed = [np.empty((0, 2))], array("I"), 0
    for batch in file.iter_batches(_BATCH, columns=names, use_threads=False):
        rows = np.column_stack([_numbers(batch.column(batch.schema.get_field_index(name))) for name in names])
        bad = np.argwhere(np.abs(rows) > LARGEST)
        if len(bad):
            row, place = bad[0]
            value, problem, allowed = rows[row, place], _("is too large"), _(NOT_TOO_LARGE)
            if np.isinf(value):
                problem, allowed = _("is not a finite number"), _("finite numbers")
            told = _("row {row}, column {column}: {problem}").format(
                row=passed + row + 1, column=_called(names[place]), problem=with_problem(f"'{value:g}'", problem)
            )
            raise SampleFileError(with_allowed(told, allowed.format(low=f"{-LARGEST:.0e}", high=f"{LARGEST:.0e}")))
        missing = np.isnan(rows).any(axis=1)
        left_out.extend((passed + 1 + np.flatnonzero(missing)).tolist())
        found.append(rows[~missing])
        passed += len(rows)
    x, y = (np.concatenate([rows[:, place] for rows in found]) for place in (0, 1))
    if not len(x):
        raise SampleFileError(_("contains no samples; allowed: two columns of numbers, x and y"))
    return x, y, left_out


def _called(name: str) -> str:
    return shown_name(name[:40])


def _is_numeric(kind: Any) -> bool:
    import pyarrow.types

    return any(getattr(pyarrow.types, f"is_{name}")(kind) for name in ("integer", "floating", "decimal"))


def _numbers(column: Any) -> Array:
    """A column as doubles, NaN where a value is missing."""
    numbers: Array = column.cast("float64", safe=False).to_numpy(zero_copy_only=False)
    return numbers
