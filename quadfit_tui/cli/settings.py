"""The settings that last: the table of them, the options of the same names, and the file that they are kept in."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import click

from quadfit_tui.cli.output import NAME, print_error
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
_DROPPED = ("view", "options", "form")  # which versions before 1.0 saved: each start is at the scene
_WITH_LANGUAGE = re.compile(rb"^[\s\"']*language", re.MULTILINE)
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
    """The options of the app whose values may also stand in its settings, and --no-settings."""

    def option(name: str, help: Help = "", **attributes: Any) -> click.Option:
        return TableOption([f"--{name}"], group="screen", help=help or (lambda: SETTINGS[name].about), **attributes)

    def help_of_view() -> str:
        told = _(
            "initial view ({views}) [{view}]; with options: surface:near,third fixed; repeat it for the views beside it"
        )
        return told.format(views=Choice(VIEW_NAMES).allowed, view=VIEW_NAMES[0])

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
    """The themes that a shell completes; of `run` those that a picture has without a terminal's own colors."""
    from click.shell_completion import CompletionItem

    from quadfit_tui.ui.themes import OF_TERMINAL, THEMES

    left_out = OF_TERMINAL if ctx.info_name == "run" and ctx.params.get("style") != "ansi" else ()
    return [CompletionItem(name) for name in THEMES if name.startswith(incomplete) and name not in left_out]


def saved_settings(*, of_a_moment: bool = False) -> Settings:
    """The settings in the user's file; `of_a_moment`, with --at, those of what only looks different."""
    settings = read_settings(_path(), SETTINGS, _DROPPED)
    if not of_a_moment:
        return settings
    kept = {name: value for name, value in settings.values.items() if name in _OF_THE_TERMINAL}
    return settings._replace(values=kept, dropped=())


def saved_language() -> str | None:
    """The language of the settings, for which every command looks; most have none, and are not read as TOML."""
    with suppress(OSError, ValueError):
        if _WITH_LANGUAGE.search(access.read(_path(), MOST_BYTES, waits=False)):
            return saved_settings().values.get("language")
    return None


def _path() -> str:
    return os.path.join(config_folder(), FILE_NAME)


def about_dropped(settings: Settings) -> list[str]:
    """A line about the keys of the file that have no effect any more, if there are any."""
    if not settings.dropped:
        return []
    told = _("settings.toml: {names}: no longer kept; each start begins with Fit, and --view chooses another view.")
    return [told.format(names=comma_separated(settings.dropped))]


def save_settings(changes: Mapping[str, str], dropped: Sequence[str] = ()) -> None:
    """Writes what was changed in the app, and takes out what was dropped; says in a line on standard error if what was
    changed cannot be written."""
    if not changes and not dropped:
        return
    from quadfit_tui.core.config.toml.toml_table import TomlError

    path = _path()
    with in_english():  # of a file that is the same in every language
        rows = [labeled(name, row.about) for name, row in SETTINGS.items()]
    try:
        write_settings(path, changes, [_HEADING, *rows, ""], dropped)
    except TomlError as broken:
        place = path if broken.line is None else f"{path}:{broken.line}"
        _tell_unsaved(place, broken.brief)
    except (OSError, ValueError) as failure:
        if changes:  # an administrator may have written the file
            _tell_unsaved(path, refusals.reason(failure))


def _tell_unsaved(place: str, problem: str) -> None:
    told = _("your settings were not saved: {place}: {problem}").format(place=shown_name(place), problem=problem)
    print_error(f"{NAME}: {told}")


def chosen_views(options: Sequence[str]) -> dict[str, dict[str, str]]:
    """The views to begin with, the active one first, each with the words chosen for its options.

    They are those of the options --view, or else the first; a usage error where there is no such word.
    """
    chosen: dict[str, dict[str, str]] = {}
    for name, words in (view_of("--view", option) for option in options):
        chosen.setdefault(name, {}).update(words)
    return chosen or {VIEW_NAMES[0]: {}}


def chosen_theme(settings: Settings) -> tuple[str | None, list[str]]:
    """The theme of the settings, None for one that matches the terminal; and a line about one that there is not."""
    from quadfit_tui.ui.themes import THEMES

    name = settings.values.get("theme")
    if name is None or name in THEMES:
        return name, []
    problem = did_you_mean(_("theme = {name} is not one of the choices").format(name=quoted(name)), name, THEMES)
    return None, [f"{settings.places['theme']}: {problem}"]
