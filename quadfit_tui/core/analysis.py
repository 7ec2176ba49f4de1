"""What can be known of a run beforehand: from the data's own curvature."""

from __future__ import annotations

import numpy as np

from quadfit_tui.core.config import RunConfig
from quadfit_tui.core.problem import Problem
from quadfit_tui.core.quadratic import curvature, features
from quadfit_tui.core.rules import CONVENTIONS


def safe_rate(config: RunConfig, problem: Problem) -> float:
    """A learning rate below which no update can diverge: 2/(factor·λ).

    An update on a batch with features F takes w − w* to (I − lr·factor·FᵀF/n)·(w − w*), which does not lengthen it
    while lr·factor·λmax(FᵀF/n) ≤ 2. For full batch this λmax is that of the data and the limit is exact; for smaller
    batches λ is the largest ‖f‖² of a sample, which no batch exceeds, and somewhat higher rates may do.
    """
    if config.batch == "full":
        largest = float(np.linalg.eigvalsh(curvature(problem.x))[-1])
    else:
        largest = float((features(problem.x) ** 2).sum(axis=1).max())
    return 2 / (CONVENTIONS[config.gradient] * largest)
