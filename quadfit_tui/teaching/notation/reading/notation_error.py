"""NotationError: what makes a lesson file unreadable; Errors collects all errors of a file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from quadfit_tui.core.text.language import _

MOST_ERRORS = 50  # limit of errors that are reported of one file


class NotationError(ValueError):
    """The error of a lesson file with a fault: the line number, from 1, and the reason as one line of text.

    `others` are the further errors of the file, in order of lines.
    """

    def __init__(self, line: int, reason: str, others: tuple[NotationError, ...] = ()) -> None:
        super().__init__(line, reason, others)  # pickle restores the error from these args
        self.line = line
        self.reason = reason
        self.others = others

    def __str__(self) -> str:
        return _("line {line} {problem}").format(line=self.line, problem=self.reason)


class Errors:
    """Collects the errors of a lesson file while it is parsed, so that all can be reported at once."""

    def __init__(self) -> None:
        self._errors: dict[tuple[int, str], NotationError] = {}

    def add(self, line: int, reason: str) -> None:
        """Records an error in a line; parsing goes on."""
        self._errors[line, reason] = NotationError(line, reason)

    @contextmanager
    def collected(self) -> Iterator[None]:
        """Records a NotationError raised in the `with` block; execution continues after it."""
        try:
            yield
        except NotationError as error:
            self.add(error.line, error.reason)

    @property
    def count(self) -> int:
        """The number of errors recorded so far."""
        return len(self._errors)

    def raise_all(self) -> None:
        """Raises the first error by line, with the others attached, if there are any; called when parsing has ended."""
        if self._errors:
            first, *others = sorted(self._errors.values(), key=lambda error: error.line)
            raise NotationError(first.line, first.reason, tuple(others[: MOST_ERRORS - 1])) from None
