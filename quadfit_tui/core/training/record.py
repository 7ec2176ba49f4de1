"""Record: the result of an update; TrainerState: the state of a run between two updates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from quadfit_tui.core.methods.optimizers import Slots
from quadfit_tui.core.model.array import Array
from quadfit_tui.core.model.task import FitTask
from quadfit_tui.core.training.position import Position

Order = Mapping[str, Any]  # the state of a random generator that draws the order of an epoch's samples next

_newest: tuple[Order, NDArray[np.intp]] | None = (
    None  # the permutation drawn last, cached since an epoch has many updates
)


def generator_of(order: Order) -> np.random.Generator:
    """Returns a random generator in the state `order`, so that it draws that order next."""
    generator = np.random.Generator(getattr(np.random, order["bit_generator"])(0))
    generator.bit_generator.state = order
    return generator


def _permutation(order: Order, samples: int) -> NDArray[np.intp]:
    """Returns the permutation of `samples` indices in this order; the newest one is cached."""
    global _newest
    cached = _newest
    if cached is None or cached[0] is not order or len(cached[1]) != samples:
        cached = _newest = order, generator_of(order).permutation(samples)
    return cached[1]


@dataclass(frozen=True, eq=False)
class Record:
    """The data of one update, or of the last update of an epoch, from which views and files show it.

    `gradient` and `loss` are those of the update's batch before the update, `trained_w` is w after it, shape (3,).
    `update` counts from 1 within the epoch. `before` is w before the update, and `slots` the optimizer's memory then,
    empty if the update does not use it. `order` is that of the samples in its epoch, None if they are not shuffled.
    `ends_epoch` marks the record of a whole epoch.

    All values are as trained: if the features are scaled, w is in z, and `gradient` is by the parameters in z.
    """

    task: FitTask
    epoch: int
    update: int
    lr: float
    gradient: Array
    loss: float
    trained_w: Array
    before: Array
    slots: tuple[Slots, ...] = ()
    order: Order | None = None
    ends_epoch: bool = False

    @property
    def position(self) -> Position:
        """The position after the update."""
        return Position(self.epoch + 1, 0) if self.ends_epoch else Position(self.epoch, self.update)

    @property
    def w(self) -> Array:
        """w after the update in coordinates of x, shape (3,)."""
        return self.task.to_x(self.trained_w)

    @property
    def batch(self) -> tuple[Array, Array]:
        """The samples of the update, x (not scaled) and y, each of shape (batch,); looked up on each access.

        A full batch comes in the order of the data: its gradient does not depend on the order.
        """
        part = slice((self.update - 1) * self.task.batch, self.update * self.task.batch)
        x, y = self.task.problem.x, self.task.problem.y
        if self.order is None or self.task.is_full_batch:
            return x[part], y[part]
        indices = _permutation(self.order, len(x))[part]
        return x[indices], y[indices]

    @cached_property
    def mean_loss(self) -> float | None:
        """The loss of w over all samples if the update ends an epoch, else None; computed at the first access."""
        return self.task.trained.mean_loss(self.trained_w) if self.ends_epoch else None


class TrainerState(NamedTuple):
    """A point of a run: whole epochs done, updates done since, w as trained, shape (3,).

    `slots` are the optimizer's memory for each parameter. `order` is that of the samples of this epoch, None if they
    are not shuffled. Before the epoch `span_from`, FastForward tries no span, since the last attempt failed.
    """

    epoch: int
    update: int
    w: Array
    slots: tuple[Slots, ...]
    order: Order | None = None
    span_from: int = 0
