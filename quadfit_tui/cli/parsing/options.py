"""The options of a run, made from the parameter table, and the RunConfig that they give."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

import click

from quadfit_tui import __version__
from quadfit_tui.cli.parsing.help import SwitchOption, TableOption, refuse_closed_output
from quadfit_tui.cli.parsing.option_types import ABOUT_VIEWS, OWN_PRESET, FileName, ParameterType, PresetType
from quadfit_tui.core.config.own_presets import UserPreset
from quadfit_tui.core.config.parameters import (
    DIGEST,
    OF_FILES,
    OF_MADE_SAMPLES,
    PARAMETERS,
    USED_BY,
    ConfigError,
    Parameter,
    RunConfig,
    Users,
)
from quadfit_tui.core.config.presets import BARE, DEFAULT, OWN_DATA, PRESETS
from quadfit_tui.core.config.value_types import Choice, Flag, Integer, Sha256
from quadfit_tui.core.export.formats import EXPORTERS
from quadfit_tui.core.files import access, refusals
from quadfit_tui.core.files.home import NoHomeError
from quadfit_tui.core.text.language import N_, _, comma_separated, join_or, labeled, one_of
from quadfit_tui.core.text.quoting import did_you_mean, quoted, shown_name, with_allowed, with_problem

if TYPE_CHECKING:
    from quadfit_tui.core.model.problem import Dataset

CONFINED, CONFINED_TO = "--confined", "--confined-to"
LARGEST_OPTION_FILE = 10_000_000  # largest size in bytes of a file that a command passes on
DIGEST_OPTION = f"--{DIGEST.replace('_', '-')}"
# Keys of a context's `meta`:
_CONFINED = f"{__name__}.confined"  # which of --confined and --confined-to was used
_DIGEST = f"{__name__}.digest"  # the SHA-256 that the samples must have, and the option that asks for it
_FILED = f"{__name__}.filed"  # the values of the file of --config


def view_of(option: str, text: str) -> tuple[str, dict[str, str]]:
    """Parses `view:words` of an option into the view and its options; raises a usage error about an unknown word."""
    from quadfit_tui.ui.views.view_table import parse_option_values

    name, _colon, words = text.partition(":")
    try:
        return name, parse_option_values(name, words)
    except ValueError as refused:
        refuse(option, str(refused))


def about_views() -> list[str]:
    """Returns a line about each removed view that the command line names, for standard error."""
    return [*click.get_current_context().meta.get(ABOUT_VIEWS, {}).values()]


def parameter_options(type_of: Callable[[Parameter], ParameterType] | None = None) -> Iterator[click.Option]:
    """Yields an option for each row of the parameter table; with `type_of`, each may be repeated, as in `sweep`."""
    for parameter in PARAMETERS.values():
        attributes: dict[str, Any] = {
            "group": parameter.group,
            "type": type_of(parameter) if type_of else ParameterType(parameter.value_type),
            "multiple": type_of is not None,
            "help": partial(_help_of, parameter),
        }
        letter = [f"-{parameter.letter}"] if parameter.letter else []
        if isinstance(parameter.value_type, Flag):
            yield SwitchOption(parameter.option, *letter, parameter.name, **attributes)
        else:
            yield TableOption([*letter, parameter.option, parameter.name], metavar=parameter.placeholder, **attributes)
        if parameter.name == "data":
            yield TableOption(
                [DIGEST_OPTION, DIGEST],
                group=parameter.group,
                type=ParameterType(Sha256()),
                metavar=Sha256.placeholder,
                help=N_("SHA-256 that the file of --data must have; a file that has changed is refused"),
            )


def _help_of(parameter: Parameter) -> str:
    """Returns the help of a parameter's option, after the choices (such as optimizers) that use it."""
    if parameter.name not in USED_BY:
        return parameter.about
    return labeled(comma_separated(USED_BY[parameter.name].words), parameter.about)


