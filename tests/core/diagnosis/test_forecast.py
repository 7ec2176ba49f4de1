"""How a run will come out, against the run itself; and what is allowed for rounding, against what rounding does."""

import itertools
import math
from decimal import Context, Decimal, localcontext
from fractions import Fraction

import numpy as np
import pytest
from epochs import random_case, true_epochs
from tables import table
from trials import AT_LENGTH, cases

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.diagnosis import forecast, rest
from quadfit_tui.core.diagnosis.forecast import forecast_run
from quadfit_tui.core.diagnosis.stability import limit
from quadfit_tui.core.methods.schedules import SCHEDULES
from quadfit_tui.core.model.problem import make_dataset
from quadfit_tui.core.model.task import FitTask, make_task
from quadfit_tui.core.training.trainer import Trainer


@pytest.mark.parametrize("share", [0.2, 0.95])
@pytest.mark.parametrize("seed", cases(range(0, 40, 2)))
def test_predicted_epochs_are_those_of_the_run(seed, share):
    config, problem = random_case(seed)
    config = config.replace(lr=share * limit(FitTask(config, problem)).rate, tol=1e-5, stop_on="dataset")
    predicted, true = forecast_run(FitTask(config, problem), math.inf).epochs, true_epochs(config, problem, 1000)
    if true is None:
        assert predicted is None or predicted > 1000
    else:
        assert abs(predicted - true) <= 1


def any_run(seed):
    """A run of any kind that has a rate up to a third above its limit; most are below it."""
    rng = np.random.default_rng(seed)
    count = int(rng.integers(2, 20))
    config = RunConfig(
        samples=count,
        noise=(0.0, 0.0, float(10 ** rng.uniform(-3, 0)))[seed % 3],
        seed=seed,
        init=rng.normal(0, 10 ** rng.uniform(-0.5, 2), 3),
        batch=("full", 1, int(rng.integers(1, count + 1)))[int(rng.integers(3))],
        optimizer=("sgd", "momentum", "nesterov")[int(rng.integers(3))],
        momentum=float(1 - 10 ** rng.uniform(-3, -0.3)),
        schedule=("constant", *SCHEDULES)[int(rng.integers(6))],
        decay_every=int(rng.integers(1, 200)),
        shuffle=bool(rng.random() < 0.2),
        epochs=int(10 ** rng.uniform(1, 3)),
        tol=float(10 ** rng.uniform(-6, 0)),
    )
    problem = make_dataset(config)
    highest = limit(FitTask(config, problem)).rate or 0.3 * (1 - config.momentum)
    share = (rng.uniform(0.02, 0.99), 1 - 10 ** rng.uniform(-4, -1), rng.uniform(1, 1.3))[
        int(rng.choice(3, p=(0.7, 0.2, 0.1)))
    ]
    return config.replace(lr=float(share * highest)), problem


def test_random_forecasts_are_right_or_absent():
    """Of swinging losses, near a limit, after a flight above it; and where training gets there, most are told."""
    got_there, told, seeds = 0, 0, cases(range(24))
    for seed in seeds:
        config, problem = any_run(seed)
        predicted = forecast_run(
            FitTask(config, problem), 50, itertools.count().__next__
        ).epochs  # not by a clock, but by its looks
        most = config.epochs if config.schedule == "cosine" else 1000
        true = true_epochs(config, problem, most)
        got_there += true is not None
        told += true is not None and predicted is not None
        if true is None:
            assert predicted is None or predicted > most, seed
        elif predicted is not None:
            assert predicted == true, seed
    assert got_there >= 0.5 * len(seeds)
    assert told > 0.9 * got_there


@pytest.mark.parametrize(
    ("changes", "epochs"),
    [
        # The loss swings: it is below tol, above it again, and below it for good much later.
        ({"batch": "full", "optimizer": "momentum", "momentum": 0.995, "lr": 0.003, "schedule": "constant"}, 4035),
        # Within an epoch w goes so far off that rounding keeps the loss above tol.
        ({"x_min": 0, "x_max": 2, "samples": 400, "lr": 0.171, "schedule": "constant", "init": (-1, 10, 26)}, None),
        # It flies off before the schedule has brought the rate down: what is left of it then is up to rounding.
        ({"lr": 1.1}, None),
        (
            {"samples": 37, "batch": "full", "optimizer": "nesterov", "momentum": 0.72, "lr": 0.75, "decay_every": 153}
            | {"init": (-1, 10, 26), "gradient": "full"},
            None,  # the trainer takes 342, spans 335
        ),
    ],
    ids=["swings", "rounding", "blown up", "blown up, then in reach"],
)
def test_formerly_wrong_forecasts(changes, epochs):
    config = RunConfig(epochs=400, **changes)
    assert forecast_run(make_task(config), math.inf, most_followed=400).epochs == epochs


