"""Cooperative cancellation: long work asks between its steps whether its caller still waits for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar


class WorkCancelledError(Exception):
    """Raised by `check_cancelled` within work that nobody waits for any more."""


_wanted: ContextVar[Callable[[], bool]] = ContextVar("wanted", default=lambda: True)


@contextmanager
def cancel_unless(wanted: Callable[[], bool]) -> Iterator[None]:
    """Makes `check_cancelled` raise within the block as soon as `wanted()` is false; for this thread only."""
    token = _wanted.set(wanted)
    try:
        yield
    finally:
        _wanted.reset(token)


def check_cancelled() -> None:
    """Raises WorkCancelledError if nobody waits for the work any more. Called between the steps of long work."""
    if not _wanted.get()():
        raise WorkCancelledError
