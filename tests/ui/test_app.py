"""The app through Pilot: keys and mouse in, state and screen out."""

import asyncio
import gc

import pytest
from app_helpers import field, problem, until
from textual import events
from textual.keys import key_to_character
from textual.widgets import Footer, Input, OptionList, Static
from textual.widgets._toast import Toast, ToastHolder

from quadfit_tui.core.config.parameters import PARAMETERS, RunConfig
from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.training.status import Status
from quadfit_tui.ui.app import QuadfitApp
from quadfit_tui.ui.display.capabilities import Capabilities
from quadfit_tui.ui.tasks.training_loop import MAX_LINES
from quadfit_tui.ui.widgets.chart_view import ChartView
from quadfit_tui.ui.widgets.choice_field import ChoiceField
from quadfit_tui.ui.widgets.form import Form
from quadfit_tui.ui.widgets.header import Header
from quadfit_tui.ui.widgets.log import LogLines
from quadfit_tui.ui.widgets.panes import Panes


def log(app):
    return app.query_one(LogLines)


def records(app):
    """What the log lists."""
    return list(log(app).lines.records)


def screen_text(app):
    """The screen as a terminal would show it."""
    return "\n".join(line.text for line in app.screen._compositor.render_strips()[: app.size.height])


async def type_in(pilot, name, text):
    """Puts text into a field at once, and presses Enter there."""
    pilot.app.action_edit(name)
    field(pilot.app, name).value = text
    await pilot.press("enter")
    await pilot.pause()


# Playback


async def test_play_follows_the_clock_and_pause_stops_it(make_app, clock):
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


async def test_single_steps_log_one_update_or_one_epoch(make_app):
    app = make_app("article-minibatch")
    async with app.run_test() as pilot:
        await pilot.press("n", "n", "e")
        assert (app.snapshot.epoch, app.snapshot.update, app.snapshot.status) == (1, 0, Status.PAUSED)
        assert [(record.epoch, record.update) for record in records(app)] == [(0, 1), (0, 2), (0, 50)]
        await pilot.press("n")
        assert "update 1 of 50" in screen_text(app)
        assert "1:1" in screen_text(app)


async def test_step_while_playing_pauses(make_app):
    app = make_app("full-batch")
    async with app.run_test() as pilot:
        await pilot.press("space")
        await until(pilot, lambda: app.snapshot.epoch == 1)
        await pilot.press("n")
        assert (app.snapshot.status, app.snapshot.epoch) == (Status.PAUSED, 2)


async def test_restart_forgets_the_old_run(make_app):
    app = make_app()
    async with app.run_test() as pilot:
        await pilot.press("e", "e")
        await pilot.press("r")
        assert (app.snapshot.run, app.snapshot.epoch, app.snapshot.status) == (2, 0, Status.READY)
        assert not records(app)
        assert app.snapshot.w.tolist() == list(PRESETS["article"].init)


async def test_restart_while_playing_plays_on_and_nothing_of_the_old_run_arrives(make_app, clock):
    app = make_app("full-batch", speed=30)
    async with app.run_test() as pilot:
        await pilot.press("space")
        clock.now += 0.25
        await until(pilot, lambda: app.snapshot.epoch > 3)
        await pilot.press("r")
        assert (app.snapshot.run, app.snapshot.status) == (2, Status.RUNNING)
        await until(pilot, lambda: app.snapshot.epoch > 0)
        assert [record.epoch for record in records(app)] == list(range(app.snapshot.epoch))


async def test_speed_keys_stay_within_the_table(make_app):
    app = make_app()
    async with app.run_test() as pilot:
        for by in (-1, -1, -1, -1):
            app.action_speed(by)
        assert app.session.speed == 1
        for _ in range(8):
            app.action_speed(1)
        await pilot.pause()
        assert app.session.speed is None
        assert "as fast as it goes" in screen_text(app)
        await pilot.press("minus", "equals_sign", "minus")
        assert app.session.speed == 30


