"""Files of others: opened without following, waiting for or believing anything that their owner has put there."""

import os
import socket

import pytest
from homes import confined, live_in

from quadfit_tui.core.files.untrusted_files import UntrustedFile, read_untrusted

NAME = "transcript.jsonl"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "anna").mkdir()
    (tmp_path / "elsewhere").write_text("secret")
    return tmp_path / "anna"


def refused(folder, most=100):
    with pytest.raises(OSError) as caught:  # noqa: PT011  its text is what is compared
        read_untrusted(str(folder), NAME, most)
    return caught.value.strerror


def test_file_is_read_with_owner_and_identity(folder, monkeypatch):
    (folder / NAME).write_bytes(b"a\nb")
    about = os.stat(folder / NAME)
    expected = UntrustedFile(about.st_uid, (about.st_dev, about.st_ino), b"a\nb", 3)
    assert read_untrusted(str(folder), NAME, 100) == expected
    assert read_untrusted(f"{folder}/", NAME, 3) == expected
    monkeypatch.chdir(folder)
    assert read_untrusted(".", NAME, 3) == expected


def test_folder_without_file_has_owner(folder):
    assert read_untrusted(str(folder), NAME, 100) == UntrustedFile(os.stat(folder).st_uid, None, b"")


def test_execute_only_parent_is_traversed(folder):
    (folder / NAME).write_bytes(b"a")
    folder.parent.chmod(0o100)
    try:
        assert read_untrusted(str(folder), NAME, 100).content == b"a"
    finally:
        folder.parent.chmod(0o700)


@pytest.mark.timeout(20)
def test_special_files_are_refused_at_once(folder, monkeypatch):
    file = folder / NAME
    file.symlink_to("../elsewhere")
    assert refused(folder) == "it is no regular file"
    file.unlink()
    os.mkfifo(file)
    assert refused(folder) == "it is no regular file"
    file.unlink()
    monkeypatch.chdir(folder)  # the name of a socket has at most 107 bytes
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(NAME)
        assert refused(folder) == "it is no regular file"
    file.unlink()
    file.mkdir()
    assert refused(folder) == "it is no regular file"


def test_link_is_allowed_only_above_folder(folder):
    (folder / NAME).write_bytes(b"a")
    (folder.parent / "link").symlink_to("anna")
    assert refused(folder.parent / "link") == "it is a link, or no directory"
    assert refused(folder / NAME) == "it is a link, or no directory"
    (folder / "above").symlink_to("..")
    assert read_untrusted(f"{folder}/above/anna", NAME, 100).content == b"a"
    assert refused(folder.parent / "nobody") == "No such file or directory"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_file_owner_must_match_folder_owner(folder):
    (folder / NAME).write_bytes(b"a")
    os.chown(folder / NAME, 12345, -1)
    assert refused(folder) == "it does not belong to the owner of its folder"
    os.chown(folder, 12345, -1)
    assert read_untrusted(str(folder), NAME, 100).owner == 12345


def test_hard_link_refusal_spares_original(folder, monkeypatch):
    """Whoever could link to the file of somebody else would shut that one out."""
    (folder / NAME).write_bytes(b"a")
    (folder.parent / "mallory").mkdir()
    os.link(folder / NAME, folder.parent / "mallory" / NAME)
    mallorys, status_of = os.stat(folder.parent / "mallory"), os.fstat

    def as_owned(descriptor):
        found = status_of(descriptor)
        if not os.path.samestat(found, mallorys):
            return found
        return os.stat_result((*found[:4], found.st_uid + 1, *found[5:10]))

    monkeypatch.setattr(os, "fstat", as_owned)
    assert read_untrusted(str(folder), NAME, 100).content == b"a"
    assert refused(folder.parent / "mallory") == "it does not belong to the owner of its folder"


def test_no_more_is_read_than_is_allowed(folder):
    (folder / NAME).write_bytes(b"a" * 101)
    assert refused(folder) == "it is longer than 100 bytes"
    with open(folder / NAME, "wb") as file:
        file.truncate(10**12)  # holes take no room
    assert refused(folder) == "it is longer than 100 bytes"


def test_nothing_stays_open(folder):
    (folder / NAME).write_bytes(b"a" * 101)
    before = os.listdir("/proc/self/fd")
    for _ in range(3):
        refused(folder)
        refused(folder / NAME)
        read_untrusted(str(folder), NAME, 200)
    assert os.listdir("/proc/self/fd") == before


def test_confined_reads_no_other_users_files(folder, monkeypatch):
    live_in(monkeypatch, folder.parent)
    with confined():
        assert refused(folder) == "files of other users are not read with --confined"
