"""The outbox: what is still to be written to a terminal, which takes it as fast as somebody reads there, or never."""

from __future__ import annotations

import os
import select
import termios
import time
from contextlib import suppress

_PIECE = 4096  # bytes in one go


class Outbox:
    """Writes bytes to a terminal, in order, without ever waiting for it; `send` goes on where it was full."""

    def __init__(self, terminal: int) -> None:
        """Opens the terminal once more: the flags of the given descriptor are those of the shell's, too."""
        self._terminal = terminal
        self.descriptor = _opened_again(terminal)
        self._queue = bytearray()

    @property
    def is_empty(self) -> bool:
        """Whether all is through."""
        return not self._queue

    def put(self, data: bytes) -> None:
        """Has `data` written as soon as what was put before is through."""
        self._queue += data
        self.send()

    def send(self) -> None:
        """Writes what the terminal takes now."""
        try:
            while self._queue:
                del self._queue[: os.write(self.descriptor, self._queue[:_PIECE])]
        except BlockingIOError:
            return
        except OSError:  # the terminal has gone away, which its reader notices, too
            self._queue.clear()

    def drain(self, seconds: float) -> bool:
        """Waits until all is through, or gives it up after some time; tells which."""
        until = time.monotonic() + seconds
        while self._queue and (left := until - time.monotonic()) > 0:
            select.select([], [self.descriptor], [], left)
            self.send()
        return self.is_empty

    def replace(self, data: bytes) -> None:
        """Writes `data` in the place of all that nobody has read yet."""
        self._queue.clear()
        with suppress(termios.error):
            termios.tcflush(self.descriptor, termios.TCOFLUSH)
        self.put(data)

    def close(self) -> None:
        """Closes what was opened here; nothing can be put after that."""
        if self.descriptor != self._terminal:
            os.close(self.descriptor)


def _opened_again(terminal: int) -> int:
    """A descriptor that never waits; the given one where that cannot be had, as of a terminal of somebody else's."""
    try:
        name = "/dev/tty" if _is_controlling(terminal) else os.ttyname(terminal)
        return os.open(name, os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError:
        return terminal


def _is_controlling(terminal: int) -> bool:
    """Whether this is the terminal that the process belongs to, which may be opened by a name whoever owns it."""
    try:
        return os.tcgetpgrp(terminal) > 0
    except OSError:
        return False
