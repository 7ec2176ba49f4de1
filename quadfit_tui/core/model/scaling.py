"""Feature scaling: x standardized to z = (x − mean)/deviation, and conversion of a parabola's w between x and z.

In z a parabola is a parabola again: a·x² + b·x + c is a′·z² + b′·z + c′ with other a′, b′, c′. So code that trains or
explains in x works unchanged in z, where the curvature is well conditioned.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from quadfit_tui.core.model.array import Array

LEAST = 1e-60  # least deviation that is used: with a smaller one, large w would overflow


class Standardization(NamedTuple):
    """The mean and deviation that standardize x: z = (x − mean)/deviation. w has the shape (3,), or (m, 3) for many."""

    mean: float
    deviation: float

    def standardized(self, x: Array) -> Array:
        """Returns z = (x − mean)/deviation of x, of any shape."""
        return (x - self.mean) / self.deviation

    def to_z(self, w: Array) -> Array:
        """Converts w from coordinates of x to those of z, shape (..., 3), by inserting x = mean + deviation·z."""
        m, s = self
        a, b, c = np.moveaxis(w, -1, 0)
        with np.errstate(all="ignore"):
            return np.stack([a * s**2, (2 * a * m + b) * s, (a * m + b) * m + c], axis=-1)

    def to_x(self, w: NDArray[np.floating[Any]]) -> Array:
        """Converts w from coordinates of z to those of x, shape (..., 3), by inserting z = (x − mean)/deviation."""
        m, s = self
        a, b, c = np.moveaxis(w, -1, 0)
        with np.errstate(all="ignore"):
            return np.stack([a / s**2, b / s - 2 * a * m / s**2, c - b * m / s + a * m**2 / s**2], axis=-1)


def standardization_of(x: Array) -> Standardization:
    """Computes the Standardization of x, shape (n,): its mean and population standard deviation.

    If all x are equal, the deviation counts as 1, so that z is 0.
    """
    middle = (float(x.min()) + float(x.max())) / 2
    apart = x - middle  # a sum of x themselves would lose the differences of numbers that lie close together
    deviation = float(apart.std())
    return Standardization(middle + float(apart.mean()), deviation if deviation >= LEAST else 1.0)
