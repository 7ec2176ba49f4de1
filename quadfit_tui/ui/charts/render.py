"""Draws a ChartSpec as rows of characters and roles: the legend, what plot.py draws, and the notes in it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from quadfit_tui.core.model.array import Array
from quadfit_tui.core.text.ascii import ascii_cells, ascii_character
from quadfit_tui.core.text.language import _, labeled
from quadfit_tui.core.text.width import cell_width, cut, ellipsize, is_single, ljust, wrapped
from quadfit_tui.ui.charts.axes import AXES, BELOW, Ruler, inner_columns, ruler
from quadfit_tui.ui.charts.clip import CellSize
from quadfit_tui.ui.charts.ground import BOTH, ground_as_signs, paint_ground
from quadfit_tui.ui.charts.labels import write_notes
from quadfit_tui.ui.charts.legend import MARKS, LegendStyle, format_out_of_sight, inside, legend
from quadfit_tui.ui.charts.spec import (
    AxisScale,
    ChartSpec,
    Note,
    Range,
    Role,
    Series,
    StyledRow,
    TextPage,
    Window,
)
from quadfit_tui.ui.charts.text_page import FoldedPage

MIN_WIDTH, MIN_HEIGHT = 16, 5  # a smaller chart has no room for axes
TWO_ROWS = 16  # height of a chart from which on its legend may have two rows
CAPTIONED = 8  # height of a chart from which on it may have a caption


# Roles whose curves get a note at the edge beyond which they lie, and the shares of the width at which it may stand.
_NOTED_ROLES = (Role.FITTED, Role.TRUE, Role.OPTIMUM, Role.A, Role.B, Role.C)
_EDGE_PLACES = (0.5, 0.3, 0.7, 0.25, 0.75, 0.2, 0.8, 0.4, 0.6)
BRIEF = 3  # columns of the longest axis name that may stand between two labels
_DASH = 2.0  # columns of a third of a dash
_HEADS = "→↗↑↖←↙↓↘"  # one for each eighth of a turn
_HUGE = 1e300  # larger values are noted as too large to show, like those that no double holds
CELL = 2.0  # height of a character in units of its width, about


def draw(
    spec: ChartSpec | TextPage, width: int, height: int, ascii: bool = False, signs: bool = False, halves: int = BOTH
) -> list[StyledRow]:
    """Draws a chart, legend above axes, or the first rows of a page, as `height` rows of `width` columns.

    With `signs` lines are drawn in signs that differ without colors. With `ascii` all characters are ASCII. Otherwise
    the ground is painted in so many `halves` of each cell, or not at all if that is 0, for want of colors. A chart
    smaller than MIN_WIDTH × MIN_HEIGHT is blank.
    """
    if isinstance(spec, TextPage):
        return FoldedPage(spec, width, height).rows()
    if width < MIN_WIDTH or height < MIN_HEIGHT:
        return [StyledRow(" " * width, Role.BLANK * width)] * height
    spec, look, above, rulers = _laid_out(spec, width, height, ascii or signs, halves)
    rows = [*above, *_name_axis(_plot(spec, rulers, width, height - len(above), look), spec)]
    return [*map(_in_ascii, rows)] if ascii else rows


def _laid_out(
    spec: ChartSpec, width: int, height: int, signs: bool, halves: int
) -> tuple[ChartSpec, LegendStyle, list[StyledRow], tuple[Ruler, Ruler] | None]:
    """Lays out a chart: returns what is drawn of it, its style, the rows above the plot, and the axes below these.

    The rows above are legend and caption. The axes, across and up, are None if the window cannot be shown.
    """
    look = LegendStyle(signs, 0 if signs or spec.ground is None else halves)
    if look.halves:
        spec = replace(spec, series=tuple(series for series in spec.series if not series.bare))
    caption = _caption(spec, width, height)
    spec = _without_short_arrows(spec, width, height - len(caption) - 1)
    entries, rulers = _legend_and_rulers(spec, width, height - len(caption), look)
    return spec, look, [*entries, *caption], rulers


def _without_short_arrows(spec: ChartSpec, width: int, height: int) -> ChartSpec:
    """Removes arrows that are shorter than a character: their tip would hide their start."""
    if not any(series.head for series in spec.series):
        return spec
    rulers = _rulers(spec, width, height)
    if rulers is None:
        return spec
    x, y = rulers

    def cells_between(ends: Array, scale: AxisScale, limits: Range, count: int) -> Any:
        low, high = limits
        return np.ptp(AXES[scale].place(ends)) / (high - low) * count

    def is_long(arrow: Series) -> bool:
        with np.errstate(all="ignore"):
            columns = cells_between(arrow.x[-2:], spec.x_scale, x.limits, inner_columns(width, y))
            rows = cells_between(arrow.y[-2:], spec.y_scale, y.limits, height - BELOW)
        return bool(max([columns, rows]) >= 1)

    return replace(spec, series=tuple(series for series in spec.series if not series.head or is_long(series)))


def _caption(spec: ChartSpec, width: int, height: int) -> list[StyledRow]:
    """Returns the rows of the caption: none if the chart is too low, else as many as all captions of its kind have."""
    if not spec.caption or height < CAPTIONED:
        return []
    count = 1 if height < TWO_ROWS or spec.caption_columns <= width else 2
    texts = wrapped(spec.caption, width)[: count - 1]
    rest = spec.caption.removeprefix("".join(texts)).lstrip(" ")
    texts.append(ellipsize(rest, width))
    texts += [""] * (count - len(texts))
    return [StyledRow(text, Role.TEXT * len(text)).fitted(width) for text in texts]


class Grid(NamedTuple):
    """The cells of a plot: the places of the first and the last one on the axes across and up, and their counts."""

    x: Range
    y: Range
    wide: int
    high: int

    def cells(self, x: Array, y: Array) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Returns the columns from the left, and the rows from below, in which places on the axes are drawn."""
        columns = [cell_of(place, self.x, self.wide) for place in x.tolist()]
        rows = [cell_of(place, self.y, self.high) for place in y.tolist()]
        return np.array(columns, dtype=np.intp), np.array(rows, dtype=np.intp)


