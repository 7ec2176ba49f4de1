"""Draws a ChartSpec as rows of characters and roles: the legend, what plot.py draws, and the notes in it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from quadfit_tui.core.model.array import Array
from quadfit_tui.core.text.ascii import ascii_cells, ascii_character
from quadfit_tui.core.text.language import _, labeled
from quadfit_tui.core.text.width import cell_width, cut, is_single, ljust, shortened, wrapped
from quadfit_tui.ui.charts.axes import AXES, BELOW, Ruler, columns_of, ruler
from quadfit_tui.ui.charts.clip import CellSize
from quadfit_tui.ui.charts.ground import BOTH, painted, shading
from quadfit_tui.ui.charts.labels import with_notes
from quadfit_tui.ui.charts.legend import MARKS, LegendStyle, inside, legend, whereabouts
from quadfit_tui.ui.charts.spec import (
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

MIN_WIDTH, MIN_HEIGHT = 16, 5  # below this there is no room for axes
TWO_ROWS = 16  # from this height on the legend may have them
CAPTIONED = 8  # and a chart its caption


_TOLD = (Role.FITTED, Role.TRUE, Role.OPTIMUM, Role.A, Role.B, Role.C)  # where they are, when they are out of sight
_EDGE_PLACES = (0.5, 0.3, 0.7, 0.25, 0.75, 0.2, 0.8, 0.4, 0.6)  # of the width, for that
BRIEF = 3  # columns: what may be written between two labels
_DASH = 2.0  # columns
_HEADS = "→↗↑↖←↙↓↘"  # by eighths of a turn
_HUGE = 1e300  # a value that stands for one beyond what a double holds, or is near it
CELL = 2.0  # a character is about twice as high as wide


def draw(
    spec: ChartSpec | TextPage, width: int, height: int, ascii: bool = False, signs: bool = False, halves: int = BOTH
) -> list[StyledRow]:
    """The chart in `height` rows of `width` columns: a legend, then the window with its axes; or the first rows of a
    TextPage.

    With `signs` lines are drawn in signs that tell them apart without colors, with `ascii` there is nothing but ASCII.
    Else a ground is painted, in so many `halves` of each cell, none if there are no colors for it. A chart smaller than
    MIN_WIDTH × MIN_HEIGHT is blank.
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
    """What is drawn of a chart, and how; its legend and caption; the axes that have the rows below them."""
    look = LegendStyle(signs, 0 if signs or spec.ground is None else halves)
    if look.halves:
        spec = replace(spec, series=tuple(series for series in spec.series if not series.bare))
    caption = _caption(spec, width, height)
    spec = _without_short_arrows(spec, width, height - len(caption) - 1)
    entries, rulers = _legend_and_rulers(spec, width, height - len(caption), look)
    return spec, look, [*entries, *caption], rulers


def _without_short_arrows(spec: ChartSpec, width: int, height: int) -> ChartSpec:
    """The chart without arrows that are shorter than one of its characters: no tip would be seen beside their start."""
    if not any(series.head for series in spec.series) or (rulers := _rulers(spec, width, height)) is None:
        return spec
    x, y = rulers
    axes = (spec.x_scale, x.limits, columns_of(width, y)), (spec.y_scale, y.limits, height - BELOW)

    def is_seen(series: Series) -> bool:
        with np.errstate(all="ignore"):
            cells = [
                np.ptp(AXES[scale].place(ends[-2:])) / (high - low) * count
                for ends, (scale, (low, high), count) in zip((series.x, series.y), axes, strict=True)
            ]
        return bool(max(cells) >= 1)

    return replace(spec, series=tuple(series for series in spec.series if not series.head or is_seen(series)))


def _caption(spec: ChartSpec, width: int, height: int) -> list[StyledRow]:
    if not spec.caption or height < CAPTIONED:
        return []
    count = 1 if height < TWO_ROWS or spec.caption_columns <= width else 2
    lines = wrapped(spec.caption, width)
    first, rest = lines[: count - 1], spec.caption.removeprefix("".join(lines[: count - 1])).lstrip(" ")
    texts = [*first, shortened(rest, width), *[""] * (count - 1 - len(first))]
    return [StyledRow(text, Role.TEXT * len(text)).fitted(width) for text in texts]


class Grid(NamedTuple):
    """The cells of a plot: their limits on the axes across and up, and how many there are."""

    x: Range
    y: Range
    wide: int
    high: int

    def cells(self, x: Array, y: Array) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """In which columns from the left, and rows from below, places on the axes are drawn."""
        columns, rows = (
            np.array([cell_of(place, limits, count) for place in places.tolist()], dtype=np.intp)
            for places, limits, count in ((x, self.x, self.wide), (y, self.y, self.high))
        )
        return columns, rows


