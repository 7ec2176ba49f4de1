"""Numbers as they are written: how many digits they have, and whether they are near enough."""

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
FEWEST_SHOWN = 3  # digits of a number on the screen, and as it is said aloud; zeros at the end may be left out
_HALF = 0.5 + 1e-6  # of a unit
_EXACT = 1e-9  # relative: what is written with all its digits
_PLAIN = re.compile(r"[-+]?(\d*)(?:[.,](\d*))?(?:e[-+]?\d+)?", re.IGNORECASE)


class MatchGrade(Enum):
    """How a number that somebody typed stands to a value."""

    RIGHT = "near enough"
    MORE_DIGITS = "right as far as it is written, with too few digits"
    CLOSE = "within the square of the factor"
    OFF = "off"


class Written(NamedTuple):
    """A number as it is written: its value, and its significant digits, of a fraction those of a double."""

    value: float
    digits: int

    @classmethod
    def read(cls, text: str) -> Written:
        """Reads a number as lessons write it; `~` before it says that zeros at its end are no digits of it.

        Raises ValueError with the reason, to follow on the text.
        """
        cleaned = normalized(text)
        about = cleaned.startswith("~")
        cleaned = cleaned.removeprefix("~")
        value = read_number(cleaned)
        found = _PLAIN.fullmatch(cleaned)
        if found is None:
            return cls(value, MOST_DIGITS)
        digits = (found[1] + (found[2] or "")).lstrip("0")
        return cls(value, max(1, len(digits.rstrip("0") if about and found[2] is None else digits)))

    def states(self, value: float, is_limit: bool = False) -> bool:
        """Whether it is `value`, rounded to the digits that are written; a limit is rounded down, as the app does."""
        digits = min(self.digits, MOST_DIGITS)
        if is_limit:
            return _same(self.value, float(rounded_down(value, max(digits, FEWEST_SHOWN))))
        return self.rounds(value, digits)

    def shows(self, value: float, is_limit: bool = False) -> bool:
        """Whether the program shows `value` so, in a column, a sentence or aloud: rounded, and a limit rounded down."""
        return any(self.rounds(value, digits, is_limit) for digits in range(FEWEST_SHOWN, MOST_DIGITS + 1))

    def rounds(self, value: float, digits: int, is_limit: bool = False) -> bool:
        """Whether it is `value`, rounded to a number of digits; a limit may be rounded down, too."""
        if value == 0 or self.value == 0:
            return value == self.value
        if is_limit and _same(self.value, float(rounded_down(value, digits))):
            return True
        unit = _unit(value, digits)
        # Half a unit: a value in the middle may be rounded up or down, as it comes.
        return abs(self.value - value) <= unit * _HALF and _is_multiple(self.value, unit)


def _unit(value: float, digit: int) -> float:
    """What one more in a digit of a value is worth, the first digit being 1."""
    return 10.0 ** (math.floor(math.log10(abs(value))) + 1 - digit)


def _is_multiple(value: float, unit: float) -> bool:
    return abs(value / unit - round(value / unit)) <= 1e-6 * max(1.0, abs(value / unit)) * 1e-3


def _same(one: float, other: float) -> bool:
    return abs(one - other) <= _EXACT * max(abs(one), abs(other))


def grade_match(written: Written, value: float, tolerance: Tolerance, is_limit: bool = False) -> MatchGrade:
    """How a number stands to the value that is asked for. What the program shows is right, but not as `exact`."""
    off, amount = abs(written.value - value), tolerance.amount
    if _same(written.value, value) or (tolerance.rule != "exact" and written.shows(value, is_limit)):
        return MatchGrade.RIGHT
    match tolerance.rule:
        case "exact":
            return MatchGrade.OFF
        case "digits":
            if value != 0 and off <= _unit(value, int(amount)) * _HALF:
                return MatchGrade.RIGHT
            is_short = written.digits < amount and written.rounds(value, written.digits, is_limit)
            return MatchGrade.MORE_DIGITS if is_short else MatchGrade.OFF
        case "rel":
            return MatchGrade.RIGHT if off <= amount * abs(value) * (1 + _EXACT) else MatchGrade.OFF
        case "abs":
            return MatchGrade.RIGHT if off <= amount * (1 + _EXACT) else MatchGrade.OFF
    ratio = written.value / value if value else 0.0
    if ratio <= 0:
        return MatchGrade.OFF
    apart = max(ratio, 1 / ratio)
    if apart <= amount * (1 + _EXACT):
        return MatchGrade.RIGHT
    return MatchGrade.CLOSE if apart <= amount * amount * (1 + _EXACT) else MatchGrade.OFF
