"""The form shows what a run uses: the fields of the optimizer and the schedule chosen in it, and no others."""

import itertools
from textwrap import wrap

from app_helpers import burst, field, problem, told, until
from textual.screen import Screen

from quadfit_tui.core.config.parameters import PARAMETERS, USED_BY, RunConfig
from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.explain.glossary import meaning
from quadfit_tui.core.methods.optimizers import OPTIMIZERS
from quadfit_tui.core.methods.schedules import SCHEDULES
from quadfit_tui.testing import screen_text
from quadfit_tui.ui.form.form import Form
from quadfit_tui.ui.form.form_field import NAME_WIDTH, Field, Fields
from quadfit_tui.ui.form.more_row import MoreRow

# As they stand in the form, those that follow each other by ↓: what matters most, and what `more` stands for.
FIRST = [
    "lr", "optimizer", "momentum", "rho", "beta1", "beta2", "epsilon", "batch", "schedule", "decay_every", "decay_rate",
    "init", "noise", "data", "columns",
]  # fmt: skip
REST = [
    "epochs", "tol", "stop_on", "round_epochs", "shuffle", "gradient", "scale_features", "true", "samples", "x_min",
    "x_max", "encoding", "skip", "seed",
]  # fmt: skip
MADE = ["true", "samples", "x_min", "x_max"]  # of the rest, what a file takes the place of


def shown(app):
    """The names of the fields that are there to be seen and to go to, in order."""
    lines = [line for line in app.query_one(Fields).children if line.id is not None and line.display]
    return [line.id.removeprefix("field-") for line in lines if line.id.startswith("field-")]


def used(names=(*FIRST, *REST), **choices):
    config = RunConfig(**choices)
    return [name for name in names if name not in config.unused]


async def settled(pilot, control):
    """Where a field is on the screen once all scrolling towards it is done."""
    seen = []
    while len(seen) < 8 or seen[-8:] != [seen[-1]] * 8:
        await pilot.pause(0.02)
        seen.append(control.region)
    return seen[-1]


async def test_shows_used_fields_with_help(make_app):
    app = make_app(RunConfig(optimizer="adam", schedule="exponential"))
    async with app.run_test(size=(100, 60)) as pilot:
        await pilot.pause()
        assert shown(app) == used(FIRST, optimizer="adam", schedule="exponential")
        await pilot.click(MoreRow)
        for optimizer, schedule in itertools.zip_longest(OPTIMIZERS, SCHEDULES, fillvalue="halve"):
            app.runs.restart(RunConfig(optimizer=optimizer, schedule=schedule))
            await pilot.pause()
            assert shown(app) == used(optimizer=optimizer, schedule=schedule)
            painted = [str(each.render()) for each in app.query(Field) if each.region]
            named = zip(painted, shown(app), strict=True)
            assert all(text.startswith(f"{PARAMETERS[name].label} ") for text, name in named)
        for each in app.query(Field):
            full, brief = each.help_wordings
            assert each.parameter.value_type.allowed in full
            assert brief in full
        for name in ("lr", "tol", "data"):
            app.views.action_edit(name)
            await pilot.pause()
            assert help_shown(app) == app.query_one(f"#field-{name}", Field).help_wordings[0]
            assert app.focused is field(app, name)
            assert app.focused.region.height == 1


def help_shown(app):
    return str(app.query_one("#field-help").render()).replace("\n", " ")


async def test_help_of_a_choice_tells_what_its_value_means(make_app):
    app = make_app("playground")
    async with app.run_test(size=(80, 24)) as pilot:
        for name, means in (("optimizer", {"sgd": "plain gradient descent", "adam": "a recent mean"}),
                            ("schedule", {"constant": "stays as it is", "halve": "halved again"})):  # fmt: skip
            app.views.action_edit(name)
            await pilot.pause()
            for _ in PARAMETERS[name].value_type.options:
                for value, words in means.items():
                    assert (words in help_shown(app)) is (field(app, name).value == value)
                await pilot.press("right")


