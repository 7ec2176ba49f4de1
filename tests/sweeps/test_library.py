"""sweep: what its runs come to is what train comes to; what is shown, made of it and refused."""

import csv
import doctest
import math
import re
import sys
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from xml.etree import ElementTree

import numpy as np
import pytest
from documents import MANUAL
from sweep_files import write_sweep

import quadfit_tui
from quadfit_tui import ConfigError, RunConfig, Sweep, SweepInterrupted, sweep, train
from quadfit_tui.sweeps import library as sweeping
from quadfit_tui.sweeps.head import SweepHeader
from quadfit_tui.sweeps.rows import ResultRows, best_of

BASE = RunConfig(samples=24, epochs=10, noise=0.3, stop_on="never")
AXES = {"lr": [0.01, 0.5, 2000.0], "optimizer": ["sgd", "momentum"], "momentum": np.array([0.5, 0.9])}
SWEEP = sweep(BASE, AXES, seeds=range(2))


def test_the_manuals_lines_give_what_it_says():
    said = r"sweeps/test_library.py runs the next block -->\n```pycon\n(.+?)```"
    (block,) = re.findall(said, MANUAL["library"], re.DOTALL)
    test = doctest.DocTestParser().get_doctest(block, {}, "library", "library.md", 0)
    assert len(test.examples) == 6
    assert doctest.DocTestRunner().run(test).failed == 0


def test_the_package_promises_its_names():
    for name in ("Sweep", "SweepInterrupted", "sweep"):
        assert name in quadfit_tui.__all__
        assert getattr(quadfit_tui, name) is getattr(sweeping, name)
    (names,) = re.findall(r"^\| `Sweep[(`].*?\|(.+)\|$", MANUAL["library"], re.MULTILINE)
    methods = re.findall(r"`\.?(\w+)\(", names)
    assert len(methods) >= 2
    assert all(getattr(Sweep, method).__doc__ for method in methods)


def test_every_run_is_that_of_train():
    assert len(SWEEP) == len(SWEEP.cell) == 3 * (1 + 2) * 2
    for cell, status, epochs, updates, mean_loss, least, w in zip(
        SWEEP.cell, SWEEP.status, SWEEP.epochs, SWEEP.updates, SWEEP.mean_loss, SWEEP.least, SWEEP.w, strict=True
    ):
        run = train(SWEEP.config(cell))
        assert (status, least) == (run.status, run.least)
        if run._end.overflowed:
            assert (mean_loss, epochs) == (math.inf, run.epoch[-1])
            assert np.isnan(w).all()
        else:
            assert (w.tolist(), mean_loss, epochs) == (run.w[-1].tolist(), run.mean_loss[-1], len(run.epoch))
            assert updates == epochs * 24
    assert set(SWEEP.status) == {"finished", "diverged"}


def test_the_columns_have_what_varies():
    columns = SWEEP.columns
    assert list(columns) == [
        *("cell", "lr", "optimizer", "momentum", "seed", "status", "verdict", "epochs", "updates"),
        *("mean_loss", "least", "a", "b", "c", "error", "run"),
    ]
    rows = [(lr, "sgd", None, seed) for lr in AXES["lr"] for seed in range(2)]
    rows += [(lr, "momentum", value, seed) for lr in AXES["lr"] for value in (0.5, 0.9) for seed in range(2)]
    names = ("lr", "optimizer", "momentum", "seed")
    found = zip(*(columns[name].tolist() for name in names), strict=True)
    assert {tuple(None if value != value else value for value in row) for row in found} == set(rows)
    for cell in SWEEP.cell:
        config = SWEEP.config(cell)
        assert (config.lr, config.optimizer, config.seed) == tuple(columns[name][cell] for name in (*names[:2], "seed"))
    assert SWEEP.left_out == ("6 combinations left out: momentum makes no difference with optimizer sgd.",)
    assert set(columns["error"]) == {None}
    for array in (*columns.values(), SWEEP.w, SWEEP.status):
        assert not array.flags.writeable


