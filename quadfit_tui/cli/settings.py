"""The settings that last: the table of them, the options of the same names, and the file that they are kept in."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import click

from quadfit_tui.cli.output.printing import NAME, print_error
from quadfit_tui.cli.parsing.help import Help, TableOption
from quadfit_tui.cli.parsing.option_types import ParameterType, ViewType
from quadfit_tui.cli.parsing.options import view_of
from quadfit_tui.cli.user_folders import config_folder
from quadfit_tui.core.config.toml.settings_file import MOST_BYTES, Setting, Settings, read_settings, write_settings
from quadfit_tui.core.config.value_types import Choice, Either, Integer, Language, Text
from quadfit_tui.core.config.view_names import VIEW_NAMES
from quadfit_tui.core.files import access, refusals
from quadfit_tui.core.session.playback import DEFAULT_SPEED, SPEEDS, Unit
from quadfit_tui.core.text.language import N_, _, comma_separated, in_english, labeled
from quadfit_tui.core.text.quoting import did_you_mean, quoted, shown_name

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

FILE_NAME = "settings.toml"
DEFAULT_FPS, MAX_FPS = 10, 60
_OF_THE_TERMINAL = ("theme", "fps")
_DROPPED = ("view", "options", "form")  # keys that only versions before 1.0 saved
_LANGUAGE_KEY = re.compile(rb"^[\s\"']*language", re.MULTILINE)
_HEADING = "Settings of quadfit-tui. The app writes what you change in it; options of the command line go first."


SETTINGS: dict[str, Setting] = {
    row.name: row
    for row in (
        Setting(
            "theme",
            Either("auto", None, Text(N_("the name of a theme, such as textual-light"))),
            N_("auto, to match the terminal"),
            N_("color theme"),
        ),
        Setting("speed", Choice(tuple(SPEEDS)), f"{DEFAULT_SPEED}", N_("epochs (or updates) per second")),
        Setting("unit", Choice(tuple(unit.value for unit in Unit)), Unit.EPOCH, N_("what it plays by")),
        Setting("fps", Integer(1, MAX_FPS), f"{DEFAULT_FPS}", N_("maximum frames per second")),
        Setting(
            "language",
            Either("auto", None, Language()),
            N_("auto, from the environment"),
            N_("language of what you read, of every command"),
        ),
    )
}


def settings_options() -> list[click.Option]:
    """Returns the app's options whose values its settings may hold, and --view and --no-settings."""

    def option(name: str, help: Help = "", **attributes: Any) -> click.Option:
        return TableOption([f"--{name}"], group="screen", help=help or (lambda: SETTINGS[name].about), **attributes)

    def help_of_view() -> str:
        template = _(
            "initial view ({views}) [{view}]; with options: surface:near,third fixed; repeat it for the views beside it"
        )
        return template.format(views=Choice(VIEW_NAMES).allowed, view=VIEW_NAMES[0])

    theme = N_("color theme, such as textual-light [light or dark, to match the terminal]")
    return [
        option("speed", type=ParameterType(SETTINGS["speed"].value_type)),
        option("fps", type=ParameterType(SETTINGS["fps"].value_type)),
        option("unit", type=ParameterType(SETTINGS["unit"].value_type)),
        option("view", type=ViewType(), multiple=True, help=help_of_view),
        option("theme", metavar="NAME", help=theme, shell_complete=complete_themes),
        option("no-settings", is_flag=True, help=N_("neither read your settings nor save what you change")),
    ]


def complete_themes(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Returns the themes that a shell completes; `run` without the terminal's own ones unless its format is ansi."""
    from click.shell_completion import CompletionItem

    from quadfit_tui.ui.themes import OF_TERMINAL, THEMES

    excluded = OF_TERMINAL if ctx.info_name == "run" and ctx.params.get("style") != "ansi" else ()
    return [CompletionItem(name) for name in THEMES if name.startswith(incomplete) and name not in excluded]


def saved_settings(*, of_a_moment: bool = False) -> Settings:
    """Loads the settings from the user's file.

    `of_a_moment` (the app with --at) keeps only those of how the terminal looks: theme and fps.
    """
    settings = read_settings(_path(), SETTINGS, _DROPPED)
    if not of_a_moment:
        return settings
    values = {name: value for name, value in settings.values.items() if name in _OF_THE_TERMINAL}
    return settings._replace(values=values, dropped=())


def saved_language() -> str | None:
    """Returns the language in the user's settings or None; called by each command, so TOML is parsed only if needed."""
    with suppress(OSError, ValueError):
        if _LANGUAGE_KEY.search(access.read(_path(), MOST_BYTES, waits=False)):
            return saved_settings().values.get("language")
    return None


def _path() -> str:
    return os.path.join(config_folder(), FILE_NAME)


def about_dropped(settings: Settings) -> list[str]:
    """Returns a line about the keys of the settings file that no longer have an effect; empty without such keys."""
    if not settings.dropped:
        return []
    template = _("settings.toml: {names}: no longer kept; each start begins with Fit, and --view chooses another view.")
    return [template.format(names=comma_separated(settings.dropped))]


def save_settings(changes: Mapping[str, str], dropped: Sequence[str] = ()) -> None:
    """Writes the settings that the user changed in the app, and removes the dropped keys; called when the app ends.

    Prints a line to standard error if changes cannot be written.
    """
    if not changes and not dropped:
        return
    from quadfit_tui.core.config.toml.toml_table import TomlError

    path = _path()
    with in_english():  # the comments of the file are the same in every language
        rows = [labeled(name, row.about) for name, row in SETTINGS.items()]
    try:
        write_settings(path, changes, [_HEADING, *rows, ""], dropped)
    except TomlError as broken:
        place = path if broken.line is None else f"{path}:{broken.line}"
        _print_unsaved(place, broken.brief)
    except (OSError, ValueError) as failure:
        if changes:  # an administrator may have written the file
            _print_unsaved(path, refusals.reason(failure))


def _print_unsaved(place: str, problem: str) -> None:
    message = _("your settings were not saved: {place}: {problem}").format(place=shown_name(place), problem=problem)
    print_error(f"{NAME}: {message}")


def chosen_views(options: Sequence[str]) -> dict[str, dict[str, str]]:
    """Returns the views with which the app starts, the active one first, each with the words chosen for its options.

    They come from the options --view; without any, the first view is used. Raises a usage error about an unknown word.
    """
    views: dict[str, dict[str, str]] = {}
    for option in options:
        name, words = view_of("--view", option)
        views.setdefault(name, {}).update(words)
    return views or {VIEW_NAMES[0]: {}}


def chosen_theme(settings: Settings) -> tuple[str | None, list[str]]:
    """Returns the theme of the settings, or None to match the terminal; and lines about an unknown one."""
    from quadfit_tui.ui.themes import THEMES

    name = settings.values.get("theme")
    if name is None or name in THEMES:
        return name, []
    problem = did_you_mean(_("theme = {name} is not one of the choices").format(name=quoted(name)), name, THEMES)
    return None, [f"{settings.places['theme']}: {problem}"]
