"""What a view shows, as plain data: a ChartSpec or a TextPage. A View makes it, render.py draws it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from quadfit_tui.core.model.array import Array
from quadfit_tui.core.text.width import columns, cut

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
    RATE = "r"
    TOL = "l"
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
    RUN_1 = "A"
    RUN_2 = "B"
    RUN_3 = "C"
    RUN_4 = "D"
    RUN_5 = "E"
    RUN_6 = "F"


# Of earlier runs: one color for each, as many as are kept. The present one is FITTED.
RUN_ROLES = (Role.RUN_1, Role.RUN_2, Role.RUN_3, Role.RUN_4, Role.RUN_5, Role.RUN_6)


def run_roles(earlier: Iterable[int]) -> dict[int, Role]:
    """The role of each earlier run, by their numbers: a run keeps its own while no other one has it."""
    found: dict[int, Role] = {}
    for number in sorted(earlier):
        in_turn = (RUN_ROLES[(number - 1 + later) % len(RUN_ROLES)] for later in range(len(RUN_ROLES)))
        found[number] = next(role for role in in_turn if role not in found.values())
    return found


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
    character to be shown in the place of its role's own. What has a `sign` is told apart by it where there are no
    colors: a line is drawn in it then, and points, which without a mark are drawn only then. Of a line with a `dash` of
    1 or 2 so many thirds are gaps, in which what is below it is seen. A line with a `head` is an arrow. A `lasting`
    series is the same in most pictures: what is worked out for it is kept.
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
    lasting: bool = False


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
class ChartSpec:
    """A window onto the plane, and the series in it, a later one over an earlier one.

    `bracket` is the range of x that brackets on the axis enclose: that of the samples.
    """

    x_range: Range
    y_range: Range
    series: tuple[Series, ...]
    x_name: str = "x"
    y_name: str = "y"
    x_scale: Scale = Scale.LINEAR
    y_scale: Scale = Scale.LINEAR
    notes: tuple[Note, ...] = ()
    bracket: Range | None = None


class StyledRow(NamedTuple):
    """One row of what is shown: its text, and for each character the letter of its Role.

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
        blanks = width - columns(self.text[:end])
        return StyledRow(self.text[:end] + " " * blanks, self.roles[:end] + Role.BLANK * blanks)


class TextPage(NamedTuple):
    """Text in the place of a chart: `rows` of any number, of which one sees as many as there is room for.

    With `ends_in_sight` one sees the last rows unless one has scrolled back, else the first ones.
    """

    rows: tuple[StyledRow, ...]
    ends_in_sight: bool = False
