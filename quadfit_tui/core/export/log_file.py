"""RunFile, LogFile: write a run, as far as it was trained, to a file, by training it once more, slice by slice."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress

from quadfit_tui.core.export.formats import writer_of
from quadfit_tui.core.export.recorder import RunLines
from quadfit_tui.core.files.atomic_file import AtomicFile
from quadfit_tui.core.model.incremental_job import IncrementalJob, JobSteps
from quadfit_tui.core.session.session import RunSession

PIECE = 0.006  # seconds of training and writing between two yields
FIRST_LINES, MOST_LINES = 32, 512  # maximum number of lines of the first piece, and of any


class RunFile(IncrementalJob[None]):
    """A job that writes the current run of a session to a file, from its start to its newest position.

    Subclasses write the lines in `_content`. The run is trained again from its start, so it needs as much time as
    before, but no memory. The session may go on meanwhile. An older file stays until the last line is written. Raises
    OSError if the file cannot be opened, as LineFile does, or a line cannot be written; then it is closed, too.
    """

    def __init__(self, path: str, session: RunSession, *, overwrites: bool = False) -> None:
        self.path = path
        self.epochs = session.timeline.newest.epoch  # number of epochs to write
        self._file = AtomicFile(path, waits=False, overwrites=overwrites)
        self._again = session.retraining_copy()
        super().__init__(self._written())

    def _content(self) -> JobSteps[None]:
        """Trains the run and writes its lines, piece by piece; yields the share done."""
        raise NotImplementedError

    def _written(self) -> JobSteps[None]:
        """Writes the file, and closes it also after an error or a cancellation."""
        try:
            yield from self._content()
            self._file.finalize()
            self._file.close()
        except BaseException:  # also after a cancellation; the file stays only if it `is_truncated`
            with suppress(OSError):
                self._file.close()
            raise

    @property
    def done(self) -> int:
        """The number of epochs written so far."""
        return self._again.timeline.newest.epoch

    @property
    def size_message(self) -> str:
        """The size of the file, for the message after saving; empty if it has none."""
        return ""

    @property
    def is_truncated(self) -> bool:
        """Whether a canceled file has kept the first epochs, as a pipe does; else an older file is as it was."""
        return self._file.is_truncated


class LogFile(RunFile):
    """A job that writes the log of a run, in a format of `run`; the last line is about the end or state of the run.

    An epoch may take longer to write than to train: a piece has no more epochs than can be written in half of its time,
    as measured by earlier pieces.
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
        """Trains and writes for PIECE seconds, and adapts the number of lines of the next piece."""
        records = self._again.advance(PIECE, self._most)
        started = self._clock()
        self._lines.write_records(self._again.snapshot(), records)
        took = self._clock() - started
        if records and took > 0:
            self._most = max(1, min(MOST_LINES, int(len(records) * PIECE / 2 / took)))
