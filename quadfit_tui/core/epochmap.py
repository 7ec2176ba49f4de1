"""The algebra of an epoch: updates as affine maps, composed to one.

One update of plain descent on a batch with features F (n×3) and targets y takes w to (I − η·FᵀF/n)·w + η·Fᵀy/n (η
counted twice for the `full` gradient); with momentum, the same holds for w and its velocity v together. Such maps are
written as square matrices that act on (w, 1) or (w, v, 1), of size D = 4 or 7, so that composing them is a product.

Rounding is harmless where each map is symmetric and lengthens no vector. Elsewhere an error may grow with what follows
it: the norms of the partial products bound by how much, and where that is too much the caller is to do without.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from quadfit_tui.core.optimizers import Momentum
from quadfit_tui.core.quadratic import Array

SHORTEST_BLOCK = 8  # samples that are taken one after the other before blocks of them are composed
MOST_BLOCKS = 1024
AT_ONCE = 8192  # maps that are held in memory at a time


class Maps(NamedTuple):
    """Composed maps, shape (R, D, D), one for each rate or order; `growth`, shape (R,), is what rounding grew by."""

    matrix: Array
    growth: Array


class Batches(NamedTuple):
    """The samples of the updates to be composed: x and y of shape (R, J, n), R being 1 where all have one order."""

    x: Array
    y: Array


def update_maps(batches: Batches, rates: Array, momentum: Momentum) -> Array:
    """The map of each update, shape (R, J, D, D); `rates`, shape (R,), already hold the gradient's factor."""
    x, y = batches
    xx, xy = x * x, x * y
    means = [term.mean(axis=-1) for term in (xx * xx, xx * x, xx, x)]
    targets = [term.mean(axis=-1) for term in (xy * x, xy, y)]
    rate = rates[:, np.newaxis]
    shape = np.broadcast_shapes(means[0].shape, rate.shape)
    moves = momentum.carry != 0
    maps = np.zeros((*shape, 7, 7) if moves else (*shape, 4, 4))
    maps[..., -1, -1] = 1
    for row in range(3):
        for column in range(3):
            power = row + column  # the entry of FᵀF/n is the mean of x to the power 4 − row − column
            step = rate * (means[power] if power < 4 else 1.0)
            maps[..., row, column] = -momentum.push * step
            if moves:
                maps[..., 3 + row, column] = -step
        pull = rate * targets[row]
        maps[..., row, -1] = momentum.push * pull
        maps[..., row, row] += 1
        if moves:
            maps[..., 3 + row, -1] = pull
            maps[..., row, 3 + row] = momentum.carry
            maps[..., 3 + row, 3 + row] = momentum.keep
    return maps


def largest_step(batches: Batches, rates: Array) -> float:
    """A bound of η·λ over the updates, λ being the largest eigenvalue of FᵀF/n: at most its trace."""
    xx = batches.x * batches.x
    return float(rates.max() * ((xx * xx + xx).mean(axis=-1).max() + 1))


