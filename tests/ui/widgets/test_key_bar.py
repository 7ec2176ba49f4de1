"""The footer: which keys it has in which state, and that each of them can be clicked."""

from app_helpers import at_once, screen_text, train, until
from lesson_helpers import library, start

from quadfit_tui.teaching.ui.drawing_commands import DRAWING
from quadfit_tui.teaching.ui.lesson_keys import IN_LESSON, VOTE
from quadfit_tui.ui.display.capabilities import Capabilities
from quadfit_tui.ui.keymap import FOOTER, KEYS, PALETTE
from quadfit_tui.ui.widgets.key_bar import KeyBar

ALWAYS = ["p", "w", "k", "c", "g", "s", "ctrl+p"]
ELSEWHERE: set[str] = set()


async def footer(pilot):
    await pilot.pause()
    return screen_text(pilot.app).splitlines()[-1].strip()


def test_each_state_has_the_keys_that_lead_to_all_else_and_none_that_there_is_not():
    bindings = (*KEYS, PALETTE, *DRAWING, *IN_LESSON, VOTE)
    known = {key for binding in bindings for key in binding.key.split(",")}
    for state, keys in FOOTER.items():
        assert [key for key in ALWAYS if key not in keys] == [], state
        assert {*keys} - known - ELSEWHERE == set(), state
    named = {key for binding in bindings if binding.show for key in binding.key.split(",")}
    assert {key for keys in FOOTER.values() for key, label in keys.items() if not label} - named - ELSEWHERE == set()


async def test_it_has_first_what_leads_on_in_each_state_at_80_columns(make_app):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        assert (await footer(pilot)).startswith("space Play n Step l Rate ")
        app.session.play()
        app.training.publish()
        assert (await footer(pilot)).startswith("space Pause + Faster - Slower u Unit l Rate ")
        app.session.pause()
        train(app, 3)
        assert (await footer(pilot)).startswith("space Resume n Step b Back e Epoch l Rate ")
        await pilot.press("b")
        assert (await footer(pilot)).startswith("End Latest space Play n Step b Back Home Start g Go to ")
        train(app, 25)
        assert (await footer(pilot)).startswith("l Rate i Why r Restart k Twin c Continue b Back ")
        await pilot.press("l")
        assert (await footer(pilot)).startswith("⏎ Apply and restart esc Cancel tab Next field")
        await pilot.press("escape", "g")
        assert await footer(pilot) == "⏎ Go there esc Cancel"
        await pilot.press("escape")
        assert (await footer(pilot)).startswith("l Rate i Why ")


async def test_in_a_lesson_its_keys_come_first(make_app):
    app = make_app(library=library(), passing=True)
    async with app.run_test(size=(140, 45)) as pilot:
        await start(pilot, 2)
        assert (await footer(pilot)).startswith("a Answer  ⏎ Go on  ")
        await pilot.press("a")
        assert "Play" not in await footer(pilot)
        await pilot.press(*"40", "enter", "escape")
        await until(pilot, lambda: not app.teaching.waits_for)
        await pilot.press("L")
        assert "Answer" not in await footer(pilot)
        assert "L Lessons" in await footer(pilot)


async def test_each_key_can_be_clicked(make_app):
    app = make_app()
    async with app.run_test(size=(240, 50)) as pilot:
        bar, pressed = app.query_one(KeyBar), []
        app.simulate_key = pressed.append
        for state in ("ready", "paused", "past", "playing", "ended"):
            if state == "past":
                app.playback.action_step_back("update")
            elif state == "playing":
                app.session.play()
            elif state != "ready":
                train(app, 25 if state == "ended" else 3)
            app.training.publish()
            await pilot.pause()
            seen = [key for key in bar.keys if key.enabled]
            assert {*ALWAYS} - ELSEWHERE <= {key.key for key in seen}
            pressed.clear()
            for key in seen:
                at = next(x for x in range(240) if bar.key_at(x) == key)
                await pilot.click(KeyBar, offset=(at, 0))
            assert pressed == [key.key for key in seen], state


async def test_in_ascii_the_keys_are_words(make_app):
    app = make_app(capabilities=Capabilities(ascii=True))
    async with app.run_test(size=(240, 50)) as pilot:
        assert (await footer(pilot)).isascii()
        await pilot.press("l")
        assert (await footer(pilot)).startswith("Enter Apply and restart")


async def test_a_page_has_its_own_keys_below_it_which_can_be_clicked(make_app):
    app = make_app("too-fast", runner=at_once)
    async with app.run_test(size=(80, 24)) as pilot:
        for keys, told in (
            (["t"], "⏎ Open esc Close x Delete ↑ Move"),
            (["e", "k"], "⏎ Start esc Close "),
            (["p"], "⏎ Choose esc Close ↑ Move"),
            (["L"], "⏎ Start or go on n Begin anew esc Close a Your answers x Forget ↑ Move"),
            (["i"], "⏎ Restart esc Close ↑ Move"),
        ):
            await pilot.press(*keys)
            await until(pilot, lambda: len(app.screen_stack) == 2)
            assert (await footer(pilot)).startswith(told)
            await pilot.click(offset=((await footer(pilot)).index("esc") + 1, 23))
            await until(pilot, lambda: len(app.screen_stack) == 1)
