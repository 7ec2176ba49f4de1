"""The play state machine as a whole: its first moment, its snapshots, and commands in any order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from session_driver import (
    ENDLESS,
    PAST,
    PAUSED,
    READY,
    RUNNING,
    what_is_there,
)
from trials import trials

from quadfit_tui.core.session.playback import Unit
from quadfit_tui.core.session.session import RunSession

# The first moment


def test_initial_snapshot(start):
    session = start(speed=10)
    now = session.snapshot()
    assert (now.number, now.status, now.epoch, now.update, now.updates) == (1, READY, 0, 0, 0)
    assert (now.record, now.loss, now.lr, now.speed, now.updates_per_epoch) == (None, None, 0.5, 10, 10)
    assert now.w.tolist() == list(ENDLESS.init)
    assert now.mean_loss == pytest.approx(now.problem.mean_loss(now.w))
    assert now.config is session.config
    assert not session.advance(1.0)


def test_ten_epochs_a_second_by_default(clock):
    assert RunSession(ENDLESS, clock=clock).speed == 10


# Snapshots


def test_snapshot_is_cached_while_unchanged(start, clock):
    session = start(speed=1)
    session.play()
    session.advance(1.0)
    seen = session.snapshot()
    clock.now += 0.5
    assert not session.advance(1.0)
    assert session.snapshot() is seen
    clock.now += 0.5
    session.advance(1.0)
    assert session.snapshot() is not seen
    assert seen.epoch == 1


@pytest.mark.parametrize("command", ["play", "pause", "toggle"])
def test_status_change_gives_new_snapshot(start, command):
    session = start()
    session.play()
    if command == "play":
        session.pause()
    seen = session.snapshot()
    getattr(session, command)()
    assert session.snapshot() is not seen
    assert session.snapshot().status is session.status is not seen.status


# Whatever the order of commands


# Whatever the order of commands, in time as well


travels = st.one_of(
    st.sampled_from(["play", "play", "pause", "toggle", "first", "last", "restart"]),
    st.tuples(st.sampled_from(["step", "back"]), st.sampled_from(list(Unit))),
    st.tuples(st.just("seek"), st.floats(0, 1.1)),
    st.tuples(st.just("jump"), st.integers(-15, 15)),
    st.tuples(st.just("unit"), st.sampled_from(list(Unit))),
    st.tuples(st.just("speed"), st.sampled_from([1, 30, None])),
)
# How often a frame comes after a command, the seconds that pass before each, and its budget.
frames = st.sampled_from([(0, 0, 0), (1, 0.1, 0), (1, 0.0, 1.0), (5, 0.3, 0), (3, 1.0, 1.0)])


class Traveller:
    """Gives commands, and knows what they must come to."""

    def __init__(self, session, clock, there, end_status):
        self.session, self.clock = session, clock
        self.there, self.end_status = there, end_status
        self.positions = sorted(there)
        self.end = self.positions[-1]
        self.per_epoch = session.snapshot().updates_per_epoch
        self.shown = []

    def goal_of(self, command, what, before):
        """Where a command leads to; None where it leads nowhere."""
        at = self.positions.index(before.position)
        epoch, update = before.position
        match command, what:
            case "step", _ if before.status.ended:
                return None
            case "step", Unit.UPDATE:
                return (epoch, update + 1) if update + 1 < self.per_epoch else (epoch + 1, 0)
            case "step", Unit.EPOCH:
                return epoch + 1, 0
            case "back", Unit.UPDATE:
                return self.positions[max(0, at - 1)]
            case "back", Unit.EPOCH:
                return (epoch if update else max(0, epoch - 1)), 0
            case "seek", part:
                epoch, update = self.positions[min(int(part * len(self.positions)), len(self.positions) - 1)]
                return (epoch, update) if update < self.per_epoch else (epoch + 1, 0)
            case "jump", epochs:
                return max(0, min(epoch + epochs, before.config.epochs)), 0
            case "first", _:
                return 0, 0
            case "last", _:
                return before.newest if before.newest != before.position else None

    def command(self, command, what):
        if command in ("step", "back", "jump") and self.session.snapshot().goal is not None:
            self.frame(0, 1.0)  # what they come to on the way is told above
        session, before = self.session, self.session.snapshot()
        if command in ("unit", "speed"):
            setattr(session, command, what)
            expected = before.status, before.goal
        elif command in ("play", "toggle", "pause", "restart"):
            getattr(session, command)()
            plays = before.status is RUNNING and before.goal is None
            if command == "restart":
                self.shown = []
                expected = (RUNNING if plays else READY), None
            elif command == "pause" or (command == "toggle" and plays):
                known_end = session.timeline.at_end
                stopped = self.end_status if known_end else PAUSED
                expected = (stopped if before.status is RUNNING else before.status), None
            else:
                expected = (before.status if before.status.ended else RUNNING), None
        else:
            goal = self.goal_of(command, what, before)
            to_there = goal if command == "seek" else ([what] if what is not None else [])
            getattr(session, command)(*to_there)
            leaves = goal is not None and (goal != before.position or before.status is RUNNING)
            expected = (RUNNING, goal) if leaves else (before.status, before.goal)
        now = session.snapshot()
        assert (now.status, now.goal) == expected
        if command == "restart":
            number = before.number + bool(before.newest > (0, 0))  # one that was not trained leaves its number to it
            assert (now.number, now.position, now.newest) == (number, (0, 0), (0, 0))
        else:
            assert (now.number, now.position, now.newest) == (before.number, before.position, before.newest)
            assert now.w is before.w

    def frame(self, seconds, budget):
        session, before = self.session, self.session.snapshot()
        self.clock.now += seconds
        records = session.advance(budget)
        now = session.snapshot()
        assert now.newest == max(before.newest, now.position)
        if before.status is not RUNNING:
            assert now is before
        elif session.timeline.at_end:
            assert (now.position, now.status, now.goal) == (self.end, self.end_status, None)
        elif before.goal is None:
            assert (now.status, now.goal) == (RUNNING, None)
            assert now.position >= before.position
        elif now.position == before.goal:
            assert (now.status, now.goal) == (PAUSED, None)
        else:
            assert (now.status, now.goal) == (RUNNING, before.goal)
            assert not budget  # time does not pass while it works
        epochs = [record.epoch for record in records if record.ends_epoch]
        assert epochs == list(range(before.newest.epoch, now.newest.epoch))
        self.shown += [record.epoch * self.per_epoch + record.update for record in records]

    def look(self):
        now = self.session.snapshot()
        assert what_is_there(self.session) == self.there[now.position]
        assert now.updates == now.epoch * self.per_epoch + now.update
        assert self.session.is_busy == (now.status is RUNNING)
        assert (now.status is READY) <= (now.updates == 0)


@trials(200)
@given(st.sampled_from(list(PAST)), st.lists(st.tuples(travels, frames), min_size=8, max_size=30))
def test_no_order_of_travels_breaks_the_machine(make_clock, courses, name, script):
    clock = make_clock()
    traveller = Traveller(RunSession(PAST[name], speed=10, clock=clock), clock, *courses[name])
    for command, (count, seconds, budget) in script:
        traveller.command(*(command if isinstance(command, tuple) else (command, None)))
        traveller.look()
        for _ in range(count):
            traveller.frame(seconds, budget)
            traveller.look()
    # Each update is told of once at most, in order, and each epoch by its last one.
    assert traveller.shown == sorted(set(traveller.shown))
