"""The app's commands of the map: moving its cursor, and starting the run of the cell at the cursor."""

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

_IN_A_MAP = {"map", "limit", "forecast", "remedy"}  # facts that the map reveals
OF_THE_MAP = frozenset({"move_cell", "begin_cell", "leave_cell"})


@dataclass
class MapCommands(Commands):
    """The commands of the map, if that is the active view, with the MapWorker that computes it."""

    runs: RunCommands
    runner: InitVar[Runner | None] = None  # computes maps, if not the event loop between keys

    def __post_init__(self, runner: Runner | None) -> None:
        self.worker = MapWorker(
            self._show,
            self._start,
            self.training.yield_to_keys,
            why_withheld=self._why_withheld,
            runner=runner,
        )

    def _why_withheld(self) -> str:
        """Returns why a lesson hides the map now, as a sentence for the user; empty if it does not."""
        if self.teaching.withheld.isdisjoint(_IN_A_MAP):
            return ""
        from quadfit_tui.core.explain.diagnosis_page import WITHHELD_NOTICES  # imported late: only lessons need it

        return next(iter(self.teaching.waiting_message), _(WITHHELD_NOTICES["map"]))

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        """Starts computing a map in a worker after the next frame, which would otherwise wait for it."""
        self.app.call_after_refresh(self.app.run_worker, work, name="map", group="map", exclusive=True)

    def _show(self) -> None:
        """Shows the map and its message anew; called when a part is computed or the cursor moves."""
        if self.app.is_running:
            self.app.query_one(Panes).show_map()
            self.app.show_message()

    @property
    def has_cursor(self) -> bool:
        """Whether the arrow keys move the cursor of the map now."""
        panes = self.app.screen_stack[0].query_one_optional(Panes)  # None while the first screen is composed
        return panes is not None and panes.has_cursor

    @property
    def cell_messages(self) -> list[str]:
        """The message about the run at the cursor: what Enter does and how the run ends; the longest wording first.

        Empty if Enter starts no run here. While a run plays, or has ended, its own messages matter more until the user
        moves the cursor.
        """
        rate_map = self.worker.map
        cell = self.worker.cell
        is_moved = self.worker.cursor is not None
        is_shown = is_moved or self.session.status in (Status.READY, Status.PAUSED)
        if rate_map is None or rate_map.refusal or cell is None or not (is_shown and self.state_of("begin_cell")):
            return []
        if self.runs.plays_chosen is Playing.AT_ONCE:
            full, brief = _("Enter plays {run}: {known}."), _("Enter plays {run}.")
        else:
            full, brief = _("Enter starts {run}: {known}."), _("Enter starts {run}.")
        rate = rate_map.rate_name(cell[1])
        wordings = [
            (run, known) for run in (rate_map.name_in_brief(*cell), rate) for known in rate_map.outcome_texts(*cell)
        ]
        return [*(full.format(run=run, known=known) for run, known in wordings), brief.format(run=rate)]

    def state_of(self, action: str) -> bool:
        """Whether an action of OF_THE_MAP is possible now; in a lesson, Enter is so only once the cursor was moved."""
        if not self.has_cursor:
            return False
        is_moved = self.worker.cursor is not None
        match action:
            case "begin_cell":
                return is_moved or not self.teaching.is_open
            case "leave_cell":
                return is_moved and self.runs.reading is None  # else Esc stops the reading
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
        """Moves the cursor so many characters up and to the right; a character may show several cells."""
        if self.worker.cell is not None:
            self.action_point_at(*self.app.query_one(Panes).step_on_map(self.worker.cell, up, across))

    def action_point_at(self, row: int, column: int) -> None:
        """Moves the cursor to a cell, or to the nearest one within the map; called when the user clicks on the map."""
        rate_map = self.worker.map
        if rate_map is not None and not rate_map.refusal:
            row = min(max(row, 0), len(rate_map.levels) - 1)
            column = min(max(column, 0), len(rate_map.rates) - 1)
            self._move(rate_map.config(row, column))

    def action_leave_cell(self) -> None:
        """Moves the cursor back to the cell of the current run."""
        self._move(None)

    def _move(self, cursor: RunConfig | None) -> None:
        """Moves the cursor to the cell of a configuration; None: to that of the current run."""
        before, self.worker.cursor = self.worker.cursor, cursor
        self._show()
        if (before is None) != (cursor is None):  # then Enter and Esc mean something else
            self.app.refresh_bindings()

    def action_begin_cell(self) -> None:
        """Starts the run at the cursor as it was computed for the map; if the run has no map, one with full batches."""
        rate_map, cell = self.worker.map, self.worker.cell
        if rate_map is not None and rate_map.refusal and rate_map.task.config.batch != "full":
            self.runs.restart(rate_map.task.config.replace(batch="full"), plays=self.runs.plays_chosen)
        elif rate_map is not None and not rate_map.refusal and cell is not None:
            self.runs.restart(rate_map.config(*cell), plays=self.runs.plays_chosen)
