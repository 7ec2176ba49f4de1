"""A file of lines that several programs append to at once; a kill cuts at most the line in progress."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from quadfit_tui.core.files import access

MOST_BYTES = 5_000_000  # of such a file, 200 times what twelve lessons take; more is neither read nor written
LOCK_TIMEOUT = 1.0  # seconds; after more of them a program on a screen would seem dead


class SharedLines:
    """The lines of a file, and how to append one: it is the system's once `append` has returned.

    The file is opened and locked for each line anew, so that several programs, and the same one twice, can share it.
    What a kill has left of a line is ended by the next one, and is a line of its own. `lines` are those known so far,
    without their ends; where the file is not the same any more, as it was emptied or deleted, `lines` is another list.
    """

    def __init__(self, path: str, mode: int) -> None:
        self.lines: list[bytes] = []
        self._path, self._mode = path, mode
        self._file = (0, 0)  # device and inode of the file that the lines are from
        self._end = 0  # of the lines, in bytes

    def read(self) -> None:
        """Reads the whole lines that were appended since; raises OSError where the file cannot be read."""
        try:
            descriptor = access.open_descriptor(self._path, os.O_RDONLY | access.NO_LINK | access.NOT_WAITING)
        except FileNotFoundError:
            self.lines, self._end = [], 0
            return
        try:
            self._take(descriptor)
        finally:
            os.close(descriptor)

    def append(self, line_of: Callable[[int, bytes | None], bytes]) -> None:
        """Appends a line by one write: what `line_of` makes of its number, from 0, and of the line before it, if any.

        Raises OSError; no part of the line is in the file then.
        """
        descriptor = access.open_to_append(self._path, self._mode)
        try:
            with locked(descriptor):
                cut = self._take(descriptor)
                before = [cut] if cut else self.lines[-1:]
                line = line_of(len(self.lines) + bool(cut), before[0] if before else None)
                _put(descriptor, b"\n" * bool(cut) + line + b"\n", self._end + len(cut))
                self.lines += [cut, line] if cut else [line]
                self._end += len(cut) + bool(cut) + len(line) + 1
        finally:
            os.close(descriptor)

    def _take(self, descriptor: int) -> bytes:
        """Reads the lines that were appended since; gives what stands behind the last of them, without an end."""
        found = os.fstat(descriptor)
        if (found.st_dev, found.st_ino) != self._file or found.st_size < self._end:
            self.lines, self._end, self._file = [], 0, (found.st_dev, found.st_ino)
        if found.st_size > MOST_BYTES:
            raise OSError(errno.EFBIG, f"it is {found.st_size} bytes long")
        *lines, rest = _read(descriptor, self._end, found.st_size).split(b"\n")
        self.lines += lines
        self._end += sum(len(line) + 1 for line in lines)
        return rest


def _read(descriptor: int, start: int, end: int) -> bytes:
    os.lseek(descriptor, start, os.SEEK_SET)
    found = b""
    while start + len(found) < end and (piece := os.read(descriptor, end - start - len(found))):
        found += piece
    return found


def _put(descriptor: int, line: bytes, size: int) -> None:
    """Appends a line to a file of `size` bytes, all of it or nothing."""
    if size + len(line) > MOST_BYTES:
        raise OSError(errno.EFBIG, f"it is {size} bytes long")
    done = 0
    try:
        while done < len(line):  # once, but where the disk has room for a part of it only
            done += os.write(descriptor, line[done:])
    except OSError:
        if done:
            with suppress(OSError):  # where one may append only; the next line ends what is left of this one
                os.ftruncate(descriptor, size)
        raise


@contextmanager
def locked(descriptor: int, timeout: float = LOCK_TIMEOUT) -> Iterator[None]:
    """Has a file or a folder to itself; raises OSError where somebody else keeps it for more than so many seconds."""
    try:
        import fcntl
    except ImportError:  # Windows
        yield
        return
    deadline = time.monotonic() + timeout
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise OSError(errno.EBUSY, "another program keeps it locked") from None
            time.sleep(0.005)
        except OSError:  # a file system that has no locks
            break
        else:
            break
    yield  # closing the file unlocks it
