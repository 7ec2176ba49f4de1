"""The bands of a sweep, against runs trained one by one and quartiles taken by others; which runs they are of."""

import math
import statistics

import numpy as np
import pytest
from tables import table

from quadfit_tui import train
from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.model.piecewise import done
from quadfit_tui.core.model.task import make_task
from quadfit_tui.core.sweep.pictures import loss_bands as module
from quadfit_tui.core.sweep.pictures.loss_bands import bands_axis, loss_bands, quartiles
from quadfit_tui.core.sweep.pictures.picture_words import picture_words
from quadfit_tui.core.sweep.space import Space
from quadfit_tui.core.sweep.work import Work

BASE = RunConfig(samples=12, epochs=25, batch=3, shuffle=True, init="random", noise=0.2, tol=0.5, schedule="constant")


def banded(space, text="bands", rows=None):
    rows = Work(space).train(range(len(space))) if rows is None else rows
    return done(loss_bands(space, rows, picture_words(text, space)))


def loss_after(config, epochs):
    """The mean loss after so many epochs, or at the end of the run if that comes first; inf where it diverged."""
    run = train(config)
    if epochs == 0:
        return make_task(config).loss_at_start
    if epochs <= len(run.epoch):
        return float(run.mean_loss[epochs - 1])
    return math.inf if run.status == "diverged" else float(run.mean_loss[-1])


@pytest.mark.parametrize("rate", [0.1, 1.0, 1.4])
def test_a_band_has_the_quartiles_of_its_runs_at_each_epoch(rate):
    space = Space(BASE, {"lr": [rate, 0.05], "seed": range(7)})
    found = banded(space)
    (band,) = (band for band in found.bands if band.brief == f"{rate:g}")
    configs = [BASE.replace(lr=rate, seed=seed) for seed in range(7)]
    assert found.epochs.tolist() == [*range(found.epochs[-1] + 1)]
    for column, epochs in enumerate(found.epochs.tolist()):
        losses = [loss_after(config, epochs) for config in configs]
        if all(map(math.isfinite, losses)):
            assert band.quartiles[:, column] == pytest.approx(statistics.quantiles(losses, method="inclusive"))
    assert (band.runs, band.diverged) == (7, sum(train(config).status == "diverged" for config in configs))


def test_quartiles_are_those_of_numpy_and_infinite_only_where_they_have_to_be():
    rng = np.random.default_rng(5)
    for runs in range(1, 9):
        values = rng.lognormal(size=(runs, 20))
        assert quartiles(values) == pytest.approx(np.quantile(values, [0.25, 0.5, 0.75], axis=0))
    several = np.array([[1.0, 2.0, 3.0, math.inf, math.inf]]).T
    assert quartiles(several).ravel().tolist() == [2, 3, math.inf]
    assert quartiles(np.full((4, 1), math.inf)).ravel().tolist() == [math.inf] * 3
    assert quartiles(np.array([[1.0], [math.inf]])).ravel().tolist() == [math.inf] * 3


def test_diverged_runs_are_counted_told_and_infinite_from_their_end_on():
    space = Space(BASE.replace(epochs=400), {"lr": [0.1, 1e5], "seed": range(3)})
    found = banded(space)
    assert [band.diverged for band in found.bands] == [0, 3]
    assert "Diverged: 3 of 3 (lr 1e+05)." in found.notes
    finite = np.isfinite(found.bands[1].quartiles).all(axis=0)
    last = max(len(train(BASE.replace(epochs=400, lr=1e5, seed=seed)).epoch) for seed in range(3))
    assert 0 < finite.sum() <= last + 1
    assert not finite[finite.sum() :].any()


def test_all_else_is_as_in_the_best_run():
    axes = {"optimizer": ["momentum"], "lr": [0.02, 0.2], "momentum": [0.0, 0.5, 0.95], "seed": range(3)}
    space = Space(BASE.replace(stop_on="never"), axes)
    rows = Work(space).train(range(len(space)))
    best = space.config(int(rows.cell[np.nanargmin(rows.mean_loss)]))
    found = banded(space, rows=rows)
    assert [band.label for band in found.bands] == ["lr 0.02", "lr 0.2"]
    assert f"All else as in the best run: momentum {best.momentum:g}." in found.notes
    for band in found.bands:
        losses = [loss_after(best.replace(lr=float(band.brief), seed=seed), 25) for seed in range(3)]
        assert band.quartiles[1, -1] == pytest.approx(statistics.median(losses))
    held = banded(space, "bands:momentum,lr=0.02", rows)
    assert [band.label for band in held.bands] == ["momentum 0", "momentum 0.5", "momentum 0.95"]
    losses = [loss_after(best.replace(lr=0.02, momentum=0.5, seed=seed), 25) for seed in range(3)]
    assert held.bands[1].quartiles[1, -1] == pytest.approx(statistics.median(losses))


