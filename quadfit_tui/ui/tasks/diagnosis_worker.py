"""DiagnosisWorker and JobThread: the diagnosis of a run, computed in a thread, with the results so far."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Set
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from quadfit_tui.core.model.array import Array
from quadfit_tui.core.model.cancellation import WorkCancelledError, cancel_unless
from quadfit_tui.core.model.task import FitTask
from quadfit_tui.core.session.snapshot import Snapshot
from quadfit_tui.core.training.status import Status
from quadfit_tui.ui.tasks.allocator import share_one_heap, trim_heap

# The modules of the diagnosis are imported when they are needed, mostly by the thread: the import takes time.
if TYPE_CHECKING:
    from quadfit_tui.core.diagnosis.diagnose import RateForecast, Remedy, RunDiagnosis

Job = Callable[[], object]
ResultCallback = Callable[[object], None]
# A Runner runs a job later, and calls Done in the event loop with the result, or with the Exception that it raised.
# It may drop or cancel a job for a newer one, but for no other reason.
Runner = Callable[[Job, ResultCallback], None]


class JobThread:
    """A Runner with one thread, which runs the newest job, and cancels the running one for it.

    It accepts jobs at any time, and runs them after `start`. It is a daemon, so that the program exits without waiting
    for a job.
    """

    STOP_TIMEOUT = 0.15  # seconds; a job can be canceled more often than that, except with the largest data

    def __init__(self) -> None:
        self._stopped = False
        self._changed = threading.Condition()
        self._next: tuple[Job, ResultCallback, asyncio.AbstractEventLoop] | None = None
        self._newest: Job | None = None  # the newest job, until its result has arrived
        self._thread = threading.Thread(target=self._work, name="diagnosis", daemon=True)

    def start(self) -> None:
        """Starts the thread, with the job that was added last."""
        share_one_heap()
        self._thread.start()

    def cancel(self) -> None:
        """Cancels the running job and runs no more; the thread ends at the job's next check, and is not waited for."""
        with self._changed:
            self._stopped = True
            self._changed.notify()

    def stop(self) -> None:
        """Cancels the running job, and waits a moment for the thread to end; called before the program exits.

        A thread that runs Python code while the interpreter exits may crash it.
        """
        self.cancel()
        if self._thread.is_alive():
            self._thread.join(self.STOP_TIMEOUT)

    @property
    def is_at_work(self) -> bool:
        """Whether its thread is running."""
        return self._thread.is_alive()

    @property
    def has_job(self) -> bool:
        """Whether a job was added whose result has not arrived yet."""
        return self._newest is not None and not self._stopped

    def __call__(self, job: Job, callback: ResultCallback) -> None:
        """Adds a job, which replaces any other; `callback` gets its result in the present event loop."""
        with self._changed:
            self._next = job, callback, asyncio.get_running_loop()
            self._newest = job
            self._changed.notify()

    def _work(self) -> None:
        """Runs jobs until the thread is stopped."""
        while True:
            with self._changed:
                while self._next is None and not self._stopped:
                    self._changed.wait()
                if self._stopped or self._next is None:
                    return
                (job, callback, loop), self._next = self._next, None
            try:
                with cancel_unless(lambda: self._next is None and not self._stopped):
                    result = job()
            except Exception as failure:
                if isinstance(failure, WorkCancelledError) and (self._next is not None or self._stopped):
                    continue
                result = failure
            except BaseException as failure:  # otherwise the thread would end silently
                result = RuntimeError(f"{type(failure).__name__}: {failure}")
            trim_heap()
            with contextlib.suppress(RuntimeError):  # the event loop is closed
                loop.call_soon_threadsafe(self._deliver, job, callback, result)

    def _deliver(self, job: Job, callback: ResultCallback, result: object) -> None:
        """Calls back with a result; runs in the event loop."""
        if self._newest is job:
            self._newest = None
        callback(result)


