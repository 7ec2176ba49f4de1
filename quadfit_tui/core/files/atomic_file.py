"""A file written as a whole: after a kill, on a full disk, it is the older one or the newer one.

The new file is written beside the old one, under another name, and then renamed.
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

LOCK_TIMEOUT = 0.3  # seconds: settings are written at exit, too, which has less than one second
_MOST_OF_NAME = 40  # characters of the old name in the new file's: a name has at most 255 bytes


def read_modify_write(path: str, changed: Callable[[bytes], bytes], most: int, mode: int) -> None:
    """Replaces a file's content by what `changed` returns for it, or for b"" if there is no file, under a lock.

    The file keeps its permissions; a new one gets `mode`, and its folder is made if needed. A link to it stays one.
    Programs that change the same file take turns. Raises OSError, and leaves the file as it is, if it holds more than
    `most` bytes or may not be written.
    """
    access.make_folder(path)
    with access.opened_folder(path) as (folder, name):
        open_file.lock(folder, LOCK_TIMEOUT)
        before = _read(folder, name, most)
        content = b"" if before is None else before[0]
        after = changed(content)
        if before is None or after != content:
            _replace_file(folder, name, after, mode if before is None else before[1])


def write_over(path: str, content: bytes, mode: int) -> None:
    """Writes a file with these permissions, whatever the umask, in place of an older one; raises OSError."""
    with access.opened_folder(path) as (folder, name):
        _replace_file(folder, name, content, mode)


def _read(folder: int, name: str, most: int) -> tuple[bytes, int] | None:
    """Reads the content and the permissions of a file; None if there is no file. Raises OSError."""
    try:
        descriptor = os.open(name, os.O_RDONLY | access.NO_LINK | access.NOT_WAITING, dir_fd=folder)
    except FileNotFoundError:
        return None
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, _("it is not a regular file"))
        if not status.st_mode & stat.S_IWUSR:  # renaming another file over it would still succeed
            raise OSError(errno.EACCES, _("it is read-only"))
        content = open_file.read(descriptor, 0, most + 1)
    finally:
        os.close(descriptor)
    if len(content) > most:
        raise OSError(errno.EFBIG, _("it is more than {most} bytes long").format(most=most))
    return content, stat.S_IMODE(status.st_mode)


def _replace_file(folder: int, name: str, content: bytes, mode: int) -> None:
    """Writes a new file and renames it over an older one; raises OSError, and leaves the older one as it is."""
    with closing(NewFile(folder, name, mode, f"{name}.new")) as new:
        open_file.append(new.file, content)
        new.replace()


class NewFile:
    """A file that is written under the name `beside` in the folder of an older one, and renamed over it by `replace`.

    `file` is its descriptor. With a `group` of -1 it gets the group that the system gives new files in the folder.
    Raises OSError.
    """

    def __init__(self, folder: int, name: str, mode: int, beside: str, group: int = -1) -> None:
        self._name, self._beside = name, beside
        with suppress(FileNotFoundError):  # a kill may have left one
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
        """Closes the file, which raises OSError if a write failed late, and renames it over the older one."""
        self._is_open = False
        os.close(self.file)
        os.replace(self._beside, self._name, src_dir_fd=self._folder, dst_dir_fd=self._folder)
        self._is_beside = False

    def close(self) -> None:
        """Closes the file, and deletes it unless `replace` has renamed it over the older one."""
        if self._is_open:
            os.close(self.file)
        if self._is_beside:
            with suppress(OSError):
                os.unlink(self._beside, dir_fd=self._folder)
        os.close(self._folder)


class AtomicFile(LineFile):
    """A LineFile that is whole or not there: its lines go to a file beside it, which `finalize` renames to its name.

    Closed without `finalize`, it leaves an older file as it is, and no new one. So does a kill, except that it may
    leave an empty new file, and a file beside it whose name ends in `.quadfit-tui-`, a number and `.new`. Pipes and
    devices get the lines at once. So does a file that has a second name or another owner, which a new file would lose,
    or that is in a folder where no other file can be created.
    """

    def __init__(self, path: str, *, waits: bool = True, overwrites: bool = False, is_settings: bool = False) -> None:
        self._path = path
        self._stays = access.exists(path)
        self._new: NewFile | None = None
        super().__init__(path, waits=waits, overwrites=overwrites, is_settings=is_settings)

    def _truncate(self) -> None:
        self._new = self._new_file()
        if self._new is None:
            super()._truncate()
        else:
            self._out = self._new.file

    def _new_file(self) -> NewFile | None:
        """Creates a file beside the older one; None if the lines must go to the older one itself."""
        status = os.fstat(self._fd)
        is_own = hasattr(os, "geteuid") and status.st_uid == os.geteuid() and status.st_nlink == 1
        # Names in /dev and /proc lead to a descriptor that another program has open, as in 3>FILE.
        is_named = not self._path.startswith(("/dev/", "/proc/"))
        if not (stat.S_ISREG(status.st_mode) and is_own and is_named) or _has_attributes(self._fd):
            return None
        with suppress(PermissionError), access.opened_folder(self._path) as (folder, name):
            beside = f"{name[:_MOST_OF_NAME]}.quadfit-tui-{os.getpid()}.new"
            return NewFile(folder, name, stat.S_IMODE(status.st_mode), beside, status.st_gid)
        return None

    def finalize(self) -> None:
        """Makes the written lines the file, in place of an older one; raises OSError, and then leaves the older one."""
        if self._new is not None:
            self._new.replace()
        self._stays |= self._is_begun

    @property
    def is_truncated(self) -> bool:
        """Whether the file, closed without `finalize`, keeps only the first lines: they overwrite an older one."""
        return self._is_begun and self._stays and self._new is None

    def close(self) -> None:
        """Closes the file, and deletes one that it created, unless finalized; raises OSError if lines were lost."""
        if self._new is not None:
            self._new.close()
        if not self._stays and stat.S_ISREG(os.fstat(self._fd).st_mode):
            with suppress(OSError), access.opened_folder(self._path) as (folder, name):
                os.unlink(name, dir_fd=folder)
        super().close()


def _has_attributes(file: int) -> bool:
    """Whether a file has extended attributes, such as an access control list, which a new file would lose."""
    try:
        return any(not name.startswith("security.") for name in os.listxattr(file))
    except (AttributeError, OSError):  # the system or its file system has no attributes
        return False


def write_lines(path: str, lines: Iterable[str], *, overwrites: bool = False, is_settings: bool = False) -> None:
    """Writes lines to a file, all or none; raises OSError, FileExistsError for one with content unless `overwrites`."""
    with closing(AtomicFile(path, waits=False, overwrites=overwrites, is_settings=is_settings)) as file:
        file.write(lines)
        file.finalize()
