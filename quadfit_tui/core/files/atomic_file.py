"""A file written as a whole: after a kill, on a full disk, it is the older one or the newer one.

The new one is written beside it, and then gets its name.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterable
from contextlib import closing, suppress

from quadfit_tui.core.files import access, open_file
from quadfit_tui.core.files.line_file import LineFile
from quadfit_tui.core.text.language import _

LOCK_TIMEOUT = 0.3  # seconds: settings are written on the way out, too, which has less than one
_MOST_OF_NAME = 40  # characters, in that of the new file beside it: a name has 255 bytes at most


def read_modify_write(path: str, changed: Callable[[bytes], bytes], most: int, mode: int) -> None:
    """Puts what `changed` makes of a file's content in its place; of a file that is not there, of nothing.

    The file keeps its permissions; a new one gets `mode`, and its folder is made if needed. A link to it stays one.
    Programs that change the same file take turns. Raises OSError, and leaves the file as it is, where it holds more
    than `most` bytes or is not to be written.
    """
    access.make_folder(path)
    with access.opened_folder(path) as (folder, name):
        open_file.lock(folder, LOCK_TIMEOUT)
        before = _read(folder, name, most)
        content = b"" if before is None else before[0]
        after = changed(content)
        if before is None or after != content:
            _put_beside(folder, name, after, mode if before is None else before[1])


def write_over(path: str, content: bytes, mode: int) -> None:
    """Puts a file with these permissions, whatever the umask, in the place of an older one; raises OSError."""
    with access.opened_folder(path) as (folder, name):
        _put_beside(folder, name, content, mode)


def _read(folder: int, name: str, most: int) -> tuple[bytes, int] | None:
    """The content and the permissions of a file; None where there is none."""
    try:
        descriptor = os.open(name, os.O_RDONLY | access.NO_LINK | access.NOT_WAITING, dir_fd=folder)
    except FileNotFoundError:
        return None
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, _("it is not a regular file"))
        if not status.st_mode & stat.S_IWUSR:  # which its folder would not keep from being replaced
            raise OSError(errno.EACCES, _("it is read-only"))
        content = open_file.read(descriptor, 0, most + 1)
    finally:
        os.close(descriptor)
    if len(content) > most:
        raise OSError(errno.EFBIG, _("it is more than {most} bytes long").format(most=most))
    return content, stat.S_IMODE(status.st_mode)


def _put_beside(folder: int, name: str, content: bytes, mode: int) -> None:
    """Puts a new file in the place of an older one; raises OSError, and leaves the older one as it is."""
    with closing(NewFile(folder, name, mode, f"{name}.new")) as new:
        open_file.append(new.file, content)
        new.replace()


class NewFile:
    """A file that is written `beside` an older one of a folder, in whose place it is put as a whole.

    `file` is its descriptor. A `group` of -1 is that which the folder gives to new files. Raises OSError.
    """

    def __init__(self, folder: int, name: str, mode: int, beside: str, group: int = -1) -> None:
        self._name, self._beside = name, beside
        with suppress(FileNotFoundError):  # which a kill has left
            os.unlink(beside, dir_fd=folder)
        self.file = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, mode, dir_fd=folder)
        self._folder = os.dup(folder)
        self._is_open = self._is_beside = True
        try:
            os.fchown(self.file, -1, group)
            os.fchmod(self.file, mode)
        except BaseException:
            self.close()
            raise

    def replace(self) -> None:
        """Puts it in the place of the older file, once the file system has taken all of it."""
        self._is_open = False
        os.close(self.file)
        os.replace(self._beside, self._name, src_dir_fd=self._folder, dst_dir_fd=self._folder)
        self._is_beside = False

    def close(self) -> None:
        """Closes it; if it is still beside the older file, it is gone then."""
        if self._is_open:
            os.close(self.file)
        if self._is_beside:
            with suppress(OSError):
                os.unlink(self._beside, dir_fd=self._folder)
        os.close(self._folder)


class AtomicFile(LineFile):
    """A LineFile that is whole or not there: its lines are written beside it, and become the file by `finalize`.

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

    def _truncate(self) -> None:
        self._new = self._begun_beside()
        if self._new is None:
            super()._truncate()
        else:
            self._out = self._new.file

    def _begun_beside(self) -> NewFile | None:
        """A new file beside the older one; None where only that one itself can be written."""
        status = os.fstat(self._fd)
        is_own = hasattr(os, "geteuid") and status.st_uid == os.geteuid() and status.st_nlink == 1
        is_named = not self._path.startswith(("/dev/", "/proc/"))  # else somebody has it open, as in 3>FILE
        if not (stat.S_ISREG(status.st_mode) and is_own and is_named) or _is_marked(self._fd):
            return None
        with suppress(PermissionError), access.opened_folder(self._path) as (folder, name):
            beside = f"{name[:_MOST_OF_NAME]}.quadfit-tui-{os.getpid()}.new"
            return NewFile(folder, name, stat.S_IMODE(status.st_mode), beside, status.st_gid)
        return None

    def finalize(self) -> None:
        """Has what was written be the file from now on; raises OSError, and leaves an older one then."""
        if self._new is not None:
            self._new.replace()
        self._stays |= self._is_begun

    @property
    def is_truncated(self) -> bool:
        """Whether it holds, closed without `finalize`, the first lines and no more."""
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
    with closing(AtomicFile(path, waits=False, overwrites=overwrites, is_settings=is_settings)) as file:
        file.write(lines)
        file.finalize()
