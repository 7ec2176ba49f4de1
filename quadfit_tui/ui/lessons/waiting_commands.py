"""WaitingCommands: commands of a lesson, each done as soon as all is known of its step, in their order."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from quadfit_tui.core.lessons.lesson import Step

_PATIENCE = 8.0  # seconds after which it is told that somebody waits; a lesson of the program's takes less than one

_Waiting = tuple[Callable[[], Step | None], Callable[[], None]]


class WaitingCommands:
    """Commands that wait for the facts of a step; `show` is called when that is to be seen.

    `set_timer` has something be called after so many seconds.
    """

    def __init__(self, set_timer: Callable[[float, Callable[[], None]], object], show: Callable[[], None]) -> None:
        self._set_timer, self._show = set_timer, show
        self._known: set[str] = set()  # steps, by their ids
        self._waiting: list[_Waiting] = []
        self._late: _Waiting | None = None  # what has waited so long that it was told

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self._waiting)

    @property
    def is_late(self) -> bool:
        """Whether one has waited so long that it is told."""
        return self._waits(self._late)

    def know(self, step: Step) -> None:
        """All is known of a step."""
        self._known.add(step.id)
        self._go_on()

    def do(self, step: Callable[[], Step | None], command: Callable[[], None]) -> None:
        """Does a command as soon as all is known of a step, after those that wait already."""
        waiting = step, command
        self._waiting.append(waiting)
        self._go_on()
        if self._waits(waiting):
            self._set_timer(_PATIENCE, partial(self._tell_late, waiting))

    def clear(self) -> None:
        """Does none of them any more."""
        self._waiting.clear()

    def _tell_late(self, waiting: _Waiting) -> None:
        """Tells that a command still waits, as it would for good if what it waits for were never worked out."""
        if self._waits(waiting):
            self._late = waiting
            self._show()

    def _waits(self, command: _Waiting | None) -> bool:
        return any(each is command for each in self._waiting)

    def _go_on(self) -> None:
        while self._waiting:
            step, command = self._waiting[0]
            needed = step()
            if needed is not None and needed.id not in self._known:
                self._show()
                return
            del self._waiting[0]
            command()
