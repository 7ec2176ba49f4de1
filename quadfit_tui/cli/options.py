"""The options of a run, made from the parameter table, and the RunConfig that they give."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn

import click

from quadfit_tui import __version__
from quadfit_tui.cli.help import TableOption, refuse_closed_output
from quadfit_tui.cli.user_folders import presets_folder
from quadfit_tui.core.config.own_presets import OwnPreset, OwnPresetError, Presets
from quadfit_tui.core.config.parameters import (
    DIGEST,
    OF_FILES,
    OF_MADE_SAMPLES,
    PARAMETERS,
    USERS,
    ConfigError,
    RunConfig,
)
from quadfit_tui.core.config.presets import BARE, DEFAULT, OWN_DATA, PRESETS
from quadfit_tui.core.config.value_types import Choice, FilePath, Flag, Integer, Sha256, ValueType
from quadfit_tui.core.config.view_names import VIEW_NAMES
from quadfit_tui.core.export.formats import EXPORTERS
from quadfit_tui.core.files import access, virtual_files
from quadfit_tui.core.text.language import _, comma_separated, either, one_of
from quadfit_tui.core.text.quoting import did_you_mean, nearest, quoted, shown_name, with_allowed, with_problem

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from quadfit_tui.core.model.problem import Problem

_DIGEST = f"{__name__}.digest"  # where a context keeps the SHA-256 that the samples must have, and who says so
_DIGEST_OPTION = f"--{DIGEST.replace('_', '-')}"
_OWN_PRESET = f"{__name__}.own_preset"  # where a context keeps the preset of the user's own that is asked for
_FILED = f"{__name__}.filed"  # where a context keeps the names of what stands in its configuration file


class ParameterType(click.ParamType[Any]):
    """Reads and refuses the text of an option as a type of values of the parameter table does."""

    def __init__(self, value_type: ValueType) -> None:
        self.value_type = value_type
        self.name = "value"

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:  # noqa: ARG002  click's signature
        return self.value_type.placeholder

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        try:
            if isinstance(self.value_type, FilePath) and not str(value).strip():  # as of a variable that is not set
                raise ValueError("is not the name of a file")
            return self.value_type.parse(value)
        except ValueError as reason:
            self.fail(ConfigError((), str(value), str(reason), self.value_type.allowed).problem, param, ctx)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """The words of a choice; for a file, the shell looks itself, but for the program's own."""
        from click.shell_completion import CompletionItem

        if isinstance(self.value_type, FilePath) and incomplete.startswith(virtual_files.EXAMPLE[:-1]):
            examples = [CompletionItem(name) for name in virtual_files.example_names() if name.startswith(incomplete)]
            return examples or FileName().shell_complete(ctx, param, incomplete)
        if isinstance(self.value_type, FilePath):
            return FileName().shell_complete(ctx, param, incomplete)
        words = self.value_type.options if isinstance(self.value_type, Choice | Flag) else ()
        return [CompletionItem(word) for word in words if word.startswith(incomplete)]


class ViewType(ParameterType):
    """The name of a view, and behind a colon words of its options, which are read once the views are loaded."""

    def __init__(self) -> None:
        super().__init__(Choice(VIEW_NAMES))

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        name, colon, words = str(value).partition(":")
        return f"{super().convert(name, param, ctx)}{colon}{words}"


def view_of(option: str, text: str) -> tuple[str, dict[str, str]]:
    """The view that an option names, and the words of its options; raises a usage error where there is no such word."""
    from quadfit_tui.ui.views import chosen_words

    name, _colon, words = text.partition(":")
    try:
        return name, chosen_words(name, words)
    except ValueError as refused:
        refuse(option, str(refused))


class PresetType(ParameterType):
    """The name of a preset: of the program's, or of one of the user's own, whose file is read then."""

    def __init__(self) -> None:
        super().__init__(Choice(tuple(PRESETS)))

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            return str(self.value_type.parse(value))
        except ValueError as reason:
            why = str(reason)
        presets, name = Presets(presets_folder), str(value).strip()
        try:
            own = presets.find(name)
        except OwnPresetError as fault:
            self.fail(f"{quoted(name)} cannot be used: {fault}", param, ctx)
        if own is None:
            names = presets.own_names
            why = why if nearest(name, PRESETS) else did_you_mean(why, name, names)
            said = _("{names}, or one of your own: {own}") if names else _("{names}, or one of your own")
            allowed = said.format(names=self.value_type.allowed, own=comma_separated(names))
            self.fail(with_allowed(with_problem(quoted(name), why), allowed), param, ctx)
        if ctx is not None:
            ctx.meta[_OWN_PRESET] = own
        return name

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG002
        from click.shell_completion import CompletionItem

        told = Presets().summaries | dict.fromkeys(Presets(presets_folder).own_names, _("one of your own"))
        return [CompletionItem(name, help=about) for name, about in told.items() if name.startswith(incomplete)]


