"""Session of the library: one numbering of moments, with explain and the command line."""

import json

import numpy as np
import pytest

from quadfit_tui import PRESETS, RunConfig, Session, explain, rate_map, train


@pytest.mark.parametrize("moment", [0, 3, np.int64(14), "14", "15:3", "0:1"])
def test_go_reaches_explained_update(moment):
    run = train(PRESETS["noisy"])
    session = Session(PRESETS["noisy"])  # its speed makes no difference
    snapshot = session.go(moment)
    assert snapshot is session.snapshot()
    assert (session.status, session.is_busy) == ("paused", False)
    heading = explain(run, moment).splitlines()[0]
    record = snapshot.record
    assert heading.startswith(f"Epoch {record.epoch}, update {record.update} of 50 ")
    assert snapshot.w.tolist() == run.updates(record.epoch).w[record.update - 1].tolist()


def test_what_is_done_to_a_snapshot_changes_no_run():
    session = Session(RunConfig())
    for moment in ("start", 3):
        with pytest.raises(ValueError, match="read-only"):
            session.go(moment).w[:] = 7


def test_go_moves_back_forward_and_to_start():
    session = Session(RunConfig(), speed=None)
    last = session.go(20).w
    assert session.go("start").w.tolist() == list(RunConfig().init)
    assert session.go(20).w.tolist() == last.tolist()
    session.play()
    assert (session.status, session.is_busy) == ("running", True)
    session.go("3:7")
    assert (session.status, session.snapshot().epoch, session.snapshot().update) == ("paused", 3, 7)


@pytest.mark.parametrize(
    ("moment", "why"),
    [("0:801", "'0:801' is too large; allowed: start, 0 to 99, or 0:1"), (60, "'60' is past the end of the run; conv")],
)
def test_another_moment_is_refused(moment, why):
    session = Session(RunConfig())
    with pytest.raises(ValueError, match=why):
        session.go(moment)
    with pytest.raises(TypeError, match="is not a moment"):
        session.go(1.5)


@pytest.mark.parametrize("speed", [0, -1, 2.5, "fast", True, float("nan")])
def test_another_speed_is_refused(speed):
    session = Session(RunConfig())
    with pytest.raises(ValueError, match=r"^speed: '.*' cannot be used; allowed: a whole number above 0, or None$"):
        Session(RunConfig(), speed=speed)
    with pytest.raises(ValueError, match=r"^speed: "):
        session.speed = speed
    assert session.speed == 10
    session.speed = np.int64(5)
    assert repr(session.speed) == "5"


@pytest.mark.parametrize("value", [np.arange(40.0), np.array(["a"] * 400, dtype=object)])
def test_any_value_is_refused_in_a_line(value):
    session, config = Session(RunConfig()), RunConfig()
    calls = {
        "is not a moment": lambda: session.go(value),
        "speed: ": lambda: Session(config, speed=value),
        "config must be a RunConfig, or None": lambda: session.restart(value),
        "up: ": lambda: rate_map(config, up=value),
        "x: ": lambda: train(config, x=[value, 1], y=[1, 2]),
    }
    for why, call in calls.items():
        with pytest.raises((TypeError, ValueError), match=why) as refused:
            call()
        assert str(refused.value).isprintable()
        assert len(str(refused.value)) < 500


def test_status_and_unit_are_texts():
    session = Session(RunConfig())
    assert (repr(session.status), json.dumps(session.status)) == ("'ready'", '"ready"')
    assert (repr(session.snapshot().status), str(session.status)) == ("'ready'", "ready")
    session.step("update")
    session.advance(1)
    assert session.snapshot().update == 1
    session.back("update")
    session.advance(1)
    session.unit = "update"
    with pytest.raises(ValueError, match="batch"):
        session.unit = "batch"
    assert (session.unit, session.snapshot().updates) == ("update", 0)
    assert repr(session) == "<Session: paused at start, RunConfig()>"


def test_go_reaches_end():
    for config in (PRESETS["too-fast"], PRESETS["article"], PRESETS["full-batch"]):
        session, run = Session(config), train(config)
        snapshot = session.go("end")
        assert (session.status, snapshot.w.tolist()) == (run.status, run.w[-1].tolist())
    assert explain(run, "end") == explain(run, run.epoch[-1])


def test_session_of_own_data_plays_to_its_end():
    """Only the app pauses a run that has come to rest: after some 100 of these epochs."""
    t = np.arange(20) / 20
    y = 120.9 + 479.5 * t - 494 * t**2 + (-1.0) ** np.arange(20)
    session = Session(PRESETS["own-data"], x=t, y=y, speed=None)
    session.play()
    while session.is_busy:
        session.advance(1)
    assert (session.status, session.snapshot().epoch) == ("finished", 300)
    assert session.snapshot().w == pytest.approx(np.polyfit(t, y, 2), rel=1e-4)
