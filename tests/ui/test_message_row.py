"""The rows of messages on the screen: how long each message is seen, their height, their color."""

import re
from itertools import product
from pathlib import Path

from app_helpers import at_once, burst, message, repaints, train, until

import quadfit_tui
from quadfit_tui.core.session.playback import Unit
from quadfit_tui.testing import screen_text
from quadfit_tui.ui.screens.diagnosis import DiagnosisPage
from quadfit_tui.ui.screens.text_screen import TextScreen
from quadfit_tui.ui.toolkit.message_queue import MessageQueue, Notice
from quadfit_tui.ui.toolkit.textual_internals import screen_strips
from quadfit_tui.ui.widgets.chart_view import ChartView
from quadfit_tui.ui.widgets.key_bar import KeyBar
from quadfit_tui.ui.widgets.log import LogView
from quadfit_tui.ui.widgets.message_row import MessageRow
from quadfit_tui.ui.widgets.scrubber import Scrubber
from quadfit_tui.ui.widgets.view_bar import ViewBar


def test_persistent_messages_wait_for_seen_key():
    queue = MessageQueue()
    for text in ("first", "second", "first"):
        queue.add(Notice(text, stays=True))
    queue.add(Notice("in passing"))
    queue.pass_state()
    queue.pass_key(is_seen=False)  # typed ahead
    assert queue.shown.text == "first"
    queue.pass_key(is_seen=True)
    assert queue.shown.text == "second"
    queue.pass_key(is_seen=True)
    assert queue.shown is None


async def test_typed_ahead_keys_keep_unseen_message(make_app):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        app.show_notice("It must not be missed.", stays=True)
        burst(app, "upupup")
        await until(pilot, lambda: app.session.unit is Unit.EPOCH and "must not be missed" in screen_text(app))
        await pilot.press("up")
        assert "must not be missed" not in screen_text(app)


async def test_repeated_wrong_key_paints_nothing(make_app):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("b")
        painted = repaints(app.query_one(MessageRow))
        burst(app, ["b", "b"])
        await pilot.pause()
        assert message(app) == "This is the start of the run."
        assert painted == []


async def test_message_shown_below_open_page(make_app):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("question_mark", "ctrl+c")
        await pilot.pause()
        rows = screen_text(app).splitlines()
        assert rows[-1].strip() == "Press q to quit (ctrl+q inside a field)."
        await pilot.press("down")
        await pilot.pause()
        assert "Press q" not in screen_text(app).splitlines()[-1]


async def test_i_opens_full_long_message(make_app):
    app, text = make_app(), " ".join(["A file of presets that cannot be read is told of at length."] * 6)
    async with app.run_test(size=(80, 24)) as pilot:
        app.show_notice(text, stays=True)
        await pilot.pause()
        assert message(app).endswith("… press i")
        await pilot.press("i")
        await until(pilot, lambda: isinstance(app.screen, TextScreen))
        await pilot.pause()
        shown = " ".join(row.strip(" │") for row in screen_text(app).splitlines())
        assert text in " ".join(shown.split())
        await pilot.press("i", "i")
        await until(pilot, lambda: isinstance(app.screen, DiagnosisPage))


async def test_row_height_and_no_overlap(make_app):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        texts = ("Short.", "A sentence that goes on and on. " * 9)
        for size, text in product([(40, 12), (60, 20), (80, 24), (80, 30), (140, 45)], texts):
            await pilot.resize_terminal(*size)
            app.show_notice(text)
            await pilot.pause()
            row = app.query_one(MessageRow)
            assert row.region.height == sum(len(each.lines) for each in row.messages) == (2 if size[1] >= 30 else 1)
            for other in (LogView, KeyBar, ViewBar, "Header", ChartView, Scrubber):
                assert not row.region.overlaps(app.query_one(other).region), other


async def test_two_rows_stay_two_while_a_run_goes_on(make_app):
    app, layouts = make_app("playground", runner=at_once), []
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        row = app.query_one(MessageRow)
        refresh = row.refresh
        row.refresh = lambda *regions, layout=False, **options: (
            layouts.append(layout),
            refresh(*regions, layout=layout, **options),
        )
        seen = [screen_text(app).splitlines()[row.region.y : row.region.bottom]]
        for epochs in (1, 28, 49, 101):
            train(app, epochs)
            await pilot.pause()
            seen.append(screen_text(app).splitlines()[row.region.y : row.region.bottom])
        assert {len(rows) for rows in seen} == {2}
        assert layouts
        assert not any(layouts)
        assert "At the start c is farthest off: 8" in seen[0][1]
        assert "Converged after 101 epochs" in seen[-1][1]
        await pilot.press("b")
        await pilot.pause()
        rows = screen_text(app).splitlines()[row.region.y : row.region.bottom]
        assert "After 100 epochs the mean loss was" in rows[0]
        assert "After 28 epochs less than a hundredth" in rows[1]
        await pilot.click(MessageRow, offset=(3, 1))
        await until(pilot, lambda: isinstance(app.screen, DiagnosisPage))
        await pilot.pause()
        assert "28 epochs: After 28 epochs less than a hundredth" in screen_text(app)


def color_of(app, row):
    """The color of the first letter of a row."""
    strip = screen_strips(app)[row.content_region.y]
    return next(segment.style.color for segment in strip.crop(row.content_region.x) if segment.text.strip())


async def test_only_warnings_have_alarm_color(make_app):
    app = make_app(runner=at_once)
    async with app.run_test(size=(80, 24)) as pilot:
        row = app.query_one(MessageRow)
        await pilot.press("n", "y")
        assert (message(app)[:6], row.message.warns) == ("Copied", False)
        await pilot.pause()
        calm = color_of(app, row)
        await pilot.press("x")
        await pilot.pause()
        assert row.message.warns
        assert color_of(app, row) != calm
        await pilot.press("up")
        await pilot.pause()
        assert not row.message.warns
        assert color_of(app, row) == calm


def test_nothing_is_told_by_toasts():
    found = [
        f"{path.name}: {line.strip()}"
        for path in Path(quadfit_tui.__file__).parent.rglob("*")
        if path.suffix in (".py", ".tcss")
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.search(r"\bnotify\(|clear_notifications|Toast", line) and "_changed.notify()" not in line
    ]
    assert found == []