class FileName(click.File):
    """The name of a file, as typed; a shell completes it."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ARG002
        """The name alone: click's opens the file."""
        return value


class SwitchOption(TableOption):
    """An option that is yes or no: `--shuffle`, `--no-shuffle`, or `--shuffle no`."""

    def __init__(self, name: str, *names: str, **attributes: Any) -> None:
        super().__init__([name, *names], is_flag=False, flag_value="yes", **attributes)
        self.secondary_opts = [f"--no-{name.removeprefix('--')}"]

    def add_to_parser(self, parser: Any, ctx: click.Context) -> None:
        super().add_to_parser(parser, ctx)
        parser.add_option(obj=self, opts=self.secondary_opts, dest=self.name, action="store_const", const="no")

    def get_help_spec(self, ctx: click.Context) -> str:  # noqa: ARG002  click's signature
        return " / ".join([*self.opts, *self.secondary_opts])


def parameter_options() -> Iterator[click.Option]:
    """An option for each row of the parameter table."""
    for parameter in PARAMETERS.values():
        users = f"{', '.join(USERS[parameter.name].words)}: " if parameter.name in USERS else ""
        about: dict[str, Any] = {
            "group": parameter.group,
            "type": ParameterType(parameter.value_type),
            "help": f"{users}{parameter.about}",
        }
        letter = [f"-{parameter.letter}"] * bool(parameter.letter)
        if isinstance(parameter.value_type, Flag):
            yield SwitchOption(parameter.option, *letter, parameter.name, **about)
        else:
            yield TableOption([*letter, parameter.option, parameter.name], metavar=parameter.placeholder, **about)
        if parameter.name == "data":
            yield TableOption(
                [_DIGEST_OPTION, DIGEST],
                group=parameter.group,
                type=ParameterType(Sha256()),
                metavar=Sha256.placeholder,
                help="SHA-256 that the file of --data must have; a file that has changed is refused",
            )


