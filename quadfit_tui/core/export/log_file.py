"""LogFile: the epochs that a run was trained so far, written to a file by training them once more, slice by slice."""

from __future__ import annotations

from quadfit_tui.core.export.formats import writer_of
from quadfit_tui.core.export.recorder import RecordedSession, RunLines
from quadfit_tui.core.files.line_file import LineFile
from quadfit_tui.core.session.session import Session
from quadfit_tui.core.training.record_log import RecordLog


class LogFile:
    """Writes what `run` gives of the present run of a session, up to its newest position, whatever is visited.

    A run is not remembered, but trained again from its start: that takes as long as it did, and no memory. The session
    may go on meanwhile. Raises OSError where the file cannot be opened, as LineFile does; so does `advance` where it
    cannot be written.
    """

    def __init__(self, path: str, style: str, session: Session, *, overwrites: bool = False) -> None:
        self.path = path
        self.epochs = session.timeline.newest.epoch  # that are to be written
        self._file = LineFile(path, waits=False, overwrites=overwrites)
        self._lines = RunLines(self._file.write, writer_of(style))
        self._again = session.again()
        self._trained = RecordedSession(self._again, self._take)

    @property
    def done(self) -> int:
        """How many epochs are written."""
        return self._again.timeline.newest.epoch

    @property
    def is_busy(self) -> bool:
        """Whether lines are still to be written."""
        return self._trained.is_busy

    def advance(self, budget: float) -> None:
        """Writes lines for about `budget` seconds; the last one tells how the run ended or stands."""
        self._lines.begin()
        self._trained.advance(budget)
        if not self.is_busy:
            self._lines.end()

    def _take(self, session: Session, records: RecordLog) -> None:
        self._lines.take(session.snapshot(), records)

    def close(self) -> None:
        """Closes the file; what is written so far is whole lines. Raises OSError, as LineFile does."""
        self._file.close()
