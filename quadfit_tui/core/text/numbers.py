"""Formats numbers as text, for columns and for sentences; if no range is stated, any double, also nan, is fine."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping

_NAMES = re.compile(r"[a-zμσ][a-z0-9_]*'?")


def format_in_width(value: float, width: int) -> str:
    """Formats `value` in exactly `width` ≥ 8 characters, right-aligned, with as many digits as fit.

    Plain notation from 0.001 up to where a double's digits end; scientific beyond.
    """
    if value == 0 or not math.isfinite(value):
        return f"{value + 0.0:.0f}".rjust(width)
    if abs(value) >= 1e-3:
        most = width - len(str(int(abs(value)))) - 2  # the sign and the point
        for room in (most, most - 1):  # rounding up may add a digit before the point
            text = f"{value:.{max(room, 0)}f}"
            if room >= -1 and len(text) < width + (value < 0):
                return text.rjust(width)
    exponent = f"{value:e}".partition("e")[2]
    room = max(0, width - len(exponent) - 4)  # sign, leading digit, point, e
    text = f"{value:.{room}e}"
    if len(text) > width:  # rounding up added a digit to the exponent
        text = f"{value:.{max(0, room - 1)}e}"
    return text.rjust(width)


def format_trimmed(value: float) -> str:
    """Formats `value` with ten significant digits, trailing zeros trimmed, for worked arithmetic: `0.3333333333`."""
    return f"{value + 0.0:.10g}"


def operand(value: float) -> str:
    """Formats `value` as `format_trimmed` does, in brackets if negative, to follow an operator."""
    text = format_trimmed(value)
    return f"({text})" if text.startswith("-") else text


def in_numbers(formula: str, values: Mapping[str, float]) -> str:
    """Replaces the names in a formula by their `values`, for worked arithmetic: `w − lr·g²` → `2 − 0.5 × (-3)²`.

    Names without a value stay as they are.
    """

    def number(match: re.Match[str]) -> str:
        value, before, after = values.get(match[0], match[0]), formula[: match.start()], formula[match.end() :]
        if isinstance(value, str | int):
            return str(value)
        leads = before[-1:] in ("", "(") and after[:1] not in ("²", "^")
        return format_trimmed(value) if leads else operand(value)

    return _NAMES.sub(number, formula).replace("·", " × ")


def format_short(value: float) -> str:
    """Formats `value` with four significant digits, for a sentence: `0.5`, `1.61e+04`, `8.042e-06`."""
    return f"{value:.4g}"


def rounded_down(value: float, digits: int = 3) -> str:
    """Formats a positive `value` with `digits` significant digits, rounded down, so that the text is never above it."""
    text = f"{value:.{digits}g}"
    if float(text) <= value:
        return text
    step = _last_unit(value, digits)
    return f"{math.floor(value / step) * step:.{digits}g}"


def rounded_up(value: float, digits: int = 3) -> str:
    """Formats a positive `value` with `digits` significant digits, rounded up, so that the text is never below it."""
    text = f"{value:.{digits}g}"
    if float(text) >= value:
        return text
    step = _last_unit(value, digits)
    return f"{math.ceil(value / step) * step:.{digits}g}"


def _last_unit(value: float, digits: int) -> float:
    """Returns the unit of the last of `digits` significant digits of a positive value: 0.01 for 3.14 and 3 digits."""
    return 10.0 ** (int(f"{value:.17e}".partition("e")[2]) + 1 - digits)


def format_comparison(value: float, limit: float) -> tuple[str, str]:
    """Formats a positive `value` and a limit with as many digits as it takes to show which of them is larger.

    The limit is rounded down.
    """
    texts = format_short(value), rounded_down(limit)
    for digits in range(4, 18):
        rounded, bound = map(float, texts)
        if (rounded < bound, rounded > bound) == (value < limit, value > limit):
            break
        texts = f"{value:.{digits}g}", rounded_down(limit, digits)
    return texts


def format_in_range(value: float, low: float, high: float) -> tuple[str, str, str]:
    """Formats a positive `value` and the ends of a range around it, with as many digits as it takes to show it inside.

    The ends are rounded inward.
    """
    texts = format_short(value), rounded_up(low), rounded_down(high)
    for digits in range(4, 18):
        rounded, least, most = map(float, texts)
        if least <= rounded <= most:
            break
        texts = f"{value:.{digits}g}", rounded_up(low, digits), rounded_down(high, digits)
    return texts


def format_distinct(one: float, other: float) -> tuple[str, str]:
    """Formats two numbers with four significant digits, or with as many more as it takes to show that they differ."""
    pairs = ((f"{one:.{digits}g}", f"{other:.{digits}g}") for digits in range(4, 18))
    return next((pair for pair in pairs if pair[0] != pair[1]), (format_short(one), format_short(other)))


def format_count(count: int, noun: str) -> str:
    """Formats a count with an English noun of regular plural: `1 epoch`, `2 epochs`, `19,094,728 epochs`."""
    number = str(count) if count < 10_000 else format(count, ",")
    inflected = noun if count == 1 else f"{noun}s"
    return f"{number} {inflected}"


def format_vector(values: Iterable[float], digits: int = 6) -> str:
    """Formats numbers with `digits` significant digits each, in brackets, for a sentence: `(2, -4, 3)`."""
    return "(" + ", ".join(f"{value:.{digits}g}" for value in values) + ")"
