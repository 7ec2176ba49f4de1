"""Operations on an open file: read at a position, append all or nothing, lock."""

from __future__ import annotations

import errno
import os
import select
import stat
import time
from contextlib import suppress

from quadfit_tui.core.text.language import _

LOCK_TIMEOUT = PIPE_TIMEOUT = 1.0  # seconds; a longer wait would look like a crash


def read(file: int, start: int, most: int) -> bytes:
    """Reads at most `most` bytes of an open file from offset `start` on; the file may grow meanwhile."""
    os.lseek(file, start, os.SEEK_SET)
    pieces: list[bytes] = []
    while most > 0 and (piece := os.read(file, most)):
        pieces.append(piece)
        most -= len(piece)
    return b"".join(pieces)


def append(file: int, content: bytes) -> None:
    """Appends all of `content` to an open file; raises OSError, as on a full disk, after removing a written part."""
    written = 0
    try:
        while written < len(content):  # one write is enough unless the disk has room for a part only
            written += _write(file, content[written:])
    except OSError:
        status = os.fstat(file)
        if written and stat.S_ISREG(status.st_mode):
            with suppress(OSError):  # a file may be append-only
                os.ftruncate(file, status.st_size - written)
        raise


def _write(file: int, content: bytes) -> int:
    try:
        return os.write(file, content)
    except BlockingIOError:
        if not select.select([], [file], [], PIPE_TIMEOUT)[1]:
            raise OSError(errno.EAGAIN, _("the pipe has no reader")) from None
        return 0


def lock(file: int, timeout: float, refusal: str = "") -> None:
    """Locks an open file or folder until it is closed; raises OSError if it is locked for `timeout` seconds."""
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
        except OSError:  # the file system has no locks
            return
        else:
            return
