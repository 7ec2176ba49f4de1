"""Which samples an update takes: those of its batch, in the order of its epoch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quadfit_tui.core.model.array import Array
from quadfit_tui.core.model.task import Task

Order = Mapping[str, Any]  # the state of a random generator, from which the order of an epoch's samples is drawn

_newest: tuple[Order, NDArray[np.intp]] | None = None  # what was drawn last: an epoch has many updates


def batch_of(task: Task, update: int, order: Order | None) -> tuple[Array, Array]:
    """x and y of an update's samples as the data have them, each of shape (task.batch,); it counts from 1.

    `order` is that of its epoch, None where the samples are taken as they are. So they are also where they all are in
    the batch: its gradient does not depend on their order.
    """
    part = slice((update - 1) * task.batch, update * task.batch)
    x, y = task.problem.x, task.problem.y
    if order is None or task.is_full_batch:
        return x[part], y[part]
    numbers = _drawn(order, len(x))[part]
    return x[numbers], y[numbers]


def _drawn(order: Order, samples: int) -> NDArray[np.intp]:
    """The numbers of the samples in this order, as Generator.permutation draws them."""
    global _newest
    known = _newest
    if known is None or known[0] is not order or len(known[1]) != samples:
        known = _newest = order, _generator(order).permutation(samples)
    return known[1]


def _generator(order: Order) -> np.random.Generator:
    generator = np.random.Generator(getattr(np.random, order["bit_generator"])(0))
    generator.bit_generator.state = order
    return generator


class Orders:
    """The orders of epochs in a row, of so many samples: those that are not `known` are drawn when one is asked for."""

    def __init__(self, samples: int, known: dict[int, Order]) -> None:
        """`known` are those of some epochs by their numbers, which count from the first and end with the last."""
        self._samples = samples
        self._known = known

    def __getitem__(self, epoch: int) -> Order:
        if epoch not in self._known:
            generator = _generator(self._known[0])
            for each in range(1, max(self._known)):
                generator.permutation(self._samples)
                self._known.setdefault(each, generator.bit_generator.state)
        return self._known[epoch]
