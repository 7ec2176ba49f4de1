"""The options of a run, made from the parameter table, and the RunConfig that they give."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import click

from quadfit_tui import __version__
from quadfit_tui.core.config.parameters import GROUPS, OF_MADE_SAMPLES, PARAMETERS, USERS, ConfigError, RunConfig
from quadfit_tui.core.config.presets import DEFAULT, OWN_DATA, PRESETS
from quadfit_tui.core.config.value_types import Choice, Flag, Integer, ValueType, did_you_mean
from quadfit_tui.core.export.formats import EXPORTERS
from quadfit_tui.core.files import access
from quadfit_tui.core.text.quoting import quoted, shown_name

# The sections of the help text, in order.
_SECTIONS = {
    "base": "Base configuration (individual options override it)",
    **{group: group.capitalize() for group in GROUPS},
    "output": "Output",
    "screen": "Screen",
}
_FILED = f"{__name__}.filed"  # where a context keeps the names of what stands in its configuration file
_WIDEST = 60  # of the words of a choice beside its option; the text of the option tells them, too


class ParameterType(click.ParamType[Any]):
    """Reads and refuses the text of an option as a type of values of the parameter table does."""

    def __init__(self, value_type: ValueType) -> None:
        self.value_type = value_type
        self.name = "value"

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:  # noqa: ARG002  click's signature
        if not isinstance(self.value_type, Choice):
            return "VALUE"
        words = "|".join(self.value_type.options)
        return f"[{words}]" if len(words) <= _WIDEST else "NAME"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        try:
            return self.value_type.parse(value)
        except ValueError as reason:
            self.fail(str(ConfigError((), str(value), str(reason), self.value_type.allowed)), param, ctx)


class TableOption(click.Option):
    """An option that belongs to a group of the help text."""

    def __init__(self, *args: Any, group: str, **attributes: Any) -> None:
        super().__init__(*args, **attributes)
        self.section = _SECTIONS[group]


def parameter_options() -> Iterator[click.Option]:
    """An option for each row of the parameter table; one that is yes or no may stand without a value."""
    for parameter in PARAMETERS.values():
        flag = {"is_flag": False, "flag_value": "yes"} if isinstance(parameter.value_type, Flag) else {}
        users = f"{', '.join(USERS[parameter.name].words)}: " if parameter.name in USERS else ""
        yield TableOption(
            [parameter.option, parameter.name],
            group=parameter.group,
            type=ParameterType(parameter.value_type),
            help=f"{users}{parameter.help} ({parameter.value_type.allowed}) [{parameter.default_text}]",
            **flag,
        )


def base_options() -> Iterator[click.Option]:
    """The options --preset and --config, whose values the single options override."""
    presets = Choice(tuple(PRESETS))
    yield TableOption(
        ["--preset"],
        group="base",
        type=ParameterType(presets),
        help=f"preset to start from ({presets.allowed}) [{DEFAULT}; with --data, {OWN_DATA}]",
    )
    yield TableOption(
        ["--config", "config_file"],
        group="base",
        metavar="FILE",
        help="TOML file with any of the parameters below; overrides the preset",
    )


def _eager_flag(
    names: list[str], callback: Callable[[click.Context, click.Parameter, bool], None], help: str
) -> click.Option:
    """An option without a value that acts before the other options do."""
    return click.Option(names, is_flag=True, is_eager=True, expose_value=False, callback=callback, help=help)


def confined_option() -> click.Option:
    """The option --confined, for files in the home folder only."""
    words = "only read and write files below your home directory (for shared servers)"
    return _eager_flag(["--confined"], _confine, words)


def _confine(ctx: click.Context, param: click.Parameter, confined: bool) -> None:  # noqa: ARG001  click's signature
    if confined:
        # Some of them name modules to load or files to write.
        for name in [name for name in os.environ if name.startswith("TEXTUAL")]:
            del os.environ[name]
    try:
        access.configure(confined)
    except access.NoHomeError as refused:
        raise click.UsageError(f"--confined: {refused}") from None


def output_options(output: str) -> Iterator[click.Option]:
    """The options --format, --every and --output; `output` is the help of the last one."""
    suffixes = ", ".join(row.suffix for row in EXPORTERS.values())
    yield TableOption(
        ["--format", "style"],
        group="output",
        type=ParameterType(Choice(tuple(EXPORTERS))),
        help=f"output format [from the extension of FILE: {suffixes}; otherwise text]",
    )
    yield TableOption(
        ["--every"],
        group="output",
        type=ParameterType(Integer(1, 10**9)),
        default=1,
        help="write every Nth epoch, and the last one [1]",
    )
    yield TableOption(["--output"], group="output", metavar="FILE", help=output)


def refuse_closed_output(instead: str = "") -> None:
    """Raises a usage error where standard output is closed: click would write nothing, and succeed.

    `instead` are words for what else is allowed.
    """
    if sys.stdout is None:
        raise click.UsageError(f"standard output is closed; allowed: an open one{instead}")


def version_option() -> click.Option:
    """The option --version."""
    return _eager_flag(["-V", "--version"], _tell_version, "Show the version and exit.")


def _tell_version(ctx: click.Context, param: click.Parameter, asked: bool) -> None:  # noqa: ARG001  click's signature
    if asked and not ctx.resilient_parsing:
        refuse_closed_output()
        click.echo(f"{ctx.find_root().info_name} {__version__}")
        ctx.exit()


class GroupedHelpCommand(click.Command):
    """A command whose help lists its options by group, and whose usage errors say what is allowed."""

    def get_help(self, ctx: click.Context) -> str:
        refuse_closed_output()
        return super().get_help(ctx)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as unknown:
            raise click.UsageError(_unknown(unknown, ctx)) from None
        except click.BadOptionUsage as wrong:
            raise click.UsageError(f"{wrong.message.rstrip('.')}; allowed: {_see(ctx)}") from None
        except click.UsageError as wrong:
            if type(wrong) is click.UsageError and wrong.message.startswith("Got unexpected"):
                raise click.UsageError(f"{wrong.message}: this command takes options only, {_see(ctx)}") from None
            raise

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for section in (*_SECTIONS.values(), "Other"):
            options = [option for option in self.get_params(ctx) if getattr(option, "section", "Other") == section]
            if rows := [record for option in options if (record := option.get_help_record(ctx))]:
                with formatter.section(section):
                    formatter.write_dl(rows)


class GroupedHelpGroup(GroupedHelpCommand, click.Group):
    """A GroupedHelpCommand that has other commands below it."""

    command_class = GroupedHelpCommand

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.NoSuchCommand:
            hint = did_you_mean(args[0], self.commands)
            commands = ", ".join(self.commands)
            raise click.UsageError(f"no such command {quoted(args[0])}{hint}; allowed: {commands}, or none") from None

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        GroupedHelpCommand.format_options(self, ctx, formatter)
        self.format_commands(ctx, formatter)


def _unknown(unknown: click.NoSuchOption, ctx: click.Context) -> str:
    """What to say about an option that a command does not have, though another one may."""
    name, root = unknown.option_name, ctx.find_root().command
    if ctx.command is not root and _has(root, name):
        return f"{name} only applies to the app, not to {ctx.info_name!r}"
    below = root.commands if ctx.command is root and isinstance(root, click.Group) else {}
    for command in below.values():
        if _has(command, name):
            return f"{name} belongs to {command.name!r}; write it after {command.name!r}"
    hint = f" (did you mean {_either(tuple(unknown.possibilities))}?)" if unknown.possibilities else ""
    return f"no such option {quoted(name)}{hint}; {_see(ctx)}"


def _see(ctx: click.Context) -> str:
    return f"see '{ctx.command_path} --help'"


def _has(command: click.Command, option: str) -> bool:
    return any(option in param.opts for param in command.params)


def configuration(preset: str | None, config_file: str | None, values: dict[str, Any]) -> RunConfig:
    """The configuration of the preset, overridden by the file and by the single options on the command line.

    Without a preset, samples from a file have one of their own. Raises a usage error where a value is refused, or where
    an option would make no difference.
    """
    chosen = {name: values[name] for name in given_names() if name in values}
    filed = {} if config_file is None else _values_of(config_file)
    click.get_current_context().meta[_FILED] = filed
    with options_named():
        given = {**filed, **chosen}
        config = PRESETS[preset or (OWN_DATA if given.get("data") else DEFAULT)].replace(**given)
        _check_used(config, chosen)
    return config


def _values_of(config_file: str) -> dict[str, Any]:
    from quadfit_tui.core.config.toml_file import ConfigFileError, read_values  # most commands need none

    try:
        return read_values(config_file)
    except ConfigFileError as failure:
        refuse(f"--config {shown_name(config_file)}", str(failure))
    except ConfigError as refused:
        refuse(f"--config {shown_name(config_file)}", f"{refused.names[0]} = {refused}")


def _check_used(config: RunConfig, names: Iterable[str]) -> None:
    """Refuses a parameter that somebody asked for and that would make no difference."""
    for name in names:
        if config.data is not None and name in OF_MADE_SAMPLES:
            value = PARAMETERS[name].show(getattr(config, name))
            reason = f"has no effect with --data {shown_name(config.data)}"
            raise ConfigError((name,), value, reason, "one of the two options")
        if name in config.unused:
            choice, words = USERS[name]
            value = PARAMETERS[name].show(getattr(config, name))
            reason = f"has no effect with {choice} {getattr(config, choice)}"
            raise ConfigError((name,), value, reason, f"with {PARAMETERS[choice].option} {_either(words)}")


def _either(words: tuple[str, ...]) -> str:
    *others, last = words
    return f"{', '.join(others)} or {last}" if others else last


def given_names() -> list[str]:
    """The names of click's parameters that stand on the command line, also those whose value is none."""
    ctx = click.get_current_context()
    names = [param.name for param in ctx.command.params if param.name]
    return [name for name in names if ctx.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE]


