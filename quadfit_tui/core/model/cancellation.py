"""Cancels long work that nobody waits for any more: between its pieces it asks whether it is to go on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar


class WorkCancelledError(Exception):
    """Raised by `check_cancelled` within work that is not wanted any more."""


_wanted: ContextVar[Callable[[], bool]] = ContextVar("wanted", default=lambda: True)


@contextmanager
def cancel_unless(wanted: Callable[[], bool]) -> Iterator[None]:
    """Within it `check_cancelled` asks `wanted`: for this thread only."""
    token = _wanted.set(wanted)
    try:
        yield
    finally:
        _wanted.reset(token)


def check_cancelled() -> None:
    """Called between pieces of long work; raises WorkCancelledError where nobody waits for it."""
    if not _wanted.get()():
        raise WorkCancelledError
