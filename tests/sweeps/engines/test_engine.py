"""The engine: the same rows from everybody, none twice; who dies ends it, and is told."""

import os
from concurrent.futures import CancelledError, Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest
from homes import live_in
from sweep_works import BASE, DeadlyWork, OnceDeadlyWork, WrongWork, same, space, whole

from quadfit_tui import train
from quadfit_tui.core.files import access
from quadfit_tui.core.model.cancellation import WorkCancelledError
from quadfit_tui.sweeps.engines import engine
from quadfit_tui.sweeps.engines.engine import WorkersLostError, results
from quadfit_tui.sweeps.rows import STATUSES
from quadfit_tui.sweeps.space import Space
from quadfit_tui.sweeps.work import SweepJob

SPACE = space()
ALONE = whole(results(SweepJob(SPACE), range(len(SPACE)), jobs=1))
TESTS = Path(__file__).parents[1]  # of sweeps


@pytest.fixture
def begun(monkeypatch):
    """How many processes each pool that is begun has."""
    counts, really = [], engine._processes
    monkeypatch.setattr(engine, "_processes", lambda count, work: counts.append(count) or really(count, work))
    return counts


def test_each_row_is_what_train_comes_to():
    assert ALONE.cell.tolist() == list(range(len(SPACE)))
    assert not ALONE.errors
    for cell in range(len(SPACE)):
        run = train(SPACE.config(cell))
        assert STATUSES[ALONE.status[cell]] == run.status
        if not run._end.overflowed:
            assert ALONE.w[cell].tobytes() == run.w[-1].tobytes()
            assert ALONE.epochs[cell] == len(run.epoch)
    assert {STATUSES[status] for status in ALONE.status} == {"finished", "diverged"}


def test_processes_come_to_the_same(begun):
    assert same(whole(results(SweepJob(SPACE), range(len(SPACE)), jobs=2, pays=0)), ALONE)
    assert begun == [2]


def test_few_cells_trained_in_process(begun):
    some = [3, 50, 99]
    assert same(whole(results(SweepJob(SPACE), some, jobs=2)), ALONE.part(np.array(some)))
    assert list(results(SweepJob(SPACE), [], jobs=2)) == []
    assert same(whole(results(SweepJob(SPACE), [5], jobs=8, pays=0)), ALONE.part(np.array([5])))
    assert begun == []


def processes():
    return ProcessPoolExecutor(2, mp_context=get_context("spawn"))  # a fork server needs a short TMPDIR


def loky():
    return pytest.importorskip("joblib.externals.loky").ProcessPoolExecutor(2)


@pytest.mark.parametrize("kind", [lambda: ThreadPoolExecutor(2), processes, loky], ids=["threads", "processes", "loky"])
def test_any_executor_serves(kind):
    with kind() as executor:
        assert same(whole(results(SweepJob(SPACE), range(len(SPACE)), executor=executor)), ALONE)
        assert same(whole(results(SweepJob(SPACE), range(len(SPACE)), executor=executor, jobs=lambda: 1)), ALONE)


def lost(*given, **how):
    """The rows until the end, and what that was."""
    rows = []
    with pytest.raises(WorkersLostError) as ended:
        rows.extend(results(*given, **how))
    assert len(str(ended.value).splitlines()) == 1
    return whole(rows), ended.value


def test_crashing_cell_costs_only_its_row():
    work = DeadlyWork(SPACE, deadly=frozenset({37}), parent=os.getpid())
    rows, ended = lost(work, range(len(SPACE)), jobs=2, pays=0)
    assert str(ended) == "a process that trains has died"
    assert 37 in ended.cells
    left = np.setdiff1d(np.arange(len(SPACE)), rows.cell)
    assert {*ended.cells} <= {*left.tolist()}
    rows = whole([rows, *results(work, left, jobs=2, suspects=ended.cells)])
    assert rows.errors == {37: "its process died twice"}
    assert STATUSES[rows.status[37]] == "failed"
    assert same(rows.part(rows.cell != 37), ALONE.part(ALONE.cell != 37))


def test_killed_suspect_gets_another_try(tmp_path):
    marker = tmp_path / "marker"
    marker.touch()
    work = OnceDeadlyWork(SPACE, cell=37, marker=str(marker))
    rows = whole(results(work, [36, 37, 38], jobs=1, suspects=[36, 37]))
    assert not marker.exists()
    assert same(rows, ALONE.part(slice(36, 39)))


@pytest.mark.parametrize("where", [{"jobs": 1}, {"executor": ThreadPoolExecutor(2)}], ids=["here", "threads"])
def test_failing_cell_costs_only_its_row(where):
    work = WrongWork(SPACE, wrong=frozenset({12}))
    _, ended = lost(work, range(len(SPACE)), **where)
    assert str(ended) == "training has failed: ZeroDivisionError: by nought"
    assert 12 in ended.cells
    rows = whole(results(work, range(len(SPACE)), suspects=ended.cells, **where))
    assert rows.errors == {12: "training has failed: ZeroDivisionError: by nought"}
    assert same(rows.part(rows.cell != 12), ALONE.part(ALONE.cell != 12))