def grid_of(spec: ChartSpec, width: int, height: int, signs: bool = False, halves: int = BOTH) -> Grid | None:
    """The grid of the plot in the chart that `draw` makes; None where there is no room for one."""
    if width < MIN_WIDTH or height < MIN_HEIGHT:
        return None
    *_, above, rulers = _laid_out(spec, width, height, signs, halves)
    if rulers is None:
        return None
    x, y = rulers
    return Grid(x.limits, y.limits, columns_of(width, y), height - len(above) - BELOW)


def place_at(
    spec: ChartSpec, width: int, height: int, column: int, row: int, signs: bool = False, halves: int = BOTH
) -> tuple[float, float] | None:
    """Where on the axes across and up a cell lies of the chart that `draw` makes; None of one beside the plot."""
    grid = grid_of(spec, width, height, signs, halves)
    if grid is None:
        return None
    across, up = column - (width - grid.wide), height - BELOW - 1 - row
    if not (0 <= across < grid.wide and 0 <= up < grid.high):
        return None
    return _place(across, grid.x, grid.wide), _place(up, grid.y, grid.high)


def _place(cell: int, limits: Range, cells: int) -> float:
    """The place in the middle of a cell of an axis, counted from its low end: the other way round than `cell_of`."""
    return limits[0] + cell * (limits[1] - limits[0]) / max(1, cells - 1)


def _in_ascii(row: StyledRow) -> StyledRow:
    """The row in ASCII, each character in the columns that it takes."""
    if is_single(row.text):
        return StyledRow("".join(map(ascii_character, row.text)), row.roles)
    roles = "".join(role * cell_width(char) for char, role in zip(row.text, row.roles, strict=True))
    return StyledRow(ascii_cells(row.text), roles)


def _legend_and_rulers(
    spec: ChartSpec, width: int, height: int, look: LegendStyle
) -> tuple[list[StyledRow], tuple[Ruler, Ruler] | None]:
    """The legend, and the axes across and up that have the rows below it.

    They are found together: the legend says what is out of sight, which depends on the rows that it leaves to the axes.
    """
    most = 1 if height < TWO_ROWS else 2
    for count in range(1, most + 1):
        rulers = _rulers(spec, width, height - count)
        window = rulers and (rulers[0].limits, rulers[1].limits)
        entries = legend(spec, window, width, most, look)
        if len(entries) <= count:
            break
    return [*entries, *[StyledRow(" " * width, Role.BLANK * width)] * (count - len(entries))], rulers


def _rulers(spec: ChartSpec, width: int, height: int) -> tuple[Ruler, Ruler] | None:
    """The axes across and up; None for what cannot be shown."""
    y = ruler(spec.y_scale, spec.y_range, height - BELOW, names=spec.y_names)
    x = y and ruler(spec.x_scale, spec.x_range, columns_of(width, y), across=True)
    return (x, y) if x and y else None


def _plot(
    spec: ChartSpec, rulers: tuple[Ruler, Ruler] | None, width: int, height: int, look: LegendStyle
) -> list[StyledRow]:
    from quadfit_tui.ui.charts.plot import plot  # loads plotext, which takes time: with the first picture

    if rulers is None:
        return [StyledRow(" " * width, Role.BLANK * width)] * height
    x, y = rulers
    window = x.limits, y.limits
    inner = columns_of(width, y)
    below = [] if look.halves else shading(spec, x, y, (inner, height - BELOW))
    rows = plot(width, height, x, y, chain(below, _drawn(spec, window, (width, height), look)))
    left = width - inner
    place_x, place_y = AXES[spec.x_scale].place, AXES[spec.y_scale].place
    high = len(rows) - BELOW
    if spec.cursor:
        across, up = (place(np.array([at])).item() for place, at in zip((place_x, place_y), spec.cursor, strict=True))
        at = high - 1 - cell_of(up, y.limits, high)
        if 0 <= at < high and x.limits[0] <= across <= x.limits[1]:
            rows[at] = _bracketed(rows[at], (across, across), x, left, Role.HERE)
    notes = [*spec.notes, *_edge_notes(spec, window)]
    notes = [replace(note, x=place_x(note.x), y=place_y(note.y)) for note in notes]
    inside = with_notes([StyledRow(row.text[left:], row.roles[left:]) for row in rows[:-BELOW]], notes, window)
    if look.halves:
        inside = painted(inside, spec, x, y, look.halves)
    noted = zip(rows, inside, strict=False)
    axis, *labels = rows[-BELOW:]
    return [
        *(StyledRow(row.text[:left] + text, row.roles[:left] + roles) for row, (text, roles) in noted),
        _bracketed(axis, spec.bracket, x, left, Role.SAMPLES) if spec.bracket else axis,
        *labels,
    ]


