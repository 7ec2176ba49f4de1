"""Work that nobody waits for any more: long work asks between its pieces whether it is to go on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar


class WorkCancelledError(Exception):
    """Raised within work that is not wanted any more."""


def _always() -> bool:
    return True


_wanted: ContextVar[Callable[[], bool]] = ContextVar("wanted", default=_always)


@contextmanager
def cancel_unless(wanted: Callable[[], bool]) -> Iterator[None]:
    """Within it `go_on` asks `wanted`: for this thread only."""
    token = _wanted.set(wanted)
    try:
        yield
    finally:
        _wanted.reset(token)


def check_cancelled() -> None:
    """Called between pieces of long work; raises GivenUpError where it is for nobody any more."""
    if not _wanted.get()():
        raise WorkCancelledError
