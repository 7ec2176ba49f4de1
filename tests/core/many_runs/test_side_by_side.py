"""Many runs side by side come out as each does alone, to the last bit; which runs may not go together."""

import math
from unittest.mock import patch

import numpy as np
import pytest
from configurations import configurations, values
from hypothesis import given
from hypothesis import strategies as st
from tables import table
from timeline_runs import RUNS
from trials import trials

from quadfit_tui import train
from quadfit_tui.core.config.parameters import PARAMETERS, USED_BY, RunConfig
from quadfit_tui.core.many_runs import side_by_side as module
from quadfit_tui.core.many_runs.side_by_side import VectorizedRuns
from quadfit_tui.core.methods.optimizers import OPTIMIZERS
from quadfit_tui.core.methods.schedules import SCHEDULES
from quadfit_tui.core.methods.stopping import STOP_RULES
from quadfit_tui.core.model.cancellation import WorkCancelledError, cancel_unless
from quadfit_tui.core.model.problem import Dataset
from quadfit_tui.core.model.task import FitTask, make_task
from quadfit_tui.core.session.whole_run import whole_run
from quadfit_tui.core.training.status import Status

SMALL = RunConfig(samples=9, epochs=15, batch=2, init=(-1, 10, 26), seed=3, noise=0.3)
CHANGES = [
    {"lr": 1e-3, "momentum": 0.3, "beta1": 0.5, "beta2": 0.9, "rho": 0.1, "decay_rate": 0.2},
    {"lr": 0.1, "momentum": 0.5, "beta1": 0.7, "beta2": 0.7, "rho": 0.3, "decay_rate": 0.4},
    {"lr": 0.9, "momentum": 0.1, "beta1": 0.9, "beta2": 0.99, "rho": 0.5, "decay_rate": 0.6},
    {"lr": 60.0, "momentum": 0.9, "beta1": 0.1, "beta2": 0.3, "rho": 0.7, "decay_every": 3},
    {"lr": 1e5, "momentum": 0.0, "beta1": 0.0, "beta2": 0.0, "rho": 0.0, "epsilon": 0.5},
]


def side_by_side(config, changes, few=None):
    """The runs; those that have the samples in common have one problem, as in a sweep."""
    known, tasks = [], []
    for each in changes:
        tasks.append(make_task(config.replace(**each), *known))
        known.append(tasks[-1].problem)
    return VectorizedRuns(tasks, few)


def ends_of(config, changes, seconds=60.0, few=0):
    """How the runs end, trained in slices of so many seconds; no more than `few` by themselves."""
    runs = side_by_side(config, changes, few)
    while not runs.advance(seconds):
        pass
    return runs.ends


def exact(status, epochs, mean_loss, w, updates):
    """All of it as what can be compared to the last bit; nan is nan."""
    return status, epochs, float(mean_loss).hex(), [float(value).hex() for value in w], updates


def alone(config):
    """How a run ends by itself."""
    run = train(config)
    if run._end.overflowed:
        return exact(run.status, run.epoch[-1], math.inf, [math.nan] * 3, run._end.updates)
    return exact(run.status, len(run.w), run.mean_loss[-1], run.w[-1], run._end.updates)


def check(config, changes, few=0):
    """That the runs end as each does alone; gives how that was."""
    found = [exact(*end) for end in ends_of(config, changes, few=few)]
    assert found == [alone(config.replace(**each)) for each in changes]
    return {status for status, *_ in found}


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_each_run_ends_as_it_does_alone(optimizer):
    seen = set()
    for number, schedule in enumerate(SCHEDULES):
        for shuffle in (False, True):
            config = SMALL.replace(
                optimizer=optimizer,
                schedule=schedule,
                shuffle=shuffle,
                batch=(1, 2, 4, "full", 9)[(number + 2 * shuffle) % 5],
                scale_features=bool(number % 2),
                stop_on=[*STOP_RULES][(number + shuffle) % 3],
                tol=3.0,
                gradient="full" if number % 3 else "half",
                round_epochs=2 if number == 3 else None,
            )
            seen |= check(config, CHANGES)
    assert seen >= {"finished", "converged"}
    assert "diverged" in seen or not OPTIMIZERS[optimizer].is_affine


