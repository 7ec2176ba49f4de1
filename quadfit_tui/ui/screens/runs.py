"""RunsScreen: the table of runs with their differences and results, from which an earlier run can be reopened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, NamedTuple

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.coordinate import Coordinate
from textual.geometry import Offset
from textual.widgets import DataTable, Static

from quadfit_tui.core.config.differences import value_text, varying_parameters
from quadfit_tui.core.config.parameters import PARAMETERS
from quadfit_tui.core.session.runs import MOST_EARLIER, Run, format_differences
from quadfit_tui.core.session.session import RunSession
from quadfit_tui.core.session.verdict import state
from quadfit_tui.core.text.language import N_, _, comma_separated, pgettext, pgettext_noop
from quadfit_tui.core.text.numbers import format_short
from quadfit_tui.core.text.width import cell_width, ellipsize, rjust
from quadfit_tui.core.training.position import display_moment
from quadfit_tui.ui.charts.spec import Role, run_roles
from quadfit_tui.ui.fields.ordered_keys import OrderedKeys
from quadfit_tui.ui.fields.text_field import typed_within
from quadfit_tui.ui.screens.dialog import Dialog
from quadfit_tui.ui.terminal.terminal_app import TerminalApp, transliterate_for
from quadfit_tui.ui.themes import COLORS

# The columns of a run's results; all but its state are numbers.
_RESULTS = (
    pgettext_noop("column", "epoch"),
    pgettext_noop("column", "state"),
    pgettext_noop("column", "mean loss"),
    pgettext_noop("column", "to optimum"),
)
_NUMBERS = frozenset(_RESULTS) - {"state"}
_RUN, _DIFFERENCES = pgettext_noop("column", "run"), pgettext_noop("column", "differences")
# The columns to leave out if there is no room, in this order. They are not cut: half of a number is another number.
_GIVING_WAY = ("to optimum", _DIFFERENCES, "epoch", "state")
_PADDING = 2  # columns beside each cell
_LEAST, _MOST, _FRAME = 78, 116, 4  # minimum and maximum width of the page; width of its frame
EMPTY = N_(
    "There is no other run to compare with. After some training, start another with l (new rate), k (one setting "
    "changed) or c (continue from here): this one is kept for comparison and can be reopened. Up to {most} earlier "
    "runs are kept."
)


class RunListing(NamedTuple):
    """The texts of the table: its headings, and a row for each run."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def table(runs: Sequence[Run], present: int, width: int) -> RunListing:
    """Returns the table of runs with their differences and results, at most `width` columns wide.

    The current run is marked. Each setting that differs has a column if they all fit; otherwise one column has all
    differences. If there is no room for its heading, the columns of _GIVING_WAY are left out in turn.
    """
    # The rate first, and what makes the samples last: where a text is cut, what is compared most is still there.
    names = sorted(
        varying_parameters(run.config for run in runs),
        key=lambda name: (name != "lr", name == "init" or PARAMETERS[name].group == "data"),
    )
    own = [[value_text(run.config, name) for run in runs] for name in names]
    first = {_RUN: [f"{'>' if run.number == present else ' '}{run.number}" for run in runs]}
    last = {name: [*column] for name, column in zip(_RESULTS, zip(*map(_results, runs), strict=True), strict=True)}
    listing = _table(first | dict(zip(names, own, strict=True)) | last)
    if sum(widths(listing)) <= width:
        return listing
    labels = [PARAMETERS[name].label for name in names]
    differences = [comma_separated([*map(" ".join, zip(labels, mine, strict=True))]) for mine in zip(*own, strict=True)]
    columns = first | ({_DIFFERENCES: differences} if names else {}) | last
    for name in ("", *_GIVING_WAY):
        columns.pop(name, None)
        others = _table({other: texts for other, texts in columns.items() if other != _DIFFERENCES})
        room = width - sum(widths(others))
        if _DIFFERENCES not in columns:
            is_enough = room >= 0
        else:
            room -= _PADDING
            is_enough = room >= cell_width(pgettext("column", _DIFFERENCES))
        if is_enough:
            break
    if _DIFFERENCES in columns:
        columns[_DIFFERENCES] = [ellipsize(text, room) for text in differences]
    return _table(columns)


def _table(columns: Mapping[str, Sequence[str]]) -> RunListing:
    """Returns a table of columns by their names, which are parameters or in the catalog."""
    headings = (PARAMETERS[name].label if name in PARAMETERS else pgettext("column", name) for name in columns)
    return RunListing(tuple(headings), tuple(zip(*columns.values(), strict=True)))


def widths(listing: RunListing) -> list[int]:
    """Returns the width of each column with its padding."""
    return [max(map(cell_width, column)) + _PADDING for column in zip(listing.headings, *listing.rows, strict=True)]


