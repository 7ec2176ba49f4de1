"""DrawnCurve: the mean loss by epochs that a student expects of a run, drawn or chosen by words, as points.

A point is a place on the axes of teaching/judging/loss_axes.py, in whole hundredths of them. Finished runs are
described in the same way: which shape they have, where they rise, where they are flat.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from quadfit_tui.core.text.language import N_, _, join_or
from quadfit_tui.core.text.quoting import did_you_mean, normalized, quoted
from quadfit_tui.core.text.width import ljust
from quadfit_tui.teaching.judging.loss_axes import AT_START, AT_TOL, WHOLE, ends_below_tol
from quadfit_tui.teaching.notation.lesson import LETTERS, LONGEST_ANSWER, Lesson, Step

Points = tuple[tuple[int, int], ...]  # (x, y) in hundredths of the axes, from left to right
Polyline = Sequence[tuple[float, float]]

MOST_POINTS = 40
LONGEST_CURVE = 8 * MOST_POINTS  # maximum length of the points as text, in characters
FIRST = (0, AT_START)  # a curve begins where the run does
LEAST_LEG = 4  # hundredths of the height; a smaller change is neither a rise nor a fall
_BENT = 0.2  # a curve is bent if its mean distance from the straight line is this share of its fall
FALLS_FAST, FALLS_EVENLY = N_("falls fast, then flat"), N_("falls evenly")
FALLS_LATE, RISES, TURNS = N_("falls slowly, then fast"), N_("rises"), N_("falls, then rises")
SWINGS, STAYS = N_("swings"), N_("stays flat")
# The shapes that a student can choose by their letter or their words (marked for translation), each with a curve of
# that shape. No pen draws one of these curves: it moves in steps of some hundredths.
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


def shape_prompt() -> str:
    """Returns the sentence that says how to answer with a shape in words, for prompts and errors."""
    return _("Type {letters}, or the words.").format(letters=join_or(LETTERS[: len(SHAPES)].upper()))


def points_of(value: object) -> Points:
    """Parses the points of a curve from a transcript's JSON value; raises ValueError if they are no valid curve."""
    if not isinstance(value, list | tuple) or not 2 <= len(value) <= MOST_POINTS:
        raise ValueError(f"a curve has 2 to {MOST_POINTS} points")
    for point in value:
        if not isinstance(point, list | tuple) or [type(part) for part in point] != [int, int]:
            raise ValueError("a point is two whole numbers")
        if not all(0 <= part <= WHOLE for part in point):
            raise ValueError(f"a point lies within 0 to {WHOLE}")
    points = tuple((across, up) for across, up in value)
    if points[0] != FIRST or any(after <= before for (before, _up), (after, _there) in pairwise(points)):
        raise ValueError("a curve begins at the start, and goes to the right")
    return points


def _bare(words: str) -> list[str]:
    """Splits an answer into lowercase words without commas, to compare it with a shape."""
    return normalized(words).lower().replace(",", "").split()


