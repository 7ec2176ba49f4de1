"""Works facts of lessons out beside the event loop, of which only those asked for last are still wanted."""

from __future__ import annotations

from quadfit_tui.ui.app import QuadfitApp
from quadfit_tui.ui.tasks.diagnosis_worker import Done, Job, JobThread, Runner


class LatestJob:
    """Runs one job after the other, and uses the result of the last one alone."""

    def __init__(self, app: QuadfitApp, runner: Runner | None) -> None:
        """`runner` runs the jobs; None: a thread, which is started by the first of them."""
        self._app = app
        self._runner = runner
        self._count = 0

    def run(self, job: Job, done: Done) -> None:
        """Runs a job instead of the one before; then calls `done` from the event loop, which may open pages."""
        self._count += 1
        number = self._count
        if self._runner is None:
            self._runner = JobThread()
            self._runner.start()

        def use(result: object) -> None:
            if number == self._count:
                done(result)

        def arrived(result: object) -> None:
            self._app.call_later(use, result)

        self._runner(job, arrived)

    def cancel(self) -> None:
        """Runs nothing instead of the job before."""
        self.run(lambda: None, lambda _: None)

    def stop(self) -> None:
        """Ends the thread, as far as it does within a moment."""
        if isinstance(self._runner, JobThread):
            self._runner.stop()
