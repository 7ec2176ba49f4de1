"""Workers: each chunk is trained in a process of its own, which nothing of the program's end outlives."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sweep_works import DeadlyWork, space, stubborn

from quadfit_tui.core.files import access
from quadfit_tui.core.sweep.engines.workers import WorkerDiedError, Workers

TESTS = Path(__file__).parents[3]
MAIN = f"""
import os, sys, time
sys.path.insert(0, {str(TESTS)!r})
from sweep_works import BASE, space
from quadfit_tui.core.sweep.engines import engine
from quadfit_tui.core.sweep.space import Space
from quadfit_tui.core.sweep.work import Work
"""
# Without a guard: this program is run again by no worker.
SWEEP = f"""{MAIN}
engine.PAYS = engine._TOLD = 0.0
work = Work(Space(BASE.replace(optimizer="adam", samples=200, epochs=10**6), {{"lr": [0.1, 0.2], "seed": range(3)}}))
print("begins", flush=True)
try:
    print([*engine.results(work, range(len(work.space)), jobs=2)])
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""
pytestmark = pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks at processes in /proc")


def children(pid):
    """The processes that one has started, directly or not."""
    found = []
    for folder in Path("/proc").iterdir():
        try:
            state, parent = folder.joinpath("stat").read_text().rpartition(")")[2].split()[:2]
        except (OSError, ValueError):
            continue
        if int(parent) == pid and state != "Z":
            found += [int(folder.name), *children(int(folder.name))]
    return found


def lives(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def until(true, seconds=60):
    """Waits until something is true, and gives it."""
    ends = time.monotonic() + seconds
    while not (found := true()):
        assert time.monotonic() < ends
        time.sleep(0.01)
    return found


@pytest.fixture
def workers():
    with Workers(2, int) as executor:
        yield executor


def test_what_is_done_there_comes_back_or_what_it_raises(workers):
    assert workers.submit(divmod, 17, 5).result() == (3, 2)
    assert workers.submit(sorted, [1, 3, 2], reverse=True).result() == [3, 2, 1]
    assert workers.submit(os.getpid).result() != os.getpid()
    for wrong, raised in ((("x",), ValueError), (("/nowhere/at/all",), FileNotFoundError)):
        with pytest.raises(raised):
            workers.submit(int if raised is ValueError else os.stat, *wrong).result()
    assert len({workers.submit(os.getpid).result() for _ in range(20)}) <= 2  # nobody has died of that


def test_what_cannot_be_taken_along_is_told(workers):
    with pytest.raises(Exception, match=r"[Pp]ickle"):
        workers.submit(eval, "lambda: 1").result()
    with pytest.raises(RuntimeError, match=r"^Own: 5$"):
        workers.submit(exec, "class Own(Exception): pass\nraise Own(5)").result()
    with pytest.raises(RuntimeError, match=r"^StubbornError: a b$"):
        workers.submit(stubborn).result()
    with pytest.raises((TypeError, AttributeError)):
        workers.submit(lambda: 1)
    assert workers.submit(int).result() == 0


def test_one_that_dies_is_told_and_replaced(workers):
    for ends, told in (("os.kill(os.getpid(), 9)", "was ended by signal 9"), ("os._exit(3)", "ended with exit code 3")):
        with pytest.raises(WorkerDiedError, match=f"^a process {told}$"):
            workers.submit(exec, f"import os; {ends}").result()
        assert workers.submit(int, "5").result() == 5


def test_one_that_dies_idle_is_replaced_when_it_is_needed(workers):
    first = workers.submit(os.getpid).result()
    os.kill(first, signal.SIGKILL)
    until(lambda: not lives(first))
    found = [workers.submit(os.getpid) for _ in range(6)]
    assert sum(isinstance(future.exception(), WorkerDiedError) for future in found) <= 1
    assert first not in {future.result() for future in found if future.exception() is None}


def test_one_that_dies_idle_does_not_end_a_program_that_sigpipe_ends():
    program = """
import os, signal, time
from quadfit_tui.core.sweep.engines.workers import Workers
signal.signal(signal.SIGPIPE, signal.SIG_DFL)
with Workers(1, print) as workers:
    os.kill(first := workers.submit(os.getpid).result(), signal.SIGKILL)
    while open(f"/proc/{first}/stat").read().rpartition(")")[2].split()[0] != "Z":
        time.sleep(0.01)
    print(type(workers.submit(os.getpid).exception()).__name__, workers.submit(os.getpid).result() != first)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "WorkerDiedError True\n", "")


def test_what_it_prints_is_no_answer(workers):
    assert workers.submit(exec, "import os; print('a'); os.system('echo b >&2')").result() is None
    assert workers.submit(int, "7").result() == 7


def test_a_start_that_fails_is_told_each_time():
    with Workers(1, int, "x") as executor:
        for _ in range(2):
            with pytest.raises(ValueError, match="invalid literal"):
                executor.submit(int).result()


def test_none_can_be_started(monkeypatch, workers):
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(FileNotFoundError):
        workers.submit(int).result()


def test_each_has_one_thread_of_blas_and_the_rules_for_files(workers, monkeypatch, tmp_path):
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "2")
    assert workers.submit(os.getenv, "OPENBLAS_NUM_THREADS").result() == "1"
    assert workers.submit(access.is_confined).result() is False
    monkeypatch.setattr(access, "home_folder", lambda: str(tmp_path))
    try:
        for folder in (None, str(tmp_path)):
            access.configure(True, folder)
            with Workers(1, int) as confined:
                assert confined.submit(access.is_confined).result() is True
                assert confined.submit(access.given_folder).result() == folder
    finally:
        access.configure(False)


def test_nothing_is_done_after_the_end():
    executor = Workers(2, int)
    waits = executor.submit(time.sleep, 60)
    (program,) = until(lambda: executor._programs)
    executor.shutdown()
    assert isinstance(waits.exception(), WorkerDiedError)
    assert program.returncode == -signal.SIGKILL
    with pytest.raises(RuntimeError):
        executor.submit(int)


@pytest.fixture
def program():
    """A program amid a sweep whose cells take minutes, and its workers."""
    found = subprocess.Popen([sys.executable, "-c", SWEEP], stdout=subprocess.PIPE, text=True, start_new_session=True)
    assert found.stdout.readline() == "begins\n"
    started = until(lambda: len(each := children(found.pid)) == 2 and each)
    until(
        lambda: all(int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11]) > 20 for pid in started)
    )
    yield found, started
    found.kill()
    found.wait()
    found.stdout.close()


def test_workers_end_with_a_program_that_is_killed(program):
    parent, started = program
    parent.kill()
    until(lambda: not any(map(lives, started)))


def test_ctrl_c_ends_the_program_and_its_workers(program):
    parent, started = program
    os.killpg(parent.pid, signal.SIGINT)  # as a terminal sends it
    assert parent.communicate(timeout=60) == ("interrupted\n", None)
    assert parent.returncode == 0
    until(lambda: not any(map(lives, started)))


def test_workers_hear_no_ctrl_c(program):
    parent, started = program
    for pid in started:
        assert os.getpgid(pid) != os.getpgid(parent.pid)
        os.kill(pid, signal.SIGINT)
    time.sleep(0.1)
    assert all(map(lives, started))


def test_a_work_that_kills_is_what_the_tests_of_the_engine_say(workers):
    with pytest.raises(WorkerDiedError):
        workers.submit(DeadlyWork(space(), deadly=frozenset({1})).train, [0, 1]).result()
