"""Files of lines: each line whole or not at all, also on a full disk and after a kill; or all of them so, together."""

from __future__ import annotations

import errno
import os
import select
import stat
from collections.abc import Iterable
from contextlib import closing, suppress

from quadfit_tui.core.files import access, own_files
from quadfit_tui.core.files.small_file import NewFile

_NOT_OURS = getattr(os, "O_NOCTTY", 0)  # Windows has no terminals that a program belongs to
_MOST_OF_NAME = 40  # characters, in that of the new file beside it: a name has 255 bytes at most
PIPE_TIMEOUT = 1.0  # seconds that a pipe may be full; after more of them a program on a screen would seem dead


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
        self._fd = own_files.open_target(path, flags, is_settings)
        self._out = self._fd  # where lines are written to
        self._is_begun = False
        try:
            if not waits and os.isatty(self._fd):
                raise OSError(errno.EINVAL, "it is a terminal")
            if access.NOT_WAITING:
                os.set_blocking(self._fd, waits)
            if stat.S_ISREG(os.fstat(self._fd).st_mode):
                _lock(self._fd)
                if not overwrites and os.fstat(self._fd).st_size:
                    raise FileExistsError(errno.EEXIST, "it already has content")
        except BaseException:
            os.close(self._fd)
            raise

    def _begin(self) -> None:
        """Makes room for the first line."""
        if stat.S_ISREG(os.fstat(self._fd).st_mode):
            os.ftruncate(self._fd, 0)

    def write(self, lines: Iterable[str]) -> None:
        """Appends lines, given without their ends; raises OSError.

        Each is one write, of which a pipe takes all or nothing up to 4 KB.
        """
        if self.is_deleted:
            raise OSError(errno.ENOENT, "it has been deleted")
        for line in lines:
            if not self._is_begun:
                self._begin()
                self._is_begun = True
            self._put(f"{line}\n".encode())

    def keep(self) -> None:
        """Has the lines stay, of a file that has them all."""

    @property
    def is_deleted(self) -> bool:
        """Whether the file has no name any more, so that nobody could find what is written to it."""
        found = os.fstat(self._out)
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
            return os.write(self._out, piece)
        except BlockingIOError:
            if not select.select([], [self._out], [], PIPE_TIMEOUT)[1]:
                raise OSError(errno.EAGAIN, "the pipe has no reader") from None
            return 0

    def _cut(self, count: int) -> None:
        """Takes back the last bytes, which are a part of a line."""
        found = os.fstat(self._out)
        if count and stat.S_ISREG(found.st_mode):
            os.ftruncate(self._out, found.st_size - count)

    def close(self) -> None:
        """Closes the file; raises OSError where a file system tells only now that lines were lost."""
        os.close(self._fd)


class WholeFile(LineFile):
    """A LineFile that is whole or not there: its lines are written beside it, and are the file by `keep`, not before.

    Closed without that, it leaves an older file as it is, and no new one. A kill leaves that, too, or an empty file,
    and beside it one whose name ends in `.quadfit-tui-`, a number and `.new`. What is no file of its own, such as a
    pipe, takes the lines as they come; so does a file that has another name, too, or another owner, which a new one
    would not have, or that is in a folder where no other one can be made.
    """

    def __init__(self, path: str, *, waits: bool = True, overwrites: bool = False, is_settings: bool = False) -> None:
        self._path = path
        self._stays = access.exists(path)
        self._new: NewFile | None = None
        super().__init__(path, waits=waits, overwrites=overwrites, is_settings=is_settings)

    def _begin(self) -> None:
        self._new = self._begun_beside()
        if self._new is None:
            super()._begin()
        else:
            self._out = self._new.file

    def _begun_beside(self) -> NewFile | None:
        """A new file beside the older one; None where only that one itself can be written."""
        found = os.fstat(self._fd)
        is_own = hasattr(os, "geteuid") and found.st_uid == os.geteuid() and found.st_nlink == 1
        is_named = not self._path.startswith(("/dev/", "/proc/"))  # else somebody has it open, as in 3>FILE
        if not (stat.S_ISREG(found.st_mode) and is_own and is_named) or _is_marked(self._fd):
            return None
        with suppress(PermissionError), access.opened_folder(self._path) as (folder, name):
            beside = f"{name[:_MOST_OF_NAME]}.quadfit-tui-{os.getpid()}.new"
            return NewFile(folder, name, stat.S_IMODE(found.st_mode), beside, found.st_gid)
        return None

    def keep(self) -> None:
        """Has what was written be the file from now on; raises OSError, and leaves an older one then."""
        if self._new is not None:
            self._new.replace()
        self._stays |= self._is_begun

    @property
    def is_cut(self) -> bool:
        """Whether it holds, closed without `keep`, the first lines and no more."""
        return self._is_begun and self._stays and self._new is None

    def close(self) -> None:
        """Closes the file; raises OSError where a file system tells only now that lines were lost."""
        if self._new is not None:
            self._new.close()
        if not self._stays and stat.S_ISREG(os.fstat(self._fd).st_mode):
            with suppress(OSError), access.opened_folder(self._path) as (folder, name):
                os.unlink(name, dir_fd=folder)
        super().close()


def _is_marked(file: int) -> bool:
    """Whether a file has other attributes, such as who else may write it."""
    try:
        return any(not name.startswith("security.") for name in os.listxattr(file))
    except (AttributeError, OSError):  # this system, or its file system, has none
        return False


def write_lines(path: str, lines: Iterable[str], *, overwrites: bool = False, is_settings: bool = False) -> None:
    """Writes lines to a file of their own; one that holds something is FileExistsError, unless this `overwrites` it."""
    with closing(WholeFile(path, waits=False, overwrites=overwrites, is_settings=is_settings)) as file:
        file.write(lines)
        file.keep()


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
