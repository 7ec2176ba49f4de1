"""Composes the updates of an epoch, each an affine map of w, into one affine map, by which many are done at once.

One update of plain descent on a batch with features F (n×3, rows (x², x, 1)) and targets y (n) is, by the gradient
Fᵀ(F·w − y)/n, w' = (I − η·FᵀF/n)·w + η·Fᵀy/n (η counted twice for the `full` gradient). With momentum, the same holds
for w and its velocity v together. Such maps are written as square matrices that act on (w, 1) or (w, v, 1), of size
D = 4 or 7 with a last row (0, …, 0, 1), so that composing them is a product.

The code composes deviations from the identity: (I + B)·(I + A) − I = A + B + B·A. At a small rate, I + A would keep
only a few digits of A, and over millions of updates the lost digits would add up.

Rounding is harmless if each map is symmetric and lengthens no vector. Otherwise later maps may magnify an error: the
norms of the partial products bound by how much, and the caller must train update by update if that is too much.
Letters in shapes: R rates (or orders of the samples), J maps in a row, D as above, m batches of n samples each.
"""

from __future__ import annotations

import math
from contextlib import suppress
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from quadfit_tui.core.methods.optimizers import Momentum
from quadfit_tui.core.model.array import Array
from quadfit_tui.core.model.parabola import compute_sample_step, subtract_step

BLOCK_LENGTH = 10  # samples applied one by one before blocks are composed; longer blocks loosen the bound of rounding
MOST_BLOCKS = 1024
CHUNK = 8192  # samples summed, or maps held in memory, at a time: they stay in the processor's cache
TOLERANCE = 1e-9  # log of a spectral radius that rounding alone may cause, along a direction that hardly moves
SMALL_DEVIATION = 0.25  # largest entry of a deviation up to which deviations are multiplied, not whole maps


class Maps(NamedTuple):
    """Composed maps I + `deviation`, shape (R, D, D), one for each rate or order.

    `growth`, shape (R,), bounds the factor by which composing has magnified rounding errors.
    """

    deviation: Array
    growth: Array

    @property
    def matrix(self) -> Array:
        """The maps themselves, shape (R, D, D)."""
        return self.deviation + identity(self.deviation.shape[-1])


@lru_cache
def identity(size: int) -> Array:
    """Returns the identity matrix, shape (size, size); it is cached, so callers must not change it."""
    return np.eye(size)