@pytest.mark.parametrize("preset", ["article", "too-fast", "article-as-printed"])
async def test_every_way_to_end_is_told_and_leaves_the_keys_alive(make_app, preset):
    app = make_app(preset, speed=None, passing=True)
    async with app.run_test() as pilot:
        await pilot.press("space")
        await until(pilot, lambda: app.snapshot.status.ended)
        expected = {
            "article": (Status.CONVERGED, "converged after 25 epochs"),
            "too-fast": (Status.DIVERGED, "diverged in epoch 6"),
            "article-as-printed": (Status.CONVERGED, "STOPPED 2 of 100 epochs"),
        }[preset]
        assert app.snapshot.status is expected[0]
        assert expected[1] in " ".join(screen_text(app).split())
        assert "true" in screen_text(app)  # the chart is still there
        assert "fitted" in screen_text(app)
        await pilot.press("space", "n", "e")
        assert app.snapshot.status is expected[0]
        await pilot.press("z", "r")
        assert app.snapshot.status is Status.READY


async def test_an_epoch_longer_than_a_frame_does_not_hold_up_the_keys(make_app):
    app = make_app(RunConfig(samples=100_000, optimizer="adam"), passing=True)
    async with app.run_test() as pilot:
        app.action_step("epoch")
        assert app.snapshot.status is Status.RUNNING
        assert 0 < app.snapshot.updates < 100_000
        await until(pilot, lambda: app.snapshot.status is Status.PAUSED, 60)
        assert app.snapshot.epoch == 1


async def test_nothing_happens_while_there_is_nothing_to_do(make_app, monkeypatch):
    app = make_app()
    async with app.run_test() as pilot:
        await pilot.press("e")
        calls = []
        monkeypatch.setattr(app.session, "advance", calls.append)
        snapshot = app.snapshot
        await pilot.pause(0.3)
        assert not calls
        assert app.snapshot is snapshot


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


async def test_no_search_for_garbage_holds_up_the_keys(make_app):
    app = make_app()
    async with app.run_test() as pilot:
        await pilot.pause()
        assert gc.get_freeze_count() > 10_000
    assert gc.get_freeze_count() == 0


# The form


async def test_a_learning_rate_is_typed_and_restarts_with_it(make_app):
    app = make_app()
    async with app.run_test() as pilot:
        await pilot.press("e", "e")
        await pilot.press("l", *"0.1", "enter")
        await pilot.pause()
        assert (app.session.config.lr, app.snapshot.run, app.snapshot.status) == (0.1, 2, Status.READY)
        assert app.focused is None
        assert "lr 0.1" in screen_text(app)
        await pilot.press("e")
        assert records(app)[-1].lr == 0.1


@pytest.mark.parametrize(
    ("before", "after", "status", "updates"),
    [
        ([], "space", Status.RUNNING, 0),
        ([], "n", Status.PAUSED, 1),
        ([], "e", Status.PAUSED, 800),
        (["space"], "space", Status.PAUSED, 0),
        (["space"], "n", Status.PAUSED, 1),
    ],
)
async def test_keys_typed_ahead_have_their_effect_in_order(make_app, monkeypatch, before, after, status, updates):
    app = make_app(speed=1)
    async with app.run_test() as pilot:
        monkeypatch.setattr(app.training, "_busy", asyncio.Event())  # the worker rests: only keys act
        await pilot.press(*before)
        # As a slow link or a paste delivers them: all at once, before the first has had its effect.
        for key in ("l", "0", "full_stop", "2", "enter", after):
            app.post_message(events.Key(key, key_to_character(key)))
        await until(pilot, lambda: app.session.config.lr == 0.2 and app.snapshot.status is status)
        assert (app.snapshot.run, app.snapshot.updates) == (2, updates)
        assert field(app, "lr").value == "0.2"
        assert not app.query(".-changed")


@pytest.mark.parametrize(
    ("keys", "changed"),
    [
        (["l", "0", "comma", "x", "backspace", "2", "enter"], {"lr": 0.2}),
        (["l", "1", "2", "home", "0", "full_stop", "enter"], {"lr": 0.12}),
        (
            ["l", "2", "down", "right", "right", "down", "5", "enter"],
            {"lr": 2, "schedule": "exponential", "decay_every": 5},
        ),
        (["p", "right", "right", "enter"], {"batch": 16, "shuffle": True, "stop_on": "never"}),
    ],
)
async def test_editing_keys_in_one_burst_keep_their_order(make_app, keys, changed):
    app = make_app()
    async with app.run_test() as pilot:
        for key in keys:
            app.post_message(events.Key(key, key_to_character(key)))
        await until(pilot, lambda: app.snapshot.run == 2)
        assert app.session.config == PRESETS["article"].replace(**changed)