@contextmanager
def options_named() -> Iterator[None]:
    """Turns what the core refuses into a usage error that names the option, or the file or preset it comes from."""
    try:
        yield
    except ConfigError as refused:
        ctx = click.get_current_context()
        chosen = not {*given_names()}.isdisjoint(refused.names)
        filed = [name for name in refused.names if name in ctx.meta.get(_FILED, ())]
        if not chosen and filed:
            refuse(f"--config {shown_name(ctx.params['config_file'])}", f"{filed[0]} = {refused}")
        if not chosen and (preset := ctx.params.get("preset")):
            refuse(f"--preset {preset}", f"{refused.names[0]} = {refused}")
        refuse(" / ".join(PARAMETERS[name].option for name in refused.names), str(refused))


def refuse(option: str, problem: str) -> NoReturn:
    """Raises a usage error about an option; `problem` names the value and what is allowed."""
    raise click.BadParameter(problem, param_hint=f"'{option}'")


_NUMBERS = re.compile(r"[,;]|[,;]?[-+−]?\.?\d[\d.,;/eE+−-]*")


def join_numbers(args: list[str]) -> list[str]:
    """The arguments with numbers in one again that a shell has cut at the blanks: `--init -11/6, -395/3, -2400`."""
    joined: list[str] = []
    for arg in args:
        follows = joined and _NUMBERS.fullmatch(joined[-1].rpartition("=")[2].rpartition(" ")[2])
        if follows and _NUMBERS.fullmatch(arg):
            joined[-1] += f" {arg}"
        else:
            joined.append(arg)
    return joined
