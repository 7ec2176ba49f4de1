"""A parabola as text, for titles, messages and scripts: `2.00183x² - 4.0025x + 3.00068`."""

from __future__ import annotations

from collections.abc import Iterable


def polynomial(w: Iterable[float], digits: int = 6, *, x: str = "x", plain: bool = False) -> str:
    """Formats w as a·x² + b·x + c with `digits` significant digits and an ASCII minus; with `plain`, x² is `x^2`.

    Coefficients of 1 and terms of 0 are not written, except a lone 0. With another name than x, numbers count as
    measured: each keeps all its digits, and a sign before the name: `-494.0·t² + 479.5·t + 120.9`.
    """
    text = ""
    times, has_name = "*" if plain else "·", x != "x"
    for value, power in zip(w, ("^2" if plain else "²", "", None), strict=True):
        number = _measured(abs(value), digits) if has_name else f"{abs(value):.{digits}g}"
        if number == "0":
            continue
        sign, factor = "-" if value < 0 else "+", "" if power is None else f"{x}{power}"
        if factor and has_name:
            term = f"{number}{times}{factor}"
        else:
            term = factor if factor and number == "1" else number + factor
        if text:
            text += f" {sign} {term}"
        else:
            text = term if sign == "+" else f"-{term}"
    return text or "0"


def _measured(value: float, digits: int) -> str:
    """Formats a number with exactly `digits` significant digits, zeros at the end too: `494.0`; 0 is `0`."""
    return f"{value:#.{digits}g}".removesuffix(".") if value else "0"
