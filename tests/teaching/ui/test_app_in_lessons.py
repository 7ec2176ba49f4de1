"""What the app does in a lesson: its cursor, keys and colors, its fields and files, its settings."""

import numpy as np
import pytest
from app_helpers import at_once, train, type_in, until
from lesson_helpers import footer, left, library, says, shown, small, start
from test_background import seen
from test_cursor import under_cursor
from test_input_method import typed
from textual.widgets import Static

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.teaching.ui.drawing_commands import DRAWING
from quadfit_tui.teaching.ui.lesson_keys import IN_LESSON, VOTE
from quadfit_tui.teaching.ui.pane.lesson_pane import LessonPane
from quadfit_tui.testing import screen_text
from quadfit_tui.ui.keymap import FOOTER, KEYS, PALETTE, help_text
from quadfit_tui.ui.themes import DARK, LIGHT


async def test_cursor_at_question_or_message(make_app):
    app = make_app(library=library(), passing=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot, 2)
        pane = app.query_one(LessonPane).region
        assert pane.contains_point(app.cursor)
        await pilot.press("n")  # which waits for the answer: the lesson says so
        assert pane.contains_point(app.cursor)
        await pilot.press("b")
        await pilot.pause()
        assert under_cursor(app).startswith("This is the start of the run.")
        await pilot.press("up")
        await pilot.pause()
        assert pane.contains_point(app.cursor)
        await pilot.press("4")
        await pilot.pause()
        assert pane.contains_point(app.cursor)
        assert app.shows_cursor
        await pilot.press("0", "enter")
        await says(pilot, "You said 40.")


