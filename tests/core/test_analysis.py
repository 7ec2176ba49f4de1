"""What is said of a run beforehand, against maps built by a plain loop and against the run itself."""

import itertools
import math

import numpy as np
import pytest

from quadfit_tui.core import analysis, forecast, limits
from quadfit_tui.core.analysis import diagnose, epoch_of_rate_below, first_rate, pace
from quadfit_tui.core.config import RunConfig
from quadfit_tui.core.forecast import outlook
from quadfit_tui.core.limits import Ground, Limit, limit
from quadfit_tui.core.patience import GivenUpError, while_wanted
from quadfit_tui.core.presets import PRESETS
from quadfit_tui.core.problem import Problem, make_problem
from quadfit_tui.core.schedules import SCHEDULES
from quadfit_tui.core.session import Session
from quadfit_tui.core.states import Status
from quadfit_tui.core.trainer import Trainer
from quadfit_tui.core.trial import try_changes

# The oracle: the linear part of an epoch, update by update, and NumPy's eigenvalues of it.


def epoch_map(config, x, rate):
    """What an epoch makes of (w, v), shape (6, 6), along the directions that the samples determine."""
    size = len(x) if config.batch == "full" else config.batch
    factor = {"half": 1, "full": 2}[config.gradient]
    mu = config.momentum if config.optimizer in ("momentum", "nesterov") else 0.0
    whole, seen = np.eye(6), []
    for low in range(0, len(x) - size + 1, size):
        rows = [np.array([value * value, value, 1.0]) for value in x[low : low + size].tolist()]
        seen += rows
        slope = rate * factor * sum(np.outer(row, row) for row in rows) / size
        velocity = np.hstack([-slope, mu * np.eye(3)])
        ahead = np.hstack([-slope, np.zeros((3, 3))]) + mu * velocity
        step = ahead if config.optimizer == "nesterov" else velocity
        whole = (np.eye(6) + np.vstack([step, velocity - np.hstack([np.zeros((3, 3)), np.eye(3)])])) @ whole
    u, s, _ = np.linalg.svd(np.array(seen).T, full_matrices=False)
    basis = np.kron(np.eye(2), u[:, s > 1e-9 * s[0]])
    return basis.T @ whole @ basis


def radius(config, x, rate):
    return np.abs(np.linalg.eigvals(epoch_map(config, x, rate))).max()


