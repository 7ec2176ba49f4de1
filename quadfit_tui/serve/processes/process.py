"""A process on a terminal of its own: starts it, reads and writes the terminal, resizes it, ends its process group."""

from __future__ import annotations

import asyncio
import os
import signal
import termios
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Protocol

from quadfit_tui.serve.patience import PATIENCE, Patience

_READ = 8192  # bytes at once
_POLL = 0.02  # seconds between two checks whether the process has ended
_MOST_COLUMNS, _MOST_ROWS = 500, 200  # as large as the largest screens; a chart of that size is still drawn quickly

Size = tuple[int, int]  # columns and rows


class Child(Protocol):
    """A process that leads a session and a process group; its number is not used again until it is reaped."""

    def has_ended(self) -> bool:
        """Whether it has ended."""

    def signal(self, number: signal.Signals, /) -> None:
        """Sends a signal to its group."""

    def reap(self) -> int:
        """Returns its exit code once it has ended, or minus the signal it died of."""


# Starts options in a folder, with an environment, on the descriptor of a terminal; raises OSError.
Start = Callable[[Sequence[str], str, Mapping[str, str], int], Child]


class Process:
    """A command on a new terminal, as the leader of a session and a group: no shell, no open files but the terminal.

    Raises OSError if it cannot be started.
    """

    def __init__(
        self,
        start: Start,
        command: Sequence[str],
        folder: str,
        environ: Mapping[str, str],
        size: Size,
        patience: Patience = PATIENCE,
    ) -> None:
        self._patience = patience
        self._terminal, other_end = os.openpty()
        try:
            os.set_blocking(self._terminal, False)
            self._set_size(size)
            self._child = start(command, folder, environ, other_end)
        except BaseException:
            os.close(self._terminal)
            raise
        finally:
            os.close(other_end)
        self._is_read = True  # whether the program reads its input
        self.code: int | None = None  # exit code once it has ended, or minus the signal that killed it

    async def read(self) -> bytes:
        """Waits for output and returns it; empty once the process has ended."""
        while True:
            try:
                return os.read(self._terminal, _READ)
            except BlockingIOError:
                loop = asyncio.get_running_loop()
                await _until_called(loop.add_reader, loop.remove_reader, self._terminal)
            except OSError:  # the other end is closed
                with suppress(OSError):  # output that was still on its way arrives by a second read
                    return os.read(self._terminal, _READ)
                return b""

    async def write(self, data: bytes) -> None:
        """Types data, and waits until the terminal has accepted it; drops it if the program does not read."""
        loop = asyncio.get_running_loop()
        while data:
            try:
                data = data[os.write(self._terminal, data) :]
                self._is_read = True
            except BlockingIOError:
                if not self._is_read:
                    return
                try:
                    async with asyncio.timeout(self._patience.stuck):
                        await _until_called(loop.add_writer, loop.remove_writer, self._terminal)
                except TimeoutError:
                    self._is_read = False
            except OSError:  # the process has ended, which `read` reports
                return

    def resize(self, size: Size) -> None:
        """Resizes the terminal within bounds; the process gets SIGWINCH."""
        with suppress(termios.error):  # the process has ended
            self._set_size(size)

    def _set_size(self, size: Size) -> None:
        columns, rows = size
        termios.tcsetwinsize(self._terminal, (max(1, min(rows, _MOST_ROWS)), max(1, min(columns, _MOST_COLUMNS))))

    def repaint(self) -> None:
        """Drops pending output and makes the program set up the terminal again and repaint all of it, by SIGCONT."""
        with suppress(OSError):
            while os.read(self._terminal, _READ):
                pass
        self._child.signal(signal.SIGCONT)

    async def end(self) -> int:
        """Ends the group by SIGHUP, then by SIGKILL; returns the exit code, or minus the signal that killed it."""
        if self.code is None:
            self._child.signal(signal.SIGHUP)
            loop = asyncio.get_running_loop()
            until = loop.time() + self._patience.hangup
            while not self._child.has_ended() and loop.time() < until:
                await asyncio.sleep(_POLL)
            self._child.signal(signal.SIGKILL)  # before it is reaped and its number may be used again
            while not self._child.has_ended():
                await asyncio.sleep(_POLL)
            self.code = self._child.reap()
            os.close(self._terminal)
        return self.code


async def _until_called(
    add: Callable[[int, Callable[[], object]], object], remove: Callable[[int], object], descriptor: int
) -> None:
    """Waits until a descriptor is readable or writable: `add` and `remove` are the loop's functions for one of them."""
    called = asyncio.Event()
    add(descriptor, called.set)
    try:
        await called.wait()
    finally:
        remove(descriptor)
