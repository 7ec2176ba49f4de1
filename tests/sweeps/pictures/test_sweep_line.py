"""The line of a sweep, against quartiles of runs trained one by one; what of it fails, and is told."""

import math
import statistics

import numpy as np
import pytest

from quadfit_tui import train
from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.sweeps.pictures.picture import MapMetric
from quadfit_tui.sweeps.pictures.sweep_line import sweep_line
from quadfit_tui.sweeps.rows import STATUSES, ResultRows
from quadfit_tui.sweeps.space import Space
from quadfit_tui.sweeps.work import SweepJob

BASE = RunConfig(samples=12, epochs=40, batch=3, shuffle=True, init="random", tol=0.5, schedule="constant")
RATES, SEEDS = [1.0, 0.05, 1e5, 0.4, 2.2], 7


def lined(base, axes, cells=None):
    space = Space(base, axes)
    return space, sweep_line(space, SweepJob(space).train(range(len(space)) if cells is None else cells))


def quarters(numbers):
    """The quartiles of some numbers, of which those that are infinite come last."""
    finite = [min(number, 1e300) for number in numbers]
    return [value if value < 1e290 else math.inf for value in statistics.quantiles(finite, method="inclusive")]


@pytest.mark.parametrize(("noise", "told"), [(0.0, MapMetric.ENDS), (2.0, MapMetric.LOSS)])
def test_values_have_quartiles_of_runs(noise, told):
    base = BASE.replace(noise=noise)
    _space, line = lined(base, {"lr": RATES, "seed": range(SEEDS)})
    assert (line.metric, line.axis.name, line.axis.values.tolist()) == (told, "lr", sorted(RATES))
    assert line.epochs == 40
    seen = set()
    for column, rate in enumerate(sorted(RATES)):
        runs = [train(base.replace(lr=rate, seed=seed)) for seed in range(SEEDS)]
        good = "converged" if told is MapMetric.ENDS else ("converged", "finished")
        numbers = [
            (len(run.epoch) if told is MapMetric.ENDS else run.mean_loss[-1]) if run.status in good else math.inf
            for run in runs
        ]
        assert line.quartiles[:, column].tolist() == pytest.approx(quarters(numbers))
        diverged = sum(run.status == "diverged" for run in runs)
        unfinished = sum(run.status == "finished" for run in runs) if told is MapMetric.ENDS else 0
        assert (line.runs[column], line.diverged[column], line.unfinished[column]) == (SEEDS, diverged, unfinished)
        seen |= {run.status for run in runs}
    assert seen >= {"finished", "diverged"}
    best = line.best()
    assert line.quartiles[1, best] == np.nanmin(line.quartiles[1])


def test_failures_are_counted_in_its_sentences():
    space, line = lined(BASE, {"lr": RATES, "seed": range(SEEDS)})
    diverged, unfinished = line.diverged.sum(), line.unfinished.sum()
    assert min(diverged, unfinished) > 1
    assert line.notes == (
        "Median and quartiles over 7 seeds.",
        f"{diverged} of 35 runs diverged.",
        f"{unfinished} of 35 runs did not converge.",
    )
    rows = SweepJob(space).train(range(33))
    other = sweep_line(space, ResultRows.joined([rows, ResultRows.failed([33, 34], "no memory")]))
    assert other.notes[0] == "Median and quartiles over 5 to 7 seeds."
    assert other.notes[-1] == "Failed, and left out: 2 runs."
    with pytest.raises(ValueError, match="no run of this sweep could be trained"):
        sweep_line(space, ResultRows.failed([0, 1], "no memory"))


def test_missing_value_leaves_no_gap():
    space, line = lined(BASE, {"lr": [0.1, 0.2, 0.3, 0.4], "seed": [0, 1]}, cells=[0, 1, 4, 7])
    assert line.axis.values.tolist() == [0.1, 0.3, 0.4]
    assert line.runs.tolist() == [2, 1, 1]
    assert line.place_of(space, 5) == (0.3, line.quartiles[1, 1])


def test_stopped_above_tol_is_not_converged():
    base = RunConfig(samples=24, epochs=30, noise=0.5, stop_on="last-update", tol=0.01, shuffle=True, lr=0.2)
    space = Space(base, {"schedule": ["constant"], "lr": [0.1, 0.2, 0.3], "seed": range(5)})
    rows = SweepJob(space).train(range(len(space)))
    assert "converged" in {train(space.config(cell)).status for cell in range(len(space))}
    assert (rows.mean_loss > base.tol).all()
    assert sweep_line(space, rows).metric is MapMetric.LOSS


def test_unconverged_runs_count_as_infinite():
    space = Space(BASE, {"lr": [0.1, 0.2], "seed": range(4)})
    rows = ResultRows.empty(8)
    rows.cell[:] = range(8)
    below, above = BASE.tol / 2, BASE.tol * 2
    ends = [*[("converged", 5, below)] * 4, ("converged", 2, above), ("finished", 40, above), ("diverged", 3, math.inf)]
    for at, (status, epochs, loss) in enumerate([*ends, ("converged", 9, below)]):
        rows.status[at], rows.epochs[at], rows.mean_loss[at] = STATUSES.index(status), epochs, loss
    line = sweep_line(space, rows)
    assert line.quartiles.T.tolist() == [[5, 5, 5], [math.inf] * 3]
    assert (line.diverged.tolist(), line.unfinished.tolist()) == ([0, 1], [0, 2])


def test_tol_may_be_what_varies():
    _space, line = lined(BASE, {"tol": [0.1, 1.0, 10.0], "seed": range(3)})
    expected = [
        statistics.median(len(train(BASE.replace(tol=tol, seed=seed, lr=0.5)).epoch) for seed in range(3))
        for tol in (0.1, 1.0, 10.0)
    ]
    assert line.metric is MapMetric.ENDS
    assert line.quartiles[1].tolist() == expected