def random_case(seed):
    """A configuration with a constant rate, and its problem: x in no order, some of them equal."""
    rng = np.random.default_rng(seed)
    count = int(rng.integers(1, 24))
    x = rng.normal(rng.uniform(-1, 1), rng.uniform(0.3, 2), count).round(int(rng.integers(0, 4)))
    kind = seed % 3
    optimizer = ("sgd", "sgd", "momentum", "sgd", "nesterov")[seed % 5]
    config = RunConfig(
        true=rng.normal(0, 3, 3),
        init=rng.normal(0, 10, 3),
        samples=count,
        batch=("full", 1, int(rng.integers(1, count + 1)))[kind],
        gradient=("half", "full")[seed // 3 % 2],
        optimizer=optimizer,
        momentum=float(rng.uniform(0.1, 0.9)),
        schedule="constant",
        stop_on="never",
        epochs=10**9,
    )
    return config, Problem(x, np.array(config.true) @ [x * x, x, np.ones_like(x)], config.true)


def distances(config, problem, epochs):
    """How far w is from where the run settles, after so many epochs and twice as many; inf once it has diverged."""
    trainer, found = Trainer(config, problem), []
    for goal in (epochs, 2 * epochs):
        while trainer.epoch < goal and not trainer.diverged:
            trainer.advance(4096)
        found.append(math.inf if trainer.diverged else problem.mean_loss(trainer.w))
    return found


@pytest.mark.parametrize("seed", range(60))
def test_limit_is_where_the_spectral_radius_reaches_one(seed):
    config, problem = random_case(seed)
    rate, ground = limit(config, problem)
    assert ground is Ground.EXACT
    for share in (0.3, 0.9, 0.98, 0.9999):
        assert radius(config, problem.x, share * rate) <= 1 + 1e-9
    for share in (1.0001, 1.02):
        assert radius(config, problem.x, share * rate) > 1


@pytest.mark.parametrize("seed", range(50))
def test_just_below_the_limit_a_run_converges_and_just_above_it_diverges(seed):
    config, problem = random_case(seed)
    rate = limit(config, problem).rate
    start = problem.mean_loss(np.array(config.init))
    middle, end = distances(config.replace(lr=0.98 * rate), problem, 400)
    assert end <= max(middle, 1e-20 * start)
    assert end < start
    middle, end = distances(config.replace(lr=1.02 * rate), problem, 400)
    assert end > 10 * middle or end == math.inf
    assert end > 100 * start


@pytest.mark.parametrize("seed", range(0, 60, 5))
def test_no_smaller_rate_diverges(seed):
    config, problem = random_case(seed)
    rate = limit(config, problem).rate
    assert all(radius(config, problem.x, share * rate) <= 1 + 1e-9 for share in np.linspace(0.01, 0.999, 150))


@pytest.mark.parametrize(("samples", "batch"), [(800, 1), (400, 1), (800, 16)])
def test_where_rounding_sets_the_limit_it_is_that_of_the_run(samples, batch):
    # In exact arithmetic higher rates would do: that the errors of an epoch die out again is lost to rounding.
    config = RunConfig(samples=samples, batch=batch, schedule="constant", stop_on="never", init=(1, 1, 1))
    problem = make_problem(config)
    rate, ground = limit(config, problem)
    start = problem.mean_loss(np.array(config.init))
    assert distances(config.replace(lr=0.97 * rate), problem, 30)[1] < start
    assert distances(config.replace(lr=1.03 * rate), problem, 30)[1] > 1e6 * start
    assert ground is (Ground.ROUNDING if batch == 1 else Ground.EXACT)


def test_limit_of_full_batch_is_that_of_the_curvature():
    # λmax = 1.12068747 is the article's data's; the exact gradient is twice the article's.
    config = RunConfig(batch="full")
    problem = make_problem(config)
    assert limit(config, problem) == (pytest.approx(1.7846188564, rel=1e-9), Ground.EXACT)
    assert limit(config.replace(gradient="full"), problem).rate == pytest.approx(1.7846188564 / 2, rel=1e-9)
    heavy = config.replace(optimizer="momentum", momentum=0.5)
    assert limit(heavy, problem).rate == pytest.approx(1.5 * 1.7846188564, rel=1e-9)
    assert limit(heavy.replace(optimizer="nesterov"), problem).rate == pytest.approx(0.75 * 1.7846188564, rel=1e-9)
    assert limit(config.replace(shuffle=True), problem).ground is Ground.EXACT


def test_a_window_of_bad_rates_between_two_that_are_tried_is_found():
    def excess(rates):
        return np.where(rates < 5, 0.1 - np.abs(np.log(rates / 2.003)) * 200, 1.0) - 0.05

    bracket = limits._first_crossing(excess, 1.0, 64)
    assert limits._between(excess, *bracket, 64, 1e-6) == pytest.approx(2.003 * math.exp(-0.05 / 200), rel=1e-5)


def test_what_has_no_limit_says_so():
    problem = make_problem(RunConfig())
    for optimizer in ("adam", "adagrad", "rmsprop"):
        assert limit(RunConfig(optimizer=optimizer), problem) == (None, Ground.NONE)
    config = RunConfig(optimizer="momentum", shuffle=True)
    assert limit(config, problem) == (None, Ground.NONE)
    found = diagnose(config, problem)
    assert found.fraction(0.5) is None
    assert not found.too_high(1e6)


@pytest.mark.parametrize("batch", [1, 7])
def test_of_a_new_order_each_epoch_only_the_safe_rate_is_known(batch):
    config = RunConfig(samples=30, batch=batch, shuffle=True, schedule="constant", stop_on="never", init=(-1, 10, 26))
    problem = make_problem(config)
    assert limit(config, problem) == (2 / 3, Ground.SAFE)
    assert distances(config.replace(lr=0.6666), problem, 100)[1] < problem.mean_loss(np.array(config.init))


def test_condition_number_is_that_of_the_curvature():
    for seed in range(10):
        x = np.random.default_rng(seed).normal(seed, 1, 20)
        rows = np.column_stack([x * x, x, np.ones_like(x)])
        values = np.linalg.svd(rows, compute_uv=False)
        assert Problem(x, x, None).condition == pytest.approx((values[0] / values[-1]) ** 2, rel=1e-6)
    assert Problem(np.array([1.0, 2.0, 1.0]), np.ones(3), None).condition == math.inf
    assert Problem(np.array([5.0]), np.ones(1), None).condition == math.inf


# How long it takes


def true_epochs(config, problem, most=40_000):
    """After how many epochs the trainer's mean loss is below tol."""
    trainer = Trainer(config, problem)
    while trainer.epoch < most and not trainer.diverged:
        trainer.advance(4096)
        if trainer.update == 0 and problem.mean_loss(trainer.w) < config.tol:
            return trainer.epoch
    return None


@pytest.mark.parametrize("share", [0.05, 0.5, 0.95])
@pytest.mark.parametrize("seed", range(0, 40, 2))
def test_predicted_epochs_are_those_of_the_run(seed, share):
    config, problem = random_case(seed)
    config = config.replace(lr=share * limit(config, problem).rate, tol=1e-5)
    predicted, true = outlook(config, problem, math.inf).epochs, true_epochs(config, problem, 3000)
    if true is None:
        assert predicted is None or predicted > 3000
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
    problem = make_problem(config)
    highest = limit(config, problem).rate or 0.3 * (1 - config.momentum)
    share = (rng.uniform(0.02, 0.99), 1 - 10 ** rng.uniform(-4, -1), rng.uniform(1, 1.3))[
        int(rng.choice(3, p=(0.7, 0.2, 0.1)))
    ]
    return config.replace(lr=float(share * highest)), problem


def test_a_number_of_epochs_is_right_or_is_not_told():
    """Of swinging losses, near a limit, after a flight above it; and where training gets there, most are told."""
    got_there = told = 0
    for seed in range(40):
        config, problem = any_run(seed)
        predicted = outlook(config, problem, 50, itertools.count().__next__).epochs  # not by a clock, but by its looks
        most = config.epochs if config.schedule == "cosine" else 1000
        true = true_epochs(config, problem, most)
        got_there += true is not None
        told += true is not None and predicted is not None
        if true is None:
            assert predicted is None or predicted > most, seed
        elif predicted is not None:
            assert abs(predicted - true) <= 1, seed
    assert got_there > 20
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
            None,  # the trainer takes 342, leaps 335
        ),
    ],
    ids=["swings", "rounding", "blown up", "blown up, then in reach"],
)
def test_what_was_predicted_wrongly_is_right_or_is_not_told(changes, epochs):
    config = RunConfig(epochs=3000, **changes)
    assert outlook(config, make_problem(config)).epochs == epochs


