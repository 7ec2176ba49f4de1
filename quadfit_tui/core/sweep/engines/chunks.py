"""Chunks: the cells that are still to be trained, in pieces of about half a second; what of them is lost goes again."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from quadfit_tui.core.sweep.rows import Rows
from quadfit_tui.core.sweep.space import Cells
from quadfit_tui.core.text.language import _, in_english

SECONDS = 0.5  # that a chunk should take: sending it costs a hundredth of that, and many runs go side by side
LEAST_SECONDS = 0.2  # towards the end, when all workers are to have something to do
GROWTH = 8  # how many times as large as one that was done the next may be: later cells may take longer
PARTS = 8  # into which a chunk goes that was lost again
TRIES = 3  # of a cell alone


@dataclass
class Chunk:
    """Some cells that are trained together, and how often they were lost."""

    cells: Cells
    losses: int = 0

    @property
    def is_suspect(self) -> bool:
        """Whether it is a cell alone that fails if it is lost once more."""
        return len(self.cells) == 1 and self.losses == TRIES - 1


class Chunks:
    """The cells still to be trained; `seconds_left` is about how long one worker takes for them."""

    def __init__(self, cells: Sequence[int] | Cells) -> None:
        self._cells: Cells = np.asarray(cells, dtype=np.int64)
        self._again: deque[Chunk] = deque()
        self._size, self._cost = 1, 0.0

    def __bool__(self) -> bool:
        return bool(len(self._cells) or self._again)

    @property
    def seconds_left(self) -> float:
        return self._cost * (len(self._cells) + sum(len(chunk.cells) for chunk in self._again))

    @property
    def has_suspect_next(self) -> bool:
        """Whether the next one is a suspect."""
        return bool(self._again) and self._again[0].is_suspect

    def take(self, workers: int) -> Chunk:
        """The next one, for one of so many workers; raises IndexError where there is none."""
        if self._again or not len(self._cells):
            return self._again.popleft()
        fair, least = len(self._cells) / workers, self._size * LEAST_SECONDS / SECONDS
        size = max(1, math.ceil(min(self._size, max(fair, least))))
        cells, self._cells = np.split(self._cells, [size])
        return Chunk(cells)

    def done(self, chunk: Chunk, seconds: float) -> None:
        """What one took tells how large the next ones are."""
        count = len(chunk.cells)
        if count * GROWTH >= self._size or seconds > SECONDS:  # else it is an old one, from before they grew
            self._cost = seconds / count
            self._size = max(1, round(min(count * SECONDS / max(seconds, 1e-6), count * GROWTH)))

    def again(self, chunk: Chunk) -> None:
        """One goes once more, as it is: it was lost by no fault of its own."""
        self._again.append(chunk)

    def lost(self, chunk: Chunk, why: Exception) -> Iterator[Rows]:
        """One goes once more, then in parts; of a cell that was lost so often alone, the row that says so."""
        chunk.losses += 1
        if len(chunk.cells) == 1 and chunk.losses >= TRIES:
            with in_english():  # for it stands in files
                reason = _("lost {n} times, at last by {problem}").format(n=TRIES, problem=told(why))
            yield Rows.failed(chunk.cells.tolist(), reason)
        elif len(chunk.cells) > 1 and chunk.losses > 1:
            parts = np.array_split(chunk.cells, min(PARTS, len(chunk.cells)))
            self._again.extend(Chunk(cells, losses=1) for cells in parts)
        else:
            self._again.append(chunk)


def told(why: BaseException) -> str:
    """An exception in one line."""
    text = " ".join(str(why).split())
    return f"{type(why).__name__}: {text}" if text else type(why).__name__
