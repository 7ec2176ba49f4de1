"""How a run comes out that is done to its end: as the session does it, epoch by epoch."""

import math

from tables import table

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.methods.stopping import STOP_RULES
from quadfit_tui.core.model.task import make_task
from quadfit_tui.core.session.session import RunSession
from quadfit_tui.core.session.whole_run import RunOutcome, whole_run
from quadfit_tui.core.training.status import Status

RUNS = [
    {"batch": "full", "schedule": "constant", "epochs": 400},
    {"batch": "full", "lr": 3.0, "schedule": "constant", "epochs": 2000},  # diverges
    {"optimizer": "adam", "lr": 30.0, "batch": 16, "shuffle": True},
    {"optimizer": "momentum", "lr": 0.01, "shuffle": True, "epochs": 3},
    {"batch": "full", "epochs": 30, "tol": 0.1},  # not enough
    {
        "batch": "full",
        "lr": 3.0,
        "schedule": "constant",
        "init": (2, -4, 3.001),
        "tol": 1e-4,
        "epochs": 8,
    },  # rises again
    {"lr": 0.5, "noise": 0.3, "tol": 0.1, "init": (2, -4, 3.5), "batch": 16, "schedule": "constant", "epochs": 20},
]


def session_of(config, epochs):
    session = RunSession(config, speed=None)
    session.seek(epochs)
    while session.is_busy:
        session.advance(1)
    return session.snapshot()


@table("rule", STOP_RULES)
@table("changes", RUNS, ids=str)
def test_it_comes_out_as_in_the_session(changes, rule):
    config = RunConfig(**{"samples": 100} | changes, stop_on=rule)
    came, end = whole_run(make_task(config), lambda: True), session_of(config, config.epochs)
    assert came.status is end.status
    if end.status is Status.DIVERGED:
        assert came == RunOutcome(Status.DIVERGED, came.epochs, math.inf, False)
        return
    assert came.mean_loss == end.mean_loss
    stops = STOP_RULES[rule].select_loss is not None
    assert came.converged == (end.mean_loss < config.tol and (end.status is Status.CONVERGED or not stops))
    if stops or not came.converged:
        assert came.epochs == end.epoch
    else:
        assert [session_of(config, came.epochs - back).mean_loss < config.tol for back in (1, 0)] == [False, True]


def test_timeout_gives_outcome_only_below_tol():
    config = RunConfig(batch="full", optimizer="adam", lr=30.0, schedule="constant", epochs=2000, stop_on="never")
    config = config.replace(samples=50, tol=10.0)
    below = whole_run(make_task(config), lambda: True).epochs
    for looks in (1, below // 2, below + 300):
        left = iter(range(looks))
        came = whole_run(make_task(config), lambda left=left: next(left, None) is not None)
        if looks < below:
            assert came is None
        else:
            assert (came.status, came.epochs, came.converged) == (None, below, True)
            assert came.mean_loss < config.tol
