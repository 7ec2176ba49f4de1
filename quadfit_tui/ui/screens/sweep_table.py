"""The runs of a sweep as a table: sorted by any column, of which only the rows in sight are made."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray
from rich.segment import Segment
from textual import events
from textual.geometry import Offset, Region, Size
from textual.message import Message
from textual.strip import Strip

from quadfit_tui.core.config.parameters import PARAMETERS
from quadfit_tui.core.model.array import Array
from quadfit_tui.core.model.parabola import PARAMETER_NAMES
from quadfit_tui.core.sweep.pictures.picture_words import is_numeric, named, value_name
from quadfit_tui.core.sweep.rows import STATUSES, Rows
from quadfit_tui.core.sweep.space import Space
from quadfit_tui.core.text.language import _, comma_separated, counted_as, in_context, noted_in
from quadfit_tui.core.text.numbers import short, vector
from quadfit_tui.core.text.width import columns, cut, left, right, shortened
from quadfit_tui.ui.charts.scrollbar import SIGN, marked_rows
from quadfit_tui.ui.terminal.terminal_app import spelled
from quadfit_tui.ui.toolkit.line_widget import WHEEL, LineWidget

_NUMBER = 9  # columns: -1.234e-05 has one more, and a blank before it
_LOOKED_AT = 1000  # values of a parameter that the width of its column is made for
_MOST = 14  # columns of a text
UP, DOWN = "▲", "▼"


class Column(NamedTuple):
    """A column: its heading, how wide it is, whether it is of numbers, which stand on its right."""

    heading: str
    width: int
    is_of_numbers: bool = True


class SweepList:
    """The rows of a sweep in some order, what is marked, and which of them is the first in sight.

    At first the run with the least mean loss is the first one, and marked.
    """

    def __init__(self, space: Space, rows: Rows) -> None:
        self.space = space
        self.rows = rows
        self._varied = space.varied
        self.columns = (
            _result_column(noted_in("column", "cell"), len(str(max(0, len(space) - 1)))),
            *(_axis_column(name, space.axes[name]) for name in self._varied),
            _result_column(noted_in("column", "status"), max(columns(_(each)) for each in STATUSES), False),
            _result_column(noted_in("column", "epochs"), len(str(rows.epochs.max(initial=0)))),
            _result_column(noted_in("column", "mean loss"), _NUMBER),
            *(Column(name, _NUMBER + 1) for name in PARAMETER_NAMES),
        )
        self.sorted_by = len(self._varied) + 3  # of the columns
        self.is_reversed = False
        self.marked = self.top = 0  # places in the order
        self._sort()

    def __len__(self) -> int:
        return len(self.rows)

    def sort_by(self, column: int) -> None:
        """Sorts by a column, one that it is sorted by already the other way round; marks what comes first."""
        column = min(max(column, 0), len(self.columns) - 1)
        self.is_reversed = column == self.sorted_by and not self.is_reversed
        self.sorted_by = column
        self.marked = self.top = 0
        self._sort()

    def mark(self, place: int) -> None:
        """Marks the row at a place of the order, or the nearest that there is."""
        self.marked = min(max(place, 0), max(0, len(self) - 1))

    @property
    def cell(self) -> int | None:
        """The cell that is marked; None where there are none."""
        return int(self.rows.cell[self._order[self.marked]]) if len(self) else None

    @property
    def end(self) -> int:
        """The epochs after which the marked run has ended: one more than it has done if its numbers overflow."""
        at = self._order[self.marked]
        return int(self.rows.epochs[at]) + bool(np.isinf(self.rows.mean_loss[at]))

    def texts(self, first: int, stop: int) -> list[tuple[str, ...]]:
        """The rows from one place of the order to another, a text for each column."""
        chosen = self._order[first:stop]
        found = self.space.columns(self.rows.cell[chosen])
        own = [[_told(name, value) for value in found[name]] for name in self._varied]
        texts = []
        for place, at in enumerate(chosen.tolist()):
            numbers = (float(self.rows.mean_loss[at]), *self.rows.w[at].tolist())
            outcome = _(STATUSES[self.rows.status[at]]), str(self.rows.epochs[at])
            varied = (column[place] for column in own)
            texts.append((str(self.rows.cell[at]), *varied, *outcome, *map(_number, numbers)))
        return texts

    @property
    def notes(self) -> list[str]:
        """All of the marked run in a line, in the ways that there are, the fullest first."""
        if self.cell is None:
            return [_("This sweep has no runs yet.")]
        at, cell = int(self._order[self.marked]), self.cell
        values = ((name, column[0]) for name, column in self.space.columns([cell]).items() if name in self._varied)
        numbered = _("cell {cell}").format(cell=cell)
        run = comma_separated([numbered, *(named(name, value) for name, value in values if value is not None)])
        status = STATUSES[self.rows.status[at]]
        epochs = counted_as("{n} epoch", "{n} epochs", int(self.rows.epochs[at]))
        if status == "failed":
            why = self.rows.errors.get(cell, "")
            return [_("{run}: failed. {why}").format(run=run, why=why)]
        if status == "diverged":
            return [_("{run}: diverged after {epochs}.").format(run=run, epochs=epochs)]
        said = _("{run}: finished after {epochs}, mean loss {loss}, w {w}.")
        if status == "converged":
            said = _("{run}: converged after {epochs}, mean loss {loss}, w {w}.")
        loss = short(float(self.rows.mean_loss[at]))
        ws = [vector(self.rows.w[at].tolist(), digits) for digits in (6, 4)]
        return [said.format(run=run, epochs=epochs, loss=loss, w=w) for w in ws]

    def _sort(self) -> None:
        key = self._key()
        if self.is_reversed:
            key = -key
        self._order = np.argsort(key, kind="stable")

    def _key(self) -> NDArray[Any]:
        """What the rows are sorted by, a number for each; no number comes last either way."""
        rows, at = self.rows, self.sorted_by - 1
        if at < 0:
            return rows.cell
        if at < len(self._varied):
            name = self._varied[at]
            numbers: Array = _ranks(self.space, name)[self.space.used_places(rows.cell)[name]]
            return numbers
        others = [rows.status.astype(np.int64), rows.epochs, rows.mean_loss, *rows.w.T]
        key: NDArray[Any] = others[at - len(self._varied)]
        return key


def _number(value: float) -> str:
    """A result, which has a digit less where its exponent is of three; none is a dash."""
    text = "–" if math.isnan(value) else short(value)
    return text if len(text) <= _NUMBER + (value < 0) else f"{value:.3g}"


def _told(name: str, value: object) -> str:
    return "–" if value is None else value_name(name, value)


def _result_column(name: str, width: int, is_of_numbers: bool = True) -> Column:
    heading = in_context("column", name)
    return Column(heading, max(columns(heading), width), is_of_numbers)


def _axis_column(name: str, values: Sequence[Any]) -> Column:
    label, texts = PARAMETERS[name].label, [value_name(name, value) for value in values[:_LOOKED_AT]]
    widest = max(map(columns, texts))
    if len(values) > _LOOKED_AT:
        widest = max(widest, _NUMBER)
    return Column(label, max(columns(label), min(widest, _MOST)), is_numeric(values))


def _ranks(space: Space, name: str) -> NDArray[np.float64]:
    """A number for each value of a parameter, and at the end that of one that makes no difference."""
    values = space.axes[name]
    numbers = values if is_numeric(values) else range(len(values))
    return np.append(np.array(numbers, dtype=np.float64), np.nan)


class SweepTable(LineWidget, can_focus=True):
    """Shows a SweepList: the columns that there is room for, always that of the cell and the one it is sorted by."""

    GROUP = "sweep"
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"sweep--{part}" for part in ("heading", "row", "marked", "scrollbar")}

    @dataclass
    class Opened(Message):
        """The marked row was clicked."""

    @dataclass
    class Moved(Message):
        """Another row is marked, or all are in another order."""

    def __init__(self, runs: SweepList) -> None:
        super().__init__()
        self._runs = runs
        self._seen: list[tuple[int, bool, bool]] = []  # places of the order, which is marked, where the scrollbar is
        self._fitted = Size(0, 0)
        self._texts: dict[int, tuple[str, ...]] = {}  # of the rows in sight, by their places

    @property
    def attention(self) -> Offset:
        """Where on the screen the marked row begins."""
        return self.content_region.offset + Offset(0, 1 + self._runs.marked - self._runs.top)

    @property
    def _height(self) -> int:
        return max(1, self.size.height - 1)

    def move(self, where: str) -> None:
        """Marks another row: up, down, page_up, page_down, first, last."""
        page = max(1, self._height - 1)
        by = {
            "up": -1,
            "down": 1,
            "page_up": -page,
            "page_down": page,
            "first": -len(self._runs),
            "last": len(self._runs),
        }
        self._runs.mark(self._runs.marked + by[where])
        self._follow()

    def sort_by(self, column: int) -> None:
        """Sorts by a column of the list."""
        self._runs.sort_by(column)
        self._texts.clear()
        self._place()
        self.refresh()
        self.post_message(self.Moved())

    def _follow(self) -> None:
        """Has the marked row in sight, and tells of it."""
        runs = self._runs
        runs.top = min(max(runs.top, runs.marked - self._height + 1), runs.marked)
        self._show()
        self.post_message(self.Moved())

    def _show(self) -> None:
        before = self._seen
        self._place()
        changed = [y for y, row in enumerate(self._seen) if y >= len(before) or row != before[y]]
        if changed:
            self.refresh(*(Region(0, 1 + y, self.size.width, 1) for y in changed))

    def _place(self) -> None:
        """Which rows are in sight, for the size that it has."""
        runs, self._fitted = self._runs, self.size
        runs.top = max(0, min(runs.top, len(runs) - self._height))
        first, stop = marked_rows(runs.top, self._height, len(runs))
        places = range(runs.top, min(len(runs), runs.top + self._height))
        self._seen = [(place, place == runs.marked, first <= y < stop) for y, place in enumerate(places)]
        missing = [place for place in places if place not in self._texts]
        self._texts = {place: text for place, text in self._texts.items() if place in places}
        if missing:
            low, high = missing[0], missing[-1] + 1
            self._texts |= zip(range(low, high), runs.texts(low, high), strict=True)

    def on_resize(self) -> None:
        self._follow()  # also where a line was drawn before this, and has fitted the rows to the size
        self.refresh()

    def on_mouse_scroll_up(self) -> None:
        self._scroll(-WHEEL)

    def on_mouse_scroll_down(self) -> None:
        self._scroll(WHEEL)

    def _scroll(self, by: int) -> None:
        self._runs.top += by
        self._show()

    def on_click(self, event: events.Click) -> None:
        """Marks a row, or opens the one that is; sorts by the column of a heading."""
        if event.y == 0:
            at = next((column for begin, end, column in self._placed() if begin <= event.x < end), None)
            if at is not None:
                self.sort_by(at)
        elif event.y - 1 < len(self._seen):
            place, is_marked, _bar = self._seen[event.y - 1]
            if is_marked:
                self.post_message(self.Opened())
            self._runs.mark(place)
            self._follow()

    def _placed(self) -> list[tuple[int, int, int]]:
        """The columns in sight: where each begins and ends, and which of the list it is."""
        room = self.size.width - 2  # beside the scrollbar, and the sign of what it is sorted by
        widths = [column.width + 1 for column in self._runs.columns]
        first = 1
        while first < self._runs.sorted_by and widths[0] + sum(widths[first : self._runs.sorted_by + 1]) > room:
            first += 1
        found, begin = list[tuple[int, int, int]](), 0
        for at in (0, *range(first, len(widths))):
            if begin + widths[at] > room:
                break
            found.append((begin, begin + widths[at], at))
            begin += widths[at]
        return found

    def render_line(self, y: int) -> Strip:
        """The headings, or a row."""
        if self._fitted != self.size:
            self._place()
        if y == 0:
            style = self.style_of("heading")
            return Strip([Segment(self._headings, style)]).adjust_cell_length(self.size.width, style)
        if y > len(self._seen):
            return Strip.blank(self.size.width, self.style_of(""))
        place, is_marked, has_bar = self._seen[y - 1]
        style = self.style_of("marked" if is_marked else "row")
        line = left(spelled(self.app, self._line(self._texts[place])), self.size.width - 1)
        return Strip(
            [Segment(line, style), Segment(SIGN if has_bar else " ", self.style_of("scrollbar"))], self.size.width
        )

    @property
    def _headings(self) -> str:
        """The headings of the columns in sight, with a sign behind that which the rows are sorted by."""
        line = self._line(tuple(column.heading for column in self._runs.columns))
        end, column = columns(line), self._runs.columns[self._runs.sorted_by]
        for begin, stop, at in self._placed():
            if at == self._runs.sorted_by:
                end = stop if column.is_of_numbers else begin + 1 + columns(column.heading)
        before = cut(line, end)
        return f"{before}{spelled(self.app, DOWN if self._runs.is_reversed else UP)}{line[len(before) + 1 :]}"

    def _line(self, texts: tuple[str, ...]) -> str:
        """The texts of the columns in sight, each behind a blank."""
        parts = []
        for _begin, _end, at in self._placed():
            column = self._runs.columns[at]
            text = shortened(texts[at], column.width)
            parts.append(f" {right(text, column.width) if column.is_of_numbers else left(text, column.width)}")
        return "".join(parts)
