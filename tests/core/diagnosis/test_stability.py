"""The limit of the learning rate, and windows above it: against maps built by a plain loop, and the run itself."""

import math
from decimal import Context, Decimal, localcontext

import numpy as np
import pytest
from epochs import radius, random_case
from soak.sentences.exact import Exact, many_digits
from trials import cases

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.diagnosis import stability
from quadfit_tui.core.diagnosis.diagnose import diagnose
from quadfit_tui.core.diagnosis.stability import LimitBasis, Window, limit, window
from quadfit_tui.core.model.problem import make_dataset
from quadfit_tui.core.model.task import FitTask, make_task
from quadfit_tui.core.training.trainer import Trainer


def distances(config, problem, epochs):
    """How far w is from where the run settles, after so many epochs and twice as many; inf once it has diverged."""
    trainer, found = Trainer(FitTask(config, problem)), []
    for goal in (epochs, 2 * epochs):
        while trainer.epoch < goal and not trainer.overflowed:
            trainer.advance(4096)
        found.append(math.inf if trainer.overflowed else problem.mean_loss(trainer.w))
    return found


@pytest.mark.parametrize("seed", cases(range(60)))
def test_limit_is_where_spectral_radius_reaches_one(seed):
    config, problem = random_case(seed)
    rate, ground = limit(FitTask(config, problem))
    assert ground is LimitBasis.EXACT
    for share in (0.3, 0.9, 0.98, 0.9999):
        assert radius(config, problem.x, share * rate) <= 1 + 1e-9
    for share in (1.0001, 1.02):
        assert radius(config, problem.x, share * rate) > 1


@pytest.mark.parametrize("seed", cases(range(40)))
def test_training_diverges_only_above_limit(seed):
    config, problem = random_case(seed)
    rate = limit(FitTask(config, problem)).rate
    start = problem.mean_loss(np.array(config.init))
    middle, end = distances(config.replace(lr=0.98 * rate), problem, 120)
    assert end <= max(middle, 1e-20 * start)
    assert end < start
    middle, end = distances(config.replace(lr=1.02 * rate), problem, 120)
    assert end > 10 * middle or end == math.inf
    assert end > 100 * start


@pytest.mark.parametrize("seed", cases(range(0, 60, 5)))
def test_no_smaller_rate_diverges(seed):
    config, problem = random_case(seed)
    rate = limit(FitTask(config, problem)).rate
    assert all(radius(config, problem.x, share * rate) <= 1 + 1e-9 for share in np.linspace(0.01, 0.999, 50))


@pytest.mark.parametrize(("samples", "batch"), [(800, 1), (400, 1), (800, 16)])
def test_rounding_limit_matches_training(samples, batch):
    # In exact arithmetic higher rates would do: that the errors of an epoch die out again is lost to rounding.
    config = RunConfig(samples=samples, batch=batch, schedule="constant", stop_on="never", init=(1, 1, 1))
    problem = make_dataset(config)
    rate, ground = limit(FitTask(config, problem))
    start = problem.mean_loss(np.array(config.init))
    assert distances(config.replace(lr=0.97 * rate), problem, 30)[1] < start
    assert distances(config.replace(lr=1.03 * rate), problem, 30)[1] > 1e6 * start
    assert ground is (LimitBasis.ROUNDING if batch == 1 else LimitBasis.EXACT)


def test_full_batch_limit_follows_curvature():
    # λmax = 1.12068747 is the article's data's; the exact gradient is twice the article's.
    config = RunConfig(batch="full")
    problem = make_dataset(config)
    assert limit(FitTask(config, problem)) == (pytest.approx(1.7846188564, rel=1e-9), LimitBasis.EXACT)
    assert limit(FitTask(config.replace(gradient="full"), problem)).rate == pytest.approx(1.7846188564 / 2, rel=1e-9)
    heavy = config.replace(optimizer="momentum", momentum=0.5)
    assert limit(FitTask(heavy, problem)).rate == pytest.approx(1.5 * 1.7846188564, rel=1e-9)
    assert limit(FitTask(heavy.replace(optimizer="nesterov"), problem)).rate == pytest.approx(
        0.75 * 1.7846188564, rel=1e-9
    )
    assert limit(FitTask(config.replace(shuffle=True), problem)).basis is LimitBasis.EXACT


def test_narrow_bad_window_is_detected():
    def excess(rates):
        return np.where(rates < 5, 0.1 - np.abs(np.log(rates / 2.003)) * 200, 1.0) - 0.05

    bracket = stability._first_crossing(excess, 1.0, 64)
    assert stability._between(excess, *bracket, 64, 1e-6) == pytest.approx(2.003 * math.exp(-0.05 / 200), rel=1e-5)


