"""The engine: the same rows from everybody, none twice and none lost, whoever dies on the way."""

import os
from concurrent.futures import CancelledError, Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context

import numpy as np
import pytest
from sweep_works import BASE, DeadlyWork, OnceDeadlyWork, WrongWork, same, space, whole

from quadfit_tui import train
from quadfit_tui.core.sweep import engine
from quadfit_tui.core.sweep.engine import WorkersLostError, results
from quadfit_tui.core.sweep.rows import STATUSES, Rows
from quadfit_tui.core.sweep.space import Space
from quadfit_tui.core.sweep.work import Work
from quadfit_tui.core.sweep.workers import Workers

SPACE = space()
ALONE = whole(results(Work(SPACE), range(len(SPACE)), jobs=1))


@pytest.fixture
def at_once(monkeypatch):
    """Processes are worth it at once, and nobody waits for one that is gone."""
    monkeypatch.setattr(engine, "PAYS", 0.0)
    monkeypatch.setattr(engine, "_TOLD", 0.0)
    monkeypatch.setattr(engine, "_PAUSE", 0.0001)


def test_each_row_is_what_train_comes_to():
    assert ALONE.cell.tolist() == list(range(len(SPACE)))
    assert not ALONE.errors
    for cell in range(len(SPACE)):
        run = train(SPACE.config(cell))
        assert STATUSES[ALONE.status[cell]] == run.status
        if run.status != "diverged":
            assert ALONE.w[cell].tobytes() == run.w[-1].tobytes()
            assert ALONE.epochs[cell] == len(run.epoch)
    assert {STATUSES[status] for status in ALONE.status} == {"finished", "diverged"}


@pytest.mark.usefixtures("at_once")
def test_processes_come_to_the_same():
    assert same(whole(results(Work(SPACE), range(len(SPACE)), jobs=2)), ALONE)


def test_a_few_cells_are_trained_in_the_process_itself(monkeypatch):
    monkeypatch.setattr(engine, "Workers", None)
    some = [3, 50, 99]
    assert same(whole(results(Work(SPACE), some, jobs=2)), ALONE.part(np.array(some)))
    assert list(results(Work(SPACE), [], jobs=2)) == []


def threads():
    return ThreadPoolExecutor(2)


def processes():
    return ProcessPoolExecutor(2, mp_context=get_context("forkserver"))


def workers():
    return Workers(2, int)


def loky():
    return pytest.importorskip("joblib.externals.loky").ProcessPoolExecutor(2)


@pytest.mark.parametrize("kind", [threads, processes, workers, loky])
def test_any_executor_serves(kind):
    with kind() as executor:
        assert same(whole(results(Work(SPACE), range(len(SPACE)), executor=executor)), ALONE)