def gradient_maps(x: Array, y: Array, order: NDArray[np.intp]) -> Array:
    """Computes (FᵀF, −Fᵀy)/n of each batch, shape (R, J, 3, 4): times (w, 1) it is the batch's `half` gradient.

    `order` holds the indices of the samples of each batch, shape (R, J, n).
    """
    *shape, size = order.shape
    batches = order.reshape(-1, size)
    targets = y if y.any() else None
    sums = np.empty((4 if targets is None else 7, len(batches)))
    at_once = max(1, CHUNK // size)
    for low in range(0, len(batches), at_once):
        chunk = batches[low : low + at_once]
        _sum_powers(x.take(chunk), None if targets is None else targets.take(chunk), sums[:, low : low + at_once])
    return _gradient_matrices(sums.reshape(-1, *shape), size)


def _sum_powers(x: Array, y: Array | None, sums: Array) -> None:
    """Writes Σx⁴, Σx³, Σx², Σx and, with y, Σx²y, Σxy, Σy of each row, shape (m, n), into `sums`, (4 or 7, m).

    The sums are products with ones, which are quicker than sums along short rows. No product has more than CHUNK
    columns: for longer ones some libraries start threads that wait for each other.
    """
    if x.shape[1] > CHUNK:
        parts = [slice(low, low + CHUNK) for low in range(0, x.shape[1], CHUNK)]
        part_sums = np.empty((len(parts), *sums.shape))
        for part, out in zip(parts, part_sums, strict=True):
            _sum_powers(x[:, part], None if y is None else y[:, part], out)
        part_sums.sum(axis=0, out=sums)
        return
    ones, xx, terms = np.ones(x.shape[1]), x * x, np.empty(x.shape)
    np.dot(x, ones, out=sums[3])
    np.dot(xx, ones, out=sums[2])
    if y is not None:
        np.dot(y, ones, out=sums[6])
        np.dot(np.multiply(x, y, out=terms), ones, out=sums[5])
        np.dot(np.multiply(xx, y, out=terms), ones, out=sums[4])
    np.dot(np.multiply(xx, x, out=terms), ones, out=sums[1])
    np.dot(np.multiply(xx, xx, out=terms), ones, out=sums[0])


def _gradient_matrices(sums: Array, size: int) -> Array:
    """Converts sums over batches of `size` samples, (4 or 7, R, J), to (FᵀF, −Fᵀy)/n, (R, J, 3, 4), entry by entry."""
    # In memory the values of one entry, for all batches, follow each other: later products depend on that to the bit.
    means = np.divide(sums.swapaxes(1, 2), size, order="C")
    matrices = np.zeros((3, 4, *means.shape[1:]))
    for row in range(3):
        for column in range(3):
            index = row + column  # means[index] is the mean of x^(4 − index), that entry of FᵀF/n
            matrices[row, column] = means[index] if index < 4 else 1.0
    if len(means) == 7:
        np.negative(means[4:], out=matrices[:, 3])
    return matrices.transpose(3, 2, 0, 1)


def update_maps(gradients: Array, rates: Array, momentum: Momentum) -> Array:
    """Computes the deviation of each update, shape (R, J, D, D); `rates`, (R,), include the convention's factor."""
    rate = rates[:, np.newaxis, np.newaxis, np.newaxis]
    shape = np.broadcast_shapes(rate.shape, gradients.shape)[:2]
    if not momentum.velocity_gain:
        maps = np.empty((*shape, 4, 4))
        np.multiply(-momentum.gradient_gain * rate, gradients, out=maps[..., :3, :])
        maps[..., 3, :] = 0
    else:
        maps = np.zeros((*shape, 7, 7))
        step = rate * gradients
        for rows, factor in ((slice(0, 3), -momentum.gradient_gain), (slice(3, 6), -1.0)):
            maps[..., rows, :3] = factor * step[..., :3]
            maps[..., rows, -1] = factor * step[..., 3]
        for row in range(3):
            maps[..., row, 3 + row] = momentum.velocity_gain
            maps[..., 3 + row, 3 + row] = momentum.velocity_decay - 1
    return maps


def compose(gradients: Array, rates: Array, momentum: Momentum, weights: Array | None) -> Maps:
    """Composes J updates in a row into one map for each of `rates`, shape (R,), from their `gradient_maps`.

    These have the shape (R, J, 3, 4), or (1, J, 3, 4) if they are the same at all rates. `weights` are `norm_weights`,
    None if rounding is harmless. While R·J ≤ CHUNK, the bits of a rate's map do not depend on the other rates.
    """
    whole = no_update(len(rates), momentum)
    at_once = max(1, CHUNK // len(rates))
    for low in range(0, gradients.shape[1], at_once):
        chunk = gradients[:, low : low + at_once]
        if weights is None:
            part = _nonexpansive_product(chunk.transpose(2, 3, 1, 0)[:, : _column_count(chunk[..., 3])] * -rates)
        else:
            part = product(update_maps(chunk, rates, momentum), weights)
        whole = _compose_two(part, whole, weights) if low else part
    return whole


def no_update(count: int, momentum: Momentum) -> Maps:
    """Returns `count` identity maps: what an epoch without updates composes to."""
    size = 4 if momentum.velocity_gain == 0 else 7
    return Maps(np.zeros((count, size, size)), np.ones(count))


def chain_deviations(second: Array, first: Array) -> Array:
    """Computes the deviation of `second` after `first` from theirs, shape (..., D, D): second @ first + both."""
    chained: Array = second @ first
    chained += first
    chained += second
    return chained


def is_nonexpansive(steepest: float, rate: Any, momentum: Momentum) -> Any:
    """Whether no update at a rate, or at each of several, magnifies rounding: plain descent with η·λ ≤ 2.

    λ is the largest eigenvalue of FᵀF/n, and `steepest` an upper bound of those of all batches, as their traces are.
    """
    return (rate * steepest <= 2) & (momentum.velocity_gain == 0)


def norm_weights(steepest: float, rates: Array, momentum: Momentum) -> Array | None:
    """Returns the weights for `largest_norms` of linear parts, shape (3, 3) or (6, 6); None if none is needed.

    None is needed if updates are nonexpansive at the highest rate. A velocity lasts for about 1/(1 − velocity_decay)
    updates: in units of the root of that, w and v pass equally much on to each other, and the norms come out smallest.
    """
    if not momentum.velocity_gain:
        return None if is_nonexpansive(steepest, rates.max(), momentum) else np.ones((3, 3))
    unit = np.repeat([1.0, (1 - momentum.velocity_decay) ** -0.5], 3)
    weights: Array = unit[:, np.newaxis] / unit
    return weights


def largest_norms(maps: Array, weights: Array, are_deviations: bool = False) -> Array:
    """Computes the largest weighted row-sum norm of the linear parts of maps, shape (..., J, D, D), along J: (...).

    With `are_deviations`, the maps are given as their deviations from the identity.
    """
    linear = maps[..., :-1, :-1]
    rows = np.einsum("...ij,ij->...i", np.abs(linear), weights)
    if are_deviations:
        diagonal = np.einsum("...ii->...i", linear)
        rows += np.abs(1 + diagonal) - np.abs(diagonal)
    largest: Array = rows.max(axis=(-1, -2))
    return largest


def _compose_two(second: Maps, first: Maps, weights: Array | None) -> Maps:
    deviation = chain_deviations(second.deviation, first.deviation)
    growth = np.maximum(second.growth, first.growth)
    if weights is not None:
        growth = np.maximum(growth, largest_norms(deviation[:, np.newaxis], weights, are_deviations=True) ** 2)
    return Maps(deviation, growth)


def product(deviations: Array, weights: Array | None) -> Maps:
    """Multiplies maps in a row, given as deviations, shape (R, J, D, D), the first one rightmost, pair by pair.

    The maps before and after a partial product magnify its error by about the square of the largest norm that partial
    products have: that is the `growth`, 1 without `weights`.
    """
    growth = np.ones(len(deviations))
    while True:
        if weights is not None:
            growth = np.maximum(growth, largest_norms(deviations, weights, are_deviations=True) ** 2)
        count = deviations.shape[1]
        if count == 1:
            return Maps(deviations[:, 0], growth)
        pairs = chain_deviations(deviations[:, 1::2], deviations[:, 0 : count - 1 : 2])
        deviations = np.concatenate([pairs, deviations[:, -1:]], axis=1) if count % 2 else pairs


def _nonexpansive_product(maps: Array) -> Maps:
    """Computes `product` for deviations that magnify nothing, faster: each entry of all maps is one row for NumPy.

    The maps have the shape (3, C, J, R), without the last row, which is 0, and without the last column if C is 3.
    """
    while (count := maps.shape[2]) > 1:
        first, second = maps[:, :, 0 : count - 1 : 2], maps[:, :, 1::2]
        pairs = np.einsum("ij...,jk...->ik...", second[:, :3], first)
        pairs += first
        pairs += second
        maps = np.concatenate([pairs, maps[:, :, -1:]], axis=2) if count % 2 else pairs
    return Maps(_padded(maps)[0], np.ones(maps.shape[3]))


def _padded(maps: Array) -> Array:
    """Returns deviations of shape (3, 3 or 4, P, Q) with the row and column of zeros they lack: shape (P, Q, 4, 4)."""
    deviations = np.zeros((*maps.shape[2:], 4, 4))
    deviations[..., :3, : maps.shape[1]] = maps.transpose(2, 3, 0, 1)
    return deviations


def compose_samples(x: Array, y: Array, rates: Array, weights: Array | None) -> Maps:
    """Composes plain descent on single samples x and y, shape (R, n), or (1, n) if all have one order, at R rates.

    It is `compose` for batches of one sample, but faster: blocks of samples are worked on side by side, and the blocks'
    maps are composed at the end. Within a block the columns of the identity take the part of w: what the block's
    samples, one after the other, add to them are the columns of its deviation.
    """
    count = x.shape[1]
    if not count:
        return no_update(len(rates), Momentum(0, 0, 1))
    length = min(count, max(BLOCK_LENGTH, -(-count // MOST_BLOCKS)))
    xs, ys = _in_blocks(x, length), _in_blocks(y, length)
    blocks = _block_deviations(xs, ys, rates, -count % length)
    if weights is None:
        return _nonexpansive_product(blocks.swapaxes(2, 3))
    whole = product(_padded(blocks), weights)
    return whole._replace(growth=whole.growth * _growth_in_blocks(xs, rates[:, np.newaxis]))


def _in_blocks(values: Array, length: int) -> Array:
    """Arranges values, shape (R, n), in blocks, shape (length, R, blocks): the first value of each, the second, …

    Zeros before the first value make n a multiple of `length`.
    """
    padding = np.zeros((len(values), -values.shape[1] % length))
    blocks = np.concatenate([padding, values], axis=1).reshape(len(values), -1, length)
    return np.ascontiguousarray(blocks.transpose(2, 0, 1))


def _block_deviations(xs: Array, ys: Array, rates: Array, padding: int) -> Array:
    """Computes the deviation of each block, shape (3, 3 or 4, R, blocks); the first begins with `padding` zeros."""
    shape = _column_count(ys), len(rates), xs.shape[2]
    columns = np.zeros((3, *shape))
    by_w = tuple(columns)
    # All arrays have one shape and are reused, which is faster: an x and a rate for each column of each map.
    x, step, rate = np.empty(shape), np.empty(shape), np.empty(shape)
    rate[:] = rates[:, np.newaxis]
    residuals = np.ones(shape)  # a sample's residuals at the columns of the identity: x², x, 1 and −y
    for index in range(len(xs)):
        if index == padding:
            columns[..., 0] = 0
        x[:] = xs[index]
        np.multiply(x[0], x[0], out=residuals[0])
        residuals[1] = x[1]
        np.negative(ys[index], out=residuals[3:])
        compute_sample_step(by_w, x, residuals, rate, step)
        subtract_step(by_w, step, x)
    return columns


def _column_count(targets: Array) -> int:
    """Returns how many columns of a deviation can differ from 0: without targets the last one, 0, can be left out."""
    return 4 if targets.any() else 3


def _growth_in_blocks(xs: Array, rate: Array) -> Array:
    """Bounds the growth of rounding within the blocks of samples xs, shape (length, R, blocks): shape (R,).

    I − η·f·fᵀ with f = (x², x, 1) lengthens a vector at most by max(1, |1 − η·|f|²|), its largest absolute eigenvalue.
    """
    if not xs.size:
        return np.ones(len(rate))
    xx = xs * xs
    factors = np.maximum(1, np.abs(1 - rate * (xx * xx + xx + 1)))
    growth: Array = np.exp(np.log(factors).sum(axis=0).max(axis=-1))
    return growth


def powers(maps: Maps, count: int, weights: Array | None) -> tuple[Array, Array, Array]:
    """Computes the powers 0 to count − 1 of maps, shape (R, count, D, D), their norms and growth, shape (R, count).

    The error of A·B is at most about |A|·|B|, of multiplying, + error(A)·|B| + |A|·error(B). While deviations are small
    (LITTLE), deviations are multiplied; from there on whole maps, which may tend to 0. Norms are 1 without `weights`.
    """
    unit = identity(maps.deviation.shape[-1])
    factor, factor_growth = maps.deviation[:, np.newaxis], maps.growth[:, np.newaxis]
    matrices, are_deviations = np.zeros_like(factor), True
    size, growth = np.ones((len(matrices), 1)), np.zeros((len(matrices), 1))
    while matrices.shape[1] < count:
        if are_deviations and not np.abs(factor[..., :3, :3]).max() <= SMALL_DEVIATION:
            matrices, factor, are_deviations = matrices + unit, factor + unit, False
        room = count - matrices.shape[1]
        lower = matrices[:, :room]
        higher = chain_deviations(lower, factor) if are_deviations else lower @ factor
        matrices = np.concatenate([matrices, higher], axis=1)
        if weights is not None:
            factor_size = largest_norms(factor, weights, are_deviations)[:, np.newaxis]
            grown = size * factor_size + growth * factor_size + size * factor_growth
            growth = np.concatenate([growth, grown[:, :room]], axis=1)
            size = largest_norms(matrices[:, :, np.newaxis], weights, are_deviations)
            factor_growth = factor_size**2 + 2 * factor_size * factor_growth
        if matrices.shape[1] < count:
            factor = chain_deviations(factor, factor) if are_deviations else factor @ factor
    if are_deviations:
        matrices = matrices + unit
    if weights is None:
        return matrices, np.ones((1, count)), np.arange(float(count))[np.newaxis]
    return matrices, size, growth


def count_squarings(deviations: Array, count: int) -> NDArray[np.intp]:
    """Computes how often `powers` squares each run's deviations, (N, R, D, D), before it goes over to maps: (N,)."""
    times, are_small = np.zeros(len(deviations), dtype=np.intp), np.ones(len(deviations), dtype=bool)
    power = 1
    while power < count and are_small.any():
        are_small &= np.abs(deviations[..., :3, :3]).max(axis=(1, 2, 3)) <= SMALL_DEVIATION
        times = times + are_small
        power *= 2
        if power < count:
            deviations = chain_deviations(deviations, deviations)
    return times


def log_spectral_radius(matrices: Array) -> Array:
    """Computes log of the spectral radius of matrices, shape (R, d, d): shape (R,); inf if one is not finite."""
    logs = np.full(len(matrices), math.inf)
    finite = np.isfinite(matrices).all(axis=(1, 2))
    if finite.any():
        # For entries near the largest double, LAPACK may find no eigenvalues.
        with np.errstate(all="ignore"), suppress(np.linalg.LinAlgError):
            logs[finite] = np.log(np.abs(np.linalg.eigvals(matrices[finite])).max(axis=1))
    return logs


def growing_part(deviation: Array) -> Array | None:
    """Computes the dominant left eigenvector of a map, given as its deviation, shape (D, D); None if nothing grows.

    Its product, shape (D,), with a state (w, 1) or (w, v, 1) is the size of the part of the state that repeating the
    map lengthens most, at most that of w or v. Zeros if LAPACK finds no eigenvalues.
    """
    with np.errstate(all="ignore"), suppress(np.linalg.LinAlgError):
        values, vectors = np.linalg.eig(deviation[:-1, :-1].T)
        if not _lengthen(values):
            return None
        fastest = np.abs(1 + values).argmax()
        along = vectors[:, fastest]
        part: Array = np.append(along, along @ deviation[:-1, -1] / values[fastest]) / np.abs(along).sum()
        return part
    return np.zeros(len(deviation))


def growing_parts(deviations: Array) -> list[Array | None]:
    """Computes the `growing_part` of each of several maps, given as deviations, shape (N, D, D)."""
    if len(deviations) == 1:
        return [growing_part(deviations[0])]
    with np.errstate(all="ignore"):
        try:
            growing = _lengthen(np.linalg.eig(deviations[:, :-1, :-1].transpose(0, 2, 1))[0]).tolist()
        except np.linalg.LinAlgError:  # one bad map spoils the call for all: each is tried by itself
            growing = [True] * len(deviations)
    return [growing_part(deviation) if grows else None for deviation, grows in zip(deviations, growing, strict=True)]


def _lengthen(values: NDArray[Any]) -> Any:
    """Whether maps lengthen a vector, by the eigenvalues of their deviations, shape (..., d): shape (...)."""
    return ~(np.log(np.abs(1 + values).max(axis=-1)) <= TOLERANCE)
