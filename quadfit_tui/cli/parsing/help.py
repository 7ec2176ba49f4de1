"""The help of the commands and their usage errors: examples first, options by group, exit codes at the end."""

from __future__ import annotations

import sys
from collections import UserDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from quadfit_tui.cli.parsing.columns import ColumnFormatter
from quadfit_tui.cli.parsing.option_types import ParameterType
from quadfit_tui.core.config.other_names import did_you_mean_name, resolve_other_name
from quadfit_tui.core.config.value_types import Language
from quadfit_tui.core.text.language import (
    N_,
    _,
    clauses,
    comma_separated,
    join_and,
    ngettext,
    ngettext_noop,
    pgettext,
    pgettext_noop,
)
from quadfit_tui.core.text.quoting import LONGEST_TEXT, did_you_mean, quoted, shell_word, with_allowed, with_near
from quadfit_tui.core.text.width import ellipsize, is_single

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

Help = str | Callable[[], str]  # a text marked by N_, translated when it is shown; or a function that returns a text
HelpRows = Sequence[tuple[str, Help]]  # rows of two columns

LANG_OPTION = "--lang"
# The options that read a file, by its suffix.
_OPTIONS_OF_FILES = {**dict.fromkeys((".csv", ".tsv", ".dat", ".log", ".txt"), "--data"), ".toml": "--config"}
_LONGEST_ABOUT = 300  # characters of a command's help that a shell shows
_UNEXPECTED = ngettext_noop("Got unexpected extra argument ({args})", "Got unexpected extra arguments ({args})")
# Texts of click, which it looks up by gettext in the program's catalog (language_choice.py). The program puts click's
# messages into sentences of its own, so a translation has no full stop at its end.
WORDS_OF_CLICK = (
    N_("Usage:"),
    N_("Commands"),
    N_("Positional arguments"),
    N_("Invalid value: {message}"),
    N_("Invalid value for {param_hint}: {message}"),
    N_("Missing argument"),
    N_("Missing option"),
    N_("Option {name!r} does not take a value."),
    ngettext_noop("Option {name!r} requires an argument.", "Option {name!r} requires {nargs} arguments."),
)

# The headings of help's sections by the groups of options, in the order in which help shows them.
_SECTIONS = {
    "base": pgettext_noop("section of help", "Base configuration (individual options override it)"),
    "data": pgettext_noop("section of help", "Data"),
    "start": pgettext_noop("section of help", "Start"),
    "training": pgettext_noop("section of help", "Training"),
    "stopping": pgettext_noop("section of help", "Stopping"),
    "sweep": pgettext_noop("section of help", "Sweep"),
    "output": pgettext_noop("section of help", "Output"),
    "screen": pgettext_noop("section of help", "Screen"),
    "lessons": pgettext_noop("section of help", "Lessons"),
    "other": pgettext_noop("section of help", "Other"),
}
_EXAMPLES = pgettext_noop("section of help", "Examples")
_EXIT_CODES = pgettext_noop("section of help", "Exit codes")


def _shown_help(help: Help) -> str:
    """Returns a help text in the language in use."""
    return help() if callable(help) else _(help)


class _TranslatedHelp:
    """Mixin of click's parameters and commands whose `help` is translated when it is read."""

    _help: Help = ""

    @property
    def help(self) -> str | None:
        return _shown_help(self._help)

    @help.setter
    def help(self, text: Help | None) -> None:
        self._help = text or ""


class TableOption(_TranslatedHelp, click.Option):
    """An option that belongs to a group of the help text."""

    def __init__(self, *args: Any, group: str = "other", help: Help = "", **attributes: Any) -> None:
        super().__init__(*args, **attributes)
        self.help = help
        self.group = group

    @property
    def section(self) -> str:
        """The heading of the group's section in help, translated."""
        return pgettext("section of help", _SECTIONS[self.group])


def lang_option() -> click.Option:
    """Returns the option --lang of all commands; language_choice.py has read its value before click parses."""
    return TableOption(
        [LANG_OPTION],
        type=ParameterType(Language()),
        is_eager=True,
        expose_value=False,
        help=N_("language of what you read [from your settings or environment]"),
    )


class HelpArgument(_TranslatedHelp, click.Argument):
    """A positional argument with a help text."""

    def __init__(self, *args: Any, help: Help = "", **attributes: Any) -> None:
        super().__init__(*args, **attributes)
        self.help = help


