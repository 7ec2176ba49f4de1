"""The command `presets`: the list of the presets, those of the user's own last."""

from __future__ import annotations

from typing import Any

import click

from quadfit_tui.cli.commands.command_table import COMMANDS
from quadfit_tui.cli.exit_codes import OK
from quadfit_tui.cli.interrupts import exit_on_broken_pipe
from quadfit_tui.cli.output.output_file import open_output
from quadfit_tui.cli.output.printing import NAME, escaped, print_error
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
    """Runs the command `presets`: prints the built-in presets and the user's own; returns the exit code."""
    exit_on_broken_pipe()
    catalog = PresetCatalog(presets_folder)
    catalog.read()
    with open_output(None) as put:
        put(_as_json(catalog) if style == "json" else _as_text(catalog))
    for fault in catalog.faults:
        print_error(escaped(f"{NAME}: {fault}"))
    return OK


def _configs(catalog: PresetCatalog) -> dict[str, RunConfig]:
    """Returns the configurations of all presets by name, the user's own last."""
    return {**PRESETS, **{name: preset.config for name, preset in catalog.own.items()}}


def _as_json(catalog: PresetCatalog) -> list[str]:
    """Formats the presets as a JSON array: name, summary, values that are not defaults, whether the user's own."""
    import json  # most commands need none

    with in_english():
        summaries = catalog.summaries
    rows = [
        {
            "name": name,
            "summary": summaries[name],
            "changes": {row.name: value for row, value in _changes(config)},
            "own": name in catalog.own,
        }
        for name, config in _configs(catalog).items()
    ]
    return [json.dumps(rows, indent=2, ensure_ascii=False)]


def _changes(config: RunConfig) -> list[tuple[Parameter, Any]]:
    """Returns the parameters whose values are not the defaults, with these values."""
    values = [(row, getattr(config, row.name)) for row in PARAMETERS.values()]
    return [(row, value) for row, value in values if value != row.default]


def _as_text(catalog: PresetCatalog) -> list[str]:
    """Formats the presets as lines: name and summary, and below them the options that differ from the defaults."""
    configs = _configs(catalog)
    width = max(map(cell_width, configs))
    lines = []
    for name, config in configs.items():
        if name in catalog.own and name == next(iter(catalog.own)):
            lines += ["", _("Your own, from {folder}:").format(folder=shown_name(catalog.folder))]
        lines.append(f"{ljust(name, width)}  {catalog.summaries[name]}")
        changes = [row.as_option(value) for row, value in _changes(config)]
        if changes:
            lines.append(f"{' ' * width}    {' '.join(changes)}")
    return lines