class Troubled(Executor):
    """Does what it is given at once, but for the third call."""

    def __init__(self, error, refuses):
        self.error, self.refuses, self.calls = error, refuses, 0

    def submit(self, do, /, *args):
        future = Future()
        self.calls += 1
        if self.calls < 3:
            future.set_result(do(*args))
        elif self.refuses:
            raise self.error
        else:
            future.set_exception(self.error)
        return future


@pytest.mark.parametrize("error", [ConnectionError("no\nscheduler"), CancelledError(), ImportError("quadfit")])
@pytest.mark.parametrize("refuses", [False, True], ids=["later", "at once"])
def test_lost_executor_keeps_finished_rows(error, refuses):
    rows, ended = lost(SweepJob(SPACE), range(len(SPACE)), executor=Troubled(error, refuses), jobs=1)
    told = f"training has failed: {type(error).__name__}: "
    assert str(ended).startswith("nobody is there any more" if isinstance(error, CancelledError) else told)
    assert bool(ended.cells) == isinstance(error, ConnectionError)  # else no cell is to blame
    assert same(rows, ALONE.part(np.isin(ALONE.cell, rows.cell)))
    assert len(rows) > 0


def test_broken_pool_keeps_finished_rows():
    work = DeadlyWork(SPACE, deadly=frozenset({99}))
    with processes() as executor:
        rows, ended = lost(work, range(len(SPACE)), executor=executor)
    assert (str(ended), 99 in ended.cells) == ("a process that trains has died", True)
    assert 0 < len(rows) < 99


def test_workers_of_another_version_are_told(monkeypatch):
    ours = engine.versions()
    for name in ours:
        told = iter([ours | {name: "0.9"}])  # what is sent; then those of whoever trains
        monkeypatch.setattr(engine, "versions", lambda told=told: next(told, ours))
        with ThreadPoolExecutor(1) as executor:
            _, ended = lost(SweepJob(SPACE), [0, 1], executor=executor)
        assert str(ended) == f"training has failed: a worker has {name} {ours[name]}, and the program 0.9"
        assert ended.cells == ()


def test_few_chunks_are_in_flight():
    flying, most = set(), []

    class Counted(ThreadPoolExecutor):
        def submit(self, *args):
            future = super().submit(*args)
            flying.add(future)
            most.append(sum(not each.done() for each in flying))
            return future

    with Counted(3) as executor:
        assert same(whole(results(SweepJob(SPACE), range(len(SPACE)), executor=executor)), ALONE)
    assert max(most) <= 6


def test_slow_cells_are_left_to_the_workers(monkeypatch):
    # The first one is given up here when it is known to take long: others would wait for it.
    given_up, really = [], engine._timed

    def watched(work, cells, *clock):
        try:
            return really(work, cells, *clock)
        except WorkCancelledError:
            given_up.append(cells.tolist())
            raise

    slow = Space(BASE.replace(optimizer="adam", samples=100, epochs=100), {"lr": [0.1, 0.2]})
    monkeypatch.setattr(engine, "_timed", watched)
    assert same(whole(results(SweepJob(slow), [0, 1], jobs=2, pays=0.01)), SweepJob(slow).train([0, 1]))
    assert given_up == [[0]]


@pytest.mark.parametrize(
    ("base", "axes", "threads", "here"),
    [
        (BASE, {"samples": [10, 10_000]}, None, True),
        (BASE, {"samples": [10, 10_001]}, None, False),
        (BASE, {"samples": [10, 10_001]}, "1", True),
        (BASE.replace(data="example:galileo"), {"lr": [0.1, 0.2]}, None, False),  # of which nothing is known here
        (BASE, {"data": ["example:galileo", None]}, None, False),
    ],
)
def test_large_samples_use_single_threaded_processes(monkeypatch, begun, base, axes, threads, here):
    """What several threads of BLAS would add up is trained by processes that have one thread."""
    monkeypatch.delenv("OPENBLAS_NUM_THREADS")
    if threads:
        monkeypatch.setenv("OPENBLAS_NUM_THREADS", threads)
    work = SweepJob(Space(base.replace(epochs=1), axes))
    assert len(whole(results(work, range(len(work.space)), jobs=1))) == 2
    assert bool(begun) is not here


def test_processes_get_one_thread_and_confinement(monkeypatch, tmp_path):
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "2")
    live_in(monkeypatch, tmp_path)
    before = dict(os.environ)
    try:
        for folder in (None, str(tmp_path)):
            access.configure(True, folder)
            with engine._processes(1, SweepJob(SPACE)) as pool:
                assert pool.submit(os.getenv, "OPENBLAS_NUM_THREADS").result() == "1"
                assert pool.submit(access.is_confined).result() is True
                assert pool.submit(access.command_line_folder).result() == folder
    finally:
        access.configure(False)
    assert dict(os.environ) == before
