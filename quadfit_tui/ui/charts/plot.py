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

from quadfit_tui.ui.charts.axes import BELOW, Ruler, columns_of
from quadfit_tui.ui.charts.clip import FIRST, LAST, CellSize, visible_line, visible_points
from quadfit_tui.ui.charts.spec import Role, Series, StyledRow, Window

# On import, plotext compiles a manual of all its methods: a fifth of the app's start, and 5 MB of each session. Nobody
# reads it here, so an empty one stands in its place. A plotext that keeps its manual elsewhere only starts more slowly.
_MANUAL = ModuleType("plotext._doc.doc")
_MANUAL.__dict__["docs"] = None
sys.modules.setdefault(_MANUAL.__name__, _MANUAL)

import plotext  # noqa: E402

_LETTERS = [str(role) for role in Role]  # a role's number is its color in plotext's palette, by which it is read back
_COLORS = {role: number for number, role in enumerate(Role)}
_PAINT = re.compile(r"\x1b\[[\d;]*m")
_COLORED = re.compile(r"\x1b\[38;5;(\d+)m(?:\x1b\[48;5;\d+m)?([^\x1b]*)")  # a background says nothing
BRAILLE, SIGN = (2, 4), (1, 1)  # dots of a cell: across, down
_FINEST = 2.0**20  # parts of a cell: what moves by less is not drawn anew
_GAP = np.array([np.nan])  # nothing joins one line to the next

# It takes the colors of all points of each signal out of those that it would choose by itself, which nobody asks for
# here: a fifth of the time of a chart. A plotext that names that bound otherwise is only slower.
sys.modules["plotext._signal.signal"].__dict__["max_unique_pixels"] = 1
plotext.terminal.limit(False, False)  # or charts are cut to the size of the terminal


class Dots(NamedTuple):
    """What is drawn of a series, as bytes, by which it is known again: places in cells, and where a piece begins."""

    role: Role
    mark: str
    lasting: bool
    x: bytes
    y: bytes
    begins: bytes  # none of points


def plot(width: int, height: int, x: Ruler, y: Ruler, series: Iterable[Series]) -> list[StyledRow]:
    """The series between their axes in `height` rows: lines and points in their marks, in braille without one.

    One synchronous call from one thread: plotext draws on one global figure.
    """
    size = columns_of(width, y), max(1, height - BELOW)
    window = x.limits, y.limits
    shown = []
    for each in _merged(series) if min(size) > 1 else ():
        if each.lasting:
            shown.append(_kept(each.role, each.line, each.mark, each.x.tobytes(), each.y.tobytes(), window, size))
        else:
            shown.append(_dots(each, window, size))
    return [*drawn_of(width, height, x, y, tuple(shown))]


@lru_cache(maxsize=16)
def drawn_of(width: int, height: int, x: Ruler, y: Ruler, shown: tuple[Dots, ...]) -> tuple[StyledRow, ...]:
    """What plotext draws: it is not asked again where nothing has moved, as in a run that rests."""
    _prepare(width, height, x, y, (columns_of(width, y), max(1, height - BELOW)))
    for dots in shown:
        plotext.figure.draw((_kept_signal if dots.lasting else _signal)(dots))
    return tuple(_rows(plotext.figure.build().string())[:height])


def _prepare(width: int, height: int, x: Ruler, y: Ruler, size: CellSize) -> None:
    """An empty chart, in cells from the left and, below 0, from the top.

    All settings are made anew, and the data go; clear() would also look at the terminal.
    """
    figure = plotext.figure
    figure.clear.data()
    figure.theme("colorless")
    figure.plot_size(width, height)
    figure.axes(active=False, side=1)
    figure.axes(pixel=_COLORS[Role.AXIS], side=0)
    columns, rows = (max(2, count) for count in size)
    for axis, limits, ticks, labels in (
        (0, (FIRST, columns - LAST), [tick + 0.5 for tick in x.ticks], x.labels),
        (1, (LAST - rows, -FIRST), [tick + 0.5 - rows for tick in y.ticks], y.labels),
    ):
        ruler = figure.ruler(axis, 0)
        ruler.lim(*limits)
        ruler.ticks(ticks, [*labels])
        ruler.pixel(_COLORS[Role.AXIS])


def _rows(built: str) -> list[StyledRow]:
    """Text and roles of what plotext has built, lines with paint in them."""
    roles = _COLORED.sub(lambda found: _LETTERS[int(found[1])] * len(found[2]), built)
    lines = (_PAINT.sub("", each).splitlines() for each in (built, roles))
    return [StyledRow(*line) for line in zip(*lines, strict=True)]


def _merged(series: Iterable[Series]) -> Iterator[Series]:
    """Merges neighboring series that look alike into one: each signal costs."""
    for look, found in groupby(series, lambda each: (each.role, each.line, each.mark, each.lasting)):
        first, *others = found
        if others:
            role, line, mark, lasting = look
            gap = [_GAP] if line else []
            x = np.concatenate([first.x, *(part for each in others for part in (*gap, each.x))])
            y = np.concatenate([first.y, *(part for each in others for part in (*gap, each.y))])
            first = Series(role, x, y, line, mark=mark, lasting=lasting)
        yield first


@lru_cache(maxsize=64)
def _kept(role: Role, line: bool, mark: str, x: bytes, y: bytes, window: Window, size: CellSize) -> Dots:
    """The dots of a series that will be drawn again."""
    return _dots(Series(role, np.frombuffer(x), np.frombuffer(y), line, mark=mark, lasting=True), window, size)


def _dots(series: Series, window: Window, size: CellSize) -> Dots:
    """What is drawn of a series: nothing that is outside, or plotext would abort the process."""
    shape = SIGN if series.mark else BRAILLE
    if series.line:
        x, y, begins = visible_line(series.x, series.y, window, size, shape)
    else:
        (x, y), begins = visible_points(series.x, series.y, window, size, shape), np.array([], dtype=np.intp)
    places = (np.round(values * _FINEST) / _FINEST for values in (x, y))
    return Dots(series.role, series.mark, series.lasting, *(each.tobytes() for each in (*places, begins)))


def _signal(dots: Dots) -> Any:
    x, y = (np.frombuffer(values).tolist() for values in (dots.x, dots.y))
    begins = np.frombuffer(dots.begins, dtype=np.intp).tolist()
    marker = plotext.marker(dots.mark or "braille", _COLORS[dots.role])
    signal = plotext.figure.signal(x, [-each for each in y], marker=marker)
    if begins:
        signal.lines()
        for begin in begins[1:]:
            signal.line(begin, False)
    return signal


_kept_signal = lru_cache(maxsize=64)(_signal)
