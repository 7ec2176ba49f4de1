"""Files of whole lines: what is in them at once, and what of a line remains when there is no room for all of it."""

import errno
import os
import signal
import subprocess
import sys
import threading

import pytest
from full_disk import room

from quadfit_tui.core.files import open_file
from quadfit_tui.core.files.line_file import LineFile

LINES = [f"{number} " + "x" * (number % 90) for number in range(4000)]


@pytest.fixture
def file(tmp_path):
    opened = LineFile(str(tmp_path / "lines"))
    yield opened
    opened.close()


def test_lines_are_flushed_at_once(file, tmp_path):
    file.write(LINES[:3])
    file.write([])
    file.write(["ξ − 1"])
    assert (tmp_path / "lines").read_text(encoding="utf-8").splitlines() == [*LINES[:3], "ξ − 1"]


def test_older_file_is_replaced_on_request(tmp_path):
    path = tmp_path / "old"
    path.write_text("old\n" * 100)
    before = sorted(os.listdir("/dev/fd"))
    with pytest.raises(FileExistsError, match="it already has content"):
        LineFile(str(path))
    assert sorted(os.listdir("/dev/fd")) == before
    assert path.read_text() == "old\n" * 100
    LineFile(str(path), overwrites=True).close()
    assert path.read_text() == "old\n" * 100  # nothing has come that could take its place
    inode = path.stat().st_ino
    file = LineFile(str(path), overwrites=True)
    file.write(["new"])
    assert (path.read_text(), path.stat().st_ino) == ("new\n", inode)  # as whoever follows it expects
    file.close()
    path.write_text("")
    LineFile(str(path)).close()  # it holds nothing that could be lost


def test_second_writer_is_refused(file, tmp_path):
    file.write(LINES[:3])
    before = sorted(os.listdir("/dev/fd"))
    with pytest.raises(OSError, match="another program is already writing to it"):
        LineFile(str(tmp_path / "lines"))
    assert sorted(os.listdir("/dev/fd")) == before
    assert (tmp_path / "lines").read_text().splitlines() == LINES[:3]
    file.write(LINES[3:5])
    assert (tmp_path / "lines").read_text().splitlines() == LINES[:5]


def test_emptied_file_has_no_hole(file, tmp_path):
    file.write(LINES[:50])
    os.truncate(tmp_path / "lines", 0)
    file.write(["next"])
    assert (tmp_path / "lines").read_bytes() == b"next\n"


def test_line_is_one_unbuffered_write(file, tmp_path, monkeypatch):
    writes = []
    write = os.write
    monkeypatch.setattr(os, "write", lambda number, data: writes.append(data) or write(number, data))
    file.write(LINES)
    monkeypatch.undo()
    assert writes == [f"{line}\n".encode() for line in LINES]
    assert (tmp_path / "lines").read_bytes() == b"".join(writes)


def test_partial_write_is_continued(file, tmp_path, monkeypatch):
    write = os.write
    monkeypatch.setattr(os, "write", lambda number, data: write(number, data[:7]))
    file.write(LINES[:200])
    assert (tmp_path / "lines").read_text().splitlines() == LINES[:200]


@pytest.mark.skipif(not os.path.exists("/proc/self/task"), reason="this system does not show processes as files")
def test_no_child_process_is_started(tmp_path):
    script = (
        "import os, sys; from quadfit_tui.core.files.line_file import LineFile\n"
        "file = LineFile(sys.argv[1]); file.write(['one'])\n"
        "print(open(f'/proc/self/task/{os.getpid()}/children').read())"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, tmp_path / "lines"], capture_output=True, text=True, timeout=20
    )
    assert (done.stdout.strip(), done.stderr) == ("", "")


# No room


def fill(file):
    """Writes until there is no room, many lines at a time; gives the reason."""
    try:
        for _ in range(100):
            file.write(LINES)
    except OSError as failure:
        return failure.errno
    raise AssertionError("there was room for everything")


def assert_whole(path, room):
    """The file has whole lines in their order, as many as there is room for."""
    text = path.read_text()
    assert text.endswith("\n")
    lines = text.splitlines()
    assert lines == (LINES * 20)[: len(lines)]
    assert room - 100 < len(text) <= room


def test_size_limit_leaves_no_partial_line(file, tmp_path):
    with room(30_011):
        assert fill(file) == errno.EFBIG
    assert_whole(tmp_path / "lines", 30_011)
    kept = (tmp_path / "lines").read_text()
    file.write(["there is room again"])
    assert (tmp_path / "lines").read_text() == kept + "there is room again\n"


def test_a_file_that_was_deleted_is_told(file, tmp_path):
    file.write(["x"])
    (tmp_path / "lines").unlink()
    with pytest.raises(OSError, match="it has been deleted"):
        file.write(["y"])


# What is no file


@pytest.fixture
def pipe(tmp_path):
    """A pipe with a name, and the end that reads it."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    return str(path)


@pytest.mark.parametrize("waits", [True, False])
def test_pipe_without_reader_is_refused(pipe, waits):
    with pytest.raises(OSError, match="the pipe has no reader"):
        LineFile(pipe, waits=waits)


def test_slow_pipe_reader_is_awaited(pipe, monkeypatch):
    monkeypatch.setattr(open_file, "PIPE_TIMEOUT", 0.0)
    reader, got = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK), []

    def read():
        os.set_blocking(reader, True)
        while piece := os.read(reader, 1000):
            got.append(piece)

    file = LineFile(pipe)
    slow = threading.Thread(target=read)
    threading.Timer(0.05, slow.start).start()
    file.write(LINES)  # more than a pipe holds
    file.close()
    slow.join(20)
    os.close(reader)
    assert b"".join(got).decode().splitlines() == LINES


@pytest.fixture
def no_filter():
    """As in every Python but for `run`, which ends with its reader: in this process it may have run before."""
    before = signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    yield
    signal.signal(signal.SIGPIPE, before)


@pytest.mark.usefixtures("no_filter")
def test_pipe_breaks_when_reader_closes(pipe):
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    file = LineFile(pipe, waits=False)
    file.write(LINES[:2])
    assert os.read(reader, 100).decode().splitlines() == LINES[:2]
    os.close(reader)
    with pytest.raises(BrokenPipeError):
        file.write(["x"])
    file.close()


def test_stalled_pipe_reader_times_out(pipe, monkeypatch):
    monkeypatch.setattr(open_file, "PIPE_TIMEOUT", 0.01)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    file = LineFile(pipe, waits=False)
    with pytest.raises(OSError, match="the pipe has no reader"):
        file.write(LINES)
    got = os.read(reader, 1 << 20).decode()
    assert got.endswith("\n")
    assert got.splitlines() == LINES[: got.count("\n")]
    file.close()
    os.close(reader)


def test_terminal_is_refused_for_app():
    main, terminal = os.openpty()
    try:
        with pytest.raises(OSError, match="it is a terminal"):
            LineFile(os.ttyname(terminal), waits=False)
        LineFile(os.ttyname(terminal)).close()
    finally:
        os.close(main)
        os.close(terminal)
