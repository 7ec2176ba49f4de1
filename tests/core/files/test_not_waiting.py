"""Files that would keep the program waiting without an end are refused."""

import os
import stat

import pytest

from quadfit_tui.core.files import access


def refused(path):
    with pytest.raises(OSError, match="it is not a regular file"):
        access.read(path, 1000)


@pytest.mark.timeout(20)
def test_terminal_is_never_read_by_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    screen, keyboard = os.openpty()
    (tmp_path / "link").symlink_to(os.ttyname(keyboard))
    for path in ("link", os.ttyname(keyboard), "/dev/null"):
        refused(path)
    os.close(keyboard)
    os.close(screen)


@pytest.mark.timeout(20)
def test_blocking_regular_file_is_refused(tmp_path, monkeypatch):
    """As /proc/kmsg does: here it is a pipe that says so."""
    monkeypatch.chdir(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    ours = os.open(tmp_path / "pipe", os.O_RDWR)
    monkeypatch.setattr(access.stat, "S_ISREG", lambda mode: not stat.S_ISDIR(mode))
    monkeypatch.setattr(access.stat, "S_ISFIFO", lambda mode: mode is None)
    refused("pipe")
    os.write(ours, b"1,2\n")
    refused("pipe")
    os.close(ours)
