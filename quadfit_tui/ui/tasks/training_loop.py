"""TrainingLoop: trains in short slices, shows the run once a frame, and leaves the rest of the time to keys."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence

from quadfit_tui.core.session.session import RunSession
from quadfit_tui.core.training.record import Record

MAX_LINES = 2000
SLICE = 0.006  # seconds of training in one go, which is how long a key may have to wait
SLICE_PAUSE = 0.001  # seconds between two slices
KEY_PAUSE = 0.03  # seconds without training after a key: time for its action and its frame, which take many messages
LONGEST_FRAME = 0.42  # maximum seconds between two frames if other processes use the processor
_LATE = 0.25  # share of a frame's processor time that it may wait for the processor before frames become rarer
_SLOWER, _FASTER = 1.3, 0.9  # factors of the time between two frames


class TrainingLoop:
    """The loop that advances a session while it has work, and calls `show` with the new records once a frame.

    The action of a key calls `advance` or `echo`, which show its effect at once; `pause_for_key` stops the training
    until that is painted. While `ready` returns False, the terminal is still busy with the last frame, so frames are
    skipped. They become rarer, too, if other processes need the processor. `used` returns the processor time of this
    thread.
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
        self._used = used
        self._slept = 0.0  # seconds slept during this frame
        self._ready = ready
        self._clock = clock
        self._sleep = sleep
        self._busy = asyncio.Event()  # set while `has_work`
        self._paused_until = 0.0  # time of the clock
        self._echo_from = 0.0  # time of the clock before which `echo` waits
        self._unshown: deque[Sequence[Record]] = deque()  # records since the last frame

    @property
    def has_work(self) -> bool:
        """Whether there is something to train or to show."""
        return self._busy.is_set()

    async def run(self) -> None:
        """Trains and shows frames until it is canceled; waits while there is nothing to do. A worker of the app."""
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
                    ends = self._clock() + self._frame / 4  # then it checks again
                await self._rest(max(SLICE_PAUSE, ends - self._clock()))
                self._adapt(self._clock() - began - self._slept, self._used() - used)
            else:  # `echo` was called too early for another frame
                await self._sleep(max(SLICE_PAUSE, self._echo_from - self._clock()))
                self.echo()

    async def _play(self, ends: float) -> None:
        """Trains slice by slice until nothing is due or the frame has ended."""
        while self._session.is_busy:
            await self.yield_to_keys()
            started = self._clock()
            records = self._train()
            now = self._clock()
            nothing_due = not records and now - started < SLICE / 2
            if nothing_due or now + SLICE > ends:
                return

    async def yield_to_keys(self) -> None:
        """Yields to keys and other tasks between two pieces of work; sleeping 0 s would pass one message only."""
        await self._rest(SLICE_PAUSE)
        while (rest := self._paused_until - self._clock()) > 0:  # another key may have come meanwhile
            await self._rest(rest)

    async def _rest(self, seconds: float) -> None:
        """Sleeps, and counts the time for `_adapt`."""
        self._slept += seconds
        await self._sleep(seconds)

    def _adapt(self, awake: float, used: float) -> None:
        """Makes frames rarer if the last one had to wait for the processor, and more frequent again if not.

        `awake`: seconds of the frame without its sleeps; `used`: seconds of processor time.
        """
        is_late = awake - used > _LATE * used + 2 * SLICE
        frame = self._frame * (_SLOWER if is_late else _FASTER)
        self._frame = min(max(frame, self._shortest_frame), max(LONGEST_FRAME, self._shortest_frame))

    def _train(self) -> Sequence[Record]:
        """Trains for a slice and returns its records, which are also queued for the next frame.

        The queue keeps at least the newest MAX_LINES, since no more are shown.
        """
        records, unshown = self._session.advance(SLICE), self._unshown
        if records:
            unshown.append(records)
            while sum(map(len, unshown)) - len(unshown[0]) >= MAX_LINES:
                unshown.popleft()
        return records

    def advance(self) -> None:
        """Trains for one slice and shows the result; called by actions that move the run."""
        self._train()
        self.echo()

    def echo(self) -> None:
        """Shows the effect of a key at once; called by actions.

        Keys in quick succession share a frame: otherwise a held key would queue many of them on a slow line.
        """
        if self._clock() < self._echo_from:
            self._busy.set()
        else:
            self._echo_from = self._clock() + self._shortest_frame / 2
            self.publish()

    def publish(self) -> None:
        """Shows the present moment and the unshown records, and wakes the loop if there is something to train."""
        unshown, self._unshown = self._unshown, deque()
        self._show(newest(unshown, MAX_LINES))
        if self._session.is_busy:
            self._busy.set()
        else:
            self._busy.clear()

    def flush(self) -> None:
        """Shows the unshown records, if any; called before another run is shown, to which they would be added."""
        if self._unshown:
            self.publish()

    def pause_for_key(self) -> None:
        """Pauses training and frames for KEY_PAUSE; called at each input of the user."""
        self._paused_until = self._clock() + KEY_PAUSE


def newest(parts: Sequence[Sequence[Record]], most: int) -> list[Record]:
    """Returns the last records of all parts, `most` at most; reads no others, which a lazy part would have to make."""
    result: list[Record] = []
    for records in reversed(parts):
        result[:0] = records[max(0, len(records) - most + len(result)) :]
        if len(result) == most:
            break
    return result
