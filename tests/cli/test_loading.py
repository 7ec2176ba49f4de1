"""What commands load: what is told at once needs no more than click, a run no screen."""

import json
import subprocess
import sys

import pytest
from command_line import ROOT

# Many commands in one process, from those that load least: to start each of them takes longer than what it does.
EACH = """
import contextlib, io, json, sys
standard = {*sys.modules}

def told():
    loaded = {*sys.modules} - standard
    packages = {name.partition(".")[0] for name in loaded} - sys.stdlib_module_names
    below = [name.removeprefix("quadfit_tui.") for name in loaded]
    of_commands = "cli.commands.", "sweeps.", "teaching.", "serve."
    return sorted(packages), sorted(name for name in below if name.startswith(of_commands))

found = {}
from quadfit_tui.__main__ import main
import quadfit_tui.main
found["import"] = told()
for line in sys.argv[1:]:
    sys.argv[1:] = line.split()
    with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
        main()
    found[line] = told()
print(json.dumps(found))
"""
pytestmark = pytest.mark.xdist_group("loading")  # one process that loads for all of them
CLICK_ALONE = ["--version", "--help", "lessons list", "run --help", "lessons --help", "sweep --help"]
COMMANDS = [*CLICK_ALONE, "presets", "explain", "run --epochs 2", "run --explain 0:1", "sweep --dry-run"]


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    """The packages that have been loaded after each command, apart from Python's own."""
    folder = tmp_path_factory.mktemp("settings")
    done = subprocess.run(
        [sys.executable, "-c", EACH, *COMMANDS],
        env={"XDG_CONFIG_HOME": str(folder), "LANG": "C.UTF-8"},
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert [*folder.iterdir()] == []  # which none of them writes
    return json.loads(done.stdout)


@pytest.mark.parametrize("command", ["import", *CLICK_ALONE])
def test_help_and_version_load_click_alone(loaded, command):
    """The wheel's pages of man and its completions are made where there is no more."""
    assert loaded[command][0] == ["click", "quadfit_tui"]


def test_the_list_of_presets_loads_nothing_to_train_or_draw_with(loaded):
    assert not {"numpy", "textual", "tomlkit"} & {*loaded["presets"][0]}


def test_a_command_is_loaded_when_it_is_called(loaded):
    def modules(command):
        return {*loaded[command][1]}

    of_lessons = {"teaching.cli", "teaching.cli.lessons_options", "teaching.cli.teaching_commands"}
    of_others = {"serve.cli", "serve.cli.serve_entry", "sweeps.cli", "sweeps.cli.sweep_entry"}
    own = {"cli.commands.command_table", "cli.commands.run_session", *of_lessons, *of_others}
    assert modules("--version") == modules("--help") == own
    assert modules("lessons list") - own == {
        *("teaching.cli.lessons_command", "teaching.notation", "teaching.notation.headings")
    }
    assert all(name.startswith("cli.commands.run") for name in modules("run --help") - modules("lessons list"))
    assert all(name.startswith("sweeps.") for name in modules("sweep --help") - modules("lessons --help"))


def test_no_command_loads_a_screen_or_a_chart_without_need(loaded):
    assert not {"textual", "plotext", "rich", "pyarrow", "distributed"} & {*loaded["sweep --dry-run"][0]}
    assert "numpy" in loaded["run --epochs 2"][0]
