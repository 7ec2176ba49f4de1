"""Files of lines: each line whole or not at all, also on a full disk and after a kill."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable

from quadfit_tui.core.files import access, open_file, protected_files
from quadfit_tui.core.text.language import _

_NOT_OURS = getattr(os, "O_NOCTTY", 0)  # Windows has no terminals that a program belongs to


class LineFile:
    """Appends lines to a new file; once `write` has returned they are the system's, even if the program is killed.

    A kill amid `write` leaves the lines before some place in the file: at most the last one is cut. An older file that
    may be written over is emptied before the first line, so that no line ever follows a cut one; by the same file, so
    that whoever looks on sees it grow. Raises OSError where a line cannot be written; those before the one that failed
    are in the file, and no part of it is.
    """

    def __init__(self, path: str, *, waits: bool = True, overwrites: bool = False, is_settings: bool = False) -> None:
        """Opens the file; one that holds something already is FileExistsError, unless this `overwrites` it.

        Without `waits` it must not keep the program waiting or draw on its screen: neither a pipe nor a terminal.
        Raises OSError, and leaves an older file as it is, where that is not so, another LineFile is open on it, or it
        is one of the program's own; `is_settings`: it holds those of a run, which may be among the presets.
        """
        # Appending, so that somebody who empties the file meanwhile gets no hole in front of the next line. A pipe
        # that nobody reads is refused at once by any program: the one that would read it may never come.
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | access.NOT_WAITING | _NOT_OURS
        self._fd = protected_files.open_target(path, flags, is_settings)
        self._out = self._fd  # where lines are written to
        self._is_begun = False
        try:
            if not waits and os.isatty(self._fd):
                raise OSError(errno.EINVAL, _("it is a terminal"))
            if access.NOT_WAITING:
                os.set_blocking(self._fd, waits)
            if self.is_regular:
                open_file.lock(self._fd, 0, _("another program is already writing to it"))
                if not overwrites and os.fstat(self._fd).st_size:
                    raise FileExistsError(errno.EEXIST, _("it already has content"))
        except BaseException:
            os.close(self._fd)
            raise

    def _truncate(self) -> None:
        """Makes room for the first line."""
        if self.is_regular:
            os.ftruncate(self._fd, 0)

    def write(self, lines: Iterable[str]) -> None:
        """Appends lines, given without their ends; raises OSError.

        Each is one write, of which a pipe takes all or nothing up to 4 KB.
        """
        self._check()
        for line in lines:
            self._put(f"{line}\n".encode())

    def put(self, content: bytes) -> None:
        """Appends what is no text in lines, such as a part of a table; raises OSError, and appends nothing then."""
        self._check()
        self._put(content)

    def _check(self) -> None:
        if self.is_deleted:
            raise OSError(errno.ENOENT, _("it has been deleted"))

    def _put(self, content: bytes) -> None:
        if not self._is_begun:
            self._truncate()
            self._is_begun = True
        open_file.append(self._out, content)

    def sync(self) -> None:
        """Has what was written outlast a loss of power; raises OSError where it cannot."""
        os.fsync(self._out)

    @property
    def is_regular(self) -> bool:
        """Whether it is a file on a disk, not a pipe or a device."""
        return stat.S_ISREG(os.fstat(self._fd).st_mode)

    def finalize(self) -> None:
        """Has the lines stay, of a file that has them all."""

    @property
    def is_deleted(self) -> bool:
        """Whether the file has no name any more, so that nobody could find what is written to it."""
        status = os.fstat(self._out)
        return stat.S_ISREG(status.st_mode) and not status.st_nlink

    def close(self) -> None:
        """Closes the file; raises OSError where a file system tells only now that lines were lost."""
        os.close(self._fd)