async def test_numbers_are_understood_as_people_write_them(make_app):
    app = make_app()
    async with app.run_test() as pilot:
        for name, typed, value in [
            ("lr", "0,5", 0.5),
            ("x_min", "-11/6", -11 / 6),
            ("init", "0,5; -4; 3", (0.5, -4.0, 3.0)),
            ("batch", "FULL", "full"),
        ]:
            await type_in(pilot, name, typed)
            assert getattr(app.session.config, name) == value
            assert field(app, name).value == PARAMETERS[name].show(value)


WRONG = [
    ("lr", "abc", "is not a number; allowed: above 0, up to 1e6"),
    ("lr", "-1", "is too small; allowed: above 0, up to 1e6"),
    ("lr", "1,000", "could mean 1.000 or 1000"),
    ("epochs", "0", "is too small"),
    ("batch", "801", "is more than there are samples; allowed: 1 to 800, or full"),
    ("x_min", "1", "is empty; allowed: x_min below x_max"),
    ("data", "/no.csv", "cannot be read"),
]


async def test_wrong_input_is_marked_and_the_training_is_left_alone(make_app, clock):
    app = make_app("full-batch")
    async with app.run_test() as pilot:
        await pilot.press("space")
        for epoch, (name, typed, said) in enumerate(WRONG, 1):
            await until(pilot, lambda epoch=epoch: app.snapshot.epoch == epoch)
            await type_in(pilot, name, typed)
            assert said in problem(app, name)
            assert app.query_one(f"#field-{name}").has_class("-wrong")
            assert app.focused is field(app, name)
            assert (app.snapshot.run, app.snapshot.status) == (1, Status.RUNNING)
            app.query_one(Form).show(app.session.config)
            assert not problem(app, name)
            clock.now += 0.1
        assert app.session.config == PRESETS["full-batch"]


async def test_a_wrong_field_is_mended_by_typing(make_app):
    app = make_app()
    async with app.run_test() as pilot:
        await pilot.press("l", *"0.2x")
        await pilot.pause()
        assert problem(app, "lr")
        await pilot.press("backspace")
        await pilot.pause()
        assert not problem(app, "lr")
        assert app.query_one("#field-lr").has_class("-changed")


async def test_keys_typed_into_a_field_stay_in_it_and_escape_leaves(make_app):
    app = make_app()
    async with app.run_test() as pilot:
        await pilot.press("l", *"q n+-z?r ")
        assert field(app, "lr").value == "q n+-z?r "
        assert (app.snapshot.run, app.snapshot.status, app.session.speed) == (1, Status.READY, 10)
        await pilot.press("escape")
        assert app.focused is None
        assert field(app, "lr").value == "0.5"  # what runs, again
        assert not problem(app, "lr")
        await pilot.press("n")
        assert app.snapshot.update == 1


async def test_leaving_forgets_a_preset_that_was_only_looked_at(make_app):
    app = make_app()
    async with app.run_test() as pilot:
        await pilot.press("p", "right", "escape", "l", *"0.3", "enter")
        await pilot.pause()
        assert app.session.config == PRESETS["article"].replace(lr=0.3)


async def test_a_click_beside_the_form_leaves_it(make_app):
    app = make_app()
    async with app.run_test() as pilot:
        for widget in (ChartView, LogLines, Header):
            app.action_edit("lr")
            await pilot.pause()
            await pilot.click(widget)
            await until(pilot, lambda: app.focused is None)
        app.action_edit("lr")
        await pilot.pause()
        await pilot.click("#field-init", offset=(3, 0))  # its name
        assert app.focused is field(app, "lr")
        await pilot.click("#field-init", offset=(16, 0))
        await until(pilot, lambda: app.focused is field(app, "init"))


async def terminal_click(pilot, selector, column):
    """A click as it comes from a terminal: it names no widget, where a click of Pilot does."""
    x, y = pilot.app.query_one(selector).region.offset
    x += column
    for event in (events.MouseDown, events.MouseUp):
        pilot.app.post_message(event(None, x, y, 0, 0, 1, False, False, False, x, y))
    await pilot.pause()


