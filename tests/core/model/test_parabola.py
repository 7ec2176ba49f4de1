"""Loss and gradient against finite differences and plain Python, the loss as a form of w against fractions."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tables import table
from trials import trials

from quadfit_tui.core.model import parabola

properties = trials(60)
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
    assert parabola.loss(np.array(w), x, y) == pytest.approx(expected, rel=1e-9, abs=1e-9)


@table("samples", [1, 3, 1000, 8191, 8192, 8193, 20_000])
@table("count", [0, 1, 7, 3000])
def test_losses_of_many_w_match_formula(samples, count):
    generator = np.random.default_rng(samples)
    x, y = generator.standard_normal((2, samples))
    count = count if samples < 1000 else min(count, 60)  # some at once of the one, one after another of the other
    w = generator.standard_normal((count, 3))
    found = parabola.losses(w, x, y)
    assert found.shape == (count,)
    chosen = sorted({*range(min(count, 9)), *range(max(0, count - 9), count), *range(0, count, 1021)})
    expected = [float(((w[at] @ [x**2, x, np.ones(samples)] - y) ** 2).mean()) for at in chosen]
    assert found[chosen].tolist() == pytest.approx(expected, rel=1e-12)


@properties
@given(vectors, samples)
def test_full_gradient_equals_finite_differences(w, pairs):
    x, y = arrays(pairs)
    gradient = parabola.gradient(np.array(w), x, y, "full")
    assert gradient.shape == (3,)
    # The loss is quadratic in w: central differences are exact but for rounding, whatever the distance.
    for axis, shift in enumerate(np.eye(3)):
        difference = parabola.loss(w + shift, x, y) - parabola.loss(w - shift, x, y)
        scale = max(1.0, parabola.loss(np.array(w), x, y))
        assert gradient[axis] == pytest.approx(difference / 2, rel=1e-9, abs=1e-9 * scale)


@properties
@given(vectors, samples)
def test_half_gradient_equals_articles_formula(w, pairs):
    x, y = arrays(pairs)
    a, b, c = w
    error = [a * xi * xi + b * xi + c - yi for xi, yi in pairs]
    expected = [sum(e * xi**power for e, (xi, _) in zip(error, pairs, strict=True)) / len(pairs) for power in (2, 1, 0)]
    half = parabola.gradient(np.array(w), x, y, "half")
    assert half.tolist() == pytest.approx(expected, rel=1e-9, abs=1e-9)
    # Twice as much to the last bit, but where a half has fewer digits than a double.
    full = parabola.gradient(np.array(w), x, y, "full").tolist()
    assert [
        each for each in zip((2 * half).tolist(), full, strict=True) if each[0] != each[1] and abs(each[1]) > 1e-300
    ] == []


def test_features_are_square_x_and_one():
    x = np.array([-2.0, 0.0, 3.0])
    w = np.array([2.0, -4.0, 3.0])
    assert parabola.features(x).tolist() == [[4, -2, 1], [0, 0, 1], [9, 3, 1]]
    assert parabola.predict(w, x).tolist() == [19, 3, 9]
    assert parabola.residuals(w, x, np.array([20.0, 3.0, 8.0])).tolist() == [-1, 0, 1]


# The loss as a form of w


def exact_loss_and_gradient(w, x, y):
    """The mean loss and its `half` gradient, as fractions."""
    a, b, c = map(Fraction, w)
    xs, ys = [Fraction(value) for value in x], [Fraction(value) for value in y]
    r = [(a * xi + b) * xi + c - yi for xi, yi in zip(xs, ys, strict=True)]
    gradient = [sum(e * xi**power for e, xi in zip(r, xs, strict=True)) / len(xs) for power in (2, 1, 0)]
    return sum(e * e for e in r) / len(xs), gradient


def rounding_of_a_pass(w, x, y):
    """What each residual may lose to rounding in a pass over the samples, by x², x and 1."""
    reach = max(map(abs, x))
    powers = np.array([reach**2, reach, 1])
    return 16 * np.finfo(np.float64).eps * (max(map(abs, y)) + float(powers @ np.abs(w))), powers


@st.composite
def fits(draw, ends=((-1, 1), (-50, 50), (0, 1e-3), (100, 101), (2000, 2020), (5, 5))):
    """Samples, with or without noise, and a w anywhere: far away, near by, on the truth."""
    low, high = draw(st.sampled_from(ends))
    x = np.array([low + (high - low) * part for part in draw(st.lists(st.floats(0, 1), min_size=1, max_size=20))])
    truth = np.array(draw(vectors))
    noise = draw(st.sampled_from([0, 0, 1e-9, 0.5, 100]))
    y = parabola.predict(truth, x) + noise * np.random.default_rng(draw(st.integers(0, 99))).standard_normal(len(x))
    w = draw(st.sampled_from([truth, truth * (1 + 1e-9), truth * (1 + 1e-14), truth + 1, np.zeros(3)]))
    about = draw(st.sampled_from([None, truth]))
    return x, y, w, parabola.quadratic_loss_of(x, y, about)


@trials(150)
@given(fits())
def test_loss_form_error_is_within_bound(fit):
    x, y, w, form = fit
    expected, _ = exact_loss_and_gradient(w.tolist(), x.tolist(), y.tolist())
    (value,), (lost,) = form.losses(w[np.newaxis])
    # Of its own center's residuals it knows what a pass over the samples gave.
    rounding, _ = rounding_of_a_pass(form.p, x, y)
    assert abs(float(Fraction(float(value)) - expected)) <= lost + 2 * rounding * float(expected) ** 0.5 + rounding**2


@trials(150)
@given(fits())
def test_trusted_loss_form_matches_exact_values(fit):
    x, y, w, form = fit
    if not form.sums_are_exact_enough(w[np.newaxis])[0] or 0 < form.largest < 1e-290:  # where doubles have fewer digits
        return
    expected, gradient = exact_loss_and_gradient(w.tolist(), x.tolist(), y.tolist())
    (value,), _ = form.losses(w[np.newaxis])
    rounding, powers = rounding_of_a_pass(w, x, y)
    own = 2 * rounding * float(expected) ** 0.5 + rounding**2
    assert abs(float(Fraction(float(value)) - expected)) <= 1e-9 * float(expected) + 16 * own
    found = form.gradients(w[np.newaxis])[0].tolist()
    spread = 1e-9 * float(max(map(abs, gradient))) + 16 * rounding * powers
    assert (np.array([abs(float(Fraction(f) - g)) for f, g in zip(found, gradient, strict=True)]) <= spread).all()


def test_the_form_takes_many_w_at_once():
    x = np.linspace(-3, 4, 50)
    y = x**2 + np.sin(x)
    form = parabola.quadratic_loss_of(x, y)
    w = np.random.default_rng(1).normal(size=(7, 3))
    values, lost = form.losses(w)
    assert values == pytest.approx([parabola.loss(row, x, y) for row in w], rel=1e-12)
    assert (lost < 1e-12 * values).all()
    assert form.sums_are_exact_enough(w).all()
    expected = [parabola.gradient(row, x, y, "half").tolist() for row in w]
    assert form.gradients(w) == pytest.approx(np.array(expected), rel=1e-10)
    for empty in (form.losses(w[:0])[0], form.gradients(w[:0]), form.sums_are_exact_enough(w[:0])):
        assert len(empty) == 0


def test_exact_fit_has_zero_loss_and_gradient():
    truth = np.array([2.0, -4.0, 3.0])
    x = np.linspace(-1, 1, 30)
    form = parabola.quadratic_loss_of(x, parabola.predict(truth, x), truth)
    assert form.losses(truth[np.newaxis])[0].tolist() == [0]
    assert form.gradients(truth[np.newaxis]).tolist() == [[0, 0, 0]]


def test_loss_form_is_built_in_blocks():
    x = np.linspace(-1, 1, 40_001)
    y = np.cos(x)
    form = parabola.quadratic_loss_of(x, y)
    assert form.p.tolist() == pytest.approx(np.polyfit(x, y, 2).tolist(), rel=1e-9)
    for w in ([0.0, 0, 0], [-0.5, 0, 1], form.p.tolist()):
        a, b, c = np.array(w, dtype=np.longdouble)
        r = (a * x.astype(np.longdouble) + b) * x + c - y
        assert form.losses(np.array([w]))[0][0] == pytest.approx(float((r * r).mean()), rel=1e-11)


@table("values", [[], [3.0], [2.0, 1.0, 2.0, -0.0, 0.0], [1.0, 1.0]])
def test_distinct_equals_sorted_set(values):
    assert parabola.distinct(np.array(values)).tolist() == sorted(set(values))
