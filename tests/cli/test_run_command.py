"""The command `run`: its figures, its lines, and the exit codes it ends with."""

import csv
import json
import re
import signal
import subprocess
import time
from itertools import product

import numpy as np
import pytest
from command_line import PROGRAM, ROOT, called, one_line, program
from harness import Program
from tables import table
from trials import variants

from quadfit_tui.core.config.presets import PRESETS

FEW = ["--epochs", "2", "--format", "jsonl"]
EXIT = dict.fromkeys(PRESETS, 0) | {"too-fast": 3}


# The figures


def test_article_as_printed_figures_and_warning(call):
    code, out, err = call("run", "--preset", "article-as-printed", "--format", "article")
    assert (code, err) == (0, "")
    head, first, second, words = out.splitlines()
    assert head.split()[:2] == ["epoch", "gradient:"]
    assert first.split() == ["0", "1.28", "1.28", "1.29", "1.6500", "1177.00", "-1583.33", "408.62"]
    assert second.split() == ["1", "-0.06", "-0.06", "-0.06", "0.0000", "328.47", "-689.39", "361.86"]
    for part in ("loss of the last update", "rounded to 2 decimals", "below tol 1e-05", "is far from the optimum"):
        assert part in words


def test_article_preset_equals_plain_python(rows):
    code, (*epochs, end) = rows("--preset", "article")
    assert code == 0
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
    assert list(end)[:6] == ["status", "epochs", "updates", "w", "mean_loss", "optimum"]
    assert (end["status"], end["epochs"], end["updates"]) == ("converged", len(epochs), 800 * len(epochs))
    assert (end["w"], end["mean_loss"]) == (epochs[-1]["w"], epochs[-1]["mean_loss"])
    assert end["optimum"] == pytest.approx([2, -4, 3], rel=1e-9)


def test_divergence_exits_3_with_one_line(call):
    code, out, err = call("run", "--preset", "too-fast")
    assert code == 3
    assert "diverged in epoch 6, after " in one_line(err)
    assert "diverged" not in out
    assert len(out.splitlines()) == 7


@table(
    ("preset", "style"),
    [
        *product(PRESETS, ["jsonl"]),
        *product(["article", "too-fast"], ["text", "csv"]),
    ],  # the others write numbers alike
)
def test_every_preset_and_format_exit_code(call, preset, style):
    code, out, err = call("run", "--preset", preset, "--format", style)
    assert code == EXIT[preset]
    assert bool(err) == (code == 3)
    assert out
    if style == "jsonl":
        for line in out.splitlines():
            json.loads(line, parse_constant=lambda word: pytest.fail(word))


def test_nearly_equal_x_do_not_crash(rows):
    code, (_, end) = rows("--x-min", 0, "--x-max", "1e-200", "--epochs", 1)
    assert (code, end["status"]) == (0, "converged")


# Output


def test_every_nth_epoch_and_last_are_written(call):
    code, out, _ = call("run", "--format", "csv", "--stop-on", "never", "--samples", 20, "--epochs", 12, "--every", 5)
    assert code == 0
    assert [row["epoch"] for row in csv.DictReader(out.splitlines())] == ["0", "5", "10", "11"]
    _, out, _ = call("run", "--format", "csv", "--stop-on", "never", "--samples", 20, "--epochs", 11, "--every", 5)
    assert [row["epoch"] for row in csv.DictReader(out.splitlines())] == ["0", "5", "10"]


def test_epoch_before_divergence_is_always_written(rows):
    _, (*all_epochs, _) = rows("--preset", "too-fast")
    _, (*some, _) = rows("--preset", "too-fast", "--every", 4)
    assert some == [all_epochs[0], all_epochs[4], all_epochs[-1]]


@pytest.mark.parametrize("style", ["text", "article", "jsonl"])
def test_quiet_prints_outcome_and_parabola(call, style):
    code, out, err = call("run", "--quiet", "--format", style, "--epochs", 2)
    assert (code, err) == (0, "")
    outcome, *parabola = out.splitlines()
    assert "finished" in outcome
    assert parabola == ([] if style == "jsonl" else ["y = 328.472x² - 689.39x + 361.864"])


@pytest.mark.parametrize(("encoding", "square"), [("utf-8", "²"), ("ascii", "^2")])
def test_quiet_parabola_fits_output_encoding(encoding, square):
    run = called("run", "--quiet", encoding=encoding)
    assert run.stdout.splitlines()[1:] == [f"y = 2.00183x{square} - 4.0025x + 3.00068"]


