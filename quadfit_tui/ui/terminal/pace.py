"""The pace: when a frame may be sent. The link tells: each frame ends with a question, its answer says it arrived."""

from __future__ import annotations

import time
from collections.abc import Callable

QUESTION = "\x1b[6n"  # a cursor position report (ECMA-48 DSR)
FIRST_ANSWER = 1.0  # seconds in which a terminal that can answer does so first
LOST = 10.0  # seconds after which an answer is not waited for any more
CAP = 12_000  # bytes a second to a terminal that does not answer: a line of 16 KB/s keeps room for keys
AHEAD = 4_000  # bytes that the picture of a key may be sent ahead of the cap


class Pace:
    """Knows how much is under way. `clock` gives seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._unanswered = 0
        self._asked_at = 0.0
        self._answers = False
        self._first_at: float | None = None
        self._free_at = 0.0  # when what was sent is through, at the rate of the cap

    @property
    def awaits_answer(self) -> bool:
        """Whether an answer is under way, from a terminal that gives them."""
        return self._answers and self._unanswered > 0

    def sent(self, size: int) -> None:
        """A frame of `size` bytes is under way, with a question behind it."""
        now = self._clock()
        self._unanswered += 1
        self._asked_at = now
        if self._first_at is None:
            self._first_at = now
        self._free_at = max(now, self._free_at) + size / CAP

    def answered(self) -> None:
        """A frame has arrived."""
        self._answers = True
        self._unanswered = max(0, self._unanswered - 1)

    def forget(self) -> None:
        """Nothing is waited for any more: the terminal was somebody else's meanwhile."""
        self._unanswered = 0

    def wait(self, urgent: bool) -> float:
        """Seconds until the next frame may be sent; 0: now. `urgent`: a key waits for it."""
        now = self._clock()
        if self._answers:
            rest = self._asked_at + LOST - now if self._unanswered else 0.0
            if rest <= 0:
                self._unanswered = 0
            return max(0.0, rest)
        first = 0.0 if urgent or self._first_at is None else self._first_at + FIRST_ANSWER - now
        ahead = AHEAD / CAP if urgent else 0.0
        return max(0.0, first, self._free_at - ahead - now)
