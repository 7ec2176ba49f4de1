"""Lines of what is read, of bounded length, and batches of rows."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from typing import TypeVar

from quadfit_tui.core.sweep.head import SweepFileError
from quadfit_tui.core.sweep.tables.blocks import LONGEST
from quadfit_tui.core.text.language import _

LONGEST_LINE = 40_000_000  # bytes: a head with a million values of a parameter takes 20
MOST_FACTS = 100  # of a head; there are ten
_Item = TypeVar("_Item")


def byte_lines(content: Iterable[bytes]) -> Iterator[bytes]:
    """The lines of a content that comes in blocks, with their ends, which the last may lack; raises SweepFileError."""
    begun: list[bytes] = []
    length = 0
    for block in content:
        *whole, rest = block.split(b"\n")
        for line in whole:
            yield b"".join([*begun, line, b"\n"])
            begun, length = [], 0
        begun.append(rest)
        length += len(rest)
        if length > LONGEST_LINE:
            raise SweepFileError(_("has a line of more than {most} bytes").format(most=LONGEST_LINE))
    if length:
        yield b"".join(begun)


def text_lines(content: Iterable[bytes]) -> Iterator[str]:
    """The same as text; raises SweepFileError where it is not in UTF-8."""
    for line in byte_lines(content):
        try:
            yield line.decode()
        except UnicodeDecodeError:
            raise SweepFileError(_("is not text in UTF-8")) from None


def batches(items: Iterable[_Item]) -> Iterator[list[_Item]]:
    """The items in lists of so many as a block has, and the rest."""
    iterator = iter(items)
    while batch := list(itertools.islice(iterator, LONGEST)):
        yield batch
