"""Draws a ChartSpec in characters: the only importer of plotext, and no importer of Textual.

plotext's core ends the whole process on lines that leave the window by far, so every series is cut to it here first.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import plotext
from numpy.typing import NDArray

from quadfit_tui.ui.axes import AXES
from quadfit_tui.ui.chartspec import Array, ChartSpec, Page, Range, Role, Row, Scale, Series
from quadfit_tui.ui.notes import write_notes
from quadfit_tui.ui.sheet import Bookmark, Sheet

MIN_WIDTH, MIN_HEIGHT = 16, 5  # below this there is no room for axes
TWO_ROWS = 16  # from this height on the legend may have them

plotext.terminal.limit(False, False)  # or charts are cut to the size of the terminal


class _Marks(NamedTuple):
    """A role's marker for points, that for lines where braille dots cannot be shown, and its samples in the legend."""

    point: str
    ascii_line: str
    sample: str
    ascii_sample: str


_MARKS = {
    Role.TRUE: _Marks("x", ".", "⠤⠤⠤", "..."),
    Role.FITTED: _Marks("o", "*", "⠤o⠤", "*o*"),
    Role.SAMPLES: _Marks("+", "+", "+", "+"),
    Role.BATCH: _Marks("#", "|", "#", "#"),
    Role.OPTIMUM: _Marks("*", "-", "⠤*⠤", "-*-"),
    Role.GHOST: _Marks("g", ",", "⠤⠤⠤", ",,,"),
    Role.RATE: _Marks("|", "|", "|", "|"),
    Role.A: _Marks("a", "a", "a", "a"),
    Role.B: _Marks("b", "b", "b", "b"),
    Role.C: _Marks("c", "c", "c", "c"),
    Role.HERE: _Marks("@", "@", "@", "@"),
    Role.CONTOUR: _Marks("+", ".", "⠤⠤⠤", "..."),
    Role.PATH: _Marks("o", "~", "⠤o⠤", "~o~"),
    Role.AHEAD: _Marks(".", "'", "⠤⠤⠤", "'''"),
    Role.ARROW: _Marks("→", ":", "→", "→"),
}
_ASCII = str.maketrans("─│┌┐└┘├┤┬┴┼↑↓↕→←↗↘↖↙−·…", "-|+++++++++^v-></\\\\/-.~")
_HEADS = "→↗↑↖←↙↓↘"  # by eighths of a turn
CELL = 2.0  # a character is about twice as high as wide

# plotext paints with palette numbers; these stand for the roles, and are read back from its output.
_NUMBER = {role: number for number, role in enumerate(Role, 1)}
_ROLE = {number: role for role, number in _NUMBER.items()}
_PAINT = re.compile(r"\x1b\[([\d;]*)m")


def draw(spec: ChartSpec | Page, width: int, height: int, ascii: bool = False) -> list[Row]:
    """The chart in `height` rows of `width` characters: a legend, then the window with its axes; or the first rows of a
    Page.

    A chart smaller than MIN_WIDTH × MIN_HEIGHT is blank. One synchronous call: plotext draws on one global figure.
    """
    if isinstance(spec, Page):
        return Sheet(spec, width, height).rows(Bookmark().spot)
    if width < MIN_WIDTH or height < MIN_HEIGHT:
        return [Row(" " * width, Role.BLANK * width)] * height
    legend = _legend(spec, width, 1 if height < TWO_ROWS else 2, ascii)
    rows = [*legend, *_name_axis(_plot(spec, width, height - len(legend), ascii), spec)]
    return [Row(row.text.translate(_ASCII), row.roles) for row in rows] if ascii else rows


def as_text(spec: ChartSpec | Page, width: int, height: int, ascii: bool = False) -> list[str]:
    """The chart or page as lines of text without colours."""
    return [row.text.rstrip() for row in draw(spec, width, height, ascii)]


