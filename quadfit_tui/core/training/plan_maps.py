"""Plans of many epochs as affine maps, applied to N runs side by side; a single run is the case N = 1.

The runs share the samples, the batches, the optimizer and the lengths of stretches; each has rates and a start of its
own. The results of each are the same to the last bit, whatever other runs are computed beside it.
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

ACCURACY = 1e-10  # maximum rounding error of a span, relative to the largest of a, b, c
FARTHEST = 4e153  # bound of the norm of all residuals within an epoch, so that their squares do not overflow


class Plan(NamedTuple):
    """The rates and lengths of consecutive stretches of epochs, each at one rate and, if shuffled, in one order."""

    rates: tuple[float, ...]
    counts: tuple[int, ...]


class EpochBatches(NamedTuple):
    """The batches of an epoch in each of O orders of the samples, from which its maps are made.

    For batches of one sample and plain descent, `samples` are x and y of all samples but the last one, each of shape
    (O, n − 1), and `gradients` the gradient maps of the last sample. Otherwise `samples` is None, and `gradients` are
    those of all J batches. Shape of `gradients`: (O, J, 3, 4). `steepest` is an upper bound of the largest eigenvalue
    of FᵀF/n of any batch.
    """

    samples: tuple[Array, Array] | None
    gradients: Array
    steepest: float

    def repeated(self, times: int) -> EpochBatches:
        """Repeats the orders for each of so many runs; a single order stays single and serves all of them."""
        if len(self.gradients) == 1 or times == 1:
            return self
        samples = self.samples and (np.tile(self.samples[0], (times, 1)), np.tile(self.samples[1], (times, 1)))
        # Keeps the memory layout, entry after entry: the order of summation in products depends on it.
        entries = np.tile(self.gradients.transpose(2, 3, 1, 0), times)
        return self._replace(samples=samples, gradients=entries.transpose(3, 2, 0, 1))

    def maps(self, rates: Array, momentum: Momentum, weights: Array | None) -> tuple[Maps, Maps]:
        """Composes the maps of an epoch at each of the rates: up to before its last update, and of the whole epoch."""
        if self.samples is not None:
            first = affine_maps.compose_samples(*self.samples, rates, weights)
        else:
            first = affine_maps.compose(self.gradients[:, :-1], rates, momentum, weights)
        update = affine_maps.update_maps(self.gradients[:, -1:], rates, momentum)[:, 0]
        return first, Maps(affine_maps.chain_deviations(update, first.deviation), first.growth)


class PlanMaps(NamedTuple):
    """The maps of the R stretches of a plan, of at most P epochs each, for each of N runs, with bounds of rounding.

    For each stretch r and each epoch k of it, `before` maps the start of the stretch to the state before the epoch's
    last update, shape (N, R, P, D, D). `over` maps over the whole stretch, shape (N, R, D, D). `whole` is the deviation
    of the map over all stretches, shape (N, D, D), None if rounding needs no bound. `growth`, shape (N, R, P), bounds
    the factor by which rounding errors of the maps grew, `epoch_growth`, shape (N, 1), the same within an epoch.
    `size`, shape (N·R, P), bounds the factor by which k epochs lengthen a vector; `length_bound` does so for any part
    of the plan, shape (N, 1), or (N, P) up to each epoch. `growing` are the growing_parts of the whole plan, None if no
    run has one.
    """

    before: Array
    over: Array
    whole: Array | None
    growth: Array
    epoch_growth: Array
    size: Array
    length_bound: Array
    growing: list[Array | None] | None = None

    @property
    def grow(self) -> NDArray[np.bool_]:
        """Whether each run has a growing part, shape (N,)."""
        growing = self.growing or [None] * len(self.over)
        return np.array([part is not None for part in growing])

    def _with_growth(self) -> PlanMaps:
        """Returns the maps with `growing` and, for a plan of one stretch, with tighter bounds for runs that grow."""
        growing = [] if self.whole is None else affine_maps.growing_parts(self.whole)
        if all(part is None for part in growing):
            return self
        maps = self._replace(growing=growing)
        if self.over.shape[1] > 1:
            return maps
        # Bounds of products never come down again. Tighter: no power lengthens the error that each epoch adds by more.
        lengthens = np.maximum.accumulate(self.size, axis=1)
        steps = np.sqrt(self.epoch_growth) * lengthens * np.arange(1, lengthens.shape[1] + 1)
        grow = maps.grow[:, np.newaxis]
        growth = np.where(grow[:, np.newaxis], np.minimum(self.growth, steps[:, np.newaxis]), self.growth)
        return maps._replace(growth=growth, length_bound=np.where(grow, lengthens, self.length_bound))


def plan_maps(first: Maps, epoch: Maps, counts: tuple[int, ...], weights: Array | None, runs: int = 1) -> PlanMaps:
    """Computes a plan's maps from those of an epoch in each stretch, ordered by run, then by stretch."""
    repeated, size, growth = affine_maps.powers(epoch, max(counts), weights)
    ends = np.array(counts * runs) - 1
    over = epoch.matrix @ repeated[np.arange(len(ends)), ends]
    over = over.reshape(runs, len(counts), *over.shape[1:])
    before, within = first.matrix[:, np.newaxis], first.growth[:, np.newaxis]
    lengthens, whole = np.ones((runs, 1)), None
    if weights is not None:
        growth = affine_maps.largest_norms(before, weights)[:, np.newaxis] * growth
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
    """Computes (w, v, 1) before the last update of each epoch of a plan, shape (N, epochs, D).

    `vectors` are those at the start, shape (N, D), with w relative to the center of `problem`; the results are not
    relative to it. Also returns whether rounding left each of them good, shape (N, epochs). If a part of w grows, the
    error is compared with that part, too.
    """
    start = _starts(maps.over, vectors)
    lengths = np.array(counts)
    chosen = (np.arange(maps.before.shape[2]) < lengths[:, np.newaxis]).reshape(-1).nonzero()[0]
    rows = (maps.before @ start[:, :, np.newaxis, :, np.newaxis])[..., 0]
    rows = rows.reshape(len(rows), -1, rows.shape[-1]).take(chosen, axis=1)
    # The 1 of (w, v, 1) does not count: if all of w tends to 0, so does the error.
    size = _largest(start[..., :-1]).repeat(lengths, axis=1) + _largest(rows[..., :-1])
    growth = maps.growth.reshape(len(rows), -1).take(chosen, axis=1)
    lost = EPSILON * (maps.length_bound * max(map(abs, problem.center.tolist())) + growth * size)
    rows[..., :3] += problem.center
    largest = _largest(rows[..., :3])
    residuals = maps.epoch_growth * largest * np.add.reduce(problem.reach) * math.sqrt(len(problem.x))
    reference = largest
    if maps.growing is not None:
        grows = [np.inf if part is None else abs(part @ row) for part, row in zip(maps.growing, vectors, strict=True)]
        reference = np.minimum(largest, maps.length_bound * np.array(grows)[:, np.newaxis])
    return rows, (lost <= ACCURACY * reference) & (residuals <= FARTHEST)


