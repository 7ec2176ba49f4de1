"""MessageQueue: which message the user sees, and until when."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple


class Notice(NamedTuple):
    """A message to the user, with how long it stays and how it looks.

    `stays`: it must not be missed, and is shown until a key is pressed; `warns`: it reports a problem, and has the
    color of a warning; `in_full`: the text of its page if the row has no room for all of `text`; empty: the same text.
    """

    text: str
    stays: bool = False
    warns: bool = True
    in_full: str = ""


class MessageQueue:
    """The messages to show: those that stay, each until a key after it was painted, and then the last passing one.

    A passing message ends with the next key or state of the run. A key that was pressed before a staying message was
    painted does not end it. A staying message that is added twice is shown once.
    """

    def __init__(self) -> None:
        self._staying: deque[Notice] = deque()
        self._passing: Notice | None = None

    @property
    def shown(self) -> Notice | None:
        """The message to show now, or None if there is none."""
        return self._staying[0] if self._staying else self._passing

    def add(self, notice: Notice) -> None:
        """Adds a message: one that stays to the queue, any other in place of the passing one."""
        if not notice.stays:
            self._passing = notice
        elif notice not in self._staying:
            self._staying.append(notice)

    def pass_key(self, is_seen: bool) -> None:
        """Drops the messages that a key or click ends; `is_seen`: the shown message was painted before the key."""
        if is_seen and self._staying:
            self._staying.popleft()
        self._passing = None

    def pass_state(self) -> None:
        """Drops the passing message; called when a run starts to play, pauses or ends, or another run is shown."""
        self._passing = None
