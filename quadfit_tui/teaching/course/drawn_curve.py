"""DrawnCurve: the mean loss over the epochs that a student expects of a run, drawn or told in words; as points.

A point is a place on the axes of core/judging/loss_axes.py, in whole hundredths of them. The same is told of a run that
was done: which shape it has, where it rises, where it is flat.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from quadfit_tui.core.text.language import N_, _, either
from quadfit_tui.core.text.quoting import did_you_mean, normalized, quoted
from quadfit_tui.core.text.width import ljust
from quadfit_tui.teaching.judging.loss_axes import AT_START, AT_TOL, WHOLE, ends_below_tol
from quadfit_tui.teaching.notation.lesson import LETTERS, LONGEST_ANSWER, Lesson, Step

Points = tuple[tuple[int, int], ...]  # across and up
Polyline = Sequence[tuple[float, float]]

MOST_POINTS = 40
LONGEST_CURVE = 8 * MOST_POINTS  # characters, as points
FIRST = (0, AT_START)  # a curve begins where the run does
LEAST_LEG = 4  # hundredths of the height: what is lower is neither a rise nor a fall
_BENT = 0.2  # of what a curve falls: so far from the straight line, in the mean, it is bent
FALLS_FAST, FALLS_EVENLY = N_("falls fast, then flat"), N_("falls evenly")
FALLS_LATE, RISES, TURNS = N_("falls slowly, then fast"), N_("rises"), N_("falls, then rises")
SWINGS, STAYS = N_("swings"), N_("stays flat")
# The shapes that can be told in words, which are noted, by letters in their order, each with a curve that has it; none
# that a pen draws, which goes in steps of some hundredths.
SHAPES: dict[str, Points] = {
    FALLS_FAST: (FIRST, (10, 45), (20, 30), (35, 20), (99, 20)),
    FALLS_EVENLY: (FIRST, (99, 10)),
    FALLS_LATE: (FIRST, (60, 70), (85, 45), (99, 10)),
    RISES: (FIRST, (99, 100)),
    TURNS: (FIRST, (40, 40), (99, 90)),
    SWINGS: (FIRST, (15, 50), (30, 75), (45, 40), (60, 60), (75, 25), (99, 40)),
}
_NUMBERS = re.compile(r"[0-9:\s]+")
_BLOCKS, _SIGNS = "▁▂▃▄▅▆▇█", "_.-~=+^'"


def typed() -> str:
    """How a curve is told in words."""
    return _("Type {letters}, or the words.").format(letters=either(LETTERS[: len(SHAPES)].upper()))


def points_of(value: object) -> Points:
    """The points of a curve, as a line of a transcript has them. Raises ValueError where they are none."""
    if not isinstance(value, list | tuple) or not 2 <= len(value) <= MOST_POINTS:
        raise ValueError(f"a curve has 2 to {MOST_POINTS} points")
    for each in value:
        if not isinstance(each, list | tuple) or [type(part) for part in each] != [int, int]:
            raise ValueError("a point is two whole numbers")
        if not all(0 <= part <= WHOLE for part in each):
            raise ValueError(f"a point lies within 0 to {WHOLE}")
    points = tuple((across, up) for across, up in value)
    if points[0] != FIRST or any(after <= before for (before, _up), (after, _there) in pairwise(points)):
        raise ValueError("a curve begins at the start, and goes to the right")
    return points


def _bare(words: str) -> list[str]:
    return normalized(words).lower().replace(",", "").split()


class DrawnCurve(NamedTuple):
    """A curve of straight lines between its points; behind the last one it goes on as high as that."""

    points: Points

    @classmethod
    def read(cls, text: str) -> DrawnCurve:
        """The curve that a text tells: a letter or the words of SHAPES, or points as `written` has them.

        Raises ValueError, with what is to be said.
        """
        if ":" in text and len(text) <= LONGEST_CURVE:
            try:
                pairs = [each.split(":") for each in text.split() if _NUMBERS.fullmatch(text)]
                return cls(points_of([tuple(map(int, pair)) for pair in pairs]))
            except ValueError:
                raise ValueError(typed()) from None
        words = normalized(text[:LONGEST_ANSWER]).lower().rstrip(").:")
        if len(words) == 1 and words in LETTERS[: len(SHAPES)]:
            return cls(SHAPES[[*SHAPES][LETTERS.index(words)]])
        for shape, points in SHAPES.items():
            if _bare(words) in (_bare(shape), _bare(_(shape))):
                return cls(points)
        if not words:
            raise ValueError(typed())
        problem = did_you_mean(_("{words} is none of them").format(words=quoted(words)), words, map(_, SHAPES))
        raise ValueError(_("{problem}. {how}").format(problem=problem, how=typed()))

    @property
    def written(self) -> str:
        """The points as text: `0:80 50:20`."""
        return " ".join(f"{across}:{up}" for across, up in self.points)

    @property
    def is_told(self) -> bool:
        """Whether it is that of words, which say nothing of where it does what."""
        return self.points in SHAPES.values()

    @property
    def shape(self) -> str:
        """What it does, in the words of SHAPES, or that it stays flat; below tol, where a run ends, it ends, too."""
        places = self.places
        end = next((at for at, (_across, up) in enumerate(places) if up <= AT_TOL), WHOLE)
        return shape_of(places[: max(1, end) + 1])

    def shape_in(self, lesson: Lesson, step: Step) -> str:
        """Returns the shape as that expected of a step's run: one that nothing stops goes on below tol."""
        assert step.run is not None
        return self.shape if ends_below_tol(lesson.runs[step.run]) else shape_of(self.places)

    @property
    def places(self) -> list[tuple[float, float]]:
        """A place at each hundredth across, up to the end of the axis."""
        return [(float(across), height_at(self.points, across)) for across in range(WHOLE + 1)]


