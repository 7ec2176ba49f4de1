"""`sweep --resume`: what was interrupted goes on, what is finished is told again, and by the same options only."""

import shlex
import signal
import subprocess
import sys

import pytest
from command_line import ROOT, called, one_line
from sweep_programs import MANY, SHORT, swept
from tables import table

from quadfit_tui.core.sweep.journal import Journal


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def at_the_third_chunk(patch, happens):
    """Has something happen before the third chunk of rows is kept."""
    kept, add = [], Journal.add

    def added(self, rows):
        kept.append(rows)
        if len(kept) == 3:
            happens()
        return add(self, rows)

    patch.setattr(Journal, "add", added)


def disk_full():
    raise OSError(28, "No space left on device")


@table(
    ("changes", "says"),
    [
        (["--lr", "0.2"], ["'--resume': ", "lr had 4 values, and has 5 values now"]),
        (["--tol", "1"], ["tol was 1e-05, and is 1 now"]),
        (["--random", "5"], ["cells drawn at random"]),
    ],
)
def test_a_finished_sweep_is_resumed_with_the_same_options_only(folder, changes, says):
    swept("x.csv", *MANY, "--resume")  # what is resumed may not have been begun
    content = (folder / "x.csv").read_bytes()
    again = called("sweep", *MANY, "-o", "x.csv", "--resume")
    assert (again.returncode, again.stderr) == (0, "")
    assert again.stdout == called("sweep", *MANY, "-o", "x.csv", "--force").stdout
    other = called("sweep", *MANY, *changes, "-o", "x.csv", "--resume")
    assert (other.returncode, other.stdout) == (2, "")
    assert [word for word in [*says, "allowed: "] if word not in one_line(other.stderr)] == []
    assert (folder / "x.csv").read_bytes() == content
    (folder / "x.csv").unlink()


@pytest.mark.parametrize("style", ["csv", "sqlite"])
def test_a_finished_sweep_whose_curves_are_gone_is_not_told_as_done(folder, style):
    args = ("sweep", *SHORT, "--lr", "0.1:1:3", "--curves", "-o", f"x.{style}")
    assert called(*args).returncode == called(*args, "--resume").returncode == 0
    if style == "sqlite":  # which holds them
        assert {each.name for each in folder.iterdir()} == {"x.sqlite"}
        return
    (folder / "x-curves.csv").unlink()
    done = called(*args, "--resume")
    assert (done.returncode, done.stdout) == (2, "")
    assert "'x-curves.csv', which the curves of 'x.csv' were in, is gone; allowed: --force" in one_line(done.stderr)
    assert called(*args, "--force").returncode == 0
    assert (folder / "x-curves.csv").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_leaves_a_journal_and_the_command_that_goes_on(monkeypatch, folder, number):
    before = signal.getsignal(number)
    signal.signal(number, signal.SIG_DFL)
    try:
        swept("whole.csv", *MANY)
        with monkeypatch.context() as patch:
            at_the_third_chunk(patch, lambda: signal.raise_signal(number))
            done = called("sweep", *MANY, "--true", "2, -4, 3", "--force", "--jobs", "1", "-o", "it's.csv")
        assert signal.getsignal(number) == signal.SIG_DFL
    finally:
        signal.signal(number, before)
    assert (done.returncode, done.stdout) == (128 + number, "")
    *_, line = done.stderr.splitlines()
    said, _, command = line.partition("; this goes on: ")
    assert said.startswith("quadfit-tui: interrupted after ")
    assert said.endswith(" of 24 runs")
    assert 0 < int(said.split()[3]) < 24
    assert (folder / "it's.csv.journal").exists()
    script = f'quadfit-tui() {{ {shlex.quote(sys.executable)} -m quadfit_tui "$@"; }}\n{command}'
    again = subprocess.run(
        ["bash", "-c", script], env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"}, capture_output=True, text=True
    )
    assert again.returncode == 0, again.stderr
    assert " 24 runs, of which " in again.stderr
    assert (folder / "it's.csv").read_bytes() == (folder / "whole.csv").read_bytes()
    assert sorted(file.name for file in folder.iterdir()) == ["it's.csv", "whole.csv"]


def test_a_file_that_cannot_be_written_keeps_what_is_there(monkeypatch, folder):
    swept("whole.csv", *MANY)
    with monkeypatch.context() as patch:
        at_the_third_chunk(patch, disk_full)
        done = called("sweep", *MANY, "--jobs", "1", "-o", "x.csv")
    assert (done.returncode, done.stdout) == (2, "")
    *_, line = done.stderr.splitlines()
    assert "--output: 'x.csv' cannot be written: No space left on device after " in line
    assert line.endswith("--jobs 1 -o x.csv --resume")
    swept("x.csv", *MANY, "--resume")
    assert (folder / "x.csv").read_bytes() == (folder / "whole.csv").read_bytes()
