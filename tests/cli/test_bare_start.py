"""What the app opens with where nothing is said of a run, and what every other command begins from."""

import json
import shlex

import pytest
from command_line import started
from tables import table

from quadfit_tui.core.config.parameters import PARAMETERS, RunConfig
from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.session.reproduction import command
from quadfit_tui.core.session.session import RunSession


@pytest.fixture(autouse=True)
def _begun_in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "run.toml").write_text("epochs = 7\n")
    (tmp_path / "few.csv").write_text("1,1\n2,4\n3,9\n4,15\n")


@table(
    "args",
    [
        "",
        "--view loss",
        "--ascii --no-mouse --theme textual-light",
        "--fps 5 --speed 30 --unit update --no-settings --play",
        "--confined",
    ],
)
def test_options_of_the_screen_leave_the_playground(args):
    app = started(*shlex.split(args))
    assert app.session.config == PRESETS["playground"]
    assert app.base == "playground"


@table(
    ("args", "config", "base"),
    [
        ("--lr 0.1", RunConfig(lr=0.1), "article"),
        ("--seed 3", RunConfig(seed=3), "article"),
        ("--no-shuffle", RunConfig(), "article"),
        ("--at 3", RunConfig(), "article"),
        ("-p article", RunConfig(), ""),
        ("-p momentum --lr 0.1", PRESETS["momentum"].replace(lr=0.1), ""),
        ("-c run.toml", RunConfig(epochs=7), ""),
        ("-d few.csv", PRESETS["own-data"].replace(data="few.csv"), "own-data"),
    ],
)
def test_run_options_disable_playground_default(args, config, base):
    app = started(*shlex.split(args))
    assert app.session.config == config
    assert app.base == base


def test_every_parameter_disables_playground_default():
    config = PRESETS["playground"]
    for name, parameter in PARAMETERS.items():
        if name not in config.unused and name != "data":
            app = started(*parameter.as_argv(getattr(config, name)))
            assert app.base == "article"
            assert app.session.config == RunConfig(**{name: getattr(config, name)})


def test_run_without_options_trains_the_article_s(rows):
    assert rows() == rows("--preset", "article")
    assert rows("--preset", "playground")[1][-1]["epochs"] == 101


@table("name", list(PRESETS))
def test_copied_command_names_preset(name):
    config = PRESETS[name].replace(data="few.csv") if name == "own-data" else PRESETS[name]
    words = command(RunSession(config))
    assert words[:3] == ["quadfit-tui", "--preset", name]
    assert started(*shlex.split(" ".join(words[1:]))).session.config == config


def test_help_says_what_each_command_begins_from(call):
    app, run = (" ".join(call(*args, "--help")[1].split()) for args in ([], ["run"]))
    assert "[article; with --data, own-data; without any option of a run, playground]" in app
    assert "[article; with --data, own-data]" in run
    assert "playground" in json.dumps(call("presets", "-f", "json")[1])
