"""Sentences of the narrator, and the epochs that it tells of."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from quadfit_tui.core.model.array import Array

LONG, BRIEF = 78, 38  # columns of a sentence, and of its short form


class Sentence(NamedTuple):
    """What is told after so many epochs: of which kind it is, in full and in brief; `warns` of what went wrong."""

    epochs: int
    kind: str
    full: str
    brief: str
    warns: bool = False


class Rows(NamedTuple):
    """Epochs in order, of which those from index `new` on are new: `epochs` and `loss`, shape (n,); `w`, shape (n, 3).

    `off` is w − optimum, shape (n, 3); all nan where the optimum is not known.
    """

    epochs: NDArray[np.int64]
    loss: Array
    w: Array
    off: Array
    new: int

    def ago(self, values: Array, count: int) -> Array:
        """The values so many epochs before, nan where these are not there."""
        before = np.full(values.shape, np.nan)
        if len(values) > count:
            apart = self.epochs[count:] - self.epochs[:-count] == count
            before[count:][apart] = values[:-count][apart]
        return before

    def lasting(self, holds: NDArray[np.bool_], count: int) -> NDArray[np.bool_]:
        """Whether something holds at each of the `count` epochs up to this one."""
        values = holds.astype(np.float64)
        return np.logical_and.reduce([holds, *(self.ago(values, back) == 1 for back in range(1, count))])


def number(value: float) -> str:
    """A value with three digits, or with more where it has more before its point: 0.65, -2403, 5.79e+06."""
    return f"{value:.0f}" if 1000 <= abs(value) < 1e5 else f"{value + 0.0:.3g}"
