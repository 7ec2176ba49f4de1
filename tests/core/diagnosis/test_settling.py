"""Where a run of a constant rate settles, against training itself and exact arithmetic."""

import operator
from fractions import Fraction

import numpy as np
import pytest
from diagnoses import page_alone
from epochs import radius
from tables import table
from trials import cases

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.diagnosis.diagnose import diagnose, rate_forecast
from quadfit_tui.core.diagnosis.rest import find_rest
from quadfit_tui.core.diagnosis.stability import decrement, limit
from quadfit_tui.core.model.problem import make_dataset
from quadfit_tui.core.model.task import FitTask, make_task
from quadfit_tui.core.session.session import RunSession
from quadfit_tui.core.training.trainer import Trainer


def noisy_case(seed):
    """A noisy problem, and a run at a constant rate that has settled after a thousand epochs; None where not."""
    rng = np.random.default_rng(seed)
    count = int(rng.integers(4, 13))
    config = RunConfig(
        samples=count,
        x_min=rng.uniform(-3, 0),
        x_max=rng.uniform(0.5, 3),
        noise=10 ** rng.uniform(-2, 1),
        seed=seed,
        batch=(1, int(rng.integers(1, count + 1)))[seed % 2],
        optimizer=("sgd", "momentum", "nesterov")[seed % 3],
        momentum=rng.uniform(0.1, 0.9),
        gradient=("half", "full")[seed // 2 % 2],
        scale_features=bool(seed % 5 == 0),
        schedule="constant",
        stop_on="never",
        epochs=10**6,
        init=rng.normal(0, 5, 3),
    )
    problem = make_dataset(config)
    config = config.replace(lr=float(limit(FitTask(config, problem)).rate * rng.uniform(0.1, 0.9)))
    left = 1 - decrement(FitTask(config, problem), config.lr).share
    return (config, problem) if left < 0.97 else None


@pytest.mark.parametrize("case", [case for case in map(noisy_case, cases(range(40))) if case is not None])
def test_rest_matches_training(case):
    config, problem = case
    trainer = Trainer(FitTask(config, problem))
    while trainer.epoch < 1000:
        trainer.advance(4096)
    found = find_rest(FitTask(config, problem))
    assert found.w.tolist() == pytest.approx(trainer.w.tolist(), rel=1e-7, abs=1e-7)
    assert found.mean_loss == pytest.approx(trainer.mean_loss, rel=1e-7)


def test_tiny_rate_matches_exact_arithmetic():
    """Beside 1, what an epoch changes has few digits; where it settles has all of them, in exact arithmetic."""
    config = RunConfig(samples=7, noise=1.0, schedule="constant", lr=1e-11)
    problem = make_dataset(config)
    matrix, vector = [[Fraction(0)] * 3 for _ in range(3)], [Fraction(0)] * 3
    for x, y in zip(problem.x.tolist(), problem.y.tolist(), strict=True):
        row = [Fraction(x) ** 2, Fraction(x), Fraction(1)]
        pull = (
            [sum(map(operator.mul, row, column)) for column in zip(*matrix, strict=True)],
            sum(map(operator.mul, row, vector)),
        )
        for i in range(3):  # from (M − I, v) to those after one more update
            for j in range(3):
                matrix[i][j] -= Fraction(config.lr) * row[i] * (row[j] + pull[0][j])
            vector[i] -= Fraction(config.lr) * row[i] * (pull[1] - Fraction(y))
    scaled = np.array([[float(value / Fraction(config.lr)) for value in row] for row in matrix])
    expected = np.linalg.solve(scaled, [float(-value / Fraction(config.lr)) for value in vector])
    assert find_rest(FitTask(config, problem)).w.tolist() == pytest.approx(expected.tolist(), rel=1e-9)


@pytest.mark.parametrize("changes", [{"noise": 0.0}, {"noise": 0.5, "batch": "full"}], ids=str)
def test_settling_at_the_optimum(changes):
    config = RunConfig(schedule="constant", lr=0.3, samples=50, **changes)
    problem = make_dataset(config)
    assert find_rest(FitTask(config, problem)).w.tolist() == pytest.approx(problem.optimum.tolist(), rel=1e-9)


@table(
    "changes",
    [{"optimizer": "adam"}, {"shuffle": True}, {"lr": 2.5}, {"x_min": 9999.0, "x_max": 10001.0, "lr": 1e-17}],
    ids=str,
)
def test_unknown_rest_is_none(changes):
    config = RunConfig(noise=0.5, samples=50, schedule="constant").replace(**changes)
    assert find_rest(make_task(config)) is None


@pytest.mark.parametrize(
    "changes", [{"seed": 737, "init": (865000, -19700, 1), "lr": 3.99e-07}, {"lr": 0.479}], ids=str
)
def test_rounding_only_loss_is_zero(changes):
    config = RunConfig(samples=2, batch="full", schedule="constant", gradient="full", tol=0).replace(**changes)
    assert find_rest(make_task(config)).mean_loss == 0


@pytest.mark.parametrize("batch", [1, 3])
def test_far_start_loses_no_digits(batch):
    config = RunConfig(samples=7, x_min=2.0, x_max=4.0, noise=1.0, batch=batch, schedule="constant")
    problem = make_dataset(config)
    config = config.replace(lr=limit(FitTask(config, problem)).rate / 2)
    near, far = (find_rest(FitTask(config.replace(init=init), problem)) for init in ((2, -4, 3), (1e9, -3e8, 7e7)))
    assert near.w.tolist() == pytest.approx(far.w.tolist(), rel=1e-12)
    assert near.mean_loss == pytest.approx(far.mean_loss, rel=1e-12)


def test_undetermined_direction_stays_at_start():
    config = RunConfig(samples=2, lr=0.3, schedule="constant", init=(5, 5, 5), stop_on="never")
    problem = make_dataset(config)
    trainer = Trainer(FitTask(config, problem))
    while trainer.epoch < 100:
        trainer.advance(2)
    assert find_rest(FitTask(config, problem)).w.tolist() == pytest.approx(trainer.w.tolist(), rel=1e-9)


def test_decrement_above_the_limit():
    config = RunConfig(samples=20, noise=0.5, lr=0.3, schedule="constant")
    problem = make_dataset(config)
    below, above = (rate_forecast(FitTask(config, problem), rate).decrement for rate in (0.3, 2.0))
    assert 1 - below.share == pytest.approx(radius(config, problem.x, 0.3), rel=1e-9)
    assert 1 - above.share == pytest.approx(radius(config, problem.x, 2.0), rel=1e-9)
    assert above.share < 0


def flattest(problem):
    """The smallest eigenvalue of the curvature, from the smallest singular value, of which rounding leaves more."""
    rows = np.vander(problem.x, 3) / np.sqrt(len(problem.x))
    return float(np.linalg.svd(rows, compute_uv=False)[-1]) ** 2


@pytest.mark.parametrize(("x_min", "told"), [(50, True), (1990, False)])
def test_tiny_decrement_is_exact_or_omitted(x_min, told):
    """Of years as x the spectral radius is 1 − 2e-23: w is rounded to what it was."""
    config = RunConfig(x_min=x_min, x_max=x_min + 100, samples=30, batch="full", schedule="constant")
    problem = make_dataset(config)
    config = config.replace(lr=limit(FitTask(config, problem)).rate / 2)
    taken = rate_forecast(FitTask(config, problem), config.lr).decrement
    expected = config.lr * flattest(problem)
    assert expected < 1e-10
    assert taken.share == pytest.approx(expected, rel=1e-4 if told else 1e-2)
    said = page_alone(RunSession(config).snapshot())["Epochs"]
    assert (f" multiplies the distance to the optimum by 1 − {expected:.4g}." in said) is told
    assert ("multiplies" in said) is told


def test_no_rest_where_rounding_undoes_steps():
    """An epoch takes 1e-17 of the distance, which no double of w shows."""
    config = RunConfig(
        samples=26, x_min=-2.3, x_max=-2.2569, noise=6e-5, seed=650, lr=6.2e-9, schedule="constant", batch=3
    )
    assert 0 < rate_forecast(make_task(config), config.lr).decrement.share < 1e-16
    assert find_rest(make_task(config)) is None
    assert "Where it settles" not in page_alone(RunSession(config).snapshot())
    assert "eventually" not in page_alone(RunSession(config).snapshot())["Learning rate"]


def test_run_stopping_earlier_does_not_stall():
    config = RunConfig(samples=50, noise=0.9, seed=794, init=(0, 0, 0), optimizer="momentum", momentum=0.554)
    config = config.replace(lr=1.93, schedule="exponential", decay_every=3, epochs=116, tol=26)
    known = diagnose(make_task(config), looking_ahead=False)  # as where there was no time to look
    assert known.rest.mean_loss < config.tol
    assert known.stalls is None
    assert diagnose(make_task(config.replace(stop_on="never")), looking_ahead=False).stalls is not None
