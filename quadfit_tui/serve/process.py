"""A process on a terminal of its own: started, read, written to, given another size, ended with all of its group."""

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
_LOOK = 0.02  # seconds between two looks whether it has ended
_MOST_COLUMNS, _MOST_ROWS = 500, 200  # a window for which a chart is drawn in a moment, on the largest of screens

Size = tuple[int, int]  # columns and rows


class Child(Protocol):
    """A process that leads a session and a group; its number is its own until it is reaped."""

    def has_ended(self) -> bool:
        """Whether it has."""

    def signal(self, number: signal.Signals, /) -> None:
        """Sends a signal to its group."""

    def reap(self) -> int:
        """Returns its exit code once it has ended, or minus the signal it died of."""


# Starts a command in a folder, with an environment, on a terminal by its descriptor; raises OSError.
Start = Callable[[Sequence[str], str, Mapping[str, str], int], Child]


class Process:
    """A command on a terminal, as the leader of a session and a group: no shell, no other files than the terminal.

    Raises OSError where it cannot be started.
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
        self._takes = True  # what is typed
        self.code: int | None = None  # its exit code once it has ended, or minus the signal that it died of

    async def read(self) -> bytes:
        """What it writes next, as soon as there is something; nothing once it has ended."""
        while True:
            try:
                return os.read(self._terminal, _READ)
            except BlockingIOError:
                loop = asyncio.get_running_loop()
                await _until_called(loop.add_reader, loop.remove_reader, self._terminal)
            except OSError:  # nobody has the other end any more
                with suppress(OSError):  # what was still on its way by then is there the second time
                    return os.read(self._terminal, _READ)
                return b""

    async def write(self, data: bytes) -> None:
        """Types, and waits until the terminal has taken all; what a program that is stuck does not take is lost."""
        loop = asyncio.get_running_loop()
        while data:
            try:
                data = data[os.write(self._terminal, data) :]
                self._takes = True
            except BlockingIOError:
                if not self._takes:
                    return
                try:
                    async with asyncio.timeout(self._patience.stuck):
                        await _until_called(loop.add_writer, loop.remove_writer, self._terminal)
                except TimeoutError:
                    self._takes = False
            except OSError:  # it has ended, of which `read` tells
                return

    def resize(self, size: Size) -> None:
        """Gives the terminal another size, of which the process is told."""
        with suppress(termios.error):  # it has ended
            self._set_size(size)

    def _set_size(self, size: Size) -> None:
        columns, rows = size
        termios.tcsetwinsize(self._terminal, (max(1, min(rows, _MOST_ROWS)), max(1, min(columns, _MOST_COLUMNS))))

    def paint_anew(self) -> None:
        """Has the program take the terminal anew, and show all that is to be seen; what was under way is dropped."""
        with suppress(OSError):
            while os.read(self._terminal, _READ):
                pass
        self._child.signal(signal.SIGCONT)

    async def end(self) -> int:
        """Ends it: by HUP and, of what is left of its group, by KILL; gives its exit code, or minus the signal."""
        if self.code is None:
            self._child.signal(signal.SIGHUP)
            loop = asyncio.get_running_loop()
            until = loop.time() + self._patience.hangup
            while not self._child.has_ended() and loop.time() < until:
                await asyncio.sleep(_LOOK)
            self._child.signal(signal.SIGKILL)  # while its number is its own
            while not self._child.has_ended():
                await asyncio.sleep(_LOOK)
            self.code = self._child.reap()
            os.close(self._terminal)
        return self.code


async def _until_called(
    add: Callable[[int, Callable[[], object]], object], remove: Callable[[int], object], descriptor: int
) -> None:
    """Waits until a loop calls what is added to it for a descriptor."""
    called = asyncio.Event()
    add(descriptor, called.set)
    try:
        await called.wait()
    finally:
        remove(descriptor)