async def test_a_click_in_a_field_that_was_not_used_yet_does_what_it_does_in_any(make_app):
    app = make_app()
    async with app.run_test() as pilot:
        await terminal_click(pilot, "#field-init", 16)
        await pilot.press("9", "enter")
        await until(pilot, lambda: app.snapshot.run == 2)
        assert app.session.config.init[0] == pytest.approx(-191 / 6)
        await terminal_click(pilot, "#field-optimizer", 20)
        assert (app.focused, field(app, "optimizer").value) == (field(app, "optimizer"), "momentum")
        await terminal_click(pilot, "#field-schedule", 14)
        assert (app.focused, field(app, "schedule").value) == (field(app, "schedule"), "inverse-time")
        assert app.query_one("#field-schedule").has_class("-changed")


async def test_in_ascii_keys_and_differences_are_words(make_app):
    """`v` and `>` would be read as what they are elsewhere."""
    app = make_app(capabilities=Capabilities(ascii=True))
    async with app.run_test(size=(140, 45)) as pilot:
        await pilot.press("n", "k")
        await until(pilot, lambda: len(app.screen_stack) == 2)
        dialog = app.screen.query_one(OptionList)
        assert dialog.border_subtitle == "a letter, or Up Down and Enter; Esc leaves"
        assert "halve -> constant" in " ".join(str(option.prompt) for option in dialog.options)
        await pilot.press("escape", "l", "0", ".", "3", "enter", "n", "t", "up")
        await until(pilot, lambda: len(app.screen_stack) == 2)
        assert "lr 0.3 -> 0.5" in " ".join(str(note.render()) for note in app.screen.query(Static))
        await pilot.press("escape")
        await until(pilot, lambda: len(app.screen_stack) == 1)
        assert app._difference() == "run 2 against run 1: lr 0.5 -> 0.3"


async def test_of_what_was_told_nothing_is_left(make_app):
    app = make_app()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        for _ in range(5):
            await pilot.press("y")
        await until(pilot, lambda: len(app.query(ToastHolder)) == 1)
        assert [str(toast.render()) for toast in app.query(Toast)] == [
            "No update leads here: n does the first one, and shows its numbers."
        ]
        app.clear_notifications()
        await until(pilot, lambda: not app.query(ToastHolder))


@pytest.mark.parametrize("key", ["", "question_mark", "f1", "i", "t", "k"])
async def test_ctrl_c_tells_the_way_out_on_every_page(make_app, key):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("n", *filter(None, [key]))
        await until(pilot, lambda: len(app.screen_stack) == 1 + bool(key))
        await pilot.press("ctrl+c")
        await until(pilot, lambda: app._notifications)
        assert [note.message for note in app._notifications] == ["q quits, in a field ctrl+q"]


async def test_ctrl_c_copies_what_is_marked_in_a_field(make_app):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("l", "ctrl+a", "shift+end", "ctrl+c")
        assert app.clipboard == "0.5"
        assert not app._notifications


@pytest.mark.parametrize("keys", [["l"], ["question_mark"], ["ctrl+p"]])
async def test_ctrl_q_ends_the_program_from_everywhere(make_app, keys):
    app = make_app()
    async with app.run_test() as pilot:
        await pilot.press(*keys)
        await pilot.press("ctrl+q")
        await until(pilot, lambda: app._exit)


async def test_training_goes_on_behind_the_help_page(make_app, clock):
    app = make_app("full-batch")
    async with app.run_test() as pilot:
        await pilot.press("space", "question_mark")
        clock.now += 0.1
        await until(pilot, lambda: app.snapshot.epoch == 2)
        await pilot.press("space")  # closes the page, and that is all
        assert app.snapshot.status is Status.RUNNING


async def test_restart_shows_the_running_parameters_again(make_app):
    app = make_app()
    async with app.run_test() as pilot:
        await pilot.press("l", *"abc")
        app.action_restart()
        assert field(app, "lr").value == "0.5"
        assert not problem(app, "lr")


