"""The map of a sweep, against plain loops over its configurations; what it tells of, and what it leaves out."""

import math
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from tables import table

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.rate_map.rate_map import Outcome
from quadfit_tui.core.sweep.pictures.picture_words import picture_words
from quadfit_tui.core.sweep.pictures.sweep_map import Told, map_axes, sweep_map
from quadfit_tui.core.sweep.rows import STATUSES, Rows
from quadfit_tui.core.sweep.space import Space

BASE = RunConfig(samples=12, epochs=30)
OUTCOMES = {
    "converged": Outcome.CONVERGES,
    "finished": Outcome.UNFINISHED,
    "stopped": Outcome.STOPS_EARLY,
    "diverged": Outcome.DIVERGES,
}


def rows_of(space, told):
    """Rows with a status, epochs and a mean loss for each configuration of a sweep, as a function tells them.

    "stopped": converged at a mean loss above tol.
    """
    rows = Rows.empty(len(space))
    rows.cell[:] = range(len(space))
    for cell in range(len(space)):
        status, rows.epochs[cell], rows.mean_loss[cell] = told(space.config(cell))
        if status == "converged":
            rows.mean_loss[cell] *= BASE.tol / 10
        rows.status[cell], rows.least[cell] = STATUSES.index({"stopped": "converged"}.get(status, status)), 0.25
    return rows


def at_random(seed, statuses=(*["converged"] * 4, "finished", "stopped", "diverged", "failed")):
    rng = np.random.default_rng(seed)
    return lambda config: (str(rng.choice(statuses)), int(rng.integers(1, 30)), float(rng.uniform(0.3, 5)))  # noqa: ARG005


def _ended(rows, cell):
    status = STATUSES[rows.status[cell]]
    return "stopped" if status == "converged" and rows.mean_loss[cell] >= BASE.tol else status


def mapped(space, rows, text="map"):
    return sweep_map(space, rows, picture_words(text, space))


