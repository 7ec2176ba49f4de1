"""The bands of a sweep, against runs trained one by one and quartiles taken by others; which runs they are of."""

import math
import statistics

import numpy as np
import pytest

from quadfit_tui import train
from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.model.incremental_job import run_job
from quadfit_tui.core.model.task import make_task
from quadfit_tui.sweeps.pictures.loss_bands import loss_bands
from quadfit_tui.sweeps.rows import ResultRows
from quadfit_tui.sweeps.space import Space
from quadfit_tui.sweeps.work import SweepJob

BASE = RunConfig(samples=12, epochs=25, batch=3, shuffle=True, init="random", noise=0.2, tol=0.5, schedule="constant")


def banded(space, rows=None):
    return run_job(loss_bands(space, SweepJob(space).train(range(len(space))) if rows is None else rows))


def loss_after(config, epochs):
    """The mean loss after so many epochs, or at the end of the run if that comes first; inf where it diverged."""
    run = train(config)
    if epochs == 0:
        return make_task(config).loss_at_start
    if epochs <= len(run.epoch):
        return float(run.mean_loss[epochs - 1])
    return math.inf if run.status == "diverged" else float(run.mean_loss[-1])


@pytest.mark.parametrize("shuffle", [False, True])
@pytest.mark.parametrize("batch", [3, "full"])
def test_band_quartiles_at_every_epoch(shuffle, batch):
    space = Space(BASE, {"shuffle": [False, True], "batch": [3, "full"], "seed": range(7)})
    found = banded(space)
    assert [band.label for band in found.bands] == [
        f"shuffle {word}, batch {size}" for word in ("no", "yes") for size in (3, "full")
    ]
    band = found.bands[2 * shuffle + (batch == "full")]
    configs = [BASE.replace(shuffle=shuffle, batch=batch, seed=seed) for seed in range(7)]
    assert found.epochs.tolist() == [*range(found.epochs[-1] + 1)]
    for column, epochs in enumerate(found.epochs.tolist()):
        losses = [loss_after(config, epochs) for config in configs]
        assert band.quartiles[:, column] == pytest.approx(statistics.quantiles(losses, method="inclusive"))
    assert (band.brief, band.runs, band.diverged) == (f"{'yes' if shuffle else 'no'}, {batch}", 7, 0)


def test_diverged_runs_counted_and_infinite():
    base = BASE.replace(epochs=400, lr=1e5)
    space = Space(base, {"optimizer": ["sgd", "adagrad"], "seed": range(3)})
    found = banded(space)
    diverged = sum(train(base.replace(seed=seed)).status == "diverged" for seed in range(3))
    assert (found.bands[0].diverged, found.bands[0].runs) == (diverged, 3) == (3, 3)
    assert "3 of 3 (optimizer sgd)" in found.notes[0]
    finite = np.isfinite(found.bands[0].quartiles).all(axis=0)
    last = max(len(train(base.replace(seed=seed)).epoch) for seed in range(3))
    assert 0 < finite.sum() <= last + 1
    assert not finite[finite.sum() :].any()


def test_seeds_alone_have_one_band():
    (band,) = (found := banded(Space(BASE, {"seed": range(4)}))).bands
    assert (band.label, band.brief, band.runs, found.tol) == ("", "", 4, 0.5)
    assert found.notes == ("Median and quartiles over 4 seeds.",)


def test_work_bounded_and_omissions_noted():
    batches = [*range(1, 11), "full"]
    space = Space(BASE.replace(epochs=3), {"batch": batches, "seed": range(40)})
    found = banded(space)
    assert [band.brief for band in found.bands] == ["1", "3", "5", "7", "9", "full"]
    assert {band.runs for band in found.bands} == {33}  # of 200 for six bands
    assert found.notes == ("Median and quartiles over 33 of 40 seeds.", "Curves: 6 of 11.")


def test_long_run_is_sampled():
    config = RunConfig(samples=8, batch="full", schedule="constant", lr=0.01, epochs=60_000, stop_on="never", noise=0.1)
    found = banded(Space(config, {"seed": range(2)}))
    assert len(found.epochs) == 201
    assert found.epochs[[0, -1]].tolist() == [0, 60_000]
    (band,) = found.bands
    assert found.tol is None
    runs = [train(config.replace(seed=seed)).mean_loss for seed in range(2)]
    for column in (1, 7, 100, 200):
        losses = [float(run[found.epochs[column] - 1]) for run in runs]
        assert band.quartiles[1, column] == pytest.approx(statistics.median(losses))


def test_progress_between_pieces():
    space = Space(BASE, {"batch": [1, "full"], "seed": range(2)})
    shares = [*loss_bands(space, SweepJob(space).train(range(len(space))))]
    assert shares == sorted(shares)
    assert 0 <= shares[0] < shares[-1] <= 1
    assert len(shares) >= 4


def test_no_tol_with_varying_stopping_rule():
    assert banded(Space(BASE, {"stop_on": ["never", "dataset"]})).tol is None


def test_a_sweep_without_a_run_is_refused():
    with pytest.raises(ValueError, match="no run of this sweep could be trained"):
        banded(Space(BASE, {"seed": [1, 2]}), ResultRows.failed([0, 1], "no memory"))