def height_at(places: Polyline, across: float) -> float:
    """How high a curve through places is, from left to right, at some place across."""
    at = bisect_left(places, (across, -math.inf))
    if at in (0, len(places)):
        return float(places[min(at, len(places) - 1)][1])
    (left, low), (right, high) = places[at - 1 : at + 1]
    return low + (across - left) / (right - left) * (high - low)


class Leg(NamedTuple):
    """A part of a curve that does nothing but rise, or fall, from where it begins across."""

    rises: bool
    begin: float


def legs_of(places: Polyline) -> list[Leg]:
    """The rises and falls of a curve, in their order; what goes up or down by less than LEAST_LEG is none."""
    found: list[Leg] = []
    low = high = places[0]  # since the last turn, the latest of equals
    for place in places[1:]:
        low, high = (place if place[1] <= low[1] else low), (place if place[1] >= high[1] else high)
        is_rising = found[-1].rises if found else None
        if is_rising is not True and place[1] - low[1] >= LEAST_LEG:
            found.append(Leg(True, low[0]))
            low = high = place
        elif is_rising is not False and high[1] - place[1] >= LEAST_LEG:
            found.append(Leg(False, high[0]))
            low = high = place
    return found


def shape_of(places: Polyline) -> str:
    """What a curve does, in the words of SHAPES, or that it stays flat."""
    match [leg.rises for leg in legs_of(places)]:
        case []:
            return STAYS
        case [True]:
            return RISES
        case [False]:
            return _fall(places)
        case [False, True]:
            return TURNS
        case _:
            return SWINGS


def _fall(places: Polyline) -> str:
    """How a curve falls: by its mean height above or below the straight line from its begin to its end."""
    begin, end = places[0][0], places[-1][0]
    heights = [height_at(places, begin + share / WHOLE * (end - begin)) for share in range(WHOLE + 1)]
    first, last = heights[0], heights[-1]
    bent = (sum(heights) / len(heights) - (first + last) / 2) / (first - last)
    return FALLS_FAST if bent < -_BENT else FALLS_LATE if bent > _BENT else FALLS_EVENLY


def sparkline(places: Polyline, width: int = 16, ascii: bool = False) -> str:
    """A curve in a row of `width` characters up to its end: blocks as high as it is, or in ASCII signs for these."""
    signs = _SIGNS if ascii else _BLOCKS
    columns = [WHOLE * (at + 0.5) / width for at in range(width)]
    heights = [height_at(places, at) for at in columns if at <= places[-1][0] or at == columns[0]]
    row = "".join(signs[min(len(signs) - 1, max(0, int(height / WHOLE * len(signs))))] for height in heights)
    return ljust(row, width)