def base_options(of_app: bool = False) -> Iterator[click.Option]:
    """Yields the options --preset and --config, whose values the options of single parameters override."""
    yield TableOption(["-p", "--preset"], group="base", type=PresetType(), help=partial(_help_of_presets, of_app))
    yield TableOption(
        ["-c", "--config", "config_file"],
        group="base",
        type=FileName(),
        metavar="FILE",
        help=N_("TOML file with any of the parameters below; overrides the preset"),
    )


def _help_of_presets(of_app: bool) -> str:
    template = _("preset to start from ({presets}, or one of your own) [{default}; with --data, {of_data}]")
    if of_app:
        template = _(
            "preset to start from ({presets}, or one of your own) "
            "[{default}; with --data, {of_data}; without any option of a run, {bare}]"
        )
    return template.format(presets=Choice(tuple(PRESETS)).allowed, default=DEFAULT, of_data=OWN_DATA, bare=BARE)


def _eager_flag(
    names: list[str], callback: Callable[[click.Context, click.Parameter, bool], None], help: str
) -> click.Option:
    """Returns an option without a value whose callback runs before the other options are processed."""
    return TableOption(names, is_flag=True, is_eager=True, expose_value=False, callback=callback, help=help)


def confined_options() -> Iterator[click.Option]:
    """Yields the options --confined and --confined-to, which limit all file access to a folder; parsed first."""
    about = N_("only read and write files below your home directory (for shared servers)")
    yield _eager_flag([CONFINED], _confine, about)
    yield TableOption(
        [CONFINED_TO],
        type=FileName(),
        metavar="DIR",
        is_eager=True,
        expose_value=False,
        callback=_confine,
        help=N_("only read and write files below this directory, which ~ then means"),
    )


def _confine(ctx: click.Context, param: click.Parameter, asked: bool | str | None) -> None:
    """Limits file access to a folder; the callback of --confined and --confined-to, of which only one is allowed."""
    option, folder = param.opts[0], asked if isinstance(asked, str) else None
    other: str | None = ctx.meta.get(_CONFINED)
    if not asked and folder is None:
        if other is None:
            access.configure()
        return
    if other not in (None, option):
        raise click.UsageError(_("{option} cannot be combined with {other}").format(option=option, other=other))
    ctx.meta[_CONFINED] = option
    # Some of Textual's variables name modules to load or files to write.
    for name in [name for name in os.environ if name.startswith("TEXTUAL")]:
        del os.environ[name]
    try:
        access.configure(True, folder)
    except NoHomeError as refused:
        named = option if folder is None else f"{option} {quoted(folder)}"
        raise click.UsageError(labeled(named, f"{refused}")) from None


def output_options() -> Iterator[click.Option]:
    """Yields the options --format, --every, --output and --force of commands that write epochs."""
    formats = Choice(tuple(EXPORTERS))

    def help_of_formats() -> str:
        template = _("output format ({formats}) [from the extension of FILE: {suffixes}; otherwise text]")
        suffixes = comma_separated([row.suffix for row in EXPORTERS.values() if row.suffix])
        return template.format(formats=formats.allowed, suffixes=suffixes)

    yield TableOption(["-f", "--format", "style"], group="output", type=ParameterType(formats), help=help_of_formats)
    yield TableOption(
        ["--every"],
        group="output",
        type=ParameterType(Integer(1, 10**9)),
        default=1,
        help=N_("write every Nth epoch, and the last one [1]"),
    )
    about = N_("write to this file instead of standard output")
    yield TableOption(["-o", "--output"], group="output", type=FileName(), metavar="FILE", help=about)
    yield force_option()


def force_option() -> click.Option:
    """Returns the option --force, which allows overwriting a file."""
    about = N_("overwrite FILE if it already has content")
    return TableOption(["--force"], group="output", is_flag=True, help=about)


def version_option() -> click.Option:
    """Returns the option --version, which prints the version and exits."""
    return _eager_flag(["-V", "--version"], _print_version, N_("Show the version and exit."))


