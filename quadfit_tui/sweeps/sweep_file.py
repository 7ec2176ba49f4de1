"""SweepFile: the rows of a sweep as CSV, appended as they come, in the order of their cells at the end.

What they are made of is in a TOML file beside it (head.py). A sweep that was interrupted goes on from the two: a last
line that was cut is dropped.
"""

from __future__ import annotations

import csv
import errno
import io
import itertools
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
from quadfit_tui.sweeps.columns import RUN, CommandLines, shown_values, varied_columns
from quadfit_tui.sweeps.head import SweepFileError, SweepHeader, toml_path
from quadfit_tui.sweeps.rows import COLUMNS, STATUSES, VERDICTS, KnownRows, ResultRows
from quadfit_tui.sweeps.space import Cells, Space

LARGEST_FILE = 5_000_000_000  # bytes: ten million rows of some columns
_LONGEST_LINE = 1_000_000  # bytes: names of files are some thousands at most
_TOGETHER = 10_000  # rows that are held as text
_BLOCK = 1 << 20  # bytes that are read in one go
_LF = 10  # which ends a line
_WHOLE, _REAL = ("epochs", "updates"), ("mean_loss", "least")


class SweepFile(KnownRows):
    """The rows that a sweep has so far, and its file, which holds all of those that `add` has returned.

    While it is open no other program can write the file. `suspects` are the cells that are to be trained one by one.
    """

    def __init__(self, path: str, head: SweepHeader, *, resume: bool = False, overwrites: bool = False) -> None:
        """Opens the file; `resume` goes on with the rows of an older one, `overwrites` drops them.

        Raises OSError, or SweepFileError if the older one is of another sweep, or was changed.
        """
        super().__init__(head.chosen)
        self.path, self.suspects = path, tuple[int, ...]()
        self._head, self._lines = head, RowLines(head)
        self._order, self._is_marked = [self.cells[:0]], False  # the cells as the file has them
        self._file = _opened(path)
        self._begun = [] if os.fstat(self._file).st_size else [path]  # what goes if there are no rows
        try:
            if not resume and not overwrites and os.fstat(self._file).st_size:
                raise self._taken()
            if resume and (os.fstat(self._file).st_size or access.is_filled(toml_path(path))):
                self._go_on()
            else:
                self._open_or_resume(overwrites)
        except BaseException:
            self.close()
            raise

    def _taken(self) -> Exception:
        """Why the file is not written over."""
        with suppress(SweepFileError):
            SweepHeader.read(self.path)
            allowed = _("--resume to go on with it, --force to begin anew, or another file")
            return SweepFileError(with_allowed(_("has a sweep already"), allowed))
        return FileExistsError(errno.EEXIST, _("it already has content"))

    def _open_or_resume(self, overwrites: bool) -> None:
        self._head.write(self.path, overwrites=overwrites)
        self._begun = [self.path, toml_path(self.path)]
        os.ftruncate(self._file, 0)
        open_file.append(self._file, self._lines.heading)
        os.fsync(self._file)
        with access.opened_folder(self.path) as (folder, _name):
            os.fsync(folder)  # or a loss of power might take its name

    def _go_on(self) -> None:
        """Takes the rows of the older file."""
        older = SweepHeader.read(self.path)
        allowed = _("the same options again, or --force instead of --resume to begin anew")
        if differences := older.differences(self._head):
            told = _("is of another sweep: {differences}").format(differences=clauses(differences))
            raise SweepFileError(with_allowed(told, allowed))
        self.suspects, self._is_marked = older.suspects, bool(older.suspects)
        self._head, self._lines = replace(older, suspects=()), RowLines(older)
        os.lseek(self._file, 0, os.SEEK_SET)
        end = 0
        for rows, length in self._lines.read(iter(lambda: os.read(self._file, _BLOCK), b"")):
            self._order.append(rows.cell)
            self._take(self._new(rows))
            end += length
        os.ftruncate(self._file, end)
        if not end:
            open_file.append(self._file, self._lines.heading)

    def add(self, rows: ResultRows) -> ResultRows:
        """Keeps rows, and returns those that are new; raises OSError, and keeps none of them then.

        When it has returned they outlast the death of the program and a loss of power.
        """
        new = self._new(rows)
        if len(new):
            open_file.append(self._file, b"".join(self._lines.of(new)))
            os.fsync(self._file)
            self._order.append(new.cell)
            self._take(new)
        return new

    def suspect(self, cells: Iterable[int]) -> None:
        """Has cells be trained one by one when the sweep is resumed; raises OSError."""
        if cells := tuple(sorted(cells)):
            replace(self._head, suspects=cells).write(self.path)

    def finish(self) -> None:
        """Puts the rows in the order of their cells, once all are known; raises OSError and changes nothing."""
        order = np.concatenate(self._order)
        if (np.diff(order) < 0).any():
            with mmap.mmap(self._file, 0, access=mmap.ACCESS_READ) as content:
                blocks = range(0, len(content), _BLOCK)
                found = [
                    np.flatnonzero(np.frombuffer(content[at : at + _BLOCK], np.uint8) == _LF) + at for at in blocks
                ]
                self._put_in_order(content, np.concatenate(found) + 1, np.argsort(order))
        if self._is_marked:
            self._head.write(self.path)

    def _put_in_order(self, content: mmap.mmap, ends: Cells, order: Cells) -> None:
        """Has the lines of a content, of which the first is the heading, be the file in this order."""
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
        """Closes the file; one without any row, which was begun here, goes."""
        for name in self._begun if not self._is_known.any() else ():
            with suppress(OSError), access.opened_folder(name) as (folder, last):
                os.unlink(last, dir_fd=folder)
        os.close(self._file)


