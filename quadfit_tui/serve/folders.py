"""The folders of sessions, locked while their server lives, so that the next one can clear those left over.

Also whether the folder of the records of a class has room.
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
_TRIED = 4096  # bytes: a block, which the next answer may need


class Folder:
    """A new folder that only the own account can enter; raises OSError."""

    def __init__(self) -> None:
        self.path = tempfile.mkdtemp(prefix=_PREFIX)
        self._lock = access.open_folder(self.path, anywhere=True)
        open_file.lock(self._lock, open_file.LOCK_TIMEOUT)

    def remove(self) -> None:
        """Removes the folder with all that is in it."""
        shutil.rmtree(self.path, ignore_errors=True)
        os.close(self._lock)


def clear_left_over() -> None:
    """Removes the folders of sessions whose server was killed: own ones, not locked, and no process is in them."""
    left = [path for path in _folders() if _is_private(path)]
    used = list(_working_directories()) if left else []
    for path in left:
        if not any(directory == path or directory.startswith(f"{path}/") for directory in used):
            with suppress(OSError):  # a server has it
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
    with suppress(OSError):  # there is no place for them
        place = os.path.realpath(tempfile.gettempdir())
        return [os.path.join(place, name) for name in os.listdir(place) if name.startswith(_PREFIX)]
    return []


def _is_private(path: str) -> bool:
    """Whether a path is a folder of the own account that nobody else can enter."""
    with suppress(OSError):  # it has just been removed
        status = os.lstat(path)
        return stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid() and stat.S_IMODE(status.st_mode) == 0o700
    return False


def _working_directories() -> Iterator[str]:
    """The working directories of processes, if the system has them as files."""
    with suppress(OSError):
        for number in filter(str.isdecimal, os.listdir("/proc")):
            with suppress(OSError):  # it has ended, or is another account's
                yield os.readlink(f"/proc/{number}/cwd")


def problem_of(folder: str) -> str:
    """Why nothing can be recorded in a folder, such as on a full disk; an empty string if something can.

    Writes a file without a name there: to ask how much room is left would tell nothing of a quota.
    """
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(_TRIED))
    except OSError as failure:
        return refusals.reason(failure)
    return ""
