"""A small file changed as a whole: nobody ever finds a part of it, and nothing outside of a home folder is changed."""

import errno
import fcntl
import os
import pwd
import threading

import pytest

from quadfit_tui.core.files import access, atomic_file
from quadfit_tui.core.files.atomic_file import read_modify_write

MOST = 1000


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The present folder is a home folder, by the password database."""
    home = tmp_path / "anna"
    home.mkdir()
    entry = pwd.struct_passwd(("anna", "x", os.getuid(), os.getgid(), "", str(home), "/bin/sh"))
    monkeypatch.setattr(pwd, "getpwuid", {os.getuid(): entry}.__getitem__)
    monkeypatch.chdir(home)
    yield home
    access.configure()


def add(text):
    return lambda before: before + text.encode()


def refused(path):
    with pytest.raises(OSError) as failure:  # noqa: PT011  its reason is what is looked at
        read_modify_write(path, add("x"), MOST, 0o600)
    return failure.value.strerror


def test_folder_is_created_and_permissions_kept(folder):
    access.configure(confined=True)
    read_modify_write("~/a/b/file", add("1"), MOST, 0o640)
    file = folder / "a/b/file"
    assert (file.read_text(), oct(file.stat().st_mode & 0o777)) == ("1", "0o640")
    file.chmod(0o604)
    read_modify_write(str(file), add("2"), MOST, 0o640)
    assert (file.read_text(), oct(file.stat().st_mode & 0o777)) == ("12", "0o604")
    assert os.listdir(folder / "a/b") == ["file"]
    before = file.stat().st_ino
    read_modify_write(str(file), lambda before: before, MOST, 0o640)
    assert file.stat().st_ino == before  # nothing is written where nothing changes


def test_a_link_stays_a_link(folder):
    (folder / "dotfiles").mkdir()
    (folder / "file").symlink_to("dotfiles/file")
    for text in ("1", "12"):
        read_modify_write("file", add(text[-1]), MOST, 0o600)
        assert (folder / "file").is_symlink()
        assert (folder / "dotfiles/file").read_text() == text


def test_unsuitable_files_are_left_unchanged(folder):
    (folder / "large").write_bytes(b"x" * (MOST + 1))
    (folder / "fixed").write_text("precious")
    (folder / "fixed").chmod(0o444)
    os.mkfifo(folder / "pipe")
    (folder / "folder").mkdir()
    reasons = {name: refused(name) for name in ("large", "fixed", "pipe", "folder", "fixed/file", "/dev/zero")}
    assert reasons.pop("fixed/file") in ("File exists", "Not a directory")
    assert reasons == {
        "large": "it is more than 1000 bytes long",
        "fixed": "it is read-only",
        "pipe": "it is not a regular file",
        "folder": "it is not a regular file",
        "/dev/zero": "it is not a regular file",
    }
    assert (folder / "fixed").read_text() == "precious"
    assert sorted(os.listdir(folder)) == ["fixed", "folder", "large", "pipe"]


@pytest.mark.parametrize("number", [errno.EROFS, errno.ENOSPC, errno.EDQUOT])
def test_failed_write_keeps_older_file(folder, monkeypatch, number):
    (folder / "file").write_text("old")

    def fail(*_, **__):
        raise OSError(number, os.strerror(number))

    for call in ("replace", "fchmod"):
        with monkeypatch.context() as patched:
            patched.setattr(atomic_file.os, call, fail)
            assert refused("file") == os.strerror(number)
        assert (os.listdir(folder), (folder / "file").read_text()) == (["file"], "old")


def test_leftover_temporary_file_is_harmless(folder):
    outside = folder.parent / "outside"
    outside.write_text("precious")
    for make in (lambda new: new.write_text("half"), lambda new: new.symlink_to(outside), os.mkfifo):
        make(folder / "file.new")
        read_modify_write("file", lambda _: b"whole", MOST, 0o600)
        assert (os.listdir(folder), (folder / "file").read_text()) == (["file"], "whole")
        (folder / "file").unlink()
    assert outside.read_text() == "precious"


@pytest.mark.parametrize("way", ["../file", "link", "folder/file", "../outside/new/file", "/etc/quadfit/file"])
def test_paths_out_of_home_are_refused(folder, way):
    outside = folder.parent / "outside"
    outside.mkdir()
    (outside / "file").write_text("precious")
    (folder / "link").symlink_to(outside / "file")
    (folder / "folder").symlink_to(outside)
    access.configure(confined=True)
    assert refused(way) == "it is outside your home directory"
    assert (os.listdir(outside), (outside / "file").read_text()) == (["file"], "precious")
    assert not (folder.parent / "file").exists()


def test_programs_take_turns_and_none_waits_long(folder, monkeypatch):
    (folder / "file").write_text("")
    with monkeypatch.context() as patient:
        patient.setattr(atomic_file, "LOCK_TIMEOUT", 60.0)  # a busy disk may take longer for eight files
        threads = [threading.Thread(target=read_modify_write, args=("file", add("x"), MOST, 0o600)) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert (folder / "file").read_text() == "x" * 8
    descriptor = os.open(folder, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    assert refused("file") == "another program keeps it locked"
    os.close(descriptor)
