"""Works for lessons in threads beside the event loop, one job of each after the other: no key waits for training."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from quadfit_tui.ui.tasks.diagnosis_worker import Done, Job, JobThread, Runner


class FactWorker:
    """Has its jobs done in order, one at a time: each ends in one answer, its result or the Exception that it raised.

    The Runner is its own, since a job of somebody else would have the one at work given up. `end` has the Runner do no
    more; it is called by `stop`, after which nobody is told of anything.
    """

    def __init__(self, run: Runner, end: Callable[[], None] = lambda: None) -> None:
        self._run = run
        self._end = end
        self._jobs: deque[tuple[Job, Done]] = deque()
        self._is_at_work = False
        self._is_stopped = False

    def do(self, job: Job, done: Done, soon: bool = False) -> None:
        """Has a job done, before those that wait if it is to be `soon`; `done` gets its result, or its Exception."""
        if soon:
            self._jobs.appendleft((job, done))
        else:
            self._jobs.append((job, done))
        self._next()

    def stop(self) -> None:
        """Gives up all jobs; nobody is told of them any more."""
        self._is_stopped = True
        self._jobs.clear()
        self._end()

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

        self._run(job, finished)


class FactWorkers:
    """Has FactWorkers, each with a thread of its own: no job of one is given up for another's, or waits for it.

    `tell` is given what is to be called, and the answer. With a `runner` they share that, and there are no threads.
    """

    def __init__(self, tell: Callable[[Done, object], object], runner: Runner | None = None) -> None:
        self._tell = tell
        self._runner = runner
        self._threads: list[JobThread] = []

    def another(self) -> FactWorker:
        """One more worker; where there can be no thread, each of its jobs ends in the reason."""
        if self._runner is not None:
            return FactWorker(self._telling(self._runner))
        thread = JobThread()
        try:
            thread.start()
        except RuntimeError as refused:  # as where a user may have so many
            reason = refused
            return FactWorker(self._telling(lambda _, done: done(reason)))
        self._threads = [each for each in self._threads if each.is_at_work] + [thread]
        return FactWorker(self._telling(thread), thread.give_up)

    def _telling(self, run: Runner) -> Runner:
        def telling(job: Job, done: Done) -> None:
            def told(answer: object) -> None:
                self._tell(done, answer)

            run(job, told)

        return telling

    def stop(self) -> None:
        """Ends the threads, as far as they do within a moment."""
        for thread in self._threads:
            thread.give_up()
        for thread in self._threads:
            thread.stop()
