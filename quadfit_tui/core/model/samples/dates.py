"""Parses dates and times of the column x, which become seconds since the first one."""

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
    """A date with or without a time: nanoseconds since the year 0, in UTC if it `has_zone`; `text` as in the file."""

    nanoseconds: int
    has_zone: bool
    text: str


def date_of(text: str) -> Date | None:
    """Parses an ISO 8601 date or date and time with - and :, to the nanosecond; returns None for any other cell."""
    match = _ISO_8601.fullmatch(text) if len(text) <= LONGEST_TEXT else None
    if match is None:
        return None
    day, time, fraction, zone = match.groups()
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
    """Whether a cell begins like a date or a time of day in any notation, to explain why it is refused."""
    return bool(_LIKE_A_DATE.match(text[:LONGEST_TEXT]))


def lacks_time(date: str, beside: str) -> bool:
    """Whether a date has no time of day, but the cell beside it has one."""
    return ":" not in date and bool(_TIME.match(beside))


class Dates:
    """Converter of a file's x values: the first one decides if all are dates, which become seconds since it."""

    def __init__(self) -> None:
        self.first: Date | None = None
        self._has_numbers = False

    def seconds(self, x: float | Date) -> float:
        """Converts x to a number; raises ValueError if it is a date among numbers, or a number among dates."""
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
        """Records that x values are numbers. Called for lines that NumPy has read."""
        self._has_numbers = True

    @property
    def notices(self) -> list[str]:
        """A notice to the user that x is in seconds, if it was made of dates; else none."""
        if self.first is None:
            return []
        return [_("x is the time in seconds since {date}").format(date=self.first.text)]
