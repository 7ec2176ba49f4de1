"""Draws a ChartSpec in characters: a legend, the frame with its axes, a Canvas inside it. No importer of Textual."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from quadfit_tui.core.model.array import Array
from quadfit_tui.core.text.ascii import ascii_character
from quadfit_tui.ui.charts.axes import AXES
from quadfit_tui.ui.charts.canvas import Canvas
from quadfit_tui.ui.charts.frame import BELOW, Framer, Ruler, frame
from quadfit_tui.ui.charts.labels import write_notes
from quadfit_tui.ui.charts.spec import ChartSpec, Page, Range, Role, Row, Scale, Series
from quadfit_tui.ui.charts.text_page import Bookmark, Sheet

MIN_WIDTH, MIN_HEIGHT = 16, 5  # below this there is no room for axes
TWO_ROWS = 16  # from this height on the legend may have them


class _Marks(NamedTuple):
    """A role's marker for points, that for lines where braille dots cannot be shown, and its samples in the legend."""

    point: str
    sign: str
    sample: str
    signs: str


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
_HEADS = "→↗↑↖←↙↓↘"  # by eighths of a turn
CELL = 2.0  # a character is about twice as high as wide


def draw(
    spec: ChartSpec | Page,
    width: int,
    height: int,
    ascii: bool = False,
    signs: bool = False,
    framed: Framer = frame,
) -> list[Row]:
    """The chart in `height` rows of `width` characters: a legend, then the window with its axes; or the first rows of a
    Page.

    With `signs` lines are drawn in signs that tell them apart without colors, with `ascii` there is nothing but ASCII.
    A chart smaller than MIN_WIDTH × MIN_HEIGHT is blank.
    """
    if isinstance(spec, Page):
        return Sheet(spec, width, height).rows(Bookmark().spot)
    if width < MIN_WIDTH or height < MIN_HEIGHT:
        return [Row(" " * width, Role.BLANK * width)] * height
    legend = _legend(spec, width, 1 if height < TWO_ROWS else 2, ascii or signs)
    rows = [*legend, *_name_axis(_plot(spec, width, height - len(legend), ascii or signs, framed), spec)]
    return [Row("".join(map(ascii_character, row.text)), row.roles) for row in rows] if ascii else rows


def as_text(spec: ChartSpec | Page, width: int, height: int, ascii: bool = False) -> list[str]:
    """The chart or page as lines of text without colors; what is printed once has time for plotext's axes."""
    from quadfit_tui.ui.charts.plotext_frame import frame as by_plotext  # the app is not to load it

    return [row.text.rstrip() for row in draw(spec, width, height, ascii, framed=by_plotext)]


def _plot(spec: ChartSpec, width: int, height: int, signs: bool, framed: Framer) -> list[Row]:
    placed = _placed(spec)
    x = Ruler(spec.x_scale, spec.x_range, width // 8)
    y = Ruler(spec.y_scale, spec.y_range, height * 2 // 5)
    axes = framed(width, height, x, y)
    left = 1 + min(axes[0].text.find(sign) % (width + 1) for sign in "┤│")
    if left >= width:  # no room but for the labels
        return list(axes)
    canvas = Canvas(width - left, height - BELOW, placed.x_range, placed.y_range)
    for series in placed.series:
        _add(canvas, series, signs)
        if series.head:
            _add(canvas, _head(series, placed, width, height), signs)
    write_notes(canvas, placed)
    inside = [
        Row(row.text[:left] + text, row.roles[:left] + roles)
        for row, (text, roles) in zip(axes, canvas.rows(), strict=False)
    ]
    return [*inside, *axes[-BELOW:]]


def _add(canvas: Canvas, series: Series, signs: bool) -> None:
    marks = _MARKS[series.role]
    if series.line:
        canvas.add_line(series.role, series.x, series.y, marks.sign if signs else "", series.lasting)
    else:
        canvas.add_points(series.role, series.x, series.y, series.mark or marks.point)


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


def _name_axis(rows: list[Row], spec: ChartSpec) -> list[Row]:
    """Writes the name of the x axis at the end of its line."""
    *above, line, labels = rows
    name = f" {spec.x_name}"
    room = max(0, len(line.text) - len(name))
    text, roles = line.text[:room] + name, line.roles[:room] + Role.AXIS * len(name)
    return [*above, Row(text[: len(line.text)], roles[: len(line.text)]), labels]


def _legend(spec: ChartSpec, width: int, rows: int, signs: bool) -> list[Row]:
    """The labels, those of the upper series first; where one that can be brief has no room, all that can be are."""
    labelled = [series for series in reversed(spec.series) if series.label]
    entries = [_entry(series, spec, signs, brief=False) for series in labelled]
    found, placed = _set(entries, spec, width, rows)
    if any(series.brief for series, has_room in zip(labelled, placed, strict=True) if not has_room):
        found, _ = _set([_entry(series, spec, signs, brief=True) for series in labelled], spec, width, rows)
    return found


def _entry(series: Series, spec: ChartSpec, signs: bool, brief: bool) -> tuple[str, Role]:
    marks, label = _MARKS[series.role], series.label
    sample = series.mark or (marks.signs if signs else marks.sample)
    if brief and series.brief:
        sample, label = sample[len(sample) // 2], series.brief
    return f"{sample} {label}{_whereabouts(series, spec)}", series.role


def _set(entries: list[tuple[str, Role]], spec: ChartSpec, width: int, rows: int) -> tuple[list[Row], list[bool]]:
    """The entries, each in the first row that has room for it, and for which of them there was room."""
    name = f"{spec.y_name}  " if spec.y_name else ""
    texts, roles = [name] + [""] * (rows - 1), [Role.AXIS * len(name)] + [""] * (rows - 1)
    placed = []
    for entry, role in entries:
        at = next((at for at in range(rows) if len(texts[at]) + len(entry) <= width), None)
        placed.append(at is not None)
        if at is not None:  # half a word tells nothing
            texts[at] += f"{entry}  "
            roles[at] += role * len(entry) + Role.BLANK * 2
    found = [
        Row(text.ljust(width)[:width], role.ljust(width)[:width])
        for at, (text, role) in enumerate(zip(texts, roles, strict=True))
        if at == 0 or text
    ]
    return found, placed


def _whereabouts(series: Series, spec: ChartSpec) -> str:
    """Where a series is that cannot be seen: above the window, below it, or both."""
    y = series.y[_inside(series.x, spec.x_range)]
    low, high = spec.y_range
    if not len(y) or _inside(y, spec.y_range).any():
        return ""
    if (y > high).all():
        return " ↑ above"
    return " ↓ below" if (y < low).all() else " ↕ outside"


def _inside(values: Array, window: Range) -> NDArray[np.bool_]:
    return (values >= window[0]) & (values <= window[1])
