"""The bands of a surface and the contours between them, as they are drawn: anew only where surface or window change."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from quadfit_tui.core.model.array import Array
from quadfit_tui.core.model.loss_surface import LossContours, SurfaceWindow
from quadfit_tui.ui.charts.axes import nice_steps, wider
from quadfit_tui.ui.charts.spec import Ground, Note, Role, Series

NOTE_PLACES = 24  # of which one is taken
MOST = 8  # levels: a ground has no more than 9 bands
ENOUGH = 4  # levels; of fewer, those between them, too
GROUND = (256, 144)  # places of a ground, across and up: as many as a chart of 140 columns and 40 rows can show
FEW = 5  # contours; of more, every second one is drawn, or a small chart would be full of them
LOWEST = 400  # a contour is of use from such a part of the height on: of a round surface, a twentieth of its width


class Label(NamedTuple):
    """The text of a contour, places on it, shape (n, 2), and how far each is from all other contours, shape (n,)."""

    text: str
    places: Array
    away: Array


class Contours(NamedTuple):
    """The lines of contours, a label for each level, and the bands between these, None where there are no levels.

    Lines are for charts without bands, and fewer than these have edges.
    """

    lines: tuple[Series, ...]
    labels: tuple[Label, ...]
    ground: Ground | None = None

    def notes(self, path: Array, window: SurfaceWindow) -> list[Note]:
        """On each contour its level, where that is clear of other contours and of a path, shape (m, 2)."""
        found = []
        for text, places, away in self.labels:
            nearest = np.minimum(away, distances(places, path, window))
            # Rounded, so that of places that lie alike the last bits do not choose: another NumPy has others.
            ordered = places[np.argsort(-np.round(nearest, 9), kind="stable")]
            found.append(Note(Role.CONTOUR, text, ordered[:, 0], ordered[:, 1]))
        return found


def distances(places: Array, others: Array, window: SurfaceWindow) -> Array:
    """How far places, shape (n, 2), are on the screen from the nearest of others, (m, 2): the squares, shape (n,)."""
    if not len(others):
        return np.full(len(places), np.inf)
    (left, right), (low, high) = window
    x = (places[:, :1] - others[:, 0]) / (right - left)
    y = (places[:, 1:] - others[:, 1]) / (high - low)
    x *= x
    y *= y
    x += y
    nearest: Array = x.min(axis=1)
    return nearest


def contours_of(section: LossContours, window: SurfaceWindow) -> Contours:
    """The contours of a section of the loss surface in a window."""
    return _contours(section.center.tobytes(), section.root.tobytes(), section.least, window)


@lru_cache(maxsize=2)
def _contours(center: bytes, root: bytes, least: float, window: SurfaceWindow) -> Contours:
    section = LossContours(np.frombuffer(center), np.frombuffer(root).reshape(2, 2), least)
    around = wider(window[0]), wider(window[1])
    edges = levels(*section.extremes(window))
    at_levels = ((brief(level), section.contour(level, around)) for level in edges)
    found = [(text, parts) for text, parts in at_levels if parts]
    lines = [
        Series(Role.CONTOUR, part[:, 0], part[:, 1], line=True, lasting=True, bare=True)
        for _, parts in found[:: 2 if len(found) > FEW else 1]
        for part in parts
    ]
    curves = [np.concatenate(parts) for _, parts in found]
    labels = []
    for at, (text, _) in enumerate(found):
        places = curves[at][:: -(-len(curves[at]) // NOTE_PLACES)]
        others = np.concatenate([*curves[:at], *curves[at + 1 :], np.empty((0, 2))])
        labels.append(Label(text, places, distances(places, others, window)))
    return Contours(tuple(lines), tuple(labels), _ground(section, around, edges) if lines else None)


def _ground(section: LossContours, window: SurfaceWindow, edges: list[float]) -> Ground:
    """The bands between these losses, from the lowest one on, over all that a window may be widened to."""
    x, y = (np.linspace(*ends, count) for ends, count in zip(window, GROUND, strict=True))
    along, up = (
        np.multiply.outer(values - center, column)
        for values, center, column in zip((x, y), section.center.tolist(), section.root.T, strict=True)
    )
    with np.errstate(all="ignore"):
        first, second = (up[:, np.newaxis, row] + along[:, row] for row in (0, 1))
        heights = first * first + second * second
        bands = np.zeros(heights.shape, dtype=np.int8)
        for edge in edges:
            bands += heights > edge - section.least
    return Ground(x, y, bands, len(edges) + 1)


def levels(low: float, high: float) -> list[float]:
    """Levels for a surface that goes from `low` ≥ 0 to `high`; none where it is flat, or at the end of the doubles.

    They are 1, 2 or 5 times a power of ten; where all is of about the same height, in equal steps. No more than MOST.
    """
    if not (1e-300 < high <= 1e308 and high - low > 1e-9 * high):
        return []
    floor = low + (high - low) / LOWEST
    decades = range(math.floor(math.log10(floor)), math.ceil(math.log10(high)) + 1)
    found = [step * 10.0**decade for decade in decades for step in (1.0, 2.0, 5.0)]
    found = [level for level in found if floor < level < high]
    return found if len(found) >= ENOUGH else nice_levels(low, high, MOST)


def brief(value: float) -> str:
    """A round number in few characters: `0.03`, `300`, `1e4`, `3e-5`."""
    if 1e-3 <= value < 1e4:
        return f"{value:.12g}"
    digits, _, exponent = f"{value:.12e}".partition("e")
    return f"{float(digits):.12g}e{int(exponent)}"


def nice_levels(low: float, high: float, most: int) -> list[float]:
    """Round numbers between low and high, 1, 2 or 5 times a power of ten apart: as many as there may be, at least 2."""
    step = next(nice_steps((high - low) / most))
    first, last = math.floor(low / step + 1e-9) + 1, math.ceil(high / step - 1e-9) - 1
    return [index * step for index in range(first, last + 1)]