def test_the_columns_are_those_of_the_files(tmp_path):
    file = str(tmp_path / "a.csv")
    found = sweep(
        BASE.replace(schedule="constant"),
        {"epochs": [3, 5], "batch": [1, "full"], "shuffle": [True, False], "round_epochs": [None, 2], "lr": [0.1, 1e6]},
    )
    space = found._work.space
    fields = {name: getattr(found, name) for name in ("cell", "epochs", "updates", "mean_loss", "least", "w", "errors")}
    write_sweep(file, SweepHeader.of(space), ResultRows(status=found._status, verdict=found._verdict, **fields))
    with open(file, encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert list(rows[0]) == list(found.columns)
    assert {"max_epochs", "epochs"} < set(found.columns)
    words = {"true": True, "false": False, "": None}
    for name, column in found.columns.items():
        for row, value in zip(rows, column.tolist(), strict=True):
            said = row[name]
            told = words[said] if said in words else type(value)(said)
            assert told == value or (told is None and value != value), name


@pytest.mark.parametrize("name", ["pandas", "polars"])
def test_frames_have_the_columns(name):
    pytest.importorskip(name)
    frame = getattr(SWEEP, f"to_{name}")()
    assert list(frame.columns) == list(SWEEP.columns)
    for each in SWEEP.columns:
        values = frame[each].to_list()
        expected = [None if value != value else value for value in SWEEP.columns[each].tolist()]
        assert [None if value != value else value for value in values] == expected
        if name == "polars":  # pandas has nan for what has no value
            assert not any(value != value for value in values)
    if name == "polars":
        assert str(frame["error"].dtype) == "String"


@pytest.mark.parametrize("name", ["pandas", "polars"])
def test_a_frame_without_its_library_is_refused(monkeypatch, name):
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ImportError, match=f"^to_{name} needs {name}, which is not installed: pip install {name}$"):
        getattr(SWEEP, f"to_{name}")()


def test_the_best_is_the_least_mean_loss():
    losses = {cell: train(SWEEP.config(cell)).mean_loss[-1] for cell in range(len(SWEEP))}
    ended = {cell: loss for cell, loss in losses.items() if SWEEP.status[cell] == "finished"}
    assert SWEEP.best == min(ended, key=ended.__getitem__)
    none = sweep(BASE, {"lr": [1e6, 2e5]})
    assert (none.best, set(none.status)) == (None, {"diverged"})
    assert repr(none) == "<Sweep: 2 runs by lr; none came to an end>"


def test_the_best_of_noisy_samples_is_nearest_to_their_least():
    noisy = sweep(RunConfig(samples=24, noise=0.5, epochs=30), {"lr": [0.01, 0.1, 0.3]}, seeds=range(9))
    assert noisy.best == (noisy.mean_loss - noisy.least).argmin()
    assert noisy.best != noisy.mean_loss.argmin()  # that is the run of the smallest noise
    assert noisy.config(noisy.best).lr == 0.3


def test_rounding_makes_no_run_better_than_the_best():
    status, cell = np.zeros(3, dtype=np.int8), np.arange(3)
    assert best_of(status, np.array([1, 2, 3.0]), np.array([1, 2 + 1e-15, 2]), cell) == 0


def test_seeds_that_change_nothing_are_warned_of():
    with pytest.warns(UserWarning, match="^The seed makes no difference to these runs"):
        idle = sweep(RunConfig(samples=9, epochs=2), {"lr": [0.1]}, seeds=range(2))
    assert (len(idle), idle.left_out) == (2, ())


def test_repr_and_html_show_best():
    assert repr(SWEEP) == f"<Sweep: 18 runs by lr, optimizer, momentum, seed; best {SWEEP.best}, mean loss " + (
        f"{SWEEP.mean_loss[SWEEP.best]:.4g}>"
    )
    page = ElementTree.fromstring(f"<body>{SWEEP._repr_html_()}</body>")
    told = {row.find("th").text: row.find("td").text for row in page.iter("tr")}
    assert (told["runs"], told["best"], told["lr"]) == ("18", str(SWEEP.best), "0.5")
    assert int(told["finished"]) + int(told["diverged"]) == 18
    assert page.find("{http://www.w3.org/2000/svg}svg") is not None
    assert "<svg" not in sweep(BASE, {"lr": [1e6]})._repr_html_()


def test_own_samples_are_those_of_train():
    x, y = np.arange(6.0), np.arange(6.0) ** 2 + [0, 1, 0, 0, 1, 0]
    found = sweep(RunConfig(epochs=4, scale_features=True), {"lr": [0.1, 0.2], "batch": [1, "full", 7]}, x=x, y=y)
    for cell in range(len(found)):
        config = found.config(cell)
        if config.batch == 7:
            assert found.status[cell] == "failed"
            assert found.errors[cell] == "batch: '7' exceeds the number of samples; allowed: 1 to 6, or full"
            assert found.columns["error"][cell] == found.errors[cell]
        else:
            assert found.w[cell].tolist() == train(config, x=x, y=y).w[-1].tolist()
    assert "<svg" in found._repr_html_()
    assert found.base.data.startswith("sha256:")
    assert {*found.columns["run"].tolist()} == {""}  # which no command can name


