"""The options of `run`, beside those of the run's parameters."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

import click

from quadfit_tui.cli.commands.run_plot import NARROWEST
from quadfit_tui.cli.exit_codes import NOT_THERE
from quadfit_tui.cli.moments import IN_RUN, complete_moments
from quadfit_tui.cli.parsing.help import TableOption
from quadfit_tui.cli.parsing.option_types import ParameterType, ViewType
from quadfit_tui.cli.settings import complete_themes
from quadfit_tui.core.config.value_types import Choice, Integer
from quadfit_tui.core.config.view_names import VIEW_NAMES
from quadfit_tui.core.export.formats import COLORED, formats_of
from quadfit_tui.core.text.language import N_, _, join_or

# The verdicts that satisfy each value of --require.
REQUIRED = {"converged": ("converged", "optimum"), "optimum": ("optimum",)}


class RunOptions(NamedTuple):
    """The options of `run` on the command line, without those of the run's parameters."""

    preset: str | None
    config_file: str | None
    style: str | None
    every: int
    output: str | None
    force: bool
    quiet: bool
    head: bool
    with_config: bool
    require: str | None
    plot: str | None
    width: int | None
    theme: str | None
    ascii: bool
    at: str | None
    explain: str | None


def run_options() -> Iterator[click.Option]:
    """Yields the options that only `run` has, all of them about its output."""
    option = partial(TableOption, group="output")
    yield option(
        ["-q", "--quiet"],
        is_flag=True,
        help=N_(
            "print only the outcome and the fitted parabola, a line each (with jsonl one line; with csv the last row)"
        ),
    )
    yield option(
        ["--head"],
        is_flag=True,
        help=N_("with csv: comments (#) say what gives the run again and, at the end, what it came to"),
    )
    yield option(
        ["--with-config"],
        is_flag=True,
        help=N_("with csv: write FILE.toml beside FILE, which says the same, and which --config takes"),
    )
    yield option(["--require"], type=ParameterType(Choice(tuple(REQUIRED))), metavar="VERDICT", help=_help_of_require)
    yield option(
        ["--plot"], metavar="[VIEW]", is_flag=False, flag_value=VIEW_NAMES[0], type=ViewType(), help=_help_of_plot
    )
    yield option(
        ["--width"],
        type=ParameterType(Integer(NARROWEST, 400)),
        help=N_("width of the view [the terminal's, up to 120; in a file, 80]"),
    )
    yield option(["--theme"], metavar="NAME", shell_complete=complete_themes, help=_help_of_theme)
    yield option(["--ascii"], is_flag=True, help=N_("use only ASCII characters for --plot or --explain"))
    yield option(["--at"], metavar="MOMENT", shell_complete=complete_moments, help=IN_RUN)
    yield option(
        ["--explain"],
        metavar="MOMENT",
        shell_complete=complete_moments,
        help=N_(
            "print the arithmetic of one update instead: 14 (the last of epoch 14) or 15:3 (the third of epoch 15)"
        ),
    )


def _help_of_require() -> str:
    template = _(
        "end with exit code {code} where the run has not come there (converged: the mean loss is below tol, "
        "or w is close to the optimum; optimum: w is)"
    )
    return template.format(code=NOT_THERE)


def _help_of_plot() -> str:
    template = _(
        "print a view at the end ({views}) [{default}]; with options: fit:data; "
        "a FILE of format {formats} holds the view alone"
    )
    first, second, third = formats_of("picture")
    formats = _("{first} or {second} or {third}").format(first=first, second=second, third=third)
    return template.format(views=Choice(VIEW_NAMES).allowed, default=VIEW_NAMES[0], formats=formats)


def _help_of_theme() -> str:
    return _("colors of --plot as {formats} [light; as ansi, the terminal's own]").format(formats=join_or(COLORED))
