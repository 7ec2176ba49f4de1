"""Works for a lesson in a thread beside the event loop, one job after the other: nothing of it waits for training."""

from __future__ import annotations

from collections import deque

from quadfit_tui.ui.tasks.diagnosis_worker import Done, Job, Runner


def _nothing() -> None:
    """Does nothing."""


def _ignore(result: object) -> None:
    """Is told, and does nothing."""


class FactWorker:
    """Has its jobs done by a Runner, in order; `stop` gives up the one at work and forgets the others."""

    def __init__(self, run: Runner) -> None:
        self._run = run
        self._jobs: deque[tuple[Job, Done]] = deque()
        self._at_work = 0  # the number of the job at work, 0: none
        self._number = 0

    def do(self, job: Job, done: Done, soon: bool = False) -> None:
        """Has a job done, before those that wait if it is to be `soon`; `done` gets its result, or its Exception."""
        if soon:
            self._jobs.appendleft((job, done))
        else:
            self._jobs.append((job, done))
        self._next()

    def stop(self) -> None:
        """Gives up all jobs; nobody is told of them any more."""
        self._jobs.clear()
        if self._at_work:
            self._at_work = 0
            self._run(_nothing, _ignore)  # a Runner gives up the job at work for a newer one

    def _next(self) -> None:
        if self._at_work or not self._jobs:
            return
        job, done = self._jobs.popleft()
        self._number += 1
        number = self._at_work = self._number

        def finished(result: object) -> None:
            if self._at_work == number:
                self._at_work = 0
                done(result)
                self._next()

        self._run(job, finished)
