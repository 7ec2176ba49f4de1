"""The form through Pilot: keys and clicks in its fields, and the runs that begin there."""

import asyncio

from app_helpers import burst, field, problem, records, told, type_in, until
from textual import events

from quadfit_tui.core.config.parameters import PARAMETERS, RunConfig
from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.training.status import Status
from quadfit_tui.testing import screen_text
from quadfit_tui.ui.form.form import Form
from quadfit_tui.ui.widgets.chart_view import ChartView
from quadfit_tui.ui.widgets.header import Header
from quadfit_tui.ui.widgets.log import LogLines
from quadfit_tui.ui.widgets.panes import Panes

TYPED_AHEAD = [
    ([], "space", Status.RUNNING, 0),
    ([], "n", Status.PAUSED, 1),
    ([], "e", Status.PAUSED, 800),
    (["space"], "space", Status.PAUSED, 0),
    (["space"], "n", Status.PAUSED, 1),
]


async def test_typed_ahead_keys_apply_in_order(make_app, monkeypatch):
    app = make_app(speed=1)
    async with app.run_test() as pilot:
        monkeypatch.setattr(app.training, "_busy", asyncio.Event())  # the worker rests: only keys act
        for before, after, status, updates in TYPED_AHEAD:
            app.session.pause()
            app.runs.restart(PRESETS["article"])
            await pilot.press(*before)
            burst(app, ["l", "0", "full_stop", "2", "enter", after])
            await pilot.pause()
            assert app.session.config == PRESETS["article"].replace(lr=0.2), (before, after)
            assert (app.snapshot.status, app.snapshot.updates) == (status, updates), (before, after)
            assert (app.focused, field(app, "lr").value) == (None, "0.2")
            assert not app.query(".-changed")
        assert "lr 0.2" in screen_text(app)
        assert records(app)[-1].lr == 0.2


BURSTS = [
    (["l", "0", "comma", "x", "backspace", "2", "enter"], {"lr": 0.2}),
    (["l", "1", "2", "home", "0", "full_stop", "enter"], {"lr": 0.12}),
    (
        ["l", "2", *["down"] * 3, "right", "right", "down", "5", "enter"],
        {"lr": 2, "schedule": "exponential", "decay_every": 5},
    ),
    (["l", "up", "right", "right", "right", "enter"], {"batch": 16, "shuffle": True, "stop_on": "never"}),
]


async def test_editing_burst_keeps_key_order(make_app):
    app = make_app()
    async with app.run_test() as pilot:
        for keys, changed in BURSTS:
            burst(app, keys)
            config = PRESETS["article"].replace(**changed)
            await until(pilot, lambda config=config: app.session.config == config)
            app.runs.restart(PRESETS["article"])
            await pilot.pause()


async def test_number_formats_and_error_recovery(make_app):
    app = make_app()
    async with app.run_test() as pilot:
        for name, typed, value in [("init", "0,5; -4; -11/6", (0.5, -4.0, -11 / 6)), ("batch", "FULL", "full")]:
            await type_in(pilot, name, typed)
            assert getattr(app.session.config, name) == value
            assert field(app, name).value == PARAMETERS[name].show(value)
        await pilot.press("l", *"0.2x")
        assert problem(app, "lr")
        await pilot.press("backspace")
        assert not problem(app, "lr")
        assert app.query_one("#field-lr").has_class("-changed")
        await pilot.press("x")
        assert problem(app, "lr")
        app.runs.action_restart()
        assert field(app, "lr").value == "0.5"  # what runs, again
        assert not problem(app, "lr")


WRONG = [
    ("lr", "abc", "is not a number; allowed: above 0, up to 1e6"),
    ("batch", "801", "exceeds the number of samples; allowed: 1 to 800, or full"),
    ("x_min", "1", "is empty; allowed: x_min below x_max"),
    ("data", "/no.csv", "cannot be read"),
]


async def test_invalid_input_marked_run_continues(make_app, clock):
    app = make_app("full-batch")
    async with app.run_test() as pilot:
        await pilot.press("space")
        for epoch, (name, typed, said) in enumerate(WRONG, 1):
            await until(pilot, lambda epoch=epoch: app.snapshot.epoch == epoch)
            await type_in(pilot, name, typed)
            assert said in problem(app, name)
            assert app.query_one(f"#field-{name}").has_class("-wrong")
            assert app.focused is field(app, name)
            assert (app.snapshot.number, app.snapshot.status) == (1, Status.RUNNING)
            app.query_one(Form).show(app.session.config)
            assert not problem(app, name)
            clock.now += 0.1
        assert app.session.config == PRESETS["full-batch"]


async def test_field_captures_keys_escape_discards(make_app):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("l", "ctrl+a", "shift+end", "ctrl+c")
        assert app.clipboard == "0.5"
        assert not told(app)
        await pilot.press(*"q n+-z?r ")
        assert field(app, "lr").value == "q n+-z?r "
        assert (app.snapshot.number, app.snapshot.status, app.session.speed) == (1, Status.READY, 10)
        await pilot.press("escape")
        assert app.focused is None
        assert field(app, "lr").value == "0.5"  # what runs, again
        assert not problem(app, "lr")
        await pilot.press("n")
        assert app.snapshot.update == 1
        await pilot.press("l", "up", "right", "escape", "l", *"0.3", "enter")  # a preset that was only looked at
        assert app.session.config == PRESETS["article"].replace(lr=0.3)
        assert field(app, "preset").value == "article, lr 0.3"
        await pilot.press("l", "up", "left")  # from there the arrows lead to the presets
        assert field(app, "preset").value in PRESETS


