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
    """What a cell belongs to, in one letter; its style is in themes.py."""

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


# Of earlier runs: one color for each, as many as are kept. The present one is FITTED.
RUN_ROLES = (Role.RUN_1, Role.RUN_2, Role.RUN_3, Role.RUN_4, Role.RUN_5, Role.RUN_6)
# Of the bands of a ground, from the best to the worst: a ramp of colors.
GROUND_ROLES = tuple(role for role in Role if role.name.startswith("GROUND"))


def run_roles(earlier: Iterable[int]) -> dict[int, Role]:
    """The role of each earlier run, by their numbers: a run keeps its own while no other one has it."""
    found: dict[int, Role] = {}
    for number in sorted(earlier):
        in_turn = (RUN_ROLES[(number - 1 + later) % len(RUN_ROLES)] for later in range(len(RUN_ROLES)))
        found[number] = next(role for role in in_turn if role not in found.values())
    return found


class AxisScale(StrEnum):
    """How the values of an axis are spread over it: evenly, by their logarithm, or by sign · log10(1 + |value|).

    Of a flag there are two, 0 and 1; a chart may name others, from 0 on.
    """

    LINEAR = "linear"
    LOG = "log"
    SYMLOG = "symlog"
    FLAG = "flag"


FLAG_NAMES = ("no", "yes")


@dataclass(frozen=True, eq=False)
class Series:
    """Points (x, y), each array of shape (n,), joined to a line or marked each.

    They may lie anywhere, also at infinity: what is outside the chart's window is not drawn. A series without a
    label is not in the legend; where there is no room for all labels, `brief` takes its place, if there is one, and
    where there is still none, `least`. `mark` is a character to be shown in the place of its role's own. What has a
    `sign` is told apart by it where colors do not, because there are none or all is black or white upon a ground: a
    line is drawn in it then, and points, which without a mark are drawn only then. Of a line with a `dash` of 1 or
    2 so many thirds are gaps, in which what is below it is seen; points with one look like that in the legend. A line
    with a `head` is an arrow; one that is shorter than a character is left out. A `lasting` series is the same in most
    pictures: what is worked out for it is kept. A `bare` one is drawn only where no ground is painted.
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
    brief: str = ""
    least: str = ""
    lasting: bool = False
    bare: bool = False


@dataclass(frozen=True, eq=False)
class Note:
    """A text to be written into a chart, its middle at the first of the places (x, y) where it covers no more than
    contours and earlier runs; nowhere if there is none. One that may stand `beside` them is else written a row
    above or below."""

    role: Role
    text: str
    x: Array
    y: Array
    beside: bool = False


@dataclass(frozen=True, eq=False)
class Ground:
    """Bands of color below a chart.

    `bands` has the band of each place, shape (n, m), at `y`, shape (n,), and `x`, shape (m,), both ascending, in values
    of the axes and about evenly spread over them as their scales have it. Each place is painted as far as to the middle
    between it and the next one, and as far beyond the first and the last: all of an axis that has but one. A band of
    -1 is unpainted, 0 is the best of `count`, at most 9. `signs` has one for each band, which is drawn where there are
    no colors to paint with; where it is empty, nothing is. The `label` says in the legend what they tell, `brief` where
    there is no room for it; without one they are not there.
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
    """A window onto the plane, and the series in it, a later one over an earlier one.

    `bracket` is the range of x that brackets on the axis enclose: that of the samples. Others enclose the `cursor`, a
    place (x, y). The `caption` is text below the legend, where the chart is high enough: in one row, or two if there is
    not room in one for so many `caption_columns`, which all captions of such charts take at most, so that nothing
    moves. `takes_drawing`: the mouse draws into it. `y_names` are those of the values of a flag that goes up.
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


INKS = 128  # letters of roles are ASCII: so many lie between one ground and the next


def letter_of(role: Role, ground: int) -> str:
    """The letter of a cell: what its ink belongs to, upon so many of GROUND_ROLES; that of the Role alone upon -1."""
    return chr(INKS * (ground + 1) + ord(role))


def role_of(letter: str) -> Role:
    """What the ink of a cell belongs to, by its letter."""
    return Role(chr(ord(letter) % INKS))


def ground_of(letter: str) -> int:
    """Upon which of GROUND_ROLES a cell is, by its letter; -1 for none."""
    return ord(letter) // INKS - 1


class StyledRow(NamedTuple):
    """One row of what is shown: its text, and for each character a letter (letter_of): its Role and its ground.

    A character may take two columns, or none: what lies in a column is found by `at`, and rows are cut and padded by
    `fitted`.
    """

    text: str
    roles: str

    def at(self, column: int) -> int:
        """Which character lies in a column; behind the last one, how many there are."""
        return len(cut(self.text, column))

    def fitted(self, width: int) -> StyledRow:
        """The row in exactly so many columns."""
        end = self.at(width)
        blanks = width - cell_width(self.text[:end])
        return StyledRow(self.text[:end] + " " * blanks, self.roles[:end] + Role.BLANK * blanks)


class TextPage(NamedTuple):
    """Text in the place of a chart: `rows` of any number, of which one sees as many as there is room for."""

    rows: tuple[StyledRow, ...]
