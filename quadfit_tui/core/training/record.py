"""What an update did, and the state of a run between two updates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

from quadfit_tui.core.methods.optimizers import Slots
from quadfit_tui.core.model.parabola import Array
from quadfit_tui.core.model.problem import Problem

LIGHT = 64  # samples of a batch that may be kept with every record


@dataclass(frozen=True, eq=False)
class Record:
    """What one update, or the last update of an epoch, did.

    `gradient` and `loss` are those of the update's batch before the update, `w` is the result, shape (3,). `update`
    counts from 1 within the epoch. `data` are the samples trained on, for the record of a whole epoch only; `batch` are
    those of the update, x and y. `before` and `slots` are what the update began with: w, and what the optimiser
    remembered, empty where the update makes nothing of it.

    Where the features are scaled, `w` and `batch` are in x all the same, and `scaled_w` is w in z. All else is as
    trained: `gradient` is by the parameters in z, `before` and `slots` are in z.
    """

    epoch: int
    update: int
    lr: float
    gradient: Array
    loss: float
    w: Array
    data: Problem | None = None
    batch: tuple[Array, Array] | None = None
    before: Array | None = None
    slots: tuple[Slots, ...] = ()
    scaled_w: Array | None = None

    @property
    def trained_w(self) -> Array:
        """w in the coordinates of training: of z where the features are scaled, else of x."""
        return self.w if self.scaled_w is None else self.scaled_w

    @property
    def ends_epoch(self) -> bool:
        """Whether this is the record of a whole epoch."""
        return self.data is not None

    @property
    def light(self) -> Record:
        """The same for those who keep many: without a large batch, and a small one in a copy, since all samples in the
        order of their epoch may be kept by a part of them."""
        if self.batch is None:
            return self
        x, y = self.batch
        return self.with_batch((x.copy(), y.copy()) if len(x) <= LIGHT else None)

    def with_batch(self, batch: tuple[Array, Array] | None) -> Record:
        """The same with its batch held otherwise, or not at all."""
        record = replace(self, batch=batch)
        if "mean_loss" in vars(self):  # a pass over all samples, not to be made twice
            vars(record)["mean_loss"] = self.mean_loss
        return record

    @cached_property
    def mean_loss(self) -> float | None:
        """The loss of w over the whole data set, of the record of an epoch; worked out when it is first asked for."""
        return None if self.data is None else self.data.mean_loss(self.trained_w)


class State(NamedTuple):
    """A moment of a run: whole epochs done, updates done since, w as trained, shape (3,).

    `slots` are what the optimiser keeps of each parameter. `order` is the state of the random generator before it
    orders the samples of this epoch, None where they are taken as they are. Before the epoch `leap_from` no leap is
    tried: one that was did not hold.
    """

    epoch: int
    update: int
    w: Array
    slots: tuple[Slots, ...]
    order: Mapping[str, Any] | None = None
    leap_from: int = 0
