"""Commands: what the commands of the app work with, each kind of them in an object of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from quadfit_tui.core.config.own_presets import PresetCatalog
from quadfit_tui.core.session.session import RunSession
from quadfit_tui.ui.tasks.training_loop import TrainingLoop
from quadfit_tui.ui.teaching import Teaching
from quadfit_tui.ui.terminal.terminal_app import TerminalApp

Action = Callable[..., object]


@dataclass
class Commands:
    """Some commands of an app, and its `actions` by the names that keys and lists have for them.

    `record_setting` notes a setting that the user has changed; `show_anew` shows what depends on more than the present
    moment.
    """

    app: TerminalApp
    session: RunSession
    training: TrainingLoop
    presets: PresetCatalog
    teaching: Teaching
    record_setting: Callable[[str, str], None]
    show_anew: Callable[[], None]

    @property
    def actions(self) -> Mapping[str, Action]:
        raise NotImplementedError
