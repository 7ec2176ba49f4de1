"""The keys at the bottom: Textual's own footer tells what they must look like, and a click is as good as the key."""

import pytest
from hands import until
from hypothesis import given
from hypothesis import strategies as st
from textual.widgets import Footer

from quadfit_tui.core.config import RunConfig
from quadfit_tui.ui.keybar import Key, KeyBar, placed

SHORT = RunConfig(samples=10, init=(1, 1, 1), epochs=1, stop_on="never")
KEYS = st.lists(
    st.builds(Key, st.just("x"), st.text("ab", min_size=1), st.text("cd", min_size=1), st.just(""), st.booleans())
)


def cells(app, y):
    """What a row of the screen shows: for each cell its sign and how that is painted, for a blank its paper alone."""
    strip = app.screen._compositor.render_strips()[y]
    return [
        (char, style.bgcolor, *((style.color, style.bold, style.dim) if char != " " else ()))
        for text, style, _ in strip
        for char in text
    ]


def bar_of(app):
    return app.query_one(KeyBar)


def line(app):
    """The text of the bar."""
    return "".join(cell[0] for cell in cells(app, bar_of(app).region.y))


def column(app, label):
    """Where in the bar a label is."""
    return line(app).index(label)


@given(KEYS, st.integers(0, 40))
def test_the_first_keys_are_shown_as_far_as_there_is_room(keys, width):
    line = " ".join(f"{key.shown} {key.label}" for key in keys)
    places = placed(keys, width)
    assert [key for _, key in places] == keys[: len(places)]
    for start, key in places:
        assert line[start:].startswith(f"{key.shown} {key.label}")
        assert start + len(key.shown) + 1 < width  # the key and a letter of its label
    if len(places) < len(keys):
        left = keys[len(places)]
        start = len(" ".join(f"{key.shown} {key.label}" for key in keys[: len(places)])) + (len(places) > 0)
        assert start + len(left.shown) + 1 >= width


@pytest.mark.parametrize("theme", ["textual-dark", "textual-light", "nord"])
async def test_it_looks_as_the_footer_of_textual_in_every_mode(make_app, theme):
    app = make_app(SHORT)
    async with app.run_test(size=(100, 30)) as pilot:
        app.theme = theme
        footer = Footer(show_command_palette=False, compact=True)
        await app.mount(footer, before=bar_of(app))

        async def the_same(first):
            await until(pilot, lambda: line(app).startswith(first))
            await until(pilot, lambda: cells(app, footer.region.y) == cells(app, bar_of(app).region.y))

        app.refresh_bindings()
        await the_same("space Play b Back")
        before = cells(app, bar_of(app).region.y)[0]
        await pilot.press("l")
        await the_same("tab Next field")
        await pilot.press("escape", "e", "g")
        await the_same("⏎ Go there")
        await pilot.press("escape")
        await the_same("space Play b Back")
        assert cells(app, bar_of(app).region.y)[0] != before, "at the end of a run nothing can be played: dimmed"


async def test_it_is_painted_anew_only_when_the_keys_are_others(make_app, monkeypatch):
    app = make_app()
    async with app.run_test() as pilot:
        await pilot.pause()
        painted = []
        monkeypatch.setattr(bar_of(app), "refresh", lambda *_, **__: painted.append(1))
        app.refresh_bindings()
        await pilot.pause()
        assert not painted
        await pilot.press("l")
        await until(pilot, lambda: len(painted) == 1)
        await pilot.press("escape")
        await until(pilot, lambda: len(painted) == 2)


async def test_a_click_does_what_the_key_does(make_app):
    app = make_app()
    async with app.run_test() as pilot:
        for label in ("Play", "Back", "Next", "Restart", "Rate", "Runs", "View", "Why", "Help", "Quit"):
            assert column(app, label)
        await pilot.click(KeyBar, offset=(column(app, "Next"), 0))
        await until(pilot, lambda: app.snapshot.updates == 1)
        await pilot.click(KeyBar, offset=(column(app, "View") - 2, 0))
        await until(pilot, lambda: app.query_one("Stage").view == "loss")
        await pilot.click(KeyBar, offset=(column(app, "View") - 3, 0))  # between two keys there is none
        await pilot.click(KeyBar, offset=(79, 0))
        await pilot.click(KeyBar, offset=(column(app, "Rate") + 3, 0))
        await until(pilot, lambda: app.focused is not None)
        await pilot.click(KeyBar, offset=(column(app, "Leave"), 0))
        await until(pilot, lambda: app.focused is None)
        assert (app.query_one("Stage").view, app.snapshot.updates) == ("loss", 1)


async def test_a_click_on_a_dimmed_key_is_told_to_do_nothing(make_app, monkeypatch):
    app = make_app(SHORT)
    async with app.run_test() as pilot:
        bells = []
        monkeypatch.setattr(app, "bell", lambda: bells.append(1))
        await pilot.press("e")
        await until(pilot, lambda: app.snapshot.status.ended)
        await pilot.click(KeyBar, offset=(column(app, "Play"), 0))
        await until(pilot, lambda: bells)
        assert app.snapshot.updates == 10


async def test_the_key_under_the_mouse_is_marked_and_told(make_app):
    app = make_app()
    async with app.run_test(tooltips=True) as pilot:

        def paper(label):
            return cells(app, bar_of(app).region.y)[column(app, label)][1]

        plain = paper("Next")
        await pilot.hover(KeyBar, offset=(column(app, "Next"), 0))
        await until(pilot, lambda: paper("Next") != plain)
        assert paper("Back") == paper("View") == plain
        assert bar_of(app).tooltip == "do the next update and pause; also →"
        await pilot.hover(KeyBar, offset=(column(app, "View") - 3, 0))
        await until(pilot, lambda: paper("Next") == plain)
        assert bar_of(app).tooltip is None
        await pilot.hover(KeyBar, offset=(column(app, "View"), 0))
        await until(pilot, lambda: paper("View") != plain)
        await pilot.hover("Stage")
        await until(pilot, lambda: paper("View") == plain)
