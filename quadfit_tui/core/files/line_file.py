"""An append-only file of whole lines, also when the disk is full; a kill cuts at most the last one."""

from __future__ import annotations

import errno
import os
import select
import stat
from collections.abc import Iterable
from contextlib import closing

from quadfit_tui.core.files import access

_NOT_OURS = getattr(os, "O_NOCTTY", 0)  # Windows has no terminals that a program belongs to
PIPE_TIMEOUT = 1.0  # seconds that a pipe may be full; after more of them a program on a screen would seem dead


class LineFile:
    """Appends lines to a new file; once `write` has returned they are the system's, even if the program is killed.

    A kill amid `write` leaves the lines before some place in the file: at most the last one is cut. An older file that
    may be written over is emptied first, so that no line ever follows a cut one. Raises OSError where a line cannot be
    written; those before the one that failed are in the file, and no part of it is.
    """

    def __init__(self, path: str, *, waits: bool = True, overwrites: bool = False) -> None:
        """Opens the file; one that holds something already is emptied if this `overwrites`, else it is FileExistsError.

        Without `waits` it must not keep the program waiting or draw on its screen: neither a pipe nor a terminal.
        Raises OSError, and leaves an older file as it is, where that is not so, or another LineFile is open on it.
        """
        # Appending, so that somebody who empties the file meanwhile gets no hole in front of the next line. A pipe
        # that nobody reads is refused at once by any program: the one that would read it may never come.
        self._fd = access.open_descriptor(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | access.NOT_WAITING | _NOT_OURS)
        try:
            if not waits and os.isatty(self._fd):
                raise OSError(errno.EINVAL, "it is a terminal")
            if access.NOT_WAITING:
                os.set_blocking(self._fd, waits)
            if stat.S_ISREG(os.fstat(self._fd).st_mode):
                _lock(self._fd)
                if not overwrites and os.fstat(self._fd).st_size:
                    raise FileExistsError(errno.EEXIST, "it already has content")
                os.ftruncate(self._fd, 0)
        except BaseException:
            os.close(self._fd)
            raise

    def write(self, lines: Iterable[str]) -> None:
        """Appends lines, given without their ends; raises OSError.

        Each is one write, of which a pipe takes all or nothing up to 4 KB.
        """
        if self.is_deleted:
            raise OSError(errno.ENOENT, "it has been deleted")
        for line in lines:
            self._put(f"{line}\n".encode())

    @property
    def is_deleted(self) -> bool:
        """Whether the file has no name any more, so that nobody could find what is written to it."""
        found = os.fstat(self._fd)
        return stat.S_ISREG(found.st_mode) and not found.st_nlink

    def _put(self, line: bytes) -> None:
        done = 0
        try:
            while done < len(line):
                done += self._put_some(line[done:])
        except OSError:
            self._cut(done)
            raise

    def _put_some(self, piece: bytes) -> int:
        try:
            return os.write(self._fd, piece)
        except BlockingIOError:
            if not select.select([], [self._fd], [], PIPE_TIMEOUT)[1]:
                raise OSError(errno.EAGAIN, "the pipe has no reader") from None
            return 0

    def _cut(self, count: int) -> None:
        """Takes back the last bytes, which are a part of a line."""
        found = os.fstat(self._fd)
        if count and stat.S_ISREG(found.st_mode):
            os.ftruncate(self._fd, found.st_size - count)

    def close(self) -> None:
        """Closes the file; raises OSError where a file system tells only now that lines were lost."""
        os.close(self._fd)


def write_lines(path: str, lines: Iterable[str], *, overwrites: bool = False) -> None:
    """Writes lines to a file of their own; one that holds something is FileExistsError, unless this `overwrites` it."""
    with closing(LineFile(path, waits=False, overwrites=overwrites)) as file:
        file.write(lines)


def _lock(file: int) -> None:
    """Keeps others from writing the same file at the same time, in which the lines of both would be lost."""
    try:
        import fcntl
    except ImportError:  # Windows
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise OSError(errno.EBUSY, "another program is already writing to it") from None
    except OSError:  # a file system that has no locks
        pass
