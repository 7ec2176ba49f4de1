"""The inside of a chart: lines and points put into cells, in NumPy, since a picture has thousands of them."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quadfit_tui.core.model.array import Array
from quadfit_tui.core.model.parabola import distinct
from quadfit_tui.ui.charts.spec import Range, Role

Window = tuple[Range, Range]  # of x, of y
Size = tuple[int, int]  # columns, rows
Places = NDArray[np.signedinteger[Any]]

_ACROSS, _DOWN = 2, 4  # dots of a braille character
_BRAILLE = 0x2800
_IN_ORDER = [0, 2, 4, 1, 3, 5, 6, 7]  # the dots of a character, counted by rows, in the order of Unicode's bits
_AT_ONCE = 256  # segments: what is computed for them stays in the processor's cache, which makes it three times as fast
# A value lies as far into its first or last cell as plotext has it; so do ticks, in theirs.
FIRST, LAST = 0.5016585662, 0.501516152


class Canvas:
    """`height` rows of `width` cells that show a window; both axes are linear.

    What is put into a cell covers what was there, but braille dots gather, in the color of the last one.
    """

    def __init__(self, width: int, height: int, x_range: Range, y_range: Range) -> None:
        self.width, self.height = width, height
        self.roles = np.full((height, width), ord(Role.BLANK), dtype=np.uint32)
        self._window = x_range, y_range
        self._signs = np.full((height, width), ord(" "), dtype=np.uint32)  # 0 where there are dots
        self._dots = np.zeros((height * _DOWN, width * _ACROSS), dtype=np.bool_)

    def add_points(self, role: Role, x: Array, y: Array, sign: str) -> None:
        """Marks each of the points (x, y), each of shape (n,), that lies in the window."""
        inside = _inside(x, y, *self._window)
        if inside.any():  # what is for the legend only may have a sign of two characters
            self._mark(role, *self._places(x[inside], y[inside]), sign)

    def add_line(self, role: Role, x: Array, y: Array, sign: str = "", lasting: bool = False) -> None:
        """Draws what is in the window of the line through (x, y): in braille, or with a sign.

        What a `lasting` line comes to in braille is kept for the next canvas like this one.
        """
        if sign:
            self._mark(role, *_samples(*self._places(*clip_polyline(x, y, *self._window))), sign)
            return
        size = self.width, self.height
        if lasting:
            dots, cells = _kept_dots(x.tobytes(), y.tobytes(), self._window, size)
        else:
            dots, cells = _dots(x, y, self._window, size)
        self._dots.ravel()[dots] = True
        self._signs.ravel()[cells], self.roles.ravel()[cells] = 0, ord(role)

    def write(self, role: Role, column: int, line: int, text: str) -> None:
        """Puts a text into a row, from a column on."""
        span = slice(column, column + len(text))
        self._signs[line, span], self.roles[line, span] = [ord(sign) for sign in text], ord(role)

    def rows(self) -> list[tuple[str, str]]:
        """For each row its text and its roles."""
        dots = self._dots.reshape(self.height, _DOWN, self.width, _ACROSS).transpose(0, 2, 1, 3)
        dots = dots.reshape(self.height, self.width, -1)[..., _IN_ORDER]
        braille = _BRAILLE + np.packbits(dots, axis=2, bitorder="little")[..., 0].astype(np.uint32)
        text = np.where(self._signs == 0, braille, self._signs)
        return list(zip(_strings(text), _strings(self.roles), strict=True))

    def _places(self, x: Array, y: Array) -> tuple[Array, Array]:
        return _places(x, y, self._window, (self.width, self.height))

    def _by_cell(self, dots: NDArray[np.bool_]) -> NDArray[np.uint16]:
        """The same memory by rows, lines of dots, and cells: two dots are read as one number."""
        return dots.view(np.uint16).reshape(self.height, _DOWN, self.width)

    def _mark(self, role: Role, x: Array, y: Array, sign: str) -> None:
        across, down = x.astype(np.intp), y.astype(np.intp)
        self._signs[down, across], self.roles[down, across] = ord(sign), ord(role)
        self._by_cell(self._dots)[down, :, across] = 0


def _strings(codes: NDArray[np.uint32]) -> list[str]:
    """Each row of characters, by their numbers, as a string."""
    return [row.tobytes().decode("utf-32") for row in codes]


def _places(x: Array, y: Array, window: Window, size: Size) -> tuple[Array, Array]:
    """Where points of the window lie, as columns and lines with fractions."""
    (low, high), (bottom, top) = window
    across, down = size[0] - FIRST - LAST, size[1] - FIRST - LAST
    return FIRST + across * ((x - low) / (high - low)), FIRST + down * ((y - top) / (bottom - top))


def _dots(x: Array, y: Array, window: Window, size: Size) -> tuple[Places, Places]:
    """The dots that a line passes, and their cells: their numbers, counted by rows, some of them more than once."""
    ends_x, ends_y = _places(*clip_polyline(x, y, *window), window, size)
    ends_x, ends_y = ends_x * _ACROSS, ends_y * _DOWN
    dots, cells = [np.empty(0, np.intp)], [np.empty(0, np.intp)]
    for start in range(0, len(ends_x), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        column, line = (each.astype(np.intp) for each in _samples(ends_x[part], ends_y[part]))
        dots.append(line * (size[0] * _ACROSS) + column)
        cells.append(line // _DOWN * size[0] + column // _ACROSS)
    return np.concatenate(dots), np.concatenate(cells)


@lru_cache(maxsize=64)
def _kept_dots(x: bytes, y: bytes, window: Window, size: Size) -> tuple[Places, Places]:
    """The same of a line that will be drawn again, each number once."""
    dots, cells = _dots(np.frombuffer(x), np.frombuffer(y), window, size)
    return distinct(dots).astype(np.int32), distinct(cells).astype(np.int32)


def _samples(x: Array, y: Array) -> tuple[Array, Array]:
    """Points along segments, the ends of which are of shape (m, 2): as many as these pass dots, and both ends."""
    passed = [np.abs(np.diff(values.astype(np.int64), axis=1)).ravel() for values in (x, y)]
    steps = np.maximum(np.maximum(*passed), 1)
    counts = steps + 1
    at = np.arange(counts.sum(), dtype=np.float64)
    at -= np.repeat((np.cumsum(counts) - counts).astype(np.float64), counts)
    sampled = []
    for values in (x, y):
        along = np.repeat((values[:, 1] - values[:, 0]) / steps, counts)
        along *= at
        along += np.repeat(values[:, 0], counts)
        sampled.append(along)
    return sampled[0], sampled[1]


def clip_polyline(x: Array, y: Array, x_range: Range, y_range: Range) -> tuple[Array, Array]:
    """What lies in the window of the segments of the line through (x, y), each of shape (n,); any float may occur.

    Gives the x and the y of both ends of each of them, arrays of shape (m, 2). Each segment is cut by the method of
    Liang and Barsky (1984). Segments with an end that is nan or infinite are left out.
    """
    if _inside(x, y, x_range, y_range).all():
        return np.column_stack([x[:-1], x[1:]]), np.column_stack([y[:-1], y[1:]])
    finite = np.isfinite(x) & np.isfinite(y)
    # Far away all slopes look the same, and differences of the largest doubles would overflow.
    far_x, far_y = _far(x_range), _far(y_range)
    x, y = np.clip(np.nan_to_num(x), *far_x), np.clip(np.nan_to_num(y), *far_y)
    dx, dy = np.diff(x), np.diff(y)
    enter, leave = np.zeros(len(dx)), np.ones(len(dx))
    drawn = finite[:-1] & finite[1:]
    for start, delta, (low, high) in ((x[:-1], dx, x_range), (y[:-1], dy, y_range)):
        with np.errstate(all="ignore"):
            first, second = (low - start) / delta, (high - start) / delta
        moving = delta != 0
        enter = np.where(moving, np.maximum(enter, np.minimum(first, second)), enter)
        leave = np.where(moving, np.minimum(leave, np.maximum(first, second)), leave)
        drawn &= moving | ((start >= low) & (start <= high))
    drawn &= enter <= leave
    t = np.column_stack([enter, leave])[drawn]
    begin_x, begin_y, dx, dy = (values[drawn, np.newaxis] for values in (x[:-1], y[:-1], dx, dy))
    return np.clip(begin_x + t * dx, *x_range), np.clip(begin_y + t * dy, *y_range)


def _inside(x: Array, y: Array, x_range: Range, y_range: Range) -> NDArray[np.bool_]:
    return (x >= x_range[0]) & (x <= x_range[1]) & (y >= y_range[0]) & (y <= y_range[1])


def _far(window: Range) -> Range:
    reach = 1e6 * (window[1] - window[0])
    return window[0] - reach, window[1] + reach
