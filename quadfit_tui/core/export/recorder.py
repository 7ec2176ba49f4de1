"""Writes the epochs of runs while they are trained: RunLines for `run`, RunRecorder for the app's --output file.

There is one heading at the top. A run's last lines, which tell how it stands, follow when it has ended, when another
one is trained, or when the file is closed. What is trained once is written once, whatever is visited or played again.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.export.formats import writer_of
from quadfit_tui.core.export.writers import Writer
from quadfit_tui.core.files import refusals
from quadfit_tui.core.files.line_file import LineFile
from quadfit_tui.core.session.session import Session
from quadfit_tui.core.session.snapshot import Snapshot
from quadfit_tui.core.text.language import _, full_stop, paragraph
from quadfit_tui.core.text.quoting import quoted
from quadfit_tui.core.training.position import START, Position
from quadfit_tui.core.training.record_log import RecordLog
from quadfit_tui.core.training.status import Status

FIRST_LINES, MOST_LINES = 32, 512  # of a slice of training in the app
LOCK_TIMEOUT = 1.0  # seconds for which `close` waits for another thread that is writing

WriteLines = Callable[[list[str]], None]


class RunLines:
    """Turns slices of training into lines: of each `every`-th epoch (0: of none), and of the last one of a run.

    With `numbered` each line tells its run, since a session may have several. `put` writes lines, and raises OSError
    where it cannot; so do all methods that write.
    """

    def __init__(self, put: WriteLines, writer: type[Writer], every: int = 1, *, numbered: bool = False) -> None:
        self._put = put
        self._exporter = writer
        self._every = every
        self._numbered = numbered
        self._headed = not every
        self._writer: Writer | None = None  # of the run that the last lines tell of
        self._writers: dict[int | None, Writer] = {}  # by the numbers of their runs, which may be shown again
        self._newest: Snapshot | None = None  # of that run, if its end is not written
        self._owed = RecordLog()  # its last epoch, if that is not written
        self._done: dict[int, Position] = {}  # how far each run is written

    def take(self, snapshot: Snapshot, records: RecordLog) -> None:
        """Writes the records of a slice of training, after which the session is as `snapshot` says."""
        if snapshot.newest <= self._done.get(snapshot.number, START):
            return
        if self._newest is not None and self._newest.number != snapshot.number:
            self._put(self._ending())
        writer = self._writer_of(snapshot)
        self._done[snapshot.number] = snapshot.newest
        self._newest = snapshot
        if self._every:
            self._put(writer.epochs(records, self._every))
            last = next((record for record in reversed(records) if record.ends_epoch), None)
            if last is not None:
                self._owed = RecordLog()
                if last.epoch % self._every:
                    self._owed.add(last)
        if snapshot.status.ended:
            self._put(self._ending())

    def _writer_of(self, snapshot: Snapshot) -> Writer:
        """The writer of a snapshot's run; what stands before its lines is written."""
        before, number = self._writer, snapshot.number if self._numbered else None
        if before is None or before.run != number:
            self._writer = self._writers.setdefault(number, self._exporter(snapshot.config, number, self._every))
            self.begin()
            if before is not None:
                self._put(self._writer.after(before))
        assert self._writer is not None
        return self._writer

    def begin(self) -> None:
        """Writes the heading, which otherwise comes with the first epoch."""
        if not self._headed:
            self._put(self._exporter(RunConfig(), 1 if self._numbered else None).head())  # the same for every run
            self._headed = True

    def _ending(self) -> list[str]:
        """The lines that end a run: its last epoch, if that is not written, and how it stands; they are due no more."""
        assert self._writer is not None
        assert self._newest is not None
        newest, owed = self._newest, self._owed
        self.drop()
        if not newest.status.ended:
            newest = replace(newest, status=Status.PAUSED)
        return [*self._writer.epochs(owed, 1), *self._writer.end(newest)]

    def end(self) -> None:
        """Writes how an unfinished run stands; where no run was, the heading at least."""
        self.begin()
        if self._newest is not None:
            self._put(self._ending())

    def begin_anew(self) -> None:
        """Goes on in another file, which needs a heading of its own."""
        self.drop()
        self._writer = None
        self._writers.clear()
        self._headed = not self._every

    def drop(self) -> None:
        """Forgets the lines that are due, after `put` failed."""
        self._newest, self._owed = None, RecordLog()


