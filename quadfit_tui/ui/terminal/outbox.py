"""The outbox: writes to the terminal in a thread of its own, since a terminal that nobody reads holds its writer up."""

from __future__ import annotations

import os
import select
import threading
from collections.abc import Callable

_PIECE = 4096  # bytes in one go, so that it can be given up between two


class Outbox:
    """Writes bytes to `fd`, in order; `written`, called in the thread, is told whenever all of them are through."""

    def __init__(self, fd: int, written: Callable[[], None]) -> None:
        self._fd = fd
        self._written = written
        self._queue = bytearray()
        self._writing = False
        self._ended = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._work, name="terminal-output", daemon=True)
        self._thread.start()

    @property
    def is_empty(self) -> bool:
        """Whether all is through."""
        return not self._queue and not self._writing

    def put(self, data: bytes) -> None:
        """Has `data` written as soon as what was put before is through."""
        with self._changed:
            self._queue += data
            self._changed.notify_all()

    def drain(self, seconds: float) -> bool:
        """Waits until all is through, or gives it up after some time; tells which."""
        with self._changed:
            if not self._changed.wait_for(lambda: self.is_empty, seconds):
                self._queue.clear()
                return False
            return True

    def close(self) -> None:
        """Ends the thread, once it is not held up any more."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def _work(self) -> None:
        while self._has_more():
            with self._changed:
                piece = bytes(self._queue[:_PIECE])
                del self._queue[:_PIECE]
            try:
                self._write(piece)
            except OSError:  # the terminal has gone away, which its reader notices, too
                with self._changed:
                    self._queue.clear()
            with self._changed:
                self._writing = False
                self._changed.notify_all()
                empty = self.is_empty
            if empty:
                self._written()

    def _has_more(self) -> bool:
        with self._changed:
            self._changed.wait_for(lambda: self._queue or self._ended)
            self._writing = bool(self._queue)
            return self._writing

    def _write(self, piece: bytes) -> None:
        while piece:
            try:
                piece = piece[os.write(self._fd, piece) :]
            except BlockingIOError:  # somebody who shares the terminal has made it so
                select.select([], [self._fd], [], 1.0)
