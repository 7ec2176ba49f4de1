"""Options that are refused beside others, or without them: each row of the table, by its command."""

import click
import pytest
from command_line import one_line

from quadfit_tui.cli.parsing.combinations import COLORS, COMBINATIONS, PAUSED, PLOT_ALONE, WITHOUT
from quadfit_tui.core.config.parameters import PARAMETERS
from quadfit_tui.main import _ANNEXES, cli

# What brings each of the others of a row to a command line.
THERE = {
    **{"--lesson": "--lesson rate", "--sweep": "--sweep x.csv", PAUSED: "--at 3", "--explain": "--explain 3"},
    **{"--at": "--at 3", "--quiet": "--quiet", PLOT_ALONE: "--plot -o x.svg", "--from": "--from x.csv --plot"},
    **{"--force": "--force -o x.csv", "--dry-run": "--dry-run", "--scheduler": "--scheduler tcp://a:1 -o x.csv"},
    **{"--data": "-d a.csv -d b.csv -o x.csv", "--seed": "--seed 1 --seed 2 -o x.csv"},
}
# Values of options by the names of these; of the others the type has one.
VALUES = {"config_file": "x.toml", "at": "3", "trained_to": "3", "style": "text", "theme": "nord", "source": "x.csv"}
VALUES |= {"students": "x", "records": "x", "names": "x", "columns": "a,b", "scheduler": "a:1", "data_sha256": "0" * 64}
VALUES |= {"preset": "noisy", "plot": "fit", "require": "optimum", "progress": "none", "width": "60"}
# What else a row wants, so that no row above is broken, too.
BESIDES = {("run", "theme"): "--plot -f text", ("sweep", "theme"): "--plot", ("lessons new", "columns"): "ball"}
TABLES = [row for table in (COMBINATIONS, *(annex.combinations for annex in _ANNEXES)) for row in table.items()]
CASES = [
    (command, row, name)
    for command, rows in TABLES
    for row in rows
    for name in row.options
    if row.others != (COLORS,) and (name not in PARAMETERS or name == "lr")  # after the file of --from was read
]


def command_of(words):
    found = cli
    for word in words.split() if words != "app" else ():
        found = found.commands[word]
    return found


def option_of(command, name):
    return next(param for param in command_of(command).params if param.name == name)


def test_table_options_exist():
    for command, rows in TABLES:
        names = {param.name for param in command_of(command).params if isinstance(param, click.Option)}
        assert {name for row in rows for name in row.options} <= names, command


@pytest.mark.parametrize(("command", "row", "name"), CASES, ids=lambda case: case if isinstance(case, str) else "")
def test_listed_combination_is_refused(command, row, name, call, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    option = option_of(command, name)
    words = [] if command == "app" else command.split()
    words += [max(option.opts, key=len)] if option.is_flag else [max(option.opts, key=len), VALUES.get(name, "1")]
    others = () if row.sentence == WITHOUT else row.others
    words += " ".join([*(THERE[other] for other in others), BESIDES.get((command, name), "")]).split()
    code, out, err = call(*words)
    assert (code, out) == (2, "")
    assert row.refusal(max(option.opts, key=len)) in one_line(err)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("words", ["--plot --ascii", "--explain 0:1 --ascii", "--plot -f ansi --theme nord"])
def test_one_required_option_is_enough(words, call):
    code, _out, err = call("run", "--epochs", "1", *words.split())
    assert (code, err) == (0, "")