def compose(batches: Batches, rates: Array, momentum: Momentum) -> Maps:
    """The map of all updates one after the other."""
    count = batches.x.shape[1]
    if not count:
        return identity(len(rates), momentum)
    shortens = momentum.carry == 0 and largest_step(batches, rates) <= 2
    whole: Maps | None = None
    at_once = max(1, AT_ONCE // len(rates))
    for low in range(0, count, at_once):
        part = Batches(batches.x[:, low : low + at_once], batches.y[:, low : low + at_once])
        weights = None if shortens else norm_weights(momentum)
        maps = _product(update_maps(part, rates, momentum), weights)
        whole = maps if whole is None else _after(maps, whole, weights)
    assert whole is not None  # there is at least one update
    return whole


def identity(count: int, momentum: Momentum) -> Maps:
    """The maps of no update."""
    size = 4 if momentum.carry == 0 else 7
    return Maps(np.broadcast_to(np.eye(size), (count, size, size)), np.ones(count))


def norm_weights(momentum: Momentum) -> Array:
    """Weights of the entries of a linear part, shape (3, 3) or (6, 6), by which its norm is measured.

    A velocity goes on for about 1/(1 − keep) updates: in units of the root of that, w and v pass on to each other
    equally much, and the norms come out smaller than in any other.
    """
    if not momentum.carry:
        return np.ones((3, 3))
    unit = np.repeat([1.0, (1 - momentum.keep) ** -0.5], 3)
    weights: Array = unit[:, np.newaxis] / unit
    return weights


def norms(maps: Array, weights: Array) -> Array:
    """The largest norm of the linear parts of maps, shape (..., J, D, D), along J: shape (...)."""
    rows = (np.abs(maps[..., :-1, :-1]) * weights).sum(axis=-1)
    largest: Array = rows.max(axis=(-1, -2))
    return largest


def _after(second: Maps, first: Maps, weights: Array | None) -> Maps:
    matrix = second.matrix @ first.matrix
    growth = np.maximum(second.growth, first.growth)
    if weights is not None:
        growth = np.maximum(growth, norms(matrix[:, np.newaxis], weights) ** 2)
    return Maps(matrix, growth)


def _product(maps: Array, weights: Array | None) -> Maps:
    """The product of maps, shape (R, J, D, D), the first one rightmost: pairwise, level by level.

    An error made in a partial product is magnified by what comes before and after it: by about the square of the
    largest norm that partial products have. Without `weights` nothing is magnified.
    """
    growth = np.ones(len(maps))
    while True:
        if weights is not None:
            growth = np.maximum(growth, norms(maps, weights) ** 2)
        count = maps.shape[1]
        if count == 1:
            return Maps(maps[:, 0], growth)
        pairs = maps[:, 1::2] @ maps[:, 0 : count - 1 : 2]
        maps = np.concatenate([pairs, maps[:, -1:]], axis=1) if count % 2 else pairs


def compose_samples(x: Array, y: Array, rates: Array) -> Maps:
    """The same for plain descent on single samples, quicker: x and y of shape (R, n), or (1, n) of one order for all.

    Blocks of samples go side by side: each takes the columns of the identity through its samples, one after the other,
    as if they were w. The blocks' maps are composed at the end.
    """
    count = x.shape[1]
    if not count:
        return identity(len(rates), Momentum(0, 0, 1))
    blocks = max(1, min(MOST_BLOCKS, count // SHORTEST_BLOCK))
    (xs, last_x), (ys, last_y) = _side_by_side(x, blocks), _side_by_side(y, blocks)
    rate = rates[:, np.newaxis]
    columns = np.zeros((3, 4, len(rates), blocks))
    for row in range(3):
        columns[row, row] = 1
    for each_x, each_y in zip(xs, ys, strict=True):
        _take_sample(columns, each_x, each_y, rate)
    if last_x.size:
        _take_sample(columns[..., : last_x.shape[1]], last_x, last_y, rate)
    maps = np.zeros((len(rates), blocks, 4, 4))
    maps[..., 3, 3] = 1
    maps[..., :3, :] = columns.transpose(2, 3, 0, 1)
    if largest_step(Batches(x[..., np.newaxis], y), rates) <= 2:
        return _product(maps, None)
    product = _product(maps, np.ones((3, 3)))
    return Maps(product.matrix, product.growth * _growth_within(xs, rate) * _growth_within(last_x[np.newaxis], rate))


def _side_by_side(values: Array, blocks: int) -> tuple[Array, Array]:
    """The values of shape (R, n) as `blocks` blocks: the first of each, the second of each ..., shape (n // blocks, R,
    blocks); and what is left over, one more value for each of the first blocks, shape (R, n % blocks)."""
    length, longer = divmod(values.shape[1], blocks)
    end = longer * (length + 1)
    first = values[:, :end].reshape(len(values), longer, length + 1)
    second = values[:, end:].reshape(len(values), blocks - longer, length)
    together = np.concatenate([first[:, :, :length], second], axis=1)
    return np.ascontiguousarray(together.transpose(2, 0, 1)), first[:, :, length]


def _take_sample(columns: Array, x: Array, y: Array, rate: Array) -> None:
    """Lets the columns, shape (3, 4, R, J), take one update each from samples x and y, shape (R or 1, J), in place."""
    by_a, by_b, by_c = columns
    step = by_a * x
    step += by_b
    step *= x
    step += by_c
    step[3] -= y
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


def powers(maps: Maps, count: int, weights: Array) -> tuple[Array, Array, Array]:
    """The powers 0 to count − 1 of maps: shape (R, count, D, D); their norms and their growth, shape (R, count).

    The error of a product of A and B is that of multiplying, by about their norms, and theirs, magnified by the other.
    """
    found = np.broadcast_to(np.eye(maps.matrix.shape[-1]), (len(maps.matrix), 1, *maps.matrix.shape[1:]))
    size, growth = np.ones((len(found), 1)), np.zeros((len(found), 1))
    factor, factor_growth = maps.matrix[:, np.newaxis], maps.growth[:, np.newaxis]
    while found.shape[1] < count:
        factor_size = norms(factor, weights)[:, np.newaxis]
        found = np.concatenate([found, found @ factor], axis=1)
        growth = np.concatenate([growth, size * factor_size + growth * factor_size + size * factor_growth], axis=1)
        size = norms(found[:, :, np.newaxis], weights)
        factor_growth = factor_size**2 + 2 * factor_size * factor_growth
        factor = factor @ factor
    return found[:, :count], size[:, :count], growth[:, :count]
