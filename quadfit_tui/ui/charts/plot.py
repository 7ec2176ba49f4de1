"""The inside and the axes of a chart as plotext draws them. The only importer of plotext."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import groupby
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np

from quadfit_tui.core.model.array import Array
from quadfit_tui.ui.charts.axes import BELOW, Ruler, inner_columns
from quadfit_tui.ui.charts.clip import FIRST, LAST, CellSize, visible_line, visible_points
from quadfit_tui.ui.charts.spec import Range, Role, Series, StyledRow, Window

# On import, plotext compiles a manual of all its methods: a fifth of the app's start, and 5 MB of each session. Nobody
# reads it here, so an empty module replaces it. A plotext that keeps its manual elsewhere only starts more slowly.
_MANUAL = ModuleType("plotext._doc.doc")
_MANUAL.__dict__["docs"] = None
sys.modules.setdefault(_MANUAL.__name__, _MANUAL)

import plotext  # noqa: E402

# plotext chooses unused colors by looking at the colors of all points of each signal. This bound makes it skip that,
# which nobody needs here and which takes a fifth of a chart's time. A plotext with another name for it is only slower.
sys.modules["plotext._signal.signal"].__dict__["max_unique_pixels"] = 1
plotext.terminal.limit(False, False)  # else charts are cut to the size of the terminal

# plotext knows colors, but no roles: each role gets the color of its number, by which its cells are read back.
_COLORS = {role: number for number, role in enumerate(Role)}
_LETTERS = [str(role) for role in Role]
_ESCAPE = re.compile(r"\x1b\[[\d;]*m")
_COLORED_TEXT = re.compile(r"\x1b\[38;5;(\d+)m(?:\x1b\[48;5;\d+m)?([^\x1b]*)")  # a background has no meaning here

_BRAILLE_DOTS, _MARK_DOTS = (2, 4), (1, 1)  # dots that a cell can show: across, down
_ROUNDING = 2.0**20  # parts of a cell: a chart whose points move by less is not drawn again
_GAP = np.array([np.nan])  # between two lines, so that nothing joins them


class ClippedSeries(NamedTuple):
    """What is visible of a series. Its arrays are bytes, so that it can be the key of a cache.

    `x` and `y` are positions in cells, from the left and from the top, float64 of shape (n,). `begins` are the indices
    of the points at which a piece of a line begins, intp; it is empty for points.
    """

    role: Role
    mark: str
    lasting: bool
    x: bytes
    y: bytes
    begins: bytes


def plot(width: int, height: int, x: Ruler, y: Ruler, series: Iterable[Series]) -> list[StyledRow]:
    """Draws series and their axes by plotext and returns `height` rows: lines and points in their marks, else braille.

    plotext draws on one global figure: all calls must come from one thread.
    """
    size = _inner_size(width, height, y)
    window = x.limits, y.limits
    visible: list[ClippedSeries] = []
    if min(size) > 1:
        for merged in _merge_alike(series):
            visible.append(_clip_cached(merged, window, size) if merged.lasting else _clip(merged, window, size))
    return list(build_rows(width, height, x, y, tuple(visible)))


def _inner_size(width: int, height: int, y: Ruler) -> CellSize:
    """Computes how many columns and rows a chart of `width` × `height` cells has inside its axes."""
    return inner_columns(width, y), max(1, height - BELOW)


@lru_cache(maxsize=16)
def build_rows(
    width: int, height: int, x: Ruler, y: Ruler, visible: tuple[ClippedSeries, ...]
) -> tuple[StyledRow, ...]:
    """Builds the rows of a chart with plotext; cached, because a run that rests asks for the same chart again."""
    _reset_figure(width, height, x, y)
    for series in visible:
        signal = _cached_signal(series) if series.lasting else _signal(series)
        plotext.figure.draw(signal)
    return tuple(_parse_rows(plotext.figure.build().string())[:height])


def _reset_figure(width: int, height: int, x: Ruler, y: Ruler) -> None:
    """Empties plotext's figure and sets its size and axes, before signals are drawn on it.

    Its x counts cells from the left. Its y goes up, so cells from the top have negative y. Only the data are cleared,
    and each setting is made anew, because figure.clear() would also look at the terminal.
    """
    figure = plotext.figure
    figure.clear.data()
    figure.theme("colorless")
    figure.plot_size(width, height)
    figure.axes(active=False, side=1)
    figure.axes(pixel=_COLORS[Role.AXIS], side=0)
    columns, rows = (max(2, count) for count in _inner_size(width, height, y))
    _set_axis(0, (FIRST, columns - LAST), [tick + 0.5 for tick in x.ticks], x.labels)
    _set_axis(1, (LAST - rows, -FIRST), [tick + 0.5 - rows for tick in y.ticks], y.labels)


def _set_axis(number: int, limits: Range, ticks: list[float], labels: tuple[str, ...]) -> None:
    """Sets limits, ticks and color of one of plotext's axes: 0 is x, 1 is y."""
    axis = plotext.figure.ruler(number, 0)
    axis.lim(*limits)
    axis.ticks(ticks, list(labels))
    axis.pixel(_COLORS[Role.AXIS])


