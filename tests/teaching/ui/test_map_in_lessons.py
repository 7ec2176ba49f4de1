"""The map of the app in a lesson: when it is held back, and whose its keys are."""

import pytest
from app_helpers import (
    Later,
    at_once,
)
from lesson_helpers import library, says, start
from test_map import footer, pane, small_maps  # noqa: F401

from quadfit_tui.ui.views.view_table import VIEWS
from quadfit_tui.ui.widgets.panes import Panes


async def test_open_prediction_hides_map(make_app):
    later = Later()
    app = make_app(library=library(), passing=True, map_runner=later)
    async with app.run_test(size=(140, 45)) as pilot:
        await start(pilot, 2)
        await view_map(pilot)
        assert not later.jobs
        assert pane(app)._rows[0].text.strip() == "The run waits for your answer."
        await pilot.press("right", "x", "z")
        assert (app.maps.worker.cursor, later.jobs) == (None, [])
        await pilot.press(*"40", "enter")
        await says(pilot, "You said 40.")
        assert len(later.jobs) == 1
        later.work()
        await pilot.pause()
        assert app.maps.worker.map is not None
        await pilot.press("enter")
        await says(pilot, "A moment")  # the next prediction
        await view_map(pilot)
        assert (app.maps.worker.map, later.jobs) == (None, [])


async def view_map(pilot):
    """Goes to the map from view to view: while a prediction of a number is open, a 7 begins its answer."""
    panes = pilot.app.query_one(Panes)
    for _ in VIEWS:
        if panes.view != "map":
            await pilot.press("v")
    assert panes.view == "map"


@pytest.mark.parametrize("size", [(140, 45), (80, 24)])
async def test_enter_starts_run_after_cursor_move(make_app, size):
    app = make_app(library=library(), passing=True, map_runner=at_once)
    async with app.run_test(size=size) as pilot:
        await start(pilot)
        await pilot.press("6")
        await pilot.pause()
        step, lesson = app.teaching.lesson.course.number, app.teaching.lesson
        await pilot.press("right")
        await pilot.pause()
        assert "Start run" in footer(app)
        await pilot.press("enter")
        cell = app.maps.worker.cell
        assert app.session.config == app.maps.worker.map.config(*cell)
        assert lesson.course.number == step
        await pilot.press("up")
        await pilot.press("escape")
        await pilot.pause()
        assert app.maps.worker.cell == cell
        assert "Start run" not in footer(app)
        await pilot.press("enter")
        await says(pilot, f"step {step + 1} of")


async def test_lesson_over_map_takes_keys(make_app):
    app = make_app(library=library(), passing=True, map_runner=at_once)
    async with app.run_test(size=(40, 12)) as pilot:
        await start(pilot)
        await pilot.press("6")  # which is to be seen: the lesson is put aside
        await pilot.pause()
        await pilot.press("right")
        assert app.maps.worker.cursor is not None
        await pilot.press("escape", "enter")
        await pilot.pause()
        await pilot.press("down", "up")
        assert app.maps.worker.cursor is None
        await pilot.press("enter")
        await says(pilot, "step 2 of")
