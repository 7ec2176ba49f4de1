"""What is told saved of a sweep is never lost, nor computed twice: workers, parents, schedulers die, disks are full."""

import os
import random
import shlex
import shutil
import signal

import pytest
from command_line import called, one_line
from dask_cluster import DaskCluster
from full_disk import room
from sweep_programs import LONG, RUNS, SweepProgram, children, journaled

SHORT = ["--samples", "24", "--noise", "0.3", "--stop-on", "never", "--epochs", "20", "--lr", "0.01:1.5:40log"]
SHORT += ["--seeds", "25", "--jobs", "1"]


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


def killed(pids):
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


def check_journal(sweep, told, before):
    """Each cell stands in the journal once, and with those of before, of whom so many have been told of."""
    cells = journaled(sweep.journal)
    assert len(cells) == len(set(cells)) >= told
    assert cells[: len(before)] == before
    assert set(cells) < set(range(RUNS))  # it was amid its work
    return cells


@pytest.mark.system
def test_workers_and_parents_are_killed_at_random(begin, undisturbed, tmp_path):
    chance, path, cells, deaths, parents = random.Random(31), tmp_path / "rows.csv", [], 0, 0
    while parents < 4 and len(cells) < RUNS * 3 // 4:  # on a busy machine a program is killed late
        sweep = begin(path, *LONG, "--jobs", "2", *(["--resume"] if cells else []))
        for _ in range(3):
            sweep.until(len(journaled(sweep.journal)) + chance.randint(1, 30))
            workers = sweep.workers()
            killed(chance.sample(workers, min(len(workers), chance.randint(1, 2))))
            deaths += bool(workers)
        sweep.until(len(journaled(sweep.journal)) + 1)
        cells = check_journal(sweep, sweep.kill(), cells)
        parents += 1
    assert deaths >= parents > 1
    sweep = begin(path, *LONG, "--jobs", "2", "--resume")
    assert sweep.end() == 0, sweep.said()
    assert not sweep.journal.exists()
    assert path.read_bytes() == undisturbed


@pytest.mark.system
def test_no_worker_is_left_when_its_parent_is_killed(begin, tmp_path):
    sweep = begin(tmp_path / "rows.csv", *LONG, "--jobs", "2")
    sweep.until(200)
    workers = sweep.workers()
    assert len(workers) == 2
    sweep.kill()
    while any(os.path.exists(f"/proc/{pid}") for pid in workers):
        pass


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


@pytest.mark.system
def test_workers_schedulers_and_parents_of_a_cluster_are_killed_at_random(begin, dask, undisturbed, tmp_path):
    chance, path, cells = random.Random(31), tmp_path / "rows.csv", []
    for what in ("scheduler", "parent", "scheduler", "parent"):
        if len(cells) > RUNS * 3 // 4:
            break
        cluster, nannies = dask()
        sweep = begin(path, *LONG, "--scheduler", cluster.address, *(["--resume"] if cells else []))
        for _ in range(2):
            sweep.until(len(journaled(sweep.journal)) + chance.randint(1, 30))
            killed(children(chance.choice(nannies).pid))
        sweep.until(len(journaled(sweep.journal)) + 1)
        if what == "parent":
            told = sweep.kill()
        else:
            cluster.scheduler.kill()
            assert sweep.end() == 2, sweep.said()
            told = sweep.told()[-1]["done"]
            *_, line = sweep.said().splitlines()
            assert f"'{cluster.address}' does not answer any more after " in line
            goes_on = line.partition("; this goes on: quadfit-tui sweep ")[2]
            assert shlex.split(goes_on)[-1] == "--resume"
        cells = check_journal(sweep, told, cells)
        cluster.end()
    cluster, _ = dask()
    sweep = begin(path, *LONG, "--scheduler", cluster.address, "--resume")
    assert sweep.end() == 0, sweep.said()
    assert not sweep.journal.exists()
    assert path.read_bytes() == undisturbed


@pytest.mark.system
def test_a_second_program_does_no_harm(begin, undisturbed, tmp_path):
    path = tmp_path / "rows.csv"
    first = begin(path, *LONG, "--jobs", "2")
    first.until(1)
    for more in ([], ["--resume"], ["--force"]):
        second = called("sweep", *LONG, *more, "-o", path)
        assert second.returncode == 2
        assert "another program is already writing to it" in one_line(second.stderr)
    assert first.process.poll() is None
    assert first.end() == 0
    assert path.read_bytes() == undisturbed


@pytest.mark.system
def test_a_folder_that_becomes_read_only_amid_a_sweep(begin, undisturbed, tmp_path):
    before = []
    if os.geteuid() == 0:  # who may write anywhere, unless that is taken away
        if shutil.which("setpriv") is None:
            pytest.skip("needs setpriv, or another user than root")
        before = ["setpriv", "--bounding-set", "-dac_override"]
    path = tmp_path / "rows.csv"
    sweep = begin(path, *LONG, "--jobs", "2", before=before)
    sweep.until(1)
    tmp_path.chmod(0o555)
    assert sweep.end() == 2
    assert f"cannot be written: Permission denied after {RUNS} of {RUNS} runs; this goes on: " in sweep.said()
    assert sorted(journaled(sweep.journal)) == list(range(RUNS))
    refused = called("sweep", *LONG, "--resume", "-o", "/sys/rows.csv")
    assert refused.returncode == 2
    assert "Permission denied" in one_line(refused.stderr)
    tmp_path.chmod(0o755)
    assert called("sweep", *LONG, "--resume", "-o", path).returncode == 0
    assert path.read_bytes() == undisturbed


@pytest.fixture(scope="module")
def short(tmp_path_factory):
    path = tmp_path_factory.mktemp("short") / "rows.csv"
    assert called("sweep", *SHORT, "-o", path).returncode == 0
    return path.read_bytes()


@pytest.mark.parametrize("count", [300, 5_000, 20_000, 90_000, 147_000])
def test_a_full_disk_is_told_in_a_line_and_nothing_is_lost(count, short, tmp_path):
    path, journal = tmp_path / "rows.csv", tmp_path / "rows.csv.journal"
    with room(count):
        full = called("sweep", *SHORT, "--progress", "none", "-o", path)
    line = one_line(full.stderr)
    assert (full.returncode, full.stdout, path.exists()) == (2, "", False)
    assert f"'{path}' cannot be written: File too large" in line
    saved = journaled(journal)
    assert len(saved) == len(set(saved))
    if count == 300:  # nothing has been begun
        assert not journal.exists()
    else:
        assert f" after {len(saved)} of 1000 runs; this goes on: " in line
        assert len(saved) == 1000 or count < 147_000  # when it is the file itself that has no room
        assert saved
    again = called("sweep", *SHORT, "--resume", "-o", path)
    assert (again.returncode, path.read_bytes()) == (0, short)
