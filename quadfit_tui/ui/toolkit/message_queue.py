"""The queue of what was told the user: which message is shown, and until when."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple


class Notice(NamedTuple):
    """A message: in words; whether it must not be missed, and stays until a key; whether it tells of trouble.

    `in_full` is what its page has where there is no room for all of it; as a rule the same words.
    """

    text: str
    stays: bool = False
    warns: bool = True
    in_full: str = ""


class MessageQueue:
    """Keeps what was told last until the next state, and all that must not be missed until a key after each was seen.

    A key that was typed before is no answer to it. The same twice is one message.
    """

    def __init__(self) -> None:
        self._staying: deque[Notice] = deque()
        self._passing: Notice | None = None

    @property
    def shown(self) -> Notice | None:
        """The message to be seen now."""
        return self._staying[0] if self._staying else self._passing

    def add(self, told: Notice) -> None:
        """Takes a message, in place of the one before unless that must not be missed."""
        if not told.stays:
            self._passing = told
        elif told not in self._staying:
            self._staying.append(told)

    def pass_key(self, is_seen: bool) -> None:
        """Forgets what ends with a key, or a click; `is_seen`: what is shown was painted before."""
        if is_seen and self._staying:
            self._staying.popleft()
        self._passing = None

    def pass_state(self) -> None:
        """Forgets what ends with a state: when a run is played, paused or over, or another one is shown."""
        self._passing = None
