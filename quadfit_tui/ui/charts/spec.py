"""What a view shows, as plain data: a ChartSpec or a TextPage. A View makes it, render.py draws it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from quadfit_tui.core.model.array import Array

Range = tuple[float, float]
Window = tuple[Range, Range]  # of x, of y


class Role(StrEnum):
    """What a cell belongs to, in one letter; its color is the style sheet's."""

    BLANK = " "
    AXIS = "a"
    TRUE = "t"
    FITTED = "f"
    SAMPLES = "s"
    BATCH = "b"
    OPTIMUM = "o"
    EARLIER = "g"
    RATE = "r"
    CONTOUR = "c"
    A = "1"
    B = "2"
    C = "3"
    HERE = "n"
    PATH = "p"
    AHEAD = "v"
    ARROW = "d"
    TEXT = "x"
    TITLE = "h"
    RESULT = "="
    SCROLLBAR = "|"


class Scale(StrEnum):
    """How the values of an axis are spread over it: evenly, by their logarithm, or by sign · log10(1 + |value|)."""

    LINEAR = "linear"
    LOG = "log"
    SYMLOG = "symlog"


@dataclass(frozen=True, eq=False)
class Series:
    """Points (x, y), each array of shape (n,), joined to a line or marked each.

    They may lie anywhere, also at infinity: what is outside the chart's window is not drawn. A series without a label
    is not in the legend; where there is no room for all labels, `brief` takes its place, if there is one. `mark` is a
    character to be shown in the place of its role's own. A line with a `head` is an arrow. A `lasting` line is the same
    in most pictures: what is worked out for it is kept.
    """

    role: Role
    x: Array
    y: Array
    line: bool = False
    label: str = ""
    mark: str = ""
    head: bool = False
    brief: str = ""
    lasting: bool = False


@dataclass(frozen=True, eq=False)
class Note:
    """A text to be written into a chart, its middle at the first of the places (x, y) where it covers no more than
    contours and earlier runs; nowhere if there is none."""

    role: Role
    text: str
    x: Array
    y: Array


@dataclass(frozen=True, eq=False)
class ChartSpec:
    """A window onto the plane, and the series in it, a later one over an earlier one."""

    x_range: Range
    y_range: Range
    series: tuple[Series, ...]
    x_name: str = "x"
    y_name: str = "y"
    x_scale: Scale = Scale.LINEAR
    y_scale: Scale = Scale.LINEAR
    notes: tuple[Note, ...] = ()


class StyledRow(NamedTuple):
    """One row of what is shown: its text, and for each character the letter of its Role."""

    text: str
    roles: str


class TextPage(NamedTuple):
    """Text in the place of a chart: `rows` of any number, of which one sees as many as there is room for."""

    rows: tuple[StyledRow, ...]
