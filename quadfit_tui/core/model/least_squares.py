"""The least-squares parabola and the condition number of its problem, from sums without any rounding.

Far from x = 0 all but a few digits of such sums cancel, in x⁴ as many as sixty. So they are exact here: those of few
samples are sums of Python's integers; of many, products of doubles are taken apart into doubles (Dekker 1971, A
floating-point technique for extending the available precision), and these are added up as whole numbers. What follows
from the sums is worked out in fractions and rounded once.
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

LARGEST = 10**100  # of a, b and c: what is beyond is of samples whose x are one to the trainer, which squares them
_FEW = 512  # samples, up to which Python's integers are quicker than the parts of doubles
_BLOCK = 8192  # samples at once
_SPLITTER = 2.0**27 + 1


def powers(x: Array) -> tuple[Fraction, ...]:
    """The exact sums of 1, x, x², x³ and x⁴ over the samples x, shape (n,)."""
    if len(x) <= _FEW:
        whole, place = _integers(x)
        squares = [*map(mul, whole, whole)]
        totals = sum(whole), sum(squares), sum(map(mul, squares, whole)), sum(map(mul, squares, squares))
        return Fraction(len(x)), *(_scaled(total, power * place) for power, total in enumerate(totals, 1))
    sums = [Fraction(len(x)), *[Fraction(0)] * 4]
    for (m, e), *_ in _blocks(x):
        square = h, low = _product(m, m)
        cube = (*_product(h, m), *_product(low, m))
        fourth = (*_product(h, h), *_product(2 * h, low), *_product(low, low))
        for power, parts in enumerate(((m,), square, cube, fourth), 1):
            sums[power] += _sum(parts, power * e)
    return tuple(sums)


def products(x: Array, y: Array) -> tuple[Fraction, ...]:
    """The exact sums of y, x·y, x²·y and y² over the samples, both of shape (n,)."""
    if len(x) <= _FEW:
        (whole_x, place_x), (whole_y, place_y) = _integers(x), _integers(y)
        of_both = [*map(mul, whole_x, whole_y)]
        totals = sum(whole_y), sum(of_both), sum(map(mul, of_both, whole_x))
        squares = _scaled(sum(map(mul, whole_y, whole_y)), 2 * place_y)
        return *(_scaled(total, power * place_x + place_y) for power, total in enumerate(totals)), squares
    sums = [Fraction(0)] * 4
    for (m, e), (n, f) in _blocks(x, y):
        h, low = _product(m, m)
        of_square = (*_product(h, n), *_product(low, n))
        for power, parts in enumerate(((n,), _product(m, n), of_square)):
            sums[power] += _sum(parts, power * e + f)
        sums[3] += _sum(_product(n, n), 2 * f)
    return tuple(sums)


def optimum(of_x: Sequence[Fraction], of_y: Sequence[Fraction]) -> tuple[Fraction, Fraction, Fraction]:
    """The w of least mean squared error, by the sums of `powers` and `products`.

    Of the best parabolas that fewer than three different x leave, the one without x², then that without x.
    """
    (n, x, xx, xxx, xxxx), unit_x = _of_one_denominator(of_x)
    (y, xy, xxy, _), unit_y = _of_one_denominator(of_y)
    # The normal equations less the mean of each feature: c is out of them.
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
        w = a, b, (of_y[0] - b * of_x[1] - a * of_x[2]) / of_x[0]
        if max(map(abs, w)) < LARGEST:
            break
    return w


def least(of_x: Sequence[Fraction], of_y: Sequence[Fraction], w: Sequence[Fraction]) -> float:
    """The least mean squared error, by the same sums and their `optimum`, which is not rounded."""
    y, xy, xxy, yy = of_y
    a, b, c = w
    return float((yy - a * xxy - b * xy - c * y) / of_x[0])


def _of_one_denominator(sums: Sequence[Fraction]) -> tuple[list[int], int]:
    """The numerators of sums, and the denominator that they have in common: theirs are powers of 2."""
    common = max(each.denominator for each in sums)
    return [each.numerator * (common // each.denominator) for each in sums], common


def condition(of_x: Sequence[Fraction]) -> float:
    """The condition number λmax/λmin of the curvature, by the sums of `powers`; inf where these leave a direction open.

    λmin is 1/λmax of the inverse, which is the adjugate by the determinant: both are exact, and the largest eigenvalue
    of a matrix is well determined by its numbers, however small the others are.
    """
    n, x, xx, xxx, xxxx = of_x
    determinant = n * (xx * xxxx - xxx * xxx) - x * (x * xxxx - xxx * xx) + xx * (x * xxx - xx * xx)
    if not determinant:
        return float("inf")
    curvature = xxxx, xxx, xx, xx, x, n
    of_bc, of_ac = xxxx * x - xxx * xx, xxxx * n - xx * xx
    adjugate = xx * n - x * x, xx * x - xxx * n, xxx * x - xx * xx, of_ac, -of_bc, xxxx * xx - xxx * xxx
    try:
        return float(_steepest(curvature) * _steepest(adjugate) / determinant)
    except OverflowError:
        return float("inf")


def _steepest(entries: Sequence[Fraction]) -> Fraction:
    """The largest eigenvalue of a positive definite matrix, by its numbers from the diagonal on, row by row."""
    size = max(map(abs, entries))
    aa, ab, ac, bb, bc, cc = (float(entry / size) for entry in entries)
    return size * Fraction(float(np.linalg.eigvalsh(np.array([[aa, ab, ac], [ab, bb, bc], [ac, bc, cc]]))[-1]))


def _integers(values: Array) -> tuple[list[int], int]:
    """The values as integers, and the power of 2 that all of them are multiplied by."""
    numbers, places = np.frexp(values)
    least = int(places.min())
    return [*map(lshift, (numbers * 2.0**53).astype(np.int64).tolist(), (places - least).tolist())], least - 53


def _scaled(number: int, exponent: int) -> Fraction:
    """number·2^exponent."""
    return Fraction(number << exponent) if exponent >= 0 else Fraction(number, 1 << -exponent)


def _blocks(*columns: Array) -> Iterator[list[tuple[Array, Exponents]]]:
    """The columns block by block, each as numbers below 1 and the powers of 2 that they are multiplied by."""
    for low in range(0, len(columns[0]), _BLOCK):
        yield [np.frexp(column[low : low + _BLOCK]) for column in columns]


def _product(a: Array, b: Array) -> tuple[Array, Array]:
    """a·b of numbers below 1 as the product of doubles and what that is off by: together exact."""
    product = a * b
    (a1, a2), (b1, b2) = _halves(a), _halves(b)
    return product, a2 * b2 - (((product - a1 * b1) - a2 * b1) - a1 * b2)


def _halves(a: Array) -> tuple[Array, Array]:
    """a as two numbers of at most 26 bits."""
    scaled = _SPLITTER * a
    upper = scaled - (scaled - a)
    return upper, a - upper


def _sum(parts: Sequence[Array], exponents: Exponents) -> Fraction:
    """The sum of all part·2^exponent, exact: as whole numbers of 27 and 26 bits, those of the same power together."""
    numbers, places = np.frexp(np.concatenate(parts))
    places = places + np.tile(exponents, len(parts))
    least = int(places.min())
    places -= least
    upper = np.floor(numbers * 2.0**27)
    lower = numbers * 2.0**53 - upper * 2.0**26
    total = 0
    of_places = zip(*(np.bincount(places, weights=half).tolist() for half in (upper, lower)), strict=True)
    for place, (u, v) in enumerate(of_places):
        if u or v:
            total += ((int(u) << 26) + int(v)) << place
    return _scaled(total, least - 53)