def base_options(of_app: bool = False) -> Iterator[click.Option]:
    """The options --preset and --config, whose values the single options override."""
    alone = f"; without any option of a run, {BARE}" if of_app else ""
    presets = Choice(tuple(PRESETS)).allowed
    yield TableOption(
        ["-p", "--preset"],
        group="base",
        type=PresetType(),
        help=f"preset to start from ({presets}, or one of your own) [{DEFAULT}; with --data, {OWN_DATA}{alone}]",
    )
    yield TableOption(
        ["-c", "--config", "config_file"],
        group="base",
        type=FileName(),
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


def output_options(output: str, names: Sequence[str]) -> Iterator[click.Option]:
    """The options --format, with one of some names, --every, --output and --force; `output` is the help of --output."""
    formats = Choice(tuple(names))
    suffixes = ", ".join(filter(None, (EXPORTERS[name].suffix for name in names)))
    yield TableOption(
        ["-f", "--format", "style"],
        group="output",
        type=ParameterType(formats),
        help=f"output format ({formats.allowed}) [from the extension of FILE: {suffixes}; otherwise text]",
    )
    yield TableOption(
        ["--every"],
        group="output",
        type=ParameterType(Integer(1, 10**9)),
        default=1,
        help="write every Nth epoch, and the last one [1]",
    )
    yield TableOption(["-o", "--output"], group="output", type=FileName(), metavar="FILE", help=output)
    yield TableOption(["--force"], group="output", is_flag=True, help="overwrite FILE if it already has content")


def version_option() -> click.Option:
    """The option --version."""
    return _eager_flag(["-V", "--version"], _tell_version, "Show the version and exit.")


def _tell_version(ctx: click.Context, param: click.Parameter, asked: bool) -> None:  # noqa: ARG001  click's signature
    if asked and not ctx.resilient_parsing:
        refuse_closed_output()
        click.echo(f"{ctx.find_root().info_name} {__version__}")
        ctx.exit()


def configuration(preset: str | None, config_file: str | None, values: dict[str, Any]) -> RunConfig:
    """The configuration of the preset, overridden by the file and by the single options on the command line.

    A preset on the command line takes the place of one in the file. Without either, samples from a file have one of
    their own. Raises a usage error where a value is refused, or where an option would make no difference.
    """
    chosen = {name: values[name] for name in given_names() if name in PARAMETERS}
    filed = {} if config_file is None else _values_of(config_file)
    filed_digest, filed_preset = filed.pop(DIGEST, None), filed.pop("preset", None)
    if preset is None and filed_preset is not None:
        preset = _preset_of(config_file or "", filed_preset)
    own: OwnPreset | None = click.get_current_context().meta.get(_OWN_PRESET)
    digest, says = None if own is None else own.sha256, f"--preset {preset}"
    if filed.get("data"):
        digest, says = filed_digest, f"--config {shown_name(config_file or '')}"
    if values[DIGEST] is not None:
        digest, says = values[DIGEST], _DIGEST_OPTION
    elif "data" in chosen:  # which is another file
        digest = None
    click.get_current_context().meta.update({_FILED: filed, _DIGEST: (digest, says)})
    with options_named():
        given = {**filed, **chosen}
        base = own.config if own else PRESETS[preset or (OWN_DATA if given.get("data") else DEFAULT)]
        config = base.with_values(given)
        _check_used(config, chosen)
    if config.data is None and digest is not None:
        raise click.UsageError(f"{says} has no effect without --data FILE")
    return config


def is_bare() -> bool:
    """Whether nothing on the command line is about a run, or a moment of it."""
    return not {"preset", "config_file", "at", DIGEST, *PARAMETERS}.intersection(given_names())


def check_samples(problem: Problem) -> None:
    """Raises a usage error where the file of samples is not the one that the command, or its file, was made for."""
    digest, says = click.get_current_context().meta[_DIGEST]
    if digest is not None and digest != problem.sha256:
        name = shown_name(str(problem.source[0]))
        refuse(says, f"{name} has changed: its SHA-256 is {problem.sha256}; allowed: {digest}")


def _values_of(config_file: str) -> dict[str, Any]:
    from quadfit_tui.core.config.toml_file import read_values  # most commands need none
    from quadfit_tui.core.config.toml_table import TomlError

    try:
        return read_values(config_file)
    except TomlError as failure:
        refuse("--config", f"{quoted(config_file)} {failure}")
    except ConfigError as refused:
        refuse(f"--config {shown_name(config_file)}", f"{refused.names[0]} = {refused.problem}")


def _preset_of(config_file: str, name: str) -> str:
    """The preset that a configuration file names."""
    try:
        return PresetType().convert(name, None, click.get_current_context())
    except click.BadParameter as refused:
        refuse(f"--config {shown_name(config_file)}", f"preset = {refused.message}")


def _check_used(config: RunConfig, names: Iterable[str]) -> None:
    """Refuses a parameter that somebody asked for and that would make no difference."""
    for name in filter(config.unused.__contains__, names):
        if name in OF_MADE_SAMPLES:
            reason, allowed = f"has no effect with --data {shown_name(config.data or '')}", "one of the two options"
        elif name in OF_FILES:
            reason, allowed = "has no effect without --data", "with --data FILE"
        else:
            choice, words = USERS[name]
            reason = f"has no effect with {choice} {getattr(config, choice)}"
            allowed = f"with {PARAMETERS[choice].option} {either(words)}"
        raise ConfigError((name,), PARAMETERS[name].show(getattr(config, name)), reason, allowed)


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
            refuse(f"--config {shown_name(ctx.params['config_file'])}", f"{filed[0]} = {refused.problem}")
        if not chosen and (preset := ctx.params.get("preset")):
            refuse(f"--preset {preset}", f"{refused.names[0]} = {refused.problem}")
        refuse(" / ".join(PARAMETERS[name].option for name in refused.names), refused.problem)


def check_beside(option: str, *others: str) -> None:
    """Raises a usage error where one of other options, which are about something else, stands beside this one."""
    for name in given_names():
        if name in others:
            raise click.UsageError(f"{_option(name)} cannot be combined with {option}")


def check_needed(needed: Mapping[str, tuple[str, bool]], how: str = "has no effect without") -> None:
    """Raises a usage error where an option stands without what it is about: by its name, what that is, and whether it
    is there."""
    for name in given_names():
        what, is_there = needed.get(name, ("", True))
        if not is_there:
            raise click.UsageError(f"{_option(name)} {how} {what}")


def _option(name: str) -> str:
    """The option of one of click's parameters, as messages name it."""
    options = (param.opts for param in click.get_current_context().command.params if param.name == name)
    return max(next(options), key=len)


def refuse(option: str, problem: str) -> NoReturn:
    """Raises a usage error about an option; `problem` names the value and what is allowed."""
    raise click.BadParameter(problem, param_hint=f"'{option}'")


def check_theme(name: str, themes: Collection[str]) -> None:
    """Raises a usage error where there is no such theme."""
    if name not in themes:
        problem = did_you_mean(_("{name} is not one of the choices").format(name=quoted(name)), name, themes)
        refuse("--theme", with_allowed(problem, one_of([*themes])))


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
