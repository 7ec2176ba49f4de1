"""SWEEP_FORMATS: the formats of a sweep's file, a row each; a sweep written to a file and read from it again."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from importlib.util import find_spec
from itertools import chain
from typing import Any, NamedTuple

import numpy as np

from quadfit_tui.core.files import access, refusals
from quadfit_tui.core.files.whole_file import WholeFile
from quadfit_tui.core.model.parabola import distinct
from quadfit_tui.core.model.samples.parquet import MAGIC
from quadfit_tui.core.sweep.head import Head, SweepFileError
from quadfit_tui.core.sweep.rows import Rows
from quadfit_tui.core.sweep.space import Space
from quadfit_tui.core.sweep.tables import csv_table, jsonl_table, parquet_table, sqlite_table
from quadfit_tui.core.sweep.tables.blocks import rows_of
from quadfit_tui.core.sweep.tables.table import Curves, CurveTable, Put, Table
from quadfit_tui.core.text.language import _, counted_as, either
from quadfit_tui.core.text.quoting import with_allowed

LARGEST_FILE = 5_000_000_000  # bytes: ten million rows of some columns


class SweepFormat(NamedTuple):
    """One row of the table: its name, by which its files' names end, too, and how these begin; writes and reads it.

    `needs` is the package without which there is no such format, which the extra of the same name as the format has.
    A file that `holds_curves` has them as another table; those of other formats have another file for them beside.
    """

    name: str
    begins: bytes
    write: Callable[[Put, Any], None]  # a Table or a CurveTable
    read: Callable[[Iterator[bytes]], Generator[Any, None, None]]  # the facts of the head, then blocks of rows
    needs: str = ""
    holds_curves: bool = False

    @property
    def suffix(self) -> str:
        """What the names of its files end in."""
        return f".{self.name}"

    @property
    def missing(self) -> str:
        """What is to be told where it needs a package that is not installed: one line, or empty."""
        if not self.needs or find_spec(self.needs) is not None:
            return ""
        told = _("a file that ends in {suffix} takes {package} (pip install 'quadfit-tui[{extra}]')")
        return told.format(suffix=self.suffix, package=self.needs, extra=self.name)


SWEEP_FORMATS: dict[str, SweepFormat] = {
    row.name: row
    for row in (
        SweepFormat("csv", csv_table.BEGINS, csv_table.write, csv_table.read),
        SweepFormat("jsonl", jsonl_table.BEGINS, jsonl_table.write, jsonl_table.read),
        SweepFormat("parquet", MAGIC, parquet_table.write, parquet_table.read, "pyarrow"),
        SweepFormat("sqlite", sqlite_table.BEGINS, sqlite_table.write, sqlite_table.read, holds_curves=True),
    )
}


def curves_path(path: str) -> str:
    """The name of the file beside a sweep's in which its curves are, where that does not hold them: NAME-curves.csv."""
    stem, suffix = os.path.splitext(path)
    return f"{stem}-curves{suffix}"


def opened_files(opened: ExitStack, path: str, has_curves: bool, overwrites: bool) -> list[WholeFile]:
    """The file of a sweep, and that of its curves, to be written, which are closed with what has `opened` them.

    Raises OSError that names the one that cannot be written.
    """
    files = []
    for name in (path, curves_path(path))[: 1 + has_curves]:
        try:
            files.append(opened.enter_context(closing(WholeFile(name, waits=False, overwrites=overwrites))))
            if not files[-1].is_regular:
                raise OSError(errno.EINVAL, _("it is not a regular file"))
        except OSError as failure:
            failure.filename = name
            raise
    return files


def write_files(files: Sequence[WholeFile], style: str, head: Head, rows: Rows, folder: str, curves: Curves) -> None:
    """Writes a sweep, whose rows and `curves` are in the order of the cells, into its files, as a whole or not at all.

    Raises OSError. They are what was written from now on, and on the disk.
    """
    file, *beside = files
    table = Table(head, rows, folder, CurveTable(head, curves, folder) if head.curves else None)
    row = SWEEP_FORMATS[style]
    if table.curves is not None and not row.holds_curves:
        row.write(beside[0].put, table.curves)
    row.write(file.put, table)
    for each in (*beside, file):
        each.sync()
        each.keep()


def read_sweep(path: str) -> tuple[Head, Space, Rows]:
    """The sweep that a file holds, whatever its format and name: the rows in the order of their cells.

    Raises SweepFileError where it holds none, or not all of it, or cannot be read.
    """
    try:
        return _read(path)
    except OSError as failure:
        raise SweepFileError(refusals.refusal(failure, _("the file of a sweep"), LARGEST_FILE)) from None
    except (ValueError, TypeError, RecursionError) as refused:
        told = _("is damaged: it has lines or rows that cannot be read")
        if isinstance(refused, SweepFileError):
            told = str(refused)
        formats = either([row.suffix for row in SWEEP_FORMATS.values()])
        allowed = _("a file that 'sweep' has written, as {formats}").format(formats=formats)
        raise SweepFileError(with_allowed(told, allowed)) from None


def _read(path: str) -> tuple[Head, Space, Rows]:
    content = access.blocks(path, LARGEST_FILE, waits=False)
    first = next(content, b"")
    found = next((row for row in SWEEP_FORMATS.values() if first.startswith(row.begins)), None)
    if found is None:
        raise SweepFileError(_("is not the file of a sweep"))
    if found.missing:
        raise SweepFileError(_("cannot be read: {problem}").format(problem=found.missing))
    with closing(found.read(chain((first,), content))) as parts:
        head = Head.from_facts(next(parts, None), os.path.dirname(path))
        return head, head.space, _joined(head, parts)


def _joined(head: Head, parts: Iterable[Any]) -> Rows:
    """The rows of all parts, in the order of the cells; raises SweepFileError where they are not those of a head."""
    left = np.zeros(len(head.space), dtype=bool)
    left[head.chosen] = True
    found = []
    for part in parts:
        rows = rows_of(part)
        if len(rows) and not 0 <= rows.cell.min() <= rows.cell.max() < len(left):
            raise SweepFileError(_("has a cell that is not one of the sweep"))
        if not left[rows.cell].all() or len(distinct(rows.cell)) < len(rows):
            raise SweepFileError(_("has a cell twice, or one that was not drawn"))
        left[rows.cell] = False
        found.append(rows)
    if missing := int(left.sum()):
        raise SweepFileError(
            counted_as(
                "is cut off: {missing} of {n} cell are not there",
                "is cut off: {missing} of {n} cells are not there",
                len(head.chosen),
                missing=missing,
            )
        )
    return Rows.joined(found)