def aligned(listing: RunListing) -> RunListing:
    """Returns the listing with its numbers right-aligned in their columns."""
    widest = [width - _PADDING for width in widths(listing)]
    numbers = {pgettext("column", name) for name in _NUMBERS}
    numeric = [heading in numbers for heading in listing.headings]

    def pad(texts: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(
            rjust(text, width) if is_number else text
            for text, width, is_number in zip(texts, widest, numeric, strict=True)
        )

    return RunListing(pad(listing.headings), tuple(map(pad, listing.rows)))


def _results(run: Run) -> tuple[str, ...]:
    """Returns the texts of a run's results, in the order of _RESULTS."""
    return display_moment(run.position), state(run), format_short(run.mean_loss), format_short(run.distance)


class RunsTable(OrderedKeys, DataTable[Text]):
    """Textual's DataTable, with keys that take effect in the order in which they were typed."""

    @property
    def cursor_offset(self) -> Offset:
        """The screen position where the row of its cursor begins."""
        return self.content_region.offset + Offset(0, self.header_height + self.cursor_row - self.scroll_offset.y)


class RunsScreen(Dialog[int]):
    """The list of runs; its result is the number of the run to reopen."""

    AUTO_FOCUS = "DataTable"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,t", "dismiss", N_("Close"), priority=True),  # as on a TextScreen
        Binding("enter", "take", N_("Open"), priority=True),
        Binding("x", "forget", N_("Delete"), priority=True),
    ]

    def __init__(self, session: RunSession) -> None:
        super().__init__()
        self._session = session
        self._listing = RunListing((), ())  # the displayed one
        self._widths: list[int] = []
        # A run keeps its color under the cursor.
        self._table = RunsTable(cursor_type="row", zebra_stripes=False, cursor_foreground_priority="renderable")
        self._note = Static(markup=False)
        self._page = Vertical()

    def compose(self) -> ComposeResult:
        with self._page as page:
            page.border_title = _("Runs")
            yield self._table
            yield self._note

    def on_mount(self) -> None:
        self._fill()
        self._table.move_cursor(row=[run.number for run in self._session.runs].index(self._session.run.number))
        self.app.theme_changed_signal.subscribe(self, lambda _theme: self._fill())  # its cells have the theme's colors

    def on_unmount(self) -> None:
        self.app.theme_changed_signal.unsubscribe(self)  # else the signal would keep the screen in memory

    def on_resize(self) -> None:
        self._fill()

    def show_progress(self) -> None:
        """Updates the cells that have changed, or the whole table if its columns or their widths have."""
        listing = self._make()
        same = listing.headings == self._listing.headings and len(listing.rows) == len(self._listing.rows)
        if not same or any(wide > room for wide, room in zip(widths(listing), self._widths, strict=True)):
            self._fill()
            return
        for y, (row, before) in enumerate(zip(listing.rows, self._listing.rows, strict=True)):
            for x, (text, old) in enumerate(zip(row, before, strict=True)):
                if text != old:
                    self._table.update_cell_at(Coordinate(y, x), Text(text))
        self._listing = listing

    def _make(self) -> RunListing:
        """Returns the listing for the current runs and the width of the screen."""
        room = min(self.app.size.width, _MOST) - _FRAME - cell_width(self._swatch)
        return aligned(table(self._session.runs, self._session.run.number, room))

    @property
    def _swatch(self) -> str:
        """A piece of line beside a run's number, in the color of its curves; empty without colors."""
        return "" if isinstance(self.app, TerminalApp) and self.app.capabilities.signs else " ━━"

    def _number(self, text: str, run: Run) -> Text:
        """Returns the cell with a run's number, and a swatch in the color of its curves."""
        role = run_roles(earlier.number for earlier in self._session.earlier).get(run.number, Role.FITTED)
        return Text.assemble(text, (self._swatch, self.app.theme_variables[COLORS[role]]))

    def _fill(self) -> None:
        """Fills the table anew; its cursor stays in its row."""
        row = self._table.cursor_row
        self._listing = self._make()
        self._widths = widths(self._listing)
        self._page.styles.width = max(_LEAST, sum(self._widths) + cell_width(self._swatch) + _FRAME)
        self._table.clear(columns=True)
        for index, (heading, width) in enumerate(zip(self._listing.headings, self._widths, strict=True)):
            # A Text, since a string would be parsed as markup, for which Rich loads 1 MB of emoji.
            self._table.add_column(Text(heading), width=width - _PADDING + (0 if index else cell_width(self._swatch)))
        for run, (number, *cells) in zip(self._session.runs, self._listing.rows, strict=True):
            self._table.add_row(self._number(number, run), *map(Text, cells))
        self._table.move_cursor(row=row)
        self._update_note()

    def _update_note(self) -> None:
        """Shows below the table the differences between the run under the cursor and the present one."""
        present, run = self._session.run, self._run_at_cursor
        if not self._session.earlier:
            self._note.update(_(EMPTY).format(most=MOST_EARLIER))
        elif run.number == present.number:
            self._note.update(_("Run {run} is the current run.").format(run=run.number))
        else:
            template, differences = _("Run {run} vs. run {other}: {differences}."), format_differences(present, run)
            note = template.format(run=run.number, other=present.number, differences=differences)
            self._note.update(transliterate_for(self.app, note))

    @property
    def _run_at_cursor(self) -> Run:
        return self._session.runs[self._table.cursor_row]

    def on_data_table_row_highlighted(self) -> None:
        self._update_note()

    def on_data_table_row_selected(self) -> None:
        self._take()

    async def action_take(self) -> None:
        """Reopens the run under the cursor, after the keys typed before have taken effect."""
        await typed_within(self)
        self._take()

    def _take(self) -> None:
        """Closes the list with the run under the cursor; without a result for the current run."""
        run = self._run_at_cursor
        self.dismiss(None if run.number == self._session.run.number else run.number)

    async def action_forget(self) -> None:
        """Deletes the run under the cursor, unless it is the present one."""
        await typed_within(self)
        run = self._run_at_cursor
        if run.number != self._session.run.number:
            self._session.forget(run.number)
            self._fill()
