"""SweepFile: the rows of a sweep as CSV, appended as they come, in the order of their cells at the end.

A TOML file beside it has the definition of the sweep (head.py). An interrupted sweep is resumed from the two files; a
last line that is truncated is dropped.
"""

from __future__ import annotations

import csv
import errno
import io
import itertools
import math
import mmap
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quadfit_tui.core.files import access, open_file, protected_files, refusals
from quadfit_tui.core.files.atomic_file import NewFile
from quadfit_tui.core.model.parabola import PARAMETER_NAMES
from quadfit_tui.core.text.language import _, clauses, ngettext
from quadfit_tui.core.text.quoting import printable, with_allowed
from quadfit_tui.sweeps.columns import RUN, CommandLines, file_values, varied_columns
from quadfit_tui.sweeps.head import SweepFileError, SweepHeader, toml_path
from quadfit_tui.sweeps.rows import COLUMNS, STATUSES, VERDICTS, KnownRows, ResultRows
from quadfit_tui.sweeps.space import Cells, Space

LARGEST_FILE = 5_000_000_000  # bytes: ten million rows of some columns
_LONGEST_LINE = 1_000_000  # bytes: names of files are some thousands at most
_TOGETHER = 10_000  # rows that are formatted or parsed at a time
_BLOCK = 1 << 20  # bytes that are read at a time
_LF = 10  # the byte that ends a line
_WHOLE, _REAL = ("epochs", "updates"), ("mean_loss", "least")