@pytest.mark.parametrize(
    "changes",
    [{"optimizer": "adam"}, {"shuffle": True, "batch": 7, "decay_every": 300}, {"round_epochs": 4, "tol": 0.1}],
    ids=str,
)
def test_what_no_algebra_tells_is_done_beforehand(changes):
    config = RunConfig(samples=40, epochs=2000, init=(1, -3, 2)).replace(**changes)
    problem = make_problem(config)
    true = true_epochs(config, problem, 2000)
    assert true is not None
    assert outlook(config, problem, math.inf).epochs == true


def test_of_a_run_that_its_own_rule_stops_before_nothing_is_predicted():
    config, problem = PRESETS["article-as-printed"], make_problem(RunConfig())
    assert outlook(config, problem).epochs is None
    assert outlook(config.replace(stop_on="dataset"), problem).epochs == true_epochs(config, problem)
    assert (
        outlook(config.replace(round_epochs=None, batch="full", lr=1.7, schedule="constant"), problem).epochs
        is not None
    )


def test_the_outlook_tells_how_a_run_ends():
    config = RunConfig(noise=0.5, samples=40, batch=8, shuffle=True, epochs=30)
    problem = make_problem(config)
    trainer = Trainer(config, problem)
    while trainer.epoch < 30:
        trainer.advance(100)
    assert outlook(config, problem) == (None, False, pytest.approx(trainer.mean_loss, rel=1e-9), False)
    assert outlook(PRESETS["too-fast"], make_problem(RunConfig())).diverges


def test_epochs_beyond_those_that_are_followed_are_predicted_as_well(monkeypatch):
    config = RunConfig(samples=12, batch="full", lr=0.01, schedule="constant", init=(-1, 10, 26), optimizer="momentum")
    problem = make_problem(config)
    true = true_epochs(config.replace(momentum=0.3), problem)
    assert true > 2 * forecast.BLOCK
    monkeypatch.setattr(forecast, "FOLLOWED", 1000)
    assert outlook(config.replace(momentum=0.3), problem, math.inf).epochs == true


