"""Where the cursor is put: where somebody types, and nowhere else."""

from textual.containers import Horizontal
from textual.widgets import Input

from quadfit_tui.ui.display.capabilities import Capabilities
from quadfit_tui.ui.terminal.terminal_app import TerminalApp


class Narrow(TerminalApp):
    """A field that is wider than its place."""

    CSS = "Horizontal { width: 10; height: 1; overflow: hidden; } Input { width: 30; height: 1; border: none; }"

    def compose(self):
        with Horizontal():
            yield Input("x" * 20)


async def test_no_cursor_while_caret_is_hidden():
    app = Narrow(Capabilities())
    async with app.run_test() as pilot:
        await pilot.pause()
        place = app.focused.cursor_screen_offset
        assert app.focused.region.contains_point(place)
        assert place.x > 10
        assert app.cursor is None
        await pilot.press("home")
        assert app.cursor == app.focused.cursor_screen_offset
        assert app.cursor.x < 10
        app.screen.set_focus(None)
        assert app.cursor is None
