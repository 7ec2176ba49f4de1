"""Table: how the rows of a file are to be read, and the sample in a row."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from quadfit_tui.core.config.parameters import LARGEST
from quadfit_tui.core.model.samples.cells import MISSING, is_total
from quadfit_tui.core.model.samples.dates import ALLOWED, Date, date_of, is_like_a_date, lacks_time
from quadfit_tui.core.model.samples.numbers import number_of
from quadfit_tui.core.text.quoting import quoted, shown_name

Sample = tuple[float | Date, float]  # x and y


class RowError(Exception):
    """A row that is no sample; its arguments are those of a fault behind the line."""


class Table(NamedTuple):
    """How the rows of a file are to be read: `start` is the index of the first line below the heading.

    `notices` say what else stands above the rows, in the file or in its name, and was passed over.
    """

    delimiter: str | None  # None for blanks
    start: int
    names: list[str]  # the headings, none where there are none
    width: int
    chosen: tuple[int, int]  # the places of x and y
    notices: tuple[str, ...] = ()

    def column(self, place: int) -> str:
        """What a message calls a column."""
        return shown_name(self.names[place]) if self.names and self.names[place] else str(place + 1)

    def sample(self, cells: Sequence[str]) -> Sample | None:
        """x and y in a row; None where a value is missing. Raises RowError."""
        if len(cells) != self.width:
            columns = "one column" if len(cells) == 1 else f"{len(cells)} columns"
            allowed = "two, x and y" if self.width == 2 else f"{self.width}, as in the first row"
            raise RowError("", f" has {columns}", allowed, "columns")
        x, y = self.chosen
        if cells[x].lower() in MISSING or cells[y].lower() in MISSING:
            return None
        date = date_of(cells[x])
        if date is not None and x + 1 < self.width and lacks_time(cells[x], cells[x + 1]):
            reason = ValueError("is a date, and its time of day stands in the next column")
            raise self.error(x, cells, reason, "both in one, such as 2024-02-01T12:30:00")
        return date or self._number(x, cells), self._number(y, cells)

    def _number(self, place: int, cells: Sequence[str]) -> float:
        text, allowed = cells[place], "finite numbers"
        try:
            value = number_of(text, self.delimiter)
            if not math.isfinite(value):
                raise ValueError("is not a finite number")
            if abs(value) > LARGEST:
                allowed = f"from {-LARGEST:.0e} to {LARGEST:.0e}"
                raise ValueError("is too large")
        except ValueError as failure:
            reason = failure
            if is_total(text):
                reason, allowed = ValueError("is what a total has, and no number"), "rows of samples alone"
            elif place != self.chosen[0] and date_of(text):
                reason = ValueError("is a date, which y cannot be")
            elif place == self.chosen[0] and is_like_a_date(text):
                reason, allowed = ValueError("is not a number, and no date by ISO 8601"), ALLOWED
            raise self.error(place, cells, reason, allowed) from None
        return value

    def error(self, place: int, cells: Sequence[str], reason: ValueError, allowed: str) -> RowError:
        """That the cell at a place is refused, and why."""
        kind = str(reason).partition(":")[0]
        return RowError(f", column {self.column(place)}: ", f"{quoted(cells[place])} {reason}", allowed, kind)
