"""Dates and times as x: seconds since the first."""

from __future__ import annotations

import re
from datetime import datetime
from typing import NamedTuple

from quadfit_tui.core.text.language import N_, _
from quadfit_tui.core.text.quoting import LONGEST_TEXT

ALLOWED = N_("numbers, or in x dates by ISO 8601, such as 2024-02-01 or 2024-02-01T12:30:00")
_ISO_8601 = re.compile(
    r"(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:[.,](\d{1,9}))?)?) ?(Z|[-+]\d{2}(?::?\d{2})?)?)?", re.ASCII
)
_LIKE_A_DATE = re.compile(
    r"\d{1,4}([-./])\d{1,2}\1\d{1,4}(?!\d)|\d{1,2}:\d{2}|\d{4}-\d{2}$|\d{8}T\d|\d{4}-W\d|\d{1,4} ?年"
    r"|\d{1,2}[-. ]{0,2}[A-Za-z]{3,9}[-., ]+\d{2,4}|[A-Za-z]{3,9}[. ]+\d{1,2},? \d{4}",
    re.ASCII,
)
_TIME = re.compile(r"\d{1,2}:\d{2}", re.ASCII)
_A_SECOND = 10**9  # nanoseconds


class Date(NamedTuple):
    """A date or a moment: nanoseconds since the year 0, in UTC where it `has_zone`."""

    nanoseconds: int
    has_zone: bool
    text: str


def date_of(text: str) -> Date | None:
    """The date in a cell, by ISO 8601 with - and :, as date or date and time, to the nanosecond; None where none is."""
    found = _ISO_8601.fullmatch(text) if len(text) <= LONGEST_TEXT else None
    if found is None:
        return None
    day, time, fraction, zone = found.groups()
    whole = (time or "00:00").replace(",", ".").partition(".")[0]
    try:
        moment = datetime.fromisoformat(f"{day}T{whole}{zone or ''}")
    except ValueError:
        return None
    seconds = ((moment.toordinal() * 24 + moment.hour) * 60 + moment.minute) * 60 + moment.second
    if zone and (offset := moment.utcoffset()):
        seconds -= offset.days * 86_400 + offset.seconds
    return Date(seconds * _A_SECOND + int(fraction or 0) * 10 ** (9 - len(fraction or "")), zone is not None, text)


def is_like_a_date(text: str) -> bool:
    """Whether a cell begins like a date or a time of day, in whatever notation."""
    return bool(_LIKE_A_DATE.match(text[:LONGEST_TEXT]))


def lacks_time(date: str, beside: str) -> bool:
    """Whether a date is without its time of day, which stands in the cell beside it."""
    return ":" not in date and bool(_TIME.match(beside))


class Dates:
    """Whether the x of a file are dates, as its first one tells; then they are seconds since that."""

    def __init__(self) -> None:
        self.first: Date | None = None
        self._has_numbers = False

    def seconds(self, x: float | Date) -> float:
        """x as a number; raises ValueError where it is a date among numbers, or the other way round."""
        if not isinstance(x, Date):
            if self.first is not None:
                raise ValueError(_("is no date, as the first x is one"))
            self._has_numbers = True
            return x
        if self._has_numbers:
            raise ValueError(_("is a date, and the first x is a number"))
        first = self.first or x
        if first.has_zone != x.has_zone:
            raise ValueError(
                _("has a time zone, and the first date has none")
                if x.has_zone
                else _("has no time zone, and the first date has one")
            )
        self.first = first
        return (x.nanoseconds - first.nanoseconds) / _A_SECOND

    def see_numbers(self) -> None:
        """Takes note that x are numbers."""
        self._has_numbers = True

    @property
    def notices(self) -> list[str]:
        """What x is, where it was made of dates."""
        if self.first is None:
            return []
        return [_("x is the time in seconds since {date}").format(date=self.first.text)]
