"""The terminal as the system sees it: whether the process is in the foreground, and the attributes to restore."""

from __future__ import annotations

import os
import signal
import termios
import tty
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any


class Tty:
    """The terminal of a descriptor, with its attributes from before the app."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._before: list[Any] | None = None  # the attributes to restore; None if they are not changed

    @property
    def is_foreground(self) -> bool:
        """Whether the process group is in the foreground; in the background it must leave the terminal to the shell."""
        try:
            return os.tcgetpgrp(self._descriptor) == os.getpgrp()
        except OSError:  # it belongs to no session, or has gone away
            return True

    @property
    def exists(self) -> bool:
        """Whether the terminal still exists, not hung up or closed."""
        try:
            termios.tcgetattr(self._descriptor)
        except termios.error:
            return False
        return True

    def make_raw(self) -> None:
        """Switches it to raw mode: single keys, no echo, no signals. Raises termios.error if it has gone away."""
        attributes = termios.tcgetattr(self._descriptor)
        if self._before is None:
            self._before = attributes
        termios.tcsetattr(self._descriptor, termios.TCSANOW, _raw(attributes))

    def restore(self) -> None:
        """Restores its attributes and drops unread keys, unless the process is in the background; from any thread."""
        before, self._before = self._before, None
        if before is not None and self.is_foreground:
            with suppress(termios.error):  # it has gone away
                termios.tcsetattr(self._descriptor, termios.TCSANOW, before)
                termios.tcflush(self._descriptor, termios.TCIFLUSH)


@contextmanager
def ignore_sigttou() -> Iterator[None]:
    """Blocks SIGTTOU, so that this thread may write to the terminal from the background without being stopped."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTTOU])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _raw(attributes: list[Any]) -> list[Any]:
    """Returns the attributes of raw mode; output is not translated (see display.screen_buffer.move)."""
    raw = [*attributes]
    raw[tty.LFLAG] &= ~(termios.ECHO | termios.ICANON | termios.IEXTEN | termios.ISIG)
    raw[tty.IFLAG] &= ~(termios.IXON | termios.IXOFF | termios.ICRNL | termios.INLCR | termios.IGNCR)
    raw[tty.OFLAG] &= ~termios.OPOST
    raw[tty.CC] = [*raw[tty.CC]]
    raw[tty.CC][termios.VMIN], raw[tty.CC][termios.VTIME] = 1, 0
    return raw
