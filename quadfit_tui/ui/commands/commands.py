"""Commands: the base of the app's groups of commands, with the objects that they work on."""

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
    """A group of the app's commands, with `actions` by the names that bindings and lists use.

    `record_setting` notes a setting that the user has changed; `refresh_all` refreshes what depends on more than the
    present moment.
    """

    app: TerminalApp
    session: RunSession
    training: TrainingLoop
    presets: PresetCatalog
    teaching: Teaching
    record_setting: Callable[[str, str], None]
    refresh_all: Callable[[], None]

    @property
    def actions(self) -> Mapping[str, Action]:
        """The methods of the group by the names of their actions."""
        raise NotImplementedError
