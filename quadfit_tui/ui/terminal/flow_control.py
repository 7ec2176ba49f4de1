"""Flow control: when a frame may be sent. Each ends with a question, whose answer tells that it has arrived."""

from __future__ import annotations

import os
import select
import time
from collections import deque
from collections.abc import Callable

QUESTION = "\x1b[6n"  # a cursor position report (ECMA-48 DSR), which nearly every terminal gives
FIRST_ANSWER = 1.0  # seconds in which a terminal that can answer does so first
LOST = 10.0  # seconds after which an answer is not waited for any more
LEAST_TIMEOUT, MOST_TIMEOUT = 0.3, 1.0  # seconds for the last answer, on the way out
_FADES = 0.9  # what is left of the longest time at each answer that takes less
_LOOK = 0.05  # seconds between two looks at how long there is
_READ = 4096
CAP = 12_000  # bytes a second to a terminal that does not answer: a line of 16 KB/s keeps room for keys
AHEAD = 4_000  # bytes that what a key does may be sent ahead of the cap
_MOST_FRAMES, _MOST_URGENT = 1, 2  # under way: that of a key does not wait for another


class FlowControl:
    """Counts the cursor reports that were asked for, and tells when the next frame may be sent; `clock` gives seconds.

    A terminal answers in order. So what else it was asked before one of these, and what it sent by itself, is in as
    soon as this one is answered: other questions need not be counted.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._asked: deque[float] = deque()  # when, of those that are unanswered
        self._begun_at: float | None = None
        self._first_at: float | None = None
        self._longest: float | None = None  # seconds that an answer took, of late; None: there was none
        self._free_at = 0.0  # when what was sent is through, at the rate of the cap

    @property
    def unanswered(self) -> int:
        """How many answers are under way; one that takes too long is lost."""
        self._drop_lost()
        return len(self._asked)

    def _drop_lost(self) -> None:
        while self._asked and self._clock() - self._asked[0] >= LOST:
            self._asked.popleft()

    def _rest_of_first(self, since: float | None) -> float:
        """Seconds until a terminal that has not answered yet is taken for one that never does."""
        return 0.0 if since is None else max(0.0, since + FIRST_ANSWER - self._clock())

    def sent(self, size: int) -> None:
        """A frame of `size` bytes is under way, with a question behind it."""
        self._free_at = max(self._clock(), self._free_at) + size / CAP

    def wait(self, urgent: bool) -> float:
        """Seconds until the next frame may be sent; 0: now. `urgent`: a key waits for it."""
        if self._longest is not None:
            most = _MOST_URGENT if urgent else _MOST_FRAMES
            return self._asked[0] + LOST - self._clock() if self.unanswered >= most else 0.0
        first = 0.0 if urgent else self._rest_of_first(self._first_at)
        ahead = AHEAD / CAP if urgent else 0.0
        return max(0.0, first, self._free_at - ahead - self._clock())

    def timeout(self, most: float) -> float:
        """Seconds to wait for the last answer before the terminal is given back, of `most`; 0: none is to be expected.

        Where it is not known yet whether any will come, only half of that time is given away.
        """
        if self._longest is not None:
            return max(0.0, min(max(LEAST_TIMEOUT, 2 * self._longest), MOST_TIMEOUT, most))
        # What takes the terminal asks, too, before the first frame does.
        since = self._begun_at if self._first_at is None else self._first_at
        return max(0.0, min(MOST_TIMEOUT, most / 2)) if self._rest_of_first(since) > 0 else 0.0

    def ask(self) -> str:
        """One more question, which is to be sent at once."""
        now = self._clock()
        if self._first_at is None:
            self._first_at = now
        self._drop_lost()
        self._asked.append(now)
        return QUESTION

    def ask_if_in(self, seconds: float) -> str:
        """One more question, if its answer is to be expected in that time; else none."""
        return self.ask() if seconds > (LEAST_TIMEOUT if self._longest is None else self._longest) else ""

    def answered(self) -> None:
        """An answer has come: to the question that has waited longest, if it is one at all."""
        if self._asked:
            took = self._clock() - self._asked.popleft()
            self._longest = max(took, _FADES * (self._longest or 0.0))

    def begin(self, asks: bool = False) -> None:
        """Takes the terminal: what was under way is not waited for any more, since somebody else has had it.

        `asks`: it is asked as it is taken. For that answer no frame waits.
        """
        self._asked.clear()
        now = self._clock()
        if self._begun_at is None:
            self._begun_at = now
        if asks:
            self._asked.append(now)

    def read_away(self, terminal: int, take: Callable[[bytes], None], until: Callable[[], float]) -> None:
        """Has `take` look for answers in what comes from `terminal` until all are in; `until` may draw nearer."""
        while self.unanswered and (left := until() - self._clock()) > 0:
            if select.select([terminal], [], [], min(left, _LOOK))[0]:
                try:
                    data = os.read(terminal, _READ)
                except OSError:
                    return
                if not data:
                    return
                take(data)
