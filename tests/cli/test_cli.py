"""The command line: what it reads, prints and refuses, and how it ends."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import quadfit_tui
from quadfit_tui.cli import main as command_line
from quadfit_tui.cli.main import join_numbers, main
from quadfit_tui.core.config.parameters import PARAMETERS, USERS
from quadfit_tui.core.config.presets import PRESETS, SUMMARIES

ROOT = Path(quadfit_tui.__file__).parent.parent
PROGRAM = [sys.executable, "-m", "quadfit_tui"]
EXIT = dict.fromkeys(PRESETS, 0) | {"too-fast": 3}


def program(*args, python=(), stdout=subprocess.PIPE, **more):
    """Runs the program as a user does, in a process of its own."""
    return subprocess.run(
        [PROGRAM[0], *python, *PROGRAM[1:], *args],
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        check=False,
        timeout=60,
        **more,
    )


def one_line(stderr):
    """What standard error says, which has to be one line in the program's name."""
    assert len(stderr.splitlines()) == 1, stderr
    assert stderr.startswith("quadfit-tui: ")
    return stderr.strip()


@pytest.fixture
def call(capsys):
    """Runs the command line within the test's process, which is faster; gives exit code, stdout and stderr."""
    before = signal.getsignal(signal.SIGPIPE)

    def call(*args):
        with pytest.raises(SystemExit) as end:
            main([str(arg) for arg in args])
        return end.value.code, *capsys.readouterr()

    yield call
    signal.signal(signal.SIGPIPE, before)


@pytest.fixture
def rows(call):
    """Runs `run --format jsonl` and gives its exit code and objects."""

    def rows(*args):
        code, out, _ = call("run", "--format", "jsonl", *args)
        return code, [json.loads(line) for line in out.splitlines()]

    return rows


# The figures


def test_printed_run_gives_the_articles_figures_and_says_that_it_stopped_wrong():
    done = program("run", "--preset", "article-as-printed")
    assert (done.returncode, done.stderr) == (0, "")
    head, first, second, words = done.stdout.splitlines()
    assert head.split()[:2] == ["epoch", "gradient:"]
    assert first.split() == ["0", "1.28", "1.28", "1.29", "1.6500", "1177.00", "-1583.33", "408.62"]
    assert second.split() == ["1", "-0.06", "-0.06", "-0.06", "0.0000", "328.47", "-689.39", "361.86"]
    for part in ("loss of the last update", "rounded to 2 decimals", "below tol 1e-05", "is far from the optimum"):
        assert part in words