def test_epochs_far_beyond_any_loop_follow_the_slowest_component():
    config = PRESETS["ill-conditioned"]
    problem = make_problem(config)
    values, vectors = np.linalg.eigh(
        np.column_stack([problem.x**2, problem.x, np.ones(800)]).T
        @ np.column_stack([problem.x**2, problem.x, np.ones(800)])
        / 800
    )
    part = vectors[:, 0] @ (np.array(config.init) - problem.optimum)
    expected = math.log(values[0] * part**2 / config.tol) / (2 * config.lr * values[0])
    assert outlook(config, problem, math.inf).epochs == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize("schedule", ["halve", "exponential", "inverse-time", "cosine"])
@pytest.mark.parametrize("batch", [1, "full"])
def test_schedule_is_taken_into_account(schedule, batch):
    config = RunConfig(samples=40, batch=batch, lr=0.6, schedule=schedule, decay_every=30, init=(1, -3, 2), tol=1e-2)
    problem = make_problem(config)
    true = true_epochs(config, problem, 90)
    assert true is not None
    assert outlook(config, problem, math.inf).epochs == true


@pytest.mark.parametrize(
    "changes",
    [
        {"noise": 1.0},
        {"lr": 3.0},
        {"lr": 1e-3},
        {"tol": 0.0},
        {"batch": "full", "lr": 2.0, "schedule": "constant"},
    ],
    ids=str,
)
def test_no_number_of_epochs_is_made_up(changes):
    config = RunConfig(samples=40).replace(**changes)
    assert outlook(config, make_problem(config)).epochs is None


def test_left_of_the_distance_is_measured_in_the_run():
    config = RunConfig(samples=50, batch=10, lr=0.4, schedule="constant", stop_on="never", init=(-1, 10, 26))
    problem = make_problem(config)
    trainer, losses = Trainer(config, problem), []
    while trainer.epoch < 40:
        losses.append(math.sqrt(problem.mean_loss(trainer.w)))
        while trainer.advance(100).update and trainer.update:
            pass
    left = pace(config, problem, 0.4).left
    assert left == pytest.approx(losses[-1] / losses[-2], rel=1e-3)
    assert left == pytest.approx(radius(config, problem.x, 0.4), rel=1e-9)
    assert diagnose(config, problem).fraction(0.4) == pytest.approx(0.4 / limit(config, problem).rate)


@pytest.mark.parametrize("optimizer", ["sgd", "momentum"])
def test_what_the_data_leave_open_is_no_distance(optimizer):
    # Two different x: a direction of w never moves, and has an eigenvalue of 1 that says nothing.
    config = RunConfig(optimizer=optimizer, momentum=0.5, lr=0.05)
    problem = Problem(np.array([1.0, -2.0, 1.0, 1.0]), np.zeros(4), None)
    left = pace(config, problem, 0.05).left
    assert left == pytest.approx(radius(config, problem.x, 0.05), rel=1e-9)
    assert left < 0.99


# Where a run goes wrong


def test_first_rise_is_that_of_a_plain_walk(plain):
    for changes in ({"lr": 1.2}, {"batch": "full", "lr": 1.9}, {"batch": 16, "lr": 0.9, "init": (2, -4, 3.1)}):
        config = RunConfig(**changes)
        xs, ys = plain.samples(config)
        rise = analysis.first_rise(config, make_problem(config))
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
    assert analysis.first_rise(RunConfig(batch="full"), make_problem(RunConfig())) is None


def test_no_more_updates_are_followed_than_there_is_time_for():
    config = RunConfig(samples=100_000, batch="full", optimizer="adam", lr=1e-9)
    seconds = iter(range(1000))
    assert analysis.first_rise(config, make_problem(config), budget=5, clock=lambda: next(seconds)) is None
    assert next(seconds) <= 10


@pytest.mark.parametrize(
    "work",
    [
        lambda config, problem: limit(config, problem),
        lambda config, problem: outlook(config, problem, math.inf).epochs,
        lambda config, problem: analysis.first_rise(config, problem),
        lambda config, problem: try_changes(config, problem, Limit(None, Ground.NONE)),
    ],
)
def test_work_that_nobody_waits_for_is_given_up(work):
    config = RunConfig(samples=50, lr=0.1)
    asked = []
    with pytest.raises(GivenUpError), while_wanted(lambda: bool(asked.append(1))):
        work(config, make_problem(config))
    assert len(asked) == 1
    work(config, make_problem(config))  # nobody is asked any more


