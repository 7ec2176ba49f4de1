"""The command palette: what it lists, what it finds, and what becomes of that."""

from app_helpers import burst, field, told, until
from rich.style import Style
from textual import events
from textual.widgets import Input, OptionList

from quadfit_tui.core.config.parameters import PARAMETERS, RunConfig
from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.session.playback import Unit
from quadfit_tui.core.session.twins import TWINS
from quadfit_tui.testing import screen_text
from quadfit_tui.ui.commands.command_list import SYNONYMS, commands
from quadfit_tui.ui.display.capabilities import Capabilities
from quadfit_tui.ui.keymap import KEYS
from quadfit_tui.ui.screens.list_screen import ListRow, ListScreen, find_rows
from quadfit_tui.ui.views.view_table import VIEWS
from quadfit_tui.ui.widgets.panes import Panes


async def choose(pilot, text):
    """Opens the palette, puts the text there at once, and presses Enter."""
    await pilot.press("ctrl+p")
    pilot.app.screen.query_one(Input).value = text
    await pilot.press("enter")
    await pilot.pause()


async def test_palette_lists_all_commands_in_ascii(make_app):
    app = make_app(capabilities=Capabilities(ascii=True))
    async with app.run_test(size=(80, 24)) as pilot:
        listed, unused = commands(app), app.session.config.unused
        of_used = commands(app, unused)
        await choose(pilot, "field tol")
        assert app.focused is field(app, "tol")
    for number, name in enumerate(VIEWS, 1):
        assert find_rows(of_used, f"view {number} {name}")[0].result == f"view('{name}')"
    edited = {command.result for command in of_used if command.result.startswith("edit(")}
    assert edited == {f"edit('{name}')" for name in {*PARAMETERS, "preset"} - unused}
    actions = [command.result for command in listed if command.result]  # others are only to be read
    assert len(set(actions)) == len(actions)
    assert {key.action for key in KEYS if key.description} <= set(actions)
    assert {f"preset('{name}')" for name in PRESETS} | {f"twin_of('{name}')" for name in TWINS} <= set(actions)
    assert {f"theme('{name}')" for name in app.available_themes} | {"screenshot"} <= set(actions)
    assert len({command.words for command in listed}) == len(listed)
    assert all((command.words + command.lead).isascii() for command in listed)


async def test_row_text_readable_on_small_screen(make_app):
    async with make_app().run_test(size=(40, 12)) as pilot:
        await pilot.press("ctrl+p")
        palette = pilot.app.screen
        rows, seen = palette.query_one(OptionList), ""
        last = max(at for at, option in enumerate(rows.options) if not option.disabled)
        for at in [*range(0, last, 2), last]:
            rows.highlighted = at
            await pilot.pause()
            seen += screen_text(pilot.app)
        assert {word for command in palette._rows if command.result for word in command.words.split()} <= {
            *seen.split()
        }


def test_words_that_begin_so_come_first():
    rows = [ListRow("unrun it", "", "a"), ListRow("list the runs", "", "b"), ListRow("stop", "", "c")]
    assert [row.result for row in find_rows(rows, "RUN")] == ["b", "a"]
    assert [row.result for row in find_rows(rows, "run lis")] == ["b"]
    assert find_rows(rows, "") == rows
    assert find_rows(rows, "x") == []


MEANT = {
    "undo": "step_back('update')",
    "open": "data",
    "load": "data",
    "reset": "restart",
    "save": "save",
    "export": "save",
    "faster": "speed(1)",
    "slow": "speed(-1)",
    "back": "step_back('update')",
    "dark": "theme('textual-dark')",
    "exit": "end",
    "start": "play_pause",
    "stop": "play_pause",
    "settings": "edit('lr')",
    "manual": "manual",
    "shortcuts": "help",
    "compare": "runs",
    "example": "data",
    "rewind": "first",
    "start over": "restart",
    "backwards": "step_back('update')",
    "my data": "data",
    "my runs": "runs",
    "excel": "data",
    "limit": "diagnose",
    "good rate": "diagnose",
    "tolerance": "edit('tol')",
    "teacher": "lessons",
    "small": "enlarge",
    "curve": "next_view",
    "image": "save('view')",
}
# What they find first.
FIRST = {
    "enlarge": (
        "bigger", "maximize", "full screen", "fullscreen", "larger chart", "hide log", "projector", "presentation",
        "beamer", "enlarge",
    ),
    "view('surface')": ("landscape", "contour", "valley", "surface"),
    "help": ("help", "keyboard", "mouse"),
    "manual('words')": ("glossary", "definition", "sgd", "words"),
    "language('zh_CN')": ("chinese",),
    "language('en')": ("english",),
    "theme(": ("contrast", "color blind", "dark"),
    "save('animation')": ("gif",),
    "runs": ("clear",),
    "save('settings')": ("rename",),
    "scale_rate(2)": ("double",),
    "scale_rate(0.5)": ("halve",),
    "step_back('update')": ("undo",),
    "speed(-1)": ("slower",),
    "diagnose": ("explain",),
    "data": ("csv",),
    "end": ("exit",),
    "manual": ("tutorial",),
}  # fmt: skip


