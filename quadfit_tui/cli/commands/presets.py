"""The command `presets`: the list of the presets, those of the user's own last."""

from __future__ import annotations

from typing import Any

import click

from quadfit_tui.cli.commands.command_table import COMMANDS
from quadfit_tui.cli.output import NAME, OK, escaped, exit_on_broken_pipe, open_output, print_error
from quadfit_tui.cli.parsing.help import GroupedHelpCommand, TableOption
from quadfit_tui.cli.parsing.option_types import ParameterType
from quadfit_tui.cli.user_folders import presets_folder
from quadfit_tui.core.config.own_presets import PresetCatalog
from quadfit_tui.core.config.parameters import PARAMETERS, Parameter, RunConfig
from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.config.value_types import Choice
from quadfit_tui.core.text.language import N_, _, in_english
from quadfit_tui.core.text.quoting import shown_name
from quadfit_tui.core.text.width import cell_width, ljust

_FORMATS = ("text", "json")


@click.command(cls=GroupedHelpCommand, help=COMMANDS["presets"].help)
@click.option(
    "-f",
    "--format",
    "style",
    type=ParameterType(Choice(_FORMATS)),
    default=_FORMATS[0],
    help=N_("output format: text, or json for programs [text]"),
    cls=TableOption,
)
def presets(style: str) -> int:
    """The command; gives the exit code."""
    exit_on_broken_pipe()
    listed = PresetCatalog(presets_folder)
    listed.read()
    with open_output(None) as put:
        put(_as_json(listed) if style == "json" else _as_text(listed))
    for fault in listed.faults:
        print_error(escaped(f"{NAME}: {fault}"))
    return OK


def _configs(listed: PresetCatalog) -> dict[str, RunConfig]:
    return {**PRESETS, **{name: preset.config for name, preset in listed.own.items()}}


def _as_json(listed: PresetCatalog) -> list[str]:
    """An array of objects: each preset's name, summary, parameters that are not the defaults, and whose it is."""
    import json  # most commands need none

    with in_english():
        summaries = listed.summaries
    rows = [
        {
            "name": name,
            "summary": summaries[name],
            "changes": {row.name: value for row, value in _changes(config)},
            "own": name in listed.own,
        }
        for name, config in _configs(listed).items()
    ]
    return [json.dumps(rows, indent=2, ensure_ascii=False)]


def _changes(config: RunConfig) -> list[tuple[Parameter, Any]]:
    values = [(row, getattr(config, row.name)) for row in PARAMETERS.values()]
    return [(row, value) for row, value in values if value != row.default]


def _as_text(listed: PresetCatalog) -> list[str]:
    configs = _configs(listed)
    width = max(map(cell_width, configs))
    lines = []
    for name, config in configs.items():
        if name in listed.own and name == next(iter(listed.own)):
            lines += ["", _("Your own, from {folder}:").format(folder=shown_name(listed.folder))]
        changes = [row.as_option(value) for row, value in _changes(config)]
        lines += [
            f"{ljust(name, width)}  {listed.summaries[name]}",
            *([f"{' ' * width}    {' '.join(changes)}"] if changes else []),
        ]
    return lines
