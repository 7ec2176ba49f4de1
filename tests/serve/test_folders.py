"""The folders of sessions: those of a server that was killed are cleared by the next one, and no others."""

import os
import subprocess
import sys
import tempfile

import pytest
from full_disk import room
from pages import PROGRAM as ECHO
from pages import server

from quadfit_tui.serve import server as server_module
from quadfit_tui.serve.folders import Folder, clear_left_over, problem_of
from quadfit_tui.serve.patience import Patience
from quadfit_tui.serve.server import ServerOptions


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    """The folder of temporary files."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def left_over(place, name="quadfit-tui-left", mode=0o700):
    folder = place / name
    (folder / "below").mkdir(parents=True)
    (folder / "below" / "file").write_text("x")
    folder.chmod(mode)
    return folder


def test_folder_is_private_until_removed(place):
    folder = Folder()
    assert os.stat(folder.path).st_mode & 0o777 == 0o700
    (place / folder.path / "file").write_text("x")
    folder.remove()
    assert os.listdir(place) == []


def test_only_folders_of_dead_servers_are_cleared(place):
    left_over(place)
    folder = Folder()
    clear_left_over()
    assert os.listdir(place) == [os.path.basename(folder.path)]
    folder.remove()


def test_unrelated_folders_are_kept(place):
    left_over(place, "quadfit-tui-open", 0o755)
    left_over(place, "another-program")
    (place / "quadfit-tui-file").write_text("x")
    elsewhere = left_over(place, "elsewhere")
    (place / "quadfit-tui-link").symlink_to(elsewhere)
    before = sorted(place.rglob("*"))
    clear_left_over()
    assert sorted(place.rglob("*")) == before


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_folders_of_other_accounts_are_kept(place):
    folder = left_over(place)
    os.chown(folder, 65534, 65534)
    clear_left_over()
    assert folder.exists()


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="needs /proc")
@pytest.mark.parametrize("where", [".", "below"])
def test_folder_in_use_is_cleared_after_exit(place, where):
    folder = left_over(place)
    with subprocess.Popen([sys.executable, "-c", "input()"], cwd=folder / where, stdin=subprocess.PIPE) as process:
        clear_left_over()
        assert (folder / "below" / "file").exists()
        process.communicate(b"\n")
    clear_left_over()
    assert not folder.exists()


async def test_server_keeps_folders_of_own_sessions():
    async with server(f"import os\nopen('mine', 'w').close()\n{ECHO}") as served, served.page() as page:
        await page.sees(b"size")
        clear_left_over()
        (session,) = served.places._sessions.values()
        assert os.listdir(session._folder.path) == ["mine"]


def test_folder_problem_is_reported(place):
    assert problem_of(str(place)) == ""
    with room(100):
        assert problem_of(str(place)) == "File too large"
    assert problem_of(str(place / "nowhere")) == "No such file or directory"
    assert os.listdir(place) == []


async def test_recording_problem_is_reported_once(monkeypatch):
    served = ServerOptions(None, 1, 60, None, {}, None, records="records", patience=Patience(look=0))
    problems = ["", "", "No space left on device", "No space left on device", "", "Read-only file system"]
    told = []

    def problem_of(_folder):
        if not problems:
            raise LookupError  # a StopIteration of another thread is never told by Python 3.11
        return problems.pop(0)

    monkeypatch.setattr(server_module, "problem_of", problem_of)
    with pytest.raises(LookupError):
        await server_module._check_folders(served, told.append)
    assert told == [
        "answers are not recorded: 'records' cannot be written: No space left on device",
        "answers are not recorded: 'records' cannot be written: Read-only file system",
    ]
