"""The app with --output on a real terminal: what is no file, and a disk that is full."""

import os
import termios

import pytest
from harness import Terminal

full_device = pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")


def test_what_is_no_file_is_refused_in_one_line_before_the_screen_is_taken(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    refused = {
        str(tmp_path): "Is a directory",
        str(tmp_path / "absent" / "file"): "No such file",
        str(tmp_path / "pipe"): "No such device",
        "/dev/tty": "It is a terminal",
    }
    apps = {path: Terminal("--output", path) for path in refused}
    for path, app in apps.items():
        code = app.end()
        (line,) = app.output.decode().splitlines()
        assert path in line
        assert refused[path] in line
        assert code == 2


@full_device
def test_a_full_disk_is_told_on_the_screen_and_again_at_the_end():
    app = Terminal("--output", "/dev/full", "--speed", "30")
    try:
        app.until("q Quit")
        app.child.send(" ")
        assert "space left on device" in app.until("'/dev/full' cannot be written")
        app.until("CONVERGED")
        app.child.send("q")
        code = app.end()
        assert "'/dev/full' cannot be written: No space left" in app.output.decode().splitlines()[-1]
        assert code == 2
        assert termios.tcgetattr(app.child.child_fd) == app.before
    finally:
        app.child.close(force=True)