async def test_a_letter_of_an_input_method_chooses(make_app, tmp_path):
    path = left(tmp_path / "transcript.jsonl", [], [])
    app = make_app(library=library(path=path), passing=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await says(pilot, "step 3 of")
        await typed(pilot, "ａＢ")
        assert any(row.startswith("B >") for row in shown(app))


@pytest.mark.usefixtures("large_file")
async def test_lesson_cancels_and_prediction_delays_reading(make_app):
    app = make_app(library=library(first=""), lesson_runner=at_once)
    async with app.run_test(size=(80, 24)) as pilot:
        await type_in(pilot, "data", "large.csv")
        reading = app.runs.reading
        app.teaching.open_lesson(small())
        await until(pilot, lambda: not reading.is_busy)
        assert app.session.config.data is None
        while not app.teaching.waiting_message:
            await pilot.press("enter")
        app.runs.restart(RunConfig(data="large.csv", lr=0.1))
        reading = app.runs.reading
        await until(pilot, lambda: not reading.is_busy)
        await pilot.pause(1)
        assert (app.runs.reading, app.session.config.data) == (reading, None)


async def test_lesson_settings_are_not_saved(make_app):
    app = make_app(library=library())
    async with app.run_test(size=(100, 40)) as pilot:
        await start(pilot)
        assert app.query_one("Panes").view == "loss"
        await pilot.press("+", "4", "z", "u")
        app.views.action_theme("nord")
        assert app.changed_settings == {"theme": "nord"}
        await pilot.press("L")
        await pilot.pause()
        assert app.teaching.lesson is None
        assert (app.session.speed, app.session.unit) == (10, "epoch")  # as before the lesson
        await pilot.press("+", "5")
        assert app.changed_settings == {"theme": "nord", "speed": "30"}


async def test_its_keys_come_first(make_app):
    app = make_app(library=library(), passing=True)
    async with app.run_test(size=(140, 45)) as pilot:
        await start(pilot, 2)
        assert (await footer(pilot)).strip().startswith("⏎ Answer  ")
        await pilot.press("enter")
        assert "Play" not in await footer(pilot)
        await pilot.press(*"40", "enter", "escape")
        await until(pilot, lambda: not app.teaching.waiting_message)
        await pilot.press("L")
        app.session.speed = None
        app.session.play()
        await until(pilot, lambda: app.snapshot.status.ended)
        assert "Answer" not in await footer(pilot)
        assert (await footer(pilot)).strip().startswith("< Halve")


async def test_background_change_during_lesson(make_app):
    app = make_app(library=library(), passing=True)
    async with app.run_test(size=(120, 36)) as pilot:
        await start(pilot)
        await pilot.press("space")
        for is_light in (True, False) * 3:
            app.set_background(is_light)
            await pilot.pause()
            assert app.theme == (LIGHT if is_light else DARK).name
            assert f"on {app.theme_variables['background'].lower()}" in str(seen(app))


def test_footer_states_have_essential_keys():
    bindings = (*KEYS, PALETTE, *DRAWING, *IN_LESSON, VOTE)
    known = {key for binding in bindings for key in binding.key.split(",")}
    for state, keys in FOOTER.items():
        assert state == "large" or [key for key in ("p", "w", "k", "c", "g", "s", "ctrl+p") if key not in keys] == [], (
            state
        )
        assert {*keys} - known == set(), state
    named = {key for binding in bindings if binding.show for key in binding.key.split(",")}
    assert {key for keys in FOOTER.values() for key, label in keys.items() if not label} - named == set()


async def test_the_help_page_lists_its_keys(make_app):
    async with make_app().run_test() as pilot:
        await pilot.press("question_mark")
        await pilot.pause()
        text = " ".join(" ".join(str(part.content) for part in pilot.app.screen.query(Static)).split())
        assert [key for key in (*IN_LESSON, *DRAWING, VOTE) if help_text(key) not in text] == []


async def test_lesson_list_footer_keys(make_app):
    async with make_app(library=library(first="")).run_test(size=(80, 24)) as pilot:
        await pilot.press("L")
        await until(pilot, lambda: len(pilot.app.screen_stack) == 2)
        keys = "⏎ Start or go on n Begin anew esc Close a Your answers ↑ Move"
        assert (await footer(pilot)).strip().startswith(keys)


@pytest.mark.parametrize("where", ["lesson", "teacher", "class", "no lesson"])
async def test_run_at_rest_is_paused_only_without_lesson(make_app, room, tmp_path, where):
    t = np.arange(20) / 20
    rows = zip(t.tolist(), (120.9 + 479.5 * t - 494 * t**2 + (-1.0) ** np.arange(20)).tolist(), strict=True)
    (tmp_path / "ball.csv").write_text("\n".join(f"{x},{y}" for x, y in rows))
    config = PRESETS["own-data"].replace(data=str(tmp_path / "ball.csv"))
    options = {"room": room} if where == "class" else {}
    app = make_app(
        config, library=library(first="small" if where == "lesson" else ""), passing=True, runner=at_once, **options
    )
    app.narration.pauses = True  # as main.py has it
    async with app.run_test(size=(120, 24)) as pilot:
        if where == "teacher":
            app.teaching.is_projected = True
        if where == "lesson":
            await start(pilot)
            await until(pilot, lambda: not app.teaching.waiting_message)
            app.runs.restart(config)
        app.session.seek(105)
        app.training.advance()
        app.session.speed = 60 if where == "no lesson" else None
        app.session.play()
        app.training.publish()
        await until(pilot, lambda: not app.session.is_busy, seconds=30)
        assert app.session.status == ("paused" if where == "no lesson" else "finished")
        assert ("AT REST" in screen_text(app)) is (where == "no lesson")


async def test_leaving_a_lesson_gives_earlier_runs_back(make_app):
    app = make_app(library=library(first=""), lesson_runner=at_once)
    async with app.run_test(size=(80, 24)) as pilot:
        for lr in (0.1, 0.2):
            app.runs.restart(RunConfig(lr=lr))
            train(app, 3)
        losses = {run.number: run.mean_loss for run in app.session.runs}
        app.teaching.open_lesson(small())
        await start(pilot, 2)
        assert not losses.keys() & {run.number for run in app.session.runs}
        app.teaching.close_lesson()
        assert losses.items() < {run.number: run.mean_loss for run in app.session.runs}.items()
        assert [run.config.lr for run in app.session.earlier] == [0.1, 0.2]
