"""The diagnosis is worked out beside the loop: piece by piece, the newest first, nothing of an earlier run."""

import asyncio
import threading
import time

import pytest
from app_helpers import Later, at_once

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.model.cancellation import check_cancelled
from quadfit_tui.core.session.session import RunSession
from quadfit_tui.ui.app import QuadfitApp
from quadfit_tui.ui.tasks.diagnosis_worker import DiagnosisState, DiagnosisWorker, JobThread


@pytest.fixture
def later():
    return Later()


def snapshot(config):
    return RunSession(config).snapshot()


def test_forecast_waits_for_open_page(later):
    told = []
    worker, now = DiagnosisWorker(later, lambda: told.append(1)), snapshot(PRESETS["article"])
    assert worker.get_or_start(now) == DiagnosisState(pending=True)
    assert worker.get_or_start(now) == DiagnosisState(pending=True)
    assert len(later.jobs) == 1
    later.work()
    assert told == [1]
    findings = worker.get_or_start(now)
    assert (findings.diagnosis.epochs, findings.forecast, findings.remedy, findings.pending) == (25, None, None, False)
    assert not later.jobs
    assert worker.get_or_start(now, in_full=True).pending
    later.work()
    findings = worker.get_or_start(now, in_full=True)
    assert (findings.forecast.rate, findings.pending) == (0.5, False)


def test_bad_run_gets_remedy_on_next_consult():
    told, now = [], snapshot(PRESETS["too-fast"])
    findings = DiagnosisWorker(at_once, lambda: None).get_or_start(now)
    assert (findings.diagnosis is not None, findings.remedy) == (True, None)
    worker = DiagnosisWorker(at_once, lambda: told.append(worker.get_or_start(now)))
    worker.get_or_start(now)
    assert (told[0].remedy.trials[0].config.lr, told[0].pending) == (0.92, False)


def test_exhausted_run_tries_more_epochs():
    session = RunSession(PRESETS["playground"].replace(lr=0.05, epochs=200))
    worker = DiagnosisWorker(at_once, lambda: None)
    for epochs, helps in (150, None), (200, True):
        session.seek(epochs)
        session.advance(1e9)
        for _ in range(3):  # pieces
            worker.get_or_start(session.snapshot())
        assert worker.get_or_start(session.snapshot()).more_helps is helps


def test_results_of_an_earlier_run_are_dropped(later):
    told = []
    worker = DiagnosisWorker(later, lambda: told.append(1))
    worker.get_or_start(snapshot(PRESETS["article"]))
    worker.get_or_start(snapshot(PRESETS["full-batch"]))
    later.work()
    assert worker.get_or_start(snapshot(PRESETS["full-batch"])).diagnosis is None
    assert not told


def test_equal_restart_keeps_findings(later):
    session = RunSession(PRESETS["article"])
    worker = DiagnosisWorker(later, lambda: None)
    worker.get_or_start(session.snapshot())
    later.work()
    session.restart()
    assert worker.get_or_start(session.snapshot()).diagnosis is not None
    session.restart(session.config.replace(lr=0.1))
    assert worker.get_or_start(session.snapshot()).diagnosis is None


def test_forecast_is_dropped_when_rate_changes(later):
    session = RunSession(PRESETS["article"])
    worker = DiagnosisWorker(later, lambda: None)
    worker.get_or_start(session.snapshot())
    session.seek(9)
    session.advance(1e9)
    worker.get_or_start(session.snapshot())
    assert len(later.jobs) == 1  # the diagnosis is that of every rate
    later.work()
    worker.get_or_start(session.snapshot(), in_full=True)
    later.work()
    assert worker.get_or_start(session.snapshot(), in_full=True).forecast.rate == 0.25
    session.first()
    session.advance(1e9)
    findings = worker.get_or_start(session.snapshot(), in_full=True)
    assert (findings.forecast, findings.pending) == (None, True)


def test_failure_is_reported_and_not_retried(later):
    told = []
    worker, now = DiagnosisWorker(later, lambda: told.append(1)), snapshot(PRESETS["too-fast"])
    worker.get_or_start(now)
    later.jobs.pop()[1](ValueError("no"))
    assert told == [1]
    assert worker.get_or_start(now, in_full=True) == DiagnosisState(failed="ValueError: no")
    assert not later.jobs
    worker.get_or_start(snapshot(PRESETS["article"]))  # another run may do better
    assert later.jobs


def test_failed_piece_does_not_stop_others(later):
    worker, now = DiagnosisWorker(later, lambda: None), snapshot(PRESETS["too-fast"])
    worker.get_or_start(now)
    later.work()
    worker.get_or_start(now, in_full=True)
    later.jobs.pop()[1](ValueError("no"))  # the remedy
    assert worker.get_or_start(now, in_full=True).pending
    later.work()
    findings = worker.get_or_start(now, in_full=True)
    assert findings[1:] == (findings.forecast, None, None, False, "ValueError: no", frozenset(), False)
    assert findings.forecast.rate == 1.2


