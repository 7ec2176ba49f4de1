"""A user's files: what may be opened where they are confined to the home folder, and what holds nobody up."""

import os
import pwd
import stat
import sys
import tempfile
import threading
import time

import pytest

from quadfit_tui.cli.crash_report import report
from quadfit_tui.core.config.parameters import ConfigError, RunConfig
from quadfit_tui.core.files import access
from quadfit_tui.core.files.home import NoHomeError
from quadfit_tui.core.files.virtual_files import register_virtual
from quadfit_tui.core.model.problem import make_dataset

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
MOST = 1000
SECRET = "1,2\n3,4\n5,6\n"


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A home folder by the password database, which $HOME does not tell of; the present folder is in it."""
    folder = tmp_path / "anna"
    folder.mkdir()
    (tmp_path / "secret").write_text(SECRET)
    (tmp_path / "annabel").mkdir()  # begins like her home folder
    (tmp_path / "annabel" / "file").write_text(SECRET)
    (folder / "own.csv").write_text("1,2\n")
    (folder / "sub").mkdir()
    set_home(monkeypatch, folder)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(folder)
    yield folder
    access.configure()


def set_home(monkeypatch, folder):
    entry = pwd.struct_passwd(("anna", "x", os.getuid(), os.getgid(), "", str(folder), "/bin/sh"))
    monkeypatch.setattr(pwd, "getpwuid", {os.getuid(): entry}.__getitem__)


@pytest.fixture(params=["home", "given"])
def confined(request, home, monkeypatch):
    """The same, confined: to it as the home folder, or as one that is given; the account's own is the one above."""
    if request.param == "home":
        access.configure(confined=True)
    else:
        set_home(monkeypatch, home.parent)
        access.configure(folder=".")
    return home


def why_outside(folder):
    """Why a file outside of the folder of the fixture `confined` is refused."""
    return f"it is outside {folder}" if access.command_line_folder() else "it is outside your home directory"


def open_to_write(path):
    """Opens a text file as whatever writes one does."""
    descriptor = access.open_descriptor(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    return os.fdopen(descriptor, "w", encoding="utf-8")


def ways_out(home):
    """Names of files that are not in the home folder, though some look like it."""
    outside = home.parent / "secret"
    links = {
        "link": outside,
        "folder": home.parent,
        "chain": home / "link",
        "sub/up": "../..",
        "new": home.parent / "n",
    }
    for name, target in links.items():
        (home / name).symlink_to(target)
    return [
        str(outside),
        "../secret",
        "sub/../../secret",
        "./sub/../sub/../../secret",
        f"{home}/../secret",
        "~/../secret",
        f"//{home}/../secret",
        f"/proc/self/root{outside}",
        f"/proc/self/cwd/../{outside.name}",
        f"/proc/{os.getpid()}/root{outside}",
        "link",
        "chain",
        "folder/secret",
        "sub/up/secret",
        "new",  # a link to what is not there yet
        str(home.parent / "annabel" / "file"),
        "../annabel/file",
        "/etc/passwd",
        "/dev/null",
        "/dev/stdin",
        "/proc/self/environ",
        "/",
        "..",
    ]


def refused(call, *args):
    with pytest.raises(OSError) as failure:  # noqa: PT011  its reason is what is looked at
        call(*args)
    return failure.value.strerror


def test_ways_out_are_refused_alike(confined):
    """One reason for all of them keeps a refusal from revealing which files exist."""
    reasons = set()
    ways = ways_out(confined)
    for path in ways:
        reasons |= {refused(access.read, path, MOST), refused(open_to_write, path), refused(access.file_version, path)}
        assert not access.is_allowed(path), path
        assert not access.is_same(path, path), path
    assert reasons == {why_outside(confined)}
    assert (confined.parent / "secret").read_text() == SECRET
    assert not (confined.parent / "n").exists()
    assert access.allowed_text("a CSV file") == f"a CSV file in {confined}"

    access.configure()
    assert [path for path in ways if not access.is_allowed(path)] == []
    assert access.read("sub/up/secret", MOST) == SECRET.encode()
    assert access.allowed_text("a CSV file") == "a CSV file"


@pytest.mark.parametrize(
    "path",
    [
        "own.csv",
        "./sub/../own.csv",
        "{home}/own.csv",
        "~/own.csv",
        "inner",
        pytest.param("/proc/self/cwd/own.csv", marks=LINUX),
    ],
)
def test_home_files_open_by_any_name(confined, path):
    (confined / "inner").symlink_to(confined / "own.csv")
    path = path.format(home=confined)
    assert access.is_allowed(path)
    assert access.read(path, MOST) == b"1,2\n"
    before = access.file_version(path)
    with open_to_write(path) as stream:
        stream.write("−1\n")
    assert (confined / "own.csv").read_bytes() == "−1\n".encode()
    assert access.file_version(path) != before
    assert access.is_same(path, "own.csv")


def test_new_file_has_default_permissions(confined):
    for path in ("new.txt", "sub/new.txt"):
        assert access.is_allowed(path)
        open_to_write(path).close()
        assert stat.S_IMODE((confined / path).stat().st_mode) & 0o111 == 0
    (confined / "plain").touch()
    assert (confined / "new.txt").stat().st_mode == (confined / "plain").stat().st_mode


def test_linked_home_folder_is_resolved(home, monkeypatch):
    (home.parent / "moved").symlink_to(home)
    set_home(monkeypatch, home.parent / "moved")
    access.configure(confined=True)
    assert access.read(home.parent / "moved" / "own.csv", MOST) == b"1,2\n"
    assert access.read(home / "own.csv", MOST) == b"1,2\n"
    assert not access.is_allowed(home.parent / "secret")


def test_link_swapped_in_after_check_is_refused(confined, monkeypatch):
    """As somebody would who also has a shell on another machine with the same home folder."""
    (confined / "sub" / "secret").write_text("mine\n")
    real, swap = os.path.realpath, []

    def realpath(path, **how):
        found = real(path, **how)
        for then in swap:
            then()
        return found

    def swap_folder():
        (confined / "sub").rename(confined / "away")
        (confined / "sub").symlink_to(confined.parent)

    def swap_file():
        (confined / "own.csv").unlink()
        (confined / "own.csv").symlink_to(confined.parent / "secret")

    monkeypatch.setattr(os.path, "realpath", realpath)
    for then, path in ((swap_folder, "sub/secret"), (swap_file, "own.csv")):
        swap[:] = [then]
        assert refused(access.read, path, MOST) in ("Not a directory", "Too many levels of symbolic links")
        swap.clear()
    assert (confined.parent / "secret").read_text() == SECRET


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("folder", "words"),
    [("/", "all files"), pytest.param("/proc/self/root", "all files", marks=LINUX), ("", "absolute")],
)
def test_unconfining_home_folder_is_refused(monkeypatch, folder, words):
    set_home(monkeypatch, folder)
    with pytest.raises(NoHomeError, match=words):
        access.configure(confined=True)


