"""A cluster: the same rows from workers of Dask as from nobody's, and one line, soon, where there are none."""

import re
import signal
import socket
import subprocess
import sys
import threading
from contextlib import suppress

import numpy as np
import pytest
from dask_cluster import PROGRAM, DaskCluster
from documents import MANUAL
from sweep_works import BASE, same, space, whole
from trials import drawn

from quadfit_tui import sweep
from quadfit_tui.sweeps.engines import cluster
from quadfit_tui.sweeps.engines.cluster import ClusterError, connected
from quadfit_tui.sweeps.engines.engine import WorkersLostError, results
from quadfit_tui.sweeps.space import Space
from quadfit_tui.sweeps.work import SweepJob

SPACE = space()
LONG = SweepJob(Space(BASE.replace(epochs=3000), {"lr": np.geomspace(0.01, 1, 40).tolist(), "seed": range(50)}))


@pytest.fixture
def dask(tmp_path):
    """Starts a scheduler."""
    pytest.importorskip("distributed")
    started = []

    def start(workers=0):
        started.append(DaskCluster(tmp_path))
        return started[-1], [started[-1].worker() for _ in range(workers)]

    yield start
    for each in started:
        each.end()


def refusal(address):
    with pytest.raises(ClusterError) as refused, connected(address, 0.2):
        pass
    (line,) = str(refused.value).splitlines()
    assert line.startswith(repr(address))
    return line


def test_missing_distributed_names_install_command(monkeypatch):
    monkeypatch.setattr(cluster, "find_spec", lambda _: None)
    assert "(pip install '.[cluster]' in a clone of the repository)" in refusal("tcp://127.0.0.1:8786")


@pytest.mark.parametrize("address", ["", "somewhere", "http://127.0.0.1:8786", "tcp://127.0.0.1:65536", "tcp://a b:1"])
def test_what_is_no_address_is_told(address, capfd):
    pytest.importorskip("distributed")
    assert "does not answer as a Dask scheduler does; allowed: what 'dask scheduler' tells" in refusal(address)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("scheme", ["tcp", "tls"])
@pytest.mark.parametrize("says", [None, b"", b"HTTP/1.1 400 Bad Request\r\n\r\n"], ids=["nobody", "silent", "http"])
def test_whoever_is_no_scheduler_is_told_soon(says, scheme, capfd):
    pytest.importorskip("distributed")
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"{scheme}://127.0.0.1:{server.getsockname()[1]}"
        if says is None:
            server.close()
        elif says:
            server.settimeout(5)
            threading.Thread(target=_greet, args=(server, says), daemon=True).start()
        assert "does not answer as a Dask scheduler does; allowed: what 'dask scheduler' tells" in refusal(address)
    assert capfd.readouterr() == ("", "")


def _greet(server, says):
    with suppress(OSError):  # nobody came
        server.accept()[0].sendall(says)


def test_dask_commands_have_documented_options():
    pytest.importorskip("distributed")
    (block,) = re.findall(r"test_cluster.py looks at the next block -->\n```sh\n(.+?)```", MANUAL["sweeps"], re.DOTALL)
    commands = [line.partition("#")[0].split()[1:] for line in block.splitlines()]
    assert [name for name, *_ in commands] == ["scheduler", "worker"]
    for name, *words in commands:
        command = [sys.executable, "-m", PROGRAM.format(name), "--help"]
        told = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
        assert [word for word in words if word.startswith("--") and word not in told] == []


def lost(executor, jobs):
    """What ends a long sweep."""
    with pytest.raises(WorkersLostError) as ended:
        list(results(LONG, range(len(LONG.space)), executor=executor, jobs=jobs))
    (line,) = str(ended.value).splitlines()
    return line


def test_two_workers_or_one_give_same_rows(dask, capfd):
    at, workers = dask(workers=2)
    alone = whole(results(SweepJob(SPACE), range(len(SPACE)), jobs=1))
    with connected(at.address) as (executor, jobs):
        assert same(whole(results(SweepJob(SPACE), range(len(SPACE)), executor=executor, jobs=jobs)), alone)
        assert same(whole(results(SweepJob(SPACE), range(len(SPACE)), executor=executor, jobs=2)), alone)
        found = sweep(BASE, {"lr": [0.01, 0.1]}, seeds=range(25), executor=executor, jobs=2)
        assert found.w.tobytes() == alone.w[:50].tobytes()
        rows = results(LONG, range(len(LONG.space)), executor=executor, jobs=jobs)
        some = [next(rows) for _ in range(3)]
        workers[0].kill()
        assert same(whole([*some, *rows]), whole(results(LONG, range(len(LONG.space)))))
    assert capfd.readouterr() == ("", "")


PRELOADS = {"quadfit-tui": "import quadfit_tui; quadfit_tui.__version__ = '0.1.0'"}
PRELOADS |= {"NumPy": "import numpy; numpy.__version__ = '0.1.0'"}


def test_a_worker_of_another_version_is_told(dask, tmp_path):
    without = tmp_path / "without" / "quadfit_tui"
    without.mkdir(parents=True)
    (without / "__init__.py").touch()
    at, _ = dask()
    for name, preload in drawn([*PRELOADS.items()], 1):
        worker = at.worker("--preload", preload)
        with connected(at.address) as (executor, jobs):
            assert lost(executor, jobs).startswith(f"training has failed: a worker has {name} 0.1.0, and the program ")
        worker.kill()
        worker.wait()
    at.worker(PYTHONPATH=str(without.parent))
    with connected(at.address) as (executor, jobs):
        assert lost(executor, jobs)


@pytest.mark.parametrize("what", drawn([signal.SIGKILL, signal.SIGTERM, signal.SIGSTOP, None], 2))
def test_lost_scheduler_or_workers_fail_soon(what, dask, monkeypatch, capfd):
    at, workers = dask(workers=1)
    with connected(at.address) as (executor, jobs):
        rows = results(LONG, range(len(LONG.space)), executor=executor, jobs=jobs)
        next(rows)
        monkeypatch.setattr(cluster, "_PATIENCE", 3.0)
        if what is None:
            workers[0].kill()
        else:
            at.scheduler.send_signal(what)
        with pytest.raises(WorkersLostError) as ended:
            list(rows)
    told = f"'{at.address}' has had no workers for 3 seconds, or does not answer"
    assert str(ended.value) in (told, "nobody is there any more who trains")
    assert ended.value.cells == ()
    assert capfd.readouterr() == ("", "")
