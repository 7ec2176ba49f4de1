"""Journal: the rows of a sweep as they come, beside its file; it goes on from there after any death.

Its lines are JSON: the head, then one for each block of rows, which is there as a whole or not at all. Before a block
stand the curves of its cells, where they were asked for.
"""

from __future__ import annotations

import errno
import json
import os
import stat
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from typing import Any

import numpy as np

from quadfit_tui.core.files import access, open_file, own_files
from quadfit_tui.core.sweep.formats import opened_files, write_files
from quadfit_tui.core.sweep.head import FORM, Head, SweepFileError
from quadfit_tui.core.sweep.rows import FAILED, KnownRows, Rows
from quadfit_tui.core.sweep.tables.blocks import LONGEST, block_of, curve_of, rows_of, without_nan
from quadfit_tui.core.sweep.tables.lines import byte_lines
from quadfit_tui.core.text.language import _, clauses
from quadfit_tui.core.text.quoting import quoted, with_allowed, with_problem
from quadfit_tui.core.training.loss_curve import LossCurve

SUFFIX = ".journal"  # behind the name of the sweep's file
_BLOCK = 1 << 20  # bytes that are read in one go
_MARK = json.dumps({"sweep": FORM})[:-1].encode()  # what the first line begins with
_OVERWRITES = {"overwrites": True}  # a line: what stands in the sweep's file may be written over


class JournalError(ValueError):
    """A journal that cannot be gone on with or begun; the text is one line, which names it."""


