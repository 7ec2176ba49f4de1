"""The terminal's cursor, which a braille line follows: it stands where attention belongs, in every state."""

from app_helpers import message, train, until

from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.testing import screen_text
from quadfit_tui.ui.terminal.terminal_app import TerminalApp
from quadfit_tui.ui.widgets.message_row import MessageRow


def under_cursor(app):
    """What stands on the screen from the cursor on."""
    return screen_text(app).splitlines()[app.cursor.y][app.cursor.x :]


async def ready(pilot):
    return message(pilot.app)


async def told(pilot):
    await pilot.press("b")
    return "This is the start of the run."


async def playing(pilot):
    pilot.app.session.play()
    pilot.app.training.publish()
    return ""  # what is said then, which changes


async def past(pilot):
    await pilot.press("n", "n", "b")
    return "At 0:1 the mean loss was "


async def ended(pilot):
    train(pilot.app, 25)
    return "Converged after 25 epochs"


async def field(pilot):
    await pilot.press("l", "end")
    return " "  # behind what is typed


async def field_at_its_begin(pilot):
    await pilot.press("l", "home")
    return "0.5"


async def choice(pilot):
    await pilot.press("l", "down")
    return "‹ sgd ›"


async def moment(pilot):
    await pilot.press("g", "1", "2", "home")
    return "12"


async def file(pilot):
    await pilot.press("w", "home")
    return "fit.svg"


async def twins(pilot):
    await pilot.press("n", "k")
    await until(pilot, lambda: len(pilot.app.screen_stack) == 2)
    await pilot.press("down")
    return "o  "


async def runs(pilot):
    await pilot.press("e", "l", *"0.3", "enter", "e", "t")
    await until(pilot, lambda: len(pilot.app.screen_stack) == 2)
    await pilot.pause()
    return f" >{pilot.app.session.run.number} "


async def page(pilot):
    await pilot.press("i")
    await until(pilot, lambda: len(pilot.app.screen_stack) == 2)
    return "computing the limit"


async def told_on_a_page(pilot):
    await pilot.press("i", "ctrl+c")
    return "Press q to quit"


STATES = [
    ready, told, playing, past, ended, field, field_at_its_begin, choice, moment, file, twins, runs, page,
    told_on_a_page,
]  # fmt: skip


async def test_it_stands_where_attention_belongs(make_app):
    app = make_app()
    async with app.run_test(size=(100, 30)) as pilot:
        for state in STATES:
            await pilot.pause()
            begins = await state(pilot)
            await pilot.pause()
            lines = [line for each in app.query_one(MessageRow).messages for line in each.lines if line]
            assert under_cursor(app).startswith(begins or "".join(lines[:1])), state
            while len(app.screen_stack) > 1 or app.focused:
                await pilot.press("escape")
            app.session.pause()
            app.runs.restart(PRESETS["article"])


async def test_it_stays_behind_what_is_typed_in_a_field(make_app):
    app = make_app()
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("l", "backspace", "backspace", "backspace")
        field = app.focused.content_region
        for typed in range(field.width + 3):  # more than it has room for
            assert app.cursor == (field.x + min(typed, field.width - 1), field.y)
            await pilot.press("0")
            await pilot.pause()


async def test_no_cursor_before_start_or_after_exit(make_app):
    app = make_app()
    assert app.cursor is None
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert app.cursor == app.query_one(MessageRow).content_region.offset
    assert app.cursor is None
    assert isinstance(app, TerminalApp)
