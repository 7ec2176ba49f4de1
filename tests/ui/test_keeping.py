"""Keys by which a run is kept: `Y` copies the command that gives it again."""

import shlex

from app_helpers import go, screen_text, until
from command_line import started

from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.files import access
from quadfit_tui.ui.display.capabilities import Capabilities
from quadfit_tui.ui.screens.text_screen import TextScreen
from quadfit_tui.ui.widgets.panes import Panes


async def test_shift_y_copies_the_command_of_run_moment_and_view(make_app):
    app = make_app()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await pilot.press("Y")
        assert app.clipboard == "quadfit-tui --preset article"
        app.session.restart(PRESETS["article"].replace(lr=0.1, seed=3))
        go(app.session, (12, 40))
        await pilot.press("4", "Y")
        line = "quadfit-tui --preset article --seed 3 --lr 0.1 --at 12:40 --view surface"
        assert app.clipboard == line
        said = [note.message for note in app._notifications]
        assert said == [f"copied to the clipboard, if this terminal allows it:\n{line}"]
        w = app.session.snapshot().w.tobytes()
    again = started(*shlex.split(line)[1:])
    assert again._first_view == "surface"
    while again.session.is_busy:
        again.session.advance(1)
    assert again.session.snapshot().w.tobytes() == w


async def test_where_there_is_no_clipboard_the_command_is_shown_as_a_shell_takes_it(make_app):
    app = make_app("noisy", capabilities=Capabilities(ascii=True, extras=False))
    async with app.run_test(size=(40, 24)) as pilot:
        await pilot.press("n", "3", "Y")
        await until(pilot, lambda: isinstance(app.screen, TextScreen))
        text = screen_text(app).partition("quadfit-tui")[2].partition("╰")[0]
        rows = ["quadfit-tui" + text.split("│")[0], *(row.strip("│ ") for row in text.splitlines()[1:])]
        shell = "\n".join(row.strip() for row in rows).strip()
        assert shell == "quadfit-tui --preset noisy --at \\\n0:1 --view parameters"
        await pilot.press("Y")
        await until(pilot, lambda: not isinstance(app.screen, TextScreen))
        assert app.query_one(Panes).view == "parameters"
        assert app.clipboard == ""


async def test_of_a_lessons_own_samples_it_says_why_there_is_no_command(make_app):
    access.provide("lesson:x/ball", b"0,1\n1,2\n2,4\n")
    app = make_app(PRESETS["own-data"].replace(data="lesson:x/ball"))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("Y")
        assert app.clipboard == ""
        assert [note.message for note in app._notifications] == [
            "The samples of this run are part of a lesson: open the lesson to see it again."
        ]