@pytest.mark.parametrize("name", RUNS)
def test_mixed_spans_and_updates(name):
    # Where some go on by spans, others update by update, and some in turns.
    config = RUNS[name].replace(epochs=min(RUNS[name].epochs, 200))
    check(config, [{"lr": config.lr * part} for part in (0.01, 0.5, 0.8, 1, 0.9)], few=1)


@st.composite
def kindred(draw):
    """A short run, and what is changed of it in others that may go beside it."""
    rows = {name: PARAMETERS[name].value_type for name in ("lr", "init", *USED_BY)}
    changes = st.fixed_dictionaries({}, optional={name: values(kind) for name, kind in rows.items()})
    config = draw(configurations()).replace(epochs=draw(st.integers(1, 25)))
    return config, [{}, *draw(st.lists(changes, max_size=5))]


@trials(100)
@given(kindred(), st.sampled_from([0, 1, 3, 99]))
def test_whatever_they_differ_in(case, few):
    check(*case, few)


@trials(30)
@given(kindred())
def test_slices_make_no_difference(case):
    assert [exact(*end) for end in ends_of(*case, seconds=0.0)] == [exact(*end) for end in ends_of(*case)]


@table("changes", [{"batch": 1}, {"batch": 1, "optimizer": "adam"}, {"batch": 3}])
def test_few_runs_go_one_by_one(changes):
    """Few runs take less time one by one."""
    config = SMALL.replace(epochs=2, round_epochs=12, **changes)
    most = module.most_alone_of(make_task(config))
    with patch.object(module, "mean_losses", side_effect=ZeroDivisionError):  # of many at once
        assert side_by_side(config, [{}] * most).advance(60.0)
        with pytest.raises(ZeroDivisionError):
            side_by_side(config, [{}] * (most + 1)).advance(60.0)


@table("few", [0, 99])
def test_what_is_rounded(few):
    # w to zeros without a sign; a loss that is judged to less than tol.
    config = SMALL.replace(
        true=(0, 0, 0), noise=0, batch=1, lr=1e-3, schedule="constant", epochs=3, tol=0, round_epochs=0
    )
    check(config, [{"init": (-0.3, 0.2, -0.1)}, {"init": (0.3, -0.4, 0)}], few)
    config = config.replace(stop_on="last-update", tol=1e-9, round_epochs=2, init=(0, 0, 0.05), lr=1e-6)
    assert check(config, [{}, {"lr": 2e-6}], few) == {"converged"}


def test_more_runs_than_a_piece_holds():
    config = SMALL.replace(samples=4000, batch=1000, epochs=2, optimizer="adam")
    check(config, [{"lr": rate} for rate in np.geomspace(1e-3, 1e3, 20).tolist()])


@table("changes", [{}, {"batch": 9000}, {"batch": 20, "shuffle": True}, {"stop_on": "dataset", "tol": 1e4}])
def test_many_samples_match_single_runs(changes):
    config = SMALL.replace(samples=9000, batch="full", epochs=2, optimizer="adam", stop_on="never").replace(**changes)
    check(config, [{"lr": rate} for rate in (0.1, 1.0, 3.0)])


def test_early_convergence_beside_longer_runs():
    config = SMALL.replace(optimizer="adam", noise=0, epochs=5)
    ends = ends_of(config, [{"init": (2, -4, 3), "lr": 1e-6}, {"lr": 1e-6}])
    assert [(end.status, end.epochs) for end in ends] == [("converged", 1), ("finished", 5)]


def test_overflow_within_epoch_ends_run():
    # The first sample takes w far away, the second back: only the loss of that one may leave the doubles.
    problem = Dataset(np.array([1000.0, 50.0, 50.0]), np.zeros(3), (0.0, 0.0, 0.0))
    config = SMALL.replace(batch=1, lr=1.6e-7, schedule="constant", epochs=200, stop_on="never")
    tasks = [FitTask(config.replace(init=(1.5**power, 1, 1)), problem) for power in range(12)]
    runs = VectorizedRuns(tasks, 0)
    assert runs.advance(60.0)
    each = [whole_run(task, lambda: True) for task in tasks]
    assert [end[:3] for end in runs.ends] == [outcome[:3] for outcome in each]
    assert {outcome.status for outcome in each} == {Status.DIVERGED}


