"""A large file of samples is read beside the keys: the present run goes on, Esc stops it, and nothing is half done."""

import re

import pytest
from app_helpers import LARGE, field, message, problem, told, type_in, until

from quadfit_tui.core.config.own_presets import PresetCatalog
from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.testing import screen_text, settled

pytestmark = pytest.mark.usefixtures("large_file")


async def test_run_continues_and_progress_is_shown(make_app):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await type_in(pilot, "data", "large.csv")
        assert app.screen.focused is None
        assert message(app) == "Reading large.csv: 0 %; press Esc to stop."
        await pilot.press("n", "2")
        assert app.session.run.updates == 1
        assert app.session.config.data is None
        told = set()
        await until(pilot, lambda: told.add(message(app)) or app.runs.reading is None)
        assert len([text for text in told if re.fullmatch(r"Reading large\.csv: \d+ %; press Esc to stop\.", text)]) > 3
        assert app.session.config.data == "large.csv"
        assert len(app.session.snapshot().problem.x) == 1500
        assert [run.number for run in app.session.runs] == [1, 2]
        assert "Reading" not in message(app)


async def test_playing_run_resumes_with_new_data(make_app):
    app = make_app(RunConfig(epochs=10_000, stop_on="never"), passing=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("space")
        await type_in(pilot, "data", "large.csv")
        await until(pilot, lambda: app.session.run.updates > 2)
        assert app.runs.reading is not None
        await until(pilot, lambda: app.runs.reading is None)
        assert app.session.config.data == "large.csv"
        await until(pilot, lambda: app.session.run.updates > 2)


async def test_escape_palette_and_quit_cancel_reading(make_app):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("n")
        before, shown = app.session.snapshot(), message(app)
        await pilot.press("ctrl+p")
        assert "stop reading a large file of samples" not in screen_text(app)
        for keys in (["escape"], ["ctrl+p", *"stop r", "enter"]):
            await pilot.press("escape")  # which has nothing to do
            assert message(app) == shown
            await type_in(pilot, "data", "large.csv")
            reading = app.runs.reading
            assert reading.is_busy
            await pilot.press(*keys)
            assert app.runs.reading is None
            await until(pilot, lambda reading=reading: not reading.is_busy)
            assert reading.result is None or keys != ["escape"]  # who types in the palette gives it time
            assert app.session.snapshot() is before
            assert not app.session.earlier
            assert told(app) == ["large.csv was not read to its end. This run stays as it was."]
            assert message(app) == told(app)[0]
            assert field(app, "data").value == ""
        await type_in(pilot, "data", "large.csv")
        reading = app.runs.reading
        await pilot.press("q")
    assert app._exception is None
    assert not reading.is_busy


async def test_parse_error_shown_at_field(make_app, tmp_path):
    (tmp_path / "faulty.csv").write_text(LARGE + "foo,1\n")
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await type_in(pilot, "data", "faulty.csv")
        await until(pilot, lambda: problem(app, "data"))
        assert problem(app, "data").startswith("line 1501, column 1: 'foo' is not a number")
        assert app.screen.focused is field(app, "data")
        assert field(app, "data").value == "faulty.csv"
        assert app.session.config.data is None
        assert "Reading" not in message(app)


async def test_new_run_waits_for_field_and_page(make_app):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await type_in(pilot, "data", "large.csv")
        await pilot.press("l")
        reading = app.runs.reading
        await settled(pilot)
        await pilot.press(*"0.2")
        assert (app.session.config.data, app.runs.reading) == (None, reading)
        assert message(app) == "The file has been read."  # in fuller words where there is room
        await pilot.press("enter")  # what is in the form is applied, and what was read is not read again
        assert (app.session.config.data, app.session.config.lr) == ("large.csv", 0.2)
        assert app.session.snapshot().problem is reading.result.problem

        await type_in(pilot, "data", "")
        await type_in(pilot, "data", "./large.csv")
        await pilot.press("question_mark")
        await settled(pilot)
        await pilot.pause(1)
        assert app.session.config.data is None
        await pilot.press("escape")
        await settled(pilot)
        assert app.session.config.data == "./large.csv"


async def test_new_run_cancels_reading(make_app):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("n")
        for key in ("r", "c"):
            await type_in(pilot, "data", "large.csv")
            reading, number = app.runs.reading, app.session.run.number
            assert reading.is_busy
            await pilot.press("n", key)
            assert app.runs.reading is None
            await settled(pilot)
            assert not reading.is_busy
            assert (app.session.run.number, app.session.config.data) == (number + 1, None)


async def test_progress_fits_width_and_truncates_name(make_app, tmp_path):
    name = "自" * 20 + "\u200b.csv"
    (tmp_path / name).write_text(LARGE)
    app = make_app()
    async with app.run_test(size=(60, 12)) as pilot:
        await type_in(pilot, "data", "large.csv")
        for width, told in ((60, r"Reading large\.csv: \d+ %; press Esc to stop\."), (40, r"Reading: \d+ %;")):
            await pilot.resize_terminal(width, 12)
            assert re.search(told, screen_text(app))
        await pilot.resize_terminal(80, 24)
        app.runs.restart(RunConfig(data=name, lr=0.1))
        assert message(app) == f"Reading '{'自' * 14}…: 0 %; press Esc to stop."


async def test_presets_and_changed_files_read_in_background(make_app, tmp_path):
    (tmp_path / "presets").mkdir()
    (tmp_path / "presets" / "own.toml").write_text(f'data = "{tmp_path / "large.csv"}"\nlr = 0.1\n')
    presets = PresetCatalog(lambda: str(tmp_path / "presets"))
    presets.read()
    app = make_app(presets=presets)
    async with app.run_test(size=(80, 24)) as pilot:
        await app.run_action("preset('own')")
        assert app.runs.reading is not None
        await settled(pilot)
        assert len(app.session.snapshot().problem.x) == 1500
        await pilot.press("r")
        assert app.runs.reading is None  # it is known
        (tmp_path / "large.csv").write_text(LARGE[: len(LARGE) // 2].rpartition("\n")[0])
        await pilot.press("r")
        assert app.runs.reading is not None
        await settled(pilot)
        assert len(app.session.snapshot().problem.x) < 1500