class DrawnCurve(NamedTuple):
    """A drawn curve: straight lines between its points; behind the last one it stays at that height."""

    points: Points

    @classmethod
    def read(cls, text: str) -> DrawnCurve:
        """Parses a student's answer: a letter or the words of SHAPES, or points in the format of `as_text`.

        Raises ValueError, with the sentence to show, if it is none of these.
        """
        if ":" in text and len(text) <= LONGEST_CURVE:
            try:
                pairs = [point.split(":") for point in text.split() if _NUMBERS.fullmatch(text)]
                return cls(points_of([tuple(map(int, pair)) for pair in pairs]))
            except ValueError:
                raise ValueError(shape_prompt()) from None
        words = normalized(text[:LONGEST_ANSWER]).lower().rstrip(").:")
        if len(words) == 1 and words in LETTERS[: len(SHAPES)]:
            return cls(SHAPES[[*SHAPES][LETTERS.index(words)]])
        for shape, points in SHAPES.items():
            if _bare(words) in (_bare(shape), _bare(_(shape))):
                return cls(points)
        if not words:
            raise ValueError(shape_prompt())
        problem = did_you_mean(_("{words} is none of them").format(words=quoted(words)), words, map(_, SHAPES))
        raise ValueError(_("{problem}. {how}").format(problem=problem, how=shape_prompt()))

    @property
    def as_text(self) -> str:
        """The points as text, such as `0:80 50:20`, which `read` parses."""
        return " ".join(f"{across}:{up}" for across, up in self.points)

    @property
    def is_from_words(self) -> bool:
        """Whether the student chose it by words, so that the positions of its points mean nothing."""
        return self.points in SHAPES.values()

    @property
    def shape(self) -> str:
        """The shape in English words, such as `falls evenly`; the part behind tol, where a run ends, is ignored."""
        places = self.places
        end = next((index for index, (_across, up) in enumerate(places) if up <= AT_TOL), WHOLE)
        return shape_of(places[: max(1, end) + 1])

    def shape_in(self, lesson: Lesson, step: Step) -> str:
        """Returns the shape of the curve in English words, as a prediction of a step's run.

        Unlike `shape`, it includes the part below tol if nothing stops that run there.
        """
        assert step.run is not None
        return self.shape if ends_below_tol(lesson.runs[step.run]) else shape_of(self.places)

    @property
    def places(self) -> list[tuple[float, float]]:
        """The points (x, y) of the curve at each hundredth of the epochs, from 0 to the end of the axis."""
        return [(float(across), height_at(self.points, across)) for across in range(WHOLE + 1)]


def height_at(places: Polyline, across: float) -> float:
    """Interpolates the height of a polyline linearly at `across`; beyond its ends the height is constant."""
    index = bisect_left(places, (across, -math.inf))
    if index in (0, len(places)):
        return float(places[min(index, len(places) - 1)][1])
    (left, low), (right, high) = places[index - 1 : index + 1]
    return low + (across - left) / (right - left) * (high - low)


class Leg(NamedTuple):
    """A rise or a fall of a curve without a turn in it, and the x where it begins."""

    rises: bool
    begin: float


def legs_of(places: Polyline) -> list[Leg]:
    """Splits a curve into its rises and falls, in order; changes of less than LEAST_LEG are left out."""
    legs: list[Leg] = []
    low = high = places[0]  # since the last turn, the latest of equals
    for place in places[1:]:
        low = place if place[1] <= low[1] else low
        high = place if place[1] >= high[1] else high
        is_rising = legs[-1].rises if legs else None
        if is_rising is not True and place[1] - low[1] >= LEAST_LEG:
            legs.append(Leg(True, low[0]))
            low = high = place
        elif is_rising is not False and high[1] - place[1] >= LEAST_LEG:
            legs.append(Leg(False, high[0]))
            low = high = place
    return legs


def shape_of(places: Polyline) -> str:
    """Returns the shape of a curve in English words, such as `falls evenly`: a key of SHAPES, or STAYS."""
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
    """Classifies a falling curve by its mean height above or below the straight line between its ends."""
    begin, end = places[0][0], places[-1][0]
    heights = [height_at(places, begin + share / WHOLE * (end - begin)) for share in range(WHOLE + 1)]
    first, last = heights[0], heights[-1]
    bent = (sum(heights) / len(heights) - (first + last) / 2) / (first - last)
    if bent < -_BENT:
        return FALLS_FAST
    return FALLS_LATE if bent > _BENT else FALLS_EVENLY


def sparkline(places: Polyline, width: int = 16, ascii: bool = False) -> str:
    """Renders a curve as `width` block characters, blank behind its end; with `ascii`, as ASCII signs."""
    signs = _SIGNS if ascii else _BLOCKS
    columns = [WHOLE * (index + 0.5) / width for index in range(width)]
    heights = [height_at(places, across) for across in columns if across <= places[-1][0] or across == columns[0]]
    row = "".join(signs[min(len(signs) - 1, max(0, int(height / WHOLE * len(signs))))] for height in heights)
    return ljust(row, width)
