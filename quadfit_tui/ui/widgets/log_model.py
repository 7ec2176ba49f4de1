"""What the log consists of at a moment: the newest records, or a page of older ones, and where in them the run is.

It depends on what was trained and on the visited point only, never on the way there.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

from quadfit_tui.core.session.runs import Run
from quadfit_tui.core.session.snapshot import Snapshot
from quadfit_tui.core.training.position import Position
from quadfit_tui.core.training.record import Record
from quadfit_tui.ui.tasks.training_loop import MAX_LINES

START_LINE = -1  # the index of the line before the first one: the start of a run has none


class RecordPages(Protocol):
    """Gives the records of the epochs `first` to `stop` of the present run; at most `page` of them are asked for.

    `earlier` are the runs that may be shown again.
    """

    @property
    def earlier(self) -> Iterable[Run]: ...

    @property
    def page(self) -> int: ...

    def records(self, first: int, stop: int) -> Sequence[Record]: ...


def reached(record: Record) -> Position:
    """The point of the run to which the record's update leads."""
    return Position(record.epoch + 1, 0) if record.ends_epoch else Position(record.epoch, record.update)


class Lines(NamedTuple):
    """The records to be listed; `visited` is the index of the one at which the run is, None where that is the newest.

    What follows the visited one is the future, which is known already.
    """

    records: Sequence[Record]
    visited: int | None = None


class LogModel:
    """Keeps the newest records of a run, and puts together what is to be listed."""

    def __init__(self, archive: RecordPages) -> None:
        self.tail: deque[Record] = deque(maxlen=MAX_LINES)
        self._archive = archive
        self._fetched: tuple[int, int, Sequence[Record]] = (0, 0, ())

    def add(self, records: Sequence[Record]) -> int:
        """Adds records; gives the number of the oldest lines that went, so that there are at most MAX_LINES."""
        dropped = max(0, len(self.tail) + len(records) - MAX_LINES)
        self.tail.extend(records[-MAX_LINES:])
        return dropped

    def lines(self, snapshot: Snapshot) -> Lines:
        """What is to be listed at a moment.

        A point without a line of its own, as within an epoch that was trained as a whole, has one while it is visited.
        """
        point = snapshot.position
        if point == snapshot.newest:
            return Lines(self.tail)
        records: Sequence[Record] = self.tail
        if self.tail and self.tail[0].epoch > 0 and point < reached(self.tail[0]):  # lines before it have gone
            records = self._older(point, snapshot.newest.epoch)
        index = bisect_right(records, point, key=reached)
        if index and reached(records[index - 1]) == point:
            return Lines(records, index - 1)
        if snapshot.record is None:
            return Lines(records, START_LINE)
        listed = list(records)
        listed.insert(index, snapshot.record)
        return Lines(listed, index)

    def _older(self, point: Position, done: int) -> Sequence[Record]:
        """The records of the page of epochs on which a point lies; pages never overlap, so that each looks one way."""
        epoch = max(0, point.epoch - (point.update == 0))  # the one whose line it is
        first = epoch // self._archive.page * self._archive.page
        stop = min(first + self._archive.page, done)
        if self._fetched[:2] != (first, stop):
            self._fetched = first, stop, self._archive.records(first, stop) if first < stop else ()
        return self._fetched[2]
