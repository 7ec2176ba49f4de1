"""The axes of a chart: where values lie on them, and which of them are written beside them."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from quadfit_tui.core.model.array import Array
from quadfit_tui.ui.charts.spec import Range, Scale

LEAST = 1e-300  # what a logarithm takes for 0
FARTHEST = 8e307  # no difference of two places is infinite
NARROWEST = 1e-305  # of windows: its ticks are more than denormal numbers apart
# Of windows, as a share of what lies in them: as many ticks as there are rows differ from each other.
RESOLUTION = 1e-12


class Ticks(NamedTuple):
    """Values, and their texts."""

    values: list[float]
    labels: list[str]


class Axis(NamedTuple):
    """One row of AXES: `place` takes values to places on the axis, `ticks` finds about so many within a range."""

    place: Callable[[Array], Array]
    ticks: Callable[[Range, int], Ticks]


def nice_ticks(low: float, high: float, count: int) -> list[float]:
    """Round positions within [low, high], 1, 2 or 5 times a power of ten apart: about `count` of them, at least 2."""
    wanted = max(2, count - 1)
    power = 10.0 ** min(308, math.ceil(math.log10(high - low)))
    while True:
        for factor in (1.0, 0.5, 0.2):
            step = factor * power
            first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
            if last - first + 1 >= wanted:
                return [index * step for index in range(first, last + 1)]
        power /= 10


def tick_labels(positions: list[float]) -> list[str]:
    """The positions as text, with as many digits as tell them apart."""
    largest, step = max(map(abs, positions)), positions[1] - positions[0]
    digits = math.ceil(math.log10(largest / step)) + 1
    return [f"{position:.{max(6, min(digits, 17))}g}" for position in positions]


def _linear_ticks(window: Range, count: int) -> Ticks:
    positions = nice_ticks(*window, count)
    return Ticks(positions, tick_labels(positions))


def _log(values: Array) -> Array:
    return np.log10(np.where(values < LEAST, LEAST, values))


def _log_ticks(window: Range, count: int) -> Ticks:
    """Powers of ten, as many apart as there is room for; where there are no two of them, as on a linear axis."""
    low, high = max(window[0], LEAST), window[1]
    first, last = math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9)
    if last <= first:
        return _linear_ticks((low, high), count)
    apart = -(-(last - first + 1) // max(2, count))
    exponents = range(-(-first // apart) * apart, last + 1, apart)
    return Ticks([10.0**at for at in exponents], [_power(at) for at in exponents])


def _power(exponent: int) -> str:
    return f"{10.0**exponent:g}" if -4 < exponent < 5 else f"1e{exponent}"


def _symlog(values: Array) -> Array:
    placed: Array = np.sign(values) * np.log10(1 + np.abs(values))
    return placed


def _symlog_ticks(window: Range, count: int) -> Ticks:
    """0 and ± powers of ten, as many apart as there is room for; as on a linear axis where only few are to be seen."""
    low, high = window
    reach = math.floor(math.log10(max(1.0, abs(low), abs(high))))
    for apart in range(1, reach + 2):
        powers = range(reach % apart, reach + 1, apart)
        values = [0.0, *(sign * 10.0**at for at in powers for sign in (1, -1))]
        seen = sorted(value for value in values if low <= value <= high)
        if len(seen) <= max(2, count):
            break
    if len(seen) < 2:
        return _linear_ticks(window, count)
    return Ticks(seen, [f"{value:g}" for value in seen])


AXES: dict[Scale, Axis] = {
    Scale.LINEAR: Axis(lambda values: values, _linear_ticks),
    Scale.LOG: Axis(_log, _log_ticks),
    Scale.SYMLOG: Axis(_symlog, _symlog_ticks),
}


class Ruler(NamedTuple):
    """One axis of a chart, where its scale puts things: the ends of its window, and its ticks with their labels."""

    limits: Range
    ticks: list[float]
    labels: list[str]


@lru_cache(maxsize=32)
def ruler(scale: Scale, window: Range, wanted: int) -> Ruler | None:
    """The axis for a window, with about `wanted` ticks; None for a window that cannot be shown.

    That is one with ends that are not finite, or change places, or cannot be told apart.
    """
    low, high = AXES[scale].place(np.array(window)).tolist()
    if low < -FARTHEST or high > FARTHEST or not (_is_wide(low, high) and _is_wide(*window)):
        return None
    values, labels = AXES[scale].ticks(window, wanted)
    return Ruler((low, high), AXES[scale].place(np.array(values)).tolist(), labels)


def _is_wide(low: float, high: float) -> bool:
    """Whether the ends, in their order, are far enough apart for ticks; never where one is nan or infinite."""
    return high - low > max(NARROWEST, RESOLUTION * max(abs(low), abs(high)))
