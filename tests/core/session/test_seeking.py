"""On the way to a position: its goal, commands that come in between, and long ways in short advances."""

import pytest
from session_driver import LONG, PAST, PAUSED, READY, RUNNING, go, visited, what_is_there

from quadfit_tui.core.session.playback import Unit
from quadfit_tui.core.session.session import Session
from quadfit_tui.core.training import checkpoints
from quadfit_tui.core.training.trainer import Trainer


def test_on_the_way_the_goal_is_known_and_pause_gives_it_up(start):
    session = start(LONG)
    session.seek(1, 5000)
    now = session.snapshot()
    assert (now.status, now.goal, now.position) == (RUNNING, (1, 5000), (0, 0))
    assert session.is_busy
    session.advance(0)
    on_the_way = session.snapshot()
    assert (on_the_way.status, on_the_way.goal) == (RUNNING, (1, 5000))
    assert (0, 0) < on_the_way.position < (1, 5000)
    session.pause()
    paused = session.snapshot()
    assert (paused.status, paused.goal, paused.position) == (PAUSED, None, on_the_way.position)
    assert not session.advance(10)
    assert session.snapshot() is paused
    session.seek(1, 5000)
    go(session, 0)
    assert (session.status, session.snapshot().goal, session.snapshot().position) == (PAUSED, None, (1, 5000))
    straight = start(LONG)
    straight.seek(1, 5000)
    go(straight)
    assert what_is_there(session) == what_is_there(straight)


@pytest.mark.parametrize("speed", [None, 1])
def test_a_goal_is_gone_to_as_fast_as_it_goes(start, speed):
    session = start(PAST["rounded"], speed=speed)
    session.seek(7)
    assert [record.epoch for record in session.advance(1.0)] == list(range(7))
    assert (session.status, session.snapshot().epoch) == (PAUSED, 7)
    session.first()
    assert not session.advance(1.0)
    assert session.snapshot().updates == 0


def test_to_go_to_where_one_is_ends_the_playing(start):
    session = start(PAST["rounded"], speed=None)
    for epoch in (0, 3):
        session.seek(epoch)
        go(session)
        session.play()
        session.seek(epoch)
        go(session)
        assert (session.status, session.snapshot().epoch) == (PAUSED, epoch)


def test_the_last_command_counts(start):
    session = start(LONG)
    session.seek(3)
    session.advance(0)
    session.seek(0, 7)
    assert visited(session) == (0, 7)
    session.seek(2)
    session.advance(0)
    session.play()
    assert (session.snapshot().goal, session.status) == (None, RUNNING)
    session.back(Unit.EPOCH)
    assert visited(session) == (0, 0)
    session.seek(1)
    session.restart()
    assert (session.snapshot().goal, session.status) == (None, READY)
    assert not session.advance(1.0)


@pytest.mark.parametrize("budget", [None, 0])
def test_commands_that_come_faster_than_their_work_add_up(start, courses, monkeypatch, budget):
    """Each counts from where the one before leads to, not from where its way has come by."""
    monkeypatch.setattr(checkpoints, "MOST_CHECKPOINTS", 2)
    monkeypatch.setattr(Trainer, "chunk", 3)
    there, _ = courses["slow"]
    session = start(PAST["slow"])
    for commands, expected in [
        ([lambda: session.seek(15, 3)], (15, 3)),
        ([lambda: session.back(Unit.UPDATE)] * 5, (14, 2)),
        ([lambda: session.step(Unit.UPDATE)] * 7, (16, 1)),
        ([lambda: session.back(Unit.EPOCH)] * 3, (14, 0)),
        ([lambda: session.jump(2), lambda: session.jump(-9), lambda: session.step(Unit.EPOCH)], (8, 0)),
    ]:
        for command in commands:
            command()
            if budget is not None:
                session.advance(budget)
        assert visited(session) == expected
        assert what_is_there(session) == there[expected]


def test_a_long_way_is_gone_in_many_short_advances(make_clock):
    clock = make_clock(tick=0.001)
    session = Session(LONG, speed=None, clock=clock)
    session.seek(3)
    calls = 0
    while session.is_busy:
        before = clock.now
        session.advance(0.002)
        assert clock.now - before <= 0.005
        calls += 1
    assert calls >= 4
    assert session.snapshot().epoch == 3


@pytest.mark.parametrize("name", ["rounded", "slow", "diverges", "converges"])
def test_a_position_is_revisited_as_one_of_the_past(start, courses, name):
    """Whatever is past the end of the run is its end, and how the run ends is known then."""
    there, status = courses[name]
    *_, last = there
    for position, newest in (((0, 2), (2, 1)), ((0, 0), (0, 1)), ((1, 1), (1, 1)), ((0, 1), (9, 0)), ((9, 0), (9, 0))):
        if newest > (PAST[name].epochs, 0):
            continue
        session = start(PAST[name])
        session.revisit(position, newest)
        go(session, 0)
        assert session.timeline.position == min(position, last)
        assert session.timeline.newest == min(newest, last)
        assert what_is_there(session) == there[session.timeline.position]
        assert session.status == (status if last <= min(position, newest) and newest > last else session.status)
        assert session.snapshot().goal is None


def test_what_comes_in_between_gives_up_the_way_back(start):
    for command, expected in (
        (lambda session: session.pause(), None),
        (lambda session: session.seek(2), (2, 0)),
        (lambda session: session.step(Unit.UPDATE), (0, 4)),  # from where the way back would have led
        (lambda session: session.restart(), (0, 0)),
    ):
        session = start(LONG)
        session.revisit((0, 3), (3, 0))
        session.advance(0)
        command(session)
        assert visited(session) == expected or expected is None
        assert session.snapshot().goal is None
    session = start(LONG)
    with pytest.raises(ValueError, match="no position"):
        session.revisit((0, 3), (0, 10_001))
    assert session.status is READY