@pytest.mark.parametrize(
    "changes",
    [{"optimizer": "adam"}, {"shuffle": True, "batch": 7, "decay_every": 300}, {"round_epochs": 4, "tol": 0.1}],
    ids=str,
)
def test_what_no_algebra_tells_is_done_beforehand(changes):
    config = RunConfig(samples=40, epochs=2000, init=(1, -3, 2)).replace(**changes)
    problem = make_dataset(config)
    true = true_epochs(config, problem, 1000)
    assert true is not None
    assert forecast_run(FitTask(config, problem), math.inf).epochs == true


def test_run_stopped_earlier_has_no_forecast():
    config, problem = PRESETS["article-as-printed"], make_dataset(RunConfig())
    assert forecast_run(FitTask(config, problem)).epochs is None
    assert forecast_run(FitTask(config.replace(stop_on="dataset"), problem)).epochs == true_epochs(config, problem)
    assert (
        forecast_run(
            FitTask(config.replace(round_epochs=None, batch="full", lr=1.7, schedule="constant"), problem)
        ).epochs
        is not None
    )


def test_epochs_beyond_followed_are_predicted():
    config = RunConfig(samples=12, batch="full", lr=0.025, schedule="constant", init=(-1, 10, 26), optimizer="momentum")
    problem = make_dataset(config)
    true = true_epochs(config.replace(momentum=0.3), problem)
    assert true > 2 * forecast.BLOCK
    task = FitTask(config.replace(momentum=0.3), problem)
    assert forecast_run(task, math.inf, most_followed=1000).epochs == true


@pytest.mark.parametrize("lr", [3.841e-7, 1.244e-7, 6.85e-8])
def test_millions_of_epochs_are_exact(lr):
    """From a start along an eigenvector of the curvature, where each epoch leaves 1 − lr·λ of the distance."""
    config = RunConfig(true=(0, 0, 0), samples=40, batch="full", schedule="constant", lr=lr)
    problem = make_dataset(config)
    values, vectors = np.linalg.eigh(np.vander(problem.x, 3).T @ np.vander(problem.x, 3) / 40)
    config = config.replace(init=tuple(vectors[:, 0]))
    expected = math.log(config.tol / values[0]) / (2 * math.log1p(-lr * values[0]))
    assert 0.01 < expected % 1 < 0.99  # not so near a whole number that rounding decides
    assert forecast_run(FitTask(config, problem), math.inf).epochs == math.ceil(expected)


@pytest.mark.parametrize("schedule", ["halve", "exponential", "inverse-time", "cosine"])
@pytest.mark.parametrize("batch", [1, "full"])
def test_schedule_is_taken_into_account(schedule, batch):
    config = RunConfig(samples=40, batch=batch, lr=0.6, schedule=schedule, decay_every=30, init=(1, -3, 2), tol=1e-2)
    problem = make_dataset(config)
    true = true_epochs(config, problem, 90)
    assert true is not None
    assert forecast_run(FitTask(config, problem), math.inf).epochs == true


@pytest.mark.parametrize(
    "changes",
    [{"noise": 1.0}, {"lr": 3.0}, {"lr": 1e-3}, {"tol": 0.0}, {"batch": "full", "lr": 2.5, "schedule": "constant"}],
    ids=str,
)
def test_no_number_of_epochs_is_made_up(changes):
    config = RunConfig(samples=40).replace(**changes)
    assert forecast_run(make_task(config)).epochs is None


# What is allowed for rounding


@table("epochs", [1, 2, 30, 10**5])
@table(
    "value", [-1e-9, -1e-3, -1.0, -1.5, -2 + 1e-3, -2 + 1e-9, -1 + 0.9999j, -1 - 0.9999j, -0.5 + 0.8j, -1e-9 + 1e-6j]
)
def test_repeated_rounding_equals_exact_sum(value, epochs):
    """Also of a mode that swings, and of one that changes its sign with each epoch: by a sum of exact squares."""
    squared = (1 + Fraction(complex(value).real)) ** 2 + Fraction(complex(value).imag) ** 2
    if epochs < 100:
        left = sum((squared**at for at in range(epochs)), Fraction(0))
    else:
        power = 0.0 if squared < 0.9 else float(np.exp(epochs * np.log1p(float(squared - 1))))
        left = (1 - Fraction(power)) / (1 - squared)
    real, imaginary, deviation = complex(value).real, complex(value).imag, np.zeros((3, 3))
    deviation[:2, :2] = [[real, -imaginary], [imaginary, real]]
    _, spread = rest._repeated(deviation, epochs, np.ones(3), np.zeros((2, 2)), np.eye(2))
    assert np.diag(spread).tolist() == pytest.approx([float(left)] * 2, rel=1e-5)


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
def test_spans_stay_within_rounding_bound(changes, share):
    config = RunConfig(noise=0.5, init=(-7, 10, 26), schedule="constant", stop_on="never", epochs=10**6, **changes)
    problem = make_dataset(config)
    config = config.replace(lr=share * limit(FitTask(config, problem)).rate)
    followed, trainer = (
        forecast._Forecast(FitTask(config.replace(tol=1e-30), problem), lambda: 0.0, 1.0),
        Trainer(FitTask(config, problem)),
    )
    for epochs in (20, 300):
        followed._follow(epochs)
        while trainer.epoch < epochs:
            trainer.advance(4096)
        assert followed._timeline.position.epoch == trainer.epoch
        apart = trainer.trained_w - followed._timeline.trainer.trained_w
        root = math.sqrt(float(np.mean(np.polyval(apart, problem.x) ** 2)))
        assert root <= rest.passage(followed._task, epochs)[1]


