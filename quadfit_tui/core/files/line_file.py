"""Files of lines: each line whole or not at all, also on a full disk and after a kill."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable

from quadfit_tui.core.files import access, open_file, protected_files
from quadfit_tui.core.text.language import _

_NOT_OURS = getattr(os, "O_NOCTTY", 0)  # Windows has no controlling terminals


class LineFile:
    """A new file to which lines are appended; once `write` has returned, a kill of the program cannot lose them.

    A kill amid `write` cuts at most the last line. An older file that may be overwritten is emptied before the first
    line, so that no line ever follows a cut one; it stays the same file, so that `tail -f` shows it grow. Methods raise
    OSError if a line cannot be written; the lines before it are then in the file, and no part of it is.
    """

    def __init__(self, path: str, *, waits: bool = True, overwrites: bool = False, is_settings: bool = False) -> None:
        """Opens the file; raises FileExistsError if it has content already, unless this `overwrites` it.

        Without `waits`, writing must not block the program or draw on its screen: pipes without a reader and terminals
        are refused. `is_settings`: the file will hold the settings of a run, which may be saved among the presets.
        Raises OSError, and leaves an older file as it is, also if another LineFile is open on it, or if it is one of
        the program's own files.
        """
        # O_APPEND leaves no hole in front of the next line if another program empties the file meanwhile. A pipe that
        # nobody reads is refused at once, even with `waits`: a reader may never come.
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | access.NOT_WAITING | _NOT_OURS
        self._fd = protected_files.open_target(path, flags, is_settings)
        self._out = self._fd  # the descriptor that lines are written to
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
        """Empties an older file, before the first line is written."""
        if self.is_regular:
            os.ftruncate(self._fd, 0)

    def write(self, lines: Iterable[str]) -> None:
        """Appends lines, given without line ends, each with a newline; raises OSError.

        Each line is one write, which a pipe accepts whole or not at all up to 4 KB.
        """
        self._check()
        for line in lines:
            self._put(f"{line}\n".encode())

    def put(self, content: bytes) -> None:
        """Writes bytes that are not lines, such as a part of a table; raises OSError, and then writes nothing."""
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
        """Flushes the file to disk, so that it survives a loss of power; raises OSError if that fails."""
        os.fsync(self._out)

    @property
    def is_regular(self) -> bool:
        """Whether the file is a regular one, not a pipe or a device."""
        return stat.S_ISREG(os.fstat(self._fd).st_mode)

    def finalize(self) -> None:
        """Called after the last line, so that a subclass keeps the file; does nothing here."""

    @property
    def is_deleted(self) -> bool:
        """Whether the file was deleted while open, so that all that is written to it is lost."""
        status = os.fstat(self._out)
        return stat.S_ISREG(status.st_mode) and not status.st_nlink

    def close(self) -> None:
        """Closes the file; raises OSError if the file system reports only now that lines were lost."""
        os.close(self._fd)