def test_given_folder_must_be_own_directory(home, monkeypatch):
    monkeypatch.setattr(pwd, "getpwuid", {}.__getitem__)  # nobody needs a home folder then
    (home / "moved").symlink_to("sub")
    for name in ("sub", "moved", f"{home}/./moved/../sub", "/proc/self/cwd/sub"):
        access.configure(folder=name)
        assert access.command_line_folder() == access.home() == str(home / "sub")
        assert not access.is_allowed("own.csv")
        assert access.is_allowed("~/new.csv")
    for name in ("", " ", "absent", "own.csv", "a\0b", "/", "//", "/proc/self/root"):
        with pytest.raises(NoHomeError, match="allowed: a directory of its own"):
            access.configure(folder=name)
        assert not access.is_confined()


@pytest.mark.usefixtures("home")
def test_user_without_password_entry_is_refused(monkeypatch):
    monkeypatch.setattr(pwd, "getpwuid", {}.__getitem__)
    with pytest.raises(NoHomeError, match=f"user {os.getuid()} "):
        access.configure(confined=True)
    monkeypatch.delenv("HOME")
    assert access._expanded("~/own.csv") == "~/own.csv"


# What holds nobody up


def test_pipe_is_read_only_at_start(home):
    os.mkfifo(home / "pipe")
    assert refused(access.read, "pipe", MOST) == "it is a pipe without a writer"
    ours = os.open(home / "pipe", os.O_RDWR)  # so that somebody writes, as a shell does for <(command)
    writer = threading.Thread(target=lambda: (time.sleep(0.05), os.write(ours, b"1,2\n"), os.close(ours)))
    writer.start()
    assert access.read("pipe", MOST) == b"1,2\n"
    writer.join()

    access.forbid_blocking()
    assert refused(access.read, "pipe", MOST) == "it is not a regular file"
    assert refused(open_to_write, "pipe") == "the pipe has no reader"
    reader = os.open("pipe", os.O_RDONLY | os.O_NONBLOCK)
    open_to_write("pipe").close()
    os.close(reader)
    assert refused(access.read, "/dev/zero", MOST) == "it is not a regular file"
    with open_to_write("/dev/null") as stream:
        stream.write("gone\n")


@pytest.mark.usefixtures("home")
def test_dash_is_stdin_unless_keyboard():
    reading, writing = os.pipe()
    os.write(writing, b"1,2\n")
    os.close(writing)
    before = os.dup(0)
    os.dup2(reading, 0)
    try:
        assert access.read(access.path_from("sub", "-"), MOST) == b"1,2\n"
        assert access.read("-", MOST) == b""
        access.forbid_blocking()
        assert refused(access.read, "-", MOST) == "it is standard input, which is the keyboard here"
        access.configure()
        os.close(0)
        assert refused(access.read, "-", MOST) == "standard input is closed"
    finally:
        os.dup2(before, 0)
        for descriptor in (reading, before):
            os.close(descriptor)