def test_loss_of_the_last_update_is_measured_by_the_mean_loss():
    assert analysis.loss_gap(0.0, 3.0) is None  # as where it is rounded
    assert analysis.loss_gap(2.0, 3.0) == 1.5


def test_limit_is_worked_out_once():
    config = RunConfig()
    problem = make_problem(config)
    assert limit(config, problem) is limit(config.replace(lr=0.1, epochs=5), problem)


@pytest.mark.parametrize("share", [1.02, 1.5, 40.0])
@pytest.mark.parametrize("seed", range(0, 60, 3))
def test_the_rate_to_try_is_stable_and_a_restart_with_it_converges_as_told(seed, share):
    config, problem = random_case(seed)
    found = limit(config, problem)
    config = config.replace(lr=min(share * found.rate, 1e6), stop_on="dataset", epochs=10**6)
    trial = try_changes(config, problem, found, math.inf)
    assert radius(config, problem.x, trial.rate) < 1
    assert found.rate / 2 < trial.rate < found.rate
    assert trial.converged
    assert true_epochs(config.replace(lr=trial.rate), problem, 10**6) == trial.epochs


@pytest.mark.parametrize(
    "changes",
    [
        {"lr": 1.2, "schedule": "constant"},
        {"lr": 2.5, "batch": 16},
        {"lr": 2.0, "shuffle": True},
        {"lr": 30.0, "optimizer": "momentum", "shuffle": True},
        {"lr": 3.0, "optimizer": "nesterov", "samples": 50, "schedule": "cosine"},
    ],
    ids=str,
)
def test_a_restart_with_the_rate_to_try_ends_as_told(changes):
    config = RunConfig(**changes)
    problem = make_problem(config)
    trial = try_changes(config, problem, limit(config, problem), math.inf)
    session = Session(config.replace(lr=trial.rate), speed=None)
    session.play()
    while not session.status.ended:
        session.advance(1)
    end = session.snapshot()
    assert trial == ("lr", trial.rate, config.schedule, True, True, end.epoch, pytest.approx(end.mean_loss))
    assert trial.applied(config) == config.replace(lr=trial.rate)
    assert end.status is Status.CONVERGED
    assert trial.rate < config.lr


def test_where_no_rate_converges_one_that_comes_nearer_is_told():
    config = RunConfig(batch="full", lr=3.0, epochs=10)
    problem = make_problem(config)
    trial = try_changes(config, problem, limit(config, problem))
    assert (trial.rate, trial.converged, trial.good, trial.epochs) == (1.6, False, False, 10)
    assert trial.mean_loss < problem.mean_loss(np.array(config.init))
    # What stops too early has not converged.
    config = RunConfig(stop_on="last-update", round_epochs=2, lr=1.2)
    assert not try_changes(config, problem, limit(config, problem)).converged


def test_nothing_is_told_that_was_not_tried():
    config = RunConfig(lr=1.2)
    problem = make_problem(config)
    assert try_changes(config, problem, limit(config, problem), budget=0) is None
    # From the optimum nothing comes nearer; what hardly leaves it is good enough.
    config = RunConfig(lr=2.0, init=(2, -4, 3), noise=1.0, stop_on="never", epochs=3)
    problem = make_problem(config)
    config = config.replace(init=tuple(problem.optimum.tolist()))
    trial = try_changes(config, problem, limit(config, problem), math.inf)
    assert trial.good
    least = problem.mean_loss(problem.optimum)
    assert least < trial.mean_loss < 1.1 * least


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("bound", [2.0, 0.9, 0.3, 1e-3, 1e-12])
def test_first_epoch_with_a_low_enough_rate(schedule, bound):
    config = RunConfig(schedule=schedule, lr=1.0, epochs=50, decay_every=3)
    rates = [SCHEDULES[schedule].rate(config, epoch) for epoch in range(50)]
    assert first_rate(config) == rates[0] == max(rates)
    assert epoch_of_rate_below(config, bound) == next((at for at, rate in enumerate(rates) if rate < bound), None)
