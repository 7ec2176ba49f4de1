"""What is forked is what a program of its own would be: its environment, files, signals, end; nothing of another."""

import json
import os
import signal
import time
from pathlib import Path

import pytest
from pages import children, is_alive

from quadfit_tui.serve.processes.forks import ForkServer
from quadfit_tui.serve.processes.session_environment import environment

# In the place of the program: what a session's options say, which are Python.
STAND_IN = """
import sys, types
from quadfit_tui.serve.processes import forkserver
forkserver.load = lambda: None
sys.modules["quadfit_tui.__main__"] = types.SimpleNamespace(main=lambda: exec(sys.argv[1], {}))
forkserver.main()
"""
PROBE = """
import json, os, resource, signal, sys, threading
streams = (sys.stdin, sys.stdout, sys.stderr)
print(json.dumps({
    "argv": sys.argv[2:],
    "environment": dict(os.environ),
    "folder": os.getcwd(),
    "terminals": [os.isatty(fd) for fd in range(3)],
    "streams": [[each.isatty(), each.encoding, each.errors, each.line_buffering, each.fileno()] for each in streams],
    "kept streams": [sys.__stdin__ is sys.stdin, sys.__stdout__ is sys.stdout, sys.__stderr__ is sys.stderr],
    "descriptors": [fd for fd in range(99) if os.path.exists(f"/proc/self/fd/{fd}")],
    "leads": [os.getsid(0) == os.getpid(), os.getpgrp() == os.getpid(), os.tcgetpgrp(0) == os.getpid()],
    "signals": [str(signal.getsignal(number)) for number in sorted(signal.valid_signals())],
    "held back": [*map(int, signal.pthread_sigmask(signal.SIG_BLOCK, []))],
    "longest file": resource.getrlimit(resource.RLIMIT_FSIZE),
    "threads": threading.active_count(),
}))
"""
AS_PYTHON_STARTS = {signal.SIGINT: signal.default_int_handler, signal.SIGPIPE: signal.SIG_IGN}
AS_PYTHON_STARTS[signal.SIGXFSZ] = signal.SIG_IGN


@pytest.fixture
def forks(monkeypatch):
    monkeypatch.setattr(ForkServer, "program", ("-c", STAND_IN))
    with ForkServer() as forks:
        yield forks
    assert not is_alive(forks._process.pid)


@pytest.fixture
def begin(forks, tmp_path):
    """Starts a script as a session; gives its process and the terminal that it is on."""
    terminals = []

    def start(script, *options):
        terminal, other_end = os.openpty()
        terminals.append(terminal)
        child = forks([script, *options], f"{tmp_path}", environment(f"{tmp_path}", False), other_end)
        os.close(other_end)
        return child, terminal

    yield start
    for each in terminals:
        os.close(each)


def shown(terminal):
    """All that is written to a terminal until nobody has its other end any more."""
    found = b""
    while True:
        try:
            found += os.read(terminal, 4096)
        except OSError:
            return found.decode().replace("\r", "")


def wait(condition):
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


@pytest.fixture
def odd_server():
    """A server that ignores a signal, and has a secret and a descriptor that programs inherit."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    os.environ["SECRET"] = "of the server"
    given = os.dup(0)
    os.set_inheritable(given, True)
    yield
    signal.signal(signal.SIGHUP, before)
    del os.environ["SECRET"]
    os.close(given)


@pytest.mark.usefixtures("odd_server")
def test_fork_finds_what_a_program_of_its_own_would(begin, tmp_path):
    child, terminal = begin(PROBE, "ü", "--lang")
    found = json.loads(shown(terminal))
    wait(child.has_ended)
    assert child.reap() == 0
    assert found.pop("environment") == environment(f"{tmp_path}", False)
    signals = [AS_PYTHON_STARTS.get(number, signal.SIG_DFL) for number in sorted(signal.valid_signals())]
    unchangeable = {signal.SIGKILL: "None", signal.SIGSTOP: "None"}
    numbers = sorted(signal.valid_signals())
    told = dict(zip(numbers, found.pop("signals"), strict=True))
    assert told == {n: str(each) for n, each in zip(numbers, signals, strict=True)} | {
        number: told[number] for number in unchangeable
    }
    streams = [
        [True, "utf-8", errors, True, fd] for fd, errors in enumerate(("surrogateescape",) * 2 + ("backslashreplace",))
    ]
    assert found == {
        "argv": ["ü", "--lang"],
        "folder": f"{tmp_path}",
        "terminals": [True] * 3,
        "streams": streams,
        "kept streams": [True] * 3,
        "descriptors": [0, 1, 2],
        "leads": [True] * 3,
        "held back": [],
        "longest file": found["longest file"],
        "threads": 1,
    }
    assert 1 << 20 < found["longest file"][0] == found["longest file"][1] < 1 << 30


@pytest.mark.parametrize(
    ("script", "code"),
    [
        ("", 0),
        ("raise SystemExit(7)", 7),
        ("import os; os.kill(os.getpid(), 15)", -15),
        ("1 / 0", 1),
    ],
)
def test_its_end_is_told_and_its_number_kept(begin, forks, script, code):
    child, _ = begin(script)
    wait(child.has_ended)
    zombies = children(forks._process.pid)
    assert len(zombies) == 1
    assert child.reap() == code
    wait(lambda: not is_alive(zombies[0]))


def test_signal_before_its_number_is_known_ends_it(begin):
    child, _ = begin("import time; time.sleep(600)")
    child.signal(signal.SIGKILL)
    while not child.has_ended():
        child.signal(signal.SIGKILL)  # the first may come before it has a group
    assert child.reap() == -signal.SIGKILL


def test_many_at_once_are_kept_apart(begin, forks):
    begun = [begin(f"print({number}); raise SystemExit({number})") for number in range(30)]
    for number, (child, terminal) in enumerate(begun):
        assert shown(terminal) == f"{number}\n"
        wait(child.has_ended)
        assert child.reap() == number
    wait(lambda: not children(forks._process.pid))
    assert len(os.listdir(f"/proc/{forks._process.pid}/fd")) < 12


def test_after_its_death_sessions_are_ended_and_others_begin(begin, forks):
    child, terminal = begin("import os, time; print(os.getpid(), flush=True); time.sleep(600)")
    number = int(os.read(terminal, 100))
    before = forks._process.pid
    os.kill(before, signal.SIGKILL)
    wait(child.has_ended)
    child.signal(signal.SIGKILL)
    assert child.reap() == -signal.SIGKILL
    wait(lambda: not is_alive(number) or Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] == "Z")
    another, _ = begin("raise SystemExit(3)")
    wait(another.has_ended)
    assert another.reap() == 3
    assert forks._process.pid != before
