"""What an update did, and the state of a run between two updates."""

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

Order = Mapping[str, Any]  # the state of a random generator, from which the order of an epoch's samples is drawn

_newest: tuple[Order, NDArray[np.intp]] | None = None  # what was drawn last: an epoch has many updates


def generator_of(order: Order) -> np.random.Generator:
    """A generator that draws this order next."""
    generator = np.random.Generator(getattr(np.random, order["bit_generator"])(0))
    generator.bit_generator.state = order
    return generator


def _numbers(order: Order, samples: int) -> NDArray[np.intp]:
    """The numbers of so many samples in this order."""
    global _newest
    known = _newest
    if known is None or known[0] is not order or len(known[1]) != samples:
        known = _newest = order, generator_of(order).permutation(samples)
    return known[1]


@dataclass(frozen=True, eq=False)
class Record:
    """What one update, or the last update of an epoch, did.

    `gradient` and `loss` are those of the update's batch before the update, `trained_w` is the result, shape (3,).
    `update` counts from 1 within the epoch. `before` and `slots` are what the update began with: w, and what the
    optimizer remembered, empty where the update makes nothing of it. `order` is that of the samples in its epoch, None
    where they are taken as they are. `ends_epoch` tells the record of a whole epoch.

    All is as trained: where the features are scaled, w is in z, and `gradient` is by the parameters in z.
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
        """The moment to which the update leads."""
        return Position(self.epoch + 1, 0) if self.ends_epoch else Position(self.epoch, self.update)

    @property
    def w(self) -> Array:
        """The result in coordinates of x, shape (3,)."""
        return self.task.to_x(self.trained_w)

    @property
    def batch(self) -> tuple[Array, Array]:
        """The samples of the update, x and y as the data have them, each of shape (batch,): found when asked for.

        Where they are all in the batch they are taken as they are: its gradient does not depend on their order.
        """
        part = slice((self.update - 1) * self.task.batch, self.update * self.task.batch)
        x, y = self.task.problem.x, self.task.problem.y
        if self.order is None or self.task.is_full_batch:
            return x[part], y[part]
        numbers = _numbers(self.order, len(x))[part]
        return x[numbers], y[numbers]

    @cached_property
    def mean_loss(self) -> float | None:
        """The loss of w over the whole data set, of the record of an epoch; worked out when it is first asked for."""
        return self.task.trained.mean_loss(self.trained_w) if self.ends_epoch else None


class TrainerState(NamedTuple):
    """A point of a run: whole epochs done, updates done since, w as trained, shape (3,).

    `slots` are what the optimizer keeps of each parameter. `order` is that of the samples of this epoch, None where
    they are taken as they are. Before the epoch `span_from` no epochs are skipped at once: an attempt did not hold.
    """

    epoch: int
    update: int
    w: Array
    slots: tuple[Slots, ...]
    order: Order | None = None
    span_from: int = 0
