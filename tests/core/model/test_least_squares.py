"""The optimum and the condition number against fractions, 150 digits and np.polyfit."""

import math
from decimal import Decimal, localcontext
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tables import table
from trials import trials

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.model import least_squares, parabola
from quadfit_tui.core.model.loss_surface import surface_of
from quadfit_tui.core.model.problem import Dataset, make_dataset


def optimum(x, y):
    return np.array([*map(float, least_squares.optimum(least_squares.power_sums(x), least_squares.product_sums(x, y)))])


def plain_sums(x, y):
    """The sums of x^k and of x^k·y and y², by fractions."""
    xs, ys = [Fraction(value) for value in x], [Fraction(value) for value in y]
    return (
        [sum((xi**power for xi in xs), Fraction(0)) for power in range(5)],
        [
            *(sum((xi**power * yi for xi, yi in zip(xs, ys, strict=True)), Fraction(0)) for power in range(3)),
            sum((yi * yi for yi in ys), Fraction(0)),
        ],
    )


def exact_optimum(x, y):
    """The solution of the normal equations by Gaussian elimination in fractions."""
    of_x, of_y = plain_sums(x, y)
    rows = [[*(of_x[row + column] for column in range(3)), of_y[row]] for row in range(3)]
    for at in range(3):
        rows[at] = [value / rows[at][at] for value in rows[at]]
        for other in range(3):
            if other != at:
                rows[other] = [a - rows[other][at] * b for a, b in zip(rows[other], rows[at], strict=True)]
    return [row[3] for row in reversed(rows)]


def plain_optimum(x, y):
    """The same, each number rounded once."""
    return [float(value) for value in exact_optimum(x, y)]


def exact_loss(w, x, y):
    """The mean loss of a w of fractions, rounded once."""
    a, b, c = w
    residuals = [(a * Fraction(xi) + b) * Fraction(xi) + c - Fraction(yi) for xi, yi in zip(x, y, strict=True)]
    return float(sum(r * r for r in residuals) / len(x))


def plain_condition(x):
    """The largest root of the characteristic polynomial by the smallest, by Newton's method from outside."""
    of_x, _ = plain_sums(x, x)
    n, x1, x2, x3, x4 = of_x
    trace = x4 + x2 + n
    minors = (x4 * x2 - x3 * x3) + (x4 * n - x2 * x2) + (x2 * n - x1 * x1)
    determinant = x4 * (x2 * n - x1 * x1) - x3 * (x3 * n - x1 * x2) + x2 * (x3 * x1 - x2 * x2)
    with localcontext() as context:
        context.prec = 150
        trace, minors, determinant = (
            Decimal(value.numerator) / Decimal(value.denominator) for value in (trace, minors, determinant)
        )

        def root(at):
            for _ in range(400):
                value = ((at - trace) * at + minors) * at - determinant
                slope = (3 * at - 2 * trace) * at + minors
                following = at - value / slope
                if abs(following - at) <= abs(at) * Decimal("1e-100"):
                    break
                at = following
            return at

        return float(root(trace) / root(Decimal(0)))


# Sums without rounding

finite = st.floats(-1e12, 1e12)
columns = st.lists(st.tuples(finite, finite), min_size=1, max_size=12)


