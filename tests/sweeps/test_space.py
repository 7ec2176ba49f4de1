"""Space: which combinations of values are cells of a sweep, and their numbers."""

import itertools
import pickle
from dataclasses import asdict

import numpy as np
import pytest

from quadfit_tui.core.config.parameters import PARAMETERS, ConfigError, RunConfig
from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.sweeps.space import MOST_CELLS, Space
from quadfit_tui.sweeps.work import SweepJob

BASE = PRESETS["article"].replace(samples=24)


def as_run(config):
    """What makes a difference to a run, so that two runs are the same where it is."""
    return tuple((name, value) for name, value in asdict(config).items() if name not in config.unused)


def runs_of(base, axes):
    """All that a loop over the combinations finds, in its order: each run once, and none that is refused."""
    found = {}
    for values in itertools.product(*axes.values()):
        try:
            config = base.replace(**dict(zip(axes, values, strict=True)))
        except ConfigError:
            continue
        found.setdefault(as_run(config), config)
    return list(found)


AXES = [
    {},
    {"lr": [0.1]},
    {"lr": [0.1, 0.5, 1.0], "seed": range(4)},
    {"optimizer": ["sgd", "momentum", "nesterov", "adam"], "momentum": [0.5, 0.9], "lr": [0.1, 0.2]},
    {"schedule": ["constant", "halve", "exponential"], "decay_every": [5, 10], "decay_rate": [0.3, 0.5, 0.7]},
    {"samples": [8, 16, 32], "batch": [1, 10, 20, "full"], "x_min": [-1, 2], "x_max": [1, 3]},
    {"beta1": [0.8, 0.9], "optimizer": ["adam", "sgd", "rmsprop"], "rho": [0.5, 0.6], "shuffle": [True, False]},
]
MANY = {
    "optimizer": ["sgd", "momentum", "adam"],
    "momentum": [0.5, 0.9],
    "beta1": [0.8, 0.9],
    "batch": [1, 30, "full"],
    "samples": [24, 48],
    "seed": range(2),
}


@pytest.mark.parametrize("axes", AXES, ids=lambda axes: "-".join(axes) or "none")
def test_unique_runs_in_nested_loop_order(axes):
    space = Space(BASE, axes)
    expected = runs_of(BASE, axes)
    configs = [space.config(cell) for cell in range(len(space))]
    assert [as_run(config) for config in configs] == expected
    assert space.configs(range(len(space))) == configs


@pytest.mark.parametrize("axes", AXES, ids=lambda axes: "-".join(axes) or "none")
def test_columns_are_none_where_irrelevant(axes):
    space = Space(BASE, axes)
    columns = space.columns(range(len(space)))
    assert list(columns) == list(axes)
    for cell in range(len(space)):
        config = space.config(cell)
        told = {name: columns[name][cell] for name in axes}
        assert told == {name: None if name in config.unused else getattr(config, name) for name in axes}


def test_left_out_sentence_per_reason():
    space = Space(BASE, {"optimizer": ["sgd", "momentum", "adam"], "momentum": [0.5, 0.9], "batch": [1, 32]})
    assert len(space) == 4
    assert space.left_out == (
        "6 combinations left out: batch exceeds the number of samples.",
        "2 combinations left out: momentum makes no difference with optimizer sgd or optimizer adam.",
    )
    assert Space(BASE, {"lr": [0.1, 0.2]}).left_out == ()


def test_empty_range_names_both_ends():
    space = Space(BASE, {"x_min": [-2, 2], "x_max": [1]})
    assert space.left_out == ("1 combination left out: x min / x max is empty.",)


@pytest.mark.parametrize(
    ("base", "axes", "in_vain"),
    [
        ({}, {}, True),
        ({}, {"optimizer": ["sgd", "adam"]}, True),
        ({"noise": 0.1}, {}, False),
        ({"noise": 0.1, "data": "x.csv"}, {}, True),
        ({"data": "x.csv"}, {"shuffle": [False, True]}, False),
        ({"shuffle": True}, {}, False),
        ({}, {"init": [(0, 0, 0), "random"]}, False),
        ({}, {"noise": [0, 1]}, False),
    ],
)
def test_seeds_that_make_no_difference_are_told(base, axes, in_vain):
    space = Space(RunConfig(**base), {**axes, "seed": range(3)})
    assert [note for note in space.notes if note.startswith("The seed makes no difference")] == [*space.notes]
    assert len(space.notes) == in_vain
    assert Space(RunConfig(**base), {**axes, "seed": [3]}).notes == ()


def test_values_parsed_and_deduplicated():
    space = Space(BASE, {"lr": ["0,5", 0.5, "1/4"], "batch": ["full", 2]})
    assert space.axes == {"lr": (0.5, 0.25), "batch": ("full", 2)}


