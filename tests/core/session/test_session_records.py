"""Which records an advance gives and how many at most, and records of epochs that are read again."""

import pytest
from session_driver import FINISHED, PAST, go, to_the_end

from quadfit_tui.core.session import session as sessions
from quadfit_tui.core.session.playback import Unit
from quadfit_tui.core.session.session import RunSession
from quadfit_tui.core.training import fast_forward


def test_skipped_updates_give_no_records(start):
    """Only a single step shows its update: the others are on the way to somewhere."""
    session = start(PAST["rounded"])
    session.seek(0, 5)
    assert go(session) == []
    session.seek(0, 6)
    assert go(session) == []
    session.step(Unit.UPDATE)
    assert [record.update for record in go(session)] == [7]


def test_records_of_epochs_can_be_had_again(start):
    session = start(PAST["shuffled"], speed=None)
    session.play()
    expected = to_the_end(session)
    session.seek(7, 2)
    go(session)
    seen = session.snapshot()
    for first, stop in [(0, 30), (29, 30), (12, 17), (3, 3), (-4, 2), (25, 99), (40, 50)]:
        found = session.timeline.records(first, stop)
        assert [record.epoch for record in found] == list(range(30)[max(0, first) : stop])
        for record in found:
            same = expected[record.epoch]
            assert record.w.tolist() == same.w.tolist()
            assert (record.loss, record.lr, record.mean_loss) == (same.loss, same.lr, same.mean_loss)
            assert [values.tolist() for values in record.batch] == [values.tolist() for values in same.batch]
    assert session.snapshot() is seen
    session.restart()
    assert session.timeline.records(0, 30) == []


def test_records_per_advance_are_limited(make_clock, monkeypatch):
    """It is over then, however much of its budget is left: it would go round and round without getting on."""
    monkeypatch.setattr(fast_forward, "MOST_EPOCHS", 8)
    monkeypatch.setattr(sessions, "MOST_RECORDS", 20)
    clock = make_clock(tick=1.0)
    session = RunSession(PAST["in spans"].replace(epochs=100), speed=None, clock=clock)
    session.play()
    found = []
    while not session.status.ended:
        began = clock.now
        records = session.advance(1000.0)
        found.append((len(records), clock.now - began < 100))
    assert found == [(20, True)] * 5
    session.first()
    assert go(session) == []
    session.play()
    assert not session.advance(1000.0)
    assert session.status is FINISHED


@pytest.mark.parametrize("most", [1, 7, 64])
def test_small_portions_train_the_same(make_clock, most):
    config, clock = PAST["in spans"].replace(epochs=100), make_clock(tick=1.0)
    whole, session = (RunSession(config, speed=None, clock=clock) for _ in range(2))
    whole.play()
    expected = list(whole.advance(1e9))
    session.play()
    found = []
    while not session.status.ended:
        records = session.advance(1000.0, most)
        assert len(records) == min(most, 100 - len(found))
        found += records
    assert [(record.epoch, *record.w.tolist(), record.loss) for record in found] == [
        (record.epoch, *record.w.tolist(), record.loss) for record in expected
    ]
    session.first()
    session.advance(1000.0, most)
    session.seek(100)
    assert not session.advance(1000.0, most)  # what is known is passed at once
    assert session.snapshot().epoch == 100
