"""Commands: what the commands of the app work with, each kind of them in an object of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from quadfit_tui.core.config.own_presets import Presets
from quadfit_tui.core.session.session import Session
from quadfit_tui.ui.tasks.training_loop import TrainingLoop
from quadfit_tui.ui.teaching import Teaching
from quadfit_tui.ui.terminal.terminal_app import TerminalApp


@dataclass
class Commands:
    """Some commands of an app; its methods named `action_…` are actions of the app, by the rest of their names.

    `keep` notes a setting that the user has changed; `show_anew` shows what depends on more than the present moment.
    """

    app: TerminalApp
    session: Session
    training: TrainingLoop
    presets: Presets
    teaching: Teaching
    keep: Callable[[str, str], None]
    show_anew: Callable[[], None]


def actions_of(*commands: object) -> dict[str, Callable[..., object]]:
    """The actions that objects have, each by its name: their methods `action_…`."""
    return {
        name.removeprefix("action_"): getattr(each, name)
        for each in commands
        for name in dir(each)
        if name.startswith("action_")
    }
