"""RateMap: cells and their runs, bands, the best cell, what is said; what may go up, and which figures there are."""

import math
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import rate_maps

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.model.task import make_task
from quadfit_tui.core.rate_map.pieces import whole_map
from quadfit_tui.core.rate_map.rate_map import CellOutcome, Figure, RateMap, Up, edges_of, figures_of, ups_of

HEAVY = RunConfig(samples=24, optimizer="momentum", batch="full", schedule="constant", momentum=0.6)
NOISY = HEAVY.replace(noise=0.5, batch=4)


@cache
def map_of(config, up=None, figure=None, size=(31, 9)):
    return whole_map(make_task(config), up, figure, size)


def made(values, outcomes=None, **changes):
    """A map of these values, of which those that are nan diverge."""
    values = np.array(values, dtype=float)
    known = (
        np.where(np.isnan(values), CellOutcome.DIVERGES, CellOutcome.CONVERGES)
        if outcomes is None
        else np.array(outcomes)
    )
    found = RateMap(
        make_task(changes.pop("config", HEAVY)),
        Up.MOMENTUM,
        changes.pop("figure", Figure.SPEED),
        np.geomspace(0.01, 10, values.shape[1]),
        np.linspace(0, 0.9, values.shape[0]),
        known.astype(np.int8),
        values,
        np.full(values.shape, math.nan),
        np.zeros(values.shape, dtype=np.intp),
        np.full(values.shape, math.nan),
        1.0,
        edges_of(values, Figure.SPEED),
    )
    return replace(found, **changes)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ("momentum", "batch", "scale_features")),
        ({"optimizer": "sgd"}, ("batch", "scale_features")),
        ({"optimizer": "adam", "schedule": "exponential"}, ("beta1", "decay_rate", "batch", "scale_features")),
        ({"optimizer": "rmsprop"}, ("rho", "batch", "scale_features")),
    ],
)
def test_what_makes_a_difference_may_go_up(changes, expected):
    assert ups_of(HEAVY.replace(**changes)) == expected


@pytest.mark.parametrize(
    ("changes", "up", "expected"),
    [
        ({}, Up.MOMENTUM, ("speed", "ends")),
        ({"noise": 1}, Up.MOMENTUM, ("speed", "ends")),  # all samples settle at the optimum
        ({"noise": 1}, Up.BATCH, ("speed", "settles", "ends")),
        ({"noise": 1, "batch": 2}, Up.SCALED, ("speed", "settles", "ends")),
        ({"schedule": "halve"}, Up.MOMENTUM, ("ends",)),
        ({"schedule": "halve", "noise": 1}, Up.MOMENTUM, ("settles", "ends")),
        ({"optimizer": "adam"}, Up.BETA1, ("ends",)),
        ({"round_epochs": 2}, Up.BATCH, ("ends",)),
    ],
)
def test_figures_are_those_that_mean_something(changes, up, expected):
    assert figures_of(HEAVY.replace(**changes), up) == expected


def test_cell_of_inverts_config():
    for found in (map_of(HEAVY), map_of(HEAVY, Up.BATCH), map_of(HEAVY, Up.SCALED)):
        for row in range(len(found.levels)):
            for column in (0, 7, len(found.rates) - 1):
                assert found.cell_of(found.config(row, column)) == (row, column)


def test_cell_run_differs_in_two_parameters():
    found = map_of(HEAVY, Up.BATCH)
    config = found.config(2, 5)
    assert config == HEAVY.replace(lr=float(found.rates[5]), batch=4)
    assert found.config(5, 0) == HEAVY.replace(lr=float(found.rates[0]))  # of all samples, as the run has it: full
    assert map_of(HEAVY.replace(batch=24), Up.BATCH).config(5, 0).batch == 24
    assert map_of(HEAVY.replace(batch=4), Up.BATCH).config(5, 0).batch == "full"
    assert map_of(HEAVY, Up.SCALED).config(1, 0).scale_features is True


