"""Signals that end the program: whatever it is doing, within a second, with the exit code that shells expect."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

ENDING = (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGINT)
PATIENCE = 0.8  # seconds for an end in order


@contextmanager
def ending_by_signals(end: Callable[[int], None], abandon: Callable[[], None]) -> Iterator[None]:
    """Has `end` called with the exit code, from a thread; where that does not end the block, `abandon`, and exits.

    A thread of its own waits for them: handlers of Python's run between two steps of the main thread, which may be at
    work in NumPy. What was ignored before, as SIGHUP is by nohup, stays ignored. Best entered before other threads are
    begun, which are not to receive them either.
    """
    awaited = [number for number in ENDING if signal.getsignal(number) is not signal.SIG_IGN]
    before = signal.pthread_sigmask(signal.SIG_BLOCK, awaited)
    ended = threading.Event()
    threading.Thread(target=_wait, args=(awaited, end, abandon, ended), name="signals", daemon=True).start()
    try:
        yield
    finally:
        ended.set()
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _wait(
    awaited: list[signal.Signals], end: Callable[[int], None], abandon: Callable[[], None], ended: threading.Event
) -> None:
    code = 128 + signal.sigwait(awaited)
    if ended.is_set():
        return
    with suppress(Exception):
        end(code)
    if not ended.wait(PATIENCE):
        with suppress(Exception):
            abandon()
        os._exit(code)
