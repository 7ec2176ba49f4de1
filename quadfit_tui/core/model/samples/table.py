"""TableLayout: the layout of a file's rows, which parses the sample in each of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from quadfit_tui.core.config.parameters import LARGEST
from quadfit_tui.core.config.value_types import AmbiguousNumber
from quadfit_tui.core.model.quantity import UNNAMED, Quantities, parse_heading
from quadfit_tui.core.model.samples.cells import MISSING, is_total
from quadfit_tui.core.model.samples.dates import ALLOWED, Date, date_of, is_like_a_date, lacks_time
from quadfit_tui.core.model.samples.numbers import AMBIGUOUS, number_of
from quadfit_tui.core.text.language import N_, _, ngettext
from quadfit_tui.core.text.quoting import quoted, shown_name, with_problem

Sample = tuple[float | Date, float]  # x and y
NOT_TOO_LARGE = N_("from {low} to {high}")


class RowError(Exception):
    """A row that is no sample; its arguments are those of Faults.add after the line: column, problem, allowed, kind."""


class TableLayout(NamedTuple):
    """The layout of a file's rows, by which they are parsed; `start` is the index of the first line below the heading.

    `notices` are messages on other lines above the rows, which are skipped. `units` are the cells of a row of units
    below the headings, if there is one.
    """

    delimiter: str | None  # None for blanks
    start: int
    names: list[str]  # the headings; empty if there are none
    width: int
    chosen: tuple[int, int]  # the indices of x and y
    notices: tuple[str, ...] = ()
    thousands: str = ""  # the comma or dot between thousands in all numbers; empty if none
    units: Sequence[str] = ()

    def column(self, place: int) -> str:
        """Returns the name of a column in messages: its heading, or else its number, counted from 1."""
        return shown_name(self.names[place]) if self.names and self.names[place] else str(place + 1)

    @property
    def quantities(self) -> Quantities:
        """The names and units of x and y in their headings and the row of units."""
        if not self.names:
            return UNNAMED
        below = self.units if len(self.units) == self.width else [""] * self.width
        return Quantities(
            *(
                parse_heading(self.names[place], usual, below[place])
                for place, usual in zip(self.chosen, "xy", strict=True)
            )
        )

    def sample(self, cells: Sequence[str]) -> Sample | None:
        """Parses x and y from the cells of a row; returns None if a value is missing. Raises RowError."""
        if len(cells) != self.width:
            problem = ngettext("has one column", "has {n} columns", len(cells))
            allowed = _("two, x and y") if self.width == 2 else _("{n}, as in the first row").format(n=self.width)
            raise RowError("", problem, allowed, "columns")
        x, y = self.chosen
        if cells[x].lower() in MISSING or cells[y].lower() in MISSING:
            return None
        date = date_of(cells[x])
        if date is not None and x + 1 < self.width and lacks_time(cells[x], cells[x + 1]):
            reason = ValueError(_("is a date, and its time of day stands in the next column"))
            raise self.error(x, cells, reason, _("both in one, such as 2024-02-01T12:30:00"))
        return date or self._number(x, cells), self._number(y, cells)

    def _number(self, place: int, cells: Sequence[str]) -> float:
        """Parses the number in the cell at a place; raises RowError with the reason why it is none."""
        text, allowed = cells[place], N_("finite numbers")
        try:
            value = number_of(text, self.delimiter, self.thousands)
            if not math.isfinite(value):
                raise ValueError(_("is not a finite number"))
            if abs(value) > LARGEST:
                allowed = NOT_TOO_LARGE
                raise ValueError(_("is too large"))
        except ValueError as failure:
            reason = failure
            if is_total(text):
                reason, allowed = ValueError(_("is what a total has, and no number")), N_("rows of samples alone")
            elif place != self.chosen[0] and date_of(text):
                reason = ValueError(_("is a date, which y cannot be"))
            elif place == self.chosen[0] and is_like_a_date(text):
                reason, allowed = ValueError(_("is not a number, and no date by ISO 8601")), ALLOWED
            allowed_text = _(allowed).format(low=f"{-LARGEST:.0e}", high=f"{LARGEST:.0e}")
            raise self.error(place, cells, reason, allowed_text) from None
        return value

    def error(self, place: int, cells: Sequence[str], reason: ValueError, allowed: str) -> RowError:
        """Returns the RowError that refuses the cell at a place of a row, with the reason."""
        kind = AMBIGUOUS if isinstance(reason, AmbiguousNumber) else str(reason)
        return RowError(self.column(place), with_problem(quoted(cells[place]), str(reason)), allowed, kind)
