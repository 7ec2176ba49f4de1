"""EpochPath: where w went update by update within an epoch, for the charts that show it.

It is trained again, by a trainer of its own, so that the run knows nothing of being looked at.
"""

from __future__ import annotations

import numpy as np

from quadfit_tui.core.model.array import Array
from quadfit_tui.core.training.record import State
from quadfit_tui.core.training.trainer import Trainer

# What takes some milliseconds, once a frame.
PATH_UPDATES = 256  # of an epoch of more updates every second one is seen, or every fourth ...
MOST_UPDATES = 20_000  # of an epoch
MOST_CHUNKS = 5  # of the same, where an update takes longer
MOST_SAMPLES = 200_000  # of an epoch of more than one update


def has_epoch_path(trainer: Trainer) -> bool:
    """Whether an epoch of this run is followed update by update without keeping anybody waiting."""
    updates = trainer.task.updates_per_epoch
    few = updates <= min(MOST_UPDATES, MOST_CHUNKS * trainer.chunk) and len(trainer.task.trained.x) <= MOST_SAMPLES
    return few or updates == 1  # which nothing has to be trained for


class EpochPath:
    """Follows epochs of one run, by a trainer that nobody else uses; where one goes on, so does it."""

    def __init__(self, trainer: Trainer) -> None:
        self._trainer = trainer
        self._epoch = -1
        self._passed = np.empty((0, 3))  # w every `apart` updates, from the start of the epoch on
        self._apart = 1

    def points(self, start: State, update: int, w: Array, most: int) -> Array:
        """w before and after the first `update` updates of the epoch that begins with `start`, shape (m, 3).

        All are as trained; `w` is known already: it comes last. Where there are more than `most` updates, only every
        second one is shown, or every fourth ..., so that m is at most most + 1.
        """
        trainer, apart = self._trainer, 1
        while update > most * apart:
            apart *= 2
        if start.epoch != self._epoch or update <= trainer.update or apart < self._apart:
            trainer.restore(start)
            self._epoch, self._passed, self._apart = start.epoch, start.w[np.newaxis], apart
        self._passed, self._apart = self._passed[:: apart // self._apart], apart
        missing = range(len(self._passed) * apart, update, apart)
        if missing:
            self._passed = np.concatenate([self._passed, trainer.trace(missing)])
        return np.concatenate([self._passed, w[np.newaxis]])
