"""Play and pause, the speed in epochs or updates, and the budget of an advance, with a clock that the tests own."""

import pytest
from session_driver import (
    ENDLESS,
    FINISHED,
    LONG,
    PAST,
    go,
    to_the_end,
)

from quadfit_tui.core.session.playback import SPEEDS, Unit
from quadfit_tui.core.session.session import RunSession

# Play and pause


# Speed


@pytest.mark.parametrize("speed", [speed for speed in SPEEDS.values() if speed])
@pytest.mark.parametrize("frame", [1 / 60, 0.1, 0.37, 0.9])
def test_epochs_come_at_the_speed_asked_for(start, clock, speed, frame):
    session = start(speed=speed)
    session.play()
    done, frames = 0, int(8 / frame)
    for _ in range(frames):
        assert done == pytest.approx(1 + (clock.now - 1000) * speed, abs=1 + speed * frame)
        done += len(session.advance(1.0))
        clock.now += frame
    assert done <= 1 + frames * frame * speed + 1e-6
    assert done >= (frames - 1) * frame * speed - 1


def test_first_epoch_is_due_at_once(start, clock):
    session = start(speed=10)
    clock.now += 100  # waiting to be played earns nothing
    session.play()
    due = []
    for _ in range(7):
        due.append(len(session.advance(1.0)))
        clock.now += 0.05
    assert due == [1, 0, 1, 0, 1, 0, 1]


def test_unlimited_speed(make_clock):
    session = RunSession(ENDLESS, speed=None, clock=make_clock(tick=0.001))
    session.play()
    assert len(session.advance(0.5)) == pytest.approx(500, abs=2)
    assert len(session.advance(0.5)) == pytest.approx(500, abs=2)


@pytest.mark.parametrize("speed", [1, 10, 30])
def test_stall_causes_no_burst(start, clock, speed):
    session = start(speed=speed)
    session.play()
    session.advance(1.0)
    clock.now += 3600
    assert 1 <= len(session.advance(10.0)) <= 1 + speed
    # And from then on it is paced as before.
    done = 0
    for _ in range(100):
        clock.now += 0.1
        done += len(session.advance(1.0))
    assert done == pytest.approx(10 * speed, abs=1)


def test_a_pause_earns_nothing(start, clock):
    session = start(speed=2)
    session.play()
    session.advance(1.0)
    session.pause()
    clock.now += 50
    session.play()
    assert len(session.advance(1.0)) == 1
    assert not session.advance(1.0)


def test_another_speed_counts_from_now(start, clock):
    session = start(speed=1)
    session.play()
    session.advance(1.0)
    clock.now += 0.01
    session.snapshot()
    session.speed = 30
    assert session.speed == session.snapshot().speed == 30
    session.advance(1.0)
    done = 0
    for _ in range(30):
        clock.now += 1 / 30
        done += len(session.advance(1.0))
    assert done == pytest.approx(30, abs=1)
    session.speed = None
    assert all(session.advance(0) for _ in range(5))
    session.speed = 1
    assert len(session.advance(1.0)) == 1
    assert not session.advance(1.0)


def test_slow_epoch_leaves_no_debt(make_clock):
    # Each chunk takes 0.2 s, an epoch three of them: at 30 epochs a second it cannot keep up, and need not.
    session = RunSession(LONG, speed=30, clock=make_clock(tick=0.1))
    session.play()
    records = [record for _ in range(12) for record in session.advance(0)]
    assert [record.epoch for record in records] == [0, 1, 2, 3]


# The budget


def test_advance_keeps_to_its_budget(make_clock):
    clock = make_clock(tick=0.01)
    session = RunSession(ENDLESS, speed=None, clock=clock)
    session.play()
    for budget in (0.05, 0.2, 1.0):
        before = clock.now
        records = session.advance(budget)
        assert len(records) == pytest.approx(budget / 0.01, abs=2)
        assert clock.now - before == pytest.approx(budget, abs=0.03)


def test_an_epoch_may_take_many_advances(start):
    session = start(LONG)
    session.play()
    calls = 1
    while not (records := session.advance(0)):
        calls += 1
    assert calls > 1
    assert [(record.epoch, record.ends_epoch) for record in records] == [(0, True)]


# The unit


@pytest.mark.parametrize("speed", [1, 10, 30])
def test_updates_come_at_requested_speed(start, clock, speed):
    session = start(PAST["in spans"], speed=speed)
    session.unit = Unit.UPDATE
    assert (session.unit, session.snapshot().unit) == (Unit.UPDATE, Unit.UPDATE)
    session.play()
    done = 0
    for _ in range(100):
        records = session.advance(1.0)
        done += len(records)
        assert session.snapshot().updates == done
        assert done == pytest.approx(1 + (clock.now - 1000) * speed, abs=1 + speed / 60)
        clock.now += 1 / 60


def test_unlimited_speed_shows_every_update(start):
    session = start(PAST["rounded"])
    session.unit = Unit.UPDATE
    session.play()
    records = to_the_end(session)
    expected = [(epoch, update) for epoch in range(8) for update in range(1, 11)]
    assert [(record.epoch, record.update) for record in records] == expected
    assert session.status is FINISHED


def test_another_unit_counts_from_now_on(start, clock):
    session = start(PAST["in spans"], speed=1)
    session.play()
    session.advance(1.0)
    assert session.snapshot().updates == 10
    seen = session.snapshot()
    session.unit = Unit.UPDATE
    assert session.snapshot() is not seen
    session.advance(1.0)
    assert session.snapshot().updates == 11
    assert not session.advance(1.0)
    clock.now += 1
    session.advance(1.0)
    assert session.snapshot().updates == 12
    session.unit = Unit.EPOCH
    session.advance(1.0)
    assert session.snapshot().updates == 20
    clock.now += 1
    session.advance(1.0)
    assert session.snapshot().updates == 30


def test_past_is_replayed_at_speed(start, clock):
    session = start(PAST["in spans"], speed=10)
    session.seek(20)
    go(session)
    session.first()
    go(session)
    session.play()
    for expected in range(1, 12):
        session.advance(1.0)
        assert session.snapshot().epoch == expected
        clock.now += 0.1


@pytest.mark.parametrize("budget", [0, 1.0])
def test_long_epoch_counts_as_one_unit(start, clock, budget):
    session = start(LONG, speed=2)
    session.play()
    done = 0
    for frame in range(40):
        done += len(session.advance(budget))
        if budget or frame % 5 > 2:  # with no budget, an epoch takes three frames
            assert done == 1 + frame // 5
        clock.now += 0.1
