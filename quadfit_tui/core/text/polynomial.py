"""A parabola as text, for titles, messages and scripts: `2.00183x² - 4.0025x + 3.00068`."""

from __future__ import annotations

from collections.abc import Iterable


def polynomial(w: Iterable[float], digits: int = 6, *, plain: bool = False) -> str:
    """a·x² + b·x + c with so many significant digits, and a minus that can be pasted; `plain` is `x^2` for x².

    No coefficient of 1 is written, and no term of 0, but for 0 alone.
    """
    text = ""
    for value, power in zip(w, ("x^2" if plain else "x²", "x", ""), strict=True):
        number = f"{abs(value):.{digits}g}"
        if number == "0":
            continue
        sign = "-" if value < 0 else "+"
        term = power if power and number == "1" else number + power
        text += f" {sign} {term}" if text else term if sign == "+" else f"-{term}"
    return text or "0"
