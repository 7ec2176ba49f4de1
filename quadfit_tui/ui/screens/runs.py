"""The table of runs: what differs among them, and what each came to; one of them can be shown again."""

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

from quadfit_tui.core.config.differences import value_text, varied
from quadfit_tui.core.config.parameters import PARAMETERS
from quadfit_tui.core.session.runs import MOST_EARLIER, Run, compared
from quadfit_tui.core.session.session import RunSession
from quadfit_tui.core.session.verdict import state
from quadfit_tui.core.text.language import N_, _, comma_separated, pgettext, pgettext_noop
from quadfit_tui.core.text.numbers import short
from quadfit_tui.core.text.width import cell_width, rjust, shortened
from quadfit_tui.core.training.position import moment_shown
from quadfit_tui.ui.charts.spec import Role, run_roles
from quadfit_tui.ui.fields.ordered_keys import OrderedKeys
from quadfit_tui.ui.fields.text_field import typed_within
from quadfit_tui.ui.screens.dialog import Dialog
from quadfit_tui.ui.terminal.terminal_app import TerminalApp, transliterate_for
from quadfit_tui.ui.themes import COLORS

# What a run came to; all but its state are numbers.
_RESULTS = (
    pgettext_noop("column", "epoch"),
    pgettext_noop("column", "state"),
    pgettext_noop("column", "mean loss"),
    pgettext_noop("column", "to optimum"),
)
_NUMBERS = frozenset(_RESULTS) - {"state"}
_RUN, _DIFFERENCES = pgettext_noop("column", "run"), pgettext_noop("column", "differences")
# What gives way where there is no room, in this order: half of a number is another number.
_GIVING_WAY = ("to optimum", _DIFFERENCES, "epoch", "state")
_PADDING = 2  # columns beside each cell
_LEAST, _MOST, _FRAME = 78, 116, 4  # columns of the page, and those of it beside the table
EMPTY = N_(
    "There is no other run to compare with. After some training, start another with l (new rate), k (one setting "
    "changed) or c (continue from here): this one is kept for comparison and can be reopened. Up to {most} earlier "
    "runs are kept."
)


class RunListing(NamedTuple):
    """Headings, and a row of texts for each run."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def table(runs: Sequence[Run], present: int, width: int) -> RunListing:
    """What the runs differ in and what they came to; the present one is marked.

    Each setting has a column of its own where `width` has room for them, else one column has them all; where that has
    no room for its heading, other columns are left out, and at last it is, too.
    """
    names = varied(run.config for run in runs)
    own = [[value_text(run.config, name) for run in runs] for name in names]
    first = {_RUN: [f"{'>' if run.number == present else ' '}{run.number}" for run in runs]}
    last = {name: [*column] for name, column in zip(_RESULTS, zip(*map(_results, runs), strict=True), strict=True)}
    found = _table(first | dict(zip(names, own, strict=True)) | last)
    if sum(widths(found)) <= width:
        return found
    labels = [PARAMETERS[name].label for name in names]
    told = [comma_separated([*map(" ".join, zip(labels, mine, strict=True))]) for mine in zip(*own, strict=True)]
    shown = first | ({_DIFFERENCES: told} if names else {}) | last
    for name in ("", *_GIVING_WAY):
        shown.pop(name, None)
        others = _table({each: texts for each, texts in shown.items() if each != _DIFFERENCES})
        room = width - sum(widths(others)) - _PADDING * (_DIFFERENCES in shown)
        if room >= cell_width(pgettext("column", _DIFFERENCES)) * (_DIFFERENCES in shown):
            break
    if _DIFFERENCES in shown:
        shown[_DIFFERENCES] = [shortened(text, room) for text in told]
    return _table(shown)


def _table(shown: Mapping[str, Sequence[str]]) -> RunListing:
    """A table of columns by their names, which are parameters, or else in the catalogue."""
    headings = (PARAMETERS[name].label if name in PARAMETERS else pgettext("column", name) for name in shown)
    return RunListing(tuple(headings), tuple(zip(*shown.values(), strict=True)))


def widths(shown: RunListing) -> list[int]:
    """How wide each column is."""
    return [max(map(cell_width, column)) + _PADDING for column in zip(shown.headings, *shown.rows, strict=True)]


def aligned(shown: RunListing) -> RunListing:
    """Returns the listing with its numbers on the right of their columns."""
    widest = [width - _PADDING for width in widths(shown)]
    numbers = {pgettext("column", each) for each in _NUMBERS}
    numeric = [heading in numbers for heading in shown.headings]

    def pad(texts: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(
            rjust(text, width) if is_number else text
            for text, width, is_number in zip(texts, widest, numeric, strict=True)
        )

    return RunListing(pad(shown.headings), tuple(map(pad, shown.rows)))


def _results(run: Run) -> tuple[str, ...]:
    return moment_shown(run.position), state(run), short(run.mean_loss), short(run.distance)


class RunsTable(OrderedKeys, DataTable[Text]):
    """Textual's table, in which keys have their effect in the order in which they were typed."""

    @property
    def cursor_offset(self) -> Offset:
        """Where on the screen the row of its cursor begins."""
        return self.content_region.offset + Offset(0, self.header_height + self.cursor_row - self.scroll_offset.y)


