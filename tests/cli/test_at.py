"""`--at MOMENT`: the app opens there, paused; `run` prints the line of that moment."""

import csv
import json

import numpy as np
import pytest
from command_line import one_line
from tables import table

from quadfit_tui.core.training.position import Position
from quadfit_tui.core.training.status import Status


@pytest.fixture
def begun(begins):
    """The session of each app that is started."""
    sessions = []
    begins(lambda app: sessions.append(app.session))
    return sessions


def plain_w(epochs, updates):
    """The article's w after so many epochs and updates, by a plain loop."""
    w, xs = [-11 / 6, -395 / 3, -2400.0], [i / 400 for i in range(-400, 400)]
    for number in range(epochs * 800 + updates):
        epoch, sample = divmod(number, 800)
        x = xs[sample]
        r = w[0] * x * x + w[1] * x + w[2] - (2 * x * x - 4 * x + 3)
        lr = 0.5 * 0.5 ** (epoch // 10)
        w = [w[0] - lr * r * x * x, w[1] - lr * r * x, w[2] - lr * r]
    return w


# The app


@pytest.mark.parametrize(
    ("asked", "goal", "status"),
    [
        ("start", (0, 0), Status.READY),
        ("14", (15, 0), Status.PAUSED),
        ("2:3", (2, 3), Status.PAUSED),
        ("1:800", (2, 0), Status.PAUSED),
        ("24", (25, 0), Status.CONVERGED),
        ("80", (25, 0), Status.CONVERGED),  # as with g: to the end of the run
    ],
)
def test_app_opens_at_moment(call, begun, asked, goal, status):
    assert call("--at", asked) == (0, "", "")
    (session,) = begun
    while session.is_busy:
        session.advance(1)
    assert (session.timeline.position, session.status) == (Position(*goal), status)


@pytest.mark.parametrize(
    ("at", "trained_to", "position", "newest", "status"),
    [
        ("start", "14", (0, 0), (15, 0), Status.PAUSED),
        ("2:3", "2:4", (2, 3), (2, 4), Status.PAUSED),
        ("3", "3", (4, 0), (4, 0), Status.PAUSED),
        ("3", "99", (4, 0), (25, 0), Status.PAUSED),
        ("24", "24", (25, 0), (25, 0), Status.CONVERGED),
    ],
)
def test_app_opens_at_past_moment(call, begun, at, trained_to, position, newest, status):
    assert call("--at", at, "--trained-to", trained_to, "--unit", "update") == (0, "", "")
    (session,) = begun
    while session.is_busy:
        session.advance(1)
    now = session.snapshot()
    assert (now.position, now.newest, now.status, now.unit) == (position, newest, status, "update")


@table(
    ("args", "words"),
    [
        (["--trained-to", "3"], "--trained-to has no effect without --at MOMENT"),
        (["--at", "3", "--trained-to", "2:9"], "'--trained-to': '2:9' is before --at 3; allowed: 3, or a later moment"),
        (["--at", "3", "--trained-to", "x"], "'--trained-to': 'x' is not a number; allowed: start, 0 to 99, or 0:1"),
        (["--at", "100"], "'--at': '100' is too large; allowed: start, 0 to 99, or 0:1 to 99:800"),
        (["--at", "3:801"], "'--at': '3:801' is too large; allowed: start, 0 to 99, or 0:1 to 99:800"),
        (["--at", "3", "--play"], "--play cannot be combined with --at, which opens the app paused"),
        (["--at", "3", "run"], "--at goes after 'run'"),
        (["--at", "3", "presets"], "--at only applies to the app and 'run', not to 'presets'"),
    ],
)
def test_invalid_moment_for_app_is_refused(call, begun, args, words):
    code, out, err = call(*args)
    assert (code, out, begun) == (2, "", [])
    assert words in one_line(err)


# run


@pytest.mark.parametrize(("asked", "updates"), [("0", (1, 0)), ("2:3", (2, 3)), ("1:800", (2, 0)), ("0:1", (0, 1))])
def test_run_prints_moment_in_every_format(call, asked, updates):
    expected = pytest.approx(plain_w(*updates), rel=1e-9)
    code, out, err = call("run", "--at", asked, "-f", "jsonl")
    assert (code, err) == (0, "")
    row = json.loads(out)  # one line, and no status
    assert row["w"] == expected
    (record,) = csv.DictReader(call("run", "--at", asked, "-f", "csv")[1].splitlines())
    assert [float(record[name]) for name in "abc"] == row["w"]
    assert float(record["mean_loss"]) == row["mean_loss"]
    xs = np.arange(-400, 400) / 400
    a, b, c = row["w"]
    assert row["mean_loss"] == pytest.approx(np.mean((a * xs**2 + b * xs + c - (2 * xs**2 - 4 * xs + 3)) ** 2))
    whole = updates[1] == 0
    assert (record["epoch"], record.get("update")) == (asked.split(":")[0], None if whole else str(updates[1]))
    assert (row["epoch"], row.get("update")) == (int(asked.split(":")[0]), None if whole else updates[1])
    heading, line = call("run", "--at", asked)[1].splitlines()
    assert line.split()[0] == (asked.partition(":")[0] if whole else asked)
    assert len(line.split()) == len(heading.replace("grad ", "grad_").replace("mean ", "mean_").split())
    assert call("run", "--at", asked, "-f", "article")[1].splitlines()[1].split()[0] == line.split()[0]
    spoken = call("run", "--at", asked, "-f", "spoken")[1].splitlines()
    assert spoken[0] == f"Epoch {record['epoch']}, update {record.get('update') or 800} of 800."
    assert all(len(each) <= 78 for each in spoken)


def test_epoch_line_equals_full_run_line(call):
    for style, head in (("text", 1), ("article", 1), ("csv", 1), ("jsonl", 0)):
        whole = call("run", "--epochs", 4, "-f", style)[1].splitlines()
        line = call("run", "--epochs", 4, "-f", style, "--at", 2)[1].splitlines()
        assert line == [*whole[:head], whole[head + 2]]


def test_columns_align_for_long_moments(call):
    heading, line = call("run", "--tol", "0", "--at", "99:123")[1].splitlines()
    assert line.startswith("99:123 ")
    assert len(heading) == len(line)


def test_moment_goes_to_file_and_chart(call, tmp_path):
    file = tmp_path / "row.jsonl"
    assert call("run", "--at", "1:2", "-o", file) == (0, "", "")
    assert file.read_text() == call("run", "--at", "1:2", "-f", "jsonl")[1]
    early, late = (call("run", "--at", at, "--plot", "parameters", "--width", 60)[1] for at in ("1:2", "9"))
    assert early.splitlines()[1].split()[0] == "1:2"
    assert len(early.splitlines()) == len(late.splitlines()) > 10
    assert early.splitlines()[2:] != late.splitlines()[2:]


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        (["--at", "start"], 2, "'--at': 'start' is before the first update; allowed: 0 to 99, or 0:1 to 99:800"),
        (["--at", "25:1"], 2, "'--at': '25:1' is past the end of the run; converged after 25 epochs: "),
        (["--at", "1", "--quiet"], 2, "--quiet cannot be combined with --at"),
        (["--at", "1", "--every", "2"], 2, "--every cannot be combined with --at"),
        (["--at", "1", "--explain", "1"], 2, "--at cannot be combined with --explain"),
        (["-p", "too-fast", "--at", "90"], 3, "--at: '90' is past the end of the run; diverged in epoch 6, "),
    ],
)
def test_invalid_moment_for_run_is_refused(call, args, code, words):
    found, out, err = call("run", *args)
    assert (found, out) == (code, "")
    assert words in one_line(err)


def test_last_update_of_diverged_epoch(call):
    """As where the parameters are rounded at its end: no epoch has ended, and yet all of its updates are done."""
    run = ["run", "-p", "article-as-printed", "--samples", "4", "--batch", "full", "--x-min=-4e11", "--epochs", "21"]
    code, out, err = call(*run, "--at", "2:1", "-f", "jsonl")
    assert (code, err, json.loads(out)["update"]) == (0, "", 1)
    assert call(*run, "--at", "3")[0] == 3


def test_last_moment_before_divergence(call):
    assert call("run", "-p", "too-fast", "--at", "6:34")[0] == 0
    assert call("run", "-p", "too-fast", "--at", "6:35")[0] == 3
