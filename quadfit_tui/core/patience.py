"""Work that nobody waits for any more: long work asks between its pieces whether it is to go on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar


class GivenUpError(Exception):
    """Raised within work that is not wanted any more."""


def _always() -> bool:
    return True


_wanted: ContextVar[Callable[[], bool]] = ContextVar("wanted", default=_always)


@contextmanager
def while_wanted(wanted: Callable[[], bool]) -> Iterator[None]:
    """Within it `go_on` asks `wanted`: for this thread only."""
    token = _wanted.set(wanted)
    try:
        yield
    finally:
        _wanted.reset(token)


def go_on() -> None:
    """To be called between pieces of work, some tenths of a second apart at most; raises GivenUpError if it is for nobody."""
    if not _wanted.get()():
        raise GivenUpError