class SwitchOption(TableOption):
    """An option that is on or off: `--shuffle`, `--no-shuffle`, or `--shuffle no`."""

    def __init__(self, name: str, *names: str, **attributes: Any) -> None:
        super().__init__([name, *names], is_flag=False, flag_value="yes", **attributes)
        self.secondary_opts = [f"--no-{name.removeprefix('--')}"]

    def add_to_parser(self, parser: Any, ctx: click.Context) -> None:
        super().add_to_parser(parser, ctx)
        action = "append_const" if self.multiple else "store_const"
        parser.add_option(obj=self, opts=self.secondary_opts, dest=self.name, action=action, const="no")

    def get_help_spec(self, ctx: click.Context) -> str:  # noqa: ARG002  click's signature
        return " / ".join([*self.opts, *self.secondary_opts])


def refuse_closed_output(or_file: bool = False) -> None:
    """Raises a usage error if standard output is closed, where click would print nothing and succeed.

    `or_file`: the message also names --output FILE.
    """
    if sys.stdout is None:
        if or_file:
            raise click.UsageError(_("standard output is closed; open it or use --output FILE"))
        raise click.UsageError(_("standard output is closed; open it"))


def _show_help(ctx: click.Context, param: click.Parameter, asked: bool) -> None:  # noqa: ARG001  click's signature
    if asked and not ctx.resilient_parsing:
        click.echo(ctx.get_help(), color=ctx.color)
        ctx.exit()


class GroupedHelpCommand(_TranslatedHelp, click.Command):
    """A command whose help shows examples first, then its options by group, and exit codes at the end.

    Its usage errors name what is allowed.
    """

    allow_extra_args = True  # parse_args refuses them here, in the program's own words

    def __init__(self, *args: Any, examples: HelpRows = (), exit_codes: HelpRows = (), **attributes: Any) -> None:
        super().__init__(*args, **attributes)
        self.params.append(lang_option())
        self._examples, self._exit_codes = examples, exit_codes
        self._shows_help: click.Option | None = None

    @property
    def epilog(self) -> str | None:
        """The text after the options, translated."""
        return _(self._epilog)

    @epilog.setter
    def epilog(self, text: str | None) -> None:
        self._epilog = text or ""

    def get_help_option(self, ctx: click.Context) -> click.Option:
        """Returns the option --help, without click's own, which would search the system's catalogs first."""
        if self._shows_help is None:
            self._shows_help = TableOption(
                [*self.get_help_option_names(ctx)],
                is_flag=True,
                is_eager=True,
                expose_value=False,
                callback=_show_help,
                help=N_("Show this message and exit."),
            )
        return self._shows_help

    def get_help(self, ctx: click.Context) -> str:
        refuse_closed_output()
        formatter = ColumnFormatter(width=ctx.terminal_width, max_width=ctx.max_content_width)
        self.format_help(ctx, formatter)
        return formatter.getvalue().rstrip("\n")

    def get_short_help_str(self, limit: int = 45) -> str:
        about = self.help or ""
        return super().get_short_help_str(limit) if is_single(about) else ellipsize(about.splitlines()[0], limit)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        try:
            rest = super().parse_args(ctx, args)
        except click.NoSuchOption as unknown:
            raise click.UsageError(_unknown(unknown, ctx)) from None
        except click.BadOptionUsage as wrong:
            raise click.UsageError(_with_help(wrong.message.rstrip("."), ctx)) from None
        except click.MissingParameter as missing:
            raise click.UsageError(_missing(missing, ctx)) from None
        if rest and not (isinstance(self, click.Group) or ctx.resilient_parsing):
            template = _("{problem}: this command takes options only, {see}")
            problem = ngettext(*_UNEXPECTED, len(rest), args=" ".join(rest))
            raise click.UsageError(template.format(problem=problem, see=_see(ctx)))
        return rest

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        self._format_rows(formatter, _EXAMPLES, self._examples)
        for group, section in _SECTIONS.items():
            options = [param for param in self.get_params(ctx) if isinstance(param, click.Option)]
            in_group = [option for option in options if getattr(option, "group", "other") == group]
            rows = [record for option in in_group if (record := option.get_help_record(ctx))]
            if rows:
                self._format_rows(formatter, section, rows)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        super().format_epilog(ctx, formatter)
        self._format_rows(formatter, _EXIT_CODES, self._exit_codes)

    @staticmethod
    def _format_rows(formatter: click.HelpFormatter, section: str, rows: HelpRows) -> None:
        if rows:
            with formatter.section(pgettext("section of help", section)):
                formatter.write_dl([(name, _shown_help(about)) for name, about in rows])


class LazyCommand(NamedTuple):
    """The module and name of a command; and its help, without which the list of commands imports the command."""

    module: str
    attribute: str
    help: str = ""


