"""Going back in time: any update of a run can be visited again, and played on from to the same future."""

import pytest
from session_driver import CONVERGED, PAST, PAUSED, READY, RUNNING, go, to_the_end, visited, what_is_there

from quadfit_tui.core.session.playback import Unit


@pytest.mark.parametrize("name", PAST)
def test_b_twenty_times_and_n_twenty_times_leaves_the_same_w(start, courses, name):
    there, _ = courses[name]
    positions = sorted(there)
    session = start(PAST[name])
    for at in {min(20, len(positions) - 1), len(positions) // 2, len(positions) - 2, len(positions) - 1}:
        session.seek(*positions[at])
        go(session)
        back = positions[max(0, at - 20) : at][::-1]
        forth = positions[max(0, at - 20) + 1 : at + 1]
        for command, expected in ((session.back, back), (session.step, forth)):
            for position in expected:
                command(Unit.UPDATE)
                go(session)
                assert session.snapshot().position == position
                assert what_is_there(session) == there[position]
        assert session.status.ended == session.timeline.at_end


def test_back_goes_to_the_start_of_the_epoch_and_then_of_the_one_before(start):
    session = start(PAST["in spans"])
    session.seek(3, 4)
    assert visited(session) == (3, 4)
    for expected in [(3, 0), (2, 0), (1, 0), (0, 0), (0, 0)]:
        session.back(Unit.EPOCH)
        assert visited(session) == expected
    session.seek(1, 1)
    for expected in [(1, 0), (0, 9), (0, 8)]:
        assert visited(session) != expected
        session.back(Unit.UPDATE)
        assert visited(session) == expected


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
def test_where_there_is_nowhere_to_go_nothing_changes(start, command):
    session = start(PAST["in spans"])
    seen = session.snapshot()
    command(session)
    assert (session.status, session.is_busy) == (READY, False)
    assert session.snapshot() is seen
    assert not session.advance(1.0)


@pytest.mark.parametrize("position", [(-1, 0), (41, 0), (3, -1), (3, 11), (-1, 10), (10**9, 0), (0, 10**9)])
def test_a_position_that_the_run_has_not_is_refused(start, position):
    session = start(PAST["in spans"])
    seen = session.snapshot()
    with pytest.raises(ValueError, match="no position of this run"):
        session.seek(*position)
    assert session.snapshot() is seen


@pytest.mark.parametrize(
    ("position", "expected"), [((3, 10), (4, 0)), ((39, 10), (40, 0)), ((40, 0), (40, 0)), ((0, 10), (1, 0))]
)
def test_after_its_last_update_an_epoch_is_over(start, position, expected):
    session = start(PAST["in spans"])
    session.seek(*position)
    assert visited(session) == expected


@pytest.mark.parametrize("name", ["converges", "diverges", "diverges in spans"])
def test_beyond_its_end_a_run_is_visited_at_its_end(start, courses, name):
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
def test_an_ended_run_goes_back_and_ends_again_in_the_same_way(start, courses, name):
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
def test_an_end_that_was_not_left_yet_is_still_one(start, command):
    """Back, and before anything came of it, pause."""
    session = start(PAST["converges"])
    session.play()
    to_the_end(session)
    session.back(Unit.UPDATE)
    getattr(session, command)()
    go(session)
    assert session.status is CONVERGED
    assert not session.is_busy