def _print_version(ctx: click.Context, param: click.Parameter, asked: bool) -> None:  # noqa: ARG001  click's signature
    if asked and not ctx.resilient_parsing:
        refuse_closed_output()
        click.echo(f"{ctx.find_root().info_name} {__version__}")
        ctx.exit()


class Layers(NamedTuple):
    """The sources of a run's configuration: the base preset, the values that override it, those of them from options.

    `given` has all values that override `base`, from the file and from options; `chosen` only those from options.
    `swept` is the table of a sweep in the file of --config, not parsed yet.
    """

    base: RunConfig
    given: dict[str, Any]
    chosen: dict[str, Any]
    swept: dict[str, Any]


def configuration(preset: str | None, config_file: str | None, values: dict[str, Any]) -> RunConfig:
    """Returns the run's configuration: the preset, overridden by the file of --config, overridden by single options.

    Raises a usage error if a value is refused, or if an option would have no effect.
    """
    layers = read_layers(preset, config_file, values)
    with as_usage_errors():
        config = layers.base.with_values(layers.given)
        check_used(config, layers.chosen)
    check_digest_used(config)
    return config


def read_layers(preset: str | None, config_file: str | None, values: dict[str, Any], *, sweeps: bool = False) -> Layers:
    """Reads the preset, the file of --config and the single options, without merging them yet.

    A preset on the command line overrides one in the file. Without either, the base is the preset OWN_DATA for samples
    from a file, else DEFAULT. `sweeps`: the file may be that of a sweep. Raises usage errors.
    """
    chosen = {name: values[name] for name in typed_option_names() if name in PARAMETERS}
    filed = {} if config_file is None else _values_of(config_file, sweeps)
    swept = filed.pop("sweep", {})
    filed_digest, filed_preset = filed.pop(DIGEST, None), filed.pop("preset", None)
    if preset is None and filed_preset is not None:
        preset = _preset_of(config_file or "", filed_preset)
    own: UserPreset | None = click.get_current_context().meta.get(OWN_PRESET)
    digest, origin = None if own is None else own.sha256, f"--preset {preset}"
    if filed.get("data"):
        digest, origin = filed_digest, f"--config {shown_name(config_file or '')}"
    if values[DIGEST] is not None:
        digest, origin = values[DIGEST], DIGEST_OPTION
    elif "data" in chosen:  # --data names another file than preset and --config
        digest = None
    click.get_current_context().meta.update({_FILED: filed, _DIGEST: (digest, origin)})
    given = {**filed, **chosen}
    base = own.config if own else PRESETS[preset or (OWN_DATA if given.get("data") else DEFAULT)]
    return Layers(base, given, chosen, swept)


def is_bare() -> bool:
    """Whether the command line has no option about a run or its moment, so that the app starts with the preset BARE."""
    return not {"preset", "config_file", "at", DIGEST, *PARAMETERS}.intersection(typed_option_names())


def check_digest_used(config: RunConfig) -> None:
    """Raises a usage error if a SHA-256 is required of the samples, but they come from no file."""
    digest, origin = click.get_current_context().meta[_DIGEST]
    if config.data is None and digest is not None:
        raise click.UsageError(_("{option} has no effect without {other}").format(option=origin, other="--data FILE"))


def refuse_one_input() -> NoReturn:
    """Raises the usage error about --data and --config that both name standard input."""
    raise click.UsageError(_("--data and --config cannot both read standard input; name a file for one of them"))


def check_samples(problem: Dataset) -> None:
    """Raises a usage error if the samples' file has another SHA-256 than the option, preset or file requires."""
    digest, origin = click.get_current_context().meta[_DIGEST]
    if digest is not None and digest != problem.sha256:
        template = _("{file} has changed: its SHA-256 is {sha256}; allowed: {expected}")
        name = shown_name(str(problem.source[0]))
        refuse(origin, template.format(file=name, sha256=problem.sha256, expected=digest))


