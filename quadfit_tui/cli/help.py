"""The help of the commands and their usage errors: examples first, options by group, exit codes at the end."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from quadfit_tui.core.config.parameters import GROUPS
from quadfit_tui.core.text.language import _, comma_separated, listed
from quadfit_tui.core.text.quoting import did_you_mean, quoted

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

Rows = Sequence[tuple[str, str]]  # of two columns

_LONGEST_ABOUT = 300  # characters of what a shell tells of a command

# The sections of the options, in order.
_SECTIONS = {
    "base": "Base configuration (individual options override it)",
    **{group: group.capitalize() for group in GROUPS},
    "sweep": "Sweep",
    "output": "Output",
    "screen": "Screen",
    "lessons": "Lessons",
}


class TableOption(click.Option):
    """An option that belongs to a group of the help text."""

    def __init__(self, *args: Any, group: str, **attributes: Any) -> None:
        super().__init__(*args, **attributes)
        self.section = _SECTIONS[group]


class SwitchOption(TableOption):
    """An option that is yes or no: `--shuffle`, `--no-shuffle`, or `--shuffle no`."""

    def __init__(self, name: str, *names: str, **attributes: Any) -> None:
        super().__init__([name, *names], is_flag=False, flag_value="yes", **attributes)
        self.secondary_opts = [f"--no-{name.removeprefix('--')}"]

    def add_to_parser(self, parser: Any, ctx: click.Context) -> None:
        super().add_to_parser(parser, ctx)
        action = "append_const" if self.multiple else "store_const"
        parser.add_option(obj=self, opts=self.secondary_opts, dest=self.name, action=action, const="no")

    def get_help_spec(self, ctx: click.Context) -> str:  # noqa: ARG002  click's signature
        return " / ".join([*self.opts, *self.secondary_opts])


def refuse_closed_output(instead: str = "") -> None:
    """Raises a usage error where standard output is closed: click would write nothing, and succeed.

    `instead` are words for what else is allowed.
    """
    if sys.stdout is None:
        raise click.UsageError(f"standard output is closed; open it{instead}")


class GroupedHelpCommand(click.Command):
    """A command whose help has examples first, then its options by group, and its exit codes at the end.

    Its usage errors say what is allowed.
    """

    def __init__(self, *args: Any, examples: Rows = (), exit_codes: Rows = (), **attributes: Any) -> None:
        super().__init__(*args, **attributes)
        self._examples, self._exit_codes = examples, exit_codes

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
        except click.MissingParameter as missing:
            raise click.UsageError(_missing(missing, ctx)) from None
        except click.UsageError as wrong:
            if type(wrong) is click.UsageError and wrong.message.startswith("Got unexpected"):
                raise click.UsageError(f"{wrong.message}: this command takes options only, {_see(ctx)}") from None
            raise

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        self._format_rows(formatter, "Examples", self._examples)
        for section in (*_SECTIONS.values(), "Other"):
            found = [param for param in self.get_params(ctx) if isinstance(param, click.Option)]
            options = [option for option in found if getattr(option, "section", "Other") == section]
            if rows := [record for option in options if (record := option.get_help_record(ctx))]:
                self._format_rows(formatter, section, rows)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        super().format_epilog(ctx, formatter)
        self._format_rows(formatter, "Exit codes", self._exit_codes)

    @staticmethod
    def _format_rows(formatter: click.HelpFormatter, section: str, rows: Rows) -> None:
        if rows:
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
            problem = did_you_mean(_("no such command {name}").format(name=quoted(args[0])), args[0], self.commands)
            commands = comma_separated([*self.commands])
            told = _("{problem}; commands: {commands}").format(problem=problem, commands=commands)
            raise click.UsageError(told) from None

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """As click has it, but what a command does in all its words."""
        items = super().shell_complete(ctx, incomplete)
        for item in items:
            if (command := self.commands.get(item.value)) is not None:
                item.help = command.get_short_help_str(_LONGEST_ABOUT)
        return items

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        self.format_commands(ctx, formatter)
        GroupedHelpCommand.format_options(self, ctx, formatter)


def _missing(missing: click.MissingParameter, ctx: click.Context) -> str:
    """What to say where an argument is missing, by what help says of it."""
    about = getattr(missing.param, "help", None)
    allowed = f"allowed: {about}; " if about else ""
    return f"{missing.format_message().rstrip('.')}; {allowed}{_see(ctx)}"


def _unknown(unknown: click.NoSuchOption, ctx: click.Context) -> str:
    """What to say about an option that a command does not have, though another one may."""
    name = unknown.option_name
    for command in ctx.command.commands.values() if isinstance(ctx.command, click.Group) else ():
        if _has(command, name):
            path = " ".join([*ctx.command_path.split()[1:], str(command.name)])
            return f"{name} belongs to {path!r}; write it after {path!r}"
    if said := of_others(name, ctx.find_root().command, " ".join(ctx.command_path.split()[1:])):
        return said
    options = [option for param in ctx.command.params for option in (*param.opts, *param.secondary_opts)]
    problem = did_you_mean(_("no such option {name}").format(name=quoted(name)), name, options)
    return f"{problem}; {_see(ctx)}"


def of_others(option: str, root: click.Command, command: str) -> str:
    """What to say about an option that a command does not have, but others do; nothing where none has it."""
    owners = [_shown(path) for path, each in _commands(root) if _has(each, option)]
    return f"{option} only applies to {listed(owners)}, not to {_shown(command)}" if owners else ""


def _shown(command: str) -> str:
    return repr(command) if command else "the app"


def _commands(command: click.Command, path: str = "") -> Iterator[tuple[str, click.Command]]:
    """A command and all below it, by the words that lead there."""
    yield path, command
    for name, below in command.commands.items() if isinstance(command, click.Group) else ():
        yield from _commands(below, f"{path} {name}".lstrip())


def _see(ctx: click.Context) -> str:
    return f"see '{ctx.command_path} --help'"


def _has(command: click.Command, option: str) -> bool:
    return any(option in (*param.opts, *param.secondary_opts) for param in command.params)