class RunsScreen(Dialog[int]):
    """Lists the runs; gives the number of the one that is to be shown again."""

    AUTO_FOCUS = "DataTable"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,t", "dismiss", N_("Close"), priority=True),  # as on a TextScreen
        Binding("enter", "take", N_("Open"), priority=True),
        Binding("x", "forget", N_("Delete"), priority=True),
    ]

    def __init__(self, session: RunSession) -> None:
        super().__init__()
        self._session = session
        self._shown = RunListing((), ())
        self._widths: list[int] = []
        # The color of a run is its own in the line of the cursor, too.
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
        self.app.theme_changed_signal.subscribe(self, lambda _theme: self._fill())  # its cells have colors of their own

    def on_unmount(self) -> None:
        self.app.theme_changed_signal.unsubscribe(self)  # which would keep it until the next change

    def on_resize(self) -> None:
        self._fill()

    def show_progress(self) -> None:
        shown = self._make()
        same = shown.headings == self._shown.headings and len(shown.rows) == len(self._shown.rows)
        if not same or any(wide > room for wide, room in zip(widths(shown), self._widths, strict=True)):
            self._fill()
            return
        for y, (row, before) in enumerate(zip(shown.rows, self._shown.rows, strict=True)):
            for x, (text, old) in enumerate(zip(row, before, strict=True)):
                if text != old:
                    self._table.update_cell_at(Coordinate(y, x), Text(text))
        self._shown = shown

    def _make(self) -> RunListing:
        room = min(self.app.size.width, _MOST) - _FRAME - cell_width(self._swatch)
        return aligned(table(self._session.runs, self._session.run.number, room))

    @property
    def _swatch(self) -> str:
        """A piece of the curve of a run; where there are no colors, this is made of the last digit of its number."""
        return "" if isinstance(self.app, TerminalApp) and self.app.capabilities.signs else " ━━"

    def _number(self, text: str, run: Run) -> Text:
        """The number of a run, and the color of its curves."""
        role = run_roles(each.number for each in self._session.earlier).get(run.number, Role.FITTED)
        return Text.assemble(text, (self._swatch, self.app.theme_variables[COLORS[role]]))

    def _fill(self) -> None:
        row = self._table.cursor_row
        self._shown = self._make()
        self._widths = widths(self._shown)
        self._page.styles.width = max(_LEAST, sum(self._widths) + cell_width(self._swatch) + _FRAME)
        self._table.clear(columns=True)
        for at, (heading, width) in enumerate(zip(self._shown.headings, self._widths, strict=True)):
            # A Text, since a string would be read as markup, for which Rich loads 1 MB of emoji.
            self._table.add_column(Text(heading), width=width - _PADDING + (0 if at else cell_width(self._swatch)))
        for run, (number, *cells) in zip(self._session.runs, self._shown.rows, strict=True):
            self._table.add_row(self._number(number, run), *map(Text, cells))
        self._table.move_cursor(row=row)
        self._update_note()

    def _update_note(self) -> None:
        """Says below the table what the run under the cursor differs in from the present one."""
        present, run = self._session.run, self._run_at_cursor
        if not self._session.earlier:
            self._note.update(_(EMPTY).format(most=MOST_EARLIER))
        elif run.number == present.number:
            self._note.update(_("Run {run} is the current run.").format(run=run.number))
        else:
            said, differs = _("Run {run} vs. run {other}: {differences}."), compared(present, run)
            note = said.format(run=run.number, other=present.number, differences=differs)
            self._note.update(transliterate_for(self.app, note))

    @property
    def _run_at_cursor(self) -> Run:
        return self._session.runs[self._table.cursor_row]

    def on_data_table_row_highlighted(self) -> None:
        self._update_note()

    def on_data_table_row_selected(self) -> None:
        self._take()

    async def action_take(self) -> None:
        """Shows the run under the cursor again, once the keys before this one have had their effect."""
        await typed_within(self)
        self._take()

    def _take(self) -> None:
        run = self._run_at_cursor
        self.dismiss(None if run.number == self._session.run.number else run.number)

    async def action_forget(self) -> None:
        """Forgets the run under the cursor; the present one stays."""
        await typed_within(self)
        run = self._run_at_cursor
        if run.number != self._session.run.number:
            self._session.forget(run.number)
            self._fill()
