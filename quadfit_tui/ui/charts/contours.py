"""The bands of a surface and the contours between them, cached until surface or window change."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from quadfit_tui.core.model.array import Array
from quadfit_tui.core.model.loss_surface import LossContours, SurfaceWindow
from quadfit_tui.ui.charts.axes import nice_steps, widest_window
from quadfit_tui.ui.charts.spec import Ground, Note, Role, Series

NOTE_PLACES = 24  # places on a contour, about, at one of which its level is written
MOST_LEVELS = 8  # since a ground has at most 9 bands
ENOUGH_LEVELS = 4  # if fewer levels are 1, 2 or 5 times a power of ten, they are evenly spaced instead
GROUND_SIZE = (256, 144)  # places of a ground, across and up: as many as a chart of 140 columns and 40 rows can show
FEW_CONTOURS = 5  # of more contours only every second one is drawn, or a small chart would be full of them
# The lowest level is above this part of the height: on a round surface that contour has a twentieth of the width.
LOWEST = 400


class Label(NamedTuple):
    """The label of a contour: its text, places on the contour, shape (n, 2), and their clearances, shape (n,).

    `clearance` are the squares of the distances to the nearest other contour.
    """

    text: str
    places: Array
    clearance: Array


class Contours(NamedTuple):
    """The contours of a surface: lines, a label for each level, and the bands between levels, or None without levels.

    The lines are for charts that show no bands. There may be fewer of them than levels.
    """

    lines: tuple[Series, ...]
    labels: tuple[Label, ...]
    ground: Ground | None = None

    def notes(self, path: Array, window: SurfaceWindow) -> list[Note]:
        """Returns a note with the level of each contour, placed clear of other contours and of a path, shape (m, 2)."""
        notes = []
        for text, places, away in self.labels:
            nearest = np.minimum(away, distances(places, path, window))
            # Rounded, so that of places that lie alike the last bits do not choose: another NumPy has others.
            ordered = places[np.argsort(-np.round(nearest, 9), kind="stable")]
            notes.append(Note(Role.CONTOUR, text, ordered[:, 0], ordered[:, 1]))
        return notes


def distances(places: Array, others: Array, window: SurfaceWindow) -> Array:
    """Computes squared distances on the screen from places, shape (n, 2), to the nearest of others, (m, 2): shape (n,).

    The unit of either axis is the width or the height of the window. Without others they are inf.
    """
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
    """Computes contours and bands of a section of the loss surface in a window, or returns them from the cache."""
    return _contours(section.center.tobytes(), section.root.tobytes(), section.least, window)


@lru_cache(maxsize=2)
def _contours(center: bytes, root: bytes, least: float, window: SurfaceWindow) -> Contours:
    section = LossContours(np.frombuffer(center), np.frombuffer(root).reshape(2, 2), least)
    around = widest_window(window[0]), widest_window(window[1])
    edges = levels(*section.extremes(window))
    at_levels = ((format_brief(level), section.contour(level, around)) for level in edges)
    visible = [(text, parts) for text, parts in at_levels if parts]
    lines = [
        Series(Role.CONTOUR, part[:, 0], part[:, 1], line=True, lasting=True, bare=True)
        for _, parts in visible[:: 2 if len(visible) > FEW_CONTOURS else 1]
        for part in parts
    ]
    curves = [np.concatenate(parts) for _, parts in visible]
    labels = []
    for index, (text, _) in enumerate(visible):
        places = curves[index][:: -(-len(curves[index]) // NOTE_PLACES)]
        others = np.concatenate([*curves[:index], *curves[index + 1 :], np.empty((0, 2))])
        labels.append(Label(text, places, distances(places, others, window)))
    return Contours(tuple(lines), tuple(labels), _ground(section, around, edges) if lines else None)


def _ground(section: LossContours, window: SurfaceWindow, edges: list[float]) -> Ground:
    """Computes the bands between the losses `edges`, ascending, over a window as wide as an axis may make it.

    The height of the surface at (x, y) is the squared norm of `root` times the distance from the center, shape (2,).
    """
    x = np.linspace(*window[0], GROUND_SIZE[0])
    y = np.linspace(*window[1], GROUND_SIZE[1])
    center_x, center_y = section.center.tolist()
    across = np.multiply.outer(x - center_x, section.root[:, 0])
    up = np.multiply.outer(y - center_y, section.root[:, 1])
    with np.errstate(all="ignore"):
        first = up[:, np.newaxis, 0] + across[:, 0]
        second = up[:, np.newaxis, 1] + across[:, 1]
        heights = first * first + second * second
        bands = np.zeros(heights.shape, dtype=np.int8)
        for edge in edges:
            bands += heights > edge - section.least
    return Ground(x, y, bands, len(edges) + 1)


def levels(low: float, high: float) -> list[float]:
    """Returns ascending levels for the contours of a surface whose loss goes from `low` ≥ 0 to `high`.

    They are 1, 2 or 5 times a power of ten, or evenly spaced if these would be too few. There are none if the surface
    is flat, or near the largest or the smallest doubles.
    """
    if not (1e-300 < high <= 1e308 and high - low > 1e-9 * high):
        return []
    floor = low + (high - low) / LOWEST
    decades = range(math.floor(math.log10(floor)), math.ceil(math.log10(high)) + 1)
    round_numbers = [step * 10.0**decade for decade in decades for step in (1.0, 2.0, 5.0)]
    inside = [level for level in round_numbers if floor < level < high]
    return inside if len(inside) >= ENOUGH_LEVELS else nice_levels(low, high, MOST_LEVELS)


def format_brief(value: float) -> str:
    """Formats a round number in few characters, for a label: `0.03`, `300`, `1e4`, `3e-5`."""
    if 1e-3 <= value < 1e4:
        return f"{value:.12g}"
    digits, _, exponent = f"{value:.12e}".partition("e")
    return f"{float(digits):.12g}e{int(exponent)}"


def nice_levels(low: float, high: float, most: int) -> list[float]:
    """Returns at most `most` round numbers between low and high, 1, 2 or 5 times a power of ten apart."""
    step = next(nice_steps((high - low) / most))
    first, last = math.floor(low / step + 1e-9) + 1, math.ceil(high / step - 1e-9) - 1
    return [index * step for index in range(first, last + 1)]