def test_data_file_read_once_unless_varied():
    of_file = sweep(RunConfig(data="example:pontius", epochs=3, scale_features=True), {"lr": [0.1, 0.2]})
    varied = sweep(RunConfig(epochs=3, scale_features=True, lr=0.1), {"data": ["example:pontius", "example:galileo"]})
    assert of_file.w[0].tolist() == varied.w[0].tolist() == train(of_file.config(0)).w[-1].tolist()
    assert of_file._work.problem is not None
    assert varied._work.problem is None
    missing = sweep(RunConfig(epochs=3), {"data": ["example:pontius", "no-such-file"]})
    assert list(missing.errors) == [1]
    assert [bool(run) for run in missing.columns["run"]] == [True, False]
    (run,) = {run.partition(" --lr ")[0] for run in of_file.columns["run"].tolist()}
    assert run.startswith("quadfit-tui run --preset article --data example:pontius --data-sha256 ")
    with pytest.raises(ConfigError, match="no-such-file"):
        sweep(RunConfig(data="no-such-file"), {"lr": [0.1]})


def test_some_are_drawn_always_the_same_ones():
    some = sweep(BASE, AXES, seeds=range(2), random=7)
    drawn = np.random.default_rng([BASE.seed, 3]).choice(18, 7, replace=False)
    assert some.cell.tolist() == sorted(drawn.tolist())
    assert some.w.tobytes() == SWEEP.w[some.cell].tobytes()
    assert some.config(some.cell[3]) == SWEEP.config(some.cell[3])
    assert sweep(BASE, AXES, seeds=range(2), random=18).cell.tolist() == list(range(18))


def test_nobody_who_trains_changes_a_bit():
    with ThreadPoolExecutor(2) as threads, ProcessPoolExecutor(2, get_context("spawn")) as processes:
        for executor in (threads, processes):
            found = sweep(BASE, AXES, seeds=range(2), executor=executor)
            assert found.w.tobytes() == SWEEP.w.tobytes()
            assert found.cell.tolist() == SWEEP.cell.tolist()


@pytest.fixture
def always_looks(monkeypatch):
    """Has progress told of after each run, however short."""
    monkeypatch.setattr(sweeping, "_LOOK", 0.0)


def test_progress_is_told_to_the_end():
    seen = []
    sweep(BASE, {"lr": [0.1, 0.2]}, seeds=range(50), progress=seen.append)
    assert seen[-1] == (100, 0, 0)
    assert [at.done + at.left for at in seen] == [100] * len(seen)
    with pytest.raises(ZeroDivisionError):
        sweep(BASE, {"lr": [0.1]}, progress=lambda _: 1 / 0)


@pytest.mark.usefixtures("always_looks")
def test_progress_counts_failed_runs():
    seen = []
    sweep(BASE, {"data": ["no-such-file", None]}, progress=seen.append)
    assert [(at.done, at.left, at.failed) for at in seen][-1] == (2, 0, 1)
    assert len(seen) == 2


@pytest.mark.usefixtures("always_looks")
def test_ctrl_c_gives_the_runs_so_far():
    def stop(at):
        if at.done > 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as caught:
        sweep(BASE, AXES, seeds=range(2), progress=stop)
    assert isinstance(caught.value, SweepInterrupted)
    found = caught.value.sweep
    assert str(caught.value) == f"interrupted after {len(found)} of 18 runs"
    assert 5 < len(found) < 18
    assert found.w.tobytes() == SWEEP.w[found.cell].tobytes()
    assert found.columns["momentum"].dtype == SWEEP.columns["momentum"].dtype


def test_lost_executor_keeps_runs():
    class Gone(Executor):
        left = 2

        def submit(self, do, /, *args):
            if not self.left:
                raise RuntimeError("shut down")
            self.left -= 1
            future = Future()
            future.set_result(do(*args))
            return future

    with pytest.raises(RuntimeError, match=r"^training has failed: RuntimeError: shut down$") as caught:
        sweep(BASE, AXES, executor=Gone())
    found = caught.value.sweep
    assert isinstance(found, Sweep)
    assert found.w.tobytes() == sweep(BASE, AXES).w[found.cell].tobytes()


