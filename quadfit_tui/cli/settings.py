"""The settings that last: the table of them, the options of the same names, and the file that they are kept in."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from quadfit_tui.cli.output import NAME, complain
from quadfit_tui.cli.parsing.help import Help, TableOption
from quadfit_tui.cli.parsing.option_types import ParameterType, ViewType
from quadfit_tui.cli.parsing.options import view_of
from quadfit_tui.cli.user_folders import config_folder
from quadfit_tui.core.config.toml.settings_file import MOST_BYTES, Setting, Settings, read_settings, write_settings
from quadfit_tui.core.config.value_types import Choice, Either, Integer, Language, Text
from quadfit_tui.core.config.view_names import VIEW_NAMES, WITH_OPTIONS
from quadfit_tui.core.files import access, refusals
from quadfit_tui.core.session.playback import DEFAULT_SPEED, SPEEDS, Unit
from quadfit_tui.core.text.language import _, in_english, labeled, noted
from quadfit_tui.core.text.quoting import did_you_mean, quoted, shown_name

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

FILE_NAME = "settings.toml"
DEFAULT_FPS, MAX_FPS = 10, 60
_OF_THE_TERMINAL = ("theme", "fps", "form")
_WITH_LANGUAGE = re.compile(rb"^[\s\"']*language", re.MULTILINE)
_HEADING = "Settings of quadfit-tui. The app writes what you change in it; options of the command line go first."
_WORDS = Text(noted("words of its title, with commas"))


def _help_of_options(view: str) -> str:
    return _("options of the view {view}").format(view=view)


SETTINGS: dict[str, Setting] = {
    row.name: row
    for row in (
        Setting(
            "theme",
            Either("auto", None, Text(noted("the name of a theme, such as textual-light"))),
            noted("auto, to match the terminal"),
            noted("color theme"),
        ),
        Setting("speed", Choice(tuple(SPEEDS)), f"{DEFAULT_SPEED}", noted("epochs (or updates) per second")),
        Setting("unit", Choice(tuple(unit.value for unit in Unit)), Unit.EPOCH, noted("what it plays by")),
        Setting("view", Choice(VIEW_NAMES), VIEW_NAMES[0], noted("initial view")),
        *(Setting(f"options.{view}", _WORDS, noted("none"), partial(_help_of_options, view)) for view in WITH_OPTIONS),
        Setting("form", Choice(("folded", "unfolded")), "folded", noted("the settings of a run, below 100 columns")),
        Setting("fps", Integer(1, MAX_FPS), f"{DEFAULT_FPS}", noted("maximum frames per second")),
        Setting(
            "language",
            Either("auto", None, Language()),
            noted("auto, from the environment"),
            noted("language of what you read, of every command"),
        ),
    )
}


def settings_options() -> list[click.Option]:
    """The options of the app whose values may also stand in its settings, and --no-settings."""

    def option(name: str, help: Help = "", **attributes: Any) -> click.Option:
        return TableOption([f"--{name}"], group="screen", help=help or (lambda: SETTINGS[name].about), **attributes)

    def help_of_view() -> str:
        told = _("{initial_view}; with options: surface:near,third fixed; repeat it for the views beside it")
        about = SETTINGS["view"].about
        return told.format(initial_view=about)

    theme = noted("color theme, such as textual-light [light or dark, to match the terminal]")
    return [
        option("speed", type=ParameterType(SETTINGS["speed"].value_type)),
        option("fps", type=ParameterType(SETTINGS["fps"].value_type)),
        option("unit", type=ParameterType(SETTINGS["unit"].value_type)),
        option("view", type=ViewType(), multiple=True, help=help_of_view),
        option("theme", metavar="NAME", help=theme, shell_complete=complete_themes),
        option("no-settings", is_flag=True, help=noted("neither read your settings nor save what you change")),
    ]


def complete_themes(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The themes that a shell completes; of `run` those that a picture has without a terminal's own colors."""
    from click.shell_completion import CompletionItem

    from quadfit_tui.ui.themes import OF_TERMINAL, THEMES

    left_out = OF_TERMINAL if ctx.info_name == "run" and ctx.params.get("style") != "ansi" else ()
    return [CompletionItem(name) for name in THEMES if name.startswith(incomplete) and name not in left_out]


def saved_settings(*, of_a_moment: bool = False) -> Settings:
    """The settings in the user's file; `of_a_moment`, with --at, those of what only looks different."""
    settings = read_settings(_path(), SETTINGS)
    if not of_a_moment:
        return settings
    kept = {name: value for name, value in settings.values.items() if name in _OF_THE_TERMINAL}
    return settings._replace(values=kept)


def saved_language() -> str | None:
    """The language of the settings, for which every command looks; most have none, and are not read as TOML."""
    with suppress(OSError, ValueError):
        if _WITH_LANGUAGE.search(access.read(_path(), MOST_BYTES, waits=False)):
            return saved_settings().values.get("language")
    return None


def _path() -> str:
    return os.path.join(config_folder(), FILE_NAME)


def save_settings(changes: Mapping[str, str]) -> None:
    """Writes what was changed in the app; says in a line on standard error if that cannot be done."""
    if not changes:
        return
    from quadfit_tui.core.config.toml.toml_table import TomlError

    path = _path()
    with in_english():  # of a file that is the same in every language
        rows = [labeled(name, row.about) for name, row in SETTINGS.items()]
    try:
        write_settings(path, changes, [_HEADING, *rows, ""])
    except TomlError as broken:
        place = path if broken.line is None else f"{path}:{broken.line}"
        _tell_unsaved(place, broken.brief)
    except (OSError, ValueError) as failure:
        _tell_unsaved(path, refusals.reason(failure))


def _tell_unsaved(place: str, problem: str) -> None:
    told = _("your settings were not saved: {place}: {problem}").format(place=shown_name(place), problem=problem)
    complain(f"{NAME}: {told}")


class ChosenViews(NamedTuple):
    """The views to begin with, the active one first, each with the words chosen for its options; those of other views;
    and a line about each word of the settings that is none."""

    chosen: dict[str, dict[str, str]]
    words: dict[str, Mapping[str, str]]
    faults: list[str]


def chosen_views(options: Sequence[str], settings: Settings) -> ChosenViews:
    """The views as the options --view have them, or else the settings; a usage error where there is no such word.

    A view that the command line names has the words that stand there, and else those by default.
    """
    from quadfit_tui.ui.views.view_table import chosen_words

    words: dict[str, Mapping[str, str]] = {}
    faults = []
    for key, text in settings.values.items():
        table, _dot, name = key.rpartition(".")
        if table:
            try:
                words[name] = chosen_words(name, text)
            except ValueError as refused:
                faults.append(f"{settings.places[key]}: {key}: {refused}")
    chosen: dict[str, dict[str, str]] = {}
    for name, chosen_here in (view_of("--view", option) for option in options):
        chosen.setdefault(name, {}).update(chosen_here)
    if not chosen:
        first = str(settings.values.get("view", VIEW_NAMES[0]))
        chosen[first] = {**words.get(first, {})}
    return ChosenViews(chosen, words, faults)


def chosen_theme(settings: Settings) -> tuple[str | None, list[str]]:
    """The theme of the settings, None for one that matches the terminal; and a line about one that there is not."""
    from quadfit_tui.ui.themes import THEMES

    name = settings.values.get("theme")
    if name is None or name in THEMES:
        return name, []
    problem = did_you_mean(_("theme = {name} is not one of the choices").format(name=quoted(name)), name, THEMES)
    return None, [f"{settings.places['theme']}: {problem}"]
