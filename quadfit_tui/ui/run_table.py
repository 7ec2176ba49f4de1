"""RunTable: what the app asks of a table of runs that T lists; of sweeps it knows no more."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

from textual.screen import Screen

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.ui.display.capabilities import Capabilities


class RunTable(Protocol):
    """Runs that were trained elsewhere, a row each, of which one can be begun in the app."""

    @property
    def config(self) -> RunConfig:
        """The run that the app begins with."""

    def screen(self, capabilities: Capabilities, yield_to_keys: Callable[[], Awaitable[None]]) -> Screen[int]:
        """Returns the screen that lists the runs, and returns the row of the one to begin."""

    def run(self, row: int) -> tuple[RunConfig, int]:
        """Returns a run by its row, and the epochs after which it has ended."""
