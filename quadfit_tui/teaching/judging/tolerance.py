"""Numbers as written in lessons or by students: their digits, and whether they are near enough to a value."""

from __future__ import annotations

import math
import re
from enum import Enum
from typing import NamedTuple

from quadfit_tui.core.config.value_types import read_number
from quadfit_tui.core.text.numbers import rounded_down
from quadfit_tui.core.text.quoting import normalized
from quadfit_tui.teaching.notation.lesson import Tolerance

MOST_DIGITS = 15
FEWEST_SHOWN = 3  # digits of a number on the screen and in speech; zeros at the end may be omitted
_HALF = 0.5 + 1e-6  # units of the last digit: the largest rounding error, with a margin
_EXACT = 1e-9  # relative difference of a number written with all its digits
_PLAIN = re.compile(r"[-+]?(\d*)(?:[.,](\d*))?(?:e[-+]?\d+)?", re.IGNORECASE)


class MatchGrade(Enum):
    """The grades of how well a typed number matches a value."""

    RIGHT = "near enough"
    MORE_DIGITS = "right as far as it is written, with too few digits"
    CLOSE = "within the square of the factor"
    OFF = "off"


class Written(NamedTuple):
    """A number with its value, and the number of its significant digits as written; MOST_DIGITS for a fraction."""

    value: float
    digits: int

    @classmethod
    def read(cls, text: str) -> Written:
        """Parses a number as authors of lessons write it; after `~`, zeros at its end are not significant.

        Raises ValueError if it is no number; the message is meant to follow the quoted text.
        """
        cleaned = normalized(text)
        is_approximate = cleaned.startswith("~")
        cleaned = cleaned.removeprefix("~")
        value = read_number(cleaned)
        match = _PLAIN.fullmatch(cleaned)
        if match is None:
            return cls(value, MOST_DIGITS)
        digits = (match[1] + (match[2] or "")).lstrip("0")
        if is_approximate and match[2] is None:
            digits = digits.rstrip("0")
        return cls(value, max(1, len(digits)))

    def states(self, value: float, is_limit: bool = False) -> bool:
        """Whether the number is `value` rounded to the digits written; a limit must be rounded down, as in the app."""
        digits = min(self.digits, MOST_DIGITS)
        if is_limit:
            return _same(self.value, float(rounded_down(value, max(digits, FEWEST_SHOWN))))
        return self.rounds(value, digits)

    def shows(self, value: float, is_limit: bool = False) -> bool:
        """Whether the program may show `value` as this number, on the screen or in speech; limits are rounded down."""
        return any(self.rounds(value, digits, is_limit) for digits in range(FEWEST_SHOWN, MOST_DIGITS + 1))

    def rounds(self, value: float, digits: int, is_limit: bool = False) -> bool:
        """Whether the number is `value`, rounded to some significant digits; a limit may be rounded down, too."""
        if value == 0 or self.value == 0:
            return value == self.value
        if is_limit and _same(self.value, float(rounded_down(value, digits))):
            return True
        unit = _unit(value, digits)
        # Half a unit: a value in the middle may be rounded up or down.
        return abs(self.value - value) <= unit * _HALF and _is_multiple(self.value, unit)


def _unit(value: float, digit: int) -> float:
    """Computes the worth of a unit in a significant digit of a value; digit 1 is the first."""
    return 10.0 ** (math.floor(math.log10(abs(value))) + 1 - digit)


def _is_multiple(value: float, unit: float) -> bool:
    """Whether a value is a whole multiple of a unit, but for rounding errors."""
    return abs(value / unit - round(value / unit)) <= 1e-6 * max(1.0, abs(value / unit)) * 1e-3


def _same(one: float, other: float) -> bool:
    """Whether two numbers are equal but for rounding errors."""
    return abs(one - other) <= _EXACT * max(abs(one), abs(other))


def grade_match(written: Written, value: float, tolerance: Tolerance, is_limit: bool = False) -> MatchGrade:
    """Grades how well a number matches the value asked for, by a tolerance; used to judge answers.

    A number as the program shows the value is right, unless the tolerance is `exact`.
    """
    difference, amount = abs(written.value - value), tolerance.amount
    if _same(written.value, value) or (tolerance.rule != "exact" and written.shows(value, is_limit)):
        return MatchGrade.RIGHT
    match tolerance.rule:
        case "exact":
            return MatchGrade.OFF
        case "digits":
            if value != 0 and difference <= _unit(value, int(amount)) * _HALF:
                return MatchGrade.RIGHT
            is_short = written.digits < amount and written.rounds(value, written.digits, is_limit)
            return MatchGrade.MORE_DIGITS if is_short else MatchGrade.OFF
        case "rel":
            return MatchGrade.RIGHT if difference <= amount * abs(value) * (1 + _EXACT) else MatchGrade.OFF
        case "abs":
            return MatchGrade.RIGHT if difference <= amount * (1 + _EXACT) else MatchGrade.OFF
    ratio = written.value / value if value else 0.0
    if ratio <= 0:
        return MatchGrade.OFF
    factor = max(ratio, 1 / ratio)
    if factor <= amount * (1 + _EXACT):
        return MatchGrade.RIGHT
    return MatchGrade.CLOSE if factor <= amount * amount * (1 + _EXACT) else MatchGrade.OFF
