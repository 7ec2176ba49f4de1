"""The engine: the same rows from everybody, none twice and none lost, whoever dies on the way."""

import os
import threading
from concurrent.futures import CancelledError, Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from types import SimpleNamespace

import numpy as np
import pytest
from sweep_works import BASE, DeadlyWork, OnceDeadlyWork, WrongWork, same, space, whole

from quadfit_tui import train
from quadfit_tui.core.model.cancellation import WorkCancelledError
from quadfit_tui.core.sweep.engines import engine
from quadfit_tui.core.sweep.engines.engine import WorkersLostError, results
from quadfit_tui.core.sweep.engines.workers import Workers
from quadfit_tui.core.sweep.rows import STATUSES
from quadfit_tui.core.sweep.space import Space
from quadfit_tui.core.sweep.work import Work

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
        if not run._end.overflowed:
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


@pytest.mark.usefixtures("at_once")
def test_a_cell_that_kills_its_worker_costs_its_row_and_no_other():
    deadly = frozenset({37, 90})
    work = DeadlyWork(SPACE, deadly=deadly, parent=os.getpid())
    rows = whole(results(work, range(len(SPACE)), jobs=2))
    assert {*rows.errors} == deadly
    assert {*rows.errors.values()} == {"lost 3 times, at last by WorkerDiedError: a process was ended by signal 9"}
    assert {STATUSES[rows.status[cell]] for cell in deadly} == {"failed"}
    others = ~np.isin(rows.cell, [*deadly])
    assert same(rows.part(others), ALONE.part(others))


@pytest.mark.usefixtures("at_once")
def test_a_chunk_whose_worker_died_by_chance_is_trained_by_another(tmp_path):
    work = OnceDeadlyWork(SPACE, folder=str(tmp_path))
    with Workers(2, int) as executor:
        assert same(whole(results(work, range(len(SPACE)), executor=executor)), ALONE)
    assert len([*tmp_path.iterdir()]) >= 3


@pytest.mark.parametrize("where", [{"jobs": 1}, {"executor": ThreadPoolExecutor(2)}], ids=["here", "threads"])
def test_a_cell_that_raises_an_error_costs_its_row_and_no_other(where):
    rows = whole(results(WrongWork(SPACE, wrong=frozenset({12})), range(len(SPACE)), **where))
    assert rows.errors == {12: "lost 3 times, at last by ZeroDivisionError: by nought"}
    assert same(rows.part(rows.cell != 12), ALONE.part(ALONE.cell != 12))


class Troubled(Executor):
    """Does what it is given at once, unless `trouble(n)`, for the n-th call from 0, gives what to raise instead."""

    def __init__(self, trouble, refuses=()):
        self.trouble, self.refuses, self.calls = trouble, refuses, 0

    def submit(self, do, /, *args):
        future = Future()
        number, self.calls = self.calls, self.calls + 1
        why = self.trouble(number)
        if isinstance(why, self.refuses):
            raise why
        if why is None:
            future.set_result(do(*args))
        else:
            future.set_exception(why)
        return future


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("error", [ConnectionError("gone"), CancelledError(), MemoryError()])
@pytest.mark.parametrize("refuses", [(), Exception], ids=["later", "at once"])
def test_what_an_executor_loses_is_sent_again(error, refuses):
    executor = Troubled(lambda number: error if number % 3 == 1 else None, refuses)
    assert same(whole(results(Work(SPACE), range(len(SPACE)), executor=executor)), ALONE)
    assert executor.calls > 6


@pytest.mark.usefixtures("at_once")
def test_no_cell_is_blamed_for_an_executor_that_was_away():
    # Four times the cell is lost, nobody answers, somebody does: as while a scheduler is started anew.
    executor = Troubled(lambda number: ConnectionError("away") if number < 12 and number % 3 != 2 else None)
    assert same(whole(results(Work(SPACE), [7], executor=executor)), ALONE.part(np.array([7])))
    assert executor.calls == 13


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("refuses", [(), Exception], ids=["later", "at once"])
def test_an_executor_that_is_gone_is_told_and_no_cell_fails(refuses):
    executor = Troubled(lambda number: ConnectionError("no\nscheduler") if number > 4 else None, refuses)
    rows = []
    with pytest.raises(WorkersLostError, match=r"^there is no worker any more: ConnectionError: no scheduler$"):
        rows.extend(results(Work(SPACE), range(len(SPACE)), executor=executor, jobs=2))
    assert 5 <= executor.calls < 30
    assert sum(map(len, rows)) >= 5
    assert not any(part.errors for part in rows)


def test_an_executor_that_takes_no_more_is_told_at_once(monkeypatch):
    monkeypatch.setattr(engine.time, "sleep", None)
    executor = ThreadPoolExecutor(2)
    executor.shutdown()
    with pytest.raises(WorkersLostError, match="RuntimeError: cannot schedule new futures after shutdown"):
        next(results(Work(SPACE), [1, 2], executor=executor))


def test_a_pool_that_breaks_is_told_and_what_was_done_is_there():
    work = DeadlyWork(SPACE, deadly=frozenset({99}))
    rows = []
    with processes() as executor, pytest.raises(WorkersLostError, match="BrokenProcessPool"):
        rows.extend(results(work, range(len(SPACE)), executor=executor))
    assert 0 < sum(map(len, rows)) < 99