def test_each_optimizer_is_as_in_the_best_of_its_own_runs():
    axes = {"optimizer": ["sgd", "momentum", "adam"], "momentum": [0.5, 0.9], "lr": [0.01, 0.1, 1.0], "seed": range(3)}
    space = Space(BASE.replace(stop_on="never"), axes)
    rows = Work(space).train(range(len(space)))
    found = banded(space, "bands:optimizer", rows)
    assert [band.brief for band in found.bands] == ["sgd", "momentum", "adam"]
    for band in found.bands:
        mine = [at for at, cell in enumerate(rows.cell.tolist()) if space.config(cell).optimizer == band.brief]
        best = space.config(int(rows.cell[min(mine, key=lambda at: np.nan_to_num(rows.mean_loss[at], nan=math.inf))]))
        losses = [loss_after(best.replace(seed=seed), 25) for seed in range(3)]
        assert band.quartiles[1, -1] == pytest.approx(statistics.median(losses))
        assert ("momentum 0." in band.label) is (band.brief == "momentum")
        assert f"lr {best.lr:g}" in f"{band.label}, {' '.join(found.notes)}"


def test_the_work_is_bounded_and_what_is_left_out_is_told(monkeypatch):
    monkeypatch.setattr(module, "MOST_SEEDS", 2)
    space = Space(BASE.replace(epochs=3), {"lr": np.linspace(0.1, 1, 11), "seed": range(5)})
    found = banded(space)
    assert [band.brief for band in found.bands] == ["0.1", "0.28", "0.46", "0.64", "0.82", "1"]
    assert {band.runs for band in found.bands} == {2}
    assert found.notes == ("Median and quartiles over 2 of 5 seeds.", "Values of lr: 6 of 11.")


def test_a_long_run_has_as_many_points_as_a_chart_shows():
    config = RunConfig(samples=8, batch="full", schedule="constant", lr=0.01, epochs=60_000, stop_on="never", noise=0.1)
    space = Space(config, {"seed": range(2)})
    found = banded(space)
    assert len(found.epochs) == 401
    assert found.epochs[[0, -1]].tolist() == [0, 60_000]
    (band,) = found.bands
    assert (band.label, found.tol) == ("", None)
    runs = [train(config.replace(seed=seed)).mean_loss for seed in range(2)]
    for column in (1, 7, 200, 400):
        losses = [float(run[found.epochs[column] - 1]) for run in runs]
        assert band.quartiles[1, column] == pytest.approx(statistics.median(losses))


def test_it_tells_how_far_it_is_between_pieces():
    space = Space(BASE, {"lr": [0.1, 0.2], "seed": range(2)})
    rows = Work(space).train(range(len(space)))
    shares = [*loss_bands(space, rows, picture_words("bands", space))]
    assert shares == sorted(shares)
    assert 0 <= shares[0] < shares[-1] <= 1
    assert len(shares) >= 4


@table(
    ("axes", "name", "tol"),
    [
        ({"batch": [1, 2], "lr": [0.1, 0.2], "seed": [0, 1]}, "lr", 0.5),
        ({"batch": [1, 2], "lr": [0.1], "seed": [0, 1]}, "batch", 0.5),
        ({"seed": [0, 1]}, "", 0.5),
        ({"tol": [1e-3, 1e-2]}, "tol", None),
        ({"stop_on": ["never", "dataset"]}, "stop_on", None),
    ],
)
def test_it_goes_over_the_learning_rate_or_what_else_varies(axes, name, tol):
    space = Space(BASE, axes)
    assert bands_axis(space, picture_words("bands", space)) == name
    assert banded(space).tol == tol


def test_values_that_no_run_has_are_refused():
    space = Space(BASE, {"lr": [0.1, 0.2], "batch": [1, 2]})
    rows = Work(space).train([0, 1])
    with pytest.raises(ValueError, match="no run of the sweep has these values"):
        banded(space, "bands:lr=0.2", rows)
