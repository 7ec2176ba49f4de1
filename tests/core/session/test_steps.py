"""Single steps of an update or an epoch, and how they turn into playing."""

import pytest
from session_driver import LONG, PAUSED, RUNNING

from quadfit_tui.core.session.playback import Unit


@pytest.mark.parametrize("before", [[], ["play"], ["play", "pause"]])
@pytest.mark.parametrize("speed", [None, 1])
def test_a_step_does_one_update_and_pauses(start, before, speed):
    session = start(speed=speed)
    for command in before:
        getattr(session, command)()
    session.step(Unit.UPDATE)
    assert session.status is RUNNING
    (record,) = session.advance(5.0)
    assert (record.epoch, record.update, record.ends_epoch) == (0, 1, False)
    assert (session.status, session.snapshot().update) == (PAUSED, 1)
    assert session.snapshot().loss == record.loss
    assert session.snapshot().record is record
    assert not session.advance(5.0)


def test_epochs_last_update_is_logged_once(start):
    session = start()
    records = []
    for _ in range(11):
        session.step(Unit.UPDATE)
        records += session.advance(1.0)
    assert [(record.epoch, record.update, record.ends_epoch) for record in records] == [
        *[(0, update, False) for update in range(1, 10)],
        (0, 10, True),
        (1, 1, False),
    ]


def test_epoch_step_completes_current_epoch(start):
    session = start()
    for _ in range(3):
        session.step(Unit.UPDATE)
        session.advance(1.0)
    session.step(Unit.EPOCH)
    (record,) = session.advance(1.0)
    assert (record.epoch, record.update) == (0, 10)
    assert session.snapshot().updates == 10


@pytest.mark.parametrize("command", ["play", "toggle"])
def test_play_turns_a_step_into_playing(start, command):
    session = start(LONG)
    session.step(Unit.EPOCH)
    session.advance(0)
    getattr(session, command)()
    while session.snapshot().epoch < 2:
        session.advance(0)
    assert session.status is RUNNING