def test_decaying_rate_near_limit_is_forecast():
    """Near the limit an epoch swells rounding by 1e9; the halved rates that follow shorten it again."""
    config = PRESETS["too-fast"].replace(lr=0.92)
    assert forecast_run(make_task(config)).epochs == true_epochs(config, make_dataset(config), 100) == 25


@pytest.mark.parametrize(
    ("schedule", "rate"),
    [("halve", 0.96), ("exponential", 0.85), *([("halve", 0.85), ("exponential", 0.96)] if AT_LENGTH else [])],
)
def test_rounding_bound_with_decaying_rates(schedule, rate):
    """Neither spans nor training, update by update, are farther off from 90 digits than is allowed for."""
    config = PRESETS["too-fast"].replace(lr=rate, schedule=schedule, stop_on="never", tol=1e-30)
    problem = make_dataset(config)
    followed = forecast._Forecast(FitTask(config, problem), lambda: 0.0, 1.0)
    followed._follow(15)
    done = Trainer(FitTask(config, problem))
    with localcontext(Context(prec=90)):
        a, b, c = map(Decimal, config.init)
        samples = [(Decimal(x), Decimal(y)) for x, y in zip(problem.x.tolist(), problem.y.tolist(), strict=True)]
        while done.epoch < 15:
            lr = Decimal(SCHEDULES[schedule].rate(config, done.epoch))
            for x, y in samples:
                move = lr * ((a * x + b) * x + c - y)
                a, b, c = a - move * x * x, b - move * x, c - move
            reached = done.epoch
            while done.epoch == reached:
                done.advance(done.chunk)
    for near in (followed._timeline.trainer, done):
        apart = near.trained_w - np.array([float(value) for value in (a, b, c)])
        root = math.sqrt(float(np.mean(np.polyval(apart, problem.x) ** 2)))
        assert root <= forecast.lost_to_rounding(followed._task, followed._timeline.position.epoch, followed._peak)


def test_forecast_changed_by_rounding_is_absent():
    """By algebra it would be 5374: what rounding adds in so many epochs keeps training above tol for some more."""
    config = RunConfig(
        samples=3000, batch="full", lr=0.05, schedule="constant", init=(2.001, -4, 3), epochs=100, tol=2e-26
    )
    problem = make_dataset(config)
    trainer = Trainer(FitTask(config.replace(epochs=10**6), problem))
    while trainer.epoch < 5376:
        trainer.advance(5376 - trainer.epoch)
    assert trainer.mean_loss >= config.tol
    assert forecast_run(FitTask(config, problem), math.inf, most_followed=200).epochs is None


def exact_epochs(task, about):
    """After how many epochs of all samples the mean loss is below tol, in 60 digits: by squares of an epoch's map.

    `about` is a number that is more than half of it.
    """
    with localcontext(Context(prec=60)):
        x, y = (np.array([Decimal(value) for value in values.tolist()]) for values in (task.trained.x, task.trained.y))
        rows, lr = np.stack([x * x, x, x * 0 + 1]), Decimal(task.config.lr)
        curvature, pull = rows @ rows.T / len(x), rows @ y / len(x)
        whole = np.vstack([np.column_stack([-lr * curvature, lr * pull]), [Decimal(0)] * 4])
        for at in range(4):
            whole[at, at] += 1
        powers = [whole]
        while 2 ** len(powers) <= 2 * about:
            powers.append(powers[-1] @ powers[-1])
        w, done = np.array([*map(Decimal, task.start.tolist()), Decimal(1)]), 0
        for at, power in reversed(list(enumerate(powers))):
            after = power @ w
            if ((after[:3] @ rows - y) ** 2).sum() / len(x) >= Decimal(task.config.tol):
                w, done = after, done + 2**at
        return done + 1


@pytest.mark.parametrize(
    "changes",
    [
        {"samples": 8, "x_min": -9.41, "x_max": 44.82, "lr": 3.8586559086227704e-07}
        | {"init": (11.137704600005833, 0.8375367045258066, -42.69796201430958)},
        {"samples": 3, "x_min": 5.87, "x_max": 15.16, "lr": 0.00013311953986510855}
        | {"init": (14.411591156821984, -10.712954877479417, 5.5086652750547955)},
        {"samples": 800, "x_min": -50, "x_max": 50, "lr": 1.4e-06},
    ],
    ids=["45 million", "10 million", "19 million"],
)
def test_millions_of_epochs_exact_or_absent(changes):
    """Where the mean loss is in doubt at one epoch, the next one may be one too many."""
    task = make_task(RunConfig(batch="full", schedule="constant", **changes))
    told = forecast_run(task, math.inf).epochs
    assert told in (None, exact_epochs(task, 2**26))
