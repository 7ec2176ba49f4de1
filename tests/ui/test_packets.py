"""Keys that come in one packet, as over a slow line: whatever they are, the program lives on, or ends as told."""

import random

import pytest
from app_helpers import at_once, field
from textual import events
from textual.geometry import Size
from trials import AT_LENGTH

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.ui.screens.diagnosis import DiagnosisPage
from quadfit_tui.ui.screens.list_screen import ListScreen
from quadfit_tui.ui.screens.manual import ManualScreen
from quadfit_tui.ui.screens.text_screen import TextScreen
from quadfit_tui.ui.widgets.log import LogLines, LogView
from quadfit_tui.ui.widgets.panes import Panes
from quadfit_tui.ui.widgets.scrubber import ScrubBar

SMALL = RunConfig(samples=5, epochs=3, init=(1, 1, 1))
CHARACTERS = {"space": " ", "enter": "\r", "tab": "\t", "full_stop": ".", "colon": ":", "question_mark": "?"}
OFTEN = "t k p l g r c ctrl+p enter enter enter escape q tab f1 i question_mark up down pageup pagedown x n e space"
KEYS = (
    "b B home end u v 1 2 3 4 5 6 7 z o h y left right shift+tab backspace delete ctrl+q ctrl+c ctrl+z ctrl+u ctrl+k "
    "ctrl+w ctrl+a ctrl+e m s a 0 full_stop colon T d shift+left ctrl+right ctrl+home ctrl+end f ctrl+x plus minus"
)
SIZES = [(1, 1), (2, 1), (4, 3), (4, 24), (10, 4), (40, 4), (80, 4), (40, 12), (80, 24), (120, 34), (200, 3)]
PASTES = ["", "\n", "0.3", "x" * 301, "\u0301\u0323" * 1000, "\x1b[m", "1\n2"]


def post(app, packet):
    """What a packet holds: keys, and by their first words a paste, another size, a click."""
    for each in packet:
        kind, _, rest = each.partition(" ")
        if kind == "paste":
            app.post_message(events.Paste(rest))
        elif kind == "size":
            app._driver._size = size = Size(*map(int, rest.split("x")))
            app.post_message(events.Resize(size, size))
        elif kind == "click":
            x, y = map(int, rest.split(","))
            for event in (events.MouseDown, events.MouseUp):
                app.post_message(event(None, x, y, 0, 0, 1, False, False, False, x, y))
        else:
            app.post_message(events.Key(each, CHARACTERS.get(each, each if len(each) == 1 else None)))


async def post_all(pilot, packets):
    """Posts packets one after the other as long as the program goes on; it fails here where they break it."""
    for packet in packets:
        if not pilot.app._exit:
            post(pilot.app, packet)
            await pilot.pause()


# Each of these ended the program.
ENDED_IT = {
    "runs, shown twice": ((80, 24), ["n t enter enter"]),
    "runs, after Enter on the main screen": ((80, 2), ["enter enter t"]),
    "palette, twice": ((80, 24), ["ctrl+p enter enter"]),
    "palette, twice, when it is there": ((7, 7), ["ctrl+p", "enter enter"]),
    "palette, a page up": ((80, 4), ["ctrl+p pageup"]),
    "palette, a page down": ((10, 4), ["ctrl+p pagedown"]),
    "palette over the runs": ((40, 12), ["t up pagedown ctrl+p"]),
    "palette of four columns": ((4, 24), ["ctrl+p", "t h e", "down enter"]),
    "twins of four columns": ((4, 3), ["i", "i e", "k f1 escape up pagedown"]),
}


async def test_former_crash_packets_are_harmless(make_app):
    app = make_app(SMALL, runner=at_once)
    async with app.run_test(size=(80, 24)) as pilot:
        for name, (size, packets) in ENDED_IT.items():
            await pilot.resize_terminal(*size)
            await post_all(pilot, [packet.split() for packet in packets])
            assert app.is_running, name
            assert not app._exit, name
            while len(app.screen_stack) > 1:
                await pilot.press("escape")


async def test_repeated_dismiss_and_late_preset_are_ignored(
    make_app,
):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("l", "up")
        app.focused.action_turn(1)
        app.runs.restart(SMALL)  # before the form has heard of it
        await pilot.pause()
        assert field(app, "preset").value == "custom"
        assert field(app, "samples").value == "5"
        await pilot.press("escape", "f1")
        page = app.screen
        await pilot.press("ctrl+p")
        page.dismiss()
        await pilot.pause()
        assert isinstance(app.screen, ListScreen)
        await pilot.press("escape")
        page.dismiss()
        page.dismiss()
        await pilot.pause()
        assert len(app.screen_stack) == 1


async def test_nothing_is_taken_once_it_ends(make_app):
    app = make_app(SMALL)
    after = ["l", "ctrl+p", "t", "question_mark", "i", "k", "g", "space", "q"]
    async with app.run_test(size=(80, 24)) as pilot:
        await post_all(pilot, [["n", "q", "n", *(more for key in after for more in (key, "enter", "paste 1"))]])
        assert app._exit
    assert app.return_code == 0
    assert app._exception is None
    assert app.session.snapshot().updates == 1


async def test_exit_right_after_page_opens(make_app):
    app = make_app(SMALL)
    async with app.run_test(size=(80, 24)):
        app.push_screen(TextScreen("Heading", "text", keys="x"))
        app.exit(return_code=143)  # as by a signal, before the page has anything in it
    assert app._exception is None
    assert app.return_code == 143