async def test_synonyms_find_commands(make_app):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        listed = commands(app)
        for word, action in MEANT.items():
            assert action in [row.result for row in find_rows(listed, word)[:4]], word
        for action, words in FIRST.items():
            for word in words:
                assert next(row.result for row in find_rows(listed, word)).startswith(action), word
        assert "edit('optimizer')" in [row.result for row in find_rows(listed, "sgd")][:2]
        actions = {row.result for row in listed}
        assert set(SYNONYMS) <= actions | {action.partition("(")[0] for action in actions}
        dark, light = ({row.result for row in find_rows(listed, word)} for word in ("theme dark", "theme light"))
        assert "theme('dracula')" in dark - light
        assert "theme('solarized-light')" in light - dark
        await pilot.press("ctrl+p", *"undo")
        await pilot.pause()
        assert "go back one update" in screen_text(app)


async def test_what_others_can_do_is_told(make_app):
    app = make_app()
    async with app.run_test(size=(80, 24)):
        for typed, told in (("font", "Ctrl and +"), ("sound", "--format spoken")):
            (row,) = find_rows(commands(app), typed)
            assert told in row.words
            assert row.result == ""


async def test_theme_preview_kept_only_if_chosen(make_app):
    app = make_app()
    before = app.theme
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("ctrl+p", *"theme dr")
        await until(pilot, lambda: app.theme == "dracula")
        background = app.screen_stack[0].styles.background
        await pilot.press("escape")
        await until(pilot, lambda: app.theme == before)
        assert app.screen_stack[0].styles.background != background
        await pilot.press("ctrl+p", *"theme g")
        await until(pilot, lambda: app.theme == "gruvbox")
        await pilot.press(*["backspace"] * 7)
        await until(pilot, lambda: app.theme == before)  # another row is marked, which is no theme
        await pilot.press(*"theme g")
        burst(app, ["backspace", *"nord", "enter"])
        await until(pilot, lambda: len(app.screen_stack) == 1 and app.theme == "nord")
        assert app.changed_settings["theme"] == "nord"
        burst(app, ["ctrl+p", *"theme d", *["backspace"] * 7, *"single update", "enter"])
        await until(pilot, lambda: len(app.screen_stack) == 1 and app.snapshot.unit is Unit.UPDATE)
        await pilot.pause()
        assert app.theme == "nord"


async def test_commands_run_on_main_screen(make_app):
    async with make_app(RunConfig(samples=5, batch="full")).run_test(size=(80, 24)) as pilot:
        app = pilot.app
        await pilot.press("l", "0")
        await choose(pilot, "make one update")
        assert app.focused is None
        assert field(app, "lr").value == "0.5"
        assert app.snapshot.epoch == 1
        await pilot.press("question_mark")
        await choose(pilot, "make one update")
        assert len(app.screen_stack) == 1
        assert app.snapshot.epoch == 2
        await choose(pilot, "shuffled or in order")
        assert "would change nothing" in told(app)[0]
        await choose(pilot, "full or half gradient")
        assert app.session.config.gradient == "full"
        await pilot.press("l", "0", "full_stop", "3")
        await choose(pilot, "dracula")
        assert app.theme == "dracula"
        await pilot.press("7")
        assert field(app, "lr").value == "0.37"
        await pilot.press("ctrl+p", *"loss")
        await pilot.pause()
        await pilot.click(app.screen._list, offset=(10, 0))
        await until(pilot, lambda: app.query_one(Panes).view == "loss")
        await choose(pilot, "preset noisy")
        assert app.session.config == PRESETS["noisy"]
        assert field(app, "noise").value == "0.5"


async def test_close_and_empty_result_do_nothing(make_app):
    async with make_app().run_test() as pilot:
        for key in ("escape", "ctrl+p"):
            await pilot.press("ctrl+p", "n", "o")
            assert isinstance(pilot.app.screen, ListScreen)
            await pilot.press(key)
            await until(pilot, lambda: len(pilot.app.screen_stack) == 1)
        await choose(pilot, "xyzzy")
        assert isinstance(pilot.app.screen, ListScreen)
        assert "nothing like this is here" in str(pilot.app.screen._list.options[0].prompt)
        assert pilot.app.snapshot.update == 0


async def test_it_can_be_used_at_any_size(make_app):
    async with make_app().run_test() as pilot:
        for size, view in (((4, 3), "loss"), ((1, 1), "parameters"), ((20, 5), "loss")):
            await pilot.resize_terminal(*size)
            await pilot.press("ctrl+p", "pageup", "pagedown", "down", "ctrl+end", "ctrl+home")
            await pilot.press("x", "enter", "escape", "escape")
            await choose(pilot, f"view {view}")
            assert pilot.app.query_one(Panes).view == view, size


async def test_late_events_for_closed_list_ignored(make_app):
    async with make_app().run_test() as pilot:
        await pilot.press("ctrl+p", *"theme")
        options = pilot.app.screen._list
        style = Style.from_meta({"option": options.option_count})
        at = dict.fromkeys(("x", "y", "delta_x", "delta_y"), 0)
        no_keys = {"shift": False, "meta": False, "ctrl": False}
        options.post_message(events.Click(options, **at, button=1, **no_keys, style=style))
        await pilot.pause()
        palette = pilot.app.screen
        assert isinstance(palette, ListScreen)
        assert pilot.app._exception is None
        await pilot.press("escape")
        await pilot.pause()
        assert not palette.is_attached
        palette._list.clear_options()
        palette._list.add_options(["one", "two"])
        palette._list.action_cursor_down()
        palette._list.action_page_down()
