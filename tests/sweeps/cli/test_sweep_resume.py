"""`sweep --resume`: what was interrupted goes on, what is finished is told again, and by the same options only."""

import os
import shlex
import signal
import subprocess
import sys

import pytest
from command_line import ROOT, called, one_line
from sweep_programs import MANY, SHORT, swept
from tables import table

from quadfit_tui.sweeps.sweep_file import SweepFile


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def at_the_third_chunk(patch, happens):
    """Has something happen before the third chunk of rows is kept."""
    kept, add = [], SweepFile.add

    def added(self, rows):
        kept.append(rows)
        if len(kept) == 3:
            happens()
        return add(self, rows)

    patch.setattr(SweepFile, "add", added)


def disk_full():
    raise OSError(28, "No space left on device")


@table(
    ("changes", "says"),
    [
        (["--lr", "0.2"], ["'--resume': 'x.csv' is of another sweep: lr has other values; allowed: the same"]),
        (["--tol", "1"], ["tol was 1e-05, and is 1 now"]),
        (["--random", "5"], ["the runs are others"]),
    ],
)
def test_finished_sweep_needs_same_options(folder, changes, says):
    swept("x.csv", *MANY, "--force")
    content = (folder / "x.csv").read_bytes()
    again = called("sweep", *MANY, "-o", "x.csv", "--resume")
    assert (again.returncode, again.stderr) == (0, "quadfit-tui: 24 runs, of which 24 are done.\n")
    assert again.stdout == called("sweep", *MANY, "-o", "x.csv", "--force").stdout
    other = called("sweep", *MANY, *changes, "-o", "x.csv", "--resume")
    assert (other.returncode, other.stdout) == (2, "")
    assert [word for word in [*says, "allowed: "] if word not in one_line(other.stderr)] == []
    assert (folder / "x.csv").read_bytes() == content


def test_resume_of_unstarted_sweep():
    swept("x.csv", *MANY, "--resume")


def test_toml_file_repeats_and_changes_sweep(folder):
    swept("x.csv", *MANY, "--random", "9")
    swept("again.csv", "-c", "x.csv.toml")
    assert (folder / "again.csv").read_bytes() == (folder / "x.csv").read_bytes()
    done = called("sweep", "-c", "x.csv.toml", "-o", "x.csv", "--resume")
    assert (done.returncode, " 9 runs, of which 9 are done." in done.stderr) == (0, True)
    _, other, _ = swept("other.csv", "-c", "x.csv.toml", "--lr", "0.3", "--seeds", "2", "--random", "4", "-n", "3")
    assert (other.axes, other.base.lr, other.base.epochs) == (
        {"optimizer": ("sgd", "adam"), "seed": (0, 1)},
        0.3,
        3,
    )
    text = (folder / "x.csv.toml").read_text()
    for old, new, says in (
        ("lr = [0.1", "lr = [-1", "--config x.csv.toml': lr = '-1' is too small"),
        (
            "[sweep.values]\n",
            "[sweep.values]\nrate = [3]\n",
            "rate = '[3]' is a value of no parameter of a run (did you mean 'lr'?)",
        ),
        ("random = 9", "random = 0", "'x.csv.toml' was changed, or is not of a sweep"),
        ("samples = 6", "samples = 0", "--config x.csv.toml': samples = '0' is too small"),
    ):
        assert old in text
        (folder / "x.csv.toml").write_text(text.replace(old, new))
        done = called("sweep", "-c", "x.csv.toml", "-o", "new.csv")
        assert (done.returncode, says in one_line(done.stderr)) == (2, True), done.stderr
    done = called("run", "-c", "x.csv.toml")
    assert (done.returncode, "has an unknown key 'sweep'" in one_line(done.stderr)) == (2, True)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signal_keeps_rows_and_resume_command(monkeypatch, folder, number):
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
    script = f'quadfit-tui() {{ {shlex.quote(sys.executable)} -m quadfit_tui "$@"; }}\n{command}'
    again = subprocess.run(  # with what OPENBLAS_ variables say of the processor, which decides the last digits
        ["bash", "-c", script], env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True
    )
    assert again.returncode == 0, again.stderr
    assert " 24 runs, of which " in again.stderr
    assert (folder / "it's.csv").read_bytes() == (folder / "whole.csv").read_bytes()


def test_write_error_keeps_rows(monkeypatch, folder):
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


def test_interrupt_while_closing_reports_progress(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    close = SweepFile.close

    def interrupted(file):
        close(file)
        raise KeyboardInterrupt

    monkeypatch.setattr(SweepFile, "close", interrupted)
    done = called("sweep", *SHORT, "--lr", "0.1:0.3:3", "--jobs", "1", "--progress", "none", "-o", "x.csv")
    assert done.returncode == 130
    assert "interrupted after 3 of 3 runs; this goes on: quadfit-tui sweep " in one_line(done.stderr)
