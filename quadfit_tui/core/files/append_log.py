"""A file of lines that several programs append to at once; a kill cuts at most the line in progress."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable

from quadfit_tui.core.files import access, open_file
from quadfit_tui.core.text.language import _

MOST_BYTES = 5_000_000  # largest file that is read or written, 200 times what twelve lessons take


class Tail:
    """The position up to which a growing file of lines was read: `start` is the offset of the next line in bytes."""

    def __init__(self) -> None:
        self.start = 0
        self._file: access.Identity | None = None

    def is_of(self, file: access.Identity | None, size: int) -> bool:
        """Whether `file`, of `size` bytes, still holds all that was read; if not, reading restarts at its start."""
        is_same = file == self._file and size >= self.start
        if not is_same:
            self._file, self.start = file, 0
        return is_same

    def lines(self, content: bytes, most: int | None = None) -> tuple[list[bytes], bytes]:
        """Splits the bytes from `start` on into whole lines, at most `most`, and the incomplete rest; advances `start`.

        If lines are left for later, because of `most`, the rest is empty.
        """
        *lines, rest = content.split(b"\n")
        if most is not None and len(lines) > most:
            lines, rest = lines[:most], b""
        self.start += sum(len(line) + 1 for line in lines)
        return lines, rest


class AppendLog:
    """The lines of a file, to which several programs append; once `append` returns, a kill cannot lose the line.

    The file is opened and locked for each line anew, so that several programs, and the same one twice, can share it.
    If a kill cut a line, the next `append` ends it, and it stays a line of its own. `lines` are those known so far,
    without their ends; if the file was emptied, deleted or replaced, `lines` becomes a new list. `anywhere` is for
    files that the command line names, which may be outside of the folder to which files are confined.
    """

    def __init__(self, path: str, mode: int, anywhere: bool = False) -> None:
        self.lines: list[bytes] = []
        self._path, self._mode, self._anywhere = path, mode, anywhere
        self._tail = Tail()

    def read(self) -> None:
        """Reads the whole lines that were appended since the last call into `lines`; raises OSError if that fails."""
        try:
            flags = os.O_RDONLY | access.NO_LINK | access.NOT_WAITING
            descriptor = access.open_descriptor(self._path, flags, anywhere=self._anywhere)
        except FileNotFoundError:
            self.lines, self._tail = [], Tail()
            return
        try:
            self._read_new(descriptor)
        finally:
            os.close(descriptor)

    def append(self, line_of: Callable[[int, bytes | None], bytes]) -> None:
        """Appends the line that `line_of` returns for its number, from 0, and the line before it or None.

        It is one write, under the lock. Raises OSError; then no part of the line is in the file.
        """
        descriptor = access.open_to_append(self._path, self._mode, anywhere=self._anywhere)
        try:
            open_file.lock(descriptor, open_file.LOCK_TIMEOUT)
            cut = self._read_new(descriptor)
            before = [cut] if cut else self.lines[-1:]
            number = len(self.lines) + 1 if cut else len(self.lines)
            line = line_of(number, before[0] if before else None)
            content = b"\n" + line + b"\n" if cut else line + b"\n"
            if (size := self._tail.start + len(cut)) + len(content) > MOST_BYTES:
                raise OSError(errno.EFBIG, _("it is {n} bytes long").format(n=size))
            open_file.append(descriptor, content)
            self.lines += self._tail.lines(cut + content)[0]
        finally:
            os.close(descriptor)

    def _read_new(self, descriptor: int) -> bytes:
        """Reads the whole lines that were appended since the last call; returns the incomplete one behind them."""
        status = os.fstat(descriptor)
        if not self._tail.is_of((status.st_dev, status.st_ino), status.st_size):
            self.lines = []
        if status.st_size > MOST_BYTES:
            raise OSError(errno.EFBIG, _("it is {n} bytes long").format(n=status.st_size))
        lines, rest = self._tail.lines(open_file.read(descriptor, self._tail.start, status.st_size - self._tail.start))
        self.lines += lines
        return rest