def test_what_diverged_has_neither_loss_nor_w():
    (end,) = ends_of(SMALL, [{"lr": 1e6}])
    assert (end.status, end.mean_loss) == (Status.DIVERGED, math.inf)
    assert np.isnan(end.w).tolist() == [True] * 3


@table(
    ("changes", "named"),
    [
        ({"batch": 3}, "batch"),
        ({"optimizer": "adam"}, "optimizer"),
        ({"schedule": "constant"}, "schedule"),
        ({"shuffle": True}, "shuffle"),
        ({"epochs": 14}, "epochs"),
        ({"gradient": "full"}, "gradient"),
        ({"scale_features": True}, "scale features"),
        ({"tol": 2}, "tol"),
        ({"stop_on": "never"}, "stop on"),
        ({"round_epochs": 2}, "round epochs"),
    ],
)
def test_runs_of_another_kind_are_refused(changes, named):
    with pytest.raises(ValueError, match=rf"\b{named}\b") as refused:
        side_by_side(SMALL, [{}, changes])
    assert "\n" not in str(refused.value)


def test_seeds_without_noise_share_samples():
    config = SMALL.replace(noise=0, init="random", optimizer="adam")
    check(config, [{"seed": seed, "lr": rate} for seed in range(4) for rate in (0.1, 1.0)])


OWN = {
    "sample by sample": {"batch": 1},
    "sample by sample, by a rule": {"batch": 1, "optimizer": "adam"},
    "batches": {"optimizer": "rmsprop", "batch": 4},
    "all samples": {"optimizer": "adagrad", "batch": "full", "stop_on": "dataset", "tol": 5.0},
    "scaled": {"optimizer": "adam", "scale_features": True},
    "rounded": {"round_epochs": 3},
    "with spans": {"optimizer": "momentum", "lr": 0.1, "schedule": "constant"},
    "more samples than are looked at": {"optimizer": "adam", "samples": 8200, "batch": 4100, "epochs": 2},
}


@pytest.mark.parametrize("kind", OWN)
@table("shuffle", [False, True])
def test_runs_with_own_samples_and_orders(kind, shuffle):
    config = SMALL.replace(shuffle=shuffle, **OWN[kind])
    changes = [{"seed": seed, "lr": rate} for seed in range(3) for rate in (0.05, 0.2)]
    changes += [{"noise": 0}, {"noise": 1.0}, {"x_min": 0.5}, {"x_max": 3, "true": (1, 2, 3), "lr": 0.01}]
    check(config, changes)
    check(config, changes, few=2)


def test_unequal_samples_and_no_runs_are_refused():
    with pytest.raises(ValueError, match="number of samples"):
        VectorizedRuns([make_task(SMALL), make_task(SMALL.replace(samples=10))])
    with pytest.raises(ValueError, match="no runs"):
        VectorizedRuns([])


def test_it_tells_how_far_it_is():
    runs = side_by_side(SMALL.replace(optimizer="adam", stop_on="never"), [{"lr": 1e-3}, {"lr": 1e-2}])
    shares = [runs.share]
    assert not runs.advance(0.0)
    while not runs.advance(0.0):
        shares.append(runs.share)
    assert {epochs / 15 for epochs in range(15)} <= {*shares}
    assert sorted(shares) == shares
    assert runs.share == 1
    assert runs.advance(0.0)


@table(
    ("config", "momenta", "least"),
    [
        (SMALL.replace(optimizer="momentum", epochs=3), 10, 20),  # which go together by spans, each with its like
        # That there are no spans, and its end, of each; pieces of batches, an update, pieces of losses.
        (SMALL.replace(samples=100, batch="full", round_epochs=6, epochs=2), 1, 2 * 400 + 2 * (3 + 1 + 3)),
    ],
)
def test_work_is_cut_into_many_slices(config, momenta, least):
    """Keys are answered between slices."""
    rates = np.linspace(1e-3, 0.1, 400 // momenta).tolist()
    runs = side_by_side(config, [{"lr": lr, "momentum": at / 10} for lr in rates for at in range(momenta)])
    slices = 1
    while not runs.advance(0.0):
        slices += 1
    assert slices >= least


def test_it_stops_where_nobody_waits():
    runs = side_by_side(SMALL.replace(optimizer="adam"), [{}])
    with cancel_unless(lambda: False), pytest.raises(WorkCancelledError):
        runs.advance(60.0)
    assert runs.ends == [None]