async def test_data_file_hides_generator_fields(make_app, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own.csv").write_text("0,1\n1,2\n2,4\n")
    app = make_app(RunConfig())
    async with app.run_test(size=(80, 60)) as pilot:
        app.views.action_edit("seed")
        assert shown(app)[-5:-1] == MADE
        app.views.action_edit("data")
        await pilot.press(*"own.csv")
        assert shown(app)[-5:-1] == MADE  # nothing jumps under who types
        await pilot.press("enter")
        await until(pilot, lambda: app.session.config.data is not None)
        choices = {name: getattr(app.session.config, name) for name in ("data", "optimizer", "schedule")}
        await until(pilot, lambda: shown(app) == used(**choices))
        assert {"columns", "encoding", "skip"} <= {*shown(app)}
        app.views.action_edit("preset")
        await pilot.press("right")
        await until(pilot, lambda: shown(app)[-5:-1] == MADE)


async def test_help_and_optional_fields_fit(make_app):
    app = make_app(RunConfig(optimizer="adam", schedule="exponential"))
    async with app.run_test(size=(80, 24)):
        pane = app.query_one("#field-help")
        texts = [
            each.help_wordings[0] for each in app.query(Field) if each.parameter.name not in ("optimizer", "schedule")
        ]
        texts += [meaning(word) for word in (*OPTIMIZERS, *SCHEDULES)]
        assert [text for text in texts if len(wrap(text, 28)) > 5] == []
        assert (pane.styles.height.value, pane.styles.padding.width) == (5, 0)
        fields = app.query_one(Form)._fields
        rooms = {name: each.most_dependents for name, each in fields.items() if each.most_dependents}
        assert rooms == {"optimizer": 3, "schedule": 2}


async def test_fields_follow_choice_and_focus_wraps(make_app):
    app = make_app()
    async with app.run_test() as pilot:
        for choice in ("optimizer", "schedule"):
            app.views.action_edit(choice)
            seen = set()
            for key in ["right"] * 6 + ["left"]:
                await pilot.press(key)
                word = field(app, choice).value
                seen.add(word)
                assert shown(app) == used(FIRST, **{choice: word})
                assert app.snapshot.number == 1
            assert seen == set(PARAMETERS[choice].value_type.options)
            await pilot.press("escape")
            assert shown(app) == used(FIRST)
        await pilot.press("l", "up")
        for key, at in (("up", "more"), ("shift+tab", "data"), ("tab", "more"), ("up", "data")):
            await pilot.press(key)
            assert app.focused.id == f"input-{at}"
        await pilot.press("escape", "l", "up")
        for config in reversed(list(PRESETS.values())[5:]):  # those that use other fields, the last of them first
            await pilot.press("left")
            assert shown(app) == used(FIRST, optimizer=config.optimizer, schedule=config.schedule)


CHANGES = [
    (["right", "down", "3", "left", "up", "left", "down", "2", "enter"], {"batch": 2}),
    (
        ["a", "a", "tab", "0", "tab", "0", "tab", "1", "enter"],
        {"optimizer": "adam", "beta1": 0, "beta2": 0, "epsilon": 1},
    ),
    (
        ["right", "left", *["down"] * 2, "right", "right", "down", "down", "1", "enter"],
        {"schedule": "exponential", "decay_rate": 1},
    ),
]


async def test_typed_ahead_key_reaches_new_field(make_app):
    app = make_app()
    async with app.run_test() as pilot:
        for keys, changed in CHANGES:
            app.views.action_edit("optimizer")
            await pilot.pause()
            run = app.snapshot.task
            burst(app, keys)
            await until(pilot, lambda run=run: app.snapshot.task is not run)
            config = app.session.config
            assert {name: getattr(config, name) for name in changed} == changed
            assert config.optimizer == changed.get("optimizer", "sgd")
            app.runs.restart(PRESETS["article"])
            await pilot.pause()


async def test_hidden_field_keeps_value_without_blocking(
    make_app,
):
    app = make_app(RunConfig(optimizer="momentum", momentum=0.25))
    async with app.run_test() as pilot:
        app.views.action_edit("momentum")
        await pilot.press(*"1x")
        for _ in range(2):
            await pilot.press("enter")
            assert "is not a number" in problem(app, "momentum")
            assert (app.snapshot.number, app.focused) == (1, field(app, "momentum"))
            await pilot.press("up", "left")
            assert shown(app) == used(FIRST)
            assert not problem(app, "momentum")
            await pilot.pause()
            assert not [line for line in app.query(".problem") if line.region]
            await pilot.press("right")
            assert "is not a number" in problem(app, "momentum")
        await pilot.press("left", "enter")
        assert app.focused is None
        assert app.session.config == RunConfig(optimizer="sgd", momentum=0.25)
        app.views.action_edit("optimizer")
        await pilot.press("right")
        assert field(app, "momentum").value == "0.25"
        assert not problem(app, "momentum")
        app.runs.restart(PRESETS["article"])
        await pilot.pause()
        app.views.action_edit("optimizer")
        await pilot.press("right", "down", *"0.5", "up", "left", "enter")
        await pilot.pause()
        assert app.session.config == RunConfig(momentum=0.5)
        assert field(app, "preset").value == "article"  # it makes no difference
        app.views.action_edit("optimizer")
        await pilot.press("right", "enter")
        await pilot.pause()
        assert app.session.config == RunConfig(optimizer="momentum", momentum=0.5)


async def test_nothing_jumps_when_fields_come_and_go(make_app):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        for height, choice, start in (
            *((24, "schedule", "lr"), (24, "optimizer", "data"), (24, "schedule", None)),
            (10, "schedule", "init"),
        ):
            await pilot.resize_terminal(80, height)
            app.views.action_edit(start or choice)
            away = shown(app).index(choice) - shown(app).index(start or choice)
            burst(app, ["up" if away < 0 else "down"] * abs(away))
            control = field(app, choice)
            await until(pilot, lambda control=control: app.focused is control)
            at = await settled(pilot, control)
            room = app.query_one(Fields).region
            assert room.contains_region(at)
            for _ in PARAMETERS[choice].value_type.options:
                control.action_turn(1)
                await pilot.pause()
                assert control.region == at, (choice, start)
                brought = [name for name, users in USED_BY.items() if users.choice == choice and name in shown(app)]
                lines = [app.query_one(f"#field-{name}").region for name in brought]
                in_sight = [line for line in lines if room.contains_region(line)]
                assert len(in_sight) == min(len(brought), room.height - 1), (choice, start)


async def test_errors_are_ignored_during_exit(make_app):
    app = make_app()
    async with app.run_test():
        rate, preset = (app.query_one(f"#field-{name}") for name in ("lr", "optimizer"))
        app.exit()
        rate.mark("this is wrong")  # where a field had been typed into, its message is still on its way
        preset.ready_control()
        app.screen.set_reactive(Screen.focused, preset.control)
        app.query_one(Form)._bring_into_sight(preset.control)
    assert app._exception is None


async def test_error_scrolls_into_view(make_app):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        fields = app.query_one(Fields)
        for name in ("samples", "tol"):
            app.views.action_edit(name)
            await pilot.pause()
            line = app.query_one(f"#field-{name}")
            fields.scroll_to(y=line.virtual_region.bottom - fields.size.height, animate=False)
            await pilot.press("x")
            await until(pilot, lambda name=name: problem(app, name))
            room, error = fields.region, app.query_one(f"#problem-{name}")
            await until(pilot, lambda error=error, room=room: error.region and room.contains_region(error.region))
            assert fields.scroll_y > 0
            await pilot.press("escape")
            await until(pilot, lambda: fields.scroll_y == 0)
            await pilot.press("s")  # unfolds it
            await pilot.pause()
            assert "optimizer" in screen_text(app)
            await pilot.press("s")


async def test_data_file_suggestion_columns_and_skipped_rows(make_app, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "many.csv").write_text("name;time;way\na;0;1\nb;1;2\nc;;3\nd;2;5\n")
    (tmp_path / "many.notes").touch()
    app = make_app(RunConfig(epochs=3))
    async with app.run_test(size=(80, 60)) as pilot:
        app.runs.restart(RunConfig(epochs=2))  # an earlier run, which this one is compared with
        app.playback.action_step("epoch")
        app.views.action_edit("data")
        await pilot.press("m")
        await until(pilot, lambda: field(app, "data")._suggestion == "many.csv")
        await pilot.press("right")
        assert field(app, "data").value == "many.csv"
        await pilot.press("enter")
        await until(pilot, lambda: "has 3 columns (name, time, way)" in problem(app, "data"))
        assert shown(app) == used(data="many.csv")  # all of them, since one of the rest differs from the preset
        await pilot.press("down", *"time,wa", "enter")
        await until(pilot, lambda: problem(app, "columns") != "")
        assert problem(app, "columns").startswith("names 'wa', which is no column of the file (did you mean 'way'?)")
        await pilot.press("end", "y", "enter")
        await until(pilot, lambda: app.session.config.data == "many.csv")
        assert app.session.snapshot().problem.x.tolist() == [0, 1, 2]
        assert told(app) == ["1 row is left out, since a value is missing: line 4."]
        app.runs.action_restart()
        await pilot.pause()
        assert not told(app)  # it is told once


async def test_unfocused_field_shows_beginning_and_ellipsis(make_app):
    value = "5.606503042277927, -120.5830429227781, -2403.918305322271"
    app = make_app(RunConfig(init=tuple(map(float, value.split(", ")))))
    async with app.run_test(size=(80, 24)) as pilot:
        app.query_one(Form).fold(False)
        for size in ((80, 24), (119, 30), (140, 45)):
            await pilot.resize_terminal(*size)
            for name in ("lr", "init", "lr"):  # beside init, which is not used yet, then is, then is left
                app.views.action_edit(name)
                await pilot.pause()
                if name == "init":
                    assert shown_of(app, "init").endswith(value[-9:])  # where its cursor is
                else:
                    shown = shown_of(app, "init")
                    assert value.startswith(shown.removesuffix("…"))
                    assert shown.endswith("…")


def shown_of(app, name):
    """What is painted of the value of a field."""
    line, field = app.screen._compositor.render_strips(), app.query_one(f"#field-{name}", Field)
    return line[field.region.y].text[field.region.x + NAME_WIDTH : field.region.right].strip()


async def test_first_click_selects_wide_text_second_places_cursor(make_app, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "身高体重.csv").write_text("0 1\n1 2\n2 4\n")
    app = make_app(RunConfig(data="身高体重.csv", lr=0.1))
    async with app.run_test(size=(140, 45)) as pilot:
        line = app.query_one("#field-data", Field)
        for position in (8, 2):
            await pilot.click(line, offset=(NAME_WIDTH + 5, 0))
            await pilot.pause()
            assert field(app, "data").cursor_position == position
            assert field(app, "data").has_focus
            assert field(app, "data").selection.is_empty is (position == 2)
        await pilot.press("tab")
        await pilot.click("#field-lr", offset=(NAME_WIDTH + 1, 0))  # of which there is a control by now, or not
        await pilot.press(*"0,3")
        assert field(app, "lr").value == "0,3"
