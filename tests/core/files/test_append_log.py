"""Files that several programs append lines to: no line is lost, mixed with another, or written on from a cut one."""

import errno
import fcntl
import os
import stat
import subprocess
import sys

import pytest
from homes import confined, live_in

from quadfit_tui.core.files import open_file
from quadfit_tui.core.files.append_log import MOST_BYTES, AppendLog

WRITER = """
import sys
from quadfit_tui.core.files.append_log import AppendLog
file = AppendLog(sys.argv[1], 0o600)
for i in range(int(sys.argv[3])):
    file.append(lambda number, before: f"{number} {sys.argv[2]} {i} ".encode() + (before or b"")[:4])
"""


@pytest.fixture
def path(tmp_path):
    return tmp_path / "lessons" / "lines"


def put(file, text):
    file.append(lambda number, _: f"{number} {text}".encode())


def lines(path):
    return path.read_bytes().decode().splitlines()


def test_append_is_one_numbered_write(path, monkeypatch):
    file, writes, write = AppendLog(str(path), 0o600), [], os.write
    monkeypatch.setattr(os, "write", lambda number, data: writes.append(data) or write(number, data))
    for text in ("a", "b", "c"):
        file.append(lambda number, before: b"%d %s after %s" % (number, text.encode(), before or b"none"))  # noqa: B023
    assert writes == [b"0 a after none\n", b"1 b after 0 a after none\n", b"2 c after 1 b after 0 a after none\n"]
    assert path.read_bytes() == b"".join(writes)
    assert file.lines == [line.rstrip(b"\n") for line in writes]


def test_concurrent_appends_lose_no_line(path):
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, path, name, "60"]) for name in "abc"]
    assert [writer.wait(timeout=60) for writer in writers] == [0, 0, 0]
    found = [line.split(" ", 3) for line in lines(path)]
    assert [int(number) for number, *_ in found] == list(range(180))
    for name in "abc":
        assert [int(i) for _, writer, i, _ in found if writer == name] == list(range(60))
    ends = [line[:4] for line in lines(path)]
    assert [before for *_, before in found] == ["", *ends[:-1]]  # each knew the one before it


def test_lines_of_other_writers_are_read(path):
    one, other = AppendLog(str(path), 0o600), AppendLog(str(path), 0o600)
    put(one, "a")
    other.read()
    put(other, "b")
    put(one, "c")
    other.read()
    assert one.lines == other.lines == [b"0 a", b"1 b", b"2 c"]


def test_cut_line_is_ended_by_next(path):
    file = AppendLog(str(path), 0o600)
    put(file, "a")
    with path.open("ab") as stream:
        stream.write("1 ξ".encode()[:3])
    file.read()
    assert file.lines == [b"0 a"]  # the rest may still come
    put(file, "c")
    assert file.lines == path.read_bytes().split(b"\n")[:-1] == [b"0 a", b"1 \xce", b"2 c"]
    again = AppendLog(str(path), 0o600)
    again.read()
    assert again.lines == file.lines


@pytest.mark.parametrize("change", [os.remove, lambda path: os.truncate(path, 0)])
def test_removed_or_emptied_file_starts_anew(path, change):
    file = AppendLog(str(path), 0o600)
    put(file, "a")
    before = file.lines
    change(path)
    put(file, "b")
    assert file.lines == [b"0 b"]
    assert file.lines is not before
    assert lines(path) == ["0 b"]


def test_replaced_file_is_reread(path):
    file = AppendLog(str(path), 0o600)
    put(file, "a")
    (path.parent / "other").write_text("0 longer\n1 longer\n")
    os.replace(path.parent / "other", path)
    file.read()
    assert file.lines == [b"0 longer", b"1 longer"]


@pytest.mark.parametrize("mode", [0o600, 0o640])
def test_new_file_mode_ignores_umask(path, mode):
    before = os.umask(0o077)
    try:
        put(AppendLog(str(path), mode), "a")
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == mode
    path.chmod(0o644)
    put(AppendLog(str(path), mode), "b")  # what somebody chose for it stays
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


