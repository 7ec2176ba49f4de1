"""A cluster: the same rows from workers of Dask as from nobody's, and one line, soon, where there are none."""

import os
import pickle
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress

import numpy as np
import pytest
from dask_cluster import PROGRAM, DaskCluster
from documents import MANUAL
from sweep_works import DeadlyWork, same, space, whole

from quadfit_tui.core.sweep.engines import cluster
from quadfit_tui.core.sweep.engines.cluster import ClusterError, OtherVersionError, connect
from quadfit_tui.core.sweep.engines.engine import results
from quadfit_tui.core.sweep.head import processor
from quadfit_tui.core.sweep.rows import STATUSES
from quadfit_tui.core.sweep.work import Work

SPACE = space()


@pytest.fixture(scope="module")
def alone():
    return whole(results(Work(SPACE), range(len(SPACE)), jobs=1))


@pytest.fixture
def dask(tmp_path):
    """Starts a scheduler."""
    pytest.importorskip("distributed")
    started = []

    def start(workers=0, **settings):
        started.append(DaskCluster(tmp_path, **settings))
        for _ in range(workers):
            started[-1].worker()
        return started[-1]

    yield start
    for each in started:
        each.end()


def refusal(address):
    with pytest.raises(ClusterError) as refused:
        connect(address)
    (line,) = str(refused.value).splitlines()
    assert line.startswith(repr(address))
    return line


ADDRESSES = ("", "127.0.0.1:8786", "http://127.0.0.1:8786", "tcp://127.0.0.1", "tcp://127.0.0.1:0", "tcp://:8786")
ADDRESSES += ("tcp://127.0.0.1:65536", "tcp://127.0.0.1:eight", "tcp://127.0.0.1:٨", "tcp://a b:8786", "inproc://1/2/3")


@pytest.mark.parametrize("address", ADDRESSES)
def test_what_is_no_address_is_told_at_once(address, monkeypatch):
    monkeypatch.setattr(cluster, "find_spec", None)  # before anything else is looked at
    assert "is no address of a scheduler; allowed: what 'dask scheduler' tells" in refusal(address)


def test_without_distributed_it_is_told_what_to_install(monkeypatch):
    monkeypatch.setattr(cluster, "find_spec", lambda _: None)
    assert "(pip install 'quadfit-tui[cluster]')" in refusal("tcp://127.0.0.1:8786")


