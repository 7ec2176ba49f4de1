"""The scrolling log: a line an epoch, or an update where single updates are played; the visited one is marked."""

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
from quadfit_tui.core.text.numbers import figure
from quadfit_tui.core.text.width import cell_width as wide
from quadfit_tui.core.text.width import cut, rjust
from quadfit_tui.core.training.position import Position, moment
from quadfit_tui.core.training.record import Record
from quadfit_tui.core.training.status import Status
from quadfit_tui.core.training.timeline import Timeline
from quadfit_tui.ui.charts.scrollbar import SIGN, marked_rows
from quadfit_tui.ui.toolkit.line_widget import WHEEL, LineWidget
from quadfit_tui.ui.widgets.log_model import ListedRecords, LogModel

WAITING = "-waiting"  # the class of a screen on which the run waits for something
EMPTY = N_("Press Space: each epoch adds a line.")  # 40 columns have room for it
_NARROWEST, _WIDEST = 8, 13  # characters of a number
_LEAST_GAP = 2  # blanks before a heading of two words: one would not tell it from that of the column before


class LogColumn(NamedTuple):
    """A number of the log: its heading, the part of the style sheet that colors it, and the parameter that it is of."""

    name: str
    part: str
    of: str = ""

    def heading(self, scaled: bool = False) -> str:
        """What stands above it; the gradient of `scaled` features is by w of z."""
        of_z = "_z" if scaled and self.part == "gradient" else ""
        return pgettext("column", self.name).format(parameter=f"{self.of}{of_z}")

    def width(self, number: int) -> int:
        """How wide it is where numbers have so many characters, with the blanks before it."""
        return max(number + 1, wide(self.heading()) + _LEAST_GAP) if self.part == "mean" else number + 1


_COLUMNS = (
    LogColumn(pgettext_noop("column", "lr"), "rate"),
    *(LogColumn(pgettext_noop("column", "grad {parameter}"), "gradient", name) for name in PARAMETER_NAMES),
    LogColumn(pgettext_noop("column", "loss"), "loss"),
    LogColumn(pgettext_noop("column", "mean loss"), "mean"),
    *(LogColumn("{parameter}", "w", name) for name in PARAMETER_NAMES),
)


