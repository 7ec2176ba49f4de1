"""RunLines: writes a run's epochs as the lines of a file while it is trained."""

from __future__ import annotations

from collections.abc import Callable

from quadfit_tui.core.export.writers import Writer
from quadfit_tui.core.session.snapshot import Snapshot
from quadfit_tui.core.training.position import START
from quadfit_tui.core.training.record_log import RecordLog

WriteLines = Callable[[list[str]], None]


class RunLines:
    """The lines of a run, written slice by slice: the epochs that a Writer selects, and always the last one.

    `put` writes lines, and raises OSError if it cannot; so do all methods.
    """

    def __init__(self, put: WriteLines, writer: Writer) -> None:
        self._put = put
        self._writer = writer
        self._newest: Snapshot | None = None  # the newest state, unless the end of the run is written
        self._owed = RecordLog()  # the last epoch, unless it is written

    def write_header(self) -> None:
        """Writes the heading, if any epochs are written."""
        if self._writer.every:
            self._put(self._writer.head())

    def write_records(self, snapshot: Snapshot, records: RecordLog) -> None:
        """Writes the records of a slice of training, after which the run is in the state of `snapshot`."""
        if snapshot.newest <= START:
            return
        self._newest = snapshot
        if every := self._writer.every:
            self._put(self._writer.epochs(records, every))
            last = next((record for record in reversed(records) if record.ends_epoch), None)
            if last is not None:
                self._owed = RecordLog()
                if last.epoch % every:
                    self._owed.add(last)
        if snapshot.status.ended:
            self.end()

    def end(self) -> None:
        """Writes the last epoch, and how the run ended or stands, unless they are written."""
        if (newest := self._newest) is not None:
            owed, self._newest, self._owed = self._owed, None, RecordLog()
            self._put([*self._writer.epochs(owed, 1), *self._writer.end(newest)])