@pytest.mark.parametrize("scheme", ["tcp", "tls"])
@pytest.mark.parametrize("says", [None, b"", b"HTTP/1.1 400 Bad Request\r\n\r\n"], ids=["nobody", "silent", "http"])
def test_whoever_is_no_scheduler_is_told_soon(says, scheme, monkeypatch, capfd):
    pytest.importorskip("distributed")
    monkeypatch.setattr(cluster, "_ANSWER", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"{scheme}://127.0.0.1:{server.getsockname()[1]}"
        if says is None:
            server.close()
        elif says:
            server.settimeout(5)
            threading.Thread(target=_greet, args=(server, says), daemon=True).start()
        reason = "cannot be reached: Connection refused" if says is None else "does not answer as a Dask scheduler does"
        assert f"{reason}; allowed: what 'dask scheduler' tells" in refusal(address)
    assert capfd.readouterr() == ("", "")


def _greet(server, says):
    with suppress(OSError):  # nobody came
        server.accept()[0].sendall(says)


def test_what_is_large_goes_beside_a_call():
    large, small = os.urandom(30_000), os.urandom(30)
    packed, beside = cluster._packed(cluster._Call(_all, (large, np.arange(5), small), {"last": small}))
    assert [each is large for each in beside] == [True]
    assert len(packed) < 1000
    _, (found, numbers, *rest) = pickle.loads(packed, buffers=beside)
    assert found is large  # not a copy: who has seen it once knows it again
    assert (numbers.tolist(), rest) == ([0, 1, 2, 3, 4], [small, small])


def _all(*args, last):
    return [*args, last]


def test_a_call_is_not_done_by_another_version(monkeypatch):
    packed, _ = cluster._packed(cluster._Call(int, ("3",), {}))
    assert pickle.loads(packed) == (processor(), 3)
    ours = cluster.versions()
    for name in ours:
        monkeypatch.setattr(cluster, "versions", lambda name=name: ours | {name: "0.9"})
        with pytest.raises(OtherVersionError, match=f"{name} 0.9, and this program {ours[name]}"):
            pickle.loads(packed)


def test_dasks_commands_have_the_options_that_the_manual_names():
    pytest.importorskip("distributed")
    (block,) = re.findall(r"test_cluster.py looks at the next block -->\n```sh\n(.+?)```", MANUAL["sweeps"], re.DOTALL)
    commands = [line.partition("#")[0].split()[1:] for line in block.splitlines()]
    assert [name for name, *_ in commands] == ["scheduler", "worker"]
    for name, *words in commands:
        command = [sys.executable, "-m", PROGRAM.format(name), "--help"]
        told = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
        assert [word for word in words if word.startswith("--") and word not in told] == []


@pytest.mark.system
def test_two_workers_come_to_the_same_and_nothing_is_printed(dask, alone, capfd):
    at = dask(workers=2)
    with connect(at.address) as executor:
        assert same(whole(results(Work(SPACE), range(len(SPACE)), executor=executor)), alone)
        while executor._max_workers < 2:  # it follows those that come
            time.sleep(0.1)
        assert [*executor.processors] == [processor()]
    assert capfd.readouterr() == ("", "")


@pytest.mark.system
def test_a_cell_that_kills_its_workers_costs_one_row(dask, alone):
    at = dask(SCHEDULER__ALLOWED_FAILURES=0)
    for _ in range(2):
        at.worker(nanny=True)
    work = DeadlyWork(SPACE, deadly=frozenset({7}))
    with connect(at.address) as executor:
        rows = whole(results(work, range(len(SPACE)), executor=executor))
    assert rows.cell.tolist() == list(range(len(SPACE)))
    assert [cell for cell in rows.cell if STATUSES[rows.status[cell]] == "failed"] == [7]
    assert "KilledWorker" in rows.errors[7]
    others = rows.cell != 7
    assert same(rows.part(others), alone.part(others))


PRELOADS = {"quadfit-tui": "import quadfit_tui; quadfit_tui.__version__ = '0.1.0'"}
PRELOADS |= {"NumPy": "import numpy; numpy.__version__ = '0.1.0'"}
PRELOADS |= {"Python": "import platform; platform.python_version_tuple = lambda: ('0', '1', '0')"}


@pytest.mark.system
def test_a_worker_of_another_version_is_refused_and_so_is_one_that_comes_later(dask, tmp_path):
    at = dask()
    for name, preload in PRELOADS.items():
        version = "0.1" if name == "Python" else "0.1.0"
        told = f"{name} {version}, and this program {cluster.versions()[name]}"
        worker = at.worker("--preload", preload)
        assert f" has {told}" in refusal(at.address)
        worker.terminate()  # the scheduler hears of it before it has ended
        worker.wait()
    at.worker()
    with connect(at.address) as executor:
        later = at.worker("--preload", PRELOADS["NumPy"])
        calls = [executor.submit(time.sleep, 0.3) for _ in range(40)]
        with pytest.raises(ClusterError, match=r"one of its workers has NumPy 0\.1\.0, and this program"):
            [call.result(30) for call in calls]
        with pytest.raises(ClusterError, match="one of its workers"):
            executor.submit(int)
    later.terminate()
    later.wait()
    without = tmp_path / "quadfit_tui"
    without.mkdir()
    (without / "__init__.py").touch()
    with connect(at.address) as executor:
        at.worker(PYTHONPATH=str(tmp_path))
        calls = [executor.submit(time.sleep, 0.3) for _ in range(40)]
        with pytest.raises(ClusterError, match="one of its workers has no quadfit-tui"):
            [call.result(30) for call in calls]
    assert "has no quadfit-tui" in refusal(at.address)


@pytest.mark.system
@pytest.mark.parametrize("what", [signal.SIGKILL, signal.SIGTERM, signal.SIGSTOP])
def test_a_scheduler_that_is_gone_is_told_soon(what, dask, monkeypatch, capfd):
    at = dask(workers=2)
    with connect(at.address) as executor:
        monkeypatch.setattr(cluster, "_ANSWER", 1.0)
        asked = [executor.submit(time.sleep, 60) for _ in range(4)]
        at.scheduler.send_signal(what)
        for each in asked:
            with pytest.raises(ClusterError, match="does not answer any more"):
                each.result(30)
        with pytest.raises(ClusterError, match="does not answer any more"):
            list(results(Work(SPACE), range(len(SPACE)), executor=executor))
    if what == signal.SIGSTOP:
        assert "does not answer as" in refusal(at.address)
    else:
        at.scheduler.wait()
        assert "cannot be reached" in refusal(at.address)
    assert capfd.readouterr() == ("", "")


@pytest.mark.system
def test_a_scheduler_without_workers_is_told_before_and_amid(dask, monkeypatch):
    at = dask()
    monkeypatch.setattr(cluster, "_FIRST", 0.3)
    assert f"has no workers; start some: dask worker {at.address} --nthreads 1" in refusal(at.address)
    monkeypatch.undo()
    worker = at.worker()
    monkeypatch.setattr(cluster, "_PATIENCE", 2.0)
    with connect(at.address) as executor:
        asked = executor.submit(time.sleep, 60)
        worker.kill()
        with pytest.raises(ClusterError, match="has had no workers for 2 seconds"):
            asked.result(30)
