"""LossCurve: the mean loss of a run by epoch, thinned to what a chart of many runs shows."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from quadfit_tui.core.model.array import Array
from quadfit_tui.core.training.timeline import Timeline

MOST_POINTS = 200
_STRETCHES = MOST_POINTS // 2 - 1  # of each the lowest and the highest point are kept, and the first and last of all


class LossCurve(NamedTuple):
    """`epoch`, shape (n,), increasing: whole epochs done, from 0. `mean_loss`, shape (n,), in units of y², then."""

    epoch: NDArray[np.int64]
    mean_loss: Array


def loss_curve(run: Timeline) -> LossCurve:
    """The curve of a run that was trained to its end: at most MOST_POINTS points, no spike lost."""
    epochs, values = run.history.curves()
    losses = values["mean_loss"]
    if len(epochs) <= MOST_POINTS:
        return LossCurve(epochs, losses)
    kept = [0, len(epochs) - 1]
    for places in np.array_split(np.arange(len(epochs)), _STRETCHES):
        kept += [places[0] + int(find(losses[places])) for find in (np.argmin, np.argmax)]
    at = np.array(sorted(set(kept)))
    return LossCurve(epochs[at], losses[at])