@pytest.mark.parametrize(
    ("wrong", "kind", "why"),
    [
        (lambda: sweep("article", {}), TypeError, r"config must be a RunConfig, such as .*, got 'article'"),
        (lambda: sweep(BASE, ["lr"]), TypeError, r"axes must be a dict, such as \{'lr': \[0.1, 0.3\]\}, got \['lr'\]"),
        (
            lambda: sweep(BASE, {"lrr": [1]}),
            ConfigError,
            r"axes: 'lrr' is no parameter of a run \(did you mean 'lr'\?\); allowed: true,.*",
        ),
        (lambda: sweep(BASE, {3: [1]}), ConfigError, "axes: '3' is no parameter of a run; allowed: true, .*"),
        (lambda: sweep(BASE, {"lr": 0.1}), ConfigError, r"lr: '0.1' is not a list of values; .* such as \[0.5\]"),
        (lambda: sweep(BASE, {"lr": []}), ConfigError, r"lr: '\[\]' is not a list of values; .*"),
        (
            lambda: sweep(BASE, {"lr": np.array(0.1)}),
            ConfigError,
            r"lr: 'array\(0.1\)' is not a list of values; .*",
        ),
        (lambda: sweep(BASE, {"optimizer": "adam"}), ConfigError, r"optimizer: 'adam' .* such as \['sgd'\]"),
        (lambda: sweep(BASE, {"lr": [0.1, -1]}), ConfigError, "lr: '-1' is too small; allowed: above 0, up to 1e6"),
        (lambda: sweep(BASE, {"lr": [0.1, None]}), ConfigError, "lr: 'None' is not a number; .*"),
        (lambda: sweep(BASE, {"init": (1, 2, 3)}), ConfigError, "init: '1' is not three numbers; allowed: .*"),
        (lambda: sweep(BASE, {}, seeds=20), ConfigError, r"seeds: '20' .* such as range\(20\)"),
        (lambda: sweep(BASE, {}, seeds=[0.5]), ConfigError, "seed: '0.5' is not a whole number; allowed: .*"),
        (
            lambda: sweep(BASE, {"seed": [1]}, seeds=[2]),
            ConfigError,
            r"seeds: '\[2\]' cannot be used; allowed: None where axes has 'seed'",
        ),
        (lambda: sweep(BASE, {"lr": [1]}, random=0), ConfigError, "random: '0' is too small; .* from 1 to 1"),
        (lambda: sweep(BASE, {"lr": [1, 2]}, random=3), ConfigError, "random: '3' is too large; .* from 1 to 2"),
        (
            lambda: sweep(BASE, {"lr": [1]}, jobs=1.5),
            ConfigError,
            "jobs: '1.5' is not a whole number; allowed: a whole number from 1 to 1000",
        ),
        (lambda: sweep(BASE, {}, jobs=1001), ConfigError, "jobs: '1001' is too large; .*"),
        (lambda: sweep(BASE, {}, jobs=0), ConfigError, "jobs: '0' is too small; .*"),
        (lambda: sweep(BASE, {}, jobs="many"), ConfigError, "jobs: 'many' is not a number; .*"),
        (lambda: sweep(BASE, {}, executor=2), TypeError, "executor must be an Executor of .*, or None, got 2"),
        (lambda: sweep(BASE, {"momentum": [0.5]}), ConfigError, ".*makes no difference to any run of the sweep.*"),
        (lambda: sweep(BASE, {"batch": [25]}), ConfigError, "batch: '25' exceeds the .* 24, or full"),
        (lambda: sweep(BASE, {"data": ["a"]}, x=[1], y=[1]), ConfigError, "data: .* cannot vary; .*"),
        (lambda: sweep(BASE, {"lr": [1]}, x=[1]), ConfigError, "y: 'None' cannot be used; .*"),
        (lambda: SWEEP.config(18), IndexError, "cell must be 0 to 17"),
        (lambda: SWEEP.config("first"), TypeError, "'str' object cannot be interpreted as an integer"),
        (
            lambda: sweep(BASE, {"samples": [9]}, x=[1], y=[1]),
            ConfigError,
            "samples: '9' makes no difference to any run of the sweep; allowed: without samples of your own",
        ),
    ],
)
def test_errors_name_argument_and_value(wrong, kind, why):
    with pytest.raises(kind, match=f"^{why}$") as refused:
        wrong()
    assert "\n" not in str(refused.value)