async def test_a_preset_fills_the_form_and_enter_starts_it(make_app):
    app = make_app()
    async with app.run_test() as pilot:
        await pilot.press("p")
        for name, config in list(PRESETS.items())[1:]:
            await pilot.press("right")  # the order of the table
            assert field(app, "preset").value == name
            for key, parameter in PARAMETERS.items():
                assert field(app, key).value == parameter.show(getattr(config, key))
            assert app.snapshot.run == 1  # filled, not started
        await pilot.press("enter")
        await pilot.pause()
        assert app.session.config == config
        assert app.snapshot.run == 2


async def test_the_preset_field_tells_a_configuration_of_ones_own(make_app):
    app = make_app()
    async with app.run_test() as pilot:
        await pilot.press("l", *"0.3", "enter")
        await pilot.pause()
        assert field(app, "preset").value == "own"
        await pilot.press("p", "left")  # from there the arrows lead to the presets
        assert field(app, "preset").value in PRESETS


async def test_choices_take_arrows_space_first_letters_and_clicks(make_app):
    app = make_app()
    async with app.run_test() as pilot:
        app.action_edit("stop_on")
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


async def test_arrow_keys_go_from_field_to_field(make_app):
    app = make_app()
    async with app.run_test() as pilot:
        await pilot.press("l")
        seen = []
        for key in ("down", "down", "up", "shift+tab", "up"):
            await pilot.press(key)
            seen.append(app.focused.id)
        assert seen == [f"input-{name}" for name in ("schedule", "decay_every", "schedule", "lr", "optimizer")]


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
        assert (app.snapshot.run, app.snapshot.epoch) == (1, 1)
        assert app.focused is field(app, "data")


async def test_a_file_of_samples_is_shown_in_its_own_window(make_app, tmp_path):
    path = tmp_path / "s.csv"
    path.write_text("x;y\n0,5;1\n1,5;2\n2;3,5\n")
    app = make_app()
    async with app.run_test() as pilot:
        await type_in(pilot, "data", str(path))
        assert app.session.config.data == str(path)
        assert app.query_one(Panes)._words["fit"]["window"] == "data"
        assert "true" not in screen_text(app).split("samples")[0].rpartition("⠤⠤⠤")[2]
        assert len(app.snapshot.problem.x) == 3


# Screen


async def test_zoom_changes_between_the_two_windows(make_app):
    app = make_app()
    async with app.run_test() as pilot:
        assert "500┤" in screen_text(app)
        await pilot.press("z")
        await pilot.pause()
        assert "500┤" not in screen_text(app)
        assert "↓ below" in screen_text(app)  # the start is far under the samples
        await pilot.press("r")
        await pilot.pause()
        assert "500┤" not in screen_text(app)
        await pilot.press("z")
        await pilot.pause()
        assert "500┤" in screen_text(app)


async def test_any_size_works_and_comes_back(make_app):
    app = make_app()
    async with app.run_test() as pilot:
        for size in [(1, 1), (30, 8), (59, 17), (200, 60)]:
            await pilot.resize_terminal(*size)
            app.action_turn("window")
            await pilot.press("e", "l")
            await pilot.press("escape", "question_mark", "escape")
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        chart = app.query_one("#first", ChartView)
        assert len(chart._rows) == chart.size.height
        assert {len(row.text) for row in chart._rows} == {chart.size.width}
        assert "fitted" in screen_text(app)


async def test_on_a_slim_screen_the_form_takes_the_charts_place(make_app):
    app = make_app()
    async with app.run_test(size=(50, 24)) as pilot:
        assert not app.query_one(Form).display
        await pilot.press("l", *"0.4")
        await pilot.pause()
        assert app.query_one(Form).display
        assert not app.query_one("#view").display
        await pilot.press("enter")
        await pilot.pause()
        assert app.session.config.lr == 0.4
        assert app.query_one("#view").display


async def test_the_footer_names_the_keys_and_takes_clicks(make_app):
    app = make_app()
    async with app.run_test() as pilot:
        await pilot.pause()
        footer = screen_text(app).splitlines()[-1]
        for label in ("Play", "Back", "Next", "Restart", "Rate", "Runs", "View", "Why", "Help", "Quit"):
            assert label in footer
        await pilot.click(Footer, offset=(footer.index("Next"), 0))
        await pilot.pause()
        assert app.snapshot.updates == 1