@pytest.mark.parametrize("seed", cases([5, 76, 17, 22, 53, 61, 67, 92]))
def test_window_matches_spectral_radius(seed):
    config, problem = random_case(seed)
    task, inside = FitTask(config, problem), 0
    for rate in (limit(task).rate * np.geomspace(1.005, 8, 15)).tolist():
        found = window(task, rate)
        assert (found is not None) == (radius(config, problem.x, rate) < 1)
        if found is not None:
            inside += 1
            assert found.low <= rate <= found.high
            for between in np.linspace(found.low * (1 + 2e-6), found.high * (1 - 2e-6), 8):
                assert radius(config, problem.x, between) <= 1 + 1e-9
            assert radius(config, problem.x, found.low * (1 - 1e-5)) > 1
            assert radius(config, problem.x, found.high * (1 + 1e-5)) > 1
    assert inside


@pytest.mark.parametrize("seed", cases(range(0, 60, 3)))
def test_single_update_epochs_have_no_window(seed):
    config, problem = random_case(seed)
    task = FitTask(config.replace(batch="full"), problem)
    first = limit(task).rate
    for rate in (first * np.geomspace(1.001, 50, 20)).tolist():
        assert radius(task.config, problem.x, rate) > 1
        assert window(task, rate) is None


def test_cases_without_a_window():
    config = RunConfig(samples=3, x_min=-1.7, x_max=0.9, schedule="constant")
    for changes, rate in (({}, 0.2), ({"shuffle": True}, 0.571), ({"optimizer": "adam"}, 0.571)):
        assert window(FitTask(config.replace(**changes), make_dataset(config)), rate) is None
    assert isinstance(window(FitTask(config, make_dataset(config)), 0.571), Window)


def test_what_has_no_limit_says_so():
    problem = make_dataset(RunConfig())
    for optimizer in ("adam", "adagrad", "rmsprop"):
        assert limit(FitTask(RunConfig(optimizer=optimizer), problem)) == (None, LimitBasis.NONE)
    config = RunConfig(optimizer="momentum", shuffle=True)
    assert limit(FitTask(config, problem)) == (None, LimitBasis.NONE)
    found = diagnose(FitTask(config, problem))
    assert not found.too_high(1e6)


@pytest.mark.parametrize("batch", [1, 7])
def test_shuffled_limit_is_only_safe(batch):
    config = RunConfig(samples=30, batch=batch, shuffle=True, schedule="constant", stop_on="never", init=(-1, 10, 26))
    problem = make_dataset(config)
    assert limit(FitTask(config, problem)) == (2 / 3, LimitBasis.SAFE)
    assert distances(config.replace(lr=0.6666), problem, 100)[1] < problem.mean_loss(np.array(config.init))


def test_limit_is_worked_out_once():
    config = RunConfig()
    problem = make_dataset(config)
    assert limit(FitTask(config, problem)) is limit(FitTask(config.replace(lr=0.1, epochs=5), problem))


def test_limit_rounding_allowance_is_tight():
    """The bound of it is a thousand times what there is: the limit was told where ρ is 1.001 by 50 digits."""
    task = make_task(RunConfig(samples=64, scale_features=True, schedule="constant"))
    found, radii = limit(task).rate, []
    for rate in (found * (1 - 1e-5), found * (1 + 1e-5)):
        with localcontext(Context(prec=50)):
            whole = np.array([[Decimal(int(i == j)) for j in range(3)] for i in range(3)])
            for x in map(Decimal, task.trained.x.tolist()):
                row = np.array([x * x, x, Decimal(1)])
                whole = whole - np.outer(Decimal(rate) * row, row @ whole)
        radii.append(np.abs(np.linalg.eigvals(whole.astype(float))).max())
    assert radii[0] < 1 < radii[1]


def test_rounded_w_has_same_windows():
    config = RunConfig(samples=3, x_min=-1.7, x_max=0.9, schedule="constant", lr=0.571)
    found = window(make_task(config), 0.571)
    assert found is not None
    assert window(make_task(config.replace(round_epochs=4)), 0.571) == found


@pytest.mark.parametrize(
    ("changes", "rate"),
    [
        ({"samples": 8, "x_min": 1.5, "x_max": 1.5406, "optimizer": "momentum", "momentum": 0.5}, 0.3330755),
        ({"samples": 31, "x_min": 1990, "x_max": 2024, "optimizer": "nesterov", "momentum": 0.99}, 2.6279e-15),
    ],
)
def test_limit_with_tiny_growth_above(changes, rate):
    # By 1e-9 of it and less: of M − I doubles have these digits, of M they do not.
    task = make_task(RunConfig(**changes))
    assert limit(task).rate == pytest.approx(rate, rel=1e-4)
    with many_digits():
        exact = Exact(task)
        assert exact.shrinks(rate * (1 - 1e-4))
        assert 1e-13 < exact.log_radius(rate * (1 + 1e-3)) < 1e-9
