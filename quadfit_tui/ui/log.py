"""The scrolling log: a line an epoch, or an update where single updates are stepped."""

from __future__ import annotations

from collections import deque
from typing import ClassVar

from rich.segment import Segment
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widgets import Static

from quadfit_tui.core.figures import figure
from quadfit_tui.core.session import Snapshot
from quadfit_tui.core.trainer import Record

MAX_LINES = 2000
_NARROWEST, _WIDEST = 8, 13  # characters of a number

# The heading of each number's column, and the part of the style sheet that colours it.
_COLUMNS = (
    ("lr", "rate"),
    ("grad a", "gradient"),
    ("grad b", "gradient"),
    ("grad c", "gradient"),
    ("loss", "loss"),
    ("a", "w"),
    ("b", "w"),
    ("c", "w"),
)


def number_width(width: int, label: int) -> int:
    """How wide each number may be in a log of `width` characters whose first column takes `label`."""
    return max(_NARROWEST, min(_WIDEST, (width - label) // len(_COLUMNS) - 1))


def heading(label: int, number: int) -> str:
    """The heading of the log, in columns as wide as those of `cells`."""
    return f"{'epoch':>{label}}" + "".join(f" {name:>{number}}" for name, _ in _COLUMNS)


def cells(record: Record, label: int, number: int) -> list[str]:
    """The texts of a log line, all of fixed width: the epoch (and the update of a single one), then the numbers."""
    which = str(record.epoch) if record.ends_epoch else f"{record.epoch}:{record.update}"
    numbers = [record.lr, *record.gradient.tolist(), record.loss, *record.w.tolist()]
    return [f"{which:>{label}}", *(f" {figure(value, number)}" for value in numbers)]


class LogLines(ScrollView, can_focus=False):
    """The lines of the log. Formats only what is seen; stays where the reader is, or at the end if that is in sight."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "log--epoch",
        "log--rate",
        "log--gradient",
        "log--loss",
        "log--w",
    }

    def __init__(self) -> None:
        super().__init__()
        self.records: deque[Record] = deque(maxlen=MAX_LINES)
        self.label = 6
        self._follows = True

    def add(self, records: list[Record]) -> None:
        """Adds lines; drops the oldest of more than MAX_LINES."""
        dropped = max(0, len(self.records) + len(records) - MAX_LINES)
        self.records.extend(records)
        self._resize()
        if self._follows:
            self._to_end()
        elif dropped:
            self.scroll_to(y=max(0, self.scroll_y - dropped), animate=False, force=True)
        self.refresh()

    def _to_end(self) -> None:
        self.scroll_to(y=self.max_scroll_y, animate=False, force=True)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Follows the newest line as long as it is in sight."""
        super().watch_scroll_y(old_value, new_value)
        self._follows = new_value >= self.max_scroll_y

    def on_resize(self) -> None:
        if self._follows:
            self._to_end()

    def clear(self) -> None:
        """Empties the log."""
        self.records.clear()
        self._resize()
        self.refresh()

    def _resize(self) -> None:
        self.virtual_size = Size(0, len(self.records))

    def render_line(self, y: int) -> Strip:
        """One line, coloured by column."""
        width = self.scrollable_content_region.width
        index = y + round(self.scroll_y)
        if index >= len(self.records):
            return Strip.blank(width, self.rich_style)
        texts = cells(self.records[index], self.label, number_width(width, self.label))
        parts = ["epoch", *(part for _, part in _COLUMNS)]
        styles = [self.get_component_rich_style(f"log--{part}") for part in parts]
        segments = [Segment(text, style) for text, style in zip(texts, styles, strict=True)]
        return Strip(segments).adjust_cell_length(width, self.rich_style)


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
        label = self.lines.label
        width = self.size.width - self.lines.styles.scrollbar_size_vertical
        self._heading.update(heading(label, number_width(width, label)))
