"""Findings of reading a file of samples: rows left out or at fault, and doubtful readings, as messages."""

from __future__ import annotations

from array import array
from collections.abc import Sequence

from quadfit_tui.core.model.samples.dates import Dates
from quadfit_tui.core.model.samples.numbers import AMBIGUOUS, Signs
from quadfit_tui.core.text.language import _, comma_separated, join_and
from quadfit_tui.core.text.quoting import with_allowed

_MOST_COUNTED = 1000  # maximum number of faulty rows that are counted
_MOST_LISTED = 4  # maximum number of rows whose numbers are listed


def lines_text(numbers: Sequence[int], are_all: bool = True, unit: str = "line") -> str:
    """Formats line numbers: `line 4`, `lines 4, 9, 12, 17 and 37 more`; `at least 37 more` unless they `are_all`."""
    if len(numbers) == 1:
        return (_("row {number}") if unit == "row" else _("line {number}")).format(number=numbers[0])
    texts, more = [*map(str, numbers[:_MOST_LISTED])], len(numbers) - _MOST_LISTED
    if more <= 0:
        return (_("rows {numbers}") if unit == "row" else _("lines {numbers}")).format(numbers=join_and(texts))
    template = _("lines {numbers} and {n} more") if are_all else _("lines {numbers} and at least {n} more")
    if unit == "row":
        template = _("rows {numbers} and {n} more")
    return template.format(numbers=comma_separated(texts), n=more)


class Faults:
    """The rows that cannot be parsed: the first fault, and the lines of all faults of the same kind."""

    def __init__(self) -> None:
        self._first: tuple[str, str, str] | None = None
        self._lines: list[int] = []

    def add(self, line: int, column: str, problem: str, allowed: str, kind: str) -> None:
        """Records a fault, such as `has 3 columns`, or in column 2 `'foo' is not a number`, kind `is not a number`."""
        if self._first is None:
            template = _("line {line}, column {column}: {problem}") if column else _("line {line} {problem}")
            self._first = template.format(line=line, column=column, problem=problem), allowed, kind
        if kind == self._first[-1]:
            self._lines.append(line)

    def __bool__(self) -> bool:
        return bool(self._lines)

    @property
    def are_enough(self) -> bool:
        """Whether so many faults are recorded that reading can stop."""
        return len(self._lines) >= _MOST_COUNTED

    @property
    def are_ambiguous(self) -> bool:
        """Whether the first fault is a number that can be parsed once the meaning of its comma is known."""
        return self._first is not None and self._first[-1] == AMBIGUOUS

    def text(self) -> str:
        """Formats the first fault, and the lines with the same kind of fault, as a message of one line."""
        assert self._first is not None
        problem, allowed, _kind = self._first
        if len(self._lines) > 1:
            others = lines_text(self._lines[1:], not self.are_enough)
            problem = _("{problem} (also {lines})").format(problem=problem, lines=others)
        return with_allowed(problem, allowed)


class ParseFindings:
    """The findings of parsing rows: numbers of `left_out` lines, faults, meanings of signs in numbers, dates.

    `commented` are the numbers of lines with a comment behind their values.
    """

    def __init__(self, signs: Signs) -> None:
        self.left_out = array("I")
        self.commented = array("I")
        self.faults = Faults()
        self.signs = signs
        self.dates = Dates()

    @property
    def refusal(self) -> str:
        """The message why the rows cannot be parsed; empty if they can."""
        return self.faults.text() if self.faults else self.signs.contradiction

    @property
    def notices(self) -> list[str]:
        """Notices to the user of how the rows were parsed."""
        notices = [*self.signs.notices, *self.dates.notices]
        if self.commented:
            lines = lines_text(self.commented)
            notices.append(_("comments behind values are passed over: {lines}").format(lines=lines))
        return notices
