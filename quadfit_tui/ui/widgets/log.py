"""The scrolling log: a line for each epoch, or for each update that is played singly; the visited one is marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from rich.segment import Segment
from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from quadfit_tui.core.model.parabola import PARAMETER_NAMES
from quadfit_tui.core.session.session import RunSession
from quadfit_tui.core.session.snapshot import Snapshot
from quadfit_tui.core.text.language import N_, _, ngettext, ngettext_noop, pgettext, pgettext_noop
from quadfit_tui.core.text.numbers import format_in_width
from quadfit_tui.core.text.width import cell_width as wide
from quadfit_tui.core.text.width import cut, rjust
from quadfit_tui.core.training.position import Position, format_moment
from quadfit_tui.core.training.record import Record
from quadfit_tui.core.training.status import Status
from quadfit_tui.core.training.timeline import Timeline
from quadfit_tui.ui.charts.scrollbar import SIGN, marked_rows
from quadfit_tui.ui.toolkit.line_widget import WHEEL, LineWidget
from quadfit_tui.ui.widgets.log_model import ListedRecords, LogModel

WAITING = "-waiting"  # the class of a screen on which the run waits for something
EMPTY = N_("Press Space: each epoch adds a line.")  # 40 columns have room for it
_NARROWEST, _WIDEST = 8, 13  # characters of a number
_LEAST_GAP = 2  # blanks before a heading of two words: one blank would not separate it from the heading before


class LogColumn(NamedTuple):
    """A column of numbers in the log: its heading, the key in STYLES of its color, and the parameter that it is of."""

    name: str
    part: str
    of: str = ""

    def heading(self, scaled: bool = False) -> str:
        """Formats its heading; if features are `scaled`, that of the gradient names w of z."""
        of_z = "_z" if scaled and self.part == "gradient" else ""
        return pgettext("column", self.name).format(parameter=f"{self.of}{of_z}")

    def width(self, number: int) -> int:
        """Computes its width, with the blanks before it, if numbers have `number` characters."""
        if self.part == "mean":
            return max(number + 1, wide(self.heading()) + _LEAST_GAP)
        return number + 1


_COLUMNS = (
    LogColumn(pgettext_noop("column", "lr"), "rate"),
    *(LogColumn(pgettext_noop("column", "grad {parameter}"), "gradient", name) for name in PARAMETER_NAMES),
    LogColumn(pgettext_noop("column", "loss"), "loss"),
    LogColumn(pgettext_noop("column", "mean loss"), "mean"),
    *(LogColumn("{parameter}", "w", name) for name in PARAMETER_NAMES),
)


def columns(width: int, label: int) -> tuple[LogColumn, ...]:
    """Returns the columns for which a log of `width` characters has room, if its first column takes `label`.

    Without room for all of them, the mean loss is left out first, then gradient and rate, then the last ones. None is
    cut, since half of a number would be read as another number.
    """
    selected = _COLUMNS
    for part in ("mean", "gradient", "rate"):
        if label + sum(column.width(_NARROWEST) for column in selected) > width:
            selected = tuple(column for column in selected if column.part != part)
    return selected[: max(1, (width - label) // (_NARROWEST + 1))]


def number_width(width: int, label: int) -> int:
    """Computes how many characters each number may have in a log of `width` whose first column takes `label`."""
    selected = columns(width, label)
    for number in range(_WIDEST, _NARROWEST, -1):
        if label + sum(column.width(number) for column in selected) <= width:
            return number
    return _NARROWEST


def format_heading(width: int, label: int, scaled: bool = False) -> str:
    """Formats the heading of the log, as wide as a line of `format_cells`; if `scaled`, the gradient is by w of z."""
    number = number_width(width, label)
    names = [(column.heading(scaled), column.width(number)) for column in columns(width, label)]
    return rjust(cut(pgettext("column", "epoch"), label), label) + "".join(
        rjust(cut(name, room - 1), room) for name, room in names
    )


def format_cells(record: Record, width: int, label: int) -> list[str]:
    """Formats the texts of a log line, all of fixed width: the moment to which its update leads, then the numbers."""
    number = number_width(width, label)
    selected = columns(width, label)
    has_mean = any(column.part == "mean" for column in selected)
    mean_loss = record.mean_loss if has_mean else None  # None in the records of single updates, too
    values = [*record.gradient.tolist(), record.loss, mean_loss, *record.w.tolist()]
    rate = format_in_width(record.lr, number)
    if "." in rate and "e" not in rate:
        rate = rate.rstrip("0")  # it is a setting and no measurement, so trailing zeros have no meaning
    texts = [rate.rstrip("."), *("–" if value is None else format_in_width(value, number) for value in values)]
    numbers = [
        rjust(text, column.width(number)) for column, text in zip(_COLUMNS, texts, strict=True) if column in selected
    ]
    return [rjust(format_moment(record.position), label), *numbers]


def label_width(snapshot: Snapshot) -> int:
    """Computes the width of the first column: room for every moment of a run, and mostly for a sign before it."""
    return max(6, len(format_moment(Position(snapshot.config.epochs, snapshot.updates_per_epoch))))


def mark_visited(texts: list[str]) -> list[str]:
    """Marks the texts of the visited log line with a sign, for terminals without colors.

    It stands before the epoch or, if that fills its column, behind it.
    """
    label, first, *others = texts
    if label.startswith(" "):
        return [f">{label[1:]}", first, *others]
    return [label, f"<{first[1:]}", *others]


class LogRow(NamedTuple):
    """The content of a row of the log, the key of its cached strip: equal rows look the same."""

    position: Position  # no two records of a run lead to the same position
    part: str  # the key in STYLES of a color for all of the line, or ""
    scrollbar: bool


class LogLines(LineWidget):
    """The widget with the lines of the log, which formats only those that are seen.

    New lines leave it where the reader is, or at the end if that is in sight. It is no scroll view of Textual's: each
    new line would change its virtual size, hence the layout, and repaint the whole screen.
    """

    STYLES: ClassVar[dict[str, str]] = {
        "epoch": "$text-muted",
        "rate": "$text-muted",
        "gradient": "$foreground",
        "mean": "bold $foreground",
        "loss": "$foreground",
        "w": "bold $foreground",
        "visited": "bold reverse $primary",  # the visited line in the past
        "future": "$text-muted",  # lines after the visited one
        "scrollbar": "$text-muted",
    }

    @dataclass
    class Picked(Message):
        """The user clicked on the line of a position of the run."""

        position: Position

    def __init__(self) -> None:
        super().__init__()
        self.lines = ListedRecords(())
        self.label = 6
        self.top = 0  # the index of the line in the first row
        self._follows = True  # whether it stays at the end when lines come
        self._rows: list[LogRow | None] = []
        self._fitted = Size(0, 0)  # the size that the rows were made for
        self._strips: dict[LogRow, Strip] = {}  # of rows that are seen: most of them only move up

    @property
    def end(self) -> int:
        """The value of `top` at which the last line is in sight."""
        return max(0, len(self.lines.records) - self.size.height)

    def show(self, lines: ListedRecords, dropped: int) -> None:
        """Shows `lines`, of which `dropped` old ones have been removed since the last call.

        It keeps the visited line in sight, or the reader's place if the visited one is the newest.
        """
        before, self.lines = self.lines.visited, lines
        if lines.visited is not None:
            self._show(self._centered)
        elif before is not None or self._follows:
            self._show(self.end)
        else:
            self._show(self.top - dropped)

    def clear(self) -> None:
        """Empties the log."""
        self.lines = ListedRecords(())
        self._follows = True
        self._rows = []
        self._strips.clear()
        self.refresh()

    def move(self, where: str) -> None:
        """Scrolls `up`, `down`, `page_up`, `page_down`, or to the `end`."""
        page = max(1, self.size.height - 1)
        by = {"up": -1, "down": 1, "page_up": -page, "page_down": page, "end": len(self.lines.records)}
        self._show(self.top + by[where])

    def on_mouse_scroll_up(self) -> None:
        self._show(self.top - WHEEL)

    def on_mouse_scroll_down(self) -> None:
        self._show(self.top + WHEEL)

    def on_click(self, event: events.Click) -> None:
        index = self.top + event.y
        # If a field is in use, the click only leaves that.
        if index < len(self.lines.records) and self.screen.focused is None:
            self.post_message(self.Picked(self.lines.records[index].position))

    def forget_styles(self) -> None:
        super().forget_styles()
        self._strips.clear()

    def _fit(self) -> None:
        """Makes rows for a new size; the visited line, the end or the first line stays in sight."""
        self._strips.clear()
        if self.lines.visited is not None:
            top = self._centered
        elif self._follows:
            top = self.end
        else:
            top = self.top
        self._place(top)

    @property
    def _centered(self) -> int:
        """The value of `top` at which the visited line is in the middle, wherever the reader came from."""
        return (self.lines.visited or 0) - self.size.height // 2

    def _place(self, top: int) -> None:
        """Sets the first line in sight, as far as lines go, and makes the rows."""
        self._fitted = self.size  # empty while the log is not on the screen
        self.top = max(0, min(top, self.end))
        self._follows = self.top == self.end
        self._rows = [self._row(y) for y in range(self.size.height)]

    def _show(self, top: int) -> None:
        """Sets the first line in sight, and repaints the rows that change."""
        before = self._rows
        self._place(top)
        changed = [y for y, row in enumerate(self._rows) if y >= len(before) or row != before[y]]
        if changed and len(changed) == len(self._rows):
            self.refresh()
        elif changed:
            self.refresh(*(Region(0, y, self.size.width, 1) for y in changed))

    def _row(self, y: int) -> LogRow | None:
        """Returns the content of row y, or None below the last line."""
        index, visited = self.top + y, self.lines.visited
        if index >= len(self.lines.records):
            return None
        part = ""
        if visited is not None and index >= visited:
            part = "visited" if index == visited else "future"
        first, stop = marked_rows(self.top, self.size.height, len(self.lines.records))
        return LogRow(self.lines.records[index].position, part, first <= y < stop)

    def render_line(self, y: int) -> Strip:
        """Renders one line, colored by column, with its part of the scrollbar at the right end.

        If the size is new, it makes all rows first, so that the first frame fits the heading.
        """
        if self._fitted != self.size:
            self._fit()
        row = self._rows[y] if y < len(self._rows) else None
        if row is None and y == 0 and not self.lines.records:
            text = "" if self.screen.has_class(WAITING) else cut(f"  {_(EMPTY)}", self.size.width)
            return Strip([Segment(text, self.style_of("epoch"))]).adjust_cell_length(self.size.width, self.style_of(""))
        if row is None:
            return Strip.blank(self.size.width, self.style_of(""))
        strip = self._strips.get(row)
        if strip is None:
            seen = {*self._rows}
            self._strips = {cached: strip for cached, strip in self._strips.items() if cached in seen}
            strip = self._strips[row] = self._strip(self.lines.records[self.top + y], row, self.size.width)
        return strip

    def _strip(self, record: Record, row: LogRow, width: int) -> Strip:
        """Renders the line of a record."""
        texts = format_cells(record, width - 1, self.label)
        parts = ["epoch", *(column.part for column in columns(width - 1, self.label))]
        if row.part:
            texts = mark_visited(texts) if row.part == "visited" else texts
            parts = [row.part] * len(texts)
        segments = [Segment(text, self.style_of(part)) for text, part in zip(texts, parts, strict=True)]
        rest = self.style_of("visited" if row.part == "visited" else "")
        line = Strip(segments).simplify().adjust_cell_length(width - 1, rest)
        return Strip([*line, Segment(SIGN if row.scrollbar else " ", self.style_of("scrollbar"))], width)


class LogHeading(Widget):
    """The widget with the names of the columns."""

    def __init__(self) -> None:
        super().__init__(classes="heading")
        self.label, self.scaled = 6, False

    def show(self, label: int, scaled: bool) -> None:
        """Shows the names for a first column of `label` characters; `scaled` says whether features are scaled."""
        self.label, self.scaled = label, scaled
        self.refresh()

    def render(self) -> Content:
        return Content(format_heading(self.size.width - 1, self.label, self.scaled))


class LogView(Vertical):
    """The log with its heading; each run of the session has lines of its own."""

    def __init__(self, session: RunSession) -> None:
        super().__init__()
        self._heading = LogHeading()
        self.lines = LogLines()
        self._session = session
        self._models: dict[Timeline, LogModel] = {}  # of the current run and the earlier ones that are kept
        self._timeline: Timeline | None = None  # identifies the current run: number and task may be those of another
        self._shown: tuple[Position, Position, bool] | None = None  # visited position, newest one, whether it rests

    def compose(self) -> ComposeResult:
        yield self._heading
        yield self.lines

    def show(self, snapshot: Snapshot, records: Sequence[Record]) -> None:
        """Adds new records of the current run, and shows the moment of the snapshot."""
        timeline = self._session.timeline
        if timeline is not self._timeline:
            self._timeline, self._shown = timeline, None
            runs = {timeline, *(run.timeline for run in self._session.earlier)}
            self._models = {run: model for run, model in self._models.items() if run in runs}
            self._models.setdefault(timeline, LogModel(self._session))
            self.lines.label = label_width(snapshot)
            self.lines.clear()
            self._heading.show(self.lines.label, snapshot.config.scale_features)
        rests = snapshot.status is not Status.RUNNING
        before, self._shown = self._shown, (snapshot.position, snapshot.newest, rests)
        if before is None or before[1].epoch != snapshot.newest.epoch:
            done, total = snapshot.newest.epoch, snapshot.config.epochs
            counts = ngettext_noop("Log · {done} of {total} epoch", "Log · {done} of {total} epochs")
            self.border_title = ngettext(*counts, total, done=done, total=total)
        if records or self._shown != before:
            model = self._models[timeline]
            dropped = model.add(records)
            self.lines.show(model.lines(snapshot), dropped)
