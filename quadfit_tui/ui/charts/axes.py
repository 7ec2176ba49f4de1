"""The axes of a chart: where values lie on them, and which of them are written beside them.

A window is widened a little, so that its ticks lie in the middles of rows or columns, equally many of them apart.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from quadfit_tui.core.model.array import Array
from quadfit_tui.ui.charts.spec import FLAG_NAMES, AxisScale, Range

LEAST = 1e-300  # what a logarithm takes for 0
_HIGHEST = 308.25  # the place of about the largest number that there is
FARTHEST = 1e306  # no difference of two places is infinite, and no step from tick to tick
NARROWEST = 1e-300  # of windows: what one cell shows is more than denormal numbers
# Of windows, as a share of what lies in them: as many ticks as there are rows differ from each other.
RESOLUTION = 1e-12
ROWS_APART = range(3, 11)  # of two ticks
COLUMNS_APART = range(6, 31)
FARTHEST_APART = 80  # rows or columns, of two ticks between which there is none to choose
# What is worth to widen the window, in parts of it: for a usual distance instead of e times as much; for more ticks.
SPACING, FEW_TICKS = 0.4, {0: 2.0, 1: 1.0, 2: 0.2}
CUT = 0.03  # of the height of a window, above and below: it has some margin
MOST_WIDER = 0.4  # of a window, on either side
BETWEEN = 2  # columns, of the labels of two ticks
ROUNDING = 1e-9  # of the cell that a place is in

BELOW = 2  # rows: the x axis and its labels


class Axis(NamedTuple):
    """One row of AXES: `place` takes values to places on the axis, `value` a place to its value.

    `steps` are the distances of two ticks that may be taken for such a range of places, from a smallest one on; ticks
    lie at their multiples, counted from `origin`.
    """

    place: Callable[[Array], Array]
    value: Callable[[float], float]
    steps: Callable[[Range, float], Iterator[float]]
    origin: Callable[[Range], float]
    label: Callable[[float, float], str]  # of a place, where ticks are so far apart


class Ruler(NamedTuple):
    """One axis of a chart in so many cells: the places of the middles of the first and the last one; then its ticks,
    each with the cell that it is in, counted from the low end, and its label."""

    limits: Range
    ticks: tuple[int, ...]
    labels: tuple[str, ...]


def columns_of(width: int, y: Ruler) -> int:
    """How many columns are left beside the y axis and its labels, which go where there is no room for them."""
    beside = max(map(len, y.labels))
    return max(1, width - 1 - (beside if beside < width else 0))


def wider(window: Range) -> Range:
    """A range that has in it all that an axis shows for a window: what goes through it is to go from end to end."""
    more = MOST_WIDER * (window[1] - window[0])
    return window[0] - more, window[1] + more


def nice_steps(least: float) -> Iterator[float]:
    """The numbers 1, 2 or 5 times a power of ten, from `least` on."""
    power = 10.0 ** math.floor(math.log10(least))
    while True:
        yield from (step for factor in (1.0, 2.0, 5.0) if (step := factor * power) >= least * (1 - ROUNDING))
        power *= 10


def _told_apart(value: float, step: float, least: int) -> str:
    """A value as text, with as many digits as tell it from one that is a step away, and `least` at least."""
    digits = math.ceil(math.log10(abs(value) / step)) + 1 if value else 1
    return f"{value:.{max(least, min(digits, 17))}g}"


def _power(exponent: int) -> str:
    return f"{10.0**exponent:g}" if -4 < exponent < 4 else f"1e{exponent}"


def _decades(least: float) -> Iterator[float]:
    """How many powers of ten two ticks may be apart: of few as many as a person would count by, of more 1, 2, 3 or 5
    times a power of ten."""
    power = 10.0 ** max(0, math.floor(math.log10(least)))
    while True:
        factors = (1, 2, 3, 4, 5, 6, 8) if power == 1 else (1, 2, 3, 5)
        yield from (step for factor in factors if (step := factor * power) >= least * (1 - ROUNDING))
        power *= 10


_DOUBLING = math.log10(2)


def _is_few(window: Range, decades: float = 1.6) -> bool:
    """Whether so few decades are seen that their powers of ten are no ticks."""
    return window[1] - window[0] < decades


def _is_doubled(window: Range) -> bool:
    return _is_few(window) and not _is_few(window, 2 * _DOUBLING)


def _log(values: Array) -> Array:
    return np.log10(np.where(values < LEAST, LEAST, values))


def _from_log(place: float) -> float:
    return float(10.0 ** min(place, _HIGHEST))


def _log_steps(window: Range, least: float) -> Iterator[float]:
    """Powers of ten; of few decades 1, 2, 4, 8 … times one, which are evenly spaced, too; of less, what is there."""
    if _is_doubled(window) and least <= _DOUBLING:
        yield _DOUBLING
    yield from nice_steps(least) if _is_few(window, 2 * _DOUBLING) else _decades(least)


def _log_origin(window: Range) -> float:
    """The power of ten that doubling begins at: 1, if it is in sight."""
    return math.floor(window[0]) if _is_doubled(window) and not window[0] <= 0 <= window[1] else 0.0


def _log_label(place: float, step: float) -> str:
    if step == _DOUBLING:
        return f"{_from_log(place):.6g}"
    return _power(round(place)) if step >= 1 else _told_apart(_from_log(place), _from_log(place) * step / 10, 3)


def _symlog(values: Array) -> Array:
    placed: Array = np.sign(values) * np.log10(1 + np.abs(values))
    return placed


def _from_symlog(place: float) -> float:
    return math.copysign(10 ** min(abs(place), 307.0) - 1, place)


def _symlog_steps(window: Range, least: float) -> Iterator[float]:
    """Powers of ten; where only few are to be seen, what is there."""
    yield from nice_steps(least) if _is_few(window) else _decades(least)


def _symlog_label(place: float, step: float) -> str:
    """0 and ± powers of ten, which lie where log10(|value|) is a whole number by less than half a row."""
    if step < 1:
        value = _from_symlog(place)
        return _told_apart(value, (abs(value) + 1) * step / 10, 3)
    return ("-" if place < 0 else "") + _power(abs(round(place))) if round(place) else "0"


AXES: dict[AxisScale, Axis] = {
    AxisScale.LINEAR: Axis(
        lambda values: values,
        lambda place: place,
        lambda window, least: nice_steps(least),  # noqa: ARG005
        lambda window: 0.0,  # noqa: ARG005
        lambda value, step: _told_apart(value, step, 6),
    ),
    AxisScale.LOG: Axis(_log, _from_log, _log_steps, _log_origin, _log_label),
    AxisScale.SYMLOG: Axis(_symlog, _from_symlog, _symlog_steps, lambda window: 0.0, _symlog_label),  # noqa: ARG005
    AxisScale.FLAG: Axis(
        lambda values: values,
        lambda place: place,
        lambda window, least: nice_steps(max(1.0, least)),  # noqa: ARG005
        lambda window: 0.0,  # noqa: ARG005
        lambda place, step: f"{place:.0f}",  # noqa: ARG005  those of the chart take their place
    ),
}


@lru_cache(maxsize=64)
def ruler(
    scale: AxisScale, window: Range, cells: int, across: bool = False, names: tuple[str, ...] = FLAG_NAMES
) -> Ruler | None:
    """The axis for a window in so many rows, or columns if it goes across; None for a window that cannot be shown.

    That is one with ends that are not finite, or change places, or cannot be told apart. `names` are those of the
    values of a flag.
    """
    axis, cells = AXES[scale], max(2, cells)
    is_sparse = scale in (AxisScale.FLAG, AxisScale.LOG)
    if scale is AxisScale.FLAG:
        axis = axis._replace(label=lambda place, step: dict(enumerate(names)).get(round(place), ""))  # noqa: ARG005
    low, high = axis.place(np.array(window)).tolist()
    if low < -FARTHEST or high > FARTHEST or not (_is_wide(low, high) and _is_wide(*window)):
        return None
    found = [*_rulers(axis, (low, high), cells, across, is_sparse)] if cells > 2 else []
    if not found:  # no tick fits, or two rows lie on either side of 0: there is one tick in the middle
        middle = cells // 2
        unit = (high - low) / (cells - 1)
        value = axis.value(low + middle * unit)
        return Ruler((low, high), (middle,), (_told_apart(value, (window[1] - window[0]) / cells, 3),))
    return min(found, key=lambda each: each[0])[1]


def _rulers(axis: Axis, window: Range, cells: int, across: bool, is_sparse: bool) -> Iterator[tuple[float, Ruler]]:
    """Rulers for a window, the best one for each number of cells between two ticks, and how bad they are.

    `is_sparse`: there may be no more values to choose a tick from.
    """
    (low, high), origin = window, axis.origin(window)
    if not across:
        low, high = low + CUT * (high - low), high - CUT * (high - low)
    usual = max(10, cells // 9) if across else max(4, cells // 8)
    distances = COLUMNS_APART if across else ROWS_APART
    if is_sparse:
        distances = range(distances.start, FARTHEST_APART + 1)
    for apart in distances:
        for step in axis.steps(window, apart * (high - low) / (cells - 1)):
            unit = step / apart
            first = math.floor((low - origin) / unit + ROUNDING)
            spare = first + cells - 1 - math.ceil((high - origin) / unit - ROUNDING)
            if spare >= 0:
                break
        begin = (window[0] - origin) / step
        if first % apart or abs(begin - round(begin)) > ROUNDING:  # a window that begins at a tick still does so
            first -= spare // 2
        told = {
            at: axis.label(origin + (first + at) // apart * step, step) for at in range(-first % apart, cells, apart)
        }
        inside, labels = [at for at in told if told[at]], [*filter(None, told.values())]
        if not labels or (across and len(labels) > 1 and max(map(len, labels)) + BETWEEN > apart):
            continue
        cost = unit * (cells - 1) / (high - low) - 1 + SPACING * abs(math.log(apart / usual))
        limits = origin + first * unit, origin + (first + cells - 1) * unit
        yield cost + FEW_TICKS.get(len(labels), 0.0), Ruler(limits, tuple(inside), tuple(labels))


def _is_wide(low: float, high: float) -> bool:
    """Whether the ends, in their order, are far enough apart for ticks; never where one is nan or infinite."""
    return high - low > max(NARROWEST, RESOLUTION * max(abs(low), abs(high)))
