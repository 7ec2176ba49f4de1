"""What the pictures of a sweep have in common: which one it has, how its axes are spread, quartiles."""

import math

import numpy as np
import pytest
from tables import table

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.sweeps.pictures.picture import parameters, picture_axis, picture_of, quartiles
from quadfit_tui.sweeps.space import Space

BASE = RunConfig(samples=12, schedule="exponential")


@table(
    ("axes", "picture", "names"),
    [
        ({"seed": range(3)}, "bands", []),
        ({"lr": [0.1]}, "bands", []),
        ({"optimizer": ["sgd", "adam"], "seed": range(3)}, "bands", ["optimizer"]),
        ({"batch": [1, "full"]}, "bands", ["batch"]),
        ({"shuffle": [False, True], "batch": [1, "full"]}, "bands", ["shuffle", "batch"]),
        ({"lr": [0.1, 0.2]}, "line", ["lr"]),
        ({"decay_rate": [0.5, 0.9], "seed": range(3)}, "line", ["decay_rate"]),
        ({"batch": [1, 2], "lr": [0.1, 0.2], "seed": range(3)}, "map", ["lr", "batch"]),
        ({"optimizer": ["sgd", "adam"], "lr": [0.1, 0.2]}, "map", ["lr", "optimizer"]),
        ({"batch": [1, "full"], "decay_rate": [0.5, 0.9], "tol": [0.1, 0.2]}, "map", ["decay_rate", "tol", "batch"]),
    ],
)
def test_picture_kind_by_what_varies(axes, picture, names):
    space = Space(BASE, axes)
    assert (picture_of(space), parameters(space)) == (picture, names)


@table(
    ("values", "is_log"),
    [
        (np.geomspace(0.01, 2, 40), True),
        (np.linspace(0.01, 2, 40), False),
        ([1, 2, 4, 8, 16], True),
        ([0, 1, 2], False),
        ([0.1, 2], True),
        ([0.5, 0.9], False),
    ],
)
def test_values_are_spread_as_they_are_even(values, is_log):
    axis, order = picture_axis(Space(BASE, {"tol": values[::-1]}), "tol")
    assert axis.is_log is is_log
    assert axis.values.tolist() == sorted(float(value) for value in values)
    assert order.tolist() == [*range(len(values))][::-1]


@pytest.mark.parametrize("seed", range(4))
def test_quartiles_match_numpy_with_infinities(seed):
    rng = np.random.default_rng(seed)
    places, values = rng.integers(0, 8, 60), rng.lognormal(size=60)
    found = quartiles(values, places, 10)
    assert np.isnan(found[:, 8:]).all()
    for at in range(8):
        mine = values[places == at]
        assert found[:, at] == pytest.approx(np.quantile(mine, [0.25, 0.5, 0.75]) if len(mine) else 3 * [math.nan])
    inf, one = math.inf, np.zeros(5, dtype=int)
    assert quartiles(np.array([2, inf, 1, 3, inf]), one, 1).ravel().tolist() == [2, 3, inf]
    assert quartiles(np.full(5, inf), one, 1).ravel().tolist() == [inf] * 3
    assert quartiles(np.array([1, inf]), one[:2], 1).ravel().tolist() == [inf] * 3
