"""The app with --output on a real terminal: what is no file, and a disk that is full."""

import os
import signal
import termios

import pytest

pytestmark = pytest.mark.system

full_device = pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")


def test_what_is_no_file_is_refused_in_one_line_before_the_screen_is_taken(terminal, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    refused = {
        str(tmp_path): "Is a directory",
        str(tmp_path / "absent" / "file"): "its folder does not exist",
        str(tmp_path / "pipe"): "the pipe has no reader",
        f"{tmp_path}/own.csv/": "it names a directory",
        "/dev/tty": "it is a terminal",
    }
    apps = {path: terminal("--output", path) for path in refused}
    for path, app in apps.items():
        code = app.end()
        (line,) = app.output.decode().splitlines()
        assert path in line
        assert refused[path] in line
        assert code == 2


@full_device
def test_a_signal_has_its_own_exit_code_beside_a_file_that_failed(terminal):
    app = terminal("--output", "/dev/full", "--speed", "max", "--play")
    app.until("'/dev/full' cannot be written")
    app.signal(signal.SIGTERM)
    assert app.end() == 143
    assert "'/dev/full' cannot be written: No space left" in app.output.decode().splitlines()[-1]
    assert app.left() == []


def test_a_second_program_does_not_write_over_the_file_of_the_first(terminal, tmp_path):
    file = tmp_path / "out.csv"
    first = terminal("--output", str(file))
    first.until("space Play")
    first.send("e")
    first.wait(lambda: file.read_text().count("\n") == 2)
    second = terminal("--output", str(file), "--force")
    assert second.end() == 2
    assert "another program is already writing to it; allowed: another file" in second.output.decode()
    first.send("e")
    first.wait(lambda: file.read_text().count("\n") == 3)
    first.send("q")
    assert first.end() == 0


@full_device
def test_a_full_disk_is_told_on_the_screen_and_again_at_the_end(terminal):
    app = terminal("--output", "/dev/full", "--speed", "max")
    app.until("space Play")
    app.send(" ")
    assert "space left on device" in app.until("'/dev/full' cannot be written")
    app.until("CONVERGED")
    app.send("q")
    code = app.end()
    last = app.output.decode().splitlines()[-1]
    assert "quadfit-tui: --output: '/dev/full' cannot be written: No space left on device" in last
    assert code == 2
    assert termios.tcgetattr(app.fd) == app.before