class Journal(KnownRows):
    """The rows that a sweep has so far, and its file, in which they stand as a whole once it is finished.

    What `add` has returned of is kept, whatever happens then. While it is open no other program can write the file.
    `head` is that of the sweep as it was begun, with all processors that computed some of it.
    """

    def __init__(self, path: str, head: Head, *, resume: bool = False, overwrites: bool = False) -> None:
        """Opens the journal beside the sweep's file, and that; `resume` goes on with the rows of an older journal.

        A file that holds something is FileExistsError unless this, or the sweep that is resumed, `overwrites` it.
        Raises OSError where one of them cannot be written, JournalError where there is a journal already that is not
        to be resumed, or is of another sweep.
        """
        super().__init__(head.chosen)
        self.path = f"{path}{SUFFIX}"
        self.head = head
        self._folder = os.path.dirname(path)
        self._overwrites = overwrites
        self._fd = _opened(self.path)
        self._end = 0  # of what is sound in it; below 0 once it could not be written
        self._is_begun_anew = False
        self._curves = np.zeros((len(self.cells) if head.curves else 0, 2), dtype=np.int64)  # begin and end of a line
        self._files = ExitStack()
        try:
            open_file.lock(self._fd, 0, _("another program is already writing to it"))
            status = os.fstat(self._fd)
            if access.identity(self.path) != (status.st_dev, status.st_ino):  # the other one has just finished
                raise OSError(errno.EBUSY, _("another program is already writing to it"))
            try:
                self._begin(resume)
            except SweepFileError as refused:
                raise self._unusable(str(refused), _("another file for the sweep")) from None
            self._written = opened_files(self._files, path, head.curves, self._overwrites)
        except BaseException:
            self.close()
            raise

    def _begin(self, resume: bool) -> None:
        """Reads what there is, or begins anew where that is nothing."""
        os.lseek(self._fd, 0, os.SEEK_SET)
        lines = byte_lines(iter(lambda: os.read(self._fd, _BLOCK), b""))
        first = next(lines, b"")
        if first and not (first.startswith(_MARK) or _MARK.startswith(first)):
            raise self._unusable(_("is not the journal of a sweep"), _("another file for the sweep"))
        here = self.head.processors
        if resume or not self._overwrites:
            self._read(first, lines, resume)
        os.ftruncate(self._fd, self._end)  # what a death has cut goes, or all of it
        if self._end == 0:
            self._is_begun_anew = True
            self._append(self.head.facts(self._folder))
            if self._overwrites:
                self._append(_OVERWRITES)
            self._sync()
            with access.opened_folder(self.path) as (folder, _name):
                os.fsync(folder)  # or a loss of power might take its name
        for name in here:
            self.computed_by(name)

    def _read(self, first: bytes, lines: Iterator[bytes], resume: bool) -> None:
        """Takes the rows of an older journal; one that has none is begun anew."""
        older, processors, overwrites, at = None, list[str](), False, len(first)
        for line in lines:
            at += len(line)
            found = _object(line) if line.endswith(b"\n") else {}
            if "cell" in found:
                if not resume:
                    allowed = _("--resume to go on with it, --force to begin anew, or another file")
                    raise self._unusable(_("is of a sweep that was not finished"), allowed)
                if older is None:
                    older = self._older(first)
                try:
                    self._take(self._with_curves(self._new(rows_of(found))))
                except ValueError:  # what is damaged is computed again
                    continue
            elif "curve" in found:
                try:
                    self._note_curve(curve_of(found)[0], at - len(line), at)
                except (ValueError, IndexError):
                    continue
            elif isinstance(found.get("processor"), str):
                processors.append(found["processor"])
            elif found == _OVERWRITES:
                overwrites = True
            else:
                continue
            self._end = at
        if older is None:
            self._end = 0
            return
        self.head = older.also_by(*processors)
        self._overwrites |= overwrites

    def _older(self, first: bytes) -> Head:
        """The head of an older journal, of the same sweep."""
        allowed = _("the same options again, or --force instead of --resume to begin anew")
        try:
            older = Head.from_facts(_object(first), self._folder)
        except SweepFileError as refused:
            raise self._unusable(str(refused), allowed) from None
        if differences := older.differences(self.head):
            problem = _("is of another sweep: {differences}").format(differences=clauses(differences))
            raise self._unusable(problem, allowed)
        return older

    def _unusable(self, problem: str, allowed: str) -> JournalError:
        return JournalError(with_allowed(with_problem(quoted(self.path), problem), allowed))

    def add(self, rows: Rows) -> Rows:
        """Keeps rows, and gives those that are new: a cell is told once. Raises OSError, and keeps none of them then.

        When it has returned they outlast the death of the program and a loss of power.
        """
        new = self._new(rows)
        for at in range(0, len(new), LONGEST):
            block = new.part(slice(at, at + LONGEST))
            for cell, (epoch, mean_loss) in block.curves.items():
                begun = self._end
                self._append({"curve": cell, "epoch": epoch.tolist(), "mean_loss": without_nan(mean_loss)})
                self._note_curve(cell, begun, self._end)
            self._append(block_of(block))
        if len(new):
            self._sync()
            self._take(new)
        return new

    def finish(self, style: str) -> None:
        """Writes the sweep's file as a whole in a format of SWEEP_FORMATS, when all cells are known; the journal goes.

        Raises OSError where that cannot be, and leaves the journal, to be resumed.
        """
        if len(self.left):
            raise ValueError("a sweep with cells to be trained yet")
        if not self._overwrites:  # if the program dies before the journal is gone, the file is its own
            self._append(_OVERWRITES)
            self._sync()
        write_files(self._written, style, self.head, self.rows(), self._folder, self._known_curves)
        self._remove()
        self._is_begun_anew = False

    def computed_by(self, processor: str) -> None:
        """Has the head tell of another kind of processor by which rows were computed; raises OSError."""
        if processor not in self.head.processors:
            self._append({"processor": processor})
            self._sync()
            self.head = self.head.also_by(processor)

    def _note_curve(self, cell: int, begin: int, end: int) -> None:
        """Notes where the line of a curve is; raises ValueError, IndexError where it is of another sweep."""
        (place,) = self._places(np.array([cell], dtype=np.int64))
        self._curves[place] = begin, end

    def _with_curves(self, rows: Rows) -> Rows:
        """Those of some rows whose curves are known, if they have any."""
        if not self.head.curves:
            return rows
        has_none = rows.status == FAILED
        return rows.part(has_none | (self._curves[self._places(rows.cell), 1] > 0))

    def _known_curves(self) -> Iterator[tuple[int, LossCurve]]:
        """The curve of each cell that has one, in the order of the cells; raises OSError."""
        for begin, end in (map(int, line) for line in self._curves):
            if end:
                try:
                    yield curve_of(_object(open_file.read(self._fd, begin, end - begin)))
                except ValueError:
                    raise OSError(errno.EIO, _("its journal is damaged")) from None

    def _append(self, found: dict[str, Any]) -> None:
        if self._end < 0:
            raise OSError(errno.EIO, _("it could not be written before"))
        content = json.dumps(found).encode() + b"\n"
        try:
            open_file.append(self._fd, content)
        except OSError:
            self._end = -1  # a line behind a cut one would be lost
            raise
        self._end += len(content)

    def _sync(self) -> None:
        try:
            os.fsync(self._fd)
        except OSError:
            self._end = -1
            raise

    def close(self) -> None:
        """Closes both files. The journal stays where it has rows that are not in the sweep's file."""
        self._files.close()
        if self._fd >= 0:
            if self._is_begun_anew and not self._is_known.any():
                with suppress(OSError):
                    self._remove()
            os.close(self._fd)
            self._fd = -1

    def _remove(self) -> None:
        with access.opened_folder(self.path) as (folder, name):
            os.fsync(folder)  # what is in its place has its name first
            os.unlink(name, dir_fd=folder)


def _opened(path: str) -> int:
    flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | access.NO_LINK | access.NOT_WAITING
    descriptor = own_files.open_target(path, flags)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, _("its journal is not a regular file"))
    return descriptor


def _object(line: bytes) -> dict[str, Any]:
    """The object of a line of JSON; an empty one where it is none."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
