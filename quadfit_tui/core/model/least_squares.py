"""The least-squares parabola and the condition number of its problem, from sums without any rounding.

Far from x = 0 all but a few digits of such sums cancel, in x⁴ as many as sixty. So the sums are exact here: few samples
are summed as Python's integers; of many, products of doubles are split into pairs of doubles (Dekker 1971, A
floating-point technique for extending the available precision), which are added up as whole numbers. The results are
computed from the sums in fractions and rounded once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from operator import lshift, mul
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quadfit_tui.core.model.array import Array

Exponents = NDArray[np.integer[Any]]

LARGEST = 10**100  # bound of |a|, |b|, |c|: beyond it, the trainer, which squares x, sees all x as equal
_FEW = 512  # samples up to which Python's integers are quicker than the pairs of doubles
_BLOCK = 8192  # samples that are summed at once
_SPLITTER = 2.0**27 + 1


def power_sums(x: Array) -> tuple[Fraction, ...]:
    """Computes the exact sums of 1, x, x², x³ and x⁴ over the samples x, shape (n,)."""
    if len(x) <= _FEW:
        whole, exponent = _integers(x)
        squares = [*map(mul, whole, whole)]
        totals = sum(whole), sum(squares), sum(map(mul, squares, whole)), sum(map(mul, squares, squares))
        return Fraction(len(x)), *(_scaled(total, power * exponent) for power, total in enumerate(totals, 1))
    sums = [Fraction(len(x)), *[Fraction(0)] * 4]
    for (m, e), *_ in _blocks(x):
        square = h, low = _product(m, m)
        cube = (*_product(h, m), *_product(low, m))
        fourth = (*_product(h, h), *_product(2 * h, low), *_product(low, low))
        for power, parts in enumerate(((m,), square, cube, fourth), 1):
            sums[power] += _sum(parts, power * e)
    return tuple(sums)


def product_sums(x: Array, y: Array) -> tuple[Fraction, ...]:
    """Computes the exact sums of y, x·y, x²·y and y² over the samples, x and y of shape (n,)."""
    if len(x) <= _FEW:
        whole_x, exponent_x = _integers(x)
        whole_y, exponent_y = _integers(y)
        whole_xy = [*map(mul, whole_x, whole_y)]
        totals = sum(whole_y), sum(whole_xy), sum(map(mul, whole_xy, whole_x))
        squares = _scaled(sum(map(mul, whole_y, whole_y)), 2 * exponent_y)
        return *(_scaled(total, power * exponent_x + exponent_y) for power, total in enumerate(totals)), squares
    sums = [Fraction(0)] * 4
    for (m, e), (n, f) in _blocks(x, y):
        h, low = _product(m, m)
        square_by_y = (*_product(h, n), *_product(low, n))
        for power, parts in enumerate(((n,), _product(m, n), square_by_y)):
            sums[power] += _sum(parts, power * e + f)
        sums[3] += _sum(_product(n, n), 2 * f)
    return tuple(sums)


def optimum(x_sums: Sequence[Fraction], y_sums: Sequence[Fraction]) -> tuple[Fraction, Fraction, Fraction]:
    """Solves the normal equations: returns the w of least mean squared error from `power_sums` and `product_sums`.

    Fewer than three different x leave several best parabolas: then returns the one without x², or else without x.
    """
    (n, x, xx, xxx, xxxx), unit_x = _of_one_denominator(x_sums)
    (y, xy, xxy, _), unit_y = _of_one_denominator(y_sums)
    # Centering the features takes c out of the normal equations.
    v11, v12, v22 = n * xx - x * x, n * xxx - x * xx, n * xxxx - xx * xx
    t1, t2 = n * xy - x * y, n * xxy - xx * y
    determinant = v11 * v22 - v12 * v12
    for degree in (2, 1, 0):
        a = b = Fraction(0)
        if degree == 2 and determinant:
            a = Fraction((t2 * v11 - t1 * v12) * unit_x, determinant * unit_y)
            b = Fraction((t1 * v22 - t2 * v12) * unit_x, determinant * unit_y)
        elif degree and v11:
            b = Fraction(t1 * unit_x, v11 * unit_y)
        w = a, b, (y_sums[0] - b * x_sums[1] - a * x_sums[2]) / x_sums[0]
        if max(map(abs, w)) < LARGEST:
            break
    return w


def least_loss(x_sums: Sequence[Fraction], y_sums: Sequence[Fraction], w: Sequence[Fraction]) -> float:
    """Computes the least mean squared error from `power_sums`, `product_sums` and their unrounded `optimum`."""
    y, xy, xxy, yy = y_sums
    a, b, c = w
    return float((yy - a * xxy - b * xy - c * y) / x_sums[0])


def _of_one_denominator(sums: Sequence[Fraction]) -> tuple[list[int], int]:
    """Returns the numerators of sums over their common denominator, and that; all denominators are powers of 2."""
    common = max(total.denominator for total in sums)
    return [total.numerator * (common // total.denominator) for total in sums], common


def condition(x_sums: Sequence[Fraction]) -> float:
    """Computes the condition number λmax/λmin of the curvature from `power_sums`; inf if it is singular.

    λmin is 1/λmax of the inverse, the adjugate divided by the determinant. Both are exact, and the largest eigenvalue
    of a matrix is well determined by its entries, however small the other eigenvalues are.
    """
    n, x, xx, xxx, xxxx = x_sums
    determinant = n * (xx * xxxx - xxx * xxx) - x * (x * xxxx - xxx * xx) + xx * (x * xxx - xx * xx)
    if not determinant:
        return float("inf")
    curvature = xxxx, xxx, xx, xx, x, n
    minor_bc, minor_ac = xxxx * x - xxx * xx, xxxx * n - xx * xx
    adjugate = xx * n - x * x, xx * x - xxx * n, xxx * x - xx * xx, minor_ac, -minor_bc, xxxx * xx - xxx * xxx
    try:
        return float(_largest_eigenvalue(curvature) * _largest_eigenvalue(adjugate) / determinant)
    except OverflowError:
        return float("inf")


def _largest_eigenvalue(entries: Sequence[Fraction]) -> Fraction:
    """Computes the largest eigenvalue of a positive definite (3, 3) matrix from the 6 entries of its upper triangle."""
    size = max(map(abs, entries))
    aa, ab, ac, bb, bc, cc = (float(entry / size) for entry in entries)
    return size * Fraction(float(np.linalg.eigvalsh(np.array([[aa, ab, ac], [ab, bb, bc], [ac, bc, cc]]))[-1]))


def _integers(values: Array) -> tuple[list[int], int]:
    """Converts doubles exactly to integers and the exponent of the power of 2 by which to multiply all of them."""
    mantissas, exponents = np.frexp(values)
    least = int(exponents.min())
    return [*map(lshift, (mantissas * 2.0**53).astype(np.int64).tolist(), (exponents - least).tolist())], least - 53


def _scaled(number: int, exponent: int) -> Fraction:
    """Returns number·2^exponent, exactly."""
    return Fraction(number << exponent) if exponent >= 0 else Fraction(number, 1 << -exponent)


def _blocks(*columns: Array) -> Iterator[list[tuple[Array, Exponents]]]:
    """Yields the columns block by block, each split into mantissas below 1 and exponents of 2."""
    for low in range(0, len(columns[0]), _BLOCK):
        yield [np.frexp(column[low : low + _BLOCK]) for column in columns]


def _product(a: Array, b: Array) -> tuple[Array, Array]:
    """Multiplies numbers below 1 exactly: returns the rounded product and its rounding error (Dekker)."""
    product = a * b
    (a1, a2), (b1, b2) = _halves(a), _halves(b)
    return product, a2 * b2 - (((product - a1 * b1) - a2 * b1) - a1 * b2)


def _halves(a: Array) -> tuple[Array, Array]:
    """Splits doubles into an upper and a lower part of at most 26 bits each, which add up to them (Veltkamp)."""
    scaled = _SPLITTER * a
    upper = scaled - (scaled - a)
    return upper, a - upper


def _sum(parts: Sequence[Array], exponents: Exponents) -> Fraction:
    """Adds up part·2^exponent exactly: as whole numbers of 27 and 26 bits, those of the same power of 2 together."""
    mantissas, shifts = np.frexp(np.concatenate(parts))
    shifts = shifts + np.tile(exponents, len(parts))
    least = int(shifts.min())
    shifts -= least
    upper = np.floor(mantissas * 2.0**27)
    lower = mantissas * 2.0**53 - upper * 2.0**26
    total = 0
    sums_by_shift = zip(*(np.bincount(shifts, weights=half).tolist() for half in (upper, lower)), strict=True)
    for shift, (upper_sum, lower_sum) in enumerate(sums_by_shift):
        if upper_sum or lower_sum:
            total += ((int(upper_sum) << 26) + int(lower_sum)) << shift
    return _scaled(total, least - 53)