def plot_grid(spec: ChartSpec, width: int, height: int, signs: bool = False, halves: int = BOTH) -> Grid | None:
    """Returns the grid of the plot that `draw` makes with the same arguments, or None if there is no room for one."""
    if width < MIN_WIDTH or height < MIN_HEIGHT:
        return None
    *_, above, rulers = _laid_out(spec, width, height, signs, halves)
    if rulers is None:
        return None
    x, y = rulers
    return Grid(x.limits, y.limits, inner_columns(width, y), height - len(above) - BELOW)


def cell_to_place(
    spec: ChartSpec, width: int, height: int, column: int, row: int, signs: bool = False, halves: int = BOTH
) -> tuple[float, float] | None:
    """Converts a cell of the chart that `draw` makes to places on its axes, such as for a click; None beside the plot.

    `column` and `row` count from the left and from the top of the whole chart.
    """
    grid = plot_grid(spec, width, height, signs, halves)
    if grid is None:
        return None
    across, up = column - (width - grid.wide), height - BELOW - 1 - row
    if not (0 <= across < grid.wide and 0 <= up < grid.high):
        return None
    return _place(across, grid.x, grid.wide), _place(up, grid.y, grid.high)


def _place(cell: int, limits: Range, cells: int) -> float:
    """Returns the place of the middle of a cell on an axis, counted from its low end; the inverse of `cell_of`."""
    return limits[0] + cell * (limits[1] - limits[0]) / max(1, cells - 1)


def _in_ascii(row: StyledRow) -> StyledRow:
    """Transliterates a row to ASCII; each character keeps the columns that it takes."""
    if is_single(row.text):
        return StyledRow("".join(map(ascii_character, row.text)), row.roles)
    roles = "".join(role * cell_width(char) for char, role in zip(row.text, row.roles, strict=True))
    return StyledRow(ascii_cells(row.text), roles)


def _legend_and_rulers(
    spec: ChartSpec, width: int, height: int, look: LegendStyle
) -> tuple[list[StyledRow], tuple[Ruler, Ruler] | None]:
    """Computes the legend, and the axes across and up in the rows below it.

    Each depends on the other: the legend names what is out of sight, which depends on the rows that it leaves.
    """
    most = 1 if height < TWO_ROWS else 2
    for count in range(1, most + 1):
        rulers = _rulers(spec, width, height - count)
        window = rulers and (rulers[0].limits, rulers[1].limits)
        entries = legend(spec, window, width, most, look)
        if len(entries) <= count:
            break
    blank = StyledRow(" " * width, Role.BLANK * width)
    return entries + [blank] * (count - len(entries)), rulers


