"""Trains in short slices, has the run shown once a frame, and leaves the rest of the time to the keys."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence

from quadfit_tui.core.session.session import RunSession
from quadfit_tui.core.training.record import Record

MAX_LINES = 2000
SLICE = 0.006  # seconds of training in one go: what a key may have to wait
SLICE_PAUSE = 0.001  # seconds between two slices
KEY_PAUSE = 0.03  # seconds after a key: time to do what it asks and to paint it, which takes many messages
LONGEST_FRAME = 0.42  # seconds between two pictures where others have the processor
_LATE = 0.25  # of the time that a frame takes for itself: how long it may wait for the processor until there are fewer
_SLOWER, _FASTER = 1.3, 0.9  # what the time between two pictures is multiplied by


class TrainingLoop:
    """Advances a session while it has something to do; `show` is told of the records of each frame.

    A key calls `advance` or `echo`, which show its effect at once; `pause_for_key` keeps the training off while it is
    painted. As long as it is not `ready`, the terminal is still busy with the frame before: then there are fewer.
    There are fewer, too, where others need the processor: keys go first, and training is by the clock.
    """

    def __init__(
        self,
        session: RunSession,
        show: Callable[[Sequence[Record]], None],
        fps: int,
        *,
        ready: Callable[[], bool] = lambda: True,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        used: Callable[[], float] = time.thread_time,
    ) -> None:
        self._session = session
        self._show = show
        self._frame = self._shortest_frame = 1 / fps
        self._used, self._slept = used, 0.0
        self._ready = ready
        self._clock = clock
        self._sleep = sleep
        self._busy = asyncio.Event()
        self._paused_until = 0.0
        self._echo_from = 0.0
        self._unshown: deque[Sequence[Record]] = deque()

    @property
    def has_work(self) -> bool:
        """Whether there is something to train, or a picture to show."""
        return self._busy.is_set()

    async def run(self) -> None:
        """Trains and shows forever; sleeps while there is nothing to do."""
        while True:
            await self._busy.wait()
            if self._session.is_busy:
                began, used, self._slept = self._clock(), self._used(), 0.0
                ends = began + self._frame
                await self._play(ends)
                await self.yield_to_keys()
                if self._ready():
                    self.publish()
                else:
                    ends = self._clock() + self._frame / 4  # to ask again
                await self._rest(max(SLICE_PAUSE, ends - self._clock()))
                self._adapt(self._clock() - began - self._slept, self._used() - used)
            else:  # a key waits for its picture
                await self._sleep(max(SLICE_PAUSE, self._echo_from - self._clock()))
                self.echo()

    async def _play(self, ends: float) -> None:
        """Trains as long as there is something due and the frame has not ended."""
        while self._session.is_busy:
            await self.yield_to_keys()
            started = self._clock()
            records = self._train()
            now = self._clock()
            nothing_due = not records and now - started < SLICE / 2
            if nothing_due or now + SLICE > ends:
                return

    async def yield_to_keys(self) -> None:
        """Leaves time to whatever else there is to do; a wait of no time at all would let only one message pass."""
        await self._rest(SLICE_PAUSE)
        while (rest := self._paused_until - self._clock()) > 0:  # a key may have come meanwhile
            await self._rest(rest)

    async def _rest(self, seconds: float) -> None:
        self._slept += seconds
        await self._sleep(seconds)

    def _adapt(self, awake: float, used: float) -> None:
        """Has fewer pictures where a frame has waited for the processor, and more again where it has not.

        `awake` is how long it was not to sleep, `used` how long of that it had the processor, in seconds.
        """
        is_late = awake - used > _LATE * used + 2 * SLICE
        frame = self._frame * (_SLOWER if is_late else _FASTER)
        self._frame = min(max(frame, self._shortest_frame), max(LONGEST_FRAME, self._shortest_frame))

    def _train(self) -> Sequence[Record]:
        """Trains for a slice, and keeps its records for the next picture: that may be a long time away, and has so many
        lines at most."""
        records, unshown = self._session.advance(SLICE), self._unshown
        if records:
            unshown.append(records)
            while sum(map(len, unshown)) - len(unshown[0]) >= MAX_LINES:
                unshown.popleft()
        return records

    def advance(self) -> None:
        """Does what a key has asked for, as far as it is done within a slice, and shows it."""
        self._train()
        self.echo()

    def echo(self) -> None:
        """Shows at once what a key has done.

        Keys in quick succession share a picture: on a slow line a held one would leave many under way.
        """
        if self._clock() < self._echo_from:
            self._busy.set()
        else:
            self._echo_from = self._clock() + self._shortest_frame / 2
            self.publish()

    def publish(self) -> None:
        """Shows the present moment, and goes to sleep where there is nothing to do."""
        unshown, self._unshown = self._unshown, deque()
        self._show(newest(unshown, MAX_LINES))
        if self._session.is_busy:
            self._busy.set()
        else:
            self._busy.clear()

    def flush(self) -> None:
        """Shows what was trained of a run that is being left: later it would be taken for the next one's."""
        if self._unshown:
            self.publish()

    def pause_for_key(self) -> None:
        """Keeps training and pictures off for a moment."""
        self._paused_until = self._clock() + KEY_PAUSE


def newest(parts: Sequence[Sequence[Record]], most: int) -> list[Record]:
    """The last records, at most `most`, of all parts; no others are looked at, since a part may make them only then."""
    found: list[Record] = []
    for records in reversed(parts):
        found[:0] = records[max(0, len(records) - most + len(found)) :]
        if len(found) == most:
            break
    return found
