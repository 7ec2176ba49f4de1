"""Signals during a command: Ctrl+C and others as KeyboardInterrupt, so that files are closed; broken pipes."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from quadfit_tui.ui.terminal.signals import ENDING

SLICE = 0.05  # seconds of training between two checks for Ctrl+C
END_IN_ORDER = 3.0  # seconds that a command may take to end after a signal


@contextmanager
def interruptible() -> Iterator[None]:
    """Makes Ctrl+C raise KeyboardInterrupt in this context, where it would end the program at once (see __main__).

    Commands use it while a file is open, so that the file is closed.
    """
    before = signal.getsignal(signal.SIGINT)
    if before is signal.SIG_DFL:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def signals_as_interrupts() -> Iterator[None]:
    """Makes signals that would end the program raise KeyboardInterrupt(number) in this context; only the first one.

    The process is ended if it takes longer than END_IN_ORDER after that.
    """
    usual = (signal.SIG_DFL, signal.default_int_handler)
    handlers = {number: signal.getsignal(number) for number in ENDING if signal.getsignal(number) in usual}
    timers: list[threading.Timer] = []

    def end(number: int, _frame: FrameType | None) -> None:
        for other in handlers:  # a shell that ends sends several signals
            signal.signal(other, signal.SIG_IGN)
        timer = threading.Timer(END_IN_ORDER, os._exit, (128 + number,))
        timers.append(timer)
        timer.daemon = True
        timer.start()
        raise KeyboardInterrupt(number)

    try:
        for number in handlers:
            signal.signal(number, end)
        yield
    finally:
        for timer in timers:
            timer.cancel()
        for number, handler in handlers.items():
            signal.signal(number, handler)


def exit_code_of(interrupt: KeyboardInterrupt) -> int:
    """Returns the exit code of a command that signals_as_interrupts has interrupted: 128 plus the signal's number."""
    return 128 + (interrupt.args[0] if interrupt.args else signal.SIGINT)


def exit_on_broken_pipe() -> None:
    """Makes the program end silently once nobody reads its output, as in `| head`; called before the first line."""
    if hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
