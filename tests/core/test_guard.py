"""The guard of a file: what a kill cuts is taken away, what is whole stays, and nothing of the guard is left."""

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from quadfit_tui.core.guard import trim
from quadfit_tui.core.linefile import LineFile

# Writes a part of a line that is due, and is killed there.
KILLED = """
import os, signal, sys
from quadfit_tui.core.linefile import LineFile

path, part, victims = sys.argv[1], int(sys.argv[2]), sys.argv[3]
file = LineFile(path)
file.write(["first", "second"])
write = os.write

def cut(descriptor, data):
    write(descriptor, data[:part])
    (os.kill if victims == "program" else os.killpg)(os.getpid(), signal.SIGKILL)

os.write = cut
file.write(["third"])
"""


def goes_to(path, content, seconds=5.0):
    """Waits for a file to have some content; gives what it has."""
    end = time.monotonic() + seconds
    while path.read_bytes() != content and time.monotonic() < end:
        time.sleep(0.001)
    return path.read_bytes()


@pytest.mark.parametrize("victims", ["program", "group"])
@pytest.mark.parametrize("part", [0, 1, 5, 6])
def test_a_line_that_a_kill_cuts_is_taken_away(tmp_path, part, victims):
    path = tmp_path / "lines"
    done = subprocess.run([sys.executable, "-c", KILLED, path, str(part), victims], start_new_session=True, timeout=20)
    assert done.returncode == -signal.SIGKILL
    whole = b"first\nsecond\n" + (b"third\n" if part == 6 else b"")
    assert goes_to(path, whole) == whole
    time.sleep(0.05)  # in which nothing more is to come
    assert path.read_bytes() == whole


def test_it_is_there_where_the_standard_streams_are_closed(tmp_path):
    path = tmp_path / "lines"
    command = ["/bin/sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh", sys.executable, "-c", KILLED, path, "2", "program"]
    assert subprocess.run(command, timeout=20).returncode == -signal.SIGKILL
    assert goes_to(path, b"first\nsecond\n") == b"first\nsecond\n"


@pytest.mark.parametrize("whole", [b"", b"\n", b"first\n", b"x" * 4095 + b"\n", b"x" * 9000 + b"\n\n", b"y\n" * 4000])
@pytest.mark.parametrize("cut", [b"", b"x", b"x" * 4095, b"x" * 4096, b"x" * 4097, b"x" * 12288])
def test_what_follows_the_last_whole_line_is_taken_away(tmp_path, whole, cut):
    path = tmp_path / "lines"
    path.write_bytes(whole + cut)
    with path.open("r+b") as file:
        trim(file.fileno())
    assert path.read_bytes() == whole


@pytest.mark.skipif(not os.path.exists("/proc/self/comm"), reason="this system does not show processes as files")
def test_it_has_a_name_of_its_own_so_that_who_kills_by_name_leaves_it_and_goes_when_its_program_has_gone(tmp_path):
    script = (
        "import sys, time; from quadfit_tui.core.linefile import LineFile\n"
        "file = LineFile(sys.argv[1]); print(file, flush=True); time.sleep(60)\n"
    )
    command = [sys.executable, "-c", script, tmp_path / "lines"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as program:
        program.stdout.readline()
        (guard,) = Path(f"/proc/{program.pid}/task/{program.pid}/children").read_text().split()
        name = Path(f"/proc/{guard}/comm").read_text()
        program.kill()
    assert name.startswith("python")
    end = time.monotonic() + 5
    while Path(f"/proc/{guard}/stat").exists() and " Z " not in Path(f"/proc/{guard}/stat").read_text():
        assert time.monotonic() < end
        time.sleep(0.001)


def test_it_heeds_signals_though_its_program_holds_them_back(tmp_path):
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
    try:
        file = LineFile(str(tmp_path / "lines"))
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    guard = file._guard._process
    os.kill(guard, signal.SIGTERM)  # as the system does to all when it goes down
    end = time.monotonic() + 5
    while not os.waitid(os.P_PID, guard, os.WEXITED | os.WNOHANG | os.WNOWAIT):
        assert time.monotonic() < end
        time.sleep(0.001)
    file.close()


def test_a_guard_that_cannot_be_made_leaves_nothing_open(tmp_path, monkeypatch):
    def refused(*_, **__):
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    monkeypatch.setattr("fcntl.fcntl", refused)
    before = sorted(os.listdir("/dev/fd"))
    LineFile(str(tmp_path / "lines")).close()
    assert sorted(os.listdir("/dev/fd")) == before


def test_a_file_that_is_closed_has_no_guard_any_more(tmp_path):
    script = (
        "import os, sys; from quadfit_tui.core.linefile import LineFile\n"
        "file = LineFile(sys.argv[1]); file.write(['all']); os.waitpid(-1, os.WNOHANG); file.close()\n"
        "try: os.waitpid(-1, 0)\n"
        "except ChildProcessError: print('none')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, tmp_path / "lines"], capture_output=True, text=True, timeout=20
    )
    assert done.stdout == "none\n", done.stderr
    assert (tmp_path / "lines").read_text() == "all\n"


@pytest.mark.parametrize(
    "failure", [BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable"), NotImplementedError()]
)
def test_where_no_process_may_be_started_there_is_a_file_at_least(tmp_path, monkeypatch, failure):
    def refused(*_, **__):
        raise failure

    monkeypatch.setattr(os, "posix_spawn", refused)
    file = LineFile(str(tmp_path / "lines"))
    file.write(["all"])
    file.close()
    assert (tmp_path / "lines").read_text() == "all\n"


def test_a_python_that_is_embedded_has_none(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "executable", None)
    file = LineFile(str(tmp_path / "lines"))
    file.write(["all"])
    file.close()
    assert (tmp_path / "lines").read_text() == "all\n"


def test_a_pipe_has_none_and_its_reader_sees_the_end(tmp_path, monkeypatch):
    def refused(*_, **__):
        raise AssertionError

    monkeypatch.setattr(os, "posix_spawn", refused)
    path = tmp_path / "pipe"
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    file = LineFile(str(path))
    file.write(["all"])
    file.close()
    assert os.read(reader, 100) == b"all\n"
    assert os.read(reader, 100) == b""
    os.close(reader)
