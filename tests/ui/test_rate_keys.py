"""< and > halve and double the rate at which a run starts; what is labeled Start plays."""

import pytest
from app_helpers import message, records

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.training.status import Status
from quadfit_tui.testing import screen_text


def rates(app):
    return [run.config.lr for run in app.session.runs]


@pytest.mark.parametrize(("halve", "double"), [("less_than_sign", "greater_than_sign"), ("comma", "full_stop")])
async def test_rate_is_halved_and_doubled_and_played(make_app, halve, double):
    app = make_app("playground")
    async with app.run_test() as pilot:
        await pilot.press(double)
        assert app.snapshot.status is Status.RUNNING
        assert rates(app) == [0.4]
        await pilot.press(double, double, halve, halve, halve, halve)
        assert rates(app) == [0.1]
        assert app.snapshot.number == 1  # runs that were left before their tenth epoch are replaced


async def test_run_of_ten_epochs_is_kept(make_app):
    app = make_app("playground")
    async with app.run_test() as pilot:
        await pilot.press(*"e" * 9, "greater_than_sign")
        assert rates(app) == [0.4]
        await pilot.press("space", *"e" * 10, "greater_than_sign")
        assert rates(app) == [0.4, 0.8]
        await pilot.press("less_than_sign")  # the kept one is played once more, in the place of both
        assert rates(app) == [0.4]


async def test_log_has_the_present_run_alone(make_app):
    app = make_app("playground")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(*"eee", "greater_than_sign", "space")
        await pilot.pause()
        assert (records(app), app.snapshot.number) == ([], 1)  # the run before was replaced
        await pilot.press(*"e" * 12, "greater_than_sign", "less_than_sign", "space")
        await pilot.pause()
        assert records(app) == []  # the settings of the run that was kept, once more
        await pilot.press(*"ee")
        assert [record.epoch for record in records(app)] == [0, 1]


async def test_rate_of_a_schedule_is_that_of_the_start(make_app):
    app = make_app(RunConfig(lr=0.5, schedule="halve", decay_every=2, batch="full", stop_on="never"))
    async with app.run_test() as pilot:
        await pilot.press(*"e" * 5)
        assert app.snapshot.lr < 0.5
        await pilot.press("less_than_sign")
        assert app.session.config.lr == 0.25
        assert app.session.config.schedule == "halve"


@pytest.mark.parametrize(("lr", "key"), [(1e6, "greater_than_sign"), (5e-324, "less_than_sign")])
async def test_bounds_of_the_rate_are_named(make_app, lr, key):
    app = make_app(RunConfig(lr=lr))
    async with app.run_test() as pilot:
        await pilot.press(key)
        assert "is no learning rate" in message(app)
        assert "1e6" in message(app)
        assert (app.session.config.lr, app.snapshot.status) == (lr, Status.READY)


async def test_field_in_use_takes_the_signs(make_app):
    app = make_app("playground")
    async with app.run_test() as pilot:
        await pilot.press("l", "0", "comma", "3", "enter")
        assert app.session.config.lr == 0.3


@pytest.mark.parametrize("keys", [("p", "enter"), ("ctrl+p", *"preset noisy", "enter")])
async def test_chosen_preset_plays(make_app, keys):
    app = make_app("playground")
    async with app.run_test() as pilot:
        await pilot.press(*keys)
        assert app.snapshot.status is Status.RUNNING


@pytest.mark.parametrize("width", [40, 60, 80, 100, 140])
async def test_keys_are_last_in_every_footer(make_app, width):
    app = make_app("playground")
    async with app.run_test(size=(width, 24)) as pilot:
        states = {"ready": [], "playing": ["space"], "paused": ["space"], "enlarged": ["f"], "past": ["f", "b"]}
        for state, keys in states.items():
            await pilot.press(*keys)
            assert screen_text(app).splitlines()[-1].rstrip().endswith("? Keys"), state


async def test_enlarged_chart_stands_alone(make_app):
    app = make_app("playground")
    async with app.run_test(size=(80, 24)) as pilot:
        before = screen_text(app)
        await pilot.press("f")
        rows = screen_text(app).splitlines()
        assert rows[0].split()[0] == "READY"
        assert "y = -x² - 2x + 8" in rows[0]
        assert not any("5 Update" in row or "epoch       lr" in row for row in rows)
        assert (
            sum("│" in row or "┤" in row for row in rows)
            > sum("│" in row or "┤" in row for row in before.splitlines()) + 5
        )
        await pilot.press("escape")
        assert screen_text(app) == before
