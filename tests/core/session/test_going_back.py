"""Going back in time: any update of a run can be visited again, and played on from to the same future."""

import pytest
from session_driver import CONVERGED, PAST, PAUSED, READY, RUNNING, go, to_the_end, visited

from quadfit_tui.core.session.playback import Unit


@pytest.mark.parametrize(
    "command",
    [
        lambda session: session.back(Unit.UPDATE),
        lambda session: session.back(Unit.EPOCH),
        lambda session: session.first(),
        lambda session: session.last(),
        lambda session: session.seek(0),
        lambda session: session.jump(-3),
        lambda session: session.jump(0),
    ],
)
def test_command_without_effect_changes_nothing(start, command):
    session = start(PAST["in spans"])
    seen = session.snapshot()
    command(session)
    assert (session.status, session.is_busy) == (READY, False)
    assert session.snapshot() is seen
    assert not session.advance(1.0)


@pytest.mark.parametrize("position", [(-1, 0), (41, 0), (3, -1), (3, 11), (-1, 10), (10**9, 0), (0, 10**9)])
def test_invalid_position_is_refused(start, position):
    session = start(PAST["in spans"])
    seen = session.snapshot()
    with pytest.raises(ValueError, match="no position of this run"):
        session.seek(*position)
    assert session.snapshot() is seen


@pytest.mark.parametrize("name", ["converges", "diverges", "diverges in spans"])
def test_seek_past_end_stops_at_end(start, courses, name):
    there, status = courses[name]
    end = max(there)
    session = start(PAST[name])
    for _ in range(2):  # before it is known, and after
        session.seek(end.epoch + 3)
        assert visited(session) == end
        assert session.status is status
        session.seek(end.epoch + 3)
        go(session)
        assert session.status is status
        session.first()
        assert visited(session) == (0, 0)
        assert session.status is PAUSED


@pytest.mark.parametrize("name", PAST)
def test_ended_run_ends_again_alike(start, courses, name):
    there, status = courses[name]
    positions = sorted(there)
    session = start(PAST[name])
    session.play()
    to_the_end(session)
    lr = session.snapshot().lr
    ways_on = [
        lambda: session.step(Unit.UPDATE),
        lambda: session.step(Unit.EPOCH),
        session.play,
        session.toggle,
        session.last,
        lambda: session.seek(*positions[-1]),
    ]
    for on in ways_on:
        session.back(Unit.UPDATE)
        assert session.status is RUNNING
        go(session)
        assert (session.status, session.snapshot().position) == (PAUSED, positions[-2])
        on()
        assert session.status is RUNNING
        assert not [record for record in go(session) if record.ends_epoch]
        assert (session.status, session.snapshot().position) == (status, positions[-1])
        assert session.snapshot().lr == lr
        assert session.timeline.at_end


@pytest.mark.parametrize("command", ["pause", "toggle"])
def test_cancelled_step_back_keeps_end(start, command):
    """Back, and before anything came of it, pause."""
    session = start(PAST["converges"])
    session.play()
    to_the_end(session)
    session.back(Unit.UPDATE)
    getattr(session, command)()
    go(session)
    assert session.status is CONVERGED
    assert not session.is_busy
