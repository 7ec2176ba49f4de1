"""Job control: stops for the shell and goes on, in whatever order and at whatever rate that is asked for."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable

_MOMENT = 0.02  # seconds in which what is asked for may be taken back
_BACKGROUND = 0.5  # between two looks at whether the terminal is one's own again, where nothing tells


class JobControl:
    """Has the terminal left and taken again, and the process stopped between the two.

    `leave` gives the terminal back, `enter` takes it, also where it was never left. `is_ours` tells whether it is this
    program's to use, `is_ending` whether the program is on its way out, on which nothing stops it.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        *,
        leave: Callable[[], None],
        enter: Callable[[], None],
        is_ours: Callable[[], bool],
        is_ending: Callable[[], bool],
    ) -> None:
        self._loop = loop
        self._leave = leave
        self._enter = enter
        self._is_ours = is_ours
        self._is_ending = is_ending
        self._stopping: asyncio.TimerHandle | None = None
        self._going_on: asyncio.TimerHandle | None = None
        self._is_continued = False  # since it was asked to stop

    def begin(self) -> None:
        """Takes the terminal, as soon as it is to be had."""
        self._listen(signal.SIGTSTP, self.suspend)
        self._listen(signal.SIGCONT, self._continued)
        self._go_on()

    def _listen(self, number: signal.Signals, call: Callable[[], None]) -> None:
        """Has the loop call in the order of the signals, which may be late; what came last is noted at once."""
        self._loop.add_signal_handler(number, call)
        signal.signal(number, self._note)

    def end(self) -> None:
        """From now on the system does what it does."""
        for number in (signal.SIGTSTP, signal.SIGCONT):
            self._loop.remove_signal_handler(number)
        self._forget()

    def _forget(self) -> None:
        for timer in (self._stopping, self._going_on):
            if timer is not None:
                timer.cancel()
        self._stopping = self._going_on = None

    def suspend(self, by_key: bool = False) -> None:
        """Gives the terminal back and stops until somebody continues the process.

        Asked by a key, all of its group stops, as by the terminal's own ctrl+z; where there is no shell that could
        continue it, the system lets it go on. Who sends the signal will send the other one, too, or has done so by now.
        """
        self._forget()
        self._leave()
        self._stopping = self._loop.call_later(0 if by_key else _MOMENT, self._stop, by_key)

    def _stop(self, by_key: bool) -> None:
        self._stopping = None
        if self._is_ending():
            return
        if by_key:
            self._loop.remove_signal_handler(signal.SIGTSTP)
            os.kill(0, signal.SIGTSTP)
            self._listen(signal.SIGTSTP, self.suspend)
        elif not self._is_continued:
            os.kill(os.getpid(), signal.SIGSTOP)
        self._continued()

    def _note(self, number: int, frame: object) -> None:  # noqa: ARG002  the signature of a handler
        self._is_continued = number == signal.SIGCONT

    def _continued(self) -> None:
        """Goes on after a stop, one's own or somebody else's, or after none, or in the place of one.

        A moment later: a shell that ends continues what it has stopped, only to have it end, too.
        """
        if self._stopping is not None:
            self._stopping.cancel()
            self._stopping = None
        self._go_on_after(_MOMENT)

    def wait_for_terminal(self) -> None:
        """Stops, as the system has it for whoever uses a terminal in the background, until it is one's own again."""
        self._go_on_after(_MOMENT)

    def _go_on_after(self, seconds: float) -> None:
        """Goes on then, or before, where that is planned already."""
        if self._going_on is not None and self._going_on.when() > self._loop.time() + seconds:
            self._going_on.cancel()
            self._going_on = None
        if self._going_on is None:
            self._going_on = self._loop.call_later(seconds, self._go_on)

    def _go_on(self) -> None:
        self._going_on = None
        if self._is_ending():
            return
        if self._is_ours():
            self._enter()
            return
        # Not left to the system, which would have it stop anew each time that a signal is to end it.
        os.kill(0, signal.SIGTTOU)
        self._go_on_after(_BACKGROUND)  # it is here at once where there is no shell that could continue it
