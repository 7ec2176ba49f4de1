"""CurvePen: a curve as it is drawn, by keys or the mouse: which points it has so far, and where the pen is."""

from __future__ import annotations

from quadfit_tui.teaching.course.drawn_curve import FIRST, DrawnCurve, Points, height_at
from quadfit_tui.teaching.judging.loss_axes import WHOLE

STEP, TENTH = 5, 10  # hundredths of an axis: how far an arrow key moves the pen, and Tab


class CurvePen:
    """A pen that draws a line as it moves to the right, and follows the line if there is one already.

    The curve begins at the start of the run, a point that cannot be moved.
    """

    def __init__(self, points: Points = ()) -> None:
        """Continues a curve, at its end."""
        self._heights = dict(points or (FIRST,))
        self.across = max(self._heights)

    @property
    def points(self) -> Points:
        """The points so far, from left to right."""
        return tuple(sorted(self._heights.items()))

    @property
    def up(self) -> int:
        """The height of the pen."""
        return round(height_at(self.points, self.across))

    @property
    def curve(self) -> DrawnCurve | None:
        """The drawn curve, or None if it is the start point alone."""
        return DrawnCurve(self.points) if len(self._heights) > 1 else None

    def move(self, across: int, up: int) -> None:
        """Moves the pen by steps; at the start, which is fixed, up and down also move it one step to the right."""
        if up and not self.across:
            across = 1
        self._go(self.across + across * STEP)
        if up and self.across:
            self._heights[self.across] = _within(self.up + up * STEP)

    def move_tenth(self, by: int) -> None:
        """Moves the pen to the next (1) or previous (-1) tenth of the epochs."""
        tenths = self.across // TENTH if by > 0 else -(-self.across // TENTH)
        self._go((tenths + by) * TENTH)

    def _go(self, across: int) -> None:
        """Moves the pen across; behind the end of the curve it draws a level line."""
        up = self.up
        self.across = _within(across)
        if self.across > max(self._heights):
            self._heights[self.across] = up

    def point(self, across: float, up: float, is_drag: bool) -> None:
        """Draws to a point where the mouse is; a drag replaces the points between the pen and there."""
        before, self.across = self.across, max(STEP, _within(round(across / STEP) * STEP))
        if is_drag:
            low, high = sorted((before, self.across))
            for between in [x for x in self._heights if low < x < high]:
                del self._heights[between]
        self._heights[self.across] = _within(round(up))


def _within(share: int) -> int:
    """Clamps a coordinate to the axis, 0 to 100."""
    return min(max(share, 0), WHOLE)
