"""Jobs of a lesson: in order, one at a time, each with one answer; and nobody is told of those that were given up."""

import asyncio
import threading
import time

import pytest
from app_helpers import Later

from quadfit_tui.core.model.cancellation import WorkCancelledError, check_cancelled
from quadfit_tui.ui.lessons.fact_worker import FactWorker
from quadfit_tui.ui.tasks.diagnosis_worker import JobThread


def tell(done, answer):
    done(answer)


def test_jobs_are_done_one_at_a_time_in_order_but_for_what_is_to_be_soon():
    runner, told = Later(), []
    worker = FactWorker(tell, runner)
    for name in "abc":
        worker.do(lambda name=name: name, told.append)
    worker.do(lambda: "soon", told.append, soon=True)
    assert len(runner.jobs) == 1
    while runner.jobs:
        runner.work()
        assert len(runner.jobs) <= 1
    assert told == ["a", "soon", "b", "c"]


def test_of_what_was_given_up_nobody_hears():
    runner, told = Later(), []
    worker = FactWorker(tell, runner)
    worker.do(lambda: "old", told.append)
    worker.do(lambda: "waits", told.append)
    worker.stop()
    worker.do(lambda: "late", told.append)
    while runner.jobs:
        runner.work()
    assert told == []


def test_an_answer_that_nobody_can_take_keeps_no_other_back():
    runner, told = Later(), []
    worker = FactWorker(tell, runner)
    worker.do(lambda: 0, lambda answer: 1 / answer)
    worker.do(lambda: "next", told.append)
    with pytest.raises(ZeroDivisionError):
        runner.work()
    runner.work()
    assert told == ["next"]


async def answers(found, count):
    for _ in range(1000):
        if len(found) >= count:
            break
        await asyncio.sleep(0.01)
    return found


def raises(failure):
    raise failure


@pytest.mark.real_time
async def test_whatever_ends_a_job_is_its_answer_and_the_thread_goes_on():
    worker, found = FactWorker(tell), []
    for failure in (ValueError("no"), MemoryError(), SystemExit(3), GeneratorExit(), WorkCancelledError("by itself")):
        worker.do(lambda failure=failure: raises(failure), found.append)
    worker.do(lambda: "done", found.append)
    *failures, last = await answers(found, 6)
    worker.end()
    assert all(isinstance(each, Exception) for each in failures)
    assert [type(each).__name__ for each in failures] == [
        *("ValueError", "MemoryError", "RuntimeError", "RuntimeError", "WorkCancelledError")
    ]
    assert (str(failures[2]), last) == ("SystemExit: 3", "done")


@pytest.mark.real_time
async def test_neither_a_job_that_hangs_nor_one_of_another_lesson_costs_a_worker_its_answers():
    before = set(threading.enumerate())
    left, slow, quick, found = FactWorker(tell), FactWorker(tell), FactWorker(tell), []
    begun, hangs = threading.Event(), threading.Event()
    left.do(lambda: (begun.set(), hangs.wait(60)), found.append)  # asks nobody whether it is to go on
    assert await asyncio.to_thread(begun.wait, 5)
    left.stop()
    gate = threading.Event()

    def waits():
        while not gate.is_set():
            check_cancelled()
            time.sleep(0.001)
        return "slow"

    slow.do(waits, found.append)
    quick.do(lambda: "quick", found.append)
    assert await answers(found, 1) == ["quick"]
    gate.set()
    assert await answers(found, 2) == ["quick", "slow"]
    began = {thread for thread in threading.enumerate() if thread.name == "diagnosis"} - before
    assert len(began) == 3
    hangs.set()
    slow.end()
    quick.end()
    for thread in began:
        thread.join(20)
    assert not any(thread.is_alive() for thread in began)
    assert found == ["quick", "slow"]


def test_where_there_can_be_no_thread_each_job_ends_in_the_reason(monkeypatch):
    monkeypatch.setattr(JobThread, "start", lambda _: raises(RuntimeError("can't start new thread")))
    found = []
    worker = FactWorker(tell)
    for _ in range(2):
        worker.do(lambda: 1, found.append)
    assert list(map(str, found)) == ["can't start new thread"] * 2
