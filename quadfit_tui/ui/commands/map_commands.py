"""The app's commands of the map: its cursor, and the run at that."""

from __future__ import annotations

from collections.abc import Coroutine, Mapping
from dataclasses import InitVar, dataclass
from typing import Any

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.text.language import _
from quadfit_tui.core.training.status import Status
from quadfit_tui.ui.commands.commands import Action, Commands
from quadfit_tui.ui.commands.run_commands import Playing, RunCommands
from quadfit_tui.ui.tasks.diagnosis_worker import Runner
from quadfit_tui.ui.tasks.map_worker import MapWorker
from quadfit_tui.ui.widgets.panes import Panes

_IN_A_MAP = {"map", "limit", "forecast", "remedy"}  # what it tells
OF_THE_MAP = frozenset({"move_cell", "begin_cell", "leave_cell"})


@dataclass
class MapCommands(Commands):
    """Moves the cursor of the map that is the active view, and begins the run at it."""

    runs: RunCommands
    runner: InitVar[Runner | None] = None  # works maps out, where that is not done beside the keys

    def __post_init__(self, runner: Runner | None) -> None:
        self.worker = MapWorker(
            self._show,
            self._start,
            self.training.yield_to_keys,
            held_back=self._held_back,
            runner=runner,
        )

    def _held_back(self) -> str:
        """Why nothing of a map is to be seen now; empty where it is."""
        if self.teaching.withheld.isdisjoint(_IN_A_MAP):
            return ""
        from quadfit_tui.core.explain.diagnosis_page import HELD_BACK  # only lessons do

        return next(iter(self.teaching.waits_for), _(HELD_BACK["map"]))

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        """Begins with it once what is to be seen is: the first picture would wait for it."""
        self.app.call_after_refresh(self.app.run_worker, work, name="map", group="map", exclusive=True)

    def _show(self) -> None:
        if self.app.is_running:
            self.app.query_one(Panes).show_map()
            self.app.show_message()

    @property
    def has_cursor(self) -> bool:
        """Whether keys move the cursor of the map now."""
        panes = self.app.screen_stack[0].query_one_optional(Panes)  # none yet as the first screen is made
        return panes is not None and panes.has_cursor

    @property
    def map_sentences(self) -> list[str]:
        """What Enter does at the cursor and what is known of that run, in ever shorter ways; nothing where it does not.

        While a run goes on, or has ended, that is worth more until somebody moves the cursor.
        """
        found, cell, is_moved = self.worker.map, self.worker.cell, self.worker.cursor is not None
        stands = is_moved or self.session.status in (Status.READY, Status.PAUSED)
        if found is None or found.refusal or cell is None or not (stands and self.state_of("begin_cell")):
            return []
        if self.runs.plays_chosen is Playing.AT_ONCE:
            full, brief = _("Enter plays {run}: {known}."), _("Enter plays {run}.")
        else:
            full, brief = _("Enter starts {run}: {known}."), _("Enter starts {run}.")
        rate = found.rate_name(cell[1])
        ways = [(run, known) for run in (found.name_in_brief(*cell), rate) for known in found.known(*cell)]
        return [*(full.format(run=run, known=known) for run, known in ways), brief.format(run=rate)]

    def state_of(self, action: str) -> bool:
        """Whether one of these actions can be done now; Enter is a lesson's until somebody has moved the cursor."""
        if not self.has_cursor:
            return False
        is_moved = self.worker.cursor is not None
        match action:
            case "begin_cell":
                return is_moved or not self.teaching.is_open
            case "leave_cell":
                return is_moved and self.runs.reading is None  # which Esc stops
        return True

    @property
    def actions(self) -> Mapping[str, Action]:
        return {
            "move_cell": self.action_move_cell,
            "point_at": self.action_point_at,
            "leave_cell": self.action_leave_cell,
            "begin_cell": self.action_begin_cell,
        }

    def action_move_cell(self, up: int, across: int) -> None:
        """Moves the cursor so many characters up and across, each of which may show several cells."""
        if self.worker.cell is not None:
            self.action_point_at(*self.app.query_one(Panes).beside_on_map(self.worker.cell, up, across))

    def action_point_at(self, row: int, column: int) -> None:
        """Moves the cursor to a cell, or the nearest one that there is."""
        found = self.worker.map
        if found is not None and not found.refusal:
            row = min(max(row, 0), len(found.levels) - 1)
            column = min(max(column, 0), len(found.rates) - 1)
            self._move(found.config(row, column))

    def action_leave_cell(self) -> None:
        """Moves the cursor back to where the run is."""
        self._move(None)

    def _move(self, cursor: RunConfig | None) -> None:
        before, self.worker.cursor = self.worker.cursor, cursor
        self._show()
        if (before is None) != (cursor is None):  # Enter and Esc have something else to do
            self.app.refresh_bindings()

    def action_begin_cell(self) -> None:
        """Begins the run at the cursor, exactly as it was worked out for the map."""
        found, cell = self.worker.map, self.worker.cell
        if found is not None and found.refusal and found.task.config.batch != "full":
            self.runs.restart(found.task.config.replace(batch="full"), plays=self.runs.plays_chosen)
        elif found is not None and not found.refusal and cell is not None:
            self.runs.restart(found.config(*cell), plays=self.runs.plays_chosen)
