"""The folders of sessions, locked while their server runs, so that another one can remove those left over.

Also the check whether a class can still be recorded.
"""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import suppress

from quadfit_tui.core.files import access, open_file, refusals

_PREFIX = "quadfit-tui-"
_PROBE_BYTES = 4096  # a block of most file systems, as the next answer may need


class Folder:
    """A new temporary folder that only the server's account can enter, with a lock on it; raises OSError."""

    def __init__(self) -> None:
        self.path = tempfile.mkdtemp(prefix=_PREFIX)
        self._lock = access.open_folder(self.path, anywhere=True)
        open_file.lock(self._lock, open_file.LOCK_TIMEOUT)

    def remove(self) -> None:
        """Removes the folder with its contents, and unlocks it."""
        shutil.rmtree(self.path, ignore_errors=True)
        os.close(self._lock)


def clear_left_over() -> None:
    """Removes folders of sessions whose server was killed: ours, not locked, and no process works in them."""
    ours = [path for path in _folders() if _is_private(path)]
    used = list(_working_directories()) if ours else []
    for path in ours:
        if not any(directory == path or directory.startswith(f"{path}/") for directory in used):
            with suppress(OSError):  # a running server has locked it
                _remove_unlocked(path)


def _remove_unlocked(path: str) -> None:
    """Removes a folder; raises OSError if it is locked."""
    folder = access.open_folder(path, anywhere=True)
    try:
        open_file.lock(folder, 0)
        shutil.rmtree(path, ignore_errors=True)
    finally:
        os.close(folder)


def _folders() -> list[str]:
    """Lists temporary folders that are named like those of sessions."""
    with suppress(OSError):  # there is no temporary directory
        parent = os.path.realpath(tempfile.gettempdir())
        return [os.path.join(parent, name) for name in os.listdir(parent) if name.startswith(_PREFIX)]
    return []


def _is_private(path: str) -> bool:
    """Whether a path is a folder of the server's account that nobody else can enter."""
    with suppress(OSError):  # it has just been removed
        status = os.lstat(path)
        return stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid() and stat.S_IMODE(status.st_mode) == 0o700
    return False


def _working_directories() -> Iterator[str]:
    """Yields the working directories of all processes that /proc shows."""
    with suppress(OSError):
        for number in filter(str.isdecimal, os.listdir("/proc")):
            with suppress(OSError):  # the process has ended, or belongs to another account
                yield os.readlink(f"/proc/{number}/cwd")


def problem_of(folder: str) -> str:
    """Returns why nothing can be recorded in a folder, such as a full disk; empty if something can.

    Writes a temporary file there: the free space of the file system would not account for a quota.
    """
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(_PROBE_BYTES))
    except OSError as failure:
        return refusals.reason(failure)
    return ""
