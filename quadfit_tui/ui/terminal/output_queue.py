"""OutputQueue: the bytes to write to a terminal; it never blocks, however slowly the terminal reads."""

from __future__ import annotations

import os
import select
import termios
import time
from collections import deque
from collections.abc import Iterator
from contextlib import suppress

from quadfit_tui.core.export.download import CANCEL

_PIECE = 4096  # maximum bytes of one write


class OutputQueue:
    """A queue that writes bytes to a terminal in order and never blocks; `send` writes more when the terminal can read.

    Between `enter` and `leave` the app uses the terminal, at other times other programs do.
    """

    def __init__(self, terminal: int) -> None:
        """Opens the terminal once more, since the shell shares the flags of the given descriptor."""
        self._terminal = terminal
        self.descriptor = _opened_again(terminal)
        self._is_shared = self.descriptor == terminal
        self._queue = bytearray()
        self._pieces: Iterator[bytes] | None = None  # the rest of a sequence whose begin is queued or written
        self._behind: deque[bytes | Iterator[bytes]] = deque()  # data to write after `_pieces`

    def __len__(self) -> int:
        return len(self._queue) + sum(len(data) for data in self._behind if isinstance(data, bytes))

    @property
    def is_empty(self) -> bool:
        """Whether all bytes are written."""
        return not (self._queue or self._behind) and self._pieces is None

    def enter(self) -> None:
        """Starts to use the terminal, without blocking; drops what was left unwritten before other programs used it."""
        self._queue += self._give_up()
        if self._is_shared:
            os.set_blocking(self._terminal, False)

    def _give_up(self) -> bytes:
        """Drops all unwritten data; returns the bytes that cancel a half-written sequence, or none."""
        end = b"" if self._pieces is None else CANCEL
        self._pieces = None
        self._queue.clear()
        self._behind.clear()
        return end

    def put(self, data: bytes | Iterator[bytes]) -> None:
        """Queues `data`, and writes as much as the terminal takes now.

        It may be an iterator over the pieces of a long sequence: each is made when the one before it is written.
        """
        if isinstance(data, bytes) and self._pieces is None and not self._behind:
            self._queue += data
        else:
            self._behind.append(data)
        self.send()

    def send(self) -> None:
        """Writes as much of the queue as the terminal takes now; called again when it takes more."""
        try:
            while self._queue or self._make_next():
                del self._queue[: os.write(self.descriptor, self._queue[:_PIECE])]
        except BlockingIOError:
            return
        except OSError:  # the terminal has gone away; the driver notices that when it reads
            self._give_up()

    def _make_next(self) -> bool:
        """Fills the empty queue with the next piece, or the data behind the last one; returns whether there is any."""
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
        """Waits until all is written, at most so many seconds; returns whether it is."""
        until = time.monotonic() + seconds
        while not self.is_empty and (left := until - time.monotonic()) > 0:
            select.select([], [self.descriptor], [], left)
            self.send()
        return self.is_empty

    def end_with(self, data: bytes) -> None:
        """Drops all that the terminal has not read yet, writes `data` and ends; may be called from any thread."""
        data = self._give_up() + data
        with suppress(termios.error, OSError):
            termios.tcflush(self.descriptor, termios.TCOFLUSH)
            os.write(self.descriptor, data)
        self.leave()

    def leave(self) -> None:
        """Stops using the terminal, so that writes block again for other programs."""
        if self._is_shared:
            with suppress(OSError):
                os.set_blocking(self._terminal, True)

    def close(self) -> None:
        """Closes the queue's own descriptor; nothing may be put afterwards."""
        if not self._is_shared:
            os.close(self.descriptor)


def _opened_again(terminal: int) -> int:
    """Opens the terminal anew without blocking; returns the new descriptor, or the given one if that fails.

    It opens the terminal's own name first: macOS cannot wait for a descriptor of /dev/tty, which does not work with
    kqueue. It opens /dev/tty only if the terminal belongs to another user, as after `su`, and its own name is refused.
    """
    for name in _names(terminal):
        with suppress(OSError):
            return os.open(name, os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    return terminal


def _names(terminal: int) -> Iterator[str]:
    """Yields the paths by which the terminal may be opened, the better one first."""
    with suppress(OSError):  # it has no name in this file system
        yield os.ttyname(terminal)
    if _is_controlling(terminal):
        yield "/dev/tty"


def _is_controlling(terminal: int) -> bool:
    """Whether this is the controlling terminal of the process, which /dev/tty opens whoever owns it."""
    try:
        os.tcgetpgrp(terminal)
    except OSError:
        return False
    return True
