"""The levels of contours: round numbers, about as many as can be told apart."""

from __future__ import annotations

import math

from quadfit_tui.ui.charts.axes import nice_ticks

MOST = 9
ENOUGH = 4
LOWEST = 400  # a contour is of use from such a part of the height on: of a round bowl, a twentieth of its width
LADDERS = ((1.0,), (1.0, 3.0), (1.0, 2.0, 5.0))


def levels(low: float, high: float) -> tuple[list[float], list[str]]:
    """Levels for a surface that goes from `low` ≥ 0 to `high`, and their texts; none where it is level, or at the very
    end of the doubles.

    By powers of ten and, if these are few, the likes of 3 or of 2 and 5 between them; where all is of about the same
    height, in equal steps.
    """
    if not (1e-300 < high <= 1e308 and high - low > 1e-9 * high):
        return [], []
    floor = low + (high - low) / LOWEST
    decades = range(math.floor(math.log10(floor)), math.ceil(math.log10(high)) + 1)
    for ladder in LADDERS:
        found = [step * 10.0**decade for decade in decades for step in ladder]
        found = [level for level in found if floor < level < high]
        if ENOUGH <= len(found) <= MOST:
            return found, [brief(level) for level in found]
    steps = nice_ticks(low, high, 6)
    return steps, [brief(step) for step in steps]


def brief(value: float) -> str:
    """A round number in few characters: `0.03`, `300`, `1e4`, `3e-5`."""
    if 1e-3 <= value < 1e4:
        return f"{value:.12g}"
    digits, _, exponent = f"{value:.12e}".partition("e")
    return f"{float(digits):.12g}e{int(exponent)}"