HELD = {  # by what is held back: whether a limit, a remedy and a place to settle are told all the same
    "limit": (True, True, True),
    "forecast": (False, True, False),
    "remedy": (True, False, True),
    "optimum": (True, True, False),
    "map": (True, True, True),
}


def test_hidden_findings_are_not_shown():
    held = set()
    worker, now = DiagnosisWorker(at_once, lambda: None, lambda: held), snapshot(PRESETS["too-fast"])
    settling = DiagnosisWorker(at_once, lambda: None, lambda: held)
    at_rest = snapshot(RunConfig(samples=20, noise=0.5, schedule="constant"))
    for name, told in {"": (True, True, True), **HELD}.items():
        held = {name}
        for _ in range(3):  # pieces
            found, rest = worker.get_or_start(now), settling.get_or_start(at_rest)
        assert not found.pending
        assert rest.rest_w is settling.known(at_rest).rest_w
        for each in (found, worker.known(now)):
            is_told = each.limit_at(now) is not None, each.remedy_at(now) is not None
            assert (*is_told, rest.rest_w is not None) == told, name


async def comes(found, count=1):
    """What the thread has found, as soon as there is so much of it."""
    for _ in range(500):
        if len(found) >= count:
            break
        await asyncio.sleep(0.01)
    return found


def without_end(started):
    """A job that goes on until it is given up."""

    def job():
        started.set()
        while True:
            time.sleep(0.001)
            check_cancelled()

    return job


@pytest.fixture
def run():
    thread = JobThread()
    yield thread
    thread.stop()


@pytest.mark.real_time
async def test_newer_job_replaces_running_one(run):
    found, started = [], threading.Event()
    run.start()
    run(without_end(started), found.append)
    await asyncio.to_thread(started.wait, 5)
    run(lambda: 2, found.append)
    assert await comes(found) == [2]


@pytest.mark.real_time
async def test_thread_skips_to_newest_job(run):
    gate, started, found = threading.Event(), threading.Event(), []
    run.start()
    here = threading.current_thread()

    def done(result):
        found.append((result, threading.current_thread() is here))

    run(lambda: (started.set(), gate.wait(5)), lambda _: done(1))
    await asyncio.to_thread(started.wait, 5)
    run(lambda: 2, done)
    run(lambda: 3, done)
    gate.set()
    assert await comes(found, 2) == [(1, True), (3, True)]
    assert run._thread.daemon  # which no exit waits for
    run(lambda: 1 / 0, found.append)
    assert isinstance((await comes(found, 3))[2], ZeroDivisionError)


def test_changed_data_file_resets_findings(later, tmp_path):
    file = tmp_path / "samples.csv"
    file.write_text("x,y\n0,0\n1,1\n2,4\n")
    session = RunSession(RunConfig(data=str(file)))
    worker = DiagnosisWorker(later, lambda: None)
    worker.get_or_start(session.snapshot())
    later.work()
    before = worker.get_or_start(session.snapshot()).diagnosis
    file.write_text("x,y\n0,0\n1,1\n2,4\n30,900\n")
    session.restart()
    later.jobs.clear()
    assert worker.get_or_start(session.snapshot()).diagnosis is None
    later.work()
    assert worker.get_or_start(session.snapshot()).diagnosis.limit.rate < before.limit.rate


@pytest.mark.real_time
async def test_jobs_wait_until_thread_starts(run):
    found = []
    run(lambda: 1, found.append)
    run(lambda: 2, found.append)
    await asyncio.sleep(0.05)
    assert not found
    run.start()
    assert await comes(found) == [2]


@pytest.mark.real_time
async def test_stop_cancels_job_and_ends_thread():
    JobThread().stop()  # before it has begun, there is nothing to wait for
    run, started = JobThread(), threading.Event()
    run.start()
    run(without_end(started), lambda _: None)
    await asyncio.to_thread(started.wait, 5)
    run.stop()
    assert not run._thread.is_alive()


def test_the_app_ends_with_its_thread():
    def threads():
        return {thread for thread in threading.enumerate() if thread.name == "diagnosis"}

    before, seen = threads(), set()

    async def quit_when_it_works(pilot):
        while not seen:
            await pilot.pause()
            seen.update(threads() - before)
        await pilot.press("q")

    QuadfitApp(RunSession(RunConfig())).run(headless=True, auto_pilot=quit_when_it_works)
    assert seen
    assert not seen & threads()
