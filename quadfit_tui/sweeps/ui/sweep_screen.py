"""The runs of a sweep: a table of them, and beside it, or in its place, the picture of the sweep."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import DataTable

from quadfit_tui.core.config.parameters import PARAMETERS, RunConfig
from quadfit_tui.core.model.incremental_job import IncrementalJob
from quadfit_tui.core.model.parabola import PARAMETER_NAMES
from quadfit_tui.core.text.language import N_, _, labeled, ngettext, pgettext, pgettext_noop
from quadfit_tui.core.text.numbers import format_short, format_vector
from quadfit_tui.sweeps.pictures.picture import is_numeric, value_name
from quadfit_tui.sweeps.rows import STATUSES, ResultRows
from quadfit_tui.sweeps.space import Space
from quadfit_tui.sweeps.summary import cell_label
from quadfit_tui.sweeps.ui.sweep_chart import SweepChart, sweep_chart
from quadfit_tui.ui.charts.spec import Role, StyledRow, TextPage
from quadfit_tui.ui.display.capabilities import Capabilities
from quadfit_tui.ui.fields.text_field import typed_within
from quadfit_tui.ui.screens.dialog import Dialog
from quadfit_tui.ui.screens.runs import RunsTable
from quadfit_tui.ui.tasks.training_loop import SLICE
from quadfit_tui.ui.terminal.terminal_app import transliterate_for
from quadfit_tui.ui.toolkit.fitted_text import FittedText
from quadfit_tui.ui.widgets.chart_view import ChartView

MOST_ROWS = 10_000  # rows of the table at most
_FIRST = 100  # rows listed at first: Textual measures each cell, which takes 1.5 seconds for all
_BESIDE = 120  # columns of a terminal that has room for the picture beside the table
_RESULTS = pgettext_noop("column", "status"), pgettext_noop("column", "epochs"), pgettext_noop("column", "mean loss")
_CELL = pgettext_noop("column", "cell")


@dataclass
class OpenSweep:
    """A sweep that is open in the app, and the choices of the user on its screen, which outlast the screen.

    `order` has the numbers of the rows as they are sorted, by the column `sorted_by`; `marked` is an index of it. On
    narrow terminals `hides_table` shows the picture in place of the table.
    """

    name: str
    space: Space
    rows: ResultRows
    is_reversed: bool = False
    hides_table: bool = False
    chart: SweepChart | TextPage | None = None  # None until it is computed; a page with the reason if there is none

    def __post_init__(self) -> None:
        results = [pgettext("column", name) for name in _RESULTS]
        labels = (PARAMETERS[name].label for name in self.space.varied)
        self.columns = (pgettext("column", _CELL), *labels, *results, *PARAMETER_NAMES)
        mean_loss = len(self.space.varied) + len(results)
        self.sort(mean_loss)

    def sort(self, column: int) -> None:
        """Sorts all rows by a column and marks the first one; rows without a number come last in both directions."""
        key = self._key(column - 1)
        self.order = np.argsort(-key if self.is_reversed else key, kind="stable")
        self.sorted_by, self.marked = column, 0

    def _key(self, index: int) -> NDArray[Any]:
        """Returns the numbers by which a column sorts the rows, shape (n,); index −1 is the column of the cells."""
        rows, varied = self.rows, self.space.varied
        if index < 0:
            return rows.cell
        if index >= len(varied):
            results: list[NDArray[Any]] = [rows.status.astype(np.int64), rows.epochs, rows.mean_loss, *rows.w.T]
            return results[index - len(varied)]
        values = self.space.axes[varied[index]]
        ranks = np.array(values if is_numeric(values) else range(len(values)), dtype=np.float64)
        keys: NDArray[Any] = np.append(ranks, np.nan)[self.space.used_places(rows.cell)[varied[index]]]
        return keys

    @property
    def at(self) -> int | None:
        """The number of the marked row; None if the sweep has no rows."""
        return int(self.order[self.marked]) if len(self.rows) else None

    @property
    def config(self) -> RunConfig:
        """The configuration of the marked run; without runs, the base of the sweep."""
        return self.space.base if self.at is None else self.space.config(int(self.rows.cell[self.at]))

    def screen(self, capabilities: Capabilities, yield_to_keys: Callable[[], Awaitable[None]]) -> SweepScreen:
        """Returns the screen that lists the runs; it returns the row of the run that the user opens."""
        return SweepScreen(self, capabilities, yield_to_keys)

    def run(self, row: int) -> tuple[RunConfig, int]:
        """Returns the configuration of a row's run, and the epoch in which it ended, counting one that overflowed."""
        rows = self.rows
        return self.space.config(int(rows.cell[row])), int(rows.epochs[row]) + bool(np.isinf(rows.mean_loss[row]))

    def texts(self, first: int, stop: int) -> list[tuple[str, ...]]:
        """Formats the rows from one index of the sorted order to another, a text for each column."""
        rows = self.rows.part(self.order[first:stop])
        columns = self.space.columns(rows.cell)
        varied = ([_value(name, value) for value in columns[name]] for name in self.space.varied)
        results = [_(STATUSES[status]) for status in rows.status.tolist()], map(str, rows.epochs.tolist())
        numbers = (map(_number, column.tolist()) for column in (rows.mean_loss, *rows.w.T))
        return [*zip(map(str, rows.cell.tolist()), *varied, *results, *numbers, strict=True)]

    def note(self, digits: int) -> str:
        """Formats the marked run in a line: its values, and its fit to so many digits, or why it has none."""
        row = self.at
        if row is None:
            return _("This sweep has no runs yet.")
        cell, loss = int(self.rows.cell[row]), float(self.rows.mean_loss[row])
        if not math.isfinite(loss):
            return labeled(cell_label(self.space, cell), self.rows.errors.get(cell) or _("the numbers overflowed"))
        template = _("{cell}: mean loss {loss}, w {w}")
        return template.format(
            cell=cell_label(self.space, cell),
            loss=format_short(loss),
            w=format_vector(self.rows.w[row].tolist(), digits),
        )


