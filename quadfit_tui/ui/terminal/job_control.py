"""Job control: stops the process for the shell and resumes it, whatever the order and rate of the signals."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable

_MOMENT = 0.02  # seconds by which a stop or a resumption is delayed, in case the opposite signal follows
_BACKGROUND = 0.5  # seconds between two checks whether the process is in the foreground again, if no signal comes


class JobControl:
    """The handlers of SIGTSTP and SIGCONT, which leave the terminal, stop the process, and enter the terminal again.

    `leave` restores the terminal; `enter` takes it, also if it was never left. `is_ours` returns whether the process
    is in the foreground, `is_ending` whether the program is about to exit; then nothing stops it any more.
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
        self._is_continued = False  # whether the last signal was SIGCONT

    def begin(self) -> None:
        """Installs the handlers, and enters the terminal as soon as the process is in the foreground."""
        self._listen(signal.SIGTSTP, self.suspend)
        self._listen(signal.SIGCONT, self._continued)
        self._go_on()

    def _listen(self, number: signal.Signals, call: Callable[[], None]) -> None:
        """Installs a handler of a signal, called by the loop and so perhaps late; `_note` notes the signal at once."""
        self._loop.add_signal_handler(number, call)
        signal.signal(number, self._note)

    def end(self) -> None:
        """Removes the handlers and cancels what is pending; called when the app has ended."""
        for number in (signal.SIGTSTP, signal.SIGCONT):
            self._loop.remove_signal_handler(number)
        self._cancel_timers()

    def _cancel_timers(self) -> None:
        for timer in (self._stopping, self._going_on):
            if timer is not None:
                timer.cancel()
        self._stopping = self._going_on = None

    def suspend(self, by_key: bool = False) -> None:
        """Leaves the terminal, and stops the process until a signal continues it.

        `by_key`: the whole process group stops, as by the terminal's own ctrl+z; without a shell that could continue
        it, the system does not stop it. Otherwise SIGTSTP was sent to this process. Its sender also sends SIGCONT, or
        has done so by now.
        """
        self._cancel_timers()
        self._leave()
        self._stopping = self._loop.call_later(0 if by_key else _MOMENT, self._stop, by_key)

    def _stop(self, by_key: bool) -> None:
        """Stops the process or its group, unless it was continued meanwhile; returns when it runs again."""
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
        """Resumes after a stop, or cancels one that is pending; called at SIGCONT, too.

        It waits a moment: a shell that exits continues its stopped jobs, and ends them right after that.
        """
        if self._stopping is not None:
            self._stopping.cancel()
            self._stopping = None
        self._go_on_after(_MOMENT)

    def wait_for_terminal(self) -> None:
        """Stops the process until it is in the foreground; called when it finds itself in the background."""
        self._go_on_after(_MOMENT)

    def _go_on_after(self, seconds: float) -> None:
        """Schedules `_go_on` after so many seconds, unless it is scheduled earlier already."""
        if self._going_on is not None and self._going_on.when() > self._loop.time() + seconds:
            self._going_on.cancel()
            self._going_on = None
        if self._going_on is None:
            self._going_on = self._loop.call_later(seconds, self._go_on)

    def _go_on(self) -> None:
        """Enters the terminal if the process is in the foreground; else stops its group, as a background job."""
        self._going_on = None
        if self._is_ending():
            return
        if self._is_ours():
            self._enter()
            return
        # The system would stop it anew at each signal that should end it, so the program stops itself.
        os.kill(0, signal.SIGTTOU)
        self._go_on_after(_BACKGROUND)  # without a shell that could continue it, the system does not stop it
