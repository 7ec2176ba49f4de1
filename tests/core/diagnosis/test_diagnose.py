"""What is said of a run beforehand, and where it went wrong, against plain loops and the run itself."""

import itertools
import math
from unittest.mock import patch

import numpy as np
import pytest
from epochs import radius
from hypothesis import example, given
from hypothesis import strategies as st
from tables import table
from trials import trials

from quadfit_tui.core.config.parameters import PARAMETERS, RunConfig
from quadfit_tui.core.diagnosis import diagnose as diagnoses
from quadfit_tui.core.diagnosis.diagnose import diagnose, rate_forecast
from quadfit_tui.core.diagnosis.forecast import forecast_run
from quadfit_tui.core.diagnosis.stability import Limit, LimitBasis, limit
from quadfit_tui.core.diagnosis.trials import try_changes
from quadfit_tui.core.methods.optimizers import OPTIMIZERS
from quadfit_tui.core.methods.schedules import SCHEDULES, epoch_of_rate_below, first_rate
from quadfit_tui.core.model.cancellation import WorkCancelledError, cancel_unless
from quadfit_tui.core.model.problem import Dataset, make_dataset
from quadfit_tui.core.model.task import FitTask, make_task
from quadfit_tui.core.training.trainer import Trainer


def test_decrement_matches_training():
    config = RunConfig(samples=50, batch=10, lr=0.4, schedule="constant", stop_on="never", init=(-1, 10, 26))
    problem = make_dataset(config)
    trainer, losses = Trainer(FitTask(config, problem)), []
    while trainer.epoch < 40:
        losses.append(math.sqrt(problem.mean_loss(trainer.w)))
        while trainer.advance(100).update and trainer.update:
            pass
    left = 1 - rate_forecast(FitTask(config, problem), 0.4).decrement.share
    assert left == pytest.approx(losses[-1] / losses[-2], rel=1e-3)
    assert left == pytest.approx(radius(config, problem.x, 0.4), rel=1e-9)


@pytest.mark.parametrize("optimizer", ["sgd", "momentum"])
def test_decrement_ignores_undetermined_directions(optimizer):
    # Two different x: a direction of w never moves, and has an eigenvalue of 1 that says nothing.
    config = RunConfig(optimizer=optimizer, momentum=0.5, lr=0.05)
    problem = Dataset(np.array([1.0, -2.0, 1.0, 1.0]), np.zeros(4), None)
    left = 1 - rate_forecast(FitTask(config, problem), 0.05).decrement.share
    assert left == pytest.approx(radius(config, problem.x, 0.05), rel=1e-9)
    assert left < 0.99


def test_first_rise_matches_plain_walk(plain):
    for changes in ({"lr": 1.2}, {"batch": "full", "lr": 1.9}, {"batch": 16, "lr": 0.9, "init": (2, -4, 3.1)}):
        config = RunConfig(**changes)
        xs, ys = plain.samples(config)
        rise = diagnoses.first_rise(make_task(config))
        w, walked = list(config.init), None
        for epoch in range(3):
            for update, batch in enumerate(plain.batches(config, xs, ys, None), 1):
                before = plain.loss(w, xs, ys)
                w = plain.update(w, *batch, config.lr, config.gradient)[2]
                if walked is None and plain.loss(w, xs, ys) > before:
                    walked = epoch, update, before, plain.loss(w, xs, ys)
            if walked:
                break
        assert rise == (walked if walked is None else (*walked[:2], *map(pytest.approx, walked[2:])))
    assert diagnoses.first_rise(FitTask(RunConfig(batch="full"), make_dataset(RunConfig()))) is None


RISES = RunConfig(
    optimizer="rmsprop", lr=0.01, schedule="constant", x_min=3, x_max=4, samples=10, noise=0.5, seed=22, init=(0, 0, 0),
    gradient="full", tol=1e-10, stop_on="never",
)  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "epoch"),
    [
        ({"epochs": 8}, 7),
        ({"epochs": 7}, None),
        ({"epochs": 1}, None),
        ({"epochs": 8, "stop_on": "dataset", "tol": 8}, None),  # below that before
        ({"epochs": 8, "stop_on": "last-update", "tol": 1e3}, None),
    ],
    ids=str,
)
def test_first_rise_stays_within_the_run(changes, epoch):
    rise = diagnoses.first_rise(make_task(RISES.replace(**changes)))
    assert (None if rise is None else rise.epoch) == epoch