def columns(width: int, label: int) -> tuple[LogColumn, ...]:
    """The columns for which a log of `width` characters has room.

    Where there is not enough for all, the mean loss gives way first, then gradient and rate.

    Where there is less room still, the last ones do: half of a number would be read as another number.
    """
    shown = _COLUMNS
    for part in ("mean", "gradient", "rate"):
        if label + sum(column.width(_NARROWEST) for column in shown) > width:
            shown = tuple(column for column in shown if column.part != part)
    return shown[: max(1, (width - label) // (_NARROWEST + 1))]


def number_width(width: int, label: int) -> int:
    """How wide each number may be in a log of `width` characters whose first column takes `label`."""
    shown = columns(width, label)
    fitting = (n for n in range(_WIDEST, _NARROWEST, -1) if label + sum(each.width(n) for each in shown) <= width)
    return next(fitting, _NARROWEST)


def heading(width: int, label: int, scaled: bool = False) -> str:
    """The heading of the log, as wide as `cells`; the gradient of `scaled` features is by w of z."""
    number = number_width(width, label)
    names = [(column.heading(scaled), column.width(number)) for column in columns(width, label)]
    return rjust(cut(pgettext("column", "epoch"), label), label) + "".join(
        rjust(cut(name, room - 1), room) for name, room in names
    )


def cells(record: Record, width: int, label: int) -> list[str]:
    """The texts of a log line, all of fixed width: the moment to which its update leads, then the numbers."""
    number = number_width(width, label)
    shown = columns(width, label)
    mean_loss = record.mean_loss if any(column.part == "mean" for column in shown) else None  # known to epochs alone
    values = [*record.gradient.tolist(), record.loss, mean_loss, *record.w.tolist()]
    rate = figure(record.lr, number)
    rate = rate.rstrip("0") if "." in rate and "e" not in rate else rate  # it was not measured: zeros tell nothing
    texts = [rate.rstrip("."), *("–" if value is None else figure(value, number) for value in values)]
    return [
        rjust(moment(record.position), label),
        *(rjust(text, column.width(number)) for column, text in zip(_COLUMNS, texts, strict=True) if column in shown),
    ]


def label_width(snapshot: Snapshot) -> int:
    """How wide the first column is: room for every moment of a run, and most often for a sign in front."""
    return max(6, len(moment(Position(snapshot.config.epochs, snapshot.updates_per_epoch))))


def mark_visited(texts: list[str]) -> list[str]:
    """The texts of a log line with a sign that this is the visited one, for terminals without colors.

    It stands in front of the epoch or, where that fills its column, behind it.
    """
    which, first, *others = texts
    if which.startswith(" "):
        return [f">{which[1:]}", first, *others]
    return [which, f"<{first[1:]}", *others]


class LogRow(NamedTuple):
    """What a row of the log shows; rows that are equal look the same."""

    position: Position  # of a run no two records lead to the same one
    part: str  # "", or the part of the style sheet that colors all of the line
    scrollbar: bool


class LogLines(LineWidget):
    """The lines of the log. Formats only what is seen; stays where the reader is, or at the end if that is in sight.

    Not a scroll view: each new line would change its virtual size, hence the layout, and repaint the whole screen.
    """

    STYLES: ClassVar[dict[str, str]] = {
        "epoch": "$text-muted",
        "rate": "$text-muted",
        "gradient": "$foreground",
        "mean": "bold $foreground",
        "loss": "$foreground",
        "w": "bold $foreground",
        "visited": "bold reverse $primary",  # where in the past the reader is, and what came after it
        "future": "$text-muted",
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
        self.top = 0  # the line that the first row shows
        self._follows = True
        self._rows: list[LogRow | None] = []
        self._fitted = Size(0, 0)  # the size for which they are
        self._strips: dict[LogRow, Strip] = {}  # of those that are seen: most only move up

    @property
    def end(self) -> int:
        """What `top` is when the last line is in sight."""
        return max(0, len(self.lines.records) - self.size.height)

    def show(self, lines: ListedRecords, dropped: int) -> None:
        """Shows `lines`, `dropped` of the oldest ones having gone.

        Keeps the visited one in sight, or the reader's place if that is the newest.
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
        """Scrolls: up, down, page_up, page_down, or to the end."""
        page = max(1, self.size.height - 1)
        by = {"up": -1, "down": 1, "page_up": -page, "page_down": page, "end": len(self.lines.records)}
        self._show(self.top + by[where])

    def on_mouse_scroll_up(self) -> None:
        self._show(self.top - WHEEL)

    def on_mouse_scroll_down(self) -> None:
        self._show(self.top + WHEEL)

    def on_click(self, event: events.Click) -> None:
        index = self.top + event.y
        # Where a field is in use, a click beside it leaves it, and that is all.
        if index < len(self.lines.records) and self.screen.focused is None:
            self.post_message(self.Picked(self.lines.records[index].position))

    def forget_styles(self) -> None:
        super().forget_styles()
        self._strips.clear()

    def _fit(self) -> None:
        """Has rows for the size that it has; what was in sight stays so."""
        self._strips.clear()
        self._place(self._centered if self.lines.visited is not None else self.end if self._follows else self.top)

    @property
    def _centered(self) -> int:
        """What `top` is when the visited line is in the middle: wherever the run came from, it looks the same."""
        return (self.lines.visited or 0) - self.size.height // 2

    def _place(self, top: int) -> None:
        self._fitted = self.size  # which is none while it is not seen
        self.top = max(0, min(top, self.end))
        self._follows = self.top == self.end
        self._rows = [self._row(y) for y in range(self.size.height)]

    def _show(self, top: int) -> None:
        before = self._rows
        self._place(top)
        changed = [y for y, row in enumerate(self._rows) if y >= len(before) or row != before[y]]
        if changed and len(changed) == len(self._rows):
            self.refresh()
        elif changed:
            self.refresh(*(Region(0, y, self.size.width, 1) for y in changed))

    def _row(self, y: int) -> LogRow | None:
        index, visited = self.top + y, self.lines.visited
        if index >= len(self.lines.records):
            return None
        part = "" if visited is None or index < visited else "visited" if index == visited else "future"
        first, last = marked_rows(self.top, self.size.height, len(self.lines.records))
        return LogRow(self.lines.records[index].position, part, first <= y < last)

    def render_line(self, y: int) -> Strip:
        """One line, colored by column; at its right end, whether it is in the part of the log that is seen.

        All are made anew here for a new size: the heading has that, too.
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
            self._strips = {each: kept for each, kept in self._strips.items() if each in seen}
            strip = self._strips[row] = self._strip(self.lines.records[self.top + y], row, self.size.width)
        return strip

    def _strip(self, record: Record, row: LogRow, width: int) -> Strip:
        texts = cells(record, width - 1, self.label)
        parts = ["epoch", *(column.part for column in columns(width - 1, self.label))]
        if row.part:
            texts = mark_visited(texts) if row.part == "visited" else texts
            parts = [row.part] * len(texts)
        segments = [Segment(text, self.style_of(part)) for text, part in zip(texts, parts, strict=True)]
        rest = self.style_of("visited" if row.part == "visited" else "")
        line = Strip(segments).simplify().adjust_cell_length(width - 1, rest)
        return Strip([*line, Segment(SIGN if row.scrollbar else " ", self.style_of("scrollbar"))], width)


class LogHeading(Widget):
    """The names of the columns."""

    def __init__(self) -> None:
        super().__init__(classes="heading")
        self.label, self.scaled = 6, False

    def show(self, label: int, scaled: bool) -> None:
        """Shows them for a first column of `label` characters, and of scaled features."""
        self.label, self.scaled = label, scaled
        self.refresh()

    def render(self) -> Content:
        return Content(heading(self.size.width - 1, self.label, self.scaled))


class LogView(Vertical):
    """The log with its heading; each run of the session has one of its own."""

    def __init__(self, session: RunSession) -> None:
        super().__init__()
        self._heading = LogHeading()
        self.lines = LogLines()
        self._session = session
        self._models: dict[Timeline, LogModel] = {}  # of the runs that there are
        self._timeline: Timeline | None = None  # of the present run: another one may have had its number and its task
        self._shown: tuple[Position, Position, bool] | None = None  # visited, newest, whether it rests there

    def compose(self) -> ComposeResult:
        yield self._heading
        yield self.lines

    def show(self, snapshot: Snapshot, records: Sequence[Record]) -> None:
        """Adds the records of the snapshot's run, and shows where it is."""
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
