"""What is typed ahead: the app is given it as it gets through, and what is too much is dropped and told.

Reading goes on always: a terminal holds only so much, and ctrl+q and its own answers lie behind that.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable
from functools import partial

from textual import events
from textual.message import Message

from quadfit_tui.core.text.language import ngettext, ngettext_noop

MOST_GIVEN = 100  # inputs that the app has not acted upon yet: a second of its work, if each of them is much
MOST_WAITING = 500  # inputs that wait for their turn behind these
_MARKED = 50  # inputs, after which it is asked for when they are done: after each one would be a fifth more work
_TELLING = 1.0  # seconds between two times that it is told how many were dropped, while more come
_DROPPED = ngettext_noop(
    "Keys came faster than the app could act on them: one was dropped.",
    "Keys came faster than the app could act on them: {n} were dropped.",
)


class TypedAhead:
    """Gives the app the inputs of a terminal in their order, no more at a time than it can act upon in a second or so.

    `give` passes one on; `call_when_done` is to call back once all that was passed on has been acted upon. While inputs
    wait, ctrl+q overtakes them, by `end`, and ctrl+c drops them, as it does at a prompt. `clock` gives seconds.
    """

    def __init__(
        self,
        give: Callable[[Message], None],
        call_when_done: Callable[[Callable[[], None]], None],
        tell: Callable[[str], None],
        end: Callable[[], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._give, self._call_when_done, self._tell, self._end = give, call_when_done, tell, end
        self._clock = clock
        self._given = 0  # since the begin
        self._marked = 0  # of these, when it was last asked for when they are done
        self._done = 0  # as far as it is known
        self._waiting: deque[Message] = deque()
        self._dropped = 0  # since the app was last through with all
        self._told_at = -_TELLING

    def collect(self, inputs: Iterable[Message]) -> None:
        """Takes what was read at once."""
        for each in inputs:
            self._take(each)
        if self._given - self._marked >= (1 if self._dropped else _MARKED):
            self._marked = self._given
            self._call_when_done(partial(self._go_on, self._given))
        is_through = self._done == self._given
        if self._dropped and (is_through or self._clock() - self._told_at >= _TELLING):
            self._told_at = self._clock()
            self._tell(ngettext(*_DROPPED, self._dropped))
        if is_through:
            self._dropped = 0

    def _take(self, message: Message) -> None:
        if self._given - self._done < MOST_GIVEN:  # then nothing waits
            self._given += 1
            self._give(message)
            return
        key = message.key if isinstance(message, events.Key) else ""
        if key == "ctrl+q":
            self._end()
        elif key == "ctrl+c":
            self._dropped += len(self._waiting)
            self._waiting = deque([message])
        elif len(self._waiting) < MOST_WAITING:
            self._waiting.append(message)
        else:
            self._dropped += 1

    def _go_on(self, done: int) -> None:
        """The app is through with so many inputs; of marks that were lost on the way, the next one tells as well."""
        self._done = max(self._done, done)
        waiting, self._waiting = self._waiting, deque()
        self.collect(waiting)
