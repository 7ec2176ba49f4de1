"""Each text of help and of refusals is looked up: in a language that marks its texts each has a mark."""

import re

import click
import pytest
from looked_up import check_refusal, left_over_of_command
from pseudo_locale import pseudo_locale

from quadfit_tui.cli.parsing.help import GroupedHelpCommand
from quadfit_tui.core.explain.manual import pages
from quadfit_tui.main import cli
from quadfit_tui.ui.views.view_table import VIEWS

_OF_REFUSALS = (
    *(*cli.commands, "preset", "nothing"),
    *pages(),
    *(part for words in VIEWS["surface"].options.values() for word in words for part in word.split()),
)


@pytest.fixture(autouse=True)
def _marked():
    with pseudo_locale():
        yield


def commands(command=cli, context=None):
    context = click.Context(command, context, info_name=command.name, **command.context_settings)
    yield context
    for below in command.commands.values() if isinstance(command, click.Group) else ():
        yield from commands(below, context)


@pytest.mark.parametrize("context", commands(), ids=lambda context: context.command_path)
def test_help(context):
    command = context.command
    assert isinstance(command, GroupedHelpCommand)
    records = [param.get_help_record(context) for param in command.params]
    rows = [*command._examples, *command._exit_codes]
    told = [about for _name, about in filter(None, records)]
    told += [command.help, command.epilog or ""]
    assert all("⟦" in about for about in told if about)
    headings = re.findall(r"^(⟦.*⟧:)$", command.get_help(context), re.MULTILINE)
    assert len(headings) >= bool(rows)
    assert [text for text in [*told, *headings] if left_over_of_command(text)] == []
    for name, _about in rows:
        assert name in command.get_help(context)


REFUSED = (
    "run --lrr 1",
    "run --lr",
    "run --lr 1,000",
    "run --quiet --every 2",
    "run --width 40",
    "run --ascii",
    "run --head",
    "run --with-config -f csv",
    "run --theme light",
    "run --plot -f csv",
    "run --plot fti",
    "run --plot surface:nea",
    "run --plot -o a.svg --every 2",
    "run -o a.xlsx",
    "run --plot -o a.csv.gz",
    "run --explain 0:1 -f csv",
    "run --explain 0:1 -o a.svg",
    "run --explain 0:1 -o a.csv",
    "run --at 9999",
    "run --at 1 --quiet",
    "run --momentum 0.5",
    "run --skip 1",
    "run --data-sha256 " + 64 * "0",
    "run -d - -c -",
    "run -d nothing.csv",
    "run -c nothing.toml",
    "run -p momentun",
    "run -o nowhere/a.csv",
    "run fit",
    "rnu",
    "--epoch 3 run",
    "--lr 2 run",
    "--format csv",
    "--output -",
    "--data -",
    "--trained-to 5",
    "--at 5 --play",
    "presets -f xml",
    "manual kyes",
)


@pytest.mark.parametrize("line", REFUSED)
def test_refusals(call, line, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    check_refusal(call(*line.split()), *_OF_REFUSALS)


def test_commands_that_do_something(call, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    told = [
        call("run", "--lr", "0.1", "-n", "3", "-o", "a.csv", "--require", "optimum")[2],
        call("run", "--lr", "5", "--quiet")[2],
        call("run", "--lr", "5", "--quiet", "-f", "spoken")[2],
        *call("presets")[1:],
    ]
    names = ("slow", "fast", "optimum", "beta")
    assert sorted({word for text in told for word in left_over_of_command(text, *names)}) == []
