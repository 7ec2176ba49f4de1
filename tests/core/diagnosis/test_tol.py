"""What is told of tol: the end of a run counts, and a tol that the start is below tells nothing."""

import re

import numpy as np
import pytest
from diagnoses import at_start, curvature, diagnosed, ended, mended, page

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.diagnosis.diagnose import needs_remedy
from quadfit_tui.core.diagnosis.trials import more_helps
from quadfit_tui.core.diagnosis.wording.advice import advised
from quadfit_tui.core.model.problem import make_dataset
from quadfit_tui.core.training.status import Status

pytestmark = pytest.mark.xdist_group("diagnoses")  # each run is diagnosed once, for all of them

SUITS = "The learning rate suits this run"
FULL = RunConfig(batch="full", schedule="constant", stop_on="never", epochs=400)
SMALL = FULL.replace(true=(0.002, -0.001, 0.0005), init=(0, 0, 0), samples=20)  # 2.3e-06 at the start, tol 1e-05


def texts(config):
    """All that is told of a run before it begins, in its midst, and at its end."""
    told = [advised(ended(config))]
    for snapshot in (at_start(config), ended(config)):
        told += page(snapshot).values()
    return told


def leaves():
    """A run that no rule stops: it comes below tol in one direction, and leaves it in that of too high a rate."""
    _, directions = np.linalg.eigh(curvature(make_dataset(FULL).x))
    init = np.array([2, -4, 3]) + 0.05 * directions[:, 1] + 1e-6 * directions[:, 2]
    return FULL.replace(lr=1.8, init=tuple(init.tolist()), epochs=1500)


@pytest.mark.parametrize(
    ("epochs", "status", "then"),
    [
        (700, Status.FINISHED, "However, it is not below tol at the end of the run."),
        (1500, Status.DIVERGED, "Predicted: the run diverges."),
    ],
)
def test_temporary_dip_below_tol_does_not_suit(epochs, status, then):
    config = leaves().replace(epochs=epochs)
    start, end, stopped = at_start(config), ended(config), ended(config.replace(stop_on="dataset"))
    assert stopped.status is Status.CONVERGED
    assert start.mean_loss > config.tol
    assert end.status is status
    assert end.mean_loss > start.mean_loss
    found = diagnosed(config)
    assert (found.converges, found.epochs, found.forecast.passes) == (False, None, stopped.epoch)
    assert needs_remedy(start, found)
    for snapshot in (start, end):
        assert page(snapshot)["In short"].startswith("The learning rate is too high")
    after = "1 epoch" if stopped.epoch == 1 else f"{stopped.epoch} epochs"
    assert f"Predicted: mean loss below tol 1e-05 after {after}. {then}" in page(start)["Epochs"]


@pytest.mark.parametrize("stop_on", ["never", "dataset", "last-update"])
def test_a_run_that_ends_below_tol_suits(stop_on):
    config = FULL.replace(lr=1.0, stop_on=stop_on, init=(2, -4, 4))
    assert ended(config).mean_loss < config.tol < at_start(config).mean_loss
    for snapshot in (at_start(config), ended(config)):
        assert page(snapshot)["In short"].startswith(f"{SUITS}: in the end the parabola is as close")


@pytest.mark.parametrize("lr", [1e-4, 0.05, 1.0])
def test_start_below_tol_ignores_tol(lr):
    config = SMALL.replace(lr=lr)
    assert at_start(config).mean_loss < config.tol
    told = " ".join(texts(config))
    assert not re.search("below tol after|as was asked for|brings the mean loss|converges", told)
    good = ended(config).mean_loss < 1e-9
    assert (f"{SUITS}: in the end the parabola fits the samples about as well as any can." in told) == good
    assert ("Try --lr " in told) == (not good)
    assert "the mean loss is 2.318e-06, already below tol 1e-05: tol says nothing about this run." in told


def test_trial_from_start_below_tol():
    (trial,) = mended(SMALL.replace(lr=1e-4)).trials
    assert (trial.epochs, trial.converged, trial.good) == (400, False, True)
    assert ended(trial.config).mean_loss == trial.mean_loss <= trial.at_most < 1e-20


def test_more_helps_from_start_below_tol():
    assert not more_helps(ended(SMALL.replace(lr=1e-9)))
    assert more_helps(ended(SMALL.replace(lr=0.01)))


@pytest.mark.parametrize("stop_on", ["dataset", "last-update"])
def test_lower_tol_is_advised(stop_on):
    config = SMALL.replace(lr=0.01, stop_on=stop_on)
    end = ended(config)
    assert (end.status, end.epoch) == (Status.CONVERGED, 1)
    assert advised(end).endswith(" The mean loss is below tol before the first update: try a lower --tol.")
    for snapshot in (at_start(config), end):
        assert page(snapshot)["In short"].endswith("A lower tol lets it go on.")
        assert "What works" not in page(snapshot)
    # What blows up in its first epoch is told that.
    assert not needs_remedy(at_start(config), diagnosed(config))
    config = SMALL.replace(lr=1e6, stop_on=stop_on, batch=1)
    assert needs_remedy(at_start(config), diagnosed(config))
