"""IncrementalJob and JobSteps: long work as a generator of short steps, between which keys are answered."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator
from typing import Generic, TypeVar

Result = TypeVar("Result")
Shown = TypeVar("Shown")
# Each step takes some milliseconds and yields the share of the work that is done, 0 to 1; returns the result.
JobSteps = Generator[float, None, Result]


def run_job(pieces: Generator[object, None, Result]) -> Result:
    """Runs a job's generator to its end, without a pause, and returns its result."""
    results: list[Result] = []
    for _step in _collect_result(pieces, results):
        pass
    return results[0]


def map_progress(pieces: JobSteps[Result], show: Callable[[float], Shown]) -> Generator[Shown, None, Result]:
    """Runs a job step by step, yielding `show(share)` of the share that is done; returns the job's result."""
    results: list[Result] = []
    for share in _collect_result(pieces, results):
        yield show(share)
    return results[0]


def _collect_result(steps: Generator[Shown, None, Result], results: list[Result]) -> Iterator[Shown]:
    """Yields what a job's steps yield and appends its result to `results`: a `for` loop would lose that."""
    results.append((yield from steps))


class IncrementalJob(Generic[Result]):
    """A job that is under way: `advance` runs some of its steps and raises what they raise."""

    def __init__(self, pieces: JobSteps[Result]) -> None:
        self._steps = self._store_result(pieces)
        self._share = 0.0
        self.result: Result | None = None  # set when the job has ended without an error
        self.is_busy = True

    @property
    def percent(self) -> int:
        """The share of the job that is done, as a whole percentage."""
        return int(100 * self._share)

    def advance(self, budget: float, most: int | None = None) -> None:
        """Runs the next steps for about `budget` seconds: at least one, at most `most`, none once the job has ended."""
        deadline = time.perf_counter() + budget
        for count, share in enumerate(self._steps, 1):
            self._share = share
            if time.perf_counter() >= deadline or count == most:
                return

    def _store_result(self, steps: JobSteps[Result]) -> Generator[float, None, None]:
        try:
            self.result = yield from steps
        finally:
            self.is_busy = False

    def cancel(self) -> None:
        """Cancels the job and closes its generator, and with it the files that are open."""
        self.is_busy = False
        self._steps.close()
