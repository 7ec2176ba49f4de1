"""The algebra of an epoch against updates in whole numbers of a very small unit, which hardly round."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tables import table
from trials import trials

from quadfit_tui.core.algebra import affine_maps
from quadfit_tui.core.methods.optimizers import Momentum

EPS = float(np.finfo(np.float64).eps)
PLAIN = Momentum(0.0, 0.0, 1.0)


def momenta(mu):
    """The heavy ball and Nesterov's, as the table of optimizers has them."""
    return [Momentum(mu, mu, 1.0), Momentum(mu, mu * mu, 1 + mu)]


# The oracle: one update after the other, on vectors (w, v, 1) of whole numbers of 2⁻²⁴⁰; v is 0 where there is none.

ONE = 2**240


def whole(value):
    numerator, denominator = value.as_integer_ratio()
    return numerator * ONE // denominator


def times(first, second):
    return first * second // ONE


def exact_gradient(w, one, xs, ys):
    """The `half` gradient of a batch at w, the targets counted `one` times."""
    sums = [0, 0, 0]
    for x, y in zip(xs, ys, strict=True):
        error = times(times(w[0], x) + w[1], x) + w[2] - times(one, y)
        sums = [sums[0] + times(times(error, x), x), sums[1] + times(error, x), sums[2] + error]
    return [total // len(xs) for total in sums]


def exact_update(vector, xs, ys, rate, momentum):
    w, v, one = vector[:3], vector[3:6], vector[6]
    step = [times(rate, g) for g in exact_gradient(w, one, xs, ys)]
    keep, carry, push = map(whole, momentum)
    return [
        *[wi + times(carry, vi) - times(push, si) for wi, vi, si in zip(w, v, step, strict=True)],
        *[times(keep, vi) - si if carry else 0 for vi, si in zip(v, step, strict=True)],
        one,
    ]


class Exact:
    """The map of updates: what becomes of the unit vectors in their course."""

    def __init__(self, momentum, rate):
        self.momentum, self.rate = momentum, whole(rate)
        self.kept = range(7) if momentum.velocity_gain else (0, 1, 2, 6)
        self.columns = [[ONE * (row == unit) for row in range(7)] for unit in self.kept]

    def take(self, x, y):
        """Takes the updates of batches of samples, shape (J, n) each."""
        for xs, ys in zip(x.tolist(), y.tolist(), strict=True):
            xs, ys = [whole(value) for value in xs], [whole(value) for value in ys]
            self.columns = [exact_update(column, xs, ys, self.rate, self.momentum) for column in self.columns]
        return self

    @property
    def rows(self):
        return [[column[row] for column in self.columns] for row in self.kept]

    def error(self, matrix):
        """The largest error of an entry of a matrix."""
        assert matrix.shape == (len(self.kept),) * 2
        pairs = [pair for both in zip(matrix.tolist(), self.rows, strict=True) for pair in zip(*both, strict=True)]
        return max(abs(whole(value) - expected) for value, expected in pairs) / ONE

    @property
    def largest(self):
        return max(abs(value) for row in self.rows for value in row) / ONE

    @property
    def norm(self):
        """A norm of the linear part."""
        return max(sum(map(abs, row[:-1])) for row in self.rows[:-1]) / ONE


def forces_of(x, y):
    """Of batches of samples, shape (R, J, n) each."""
    return affine_maps.gradient_maps(x.ravel(), y.ravel(), np.arange(x.size).reshape(x.shape))


def samples(generator, shape, ends=(-1, 1)):
    return generator.uniform(*ends, shape), generator.uniform(-5, 5, shape)


# Forces


@table("size", [1, 2, 3, 64, 200])
@table("ends", [(-1, 1), (-50, 50), (100, 101)])
def test_forces_make_the_gradient_of_each_batch(monkeypatch, size, ends):
    monkeypatch.setattr(affine_maps, "CHUNK", 100)  # batches one by one, several together, longer ones in parts
    generator = np.random.default_rng(1)
    x, y = samples(generator, 4 * size, ends)
    order = np.array([generator.permutation(4 * size)[: 3 * size].reshape(3, size) for _ in range(2)])
    found = affine_maps.gradient_maps(x, y, order)
    assert found.shape == (2, 3, 3, 4)
    for turn, batch in np.ndindex(2, 3):
        numbers = order[turn, batch]
        for w in ([1.0, -2.0, 3.0], [0.0, 0.0, 0.0], [0.0, 0.0, 1.0]):
            xs, ys = ([whole(value) for value in values[numbers].tolist()] for values in (x, y))
            expected = [value / ONE for value in exact_gradient([whole(value) for value in w], ONE, xs, ys)]
            reach = max(map(abs, ends))
            off = 1e-13 * reach ** np.array([4, 3, 2]) * max(1, *w)
            assert (abs(found[turn, batch] @ [*w, 1.0] - np.array(expected)) <= 10 * off).all()


# One update


def test_own_batches_per_rate():
    x, y = samples(np.random.default_rng(3), (2, 3, 2))
    rates = np.array([0.1, 0.7])
    together = affine_maps.update_maps(forces_of(x, y), rates, PLAIN)
    for turn in range(2):
        alone = affine_maps.update_maps(
            forces_of(x[turn : turn + 1], y[turn : turn + 1]), rates[turn : turn + 1], PLAIN
        )
        assert together[turn] == pytest.approx(alone[0], rel=1e-14)


# Many updates


def bound(growth, updates, momentum=PLAIN):
    """What rounding may come to: some ulps for each level of the composition, times what it grew by."""
    # The norm that growth is measured in counts velocities in other units.
    unit = (1 - momentum.velocity_decay) ** -0.5
    return 40 * EPS * (1 + np.log2(1 + updates)) * growth * unit**2


@trials(60)
@given(
    st.integers(0, 20),
    st.sampled_from([1, 3]),
    st.sampled_from([PLAIN, *momenta(0.5), *momenta(0.9), *momenta(0.99)]),
    st.sampled_from([1e-3, 0.3, 0.65, 1.5, 20.0]),
    st.sampled_from([1, 3, 8192]),
    st.integers(0, 1000),
)
def test_composed_maps_equal_single_updates(count, size, momentum, rate, at_once, seed):
    x, y = samples(np.random.default_rng(seed), (1, count, size))
    rates = np.array([rate, rate / 2])
    forces = forces_of(x, y) if count else np.empty((1, 0, 3, 4))
    weights = affine_maps.norm_weights(3.0, rates, momentum)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(affine_maps, "CHUNK", 2 * at_once)
        maps = affine_maps.compose(forces, rates, momentum, weights)
    assert maps.matrix.shape == (2, *((4, 4) if momentum == PLAIN else (7, 7)))
    assert maps.growth.shape == (2,)
    for turn in range(2):
        exact = Exact(momentum, rates[turn]).take(x[0], y[0])
        assert exact.error(maps.matrix[turn]) <= bound(maps.growth[turn], count, momentum) * (1 + 10 * rate)


@trials(120)
@given(
    st.integers(0, 40),
    st.lists(st.sampled_from([1e-3, 0.1, 0.3, 0.6, 0.66]), min_size=1, max_size=3),
    st.sampled_from([1.0, 1.0, 3.0, 20.0]),
    st.booleans(),
    st.sampled_from([1, 2, 3, 5, 1024]),
    st.integers(0, 1000),
)
@example(33, [0.6, 0.3], 1.0, False, 1024, 1)
@example(9, [0.6, 0.3], 1.0, False, 2, 1)
def test_composed_samples_equal_single_updates(count, rates, faster, own_orders, blocks, seed):
    rates = faster * np.array(rates)
    x, y = samples(np.random.default_rng(seed), (len(rates) if own_orders else 1, count))
    weights = affine_maps.norm_weights(3.0, rates, PLAIN)
    assert (weights is None) == (rates.max() * 3 <= 2)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(affine_maps, "MOST_BLOCKS", blocks)
        maps = affine_maps.compose_samples(x, y, rates, weights)
    assert maps.matrix.shape == (len(rates), 4, 4)
    for turn, rate in enumerate(rates.tolist()):
        row = turn if own_orders else 0
        exact = Exact(PLAIN, rate).take(x[row, :, np.newaxis], y[row, :, np.newaxis])
        assert exact.error(maps.matrix[turn]) <= bound(maps.growth[turn], count) * (1 + count / 8) * (1 + 10 * rate)


@trials(60)
@given(st.integers(1, 20), st.sampled_from([1e-3, 0.3, 0.6]), st.integers(0, 1000))
def test_growth_is_small_without_lengthening(count, rate, seed):
    x, y = samples(np.random.default_rng(seed), (1, count))
    rates = np.array([rate])
    for maps in (
        affine_maps.compose_samples(x, y, rates, affine_maps.norm_weights(3.0, rates, PLAIN)),
        affine_maps.compose(forces_of(x[..., np.newaxis], y[..., np.newaxis]), rates, PLAIN, None),
    ):
        assert maps.growth.max() <= 100
        assert np.linalg.norm(maps.matrix[0, :3, :3], 2) <= 1 + 1e-12


def test_growth_counts_temporary_lengthening():
    # Twenty times over, one sample throws w a hundred times as far, and others bring it back.
    x = np.tile([1.0, 0.0, -1.0, 0.5], 20)[np.newaxis]
    rates = np.array([5.0])
    maps = affine_maps.compose_samples(x, np.zeros_like(x), rates, affine_maps.norm_weights(3.0, rates, PLAIN))
    assert maps.growth[0] >= 1e6
    batches = forces_of(x[..., np.newaxis], 0 * x[..., np.newaxis])
    assert affine_maps.compose(batches, rates, PLAIN, np.ones((3, 3))).growth[0] >= 1e6


def test_growth_within_block_is_kept():
    # The first sample throws w fifteen times as far, nearly along the direction in which the second leaves nothing.
    x = np.array([[60.0, 30.0]])
    maps = affine_maps.compose_samples(x, 0 * x, 1 / (x[:, 1] ** 4 + x[:, 1] ** 2 + 1), np.ones((3, 3)))
    assert np.abs(maps.matrix).max() <= 2
    assert maps.growth[0] >= 14


def test_growth_in_one_part_is_kept(monkeypatch):
    monkeypatch.setattr(affine_maps, "CHUNK", 8)
    wild = np.zeros((1, 8, 3, 4))
    wild[:, :4, 0, 0] = -99.0  # a hundred times as far each, and back
    wild[:, 4:, 0, 0] = 0.99
    calm = np.zeros((1, 8, 3, 4))
    for order in ((wild, calm), (calm, wild), (calm, wild, calm)):
        maps = affine_maps.compose(np.concatenate(order, axis=1), np.ones(1), PLAIN, np.ones((3, 3)))
        assert maps.growth[0] >= 1e15


@table("momentum", [PLAIN, *momenta(0.9)])
@table("rate", [1e-3, 1e-9, 1e-15, 1e-40])
@table("single", [False, True])
def test_tiny_rates_keep_all_digits(momentum, rate, single):
    x, y = samples(np.random.default_rng(6), (1, 20, 1))
    rates = np.array([rate, rate / 2])
    weights = affine_maps.norm_weights(3.0, rates, momentum)
    if not single:
        maps = affine_maps.compose(forces_of(x, y), rates, momentum, weights)
    elif momentum == PLAIN:
        maps = affine_maps.compose_samples(x[..., 0], y[..., 0], rates, weights)
        (alone,) = affine_maps.compose_samples(x[..., 0], y[..., 0], rates[:1], weights).deviation
        assert alone == pytest.approx(maps.deviation[0], rel=1e-12)
    else:
        return
    for turn in range(2):
        rows = Exact(momentum, rates[turn]).take(x[0], y[0]).rows
        for row in range(3):
            exact = [value - ONE * (row == column) for column, value in enumerate(rows[row])]
            for column in (0, 1, 2, -1):  # what w is changed by for what w is, and for what it is to be
                apart = abs(whole(maps.deviation[turn, row, column]) - exact[column])
                assert apart <= 1e-13 * max(abs(exact[at]) for at in (0, 1, 2, -1)) + 2**20


@pytest.mark.parametrize("momentum", [PLAIN, *momenta(0.9)])
@pytest.mark.parametrize("rate", [0.1, 0.6, 2.0])
def test_powers_are_the_map_over_and_over(momentum, rate):
    x, y = samples(np.random.default_rng(4), (1, 3, 2))
    rates = np.array([rate, rate / 3])
    weights = affine_maps.norm_weights(3.0, rates, momentum)
    maps = affine_maps.compose(forces_of(x, y), rates, momentum, weights)
    powers = {}
    for count in (1, 2, 3, 7, 8, 9, 20):
        found, size, growth = affine_maps.powers(maps, count, weights)
        assert found.shape == (2, count, *maps.matrix.shape[1:])
        assert size.shape[1] == growth.shape[1] == count
        powers[count] = found, np.broadcast_to(size, (2, count)), np.broadcast_to(growth, (2, count))
    for turn in range(2):
        exact = Exact(momentum, rates[turn])
        for power in range(20):
            for count, (found, size, growth) in powers.items():
                if power < count:
                    assert exact.error(found[turn, power]) <= bound(1 + growth[turn, power], power, momentum), count
                    if weights is not None and momentum == PLAIN:
                        assert size[turn, power] >= exact.norm * (1 - 1e-9), count
            exact.take(x[0], y[0])


def test_powers_inherit_rounding_growth():
    maps = affine_maps.Maps(np.array([np.diag([-0.1, -0.1, -0.1, 0.0])]), np.array([1e6]))
    _, _, growth = affine_maps.powers(maps, 9, np.ones((3, 3)))
    for power in range(1, 9):
        # Each factor's error, and the others make it a little smaller.
        assert growth[0, power] >= 0.99 * 1e6 * power * 0.9 ** (power - 1)


def test_no_update_is_no_change():
    for momentum, size in ((PLAIN, 4), (momenta(0.9)[0], 7)):
        maps = affine_maps.no_update(3, momentum)
        assert maps.matrix.tolist() == [np.eye(size).tolist()] * 3
        assert maps.growth.tolist() == [1] * 3


@pytest.mark.parametrize("momentum", momenta(0.75))
def test_norm_weights_scale_velocities(momentum):
    weights = affine_maps.norm_weights(3.0, np.array([1e-9]), momentum)
    assert weights[0, 0] == weights[4, 4] == 1
    assert weights[3, 0] == 1 / weights[0, 3] == 2
    maps = np.zeros((1, 2, 7, 7))
    maps[0, 0, 0, :] = [1, -2, 0, 4, 0, 0, 1000]
    maps[0, 1, 5, :] = [3, 0, 0, 0, -1, 0, 1000]
    maps[0, :, 6, 6] = 1
    assert affine_maps.largest_norms(maps, weights).tolist() == [7]  # 3·2 + 1; of the first one 1 + 2 + 4/2
    assert affine_maps.largest_norms(maps[:, :1], weights).tolist() == [5]


def test_no_norm_where_updates_shorten():
    assert affine_maps.norm_weights(4.0, np.array([0.5, 0.1]), PLAIN) is None
    assert affine_maps.norm_weights(4.0, np.array([0.1, 0.51]), PLAIN).tolist() == np.ones((3, 3)).tolist()
    assert affine_maps.norm_weights(4.0, np.array([1e-9]), momenta(0.5)[0]) is not None


@pytest.mark.filterwarnings("error")
def test_far_too_fast_maps_are_not_finite():
    x, y = np.full((1, 300), 1e6), np.full((1, 300), 1e12)
    rates = np.array([1e6])
    with np.errstate(all="ignore"):
        maps = affine_maps.compose_samples(x, y, rates, affine_maps.norm_weights(1e24, rates, PLAIN))
        powers = affine_maps.powers(maps, 5, np.ones((3, 3)))
    assert not np.isfinite(maps.matrix).all()
    assert not maps.growth[0] < 1e100
    assert powers[0][0, 0].tolist() == np.eye(4).tolist()


@pytest.mark.parametrize(
    "linear",
    [
        np.diag([0.5, -1.01, 0.9]),
        np.array([[0.0, -1.2, 0.0], [1.2, 0.0, 0.0], [0.3, 0.0, 0.5]]),  # turns w as it lengthens it
        np.array([[1.001, 50.0, 0.0], [0.0, 0.999, 1.0], [0.0, 0.0, 0.2]]),
    ],
    ids=["turned over", "turning", "skewed"],
)
def test_growing_part_multiplies_uniformly(linear):
    deviation = np.zeros((4, 4))
    deviation[:3, :3] = linear - np.eye(3)
    deviation[:3, 3] = 0.25, -3.0, 7.0
    part = affine_maps.growing_part(deviation)
    w, sizes = np.array([2.0, -1.0, 5.0]), []
    for _ in range(20):
        sizes.append(abs(part @ [*w, 1]))
        assert sizes[-1] <= abs(w - np.linalg.solve(np.eye(3) - linear, deviation[:3, 3])).max() * (1 + 1e-9)
        w = linear @ w + deviation[:3, 3]
    factors = np.array(sizes[1:]) / np.array(sizes[:-1])
    assert factors == pytest.approx(np.full(19, abs(np.linalg.eigvals(linear)).max()), rel=1e-9)


def test_growing_part_may_be_missing():
    shortens = np.zeros((4, 4))
    shortens[:3, :3] = -0.5 * np.eye(3)
    assert affine_maps.growing_part(shortens) is None
    assert affine_maps.growing_part(np.zeros((4, 4))) is None
    assert affine_maps.growing_part(np.full((4, 4), np.inf)).tolist() == [0.0] * 4
