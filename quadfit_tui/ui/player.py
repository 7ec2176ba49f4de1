"""The player: trains in short slices, shows a moment once a frame, and leaves the rest of the time to the keys."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence

from quadfit_tui.core.session import Session
from quadfit_tui.core.trainer import Record
from quadfit_tui.ui.logbook import MAX_LINES

SLICE = 0.008  # seconds of training in one go: what a key may have to wait
BREATH = 0.001  # between two slices
QUIET = 0.03  # after a key: time to do what it asks and to paint it, which takes many messages

Show = Callable[[Sequence[Record]], None]


class Player:
    """Advances a session while it has something to do; `show` is told of the records of each frame.

    A key calls `now`, which does and shows its effect at once; `hush` keeps the training off while it is painted.
    """

    def __init__(
        self,
        session: Session,
        show: Show,
        fps: int,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._session = session
        self._show = show
        self._frame = 1 / fps
        self._clock = clock
        self._sleep = sleep
        self._busy = asyncio.Event()
        self._quiet_until = 0.0
        self._fresh: list[Sequence[Record]] = []

    async def run(self) -> None:
        """Plays for ever; sleeps while there is nothing to do."""
        while True:
            await self._busy.wait()
            ends = self._clock() + self._frame
            await self._play(ends)
            await self._breathe()
            self.publish()
            await self._sleep(max(BREATH, ends - self._clock()))

    async def _play(self, ends: float) -> None:
        """Trains as long as there is something due and the frame has not ended."""
        while self._session.is_busy:
            await self._breathe()
            started = self._clock()
            self._train()
            now = self._clock()
            if now - started < SLICE / 2 or now + SLICE > ends:  # no more is due, or there is no room
                return

    async def _breathe(self) -> None:
        """Leaves time to whatever else there is to do; a wait of no time at all would let only one message pass."""
        await self._sleep(BREATH)
        while (rest := self._quiet_until - self._clock()) > 0:  # a key may have come meanwhile
            await self._sleep(rest)

    def _train(self) -> None:
        self._fresh.append(self._session.advance(SLICE))

    def now(self) -> None:
        """Does what a key has asked for, as far as it is done within a slice, and shows it."""
        self._train()
        self.publish()

    def publish(self) -> None:
        """Shows the present moment, and goes to sleep where there is nothing to do."""
        fresh, self._fresh = self._fresh, []
        self._show(newest(fresh, MAX_LINES))
        if self._session.is_busy:
            self._busy.set()
        else:
            self._busy.clear()

    def hush(self) -> None:
        """Keeps training and pictures off for a moment."""
        self._quiet_until = self._clock() + QUIET


def newest(parts: Sequence[Sequence[Record]], most: int) -> list[Record]:
    """The last records, at most `most`, of all parts; no others are looked at, since a part may make them only then."""
    found: list[Record] = []
    for records in reversed(parts):
        found[:0] = records[max(0, len(records) - most + len(found)) :]
        if len(found) == most:
            break
    return found
