"""The program's own files, such as the record of lessons, which no file that a user saves may overwrite.

`register_protected` declares the folders that hold them. Files are compared by device and inode, so that no link, other
spelling or other mount gets around the check.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterable
from fnmatch import fnmatch
from typing import NamedTuple

from quadfit_tui.core.files import access
from quadfit_tui.core.text.language import _

RECORDS = "~/lessons"  # the students' answers, if an administrator has made this folder for the teacher to read


class ProtectedFolder(NamedTuple):
    """A folder of the program's own files; `why`, put after a file's name, tells the user why it is not saved there.

    With `takes_settings`, the settings of a run may be saved there. With `only`, a pattern, just the files that match
    are protected.
    """

    path: str
    why: str
    takes_settings: bool = False
    only: str = ""


class OwnFileError(OSError):
    """The refusal to save a file over one of the program's own; `strerror` tells the user why."""


_declared: dict[str, Callable[[], Iterable[ProtectedFolder]]] = {}


def register_protected(what: str, folders: Callable[[], Iterable[ProtectedFolder]]) -> None:
    """Declares protected folders; a later call with the same `what`, a key, replaces the declaration.

    `folders` is called whenever a file is saved. Folders that do not exist, or may not be opened, protect nothing.
    """
    _declared[what] = folders


def check(path: str, is_settings: bool = False) -> None:
    """Raises OwnFileError if saving to `path` would overwrite a protected file, or add one to a protected folder."""
    _refuse(path, access.identity(path), is_settings)


def open_target(path: str, flags: int, is_settings: bool = False) -> int:
    """Opens a file that the user saves to, as `access.open_descriptor` does, unless protected: raises OwnFileError."""
    check(path, is_settings)  # opening would already create a new file
    descriptor = access.open_descriptor(path, flags)
    try:
        status = os.fstat(descriptor)
        _refuse(path, (status.st_dev, status.st_ino), is_settings)  # the name may lead elsewhere by now
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def allowed_instead(failure: Exception) -> str:
    """Returns what is allowed instead of a file that was refused, for the end of an error message."""
    is_good_elsewhere = isinstance(failure, OwnFileError) or getattr(failure, "errno", None) == errno.EBUSY
    return access.allowed_text(_("another file") if is_good_elsewhere else _("a file"))


def _refuse(path: str, file: access.Identity | None, is_settings: bool) -> None:
    folder = access.folder_identity(path)
    for own in (folder for folders in list(_declared.values()) for folder in folders()):
        if (own.takes_settings and is_settings) or (own_folder := access.identity(own.path)) is None:
            continue
        if (own_folder == folder and not own.only) or (file is not None and file in _files_in(own)):
            raise OwnFileError(errno.EPERM, own.why)


def _files_in(own: ProtectedFolder) -> set[access.Identity]:
    """Returns device and inode of each protected file in a folder, and of those that links in it lead to."""
    folder = access.real_path(own.path)
    try:
        names = os.listdir(folder)
    except OSError:  # the folder may be passed through, not listed
        return set()
    identities = (access.identity(os.path.join(folder, name)) for name in names if fnmatch(name, own.only or "*"))
    return {identity for identity in identities if identity is not None}
