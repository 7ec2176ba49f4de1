"""A file of lines that several programs append to at once; a kill cuts at most the line in progress."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable

from quadfit_tui.core.files import access, open_file
from quadfit_tui.core.text.language import _

MOST_BYTES = 5_000_000  # of such a file, 200 times what twelve lessons take; more is neither read nor written


class Tail:
    """How far a growing file of lines was read: `start` is the place where the next lines are, behind the last ones."""

    def __init__(self) -> None:
        self.start = 0
        self._file: access.Identity | None = None

    def is_of(self, file: access.Identity | None, size: int) -> bool:
        """Whether it is the file that was read before, with all of that in it; else it is read from its begin."""
        is_same = file == self._file and size >= self.start
        if not is_same:
            self._file, self.start = file, 0
        return is_same

    def lines(self, content: bytes, most: int | None = None) -> tuple[list[bytes], bytes]:
        """The whole lines, so many at most, of what there is from `start` on, and what stands behind the last one of
        all.
        """
        *lines, rest = content.split(b"\n")
        if most is not None and len(lines) > most:
            lines, rest = lines[:most], b""
        self.start += sum(len(line) + 1 for line in lines)
        return lines, rest


class AppendLog:
    """The lines of a file, and how to append one: it is the system's once `append` has returned.

    The file is opened and locked for each line anew, so that several programs, and the same one twice, can share it.
    What a kill has left of a line is ended by the next one, and is a line of its own. `lines` are those known so far,
    without their ends; where the file is not the same any more, as it was emptied or deleted, `lines` is another list.
    A file that whoever starts the program names may be `anywhere`.
    """

    def __init__(self, path: str, mode: int, anywhere: bool = False) -> None:
        self.lines: list[bytes] = []
        self._path, self._mode, self._anywhere = path, mode, anywhere
        self._tail = Tail()

    def read(self) -> None:
        """Reads the whole lines that were appended since; raises OSError where the file cannot be read."""
        try:
            flags = os.O_RDONLY | access.NO_LINK | access.NOT_WAITING
            descriptor = access.open_descriptor(self._path, flags, anywhere=self._anywhere)
        except FileNotFoundError:
            self.lines, self._tail = [], Tail()
            return
        try:
            self._take(descriptor)
        finally:
            os.close(descriptor)

    def append(self, line_of: Callable[[int, bytes | None], bytes]) -> None:
        """Appends a line by one write: what `line_of` makes of its number, from 0, and of the line before it, if any.

        Raises OSError; no part of the line is in the file then.
        """
        descriptor = access.open_to_append(self._path, self._mode, anywhere=self._anywhere)
        try:
            open_file.lock(descriptor, open_file.LOCK_TIMEOUT)
            cut = self._take(descriptor)
            before = [cut] if cut else self.lines[-1:]
            line = line_of(len(self.lines) + bool(cut), before[0] if before else None)
            content = b"\n" * bool(cut) + line + b"\n"
            if (size := self._tail.start + len(cut)) + len(content) > MOST_BYTES:
                raise OSError(errno.EFBIG, _("it is {n} bytes long").format(n=size))
            open_file.append(descriptor, content)
            self.lines += self._tail.lines(cut + content)[0]
        finally:
            os.close(descriptor)

    def _take(self, descriptor: int) -> bytes:
        """Reads the lines that were appended since; gives what stands behind the last of them, without an end."""
        status = os.fstat(descriptor)
        if not self._tail.is_of((status.st_dev, status.st_ino), status.st_size):
            self.lines = []
        if status.st_size > MOST_BYTES:
            raise OSError(errno.EFBIG, _("it is {n} bytes long").format(n=status.st_size))
        lines, rest = self._tail.lines(open_file.read(descriptor, self._tail.start, status.st_size - self._tail.start))
        self.lines += lines
        return rest
