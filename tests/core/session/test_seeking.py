"""On the way to a position: its goal, commands that come in between, and long ways in short advances."""

import pytest
from session_driver import LONG, PAST, READY, go, visited, what_is_there

from quadfit_tui.core.session.playback import Unit
from quadfit_tui.core.training import checkpoints
from quadfit_tui.core.training.trainer import Trainer


@pytest.mark.parametrize("budget", [None, 0])
def test_quick_commands_add_up(start, courses, monkeypatch, budget):
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


@pytest.mark.parametrize("name", ["rounded", "slow", "diverges", "converges"])
def test_revisit_restores_position_and_newest(start, courses, name):
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


def test_other_command_cancels_revisit(start):
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
