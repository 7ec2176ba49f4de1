"""Numbers as text, in columns and in sentences. What says nothing of its numbers takes any double, nan too."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping

_NAMES = re.compile(r"[a-zμσ][a-z0-9_]*'?")


def figure(value: float, width: int) -> str:
    """`value` in exactly `width` ≥ 8 characters, right-aligned, with as many digits as fit.

    Plain notation from 0.001 on, as long as a double's digits last; scientific beyond.
    """
    if value == 0 or not math.isfinite(value):
        return f"{value + 0.0:.0f}".rjust(width)
    if abs(value) >= 1e-3:
        most = width - len(str(int(abs(value)))) - 2  # the sign and the point
        for room in (most, most - 1):  # rounded up to one more digit before the point
            text = f"{value:.{max(room, 0)}f}"
            if room >= -1 and len(text) < width + (value < 0):
                return text.rjust(width)
    exponent = f"{value:e}".partition("e")[2]
    room = max(0, width - len(exponent) - 4)  # sign, leading digit, point, e
    text = f"{value:.{room}e}"
    if len(text) > width:  # rounded up to one more digit in the exponent
        text = f"{value:.{max(0, room - 1)}e}"
    return text.rjust(width)


def format_trimmed(value: float) -> str:
    """`value` with ten significant digits, without zeros at its end, for worked arithmetic: `0.5`, `0.3333333333`."""
    return f"{value + 0.0:.10g}"


def operand(value: float) -> str:
    """`value` as `format_trimmed`, in brackets if it is negative, to stand behind a sign of arithmetic."""
    text = format_trimmed(value)
    return f"({text})" if text.startswith("-") else text


def in_numbers(formula: str, values: Mapping[str, float]) -> str:
    """A formula with the `values` of its names, as worked arithmetic: `w − lr·g²` becomes `2 − 0.5 × (-3)²`.

    Names that have none stay as they are.
    """

    def number(found: re.Match[str]) -> str:
        value, before, after = values.get(found[0], found[0]), formula[: found.start()], formula[found.end() :]
        if isinstance(value, str | int):
            return str(value)
        leads = before[-1:] in ("", "(") and after[:1] not in ("²", "^")
        return format_trimmed(value) if leads else operand(value)

    return _NAMES.sub(number, formula).replace("·", " × ")


def short(value: float) -> str:
    """`value` with four significant digits, for a sentence: `0.5`, `1.61e+04`, `8.042e-06`."""
    return f"{value:.4g}"


def rounded_down(value: float, digits: int = 3) -> str:
    """A positive `value` with `digits` significant digits, rounded down: what is below the text is below `value`."""
    text = f"{value:.{digits}g}"
    if float(text) <= value:
        return text
    step = _last_unit(value, digits)
    return f"{math.floor(value / step) * step:.{digits}g}"


def rounded_up(value: float, digits: int = 3) -> str:
    """Formats a value rounded up: what is above the text is above `value`."""
    text = f"{value:.{digits}g}"
    if float(text) >= value:
        return text
    step = _last_unit(value, digits)
    return f"{math.ceil(value / step) * step:.{digits}g}"


def _last_unit(value: float, digits: int) -> float:
    """What the last of so many significant digits of a positive value counts."""
    return 10.0 ** (int(f"{value:.17e}".partition("e")[2]) + 1 - digits)


def side_by_side(value: float, limit: float) -> tuple[str, str]:
    """A positive `value` and a limit as two texts, with as many digits as show which of them is larger.

    The limit is rounded down.
    """
    found = short(value), rounded_down(limit)
    for digits in range(4, 18):
        shown, bound = map(float, found)
        if (shown < bound, shown > bound) == (value < limit, value > limit):
            break
        found = f"{value:.{digits}g}", rounded_down(limit, digits)
    return found


def within(value: float, low: float, high: float) -> tuple[str, str, str]:
    """A positive `value` and the ends of a range that it is in as texts, with as many digits as show it inside.

    The ends are rounded inward.
    """
    found = short(value), rounded_up(low), rounded_down(high)
    for digits in range(4, 18):
        shown, least, most = map(float, found)
        if least <= shown <= most:
            break
        found = f"{value:.{digits}g}", rounded_up(low, digits), rounded_down(high, digits)
    return found


def format_distinct(one: float, other: float) -> tuple[str, str]:
    """Two different numbers as texts of four significant digits, or of as many more as show that they differ."""
    texts = ((f"{one:.{digits}g}", f"{other:.{digits}g}") for digits in range(4, 18))
    return next((found for found in texts if found[0] != found[1]), (short(one), short(other)))


def counted(count: int, noun: str) -> str:
    """A count with its noun, which has a plain plural: `1 epoch`, `2 epochs`, `19,094,728 epochs`."""
    return f"{count if count < 10_000 else format(count, ',')} {noun}{'s' * (count != 1)}"


def vector(values: Iterable[float], digits: int = 6) -> str:
    """Numbers with so many significant digits each, in brackets, for a sentence: `(2, -4, 3)`."""
    return "(" + ", ".join(f"{value:.{digits}g}" for value in values) + ")"