def test_article_preset_agrees_with_plain_python_in_every_epoch():
    done = program("run", "--preset", "article", "--format", "jsonl")
    assert (done.returncode, done.stderr) == (0, "")
    *epochs, end = map(json.loads, done.stdout.splitlines())
    w = [-11 / 6, -395 / 3, -2400.0]
    xs = [i / 400 for i in range(-400, 400)]
    ys = [2 * x**2 - 4 * x + 3 for x in xs]
    for number, row in enumerate(epochs):
        rate = 0.5 / 2 ** ((number + 1) // 10)
        for x, y in zip(xs, ys, strict=True):
            error = w[0] * x**2 + w[1] * x + w[2] - y
            loss, gradient = error**2, [error * x**2, error * x, error]
            w = [wi - rate * gi for wi, gi in zip(w, gradient, strict=True)]
        mean_loss = sum((w[0] * x**2 + w[1] * x + w[2] - y) ** 2 for x, y in zip(xs, ys, strict=True)) / 800
        assert list(row) == ["epoch", "lr", "gradient", "loss", "mean_loss", "w"]
        assert (row["epoch"], row["lr"]) == (number, rate)
        assert row["w"] == pytest.approx(w, rel=1e-9)
        assert row["gradient"] == pytest.approx(gradient, rel=1e-8)
        assert row["loss"] == pytest.approx(loss, rel=1e-8)
        assert row["mean_loss"] == pytest.approx(mean_loss, rel=1e-8)
        assert (mean_loss < 1e-5) == (number == len(epochs) - 1)
    assert len(epochs) < 30
    assert list(end) == ["status", "epochs", "updates", "w", "mean_loss", "optimum"]
    assert (end["status"], end["epochs"], end["updates"]) == ("converged", len(epochs), 800 * len(epochs))
    assert (end["w"], end["mean_loss"]) == (epochs[-1]["w"], epochs[-1]["mean_loss"])
    assert end["optimum"] == pytest.approx([2, -4, 3], rel=1e-9)


def test_too_fast_ends_with_3_and_one_line():
    done = program("run", "--preset", "too-fast")
    assert done.returncode == 3
    assert "diverged in epoch 6, after " in one_line(done.stderr)
    assert "diverged" not in done.stdout
    assert len(done.stdout.splitlines()) == 7


@pytest.mark.parametrize("style", ["text", "csv", "jsonl"])
@pytest.mark.parametrize("preset", list(PRESETS))
def test_every_preset_runs_in_every_format_to_its_exit_code(call, preset, style):
    # One long run is not told from a short one by its exit code.
    code, out, err = call("run", "--preset", preset, "--format", style, "--epochs", 20)
    assert code == EXIT[preset]
    assert bool(err) == (code == 3)
    assert out
    if style == "jsonl":
        for line in out.splitlines():
            json.loads(line, parse_constant=lambda word: pytest.fail(word))


@pytest.mark.parametrize("preset", list(PRESETS))
def test_every_preset_runs_whole(call, preset):
    code, out, err = call("run", "--preset", preset, "--quiet")
    assert code == EXIT[preset]
    assert len((out + err).splitlines()) == 1


def test_diverged_run_ends_its_jsonl_with_the_last_finite_w(rows):
    code, (*epochs, end) = rows("--preset", "too-fast")
    assert code == 3
    assert (end["status"], end["epochs"]) == ("diverged", len(epochs))
    assert all(abs(value) < 1e308 for value in end["w"])


def test_x_that_nearly_coincide_are_no_reason_to_crash(rows):
    code, (_, end) = rows("--x-min", 0, "--x-max", "1e-200", "--epochs", 1)
    assert (code, end["status"]) == (0, "converged")


# Refusals

BAD = [
    (["--lr", "nan"], ["--lr", "'nan'", "above 0, up to 1e6"]),
    (["--lr", "inf"], ["--lr", "'inf'", "above 0, up to 1e6"]),
    (["--lr", "abc"], ["--lr", "'abc'", "above 0, up to 1e6"]),
    (["--lr", "-1"], ["--lr", "'-1'", "above 0, up to 1e6"]),
    (["--lr=-1"], ["--lr", "'-1'", "above 0, up to 1e6"]),
    (["--lr", ""], ["--lr", "''", "above 0, up to 1e6"]),
    (["--lr", "1,000"], ["--lr", "'1,000'", "1.000 or 1000"]),
    (["--epochs", "0"], ["--epochs", "'0'", "from 1 to 1e9"]),
    (["--batch", "0"], ["--batch", "'0'", "from 1 to 1e6, or full"]),
    (["--batch", "801"], ["--batch", "'801'", "1 to 800, or full"]),
    (["--samples", "5", "--batch", "6"], ["--batch", "'6'", "1 to 5, or full"]),
    (["--samples", "0"], ["--samples", "'0'", "from 1 to 1e6"]),
    (["--x-min", "1"], ["--x-min", "--x-max", "'1 to 1'", "x_min below x_max"]),
    (["--x-min", "3", "--x-max", "2"], ["--x-min", "--x-max", "'3 to 2'", "x_min below x_max"]),
    (["--preset", "artcle"], ["--preset", "'artcle'", "allowed: one of article,", "too-fast"]),
    (["--true", "1,2"], ["--true", "'1,2'", "three numbers"]),
    (["--init", "1,2,3,4"], ["--init", "'1,2,3,4'", "three numbers", "random"]),
    (["--schedule", "linear"], ["--schedule", "'linear'", "halve, constant"]),
    (["--gradient", "double"], ["--gradient", "'double'", "half, full"]),
    (["--stop-on", "always"], ["--stop-on", "'always'", "dataset, last-update, never"]),
    (["--round-epochs", "-1"], ["--round-epochs", "'-1'", "from 0 to 12, or off"]),
    (["--shuffle", "maybe"], ["--shuffle", "'maybe'", "yes or no"]),
    (["--shuffle=maybe"], ["--shuffle", "'maybe'", "yes or no"]),
    (["--format", "xml"], ["--format", "'xml'", "allowed: one of text, csv, jsonl"]),
    (["--every", "0"], ["--every", "'0'", "allowed: a whole number from 1"]),
    (["--every", "x"], ["--every", "'x'", "allowed: a whole number from 1"]),
    (["--every", "two"], ["--every", "'two'"]),
    (["--momentum", "1", "--optimizer", "momentum"], ["--momentum", "'1'", "from 0, below 1"]),
    (["--optimizer", "adamw"], ["--optimizer", "'adamw'", "sgd, momentum, nesterov, adagrad, rmsprop, adam"]),
    (
        ["--momentum", "0.5"],
        ["'--momentum': '0.5' is not used by optimizer sgd; allowed: with --optimizer momentum or nesterov"],
    ),
    (
        ["--decay-rate", "1/4"],
        ["'--decay-rate': '0.25' is not used by schedule halve; allowed: with --schedule exponential or inverse-time"],
    ),
    (
        ["--preset", "adam", "--epsilon", "1e-7", "--rho", "0.9"],
        ["'--rho': '0.9' is not used by optimizer adam; allowed: with --optimizer rmsprop"],
    ),
    (
        ["--preset", "adam", "--optimizer", "nesterov", "--epsilon", "1e-7"],
        ["'--epsilon': '1e-07' is not used by optimizer nesterov; allowed: with --optimizer adagrad, rmsprop or adam"],
    ),
    (["--lrr", "1"], ["'--lrr'", "allowed: --lr, ", " and others of 'quadfit-tui run --help'"]),
    (["--" + "x" * 3000], ["x...'; allowed: those of 'quadfit-tui run --help'"]),
    (["--speed", "max"], ["--speed is for the app; allowed: without 'run'"]),
    (["--quiet", "--output", "/absent/file.csv"], ["--quiet", "csv file empty", "allowed: with --format text or"]),
    (["--lr"], ["--lr", "argument; allowed: see 'quadfit-tui run --help'"]),
    (["--plot=yes"], ["--plot", "value; allowed: see 'quadfit-tui run --help'"]),
    (["stray"], ["stray", "allowed: options alone, see 'quadfit-tui run --help'"]),
    (["--epochs", "1.000"], ["--epochs", "'1.000' could mean 1 or 1000: write one of them"]),
    (["a\x1b[2Jb"], [r"a\x1b[2Jb"]),
    (["--plot", "--format", "csv"], ["--plot", "csv", "--output"]),
    (["--data", "/absent/file.csv"], ["--data", "'/absent/file.csv'", "No such file", "allowed"]),
    (["--config", "/absent/file.toml"], ["--config", "/absent/file.toml", "No such file", "allowed"]),
    (["--output", "/absent/dir/file"], ["--output", "'/absent/dir/file'", "its folder does not exist", "allowed"]),
    (["--output", ""], ["--output", "''", "not the name of a file", "allowed"]),
]


@pytest.mark.parametrize(("args", "words"), BAD, ids=[ascii(" ".join(args)) for args, _ in BAD])
def test_bad_usage_ends_with_2_and_one_line_that_says_what_is_allowed(call, args, words):
    code, out, err = call("run", *args)
    assert (code, out) == (2, "")
    line = one_line(err)
    assert line.isprintable()
    assert [word for word in words if word not in line] == []


BAD_DATA = {
    "empty": (b"", "holds no samples"),
    "binary": (b"\x00\x01\x02\xff", "is not text"),
    "one column": (b"1\n2\n", "line 1 has one column"),
    "three columns": (b"1,2,3\n", "line 1 has 3 columns"),
    "NaN": (b"1,2\n2,NaN\n", "line 2: 'NaN'"),
    "NaN first": (b"nan,nan\n2,3\n", "line 1: 'nan'"),
    "infinity": (b"x,y\n1,inf\n", "line 2: 'inf'"),
    "text": (b"1,2\n3,four\n", "line 2: 'four'"),
}


@pytest.mark.parametrize(("content", "reason"), BAD_DATA.values(), ids=BAD_DATA)
def test_bad_data_file_ends_with_2_and_one_line(call, tmp_path, content, reason):
    file = tmp_path / "bad.csv"
    file.write_bytes(content)
    code, out, err = call("run", "--data", file)
    assert (code, out) == (2, "")
    line = one_line(err)
    assert [word for word in ("--data", str(file), reason, "allowed: ") if word not in line] == []


BAD_CONFIG = {
    "broken": ("lr = ", ["not valid TOML"]),
    "unknown key": ("lrr = 0.5", ["'lrr'", "'lr'", "round_epochs"]),
    "option's spelling": ("x-min = 0", ["'x-min'", "'x_min'"]),
    "truth value": ("lr = true", ["lr = 'true'", "above 0"]),
    "text": ('lr = "fast"', ["lr = 'fast'", "above 0"]),
    "fraction": ("samples = 1.5", ["samples = '1.5'", "whole number"]),
    "nan": ("tol = nan", ["tol = 'nan'", "0 to 1e12"]),
    "list": ("true = [1, 2]", ["true = '[1, 2]'", "three numbers"]),
    "table": ("[lr]\nbase = 1", ["lr = ", "above 0"]),
    "too large a batch": ("batch = 900", ["batch = '900'", "1 to 800"]),
    "x_min above x_max": ("x_min = 2", ["x_min = '2 to 1'", "x_min below x_max"]),
    "binary": (b"\xff\xfe\x00", ["not text"]),
    "nested too deeply": ("lr = " + "[" * 5000, ["not valid TOML: it is nested too deeply; allowed: "]),
    "number without end": ("samples = " + "1" * 5000, ["not valid TOML: it has a number that is too long; allowed: "]),
}


@pytest.mark.parametrize(("content", "words"), BAD_CONFIG.values(), ids=BAD_CONFIG)
def test_bad_configuration_file_ends_with_2_and_one_line(call, tmp_path, content, words):
    file = tmp_path / "bad.toml"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    code, out, err = call("run", "--config", file)
    assert (code, out) == (2, "")
    line = one_line(err)
    assert [word for word in (f"--config {file}", "allowed: ", *words) if word not in line] == []


LAYERS = {
    "the file's batch beside the option's samples": ("batch = 900", ["--samples", "1000"], None),
    "the file's end beside the option's other one": ("x_min = 3", ["--x-max", "5", "--lr", "1e-6"], None),
    "the preset's batch beside the option's": ("samples = 10", ["--preset", "article-minibatch", "--batch", "5"], None),
    "the file's batch": ("batch = 900", ["--samples", "600"], "config'"),
    "the file's batch, the preset's own": ("batch = 900", ["--preset", "noisy"], "config'"),
    "the preset's batch": (
        "samples = 10",
        ["--preset", "article-minibatch"],
        "minibatch': batch = '16'",
    ),
    "the preset's batch, no file": (
        "",
        ["--preset", "noisy", "--samples", "5"],
        "noisy': batch = '16'",
    ),
    "the option's batch": ("samples = 10", ["--batch", "16"], "'--batch': '16' is more than there are samples"),
    "the file's data": ('data = "absent"', ["--batch", "1"], "config': data = "),
}


@pytest.mark.parametrize(("content", "args", "blamed"), LAYERS.values(), ids=LAYERS)
def test_layers_are_judged_together_and_the_one_at_fault_is_named(call, tmp_path, content, args, blamed):
    file = tmp_path / "config"
    file.write_text(content)
    code, _, err = call("run", "--config", file, "--epochs", 1, *args)
    if blamed is None:
        assert (code, err) == (0, "")
    else:
        assert code == 2
        assert blamed in one_line(err)


def test_refusal_of_a_real_process_is_the_same():
    done = program("run", "--lr", "nan", "--plot")
    assert (done.returncode, done.stdout) == (2, "")
    assert "--lr" in one_line(done.stderr)


@pytest.mark.parametrize("option", ["--data", "--config", "--output", "--lr", "--preset"])
def test_value_with_a_line_end_is_still_refused_in_one_line(call, option):
    code, out, err = call("run", option, "/absent/a\nb.csv")
    assert (code, out) == (2, "")
    one_line(err)


def test_refused_run_leaves_an_older_output_file_alone(call, tmp_path):
    file = tmp_path / "old.csv"
    file.write_text("precious\n")
    assert call("run", "--lr", "nan", "--output", file)[0] == 2
    assert call("run", "--data", "/absent", "--output", file)[0] == 2
    assert file.read_text() == "precious\n"


# Options and where parameters come from


@pytest.mark.parametrize(
    ("choice", "word", "name"),
    [
        (users.choice, word, name)
        for name, users in USERS.items()
        for word in PARAMETERS[users.choice].value_type.options
    ],
)
@pytest.mark.parametrize("command", [["run", "--epochs", 1, "--samples", 2], []], ids=["run", "app"])
def test_an_option_is_taken_where_it_is_used_and_nowhere_else(call, command, choice, word, name):
    row = PARAMETERS[name]
    code, _, err = call(*command, row.option, row.show(row.default), PARAMETERS[choice].option, word)
    if word in USERS[name].words:
        assert "is not used" not in err
        assert code == (0 if command else 2)  # the app has no terminal here
    else:
        assert code == 2
        assert f"{row.option!r}: {row.show(row.default)!r} is not used by {choice} {word}" in one_line(err)


@pytest.mark.parametrize("command", [["run", "--epochs", 1], []], ids=["run", "app"])
@pytest.mark.parametrize("name", ["true", "samples", "x_min", "x_max", "noise", "seed"])
def test_an_option_of_made_samples_is_refused_beside_a_file_of_samples(call, tmp_path, command, name):
    file, row = tmp_path / "own.csv", PARAMETERS[name]
    file.write_text("0,1\n1,2\n2,4\n")
    text = row.show(row.default)
    code, out, err = call(*command, "--data", file, row.option, text)
    if name == "seed":  # that of the order and of a random start, too
        assert (code == 0) == bool(command)
        return
    assert (code, out) == (2, "")
    line = one_line(err)
    assert f"{row.option!r}: {text!r} is not used beside --data {file}; allowed: one of the two" in line
    config = tmp_path / "run.toml"
    config.write_text('data = "own.csv"\n')
    assert call(*command, "--config", config, row.option, text) == (code, out, err)
    assert call("run", "--epochs", 1, "--config", config, row.option, text, "--data", "")[0] == 0


def test_what_a_file_or_a_preset_says_may_stay_unused(rows, tmp_path):
    file = tmp_path / "run.toml"
    file.write_text("momentum = 0.5\nbeta1 = 0.5\ndecay_rate = 0.25\nepochs = 2\n")
    assert rows("--config", file) == rows("--epochs", 2)
    assert rows("--preset", "momentum", "--optimizer", "sgd", "--schedule", "halve", "--epochs", 2) == rows(
        "--batch", "full", "--lr", 1, "--epochs", 2
    )
    _, seen = rows("--config", file, "--optimizer", "nesterov")
    assert seen == rows("--optimizer", "nesterov", "--momentum", "0.5", "--epochs", 2)[1]


@pytest.mark.parametrize("name", list(PARAMETERS))
@pytest.mark.parametrize("command", [["run"], []], ids=["run", "app"])
def test_every_parameter_is_an_option_told_by_help(call, command, name):
    code, out, err = call(*command, "--help")
    assert (code, err) == (0, "")
    words = " ".join(out.split())
    parameter = PARAMETERS[name]
    assert f" {parameter.option} " in words
    # Help is wrapped, maybe within a word: compare without blanks.
    assert parameter.help.replace(" ", "") in words.replace(" ", "")
    assert f"({parameter.value_type.allowed})[{parameter.default_text}]".replace(" ", "") in words.replace(" ", "")
    if name in USERS:
        assert f"{parameter.option} VALUE {', '.join(USERS[name].words)}: " in words


OPTIONS = {
    "true": "1,-1,0.5",
    "samples": "20",
    "x_min": "-3",
    "x_max": "0.5",
    "noise": "0.5",
    "seed": "9",
    "init": "1,1,1",
    "optimizer": "nesterov",
    "momentum": "0.5",
    "rho": "0.5",
    "beta1": "0.5",
    "beta2": "0.5",
    "epsilon": "0.5",
    "lr": "0.05",
    "schedule": "constant",
    "decay_every": "2",
    "decay_rate": "0.25",
    "batch": "7",
    "shuffle": "yes",
    "epochs": "2",
    "gradient": "full",
    "scale_features": "yes",
    "tol": "1e7",
    "stop_on": "last-update",
    "round_epochs": "1",
}
# What a parameter needs before it shows.
NEEDS = {
    "optimizer": ["--lr", "0.01"],
    "decay_every": ["--schedule", "exponential"],
    "schedule": ["--epochs", "12"],
    "seed": ["--noise", "1"],
    "stop_on": ["--tol", "1"],
    **{
        name: [PARAMETERS[users.choice].option, users.words[-1]]
        for name, users in USERS.items()
        if name != "decay_every"
    },
}


@pytest.mark.parametrize("name", [name for name in PARAMETERS if name != "data"])
def test_every_option_changes_the_run(rows, name):
    base = ["--samples", 50, "--epochs", 4, *NEEDS.get(name, [])]
    assert rows(*base) != rows(*base, PARAMETERS[name].option, OPTIONS[name])


@pytest.mark.parametrize("style", ["x,y\n", ""])
def test_data_come_from_a_file(rows, tmp_path, style):
    file = tmp_path / "three.csv"
    file.write_text(style + "0,5\n1,4\n2,9\n")
    code, (*_, end) = rows("--data", file, "--epochs", 3)
    assert code == 0
    assert end["optimum"] == pytest.approx([3, -4, 5])
    assert end["updates"] == 9


@pytest.mark.parametrize(
    "args", [["--shuffle", "yes"], ["--shuffle"], ["--shuffle=yes"], ["--shuffle", "--lr", "0.5"], ["--shuffle", "on"]]
)
def test_shuffle_is_a_switch_or_a_yes(rows, args):
    short = ["--samples", 20, "--epochs", 2]
    assert rows(*short, *args) == rows(*short, "--shuffle", "true") != rows(*short)
    assert rows(*short, *args, "--shuffle", "no") == rows(*short)


def test_options_go_over_the_file_and_the_file_over_the_preset(rows, tmp_path):
    file = tmp_path / "run.toml"
    file.write_text("lr = 0.25\nsamples = 40\nepochs = 3\n")
    # full-batch gives the batch, the file lr and samples over it, the option the epochs over both.
    _, seen = rows("--epochs", 2, "--config", file, "--preset", "full-batch")
    assert seen == rows("--batch", "full", "--lr", 0.25, "--samples", 40, "--epochs", 2)[1]
    assert [row.get("lr") for row in seen] == [0.25, 0.25, None]
    assert rows("--preset", "full-batch", "--config", file)[1][-1]["updates"] == 3
    # An option that says what is the default goes over the preset as well.
    assert rows("--preset", "full-batch", "--batch", 800, "--epochs", 2) == rows("--batch", "full", "--epochs", 2)


def test_words_for_nothing_go_over_the_preset_and_the_file_too(rows, tmp_path):
    assert rows("--preset", "article-as-printed", "--round-epochs", "off", "--stop-on", "dataset") == rows()
    file = tmp_path / "run.toml"
    file.write_text('data = "/absent"\nepochs = 2\n')
    assert rows("--config", file, "--data", "") == rows("--epochs", 2)


@pytest.mark.parametrize(
    "args",
    [
        ["--init", "-11/6,", "-395/3,", "-2400"],
        ["--init", "-11/6", ",-395/3", ",-2400"],
        ["--init", "-11/6", "-395/3", "-2400"],
        ["--init", "-11/6,-395/3,-2400"],
        ["--init=-11/6,", "-395/3,", "-2400"],
        ["--init", "-11/6, -395/3, -2400"],
        ["--init", "−11/6;", "−395/3;", "−2400"],
        ["--init", "-11/6", ",", "-395/3", ",", "-2400"],
    ],
)
def test_init_works_as_typed_without_quotes(rows, args):
    assert rows("--preset", "article-alternative", *args, "--epochs", 2) == rows("--epochs", 2)


@pytest.mark.parametrize("args", [["--true", "2,-4,3"], ["--true", "2,", "-4,", "3"], ["--true=2,-4,3"]])
def test_true_works_as_typed(rows, args):
    assert rows(*args, "--epochs", 1) == rows("--epochs", 1)


@pytest.mark.parametrize("lr", ["0,25", "1/4", "2.5e-1", "０．２５", ".25", "+0.25"])
def test_numbers_are_read_as_people_write_them(rows, lr):
    assert rows("--lr", lr, "--epochs", 1) == rows("--lr", "0.25", "--epochs", 1)


@pytest.mark.parametrize(
    ("args", "joined"),
    [
        (["run", "--lr", "0.5", "--epochs", "3"], ["run", "--lr", "0.5", "--epochs", "3"]),
        (["--init", "1,", "2,", "3", "--lr", "1"], ["--init", "1, 2, 3", "--lr", "1"]),
        (["--init=1,", "2,", "3"], ["--init=1, 2, 3"]),
        (["--x-min", "-1", "--x-max", "-0.5"], ["--x-min", "-1", "--x-max", "-0.5"]),
        (["--data", "1.csv", "--config", "a.toml"], ["--data", "1.csv", "--config", "a.toml"]),
        ([], []),
    ],
)
def test_only_numbers_that_follow_each_other_are_joined(args, joined):
    assert join_numbers(args) == joined


# Output


def test_every_nth_epoch_and_the_last_are_written(call):
    code, out, _ = call("run", "--format", "csv", "--stop-on", "never", "--samples", 20, "--epochs", 12, "--every", 5)
    assert code == 0
    assert [row["epoch"] for row in csv.DictReader(out.splitlines())] == ["0", "5", "10", "11"]
    _, out, _ = call("run", "--format", "csv", "--stop-on", "never", "--samples", 20, "--epochs", 11, "--every", 5)
    assert [row["epoch"] for row in csv.DictReader(out.splitlines())] == ["0", "5", "10"]


def test_last_whole_epoch_of_a_divergence_is_written_too(rows):
    _, (*all_epochs, _) = rows("--preset", "too-fast")
    _, (*some, _) = rows("--preset", "too-fast", "--every", 4)
    assert some == [all_epochs[0], all_epochs[4], all_epochs[-1]]


def test_csv_is_that_of_the_contract_and_agrees_with_jsonl(call, rows):
    code, out, err = call("run", "--format", "csv", "--epochs", 3)
    assert (code, err) == (0, "")
    head, *lines = out.splitlines()
    assert head == "epoch,lr,gradient_a,gradient_b,gradient_c,loss,mean_loss,a,b,c"
    _, (*objects, _) = rows("--epochs", 3)
    flat = [[o["epoch"], o["lr"], *o["gradient"], o["loss"], o["mean_loss"], *o["w"]] for o in objects]
    assert [[float(cell) for cell in line.split(",")] for line in lines] == flat


@pytest.mark.parametrize("args", [["run", "--lr", "nan"], ["run", "--preset", "too-fast", "--quiet"]])
def test_what_is_wrong_never_goes_to_standard_output(args):
    """Not even where standard error is closed."""
    done = subprocess.run(
        ["/bin/sh", "-c", 'exec "$@" 2>&-', "sh", *PROGRAM, *args], stdout=subprocess.PIPE, check=False, timeout=60
    )
    assert done.returncode in (2, 3)
    assert done.stdout == b""


def test_quiet_leaves_an_older_file_alone_where_it_has_nothing_to_write(call, tmp_path):
    file = tmp_path / "old.csv"
    file.write_text("precious\n")
    assert call("run", "--quiet", "--output", file)[0] == 2
    assert file.read_text() == "precious\n"


@pytest.mark.parametrize(("style", "lines"), [("text", 1), ("csv", 0), ("jsonl", 1)])
def test_quiet_says_only_how_it_ended(call, style, lines):
    code, out, err = call("run", "--quiet", "--format", style, "--epochs", 2)
    assert (code, err) == (0, "")
    assert len(out.splitlines()) == lines
    assert "finished" in out or style == "csv"


def test_output_file_gets_the_epochs_and_the_screen_the_end(call, tmp_path):
    file = tmp_path / "run.jsonl"
    _, expected, _ = call("run", "--format", "jsonl", "--epochs", 3)
    code, out, err = call("run", "--format", "jsonl", "--epochs", 3, "--output", file)
    assert (code, err) == (0, "")
    assert file.read_text() == expected
    assert out.startswith("finished: all 3 epochs are done")
    assert len(out.splitlines()) == 1


def test_output_file_of_a_divergence_is_kept(call, tmp_path):
    file = tmp_path / "run.csv"
    code, out, err = call("run", "--preset", "too-fast", "--format", "csv", "--output", file)
    assert (code, out) == (3, "")
    assert "diverged" in one_line(err)
    assert len(file.read_text().splitlines()) == 7


@pytest.mark.parametrize("preset", ["article", "too-fast", "ill-conditioned"])
def test_plot_ends_with_the_chart(call, preset):
    code, out, _ = call("run", "--preset", preset, "--quiet", "--plot", "--epochs", 30)
    assert code == EXIT[preset]
    lines = out.splitlines()
    assert len(lines) > 15
    assert "true" in out
    assert "fitted" in out
    assert all(len(line) <= 120 for line in lines[1:])
    assert "\x1b" not in out


def test_plot_next_to_an_output_file_goes_to_the_screen(call, tmp_path):
    file = tmp_path / "run.csv"
    code, out, _ = call("run", "--epochs", 2, "--format", "csv", "--plot", "--output", file)
    assert code == 0
    assert "fitted" in out
    assert len(file.read_text().splitlines()) == 3


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_plot_fits_the_encoding_of_the_output(encoding):
    done = subprocess.run(
        [*PROGRAM, "run", "--plot", "--epochs", "2"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        cwd=ROOT,
        check=False,
        timeout=60,
        env=os.environ | {"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"},
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert "fitted" in done.stdout.decode(encoding)


def test_a_profiler_has_the_last_word():
    done = program("run", "--quiet", python=("-m", "cProfile"))
    assert "function calls" in done.stdout
    assert (done.returncode, done.stderr) == (0, "")


# As any filter does

LONG = ["--samples", "200", "--epochs", "1000000000", "--stop-on", "never"]


def test_reader_that_goes_ends_the_run():
    run = subprocess.Popen(
        [*PROGRAM, "run", *LONG], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT
    )
    lines = [run.stdout.readline() for _ in range(3)]
    run.stdout.close()
    assert run.wait(timeout=20) in (0, -signal.SIGPIPE)
    assert run.stderr.read() == b""
    run.stderr.close()
    assert [line.split()[0] for line in lines] == [b"epoch", b"0", b"1"]


@pytest.mark.parametrize("args", [["presets"], ["--help"], ["run", "--help"], ["--version"]])
def test_a_reader_that_has_gone_is_no_error(args):
    reading, writing = os.pipe()
    os.close(reading)
    done = program(*args, stdout=writing)
    os.close(writing)
    assert done.returncode in (0, 1, -signal.SIGPIPE)
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("quiet", [[], ["--quiet", "--format", "text"]])
def test_interrupt_ends_with_130_without_a_traceback_and_lines_come_as_they_are_made(quiet, tmp_path):
    file = tmp_path / "run.csv"
    run = subprocess.Popen(
        [*PROGRAM, "run", "--samples", "300000", "--lr", "1e-6", "--output", str(file), *quiet],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
    )
    while run.poll() is None and not (file.exists() and (quiet or file.stat().st_size)):
        time.sleep(0.01)
    # A buffer would have been written when it was full, after 8192 bytes or so.
    assert file.stat().st_size < 4096
    time.sleep(0.05)  # amid an epoch
    run.send_signal(signal.SIGINT)
    out, err = run.communicate(timeout=20)
    assert (run.returncode, out, err.strip()) == (130, b"", b"")
    lines = file.read_text().splitlines(keepends=True)
    assert all(line.endswith("\n") and line.count(",") == 9 for line in lines)
    assert bool(lines) != bool(quiet)


full_device = pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")


@full_device
@pytest.mark.parametrize("args", [["run"], ["run", "--quiet"], ["presets"], ["--help"], ["--version"]])
def test_a_full_disk_is_told_in_one_line(args):
    with open("/dev/full", "w") as full:
        done = program(*args, stdout=full)
    assert done.returncode not in (0, 3)
    assert "No space left" in one_line(done.stderr)


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--output", "-"], ["--output", "'-'", "screen", "allowed: a file"]),
        (["--every", "2"], ["--every", "allowed: with --output FILE"]),
        (["--format", "csv"], ["--format", "allowed: with --output FILE"]),
        (["--output", "f", "--every", "0"], ["--every", "'0'"]),
        (["--output", "f", "--format", "xml"], ["--format", "'xml'", "jsonl"]),
        (["--format", "csv", "run"], ["--format", "after 'run'"]),
        (["--output", "f", "presets"], ["--output", "without 'presets'"]),
    ],
)
def test_what_the_app_cannot_write_is_refused_in_one_line(call, tmp_path, monkeypatch, args, words):
    monkeypatch.chdir(tmp_path)
    code, out, err = call(*args)
    assert (code, out) == (2, "")
    line = one_line(err)
    assert [word for word in words if word not in line] == []
    assert not list(tmp_path.iterdir())


def test_an_app_that_is_refused_leaves_an_older_file_alone(call, tmp_path):
    file = tmp_path / "old.csv"
    file.write_text("precious\n")
    assert call("--output", file)[0] == 2  # there is no terminal
    assert file.read_text() == "precious\n"


@pytest.mark.parametrize(
    ("name", "args", "first"),
    [
        ("a.CSV", [], "epoch,lr,"),
        ("a.jsonl", [], '{"epoch": 0,'),
        ("a.txt", [], "epoch  gradient"),
        ("a", [], "epoch  gradient"),
        ("a.csv", ["--format", "jsonl"], '{"epoch": 0,'),
    ],
)
def test_a_file_is_written_as_its_name_ends_unless_a_format_is_given(call, tmp_path, name, args, first):
    assert call("run", "--epochs", 1, "--output", tmp_path / name, *args)[0] == 0
    assert (tmp_path / name).read_text().startswith(first)


def test_a_dash_is_standard_output(call, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert call("run", "--epochs", 2, "--output", "-") == call("run", "--epochs", 2)
    assert not list(tmp_path.iterdir())


def test_standard_output_and_a_file_of_many_lines_are_the_same(call, tmp_path):
    file, args = tmp_path / "run.csv", ["run", "--format", "csv", "--epochs", 3000, "--stop-on", "never", "--every", 7]
    _, out, _ = call(*args)
    assert call(*args, "--output", file)[0] == 0
    assert file.read_text() == out
    assert [int(line.split(",")[0]) for line in out.splitlines()[1:]] == [*range(0, 3000, 7), 2999]


@pytest.mark.parametrize("style", ["jsonl", "csv"])
@pytest.mark.parametrize("mode", ["w", "a"], ids=["emptied", "appended"])
@pytest.mark.parametrize("name", ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1", "itself"])
def test_a_name_of_standard_output_is_what_a_dash_is(tmp_path, name, mode, style):
    """Written to by two openings of it, a file would have one over the other."""
    if name != "itself" and not os.path.exists(name):
        pytest.skip(f"this system has no {name}")
    file, args = tmp_path / "lines", ["run", "--epochs", "2", "--format", style]
    expected = program(*args).stdout
    file.write_text("kept\n")
    with file.open(mode) as stdout:
        done = program(*args, "--output", str(file) if name == "itself" else name, stdout=stdout)
    assert (done.returncode, done.stderr) == (0, "")
    assert file.read_text() == ("kept\n" if mode == "a" else "") + expected


def test_a_name_of_standard_error_has_the_lines_and_then_what_is_said_there(tmp_path):
    file = tmp_path / "lines"
    with file.open("w") as stderr:
        done = subprocess.run(
            [*PROGRAM, "run", "--preset", "too-fast", "--format", "csv", "--output", file],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=stderr,
            cwd=ROOT,
            check=False,
            timeout=60,
        )
    assert (done.returncode, done.stdout) == (3, b"")
    *lines, last = file.read_text().splitlines()
    assert lines == program("run", "--preset", "too-fast", "--format", "csv").stdout.splitlines()
    assert last.startswith("quadfit-tui: diverged")


@pytest.mark.parametrize("option", ["--output", "--data", "--config"])
@pytest.mark.parametrize("name", ["own.csv/", "own.csv/.", "absent/", ".", "/"])
def test_the_name_of_a_folder_is_refused_as_that(call, tmp_path, monkeypatch, option, name):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own.csv").write_text("0,1\n1,2\n2,4\n")
    code, out, err = call("run", "--epochs", 2, option, name)
    assert (code, out) == (2, "")
    assert option in err
    assert f"{name!r} cannot be " in err or f"--config {name}': cannot be " in err
    assert ": it names a folder; allowed: a" in one_line(err)
    assert [path.name for path in tmp_path.iterdir()] == ["own.csv"]


def test_a_pipe_that_nobody_reads_is_refused_at_once(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    done = program("run", "--epochs", "2", "--output", str(tmp_path / "pipe"))
    assert (done.returncode, done.stdout) == (2, "")
    assert "pipe' cannot be written: it is a pipe that nobody reads; allowed: a file" in one_line(done.stderr)


def test_a_link_that_leads_nowhere_is_not_told_to_want_its_folder(call, tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "absent" / "file")
    code, _, err = call("run", "--epochs", 2, "--output", tmp_path / "link")
    assert code == 2
    assert "link' cannot be written: No such file or directory; allowed: a file" in one_line(err)


@pytest.mark.parametrize(
    "args", [["--help"], ["run", "--help"], ["--version"], ["presets"], ["explain"], ["run", "--epochs", "2"]]
)
def test_what_standard_output_would_get_is_refused_where_that_is_closed(args):
    done = subprocess.run(
        ["/bin/sh", "-c", 'exec "$@" >&-', "sh", *PROGRAM, *args],
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        check=False,
        timeout=60,
    )
    assert done.returncode == 2
    assert "standard output is closed; allowed: an open one" in one_line(done.stderr)


@full_device
def test_a_full_disk_under_the_output_file_is_told_in_one_line():
    done = program("run", "--output", "/dev/full")
    assert (done.returncode, done.stdout) == (2, "")
    line = one_line(done.stderr)
    assert line == "quadfit-tui: --output: '/dev/full' cannot be written: No space left on device"  # no invalid value


@pytest.mark.parametrize("command", [["run"], []], ids=["run", "app"])
@pytest.mark.parametrize("option", ["--data", "--config"])
def test_output_does_not_overwrite_what_the_run_is_made_from(call, tmp_path, command, option):
    file = tmp_path / "own"
    file.write_text("0 1\n1 2\n2 4\n" if option == "--data" else "epochs = 2\n")
    before = file.read_text()
    code, out, err = call(*command, option, file, "--output", tmp_path / "." / "own")
    assert (code, out) == (2, "")
    assert "--output" in one_line(err)
    assert file.read_text() == before


@pytest.mark.parametrize("args", [["run", "--epochs", "2"], ["--help"], ["--version"]])
def test_neither_textual_nor_a_chart_is_loaded_without_need(args):
    done = program(*args, python=["-X", "importtime"])
    assert done.returncode == 0
    loaded = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines()}
    assert "click" in loaded
    assert not loaded & {"textual", "plotext", "rich"}
    assert ("numpy" in loaded) == (args[0] == "run")


# The rest


@pytest.mark.parametrize("option", ["--version", "-V"])
def test_version(call, option):
    assert call(option) == (0, f"quadfit-tui {quadfit_tui.__version__}\n", "")


@pytest.mark.parametrize("args", [["--help"], ["-h"], ["run", "--help"], ["run", "-h"], ["presets", "--help"]])
def test_help(call, args):
    code, out, err = call(*args)
    assert (code, err) == (0, "")
    assert out.startswith("Usage: quadfit-tui")
    assert max(map(len, out.splitlines())) < 130


def test_help_of_the_app_tells_of_the_commands_and_of_its_own_options(call):
    _, out, _ = call("--help")
    for word in ("run ", "presets ", "--speed", "--fps", "--view", "--theme", "--no-mouse", "--preset", "--config"):
        assert word in out


@pytest.fixture
def begun(monkeypatch):
    """Lets the app be started from a test; gives what was shown of it, which is nothing but its first view."""
    from quadfit_tui.ui.app import QuadfitApp

    shown = []
    monkeypatch.setattr(command_line, "_refuse_without_terminal", lambda: None)
    monkeypatch.delenv("TEXTUAL_FPS", raising=False)
    monkeypatch.setattr(QuadfitApp, "run", lambda app, **_: shown.append(app._first_view))
    return shown


@pytest.mark.parametrize(("args", "view"), [((), "fit"), (("--view", "fit"), "fit"), (("--view=update",), "update")])
def test_the_app_begins_with_the_view_that_is_asked_for(call, begun, args, view):
    assert call(*args)[0] == 0
    assert begun == [view]


@pytest.mark.parametrize("name", ["", "FIT", "updates"])
def test_an_unknown_view_is_refused_with_those_there_are(call, begun, name):
    from quadfit_tui.ui.views import VIEWS

    code, out, err = call("--view", name)
    assert (code, out, begun) == (2, "", [])
    assert f"'--view': {name!r} is not known; allowed: one of {', '.join(VIEWS)}" in one_line(err)


def test_help_names_every_view(call):
    from quadfit_tui.ui.views import VIEWS

    out = " ".join(call("--help")[1].split())
    named = out.partition("the view to begin with: ")[2].partition(" [fit]")[0]
    assert set(VIEWS) <= set(named.replace(" or ", ", ").split(", "))


def test_help_of_run_tells_of_its_own_options(call):
    _, out, _ = call("run", "--help")
    for word in ("--format", "--every", "--output", "--plot", "--quiet", "--preset", "--config"):
        assert word in out
    assert "--fps" not in out
    _, app, _ = call("--help")
    for word in ("--format", "--every", "--output"):
        assert word in app
    assert "further runs follow below" in " ".join(app.split())


def test_presets_are_listed_with_what_they_change(call):
    code, out, err = call("presets")
    assert (code, err) == (0, "")
    for name, summary in SUMMARIES.items():
        assert f"{name} " in out
        assert summary in out
    assert "--stop-on last-update --round-epochs 2" in out
    assert "--init -1,10,26" in out


@pytest.mark.parametrize("name", list(PRESETS))
def test_listed_changes_give_the_preset_when_typed(call, rows, name):
    lines = call("presets")[1].splitlines()
    (at,) = [number for number, line in enumerate(lines) if line.split()[0] == name]
    changes = lines[at + 1].split() if at + 1 < len(lines) and lines[at + 1].startswith(" ") else []
    assert rows(*changes, "--epochs", 3) == rows("--preset", name, "--epochs", 3)


@pytest.mark.parametrize("args", [[], ["--preset", "noisy"], ["--lr", "0.1", "--speed", "max"]])
def test_app_refuses_to_start_without_a_terminal(args):
    done = program(*args)
    assert (done.returncode, done.stdout) == (2, "")
    line = one_line(done.stderr)
    assert "no terminal" in line
    assert "quadfit-tui run" in line


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--lr", "nan"], ["--lr", "'nan'"]),
        (["--preset", "nope"], ["--preset", "'nope'"]),
        (["--speed", "7"], ["--speed", "'7'", "30", "max"]),
        (["--fps", "0"], ["--fps", "0", "60"]),
        (["--lr", "0.1", "run"], ["--lr", "after", "run"]),
        (["train"], ["No such command 'train'; allowed: run, presets, explain, or none"]),
        (["--quiet"], ["--quiet is for 'run'; allowed: behind it"]),
        (["presets", "--plot"], ["No such option '--plot'; allowed: those of 'quadfit-tui presets --help'"]),
        (["presets", "--lr", "1"], ["--lr is for the app; allowed: without 'presets'"]),
    ],
)
def test_app_refuses_bad_options_like_run_does(call, args, words):
    code, out, err = call(*args)
    assert (code, out) == (2, "")
    line = one_line(err)
    assert [word for word in words if word not in line] == []


def test_script_and_module_are_the_same_program():
    script = Path(sys.executable).with_name("quadfit-tui")
    if not script.exists():
        pytest.skip("not installed as a script")
    done = subprocess.run([script, "--version"], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == program("--version").stdout
