"""Flow control: when a frame may be sent. Each ends with a question, whose answer tells that it has arrived."""

from __future__ import annotations

import time
from collections.abc import Callable

from quadfit_tui.ui.terminal.questions import Questions

CAP = 12_000  # bytes a second to a terminal that does not answer: a line of 16 KB/s keeps room for keys
AHEAD = 4_000  # bytes that what a key does may be sent ahead of the cap
_MOST_FRAMES, _MOST_URGENT = 1, 2  # under way: that of a key does not wait for another


class FlowControl:
    """Tells when the next frame may be sent, by what is under way. `clock` gives seconds."""

    def __init__(self, questions: Questions, clock: Callable[[], float] = time.monotonic) -> None:
        self._questions = questions
        self._clock = clock
        self._free_at = 0.0  # when what was sent is through, at the rate of the cap

    def sent(self, size: int) -> None:
        """A frame of `size` bytes is under way, with a question behind it."""
        self._free_at = max(self._clock(), self._free_at) + size / CAP

    def wait(self, urgent: bool) -> float:
        """Seconds until the next frame may be sent; 0: now. `urgent`: a key waits for it."""
        if self._questions.are_answered:
            most = _MOST_URGENT if urgent else _MOST_FRAMES
            return self._questions.rest if self._questions.unanswered >= most else 0.0
        first = 0.0 if urgent else self._questions.rest_of_first
        ahead = AHEAD / CAP if urgent else 0.0
        return max(0.0, first, self._free_at - ahead - self._clock())
