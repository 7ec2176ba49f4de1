"""Loss, gradient and optimum against finite differences, plain Python and np.polyfit."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quadfit_tui.core import quadratic

properties = settings(derandomize=True, deadline=None, max_examples=60)
numbers = st.floats(-100, 100, allow_subnormal=False)
vectors = st.tuples(numbers, numbers, numbers)
samples = st.lists(st.tuples(st.floats(-3, 3, allow_subnormal=False), numbers), min_size=1, max_size=20)


def arrays(pairs):
    x, y = np.array(pairs).T
    return x.copy(), y.copy()


@properties
@given(vectors, samples)
def test_loss_is_the_mean_squared_error(plain, w, pairs):
    x, y = arrays(pairs)
    expected = plain.loss(w, *zip(*pairs, strict=True))
    assert quadratic.loss(np.array(w), x, y) == pytest.approx(expected, rel=1e-9, abs=1e-9)


@properties
@given(vectors, samples)
def test_full_gradient_is_the_derivative_of_the_loss(w, pairs):
    x, y = arrays(pairs)
    gradient = quadratic.gradient(np.array(w), x, y, "full")
    assert gradient.shape == (3,)
    # The loss is quadratic in w: central differences are exact but for rounding, whatever the distance.
    for axis, shift in enumerate(np.eye(3)):
        difference = quadratic.loss(w + shift, x, y) - quadratic.loss(w - shift, x, y)
        scale = max(1.0, quadratic.loss(np.array(w), x, y))
        assert gradient[axis] == pytest.approx(difference / 2, rel=1e-9, abs=1e-9 * scale)


@properties
@given(vectors, samples)
def test_half_gradient_is_the_articles_mean_of_error_times_features(w, pairs):
    x, y = arrays(pairs)
    a, b, c = w
    error = [a * xi * xi + b * xi + c - yi for xi, yi in pairs]
    expected = [sum(e * xi**power for e, (xi, _) in zip(error, pairs, strict=True)) / len(pairs) for power in (2, 1, 0)]
    half = quadratic.gradient(np.array(w), x, y, "half")
    assert half.tolist() == pytest.approx(expected, rel=1e-9, abs=1e-9)
    assert (2 * half).tolist() == quadratic.gradient(np.array(w), x, y, "full").tolist()


def test_features_are_square_x_and_one():
    x = np.array([-2.0, 0.0, 3.0])
    w = np.array([2.0, -4.0, 3.0])
    assert quadratic.features(x).tolist() == [[4, -2, 1], [0, 0, 1], [9, 3, 1]]
    assert quadratic.predict(w, x).tolist() == [19, 3, 9]
    assert quadratic.residuals(w, x, np.array([20.0, 3.0, 8.0])).tolist() == [-1, 0, 1]


@pytest.mark.parametrize(
    ("low", "high", "noise"),
    [(-1, 1, 0), (-1, 1, 0.5), (-50, 50, 10), (0, 1e-3, 1e-7), (100, 101, 0.1), (-1e4, 3e4, 1e5)],
)
def test_optimum_agrees_with_polyfit(low, high, noise):
    x = np.linspace(low, high, 50)
    y = 2 * x * x - 4 * x + 3 + noise * np.random.default_rng(1).standard_normal(50)
    mine, theirs = (np.polyval(w, x) for w in (quadratic.optimum(x, y), np.polyfit(x, y, 2)))
    assert mine == pytest.approx(theirs, rel=1e-7, abs=1e-6 * max(1.0, noise))
    if -low <= 50:
        assert quadratic.optimum(x, y).tolist() == pytest.approx(np.polyfit(x, y, 2).tolist(), rel=1e-6)


def test_optimum_of_years_is_as_good_as_a_centred_fit():
    # In plain x the matrix of 2000 .. 2020 has a condition number of 1e17.
    x = np.arange(2000.0, 2021.0)
    y = 0.5 * (x - 2010) ** 2 + 3 * (x - 2010) + 7 + np.random.default_rng(2).standard_normal(21)
    a, b, c = np.polyfit(x - 2010, y, 2)
    assert quadratic.optimum(x, y).tolist() == pytest.approx(
        [a, b - 2 * a * 2010, c - b * 2010 + a * 2010**2], rel=1e-9
    )


def test_optimum_far_from_the_origin_leaves_no_more_loss_than_a_centred_fit():
    x = np.arange(999_950.0, 1_000_001.0)
    y = 3 * (x - 999_975) ** 2 + 100 * np.random.default_rng(3).standard_normal(51)
    least = np.mean((np.polyval(np.polyfit(x - 999_975, y, 2), x - 999_975) - y) ** 2)
    assert quadratic.loss(quadratic.optimum(x, y), x, y) == pytest.approx(least, rel=1e-3)


@pytest.mark.parametrize(
    ("x", "y", "least"),
    [
        ([1.0, 1.0, 1.0], [1.0, 2.0, 6.0], 14 / 3),
        ([5.0], [7.0], 0),
        ([0.0, 2.0], [1.0, 5.0], 0),
        ([0.0, 0.0, 2.0, 2.0], [1.0, 3.0, 4.0, 8.0], 2.5),
        ([2020.0, 2020.0, 2021.0], [1.0, 3.0, 4.0], 2 / 3),
    ],
)
def test_optimum_is_one_of_the_best_where_x_leave_it_open(x, y, least):
    w = quadratic.optimum(np.array(x), np.array(y))
    assert np.isfinite(w).all()
    assert quadratic.loss(w, np.array(x), np.array(y)) == pytest.approx(least, abs=1e-6)


@pytest.mark.parametrize("width", [1e-100, 1e-160, 1e-200, 1e-300, 5e-324])
def test_optimum_of_x_that_nearly_coincide_comes_without_a_warning(width):
    # The best a may be larger than any double: NumPy must not complain of it on the user's screen.
    x = np.array([0.0, width / 2, width])
    assert quadratic.optimum(x, np.array([1.0, 2.0, 4.0])).shape == (3,)


@properties
@given(samples, st.sampled_from(list(np.eye(3))), st.sampled_from([-1e-3, 1e-3, 1.0]))
def test_no_neighbour_of_the_optimum_is_better(pairs, direction, step):
    x, y = arrays(pairs)
    best = quadratic.optimum(x, y)
    at_best, nearby = quadratic.loss(best, x, y), quadratic.loss(best + step * direction, x, y)
    assert at_best <= nearby + 1e-9 * max(1.0, at_best)
