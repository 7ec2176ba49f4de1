"""The scrolling log: a line an epoch, or an update where single updates are stepped."""

from __future__ import annotations

from collections import deque
from typing import ClassVar, NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Static

from quadfit_tui.core.figures import figure
from quadfit_tui.core.session import Snapshot
from quadfit_tui.core.trainer import Record

MAX_LINES = 2000
_NARROWEST, _WIDEST = 8, 13  # characters of a number
_WHEEL = 3  # lines for each turn of the mouse wheel


class Column(NamedTuple):
    """A number of the log: its heading, and the part of the style sheet that colours it."""

    name: str
    part: str


_COLUMNS = (
    Column("lr", "rate"),
    *(Column(f"grad {name}", "gradient") for name in "abc"),
    Column("loss", "loss"),
    *(Column(name, "w") for name in "abc"),
)


def columns(width: int, label: int) -> tuple[Column, ...]:
    """The columns for which a log of `width` characters has room: where not for all, gradient and rate give way."""
    shown = _COLUMNS
    for part in ("gradient", "rate"):
        if label + len(shown) * (_NARROWEST + 1) > width:
            shown = tuple(column for column in shown if column.part != part)
    return shown


def number_width(width: int, label: int) -> int:
    """How wide each number may be in a log of `width` characters whose first column takes `label`."""
    return max(_NARROWEST, min(_WIDEST, (width - label) // len(columns(width, label)) - 1))


def heading(width: int, label: int) -> str:
    """The heading of the log, in columns as wide as those of `cells`."""
    number = number_width(width, label)
    return f"{'epoch':>{label}}" + "".join(f" {column.name:>{number}}" for column in columns(width, label))


def cells(record: Record, width: int, label: int) -> list[str]:
    """The texts of a log line, all of fixed width: the epoch (and the update of a single one), then the numbers."""
    number = number_width(width, label)
    which = str(record.epoch) if record.ends_epoch else f"{record.epoch}:{record.update}"
    values = [record.lr, *record.gradient.tolist(), record.loss, *record.w.tolist()]
    shown = columns(width, label)
    numbers = [f" {figure(value, number)}" for column, value in zip(_COLUMNS, values, strict=True) if column in shown]
    return [f"{which:>{label}}", *numbers]


def thumb(top: int, height: int, count: int) -> tuple[int, int]:
    """The rows, of `height`, that a scroll bar marks when rows from line `top` of `count` are seen; none if all are."""
    if count <= height:
        return 0, 0
    first = min(height - 1, round(top / count * height))
    return first, max(first + 1, round((top + height) / count * height))


class LogLines(Widget):
    """The lines of the log. Formats only what is seen; stays where the reader is, or at the end if that is in sight.

    Not a scroll view: each new line would change its virtual size, hence the layout, and repaint the whole screen.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "log--epoch",
        "log--rate",
        "log--gradient",
        "log--loss",
        "log--w",
        "log--thumb",
    }

    def __init__(self) -> None:
        super().__init__()
        self.records: deque[Record] = deque(maxlen=MAX_LINES)
        self.label = 6
        self.top = 0  # the line that the first row shows
        self._follows = True
        self._gone = 0  # lines dropped so far
        self._seen: tuple[int, int, tuple[int, int]] | None = None

    @property
    def end(self) -> int:
        """What `top` is when the last line is in sight."""
        return max(0, len(self.records) - self.size.height)

    def add(self, records: list[Record]) -> None:
        """Adds lines; drops the oldest of more than MAX_LINES."""
        dropped = max(0, len(self.records) + len(records) - MAX_LINES)
        self.records.extend(records)
        self._gone += dropped
        self._show(self.end if self._follows else self.top - dropped)

    def clear(self) -> None:
        """Empties the log."""
        self.records.clear()
        self._seen = None
        self._show(0)

    def move(self, where: str) -> None:
        """Scrolls: up, down, page_up, page_down, home, end."""
        page = max(1, self.size.height - 1)
        by = {
            "up": -1,
            "down": 1,
            "page_up": -page,
            "page_down": page,
            "home": -len(self.records),
            "end": len(self.records),
        }
        self._show(self.top + by[where])

    def on_mouse_scroll_up(self) -> None:
        self._show(self.top - _WHEEL)

    def on_mouse_scroll_down(self) -> None:
        self._show(self.top + _WHEEL)

    def on_resize(self) -> None:
        self._seen = None
        self._show(self.end if self._follows else self.top)

    def _show(self, top: int) -> None:
        self.top = max(0, min(top, self.end))
        self._follows = self.top == self.end
        lines = min(self.size.height, len(self.records) - self.top)
        seen = self._gone + self.top, lines, thumb(self.top, self.size.height, len(self.records))
        if seen != self._seen:  # new lines below a reader change nothing
            self._seen = seen
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """One line, coloured by column; at its right end, whether it is in the part of the log that is seen."""
        width = self.size.width
        index = self.top + y
        if index >= len(self.records):
            return Strip.blank(width, self.rich_style)
        texts = cells(self.records[index], width - 1, self.label)
        parts = ["epoch", *(column.part for column in columns(width - 1, self.label))]
        segments = [Segment(text, self._style(part)) for text, part in zip(texts, parts, strict=True)]
        line = Strip(segments).simplify().adjust_cell_length(width - 1, self.rich_style)
        first, last = thumb(self.top, self.size.height, len(self.records))
        return Strip([*line, Segment("▐" if first <= y < last else " ", self._style("thumb"))], width)

    def _style(self, part: str) -> Style:
        return self.get_component_rich_style(f"log--{part}")


class LogView(Vertical):
    """The log with its heading."""

    def __init__(self) -> None:
        super().__init__()
        self._heading = Static(classes="heading", markup=False)
        self.lines = LogLines()
        self._run = 0

    def compose(self) -> ComposeResult:
        yield self._heading
        yield self.lines

    def show(self, snapshot: Snapshot, records: list[Record]) -> None:
        """Adds the records of the snapshot's run; a new run begins with an empty log."""
        if snapshot.run != self._run:
            self._run = snapshot.run
            self.lines.label = max(6, len(f"{snapshot.config.epochs}:{snapshot.updates_per_epoch}"))
            self.lines.clear()
            self._show_heading()
        if records:
            self.lines.add(records)

    def on_resize(self) -> None:
        self._show_heading()

    def _show_heading(self) -> None:
        self._heading.update(heading(self.size.width - 1, self.lines.label))
