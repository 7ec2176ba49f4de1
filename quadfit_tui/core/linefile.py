"""A file of lines that stays a file of whole lines, whatever happens to the program or to the disk."""

from __future__ import annotations

import errno
import mmap
import os
import select
import stat
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from quadfit_tui.core import files

if TYPE_CHECKING:
    from quadfit_tui.core.guard import Guard

PATIENCE = 1.0  # seconds that a pipe may be full: longer, and whoever watches would take the program for dead


class LineFile:
    """Appends lines to a new file; what `write` has returned from is out of the program's hands, even if it is killed.

    A line that a kill cuts is taken away by the file's guard. Raises OSError where a line cannot be written; those
    before the one that failed are in the file, and no part of it is.
    """

    def __init__(self, path: str, *, waits: bool = True) -> None:
        """Without `waits` nothing may keep the program waiting, or draw on its screen: neither pipes nor terminals.

        Raises OSError, and leaves an older file as it is, where that cannot be had, or another LineFile is open on it.
        """
        blocking = 0 if waits else os.O_NONBLOCK | os.O_NOCTTY
        # Appending, so that somebody who empties the file meanwhile gets no hole in front of the next line.
        self._fd = files.opened(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | blocking)
        try:
            if not waits and os.isatty(self._fd):
                raise OSError(errno.EINVAL, "It is a terminal")
            if stat.S_ISREG(os.fstat(self._fd).st_mode):
                _lock(self._fd)
                os.ftruncate(self._fd, 0)
            self._guard = _guard_of(path, os.fstat(self._fd))
        except BaseException:
            os.close(self._fd)
            raise

    def write(self, lines: Iterable[str]) -> None:
        """Adds lines, given without their ends."""
        if self.is_deleted:
            raise OSError(errno.ENOENT, "It has been deleted")
        for piece in pieces((f"{line}\n".encode() for line in lines), os.fstat(self._fd).st_size):
            self._put(piece)

    @property
    def is_deleted(self) -> bool:
        """Whether nobody can find any more what is written to it."""
        found = os.fstat(self._fd)
        return stat.S_ISREG(found.st_mode) and not found.st_nlink

    def _put(self, piece: bytes) -> None:
        done = 0
        try:
            while done < len(piece):
                done += self._put_some(piece[done:])
        except OSError:
            self._cut(done - (piece.rfind(b"\n", 0, done) + 1))
            raise

    def _put_some(self, piece: bytes) -> int:
        try:
            return os.write(self._fd, piece)
        except BlockingIOError:
            if not select.select([], [self._fd], [], PATIENCE)[1]:
                raise OSError(errno.EAGAIN, "Nobody reads it") from None
            return 0

    def _cut(self, count: int) -> None:
        """Takes back the last bytes, which are a part of a line."""
        found = os.fstat(self._fd)
        if count and stat.S_ISREG(found.st_mode):
            os.ftruncate(self._fd, found.st_size - count)

    def close(self) -> None:
        """Closes it; some file systems tell only now that what was written is lost."""
        if self._guard is not None:
            self._guard.dismiss()
        os.close(self._fd)


def _lock(file: int) -> None:
    """Keeps others from writing the same file at the same time, in which the lines of both would be lost."""
    try:
        import fcntl
    except ImportError:  # Windows
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise OSError(errno.EBUSY, "Another program is writing it") from None
    except OSError:  # a file system that has no locks
        pass


def _guard_of(path: str, written: os.stat_result) -> Guard | None:
    """A guard of the file that is written, if it is one that can be cut, and may be read."""
    if not stat.S_ISREG(written.st_mode):
        return None
    try:
        from quadfit_tui.core.guard import Guard

        descriptor = files.opened(path, os.O_RDWR)
    except (ImportError, OSError):
        return None
    try:
        return Guard(descriptor) if os.path.samestat(written, os.fstat(descriptor)) else None
    except OSError:
        return None
    finally:
        os.close(descriptor)


def pieces(lines: Iterable[bytes], at: int, page: int = mmap.PAGESIZE) -> Iterator[bytes]:
    """Joins lines that follow the first `at` bytes of a file: whole lines within a page, or a single one beyond it.

    So a kill, which takes effect between two pages, leaves all lines of a piece or none; only a single one may be cut:
    by 3 of 8,000 kills amid training at full speed, before there was a guard.
    """
    piece = b""
    for line in lines:
        if piece and at // page != (at + len(piece) + len(line) - 1) // page:
            yield piece
            at, piece = at + len(piece), b""
        piece += line
    if piece:
        yield piece
