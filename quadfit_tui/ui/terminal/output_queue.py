"""The queue of bytes to be written to a terminal, which never blocks, however slowly the terminal reads."""

from __future__ import annotations

import os
import select
import termios
import time
from collections import deque
from collections.abc import Iterator
from contextlib import suppress

from quadfit_tui.core.export.download import CANCEL

_PIECE = 4096  # bytes in one go


class OutputQueue:
    """Writes bytes to a terminal, in order, without ever waiting for it; `send` goes on where it was full.

    Between `begin` and `end` the terminal is in use, at other times it is somebody else's.
    """

    def __init__(self, terminal: int) -> None:
        """Opens the terminal once more: the flags of the given descriptor are those of the shell's, too."""
        self._terminal = terminal
        self.descriptor = _opened_again(terminal)
        self._is_shared = self.descriptor == terminal
        self._queue = bytearray()
        self._pieces: Iterator[bytes] | None = None  # the rest of a sequence, whose begin is in the queue or through
        self._behind: deque[bytes | Iterator[bytes]] = deque()  # that

    def __len__(self) -> int:
        return len(self._queue) + sum(len(data) for data in self._behind if isinstance(data, bytes))

    @property
    def is_empty(self) -> bool:
        """Whether all is through."""
        return not (self._queue or self._behind) and self._pieces is None

    def begin(self) -> None:
        """Takes the terminal; what was begun before, and cut by somebody else's use of it, is not gone on with."""
        self._queue += self._give_up()
        if self._is_shared:
            os.set_blocking(self._terminal, False)

    def _give_up(self) -> bytes:
        """Drops all that is not through; gives what ends a sequence of which a part is."""
        end = b"" if self._pieces is None else CANCEL
        self._pieces = None
        self._queue.clear()
        self._behind.clear()
        return end

    def put(self, data: bytes | Iterator[bytes]) -> None:
        """Has `data` written as soon as what was put before is through.

        It may be the pieces of a long sequence: the next one is made when the terminal has taken the last.
        """
        if isinstance(data, bytes) and self._pieces is None and not self._behind:
            self._queue += data
        else:
            self._behind.append(data)
        self.send()

    def send(self) -> None:
        """Writes what the terminal takes now."""
        try:
            while self._queue or self._make_next():
                del self._queue[: os.write(self.descriptor, self._queue[:_PIECE])]
        except BlockingIOError:
            return
        except OSError:  # the terminal has gone away, which its reader notices, too
            self._give_up()

    def _make_next(self) -> bool:
        """Puts the next piece into the empty queue, or what comes behind the last one; whether there is anything."""
        while not self._queue:
            if self._pieces is not None:
                self._queue += next(self._pieces, b"")
                self._pieces = self._pieces if self._queue else None
            elif not self._behind:
                return False
            elif isinstance(data := self._behind.popleft(), bytes):
                self._queue += data
            else:
                self._pieces = data
        return True

    def drain(self, seconds: float) -> bool:
        """Waits until all is through, or gives it up after some time; tells which."""
        until = time.monotonic() + seconds
        while not self.is_empty and (left := until - time.monotonic()) > 0:
            select.select([], [self.descriptor], [], left)
            self.send()
        return self.is_empty

    def end_with(self, data: bytes) -> None:
        """Writes `data` in the place of all that nobody has read yet. From any thread, whatever the others do."""
        data = self._give_up() + data
        with suppress(termios.error, OSError):
            termios.tcflush(self.descriptor, termios.TCOFLUSH)
            os.write(self.descriptor, data)
        self.end()

    def end(self) -> None:
        """Leaves the terminal to others."""
        if self._is_shared:
            with suppress(OSError):
                os.set_blocking(self._terminal, True)

    def close(self) -> None:
        """Closes what was opened here; nothing can be put after that."""
        if not self._is_shared:
            os.close(self.descriptor)


def _opened_again(terminal: int) -> int:
    """A descriptor of its own, or else the given one.

    By the terminal's own name: macOS waits for no descriptor of /dev/tty, which cannot be put into a kqueue. By
    /dev/tty only where it is another user's, as after `su`, whose own name may not be opened.
    """
    for name in _names(terminal):
        with suppress(OSError):
            return os.open(name, os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    return terminal


def _names(terminal: int) -> Iterator[str]:
    with suppress(OSError):  # it has none in this file system
        yield os.ttyname(terminal)
    if _is_controlling(terminal):
        yield "/dev/tty"


def _is_controlling(terminal: int) -> bool:
    """Whether this is the terminal that the process belongs to, which may be opened by a name whoever owns it."""
    try:
        os.tcgetpgrp(terminal)
    except OSError:
        return False
    return True