def cell_of(place: float, limits: Range, cells: int) -> int:
    """In which cell of an axis a place lies, from its low end; beyond it where that is outside."""
    return round((place - limits[0]) / (limits[1] - limits[0]) * (cells - 1))


def _bracketed(row: StyledRow, bracket: Range, x: Ruler, left: int, role: Role) -> StyledRow:
    """A row, with brackets around the columns of a range of places."""
    text, roles = [*row.text], [*row.roles]
    last = len(text) - left - 1
    low, high = (cell_of(end, x.limits, last + 1) for end in bracket)
    for at, sign in ((left + max(low - 1, 0), "["), (left + min(high + 1, last), "]")):
        text[at], roles[at] = sign, role
    return StyledRow("".join(text), "".join(roles))


def _drawn(spec: ChartSpec, window: Window, size: CellSize, look: LegendStyle) -> Iterator[Series]:
    """The series where the scales put them, with the marks that they are drawn in: none for braille."""
    place_x, place_y = AXES[spec.x_scale].place, AXES[spec.y_scale].place
    for series in spec.series:
        marks = MARKS[series.role]
        usual = marks.sign if look.signs else ""
        if series.line:
            mark = series.sign or usual if look.signs or look.halves else ""
        elif series.sign and not (series.mark or look.signs or look.halves):
            continue
        else:
            mark = look.own_mark(series) or marks.point or usual
        x, y = place_x(series.x), place_y(series.y)
        has_gaps = series.line and series.dash
        shown = np.where(_lengths(x, y, window, size) // _DASH % 3 >= series.dash, y, np.nan) if has_gaps else y
        yield Series(series.role, x, shown, series.line, mark=mark, lasting=series.lasting)
        if series.head and np.isfinite([x[-2:], y[-2:]]).all():
            yield Series(series.role, x[-1:], y[-1:], mark=_head(x, y, window, size))


def _lengths(x: Array, y: Array, window: Window, size: CellSize) -> Array:
    """How long the line through (x, y) is up to each of its points in the window, in columns."""
    parts = [
        np.diff(np.clip(np.nan_to_num(values), *ends)) / (ends[1] - ends[0]) * length
        for values, ends, length in zip((x, y), window, (size[0], size[1] * CELL), strict=True)
    ]
    return np.append(0.0, np.cumsum(np.hypot(*parts)))


def _edge_notes(spec: ChartSpec, window: Window) -> Iterator[Note]:
    """Where the curves are that are out of sight, and how far, at the edge that they lie beyond."""
    for series in spec.series:
        arrow = whereabouts(series, spec, window)[1:2] if series.role in _TOLD and series.label and series.line else ""
        if arrow:
            y = series.y[inside(AXES[spec.x_scale].place(series.x), window[0])]
            usual = _median(y[np.isfinite(y)])
            label = labeled(series.label, spec.y_name) if spec.y_name else series.label
            name = series.mark or label
            told = f"{name} ≈ {usual:.2g}" if abs(usual) < _HUGE else _("{name} is too large to show").format(name=name)
            axis = AXES[spec.x_scale].value
            (left, right), (bottom, top) = window
            x = np.array([axis(left + share * (right - left)) for share in _EDGE_PLACES])
            edge = AXES[spec.y_scale].value(top if arrow == "↑" else bottom)
            yield Note(series.role, f"{arrow} {told}", x, np.full(len(x), edge))


def _median(values: Array) -> float:
    """The median of values, inf where there are none; np.median would load 2 MB for masked arrays."""
    ordered, half = np.sort(values), len(values) // 2
    return float(ordered[len(values) - 1 - half : half + 1].mean()) if len(values) else math.inf


def _head(x: Array, y: Array, window: Window, size: CellSize) -> str:
    """The tip of an arrow, by its direction on the screen."""
    right, up = (
        (after - before) / (high - low) * length
        for (before, after), (low, high), length in zip(
            (x[-2:].tolist(), y[-2:].tolist()), window, (size[0], size[1] * CELL), strict=True
        )
    )
    return _HEADS[round(math.atan2(up, right) / (math.pi / 4)) % 8]


def _name_axis(rows: list[StyledRow], spec: ChartSpec) -> list[StyledRow]:
    """Writes the name of the x axis, if it has one, into the row of its labels."""
    *above, (text, _) = rows
    text = _named(text, spec.x_name) if spec.x_name else text
    return [*above, StyledRow(text, "".join(Role.BLANK if sign == " " else Role.AXIS for sign in text))]


def _named(text: str, name: str) -> str:
    """The labels with the name of their axis at the end, or left of the last one if it is that brief.

    Labels that it would touch, or of which only one blank would keep it, are left out. They are in ASCII.
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
