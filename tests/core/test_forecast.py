"""How a run will come out, against the run itself; and what is allowed for rounding, against what rounding does."""

import math
from fractions import Fraction

import numpy as np
import pytest

from quadfit_tui.core import forecast
from quadfit_tui.core.config import RunConfig
from quadfit_tui.core.forecast import outlook
from quadfit_tui.core.limits import limit
from quadfit_tui.core.problem import make_problem
from quadfit_tui.core.trainer import Trainer


@pytest.mark.parametrize("epochs", [1, 2, 30, 10**5])
@pytest.mark.parametrize(
    "value",
    [-1e-9, -1e-3, -1.0, -1.5, -2 + 1e-3, -2 + 1e-9, -1 + 0.9999j, -1 - 0.9999j, -0.5 + 0.8j, -1e-9 + 1e-6j],
)
def test_of_what_rounding_adds_as_much_is_allowed_for_as_an_epoch_leaves(value, epochs):
    """Also of a mode that swings, and of one that changes its sign with each epoch: by a sum of exact squares."""
    squared = (1 + Fraction(complex(value).real)) ** 2 + Fraction(complex(value).imag) ** 2
    if epochs < 100:
        left = sum((squared**at for at in range(epochs)), Fraction(0))
    else:
        power = 0.0 if squared < 0.9 else float(np.exp(epochs * np.log1p(float(squared - 1))))
        left = (1 - Fraction(power)) / (1 - squared)
    modes = forecast._Modes(np.array([complex(value)]), np.eye(1), np.ones(1), np.ones(1), 0.0)
    assert 0.999 * float(left) <= modes.lasting(epochs)[0] ** 2 <= 1.6 * float(left)


@pytest.mark.parametrize("epochs", [20, 300])
@pytest.mark.parametrize(
    ("changes", "share"),
    [
        ({"samples": 3, "batch": "full"}, 0.97),
        ({"samples": 162, "batch": "full", "optimizer": "momentum"}, 0.97),
        ({"samples": 135, "batch": 109, "optimizer": "momentum", "momentum": 0.8}, 0.5),
        ({"samples": 23, "batch": 8, "optimizer": "nesterov"}, 0.97),
        ({"samples": 96, "batch": 1}, 0.5),
        ({"samples": 134, "batch": 1}, 0.9),
    ],
    ids=str,
)
def test_leaps_and_training_are_no_farther_apart_than_is_allowed_for_rounding(changes, share, epochs):
    config = RunConfig(noise=0.5, init=(-7, 10, 26), schedule="constant", stop_on="never", epochs=10**6, **changes)
    problem = make_problem(config)
    config = config.replace(lr=share * limit(config, problem).rate)
    followed, trainer = (
        forecast._Forecast(config.replace(tol=1e-30), problem, lambda: 0.0, 1.0),
        Trainer(config, problem),
    )
    followed._follow(epochs)
    while trainer.epoch < epochs:
        trainer.advance(4096)
    assert followed._timeline.position.epoch == trainer.epoch
    apart = trainer.trained_w - followed._timeline.trainer.trained_w
    root = math.sqrt(float(np.mean(np.polyval(apart, problem.x) ** 2)))
    assert root <= followed._lost() - followed._misread()


def test_a_number_of_epochs_that_rounding_makes_another_is_not_told(monkeypatch):
    """By algebra it would be 5461: what rounding adds in so many epochs keeps training above tol for some more."""
    monkeypatch.setattr(forecast, "FOLLOWED", 200)
    config = RunConfig(
        samples=10_000, batch="full", lr=0.05, schedule="constant", init=(2.001, -4, 3), epochs=100, tol=1e-26
    )
    problem = make_problem(config)
    trainer = Trainer(config.replace(epochs=10**6), problem)
    while trainer.mean_loss >= config.tol:
        trainer.advance(1)
    assert trainer.epoch > 5463
    assert outlook(config, problem, math.inf).epochs is None
