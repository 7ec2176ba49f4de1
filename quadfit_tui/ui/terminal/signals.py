"""Termination signals: they end the program within a second, whatever it does, with the exit code for shells."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

# The signals that users, their shells and limits of processor time (`ulimit -t`) send; Windows has two of them.
_NAMES = ("SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM", "SIGXCPU")
ENDING = tuple(getattr(signal, name) for name in _NAMES if hasattr(signal, name))
END_TIMEOUT = 0.8  # seconds for an orderly end
_GIVING_UP = 0.5  # seconds for `abandon` after that


@contextmanager
def block_ending_signals() -> Iterator[None]:
    """Blocks termination signals in threads that are started in this context; signals wait until it ends."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows, where the main thread gets them
        yield
        return
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)


@contextmanager
def ending_by_signals(end: Callable[[int], None], abandon: Callable[[], None]) -> Iterator[None]:
    """Handles termination signals in this context: calls `end` with the exit code, from a thread of its own.

    If the program has not ended after END_TIMEOUT, it calls `abandon`, and the process exits.

    A thread waits for the signals, since Python's handlers run between two steps of the main thread, which may be
    busy in NumPy. So that this thread gets them, other threads must be started later, or in `block_ending_signals`.
    Signals that were ignored before, as SIGHUP by nohup, stay ignored. Only the first signal counts; those that
    follow, as from a shell that exits, change nothing.
    """
    usual = (signal.SIG_DFL, signal.default_int_handler)
    awaited = [number for number in ENDING if signal.getsignal(number) in usual]
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, awaited)
    is_handled = threading.Event()
    over = threading.Event()
    waiter = threading.Thread(target=_wait, args=(awaited, end, abandon, is_handled, over), name="signals", daemon=True)
    waiter.start()

    def forward(number: int, _: object) -> None:
        signal.pthread_kill(waiter.ident or 0, number)

    # A thread that existed before may get a signal, too; then this handler passes it on as soon as it can run.
    handlers = {number: signal.signal(number, forward) for number in awaited}
    try:
        yield
    finally:
        over.set()
        if not is_handled.is_set():
            for number, handler in handlers.items():
                signal.signal(number, handler or signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)


def _wait(
    awaited: list[signal.Signals],
    end: Callable[[int], None],
    abandon: Callable[[], None],
    is_handled: threading.Event,
    over: threading.Event,
) -> None:
    """Waits for a signal, then ends the program; runs in the thread of `ending_by_signals`."""
    code = 128 + signal.sigwait(awaited)
    if over.is_set():
        return
    is_handled.set()
    with suppress(Exception):
        end(code)
    exits = threading.Timer(END_TIMEOUT + _GIVING_UP, os._exit, (code,))  # in case `abandon` hangs, too
    exits.daemon = True
    exits.start()
    time.sleep(END_TIMEOUT)  # also if the context has ended by then, and something after it hangs
    # `abandon` runs in this thread: the main one may be in a long call that holds the interpreter's lock, and starting
    # another thread needs the lock several times. The timer that exits was started before for the same reason.
    with suppress(Exception):
        abandon()
    os._exit(code)