def test_other_runs_are_not_on_map():
    found = map_of(HEAVY)
    assert found.cell_of(HEAVY) is not None
    assert found.cell_of(HEAVY.replace(momentum=0.99, lr=0.3))[0] == len(found.levels) - 1
    assert found.cell_of(HEAVY.replace(lr=100)) is None
    assert found.cell_of(HEAVY.replace(optimizer="nesterov")) is None
    assert found.cell_of(HEAVY.replace(samples=25)) is None
    assert map_of(HEAVY, Up.BATCH).cell_of(HEAVY.replace(samples=3, batch=2)) is None
    # How fast a distance dies out depends neither on where it begins nor on when a run stops.
    assert found.cell_of(HEAVY.replace(init="random", tol=3, epochs=7)) is not None
    assert found.cell_of(HEAVY.replace(rho=0.5)) is not None  # which heavy balls do not use
    assert map_of(HEAVY, None, Figure.ENDS).cell_of(HEAVY.replace(epochs=7)) is None


def test_bands_are_told_by_the_edges():
    found = made([[3, 7, math.nan], [11, 2500, math.nan]])
    assert found.edges == (5, 10, 20, 50, 100, 200, 500, 1000)
    assert found.bands().tolist() == [[0, 1, -1], [2, 8, -1]]
    assert made([[3, 5], [20, 2500]]).bands().tolist() == [[0, 0], [2, 8]]  # an edge is the last value of its band


def test_values_close_together_have_edges_between_them():
    assert edges_of(np.array([12.0, 19, math.nan]), Figure.ENDS) == (15,)
    assert edges_of(np.array([12.0, 60]), Figure.ENDS) == (15, 20, 30, 40, 50)
    assert edges_of(np.array([1.0, 1.15]), Figure.SETTLES) == (1.001, 1.002, 1.005, 1.01, 1.02, 1.05, 1.1)
    assert edges_of(np.array([1.0, 30]), Figure.SETTLES) == (1.01, 1.05, 1.1, 1.5, 2, 5, 10)
    assert edges_of(np.array([math.nan]), Figure.SPEED) == edges_of(np.array([0.0, math.inf]), Figure.SPEED) == ()


def test_unknown_cells_use_nearest_band():
    values = np.full((5, 6), math.nan)
    values[1, 1], values[1, 4], values[4, 1] = 3, 700, 3
    outcomes = np.where(np.isnan(values), CellOutcome.UNKNOWN, CellOutcome.CONVERGES)
    outcomes[4, 4] = CellOutcome.DIVERGES
    bands = made(values, outcomes).bands()
    assert bands.tolist() == [[0, 0, 0, 7, 7, 7]] * 3 + [[0, 0, 0, -1, -1, -1]] * 2
    assert len(made(values, outcomes).borders()) == 1
    assert made(values * math.nan, 0 * outcomes).borders() == ()
    assert (made(values * math.nan, 0 * outcomes).bands() == -1).all()


def test_border_is_at_factor_one():
    found = map_of(HEAVY)
    (border,) = found.borders()
    steepest = np.linalg.eigvalsh(np.vander(found.task.problem.x, 3).T @ np.vander(found.task.problem.x, 3) / 24)[-1]
    at_levels = border[np.isin(border[:, 1], found.levels)]
    assert len(at_levels) == len(found.levels)
    expected = 2 * (1 + at_levels[:, 1]) / steepest  # Polyak 1964
    assert np.abs(np.log(at_levels[:, 0] / expected)).max() < np.diff(np.log(found.rates)).max()
    fine = map_of(HEAVY.replace(optimizer="sgd"), Up.SCALED, None, (400, 2))
    assert fine.borders()[0][:, 0] == pytest.approx(2 / steepest, rel=1e-3)


def test_the_best_cell_has_the_best_figure():
    found = map_of(HEAVY)
    row, column = found.fastest()
    assert found.values[row, column] == pytest.approx(np.nanmin(found.values))
    assert made([[4, 3 * (1 + 1e-12)], [3, 8]]).fastest() == (0, 1)  # where rounding makes the difference, the first
    assert made([[math.nan, math.nan]]).fastest() is None


def test_best_settling_cell_is_fastest():
    found = map_of(NOISY, Up.BATCH, Figure.SETTLES)
    row, column = found.fastest()
    near = found.values <= 1.1 * np.nanmin(found.values)
    assert near[row, column]
    assert found.factors[row, column] == found.factors[near].min()


