"""The terminal as the system sees it: whose it is to use, and its attributes, which are given back as they were."""

from __future__ import annotations

import os
import signal
import termios
import tty
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any


class Tty:
    """The terminal at a descriptor."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._before: list[Any] | None = None  # its attributes outside of the app

    @property
    def is_foreground(self) -> bool:
        """Whether it is this program's to use: what runs in the background leaves it to the shell."""
        try:
            return os.tcgetpgrp(self._descriptor) == os.getpgrp()
        except OSError:  # it belongs to no session, or has gone away
            return True

    @property
    def exists(self) -> bool:
        """Whether it is there still."""
        try:
            termios.tcgetattr(self._descriptor)
        except termios.error:
            return False
        return True

    def make_raw(self) -> None:
        """Has it give single keys, without echo and signals; raises termios.error where it has gone away."""
        attributes = termios.tcgetattr(self._descriptor)
        if self._before is None:
            self._before = attributes
        termios.tcsetattr(self._descriptor, termios.TCSANOW, _raw(attributes))

    def restore(self) -> None:
        """Gives its attributes back, and drops what was typed; from any thread. The shell's own stay as they are."""
        before, self._before = self._before, None
        if before is not None and self.is_foreground:
            with suppress(termios.error):  # it has gone away
                termios.tcsetattr(self._descriptor, termios.TCSANOW, before)
                termios.tcflush(self._descriptor, termios.TCIFLUSH)


@contextmanager
def ignore_sigttou() -> Iterator[None]:
    """Lets this thread use the terminal though it is somebody else's by now, for which the system may stop it."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTTOU])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _raw(attributes: list[Any]) -> list[Any]:
    """Attributes for single keys; output is not translated (see display.screen_buffer.move)."""
    raw = [*attributes]
    raw[tty.LFLAG] &= ~(termios.ECHO | termios.ICANON | termios.IEXTEN | termios.ISIG)
    raw[tty.IFLAG] &= ~(termios.IXON | termios.IXOFF | termios.ICRNL | termios.INLCR | termios.IGNCR)
    raw[tty.OFLAG] &= ~termios.OPOST
    raw[tty.CC] = [*raw[tty.CC]]
    raw[tty.CC][termios.VMIN], raw[tty.CC][termios.VTIME] = 1, 0
    return raw
