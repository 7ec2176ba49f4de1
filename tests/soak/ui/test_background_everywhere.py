"""All screens turn light and dark along with their terminal, whatever is open."""

from all_screens import SOME, walk
from trials import FOR_RELEASE, spread

from quadfit_tui.ui.themes import DARK, LIGHT
from quadfit_tui.ui.toolkit.textual_internals import screen_strips
from quadfit_tui.ui.views.view_table import VIEWS

# What changes its colors alike in another state, or at a desk in another view.
UNTURNED = {
    (state, f"view('{view}')")
    for state in ("ready", "paused")
    for view in VIEWS
    if state == "ready" or view not in spread([*VIEWS])
}


def seen(app):
    """What is on the screen, with its colors."""
    return [[(part.text, str(part.style)) for part in strip.simplify()] for strip in screen_strips(app)]


async def looked(app, theme, turn):
    """What is seen on a walk through the screens, where `turn` is called with the app before each look."""
    app.theme, found = theme.name, {}
    async with app.run_test(size=(80, 24)) as pilot:
        async for done in walk(pilot, "paused", turns=[], actions=SOME):
            if done not in UNTURNED and (FOR_RELEASE or len(done) == 2):  # without the keys on pages
                turn(app)
                await pilot.pause()
                found[done] = seen(app)
                app.set_background(False)
    return found


async def test_all_turns_along_whatever_is_open(make_app):
    expected = await looked(make_app(), LIGHT, lambda _app: None)
    assert await looked(make_app(), DARK, lambda app: app.set_background(True)) == expected
