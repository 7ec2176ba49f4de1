"""Space: the cells of a sweep by their numbers, against all combinations one by one."""

import itertools
import pickle

import numpy as np
import pytest

from quadfit_tui import ConfigError, RunConfig
from quadfit_tui.core.sweep.space import Space
from quadfit_tui.core.sweep.work import Work

AXES = {
    "optimizer": ["sgd", "momentum", "adam"],
    "momentum": [0.5, 0.9],
    "beta1": [0.8, 0.9],
    "batch": [1, 30, "full"],
    "samples": [24, 48],
    "seed": range(2),
}


def cells():
    """The combinations that are runs, in their order: no other one trains the same, and none is refused."""
    seen, found = set(), []
    for row in itertools.product(*AXES.values()):
        values = dict(zip(AXES, row, strict=True))
        if values["batch"] == 30 and values["samples"] == 24:
            continue
        idle = {"sgd": {"momentum", "beta1"}, "momentum": {"beta1"}, "adam": {"momentum"}}[values["optimizer"]]
        used = tuple((name, value) for name, value in values.items() if name not in idle)
        if used not in seen:
            seen.add(used)
            found.append((values, dict(used)))
    return found


def test_the_cells_are_the_combinations_that_mean_something():
    space, expected = Space(RunConfig(epochs=3), AXES), cells()
    assert len(space) == len(expected)
    columns = space.columns(range(len(space)))
    for cell, (values, used) in enumerate(expected):
        assert space.config(cell) == RunConfig(epochs=3, **values)
        assert {name: columns[name][cell] for name in AXES} == {name: used.get(name) for name in AXES}
    places = space.places(range(len(space)))
    assert all([space.axes[name][at] for at in places[name]] == [v[name] for v, _ in expected] for name in AXES)
    with pytest.raises(IndexError, match=f"cell must be 0 to {len(space) - 1}"):
        space.places([len(space)])


def test_columns_of_some_cells_and_of_none():
    space = Space(RunConfig(), {"lr": [0.1, 0.2], "tol": [1, 2]})
    assert space.columns([3, 0]) == {"lr": [0.2, 0.1], "tol": [2.0, 1.0]}
    assert space.columns([]) == {"lr": [], "tol": []}
    assert Space(RunConfig(), {}).columns([0]) == {}


def test_pickled_it_is_small_and_the_same():
    space = Space(RunConfig(), {**AXES, "lr": np.linspace(0.1, 1, 1000)})
    packed = pickle.dumps(space)
    assert len(packed) < 20_000 < 8 * len(space)
    copy = pickle.loads(packed)
    some = range(0, len(space), 997)
    assert (len(copy), copy.left_out, copy.configs(some)) == (len(space), space.left_out, space.configs(some))


def test_cells_are_drawn_without_replacement():
    space = Space(RunConfig(), AXES)
    drawn = space.drawn(20).tolist()
    assert drawn == sorted(set(drawn)) == space.drawn(20).tolist()
    assert space.drawn(len(space)).tolist() == list(range(len(space)))
    others = Space(RunConfig(), {name: values for name, values in AXES.items() if name != "seed"})
    assert Space(RunConfig(seed=5), others.axes).drawn(20).tolist() != others.drawn(20).tolist()
    often = np.bincount(np.concatenate([Space(RunConfig(seed=at), others.axes).drawn(9) for at in range(400)]))
    assert often.min() > 0
    assert often.max() < 9 * 400 / len(others) * 1.7


def test_cells_that_go_side_by_side_stand_together():
    axes = {"lr": [0.1, 0.2, 0.3], "batch": [1, 2], "seed": range(4)}
    space = Space(RunConfig(noise=0.1), axes)
    order = Work(space).in_groups(range(3, len(space)))
    assert sorted(order.tolist()) == list(range(3, len(space)))
    groups = [(config.batch, config.seed) for config in space.configs(order)]
    assert len([*itertools.groupby(groups)]) == 8
    alike = Space(RunConfig(), axes)  # whose seeds make no difference to samples or order
    order = Work(alike).in_groups(range(len(alike)))
    assert [config.batch for config in alike.configs(order)] == [1] * 12 + [2] * 12
    assert Work(Space(RunConfig(), {"lr": [0.1, 0.2]})).in_groups([1, 0]).tolist() == [1, 0]


def test_too_many_are_refused():
    with pytest.raises(ConfigError, match="at most 10,000,000 in a sweep"):
        Space(RunConfig(), {"lr": np.linspace(0.1, 1, 4000), "seed": range(4000)})
