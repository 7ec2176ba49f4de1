"""The mean loss over two parameters: contours, lowest points and slopes against passes over the samples."""

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from tables import table
from trials import trials

from quadfit_tui.core.model.loss_surface import surface_of
from quadfit_tui.core.model.problem import Dataset

PAIRS = [(0, 1), (0, 2), (1, 2)]
numbers = st.floats(-20, 20).map(lambda value: round(value, 3))
properties = trials(60)


@st.composite
def problems(draw):
    """Samples with at least three different x, far enough from each other."""
    xs = draw(st.lists(st.integers(-20, 20), min_size=3, max_size=12, unique=True))
    ys = draw(st.lists(numbers, min_size=len(xs), max_size=len(xs)))
    return Dataset(np.array(xs) / 8, np.array(ys), None)


ws = st.tuples(numbers, numbers, numbers).map(np.array)


def plain_loss(problem, w):
    a, b, c = w
    pairs = zip(problem.x.tolist(), problem.y.tolist(), strict=True)
    return math.fsum((a * x * x + b * x + c - y) ** 2 for x, y in pairs) / len(problem.x)


def with_best(problem, pair, point):
    """w with these two parameters, the third one where it is best: a least-squares problem of its own."""
    third = 3 - sum(pair)
    columns = np.stack([problem.x**2, problem.x, np.ones_like(problem.x)], axis=1)
    left = problem.y - columns[:, pair] @ point
    column = columns[:, third]
    w = np.empty(3)
    w[[*pair]], w[third] = point, (left @ column) / (column @ column)
    return w


def held(w, pair, point):
    w = w.copy()
    w[[*pair]] = point
    return w


@properties
@given(problems(), ws, st.sampled_from(PAIRS), st.floats(0.01, 0.99), st.booleans())
def test_contour_points_have_their_level(problem, w, pair, share, at_best):
    surface = surface_of(problem)
    section = surface.minimized_over_third(pair) if at_best else surface.at(w, pair)
    assume(np.linalg.cond(section.root) < 1e3)
    window = tuple((w[at] - 7.0, w[at] + 9.0) for at in pair)
    low, high = section.extremes(window)
    level = low + share * (high - low)
    parts = section.contour(level, window)
    assert parts
    for part in parts:
        for point in part[::12]:
            there = with_best(problem, pair, point) if at_best else held(w, pair, point)
            assert plain_loss(problem, there) == pytest.approx(level, rel=1e-9)
            assert all(
                edge[0] - 1e-9 <= value <= edge[1] + 1e-9 for value, edge in zip(point.tolist(), window, strict=True)
            )


@properties
@given(problems(), ws, st.sampled_from(PAIRS), st.booleans())
def test_the_extremes_are_those_of_a_grid(problem, w, pair, at_best):
    surface = surface_of(problem)
    section = surface.minimized_over_third(pair) if at_best else surface.at(w, pair)
    window = tuple((w[at] - 3.0, w[at] + 5.0) for at in pair)
    low, high = section.extremes(window)
    grid = [(p, q) for p in np.linspace(*window[0], 21) for q in np.linspace(*window[1], 21)]
    losses = [
        plain_loss(problem, with_best(problem, pair, p) if at_best else held(w, pair, p)) for p in map(np.array, grid)
    ]
    assert high == pytest.approx(max(losses), rel=1e-9)
    assert low <= min(losses) * (1 + 1e-9) + 1e-9
    assert section.losses(np.array(grid)) == pytest.approx(losses, rel=1e-9, abs=1e-9)


@properties
@given(problems(), ws, st.sampled_from(PAIRS), st.tuples(numbers, numbers))
def test_nothing_is_below_the_center(problem, w, pair, point):
    surface = surface_of(problem)
    section = surface.at(w, pair)
    assert section.least == pytest.approx(plain_loss(problem, held(w, pair, section.center)), rel=1e-8, abs=1e-9)
    assert section.least <= plain_loss(problem, held(w, pair, np.array(point))) * (1 + 1e-9) + 1e-9
    best = surface.minimized_over_third(pair)
    assert best.center.tolist() == problem.optimum[[*pair]].tolist()
    assert best.least == pytest.approx(plain_loss(problem, problem.optimum))


@properties
@given(problems(), ws)
def test_heights_and_slope_match_mean_loss(problem, w):
    surface = surface_of(problem)
    assert surface.least + surface.heights(w[np.newaxis])[0] == pytest.approx(plain_loss(problem, w), rel=1e-9)
    step = 1e-3  # a central difference of a quadratic is exact
    for at, slope in enumerate(surface.slope(w).tolist()):
        change = np.eye(3)[at] * step
        rise = plain_loss(problem, w + change) - plain_loss(problem, w - change)
        assert slope == pytest.approx(rise / (2 * step), rel=1e-6, abs=1e-6 * plain_loss(problem, w) + 1e-6)


