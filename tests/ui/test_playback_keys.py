"""Playback through Pilot: the keys of time, speed and restart in, the state of the run out."""

from app_helpers import records, until

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.training.status import Status
from quadfit_tui.testing import screen_text
from quadfit_tui.ui.widgets.chart_view import ChartView


async def test_play_follows_clock_until_pause_or_step(make_app, clock):
    app = make_app("full-batch")
    async with app.run_test() as pilot:
        await pilot.press("space")
        await until(pilot, lambda: app.snapshot.epoch == 1)
        assert app.snapshot.status is Status.RUNNING
        clock.now += 0.1
        await until(pilot, lambda: app.snapshot.epoch == 2)
        await pilot.press("space")
        assert app.snapshot.status is Status.PAUSED
        clock.now += 60
        await pilot.pause(0.1)
        assert app.snapshot.epoch == 2
        assert [record.epoch for record in records(app)] == [0, 1]
        await pilot.press("space", "question_mark")
        await until(pilot, lambda: app.snapshot.epoch == 3)
        clock.now += 0.1
        await until(pilot, lambda: app.snapshot.epoch == 4)
        await pilot.press("space")  # closes the page, and that is all
        assert (len(app.screen_stack), app.snapshot.status) == (1, Status.RUNNING)
        await pilot.press("n")
        assert (app.snapshot.status, app.snapshot.epoch) == (Status.PAUSED, 5)


async def test_single_steps_are_logged_until_restart(make_app):
    app = make_app("article-minibatch")
    async with app.run_test() as pilot:
        await pilot.press("n", "n", "e")
        assert (app.snapshot.epoch, app.snapshot.update, app.snapshot.status) == (1, 0, Status.PAUSED)
        assert [(record.epoch, record.update) for record in records(app)] == [(0, 1), (0, 2), (0, 50)]
        await pilot.press("n")
        assert "update 1 of 50" in screen_text(app)
        assert "1:1" in screen_text(app)
        await pilot.press("r")
        assert (app.snapshot.number, app.snapshot.epoch, app.snapshot.status) == (2, 0, Status.READY)
        assert not records(app)
        assert app.snapshot.w.tolist() == list(PRESETS["article-minibatch"].init)


async def test_restart_while_playing_keeps_playing(make_app, clock):
    app = make_app("full-batch", speed=30)
    async with app.run_test() as pilot:
        await pilot.press("space")
        clock.now += 0.25
        await until(pilot, lambda: app.snapshot.epoch > 3)
        await pilot.press("r")
        assert (app.snapshot.number, app.snapshot.status) == (2, Status.RUNNING)
        await until(pilot, lambda: app.snapshot.epoch > 0)
        assert [record.epoch for record in records(app)] == list(range(app.snapshot.epoch))


ENDS = {
    "article": (Status.CONVERGED, "Converged after 25 epochs"),
    "too-fast": (Status.DIVERGED, "Diverged in epoch 6"),
    "article-as-printed": (Status.CONVERGED, "STOPPED 2 of 100 epochs"),
}


async def test_every_ending_leaves_keys_working(make_app):
    app = make_app(speed=None, passing=True)
    async with app.run_test() as pilot:
        for preset, (status, words) in ENDS.items():
            app.runs.restart(PRESETS[preset])
            await pilot.press("space")
            await until(pilot, lambda: app.snapshot.status.ended)
            assert app.snapshot.status is status, preset
            text = screen_text(app)
            assert words in " ".join(text.split())
            assert "true" in text, preset  # the chart is still there
            assert "fitted" in text, preset
            await pilot.press("space", "n", "e")
            assert app.snapshot.status is status, preset
            await pilot.press("z", "r")
            assert app.snapshot.status is Status.READY, preset


async def test_long_epoch_does_not_block_keys(make_app):
    app = make_app(RunConfig(samples=10_000, optimizer="adam"), passing=True)
    async with app.run_test() as pilot:
        app.playback.action_step("epoch")
        assert app.snapshot.status is Status.RUNNING
        assert 0 < app.snapshot.updates < 10_000
        await until(pilot, lambda: app.snapshot.status is Status.PAUSED, 60)
        assert app.snapshot.epoch == 1


async def test_training_keeps_off_after_keys_and_clicks(make_app, monkeypatch):
    app = make_app()
    async with app.run_test() as pilot:
        hushed = []
        monkeypatch.setattr(app.training, "pause_for_key", lambda: hushed.append(1))
        await pilot.hover(ChartView)
        assert not hushed
        await pilot.press("z")
        assert len(hushed) == 1
        await pilot.click(ChartView)
        assert len(hushed) == 2
