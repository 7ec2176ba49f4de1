"""The app with a file of its epochs: what is seen is in it, and what cannot be written is told."""

import errno
import json
import os

import pytest
from app_helpers import screen_text, told, until

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.export.recorder import RunRecorder
from quadfit_tui.core.session.playback import Unit

CONFIG = RunConfig(samples=4, epochs=40, stop_on="never")


@pytest.fixture
def file(tmp_path):
    opened = RunRecorder(str(tmp_path / "[out]"), "jsonl")
    opened.start()
    yield opened
    opened.close()


@pytest.fixture
def app(make_app, file):
    """The app with the file; on each of its pictures it notes how many epochs are seen and written."""
    app = make_app(CONFIG, speed=None, output=file)
    app.seen = []
    publish = app._publish

    def noting(records):
        snapshot = app.session.snapshot()
        app.seen.append((snapshot.newest.epoch, len(epochs(file, snapshot.number))))
        publish(records)

    app.training._show = noting
    return app


def rows(file):
    with open(file.path, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def epochs(file, run=1):
    return [row["epoch"] for row in rows(file) if row["run"] == run and "epoch" in row]


async def test_what_a_picture_shows_is_in_the_file(app, file):
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("n", "e", "e", "b", "B", "e", "space")
        await until(pilot, lambda: app.session.status.ended)
        await pilot.pause()
    assert all(seen == written for seen, written in app.seen)
    assert {seen for seen, _ in app.seen} >= {0, 1, 2, 40}
    assert epochs(file) == list(range(40))


async def test_runs_of_a_session_follow_each_other_and_the_last_one_is_ended_when_the_file_is_closed(app, file):
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("e", "e", "r", "e", "k", "c", "l", *"0.1", "enter", "e", "q")
    file.close()
    found = rows(file)
    assert found[-1]["status"] == "paused"
    assert len({row["run"] for row in found}) >= 3
    assert [row["run"] for row in found] == sorted(row["run"] for row in found)
    for number in {row["run"] for row in found}:
        assert epochs(file, number) == list(range(len(epochs(file, number))))


async def test_played_updates_are_written_when_they_make_an_epoch_and_all_epochs_that_a_jump_leaves_behind(app, file):
    app.session.unit = Unit.UPDATE
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(*"nnnnnn")
        assert epochs(file) == [0]
        await pilot.press("]", "]", "[", "g", *"34", "enter")
        await until(pilot, lambda: not app.session.is_busy and app.session.snapshot().epoch == 35)
    assert epochs(file) == list(range(35))


async def test_a_full_disk_is_told_once_by_name_and_reason_and_it_trains_on(app, file):
    def full(_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    async with app.run_test(size=(140, 30)) as pilot:
        await pilot.press("e")
        assert not told(app)
        file._file.write = full
        await pilot.press("e")
        await until(pilot, lambda: told(app))
        (message,) = told(app)
        assert "[out]" in message
        assert "No space left on device" in message
        assert "Training continues" in message
        await until(pilot, lambda: "[out]" in screen_text(app))
        await pilot.press("space")
        await until(pilot, lambda: app.session.status.ended)
        assert told(app) == []
        assert app.session.snapshot().epoch == 40
    assert epochs(file) == [0]
