"""The axes of a chart: where values lie on them, and which of them are written beside them.

A window is widened a little, so that its ticks lie in the middles of rows or columns, equally many of them apart.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import lru_cache
from operator import itemgetter
from typing import NamedTuple

import numpy as np

from quadfit_tui.core.model.array import Array
from quadfit_tui.ui.charts.spec import FLAG_NAMES, AxisScale, Range

LEAST = 1e-300  # smaller values, 0 among them, are replaced by this before their logarithm
_HIGHEST = 308.25  # place on a logarithmic axis of about the largest double
FARTHEST = 1e306  # largest place of a window: differences of places and steps between ticks stay finite
NARROWEST = 1e-300  # least width of a window: one cell of it spans more than denormal numbers
# Least width of a window as a share of the values in it: as many ticks as there are rows differ from each other.
RESOLUTION = 1e-12
ROWS_APART = range(3, 11)  # distances that two ticks of a y axis may have
COLUMNS_APART = range(6, 31)  # distances that two ticks of an x axis may have
FARTHEST_APART = 80  # largest distance, in rows or columns, of ticks that can have none between them
# Costs of a ruler beside that of widening the window, in widths of it: SPACING if its ticks are e times the usual
# distance apart, FEW_TICKS by how many ticks it has.
SPACING, FEW_TICKS = 0.4, {0: 2.0, 1: 1.0, 2: 0.2}
CUT = 0.03  # share of a window's height that may be cut off above and below, since windows have a margin
MOST_WIDER = 0.4  # share of a window by which an axis widens it on either side at most
BETWEEN = 2  # columns between the labels of two ticks, at least
ROUNDING = 1e-9  # share of a cell that counts as rounding

BELOW = 2  # rows below a plot: the x axis and its labels


class Axis(NamedTuple):
    """The functions of one kind of axis, a row of AXES.

    `place` converts values to places on the axis, `value` converts a place to its value. `steps` yields the distances
    that two ticks may have in a range of places, from a smallest one on. Ticks lie at multiples of such a distance,
    counted from `origin`, a place that depends on the range. `label` formats the value at a place, given the distance
    of two ticks, and how far from the place a round value may lie.
    """

    place: Callable[[Array], Array]
    value: Callable[[float], float]
    steps: Callable[[Range, float], Iterator[float]]
    origin: Callable[[Range], float]
    label: Callable[[float, float, float], str]


class Ruler(NamedTuple):
    """One axis of a chart, laid out on cells.

    `limits` are the places of the middles of its first and its last cell. `ticks` are the cells of its ticks, counted
    from the low end, and `labels` the text of each.
    """

    limits: Range
    ticks: tuple[int, ...]
    labels: tuple[str, ...]


def inner_columns(width: int, y: Ruler) -> int:
    """Computes how many columns a plot has beside its y axis and the labels of that, which are left out if too wide."""
    label_width = max(map(len, y.labels))
    return max(1, width - 1 - (label_width if label_width < width else 0))


def widest_window(window: Range) -> Range:
    """Widens a window to the most that an axis may show of it, so that a curve drawn over it reaches both ends."""
    more = MOST_WIDER * (window[1] - window[0])
    return window[0] - more, window[1] + more


def nice_steps(least: float) -> Iterator[float]:
    """Yields the numbers 1, 2 or 5 times a power of ten, from `least` on."""
    power = 10.0 ** math.floor(math.log10(least))
    while True:
        for factor in (1.0, 2.0, 5.0):
            if factor * power >= least * (1 - ROUNDING):
                yield factor * power
        power *= 10


def _format_distinct(value: float, step: float, least: int) -> str:
    """Formats a value with as many digits as distinguish it from one that is a step away, but at least `least`."""
    digits = math.ceil(math.log10(abs(value) / step)) + 1 if value else 1
    return f"{value:.{max(least, min(digits, 17))}g}"


def _format_power(exponent: int) -> str:
    """Formats a power of ten: `0.01`, `1000`, `1e4`."""
    return f"{10.0**exponent:g}" if -4 < exponent < 4 else f"1e{exponent}"


def _decades(least: float) -> Iterator[float]:
    """Yields how many decades two ticks may be apart, from `least` on.

    Below ten decades these are the numbers that people count by, then 1, 2, 3 or 5 times a power of ten.
    """
    power = 10.0 ** max(0, math.floor(math.log10(least)))
    while True:
        factors = (1, 2, 3, 4, 5, 6, 8) if power == 1 else (1, 2, 3, 5)
        for factor in factors:
            if factor * power >= least * (1 - ROUNDING):
                yield factor * power
        power *= 10


_DOUBLING = math.log10(2)


def _is_few(window: Range, decades: float = 1.6) -> bool:
    """Checks whether a window spans too few decades for ticks at powers of ten."""
    return window[1] - window[0] < decades


def _is_doubled(window: Range) -> bool:
    """Checks whether a window spans too few decades for powers of ten, but enough for ticks at 1, 2, 4, 8 …"""
    return _is_few(window) and not _is_few(window, 2 * _DOUBLING)


def _log(values: Array) -> Array:
    return np.log10(np.where(values < LEAST, LEAST, values))


def _from_log(place: float) -> float:
    return float(10.0 ** min(place, _HIGHEST))


def _log_steps(window: Range, least: float) -> Iterator[float]:
    """Yields the distances of ticks on a logarithmic axis: decades; doublings, which are even, too; else nice steps."""
    if _is_doubled(window) and least <= _DOUBLING:
        yield _DOUBLING
    if _is_few(window, 2 * _DOUBLING):
        yield from nice_steps(least)
    else:
        yield from _decades(least)


def _log_origin(window: Range) -> float:
    """Returns the place of the power of ten from which ticks double: of 1 if it is in the window."""
    if _is_doubled(window) and not window[0] <= 0 <= window[1]:
        return math.floor(window[0])
    return 0.0


def _log_label(place: float, step: float, _off: float) -> str:
    if step == _DOUBLING:
        return f"{_from_log(place):.6g}"
    if step >= 1:
        return _format_power(round(place))
    return _format_distinct(_from_log(place), _from_log(place) * step / 10, 3)


def _symlog(values: Array) -> Array:
    placed: Array = np.sign(values) * np.log10(1 + np.abs(values))
    return placed


def _from_symlog(place: float) -> float:
    return math.copysign(10 ** min(abs(place), 307.0) - 1, place)


def _symlog_steps(window: Range, least: float) -> Iterator[float]:
    """Yields the distances of ticks on a symlog axis: decades, or nice steps if the window spans few decades."""
    if _is_few(window):
        yield from nice_steps(least)
    else:
        yield from _decades(least)


def _symlog_label(place: float, step: float, off: float) -> str:
    """Formats the label of a tick on a symlog axis: 0 and ± powers of ten, or the value if that is farther off.

    10 lies 0.04 above the place of its exponent, 100 only 0.004: a wide axis of few decades has a 9 there.
    """
    if step < 1:
        value = _from_symlog(place)
        return _format_distinct(value, (abs(value) + 1) * step / 10, 3)
    exponent = abs(round(place))
    if not exponent:
        return "0"
    is_near = math.log10(1 + 10.0**-exponent) <= off
    return ("-" if place < 0 else "") + (_format_power(exponent) if is_near else f"{10.0**exponent - 1:g}")


AXES: dict[AxisScale, Axis] = {
    AxisScale.LINEAR: Axis(
        lambda values: values,
        lambda place: place,
        lambda window, least: nice_steps(least),  # noqa: ARG005
        lambda window: 0.0,  # noqa: ARG005
        lambda value, step, off: _format_distinct(value, step, 6),  # noqa: ARG005
    ),
    AxisScale.LOG: Axis(_log, _from_log, _log_steps, _log_origin, _log_label),
    AxisScale.SYMLOG: Axis(_symlog, _from_symlog, _symlog_steps, lambda window: 0.0, _symlog_label),  # noqa: ARG005
    AxisScale.FLAG: Axis(
        lambda values: values,
        lambda place: place,
        lambda window, least: nice_steps(max(1.0, least)),  # noqa: ARG005
        lambda window: 0.0,  # noqa: ARG005
        lambda place, step, off: f"{place:.0f}",  # noqa: ARG005  `ruler` replaces it by the chart's own names
    ),
}


@lru_cache(maxsize=64)
def ruler(
    scale: AxisScale, window: Range, cells: int, across: bool = False, names: tuple[str, ...] = FLAG_NAMES
) -> Ruler | None:
    """Computes limits and ticks of an axis for a window, or returns None if the window cannot be shown.

    `cells` are rows, or columns if the axis goes `across`. A window cannot be shown if its ends are not finite, not in
    ascending order, or too close to each other. `names` are the labels of the values of a flag, from 0 on.
    """
    axis, cells = AXES[scale], max(2, cells)
    is_sparse = scale in (AxisScale.FLAG, AxisScale.LOG)
    if scale is AxisScale.FLAG:
        axis = axis._replace(label=lambda place, step, off: dict(enumerate(names)).get(round(place), ""))  # noqa: ARG005
    low, high = axis.place(np.array(window)).tolist()
    if low < -FARTHEST or high > FARTHEST or not (_is_wide(low, high) and _is_wide(*window)):
        return None
    candidates = list(_rulers(axis, (low, high), cells, across, is_sparse)) if cells > 2 else []
    if not candidates:  # no tick fits, or two rows lie on either side of 0: there is one tick in the middle
        middle = cells // 2
        unit = (high - low) / (cells - 1)
        value = axis.value(low + middle * unit)
        return Ruler((low, high), (middle,), (_format_distinct(value, (window[1] - window[0]) / cells, 3),))
    _cost, best = min(candidates, key=itemgetter(0))
    return best


def _rulers(axis: Axis, window: Range, cells: int, across: bool, is_sparse: bool) -> Iterator[tuple[float, Ruler]]:
    """Yields rulers for a window with their costs: the best one for each number of cells between two ticks.

    With `is_sparse` ticks may be far apart, since there may be no values between them that could have one.
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
        ticks, labels = [], []
        for cell in range(-first % apart, cells, apart):
            label = axis.label(origin + (first + cell) // apart * step, step, unit if across else unit / 2)
            if label:
                ticks.append(cell)
                labels.append(label)
        if not labels or (across and len(labels) > 1 and max(map(len, labels)) + BETWEEN > apart):
            continue
        cost = unit * (cells - 1) / (high - low) - 1 + SPACING * abs(math.log(apart / usual))
        limits = origin + first * unit, origin + (first + cells - 1) * unit
        yield cost + FEW_TICKS.get(len(labels), 0.0), Ruler(limits, tuple(ticks), tuple(labels))


def _is_wide(low: float, high: float) -> bool:
    """Checks whether the ends of a range are far enough apart for ticks; they are not if one is nan or infinite."""
    return high - low > max(NARROWEST, RESOLUTION * max(abs(low), abs(high)))
