"""The program's own files, such as the record of lessons: no file that somebody saves takes the place of one.

`register_protected` tells the folders in which they are. Which file a name leads to is told by its device and inode, so
that no link, other spelling or other mount leads to them.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterable
from fnmatch import fnmatch
from typing import NamedTuple

from quadfit_tui.core.files import access
from quadfit_tui.core.text.language import _

RECORDS = "~/lessons"  # what a student answered, where an administrator has made this folder for the teacher to read


class ProtectedFolder(NamedTuple):
    """A folder of the program's own, and why nothing of a user's is saved there, which follows on the file's name.

    `takes_settings`: but for the settings of a run. With `only`, files of this pattern alone are the program's.
    """

    path: str
    why: str
    takes_settings: bool = False
    only: str = ""


class OwnFileError(OSError):
    """A file that was to be saved would be one of the program's own; `strerror` says why that is refused."""


_declared: dict[str, Callable[[], Iterable[ProtectedFolder]]] = {}


def register_protected(what: str, folders: Callable[[], Iterable[ProtectedFolder]]) -> None:
    """Tells of own folders, which are looked for when a file is saved; takes the place of what was told under `what`.

    `folders` gives those that there may be; one that there is not, or may not be opened, is no one's.
    """
    _declared[what] = folders


def check(path: str, is_settings: bool = False) -> None:
    """Raises OwnFileError where a file of this name would be among the program's own: where it is one, or new there."""
    _refuse(path, access.identity(path), is_settings)


def open_target(path: str, flags: int, is_settings: bool = False) -> int:
    """Opens a file that somebody names to be saved, as `access.open_descriptor` does; raises OwnFileError, too."""
    check(path, is_settings)  # before there is a new one
    descriptor = access.open_descriptor(path, flags)
    try:
        status = os.fstat(descriptor)
        _refuse(path, (status.st_dev, status.st_ino), is_settings)  # whatever the name led to by then
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def allowed_instead(failure: Exception) -> str:
    """What would be allowed in the place of a file that was refused."""
    is_good_elsewhere = isinstance(failure, OwnFileError) or getattr(failure, "errno", None) == errno.EBUSY
    return access.allowed_text(_("another file") if is_good_elsewhere else _("a file"))


def _refuse(path: str, file: access.Identity | None, is_settings: bool) -> None:
    folder = access.folder_identity(path)
    for own in (folder for folders in list(_declared.values()) for folder in folders()):
        if (own.takes_settings and is_settings) or (place := access.identity(own.path)) is None:
            continue
        if (place == folder and not own.only) or (file is not None and file in _files_in(own)):
            raise OwnFileError(errno.EPERM, own.why)


def _files_in(own: ProtectedFolder) -> set[access.Identity]:
    """The files in an own folder, and those that links in it lead to."""
    folder = access.real_path(own.path)
    try:
        names = os.listdir(folder)
    except OSError:  # one may go through it only
        return set()
    identities = (access.identity(os.path.join(folder, name)) for name in names if fnmatch(name, own.only or "*"))
    return {identity for identity in identities if identity is not None}
