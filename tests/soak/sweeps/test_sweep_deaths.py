"""What a sweep's file has is never lost, nor computed twice: workers, parents, schedulers die, disks are full."""

import os
import random
import shlex
import shutil
import signal
import time
from pathlib import Path

import pytest
from command_line import called, one_line
from dask_cluster import DaskCluster
from full_disk import room
from sweep_programs import LONG, RUNS, SweepProgram, cells_of, children, sent
from trials import FOR_RELEASE, SEED

SHORT = ["--samples", "24", "--noise", "0.3", "--stop-on", "never", "--epochs", "20", "--lr", "0.01:1.5:40log"]
SHORT += ["--seeds", "25", "--jobs", "1"]

pytestmark = pytest.mark.xdist_group("sweep_deaths")  # so that the undisturbed sweep is trained once


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """The file of the long sweep, by one process."""
    path = tmp_path_factory.mktemp("undisturbed") / "rows.csv"
    assert SweepProgram(path, *LONG, "--jobs", "1").end() == 0
    return path.read_bytes()


@pytest.fixture
def begin():
    """Starts a sweep as a program."""
    begun = []

    def start(*args, **more):
        begun.append(SweepProgram(*args, **more))
        return begun[-1]

    yield start
    for each in begun:
        each.process.kill()
        each.process.wait()


def check(path, before):
    """Each cell stands in the file once, behind those of before."""
    cells = cells_of(path)
    assert len(cells) == len(set(cells))
    assert cells[: len(before)] == before
    assert set(cells) <= set(range(RUNS))
    return cells


def check_last_line(sweep):
    said = sweep.said()
    *_, line = said.splitlines() or [""]
    goes_on = line.partition("; this goes on: quadfit-tui sweep ")[2]
    assert shlex.split(goes_on)[-1:] == ["--resume"], said
    return line


@pytest.mark.parametrize("number", range(10 if FOR_RELEASE else 1))
def test_randomly_killed_sweep_ends_identical(begin, undisturbed, tmp_path, number):
    chance, path, cells = random.Random(seed := SEED + number), tmp_path / "rows.csv", []
    for what in chance.sample(["worker", signal.SIGKILL, signal.SIGTERM, signal.SIGINT], 4):
        sweep = begin(path, *LONG, "--jobs", "2", *(["--resume"] if path.exists() else []))
        if sweep.until(len(cells) + chance.randint(1, RUNS // 6)):
            if what == "worker":
                sent(chance.sample(workers, 1) if (workers := sweep.workers()) else [])
                if workers and sweep.end() == 2:
                    assert "a process that trains has died after " in check_last_line(sweep)
                sweep.kill()
            else:
                sent([sweep.process.pid], what)
                code = sweep.end()
                assert code in (0, -what if what == signal.SIGKILL else 128 + what)
                if code > 0:
                    assert "interrupted after " in check_last_line(sweep)
        if len(cells := check(path, cells)) == RUNS:
            break
    sweep = begin(path, *LONG, "--jobs", "2", "--resume")
    assert sweep.end() == 0, sweep.said()
    assert path.read_bytes() == undisturbed, f"seed {seed}"
    assert b"suspects" not in Path(f"{path}.toml").read_bytes()


def test_killed_parent_leaves_no_workers(begin, tmp_path):
    sweep = begin(tmp_path / "rows.csv", *LONG, "--jobs", "2")
    while len(workers := sweep.workers()) < 2:
        assert sweep.process.poll() is None
    sweep.kill()
    end = time.monotonic() + 60
    while any(os.path.exists(f"/proc/{pid}") for pid in workers):
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.fixture
def dask(tmp_path_factory):
    """Starts a scheduler with two workers, each of which has somebody who replaces it."""
    pytest.importorskip("distributed")
    started = []

    def start():
        started.append(DaskCluster(tmp_path_factory.mktemp("dask")))
        return started[-1], [started[-1].worker(nanny=True) for _ in range(2)]

    yield start
    for each in started:
        each.end()


def test_randomly_killed_cluster_ends_identical(begin, dask, undisturbed, tmp_path):
    chance, path, cells = random.Random(31), tmp_path / "rows.csv", []
    for what in ("scheduler", "parent"):
        cluster, nannies = dask()
        sweep = begin(path, *LONG, "--scheduler", cluster.address, *(["--resume"] if cells else []))
        assert sweep.until(len(cells) + chance.randint(1, 30))
        sent(children(chance.choice(nannies).pid))
        assert sweep.until(len(cells_of(path)) + 1)
        if what == "parent":
            sweep.kill()
        else:
            cluster.scheduler.kill()
            assert sweep.end() == 2, sweep.said()
            check_last_line(sweep)
        cells = check(path, cells)
        cluster.end()
    cluster, _ = dask()
    sweep = begin(path, *LONG, "--scheduler", cluster.address, "--resume")
    assert sweep.end() == 0, sweep.said()
    assert path.read_bytes() == undisturbed


def test_a_second_program_does_no_harm(begin, undisturbed, tmp_path):
    path = tmp_path / "rows.csv"
    first = begin(path, *LONG, "--jobs", "2")
    assert first.until(1)
    for more in ([], ["--resume"], ["--force"]):
        second = called("sweep", *LONG, *more, "-o", path)
        assert second.returncode == 2
        assert "already" in one_line(second.stderr)
    assert first.process.poll() is None
    assert first.end() == 0
    assert path.read_bytes() == undisturbed


def test_folder_becomes_read_only_during_sweep(begin, undisturbed, tmp_path):
    before = []
    if os.geteuid() == 0:  # who may write anywhere, unless that is taken away
        if shutil.which("setpriv") is None:
            pytest.skip("needs setpriv, or another user than root")
        before = ["setpriv", "--bounding-set", "-dac_override"]
    path = tmp_path / "rows.csv"
    sweep = begin(path, *LONG, "--jobs", "2", before=before)
    assert sweep.until(1)
    tmp_path.chmod(0o555)
    code = sweep.end()
    tmp_path.chmod(0o755)
    assert sorted(cells_of(path)) == list(range(RUNS))
    assert code == 2
    assert f"Permission denied after {RUNS} of {RUNS} runs; this goes on: " in check_last_line(sweep)
    assert called("sweep", *LONG, "--resume", "-o", path).returncode == 0
    assert path.read_bytes() == undisturbed


@pytest.fixture(scope="module")
def short(tmp_path_factory):
    path = tmp_path_factory.mktemp("short") / "rows.csv"
    assert called("sweep", *SHORT, "-o", path).returncode == 0
    return path.read_bytes()


@pytest.mark.parametrize("count", [300, 8_000, 20_000, 90_000, 190_000])
def test_full_disk_is_reported_without_loss(count, short, tmp_path):
    path = tmp_path / "rows.csv"
    with room(count):
        full = called("sweep", *SHORT, "--progress", "none", "-o", path)
    line = one_line(full.stderr)
    assert (full.returncode, full.stdout) == (2, "")
    assert "cannot be written: File too large" in line
    saved = cells_of(path)
    assert len(saved) == len(set(saved)) < 1000
    if saved:
        assert f" after {len(saved)} of 1000 runs; this goes on: " in line
    else:
        assert not path.exists()
    assert saved or count == 300
    again = called("sweep", *SHORT, "--resume", "-o", path)
    assert (again.returncode, path.read_bytes()) == (0, short)
