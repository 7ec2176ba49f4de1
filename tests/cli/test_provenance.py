"""What files say of the run that they hold: given to the program again, it is the same run."""

import hashlib
import json
import os
import shlex

import numpy as np
import pytest
from command_line import called
from configurations import MOST_SAMPLES, configurations
from hypothesis import given
from hypothesis import strategies as st
from tables import table
from trials import trials

from quadfit_tui import RunConfig, __version__, train
from quadfit_tui.core.config.presets import PRESETS
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


@trials(100)
@given(config=configurations(NAMES), lines=st.sampled_from([[], ["--quiet"], ["--every", "7"]]))
def test_the_command_in_the_last_line_gives_the_same_lines(folder, config, lines):
    write_config("run.toml", make_task(config), START, overwrites=True)
    done = called("run", "--config", "run.toml", "--format", "jsonl", *lines)
    name, *args = shlex.split(last(done)["command"])
    again = called(*args)
    assert (name, done.returncode) == ("quadfit-tui", again.returncode)
    assert again.stdout == done.stdout
    assert RunConfig(**last(done)["config"]) == config.replace(
        **{name: PRESETS["article"].__dict__[name] for name in config.unused}
    )


def test_the_last_line_says_what_gives_the_run_and_what_it_came_to(folder):
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
    run = train(PRESETS["own-data"].replace(data="own.csv", epochs=30))
    assert (end["verdict"], end["told"]) == (run.verdict, run.told)


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
def test_the_verdict_is_by_the_optimum_and_tol(options, verdict, told):
    end = last(called("run", "--format", "jsonl", "--quiet", *options))
    assert end["verdict"] == verdict
    assert told in end["told"]
    assert end["data_sha256"] is None
