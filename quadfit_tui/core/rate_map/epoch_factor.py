"""The factor by which an epoch shrinks the distance to where a run settles: of many runs at once, by algebra.

As core/diagnosis/stability.py does it for one run: an epoch in a fixed order is an affine map of w (and its velocity
v), and the spectral radius of its linear part is the share that it leaves in the long run. Here the maps of many runs
are composed side by side, update by update, in arrays whose last axis are the runs.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from quadfit_tui.core.algebra.affine_maps import gradient_maps
from quadfit_tui.core.diagnosis.stability import determined, log_radius, log_sizes
from quadfit_tui.core.model.array import Array
from quadfit_tui.core.model.incremental_job import JobSteps, Result, map_progress
from quadfit_tui.core.model.parabola import EPSILON, compute_sample_step, curvature, subtract_step
from quadfit_tui.core.model.problem import Dataset

PIECE = 2**19  # count of numbers of maps that change in one piece of work: less than 10 ms
UPDATE = 2048  # overhead of an update as a count of such numbers, whatever the number of runs
SURE = 8  # safety factor on the expected effect of rounding
LOOK = 32  # number of updates between two measurements of the growth of rounding errors


class UpdateCoefficients(NamedTuple):
    """The coefficients of the updates of many runs, as in Momentum: each of shape (C,).

    w' = w + carry·v − push·η·g and v' = keep·v − η·g; `rate` is η times the factor of the gradient's convention.
    """

    rate: Array
    keep: Array
    carry: Array
    push: Array

    @property
    def is_plain(self) -> bool:
        """Whether all runs are plain descent, without a velocity that is carried on."""
        return not self.carry.any()


class EpochFactors(NamedTuple):
    """The natural logarithms of the factors by which epochs shrink the distance, with the effect of rounding.

    `logs`, shape (C,), are inf if a double cannot hold such a map; `noise`, shape (C,), is their possible error by
    rounding.
    """

    logs: Array
    noise: Array


@lru_cache(maxsize=4)
def directions(problem: Dataset, size: int) -> Array:
    """Returns the directions of w that the first `size` samples determine: orthonormal columns, shape (3, d)."""
    return determined(problem.x[:size])


@lru_cache(maxsize=4)
def eigenvalues(problem: Dataset, size: int) -> Array:
    """Computes the eigenvalues of the curvature of the first `size` samples along `directions`: (d,), ascending."""
    basis = directions(problem, size)
    return np.asarray(np.linalg.eigvalsh(basis.T @ curvature(problem.x[:size]) @ basis), dtype=np.float64)


def factors_of_one_update(values: Array, updates: UpdateCoefficients) -> EpochFactors:
    """Computes the factors of epochs of one update in closed form, from the eigenvalues of the curvature, shape (d,).

    Along an eigenvector of the curvature, of eigenvalue λ, an update multiplies (w, v) by the matrix
    [[1 − push·h, carry], [−h, keep]] with h = η·λ. Its eigenvalues are 1 + u with u² + p·u + q = 0, where
    p = 1 − keep + push·h and q = h·(push·(1 − keep) + carry) (Polyak 1964).
    """
    with np.errstate(all="ignore"):
        h = updates.rate[:, np.newaxis] * values
        keep, carry, push = (array[:, np.newaxis] for array in updates[1:])
        p, q = 1 - keep + push * h, h * (push * (1 - keep) + carry)
        root = np.sqrt((p * p - 4 * q).astype(complex))
        far = np.where(p < 0, p - root, p + root)  # the sum in which nothing cancels
        logs = np.maximum(log_sizes(-far / 2), log_sizes(-2 * q / far))
        if updates.is_plain:
            logs = log_sizes((-h).astype(complex))
    off = 8 * EPSILON * updates.rate * values[-1]  # the error of an eigenvalue relative to the largest
    return EpochFactors(logs.max(axis=1), off)


class ComposedEpoch(NamedTuple):
    """The maps of an epoch of many runs as deviations from the identity, and bounds for rounding.

    `deviations` have shape (C, D, D), D = 3 without velocity, else 6; or (C, D, D + 1) with a column for what is added
    to (w, v). `longest`, shape (C,), is the largest factor by which a product of the first updates lengthens. `lost`,
    shape (C,), is about the error of the entries by rounding.
    """

    deviations: Array
    longest: Array
    lost: Array


def composed_epoch(x: Array, y: Array | None, batch: int, updates: UpdateCoefficients) -> JobSteps[ComposedEpoch]:
    """Composes the maps of an epoch of batches of x and y, each of shape (n,), piece by piece.

    With y, the maps have the added column: y is relative to the parabola of a center, and w is counted from that
    center. Without y they are linear parts only.
    """
    count, plain = len(updates.rate), updates.is_plain
    columns = (3 if plain else 6) + (y is not None)
    w, v = np.zeros((3, columns + 1, count)), np.zeros((0 if plain else 3, columns + 1, count))
    for index in range(len(v)):
        v[index, 3 + index] = 1
    composed = _EpochColumns(w, v, updates, 3, y is not None, watched=True)
    yield from composed.apply_epoch(x, 0 * x if y is None else y, batch)
    for index in range(len(v)):
        v[index, 3 + index] -= 1
    whole = np.moveaxis(np.concatenate([w, v]), 2, 0)
    return ComposedEpoch(whole[:, :, :-1], composed.longest, np.abs(whole[:, :, -1]).max(axis=1))


def epoch_of_states(
    x: Array, y: Array, batch: int, updates: UpdateCoefficients, states: Array
) -> JobSteps[tuple[Array, Array]]:
    """Applies an epoch to states (w, v) of shape (C, 3) or (C, 6); returns them, and their largest number on the way.

    y is relative to the parabola of a center, and w is counted from that center; the largest numbers have shape (C,).
    """
    start = np.ascontiguousarray(states.T)[:, np.newaxis]
    columns = _EpochColumns(start[:3].copy(), start[3:].copy(), updates, 0, True)
    columns.longest = np.abs(states).max(axis=1)
    yield from columns.apply_epoch(x, y, batch)
    return np.concatenate([columns.w, columns.v])[:, 0].T, columns.longest


class _EpochColumns:
    """Columns of the maps of many runs that pass through an epoch: of w and v, shape (3, columns, C).

    The first `identity` columns are deviations from those of the identity. If it is `affine`, what the samples add goes
    to the next column after those of (w, v): a state is such a column alone. If it is `watched`, a last column gets
    errors as large as those of rounding on the way, and shows how they grow.
    """

    def __init__(
        self, w: Array, v: Array, updates: UpdateCoefficients, identity: int, affine: bool, watched: bool = False
    ) -> None:
        self.w, self.v, self._identity, self._watched = w, v, identity, watched
        self._affine = w.shape[1] - 1 - watched if affine else None  # index of the column for what samples add
        self._error = np.full(w.shape[2], EPSILON)
        self.longest = np.ones(w.shape[2])
        self._updates = updates
        # w' = w + ahead·v' − push·η·g, with the velocity v' after the update.
        with np.errstate(all="ignore"):
            self._ahead = np.where(updates.keep > 0, updates.carry / updates.keep, updates.push)
        self._push = updates.push - self._ahead
        self._heavy = bool((self._ahead == 1).all() and not self._push.any())
        self._rate = np.broadcast_to(updates.rate, w.shape[1:]).copy()

    def apply_epoch(self, x: Array, y: Array, batch: int) -> JobSteps[None]:
        """Passes the columns through an epoch piece by piece; yields the share done."""
        updates_done, total, piece = 0, len(x) // batch, max(1, PIECE // (UPDATE + self.w[0].size))
        while updates_done < total:
            some = slice(updates_done * batch, min(total, updates_done + piece) * batch)
            if batch == 1:
                self._apply_samples(x[some], y[some])
            else:
                order = np.arange(some.stop - some.start).reshape(1, -1, batch)
                self._apply_batches(gradient_maps(x[some], y[some], order)[0])
            updates_done = min(total, updates_done + piece)
            yield updates_done / total

    def _apply_samples(self, x: Array, y: Array) -> None:
        """Applies one update for each sample."""
        w, v, rate, plain, heavy = self.w, self.v, self._rate, not len(self.v), self._heavy
        push = self._updates.push if plain else self._push
        step, pushed_step, pushed = np.empty_like(rate), np.empty_like(rate), np.empty_like(w)
        residuals = np.zeros((len(rate), 1))  # those of the identity are x², x and 1
        keep, alone = self._updates.keep, plain and bool((push == 1).all())
        with np.errstate(all="ignore"):
            for number, (xi, yi) in enumerate(zip(x.tolist(), y.tolist(), strict=True)):
                residuals[: self._identity, 0] = (xi * xi, xi, 1.0)[: self._identity]
                if self._affine is not None:
                    residuals[self._affine, 0] = -yi
                compute_sample_step(w, xi, residuals, rate, step)
                if not plain:
                    v *= keep
                    if not heavy:
                        np.multiply(step, self._push, out=pushed_step)
                    subtract_step(v, step, xi)
                    if heavy:
                        w += v
                    else:
                        np.multiply(v, self._ahead, out=pushed)
                        w += pushed
                        subtract_step(w, pushed_step, xi)
                else:
                    if not alone:
                        step *= push
                    subtract_step(w, step, xi)
                self._add_error(number)

    def _apply_batches(self, gradients: Array) -> None:
        """Applies one update for each batch, from their `gradient_maps`, shape (J, 3, 4)."""
        w, v, rate, plain, heavy = self.w, self.v, self._rate, not len(self.v), self._heavy
        push = self._updates.push if plain else self._push
        step, pushed = np.empty_like(w), np.empty_like(w)
        keep, alone = self._updates.keep, plain and bool((push == 1).all())
        with np.errstate(all="ignore"):
            for number, gradient in enumerate(gradients):
                np.matmul(gradient[:, :3], w.reshape(3, -1), out=step.reshape(3, -1))
                step[:, : self._identity] += gradient[:, : self._identity, np.newaxis]
                if self._affine is not None:
                    step[:, self._affine] += gradient[:, 3:]
                step *= rate
                if not plain:
                    v *= keep
                    v -= step
                    if heavy:
                        w += v
                    else:
                        np.multiply(v, self._ahead, out=pushed)
                        w += pushed
                if not heavy or plain:
                    if not alone:
                        step *= push
                    w -= step
                self._add_error(number)

    def _add_error(self, number: int) -> None:
        """Adds an error as of rounding to the watched column, after update `number`: to a, b or c, up or down."""
        if number % LOOK == 0:
            self._measure()
        if self._watched:
            row = self.w[number % 3, -1]
            (np.add if number % 5 < 3 else np.subtract)(row, self._error, out=row)

    def _measure(self) -> None:
        """Measures the largest numbers so far, and sets the size of rounding errors by them."""
        size = np.abs(self.w).max(axis=(0, 1))
        np.fmax(self.longest, size, out=self.longest)
        np.multiply(np.fmax(size, 1), EPSILON, out=self._error)


def factors_of_maps(basis: Array, epochs: ComposedEpoch) -> EpochFactors:
    """Computes the factors of composed epochs: from their linear parts, along the directions that samples determine."""
    size = len(epochs.deviations[0])
    along, linear = np.kron(np.eye(size // 3), basis), epochs.deviations[:, :, :size]
    logs = log_radius(linear if along.shape[1] == size else along.T @ linear @ along)
    with np.errstate(all="ignore"):  # the error by rounding is relative to the factor
        return EpochFactors(logs, np.where(logs < math.inf, SURE * epochs.lost * np.exp(-logs), 0.0))


def factors_of_orders(
    problem: Dataset, batch: int, updates: UpdateCoefficients, orders: Callable[[], NDArray[np.intp]], epochs: int
) -> JobSteps[EpochFactors]:
    """Estimates the factors of epochs with samples in a new order each, from the product of `epochs` maps, shape (C,).

    In the long run it grows by its largest Lyapunov exponent each epoch (Furstenberg & Kesten 1960), which this
    estimates; `noise` is three times its standard error, from the differences between the single epochs.
    """
    logs, grown, size = np.zeros(len(updates.rate)), list[Array](), 3 if updates.is_plain else 6
    product: Array = np.broadcast_to(np.eye(size), (len(logs), size, size))
    along = np.kron(np.eye(size // 3), directions(problem, len(problem.x)))
    for epoch in range(epochs):
        in_order = problem.x[orders()]
        work = composed_epoch(in_order, None, batch, updates)
        deviations = (yield from as_part(work, epoch / epochs, 1 / epochs)).deviations
        with np.errstate(all="ignore"):
            product = product + deviations @ product
            largest = np.abs(product).max(axis=(1, 2))
            grown.append(np.log(largest))
            product = product / largest[:, np.newaxis, np.newaxis]
    with np.errstate(all="ignore"):
        unit = np.eye(along.shape[1])
        logs = (sum(grown, logs) + log_radius(along.T @ product @ along - unit)) / epochs
        return EpochFactors(logs, 3 * np.std(grown[1:], axis=0) / math.sqrt(epochs) + 8 * EPSILON)


def as_part(work: JobSteps[Result], done_before: float, part: float) -> JobSteps[Result]:
    """Runs a job as a part of a larger one: yields its share scaled to `part`, after the share `done_before`."""
    return map_progress(work, lambda share: done_before + part * share)


def fixed_points(basis: Array, deviations: Array) -> Array:
    """Computes where runs settle: the fixed points of affine maps, shape (C, 3); nan if none is found.

    w is counted from the center of the maps. Along directions other than those of `basis`, which the samples determine,
    w stays where it was.
    """
    size = len(deviations[0])
    along = np.kron(np.eye(size // 3), basis)
    change, added = along.T @ deviations[:, :, :size] @ along, along.T @ deviations[:, :, size:]
    settled = np.full((len(deviations), 3), math.nan)
    sound = np.isfinite(change).all(axis=(1, 2)) & np.isfinite(added).all(axis=(1, 2))
    with np.errstate(all="ignore"):
        unit = np.abs(change).max(axis=1, keepdims=True)  # a scale on which a, b, c (and v) change about equally much
        sound &= (unit > 0).all(axis=(1, 2))
        sound[sound] &= np.abs(np.linalg.det(change[sound] / unit[sound])) > 0
        solved = np.linalg.solve(change[sound] / unit[sound], added[sound])[..., 0] / unit[sound][:, 0]
    settled[sound] = -(solved @ along.T)[:, :3]
    return settled
