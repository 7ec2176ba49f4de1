"""The footer: which keys it has in which state, and that each of them can be clicked."""

from app_helpers import at_once, train, until

from quadfit_tui.testing import screen_text
from quadfit_tui.ui.display.capabilities import Capabilities
from quadfit_tui.ui.widgets.key_bar import KeyBar

ALWAYS = ["p", "w", "k", "c", "g", "s", "ctrl+p"]


async def footer(pilot):
    await pilot.pause()
    return screen_text(pilot.app).splitlines()[-1].strip()


async def test_state_dependent_keys_come_first(make_app):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        assert (await footer(pilot)).startswith("space Play n Step < Halve > Double f Large ")
        app.session.play()
        app.training.publish()
        assert (await footer(pilot)).startswith("space Pause < Halve > Double f Large + Faster ")
        app.session.pause()
        train(app, 3)
        assert (await footer(pilot)).startswith("space Resume n Step b Back < Halve > Double f Large ")
        await pilot.press("b")
        assert (await footer(pilot)).startswith("End Latest space Play n Step b Back Home Start < Halve ")
        train(app, 25)
        assert (await footer(pilot)).startswith("< Halve > Double i Why r Restart f Large l Rate ")
        await pilot.press("l")
        assert (await footer(pilot)).startswith("⏎ Apply and restart esc Cancel tab Next field")
        await pilot.press("escape", "g")
        assert await footer(pilot) == "⏎ Go there esc Cancel"
        await pilot.press("escape")
        assert (await footer(pilot)).startswith("< Halve > Double i Why ")


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
            assert {*ALWAYS} <= {key.key for key in seen}
            pressed.clear()
            shown = screen_text(app).splitlines()[-1].ljust(240)
            for key in seen:
                own = [x for x in range(240) if bar.key_at(x) == key]
                assert shown[own[0] : own[-1] + 1] == f"{key.sign} {key.label}"
                await pilot.click(KeyBar, offset=(own[0], 0))
            assert pressed == [key.key for key in seen], state


async def test_in_ascii_the_keys_are_words(make_app):
    app = make_app(capabilities=Capabilities(ascii=True))
    async with app.run_test(size=(240, 50)) as pilot:
        assert (await footer(pilot)).isascii()
        await pilot.press("l")
        assert (await footer(pilot)).startswith("Enter Apply and restart")


async def test_page_keys_shown_and_clickable(make_app):
    app = make_app("too-fast", runner=at_once)
    async with app.run_test(size=(80, 24)) as pilot:
        for keys, told in (
            (["t"], "⏎ Open esc Close x Delete ↑ Move"),
            (["e", "k"], "⏎ Start esc Close "),
            (["p"], "⏎ Choose esc Close ↑ Move"),
            (["i"], "⏎ Restart esc Close ↑ Move"),
        ):
            await pilot.press(*keys)
            await until(pilot, lambda: len(app.screen_stack) == 2)
            assert (await footer(pilot)).startswith(told)
            await pilot.click(offset=((await footer(pilot)).index("esc") + 1, 23))
            await until(pilot, lambda: len(app.screen_stack) == 1)