async def test_the_log_follows_and_stays_where_the_reader_is(make_app, monkeypatch):
    app = make_app("full-batch")
    async with app.run_test() as pilot:
        for _ in range(20):
            app.action_step("epoch")
        await pilot.pause()
        lines = log(app)
        assert lines.top == lines.end > 0
        await pilot.press("pageup")
        await pilot.pause()
        there = lines.top
        rendered = []
        monkeypatch.setattr(lines, "refresh", lambda *_, **__: rendered.append(1))
        assert there < lines.end
        app.action_step("epoch")
        await pilot.press("e")
        assert lines.top == there
        assert len(rendered) <= 1  # at most the scrollbar moved: new lines below are not seen
        monkeypatch.undo()
        await pilot.press("end", "e")
        await pilot.pause()
        assert lines.top == lines.end
        await pilot.resize_terminal(80, 20)
        await pilot.press("e")
        await pilot.pause()
        assert lines.top == lines.end


async def test_the_log_is_bounded_and_the_reader_keeps_the_line_when_old_ones_go(make_app):
    app = make_app(RunConfig(samples=1, init=(1, 1, 1), lr=1e-3, stop_on="never", epochs=10**6), passing=True)
    async with app.run_test() as pilot:
        app.session.speed = None
        app.session.seek(MAX_LINES)
        await until(pilot, lambda: len(records(app)) == MAX_LINES or app.training.advance())
        lines = log(app)
        await pilot.press("pageup")
        await pilot.pause()
        read = records(app)[lines.top].epoch
        app.session.seek(MAX_LINES + 30)
        await until(pilot, lambda: records(app)[-1].epoch == MAX_LINES + 29 or app.training.advance())
        assert len(records(app)) == MAX_LINES
        assert records(app)[lines.top].epoch == read
        await pilot.press("end", "e")
        await pilot.pause()
        assert f" {MAX_LINES + 30} " in screen_text(app)  # a full log that is followed moves on


async def test_the_help_page_lists_every_key_of_the_app(make_app):
    app = make_app()
    async with app.run_test() as pilot:
        await pilot.press("question_mark")
        await pilot.pause()
        text = screen_text(app)
        for _ in range(2):
            await pilot.press("pagedown")
            await pilot.pause()
            text += screen_text(app)
        text = " ".join(text.split())
        for binding in (*QuadfitApp.BINDINGS, *Form.BINDINGS, *ChoiceField.BINDINGS):
            assert (binding.tooltip or binding.description) in text
        await pilot.press("escape", "n")
        assert app.snapshot.update == 1


async def test_the_help_page_scrolls_with_the_keys(make_app):
    app = make_app()
    async with app.run_test(size=(80, 16)) as pilot:
        await pilot.press("question_mark", "pagedown")
        await pilot.pause()
        assert app.screen.query_one("VerticalScroll").scroll_y > 0


async def test_no_cursor_blinks(make_app):
    app = make_app()
    async with app.run_test():
        assert not any(input.cursor_blink for input in app.query(Input))


async def test_quit_leaves_with_success(make_app):
    app = make_app()
    async with app.run_test() as pilot:
        await pilot.press("q")
    assert app.return_code in (0, None)


async def test_the_wheel_and_the_keys_scroll_the_log(make_app):
    app = make_app("full-batch")
    async with app.run_test() as pilot:
        for _ in range(40):
            app.action_step("epoch")
        await pilot.pause()
        lines = log(app)
        end = lines.end
        wheel = dict.fromkeys(("x", "y", "delta_x", "delta_y", "button"), 0) | {
            "shift": False,
            "meta": False,
            "ctrl": False,
        }
        lines.post_message(events.MouseScrollUp(lines, **wheel))
        await pilot.pause()
        assert lines.top == end - 3
        lines.post_message(events.MouseScrollDown(lines, **wheel))
        await pilot.pause()
        assert lines.top == end
        seen = []
        for key in ("up", "pageup", "down", "pagedown", "up", "end", "down"):
            await pilot.press(key)
            seen.append(lines.top)
        page = lines.size.height - 1
        assert seen == [end - 1, end - 1 - page, end - page, end, end - 1, end, end]
        assert "▐" in screen_text(app)