def test_what_rounding_does_is_no_rise():
    config = RunConfig(batch="full", epochs=3000, tol=0, schedule="constant", lr=0.3)
    assert diagnoses.first_rise(make_task(config)) is None
    config = RunConfig(
        samples=3, x_min=0, x_max=100, noise=3, seed=14, true=(0, 0, 5), batch=2, lr=0.5, schedule="constant",
        scale_features=True, tol=0, epochs=1000,
    )  # fmt: skip
    assert diagnoses.first_rise(make_task(config)) is None


def test_first_rise_of_samples_far_from_zero_is_no_rounding():
    # The coefficients of the best fit are so large that their bound with |c| for |a| would exceed the loss itself.
    config = RunConfig(lr=6.6e-37, schedule="constant", stop_on="never", init=(8, 0, 0), shuffle=False)
    far = 1.7e9 + np.linspace(0, 4000, 10)
    task = FitTask(config, Dataset(far, (far - far[4]) ** 2 / 100, None))
    rise, trainer = diagnoses.first_rise(task), Trainer(task)
    before, _ = task.trained.mean_loss(trainer.w), trainer.advance(1)
    assert task.trained.mean_loss(trainer.w) > 2 * before
    assert rise[:2] == (0, 1)


def test_first_rise_respects_time_budget():
    config = RunConfig(samples=100_000, batch="full", optimizer="adam", lr=1e-9)
    seconds = iter(range(1000))
    assert diagnoses.first_rise(make_task(config), budget=5, clock=lambda: next(seconds)) is None
    assert next(seconds) <= 10


@pytest.mark.parametrize(
    "work",
    [
        lambda config, problem: limit(FitTask(config, problem)),
        lambda config, problem: forecast_run(FitTask(config, problem), math.inf).epochs,
        lambda config, problem: diagnoses.first_rise(FitTask(config, problem)),
        lambda config, problem: try_changes(FitTask(config, problem), Limit(None, LimitBasis.NONE)),
    ],
)
def test_work_can_be_cancelled(work):
    config = RunConfig(samples=50, lr=0.1)
    asked = []
    with pytest.raises(WorkCancelledError), cancel_unless(lambda: bool(asked.append(1))):
        work(config, make_dataset(config))
    assert len(asked) == 1
    work(config, make_dataset(config))  # nobody is asked any more


@table("schedule", SCHEDULES)
@table("bound", [2.0, 0.9, 0.3, 1e-3, 1e-12])
def test_first_epoch_with_a_low_enough_rate(schedule, bound):
    config = RunConfig(schedule=schedule, lr=1.0, epochs=50, decay_every=3)
    rates = [SCHEDULES[schedule].rate(config, epoch) for epoch in range(50)]
    assert first_rate(config) == rates[0] == max(rates)
    assert epoch_of_rate_below(config, bound, config.epochs) == next(
        (at for at, rate in enumerate(rates) if rate < bound), None
    )


def borders(name):
    """The values of a parameter at both ends of what is allowed, and next to them."""
    kind = PARAMETERS[name].value_type
    low = [math.nextafter(kind.low, math.inf)] if kind.above else [kind.low, math.nextafter(kind.low, math.inf)]
    high = [math.nextafter(kind.high, -math.inf)] if kind.below else [kind.high]
    return [*low, 1e-200, *high]


@st.composite
def runs_at_borders(draw):
    optimizer = draw(st.sampled_from([*OPTIMIZERS]))
    chosen = {name: draw(st.sampled_from(borders(name))) for name in OPTIMIZERS[optimizer].parameters}
    samples = draw(st.integers(1, 8))
    return RunConfig(
        optimizer=optimizer,
        samples=samples,
        batch=draw(st.one_of(st.just("full"), st.integers(1, samples))),
        shuffle=draw(st.booleans()),
        lr=draw(st.sampled_from([1e-4, 0.1, 5.0])),
        schedule=draw(st.sampled_from(["constant", "halve"])),
        noise=draw(st.sampled_from([0.0, 0.5])),
        epochs=draw(st.integers(1, 40)),
        **chosen,
    )


@trials(200)
@given(runs_at_borders())
@example(RunConfig(optimizer="momentum", momentum=0, samples=8, batch=4, schedule="constant", lr=1e-4, epochs=40))
def test_border_parameters_can_be_diagnosed(config):
    def looked_ahead(task, *_):  # not by a clock, but by its looks
        return forecast_run(task, 50, itertools.count().__next__, most_followed=50)

    with patch.object(diagnoses, "forecast_run", looked_ahead):
        found = diagnose(make_task(config))
        rate_forecast(found.task, config.lr)
        if config.optimizer in ("momentum", "nesterov") and config.momentum == 0:
            plain = diagnose(make_task(config.replace(optimizer="sgd")))
            assert (found.limit, found.forecast) == (plain.limit, plain.forecast)
