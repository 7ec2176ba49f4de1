"""NotationError: what makes a lesson file unreadable; Errors collects all errors of a file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from quadfit_tui.core.text.language import _

MOST_ERRORS = 50  # that are told of a file


class NotationError(ValueError):
    """A lesson that cannot be read: the line at fault, from 1, and the reason as one line of text.

    `others` are what else is wrong with the file, below the first.
    """

    def __init__(self, line: int, reason: str, others: tuple[NotationError, ...] = ()) -> None:
        super().__init__(line, reason, others)  # its args: what pickle makes it of
        self.line = line
        self.reason = reason
        self.others = others

    def __str__(self) -> str:
        return _("line {line} {problem}").format(line=self.line, problem=self.reason)


class Errors:
    """What is wrong with a file, as it is found."""

    def __init__(self) -> None:
        self._found: dict[tuple[int, str], NotationError] = {}

    def add(self, line: int, reason: str) -> None:
        """Notes what is wrong in a line, and that reading goes on."""
        self._found[line, reason] = NotationError(line, reason)

    @contextmanager
    def collected(self) -> Iterator[None]:
        """Notes what a piece of reading raises, and goes on behind it."""
        try:
            yield
        except NotationError as found:
            self.add(found.line, found.reason)

    @property
    def count(self) -> int:
        """How many there are so far."""
        return len(self._found)

    def raise_all(self) -> None:
        """Raises the first in order of lines, with the others; nothing where there are none."""
        if self._found:
            first, *others = sorted(self._found.values(), key=lambda error: error.line)
            raise NotationError(first.line, first.reason, tuple(others[: MOST_ERRORS - 1])) from None