@pytest.mark.parametrize(
    ("axes", "refusal"),
    [
        ({"lr": [0.1, -1.0]}, "lr: '-1.0' is too small; allowed: above 0"),
        (
            {"momentum": [0.5, 0.9]},
            "momentum: '0.5' makes no difference to any run of the sweep; allowed: with optimizer momentum or nesterov",
        ),
        ({"skip": [1, 2]}, "skip: '1' makes no difference to any run of the sweep; allowed: with a file of samples"),
        ({"batch": [25, 26]}, "batch: '26' exceeds the number of samples; allowed: 1 to 24, or full"),
        ({"x_min": [1.0], "x_max": [0.0, 1.0]}, "x_min, x_max: '1 to 1' is empty; allowed: x_min below x_max"),
        ({"seed": range(10_001), "lr": [0.001 * each for each in range(1, 1001)]}, "10001000 combinations"),
    ],
)
def test_never_applicable_values_refused(axes, refusal):
    with pytest.raises(ConfigError) as refused:
        Space(BASE, axes)
    assert refusal in str(refused.value)


def test_missing_cell_raises_index_error():
    space = Space(BASE, {"lr": [0.1, 0.2]})
    for cell in (-1, 2):
        with pytest.raises(IndexError, match="cell must be 0 to 1"):
            space.config(cell)


def test_large_space_is_lazy():
    space = Space(BASE, {"lr": [0.001 * each for each in range(1, 1001)], "seed": range(MOST_CELLS // 1000)})
    assert len(space) == MOST_CELLS
    assert space.config(MOST_CELLS - 1) == BASE.replace(lr=1.0, seed=MOST_CELLS // 1000 - 1)
    assert len(pickle.dumps(space)) < 200_000


def test_every_parameter_can_vary():
    values = {"true": ["1,2,3", "2,3,4"], "init": ["random", "1,1,1"], "round_epochs": [2, "off"], "x_min": [-2, -1]}
    for name, row in PARAMETERS.items():
        if name in ("data", "columns", "encoding", "skip"):  # which are of files
            continue
        config = RunConfig()
        if name in config.unused:
            config = config.replace(optimizer="adam" if name.startswith(("beta", "eps")) else "sgd")
            config = config.replace(optimizer={"momentum": "momentum", "rho": "rmsprop"}.get(name, config.optimizer))
            config = config.replace(schedule="exponential" if name.startswith("decay") else config.schedule)
        options = getattr(row.value_type, "options", None)
        two = values.get(name) or (list(options)[:2] if options else [0.25, 0.75])
        if name in ("samples", "seed", "batch", "epochs", "decay_every"):
            two = [3, 4]
        space = Space(config, {name: two})
        assert len(space) == 2, name
        assert [getattr(space.config(cell), name) for cell in range(2)] == [row.parse(value) for value in two]


def test_places_are_those_of_the_values():
    space = Space(RunConfig(epochs=3), MANY)
    places, configs = space.places(range(len(space))), space.configs(range(len(space)))
    for name, values in space.axes.items():
        assert [values[at] for at in places[name]] == [getattr(config, name) for config in configs]
    with pytest.raises(IndexError, match=f"cell must be 0 to {len(space) - 1}"):
        space.places([len(space)])


def test_columns_of_some_cells_and_of_none():
    space = Space(RunConfig(), {"lr": [0.1, 0.2], "tol": [1, 2]})
    assert space.columns([3, 0]) == {"lr": [0.2, 0.1], "tol": [2.0, 1.0]}
    assert space.columns([]) == {"lr": [], "tol": []}
    assert Space(RunConfig(), {}).columns([0]) == {}


def test_pickled_it_is_small_and_the_same():
    space = Space(RunConfig(), {**MANY, "lr": np.linspace(0.1, 1, 1000)})
    packed = pickle.dumps(space)
    assert len(packed) < 20_000 < 8 * len(space)
    copy = pickle.loads(packed)
    some = range(0, len(space), 997)
    assert (len(copy), copy.left_out, copy.configs(some)) == (len(space), space.left_out, space.configs(some))


def test_grouped_cells_are_adjacent():
    axes = {"lr": [0.1, 0.2, 0.3], "batch": [1, 2], "seed": range(4)}
    space = Space(RunConfig(noise=0.1), axes)
    order = SweepJob(space).in_groups(range(3, len(space)))
    assert sorted(order.tolist()) == list(range(3, len(space)))
    groups = [(config.batch, config.seed) for config in space.configs(order)]
    assert len([*itertools.groupby(groups)]) == 8
    alike = Space(RunConfig(), axes)  # whose seeds make no difference to samples or order
    order = SweepJob(alike).in_groups(range(len(alike)))
    assert [config.batch for config in alike.configs(order)] == [1] * 12 + [2] * 12
    assert SweepJob(Space(RunConfig(), {"lr": [0.1, 0.2]})).in_groups([1, 0]).tolist() == [1, 0]
