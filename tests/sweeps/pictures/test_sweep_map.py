"""The map of a sweep, against plain loops over its configurations; what it tells of, and what it leaves out."""

import math
from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.rate_map.rate_map import CellOutcome
from quadfit_tui.sweeps.pictures.picture import MapMetric
from quadfit_tui.sweeps.pictures.sweep_map import sweep_map
from quadfit_tui.sweeps.rows import STATUSES, ResultRows
from quadfit_tui.sweeps.space import Space

BASE = RunConfig(samples=12, epochs=30)
OUTCOMES = {
    "converged": CellOutcome.CONVERGES,
    "finished": CellOutcome.UNFINISHED,
    "stopped": CellOutcome.STOPS_EARLY,
    "diverged": CellOutcome.DIVERGES,
}


def rows_of(space, told):
    """Rows with a status, epochs and a mean loss for each configuration of a sweep, as a function tells them.

    "stopped": converged at a mean loss above tol.
    """
    rows = ResultRows.empty(len(space))
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


def median(results):
    """The outcome and the value of the median of some (status, epochs): by hand."""
    order = ["converged", "finished", "stopped", "diverged"]
    ranked = sorted((order.index(status), epochs) for status, epochs in results)
    low, high = ranked[(len(ranked) - 1) // 2], ranked[len(ranked) // 2]
    value = (low[1] + high[1]) / 2 if high[0] == 0 else math.nan
    return OUTCOMES[order[high[0]]], value


@pytest.mark.parametrize("seed", range(4))
def test_cells_have_median_of_runs(seed):
    space = Space(BASE.replace(optimizer="momentum"), {"lr": [1, 0.01, 0.1], "momentum": [0, 0.9], "seed": range(7)})
    made = at_random(seed)
    rows = rows_of(space, lambda config: ("failed", 1, 1.0) if (config.lr, config.momentum) == (1, 0) else made(config))
    found = sweep_map(space, rows)
    assert (found.across.name, found.across.values.tolist()) == ("lr", [0.01, 0.1, 1])
    assert (found.up.name, found.up.values.tolist(), found.metric) == ("momentum", [0, 0.9], MapMetric.ENDS)
    configs = space.configs(range(len(space)))
    for row, column in product(range(2), range(3)):
        rate, momentum = found.across.values[column], found.up.values[row]
        mine = [
            (_ended(rows, cell), int(rows.epochs[cell]))
            for cell, config in enumerate(configs)
            if (config.lr, config.momentum) == (rate, momentum) and STATUSES[rows.status[cell]] != "failed"
        ]
        expected = median(mine) if mine else (CellOutcome.UNKNOWN, math.nan)
        assert (found.outcomes[row, column], found.values[row, column]) == pytest.approx(expected, nan_ok=True)
        assert found.runs[row, column] == len(mine)
    failed = (rows.status == STATUSES.index("failed")).sum()
    assert f"Failed, and left out: {failed} runs." in found.notes
    best = found.best()
    assert best is None or found.values[best] == np.nanmin(found.values)


def test_unconverged_map_shows_relative_loss():
    """Where no run converges, the map shows the mean loss, of noisy samples as a multiple of the least."""
    axes = {"lr": [0.1, 0.2], "batch": [1, 12]}
    told = {(0.1, 1): 0.5, (0.2, 1): 0.25, (0.1, 12): 1.0, (0.2, 12): math.inf}

    def made(config):
        loss = told[config.lr, config.batch]
        return ("finished" if math.isfinite(loss) else "diverged"), 30, loss

    exact, noisy = Space(BASE, axes), Space(BASE.replace(noise=0.5), axes)
    for space, kind, factor in ((exact, MapMetric.LOSS, 1), (noisy, MapMetric.SETTLES, 4)):
        found = sweep_map(space, rows_of(space, made))
        assert (found.metric, found.best()) == (kind, (0, 1))
        assert found.values.ravel().tolist() == pytest.approx(
            [0.5 * factor, 0.25 * factor, factor, math.nan], nan_ok=True
        )
        assert found.outcomes[1, 1] == CellOutcome.DIVERGES


def test_band_edges_and_divergence_borders():
    rates = np.geomspace(0.01, 1, 9)
    space = Space(BASE, {"lr": rates, "batch": [1, 2, 3]})
    rows = rows_of(
        space, lambda config: ("diverged" if config.lr > 0.6 else "converged", int(0.3 / config.lr) + 2, 1.0)
    )
    found = sweep_map(space, rows)
    for value, band in zip(found.values.ravel(), found.bands().ravel(), strict=True):
        assert band == (-1 if np.isnan(value) else sum(edge < value for edge in found.edges))
    (line,) = found.borders()
    assert line[:, 0] == pytest.approx(np.sqrt(rates[-1] * rates[-2]))
    assert (line[:, 1].min(), line[:, 1].max()) == (1, 3)


def test_wide_losses_use_decade_edges():
    space = Space(BASE, {"lr": np.geomspace(0.01, 1, 21), "batch": [1, 2]})
    found = sweep_map(space, rows_of(space, lambda config: ("finished", 30, config.lr**12)))
    assert found.metric is MapMetric.LOSS
    assert 4 < len(found.edges) <= 8
    assert {edge / 10.0 ** round(math.log10(edge)) for edge in found.edges} == {1.0}


def test_runs_without_the_parameter_left_out():
    axes = {"optimizer": ["sgd", "momentum"], "lr": [0.1, 0.2], "momentum": [0.5, 0.9], "seed": range(3)}
    space = Space(BASE, axes)
    rows = rows_of(space, lambda config: ("converged", 5 if config.optimizer == "sgd" else 7, 1.0))
    found = sweep_map(space, rows)
    assert (found.values == 7).all()
    assert "Left out, as it makes no difference there (lr and momentum): 6 runs." in found.notes
    assert "Each place: the median of 3 runs, over optimizer and seed." in found.notes
    configs = space.configs(range(len(space)))
    sgd = next(cell for cell, config in enumerate(configs) if config.optimizer == "sgd")
    assert found.place_of(space, sgd) is None
    one = next(cell for cell, config in enumerate(configs) if (config.lr, config.momentum) == (0.2, 0.9))
    assert found.place_of(space, one) == (0.2, 0.9)


def test_choices_go_up_in_their_order():
    space = Space(BASE, {"optimizer": ["sgd", "momentum"], "lr": [0.2, 0.1], "seed": range(3)})
    rows = rows_of(space, lambda config: ("converged", 5 if config.optimizer == "sgd" else 7, 1.0))
    found = sweep_map(space, rows)
    assert (found.up.names, found.values.tolist()) == (("sgd", "momentum"), [[5, 5], [7, 7]])
    assert found.place_of(space, len(space) - 1) == (0.1, 1)


def test_cells_without_runs_are_unknown():
    space = Space(BASE, {"lr": [0.1, 0.2], "batch": [1, 2]})
    rows = rows_of(space, lambda config: ("converged", 9, 1.0)).part(slice(1, 3))  # noqa: ARG005
    found = sweep_map(space, rows)
    assert (found.outcomes == CellOutcome.UNKNOWN).tolist() == [[True, False], [False, True]]
    assert found.borders() == ()
    assert "Without a run so far: 2 places." in found.notes
    nothing = sweep_map(space, rows.part(slice(0, 0)))
    assert ((nothing.outcomes == CellOutcome.UNKNOWN).all(), nothing.best(), nothing.edges) == (True, None, ())


def test_epochs_unset_when_varying():
    space = Space(BASE, {"lr": [0.1, 0.2], "epochs": [5, 10]})
    assert sweep_map(space, rows_of(space, at_random(1))).epochs is None
    space = Space(BASE, {"lr": [0.1, 0.2], "batch": [1, 2]})
    assert sweep_map(space, rows_of(space, at_random(1))).epochs == 30


def test_row_order_does_not_matter():
    space = Space(BASE, {"lr": [0.1, 0.2, 0.3], "batch": [1, 2], "seed": range(4)})
    rows = rows_of(space, at_random(9))
    mixed = rows.part(np.random.default_rng(1).permutation(len(rows)))
    one, other = sweep_map(space, rows), sweep_map(space, mixed)
    np.testing.assert_array_equal(one.values, other.values)
    assert replace(one, across=None).notes == other.notes
