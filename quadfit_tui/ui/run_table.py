"""RunTable: the interface of a table of runs that T lists, by which sweeps are plugged into the app."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

from textual.screen import Screen

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.ui.display.capabilities import Capabilities


class RunTable(Protocol):
    """A table of runs trained elsewhere, one a row; each can be started in the app."""

    @property
    def config(self) -> RunConfig:
        """The configuration of the run with which the app starts."""

    def screen(self, capabilities: Capabilities, yield_to_keys: Callable[[], Awaitable[None]]) -> Screen[int]:
        """Returns the screen that lists the runs; its result is the row of the run to start."""

    def run(self, row: int) -> tuple[RunConfig, int]:
        """Returns the configuration of a row's run, and the number of epochs after which it ended."""
