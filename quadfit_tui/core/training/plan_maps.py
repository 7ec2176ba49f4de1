"""Plans of many epochs as affine maps, applied to N runs side by side, of which one run is the case N = 1.

All runs have the samples, the batches, the optimizer and the lengths of stretches in common; rates and starts are their
own. What each comes to is the same to the last bit, whoever goes beside it.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from quadfit_tui.core.algebra import affine_maps
from quadfit_tui.core.algebra.affine_maps import Maps
from quadfit_tui.core.methods.optimizers import Momentum
from quadfit_tui.core.model.array import Array
from quadfit_tui.core.model.parabola import EPSILON, row_gradients
from quadfit_tui.core.model.problem import Dataset

ACCURACY = 1e-10  # what rounding may cost a span, relative to the largest of a, b, c
FARTHEST = 4e153  # that all residuals together may be within an epoch: their squares are not yet too large


class Plan(NamedTuple):
    """Stretches of epochs at one learning rate each (and, where shuffled, in one order each): rates and lengths."""

    rates: tuple[float, ...]
    counts: tuple[int, ...]


class EpochBatches(NamedTuple):
    """What the maps of an epoch are made of, in each of O orders.

    `samples` are x and y of all samples but the last one, each of shape (O, n − 1), where the maps are made sample by
    sample; `gradients` are the gradient maps of the last sample then, of all batches elsewhere, shape (O, J, 3, 4).
    `steepest` is no less than the largest eigenvalue of FᵀF/n of any batch.
    """

    samples: tuple[Array, Array] | None
    gradients: Array
    steepest: float

    def repeated(self, times: int) -> EpochBatches:
        """The orders again and again, for as many runs; where there is one order, it does for all."""
        if len(self.gradients) == 1 or times == 1:
            return self
        samples = self.samples and (np.tile(self.samples[0], (times, 1)), np.tile(self.samples[1], (times, 1)))
        # In memory entry after entry, as they are: the order in which products are added up depends on that.
        entries = np.tile(self.gradients.transpose(2, 3, 1, 0), times)
        return self._replace(samples=samples, gradients=entries.transpose(3, 2, 0, 1))

    def maps(self, rates: Array, momentum: Momentum, weights: Array | None) -> tuple[Maps, Maps]:
        """The maps to before the last update of an epoch, and of the whole epoch, at each of the rates of all runs."""
        if self.samples is not None:
            first = affine_maps.compose_samples(*self.samples, rates, weights)
        else:
            first = affine_maps.compose(self.gradients[:, :-1], rates, momentum, weights)
        update = affine_maps.update_maps(self.gradients[:, -1:], rates, momentum)[:, 0]
        return first, Maps(affine_maps.chain_deviations(update, first.deviation), first.growth)


class PlanMaps(NamedTuple):
    """The maps that take a state through the stretches of a plan, of each of N runs.

    For each stretch r and each epoch k of it, `before` leads from the start of the stretch to before the epoch's last
    update, shape (N, R, P, D, D); `over` leads over the whole stretch, shape (N, R, D, D), `whole` is the deviation of
    what leads over all of them, shape (N, D, D), where rounding has to be bounded. `growth`, shape (N, R, P), bounds
    what rounding of the maps grew by, `within`, shape (N, 1), what it grew by within an epoch, `size`, shape (N·R, P),
    what k epochs lengthen by, and `lengthens` what any part of the plan does, shape (N, 1), or (N, P) up to each epoch.
    `growing` are the growing_parts of the whole plan, None where no run has one.
    """

    before: Array
    over: Array
    whole: Array | None
    growth: Array
    within: Array
    size: Array
    lengthens: Array
    growing: list[Array | None] | None = None

    @property
    def grow(self) -> NDArray[np.bool_]:
        """Whether each of the runs has a part that grows, shape (N,)."""
        growing = self.growing or [None] * len(self.over)
        return np.array([part is not None for part in growing])

    def _with_growth(self) -> PlanMaps:
        """Returns the maps with the knowledge of what grows."""
        growing = [] if self.whole is None else affine_maps.growing_parts(self.whole)
        if all(part is None for part in growing):
            return self
        maps = self._replace(growing=growing)
        if self.over.shape[1] > 1:
            return maps
        # Bounds of products, each by itself, never come down again: no power makes more of an error in each epoch.
        lengthens = np.maximum.accumulate(self.size, axis=1)
        steps = np.sqrt(self.within) * lengthens * np.arange(1, lengthens.shape[1] + 1)
        grow = maps.grow[:, np.newaxis]
        growth = np.where(grow[:, np.newaxis], np.minimum(self.growth, steps[:, np.newaxis]), self.growth)
        return maps._replace(growth=growth, lengthens=np.where(grow, lengthens, self.lengthens))


def plan_maps(first: Maps, epoch: Maps, counts: tuple[int, ...], weights: Array | None, runs: int = 1) -> PlanMaps:
    """The maps of a plan from those of an epoch in each of its stretches: all stretches of a run, then of the next."""
    repeated, size, growth = affine_maps.powers(epoch, max(counts), weights)
    ends = np.array(counts * runs) - 1
    over = epoch.matrix @ repeated[np.arange(len(ends)), ends]
    over = over.reshape(runs, len(counts), *over.shape[1:])
    before, within = first.matrix[:, np.newaxis], first.growth[:, np.newaxis]
    lengthens, whole = np.ones((runs, 1)), None
    if weights is not None:
        growth = affine_maps.norms(before, weights)[:, np.newaxis] * growth
        whole, grown = affine_maps.product(over - affine_maps.identity(over.shape[-1]), weights)
        lengthens = (np.sqrt(grown) * size.reshape(runs, -1).max(axis=1))[:, np.newaxis]
    growth = growth + within * size
    before = before @ repeated
    return PlanMaps(
        before.reshape(runs, len(counts), *before.shape[1:]),
        over,
        whole,
        growth.reshape(runs, len(counts), -1),
        np.maximum.reduce(within.reshape(runs, -1), axis=1, keepdims=True),
        size,
        lengthens,
    )._with_growth()


def before_last(
    maps: PlanMaps, counts: tuple[int, ...], vectors: Array, problem: Dataset
) -> tuple[Array, NDArray[np.bool_]]:
    """(w, v, 1) before the last update of each epoch, shape (N, epochs, D), from those at the start, shape (N, D).

    And for each of them, shape (N, epochs), whether rounding left it good. What has been lost grows no more than what w
    is made of, if that is good too for the part of w that grows most.
    """
    start = _starts(maps.over, vectors)
    lengths = np.array(counts)
    chosen = (np.arange(maps.before.shape[2]) < lengths[:, np.newaxis]).reshape(-1).nonzero()[0]
    rows = (maps.before @ start[:, :, np.newaxis, :, np.newaxis])[..., 0]
    rows = rows.reshape(len(rows), -1, rows.shape[-1]).take(chosen, axis=1)
    # The 1 of (w, v, 1) is no size: where all of w tends to 0, so does what is lost.
    size = _largest(start[..., :-1]).repeat(lengths, axis=1) + _largest(rows[..., :-1])
    growth = maps.growth.reshape(len(rows), -1).take(chosen, axis=1)
    lost = EPSILON * (maps.lengthens * max(map(abs, problem.center.tolist())) + growth * size)
    rows[..., :3] += problem.center
    largest = _largest(rows[..., :3])
    residuals = maps.within * largest * np.add.reduce(problem.reach) * math.sqrt(len(problem.x))
    told = largest
    if maps.growing is not None:
        grows = [np.inf if part is None else abs(part @ row) for part, row in zip(maps.growing, vectors, strict=True)]
        told = np.minimum(largest, maps.lengthens * np.array(grows)[:, np.newaxis])
    return rows, (lost <= ACCURACY * told) & (residuals <= FARTHEST)


def _largest(vectors: Array) -> Array:
    """The largest size of each vector's numbers, shape (..., d): a maximum along so short rows takes longer."""
    sizes = np.abs(vectors)
    found: Array = sizes[..., 0]
    for at in range(1, sizes.shape[-1]):
        found = np.maximum(found, sizes[..., at])
    return found