def _largest(vectors: Array) -> Array:
    """Computes the largest absolute number of each vector, shape (..., d), faster than `max` along such short rows."""
    sizes = np.abs(vectors)
    largest: Array = sizes[..., 0]
    for index in range(1, sizes.shape[-1]):
        largest = np.maximum(largest, sizes[..., index])
    return largest


def _starts(over: Array, vectors: Array) -> Array:
    """Computes the vectors of each run at the start of each stretch, shape (N, R, D), from those of the first one."""
    starts = np.empty((*over.shape[:2], vectors.shape[-1]))
    starts[:, 0] = vectors
    if len(starts) == 1:
        for matrix, vector, following in zip(over[0], starts[0], starts[0, 1:], strict=False):
            matrix.dot(vector, out=following)
    else:
        for stretch in range(starts.shape[1] - 1):
            starts[:, stretch + 1] = (over[:, stretch] @ starts[:, stretch, :, np.newaxis])[..., 0]
    return starts


class LastUpdates(NamedTuple):
    """The results of the last updates of epochs: `gradient`, `w` and `velocity` after them, shape (N, epochs, 3).

    `loss`, shape (N, epochs), is that before them; `sound` whether it is as exact as the trainer would compute it.
    """

    gradient: Array
    loss: Array
    w: Array
    velocity: Array
    sound: NDArray[np.bool_]


def last_updates(
    problem: Dataset, batch: tuple[Array, Array] | None, momentum: Momentum, factor: float, lr: Array, rows: Array
) -> LastUpdates:
    """Computes the last update of each epoch, without maps, so that its gradient and loss are those of the trainer.

    `rows` are (w, v, 1) before it, `lr` the rates, shape (N, epochs). `batch` are x and y of its samples, each of shape
    (epochs, n) or (1, n); None if the batch is all samples.
    """
    before, carried = rows[..., :3], rows[..., 3:-1]
    if batch is None:
        form = problem.quadratic_loss
        gradient, losses = factor * form.gradients(before), form.losses(before)
        loss = np.maximum(losses[0], 0.0)
        sound = np.isfinite(loss) & form.sums_are_exact_enough(before, losses)
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
