"""Status: when a run that has done its epochs has diverged, by itself, side by side, and in a sweep."""

import numpy as np
import pytest
from tables import table

from quadfit_tui import PRESETS, RunConfig, Session, train
from quadfit_tui.core.many_runs.side_by_side import VectorizedRuns
from quadfit_tui.core.model.task import make_task
from quadfit_tui.core.training.status import Status, status_after_all_epochs

SMALL = RunConfig(samples=12, batch="full", schedule="constant", stop_on="never", init=(3, 1, -2))


@table(
    ("times_start", "times_zero", "expected"),
    [
        (1001, 1.01, Status.DIVERGED),
        (999, 1.01, Status.FINISHED),
        (1001, 0.99, Status.FINISHED),  # w = 0 fits worse: nothing has come far
        (0.5, 2, Status.FINISHED),
    ],
)
def test_divergence_thresholds(times_start, times_zero, expected):
    task = make_task(SMALL)
    zero = float(np.mean(task.problem.y**2))
    task.__dict__["loss_at_start"] = zero * times_zero / times_start
    assert status_after_all_epochs(task, zero * times_zero) is expected


def test_start_at_optimum_has_not_diverged():
    run = train(SMALL.replace(init=(2, -4, 3), lr=0.1, epochs=50))
    assert make_task(run.config).loss_at_start == 0
    assert run.status == "finished"


@pytest.mark.parametrize("changes", [{}, {"optimizer": "adam", "lr": 1e3}, {"batch": 3, "shuffle": True}], ids=str)
def test_divergence_alone_equals_side_by_side(changes):
    rates = [3.0, 3.1, 4.0, 5.0] if "lr" not in changes else [1e5, 2e5, 3e5, 4e5]
    first = make_task(SMALL.replace(**{**changes, "epochs": 40}))
    tasks = [first.replace(lr=lr) for lr in rates]
    runs = VectorizedRuns(tasks)
    while not runs.advance(1.0):
        pass
    for task, end in zip(tasks, runs.ends, strict=True):
        run = train(task.config)
        assert (end.status, end.epochs) == ("diverged", 40)
        assert run.status == "diverged"
        assert end.mean_loss == run.mean_loss[-1] > 1000 * task.loss_at_start
        assert end.w.tobytes() == run.w[-1].tobytes()
        assert np.isfinite(run.loss).all()
        assert len(run.epoch) == 40


def test_no_preset_ends_in_another_way():
    ends = {
        name: train(config).status for name, config in PRESETS.items() if config.data is None and name != "own-data"
    }
    assert {name for name, status in ends.items() if status == "diverged"} == {"too-fast"}


def test_diverged_run_can_be_continued():
    session = Session(SMALL.replace(lr=3.0, epochs=20), speed=None)
    session.play()
    while session.is_busy:
        session.advance(1.0)
    end = session.snapshot()
    assert (end.status, end.epoch, end.overflowed) == (Status.DIVERGED, 20, False)
    session.carry_on()
    assert session.config.init == tuple(end.w.tolist())
    session.step("epoch")
    while session.is_busy:
        session.advance(1.0)
    assert session.snapshot().mean_loss > end.mean_loss