def _parse_rows(built: str) -> list[StyledRow]:
    """Parses the string that plotext built, lines with color escapes, into rows of text and roles."""
    roles = _COLORED_TEXT.sub(_role_letters, built)
    text_lines = _ESCAPE.sub("", built).splitlines()
    role_lines = _ESCAPE.sub("", roles).splitlines()
    return [StyledRow(text, letters) for text, letters in zip(text_lines, role_lines, strict=True)]


def _role_letters(colored: re.Match[str]) -> str:
    """Returns the letters of the role that a match of _COLORED_TEXT has the color of, one for each character."""
    color, text = colored.groups()
    return _LETTERS[int(color)] * len(text)


def _merge_alike(series: Iterable[Series]) -> Iterator[Series]:
    """Merges neighboring series that look alike into one, because plotext takes time for each signal."""
    for _look, group in groupby(series, lambda one: (one.role, one.line, one.mark, one.lasting)):
        alike = list(group)
        yield _concatenate(alike) if len(alike) > 1 else alike[0]


def _concatenate(alike: list[Series]) -> Series:
    """Concatenates the points of series that look alike; gaps keep lines apart."""
    first = alike[0]
    x_parts, y_parts = [first.x], [first.y]
    for other in alike[1:]:
        if first.line:
            x_parts.append(_GAP)
            y_parts.append(_GAP)
        x_parts.append(other.x)
        y_parts.append(other.y)
    x, y = np.concatenate(x_parts), np.concatenate(y_parts)
    return Series(first.role, x, y, first.line, mark=first.mark, lasting=first.lasting)


def _clip(series: Series, window: Window, size: CellSize) -> ClippedSeries:
    """Clips a series to the window, because plotext would abort the process on points outside."""
    dots = _MARK_DOTS if series.mark else _BRAILLE_DOTS
    if series.line:
        x, y, begins = visible_line(series.x, series.y, window, size, dots)
    else:
        x, y = visible_points(series.x, series.y, window, size, dots)
        begins = np.array([], dtype=np.intp)
    return ClippedSeries(
        series.role, series.mark, series.lasting, _rounded_bytes(x), _rounded_bytes(y), begins.tobytes()
    )


def _rounded_bytes(positions: Array) -> bytes:
    return (np.round(positions * _ROUNDING) / _ROUNDING).tobytes()


def _clip_cached(series: Series, window: Window, size: CellSize) -> ClippedSeries:
    """Clips a lasting series, which most pictures have in common, or returns it as it was clipped before."""
    return _clip_of_bytes(series.role, series.line, series.mark, series.x.tobytes(), series.y.tobytes(), window, size)


@lru_cache(maxsize=64)
def _clip_of_bytes(
    role: Role, line: bool, mark: str, x: bytes, y: bytes, window: Window, size: CellSize
) -> ClippedSeries:
    """Clips a lasting series whose points are bytes, since arrays cannot be keys of a cache."""
    return _clip(Series(role, np.frombuffer(x), np.frombuffer(y), line, mark=mark, lasting=True), window, size)


def _signal(series: ClippedSeries) -> Any:
    """Creates plotext's signal of a clipped series: separate points, or a line for each piece."""
    x = np.frombuffer(series.x).tolist()
    y = [-row for row in np.frombuffer(series.y).tolist()]
    begins = np.frombuffer(series.begins, dtype=np.intp).tolist()
    marker = plotext.marker(series.mark or "braille", _COLORS[series.role])
    signal = plotext.figure.signal(x, y, marker=marker)
    if begins:
        signal.lines()
        for begin in begins[1:]:
            signal.line(begin, False)
    return signal


_cached_signal = lru_cache(maxsize=64)(_signal)
