"""Scaling of the features: x standardized to z = (x − mean)/deviation, and a parabola's w in either of them.

In z a parabola is a parabola again: a·x² + b·x + c is a′·z² + b′·z + c′ with other a′, b′, c′. So whatever trains
or explains in x does so in z, where the curvature is well conditioned.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from quadfit_tui.core.model.array import Array

LEAST = 1e-60  # of a deviation: a smaller one would take large w out of the doubles


class Standardization(NamedTuple):
    """z = (x − mean)/deviation. The w of x and of z have the shape (3,), or (m, 3) for many."""

    mean: float
    deviation: float

    def standardized(self, x: Array) -> Array:
        """z of x, of any shape."""
        return (x - self.mean) / self.deviation

    def to_z(self, w: Array) -> Array:
        """w of z from w of x, shape (..., 3): the same parabola, with x = mean + deviation·z put in."""
        (m, s), (a, b, c) = self, np.moveaxis(w, -1, 0)
        with np.errstate(all="ignore"):
            return np.stack([a * s**2, (2 * a * m + b) * s, (a * m + b) * m + c], axis=-1)

    def to_x(self, w: NDArray[np.floating[Any]]) -> Array:
        """w of x from w of z, shape (..., 3): the same parabola, with z = (x − mean)/deviation put in."""
        (m, s), (a, b, c) = self, np.moveaxis(w, -1, 0)
        with np.errstate(all="ignore"):
            return np.stack([a / s**2, b / s - 2 * a * m / s**2, c - b * m / s + a * m**2 / s**2], axis=-1)


def scale_of(x: Array) -> Standardization:
    """The mean and the standard deviation (of all there are, not an estimate) of x, shape (n,).

    Where all x are one, the deviation counts as 1: then z is 0.
    """
    middle = (float(x.min()) + float(x.max())) / 2
    apart = x - middle  # numbers that lie close together lose nothing by this, as they would in a sum
    deviation = float(apart.std())
    return Standardization(middle + float(apart.mean()), deviation if deviation >= LEAST else 1.0)