def test_parabola_of_own_data_has_its_names(call, tmp_path):
    """Where people read it; what programs read is as it was."""
    path, other, chinese = tmp_path / "ball.csv", tmp_path / "plain.csv", tmp_path / "zh.csv"
    rows = "0,121.9\n0.5,236\n1,107.4\n1.5,-273\n"
    for file, heading in ((path, "t (s),height (cm)\n"), (other, ""), (chinese, "时间（秒）,高度（厘米）\n")):
        file.write_text(heading + rows)
    w = np.polyfit([0, 0.5, 1, 1.5], [121.9, 236, 107.4, -273], 2)
    forms = {"utf-8": r"height = (\S+)·t² \+ (\S+)·t \+ (\S+)", "ascii": r"height = (\S+)\*t\^2 \+ (\S+)\*t \+ (\S+)"}
    for encoding, form in forms.items():
        printed = called("run", "--data", path, "--quiet", encoding=encoding).stdout.splitlines()[1]
        assert [*map(float, re.fullmatch(form, printed).groups())] == pytest.approx(w, rel=1e-4)
    assert called("run", "--data", chinese, "--quiet", encoding="ascii").stdout.splitlines()[1].startswith("y = -494")
    assert call("run", "--data", other, "--quiet")[1].splitlines()[1].startswith("y = -494")
    assert call("run", "--data", chinese, "--quiet")[1].splitlines()[1].startswith("高度 = -494")
    for style in ("csv", "jsonl", "text"):
        named, plain = (call("run", "--data", file, "--format", style, "-n", 3)[1] for file in (path, other))
        assert [line for line in named.splitlines() if "sha256" not in line] == [
            line for line in plain.splitlines() if "sha256" not in line
        ]
    chart = call("run", "--data", path, "--plot", "--format", "svg", "--output", "-")[1]
    assert ">height (cm)" in chart
    chart = call("run", "--data", path, "--plot", "--format", "text", "--width", "60")[1].splitlines()
    assert chart[-1].endswith(" t (s)")


def test_of_a_divergence_there_is_no_parabola(call):
    assert call("run", "--quiet", "--preset", "too-fast")[1] == ""


def test_short_options_are_the_long_ones(call, tmp_path):
    (tmp_path / "config.toml").write_text("lr = 0.25\n")
    (tmp_path / "samples.csv").write_text("0,1\n1,2\n2,4\n")
    short = ["-p", "noisy", "-c", tmp_path / "config.toml", "-n", 2, "-f", "jsonl", "-q", "-o", tmp_path / "1"]
    long = ["--preset", "noisy", "--config", tmp_path / "config.toml", "--epochs", 2, "--format", "jsonl", "--quiet"]
    assert call("run", *short) == call("run", *long, "--output", tmp_path / "2")
    assert (tmp_path / "1").read_text() == (tmp_path / "2").read_text() != ""
    data = tmp_path / "samples.csv"
    assert call("run", "-d", data, "-n2") == call("run", "--data", data, "--epochs", 2)


@pytest.mark.parametrize("piped", [True, False], ids=["pipe", "file"])
def test_a_dash_is_standard_input(call, tmp_path, piped):
    file = tmp_path / "samples.csv"
    file.write_text("x;y\n0;1,5\n1;2\n2;4\n")
    with file.open("rb") as stream:
        done = called("run", "--data", "-", *FEW, stdin=stream.read() if piped else stream.fileno())
    assert (done.returncode, done.stderr) == (0, "")
    *lines, end = done.stdout.splitlines()
    *of_file, _ = call("run", "--data", file, *FEW)[1].splitlines()
    assert lines == of_file
    assert "run --preset own-data --data - --data-sha256 " in json.loads(end)["command"]


def test_bad_stdin_is_refused():
    broken = called("run", "--data", "-", *FEW, stdin=b"0;1\nx;2\n")
    assert broken.returncode == 2
    assert "'--data': '-' line 2, column 1: 'x' is not a number" in one_line(broken.stderr)
    refused = called("run", "--data", "-", "--config", "-", *FEW, stdin=b"lr = 0.1\n")
    assert refused.returncode == 2
    assert "--data and --config cannot both read standard input" in one_line(refused.stderr)


@pytest.mark.parametrize(
    ("view", "seen"),
    [
        ("fit", "fitted"),
        ("loss", "mean loss"),
        ("parameters", "epochs done"),
        ("surface", "optimum"),
        ("update", "g_a"),
    ],
)
def test_plot_ends_with_any_view(call, view, seen):
    code, out, err = call("run", "--quiet", "--plot", view, "--width", 60, "--ascii", "-n", 3)
    assert (code, err) == (0, "")
    assert seen in out
    assert out.isascii()
    lines = out.splitlines()[2:]
    assert len(lines) > 15
    if view != "update":
        assert 55 <= max(map(len, lines)) <= 60
    else:
        assert max(map(len, lines)) <= 60


@pytest.mark.parametrize("view", ["fit", "update"])
def test_plot_on_tiny_terminal_has_minimum_size(call, monkeypatch, view):
    monkeypatch.setenv("COLUMNS", "5")
    monkeypatch.setenv("LINES", "1")
    lines = call("run", "--quiet", "--plot", view, "-n", 3)[1].splitlines()[2:]
    assert len(lines) >= 5
    assert 10 < max(map(len, lines)) <= 20


