"""The records that the log lists at a moment: the newest ones, or a page of older ones, and which of them is visited.

It depends on what was trained and on the visited point only, never on the way there.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

from quadfit_tui.core.session.session import RunSession
from quadfit_tui.core.session.snapshot import Snapshot
from quadfit_tui.core.training.position import START, Position
from quadfit_tui.core.training.record import Record
from quadfit_tui.core.training.status import Status
from quadfit_tui.ui.tasks.training_loop import MAX_LINES

START_LINE = -1  # the index of the line before the first one: the start of a run has none


class ListedRecords(NamedTuple):
    """The records that the log lists; `visited` is the index of the visited one, or None if that is the newest.

    Records after the visited one are already trained, too.
    """

    records: Sequence[Record]
    visited: int | None = None


class LogModel:
    """The newest records of a run, from which it makes the lines of the log; it asks the session for older records."""

    def __init__(self, session: RunSession) -> None:
        self.kept: deque[Record] = deque(maxlen=MAX_LINES)
        self._session = session
        self._page: tuple[int, int, Sequence[Record]] = (0, 0, ())

    def add(self, records: Sequence[Record]) -> int:
        """Adds records and drops the oldest ones beyond MAX_LINES; returns how many it dropped."""
        dropped = max(0, len(self.kept) + len(records) - MAX_LINES)
        self.kept.extend(records[-MAX_LINES:])
        return dropped

    def lines(self, snapshot: Snapshot) -> ListedRecords:
        """Returns the records to list at a moment.

        A position without a record of its own, as within an epoch that was trained as a whole, has one while it is
        visited, but not while the run goes on from there.
        """
        position = snapshot.position
        if position == snapshot.newest:
            record, last = snapshot.record, self.kept[-1].position if self.kept else START
            if record is None or position == last or snapshot.status is Status.RUNNING:
                return ListedRecords(self.kept)
            return ListedRecords([*self.kept, record])
        records: Sequence[Record] = self.kept
        if records and records[0].epoch > 0 and position < records[0].position:  # its record was dropped
            records = self._older(position, snapshot.newest.epoch)
        index = bisect_right(records, position, key=lambda record: record.position)
        if index and records[index - 1].position == position:
            return ListedRecords(records, index - 1)
        if snapshot.record is None:
            return ListedRecords(records, START_LINE)
        listed = list(records)
        listed.insert(index, snapshot.record)
        return ListedRecords(listed, index)

    def _older(self, position: Position, done: int) -> Sequence[Record]:
        """Returns the records of the page of epochs on which a position lies, as far as they are among the `done` ones.

        Pages never overlap, so that each looks the same wherever one comes from.
        """
        epoch = max(0, position.epoch - (position.update == 0))  # the epoch whose record leads to the position
        timeline = self._session.timeline
        first = epoch // timeline.epochs_per_page * timeline.epochs_per_page
        stop = min(first + timeline.epochs_per_page, done)
        if self._page[:2] != (first, stop):
            self._page = first, stop, timeline.records(first, stop) if first < stop else ()
        return self._page[2]
