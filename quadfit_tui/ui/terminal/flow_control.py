"""Flow control: when the next frame may be sent. Each frame ends with a question; its answer confirms the arrival."""

from __future__ import annotations

import os
import select
import time
from collections import deque
from collections.abc import Callable

QUESTION = "\x1b[6n"  # asks for a cursor position report (ECMA-48 DSR), which nearly every terminal sends
FIRST_ANSWER = 1.0  # seconds within which the first answer of a terminal that can answer comes
LOST = 10.0  # seconds after which an answer counts as lost
LEAST_TIMEOUT, MOST_TIMEOUT = 0.3, 1.0  # seconds to wait for the last answer on exit
_FADES = 0.9  # factor of `_longest` at each faster answer
_LOOK = 0.05  # seconds between two checks of the deadline, which may come nearer
_READ = 4096
CAP = 12_000  # bytes a second to a terminal that does not answer: leaves room for keys on a line of 16 KB/s
AHEAD = 4_000  # bytes by which the result of a key may exceed the cap
_MOST_FRAMES, _MOST_URGENT = 1, 2  # unanswered frames: the result of a key need not wait for another frame


class FlowControl:
    """The count of cursor reports that are still to come, and the time until the next frame; `clock` returns seconds.

    A terminal answers in order. As soon as one of these questions is answered, the answers to all earlier questions
    have come, too, so that other questions need not be counted.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._asked: deque[float] = deque()  # the times of the unanswered questions, in seconds
        self._begun_at: float | None = None
        self._first_at: float | None = None
        self._longest: float | None = None  # longest recent time of an answer, in seconds; None: no answer yet
        self._free_at = 0.0  # time at which all sent bytes have arrived, at the rate of the cap

    @property
    def unanswered(self) -> int:
        """The number of answers that may still come; one that takes longer than `LOST` is not counted."""
        self._drop_lost()
        return len(self._asked)

    def _drop_lost(self) -> None:
        """Drops the questions whose answers count as lost."""
        while self._asked and self._clock() - self._asked[0] >= LOST:
            self._asked.popleft()

    def _rest_of_first(self, since: float | None) -> float:
        """Returns the seconds until a terminal that has not answered yet counts as one that never does."""
        return 0.0 if since is None else max(0.0, since + FIRST_ANSWER - self._clock())

    def sent(self, size: int) -> None:
        """Counts a frame of `size` bytes against the cap; called after it was sent."""
        self._free_at = max(self._clock(), self._free_at) + size / CAP

    def wait(self, urgent: bool) -> float:
        """Returns the seconds until the next frame may be sent; 0: now. `urgent`: it shows the result of a key."""
        if self._longest is not None:
            most = _MOST_URGENT if urgent else _MOST_FRAMES
            return self._asked[0] + LOST - self._clock() if self.unanswered >= most else 0.0
        first = 0.0 if urgent else self._rest_of_first(self._first_at)
        ahead = AHEAD / CAP if urgent else 0.0
        return max(0.0, first, self._free_at - ahead - self._clock())

    def timeout(self, most: float) -> float:
        """Returns the seconds to wait for the last answer on exit, `most` at most; 0 if none is expected.

        If no answer has come yet but one still may, this is at most half of `most`.
        """
        if self._longest is not None:
            return max(0.0, min(max(LEAST_TIMEOUT, 2 * self._longest), MOST_TIMEOUT, most))
        # Before the first frame, the question of `enter` may be under way.
        since = self._begun_at if self._first_at is None else self._first_at
        return max(0.0, min(MOST_TIMEOUT, most / 2)) if self._rest_of_first(since) > 0 else 0.0

    def ask(self) -> str:
        """Counts one more question and returns its text, which the caller must send at once."""
        now = self._clock()
        if self._first_at is None:
            self._first_at = now
        self._drop_lost()
        self._asked.append(now)
        return QUESTION

    def ask_if_in(self, seconds: float) -> str:
        """Returns one more question, as `ask`, if its answer is expected within so many seconds; else an empty text."""
        return self.ask() if seconds > (LEAST_TIMEOUT if self._longest is None else self._longest) else ""

    def answered(self) -> None:
        """Counts an answer to the oldest open question, and notes how long it took; called at each cursor report."""
        if self._asked:
            took = self._clock() - self._asked.popleft()
            self._longest = max(took, _FADES * (self._longest or 0.0))

    def enter(self, asks: bool = False) -> None:
        """Resets the open questions; called when the app enters the terminal, which others may have used meanwhile.

        `asks`: the sequences that enter it contain a question, too. No frame waits for its answer.
        """
        self._asked.clear()
        now = self._clock()
        if self._begun_at is None:
            self._begun_at = now
        if asks:
            self._asked.append(now)

    def read_away(self, terminal: int, take: Callable[[bytes], None], until: Callable[[], float]) -> None:
        """Reads bytes from `terminal` and passes them to `take`, until all answers have come or `until()` is past."""
        while self.unanswered and (left := until() - self._clock()) > 0:
            if select.select([terminal], [], [], min(left, _LOOK))[0]:
                try:
                    data = os.read(terminal, _READ)
                except OSError:
                    return
                if not data:
                    return
                take(data)