def _number(value: float) -> str:
    return "–" if math.isnan(value) else format_short(value)


def _value(name: str, value: object) -> str:
    return "–" if value is None else value_name(name, value)


class SweepScreen(Dialog[int]):
    """The screen that lists the runs of a sweep; returns the row of the run that the user opens."""

    AUTO_FOCUS = "DataTable"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,T", "dismiss", N_("Close"), priority=True),  # the keys of a TextScreen
        Binding("enter", "take", N_("Open"), priority=True),
        Binding("s", "sort", N_("Sort"), tooltip=N_("sort by the column of the cursor"), priority=True),
        Binding("v", "picture", N_("Picture"), priority=True),
    ]

    def __init__(
        self, sweep: OpenSweep, capabilities: Capabilities, yield_to_keys: Callable[[], Awaitable[None]]
    ) -> None:
        super().__init__()
        self._sweep = sweep
        self._yield_to_keys = yield_to_keys
        self._table = RunsTable(zebra_stripes=False, fixed_columns=1)
        self._chart = ChartView("sweep-picture", capabilities, {})
        self._note = FittedText()

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            count = len(self._sweep.rows)
            runs = ngettext("{n} run", "{n} runs", count)
            if count > MOST_ROWS:
                runs = _("{count} runs, of which {most} are listed").format(count=f"{count:,}", most=f"{MOST_ROWS:,}")
            box.border_title = f"{self._sweep.name} · {runs}"
            with Horizontal():
                yield self._table
                yield self._chart
            yield self._note

    def on_mount(self) -> None:
        self._list()
        self._arrange()
        if self._sweep.chart is None:
            self.run_worker(self._draw_chart(), group="picture")
        self.watch(self._table, "scroll_y", self._list_more, init=False)

    def on_resize(self) -> None:
        self._arrange()

    def _arrange(self) -> None:
        """Shows the picture beside the table, or only one of them on a narrow terminal; called on each resize."""
        is_wide, hides_table = self.app.size.width >= _BESIDE, self._sweep.hides_table
        self._table.display, self._chart.display = is_wide or not hides_table, is_wide or hides_table
        self.set_focus(self._table if self._table.display else None)
        self._show()

    # The table

    def _list(self) -> None:
        """Refills the table with the first rows as sorted, down to the marked one at least; called after each sort."""
        sweep, table = self._sweep, self._table
        table.clear(columns=True)
        sign = "▼" if sweep.is_reversed else "▲"
        for index, name in enumerate(sweep.columns):
            heading = f"{name}{sign}" if index == sweep.sorted_by else name
            table.add_column(_right(transliterate_for(self.app, heading)))
        self._add(max(_FIRST, sweep.marked + 1))
        table.move_cursor(row=sweep.marked, column=sweep.sorted_by)

    def _list_more(self, top: float) -> None:
        """Doubles the rows of the table when the user has scrolled near the last one."""
        if top + 2 * self.size.height > self._table.row_count:
            self._add(self._table.row_count)

    def _add(self, count: int) -> None:
        """Adds the next rows to the table, at most `count` and up to MOST_ROWS in all."""
        first = self._table.row_count
        for row in self._sweep.texts(first, min(first + count, MOST_ROWS)):
            self._table.add_row(*map(_right, row))

    async def action_sort(self) -> None:
        """Sorts the table by the column of the cursor, or reverses it if it is sorted by that; the key s."""
        await typed_within(self)
        self._sort(self._table.cursor_column)

    @on(DataTable.HeaderSelected)
    def _heading(self, event: DataTable.HeaderSelected) -> None:
        self._sort(event.column_index)

    def _sort(self, column: int) -> None:
        """Sorts the table by a column, in the other direction if it is sorted by that already."""
        sweep = self._sweep
        sweep.is_reversed = column == sweep.sorted_by and not sweep.is_reversed
        sweep.sort(column)
        self._list()

    @on(DataTable.CellHighlighted)
    def _mark(self, event: DataTable.CellHighlighted) -> None:
        self._sweep.marked = event.coordinate.row
        self._show()

    async def action_take(self) -> None:
        """Closes the screen to open the marked run, after the keys typed before have been handled; the key Enter."""
        await typed_within(self)
        self._take()

    @on(DataTable.CellSelected)
    def _take(self) -> None:
        self.dismiss(self._sweep.at)

    # The picture

    def action_picture(self) -> None:
        """Swaps table and picture on a narrow terminal; the key v."""
        self._sweep.hides_table = not self._sweep.hides_table
        self._arrange()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Whether an action has an effect now: `picture` has none while the picture is beside the table."""
        return action != "picture" or self.app.size.width < _BESIDE

    def _show(self) -> None:
        """Updates the note about the marked run and its mark in the picture; called when the marked row changes."""
        sweep = self._sweep
        self._note.set_texts(*(transliterate_for(self.app, sweep.note(digits)) for digits in (6, 4, 3)))
        chart, row = sweep.chart or _page(_("computing the picture …")), sweep.at
        if isinstance(chart, SweepChart):
            cursor = None if row is None else chart.place_of(int(sweep.rows.cell[row]))
            self._chart.show(replace(chart.spec, cursor=cursor), "sweep")
        else:
            self._chart.show(chart, "sweep")

    async def _draw_chart(self) -> None:
        """Computes the picture in slices that give way to keys, and shows it; started when the screen opens."""
        work = IncrementalJob(sweep_chart(self._sweep.space, self._sweep.rows))
        try:
            while work.is_busy:
                await self._yield_to_keys()
                work.advance(SLICE)
            self._sweep.chart = work.result
        except ValueError as reason:  # ConfigError among them
            self._sweep.chart = _page(str(reason))
        finally:
            work.cancel()
        self._show()


def _page(text: str) -> TextPage:
    return TextPage((StyledRow(text, Role.TEXT * len(text)),))


def _right(text: str) -> Text:
    return Text(text, justify="right")  # a string would be read as markup
