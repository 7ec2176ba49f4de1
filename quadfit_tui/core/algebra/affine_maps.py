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
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from quadfit_tui.core.methods.optimizers import Momentum
from quadfit_tui.core.model.array import Array
from quadfit_tui.core.model.parabola import sample_step, take_off

BLOCK = 10  # samples taken one after the other before blocks are composed; of more, the bound of rounding is less tight
MOST_BLOCKS = 1024
AT_ONCE = 8192  # samples that are added up, or maps that are held in memory, at a time: what stays in the cache
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
    *shape, size = order.shape
    batches, targets = order.reshape(-1, size), y if y.any() else None
    sums = np.empty((4 if targets is None else 7, len(batches)))
    at_once = max(1, AT_ONCE // size)
    for low in range(0, len(batches), at_once):
        some = batches[low : low + at_once]
        _sum_up(x.take(some), None if targets is None else targets.take(some), sums[:, low : low + at_once])
    return _arranged(sums.reshape(-1, *shape), size)


def _sum_up(x: Array, y: Array | None, sums: Array) -> None:
    """Puts the sums of x⁴, x³, x², x and, with y, x²·y, x·y, y of each row, shape (m, n), into `sums`, (4 or 7, m).

    They are products with ones, which are quicker than sums along short rows, of no more than AT_ONCE numbers: of more
    some libraries make a product in threads that wait for each other.
    """
    if x.shape[1] > AT_ONCE:
        parts = [slice(low, low + AT_ONCE) for low in range(0, x.shape[1], AT_ONCE)]
        each = np.empty((len(parts), *sums.shape))
        for part, found in zip(parts, each, strict=True):
            _sum_up(x[:, part], None if y is None else y[:, part], found)
        each.sum(axis=0, out=sums)
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


def _arranged(sums: Array, size: int) -> Array:
    """The sums of batches of so many samples, shape (4 or 7, R, J), as (FᵀF, −Fᵀy)/n: in memory, entry after entry."""
    means = np.divide(sums.swapaxes(1, 2), size, order="C")
    found = np.zeros((3, 4, *means.shape[1:]))
    for row in range(3):
        for column in range(3):
            power = row + column  # an entry of FᵀF/n is the mean of x to the power 4 − row − column
            found[row, column] = means[power] if power < 4 else 1.0
    if len(means) == 7:
        np.negative(means[4:], out=found[:, 3])
    return found.transpose(3, 2, 0, 1)


def update_maps(gradients: Array, rates: Array, momentum: Momentum) -> Array:
    """The deviation of each update, shape (R, J, D, D); `rates`, shape (R,), already hold the gradient's factor."""
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
    """The map of J updates one after the other at each of `rates`, shape (R,), from their `gradient_maps`.

    These have the shape (R, J, 3, 4), or (1, J, 3, 4) where they are the same at all rates. `weights` are those of the
    norms, None where rounding is harmless. Of up to AT_ONCE maps in all no rate's map depends on the other rates.
    """
    whole = no_update(len(rates), momentum)
    at_once = max(1, AT_ONCE // len(rates))
    for low in range(0, gradients.shape[1], at_once):
        some = gradients[:, low : low + at_once]
        if weights is None:
            part = _quick_product(some.transpose(2, 3, 1, 0)[:, : _columns(some[..., 3])] * -rates)
        else:
            part = product(update_maps(some, rates, momentum), weights)
        whole = _after(part, whole, weights) if low else part
    return whole


def no_update(count: int, momentum: Momentum) -> Maps:
    """The maps of no update."""
    size = 4 if momentum.velocity_gain == 0 else 7
    return Maps(np.zeros((count, size, size)), np.ones(count))


def chain_deviations(second: Array, first: Array) -> Array:
    """The deviation of two maps one after the other from those of each, shape (..., D, D): second @ first + both."""
    both: Array = second @ first
    both += first
    both += second
    return both


def is_nonexpansive(steepest: float, rate: Any, momentum: Momentum) -> Any:
    """Whether rounding is, at a rate or at each of several: an update of plain descent lengthens nothing up to η·λ = 2.

    λ is the largest eigenvalue of FᵀF/n, and `steepest` no less than those of all batches, as their traces are not.
    """
    return (rate * steepest <= 2) & (momentum.velocity_gain == 0)


def norm_weights(steepest: float, rates: Array, momentum: Momentum) -> Array | None:
    """Weights of the entries of a linear part, shape (3, 3) or (6, 6), by which its norm is measured.

    None where no norm need be measured, since rounding `is_nonexpansive` at the highest of the rates.

    A velocity goes on for about 1/(1 − keep) updates: in units of the root of that, w and v pass on to each other
    equally much, and the norms come out smaller than in any other.
    """
    if not momentum.velocity_gain:
        return None if is_nonexpansive(steepest, rates.max(), momentum) else np.ones((3, 3))
    unit = np.repeat([1.0, (1 - momentum.velocity_decay) ** -0.5], 3)
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
    both = Maps(chain_deviations(second.deviation, first.deviation), np.maximum(second.growth, first.growth))
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
        pairs = chain_deviations(deviations[:, 1::2], deviations[:, 0 : count - 1 : 2])
        deviations = np.concatenate([pairs, deviations[:, -1:]], axis=1) if count % 2 else pairs


def _quick_product(maps: Array) -> Maps:
    """`product` of deviations that lengthen nothing, quicker: an entry of all maps is a row for NumPy.

    The maps have the shape (3, wide, J, R), without what is 0: the last row, and the last column where `wide` is 3.
    """
    while (count := maps.shape[2]) > 1:
        first, second = maps[:, :, 0 : count - 1 : 2], maps[:, :, 1::2]
        pairs = np.einsum("ij...,jk...->ik...", second[:, :3], first)
        pairs += first
        pairs += second
        maps = np.concatenate([pairs, maps[:, :, -1:]], axis=2) if count % 2 else pairs
    return Maps(_whole_maps(maps)[0], np.ones(maps.shape[3]))


def _whole_maps(maps: Array) -> Array:
    """Deviations of shape (3, wide, J, R) with what is 0: shape (J, R, 4, 4)."""
    found = np.zeros((*maps.shape[2:], 4, 4))
    found[..., :3, : maps.shape[1]] = maps.transpose(2, 3, 0, 1)
    return found


def compose_samples(x: Array, y: Array, rates: Array, weights: Array | None) -> Maps:
    """`compose` for plain descent on single samples, quicker: x and y of shape (R, n), or (1, n) of one order for all.

    Blocks of samples go side by side: each takes the columns of the identity through its samples, one after the other,
    as if they were w, and keeps what is added to them. The blocks' maps are composed at the end.
    """
    count = x.shape[1]
    if not count:
        return no_update(len(rates), Momentum(0, 0, 1))
    length = min(count, max(BLOCK, -(-count // MOST_BLOCKS)))
    xs, ys = _side_by_side(x, length), _side_by_side(y, length)
    blocks = _blocks_of_rates(xs, ys, rates, -count % length)
    if weights is None:
        return _quick_product(blocks.swapaxes(2, 3))
    whole = product(_whole_maps(blocks), weights)
    return whole._replace(growth=whole.growth * _growth_within(xs, rates[:, np.newaxis]))


def _side_by_side(values: Array, length: int) -> Array:
    """The values of shape (R, n) as blocks: the first of each, the second of each ..., shape (length, R, blocks).

    Zeros before the first value make n a multiple of `length`.
    """
    missing = np.zeros((len(values), -values.shape[1] % length))
    blocks = np.concatenate([missing, values], axis=1).reshape(len(values), -1, length)
    return np.ascontiguousarray(blocks.transpose(2, 0, 1))


def _blocks_of_rates(xs: Array, ys: Array, rates: Array, missing: int) -> Array:
    """The deviations of the blocks, shape (3, wide, R, blocks), each rate's or order's for itself.

    The first block has so many samples less, for which there are zeros.
    """
    wide = _columns(ys)
    shape = wide, len(rates), xs.shape[2]
    columns = np.zeros((3, *shape))
    by_w = tuple(columns)
    # All of one shape, which is quicker: an x and a rate for each column of each map, in place.
    x, step, rate = np.empty(shape), np.empty(shape), np.empty(shape)
    rate[:] = rates[:, np.newaxis]
    residuals = np.ones(shape)  # what a sample's residual is at the columns of the identity: x², x, 1 and −y
    for at in range(len(xs)):
        if at == missing:
            columns[..., 0] = 0
        x[:] = xs[at]
        np.multiply(x[0], x[0], out=residuals[0])
        residuals[1] = x[1]
        np.negative(ys[at], out=residuals[3:])
        sample_step(by_w, x, residuals, rate, step)
        take_off(by_w, step, x)
    return columns


def _columns(targets: Array) -> int:
    """How many columns of a map are not 0: the last one is, where w fits all samples where it is counted from."""
    return 4 if targets.any() else 3


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
        found = np.concatenate([found, chain_deviations(more, factor) if little else more @ factor], axis=1)
        if weights is not None:
            factor_size = norms(factor, weights, little)[:, np.newaxis]
            grown = size * factor_size + growth * factor_size + size * factor_growth
            growth = np.concatenate([growth, grown[:, :room]], axis=1)
            size = norms(found[:, :, np.newaxis], weights, little)
            factor_growth = factor_size**2 + 2 * factor_size * factor_growth
        if found.shape[1] < count:
            factor = chain_deviations(factor, factor) if little else factor @ factor
    if little:
        found = found + unit
    if weights is None:
        return found, np.ones((1, count)), np.arange(float(count))[np.newaxis]
    return found, size, growth


def doublings(deviations: Array, count: int) -> NDArray[np.intp]:
    """How often `powers` doubles deviations, (N, R, D, D), until it goes over to maps: (N,), of each run by itself."""
    found, little, done = np.zeros(len(deviations), dtype=np.intp), np.ones(len(deviations), dtype=bool), 1
    while done < count and little.any():
        little &= np.abs(deviations[..., :3, :3]).max(axis=(1, 2, 3)) <= LITTLE
        found, done = found + little, 2 * done
        if done < count:
            deviations = chain_deviations(deviations, deviations)
    return found


def log_spectral_radius(matrices: Array) -> Array:
    """log of the spectral radius of matrices, shape (R, d, d): shape (R,); inf where they are not finite."""
    found = np.full(len(matrices), math.inf)
    finite = np.isfinite(matrices).all(axis=(1, 2))
    if finite.any():
        # Of numbers near the largest double no eigenvalues may be found.
        with np.errstate(all="ignore"), suppress(np.linalg.LinAlgError):
            found[finite] = np.log(np.abs(np.linalg.eigvals(matrices[finite])).max(axis=1))
    return found


def growing_part(deviation: Array) -> Array | None:
    """What tells of a state, (w, 1) or (w, v, 1), the part that a map done again and again lengthens the most.

    The map has the shape (D, D). It is the dominant left eigenvector, shape (D,), whose product with a state is the
    size of that part, at most that of w or v; zeros where it is not found; None where the map lengthens nothing.
    """
    with np.errstate(all="ignore"), suppress(np.linalg.LinAlgError):
        values, vectors = np.linalg.eig(deviation[:-1, :-1].T)
        if not _lengthen(values):
            return None
        fastest = np.abs(1 + values).argmax()
        along = vectors[:, fastest]
        found: Array = np.append(along, along @ deviation[:-1, -1] / values[fastest]) / np.abs(along).sum()
        return found
    return np.zeros(len(deviation))


def growing_parts(deviations: Array) -> list[Array | None]:
    """The growing_part of each of some maps, shape (N, D, D)."""
    if len(deviations) == 1:
        return [growing_part(deviations[0])]
    with np.errstate(all="ignore"):
        try:
            growing = _lengthen(np.linalg.eig(deviations[:, :-1, :-1].transpose(0, 2, 1))[0]).tolist()
        except np.linalg.LinAlgError:  # of any of them
            growing = [True] * len(deviations)
    return [growing_part(each) if grows else None for each, grows in zip(deviations, growing, strict=True)]


def _lengthen(values: NDArray[Any]) -> Any:
    """Whether a map lengthens something, by the eigenvalues of its deviation, shape (..., d): shape (...)."""
    return ~(np.log(np.abs(1 + values).max(axis=-1)) <= TOLERANCE)