def _values_of(config_file: str, sweeps: bool) -> dict[str, Any]:
    """Reads the values of a configuration file; raises a usage error about --config."""
    from quadfit_tui.core.config.toml.toml_file import read_values  # most commands need none
    from quadfit_tui.core.config.toml.toml_table import TomlError

    try:
        return read_values(config_file, sweeps=sweeps)
    except TomlError as failure:
        refuse("--config", with_problem(quoted(config_file), str(failure)))
    except ConfigError as refused:
        refuse(f"--config {shown_name(config_file)}", f"{refused.names[0]} = {refused.problem}")


def _preset_of(config_file: str, name: str) -> str:
    """Returns the name of the preset that a configuration file names; raises a usage error if there is none."""
    try:
        return PresetType().convert(name, None, click.get_current_context())
    except click.BadParameter as refused:
        refuse(f"--config {shown_name(config_file)}", f"preset = {refused.message}")


def check_used(config: RunConfig, names: Iterable[str]) -> None:
    """Raises ConfigError about the first of the named parameters that has no effect in this configuration."""
    for name in names:
        if name not in config.unused:
            continue
        if name in OF_MADE_SAMPLES:
            reason = _("has no effect with --data {file}").format(file=shown_name(config.data or ""))
            allowed = _("one of the two options")
        elif name in OF_FILES:
            reason, allowed = _("has no effect without --data"), _("with --data FILE")
        else:
            choice = USED_BY[name].choice
            reason = _("has no effect with {choice} {word}").format(choice=choice, word=getattr(config, choice))
            allowed = usage_condition(USED_BY[name])
        raise ConfigError((name,), PARAMETERS[name].show(getattr(config, name)), reason, allowed)


def usage_condition(users: Users) -> str:
    """Returns the condition under which a parameter has an effect: `with --optimizer momentum or nesterov`."""
    return _("with {option} {words}").format(option=PARAMETERS[users.choice].option, words=join_or(users.words))


def typed_option_names() -> list[str]:
    """Returns the names of click's parameters that the user typed on the command line, whatever their values."""
    ctx = click.get_current_context()
    names = [param.name for param in ctx.command.params if param.name]
    return [name for name in names if ctx.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE]


@contextmanager
def as_usage_errors() -> Iterator[None]:
    """Turns a ConfigError into a usage error that names the option, file or preset with the refused value."""
    try:
        yield
    except ConfigError as refused:
        ctx = click.get_current_context()
        chosen = not {*typed_option_names()}.isdisjoint(refused.names)
        filed = [name for name in refused.names if name in ctx.meta.get(_FILED, ())]
        if not chosen and filed:
            file = shown_name(ctx.params["config_file"])
            refuse(f"--config {file}", f"{filed[0]} = {refused.problem}")
        if not chosen and (preset := ctx.params.get("preset")):
            refuse(f"--preset {preset}", f"{refused.names[0]} = {refused.problem}")
        refuse(" / ".join(PARAMETERS[name].option for name in refused.names), refused.problem)


def refuse(option: str, problem: str) -> NoReturn:
    """Raises a usage error about an option; `problem` describes the value and what is allowed."""
    raise click.BadParameter(problem, param_hint=f"'{option}'")


def read_option_file(option: str, path: str, what: str, most: int = LARGEST_OPTION_FILE) -> tuple[str, bytes]:
    """Reads the file that an option names; returns its name without folders and its content, at most `most` bytes.

    Raises a usage error that describes an allowed file by the words of `what`.
    """
    try:
        return os.path.basename(path), access.read(path, most)
    except OSError as failure:
        refuse(option, with_problem(quoted(path), refusals.read_error_with_allowed(failure, what, most)))


def check_theme(name: str, themes: Collection[str]) -> None:
    """Raises a usage error if a theme is not among the given ones."""
    if name not in themes:
        problem = did_you_mean(_("{name} is not one of the choices").format(name=quoted(name)), name, themes)
        refuse("--theme", with_allowed(problem, one_of([*themes])))
