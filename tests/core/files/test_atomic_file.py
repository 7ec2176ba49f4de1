"""Files that are whole or not there: what is found under their names at any time, and what is left beside them."""

import contextlib
import errno
import os
import subprocess
import sys
from pathlib import Path
from unittest import mock

import pytest
from full_disk import room

from quadfit_tui.core.files import atomic_file
from quadfit_tui.core.files.atomic_file import AtomicFile, write_lines

LINES = [f"{number} " + "x" * (number % 90) for number in range(4000)]


def test_full_disk_keeps_older_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_lines("old", ["old"])
    for name in ("old", "new"):
        with room(1000), pytest.raises(OSError, match="File too large"):
            write_lines(name, LINES, overwrites=True)
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"old": "old\n"}
    with contextlib.closing(AtomicFile("new")):  # a run that is interrupted before it has anything to write
        pass
    assert os.listdir() == ["old"]
    for name in ("old", "new"):
        write_lines(name, LINES, overwrites=True)
        assert Path(name).read_text().splitlines() == LINES
    assert sorted(os.listdir()) == ["new", "old"]


def test_replacing_keeps_permissions_and_links(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_lines("file", ["old"])
    os.chmod("file", 0o604)
    os.symlink("file", "link")
    write_lines("link", ["new"], overwrites=True)
    assert os.path.islink("link")
    assert (Path("file").read_text(), os.stat("file").st_mode & 0o777) == ("new\n", 0o604)
    os.link("file", "other")
    write_lines("file", ["newer"], overwrites=True)
    assert Path("other").read_text() == "newer\n"
    with open("file", "r+") as stream:
        os.unlink("other")
        write_lines(f"/dev/fd/{stream.fileno()}", ["newest"], overwrites=True)
        assert stream.read() == "newest\n"
    os.symlink("nothing", "loose")
    write_lines("loose", ["x"])
    assert Path("nothing").read_text() == "x\n"


def test_unreplaceable_file_is_overwritten_in_place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_lines("file", ["old"])
    with pytest.raises(FileExistsError):
        write_lines("file", ["new"])
    assert Path("file").read_text() == "old\n"
    before = os.stat("file").st_ino
    denied = PermissionError(errno.EACCES, "no")
    monkeypatch.setattr(atomic_file, "NewFile", mock.Mock(side_effect=denied))  # as in a folder of somebody else's
    write_lines("file", ["new"], overwrites=True)
    assert (Path("file").read_text(), os.stat("file").st_ino) == ("new\n", before)


def others(path):
    """The names in the folder of a file, but for its own."""
    return sorted(set(os.listdir(path.parent)) - {path.name})


@pytest.mark.parametrize("older", ["old\n" * 100, None])
def test_older_file_stays_until_keep(tmp_path, older):
    path = tmp_path / "file"
    if older:
        path.write_text(older)
    for is_kept in (False, True):
        file = AtomicFile(str(path), overwrites=True)
        for line in LINES[:50]:
            file.write([line])
            assert path.read_text() == (older or "")
        assert others(path) == [f"file.quadfit-tui-{os.getpid()}.new"]
        if is_kept:
            file.finalize()
        file.close()
        assert not file.is_truncated
        assert others(path) == []
        assert path.exists() == (is_kept or older is not None)
    assert path.read_text().splitlines() == LINES[:50]


def test_failed_replace_keeps_older_file(tmp_path, monkeypatch):
    path = tmp_path / "file"
    path.write_text("old\n")

    def fails(*_, **__):
        raise OSError(errno.EIO, "no")

    for call in ("replace", "close"):
        file = AtomicFile(str(path), overwrites=True)
        file.write(LINES)
        with monkeypatch.context() as patched:
            patched.setattr(atomic_file.os, call, fails)
            with pytest.raises(OSError, match="no"):
                file.finalize()
        file.close()
        assert (path.read_text(), others(path)) == ("old\n", [])


def test_temporary_name_fits_long_names(tmp_path):
    path = tmp_path / ("α" * 127)
    for line in ("1", "2"):
        write_lines(str(path), [line], overwrites=True)
    assert (path.read_text(), others(path)) == ("2\n", [])


def test_killed_write_keeps_older_file(tmp_path):
    path = tmp_path / "file"
    path.write_text("old\n")
    script = (
        "import os, sys; from quadfit_tui.core.files.atomic_file import AtomicFile\n"
        "file = AtomicFile(sys.argv[1], overwrites=True); file.write(['one']); os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", script, path], check=False, timeout=20)
    assert path.read_text() == "old\n"
    (left,) = others(path)
    assert left.startswith("file.quadfit-tui-")
    os.rename(tmp_path / left, tmp_path / f"file.quadfit-tui-{os.getpid()}.new")  # as another process of its number
    write_lines(str(path), ["new"], overwrites=True)
    assert (path.read_text(), others(path)) == ("new\n", [])


def test_unkept_hard_linked_file_is_cut(tmp_path):
    path = tmp_path / "file"
    path.write_text("old\n")
    os.link(path, tmp_path / "other")
    file = AtomicFile(str(path), overwrites=True)
    assert not file.is_truncated
    file.write(["one"])
    file.close()
    assert file.is_truncated
    assert (tmp_path / "other").read_text() == "one\n"
