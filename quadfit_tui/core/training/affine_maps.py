"""Composes the updates of an epoch, which are affine maps, to one map: the algebra by which many are done at once.

One update of plain descent on a batch with features F (n×3) and targets y takes w to (I − η·FᵀF/n)·w + η·Fᵀy/n (η
counted twice for the `full` gradient); with momentum, the same holds for w and its velocity v together. Such maps are
written as square matrices that act on (w, 1) or (w, v, 1), of size D = 4 or 7, so that composing them is a product.
What is composed is their deviation from the identity, (I + B)·(I + A) − I = A + B + B·A: of a small rate, I + A keeps
but a few digits of A, and millions of updates would add up what is lost.

Rounding is harmless where each map is symmetric and lengthens no vector. Elsewhere an error may grow with what follows
it: the norms of the partial products bound by how much, and where that is too much the caller is to do without.
"""

from __future__ import annotations

import math
from contextlib import suppress
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from quadfit_tui.core.methods.optimizers import Momentum
from quadfit_tui.core.model.array import Array

BLOCK = 10  # samples that are taken one after the other before blocks of them are composed
MOST_BLOCKS = 1024
FEW = 64  # samples of a batch that are added up one after the other
AT_ONCE = 8192  # maps that are held in memory at a time
TOLERANCE = 1e-9  # that a spectral radius may be above 1: rounding, where a direction hardly moves
LITTLE = 0.25  # change of w, relative to itself, up to which deviations are multiplied


class Maps(NamedTuple):
    """Composed maps I + `deviation`, shape (R, D, D), one for each rate or order; `growth`, shape (R,), is what
    rounding grew by.
    """

    deviation: Array
    growth: Array

    @property
    def matrix(self) -> Array:
        """The maps themselves, shape (R, D, D)."""
        return self.deviation + identity(self.deviation.shape[-1])


@lru_cache
def identity(size: int) -> Array:
    """The map that changes nothing, shape (size, size); the array is not to be changed."""
    return np.eye(size)


