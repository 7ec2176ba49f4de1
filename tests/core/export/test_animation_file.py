"""Which moments of a run an animation has, and that it draws them as they were when they were the newest ones."""

from itertools import pairwise

import pytest

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.export.animation_file import MOST_FRAMES, AnimationFile, RangeError
from quadfit_tui.core.export.picture import Ink, InkSpan, Picture
from quadfit_tui.core.session.session import RunSession
from quadfit_tui.core.training.position import Position
from quadfit_tui.core.training.status import Status

FEW = RunConfig(samples=4, batch=2, epochs=500, stop_on="never", lr=0.01, schedule="constant")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def at(config, *positions):
    """A session after it went to some positions."""
    session = RunSession(config, speed=None)
    for position in positions:
        session.seek(*position)
        while session.is_busy:
            session.advance(1)
    return session


def drawn(session, moments=None):
    """The snapshots of the frames, written in pieces of no time."""
    snapshots = []

    def draw(session):
        snapshots.append(session.snapshot())
        assert session.timeline.newest == session.timeline.position
        text = (
            f"{session.snapshot().position} of run {session.run.number} after {[run.number for run in session.earlier]}"
        )
        return Picture("", ((InkSpan(text, ""),),), {"": Ink("39")})

    file = AnimationFile("run.svg", draw, session, moments, overwrites=True)
    while file.is_busy:
        assert 0 <= file.percent <= 100
        file.advance(0)
    assert file.done == file.epochs
    return snapshots


def epochs(snapshots):
    assert all(snapshot.position.update == 0 for snapshot in snapshots)
    return [snapshot.position.epoch for snapshot in snapshots]


def test_one_frame_per_epoch_until_newest():
    session = at(FEW, Position(20, 1), Position(3, 0))
    *whole, last = drawn(session)
    assert epochs(whole) == [*range(21)]
    assert last.position == Position(20, 1)
    for snapshot in (*whole[::7], last):
        assert snapshot.w.tolist() == at(FEW, snapshot.position).snapshot().w.tolist()


def test_many_epochs_are_sampled_evenly():
    chosen = epochs(drawn(at(FEW, Position(500, 0))))
    assert (len(chosen), chosen[0], chosen[-1]) == (MOST_FRAMES, 0, 500)
    assert {after - before for before, after in pairwise(chosen)} == {2, 3}
    assert len(drawn(at(FEW, Position(400, 1)))) == MOST_FRAMES


def test_range_includes_first_and_last_epoch():
    session = at(FEW, Position(20, 1))
    assert epochs(drawn(session, ("5", "9"))) == [6, 7, 8, 9, 10]
    assert epochs(drawn(session, ("start", "0"))) == [0, 1]
    for refused in (("9", "5"), ("5", "20"), ("-1", "3"), ("a", "3")):
        with pytest.raises(RangeError, match="allowed: epochs such as start-19"):
            AnimationFile("other.svg", lambda _: None, session, refused)


@pytest.mark.parametrize(
    ("config", "status"),
    [
        (PRESETS["too-fast"], Status.DIVERGED),  # amid an epoch
        (PRESETS["full-batch"].replace(lr=9, schedule="constant", epochs=5000), Status.DIVERGED),  # at the end of one
        (PRESETS["momentum"], Status.CONVERGED),
    ],
)
def test_last_frame_shows_final_status(config, status):
    session = at(config, Position(config.epochs, 0))
    *_, last = drawn(session)
    assert (last.status, last.position) == (status, session.snapshot().position)
    assert session.snapshot().status is status


def test_frames_keep_run_numbers():
    session = at(FEW, Position(2, 0))
    session.restart(FEW.replace(lr=0.02))
    session.seek(1)
    while session.is_busy:
        session.advance(1)
    drawn(session)
    with open("run.svg", encoding="utf-8") as file:
        texts = [line for line in file if line.startswith("<text")]
    assert texts
    assert all("run 2 after [1]" in text.replace("\u00a0", " ") for text in texts)
