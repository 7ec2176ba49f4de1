"""The legend of a chart, and the marks of roles that it explains: colors, or signs where there are none."""

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

_ASIDE = (Role.DRAWN, Role.RATE, Role.BATCH, Role.TOL)  # beside the curves of runs


class Marks(NamedTuple):
    """A role's marker for points, nothing for dots of braille; that for lines and points where there are no colors,
    and its samples in the legend."""

    point: str
    sign: str
    sample: str
    signs: str


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
    """How a chart is drawn: with all in signs, or upon a ground in so many halves of each cell."""

    signs: bool
    halves: int

    def own_mark(self, series: Series) -> str:
        """What a series is marked with in the place of its role's own; nothing where that stands."""
        return series.sign or series.mark if self.signs or self.halves else series.mark


def legend(spec: ChartSpec, window: Window | None, width: int, rows: int, look: LegendStyle) -> list[StyledRow]:
    """The labels, those of the upper series first; where one has no room, all are as brief as they can be.

    Where runs are compared, what is not one of them comes last.
    """
    labeled = [series for series in reversed(spec.series) if series.label]
    if any(series.role in RUN_ROLES for series in labeled):
        labeled.sort(key=lambda series: _ASIDE.index(series.role) if series.role in _ASIDE else -1)
    for brief, least in ((False, False), (True, False), (True, True)):
        entries = [_entry(series, spec, window, look, brief, least) for series in labeled]
        if spec.ground is not None and spec.ground.label:
            entries.insert(0, ground_entry(spec.ground, bool(look.halves), brief))
        found, has_room = _set(entries, spec, width, rows)
        if has_room:
            break
    return found


def _entry(
    series: Series, spec: ChartSpec, window: Window | None, look: LegendStyle, brief: bool, least: bool
) -> StyledRow:
    marks, label = MARKS[series.role], series.label
    usual = LINE if series.line and series.role is Role.BATCH else marks.sample  # its points have another one
    usual = _DASHES.get(series.dash, usual)
    own, role_sample = "" if series.head else look.own_mark(series), marks.signs if look.signs else usual
    sample = own or role_sample
    if brief:
        sample, label = own or role_sample[-1], (least and series.least) or series.brief or label
    is_sign = not look.signs or label.startswith("#")  # the number of a run has its color, or is its sign
    if not (brief and series.role in RUN_ROLES and is_sign):
        label = f"{sample} {label}"
    label += whereabouts(series, spec, window)
    if look.halves and series.role is Role.CONTOUR and series.line:  # what is drawn of it is the ground
        on_bands = "".join(letter_of(Role.BLANK, at * (len(GROUND_ROLES) // 2)) for at in range(len(sample)))
        return StyledRow(" " * len(sample) + label[len(sample) :], on_bands + series.role * (len(label) - len(sample)))
    return StyledRow(label, series.role * len(label))


def _set(entries: list[StyledRow], spec: ChartSpec, width: int, rows: int) -> tuple[list[StyledRow], bool]:
    """The entries, each in the first row that has room for it, and whether there was room for all."""
    name = f"{spec.y_name}  " if spec.y_name else ""
    texts, roles = [name] + [""] * (rows - 1), [Role.AXIS * len(name)] + [""] * (rows - 1)
    has_room = True
    for entry, letters in entries:
        at = next((at for at in range(rows) if cell_width(texts[at] + entry) <= width), None)
        if at is None:  # half a word tells nothing
            has_room = False
        else:
            texts[at] += f"{entry}  "
            roles[at] += letters + Role.BLANK * 2
    found = [
        StyledRow(text, role).fitted(width)
        for at, (text, role) in enumerate(zip(texts, roles, strict=True))
        if at == 0 or text
    ]
    return found, has_room


def whereabouts(series: Series, spec: ChartSpec, window: Window | None) -> str:
    """Where a series is that cannot be seen: above the window that is drawn, below it, or both; nothing without one."""
    if window is None:
        return ""
    x, y = AXES[spec.x_scale].place(series.x), AXES[spec.y_scale].place(series.y)
    (_left, right), (low, high) = window
    within = y[inside(x, window[0])]
    if series.role is Role.SAMPLES and not len(within):
        is_right = (x > right).all()
        return _beyond("→", pgettext("side", "right")) if is_right else _beyond("←", pgettext("side", "left"))
    if not len(within) or inside(within, window[1]).any():
        return ""
    if (within > high).all():
        return _beyond("↑", pgettext("side", "above"))
    is_low = (within < low).all()
    return _beyond("↓", pgettext("side", "below")) if is_low else _beyond("↕", pgettext("side", "outside"))


def _beyond(arrow: str, where: str) -> str:
    return f" {arrow} {where}"


def inside(values: Array, window: Range) -> NDArray[np.bool_]:
    return (values >= window[0]) & (values <= window[1])
