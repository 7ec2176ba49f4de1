"""When what was typed has been acted upon, and whether others have their turn meanwhile."""

import asyncio

from textual import events
from textual.app import ComposeResult
from textual.widgets import Input, Label

from quadfit_tui.ui.display.capabilities import Capabilities
from quadfit_tui.ui.terminal.terminal_app import TerminalApp


class Slow(Input):
    """A field that waits for something at each key and click."""

    acted = 0

    async def on_key(self) -> None:
        await asyncio.sleep(0.001)
        self.acted += 1

    async def on_mouse_down(self) -> None:
        await asyncio.sleep(0.001)
        self.acted += 1


class App(TerminalApp):
    """Such a field and another, which is in use."""

    CSS = "Input { height: 1; border: none; }"
    told = 0

    def compose(self) -> ComposeResult:
        yield Slow(id="first")
        yield Slow(id="other")
        yield Label("text")

    def show_notice(self, why: str) -> None:
        assert why == "Nothing was pasted: no field for text is open."
        self.told += 1


def click(app, y):
    app.post_message(events.MouseDown(None, 1, y, 0, 0, 1, False, False, False, 1, y))


async def done(app):
    """Waits until the app says that all is done."""
    event = asyncio.Event()
    app.call_when_done(event.set)
    await asyncio.wait_for(event.wait(), 10)


async def test_callback_after_fields_processed_input():
    app = App(Capabilities())
    async with app.run_test():
        first, other = app.query(Slow)
        assert app.focused is first
        for _ in range(20):
            app.post_message(events.Key("a", "a"))
        await done(app)
        assert (first.acted, first.value) == (20, "a" * 20)
        for _ in range(20):
            click(app, other.region.y)
        await done(app)
        assert other.acted == 20
    await done(app)  # at once: it has ended


async def test_between_two_inputs_others_have_a_turn():
    app = App(Capabilities())
    async with app.run_test():
        app.screen.set_focus(None)
        for _ in range(1000):
            app.post_message(events.Key("a", "a"))
        waited = 0
        while app.message_queue_size:
            await asyncio.sleep(0)
            waited += 1
        assert waited > 500


async def test_paste_without_focused_field_is_refused():
    app = App(Capabilities())
    async with app.run_test():
        app.post_message(events.Paste("0.5"))
        await done(app)
        assert (app.focused.value, app.told) == ("0.5", 0)
        app.screen.set_focus(None)
        app.post_message(events.Paste("0.5"))
        await done(app)
        await done(app)
        assert app.told == 1