def _opened(path: str) -> int:
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
    """The sweep that a file and the one beside it hold: the rows in the order of their cells.

    Raises SweepFileError if there is none, or not all of it.
    """
    try:
        next(access.blocks(path, LARGEST_FILE, waits=False), b"")  # so that one that is not there is told
        head = SweepHeader.read(path)
        known = KnownRows(head.chosen)
        for rows, _length in RowLines(head).read(access.blocks(path, LARGEST_FILE, waits=False)):
            known.add(rows)
    except OSError as failure:
        raise SweepFileError(refusals.refusal(failure, _("the file of a sweep"), LARGEST_FILE)) from None
    if left := len(known.left):
        told = ngettext(
            "is not finished: {left} of {n} run is left",
            "is not finished: {left} of {n} runs are left",
            len(known.cells),
            left=left,
        )
        allowed = _("a finished file; --resume goes on with this one")
        raise SweepFileError(with_allowed(told, allowed))
    return head, head.space, known.rows()


class RowLines:
    """The rows of a sweep as lines of CSV: numbers that read back to the same double, nothing for what is not there."""

    def __init__(self, head: SweepHeader) -> None:
        self._space, self._chosen, self._names = head.space, head.chosen, head.names
        self._columns = varied_columns(head.space.axes)
        self._commands = CommandLines(head.space, head.digests, head.names)
        self.heading = _csv([["cell", *(column.name for column in self._columns), *COLUMNS, RUN]])

    def of(self, rows: ResultRows) -> Iterator[bytes]:
        """The lines of rows, some thousands at a time."""
        for at in range(0, len(rows), _TOGETHER):
            part = rows.part(slice(at, at + _TOGETHER))
            yield _csv(zip(*self._made(part), strict=True))

    def _made(self, rows: ResultRows) -> list[Iterable[Any]]:
        """The values of each column of rows."""
        cells = rows.cell.tolist()
        varied: dict[str, list[Any]] = {"seed": [self._space.base.seed] * len(cells)}
        varied |= self._space.columns(rows.cell)
        if self._names and "data" in varied:
            varied["data"] = [file and self._names[file] for file in varied["data"]]
        return [
            cells,
            *(map(_flag, shown_values(column, varied[column.parameter])) for column in self._columns),
            [STATUSES[at] for at in rows.status.tolist()],
            [VERDICTS[at] for at in rows.verdict.tolist()],
            *(getattr(rows, name).tolist() for name in _WHOLE),
            *(_numbers(getattr(rows, name)) for name in _REAL),
            *map(_numbers, rows.w.T),
            [printable(rows.errors.get(cell, ""), " ") for cell in cells],
            self._commands.of(cells),
        ]

    def read(self, content: Iterable[bytes]) -> Iterator[tuple[ResultRows, int]]:
        """The rows of a content that comes in blocks, some thousands at a time, and how many bytes each time.

        A last line that is cut is left out. Raises SweepFileError if a line is not what it was written as.
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
                raise self._changed(number + next(at for at, line in enumerate(batch, 1) if not self._rows_of([line])))
            number += len(batch)
            yield rows, sum(map(len, batch))

    def _changed(self, line: int) -> SweepFileError:
        told = _("has a line {line} that is not of this sweep").format(line=line)
        return SweepFileError(with_allowed(told, _("the two files of a sweep as 'sweep' wrote them")))

    def _rows_of(self, batch: list[bytes]) -> ResultRows | None:
        """The rows of lines; None if these would not be written so."""
        try:
            rows = self._parsed(batch)
            return rows if b"".join(self.of(rows)) == b"".join(batch) else None
        except (ValueError, IndexError, OverflowError, csv.Error):
            return None

    def _parsed(self, batch: list[bytes]) -> ResultRows:
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
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def _flag(value: Any) -> Any:
    return str(value).lower() if isinstance(value, bool) else printable(value, " ") if isinstance(value, str) else value


def _numbers(column: NDArray[np.float64]) -> list[float | None]:
    return [None if value != value else value for value in column.tolist()]


def _lines(content: Iterable[bytes]) -> Iterator[bytes]:
    """The lines of a content that comes in blocks, but for a last one that is cut."""
    begun = b""
    for block in content:
        *whole, begun = (begun + block).split(b"\n")
        yield from (line + b"\n" for line in whole)
        if len(begun) > _LONGEST_LINE:
            yield begun
            return
