"""What files say of the run that they hold: given to the program again, it is the same run."""

import hashlib
import json
import os
import re
import shlex
from pathlib import Path

import numpy as np
import pytest
from command_line import called, one_line
from configurations import MOST_SAMPLES, configurations
from hypothesis import given
from hypothesis import strategies as st
from tables import table
from trials import trials

from quadfit_tui import RunConfig, Session, __version__, train
from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.export.json_lines import JsonLinesWriter
from quadfit_tui.core.model.task import make_task
from quadfit_tui.core.session.reproduction import write_config
from quadfit_tui.core.training.position import START

NAMES = ("samples.csv", "two words.csv", "it's.csv", "höhe, 3.csv", "-d.csv")
SAMPLES = "0,1\n1,3\n2,2\n3,5\n"
NOISY = ["--noise", "0.5", "--samples", "20", "--epochs", "30"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The folder where the commands are given, with files of samples."""
    folder, before = tmp_path_factory.mktemp("data"), os.getcwd()
    os.chdir(folder)
    for number, name in enumerate(NAMES):
        rows = [f"{(i - 5) / 7!r},{(i * i - number * i) / 3!r}\n" for i in range(MOST_SAMPLES)]
        (folder / name).write_text("".join(rows))
    yield folder
    os.chdir(before)


def last(done):
    return json.loads(done.stdout.splitlines()[-1])


def of_library(run):
    """What the library says that a run has come to, by the names in the last line."""
    found = {name: getattr(run, name) for name in ("status", "least", "verdict", "told")}
    return {**found, "w": [*run.w[-1]], "optimum": [*run.optimum]}


LINES = st.sampled_from([[], ["--quiet"], ["--every", "7"]])


@pytest.mark.usefixtures("folder")
@trials(100)
@given(config=configurations(NAMES), lines=LINES)
def test_command_in_json_end_reproduces_output(config, lines):
    write_config("run.toml", make_task(config), START, overwrites=True)
    done = called("run", "--config", "run.toml", "--format", "jsonl", *lines)
    end = last(done)
    name, *args = shlex.split(end["command"])
    again = called(*args)
    assert (name, done.returncode) == ("quadfit-tui", again.returncode)
    assert again.stdout == done.stdout
    taken = RunConfig(**end["config"])
    assert taken == config.replace(**{name: PRESETS["article"].__dict__[name] for name in config.unused})
    assert {**end, **of_library(train(taken))} == end


@pytest.mark.usefixtures("folder")
@trials(100)
@given(config=configurations(NAMES), lines=LINES, head=st.sampled_from([[], ["--head"]]))
def test_csv_with_toml_reproduces_output(config, lines, head):
    write_config("run.toml", make_task(config), START, overwrites=True)
    options = ["-o", "run.csv", "--with-config", "--force", *lines, *head]
    done = called("run", "--config", "run.toml", *options)
    text = Path("run.csv").read_text("utf-8")
    again = called("run", "--config", "run.csv.toml", "--format", "csv", *lines, *head)
    assert (again.returncode, again.stdout) == (done.returncode, text)
    if head:
        _, *args = shlex.split(json.loads(re.search("^# command: (.*)$", text, re.MULTILINE)[1]))
        assert called(*args).stdout == text


def commented(text, mark="# "):
    """The facts in lines of a file that begin with a sign."""
    lines = [line.removeprefix(mark).partition(": ") for line in text.splitlines() if line.startswith(mark)]
    return {name: json.loads(value) for name, colon, value in lines if colon}


def test_csv_head_equals_json_end_line(folder):
    (folder / "own.csv").write_text(SAMPLES)
    run = ["run", "--data", "own.csv", "--epochs", "30"]
    csv = called(*run, "--format", "csv", "--head").stdout
    end = last(called(*run, "--format", "jsonl"))
    found = commented(csv)
    assert {**found, "command": ""} == {**end, "command": ""}
    assert [*found][:2] == ["config", "command"]  # as soon as it is known
    rows = "".join(line for line in csv.splitlines(keepends=True) if not line.startswith("# "))
    assert rows == called(*run, "--format", "csv").stdout


def test_csv_with_head_reads_as_samples(folder):
    for name, head in (("rows.csv", []), ("head.csv", ["--head"])):
        called("run", *NOISY, "-o", name, *head)
    assert (folder / "head.csv").read_text().count("\n# ") > (folder / "rows.csv").read_text().count("\n# ") == 0
    for columns in ("epoch,mean_loss", "a,c"):
        rows, head = [called("run", "-d", name, "--columns", columns, "-f", "csv") for name in ("rows.csv", "head.csv")]
        assert (head.returncode, head.stdout, head.stderr) == (0, rows.stdout, rows.stderr.replace("rows", "head"))
    loaded = np.loadtxt("head.csv", delimiter=",", skiprows=6)  # its comments at the top, and the heading
    assert loaded.tobytes() == np.loadtxt("rows.csv", delimiter=",", skiprows=1).tobytes()


def test_in_memory_samples_have_sha256_only():
    session = Session(PRESETS["own-data"], x=[0, 1, 2, 3], y=[1, 3, 2, 5], speed=None)
    snapshot = session.go("end")
    (line,) = JsonLinesWriter(session.config).end(snapshot)
    end = json.loads(line)
    assert (end["command"], end["data_sha256"]) == (None, session.samples.sha256)
    assert end["config"]["data"] == f"sha256:{end['data_sha256']}"


def test_with_config_writes_beside_and_over_nothing(folder):
    done = called("run", *NOISY, "-o", "beside.csv", "--with-config", "--every", "10")
    assert (done.returncode, done.stderr) == (0, "")
    toml = (folder / "beside.csv.toml").read_text()
    end = last(called("run", *NOISY, "-f", "jsonl"))
    facts = [line for line in toml.splitlines() if line.startswith(("# verdict", "# told", "# least", "# numpy"))]
    assert facts == [f"# {name}: {json.dumps(end[name])}" for name in ("numpy", "least", "verdict", "told")]
    (folder / "beside.csv").unlink()
    refused = called("run", "-o", "beside.csv", "--with-config")
    assert refused.returncode == 2
    assert "'beside.csv.toml' cannot be written: it already has content" in one_line(refused.stderr)
    assert not (folder / "beside.csv").exists()
    assert (folder / "beside.csv.toml").read_text() == toml
    assert called("run", "-o", "beside.csv", "--with-config", "--force").returncode == 0
    refused = called("run", "-c", "beside.csv.toml", "-o", "beside.csv", "--with-config", "--force")
    assert refused.returncode == 2
    assert "'beside.csv.toml' is an input of this run" in one_line(refused.stderr)


def test_quiet_csv_keeps_only_last_row():
    for options in ([], ["--preset", "too-fast"], ["--preset", "full-batch"]):
        heading, *_, row = called("run", "--format", "csv", *options).stdout.splitlines()
        assert called("run", "--format", "csv", "--quiet", *options).stdout.splitlines() == [heading, row]


@table(
    ("options", "code"),
    [
        (["converged"], 0),
        (["optimum"], 0),
        (["converged", "--preset", "article-as-printed"], 6),
        (["converged", "--tol", "1e6"], 0),
        (["optimum", "--tol", "1e6"], 6),
        (["converged", *NOISY], 0),
        (["optimum", "--preset", "too-fast"], 3),
    ],
)
def test_require_is_told_by_the_exit_code(options, code):
    done = called("run", "--quiet", "--require", *options)
    assert done.returncode == code
    if code == 6:
        assert f"--require {options[0]}: the verdict of the run is " in one_line(done.stderr)
    else:
        assert bool(done.stderr) == (code == 3)


@table(
    ("options", "said"),
    [
        (["--quiet", "--every", "2"], "--every cannot be combined with --quiet"),
        (["--head"], "--head has no effect without --format csv"),
        (["--with-config", "-f", "csv"], "--with-config has no effect without --output FILE and --format csv"),
        (["--with-config", "-o", "run.jsonl"], "--with-config has no effect without --output FILE and --format csv"),
        (["--at", "3", "--require", "optimum"], "--require cannot be combined with --at"),
        (["--explain", "3", "--head"], "--head cannot be combined with --explain"),
        (["--require", "far"], "allowed: one of converged, optimum"),
    ],
)
def test_what_would_make_no_difference_is_refused(options, said):
    refused = called("run", *options)
    assert refused.returncode == 2
    assert said in one_line(refused.stderr)


def test_json_end_line_has_provenance_fields(folder):
    (folder / "own.csv").write_text(SAMPLES)
    end = last(called("run", "--data", "own.csv", "--epochs", "30", "--format", "jsonl"))
    assert [*end][6:] == ["config", "command", "version", "numpy", "data_sha256", "least", "verdict", "told"]
    assert (end["version"], end["numpy"]) == (__version__, np.__version__)
    assert end["data_sha256"] == hashlib.sha256(SAMPLES.encode()).hexdigest()
    assert end["command"].split()[:4] == ["quadfit-tui", "run", "--preset", "own-data"]
    assert f"--data own.csv --data-sha256 {end['data_sha256']}" in end["command"]
    assert end["config"]["data"] == "own.csv"
    assert "true" not in end["config"]  # which makes no difference
    x, y = np.loadtxt("own.csv", delimiter=",").T
    residuals = np.polyval(np.polyfit(x, y, 2), x) - y
    assert end["least"] == pytest.approx(np.mean(residuals**2), rel=1e-9)


@table(
    ("options", "verdict", "told"),
    [
        ([], "optimum", "converged after 25 epochs"),
        (["--preset", "article-as-printed"], "far", "stopped after 2 epochs"),
        (["--preset", "too-fast"], "far", "diverged in epoch 6"),
        (NOISY, "optimum", "near the optimum"),
        (["--tol", "1e6", "--epochs", "9"], "converged", "converged after 2 epochs"),
    ],
)
def test_verdict_depends_on_optimum_and_tol(options, verdict, told):
    end = last(called("run", "--format", "jsonl", "--quiet", *options))
    assert end["verdict"] == verdict
    assert told in end["told"]
    assert end["data_sha256"] is None