def test_contour_is_closed_or_clipped():
    problem = Dataset(np.array([-1.0, 0.0, 1.0]), np.zeros(3), None)  # A has 2/3, 2/3, 1 in it, and 2/3 of a and c
    section = surface_of(problem).at(np.zeros(3), (1, 2))  # 2/3 b² + c²
    (whole,) = section.contour(0.5, ((-1.0, 1.0), (-1.0, 1.0)))
    assert whole[0] == pytest.approx(whole[-1])
    turns = np.unwrap(np.arctan2(whole[:, 1], whole[:, 0] * math.sqrt(2 / 3)))
    assert abs(turns[-1] - turns[0]) == pytest.approx(2 * math.pi)
    parts = section.contour(0.75, ((-1.0, 1.0), (-1.0, 1.0)))  # |b| up to 1.06
    assert sorted(part[:, 1].mean() > 0 for part in parts) == [False, True]
    for part in parts:
        assert abs(part[[0, -1], 0]) == pytest.approx([1, 1])
    assert section.contour(2.0, ((-1.0, 1.0), (-1.0, 1.0))) == []  # higher than the corners
    assert section.contour(0.0, ((-1.0, 1.0), (-1.0, 1.0))) == []


@pytest.mark.parametrize("scale", [1.0, 1e3, 1e9])
def test_distant_contours_are_nearly_straight(scale):
    problem = Dataset(np.array([-1.0, 0.0, 1.0]), np.zeros(3), None)
    section = surface_of(problem).at(np.zeros(3), (1, 2))
    window = ((10.0 * scale, 10.0 * scale + 1), (-0.5, 0.5))
    (part,) = section.contour(2 / 3 * (10 * scale + 0.5) ** 2, window)
    assert part[:, 0] == pytest.approx(np.full(len(part), 10 * scale + 0.5), abs=0.02 + 1e-15 * scale * 20)
    assert sorted(part[[0, -1], 1].tolist()) == pytest.approx([-0.5, 0.5], abs=1e-4)


def test_two_distinct_x_give_endless_valley():
    problem = Dataset(np.array([0.0, 2.0, 2.0]), np.array([5.0, 7.0, 8.0]), None)
    section = surface_of(problem).minimized_over_third((0, 1))  # c makes up for all but 4a + 2b
    window = ((-3.0, 3.0), (-4.0, 4.0))
    first, second = section.contour(1.0, window)
    for part in (first, second):
        sums = part @ [4, 2]
        assert sums == pytest.approx([sums[0]] * len(sums))
        assert plain_loss(problem, with_best(problem, (0, 1), part[0])) == pytest.approx(1.0)
    assert section.extremes(window)[0] == pytest.approx(plain_loss(problem, problem.optimum))


@table(
    ("x", "pair", "flat"),
    [([3.0], (0, 1), True), ([3.0, 3.0], (1, 2), True), ([0.0, 0.0], (0, 1), True), ([0.0, 0.0], (1, 2), False)],
)
def test_flat_surface_has_no_contours(x, pair, flat):
    problem = Dataset(np.array(x), np.arange(len(x)) + 4.0, None)
    section = surface_of(problem).minimized_over_third(pair)
    window = ((-9.0, 9.0), (-9.0, 9.0))
    assert section.is_flat is flat
    assert (len(section.contour(7.0, window)) == 0) is flat


@pytest.mark.parametrize("size", [1e150, 1e200, 1e300])
def test_contours_of_huge_w_stay_finite(size):
    problem = Dataset(np.linspace(-1, 1, 9), np.ones(9), None)
    w = np.array([1.0, -1.0, 1.0]) * size
    window = ((-size, size), (-size, size))
    with np.errstate(all="raise"):
        far, best = surface_of(problem).at(w, (0, 1)), surface_of(problem).minimized_over_third((0, 1))
        for section in (far, best):
            highest = section.extremes(window)[1]
            assert highest > 1e290
            assert section.contour(highest, window) == []
        assert far.contour(1.0, window) == []  # all of it is higher
        (around,) = best.contour(1.0, window)
        assert best.losses(around) == pytest.approx(np.ones(len(around)))


def test_distant_samples_keep_surface_accuracy():
    # Moving the samples by m mixes a, b and c with each other, by a matrix of determinant 1: with c at its best, the
    # area of a contour over a and b stays the same.
    x = np.array([-3.0, -1.0, 0.0, 2.0, 4.0])
    far, near = (surface_of(Dataset(x + m, x**2, None)).minimized_over_third((0, 1)) for m in (1e5, 0))
    assert np.linalg.det(far.root) ** 2 == pytest.approx(np.linalg.det(near.root) ** 2, rel=1e-5)