def test_links_devices_and_pipes_are_refused(path, tmp_path):
    path.parent.mkdir()
    other = tmp_path / "other"
    other.write_text("own\n")
    path.symlink_to(other)
    file = AppendLog(str(path), 0o600)
    for use in (file.read, lambda: put(file, "a")):
        with pytest.raises(OSError, match="it is a link"):
            use()
    assert other.read_text() == "own\n"
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(OSError, match="it is not a regular file"):
        put(file, "a")


def test_confined_link_inside_home_is_refused(path, monkeypatch, tmp_path):
    live_in(monkeypatch, tmp_path)
    with confined():
        put(AppendLog(str(path), 0o600), "a")
        assert lines(path) == ["0 a"]
        path.rename(tmp_path / "other")
        path.symlink_to(tmp_path / "other")
        with pytest.raises(OSError, match="it is a link"):
            put(AppendLog(str(path), 0o600), "b")
        with pytest.raises(OSError, match="outside your home directory"):
            put(AppendLog("/tmp/other", 0o600), "b")


def test_failed_write_leaves_no_partial_line(path):
    code = (
        "import resource, signal, sys\n"
        "from quadfit_tui.core.files.append_log import AppendLog\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (25, 25))\n"
        "file = AppendLog(sys.argv[1], 0o600)\n"
        "for text in ('0123456789', '0123456789', '0'):\n"
        "    try: file.append(lambda number, before: f'{number} {text}'.encode())\n"
        "    except OSError as failure: print(failure.strerror)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, timeout=20, check=True)
    assert done.stdout == "File too large\n"
    assert lines(path) == ["0 0123456789", "1 0"]


def test_append_only_file_keeps_partial_line(path, monkeypatch):
    """As where the administrator lets a student append only (chattr +a)."""
    file = AppendLog(str(path), 0o600)
    put(file, "a")
    write = os.write
    answers = iter([lambda number, data: write(number, data[:3]), lambda *_: fail(errno.ENOSPC), write])

    def fail(number, *_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "write", lambda number, data: next(answers)(number, data))
    monkeypatch.setattr(os, "ftruncate", lambda *_: fail(errno.EPERM))
    with pytest.raises(OSError, match="No space left on device"):
        put(file, "bcd")
    assert path.read_bytes() == b"0 a\n1 b"
    put(file, "e")
    assert lines(path) == ["0 a", "1 b", "2 e"]
    assert file.lines == [b"0 a", b"1 b", b"2 e"]


def test_too_large_file_is_left_alone(path):
    path.parent.mkdir()
    path.write_bytes(b"a" * 99 + b"\n")
    os.truncate(path, MOST_BYTES)
    file = AppendLog(str(path), 0o600)
    with pytest.raises(OSError, match=f"it is {MOST_BYTES} bytes long"):
        put(file, "a")
    assert path.stat().st_size == MOST_BYTES
    os.truncate(path, MOST_BYTES + 1)
    with pytest.raises(OSError, match=f"it is {MOST_BYTES + 1} bytes long"):
        file.read()


def test_lock_wait_times_out(path, monkeypatch):
    monkeypatch.setattr(open_file, "LOCK_TIMEOUT", 0.02)
    file = AppendLog(str(path), 0o600)
    put(file, "a")
    with path.open() as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        with pytest.raises(OSError, match="another program keeps it locked"):
            put(file, "b")
    put(file, "c")
    assert lines(path) == ["0 a", "1 c"]


def test_missing_lock_support_is_tolerated(path, monkeypatch):
    def no_locks(*_):
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", no_locks)
    put(AppendLog(str(path), 0o600), "a")
    assert lines(path) == ["0 a"]


def test_no_descriptor_is_left_open(path):
    before = sorted(os.listdir("/dev/fd"))
    file = AppendLog(str(path), 0o600)
    put(file, "a")
    file.read()
    with pytest.raises(ZeroDivisionError):
        file.append(lambda number, before: b"%d" % (1 // 0))  # noqa: ARG005
    assert sorted(os.listdir("/dev/fd")) == before
    put(file, "b")
    assert file.lines == [b"0 a", b"1 b"]
