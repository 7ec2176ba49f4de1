"""Numbers as text: the few ways in which the program shows them."""

from __future__ import annotations

import math
from collections.abc import Iterable


def figure(value: float, width: int) -> str:
    """`value` in exactly `width` ≥ 8 characters, right-aligned, with as many digits as fit.

    Plain notation from 0.001 on, as long as a double's digits last; scientific beyond.
    """
    if value == 0 or not math.isfinite(value):
        return f"{value + 0.0:.0f}".rjust(width)
    if abs(value) >= 1e-3:
        room = width - len(f"{abs(value):.0f}") - 2  # the sign and the point
        if room >= -1:
            return f"{value:.{max(room, 0)}f}".rjust(width)
    exponent = f"{value:e}".partition("e")[2]
    room = max(0, width - len(exponent) - 4)  # sign, leading digit, point, e
    text = f"{value:.{room}e}"
    if len(text) > width:  # rounded up to one more digit in the exponent
        text = f"{value:.{max(0, room - 1)}e}"
    return text.rjust(width)


def given(value: float) -> str:
    """A number that somebody chose, or that a schedule made of one: `0.5`, `1e-08`."""
    return f"{value:.8g}"


def without_exponent(value: float) -> str:
    """A number with as many digits as 12 characters hold, without zeros at its end."""
    text = figure(value, 12).strip()
    return text.rstrip("0").rstrip(".") if "." in text and "e" not in text else text


def operand(value: float) -> str:
    """The same behind a sign of arithmetic: in brackets if it is negative."""
    text = without_exponent(value)
    return f"({text})" if text.startswith("-") else text


def short(value: float) -> str:
    """`value` with four significant digits, for a sentence: `0.5`, `1.61e+04`, `8.042e-06`."""
    return f"{value:.4g}"


def short_below(value: float, digits: int = 3) -> str:
    """A positive `value` with a few significant digits, rounded down: what is below it is below `value`."""
    text = f"{value:.{digits}g}"
    if float(text) <= value:
        return text
    step = 10.0 ** (math.floor(math.log10(value)) + 1 - digits)
    return f"{math.floor(value / step) * step:.{digits}g}"


def beside(value: float, limit: float) -> tuple[str, str]:
    """A positive `value` and a limit, which is rounded down, with as many digits as show on which side of it it is."""
    found = short(value), short_below(limit)
    for digits in range(4, 18):
        shown, bound = map(float, found)
        if (shown < bound, shown > bound) == (value < limit, value > limit):
            break
        found = f"{value:.{digits}g}", short_below(limit, digits)
    return found


def vector(values: Iterable[float]) -> str:
    """(a, b, c) with six significant digits each, for a sentence."""
    return "(" + ", ".join(f"{value:.6g}" for value in values) + ")"