@trials(150)
@given(columns, st.booleans())
@example([(0.0, 0.0)], True)
@example([(5e-324, -5e-324), (1e12, 1e12), (-0.0, 1.0)], True)
@example([(1 / 3, 0.1)] * 9, True)
def test_sums_over_samples_are_without_any_rounding(pairs, many):
    # Those of few samples and those of many are added up in other ways.
    x, y = np.array(pairs * (1 + 512 // len(pairs) if many else 1)).T
    sums = list(least_squares.power_sums(x)), list(least_squares.product_sums(x, y))
    assert sums == plain_sums(x.tolist(), y.tolist())


def test_sums_across_blocks_are_exact():
    x = np.linspace(9999, 10001, 8200)
    y = np.sin(x)
    sums = list(least_squares.power_sums(x)), list(least_squares.product_sums(x, y))
    assert sums == plain_sums(x.tolist(), y.tolist())


# The optimum

FAR = [(9999, 10_001), (99_998, 100_000), (999_999, 1e6), (-10_001, -9999), (2.9e6, 3e6), (1e12 - 1, 1e12)]


@table("ends", FAR)
@table("noise", [0, 0.5])
def test_optimum_far_from_origin_is_exact(ends, noise):
    problem = make_dataset(RunConfig(x_min=ends[0], x_max=ends[1], samples=80, noise=noise))
    assert problem.optimum.tolist() == plain_optimum(problem.x.tolist(), problem.y.tolist())


def test_noiseless_optimum_is_the_truth():
    assert make_dataset(RunConfig()).optimum.tolist() == [2, -4, 3]
    found = make_dataset(RunConfig(x_min=9999, x_max=10_001)).optimum.tolist()
    assert found == pytest.approx([2, -4.0000121, 3.0602091], rel=1e-7)  # y has 12 digits before the point


@pytest.mark.parametrize("ends", FAR[:-1])
def test_least_mean_loss_is_minimal(ends):
    for noise in (0, 0.5):
        problem = make_dataset(RunConfig(x_min=ends[0], x_max=ends[1], samples=80, noise=noise))
        samples = problem.x.tolist(), problem.y.tolist()
        best = exact_loss(exact_optimum(*samples), *samples)
        # Each residual is off by some ulp of the terms that cancel in it.
        rounding = 4 * np.finfo(np.float64).eps * 2 * max(map(abs, ends)) ** 2
        assert problem.least == pytest.approx(best, abs=2 * rounding * math.sqrt(best) + rounding**2)
        assert problem.least <= problem.mean_loss(np.array([2.0, -4.0, 3.0]))
        assert surface_of(problem).least == problem.least


@trials(100)
@given(columns)
def test_optimum_equals_exact_fractions(pairs):
    x, y = np.array(pairs).T
    if len(set(x.tolist())) < 3:
        return
    try:
        expected = plain_optimum(x.tolist(), y.tolist())
    except OverflowError:
        return
    if max(map(abs, expected)) < 1e99:
        assert optimum(x, y).tolist() == expected


@table(
    ("low", "high", "noise"),
    [(-1, 1, 0), (-1, 1, 0.5), (-50, 50, 10), (0, 1e-3, 1e-7), (100, 101, 0.1), (-1e4, 3e4, 1e5)],
)
def test_optimum_agrees_with_polyfit(low, high, noise):
    x = np.linspace(low, high, 50)
    y = 2 * x * x - 4 * x + 3 + noise * np.random.default_rng(1).standard_normal(50)
    mine, theirs = (np.polyval(w, x) for w in (optimum(x, y), np.polyfit(x, y, 2)))
    assert mine == pytest.approx(theirs, rel=1e-7, abs=1e-6 * max(1.0, noise))
    if -low <= 50:
        assert optimum(x, y).tolist() == pytest.approx(np.polyfit(x, y, 2).tolist(), rel=1e-6)


@table(
    ("x", "y", "least"),
    [
        ([1.0, 1.0, 1.0], [1.0, 2.0, 6.0], 14 / 3),
        ([5.0], [7.0], 0),
        ([0.0, 2.0], [1.0, 5.0], 0),
        ([0.0, 0.0, 2.0, 2.0], [1.0, 3.0, 4.0, 8.0], 2.5),
        ([2020.0, 2020.0, 2021.0], [1.0, 3.0, 4.0], 2 / 3),
    ],
)
def test_underdetermined_optimum_has_least_loss(x, y, least):
    w = optimum(np.array(x), np.array(y))
    assert np.isfinite(w).all()
    assert parabola.loss(w, np.array(x), np.array(y)) == pytest.approx(least, abs=1e-6)


@table("width", [1e-100, 1e-160, 1e-200, 1e-300, 5e-324])
def test_nearly_equal_x_give_no_warning(width):
    # The best a may be larger than any double: NumPy must not complain of it on the user's screen.
    x = np.array([0.0, width / 2, width])
    assert optimum(x, np.array([1.0, 2.0, 4.0])).shape == (3,)


@pytest.mark.parametrize(("x", "y", "w"), [([5.0, 5.0], [7.0, 8.0], [0, 0, 7.5]), ([0.0, 2.0], [1.0, 5.0], [0, 2, 1])])
def test_underdetermined_optimum_is_simplest_parabola(x, y, w):
    assert optimum(np.array(x), np.array(y)).tolist() == w


# The condition number


@table("ends", [(-1, 1), (-50, 50), (0, 1e-3), (0, 1e-12), *FAR])
def test_large_condition_number_is_accurate(ends):
    problem = make_dataset(RunConfig(x_min=ends[0], x_max=ends[1], samples=30))
    assert problem.condition == pytest.approx(plain_condition(problem.x.tolist()), rel=1e-14)


@trials(60)
@given(st.lists(finite, min_size=3, max_size=9))
def test_condition_number_of_random_samples(x):
    x = [0.0 if abs(value) < 1e-20 else value for value in x]
    if len(set(x)) >= 3:
        expected = plain_condition(x)
        assert Dataset(np.array(x), np.array(x), None).condition == pytest.approx(expected, rel=1e-13)


@pytest.mark.parametrize("x", [[1.0, 2.0, 1.0], [5.0], [1e-200, 2e-200, 3e-200]])
def test_condition_number_may_be_infinite(x):
    assert Dataset(np.array(x), np.array(x), None).condition == math.inf


def test_least_mean_loss_uses_unrounded_optimum():
    """Of times in seconds since 1970 the rounding of a alone moves the parabola by more than the noise."""
    x = 1.6e9 + np.arange(12.0)
    y = np.random.default_rng(5).normal(0, 0.3, 12)
    problem = Dataset(x, y, None)
    expected = exact_loss(exact_optimum(x.tolist(), y.tolist()), x.tolist(), y.tolist())
    assert problem.least == expected < 0.5 * problem.mean_loss(problem.optimum)