def _starts(over: Array, vectors: Array) -> Array:
    """What the maps act on at the start of each stretch, shape (N, R, D)."""
    found = np.empty((*over.shape[:2], vectors.shape[-1]))
    found[:, 0] = vectors
    if len(found) == 1:
        for leads, vector, following in zip(over[0], found[0], found[0, 1:], strict=False):
            leads.dot(vector, out=following)
    else:
        for at in range(found.shape[1] - 1):
            found[:, at + 1] = (over[:, at] @ found[:, at, :, np.newaxis])[..., 0]
    return found


class LastUpdates(NamedTuple):
    """What the last updates of epochs come to: `gradient`, `w` and `velocity` after them, each of shape (N, epochs, 3).

    `loss`, shape (N, epochs), is that before them; `sound` says whether it is as good as the trainer would have it.
    """

    gradient: Array
    loss: Array
    w: Array
    velocity: Array
    sound: NDArray[np.bool_]


def last_updates(
    problem: Dataset, batch: tuple[Array, Array] | None, momentum: Momentum, factor: float, lr: Array, rows: Array
) -> LastUpdates:
    """Does the last update of each epoch by itself; `rows` are (w, v, 1) before it, `lr` the rates, (N, epochs).

    `batch` are x and y of its samples, each of shape (epochs, n) or (1, n); None where these are all of the problem.
    """
    before, carried = rows[..., :3], rows[..., 3:-1]
    if batch is None:
        form = problem.quadratic_loss
        gradient, losses = factor * form.gradients(before), form.losses(before)
        loss = np.maximum(losses[0], 0.0)
        sound = np.isfinite(loss) & form.is_as_good(before, losses)
    else:
        loss, gradient = row_gradients(before, *batch, factor)
        sound = np.isfinite(loss)
    step = lr[..., np.newaxis] * gradient
    w = before - momentum.gradient_gain * step
    velocity = -step
    if momentum.velocity_gain:
        w += momentum.velocity_gain * carried
        velocity += momentum.velocity_decay * carried
    return LastUpdates(gradient, loss, w, velocity, sound)
