"""Mean losses of many runs at once, with the same bits as `Dataset.mean_loss` of one; splits runs into pieces."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import repeat

import numpy as np

from quadfit_tui.core.model.array import Array
from quadfit_tui.core.model.parabola import losses_of_runs
from quadfit_tui.core.model.problem import SUMS_FROM, Dataset

AT_ONCE = 16_384  # maximum number of residuals in a piece, to fit in the processor's cache


def pieces(runs: int, samples: int) -> list[slice]:
    """Splits so many runs of so many samples into slices of at most AT_ONCE residuals, or of one run."""
    size = max(1, AT_ONCE // samples)
    return [slice(low, low + size) for low in range(0, runs, size)]


def mean_losses(w: Array, problems: Sequence[Dataset]) -> Array:
    """Computes the mean losses of R runs over all of their samples, shape (R,); w has the shape (3, R).

    `problems` are their datasets, all of the same size: one for all runs, or one for each.
    """
    losses = np.empty(w.shape[1])
    first = problems[0]
    is_shared = len(problems) == 1
    for some in pieces(w.shape[1], len(first.x)):
        if len(first.x) > SUMS_FROM:
            datasets = repeat(first) if is_shared else problems[some]
            losses[some] = [dataset.mean_loss(row) for dataset, row in zip(datasets, w[:, some].T, strict=False)]
        else:
            x, y = (first.x, first.y) if is_shared else samples_of(problems[some])
            losses[some] = losses_of_runs(w[:, some], x, y)
    return losses


def samples_of(problems: Sequence[Dataset]) -> tuple[Array, Array]:
    """Stacks the samples of R datasets of the same size: x and y of shape (R, n)."""
    return np.array([problem.x for problem in problems]), np.array([problem.y for problem in problems])
