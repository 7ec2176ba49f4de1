"""The legend of a chart, and the marks of roles that it explains: colors, or signs if there are none."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from quadfit_tui.core.model.array import Array
from quadfit_tui.core.text.language import pgettext
from quadfit_tui.core.text.width import cell_width
from quadfit_tui.ui.charts.axes import AXES
from quadfit_tui.ui.charts.ground import ground_entry
from quadfit_tui.ui.charts.spec import (
    GROUND_ROLES,
    RUN_ROLES,
    ChartSpec,
    Range,
    Role,
    Series,
    StyledRow,
    Window,
    letter_of,
)

_LAST_ROLES = (Role.DRAWN, Role.RATE, Role.BATCH, Role.TOL)  # last in the legend of charts that compare runs


class Marks(NamedTuple):
    """The characters that a role is drawn in, and its samples in the legend."""

    point: str  # for points; dots of braille if empty
    sign: str  # for lines and points on terminals without colors
    sample: str  # in the legend
    signs: str  # in the legend on terminals without colors


LINE, _DASHED, _DOTTED = "⠤⠤⠤", "⠤ ⠤", "⠄⠄⠄"
_DASHES = {1: _DASHED, 2: _DOTTED}
MARKS = {
    Role.TRUE: Marks("x", ".", _DASHED, "..."),
    Role.FITTED: Marks("o", "*", LINE, "*o*"),
    Role.SAMPLES: Marks("", "+", "⠢⠔", "+"),
    Role.BATCH: Marks("#", "|", "#", "#"),
    Role.OPTIMUM: Marks("*", "-", _DOTTED, "---"),
    Role.RATE: Marks("|", "|", "|", "|"),
    Role.TOL: Marks("·", ".", "···", "..."),
    Role.A: Marks("a", "a", "a", "a"),
    Role.B: Marks("b", "b", "b", "b"),
    Role.C: Marks("c", "c", "c", "c"),
    Role.HERE: Marks("@", "@", "@", "@"),
    Role.CONTOUR: Marks("+", ".", LINE, "..."),
    Role.PATH: Marks("o", "~", LINE, "~o~"),
    Role.AHEAD: Marks(".", "'", LINE, "','"),
    Role.DRAWN: Marks("x", "x", _DASHED, "xxx"),
    Role.ARROW: Marks("→", ":", "→", "→"),
    **dict.fromkeys(RUN_ROLES, Marks("", ",", LINE, ",,,")),
}


class LegendStyle(NamedTuple):
    """How a chart is drawn: whether in signs instead of colors, and in how many halves of each cell its ground is.

    `halves` is 0 if no ground is painted.
    """

    signs: bool
    halves: int

    def own_mark(self, series: Series) -> str:
        """Returns the mark that a series has instead of that of its role, or nothing if it has none of its own."""
        if self.signs or self.halves:
            return series.sign or series.mark
        return series.mark


def legend(spec: ChartSpec, window: Window | None, width: int, rows: int, look: LegendStyle) -> list[StyledRow]:
    """Lays out the legend of a chart in at most `rows` rows: entries of upper series first, all brief if one is cut.

    In charts that compare runs, series of other things come last. `window` is None if the axes cannot be shown.
    """
    labeled = [series for series in reversed(spec.series) if series.label]
    if any(series.role in RUN_ROLES for series in labeled):
        labeled.sort(key=lambda series: _LAST_ROLES.index(series.role) if series.role in _LAST_ROLES else -1)
    for brief, least in ((False, False), (True, False), (True, True)):
        entries = [_entry(series, spec, window, look, brief, least) for series in labeled]
        if spec.ground is not None and spec.ground.label:
            entries.insert(0, ground_entry(spec.ground, bool(look.halves), brief))
        lines, has_room = _set_entries(entries, spec, width, rows)
        if has_room:
            break
    return lines


def _entry(
    series: Series, spec: ChartSpec, window: Window | None, look: LegendStyle, brief: bool, least: bool
) -> StyledRow:
    """Returns the legend's entry for a series: a sample of its line or points, its label, and where it lies if unseen.

    With `brief` sample and label are short; with `least`, too, the label is the shortest one.
    """
    marks, label = MARKS[series.role], series.label
    role_sample = LINE if series.line and series.role is Role.BATCH else marks.sample  # that of BATCH is for points
    role_sample = _DASHES.get(series.dash, role_sample)
    if look.signs:
        role_sample = marks.signs
    own_mark = "" if series.head else look.own_mark(series)
    if brief:
        sample, label = own_mark or role_sample[-1], (least and series.shortest_label) or series.short_label or label
    else:
        sample = own_mark or role_sample
    # A brief label of a run needs no sample: it has the color of the run, or its number is the sign of the run.
    needs_no_sample = brief and series.role in RUN_ROLES and (not look.signs or label.startswith("#"))
    if not needs_no_sample:
        label = f"{sample} {label}"
    label += format_out_of_sight(series, spec, window)
    if look.halves and series.role is Role.CONTOUR and series.line:  # the painted ground shows it, so its sample, too
        bands = "".join(letter_of(Role.BLANK, index * (len(GROUND_ROLES) // 2)) for index in range(len(sample)))
        return StyledRow(" " * len(sample) + label[len(sample) :], bands + series.role * (len(label) - len(sample)))
    return StyledRow(label, series.role * len(label))


def _set_entries(entries: list[StyledRow], spec: ChartSpec, width: int, rows: int) -> tuple[list[StyledRow], bool]:
    """Puts each entry into the first row that has room for it; returns the rows and whether all entries had room.

    The name of the y axis comes first.
    """
    name = f"{spec.y_name}  " if spec.y_name else ""
    texts, roles = [name] + [""] * (rows - 1), [Role.AXIS * len(name)] + [""] * (rows - 1)
    has_room = True
    for entry, letters in entries:
        row = next((row for row in range(rows) if cell_width(texts[row] + entry) <= width), None)
        if row is None:  # left out whole, since half a word would mean nothing
            has_room = False
        else:
            texts[row] += f"{entry}  "
            roles[row] += letters + Role.BLANK * 2
    lines = [
        StyledRow(text, role).fitted(width)
        for row, (text, role) in enumerate(zip(texts, roles, strict=True))
        if row == 0 or text
    ]
    return lines, has_room


def format_out_of_sight(series: Series, spec: ChartSpec, window: Window | None) -> str:
    """Formats on which side of the window a series lies that is out of sight, such as ` ↑ above`; else "".

    `window` is in places on the axes, None if these cannot be shown.
    """
    if window is None:
        return ""
    x, y = AXES[spec.x_scale].place(series.x), AXES[spec.y_scale].place(series.y)
    (_left, right), (low, high) = window
    within = y[inside(x, window[0])]
    if series.role is Role.SAMPLES and not len(within):
        if (x > right).all():
            return _format_side("→", pgettext("side", "right"))
        return _format_side("←", pgettext("side", "left"))
    if not len(within) or inside(within, window[1]).any():
        return ""
    if (within > high).all():
        return _format_side("↑", pgettext("side", "above"))
    if (within < low).all():
        return _format_side("↓", pgettext("side", "below"))
    return _format_side("↕", pgettext("side", "outside"))


def _format_side(arrow: str, name: str) -> str:
    return f" {arrow} {name}"


def inside(values: Array, window: Range) -> NDArray[np.bool_]:
    """Checks which values lie in a range, its ends included; nan does not."""
    return (values >= window[0]) & (values <= window[1])
