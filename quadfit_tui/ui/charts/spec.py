"""What a view shows, as plain data: a ChartSpec or a TextPage. A View makes it, render.py draws it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from quadfit_tui.core.model.array import Array
from quadfit_tui.core.text.width import cell_width, cut

Range = tuple[float, float]
Window = tuple[Range, Range]  # of x, of y


class Role(StrEnum):
    """The kind of thing that a cell of a chart or page belongs to, as one letter; themes.py has a style for each."""

    BLANK = " "
    AXIS = "a"
    TRUE = "t"
    FITTED = "f"
    SAMPLES = "s"
    BATCH = "b"
    OPTIMUM = "o"
    RATE = "r"
    TOL = "l"
    CONTOUR = "c"
    A = "1"
    B = "2"
    C = "3"
    HERE = "n"
    PATH = "p"
    AHEAD = "v"
    DRAWN = "w"
    ARROW = "d"
    TEXT = "x"
    TITLE = "h"
    RESULT = "="
    SCROLLBAR = "|"
    RUN_1 = "A"
    RUN_2 = "B"
    RUN_3 = "C"
    RUN_4 = "D"
    RUN_5 = "E"
    RUN_6 = "F"
    GROUND_1 = "Q"
    GROUND_2 = "R"
    GROUND_3 = "S"
    GROUND_4 = "T"
    GROUND_5 = "U"
    GROUND_6 = "V"
    GROUND_7 = "W"
    GROUND_8 = "X"
    GROUND_9 = "Y"


# The roles of earlier runs: one for each that is kept. The current run is FITTED.
RUN_ROLES = (Role.RUN_1, Role.RUN_2, Role.RUN_3, Role.RUN_4, Role.RUN_5, Role.RUN_6)
# The roles of the bands of a ground, from the best to the worst: a ramp of colors.
GROUND_ROLES = tuple(role for role in Role if role.name.startswith("GROUND"))


def run_roles(earlier: Iterable[int]) -> dict[int, Role]:
    """Assigns a role to each earlier run, by the runs' numbers.

    A run has the role of its number, or the next free one if an older run has that.
    """
    roles: dict[int, Role] = {}
    for number in sorted(earlier):
        in_turn = (RUN_ROLES[(number - 1 + later) % len(RUN_ROLES)] for later in range(len(RUN_ROLES)))
        roles[number] = next(role for role in in_turn if role not in roles.values())
    return roles


class AxisScale(StrEnum):
    """The scale of an axis: linear, logarithmic, sign · log10(1 + |value|), or a flag with the values 0 and 1.

    A chart may name other values of a flag, from 0 on.
    """

    LINEAR = "linear"
    LOG = "log"
    SYMLOG = "symlog"
    FLAG = "flag"


FLAG_NAMES = ("no", "yes")


@dataclass(frozen=True, eq=False)
class Series:
    """Points (x, y), each array of shape (n,), joined to a line or marked one by one.

    They may lie anywhere, also at infinity: points outside the chart's window are not drawn.

    `label`: the text in the legend; a series without one has no entry. `short_label` replaces it if there is not room
    for all labels, and `shortest_label` if there is still not enough.
    `mark`: a character that replaces the mark of the role.
    `sign`: a character that distinguishes the series if colors do not, because there are none or all is black or white
    on a ground. Only then line or points are drawn in it. Points with a sign but no mark are drawn only then.
    `dash`: 1 or 2, the thirds of a line that are gaps, through which lower series are seen. It shows in the legend, of
    points, too.
    `head`: the line is an arrow, left out if it is shorter than a character.
    `lasting`: the series is the same in most pictures, so what is computed for it is cached.
    `bare`: the series is drawn only if no ground is painted.
    """

    role: Role
    x: Array
    y: Array
    line: bool = False
    label: str = ""
    mark: str = ""
    sign: str = ""
    dash: int = 0
    head: bool = False
    short_label: str = ""
    shortest_label: str = ""
    lasting: bool = False
    bare: bool = False


@dataclass(frozen=True, eq=False)
class Note:
    """A text to be written into a chart, centered at the first of the points (x, y) where there is room for it.

    There is room if it covers nothing but contours and earlier runs. Without room it is left out. A note that may stand
    `beside` its points may else be a row above or below one.
    """

    role: Role
    text: str
    x: Array
    y: Array
    beside: bool = False


@dataclass(frozen=True, eq=False)
class Ground:
    """Bands of color behind a chart.

    `bands`, shape (n, m), has the band of each point of a grid: at `y`, shape (n,), and `x`, shape (m,), both ascending
    values of the axes, about evenly spread on their scales. A point is painted as far as to the middle between it and
    the next one, and as far beyond the first and the last; a single point takes all of its axis. A band of -1 is
    unpainted, 0 is the best of `count` bands, at most 9. `signs` has a character for each band, drawn if there are no
    colors to paint with; if it is empty, nothing is drawn then. `label` is the legend's text about the bands, `brief` a
    shorter one; without a label the legend has none.
    """

    x: Array
    y: Array
    bands: NDArray[np.int8]
    count: int
    signs: str = ""
    label: str = ""
    brief: str = ""


@dataclass(frozen=True, eq=False)
class ChartSpec:
    """A chart as plain data: a window onto the plane, and the series in it, later ones over earlier ones.

    `bracket` is the range of x, that of the samples, which brackets on the axis enclose. Other brackets enclose the
    `cursor`, a point (x, y). The `caption` is text below the legend if the chart is high enough. It has one row, or two
    if `caption_columns` do not fit into one: that is the width of the widest caption of such charts, so that nothing
    moves. `takes_drawing`: whether the mouse draws into the chart. `y_names` are the names of the values if `y_scale`
    is a flag.
    """

    x_range: Range
    y_range: Range
    series: tuple[Series, ...]
    x_name: str = "x"
    y_name: str = "y"
    x_scale: AxisScale = AxisScale.LINEAR
    y_scale: AxisScale = AxisScale.LINEAR
    notes: tuple[Note, ...] = ()
    bracket: Range | None = None
    ground: Ground | None = None
    cursor: tuple[float, float] | None = None
    caption: str = ""
    caption_columns: int = 0
    takes_drawing: bool = False
    y_names: tuple[str, ...] = FLAG_NAMES


INKS = 128  # distance between the letters of one role on neighboring grounds, since letters of roles are ASCII


def letter_of(role: Role, ground: int) -> str:
    """Encodes role and ground of a cell as one letter; `ground` is an index in GROUND_ROLES, -1 for none."""
    return chr(INKS * (ground + 1) + ord(role))


def role_of(letter: str) -> Role:
    """Decodes the role of a cell from its letter."""
    return Role(chr(ord(letter) % INKS))


def ground_of(letter: str) -> int:
    """Decodes the ground of a cell from its letter: an index in GROUND_ROLES, -1 for none."""
    return ord(letter) // INKS - 1


class StyledRow(NamedTuple):
    """One row of a chart or page: its text, and for each character a letter of its role and ground, see `letter_of`.

    A character may take two columns, or none: use `at` to find the character in a column, `fitted` to cut or pad a row.
    """

    text: str
    roles: str

    def at(self, column: int) -> int:
        """Returns the index of the character in a column, or the number of characters if the row is shorter."""
        return len(cut(self.text, column))

    def fitted(self, width: int) -> StyledRow:
        """Cuts or pads the row to exactly `width` columns."""
        end = self.at(width)
        blanks = width - cell_width(self.text[:end])
        return StyledRow(self.text[:end] + " " * blanks, self.roles[:end] + Role.BLANK * blanks)


class TextPage(NamedTuple):
    """A page of text in place of a chart, with any number of rows; a pane shows as many as it has room for."""

    rows: tuple[StyledRow, ...]
