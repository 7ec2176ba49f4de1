"""Readers: who may read a file of the user's own, as owners, groups and permissions on the way to it have it."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from enum import StrEnum
from pathlib import PurePath

from quadfit_tui.core.files import access


class ReadAccess(StrEnum):
    """Who may read a file beside its owner, but for the system's administrator."""

    NOBODY = "nobody"
    GIVEN = "given"  # a group that its owner is not in: an administrator has given it the file
    SOMEBODY = "somebody"


def readers(path: str, mode: int) -> ReadAccess:
    """Who may read a file, or one that is yet to be made there with these permissions, by all folders on the way."""
    if not hasattr(os, "getgroups"):  # as on Windows
        return ReadAccess.SOMEBODY
    try:
        place = access.real_path(path)
        folders = [os.stat(folder) for folder in PurePath(place).parents]
        inherited = folders[0].st_gid if folders[0].st_mode & stat.S_ISGID else os.getegid()
        found = os.stat(place) if access.exists(path) else None
    except OSError:  # nobody can tell
        return ReadAccess.SOMEBODY
    group, mode = (inherited, mode) if found is None else (found.st_gid, found.st_mode)
    if mode & stat.S_IRGRP and _lets_pass(folders, group):
        return ReadAccess.SOMEBODY if group in {os.getegid(), *os.getgroups()} else ReadAccess.GIVEN
    return ReadAccess.SOMEBODY if mode & stat.S_IROTH and _lets_pass(folders, None) else ReadAccess.NOBODY


def _lets_pass(folders: Iterable[os.stat_result], group: int | None) -> bool:
    """Whether somebody in a group, or in none, may pass through folders."""
    return all(each.st_mode & (stat.S_IXGRP if each.st_gid == group else stat.S_IXOTH) for each in folders)
