"""The facts below the form of large screens: what they are, and of which runs."""

import pytest
from app_helpers import at_once, never, screen_text

from quadfit_tui.core.session.playback import Unit
from quadfit_tui.ui.widgets.facts import Facts
from quadfit_tui.ui.widgets.log import EMPTY


def told(app):
    """The rows of the widget, without the blanks in them."""
    region = app.query_one(Facts).content_region
    rows = screen_text(app).splitlines()[region.y : region.bottom]
    return [" ".join(row[region.x : region.right].split()) for row in rows]


async def test_the_facts_are_those_of_the_run_and_of_the_runs_so_far(make_app):
    app = make_app("full-batch", runner=at_once)
    async with app.run_test(size=(140, 45)) as pilot:
        await pilot.pause()
        # The samples are the integers from −400 to 399, over 400: the limit and the condition are known from elsewhere.
        assert told(app)[:5] == [
            "samples 800", "limit of lr 1.785", "condition number 14.13", "optimum 2, -4, 3", "its mean loss 0",
        ]  # fmt: skip
        assert told(app)[6].startswith("> 1 ")
        for _ in range(20):
            app.action_step(Unit.EPOCH)
        app.action_twin_of("schedule")
        await pilot.pause()
        await pilot.pause()
        assert [row.split()[0] for row in told(app)[6:]] == [">", "1"]
        assert told(app)[7].endswith("paused")
        await pilot.resize_terminal(140, 40)
        await pilot.pause()
        assert not app.query_one(Facts).display


async def test_a_screen_that_becomes_large_enough_has_them_while_nothing_is_trained(make_app):
    app = make_app("full-batch", runner=at_once)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert not app.query_one(Facts).display
        await pilot.resize_terminal(140, 45)
        await pilot.pause()
        assert told(app)[:2] == ["samples 800", "limit of lr 1.785"]


async def test_what_is_still_being_worked_out_is_told_so(make_app):
    app = make_app(runner=never)
    async with app.run_test(size=(140, 45)) as pilot:
        await pilot.pause()
        assert told(app)[1:3] == ["limit of lr …", "condition number …"]


@pytest.mark.parametrize("size", [(80, 24), (140, 45)])
async def test_an_empty_log_says_what_to_do(make_app, size):
    app = make_app()
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        assert EMPTY in screen_text(app)
        await pilot.press("e")
        await pilot.pause()
        assert EMPTY not in screen_text(app)
