"""Trial runs: with the change that is told a restart ends as told."""

import math
from itertools import product

import numpy as np
import pytest
from epochs import radius, random_case, true_epochs
from trials import cases

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.diagnosis import trials
from quadfit_tui.core.diagnosis.diagnose import diagnose, needs_remedy
from quadfit_tui.core.diagnosis.stability import limit
from quadfit_tui.core.diagnosis.trials import kind_of, more_helps, try_changes
from quadfit_tui.core.diagnosis.wording.changes import loss_phrase
from quadfit_tui.core.model.problem import make_dataset
from quadfit_tui.core.model.task import FitTask
from quadfit_tui.core.session.session import RunSession
from quadfit_tui.core.training.status import Status


@pytest.mark.parametrize("share", [1.02, 40.0])
@pytest.mark.parametrize("seed", cases(range(0, 60, 3)))
def test_suggested_rate_is_stable_and_converges(seed, share):
    config, problem = random_case(seed)
    found = limit(FitTask(config, problem))
    config = config.replace(lr=min(share * found.rate, 1e6), stop_on="dataset", epochs=10**6)
    trial, *_ = try_changes(FitTask(config, problem), found, budget=math.inf).trials
    assert radius(config, problem.x, trial.config.lr) < 1
    assert found.rate / 2 < trial.config.lr < found.rate
    assert trial.converged
    assert true_epochs(config.replace(lr=trial.config.lr), problem, 10**6) == trial.epochs


@pytest.mark.parametrize(
    "changes",
    [
        {"lr": 1.2, "schedule": "constant"},
        {"lr": 2.5, "batch": 16},
        {"lr": 2.0, "shuffle": True},
        {"lr": 3.0, "optimizer": "momentum", "shuffle": True, "samples": 100},
        {"lr": 3.0, "optimizer": "nesterov", "samples": 50, "schedule": "cosine"},
    ],
    ids=str,
)
def test_restart_matches_the_trial(changes):
    config = RunConfig(**changes)
    problem = make_dataset(config)
    trial, *_ = try_changes(FitTask(config, problem), limit(FitTask(config, problem)), budget=math.inf).trials
    session = RunSession(config.replace(lr=trial.config.lr), speed=None)
    session.play()
    while not session.status.ended:
        session.advance(1)
    end = session.snapshot()
    changed = config.replace(lr=trial.config.lr)
    assert trial == (changed, ("lr",), True, True, end.epoch, pytest.approx(end.mean_loss), None)
    assert end.status is Status.CONVERGED
    assert trial.config.lr < config.lr


def test_nearer_rate_is_offered_without_convergence():
    config = RunConfig(batch="full", lr=3.0, epochs=10)
    problem = make_dataset(config)
    trial, *_ = try_changes(FitTask(config, problem), limit(FitTask(config, problem))).trials
    assert (trial.config.lr, trial.converged, trial.good, trial.epochs) == (1.6, False, False, 10)
    assert trial.mean_loss < problem.mean_loss(np.array(config.init))
    # What stops too early has not converged.
    config = RunConfig(stop_on="last-update", round_epochs=2, lr=1.2)
    assert not any(
        trial.converged for trial in try_changes(FitTask(config, problem), limit(FitTask(config, problem))).trials
    )


def test_nothing_is_told_that_was_not_tried():
    config = RunConfig(lr=1.2)
    problem = make_dataset(config)
    nothing = try_changes(FitTask(config, problem), limit(FitTask(config, problem)), budget=0)
    assert (nothing.trials, nothing.failed) == ((), ())
    assert {kind_of(each) for each in nothing.untested} == set(product((False, True), ("halve", "constant")))
    # From the optimum nothing comes nearer; what hardly leaves it is good enough.
    config = RunConfig(lr=2.0, init=(2, -4, 3), noise=1.0, stop_on="never", epochs=3)
    problem = make_dataset(config)
    config = config.replace(init=tuple(problem.optimum.tolist()))
    trial, *_ = try_changes(FitTask(config, problem), limit(FitTask(config, problem)), budget=math.inf).trials
    assert trial.good
    least = problem.mean_loss(problem.optimum)
    assert least < trial.mean_loss < 1.1 * least


def test_least_loss_despite_rounded_optimum():
    """Far from x = 0 the optimum in doubles is no good w: nothing that stays there is offered, and it counts as far."""
    config = RunConfig(x_min=99_999, x_max=100_001, samples=50, lr=1e-30, tol=1e-14, epochs=1, schedule="constant")
    problem = make_dataset(config)
    config = config.replace(init=tuple(problem.optimum.tolist()))
    assert problem.mean_loss(problem.optimum) > 100 * config.tol > problem.least == 0
    assert not try_changes(FitTask(config, problem), limit(FitTask(config, problem)), budget=math.inf).trials
    session = RunSession(config, speed=None)
    session.play()
    while not session.status.ended:
        session.advance(1)
    end = session.snapshot()
    assert needs_remedy(end, diagnose(end.task, looking_ahead=False))


PLAYGROUND = PRESETS["playground"]


@pytest.mark.parametrize(
    ("config", "helps"),
    [
        (PLAYGROUND.replace(lr=0.05, epochs=200), True),  # 213 epochs more, and it converges
        (PRESETS["full-batch"].replace(schedule="constant", epochs=10), True),
        (RunConfig(optimizer="adagrad"), False),  # far from the optimum, at a rate that leads nowhere near it
        (RunConfig(optimizer="rmsprop"), False),
        (PLAYGROUND.replace(lr=1.0, epochs=2), False),  # whose mean loss grows
        (PRESETS["noisy"], False),  # the mean loss is as low as it can be
        (PRESETS["article-minibatch"], False),  # which is below tol
    ],
)
def test_more_helps_matches_continued_training(config, helps):
    session = RunSession(config, speed=None)
    session.play()
    while not session.status.ended:
        session.advance(1.0)
    before = session.snapshot()
    assert before.status is Status.FINISHED
    assert more_helps(before) is helps
    session.carry_on()
    session.play()
    while not session.status.ended:
        session.advance(1.0)
    after = session.snapshot()
    better = after.status is Status.CONVERGED or after.mean_loss < before.mean_loss / 2
    assert (better and before.mean_loss > max(config.tol, 1.01 * before.task.trained.least)) is helps


@pytest.mark.parametrize(
    ("changes", "is_told"),
    [
        ({"batch": "full", "lr": 1.0}, True),
        ({"lr": 0.4, "noise": 0.5}, True),
        ({"lr": 1.03}, False),  # an epoch swells what is rounded a billion times, and the next one swells that
        ({"optimizer": "adam"}, True),  # whose updates are done one by one
        ({"lr": 0.4, "shuffle": True}, True),
    ],
    ids=str,
)
def test_mean_loss_digits_limited_by_rounding(changes, is_told):
    config = RunConfig(init=(-1, 10, 26), schedule="constant", epochs=10, **changes)
    tests = trials._Tests(FitTask(config.replace(lr=0.1), make_dataset(config)), math.inf)
    trial = tests.run(config)
    bound = tests._bound(trial._replace(mean_loss=1.0))
    assert (bound is None) == is_told
    assert is_told or bound > 1e3
    assert is_told or loss_phrase(trial._replace(at_most=bound)) == f"at most {bound:.4g}"
