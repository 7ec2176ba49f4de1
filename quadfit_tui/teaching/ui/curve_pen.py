"""CurvePen: a curve as it is drawn, by keys or the mouse: which points it has so far, and where the pen is."""

from __future__ import annotations

from quadfit_tui.teaching.course.drawn_curve import FIRST, DrawnCurve, Points, height_at
from quadfit_tui.teaching.judging.loss_axes import WHOLE

STEP, TENTH = 5, 10  # hundredths of an axis: what an arrow moves the pen by, and Tab


class CurvePen:
    """A pen that leaves a line behind it as it goes to the right; where there is one, it follows it.

    The curve begins at the start, which stays where it is.
    """

    def __init__(self, points: Points = ()) -> None:
        """Goes on with a curve, at its end."""
        self._heights = dict(points or (FIRST,))
        self.across = max(self._heights)

    @property
    def points(self) -> Points:
        """The points so far, from left to right."""
        return tuple(sorted(self._heights.items()))

    @property
    def up(self) -> int:
        """How high the pen is."""
        return round(height_at(self.points, self.across))

    @property
    def curve(self) -> DrawnCurve | None:
        """What was drawn; None where that is the start alone."""
        return DrawnCurve(self.points) if len(self._heights) > 1 else None

    def move(self, across: int, up: int) -> None:
        """Moves the pen so many steps; up or down from the start, which stays, a step to the right, too."""
        if up and not self.across:
            across = 1
        self._go(self.across + across * STEP)
        if up and self.across:
            self._heights[self.across] = _within(self.up + up * STEP)

    def move_tenth(self, by: int) -> None:
        """Moves the pen to the next tenth of the epochs, or the one before."""
        tenths = self.across // TENTH if by > 0 else -(-self.across // TENTH)
        self._go((tenths + by) * TENTH)

    def _go(self, across: int) -> None:
        up = self.up
        self.across = _within(across)
        if self.across > max(self._heights):
            self._heights[self.across] = up

    def point(self, across: float, up: float, is_drag: bool) -> None:
        """Draws to a place, from where the pen is if it is a drag: what was between is no more."""
        before, self.across = self.across, max(STEP, _within(round(across / STEP) * STEP))
        if is_drag:
            low, high = sorted((before, self.across))
            for between in [each for each in self._heights if low < each < high]:
                del self._heights[between]
        self._heights[self.across] = _within(round(up))


def _within(share: int) -> int:
    return min(max(share, 0), WHOLE)