async def terminal_click(pilot, selector, column):
    """A click as it comes from a terminal: it names no widget, where a click of Pilot does."""
    x, y = pilot.app.query_one(selector).region.offset
    x += column
    for event in (events.MouseDown, events.MouseUp):
        pilot.app.post_message(event(None, x, y, 0, 0, 1, False, False, False, x, y))
    await pilot.pause()


async def test_clicks_focus_and_leave_fields(make_app):
    app = make_app()
    async with app.run_test(size=(100, 24)) as pilot:
        await terminal_click(pilot, "#input-more", 3)
        assert app.focused is None
        for _ in range(2):  # the first selects all, the second is where it is
            await terminal_click(pilot, "#field-epochs", 17)
        await pilot.press("9", "enter")
        await until(pilot, lambda: app.session.config.epochs == 1090)
        await pilot.pause()
        await terminal_click(pilot, "#field-optimizer", 21)
        assert (app.focused, field(app, "optimizer").value) == (field(app, "optimizer"), "momentum")
        await terminal_click(pilot, "#field-schedule", 15)
        assert (app.focused, field(app, "schedule").value) == (field(app, "schedule"), "inverse-time")
        assert app.query_one("#field-schedule").has_class("-changed")
        for widget in (ChartView, LogLines, Header):
            app.views.action_edit("lr")
            await pilot.pause()
            await pilot.click(widget)
            await until(pilot, lambda: app.focused is None)
        app.views.action_edit("lr")
        await pilot.pause()
        await pilot.click("#field-batch", offset=(3, 0))  # its name
        await until(pilot, lambda: app.focused is field(app, "batch"))
        await pilot.click("#field-optimizer", offset=(3, 0))
        await until(pilot, lambda: app.focused is field(app, "optimizer"))
        assert field(app, "optimizer").value == "sgd"
        await pilot.click("#field-preset Label")
        assert app.focused is field(app, "preset")
        await pilot.click("#field-lr", offset=(16, 0))
        await until(pilot, lambda: app.focused is field(app, "lr"))


async def test_preset_fills_form_enter_starts(make_app):
    app = make_app()
    async with app.run_test() as pilot:
        await pilot.press("l", "up")
        for name, config in list(PRESETS.items())[1:]:
            await pilot.press("right")  # the order of the table
            assert field(app, "preset").value == name
            for key, parameter in PARAMETERS.items():
                assert field(app, key).value == parameter.show(getattr(config, key))
            assert app.session.config == PRESETS["article"]  # filled, not started
        await pilot.press("enter")
        await pilot.pause()
        assert app.session.config == config


async def test_choice_keys_clicks_and_field_navigation(make_app):
    app = make_app()
    async with app.run_test() as pilot:
        app.views.action_edit("stop_on")
        choice = field(app, "stop_on")
        seen = [choice.value]
        for key in ("right", "space", "left", "d", "n"):
            await pilot.press(key)
            seen.append(choice.value)
        assert seen == ["dataset", "last-update", "never", "last-update", "dataset", "never"]
        await pilot.click(choice, offset=(5, 0))
        assert choice.value == "dataset"
        await pilot.click(choice, offset=(0, 0))
        assert choice.value == "never"
        await pilot.press("escape", "l")
        seen = []
        for key in ("down", "down", "up", "shift+tab", "up"):
            await pilot.press(key)
            seen.append(app.focused.id)
        assert seen == [f"input-{name}" for name in ("optimizer", "batch", "optimizer", "lr", "preset")]


async def test_a_refused_restart_says_why_in_sight(make_app, tmp_path):
    path = tmp_path / "gone.csv"
    path.write_text("0 1\n1 2\n2 4\n")
    app = make_app(RunConfig(data=str(path)))
    async with app.run_test() as pilot:
        await pilot.press("e")
        path.unlink()
        await pilot.press("r")
        await pilot.pause()
        assert "cannot be read" in screen_text(app)
        assert (app.snapshot.number, app.snapshot.epoch) == (1, 1)
        assert app.focused is field(app, "data")


async def test_own_samples_window_and_fields(make_app, tmp_path):
    path = tmp_path / "s.csv"
    path.write_text("x;y\n0,5;1\n1,5;2\n2;3,5\n")
    app = make_app()
    async with app.run_test() as pilot:
        await type_in(pilot, "data", f" {path} ")
        assert app.session.config == PRESETS["own-data"].replace(data=str(path))
        assert field(app, "data").value == str(path)  # around what is typed, blanks do not count
        assert app.query_one(Panes)._words["fit"]["window"] == "follow"
        assert "true" not in screen_text(app).split("samples")[0].rpartition("⠤⠤⠤")[2]
        assert len(app.snapshot.problem.x) == 3
        form = app.query_one(Form)
        shown = {name for name in PARAMETERS if form.query_one(f"#field-{name}").display}
        assert shown.isdisjoint(("true", "samples", "x_min", "x_max", "noise"))
        assert field(app, "preset").value == "own-data"
        await type_in(pilot, "lr", "0.1")
        await pilot.press("l", "up", *(["right"] * len(PRESETS)), "enter")  # once around, and to own-data again
        assert app.session.config == PRESETS["own-data"].replace(data=str(path))
