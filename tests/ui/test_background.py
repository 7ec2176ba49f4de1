"""A background that turns light amid the program: all that is seen turns along, unless a theme was chosen."""

from app_helpers import until

from quadfit_tui.ui.screens.list_screen import ListScreen
from quadfit_tui.ui.themes import DARK, LIGHT
from quadfit_tui.ui.toolkit.textual_internals import screen_strips


def seen(app):
    """What is on the screen, with its colors."""
    return [[(part.text, str(part.style)) for part in strip.simplify()] for strip in screen_strips(app)]


async def test_it_turns_while_it_plays(make_app):
    app = make_app(passing=True)
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("space")
        for is_light in (True, False) * 3:
            app.set_background(is_light)
            await pilot.pause()
            assert app.theme == (LIGHT if is_light else DARK).name
            assert f"on {app.theme_variables['background'].lower()}" in str(seen(app))


async def test_burst_of_changes_restyles_once(make_app, monkeypatch):
    app = make_app()
    async with app.run_test() as pilot:
        styled, style = [], app.stylesheet.reparse
        monkeypatch.setattr(app.stylesheet, "reparse", lambda: (styled.append(app.theme), style()))
        for turn in range(101):
            app.set_background(turn % 2 == 0)
        await pilot.pause()
        assert styled == [LIGHT.name]
        app.framed = None  # as before the first picture
        app.set_background(True)
        assert styled == [LIGHT.name]
        app.set_background(False)
        assert styled == [LIGHT.name, DARK.name]  # at once
        await pilot.pause()
        assert styled == [LIGHT.name, DARK.name]


async def test_preview_follows_background_chosen_theme_does_not(make_app):
    app = make_app()
    app.follow_background({})
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("ctrl+p")
        await until(pilot, lambda: isinstance(app.screen, ListScreen))
        app.screen.query_one("Input").value = "theme nord"
        await until(pilot, lambda: app.theme == "nord")
        app.set_background(True)
        assert app.theme == "nord"
        await pilot.press("escape")
        assert (app.theme, app.follows_background) == (LIGHT.name, True)
        await pilot.press("ctrl+p", *"theme nord", "enter")
        await until(pilot, lambda: app.theme == "nord")
        assert not app.follows_background
