"""Works out the diagnosis of a run in a thread beside the event loop, and holds what is known of it so far."""

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
from quadfit_tui.ui.tasks.allocator import give_back, share_one_heap

# The functions of the diagnosis are imported by the thread, those that judge it once there is one: it takes time.
if TYPE_CHECKING:
    from quadfit_tui.core.diagnosis.diagnose import RateForecast, Remedy, RunDiagnosis

Job = Callable[[], object]
Done = Callable[[object], None]
# Does a job some time, and tells `done` of the result, or of the Exception that it raised, in the event loop; it may
# forget a job for a newer one, or give it up, but loses none for another reason.
Runner = Callable[[Job, Done], None]


class JobThread:
    """A Runner with one thread, in which the newest job is next: the one at work is given up for it.

    It takes jobs at any time, and does them from `start` on. A daemon, since what is being worked out when the program
    ends is not to be waited for.
    """

    STOP_TIMEOUT = 0.15  # seconds; pieces of work are shorter, but for those of the largest data

    def __init__(self) -> None:
        self._stopped = False
        self._changed = threading.Condition()
        self._next: tuple[Job, Done, asyncio.AbstractEventLoop] | None = None
        self._newest: Job | None = None  # until its result has arrived
        self._thread = threading.Thread(target=self._work, name="diagnosis", daemon=True)

    def start(self) -> None:
        """Begins with the job that was taken last."""
        share_one_heap()
        self._thread.start()

    def cancel(self) -> None:
        """Gives up the job at work, and takes no more; the thread ends soon, or when its job does."""
        with self._changed:
            self._stopped = True
            self._changed.notify()

    def stop(self) -> None:
        """Gives up the job at work, and waits a moment for the thread to end.

        The interpreter takes the state of threads apart when it exits, and one that is amid Python then may crash it.
        """
        self.cancel()
        if self._thread.is_alive():
            self._thread.join(self.STOP_TIMEOUT)

    @property
    def is_at_work(self) -> bool:
        """Whether its thread has not ended."""
        return self._thread.is_alive()

    @property
    def has_job(self) -> bool:
        """Whether a job was taken whose result has not arrived yet."""
        return self._newest is not None and not self._stopped

    def __call__(self, job: Job, done: Done) -> None:
        with self._changed:
            self._next = job, done, asyncio.get_running_loop()
            self._newest = job
            self._changed.notify()

    def _work(self) -> None:
        while True:
            with self._changed:
                while self._next is None and not self._stopped:
                    self._changed.wait()
                if self._stopped or self._next is None:
                    return
                (job, done, loop), self._next = self._next, None
            try:
                with cancel_unless(lambda: self._next is None and not self._stopped):
                    result = job()
            except Exception as failure:
                if isinstance(failure, WorkCancelledError) and (self._next is not None or self._stopped):
                    continue
                result = failure
            except BaseException as failure:  # would end the thread, and nobody would hear why
                result = RuntimeError(f"{type(failure).__name__}: {failure}")
            give_back()
            with contextlib.suppress(RuntimeError):  # nobody is there any more
                loop.call_soon_threadsafe(self._deliver, job, done, result)

    def _deliver(self, job: Job, done: Done, result: object) -> None:
        if self._newest is job:
            self._newest = None
        done(result)


class DiagnosisState(NamedTuple):
    """What is known of a run so far.

    `more_helps`: whether to keep training does, where the epochs are done. `pending`: something more is being worked
    out. `failed`: why something could not be, empty where all could. `withheld`: what is not to be told of it, of
    limit, forecast, remedy, optimum and map. `rests`: it stands still where it gets no closer to its samples.
    """

    diagnosis: RunDiagnosis | None = None
    forecast: RateForecast | None = None
    remedy: Remedy | None = None
    more_helps: bool | None = None
    pending: bool = False
    failed: str = ""
    withheld: Set[str] = frozenset()
    rests: bool = False

    @property
    def settles(self) -> Array | None:
        """The w where the run comes to rest, shape (3,), as far as that is known and may be told."""
        rest = None if self.diagnosis is None or self.withheld & {"forecast", "optimum"} else self.diagnosis.rest
        return None if rest is None else rest.w

    def limit_at(self, snapshot: Snapshot) -> float | None:
        """The limit above which the run diverges at its present rate, as far as that is known and it may be told."""
        return None if self.diagnosis is None or "forecast" in self.withheld else self.diagnosis.limit_at(snapshot.lr)

    def remedy_at(self, snapshot: Snapshot) -> Remedy | None:
        """The remedy to offer at a moment, if the run goes wrong and one is known."""
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
    """Gives the DiagnosisState on the run at hand, and calls `tell` when there are more.

    Has one piece after the other worked out: what the main screen tells first, what only the page tells while that is
    open. `withheld` tells what is held back of them now.
    """

    def __init__(self, run: Runner, tell: Callable[[], None], held: Callable[[], Set[str]] = frozenset) -> None:
        self._run = run
        self._tell = tell
        self._held = held
        self._about: FitTask | None = None
        self._known = DiagnosisState()
        self._failed: set[str] = set()
        self._asked: tuple[str, float] | None = None  # the piece that is being worked out, and at which rate

    def get_or_start(self, snapshot: Snapshot, in_full: bool = False) -> DiagnosisState:
        """What is known now; `in_full`: with what only the page tells. Results of another run are dropped."""
        if self._about != snapshot.task:
            self._about, self._known, self._asked = snapshot.task, DiagnosisState(), None
            self._failed = set()
        piece = self._missing(snapshot, in_full)
        asked = (piece, snapshot.lr if piece == "forecast" else 0.0) if piece is not None else None
        if piece is not None and asked != self._asked:
            self._asked = asked
            self._run(self._job(piece, snapshot), partial(self._arrived, self._about, piece))
        known = self.known(snapshot)._replace(pending=self._missing(snapshot, in_full) is not None)
        return known if self._has_forecast(snapshot) else known._replace(forecast=None)

    def known(self, snapshot: Snapshot) -> DiagnosisState:
        """What is known now; nothing is worked out for it."""
        return (self._known if self._about == snapshot.task else DiagnosisState())._replace(withheld=self._held())

    def _has_forecast(self, snapshot: Snapshot) -> bool:
        return self._known.forecast is not None and self._known.forecast.rate == snapshot.lr

    def _missing(self, snapshot: Snapshot, in_full: bool) -> str | None:
        """The piece that is to be worked out next; None where nothing is missing."""
        known = self._known
        wanted = {
            "diagnosis": known.diagnosis is None,
            "remedy": known.remedy is None and known.goes_wrong_at(snapshot),
            "more_helps": known.more_helps is None and snapshot.status is Status.FINISHED,
            "forecast": known.diagnosis is not None and in_full and not self._has_forecast(snapshot),
        }
        # What failed would do so again.
        return next((piece for piece, missing in wanted.items() if missing and piece not in self._failed), None)

    def _job(self, piece: str, snapshot: Snapshot) -> Job:
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

    def _arrived(self, about: FitTask, piece: str, result: object) -> None:
        if about is not self._about:
            return
        found: dict[str, Any] = {piece: result}
        if isinstance(result, Exception):
            self._failed.add(piece)
            found = {"failed": f"{type(result).__name__}: {result}"}
        self._known, self._asked = self._known._replace(**found), None
        self._tell()
