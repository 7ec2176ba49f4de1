"""Works for lessons in threads beside the event loop, one job of each after the other: no key waits for training."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from quadfit_tui.ui.tasks.diagnosis_worker import Done, Job, JobThread, Runner


class FactWorker:
    """Has its jobs done in order, one at a time: each ends in one answer, its result or the Exception that it raised.

    That is done in a thread of its own, since a job of somebody else would have the one at work given up; where there
    can be none, each job ends in the reason. `tell` is given what is to be called, and the answer. With a `runner`
    there is no thread.
    """

    def __init__(self, tell: Callable[[Done, object], object], runner: Runner | None = None) -> None:
        self._tell = tell
        self._thread = JobThread()
        self._run = runner or self._begin()
        self._jobs: deque[tuple[Job, Done]] = deque()
        self._is_at_work = False
        self._is_stopped = False

    def _begin(self) -> Runner:
        try:
            self._thread.start()
        except RuntimeError as refused:  # as where a user may have so many
            reason = refused
            return lambda _, done: done(reason)
        return self._thread

    @property
    def has_thread(self) -> bool:
        """Whether its thread has not ended."""
        return self._thread.is_at_work

    def do(self, job: Job, done: Done, soon: bool = False) -> None:
        """Has a job done, before those that wait if it is to be `soon`; `done` gets its result, or its Exception."""
        if soon:
            self._jobs.appendleft((job, done))
        else:
            self._jobs.append((job, done))
        self._next()

    def stop(self) -> None:
        """Gives up all jobs; nobody is told of them any more. The thread ends soon, or when its job does."""
        self._is_stopped = True
        self._jobs.clear()
        self._thread.give_up()

    def end(self) -> None:
        """Gives up all jobs, and waits a moment for the thread to end."""
        self.stop()
        self._thread.stop()

    def _next(self) -> None:
        if self._is_at_work or self._is_stopped or not self._jobs:
            return
        job, done = self._jobs.popleft()
        self._is_at_work = True

        def finished(result: object) -> None:
            if self._is_stopped:
                return
            self._is_at_work = False
            try:
                done(result)
            finally:
                self._next()

        def tell(answer: object) -> None:
            self._tell(finished, answer)

        self._run(job, tell)
