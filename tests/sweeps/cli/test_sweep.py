"""`sweep`: its rows are those of the runs alone, whoever trains them; what is said before, meanwhile and after."""

import csv
import json
import os
import pwd
import random
import shlex
import signal
from importlib import import_module

import numpy as np
import pytest
from command_line import called, one_line, program
from loading import loaded_by
from sweep_programs import MANY, SHORT, swept
from tables import table
from trials import AT_LENGTH

from quadfit_tui import train
from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.sweeps.cli import sweep_progress
from quadfit_tui.sweeps.columns import CommandLines
from quadfit_tui.sweeps.engines import engine
from quadfit_tui.sweeps.rows import STATUSES, VERDICTS, ResultRows
from quadfit_tui.sweeps.sweep_file import read_sweep
from quadfit_tui.sweeps.work import SweepJob


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@table(
    ("args", "axes", "base"),
    [
        ("--lr 0.1", {}, {"lr": 0.1}),
        ("--lr 0.1 --lr 0.3", {"lr": (0.1, 0.3)}, {}),
        ("--lr 0.1 --lr 0.1", {}, {"lr": 0.1}),
        ("--lr 0.1:0.3:3 --lr 0.2 --lr 9", {"lr": (0.1, 0.2, 0.3, 9.0)}, {}),
        ("--seed 7 --seeds 3", {"seed": (7, 8, 9)}, {}),
        ("--seeds 1", {}, {"seed": 0}),
        ("--seed 7 --seed 1 --lr 1 --lr 2", {"lr": (1.0, 2.0), "seed": (7, 1)}, {}),
        ("--tol 0 --tol 1 --lr 1:2:2 --true 1,2,3 --true 3,2,1", {"true": ((1, 2, 3), (3, 2, 1))}, {}),
        ("--shuffle --no-shuffle --shuffle no", {"shuffle": (True, False)}, {}),
        ("--no-scale-features --lr 1 --lr 2", {"lr": (1.0, 2.0)}, {"scale_features": False}),
        ("--batch 1 --batch full", {"batch": (1, "full")}, {}),
        ("--init random --init 0,0,0", {"init": ("random", (0.0, 0.0, 0.0))}, {}),
        ("-p momentum --momentum 0:0.9:2", {"momentum": (0.0, 0.9)}, {"optimizer": "momentum"}),
        ("-p momentum --optimizer sgd --optimizer adam", {"optimizer": ("sgd", "adam")}, {}),
        ("--optimizer sgd --optimizer momentum --momentum 0.5", {"optimizer": ("sgd", "momentum")}, {"momentum": 0.5}),
        ("--samples 8 --samples 20 --batch 10", {"samples": (8, 20)}, {"batch": 10}),
        ("-d example:pontius --lr 1 --lr 2", {"lr": (1.0, 2.0)}, {"data": "example:pontius", "scale_features": True}),
        ("-d example:pontius -d example:galileo", {"data": ("example:pontius", "example:galileo")}, {}),
        ("-c run.toml --lr 3 --lr 4", {"lr": (3.0, 4.0)}, {"epochs": 17}),
    ],
)
def test_options_are_axes_or_the_base(monkeypatch, folder, args, axes, base):
    found = []
    command = import_module("quadfit_tui.sweeps.cli.sweep_command")
    monkeypatch.setattr(command, "_print_dry_run", lambda work, *_: found.append(work) or 0)
    (folder / "run.toml").write_text("epochs = 17\nlr = 0.7\n")
    done = called("sweep", *shlex.split(args), "--dry-run")
    assert (done.returncode, done.stderr) == (0, "")
    space = found[0].space
    assert {name: space.axes[name] for name in axes} == axes
    assert axes == {} or "--tol" in args or [*space.axes] == [*axes]
    assert bool(axes) == bool(space.axes)
    assert {name: getattr(space.base, name) for name in base} == base
    order = [*RunConfig.__dataclass_fields__]
    names = [name for name in space.axes if name != "seed"]
    assert names == sorted(names, key=order.index)
    assert [*space.axes][len(names) :] in ([], ["seed"])


def test_rows_are_those_of_the_runs_alone():
    head, space, rows = swept("x.csv", *MANY)
    assert rows.cell.tolist() == [*range(24)]
    assert head.random is None
    for cell, status, epochs, loss, w in zip(
        rows.cell.tolist(), rows.status, rows.epochs, rows.mean_loss, rows.w, strict=True
    ):
        alone = train(space.config(cell))
        assert STATUSES[status] == alone.status
        assert (epochs, loss) == (len(alone.epoch), alone.mean_loss[-1])
        assert [value.hex() for value in w.tolist()] == [value.hex() for value in alone.w[-1].tolist()]