def gradient_maps(x: Array, y: Array, order: NDArray[np.intp]) -> Array:
    """The matrices by which (w, 1) becomes the `half` gradient of a batch: (FᵀF, −Fᵀy)/n, shape (R, J, 3, 4).

    `order` are the numbers of the samples of each batch, shape (R, J, n).
    """
    at_once = max(1, 2 * AT_ONCE // order[0].size)  # orders: what they take stays in the processor's cache
    sums = [_sums_of_batches(x, y, order[low : low + at_once]) for low in range(0, len(order), at_once)]
    return _arranged(np.concatenate(sums, axis=-1), order.shape[-1])


def _sums_of_batches(x: Array, y: Array, order: NDArray[np.intp]) -> Array:
    """`_sums` of the batches of some orders, shape (7, J, R)."""
    axis = 0 if order.shape[-1] <= FEW else -1  # one sample of every batch after the other: long rows for NumPy
    numbers = np.ascontiguousarray(np.moveaxis(order.swapaxes(0, 1), -1, axis))
    return _sums(x.take(numbers), y.take(numbers) if y.any() else None, axis)


def gradient_map_of_all(x: Array, y: Array) -> Array:
    """The same of all samples at once, shape (1, 1, 3, 4)."""
    sums = np.zeros(7)
    for low in range(0, len(x), AT_ONCE):
        sums += _sums(x[low : low + AT_ONCE], y[low : low + AT_ONCE])
    return _arranged(sums[:, np.newaxis, np.newaxis], len(x))


def gradient_maps_of_samples(x: Array, y: Array) -> Array:
    """The same of single samples, x and y of shape (R, J)."""
    rows = np.stack([x * x, x, np.ones_like(x)], axis=-1)
    with_y = np.concatenate([rows, -y[..., np.newaxis]], axis=-1)
    found: Array = rows[..., :, np.newaxis] * with_y[..., np.newaxis, :]
    return found


def _sums(x: Array, y: Array | None, axis: int = -1) -> Array:
    """The sums of x⁴, x³, x², x, x²·y, x·y and y along an axis: shape (7, ...). Without y, the last three are 0."""
    x = np.moveaxis(x, axis, -1)
    xx = x * x
    sums = np.zeros((7, *x.shape[:-1]))
    for at, factors in enumerate(((xx, xx), (xx, x), (x, x))):
        sums[at] = np.einsum("...i,...i->...", *factors)
    sums[3] = np.add.reduce(x, axis=-1)
    if y is not None:
        y = np.moveaxis(y, axis, -1)
        sums[4] = np.einsum("...i,...i->...", xx, y)
        sums[5] = np.einsum("...i,...i->...", x, y)
        sums[6] = np.add.reduce(y, axis=-1)
    return sums


def _arranged(sums: Array, size: int) -> Array:
    """`_sums` of batches of so many samples, shape (7, J, R), as (FᵀF, −Fᵀy)/n: in memory, entry after entry."""
    means = sums / size
    found = np.empty((3, 4, *means.shape[1:]))
    for row in range(3):
        for column in range(3):
            power = row + column  # an entry of FᵀF/n is the mean of x to the power 4 − row − column
            found[row, column] = means[power] if power < 4 else 1.0
    np.negative(means[4:], out=found[:, 3])
    return found.transpose(3, 2, 0, 1)


def update_maps(gradients: Array, rates: Array, momentum: Momentum) -> Array:
    """The deviation of each update, shape (R, J, D, D); `rates`, shape (R,), already hold the gradient's factor."""
    rate = rates[:, np.newaxis, np.newaxis, np.newaxis]
    shape = np.broadcast_shapes(rate.shape, gradients.shape)[:2]
    if not momentum.carry:
        maps = np.empty((*shape, 4, 4))
        np.multiply(-momentum.push * rate, gradients, out=maps[..., :3, :])
        maps[..., 3, :] = 0
    else:
        maps = np.zeros((*shape, 7, 7))
        step = rate * gradients
        for rows, factor in ((slice(0, 3), -momentum.push), (slice(3, 6), -1.0)):
            maps[..., rows, :3] = factor * step[..., :3]
            maps[..., rows, -1] = factor * step[..., 3]
        for row in range(3):
            maps[..., row, 3 + row] = momentum.carry
            maps[..., 3 + row, 3 + row] = momentum.keep - 1
    return maps


def mean(values: Array) -> Array:
    """The means along the last axis, shape (..., n) to (...): of one sample it is the sample."""
    if values.shape[-1] == 1:
        return values[..., 0]
    found: Array = np.add.reduce(values, axis=-1) / values.shape[-1]
    return found


def compose(gradients: Array, rates: Array, momentum: Momentum, weights: Array | None) -> Maps:
    """The map of J updates one after the other at each of `rates`, shape (R,), from their `gradient_maps`.

    These have the shape (R, J, 3, 4), or (1, J, 3, 4) where they are the same at all rates. `weights` are those of the
    norms, None where rounding is harmless.
    """
    whole = no_update(len(rates), momentum)
    at_once = max(1, AT_ONCE // len(rates))
    for low in range(0, gradients.shape[1], at_once):
        some = gradients[:, low : low + at_once]
        part = _quick_product(some, rates) if weights is None else product(update_maps(some, rates, momentum), weights)
        whole = _after(part, whole, weights) if low else part
    return whole


def no_update(count: int, momentum: Momentum) -> Maps:
    """The maps of no update."""
    size = 4 if momentum.carry == 0 else 7
    return Maps(np.zeros((count, size, size)), np.ones(count))


def composed(second: Array, first: Array) -> Array:
    """The deviation of two maps one after the other from those of each, shape (..., D, D): second @ first + both."""
    both: Array = second @ first
    both += first
    both += second
    return both


def norm_weights(steepest: float, rates: Array, momentum: Momentum) -> Array | None:
    """Weights of the entries of a linear part, shape (3, 3) or (6, 6), by which its norm is measured.

    None where no norm need be measured: an update of plain descent lengthens nothing while η·λ is at most 2. λ is the
    largest eigenvalue of FᵀF/n, and `steepest` no less than those of all batches, as their traces are not.

    A velocity goes on for about 1/(1 − keep) updates: in units of the root of that, w and v pass on to each other
    equally much, and the norms come out smaller than in any other.
    """
    if not momentum.carry:
        return None if rates.max() * steepest <= 2 else np.ones((3, 3))
    unit = np.repeat([1.0, (1 - momentum.keep) ** -0.5], 3)
    weights: Array = unit[:, np.newaxis] / unit
    return weights


def norms(maps: Array, weights: Array, deviations: bool = False) -> Array:
    """The largest norm of the linear parts of maps, shape (..., J, D, D), along J: shape (...).

    The maps may be given as their deviations.
    """
    linear = maps[..., :-1, :-1]
    rows = np.einsum("...ij,ij->...i", np.abs(linear), weights)
    if deviations:
        diagonal = np.einsum("...ii->...i", linear)
        rows += np.abs(1 + diagonal) - np.abs(diagonal)
    largest: Array = rows.max(axis=(-1, -2))
    return largest


def _after(second: Maps, first: Maps, weights: Array | None) -> Maps:
    both = Maps(composed(second.deviation, first.deviation), np.maximum(second.growth, first.growth))
    if weights is None:
        return both
    return both._replace(growth=np.maximum(both.growth, norms(both.deviation[:, np.newaxis], weights, True) ** 2))


def product(deviations: Array, weights: Array | None) -> Maps:
    """The product of maps, shape (R, J, D, D), the first one rightmost: pairwise, level by level.

    An error made in a partial product is magnified by what comes before and after it: by about the square of the
    largest norm that partial products have. Without `weights` nothing is magnified.
    """
    growth = np.ones(len(deviations))
    while True:
        if weights is not None:
            growth = np.maximum(growth, norms(deviations, weights, True) ** 2)
        count = deviations.shape[1]
        if count == 1:
            return Maps(deviations[:, 0], growth)
        pairs = composed(deviations[:, 1::2], deviations[:, 0 : count - 1 : 2])
        deviations = np.concatenate([pairs, deviations[:, -1:]], axis=1) if count % 2 else pairs


def _quick_product(gradients: Array, rates: Array) -> Maps:
    """`product` of updates of plain descent that lengthen nothing, quicker: an entry of all maps is a row for NumPy."""
    wide = _columns(gradients[..., 3])
    maps = gradients.transpose(2, 3, 1, 0)[:, :wide] * -rates
    while (count := maps.shape[2]) > 1:
        first, second = maps[:, :, 0 : count - 1 : 2], maps[:, :, 1::2]
        pairs = np.einsum("ij...,jk...->ik...", second[:, :3], first)
        pairs += first
        pairs += second
        maps = np.concatenate([pairs, maps[:, :, -1:]], axis=2) if count % 2 else pairs
    deviation = np.zeros((len(rates), 4, 4))
    deviation[:, :3, :wide] = maps[:, :, 0].transpose(2, 0, 1)
    return Maps(deviation, np.ones(len(rates)))


def compose_samples(x: Array, y: Array, rates: Array, weights: Array | None) -> Maps:
    """`compose` for plain descent on single samples, quicker: x and y of shape (R, n), or (1, n) of one order for all.

    Blocks of samples go side by side: each takes the columns of the identity through its samples, one after the other,
    as if they were w, and keeps what is added to them. The blocks' maps are composed at the end.
    """
    count = x.shape[1]
    if not count:
        return no_update(len(rates), Momentum(0, 0, 1))
    blocks = min(MOST_BLOCKS, -(-count // BLOCK))
    (xs, last_x), (ys, last_y) = _side_by_side(x, blocks), _side_by_side(y, blocks)
    rate = rates[:, np.newaxis]
    whole = product(_blocks_of_rates(xs, ys, last_x, last_y, rate), weights)
    if weights is None:
        return whole
    return Maps(whole.deviation, whole.growth * _growth_within(xs, rate) * _growth_within(last_x[np.newaxis], rate))


def _blocks_of_rates(xs: Array, ys: Array, last_x: Array, last_y: Array, rate: Array) -> Array:
    """The deviations of the blocks, shape (R, blocks, 4, 4), each rate's or order's for itself."""
    blocks = xs.shape[2]
    wide = _columns(ys, last_y)
    columns = np.empty((3, wide, len(rate), blocks))
    at_identity = _residuals(xs, ys)[:, :wide]
    np.multiply(-rate, at_identity[0], out=columns[2])
    np.multiply(columns[2], xs[0], out=columns[1])
    np.multiply(columns[1], xs[0], out=columns[0])
    step = np.empty(columns.shape[1:])
    for x, residuals in zip(xs[1:], at_identity[1:], strict=True):
        _take_sample(columns, x, residuals, rate, step)
    if last_x.size:
        few = last_x.shape[1]
        _take_sample(columns[..., :few], last_x, _residuals(last_x, last_y)[:wide], rate, step[..., :few])
    maps = np.zeros((len(rate), blocks, 4, 4))
    maps[..., :3, :wide] = columns.transpose(2, 3, 0, 1)
    return maps


def _side_by_side(values: Array, blocks: int) -> tuple[Array, Array]:
    """The values of shape (R, n) as `blocks` blocks: the first of each, the second of each ..., shape (n // blocks, R,
    blocks); and what is left over, one more value for each of the first blocks, shape (R, n % blocks)."""
    length, longer = divmod(values.shape[1], blocks)
    end = longer * (length + 1)
    first = values[:, :end].reshape(len(values), longer, length + 1)
    second = values[:, end:].reshape(len(values), blocks - longer, length)
    together = np.concatenate([first[:, :, :length], second], axis=1)
    return np.ascontiguousarray(together.transpose(2, 0, 1)), first[:, :, length]


def _columns(*targets: Array) -> int:
    """How many columns of a map are not 0: the last one is, where w fits all samples where it is counted from."""
    return 4 if any(y.any() for y in targets) else 3


def _residuals(x: Array, y: Array) -> Array:
    """What each sample's residual is at the columns of the identity, as w: shape (..., 4, R, J)."""
    found = np.ones((*x.shape[:-2], 4, *x.shape[-2:]))
    np.multiply(x, x, out=found[..., 0, :, :])
    found[..., 1, :, :] = x
    np.negative(y, out=found[..., 3, :, :])
    return found


def _take_sample(columns: Array, x: Array, residuals: Array, rate: Array, step: Array) -> None:
    """Lets what was added to the columns of the identity, shape (3, 4, R, J), take one update each from samples x,
    shape (R or 1, J), with their `_residuals`, in place; `step` is where that is worked out."""
    by_a, by_b, by_c = columns
    np.multiply(by_a, x, out=step)
    step += by_b
    step *= x
    step += by_c
    step += residuals
    step *= rate
    by_c -= step
    step *= x
    by_b -= step
    step *= x
    by_a -= step


def _growth_within(xs: Array, rate: Array) -> Array:
    """How much, at most, rounding grew within the blocks of samples xs, shape (n, R, J): shape (R,)."""
    if not xs.size:
        return np.ones(len(rate))
    xx = xs * xs
    lengthened = np.maximum(1, np.abs(1 - rate * (xx * xx + xx + 1)))
    growth: Array = np.exp(np.log(lengthened).sum(axis=0).max(axis=-1))
    return growth


def powers(maps: Maps, count: int, weights: Array | None) -> tuple[Array, Array, Array]:
    """The powers 0 to count − 1 of maps: shape (R, count, D, D); their norms and their growth, shape (R, count).

    The error of a product of A and B is that of multiplying, by about their norms, and theirs, magnified by the other.
    As long as w changes by little, deviations are multiplied; from there on maps themselves, which may tend to 0.
    """
    unit = identity(maps.deviation.shape[-1])
    factor, factor_growth = maps.deviation[:, np.newaxis], maps.growth[:, np.newaxis]
    found, little = np.zeros_like(factor), True
    size, growth = np.ones((len(found), 1)), np.zeros((len(found), 1))
    while found.shape[1] < count:
        if little and not np.abs(factor[..., :3, :3]).max() <= LITTLE:
            found, factor, little = found + unit, factor + unit, False
        room = count - found.shape[1]
        more = found[:, :room]
        found = np.concatenate([found, composed(more, factor) if little else more @ factor], axis=1)
        if weights is not None:
            factor_size = norms(factor, weights, little)[:, np.newaxis]
            grown = size * factor_size + growth * factor_size + size * factor_growth
            growth = np.concatenate([growth, grown[:, :room]], axis=1)
            size = norms(found[:, :, np.newaxis], weights, little)
            factor_growth = factor_size**2 + 2 * factor_size * factor_growth
        if found.shape[1] < count:
            factor = composed(factor, factor) if little else factor @ factor
    if little:
        found = found + unit
    if weights is None:
        return found, np.ones((1, count)), np.arange(float(count))[np.newaxis]
    return found, size, growth


def log_spectral_radius(matrices: Array) -> Array:
    """log of the spectral radius of matrices, shape (R, d, d): shape (R,); inf where they are not finite."""
    found = np.full(len(matrices), math.inf)
    finite = np.isfinite(matrices).all(axis=(1, 2))
    if finite.any():
        # Of numbers near the largest double no eigenvalues may be found.
        with np.errstate(all="ignore"), suppress(np.linalg.LinAlgError):
            found[finite] = np.log(np.abs(np.linalg.eigvals(matrices[finite])).max(axis=1))
    return found
