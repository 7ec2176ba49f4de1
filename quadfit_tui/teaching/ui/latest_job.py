"""LatestJob: runs jobs of lessons beside the event loop, and uses the result of the newest one only."""

from __future__ import annotations

from quadfit_tui.ui.app import QuadfitApp
from quadfit_tui.ui.tasks.diagnosis_worker import Job, JobThread, ResultCallback, Runner


class LatestJob:
    """A runner of jobs beside the event loop that delivers only the result of the newest job."""

    def __init__(self, app: QuadfitApp, runner: Runner | None) -> None:
        """`runner` runs the jobs; None: a thread, which the first job starts."""
        self._app = app
        self._runner = runner
        self._count = 0

    def run(self, job: Job, done: ResultCallback) -> None:
        """Runs a job in place of the one before; then calls `done` from the event loop, where it may open pages."""
        self._count += 1
        number = self._count
        if self._runner is None:
            self._runner = JobThread()
            self._runner.start()

        def use_if_newest(result: object) -> None:
            if number == self._count:
                done(result)

        def deliver(result: object) -> None:
            self._app.call_later(use_if_newest, result)

        self._runner(job, deliver)

    def cancel(self) -> None:
        """Discards the result of the running job."""
        self.run(lambda: None, lambda _: None)

    def stop(self) -> None:
        """Stops the thread, and waits a moment for its end."""
        if isinstance(self._runner, JobThread):
            self._runner.stop()
