"""Programs that train sweeps or write files: killed or stopped by Ctrl+C, they lose no row and leave no worker."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sweep_files import FILE, HEAD, made_up_rows, read, undisturbed

from quadfit_tui.sweeps.head import SweepHeader
from quadfit_tui.sweeps.space import Space
from quadfit_tui.sweeps.sweep_file import SweepFile

ROOT = Path(__file__).parents[3]

# Without a guard: this program is run again by no worker.
PROGRAM = f"""
import sys
print("runs", flush=True)
sys.path.insert(0, {str(ROOT / "tests" / "sweeps")!r})
from sweep_works import BASE
from quadfit_tui.sweeps.engines import engine
from quadfit_tui.sweeps.space import Space
from quadfit_tui.sweeps.work import SweepJob
base = BASE.replace(optimizer="adam", samples=200, epochs=10**6)
work = SweepJob(Space(base, {{"lr": [0.1, 0.2], "seed": range(3)}}))
try:
    print([*engine.results(work, range(len(work.space)), jobs=2, pays=0)])
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


def stat(pid):
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def workers(parent):
    """The processes that train for another one."""
    found = []
    for folder in Path("/proc").iterdir():
        try:
            if folder.name.isdigit() and int(stat(folder.name)[1]) == parent and stat(folder.name)[0] != "Z":
                found += [int(folder.name)] * (b"spawn_main" in (folder / "cmdline").read_bytes())
        except OSError:
            continue
    return found


def lives(pid):
    try:
        return stat(pid)[0] not in "ZX"
    except OSError:
        return False


def until(true):
    """Waits until something is true, and returns it."""
    ends = time.monotonic() + 60
    while not (found := true()):
        assert time.monotonic() < ends
        time.sleep(0.01)
    return found


@pytest.fixture
def program(tmp_path):
    """A program of a file, amid a sweep whose cells take minutes, and its workers."""
    (tmp_path / "own.py").write_text(PROGRAM)
    found = subprocess.Popen(
        [sys.executable, tmp_path / "own.py"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    started = until(lambda: len(each := workers(found.pid)) == 2 and each)
    until(lambda: all(int(stat(pid)[11]) > 60 for pid in started))
    yield found, started
    found.kill()
    found.communicate()


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks at processes in /proc")
def test_ctrl_c_ends_program_and_workers(program):
    """The workers ignore the signal, and end with the program."""
    parent, started = program
    for pid in started:
        os.kill(pid, signal.SIGINT)
    time.sleep(0.1)
    assert all(map(lives, started))
    os.killpg(parent.pid, signal.SIGINT)  # as a terminal sends it
    assert parent.communicate(timeout=60) == ("runs\ninterrupted\n", "")
    assert parent.returncode == 0
    until(lambda: not any(map(lives, started)))


_LONG = """
import signal, time
from quadfit_tui import RunConfig, SweepInterrupted, sweep
base = RunConfig(optimizer="adam", samples=100, noise=1, epochs=300)

def begun(at):
    if at.done >= 3:
        print("begun", flush=True)
try:
    sweep(base, {"lr": [0.1, 0.2]}, seeds=range(10_000), jobs=JOBS, progress=begun)
except SweepInterrupted as stopped:
    print(str(stopped)[:17], len(stopped.sweep) >= 3, flush=True)
"""


@pytest.mark.parametrize("jobs", [1, 2])
def test_ctrl_c_of_a_terminal_is_answered(jobs):
    program = subprocess.Popen(
        [sys.executable, "-c", _LONG.replace("JOBS", str(jobs))],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        assert program.stdout.readline() == "begun\n"
        os.killpg(program.pid, signal.SIGINT)
        said, errors = program.communicate(timeout=60)
    finally:
        program.kill()
    assert (said.replace("begun\n", ""), errors, program.returncode) == ("interrupted after True\n", "", 0)


def many():
    """A sweep of more cells than a program adds one by one before it is killed."""
    head = SweepHeader.of(Space(HEAD.space.base, {"seed": range(30_000)}))
    return head, made_up_rows(head.chosen)


def test_kill_loses_no_reported_row(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    script = (
        "import numpy; from test_sweeping_programs import *\n"
        "head, rows = many(); file = SweepFile(FILE, head, resume=True)\n"
        "for cell in file.left.tolist():\n"
        "    file.add(rows.part(numpy.array([cell]))); print(cell, flush=True)\n"
    )
    path = os.pathsep.join([str(Path(__file__).parent), *filter(None, sys.path)])
    told = []
    for _ in range(3):
        program = subprocess.Popen(
            [sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": path}
        )
        told += [int(program.stdout.readline()) for _ in range(20)]
        program.kill()
        told += [int(line) for line in program.stdout.read().split("\n")[:-1]]
        program.wait(20)
        program.stdout.close()
    assert len(told) == len(set(told)) >= 60
    head, rows = many()
    file = SweepFile(FILE, head, resume=True)
    assert {*told} <= {*file.rows().cell.tolist()}
    file.add(rows)
    file.finish()
    file.close()
    assert read(FILE) == undisturbed(head, rows)
