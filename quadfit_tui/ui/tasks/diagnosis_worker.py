"""The adviser: has the diagnosis of a run worked out beside the event loop, and tells what is known so far."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from quadfit_tui.core.diagnosis.cancellation import WorkCancelledError, cancel_unless
from quadfit_tui.core.model.task import Task
from quadfit_tui.core.session.snapshot import Snapshot
from quadfit_tui.ui.tasks.allocator import give_back, share_one_heap

if TYPE_CHECKING:
    from quadfit_tui.core.diagnosis.diagnose import Diagnosis, RateForecast, Remedy
    from quadfit_tui.core.model.array import Array

Job = Callable[[], object]
Done = Callable[[object], None]
# Does a job some time, and tells `done` of the result, or of the Exception that it raised, in the event loop; it may
# forget a job for a newer one, or give it up.
Runner = Callable[[Job, Done], None]


class Thread:
    """A Runner with one thread, in which the newest job is next: the one at work is given up for it.

    A daemon, since what is being worked out when the program ends is not to be waited for.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._next: tuple[Job, Done, asyncio.AbstractEventLoop] | None = None
        self._thread: threading.Thread | None = None
        self._holds = False

    def hold(self) -> None:
        """Only takes jobs, and does none before `go_on`: what is painted first is not to wait for them."""
        self._holds = True

    def go_on(self) -> None:
        """Begins with the job that was taken last."""
        self._holds = False
        if self._next is not None:
            self._begin()

    def __call__(self, job: Job, done: Done) -> None:
        with self._changed:
            self._next = job, done, asyncio.get_running_loop()
            self._changed.notify()
        if not self._holds:
            self._begin()

    def _begin(self) -> None:
        if self._thread is None:
            share_one_heap()
            self._thread = threading.Thread(target=self._work, name="adviser", daemon=True)
            self._thread.start()

    def _work(self) -> None:
        while True:
            with self._changed:
                while self._next is None:
                    self._changed.wait()
                (job, done, loop), self._next = self._next, None
            try:
                with cancel_unless(lambda: self._next is None):
                    result = job()
            except WorkCancelledError:
                continue
            except Exception as failure:
                result = failure
            give_back()
            with contextlib.suppress(RuntimeError):  # nobody is there any more
                loop.call_soon_threadsafe(done, result)


class Advice(NamedTuple):
    """What is known of a run so far.

    `pending`: something more is being worked out. `failed`: why something could not be, empty where all could.
    """

    diagnosis: Diagnosis | None = None
    pace: RateForecast | None = None
    remedy: Remedy | None = None
    pending: bool = False
    failed: str = ""

    @property
    def settles(self) -> Array | None:
        """The w where the run settles, shape (3,), as far as that is known."""
        settles = None if self.diagnosis is None else self.diagnosis.settles
        return None if settles is None else settles.w


class DiagnosisWorker:
    """Gives Advice on the run at hand, and calls `tell` when there is more of it.

    Has one piece after the other worked out: what the line needs first, what only the page tells while that is open.
    """

    def __init__(self, run: Runner, tell: Callable[[], None]) -> None:
        self._run = run
        self._tell = tell
        self._about: Task | None = None
        self._known = Advice()
        self._failed: set[str] = set()
        self._asked: tuple[str, float] | None = None  # the piece that is being worked out, and at which rate

    def consult(self, snapshot: Snapshot, closely: bool = False) -> Advice:
        """What is known now; `closely`: with what only the page tells. Results of another run are dropped."""
        if self._about != snapshot.task:
            self._about, self._known, self._asked = snapshot.task, Advice(), None
            self._failed = set()
        piece = self._missing(snapshot, closely)
        asked = (piece, snapshot.lr if piece == "pace" else 0.0) if piece is not None else None
        if piece is not None and asked != self._asked:
            self._asked = asked
            self._run(self._job(piece, snapshot), partial(self._arrived, self._about, piece))
        known = self._known._replace(pending=self._missing(snapshot, closely) is not None)
        return known if known.pace is None or known.pace.rate == snapshot.lr else known._replace(pace=None)

    def settles(self, snapshot: Snapshot) -> Array | None:
        """Where the run settles, as far as that is known now; nothing is worked out for it."""
        return self._known.settles if self._about == snapshot.task else None

    def _missing(self, snapshot: Snapshot, closely: bool) -> str | None:
        """The piece that is to be worked out next; None where nothing is missing."""
        known, wanted = self._known, []
        if known.diagnosis is None:
            wanted = ["diagnosis"]
        else:
            from quadfit_tui.core.diagnosis.diagnose import (
                needs_remedy,  # that takes time to load is for the job to see to
            )

            if known.remedy is None and needs_remedy(snapshot, known.diagnosis):
                wanted = ["remedy"]
            if closely and (known.pace is None or known.pace.rate != snapshot.lr):
                wanted.append("pace")
        return next((piece for piece in wanted if piece not in self._failed), None)  # what failed would do so again

    def _job(self, piece: str, snapshot: Snapshot) -> Job:
        task, known = snapshot.task, self._known.diagnosis

        def job() -> object:
            from quadfit_tui.core.diagnosis.diagnose import (
                diagnose,
                rate_forecast,  # here, beside the event loop
                remedy,
            )

            if known is None:
                return diagnose(task)
            if piece == "remedy":
                return remedy(task, known.limit)
            return rate_forecast(task, snapshot.lr)

        return job

    def _arrived(self, about: Task, piece: str, result: object) -> None:
        if about is not self._about:
            return
        found: dict[str, Any] = {piece: result}
        if isinstance(result, Exception):
            self._failed.add(piece)
            found = {"failed": f"{type(result).__name__}: {result}"}
        self._known, self._asked = self._known._replace(**found), None
        self._tell()