def median(results):
    """The outcome and the value of the median of some (status, epochs): by hand."""
    order = ["converged", "finished", "stopped", "diverged"]
    ranked = sorted((order.index(status), epochs) for status, epochs in results)
    low, high = ranked[(len(ranked) - 1) // 2], ranked[len(ranked) // 2]
    value = (low[1] + high[1]) / 2 if high[0] == 0 else math.nan
    return OUTCOMES[order[high[0]]], value


@pytest.mark.parametrize("seed", range(4))
def test_each_place_has_the_median_of_its_runs(seed):
    space = Space(BASE.replace(optimizer="momentum"), {"lr": [1, 0.01, 0.1], "momentum": [0, 0.9], "seed": range(7)})
    rows = rows_of(space, at_random(seed))
    found = mapped(space, rows)
    assert (found.across.name, found.across.values.tolist()) == ("lr", [0.01, 0.1, 1])
    assert (found.up.name, found.up.values.tolist(), found.told) == ("momentum", [0, 0.9], Told.ENDS)
    configs = space.configs(range(len(space)))
    for row, column in product(range(2), range(3)):
        rate, momentum = found.across.values[column], found.up.values[row]
        mine = [
            (_ended(rows, cell), int(rows.epochs[cell]))
            for cell, config in enumerate(configs)
            if (config.lr, config.momentum) == (rate, momentum) and STATUSES[rows.status[cell]] != "failed"
        ]
        assert (
            (found.outcomes[row, column], found.values[row, column]) == pytest.approx(median(mine), nan_ok=True)
            if mine
            else (Outcome.UNKNOWN, math.nan)
        )
        assert found.runs[row, column] == len(mine)
    failed = (rows.status == STATUSES.index("failed")).sum()
    assert f"Failed, and left out: {failed} runs." in found.notes
    best = found.best()
    assert best is None or found.values[best] == np.nanmin(found.values)


def test_of_runs_that_do_not_converge_it_tells_the_mean_loss_of_noisy_samples_as_a_multiple_of_the_least():
    axes = {"lr": [0.1, 0.2], "batch": [1, 12]}
    told = {(0.1, 1): 0.5, (0.2, 1): 0.25, (0.1, 12): 1.0, (0.2, 12): math.inf}

    def made(config):
        loss = told[config.lr, config.batch]
        return ("finished" if math.isfinite(loss) else "diverged"), 30, loss

    exact, noisy = Space(BASE, axes), Space(BASE.replace(noise=0.5), axes)
    for space, kind, factor in ((exact, Told.LOSS, 1), (noisy, Told.SETTLES, 4)):
        found = mapped(space, rows_of(space, made))
        assert (found.told, found.best()) == (kind, (0, 1))
        assert found.values.ravel().tolist() == pytest.approx(
            [0.5 * factor, 0.25 * factor, factor, math.nan], nan_ok=True
        )
        assert found.outcomes[1, 1] == Outcome.DIVERGES


def test_bands_lie_between_edges_and_borders_between_what_diverges_and_what_does_not():
    rates = np.geomspace(0.01, 1, 9)
    space = Space(BASE, {"lr": rates, "batch": [1, 2, 3]})
    rows = rows_of(
        space, lambda config: ("diverged" if config.lr > 0.6 else "converged", int(0.3 / config.lr) + 2, 1.0)
    )
    found = mapped(space, rows)
    for value, band in zip(found.values.ravel(), found.bands().ravel(), strict=True):
        assert band == (-1 if np.isnan(value) else sum(edge < value for edge in found.edges))
    (line,) = found.borders()
    assert line[:, 0] == pytest.approx(np.sqrt(rates[-1] * rates[-2]))
    assert (line[:, 1].min(), line[:, 1].max()) == (1, 3)


def test_losses_that_are_far_apart_have_powers_of_ten_for_edges():
    space = Space(BASE, {"lr": np.geomspace(0.01, 1, 21), "batch": [1, 2]})
    found = mapped(space, rows_of(space, lambda config: ("finished", 30, config.lr**12)))
    assert found.told is Told.LOSS
    assert 4 < len(found.edges) <= 8
    assert {edge / 10.0 ** round(math.log10(edge)) for edge in found.edges} == {1.0}


def test_runs_to_which_a_parameter_makes_no_difference_are_left_out_and_told():
    axes = {"optimizer": ["sgd", "momentum"], "lr": [0.1, 0.2], "momentum": [0.5, 0.9], "seed": range(3)}
    space = Space(BASE, axes)
    rows = rows_of(space, lambda config: ("converged", 5 if config.optimizer == "sgd" else 7, 1.0))
    found = mapped(space, rows, "map:lr,momentum")
    assert (found.values == 7).all()
    assert "Left out, as it makes no difference there (lr and momentum): 6 runs." in found.notes
    assert "Each place: the median of 3 runs, over optimizer and seed." in found.notes
    sgd = next(cell for cell, config in enumerate(space.configs(range(len(space)))) if config.optimizer == "sgd")
    assert found.place_of(space, sgd) is None
    other = mapped(space, rows, "map:lr,optimizer")
    assert (other.up.names, other.values[:, 0].tolist()) == (("sgd", "momentum"), [5, 7])
    assert other.place_of(space, sgd) == (0, 0)


def test_a_slice_has_the_runs_of_its_value_alone():
    space = Space(BASE, {"lr": [0.1, 0.2], "batch": [1, 2], "seed": range(3)})
    rows = rows_of(space, lambda config: ("converged", config.batch * 3 + config.seed, 1.0))
    assert mapped(space, rows, "map:batch=2").values.tolist() == [[7, 7]]
    assert mapped(space, rows, "map:seed=0").values.tolist() == [[3, 3], [6, 6]]
    assert mapped(space, rows, "map:batch=2,seed=1").notes == ("Only batch 2 and seed 1.",)
    assert mapped(space, rows, "map:lr,seed,batch=1").values.tolist() == [[3, 3], [4, 4], [5, 5]]


def test_places_without_a_run_so_far_are_unknown():
    space = Space(BASE, {"lr": [0.1, 0.2], "batch": [1, 2]})
    rows = rows_of(space, lambda config: ("converged", 9, 1.0)).part(slice(1, 3))  # noqa: ARG005
    found = mapped(space, rows)
    assert (found.outcomes == Outcome.UNKNOWN).tolist() == [[True, False], [False, True]]
    assert found.borders() == ()
    assert "Without a run so far: 2 places." in found.notes
    nothing = mapped(space, rows.part(slice(0, 0)))
    assert ((nothing.outcomes == Outcome.UNKNOWN).all(), nothing.best(), nothing.edges) == (True, None, ())


def test_where_the_number_of_epochs_varies_none_is_told():
    space = Space(BASE, {"lr": [0.1, 0.2], "epochs": [5, 10]})
    assert mapped(space, rows_of(space, at_random(1))).epochs is None
    assert mapped(Space(BASE, {"lr": [0.1, 0.2]}), rows_of(Space(BASE, {"lr": [0.1, 0.2]}), at_random(1))).epochs == 30


@table(
    ("axes", "text", "found"),
    [
        ({"batch": [1, 2], "lr": [0.1, 0.2]}, "map", ("lr", "batch")),
        ({"batch": [1, 2], "samples": [12, 24]}, "map", ("batch", "samples")),
        ({"lr": [0.1, 0.2], "shuffle": [False, True], "batch": [1, 2]}, "map", ("lr", "batch")),
        ({"lr": [0.1, 0.2], "batch": [2, "full"]}, "map", ("lr", "batch")),
        ({"batch": [2, "full"], "samples": [12, 24]}, "map", ("samples", "batch")),
        ({"lr": [0.1, 0.2], "seed": range(3)}, "map", ("lr", "")),
        ({"lr": [0.1, 0.2], "seed": range(3)}, "map:seed,lr", ("seed", "lr")),
        ({"lr": [0.1, 0.2], "batch": [1, 2], "seed": range(3)}, "map:batch", ("batch", "lr")),
    ],
)
def test_it_goes_over_the_learning_rate_and_the_next_that_varies(axes, text, found):
    space = Space(BASE, axes)
    assert map_axes(space, picture_words(text, space)) == found


@table(
    ("axes", "text", "says"),
    [
        ({"seed": range(3)}, "map", "'map' needs numbers that vary"),
        ({"optimizer": ["sgd", "adam"], "seed": range(3)}, "map", "'map' needs numbers that vary"),
        ({"lr": [0.1, 0.2], "batch": [2, "full"]}, "map:batch", "'batch' cannot go across: .*; allowed: lr"),
    ],
)
def test_a_sweep_without_numbers_to_go_over_has_no_map(axes, text, says):
    space = Space(BASE, axes)
    with pytest.raises(ValueError, match=says):
        mapped(space, Rows.empty(0), text)


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
    space = Space(BASE, {"tol": values})
    assert mapped(space, rows_of(space, at_random(3))).across.is_log is is_log


def test_rows_in_any_order_give_the_same_map():
    space = Space(BASE, {"lr": [0.1, 0.2, 0.3], "batch": [1, 2], "seed": range(4)})
    rows = rows_of(space, at_random(9))
    mixed = rows.part(np.random.default_rng(1).permutation(len(rows)))
    one, other = mapped(space, rows), mapped(space, mixed)
    np.testing.assert_array_equal(one.values, other.values)
    assert replace(one, across=None).notes == other.notes
