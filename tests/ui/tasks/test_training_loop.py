"""The training loop's use of time: short slices, one picture a frame, a pause after every key."""

import asyncio
from collections.abc import Sequence
from itertools import pairwise

import pytest
from tables import table

from quadfit_tui.ui.tasks.training_loop import KEY_PAUSE, MAX_LINES, SLICE, TrainingLoop, newest

FPS = 10


class World:
    """A session, a clock and a screen in one; its time passes by training, by pictures and by sleeping only.

    `late` is how much longer than a sleep it takes until the processor is there again.
    """

    def __init__(self, work=None, frames=10, late=0.0):
        self.now, self.used, self.late = 100.0, 0.0, late
        self.is_busy = True
        self.work = work  # seconds that are due in all; None: without end
        self.end = self.now + frames / FPS - 1e-6
        self.trained = []  # when, and how long
        self.shown = []
        clocks = {"clock": lambda: self.now, "used": lambda: self.used}
        self.loop = TrainingLoop(self, self.show, FPS, sleep=self.sleep, **clocks)

    def advance(self, budget):
        took = budget if self.work is None else min(budget, self.work)
        if self.work is not None:
            self.work -= took
        self.trained.append((self.now, took))
        self.now += took
        self.used += took
        return [len(self.trained)] if took else []

    def show(self, records):
        self.shown.append((self.now, records))
        self.now += 0.01  # a picture takes time
        self.used += 0.01

    async def sleep(self, seconds):
        assert seconds > 0  # otherwise a single message passes, and keys wait
        self.now += seconds + self.late
        if self.now > self.end:
            raise asyncio.CancelledError

    def run(self):
        async def play():
            self.loop.publish()
            with pytest.raises(asyncio.CancelledError):
                await self.loop.run()

        asyncio.run(play())
        del self.shown[:1]
        return self


def test_unlimited_speed_trains_in_slices():
    world = World().run()
    assert {took for _, took in world.trained} == {SLICE}
    assert all(later - earlier > took for (earlier, took), (later, _) in pairwise(world.trained))
    assert 8 <= len(world.shown) <= 10
    assert sum(took for _, took in world.trained) > 0.6  # of one second
    assert [record for _, records in world.shown for record in records] == [*range(1, len(world.trained) + 1)]


def test_idle_work_polls_once_per_frame():
    world = World(work=0.0).run()
    assert len(world.trained) == len(world.shown) == 10


def test_fewer_frames_where_processor_comes_late():
    world = World(work=0.0, frames=100, late=0.02).run()
    times = [at for at, _ in world.shown]
    assert all(later - earlier < 0.5 + 3 * world.late for earlier, later in pairwise(times))
    assert 20 <= len(world.shown) < 30  # of a hundred
    world.late, world.end = 0.0, world.now + 10
    world.shown.clear()
    world.run()
    assert len(world.shown) > 80  # as before, once others have gone
    assert min(later - earlier for (earlier, _), (later, _) in pairwise(world.shown)) > 0.99 / FPS


def test_key_pauses_training():
    world = World(frames=3)
    world.now += 0.05
    world.loop.pause_for_key()
    paused_until = world.now + KEY_PAUSE
    world.run()
    assert world.trained[0][0] >= paused_until


def test_key_between_slices_pauses_training():
    world = World(frames=3)
    at = world.now + 0.05
    sleep = world.sleep

    async def sleep_and_press(seconds):
        await sleep(seconds)
        if world.now >= at and not pressed:
            pressed.append(world.now)
            world.loop.pause_for_key()

    pressed = []
    world.loop._sleep = sleep_and_press
    world.run()
    (key,) = pressed
    done = [when for when, _ in (*world.trained, *world.shown)]
    assert any(when < key for when in done)
    assert min(when for when in done if when >= key) >= key + KEY_PAUSE


def test_advance_publishes_at_once():
    world = World()
    world.loop.advance()
    assert world.shown == [(100.0 + SLICE, [1])]


def test_keys_in_quick_succession_share_a_picture():
    world = World(work=0.0)
    world.is_busy = False
    world.loop.echo()
    for _ in range(3):  # as a held key does
        world.now += 0.003
        world.loop.echo()
    assert [when for when, _ in world.shown] == [100.0]
    asyncio.run(asyncio.wait_for(one_round(world.loop), 1))
    assert [when for when, _ in world.shown] == [100.0, pytest.approx(100.0 + 0.5 / FPS)]
    world.now += 0.5 / FPS
    world.loop.echo()
    assert len(world.shown) == 3


async def one_round(loop):
    """Lets the loop run until it goes to sleep."""
    task = asyncio.create_task(loop.run())
    while loop._busy.is_set():
        await asyncio.sleep(0)
    task.cancel()


def test_record_burst_is_flushed_without_backlog():
    world = World(frames=1)
    most = [0]

    def advance(_):
        most[0] = max(most[0], len(world.loop._unshown))
        world.trained.append((world.now, 0))
        return range(MAX_LINES)

    world.advance = advance
    world.run()
    assert len(world.trained) > 20  # each in no time
    assert most == [1]  # what nobody will look at is not kept
    assert all(len(records) == MAX_LINES for _, records in world.shown)


def test_unshown_records_are_bounded():
    shown = []
    world = World(frames=300)
    world.loop = TrainingLoop(world, shown.append, FPS, ready=lambda: False, clock=lambda: world.now, sleep=world.sleep)
    kept = []

    def advance(budget):
        world.now += budget
        kept.append(sum(map(len, world.loop._unshown)))
        return range(100 * len(kept) - 100, 100 * len(kept))

    world.advance = advance
    world.run()
    assert 100 * len(kept) > 10 * MAX_LINES  # it takes nothing for long
    assert max(kept) < MAX_LINES + 100
    world.loop.flush()
    assert len(world.loop._unshown) == 0
    world.loop._train()
    world.loop.flush()
    assert len(shown[-1]) == 100  # what was shown is not counted any more
    del shown[-1], kept[-1]
    trained = 100 * len(kept)
    assert shown[-1] == [*range(trained - MAX_LINES, trained)]


async def test_no_training_while_idle():
    world = World()
    world.is_busy = False
    world.loop.publish()
    task = asyncio.create_task(world.loop.run())
    await asyncio.sleep(0.01)
    assert not world.trained
    task.cancel()


class Lazy(Sequence):
    """Notes which of its items were made."""

    def __init__(self, count, made):
        self.count, self.made = count, made

    def __len__(self):
        return self.count

    def __getitem__(self, index):
        if isinstance(index, slice):
            return [self[at] for at in range(*index.indices(self.count))]
        self.made.append(index)
        return index


@table(
    ("counts", "expected"),
    [
        ([], []),
        ([3], [0, 1, 2]),
        ([9], [4, 5, 6, 7, 8]),
        ([9, 2], [6, 7, 8, 0, 1]),
        ([9, 5], [0, 1, 2, 3, 4]),
        ([1, 0, 2], [0, 0, 1]),
    ],
)
def test_only_newest_records_are_built(counts, expected):
    made = []
    assert newest([Lazy(count, made) for count in counts], 5) == expected
    assert len(made) == len(expected)
