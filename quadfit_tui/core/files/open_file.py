"""Operations on an open file: read at a position, append all or nothing, lock."""

from __future__ import annotations

import errno
import os
import select
import stat
import time
from contextlib import suppress

from quadfit_tui.core.text.language import _

LOCK_TIMEOUT = PIPE_TIMEOUT = 1.0  # seconds; after more of them a program on a screen would seem dead


def read(file: int, start: int, most: int) -> bytes:
    """At most so many bytes of a file, which may grow meanwhile, from a place on."""
    os.lseek(file, start, os.SEEK_SET)
    pieces: list[bytes] = []
    while most > 0 and (piece := os.read(file, most)):
        pieces.append(piece)
        most -= len(piece)
    return b"".join(pieces)


def append(file: int, content: bytes) -> None:
    """Appends all of it; raises OSError, and takes back what is a part of it, as on a full disk, where that can be."""
    done = 0
    try:
        while done < len(content):  # once, but where there is room for a part of it only
            done += _write(file, content[done:])
    except OSError:
        status = os.fstat(file)
        if done and stat.S_ISREG(status.st_mode):
            with suppress(OSError):  # where one may append only
                os.ftruncate(file, status.st_size - done)
        raise


def _write(file: int, content: bytes) -> int:
    try:
        return os.write(file, content)
    except BlockingIOError:
        if not select.select([], [file], [], PIPE_TIMEOUT)[1]:
            raise OSError(errno.EAGAIN, _("the pipe has no reader")) from None
        return 0


def lock(file: int, timeout: float, refusal: str = "") -> None:
    """Has a file or a folder to oneself until it is closed; raises OSError where somebody else keeps it so long."""
    try:
        import fcntl
    except ImportError:  # Windows
        return
    deadline = time.monotonic() + timeout
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise OSError(errno.EBUSY, refusal or _("another program keeps it locked")) from None
            time.sleep(0.005)
        except OSError:  # a file system that has no locks
            return
        else:
            return
