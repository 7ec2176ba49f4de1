"""The commands of the palette: every key of the app, fields, twins, presets, themes, and what has no key."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from textual.app import App
from textual.binding import Binding

from quadfit_tui.core.config.parameters import PARAMETERS
from quadfit_tui.core.config.presets import SUMMARIES
from quadfit_tui.core.export.subjects import SUBJECTS
from quadfit_tui.core.session.twins import TWINS
from quadfit_tui.ui.keymap import KEYS
from quadfit_tui.ui.screens.list_screen import Command
from quadfit_tui.ui.terminal.terminal_app import SUSPEND, spelled


def commands(
    app: App[Any],
    unused: Collection[str] = (),
    bindings: Iterable[Binding] = KEYS,
    presets: Mapping[str, str] = SUMMARIES,
) -> list[Command]:
    """All commands, those of keys first, in words that the terminal of the app can show.

    `unused` are the parameters that have no field, `bindings` the keys that have something to do now, `presets` are
    what each preset is.
    """
    keys = (*bindings, SUSPEND)
    listed = [Command(_words(key), key.key_display or app.get_key_display(key), key.action) for key in keys]
    listed += [
        Command(f"go to the field {parameter.label}: {parameter.help}", "", f"edit('{name}')")
        for name, parameter in PARAMETERS.items()
        if name not in unused and f"edit('{name}')" not in {command.action for command in listed}
    ]
    listed += [Command(f"start a twin: {row.words}", "", f"twin_of('{name}')") for name, row in TWINS.items()]
    listed += [Command(f"preset {name}: {summary}", "", f"preset('{name}')") for name, summary in presets.items()]
    listed += [Command(f"theme {name}", "", f"theme('{name}')") for name in app.available_themes]
    listed += [Command(f"save the {row.name}: {row.about}", "", f"save('{name}')") for name, row in SUBJECTS.items()]
    listed.append(Command("save a screenshot", "", "screenshot"))
    return [Command(spelled(app, words), spelled(app, key), action) for words, key, action in listed]


def _words(key: Binding) -> str:
    """What a key does: as on the help page, but where two share the words there; with its name in the footer."""
    return f"{key.description}: {key.tooltip}" if key.show or key is SUSPEND else key.description