class LazyCommands(UserDict[str, Any]):
    """Commands by their names, each LazyCommand imported at its first lookup."""

    def __getitem__(self, name: str) -> click.Command:
        command = self.data[name]
        if isinstance(command, LazyCommand):
            command = self.data[name] = getattr(import_module(command.module), command.attribute)
        assert isinstance(command, click.Command)
        return command

    @property
    def listed(self) -> dict[str, click.Command]:
        """The commands for the list in help; stand-ins for those whose help is known, which are not imported."""
        helps = {name: command.help for name, command in self.data.items() if isinstance(command, LazyCommand)}
        return {name: GroupedHelpCommand(name, help=helps[name]) if helps.get(name) else self[name] for name in self}


class GroupedHelpGroup(GroupedHelpCommand, click.Group):
    """A GroupedHelpCommand with subcommands, each imported when it is called."""

    def __init__(self, *args: Any, commands: Mapping[str, LazyCommand | click.Command], **attributes: Any) -> None:
        super().__init__(*args, **attributes)
        self.commands = self._commands = LazyCommands(commands)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.NoSuchCommand:
            problem = _("no such command {name}").format(name=quoted(args[0]))
            if (option := _option_of_file(args[0])) and _has(self, option):
                raise click.UsageError(with_near(problem, f"{option} {shell_word(args[0])}")) from None
            problem = did_you_mean(problem, args[0], self.commands)
            commands = comma_separated([*self.commands])
            message = _("{problem}; commands: {commands}").format(problem=problem, commands=commands)
            raise click.UsageError(message) from None

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Returns click's completions of the subcommands, with up to 300 characters of each one's help."""
        items = super().shell_complete(ctx, incomplete)
        for item in items:
            if (command := self.commands.get(item.value)) is not None:
                item.help = command.get_short_help_str(_LONGEST_ABOUT)
        return items

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        click.Group(commands=self._commands.listed).format_commands(ctx, formatter)
        GroupedHelpCommand.format_options(self, ctx, formatter)


def _option_of_file(name: str) -> str:
    """Returns the option that reads a file of this name, such as --data; empty if unknown."""
    if len(name) > LONGEST_TEXT or not name.isprintable():  # no message could show such a name as it is
        return ""
    return next((option for suffix, option in _OPTIONS_OF_FILES.items() if name.lower().endswith(suffix)), "")


def _missing(missing: click.MissingParameter, ctx: click.Context) -> str:
    """Returns the message about a missing argument, with its help as what is allowed."""
    about, problem = getattr(missing.param, "help", None), missing.format_message().rstrip(".")
    return clauses([with_allowed(problem, about) if about else problem, _see(ctx)])


def _unknown(unknown: click.NoSuchOption, ctx: click.Context) -> str:
    """Returns the message about an unknown option: which command has it, or what may be meant."""
    name = unknown.option_name
    if isinstance(ctx.command, click.Group):
        for command in ctx.command.commands.values():
            if _has(command, name):
                path = " ".join([*ctx.command_path.split()[1:], str(command.name)])
                template = _("{option} belongs to {command}; write it after {command}")
                return template.format(option=name, command=repr(path))
    options = [option for param in ctx.command.params for option in (*param.opts, *param.secondary_opts)]
    about_others = misplaced_option_message(name, ctx.find_root().command, " ".join(ctx.command_path.split()[1:]))
    if about_others:
        near = resolve_other_name(name, options)
        return with_near(about_others, near) if near else about_others
    problem = did_you_mean_name(_("no such option {name}").format(name=quoted(name)), name, options)
    return clauses([problem, _see(ctx)])


def misplaced_option_message(option: str, root: click.Command, command: str) -> str:
    """Returns the message about an option that only other commands have; empty if no command has it."""
    owners = [_command_name(path) for path, owner in commands_below(root) if _has(owner, option)]
    if not owners:
        return ""
    template = _("{option} only applies to {owners}, not to {command}")
    return template.format(option=option, owners=join_and(owners), command=_command_name(command))


def _command_name(command: str) -> str:
    """Formats the path of a command for messages: quoted, or `the app` if it is empty."""
    return repr(command) if command else _("the app")


def commands_below(command: click.Command, path: str = "") -> Iterator[tuple[str, click.Command]]:
    """Yields a command and all its subcommands, each with its path such as `lessons report`; imports them."""
    yield path, command
    if isinstance(command, click.Group):
        for name, subcommand in command.commands.items():
            yield from commands_below(subcommand, f"{path} {name}".lstrip())


def _with_help(problem: str, ctx: click.Context) -> str:
    """Returns a message that refers to the command's --help for what is allowed."""
    template = _("{problem}; allowed: see {command}")
    return template.format(problem=problem, command=f"'{ctx.command_path} --help'")


def _see(ctx: click.Context) -> str:
    """Returns the clause `see '… --help'` of a command."""
    return _("see {command}").format(command=f"'{ctx.command_path} --help'")


def _has(command: click.Command, option: str) -> bool:
    """Whether a command has an option, by any of its spellings."""
    return any(option in (*param.opts, *param.secondary_opts) for param in command.params)