def test_filled_files_are_recognized(home):
    (home / "empty").write_text("")
    found = [
        access.has_content(name) for name in ("own.csv", "empty", "absent", "sub", "/dev/zero", "a\0b", "~/secret")
    ]
    assert found == [True, False, False, False, False, False, True]
    access.configure(confined=True)
    assert not access.has_content(home.parent / "secret")  # nothing is told of it


def test_crash_report_needs_allowed_folder(confined, monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(tmp_path))
    assert report(ValueError(), tmp_path / "outside").endswith("no report could be written: there is no folder for it")
    assert not list(tmp_path.rglob("crash-*"))
    assert str(confined / "inside") in report(ValueError(), confined / "inside")


@pytest.mark.usefixtures("home")
def test_tilde_is_shell_home_unless_confined(tmp_path):
    assert access._expanded("~/a") == str(tmp_path / "a")
    access.configure(confined=True)
    assert access._expanded("~/a") == str(tmp_path / "anna" / "a")


def test_confined_opens_only_regular_files(confined):
    os.mkfifo(confined / "pipe")
    assert refused(access.read, "pipe", MOST) == "it is not a regular file"
    reader = os.open("pipe", os.O_RDONLY | os.O_NONBLOCK)
    assert refused(open_to_write, "pipe") == "it is not a regular file"
    os.close(reader)
    for path in ("sub", "~"):
        assert access.is_allowed(path)
        assert refused(access.read, path, MOST) == "Is a directory"
        assert refused(open_to_write, path) == "Is a directory"


@pytest.mark.parametrize("is_confined", [False, True])
def test_directory_name_is_never_file(home, is_confined):
    access.configure(is_confined)
    for path in ("own.csv/", "own.csv//", "own.csv/.", "own.csv/..", "new/", "sub/", ".", "./"):
        assert refused(access.read, path, MOST) == "it names a directory", path
        assert refused(open_to_write, path) == "it names a directory", path
    for path in ("", "  "):
        assert refused(access.read, path, MOST) == "it is not the name of a file"
        assert refused(open_to_write, path) == "it is not the name of a file"
    assert "File name too long" in refused(open_to_write, "x" * 5000)
    assert sorted(os.listdir(home)) == ["own.csv", "sub"]
    assert access.read("own.csv", MOST) == b"1,2\n"


def test_read_refuses_too_large_file(home):
    (home / "full").write_bytes(b"x" * MOST)
    assert len(access.read("full", MOST)) == MOST
    (home / "full").write_bytes(b"x" * (MOST + 1))
    with pytest.raises(access.TooLargeError) as failure:
        access.read("full", MOST)
    assert failure.value.strerror == "is 1001 bytes long"
    reading, writing = os.pipe()
    os.write(writing, b"x" * (MOST + 1))
    os.close(writing)
    with pytest.raises(access.TooLargeError) as failure:
        access.read(f"/dev/fd/{reading}", MOST)
    assert failure.value.strerror == "is more than 1000 bytes long"
    os.close(reading)


@pytest.mark.parametrize("confined", [False, True])
def test_refusal_leaves_no_open_file(home, confined):
    os.mkfifo(home / "pipe")
    access.configure(confined)
    access.forbid_blocking()
    before = os.listdir("/dev/fd")
    for path in ("pipe", "sub", "sub/own.csv/x", "absent/x"):
        refused(access.read, path, MOST)
        refused(open_to_write, path)
    with pytest.raises(access.TooLargeError):
        access.read("own.csv", 1)
    assert os.listdir("/dev/fd") == before


def test_block_size_is_bounded(confined):
    content = bytes(range(256)) * 3
    (confined / "own.csv").write_bytes(content)
    parts = [*access.blocks("own.csv", len(content), 100)]
    assert [len(part) for part in parts] == [100] * 7 + [68]
    assert b"".join(parts) == content == access.read("own.csv", len(content))
    register_virtual("lesson:in-blocks/b", content)
    assert [*access.blocks("lesson:in-blocks/b", MOST, 100)] == parts


# Through the core


def test_confined_samples_need_allowed_file(confined):
    (confined / "link").symlink_to(confined.parent / "secret")
    with pytest.raises(ConfigError) as failure:
        make_dataset(RunConfig(data="link"))
    assert (
        str(failure.value) == f"data: 'link' cannot be read: {why_outside(confined)}; allowed: a CSV file in {confined}"
    )
    assert make_dataset(RunConfig(data="~/own.csv")).y.tolist() == [2.0]


@pytest.mark.usefixtures("home")
def test_cached_problem_rechecks_its_file():
    known = make_dataset(RunConfig(data="../secret"))
    assert make_dataset(RunConfig(data="../secret"), known) is known
    access.configure(confined=True)
    with pytest.raises(ConfigError, match="outside your home"):
        make_dataset(RunConfig(data="../secret"), known)


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("folder", "path", "seen"),
    [("", "a.csv", "a.csv"), ("dir", "a.csv", "dir/a.csv"), ("dir", "/a.csv", "/a.csv"), ("dir", "~/a.csv", "~/a.csv")],
)
def test_path_relative_to_folder(folder, path, seen):
    assert access.path_from(folder, path) == seen
