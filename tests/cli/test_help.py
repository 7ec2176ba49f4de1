"""What the program says of itself: version, help and the list of presets."""

import subprocess
import sys
from pathlib import Path

import pytest
from command_line import program

import quadfit_tui
from quadfit_tui.core.config.parameters import PARAMETERS, USERS
from quadfit_tui.core.config.presets import PRESETS, SUMMARIES


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


def test_help_names_every_view(call):
    from quadfit_tui.ui.views import VIEWS

    out = " ".join(call("--help")[1].split())
    named = out.partition("initial view: ")[2].partition(" [fit]")[0]
    assert set(VIEWS) <= set(named.replace(" or ", ", ").split(", "))


def test_help_of_run_tells_of_its_own_options(call):
    _, out, _ = call("run", "--help")
    for word in ("--format", "--every", "--output", "--plot", "--quiet", "--preset", "--config"):
        assert word in out
    assert "--fps" not in out
    _, app, _ = call("--help")
    for word in ("--format", "--every", "--output"):
        assert word in app
    assert "later runs are appended" in " ".join(app.split())


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


def test_script_and_module_are_the_same_program():
    script = Path(sys.executable).with_name("quadfit-tui")
    if not script.exists():
        pytest.skip("not installed as a script")
    done = subprocess.run([script, "--version"], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == program("--version").stdout