def packets_of(seed):
    """A size, and packets of what anybody may type, made up."""
    chance = random.Random(seed)
    width, height = size = chance.choice(SIZES)
    others = [
        lambda: f"paste {chance.choice(PASTES)}",
        lambda: "size {}x{}".format(*chance.choice(SIZES)),
        lambda: f"click {chance.randrange(width)},{chance.randrange(height)}",
    ]

    def one():
        kind = chance.random()
        if kind < 0.1:
            return chance.choice(others)()
        return chance.choice((OFTEN if kind < 0.65 else KEYS).split())

    return size, [[one() for _ in range(chance.choice([1, 2, 3, 5, 8]))] for _ in range(chance.randint(1, 4))]


@pytest.mark.parametrize("seed", range(100 if AT_LENGTH else 4))
async def test_no_packets_end_the_program(make_app, seed):
    size, packets = packets_of(seed)
    app = make_app(SMALL, runner=at_once)
    async with app.run_test(size=size) as pilot:
        await post_all(pilot, packets)
    assert app._exception is None
    assert app.return_code in (0, None)


# The mouse counts for what the last frame showed.


def pressed_at(app, widget, x=3, y=0):
    """A packet's click on a place of a widget, as the last frame has it."""
    left, top = app.query_one(widget).content_region.offset
    return f"click {left + x},{top + y}"


async def test_click_on_just_hidden_chart_is_ignored(make_app):
    app = make_app(SMALL, views={"fit": {}, "surface": {}})
    async with app.run_test(size=(140, 40)) as pilot:
        await pilot.pause()
        for chart, left in (("#second", "update"), ("#first", "update")):
            click = pressed_at(app, chart)
            post(app, ["5", click])
            await pilot.pause()
            assert app.query_one(Panes).view == left
            post(app, ["4", "1"])
            await pilot.pause()
            post(app, [pressed_at(app, "#second")])
            await pilot.pause()
            assert app.query_one(Panes).view == "surface", "a click at rest counts"


async def test_click_during_layout_change_is_ignored(make_app):
    app = make_app(SMALL)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("n", "n", "n")
        click = pressed_at(app, LogLines)
        for packet, pages in (("t", 2), ("escape", 1), ("ctrl+p", 2), ("escape", 1), ("f1", 2), ("escape", 1)):
            post(app, [packet, click])  # behind a page that opens or closes with it
            await pilot.pause()
            assert app.snapshot.updates == 3
            assert len(app.screen_stack) == pages
        post(app, ["ctrl+p", "click 40,12", *"nord"])  # beside the list of commands
        await pilot.pause()
        assert app.screen._field.value == "nord"
        await pilot.press("escape")
        post(app, [click])
        app.query_one(LogView).display = False  # before a layout of which a widget has not heard yet
        await pilot.pause()
        app.query_one(LogView).display = True
        assert app.snapshot.updates == 3
        await pilot.pause()
        post(app, [click])
        await pilot.pause()
        assert app.snapshot.updates == 1, "a click at rest counts"


async def test_drag_releases_mouse_when_bar_hides(make_app):
    app = make_app(SMALL)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("n", "n", "n")
        x, y = app.query_one(ScrubBar).region.offset
        app.post_message(events.MouseDown(None, x, y, 0, 0, 1, False, False, False, x, y))
        await pilot.press("g")
        app.post_message(events.MouseMove(None, x + 5, y, 5, 0, 1, False, False, False, x + 5, y))
        await pilot.pause()
        assert app.mouse_captured is None
        app.post_message(events.MouseUp(None, x, y, 0, 0, 1, False, False, False, x, y))
        await pilot.press(*"0:2", "enter")
        assert app.snapshot.updates == 2


# They have their effects in the order in which they were typed.


async def after(make_app, *packet, config=SMALL):
    """The app after a packet, as it is seen by then."""
    app = make_app(config, runner=at_once)
    async with app.run_test(size=(80, 24)) as pilot:
        post(app, packet)
        await pilot.pause()
        yield app, pilot


async def test_keys_after_dialog_reach_app(make_app):
    async for app, pilot in after(make_app):
        for number, close in enumerate(["enter", "t", "escape", "q"], 1):
            post(app, ["t", close, "n", "n"])
            await pilot.pause()
            assert app.snapshot.updates == 2 * number
        post(app, ["l", "0", "full_stop", "3", "f1"])
        await pilot.pause()
        assert isinstance(app.screen, ManualScreen)
        post(app, ["escape", "7"])
        await pilot.pause()
        assert app.focused is field(app, "lr")
        assert field(app, "lr").value == "0.37"
        post(app, ["enter"])
        await pilot.pause()
        assert app.session.config.lr == 0.37


async def test_chosen_run_or_twin_continues(make_app):
    async for app, pilot in after(make_app, "n", "l", "0", "full_stop", "3", "enter", "e", "t", "up", "enter", "n"):
        assert (app.session.run.number, app.snapshot.update) == (1, 2)
        post(app, ["k", "down", "enter", "n"])
        await pilot.pause()
        assert app.session.config == SMALL.replace(gradient="full")
        assert app.snapshot.update == 3


async def test_diagnosis_rate_applies_to_next_step(make_app):
    async for app, pilot in after(make_app, "e", config=SMALL.replace(lr=1e3, schedule="constant")):
        post(app, ["i"])
        await pilot.pause()
        assert isinstance(app.screen, DiagnosisPage)
        post(app, ["enter", "n"])
        await pilot.pause()
        assert app.session.config.lr < 1e3
        assert app.snapshot.update == 1


async def test_palette_filters_by_text_typed_ahead(make_app):
    async for app, pilot in after(make_app, "ctrl+p", *"theme", "space", *"nord", "enter", "n"):
        assert app.theme == "nord"
        assert app.snapshot.update == 1
        post(app, ["ctrl+p", *"abc", "ctrl+u", *"light"])
        await pilot.pause()
        assert isinstance(app.screen, ListScreen)
        assert app.screen._field.value == "light"
