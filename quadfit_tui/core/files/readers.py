"""Readers: who may read a file of the user's, by the owners, groups and permissions of it and the folders above it."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from enum import StrEnum
from pathlib import PurePath

from quadfit_tui.core.files import access


class ReadAccess(StrEnum):
    """Who may read a file beside its owner and the system's administrator."""

    NOBODY = "nobody"
    GIVEN = "given"  # a group that its owner is not in: an administrator has given it the file
    SOMEBODY = "somebody"


def readers(path: str, mode: int) -> ReadAccess:
    """Returns who may read a file or, if it does not exist, could read it once created with permissions `mode`."""
    if not hasattr(os, "getgroups"):  # Windows has no groups
        return ReadAccess.SOMEBODY
    try:
        real = access.real_path(path)
        folders = [os.stat(folder) for folder in PurePath(real).parents]
        inherited = folders[0].st_gid if folders[0].st_mode & stat.S_ISGID else os.getegid()
        status = os.stat(real) if access.exists(path) else None
    except OSError:  # unknown, so the answer is the cautious one
        return ReadAccess.SOMEBODY
    group, mode = (inherited, mode) if status is None else (status.st_gid, status.st_mode)
    if mode & stat.S_IRGRP and _lets_pass(folders, group):
        return ReadAccess.SOMEBODY if group in {os.getegid(), *os.getgroups()} else ReadAccess.GIVEN
    return ReadAccess.SOMEBODY if mode & stat.S_IROTH and _lets_pass(folders, None) else ReadAccess.NOBODY


def _lets_pass(folders: Iterable[os.stat_result], group: int | None) -> bool:
    """Whether a user in `group`, or in no group of the folders if None, may pass through all of them."""
    return all(folder.st_mode & (stat.S_IXGRP if folder.st_gid == group else stat.S_IXOTH) for folder in folders)
