"""Work that is done piece by piece: between two pieces whoever has it done may answer a key, or give it up."""

from __future__ import annotations

import time
from collections.abc import Generator
from typing import Generic, TypeVar

Result = TypeVar("Result")
# Does a piece at each step, in some milliseconds, and yields how much of all is done, from 0 to 1; returns the result.
Pieces = Generator[float, None, Result]


def done(pieces: Pieces[Result]) -> Result:
    """The result of work that is done in one go."""
    while True:
        try:
            next(pieces)
        except StopIteration as end:
            result: Result = end.value
            return result


class Piecewise(Generic[Result]):
    """Work that is under way: `advance` does some of it, and raises what it raises."""

    def __init__(self, pieces: Pieces[Result]) -> None:
        self._pieces = pieces
        self._part = 0.0
        self.result: Result | None = None  # once it is no more busy
        self.is_busy = True

    @property
    def percent(self) -> int:
        """How much of it is done."""
        return int(100 * self._part)

    def advance(self, budget: float, most: int | None = None) -> None:
        """Works for about `budget` seconds, and does `most` pieces at most, but one at least; while there are any."""
        ends, pieces = time.perf_counter() + budget, 0
        while self.is_busy:
            try:
                self._part = next(self._pieces)
            except StopIteration as end:
                self.result, self.is_busy = end.value, False
            except BaseException:
                self.is_busy = False
                raise
            pieces += 1
            if time.perf_counter() >= ends or pieces == most:
                return

    def give_up(self) -> None:
        """Does no more of it, and closes what it has open."""
        self.is_busy = False
        self._pieces.close()