class SweepFile(KnownRows):
    """The rows of a sweep done so far, and its open file, which holds all rows that `add` has returned.

    A lock keeps other programs from writing the file. `suspects` are the cells that must be trained one by one.
    """

    def __init__(self, path: str, head: SweepHeader, *, resume: bool = False, overwrites: bool = False) -> None:
        """Opens and locks the file; `resume` keeps the rows of an older one, `overwrites` drops them.

        Raises OSError, or SweepFileError if the older one is of another sweep, or was changed.
        """
        super().__init__(head.chosen)
        self.path, self.suspects = path, tuple[int, ...]()
        self._head, self._lines = head, RowLines(head)
        self._order = [self.cells[:0]]  # the cells in the order of the file's rows
        self._is_marked = False  # whether the TOML file lists suspects
        self._file = _opened(path)
        self._begun = [] if os.fstat(self._file).st_size else [path]  # new files, deleted if no row is written
        try:
            if not resume and not overwrites and os.fstat(self._file).st_size:
                raise self._taken()
            if resume and (os.fstat(self._file).st_size or access.has_content(toml_path(path))):
                self._resume()
            else:
                self._start(overwrites)
        except BaseException:
            self.close()
            raise

    def _taken(self) -> Exception:
        """Returns the error about a file that has content already, and must not be overwritten."""
        with suppress(SweepFileError):
            SweepHeader.read(self.path)
            allowed = _("--resume to go on with it, --force to begin anew, or another file")
            return SweepFileError(with_allowed(_("has a sweep already"), allowed))
        return FileExistsError(errno.EEXIST, _("it already has content"))

    def _start(self, overwrites: bool) -> None:
        """Writes the TOML file and the heading of a new sweep, and syncs both to the disk."""
        self._head.write(self.path, overwrites=overwrites)
        self._begun = [self.path, toml_path(self.path)]
        os.ftruncate(self._file, 0)
        open_file.append(self._file, self._lines.heading)
        os.fsync(self._file)
        with access.opened_folder(self.path) as (folder, _name):
            os.fsync(folder)  # else a loss of power might lose the file's name

    def _resume(self) -> None:
        """Loads the rows of the older file, and truncates an incomplete last line; raises SweepFileError."""
        older = SweepHeader.read(self.path)
        allowed = _("the same options again, or --force instead of --resume to begin anew")
        differences = older.differences(self._head)
        if differences:
            problem = _("is of another sweep: {differences}").format(differences=clauses(differences))
            raise SweepFileError(with_allowed(problem, allowed))
        self.suspects, self._is_marked = older.suspects, bool(older.suspects)
        self._head, self._lines = replace(older, suspects=()), RowLines(older)
        os.lseek(self._file, 0, os.SEEK_SET)
        end = 0
        for rows, length in self._lines.read(iter(lambda: os.read(self._file, _BLOCK), b"")):
            self._order.append(rows.cell)
            self._store(self._new_rows(rows))
            end += length
        os.ftruncate(self._file, end)
        if not end:
            open_file.append(self._file, self._lines.heading)

    def add(self, rows: ResultRows) -> ResultRows:
        """Appends new rows to the file and syncs it, and returns them; raises OSError if it cannot be written.

        Rows that it has returned survive a crash of the program and a loss of power.
        """
        new = self._new_rows(rows)
        if len(new):
            open_file.append(self._file, b"".join(self._lines.of(new)))
            self._order.append(new.cell)
            self._store(new)  # before the slow fsync: what interrupts that finds the rows that are in the file
            os.fsync(self._file)
        return new

    def suspect(self, cells: Iterable[int]) -> None:
        """Writes to the TOML file which cells a resumed sweep must train one by one; raises OSError."""
        suspects = tuple(sorted(cells))
        if suspects:
            replace(self._head, suspects=suspects).write(self.path)

    def finish(self) -> None:
        """Sorts the file's rows by their cells; called once all are done; raises OSError, and changes nothing then."""
        order = np.concatenate(self._order)
        if (np.diff(order) < 0).any():
            with mmap.mmap(self._file, 0, access=mmap.ACCESS_READ) as content:
                ends = [
                    np.flatnonzero(np.frombuffer(content[offset : offset + _BLOCK], np.uint8) == _LF) + offset
                    for offset in range(0, len(content), _BLOCK)
                ]
                self._put_in_order(content, np.concatenate(ends) + 1, np.argsort(order))
        if self._is_marked:
            self._head.write(self.path)

    def _put_in_order(self, content: mmap.mmap, ends: Cells, order: Cells) -> None:
        """Replaces the file by its own lines in another order, the heading first.

        `ends` has the offset behind each line of `content`, `order` the numbers of the rows as they must follow.
        """
        mode = stat.S_IMODE(os.fstat(self._file).st_mode)
        with access.opened_folder(self.path) as (folder, name):
            beside = f"{name[:40]}.quadfit-tui-{os.getpid()}.new"
            with closing(NewFile(folder, name, mode, beside)) as new:
                open_file.append(new.file, content[: ends[0]])
                for rows in np.array_split(order, len(order) // _TOGETHER + 1):
                    lines = zip(ends[rows].tolist(), ends[rows + 1].tolist(), strict=True)
                    open_file.append(new.file, b"".join([content[begin:end] for begin, end in lines]))
                os.fsync(new.file)
                new.replace()

    def close(self) -> None:
        """Closes the file, and deletes it and its TOML file if they were new and no row was added."""
        if not self._is_known.any():
            for path in self._begun:
                with suppress(OSError), access.opened_folder(path) as (folder, name):
                    os.unlink(name, dir_fd=folder)
        os.close(self._file)


def _opened(path: str) -> int:
    """Opens a regular file for reading and appending, locks it, and returns its descriptor; raises OSError."""
    flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | access.NO_LINK | access.NOT_WAITING
    file = protected_files.open_target(path, flags)
    try:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            raise OSError(errno.EINVAL, _("it is not a regular file"))
        open_file.lock(file, 0, _("another program is already writing to it"))
    except BaseException:
        os.close(file)
        raise
    return file


def read_sweep(path: str) -> tuple[SweepHeader, Space, ResultRows]:
    """Reads a finished sweep from its file and the TOML file beside it; the rows are in the order of their cells.

    Raises SweepFileError if the files hold no sweep, or an unfinished one.
    """
    try:
        next(access.blocks(path, LARGEST_FILE, waits=False), b"")  # a missing file is reported before its TOML file
        head = SweepHeader.read(path)
        known = KnownRows(head.chosen)
        for rows, _length in RowLines(head).read(access.blocks(path, LARGEST_FILE, waits=False)):
            known.add(rows)
    except OSError as failure:
        raise SweepFileError(
            refusals.read_error_with_allowed(failure, _("the file of a sweep"), LARGEST_FILE)
        ) from None
    left = len(known.left)
    if left:
        problem = ngettext(
            "is not finished: {left} of {n} run is left",
            "is not finished: {left} of {n} runs are left",
            len(known.cells),
            left=left,
        )
        allowed = _("a finished file; --resume goes on with this one")
        raise SweepFileError(with_allowed(problem, allowed))
    return head, head.space, known.rows()


class RowLines:
    """A formatter and parser of a sweep's rows as CSV: numbers parse to the same double, missing values are empty."""

    def __init__(self, head: SweepHeader) -> None:
        self._space, self._chosen, self._names = head.space, head.chosen, head.names
        self._columns = varied_columns(head.space.axes)
        self._commands = CommandLines(head.space, head.digests, head.names)
        self.heading = _csv([["cell", *(column.name for column in self._columns), *COLUMNS, RUN]])

    def of(self, rows: ResultRows) -> Iterator[bytes]:
        """Yields rows formatted as CSV, some thousands at a time."""
        for start in range(0, len(rows), _TOGETHER):
            part = rows.part(slice(start, start + _TOGETHER))
            yield _csv(zip(*self._file_columns(part), strict=True))

    def _file_columns(self, rows: ResultRows) -> list[Iterable[Any]]:
        """Returns the values of each column of the file, in the order of the heading."""
        cells = rows.cell.tolist()
        varied: dict[str, list[Any]] = {"seed": [self._space.base.seed] * len(cells)}
        varied |= self._space.columns(rows.cell)
        if self._names and "data" in varied:
            varied["data"] = [file and self._names[file] for file in varied["data"]]
        return [
            cells,
            *(map(_flag, file_values(column, varied[column.parameter])) for column in self._columns),
            [STATUSES[status] for status in rows.status.tolist()],
            [VERDICTS[verdict] for verdict in rows.verdict.tolist()],
            *(getattr(rows, name).tolist() for name in _WHOLE),
            *(_numbers(getattr(rows, name)) for name in _REAL),
            *map(_numbers, rows.w.T),
            [printable(rows.errors.get(cell, ""), " ") for cell in cells],
            self._commands.of(cells),
        ]

    def read(self, content: Iterable[bytes]) -> Iterator[tuple[ResultRows, int]]:
        """Parses a file that comes in blocks; yields its rows, some thousands at a time, and their number of bytes.

        Skips a last line that is truncated. Raises SweepFileError if a line differs from what `of` would write.
        """
        lines, number = _lines(content), 1
        first = next(lines, None)
        if first is None:
            return
        if first != self.heading:
            raise self._changed(1)
        yield ResultRows.empty(0), len(first)
        while batch := list(itertools.islice(lines, _TOGETHER)):
            rows = self._rows_of(batch)
            if rows is None:
                bad = next(index for index, line in enumerate(batch, 1) if not self._rows_of([line]))
                raise self._changed(number + bad)
            number += len(batch)
            yield rows, sum(map(len, batch))

    def _changed(self, line: int) -> SweepFileError:
        """Returns the error about a line that is not of this sweep, by its number from 1."""
        problem = _("has a line {line} that is not of this sweep").format(line=line)
        return SweepFileError(with_allowed(problem, _("the two files of a sweep as 'sweep' wrote them")))

    def _rows_of(self, batch: list[bytes]) -> ResultRows | None:
        """Parses lines; returns their rows, or None if they differ from what `of` would write for these."""
        try:
            rows = self._parsed(batch)
            return rows if b"".join(self.of(rows)) == b"".join(batch) else None
        except (ValueError, IndexError, OverflowError, csv.Error):
            return None

    def _parsed(self, batch: list[bytes]) -> ResultRows:
        """Parses lines without comparing them; raises ValueError, IndexError, OverflowError or csv.Error."""
        names = next(csv.reader([self.heading.decode()]))
        texts = dict(zip(names, zip(*csv.reader(line.decode() for line in batch), strict=True), strict=True))

        def numbers(name: str, kind: type) -> NDArray[Any]:
            return np.array([kind(text or "nan") for text in texts[name]], dtype=kind)

        cells = numbers("cell", int)
        places = np.minimum(np.searchsorted(self._chosen, cells), len(self._chosen) - 1)
        if not np.array_equal(self._chosen[places], cells):
            raise ValueError("cells of another sweep")
        return ResultRows(
            cell=cells,
            status=np.array([STATUSES.index(word) for word in texts["status"]], dtype=np.int8),
            verdict=np.array([VERDICTS.index(word) for word in texts["verdict"]], dtype=np.int8),
            **{name: numbers(name, int) for name in _WHOLE},
            **{name: numbers(name, float) for name in _REAL},
            w=np.column_stack([numbers(name, float) for name in PARAMETER_NAMES]),
            errors={int(cell): why for cell, why in zip(cells, texts["error"], strict=True) if why},
        )


def _csv(rows: Iterable[Iterable[Any]]) -> bytes:
    """Formats rows of values as lines of CSV."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def _flag(value: Any) -> Any:
    """Returns a parameter's value as the file has it: `true` or `false`, printable text, or a number."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return printable(value, " ")
    return value


def _numbers(column: NDArray[np.float64]) -> list[float | None]:
    """Returns the numbers of a column, None for nan, which the file has as an empty value."""
    return [None if math.isnan(value) else value for value in column.tolist()]


def _lines(content: Iterable[bytes]) -> Iterator[bytes]:
    """Yields the lines of a file that comes in blocks, without a last one that is truncated.

    Yields the beginning of a line that is too long, and stops.
    """
    begun = b""
    for block in content:
        *whole, begun = (begun + block).split(b"\n")
        yield from (line + b"\n" for line in whole)
        if len(begun) > _LONGEST_LINE:
            yield begun
            return
