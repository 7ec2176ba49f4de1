"""What commands load: what is told at once needs no more than click, a run no screen."""

import pytest
from loading import loaded_by

from quadfit_tui.cli.commands.command_table import COMMANDS
from quadfit_tui.main import _ANNEXES

pytestmark = pytest.mark.xdist_group("loading")  # one process that loads for all of them
# Where each command is defined.
MODULES = {
    name: where.module for each in (COMMANDS, *(annex.commands for annex in _ANNEXES)) for name, where in each.items()
}
CLICK_ALONE = ["--version", "--help", *(f"{name} --help" for name in MODULES)]


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    lines = [*CLICK_ALONE, "presets", "explain", "run --epochs 2"]
    return loaded_by(lines, tmp_path_factory.mktemp("settings"))


@pytest.mark.parametrize("command", ["import", *CLICK_ALONE])
def test_help_and_version_load_click_alone(loaded, command):
    """The wheel's pages of man and its completions are made where there is no more."""
    assert loaded[command][0] == {"click", "quadfit_tui"}


def test_presets_load_no_numpy_or_textual(loaded):
    assert not {"numpy", "textual", "tomlkit"} & loaded["presets"][0]


def test_commands_are_imported_lazily(loaded):
    before = loaded["import"][1]
    assert before == loaded["--version"][1] == loaded["--help"][1]
    of_annexes = {name for name in before if not name.startswith("cli.commands.")}
    assert all(name.endswith((".cli", "_entry", "_options", ".combinations")) for name in of_annexes)
    assert before - of_annexes == {"cli.commands.command_table", "cli.commands.run_session"}
    for name, module in MODULES.items():
        after = loaded[f"{name} --help"][1]
        package = module.removeprefix("quadfit_tui.").partition(".")[0]
        assert module.removeprefix("quadfit_tui.") in after
        assert all(name.startswith(f"{package}.") for name in after - before)
        before = after


def test_a_run_loads_no_screen_or_chart(loaded):
    assert not {"textual", "plotext", "rich", "pyarrow", "distributed"} & loaded["run --epochs 2"][0]
    assert "numpy" in loaded["run --epochs 2"][0]