def _rulers(spec: ChartSpec, width: int, height: int) -> tuple[Ruler, Ruler] | None:
    """Computes the axes across and up, or returns None if the window cannot be shown."""
    y = ruler(spec.y_scale, spec.y_range, height - BELOW, names=spec.y_names)
    x = y and ruler(spec.x_scale, spec.x_range, inner_columns(width, y), across=True)
    return (x, y) if x and y else None


def _plot(
    spec: ChartSpec, rulers: tuple[Ruler, Ruler] | None, width: int, height: int, look: LegendStyle
) -> list[StyledRow]:
    """Draws series and axes of a chart in `height` rows, with its notes, its cursor, its bracket and its ground."""
    from quadfit_tui.ui.charts.plot import plot  # loads plotext, which takes time, so only for the first picture

    if rulers is None:
        return [StyledRow(" " * width, Role.BLANK * width)] * height
    x, y = rulers
    window = x.limits, y.limits
    inner = inner_columns(width, y)
    shades = [] if look.halves else ground_as_signs(spec, x, y, (inner, height - BELOW))
    rows = plot(width, height, x, y, chain(shades, _drawn(spec, window, (width, height), look)))
    left = width - inner
    place_x, place_y = AXES[spec.x_scale].place, AXES[spec.y_scale].place
    high = len(rows) - BELOW
    if spec.cursor:
        across = place_x(np.array([spec.cursor[0]])).item()
        up = place_y(np.array([spec.cursor[1]])).item()
        index = high - 1 - cell_of(up, y.limits, high)
        if 0 <= index < high and x.limits[0] <= across <= x.limits[1]:
            rows[index] = _bracketed(rows[index], (across, across), x, left, Role.HERE)
    notes = [*spec.notes, *_edge_notes(spec, window)]
    notes = [replace(note, x=place_x(note.x), y=place_y(note.y)) for note in notes]
    inside = write_notes([StyledRow(row.text[left:], row.roles[left:]) for row in rows[:-BELOW]], notes, window)
    if look.halves:
        inside = paint_ground(inside, spec, x, y, look.halves)
    plotted = [
        StyledRow(row.text[:left] + text, row.roles[:left] + roles)
        for row, (text, roles) in zip(rows, inside, strict=False)
    ]
    axis, *labels = rows[-BELOW:]
    if spec.bracket:
        axis = _bracketed(axis, spec.bracket, x, left, Role.SAMPLES)
    return [*plotted, axis, *labels]


def cell_of(place: float, limits: Range, cells: int) -> int:
    """Returns the cell of an axis in which a place lies, counted from its low end; below 0 or too large if outside."""
    return round((place - limits[0]) / (limits[1] - limits[0]) * (cells - 1))


def _bracketed(row: StyledRow, bracket: Range, x: Ruler, left: int, role: Role) -> StyledRow:
    """Writes brackets into a row, around the columns of a range of places; the plot begins at column `left`."""
    text, roles = [*row.text], [*row.roles]
    last = len(text) - left - 1
    low, high = (cell_of(end, x.limits, last + 1) for end in bracket)
    for column, sign in ((left + max(low - 1, 0), "["), (left + min(high + 1, last), "]")):
        text[column], roles[column] = sign, role
    return StyledRow("".join(text), "".join(roles))


def _drawn(spec: ChartSpec, window: Window, size: CellSize, look: LegendStyle) -> Iterator[Series]:
    """Yields the series in places on the axes instead of values, with the marks to draw them in: none for braille.

    Dashes have become gaps, and the head of an arrow a series of its own.
    """
    place_x, place_y = AXES[spec.x_scale].place, AXES[spec.y_scale].place
    uses_signs = bool(look.signs or look.halves)
    for series in spec.series:
        marks = MARKS[series.role]
        role_sign = marks.sign if look.signs else ""
        if series.line:
            mark = (series.sign or role_sign) if uses_signs else ""
        elif series.sign and not series.mark and not uses_signs:
            continue
        else:
            mark = look.own_mark(series) or marks.point or role_sign
        x, y = place_x(series.x), place_y(series.y)
        dashed = y
        if series.line and series.dash:
            is_drawn = _lengths(x, y, window, size) // _DASH % 3 >= series.dash
            dashed = np.where(is_drawn, y, np.nan)
        yield Series(series.role, x, dashed, series.line, mark=mark, lasting=series.lasting)
        if series.head and np.isfinite([x[-2:], y[-2:]]).all():
            yield Series(series.role, x[-1:], y[-1:], mark=_head(x, y, window, size))


