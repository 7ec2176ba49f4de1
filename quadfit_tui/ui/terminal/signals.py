"""Signals that end the program: whatever it is doing, within a second, with the exit code that shells expect."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

# Those that people, their shells and limits of processor time (`ulimit -t`) send; Windows has two of them.
_NAMES = ("SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM", "SIGXCPU")
ENDING = tuple(getattr(signal, name) for name in _NAMES if hasattr(signal, name))
END_TIMEOUT = 0.8  # seconds for an end in order
_GIVING_UP = 0.5  # and for giving it up


@contextmanager
def block_ending_signals() -> Iterator[None]:
    """A context whose new threads never take signals that end the program; a signal that comes meanwhile waits."""
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
    """A context in which a signal has `end` called with the exit code, from a thread; the program has to end then, or
    else `abandon` is called and the process exits.

    A thread of its own waits for them: handlers of Python's run between two steps of the main thread, which may be at
    work in NumPy. So that it gets them, other threads are to be begun later, or `block_ending_signals`. What was
    ignored before, as SIGHUP is by nohup, stays so. One signal is enough: those that follow it, as kill and a shell
    that ends send them in a row, change nothing any more.
    """
    usual = (signal.SIG_DFL, signal.default_int_handler)
    awaited = [number for number in ENDING if signal.getsignal(number) in usual]
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, awaited)
    taken = threading.Event()
    over = threading.Event()
    waiter = threading.Thread(target=_wait, args=(awaited, end, abandon, taken, over), name="signals", daemon=True)
    waiter.start()

    def forward(number: int, _: object) -> None:
        signal.pthread_kill(waiter.ident or 0, number)

    # A thread that was there before may take them, too, and then has a handler called as soon as there is time.
    handlers = {number: signal.signal(number, forward) for number in awaited}
    try:
        yield
    finally:
        over.set()
        if not taken.is_set():
            for number, handler in handlers.items():
                signal.signal(number, handler or signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)


def _wait(
    awaited: list[signal.Signals],
    end: Callable[[int], None],
    abandon: Callable[[], None],
    taken: threading.Event,
    over: threading.Event,
) -> None:
    code = 128 + signal.sigwait(awaited)
    if over.is_set():
        return
    taken.set()
    with suppress(Exception):
        end(code)
    exits = threading.Timer(END_TIMEOUT + _GIVING_UP, os._exit, (code,))  # where giving it up hangs, too
    exits.daemon = True
    exits.start()
    time.sleep(END_TIMEOUT)  # also when the block is over by then, and something else hangs
    # In this thread: the main one may be in a long call that keeps the interpreter's lock, and to begin another thread
    # would take several turns at that. What exits had its turn before the terminal was given back.
    with suppress(Exception):
        abandon()
    os._exit(code)