def _plot(spec: ChartSpec, width: int, height: int, ascii: bool) -> list[Row]:
    figure = plotext.figure
    figure.clear()
    figure.theme("colorless")
    figure.plot_size(width, height)
    figure.axes(active=False, side=1)
    figure.axes(pixel=_NUMBER[Role.AXIS], side=0)
    placed = _placed(spec)
    for axis, scale, window, places, count in (
        (0, spec.x_scale, spec.x_range, placed.x_range, width // 8),
        (1, spec.y_scale, spec.y_range, placed.y_range, height * 2 // 5),
    ):
        ticks = AXES[scale].ticks(window, count)
        ruler = figure.ruler(axis, 0)
        ruler.lim(*places)
        ruler.ticks(AXES[scale].place(np.array(ticks.values)).tolist(), ticks.labels)
        ruler.pixel(_NUMBER[Role.AXIS])
    for series in placed.series:
        if series.line:
            _add_line(figure, series, placed, ascii)
            if series.head:
                _add_points(figure, _head(series, placed, width, height), placed)
        else:
            _add_points(figure, series, placed)
    rows = [_decode(line, width) for line in figure.build().string().splitlines()[:height]]
    return write_notes(rows, placed) if spec.notes else rows


def _head(series: Series, spec: ChartSpec, width: int, height: int) -> Series:
    """The tip of an arrow, by its direction on the screen."""
    x, y = (float(values[-1] - values[-2]) for values in (series.x, series.y))
    right = x / (spec.x_range[1] - spec.x_range[0]) * width
    up = y / (spec.y_range[1] - spec.y_range[0]) * height * CELL
    mark = _HEADS[round(math.atan2(up, right) / (math.pi / 4)) % 8]
    return Series(series.role, series.x[-1:], series.y[-1:], mark=mark)


def _placed(spec: ChartSpec) -> ChartSpec:
    """The same on linear axes: each value where its scale puts it."""
    if spec.x_scale is spec.y_scale is Scale.LINEAR:
        return spec
    x, y = AXES[spec.x_scale].place, AXES[spec.y_scale].place

    def window(place: Callable[[Array], Array], values: Range) -> Range:
        low, high = place(np.array(values)).tolist()
        return low, high

    series = tuple(replace(series, x=x(series.x), y=y(series.y)) for series in spec.series)
    notes = tuple(replace(note, x=x(note.x), y=y(note.y)) for note in spec.notes)
    return replace(spec, x_range=window(x, spec.x_range), y_range=window(y, spec.y_range), series=series, notes=notes)


def _add_line(figure: plotext.figure, series: Series, spec: ChartSpec, ascii: bool) -> None:
    marks = _MARKS[series.role]
    marker = plotext.marker(marks.ascii_line if ascii else "braille", _NUMBER[series.role])
    for x, y in clip_polyline(series.x, series.y, spec.x_range, spec.y_range):
        figure.draw(figure.signal(x.tolist(), y.tolist(), marker=marker).lines())


def _add_points(figure: plotext.figure, series: Series, spec: ChartSpec) -> None:
    inside = _inside(series.x, spec.x_range) & _inside(series.y, spec.y_range)
    if inside.any():
        marker = plotext.marker(series.mark or _MARKS[series.role].point, _NUMBER[series.role])
        figure.draw(figure.signal(series.x[inside].tolist(), series.y[inside].tolist(), marker=marker))


def _inside(values: Array, window: Range) -> NDArray[np.bool_]:
    return (values >= window[0]) & (values <= window[1])


def clip_polyline(x: Array, y: Array, x_range: Range, y_range: Range) -> list[tuple[Array, Array]]:
    """The parts of the polyline through (x, y), each of shape (n,), that lie in the window; any float may occur.

    Each segment is cut by the method of Liang and Barsky (1984); cut segments that share a point are joined again.
    Segments with an end that is nan or infinite are left out.
    """
    finite = np.isfinite(x) & np.isfinite(y)
    # Far away all slopes look the same, and differences of the largest doubles would overflow.
    far_x, far_y = _far(x_range), _far(y_range)
    x, y = np.clip(np.nan_to_num(x), *far_x), np.clip(np.nan_to_num(y), *far_y)
    dx, dy = np.diff(x), np.diff(y)
    enter, leave = np.zeros(len(dx)), np.ones(len(dx))
    drawn = finite[:-1] & finite[1:]
    for start, delta, (low, high) in ((x[:-1], dx, x_range), (y[:-1], dy, y_range)):
        with np.errstate(all="ignore"):
            first, second = (low - start) / delta, (high - start) / delta
        moving = delta != 0
        enter = np.where(moving, np.maximum(enter, np.minimum(first, second)), enter)
        leave = np.where(moving, np.minimum(leave, np.maximum(first, second)), leave)
        drawn &= moving | ((start >= low) & (start <= high))
    drawn &= enter <= leave
    return _join(x, y, dx, dy, enter, leave, np.flatnonzero(drawn), x_range, y_range)


def _far(window: Range) -> Range:
    reach = 1e6 * (window[1] - window[0])
    return window[0] - reach, window[1] + reach


def _join(
    x: Array,
    y: Array,
    dx: Array,
    dy: Array,
    enter: Array,
    leave: Array,
    drawn: NDArray[np.intp],
    x_range: Range,
    y_range: Range,
) -> list[tuple[Array, Array]]:
    """Puts cut segments together: one begins a new piece where it enters from outside or follows none."""
    found = []
    if not len(drawn):
        return []
    begins = np.flatnonzero((np.diff(drawn, prepend=drawn[0] - 2) > 1) | (enter[drawn] > 0))
    for run in np.split(drawn, begins[1:]):
        at = np.concatenate([run[:1], run])
        t = np.concatenate([enter[run[:1]], leave[run]])
        found.append((np.clip(x[at] + t * dx[at], *x_range), np.clip(y[at] + t * dy[at], *y_range)))
    return found


def _decode(line: str, width: int) -> Row:
    """Text and roles from a line with the paint of `_NUMBER` in it."""
    text, roles, role = "", "", Role.BLANK
    for index, part in enumerate(_PAINT.split(line)):
        if index % 2:
            if not part.startswith("48;"):  # the background's own colour stands for nothing
                number = part.rpartition(";")[2]
                role = _ROLE.get(int(number or 0), Role.BLANK)
        else:
            text += part
            roles += role * len(part)
    return Row(text.ljust(width)[:width], roles.ljust(width)[:width])


def _name_axis(rows: list[Row], spec: ChartSpec) -> list[Row]:
    """Writes the name of the x axis at the end of its line."""
    *above, line, labels = rows
    name = f" {spec.x_name}"
    text = line.text[: -len(name)] + name
    return [*above, Row(text, line.roles[: -len(name)] + Role.AXIS * len(name)), labels]


def _legend(spec: ChartSpec, width: int, rows: int, ascii: bool) -> list[Row]:
    """The labels, those of the upper series first, each in the first row that has room for it."""
    name = f"{spec.y_name}  " if spec.y_name else ""
    texts, roles = [name] + [""] * (rows - 1), [Role.AXIS * len(name)] + [""] * (rows - 1)
    for series in reversed(spec.series):
        if series.label:
            marks = _MARKS[series.role]
            sample = series.mark or (marks.ascii_sample if ascii else marks.sample)
            entry = f"{sample} {series.label}{_whereabouts(series, spec)}"
            for at in range(rows):
                if len(texts[at]) + len(entry) <= width:  # half a word tells nothing
                    texts[at] += f"{entry}  "
                    roles[at] += series.role * (len(entry) + 2)
                    break
    return [
        Row(text.ljust(width)[:width], role.ljust(width)[:width])
        for at, (text, role) in enumerate(zip(texts, roles, strict=True))
        if at == 0 or text
    ]


def _whereabouts(series: Series, spec: ChartSpec) -> str:
    """Where a series is that cannot be seen: above the window, below it, or both."""
    y = series.y[_inside(series.x, spec.x_range)]
    low, high = spec.y_range
    if not len(y) or _inside(y, spec.y_range).any():
        return ""
    if (y > high).all():
        return " ↑ above"
    return " ↓ below" if (y < low).all() else " ↕ outside"