class RunRecorder:
    """Writes all runs of a session to a file; where that fails the training goes on.

    `failure` says why, in words; it is empty where all is well. The rest of a run that could not be written is left
    out, and the next run is tried again.
    """

    def __init__(self, path: str, style: str, every: int = 1, *, overwrites: bool = False) -> None:
        self.path = path
        self.overwrites = overwrites  # an older file of this name
        self.failure = ""
        self._file: LineFile | None = None
        self._lines = RunLines(self._write, writer_of(style), every, numbered=True)
        self._given_up: set[int] = set()  # the numbers of the runs
        self._told = False
        self._lock = threading.Lock()

    def start(self) -> None:
        """Opens the file; raises OSError where that cannot be, as LineFile does, ValueError for such a name."""
        self._file = LineFile(self.path, waits=False, overwrites=self.overwrites)

    def _write(self, lines: list[str]) -> None:
        if lines and self._file is not None:
            self._file.write(lines)

    def take(self, session: Session, records: RecordLog) -> None:
        """Writes the records of a slice of training; they are in the file when this returns. Never raises OSError."""
        with self._lock:
            snapshot = session.snapshot()
            if self._file is None or snapshot.number in self._given_up:
                return
            try:
                if self.failure and self._file.is_deleted:
                    self._begin_anew()
                self._lines.take(snapshot, records)
            except OSError as failure:
                self._given_up.add(snapshot.number)
                self._lines.drop()
                self._fail(failure)

    def _begin_anew(self) -> None:
        """Makes a file that was deleted once more; what was in it is gone."""
        file = LineFile(self.path, waits=False)
        if self._file is not None:
            self._file.close()
        self._file = file
        self._lines.begin_anew()

    def _fail(self, failure: Exception) -> None:
        self.failure = refusals.reason(failure)
        self._told = False

    def news(self) -> str:
        """What is to be told of a failure, if it has not been told yet; empty without one."""
        if self._told or not self.failure:
            return ""
        self._told = True
        failed = full_stop(refusals.unwritten(quoted(self.path), self.failure))
        return paragraph([failed, _("Training continues without the file; the next run will try again.")])

    def close(self) -> None:
        """Closes the file. From any thread, any number of times; never raises, and waits LOCK_TIMEOUT at most."""
        if not self._lock.acquire(timeout=LOCK_TIMEOUT):
            return  # what has been written so far is whole
        try:
            self._close()
        except Exception as failure:  # whatever it is, the program is on its way out
            self._fail(failure)
        finally:
            self._lock.release()

    def _close(self) -> None:
        file, lines = self._file, self._lines
        try:
            lines.end()
        finally:
            self._file = None
            if file is not None:
                file.close()


class RecordedSession:
    """A session whose epochs are written to a file, by `take`, before they are shown."""

    def __init__(
        self,
        session: Session,
        take: Callable[[Session, RecordLog], None],
        *,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._session = session
        self._take = take
        self._clock = clock
        self._most = FIRST_LINES

    @property
    def is_busy(self) -> bool:
        """Whether `advance` has, or will have, something to do."""
        return self._session.is_busy

    def advance(self, budget: float) -> RecordLog:
        """Trains as the session does, for `budget` seconds, but no more epochs than can be written in half of that.

        An epoch may well take longer to write than to train. How long it takes is known from those before.
        """
        records = self._session.advance(budget, self._most)
        started = self._clock()
        self._take(self._session, records)
        took = self._clock() - started
        if records and took > 0:
            self._most = max(1, min(MOST_LINES, int(len(records) * budget / 2 / took)))
        return records