def test_file_columns_named_by_parameter():
    swept("x.csv", *MANY)
    with open("x.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [*rows[0]][:4] == ["cell", "optimizer", "lr", "seed"]
    assert [row["seed"] for row in rows[:4]] == ["0", "1", "2", "0"]
    assert [row["optimizer"] for row in rows] == ["sgd"] * 12 + ["adam"] * 12
    assert float(rows[0]["lr"]) == 0.1


def test_the_file_is_the_same_whoever_trains(folder):
    for jobs in (1, 2, 3):
        swept(f"{jobs}.csv", *MANY, "--jobs", str(jobs))
    assert (folder / "1.csv").read_bytes() == (folder / "2.csv").read_bytes() == (folder / "3.csv").read_bytes()


@pytest.mark.parametrize(
    "args",
    [
        [*SHORT, "--lr", "0.01:2:40log", "--schedule", "constant", "--schedule", "cosine", "--batch", "1:6:3"],
        [*SHORT, "--optimizer", "sgd", "--optimizer", "adam", "--optimizer", "momentum", "--momentum", "0:0.9:4"],
        ["--schedule", "halve", "--schedule", "inverse-time", "--decay-rate", "0.1:0.9:5", "--decay-every", "1:9:3"],
        ["-d", "it's.csv", "-d", "example:galileo", "--init", "random", "--init", "1,-1/3,0", "-n", "3"],
        ["-p", "momentum", "--samples", "5:9:3", "--round-epochs", "off", "--round-epochs", "2", "--true", "1,2,-3"],
    ],
)
def test_row_commands_reproduce_rows(args, folder):
    """To the last bit."""
    (folder / "it's.csv").write_text("1,2\n3,4\n5,9\n")
    swept("x.csv", *args, "--shuffle", "--no-shuffle", "--seeds", "2")
    with open("x.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in random.Random(1).sample(rows, min(len(rows), 30 if AT_LENGTH else 8)):
        name, *words = shlex.split(row["run"])
        assert name == "quadfit-tui"
        end = json.loads(called(*words, "--format", "jsonl").stdout.splitlines()[-1])
        assert (end["status"], str(end["epochs"])) == (row["status"], row["epochs"])
        assert end["w"] == [None if row[name] == "" else float(row[name]) for name in "abc"]


def test_row_command_in_separate_process():
    swept("x.csv", *MANY)
    with open("x.csv", encoding="utf-8", newline="") as file:
        row = list(csv.DictReader(file))[7]
    done = program(*shlex.split(row["run"])[1:], "--format", "jsonl")
    assert json.loads(done.stdout.splitlines()[-1])["w"] == [float(row[name]) for name in "abc"]


def test_rows_stream_to_stdout(folder):
    _, _, rows = swept("x.csv", *MANY)
    for output in ("-", "/dev/stdout"):
        done = called("sweep", *MANY, "-o", output)
        assert done.returncode == 0
        printed = done.stdout.splitlines()
        whole = (folder / "x.csv").read_text().splitlines()
        assert (printed[0], sorted(printed)) == (whole[0], sorted(whole))
        assert "24 runs: " in done.stderr
    assert sorted(file.name for file in folder.iterdir()) == ["x.csv", "x.csv.toml"]
    assert {VERDICTS[at] for at in rows.verdict} <= {"far", "optimum", "converged"}


def test_best_run_with_opening_command():
    done = called("sweep", *MANY, "-o", "x.csv")
    _, space, rows = read_sweep("x.csv")
    first, close, best, opens, command = done.stdout.splitlines()
    counts = [sum(STATUSES[status] == name for status in rows.status.tolist()) for name in STATUSES]
    assert first == "24 runs: " + ", ".join(f"{n} {name}" for n, name in zip(counts, STATUSES, strict=True)) + "."
    ends = [(STATUSES[status], VERDICTS[verdict]) for status, verdict in zip(rows.status, rows.verdict, strict=True)]
    are_close = ends.count(("finished", "optimum"))
    assert close == f"Of those that finished, {are_close} are close to the optimum."
    at = min(range(24), key=lambda at: (rows.mean_loss[at], at))
    config = space.config(at)
    said = f"The best is cell {at} (optimizer {config.optimizer}, lr {config.lr:.4g}, seed {config.seed}): mean loss "
    assert best.startswith(
        f"{said}{rows.mean_loss[at]:.4g}, where the least is {rows.least[at]:.4g}; finished after 5 "
    )
    assert opens == "This opens it in the app:"
    words = shlex.split(command)
    assert (words[0], words[-2:]) == ("quadfit-tui", ["--at", "4"])
    again = called("run", *words[1:-2], "--format", "jsonl")
    assert json.loads(again.stdout.splitlines()[-1])["w"] == rows.w[at].tolist()


def test_fastest_run_is_named_where_it_is_not_the_best():
    done = called("sweep", "--lr", "0.001:2:30log", "-o", "x.csv")
    with open("x.csv", encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["status"] == "converged"]
    fastest = min(rows, key=lambda row: (int(row["epochs"]), int(row["cell"])))
    best = min(rows, key=lambda row: float(row["mean_loss"]))
    assert int(fastest["epochs"]) < int(best["epochs"])
    said = f"The fastest is cell {fastest['cell']} (lr {float(fastest['lr']):.4g}): converged after "
    assert f"{said}{fastest['epochs']} epochs." in done.stdout.splitlines()
    done = called("sweep", "--lr", "0.2", "--lr", "2", "-o", "y.csv")
    assert "The fastest" not in done.stdout  # it is the best, too


def test_where_all_diverge_none_is_the_best():
    done = called("sweep", "--lr", "1e5", "--lr", "1e6", "-n", "9000", "--schedule", "constant", "-o", "x.csv")
    assert done.returncode == 0
    assert done.stdout.splitlines() == [
        "2 runs: 0 converged, 0 finished, 2 diverged, 0 failed.",
        "All of them diverged or failed, so none is the best.",
    ]


def test_failing_run_ends_sweep_then_costs_row(monkeypatch):
    """The resumed sweep ends with exit code 5."""
    train_all = SweepJob.train

    def fails(self, cells):
        if 3 in cells:
            raise RuntimeError("no memory\nfor it")
        return train_all(self, cells)

    monkeypatch.setattr(SweepJob, "train", fails)
    done = called("sweep", *MANY, "--jobs", "1", "-o", "x.csv")
    assert done.returncode == 2
    *_, line = done.stderr.splitlines()
    assert line.startswith("quadfit-tui: training has failed: RuntimeError: no memory for it after ")
    assert line.endswith(" -o x.csv --resume")
    with open("x.csv.toml", encoding="utf-8") as file:
        assert "\nsuspects = [" in file.read()
    monkeypatch.setattr(
        engine, "_one_by_one", lambda _, cells: [ResultRows.failed(cells.tolist(), "its process died twice")]
    )
    done = called("sweep", *MANY, "--jobs", "1", "-o", "x.csv", "--resume")
    assert done.returncode == 5
    *_, line = done.stderr.splitlines()
    assert " failed; the first is cell " in line
    assert line.endswith(": its process died twice")
    _, _, rows = read_sweep("x.csv")
    assert 3 in [cell for cell in range(24) if STATUSES[rows.status[cell]] == "failed"]
    again = called("sweep", *MANY, "-o", "x.csv", "--resume")  # which is told again
    assert (again.returncode, again.stdout) == (5, done.stdout)


def test_piped_progress_is_count_and_left_out():
    args = [*SHORT, "--optimizer", "sgd", "--optimizer", "momentum", "--momentum", "0:0.9:3", "--batch", "1:9:3"]
    done = called("sweep", *args, "-o", "x.csv")
    first, second = done.stderr.splitlines()
    assert first == "quadfit-tui: 8 runs; about 1 s."
    assert second.startswith(
        "quadfit-tui: 6 combinations left out: batch exceeds the number of samples. 4 combinations"
    )
    assert "momentum makes no difference with optimizer sgd." in second
    assert len(done.stdout.splitlines()) == 5


def test_irrelevant_seeds_noted_before_runs():
    args = ("sweep", "--samples", "6", "-n", "5", "--seeds", "3")
    for done in (called(*args, "-o", "x.csv").stderr, called(*args, "--dry-run").stdout):
        assert done.splitlines()[1].removeprefix("quadfit-tui: ").startswith("The seed makes no difference to these")
    assert "The seed" not in called(*args, "--shuffle", "-o", "y.csv").stderr


def test_resumed_failures_counted_as_failed(monkeypatch):
    monkeypatch.setattr(sweep_progress.StatusLine, "show_progress", lambda _, text: told.append(text(2.0)))
    told, before, more = [], ResultRows.failed([1, 3], "no memory"), ResultRows.failed([5], "no memory")
    progress = sweep_progress.SweepProgressLine("auto", 4, before)
    progress.begin([], lambda: 1.0)
    progress.update(more)
    assert told == ["3 of 4 runs done, 3 failed; about 2 s left"]
    assert called("sweep", *MANY, "-o", "y.csv", "--progress", "none").stderr == ""


def test_dry_run_writes_nothing(folder):
    done = called("sweep", *MANY, "--batch", "9", "--random", "5", "--dry-run", "-o", "x.csv")
    assert (done.returncode, done.stderr) == (0, "")
    runs, left_out, first, command, last, other = done.stdout.splitlines()
    assert runs == "5 runs; about 1 s."
    assert left_out == "24 combinations left out: batch exceeds the number of samples."
    assert [*folder.iterdir()] == []
    head, space, rows = swept("x.csv", *MANY, "--batch", "9", "--random", "5")
    assert head.random == 5
    for at, which, said, words in ((0, "first", first, command), (-1, "last", last, other)):
        assert said.startswith(f"The {which} one is cell {rows.cell[at]} (optimizer ")
        assert words == CommandLines(space, {}).of([rows.cell[at]])[0]
    assert called("sweep", "--dry-run", "-n", "3").stdout.splitlines()[1] == "The only one is cell 0:"


def test_unknown_duration_is_not_estimated():
    done = called(
        "sweep", "--samples", "1000000", "--noise", "1", "-n", "1000000000", "--optimizer", "adam", "--dry-run"
    )
    assert done.stdout.splitlines()[0] == "1 run; how long they take is not known yet."


def test_sweep_files_cannot_be_input(folder):
    (folder / "x.csv.toml").write_text("0,1\n1,2\n2,4\n3,9\n")
    done = called("sweep", "--lr", "0.1:1:3", "-n", "5", "-o", "x.csv", "-d", "x.csv.toml", "--force")
    assert (done.returncode, done.stdout) == (2, "")
    assert "'--output': 'x.csv.toml' is an input of this run" in one_line(done.stderr)


def test_sample_notices_printed_once(folder):
    (folder / "gaps.csv").write_text("x,y\n0,1\n1,\n2,4\n3,9\n")
    done = called("sweep", "-d", "gaps.csv", "--batch", "1", "--batch", "full", "-o", "x.csv")
    assert done.returncode == 0
    assert len([line for line in done.stderr.splitlines() if "1 row is left out" in line]) == 1
    assert np.isfinite(read_sweep("x.csv")[2].mean_loss).all()


def test_stdin_samples_reach_processes():
    content = b"0,1\n1,2\n2,4\n3,9\n"
    args = ["--lr", "0.1:1:4", "-n", "20000", "--stop-on", "never", "--jobs", "2"]
    done = called("sweep", "-d", "-", *args, "-o", "x.csv", stdin=content)
    assert done.returncode == 0, done.stderr
    assert " 0 failed" in done.stdout


def test_confined_output_stays_in_home(folder, monkeypatch):
    home = folder / "home"
    home.mkdir()
    entry = pwd.struct_passwd(("anna", "x", os.getuid(), os.getgid(), "", str(home), "/bin/sh"))
    monkeypatch.setattr(pwd, "getpwuid", lambda _: entry)
    for options in (["--confined"], ["--confined-to", "home"]):
        done = called("sweep", *SHORT, *options, "-o", str(folder / "x.csv"))
        assert done.returncode == 2
        assert "--output" in one_line(done.stderr)
        assert called("sweep", *SHORT, *options, "--force", "-o", str(home / "x.csv")).returncode == 0


def test_plot_needs_no_output_file(folder, monkeypatch):
    args = [*SHORT, "--lr", "0.1:1:6", "--seeds", "4", "--plot", "--width", "60"]
    done, kept = called("sweep", *args, "--jobs", "1"), called("sweep", *args, "-o", "x.csv")
    assert (done.returncode, done.stdout) == (0, kept.stdout)
    assert sorted(file.name for file in folder.iterdir()) == ["x.csv", "x.csv.toml"]
    monkeypatch.setattr(sweep_progress.SweepProgressLine, "update", lambda *_: signal.raise_signal(signal.SIGTERM))
    before = signal.signal(signal.SIGTERM, signal.SIG_DFL)
    try:
        done = called("sweep", *args, "--jobs", "1")
    finally:
        signal.signal(signal.SIGTERM, before)
    assert (done.returncode, done.stdout) == (143, "")
    *_, line = done.stderr.splitlines()
    assert line == "quadfit-tui: interrupted after 1 of 24 runs; without --output FILE none of them is kept"


def test_sweep_file_independent_of_language(the_same_files):
    words = "sweep --lr 0.01:3:3 --batch 1 --batch 16 --samples 8 --samples 32 --optimizer sgd --optimizer momentum"
    words += " --momentum 0.5 --momentum 0.9 -n 4 -o sweep.csv"
    (english, chinese), made = the_same_files(lambda lang: called(*words.split(), "--lang", lang))
    assert english.returncode == chinese.returncode == 0
    assert {*made} == {"data.csv", "sweep.csv", "sweep.csv.toml"}
    assert "momentum makes no difference with optimizer sgd." in english.stderr
    assert "不起作用" in chinese.stderr


def test_dry_run_imports_no_ui_or_cluster(tmp_path):
    (packages, _modules) = loaded_by(["sweep --dry-run"], tmp_path)["sweep --dry-run"]
    assert not {"textual", "plotext", "rich", "pyarrow", "distributed"} & packages