def test_sentences_say_what_is_known():
    found = map_of(HEAVY)
    row, column = found.fastest()
    rate, mu = found.rates[column], found.levels[row]
    tenth = math.log(10) / -math.log(found.factors[row, column])
    expected = f"learning rate {rate:.4g}, momentum {mu:.4g}: a tenth is left after {tenth:.4g} epochs"
    assert found.sentence(row, column) == expected
    rates, levels = np.meshgrid(found.rates, found.levels)
    highest, level = max(zip(*(of[found.outcomes == CellOutcome.CONVERGES] for of in (rates, -levels)), strict=True))
    reach = f"Runs converge up to learning rate {highest:.4g}, momentum {-level:.4g}."
    assert found.summary() == f"The fastest run is that of {expected}. {reach}"
    assert found.sentence(0, 29) == f"learning rate {found.rates[29]:.4g}, momentum 0: diverges"
    ends = map_of(HEAVY, None, Figure.ENDS)
    assert ends.sentence(0, 27).endswith(": diverges")
    assert made([[7, 3]]).summary().endswith("Runs converge up to learning rate 10, momentum 0, where the map ends.")
    unknown = replace(found, outcomes=0 * found.outcomes, values=found.values * math.nan, share=0.0)
    assert unknown.sentence(0, 0).endswith("momentum 0: not worked out yet")
    assert unknown.summary() == "The map is not worked out yet."
    doubtful = replace(found, outcomes=0 * found.outcomes + 3)
    assert doubtful.sentence(0, 0).endswith("whether it converges is left to rounding")
    shuffled = replace(doubtful, task=make_task(HEAVY.replace(shuffle=True)))
    assert shuffled.sentence(0, 0).endswith("whether it converges depends on the order of the samples")


def test_sentences_of_ends_and_of_noise():
    ends = map_of(HEAVY, Up.BATCH, Figure.ENDS)
    row, column = ends.fastest()
    assert ends.sentence(row, column).endswith(f": below tol 1e-05 after {int(ends.values[row, column])} epochs")
    assert "batch 16" in ends.sentence(4, 0)
    assert ends.sentence(5, 0).endswith("batch 24: not below tol 1e-05 within 100 epochs")
    noisy = NOISY.replace(batch=1)
    settles, least = map_of(noisy, Up.SCALED, Figure.SETTLES), make_task(noisy).trained.least
    assert f": settles at the least mean loss, {least:.4g}; a tenth" in settles.sentence(0, 0)
    column = int(np.nanargmax(settles.values[1]))
    value = settles.values[1, column]
    times = f"settles at {value:.4g} times the least mean loss, {value * least:.4g}; a tenth"
    assert f"features scaled: {times}" in settles.sentence(1, column)
    run = map_of(NOISY.replace(schedule="halve"), Up.MOMENTUM, Figure.SETTLES)
    assert ": ends after 100 epochs at " in run.sentence(0, 20)


def test_rounding_makes_speed_uncertain_not_end():
    # Within an epoch what is left of w grows by more than the digits of a double.
    config = RunConfig(samples=600, schedule="constant", x_min=-1.2, x_max=1.2, epochs=5)
    speed, ends = (map_of(config, Up.SCALED, figure, (60, 2)) for figure in (Figure.SPEED, Figure.ENDS))
    doubtful = np.argwhere(speed.outcomes == CellOutcome.UNCERTAIN).tolist()
    assert doubtful
    assert not any(rate_maps.end_is_off(rate_maps.Case(ends, *cell)) for cell in doubtful)
    assert (speed.outcomes == CellOutcome.CONVERGES).sum() > 60


@pytest.mark.parametrize("preset", sorted(PRESETS))
def test_every_preset_has_a_map(preset):
    config = PRESETS[preset].replace(samples=24, epochs=20)
    batch = "full" if config.batch == "full" else min(config.batch, 8)
    found = whole_map(make_task(config.replace(batch=batch)), size=(13, 4))
    assert found.share == 1
    assert (found.outcomes != CellOutcome.UNKNOWN).all()
    assert found.summary()