def test_a_profiler_has_the_last_word():
    done = program("--version", python=("-m", "cProfile"))
    assert "function calls" in done.stdout
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("quiet", variants({"lines": [], "quiet": ["--quiet", "--format", "text"]}, 1))
def test_interrupt_exits_130_with_flushed_lines(quiet, tmp_path):
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
    assert (run.returncode, out) == (130, b"")
    assert re.fullmatch(r"quadfit-tui: interrupted after \d+ of 100 epochs", one_line(err.decode()))
    lines = file.read_text().splitlines(keepends=True)
    assert all(line.endswith("\n") and line.count(",") == 9 for line in lines)
    assert bool(lines) != bool(quiet)


@pytest.mark.parametrize(("columns", "widest"), [(80, 60), (87, 87), (0, 87)])
def test_the_text_fits_the_terminal(columns, widest):
    run = Program("run", "-n", "2", size=(24, columns))
    assert run.end() == 0
    run.close()
    lines = run.text.splitlines()
    assert {len(line) for line in lines[:3]} == {widest}
    assert lines[0].split()[:2] == ["epoch", "lr"]
    assert "mean loss" in lines[0]


def test_blown_up_run_counts_as_diverged(call, rows):
    blown_up = ["--batch", "full", "--schedule", "constant", "--epochs", "300", "--lr", "2.67"]
    code, (*epochs, end) = rows(*blown_up)
    assert (code, len(epochs)) == (3, 300)
    assert (end["status"], end["epochs"], end["verdict"]) == ("diverged", 300, "far")
    assert (end["w"], end["mean_loss"]) == (epochs[-1]["w"], epochs[-1]["mean_loss"])
    assert end["mean_loss"] > 1e180
    code, out, err = call("run", "--quiet", *blown_up)
    assert code == 3
    assert out.startswith("y = ")
    assert one_line(err).startswith("quadfit-tui: diverged: all 300 epochs are done, and the mean loss of all 800 ")
    assert one_line(err).count("more than 1,000 times that of the start, 5.785e+06") == 1
    code, out, err = call("run", "--quiet", "--format", "spoken", *blown_up)
    assert code == 3
    assert out.splitlines()[0] == "Diverged: the mean loss is more than 1,000 times that of the start."
    assert one_line(err) == f"quadfit-tui: {out.splitlines()[0]}"


def test_map_reports_early_stop_above_tol(call):
    code, out, _ = call("run", "--quiet", "--preset", "article-as-printed", "-n", "10", "--plot", "map")
    assert code == 0
    assert ": stops early after 2 epochs, at mean loss 3.86e+05" in out
    assert "below tol 1e-05 after" not in out


# To be heard


def test_spoken_file_leaves_outcome_on_stdout(call, tmp_path):
    file = tmp_path / "run"
    code, out, err = call("run", "--format", "spoken", "--output", file)
    assert (code, err) == (0, "")
    assert file.read_text() == call("run", "--format", "spoken")[1]
    assert file.read_text().endswith(out)
    assert out.startswith("Converged after 25 epochs")
    assert call("run", "--format", "spoken", "--quiet")[1] == out


def test_removed_view_plots_fit_and_says_so(call):
    code, out, err = call("run", "--quiet", "--plot", "words")
    assert (code, out) == (0, call("run", "--quiet", "--plot", "fit")[1])
    assert one_line(err) == (
        "quadfit-tui: view words is gone, fit is shown; key i and run --format spoken tell the run"
    )


def test_spoken_says_a_divergence_to_both(call):
    code, out, err = call("run", "--format", "spoken", "--preset", "too-fast")
    assert code == 3
    assert one_line(err) == "quadfit-tui: Diverged in epoch 6: the numbers overflowed."
    assert err.split("epoch")[1].strip() in out
    assert out.splitlines()[-1].startswith("Try --lr")


# Advice


@pytest.mark.parametrize("schedule", [["constant"], ["exponential", "--decay-rate", "1", "--decay-every", "100"]])
def test_advised_options_run_as_predicted(call, schedule):
    run = ["run", "--quiet", "--noise", "0.01", "--samples", "100", "--batch", "2", "--lr", "1", "--epochs", "300"]
    run += ["--seed", "11", "--schedule", *schedule]
    told = re.search(r"Try (--schedule \S+)(?: without (--\S+))?: then .* mean loss of (\S+)\.\n", call(*run)[1])
    options, idle, mean_loss = told.groups()
    assert idle == ("--decay-rate" if "--decay-rate" in schedule else None)
    if idle:
        at = run.index(idle)
        del run[at : at + 2]
    code, out, err = call(*run, *options.split(), "--format", "jsonl")
    assert (code, err) == (0, "")
    assert f"{json.loads(out.splitlines()[-1])['mean_loss']:.4g}" == mean_loss