def test_workers_that_do_not_know_the_work_are_told(monkeypatch):
    monkeypatch.setattr(engine, "_PAUSE", 0.0001)
    monkeypatch.setattr(engine, "_keep", lambda _: __import__("quadfit_tui_that_is_not_there"))
    with pytest.raises(WorkersLostError, match="ModuleNotFoundError: No module named"):
        next(results(Work(SPACE), [0], executor=Troubled(lambda _: None)))


def test_few_chunks_are_in_flight():
    flying, most = set(), []

    class Counted(ThreadPoolExecutor):
        def submit(self, *args):
            future = super().submit(*args)
            flying.add(future)
            most.append(sum(not each.done() for each in flying))
            return future

    with Counted(3) as executor:
        assert same(whole(results(Work(SPACE), range(len(SPACE)), executor=executor)), ALONE)
    assert max(most) <= 6


class SharedFate(Executor):
    """Trains what is there at one time together; with a deadly cell among it all of that is lost."""

    def __init__(self, deadly):
        self._deadly, self._given, self._is_over = deadly, [], threading.Event()
        self._max_workers = 2
        self._trains = threading.Thread(target=self._train)
        self._trains.start()

    def submit(self, do, /, *args):
        future = Future()
        self._given.append((future, do, args))
        return future

    def _train(self):
        while not self._is_over.wait(0.005):
            given, self._given = self._given, []
            is_lost = any(self._deadly in args[-1] for _, _, args in given)
            for future, do, args in given:
                if is_lost and len(args[-1]):
                    future.set_exception(ConnectionError("gone"))
                else:
                    future.set_result(do(*args))

    def shutdown(self, wait=True, *, cancel_futures=False):  # noqa: ARG002
        self._is_over.set()
        self._trains.join()


def test_a_deadly_cell_takes_no_other_along():
    cells = [5, 7, 8, 9, 10, 11]
    with SharedFate(7) as executor:
        rows = whole(results(Work(SPACE), cells, executor=executor))
    assert rows.cell.tolist() == cells
    assert [*rows.errors] == [7]


@pytest.mark.usefixtures("at_once")
def test_who_takes_no_more_rows_leaves_no_process(monkeypatch):
    made = []

    class Kept(Workers):
        def __init__(self, *args):
            super().__init__(*args)
            made.append(self)

    monkeypatch.setattr(engine, "Workers", Kept)
    rows = results(Work(SPACE), range(len(SPACE)), jobs=2)
    while not (made and made[0]._programs):
        next(rows)
    programs = [*made[0]._programs]
    rows.close()
    assert [program.returncode for program in programs] == [-9] * len(programs)
    assert made[0]._programs == set()


def test_slow_cells_are_left_to_the_workers(monkeypatch):
    # The first one is given up here when it is known to take long: others would wait for it.
    given_up = []

    class Watched(Work):
        def train(self, cells):
            try:
                return super().train(cells)
            except WorkCancelledError:
                given_up.append([*cells])
                raise

    slow = Space(BASE.replace(optimizer="adam", samples=100, epochs=100), {"lr": [0.1, 0.2]})
    monkeypatch.setattr(engine, "PAYS", 0.01)
    monkeypatch.setattr(engine.pickle, "dumps", lambda _: b"")  # a class of this test, which stays here
    monkeypatch.setattr(engine, "Workers", lambda *_: ThreadPoolExecutor(2))
    monkeypatch.setattr(engine, "_own", SimpleNamespace(work=Work(slow)))
    assert same(whole(results(Watched(slow), [0, 1], jobs=2)), Work(slow).train([0, 1]))
    assert given_up == [[0]]


@pytest.mark.parametrize(
    ("base", "axes", "threads", "here"),
    [
        (BASE, {"samples": [10, 10_000]}, None, True),
        (BASE, {"samples": [10, 10_001]}, None, False),
        (BASE, {"samples": [10, 10_001]}, "1", True),
        (BASE.replace(samples=10_001), {"lr": [0.1, 0.2]}, None, False),
        (BASE.replace(data="example:galileo"), {"lr": [0.1, 0.2]}, None, False),  # of which nothing is known here
        (BASE, {"data": ["example:galileo", None]}, None, False),
    ],
)
def test_what_threads_of_blas_would_add_up_is_trained_by_processes_that_have_one(
    monkeypatch, base, axes, threads, here
):
    monkeypatch.delenv("OPENBLAS_NUM_THREADS")
    if threads:
        monkeypatch.setenv("OPENBLAS_NUM_THREADS", threads)
    made = []
    monkeypatch.setattr(engine, "Workers", lambda *given: made.append(given) or Workers(*given))
    work = Work(Space(base.replace(epochs=1), axes))
    assert len(whole(results(work, range(len(work.space)), jobs=1))) == 2
    assert bool(made) is not here


def test_one_cell_needs_no_process_beside_this_one(monkeypatch):
    monkeypatch.setattr(engine, "PAYS", 0.0)
    monkeypatch.setattr(engine, "Workers", None)
    assert same(whole(results(Work(SPACE), [5], jobs=8)), ALONE.part(np.array([5])))
