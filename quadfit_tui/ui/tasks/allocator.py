"""Settings of the C allocator that keep the memory of a session small: a server may have many of them."""

from __future__ import annotations

import contextlib
import ctypes
from collections.abc import Iterator

_M_ARENA_MAX = -8  # of glibc's malloc.h


@contextlib.contextmanager
def _allocator() -> Iterator[ctypes.CDLL]:
    """The C library, for what only glibc's has: elsewhere nothing is done."""
    with contextlib.suppress(OSError, AttributeError, TypeError):
        yield ctypes.CDLL(None)


def share_one_heap() -> None:
    """Lets threads to come take their memory where the first one does: one of their own would keep a megabyte."""
    with _allocator() as library:
        library.mallopt(_M_ARENA_MAX, 1)


def give_back() -> None:
    """Gives the system what was needed for a while: by itself the allocator keeps it for what may come."""
    with _allocator() as library:
        library.malloc_trim(0)
