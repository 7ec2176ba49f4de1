"""Pieces: long work as a generator of short pieces, so that keys are answered meanwhile and it can be canceled."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator
from typing import Generic, TypeVar

Result = TypeVar("Result")
Shown = TypeVar("Shown")
# Does a piece at each step, in some milliseconds, and yields how much of all is done, from 0 to 1; returns the result.
JobSteps = Generator[float, None, Result]


def run_job(pieces: Generator[object, None, Result]) -> Result:
    """Does all of the work and returns its result."""
    found: list[Result] = []
    for _piece in _into(found, pieces):
        pass
    return found[0]


def mapped(pieces: JobSteps[Result], show: Callable[[float], Shown]) -> Generator[Shown, None, Result]:
    """Does the work, and yields what `show` makes of how much of it is done; returns its result."""
    found: list[Result] = []
    for share in _into(found, pieces):
        yield show(share)
    return found[0]


def _into(found: list[Result], pieces: Generator[Shown, None, Result]) -> Iterator[Shown]:
    """Does the work, and appends its result to `found`."""
    found.append((yield from pieces))


class IncrementalJob(Generic[Result]):
    """Work that is under way: `advance` does some of it, and raises what it raises."""

    def __init__(self, pieces: JobSteps[Result]) -> None:
        self._pieces = self._kept(pieces)
        self._part = 0.0
        self.result: Result | None = None  # once it is no more busy
        self.is_busy = True

    @property
    def percent(self) -> int:
        """How much of it is done."""
        return int(100 * self._part)

    def advance(self, budget: float, most: int | None = None) -> None:
        """Works for about `budget` seconds, and does `most` pieces at most, but one at least; while there are any."""
        ends = time.perf_counter() + budget
        for pieces, share in enumerate(self._pieces, 1):
            self._part = share
            if time.perf_counter() >= ends or pieces == most:
                return

    def _kept(self, pieces: JobSteps[Result]) -> Generator[float, None, None]:
        try:
            self.result = yield from pieces
        finally:
            self.is_busy = False

    def cancel(self) -> None:
        """Does no more of it, and closes what it has open."""
        self.is_busy = False
        self._pieces.close()
