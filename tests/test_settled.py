"""Waiting until the app has nothing left to do, and its screen as text: in real time, with the app's own threads."""

import asyncio

import pytest
from textual.events import Key

from quadfit_tui import PRESETS, RunConfig
from quadfit_tui.core.session.session import RunSession
from quadfit_tui.testing import app_at, screen_text, settled
from quadfit_tui.ui.app import QuadfitApp
from quadfit_tui.ui.commands import run_commands, saving_commands

LONG = RunConfig(samples=20, batch="full", lr=1e-4, schedule="constant", epochs=10_000, stop_on="never")


def real_app(config, view="fit"):
    return QuadfitApp(RunSession(config), views={view: {}})


async def test_it_waits_for_map_and_diagnosis():
    app = real_app(PRESETS["too-fast"].replace(samples=200), "map")
    async with app.run_test(size=(120, 30)) as pilot:
        await settled(pilot)
        assert "% of the limit" in screen_text(app)
        assert app.maps.worker.map.share == 1
        await pilot.press("i")
        await settled(pilot)
        assert "working it out" not in screen_text(app)
        assert "Diagnosis" in screen_text(app)


async def test_waits_for_seek_saving_and_reading(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for module in (run_commands, saving_commands):
        monkeypatch.setattr(module, "_AT_ONCE", 0)
        monkeypatch.setattr(module, "SLICE", 1e-4)  # so that it takes many
    (tmp_path / "big.csv").write_text("x,y\n" + "1,2\n2,3\n4,5\n" * 40_000)
    app = real_app(LONG)
    async with app.run_test(size=(120, 30)) as pilot:
        await pilot.press("g", *str(LONG.epochs - 1), "enter")
        await settled(pilot)
        assert app.snapshot.epoch == LONG.epochs
        await app.run_action("save('log')")
        app.focused.value = "log.csv"
        await pilot.press("enter")
        await settled(pilot)
        assert (tmp_path / "log.csv").read_text().count("\n") == LONG.epochs + 1
        assert "Saved the log to log.csv" in screen_text(app)
        app.runs.restart(LONG.replace(data="big.csv", samples=800))
        await settled(pilot)
        assert app.snapshot.problem.x.size == 120_000


async def test_timeout_names_pending_work():
    app = app_at(RunConfig(), 3)
    async with app.run_test() as pilot:
        app.session.advance = lambda _budget: []
        app.post_message(Key("right_square_bracket", "]"))  # Pilot would wait for the processor to idle
        await asyncio.sleep(0.05)
        with pytest.raises(TimeoutError, match="after 0 seconds the app is still busy: training"):
            await settled(pilot, timeout=0)


async def test_it_does_not_wait_for_playing():
    app = app_at(RunConfig(), 3)
    async with app.run_test() as pilot:
        app.post_message(Key("space", " "))  # Pilot would wait for the processor to idle
        await asyncio.sleep(0.05)
        await settled(pilot, timeout=5)
        assert app.session.status == "running"


async def test_screen_text_includes_overlay():
    app = app_at(RunConfig(), 3)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("question_mark")
        await settled(pilot)
        rows = screen_text(app).split("\n")
        assert len(rows) == 30
        assert rows == [row.rstrip() for row in rows]
        assert rows[0].startswith("╭─ Help ─")
        assert rows[-1].startswith(" ⏎ Close esc Back")
