"""TypedAhead: the queue of inputs that the app has not handled yet; it drops what is too much, and notifies the user.

The driver always reads on: a terminal buffers only so much, and ctrl+q or its own answers may come behind that.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable
from functools import partial

from textual import events
from textual.message import Message

from quadfit_tui.core.text.language import ngettext, ngettext_noop

MOST_GIVEN = 100  # maximum inputs that the app has not handled yet: a second of its work, if each takes long
MOST_WAITING = 500  # maximum inputs that wait behind these
_MARKED = 50  # inputs between two requests for a callback: one for each input would be a fifth more work
_TELLING = 1.0  # seconds between two notices of how many were dropped, while more come
_DROPPED = ngettext_noop(
    "Keys came faster than the app could act on them: one was dropped.",
    "Keys came faster than the app could act on them: {n} were dropped.",
)


class TypedAhead:
    """The queue between a terminal and the app: in order, with no more inputs at a time than the app handles in 1 s.

    `send` passes one to the app; `call_when_done` calls back when the app has handled all that were sent; `notify`
    shows a text to the user. While inputs wait, ctrl+q overtakes them, by `end`, and ctrl+c drops them, as at a
    prompt. `clock` returns seconds.
    """

    def __init__(
        self,
        send: Callable[[Message], None],
        call_when_done: Callable[[Callable[[], None]], None],
        notify: Callable[[str], None],
        end: Callable[[], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._send = send
        self._call_when_done = call_when_done
        self._notify = notify
        self._end = end
        self._clock = clock
        self._sent = 0  # number of inputs passed to the app
        self._marked = 0  # `_sent` at the last request for a callback
        self._handled = 0  # number of inputs that the app has handled, as far as known
        self._waiting: deque[Message] = deque()
        self._dropped = 0  # number of inputs dropped since the app had last handled all
        self._notified_at = -_TELLING

    def collect(self, inputs: Iterable[Message]) -> None:
        """Sends or queues the inputs of one read, and notifies the user if some were dropped."""
        for message in inputs:
            self._send_or_queue(message)
        if self._sent - self._marked >= (1 if self._dropped else _MARKED):
            self._marked = self._sent
            self._call_when_done(partial(self._go_on, self._sent))
        is_idle = self._handled == self._sent
        if self._dropped and (is_idle or self._clock() - self._notified_at >= _TELLING):
            self._notified_at = self._clock()
            self._notify(ngettext(*_DROPPED, self._dropped))
        if is_idle:
            self._dropped = 0

    def _send_or_queue(self, message: Message) -> None:
        """Sends an input to the app if that is not busy with too many, else queues or drops it."""
        if self._sent - self._handled < MOST_GIVEN:  # then nothing waits
            self._sent += 1
            self._send(message)
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

    def _go_on(self, handled: int) -> None:
        """Sends what waits; called back when the app has handled so many inputs. A later callback covers a lost one."""
        self._handled = max(self._handled, handled)
        waiting, self._waiting = self._waiting, deque()
        self.collect(waiting)
