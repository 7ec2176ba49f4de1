"""The mean loss of a run by epoch, for a chart of many: all epochs of a short one; of a long one no spike is lost."""

import numpy as np
import pytest

from quadfit_tui import RunConfig, train
from quadfit_tui.core.model.task import make_task
from quadfit_tui.core.training.loss_curve import MOST_POINTS, loss_curve
from quadfit_tui.core.training.position import Position
from quadfit_tui.core.training.record_log import RecordLog
from quadfit_tui.core.training.timeline import Timeline


def curve_of(config):
    run = Timeline(make_task(config))
    while not run.at_end:
        run.approach(Position(config.epochs, 0), RecordLog())
    return loss_curve(run)


@pytest.mark.parametrize("epochs", [1, 30, 199])
def test_a_short_run_has_every_epoch_and_the_start(epochs):
    config = RunConfig(samples=12, epochs=epochs, stop_on="never", noise=0.1, lr=0.05, schedule="constant")
    curve, run = curve_of(config), train(config)
    assert curve.epoch.tolist() == list(range(epochs + 1))
    np.testing.assert_allclose(curve.mean_loss[1:], run.mean_loss, rtol=1e-9)
    x, y = run.samples.x, run.samples.y
    a, b, c = config.init
    assert curve.mean_loss[0] == pytest.approx(np.mean((a * x * x + b * x + c - y) ** 2), rel=1e-12)


@pytest.mark.parametrize("epochs", [200, 1000, 20_000])
def test_a_long_run_has_its_ends_and_extremes(epochs):
    config = RunConfig(samples=12, epochs=epochs, stop_on="never", noise=0.3, shuffle=True, lr=0.9, schedule="constant")
    curve, run = curve_of(config), train(config)
    assert 100 < len(curve.epoch) <= MOST_POINTS
    assert (np.diff(curve.epoch) > 0).all()
    assert (curve.epoch[0], curve.epoch[-1]) == (0, epochs)
    losses = np.concatenate([curve.mean_loss[:1], run.mean_loss])
    np.testing.assert_allclose(curve.mean_loss, losses[curve.epoch], rtol=1e-9)
    settled = curve.epoch > epochs // 2
    np.testing.assert_allclose(curve.mean_loss[settled].max(), losses[epochs // 2 + 1 :].max(), rtol=1e-9)
    np.testing.assert_allclose(curve.mean_loss[settled].min(), losses[epochs // 2 + 1 :].min(), rtol=1e-9)


def test_a_run_that_diverges_has_the_epochs_that_it_did():
    config = RunConfig(samples=12, lr=40, schedule="constant")
    curve, run = curve_of(config), train(config)
    assert str(run.status) == "diverged"
    done = len(run.epoch) - 1  # whole epochs: it ended amid another one
    assert curve.epoch.tolist() == list(range(done + 1))
    np.testing.assert_allclose(curve.mean_loss[1:], run.mean_loss[:done], rtol=1e-9)