class DiagnosisState(NamedTuple):
    """The results of the diagnosis of a run so far.

    `more_helps`: whether more epochs would lower the loss of a finished run. `pending`: another result is being
    computed. `failed`: the error of a result that failed; empty if none did. `withheld`: what a lesson hides of limit,
    forecast, remedy, optimum and map. `is_paused_at_rest`: the run was paused where it gets no closer to its samples.
    """

    diagnosis: RunDiagnosis | None = None
    forecast: RateForecast | None = None
    remedy: Remedy | None = None
    more_helps: bool | None = None
    pending: bool = False
    failed: str = ""
    withheld: Set[str] = frozenset()
    is_paused_at_rest: bool = False

    @property
    def rest_w(self) -> Array | None:
        """The w at which the run comes to rest, shape (3,), or None if that is unknown or withheld."""
        rest = None if self.diagnosis is None or self.withheld & {"forecast", "optimum"} else self.diagnosis.rest
        return None if rest is None else rest.w

    def limit_at(self, snapshot: Snapshot) -> float | None:
        """Returns the learning rate above which the run diverges, or None if that is unknown or withheld."""
        return None if self.diagnosis is None or "forecast" in self.withheld else self.diagnosis.limit_at(snapshot.lr)

    def remedy_at(self, snapshot: Snapshot) -> Remedy | None:
        """Returns the remedy to offer at a moment, or None if the run goes well, or none is known or shown."""
        if self.diagnosis is None or "remedy" in self.withheld:
            return None
        from quadfit_tui.core.diagnosis.diagnose import offered

        return offered(snapshot, self.diagnosis, self.remedy)

    def goes_wrong_at(self, snapshot: Snapshot) -> bool:
        """Whether the run is known to go wrong."""
        if self.diagnosis is None:
            return False
        from quadfit_tui.core.diagnosis.diagnose import needs_remedy

        return needs_remedy(snapshot, self.diagnosis)


class DiagnosisWorker:
    """The owner of the current run's DiagnosisState, which is computed by a Runner, one piece after the other.

    The pieces for the main screen come first; those that only the page of the diagnosis shows are computed while that
    is open. `notify` is called when a piece arrives; `withheld` returns the names of results that a lesson hides now.
    """

    def __init__(self, run: Runner, notify: Callable[[], None], withheld: Callable[[], Set[str]] = frozenset) -> None:
        self._run = run
        self._notify = notify
        self._withheld = withheld
        self._task: FitTask | None = None  # the run that `_known` is about
        self._known = DiagnosisState()
        self._failed: set[str] = set()
        self._requested: tuple[str, float] | None = None  # the piece that is being computed, and for which rate

    def get_or_start(self, snapshot: Snapshot, in_full: bool = False) -> DiagnosisState:
        """Returns the results so far, and starts computing the next missing one; drops those of another run.

        `in_full`: with the forecast that only the page of the diagnosis shows.
        """
        if self._task != snapshot.task:
            self._task = snapshot.task
            self._known = DiagnosisState()
            self._requested = None
            self._failed = set()
        piece = self._missing(snapshot, in_full)
        request = (piece, snapshot.lr if piece == "forecast" else 0.0) if piece is not None else None
        if piece is not None and request != self._requested:
            self._requested = request
            self._run(self._job(piece, snapshot), partial(self._arrived, self._task, piece))
        known = self.known(snapshot)._replace(pending=self._missing(snapshot, in_full) is not None)
        return known if self._has_forecast(snapshot) else known._replace(forecast=None)

    def known(self, snapshot: Snapshot) -> DiagnosisState:
        """Returns the results so far without computing anything."""
        state = self._known if self._task == snapshot.task else DiagnosisState()
        return state._replace(withheld=self._withheld())

    def _has_forecast(self, snapshot: Snapshot) -> bool:
        """Whether there is a forecast for the present rate."""
        return self._known.forecast is not None and self._known.forecast.rate == snapshot.lr

    def _missing(self, snapshot: Snapshot, in_full: bool) -> str | None:
        """Returns the name of the piece to compute next, or None if nothing is missing."""
        known = self._known
        wanted = {
            "diagnosis": known.diagnosis is None,
            "remedy": known.remedy is None and known.goes_wrong_at(snapshot),
            "more_helps": known.more_helps is None and snapshot.status is Status.FINISHED,
            "forecast": known.diagnosis is not None and in_full and not self._has_forecast(snapshot),
        }
        # A piece that failed is not tried again: it would fail again.
        return next((piece for piece, missing in wanted.items() if missing and piece not in self._failed), None)

    def _job(self, piece: str, snapshot: Snapshot) -> Job:
        """Returns the function that computes a piece, for the Runner."""
        task, known = snapshot.task, self._known.diagnosis

        def job() -> object:
            from quadfit_tui.core.diagnosis.diagnose import diagnose, find_remedy, rate_forecast
            from quadfit_tui.core.diagnosis.trials import more_helps

            if known is None:
                return diagnose(task)
            if piece == "remedy":
                return find_remedy(known)
            if piece == "more_helps":
                return more_helps(snapshot)
            return rate_forecast(task, snapshot.lr)

        return job

    def _arrived(self, task: FitTask, piece: str, result: object) -> None:
        """Stores a piece or the exception of its job, unless it is of another run by now; called by the Runner."""
        if task is not self._task:
            return
        changes: dict[str, Any] = {piece: result}
        if isinstance(result, Exception):
            self._failed.add(piece)
            changes = {"failed": f"{type(result).__name__}: {result}"}
        self._known = self._known._replace(**changes)
        self._requested = None
        self._notify()
