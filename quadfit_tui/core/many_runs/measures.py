"""Mean losses of many runs at once, each to the last bit what `Dataset.mean_loss` gives of one; runs in pieces."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import repeat

import numpy as np

from quadfit_tui.core.model.array import Array
from quadfit_tui.core.model.parabola import losses_of_runs
from quadfit_tui.core.model.problem import MANY, Dataset

AT_ONCE = 16_384  # residuals in a piece: what stays in the processor's cache


def pieces(runs: int, samples: int) -> list[slice]:
    """The runs in pieces of AT_ONCE residuals, at least one run each."""
    size = max(1, AT_ONCE // samples)
    return [slice(low, low + size) for low in range(0, runs, size)]


def mean_losses(w: Array, problems: Sequence[Dataset]) -> Array:
    """The loss over all samples, shape (R,), of runs whose w has the shape (3, R).

    `problems` are theirs, all of one size: one for all of them, or one for each.
    """
    found, first, one = np.empty(w.shape[1]), problems[0], len(problems) == 1
    for some in pieces(w.shape[1], len(first.x)):
        if len(first.x) > MANY:
            of_each = repeat(first) if one else problems[some]
            found[some] = [each.mean_loss(column) for each, column in zip(of_each, w[:, some].T, strict=False)]
        else:
            x, y = (first.x, first.y) if one else samples_of(problems[some])
            found[some] = losses_of_runs(w[:, some], x, y)
    return found


def samples_of(problems: Sequence[Dataset]) -> tuple[Array, Array]:
    """The samples of problems of one size, x and y of shape (R, n)."""
    return np.array([each.x for each in problems]), np.array([each.y for each in problems])
