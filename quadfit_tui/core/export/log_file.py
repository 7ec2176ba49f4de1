"""LogFile: the epochs that a run was trained so far, written to a file by training them once more, slice by slice."""

from __future__ import annotations

import time
from contextlib import suppress

from quadfit_tui.core.export.formats import writer_of
from quadfit_tui.core.export.recorder import RecordedSession, RunLines
from quadfit_tui.core.files.whole_file import WholeFile
from quadfit_tui.core.session.session import Session
from quadfit_tui.core.training.record_log import RecordLog


class LogFile:
    """Writes what `run` gives of the present run of a session, up to its newest position, whatever is visited.

    A run is not remembered, but trained again from its start: that takes as long as it did, and no memory. The session
    may go on meanwhile. An older file is there until the last line is written. Raises OSError where the file cannot be
    opened, as LineFile does.
    """

    def __init__(self, path: str, style: str, session: Session, *, overwrites: bool = False) -> None:
        self.path = path
        self.epochs = session.timeline.newest.epoch  # that are to be written
        self._file = WholeFile(path, waits=False, overwrites=overwrites)
        self._lines = RunLines(self._file.write, writer_of(style))
        self._again = session.again()
        self._trained = RecordedSession(self._again, self._take)

    @property
    def done(self) -> int:
        """How many epochs are written."""
        return self._again.timeline.newest.epoch

    @property
    def percent(self) -> int:
        """How much of them that is."""
        return 100 * self.done // max(1, self.epochs)

    @property
    def is_busy(self) -> bool:
        """Whether lines are still to be written."""
        return self._trained.is_busy

    def advance(self, budget: float) -> None:
        """Writes lines for about `budget` seconds; after the last one, which tells how the run stands, it is closed.

        It is closed too where a line cannot be written, which raises OSError.
        """
        ends = time.perf_counter() + budget
        try:
            self._lines.begin()
            while self.is_busy:
                self._trained.advance(budget)
                if time.perf_counter() >= ends:
                    break
            if not self.is_busy:
                self._lines.end()
                self._file.keep()
                self._file.close()
        except OSError:
            self.give_up()
            raise

    def _take(self, session: Session, records: RecordLog) -> None:
        self._lines.take(session.snapshot(), records)

    def give_up(self) -> None:
        """Closes the file, of which nothing stays but where it `is_cut`."""
        with suppress(OSError):
            self._file.close()

    @property
    def is_cut(self) -> bool:
        """Whether what was given up has left the first epochs, as in a pipe; else an older file is as it was."""
        return self._file.is_cut