def _lengths(x: Array, y: Array, window: Window, size: CellSize) -> Array:
    """Computes how long the line through (x, y) is up to each of its points, in columns, shape (n,).

    Points outside the window count as points of its edge.
    """
    x_range, y_range = window
    across = np.diff(np.clip(np.nan_to_num(x), *x_range)) / (x_range[1] - x_range[0]) * size[0]
    up = np.diff(np.clip(np.nan_to_num(y), *y_range)) / (y_range[1] - y_range[0]) * (size[1] * CELL)
    return np.append(0.0, np.cumsum(np.hypot(across, up)))


def _edge_notes(spec: ChartSpec, window: Window) -> Iterator[Note]:
    """Yields a note for each curve that is out of sight: its name and its median, at the edge beyond which it lies."""
    (left, right), (bottom, top) = window
    for series in spec.series:
        if not (series.role in _NOTED_ROLES and series.label and series.line):
            continue
        arrow = format_out_of_sight(series, spec, window)[1:2]
        if not arrow:
            continue
        y = series.y[inside(AXES[spec.x_scale].place(series.x), window[0])]
        median = _median(y[np.isfinite(y)])
        label = labeled(series.label, spec.y_name) if spec.y_name else series.label
        name = series.mark or label
        too_large = _("{name} is too large to show").format(name=name)
        text = f"{name} ≈ {median:.2g}" if abs(median) < _HUGE else too_large
        x_value = AXES[spec.x_scale].value
        x = np.array([x_value(left + share * (right - left)) for share in _EDGE_PLACES])
        edge = AXES[spec.y_scale].value(top if arrow == "↑" else bottom)
        yield Note(series.role, f"{arrow} {text}", x, np.full(len(x), edge))


def _median(values: Array) -> float:
    """Computes the median of values, inf if there are none; np.median would load 2 MB for masked arrays."""
    if not len(values):
        return math.inf
    half = len(values) // 2
    return float(np.sort(values)[len(values) - 1 - half : half + 1].mean())


def _head(x: Array, y: Array, window: Window, size: CellSize) -> str:
    """Returns the arrow head that points as the line through (x, y) does on the screen at its end."""
    (left, right), (bottom, top) = window
    (x_before, x_after), (y_before, y_after) = x[-2:].tolist(), y[-2:].tolist()
    across = (x_after - x_before) / (right - left) * size[0]
    up = (y_after - y_before) / (top - bottom) * (size[1] * CELL)
    return _HEADS[round(math.atan2(up, across) / (math.pi / 4)) % 8]


def _name_axis(rows: list[StyledRow], spec: ChartSpec) -> list[StyledRow]:
    """Writes the name of the x axis, if it has one, into the row of its labels."""
    *above, (text, _) = rows
    text = _named(text, spec.x_name) if spec.x_name else text
    return [*above, StyledRow(text, "".join(Role.BLANK if sign == " " else Role.AXIS for sign in text))]


def _named(text: str, name: str) -> str:
    """Writes the name of the x axis at the end of its labels, or left of the last label if it is brief enough.

    Labels that it would touch, or that are only one blank away, are left out. The labels are ASCII.
    """
    name = cut(f" {name}", len(text))
    room = cell_width(name)
    last = len(text.rstrip()) - len(text.split()[-1]) if text.strip() else 0
    begin = len(text) - room
    if last > begin - 1 and room <= BRIEF and not text[last - room - 2 : last].strip():
        begin = last - room - 1
    end = begin
    while end and text[end - 1] != " ":
        end -= 1
    rest = text[begin + room :] if begin < last else ""
    return ljust(text[:end], begin) + name + rest
