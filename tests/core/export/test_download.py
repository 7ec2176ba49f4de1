"""A file as a sequence that a terminal takes for a download: whole or canceled, and gone from its folder then."""

import base64
import os
import re

import pytest

from quadfit_tui.core.export.download import CANCEL, MOST_BYTES, download
from quadfit_tui.core.files import access

SEQUENCE = re.compile(rb"\x1b\]1337;File=name=([\w+/=]+);size=(\d+);inline=0:([\w+/=]*)\x07")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    access.configure()


def taken(sequence):
    """The name and the content of what a terminal takes."""
    name, size, content = SEQUENCE.fullmatch(sequence).groups()
    content = base64.b64decode(content, validate=True)
    assert len(content) == int(size)
    return base64.b64decode(name).decode(), content


@pytest.mark.parametrize("confined", [False, True])
@pytest.mark.parametrize("size", [0, 1, 3, 3 << 13, (3 << 13) + 1, 200_000])
def test_file_is_sent_in_pieces_then_deleted(folder, size, confined):
    access.configure(folder=str(folder) if confined else None)
    content = os.urandom(size)
    name = "损失 ;=:.csv"
    (folder / name).write_bytes(content)
    pieces = download(f"{folder}/{name}")
    found = [next(pieces)]
    assert (folder / name).exists()
    found += pieces
    assert max(map(len, found)) <= 1 << 15
    assert taken(b"".join(found)) == (name, content)
    assert os.listdir(folder) == []


def test_too_long_file_is_refused_and_deleted(folder):
    assert 4 * MOST_BYTES / 3 + 2000 < 10_000_000  # of xterm.js, a sequence
    (folder / "a.csv").write_bytes(bytes(MOST_BYTES + 1))
    with pytest.raises(OSError, match=f"it is {MOST_BYTES + 1:,} bytes long, and a download up to {MOST_BYTES:,}"):
        download("a.csv")
    assert os.listdir(folder) == []


def test_truncation_while_sending_cancels_download(folder):
    (folder / "a.csv").write_bytes(b"x" * 100_000)
    pieces = download("a.csv")
    found = next(pieces) + next(pieces)
    os.truncate("a.csv", 50_000)
    found += b"".join(pieces)
    assert found.endswith(CANCEL)
    assert not SEQUENCE.search(found)
    assert os.listdir(folder) == ["a.csv"]


def test_replaced_file_is_not_deleted(folder):
    (folder / "a.csv").write_bytes(b"old")
    pieces = download("a.csv")
    os.replace("a.csv", "b.csv")
    (folder / "a.csv").write_bytes(b"new")
    assert taken(b"".join(pieces)) == ("a.csv", b"old")
    assert (folder / "a.csv").read_bytes() == b"new"


def test_links_and_outside_files_are_refused(folder):
    home = folder / "home"
    home.mkdir()
    (folder / "secret").write_text("secret")
    (home / "link").symlink_to(folder / "secret")
    (home / "own").write_text("own")
    (home / "inner").symlink_to("own")
    access.configure(folder=str(home))
    before = len(os.listdir("/dev/fd"))
    for path in ("secret", "home/link", "/etc/passwd", "home", "home/inner", "/dev/zero"):
        with pytest.raises(OSError, match=r"outside|link|directory"):
            download(path)
    assert len(os.listdir("/dev/fd")) == before
    assert (folder / "secret").read_text() == "secret"


def test_abandoned_download_closes_file(folder):
    (folder / "a.csv").write_bytes(b"x" * 100_000)
    before = len(os.listdir("/dev/fd"))
    pieces = download("a.csv")
    next(pieces)
    assert len(os.listdir("/dev/fd")) == before + 1
    del pieces
    assert len(os.listdir("/dev/fd")) == before
    assert os.listdir(folder) == ["a.csv"]
