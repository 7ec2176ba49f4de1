"""What the manual's page *promises* lists is there, and all that is there is listed, so that no change goes unnoticed.

What is new is written into promised.toml, and is a promise from then on; what stands there goes with a major version.
"""

import inspect
import json
from pathlib import Path

import click
import pytest
from command_line import called
from documents import MANUAL
from promised import promised

import quadfit_tui
from quadfit_tui import testing
from quadfit_tui.cli import exit_codes
from quadfit_tui.cli.parsing.help import commands_below
from quadfit_tui.cli.settings import SETTINGS
from quadfit_tui.core.config.parameters import PARAMETERS
from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.config.value_types import Choice
from quadfit_tui.core.config.view_names import VIEW_NAMES
from quadfit_tui.core.export.formats import formats_of
from quadfit_tui.main import cli


def spellings(parameter):
    """Returns all ways to write an option of the command line, or the name of an argument."""
    return [*parameter.opts, *parameter.secondary_opts] if isinstance(parameter, click.Option) else [parameter.name]


def test_commands_keep_their_options():
    of_runs = {spelling for option in cli.params if option.name in PARAMETERS for spelling in spellings(option)}
    present = {"a run": of_runs}
    for path, command in commands_below(cli):
        own = {spelling for parameter in command.params for spelling in spellings(parameter)}
        present[path or "the app"] = {"a run", *own - of_runs} if own >= of_runs else own
    assert present == promised("options")


def test_files_keep_their_keys():
    assert promised("keys") == {"a run": {*PARAMETERS, "preset"}, "settings": {*SETTINGS}}


def test_choices_keep_their_words():
    choices = {
        name: {*row.value_type.options} for name, row in PARAMETERS.items() if isinstance(row.value_type, Choice)
    }
    formats = {name for column in ("writer", "picture", "update") for name in formats_of(column)}
    assert promised("choices") == {**choices, "preset": {*PRESETS}, "view": {*VIEW_NAMES}, "format": formats}


def test_presets_keep_their_values_and_results():
    listed = json.loads((Path(__file__).parent / "promised-presets.json").read_text())
    present = json.loads(called("presets", "-f", "json").stdout)
    assert {row["name"]: row["changes"] for row in present} == {row["name"]: row["changes"] for row in listed}
    for row in listed:
        run = quadfit_tui.train(quadfit_tui.PRESETS[row["name"]])
        assert [run.status, len(run.epoch)] == row["end"][:2], row["name"]
        assert run.w[-1] == pytest.approx(row["end"][2], rel=1e-6), row["name"]


def test_exit_codes_are_kept():
    present = {value for name, value in vars(exit_codes).items() if name.isupper() and isinstance(value, int)}
    assert {f"{code}" for code in present} == promised("exit codes")["of all commands"]


def test_lines_keep_their_columns_and_fields():
    rows = called("run", "-n", "1", "--format", "csv").stdout.splitlines()
    epoch, end = map(json.loads, called("run", "-n", "1", "--format", "jsonl").stdout.splitlines())
    present = {"csv": rows[0].split(","), "epoch in jsonl": [*epoch], "end in jsonl": [*end]}
    promises = promised("columns")
    assert {name: set(columns) for name, columns in present.items()} == {name: promises[name] for name in present}
    assert f"{rows[0]}\n" in MANUAL["data"]  # where their order stands


def test_library_keeps_its_names():
    names = promised("library")
    assert {*quadfit_tui.__all__} == names.keys() - {*testing.__all__}
    for name, parts in names.items():
        owner = getattr(testing if name in testing.__all__ else quadfit_tui, name)
        if inspect.isclass(owner):
            present = {*dir(owner), *getattr(owner, "__annotations__", {}), *inspect.signature(owner).parameters}
            assert parts <= present, name
        elif callable(owner):
            assert parts == {*inspect.signature(owner).parameters}, name
