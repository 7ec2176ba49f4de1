"""A small file that is changed as a whole: after a kill, on a full disk, it is the older one or the newer one."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable
from contextlib import closing, suppress

from quadfit_tui.core.files import access
from quadfit_tui.core.files.shared_lines import locked

LOCK_TIMEOUT = 0.3  # seconds: it is written on the way out, too, which has less than one


def change(path: str, changed: Callable[[bytes], bytes], most: int, mode: int) -> None:
    """Puts what `changed` makes of a file's content in its place; of a file that is not there, of nothing.

    The file keeps its permissions; a new one gets `mode`, and its folder is made if needed. A link to it stays one.
    Programs that change the same file take turns. Raises OSError, and leaves the file as it is, where it holds more
    than `most` bytes or is not to be written.
    """
    access.make_folder(path)
    with access.opened_folder(path) as (folder, name), locked(folder, LOCK_TIMEOUT):
        before = _read(folder, name, most)
        content = b"" if before is None else before[0]
        after = changed(content)
        if before is None or after != content:
            put_beside(folder, name, after, mode if before is None else before[1])


def write_over(path: str, content: bytes, mode: int) -> None:
    """Puts a file with these permissions, whatever the umask, in the place of an older one; raises OSError."""
    with access.opened_folder(path) as (folder, name):
        put_beside(folder, name, content, mode)


def _read(folder: int, name: str, most: int) -> tuple[bytes, int] | None:
    """The content and the permissions of a file; None where there is none."""
    try:
        descriptor = os.open(name, os.O_RDONLY | access.NO_LINK | access.NOT_WAITING, dir_fd=folder)
    except FileNotFoundError:
        return None
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise OSError(errno.EINVAL, "it is not a regular file")
        if not found.st_mode & stat.S_IWUSR:  # which its folder would not keep from being replaced
            raise OSError(errno.EACCES, "it is read-only")
        with os.fdopen(descriptor, "rb", closefd=False) as stream:
            content = stream.read(most + 1)
    finally:
        os.close(descriptor)
    if len(content) > most:
        raise OSError(errno.EFBIG, f"it is more than {most} bytes long")
    return content, stat.S_IMODE(found.st_mode)


def put_beside(folder: int, name: str, content: bytes, mode: int) -> None:
    """Puts a new file in the place of an older one; raises OSError, and leaves the older one as it is."""
    with closing(NewFile(folder, name, mode, f"{name}.new")) as new:
        done = 0
        while done < len(content):
            done += os.write(new.file, content[done:])
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
