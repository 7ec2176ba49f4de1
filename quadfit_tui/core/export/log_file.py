"""RunFile, LogFile: a run as far as it was trained, written to a file by training it once more, slice by slice."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress

from quadfit_tui.core.export.formats import writer_of
from quadfit_tui.core.export.recorder import RunLines
from quadfit_tui.core.files.atomic_file import AtomicFile
from quadfit_tui.core.model.incremental_job import IncrementalJob, JobSteps
from quadfit_tui.core.session.session import RunSession

PIECE = 0.006  # seconds of training and writing in one go
FIRST_LINES, MOST_LINES = 32, 512  # of one piece


class RunFile(IncrementalJob[None]):
    """Writes what `_content` makes of the present run of a session, up to its newest position, whatever is visited.

    A run is not remembered, but trained again from its start: that takes as long as it did, and no memory. The session
    may go on meanwhile. An older file is there until the last line is written. Raises OSError where the file cannot be
    opened, as LineFile does, or a line cannot be written; then it is closed, too.
    """

    def __init__(self, path: str, session: RunSession, *, overwrites: bool = False) -> None:
        self.path = path
        self.epochs = session.timeline.newest.epoch  # that are to be written
        self._file = AtomicFile(path, waits=False, overwrites=overwrites)
        self._again = session.again()
        super().__init__(self._written())

    def _content(self) -> JobSteps[None]:
        """Trains the run and writes of it, piece by piece."""
        raise NotImplementedError

    def _written(self) -> JobSteps[None]:
        try:
            yield from self._content()
            self._file.finalize()
            self._file.close()
        except BaseException:  # it may be given up, too: then nothing stays of the file but where it `is_truncated`
            with suppress(OSError):
                self._file.close()
            raise

    @property
    def done(self) -> int:
        """How many epochs are written."""
        return self._again.timeline.newest.epoch

    @property
    def error_message(self) -> str:
        """How large it is, where that is to be said with it; else empty."""
        return ""

    @property
    def is_truncated(self) -> bool:
        """Whether what was given up has left the first epochs, as in a pipe; else an older file is as it was."""
        return self._file.is_truncated


class LogFile(RunFile):
    """Writes what `run` gives; the last line tells how the run stands.

    An epoch may well take longer to write than to train: a piece has no more epochs than can be written in half of it,
    as known from those before.
    """

    def __init__(
        self,
        path: str,
        style: str,
        session: RunSession,
        *,
        overwrites: bool = False,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        super().__init__(path, session, overwrites=overwrites)
        self._lines = RunLines(self._file.write, writer_of(style)(session.config))
        self._most = FIRST_LINES
        self._clock = clock

    def _content(self) -> JobSteps[None]:
        self._lines.write_header()
        self._advance()
        while self._again.is_busy:
            yield self.done / max(1, self.epochs)
            self._advance()
        self._lines.end()

    def _advance(self) -> None:
        """Trains and writes for PIECE seconds."""
        records = self._again.advance(PIECE, self._most)
        started = self._clock()
        self._lines.write_records(self._again.snapshot(), records)
        took = self._clock() - started
        if records and took > 0:
            self._most = max(1, min(MOST_LINES, int(len(records) * PIECE / 2 / took)))
