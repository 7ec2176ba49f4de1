"""The pages of text over the app: how one comes to them, through them and out again."""

import gc
import re
from collections import Counter

from app_helpers import until
from documents import MANUAL
from textual.containers import Vertical, VerticalScroll
from textual.strip import Strip

from quadfit_tui.core.training.status import Status
from quadfit_tui.ui.screens.manual import ManualScreen, PageText
from quadfit_tui.ui.screens.text_screen import TextScreen


def letters(text):
    """How often each letter and digit stands in a text, wherever its lines end."""
    return Counter(filter(str.isalnum, text))


def heading(app):
    """That of the page on the screen, None without one."""
    if isinstance(app.screen, ManualScreen):
        return "Manual"
    return app.screen.query_one(VerticalScroll).border_title if isinstance(app.screen, TextScreen) else None


async def test_manual_closes_and_frees_strips(make_app):
    gc.freeze()  # what other tests have left takes seconds to collect
    app, left = make_app(), []
    async with app.run_test() as pilot:
        await pilot.press("question_mark")
        await until(pilot, lambda: heading(app) == "Help")
        for key in ("escape", "q", "f1", "question_mark"):
            await pilot.press("f1")
            await until(pilot, lambda: heading(app) == "Manual")
            await pilot.press(key)
            await until(pilot, lambda: heading(app) is None)
            gc.collect()
            left.append(sum(isinstance(each, Strip) for each in gc.get_objects()))
        assert max(left[1:]) < left[0] + 60  # each page has more than 40
        await pilot.press("n")  # the app has its keys again
        assert app.snapshot.update == 1
    gc.unfreeze()


async def test_manual_scrolls_unclipped_while_training(make_app, clock):
    app = make_app("full-batch")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("space", "f1")
        await until(pilot, lambda: heading(app) is not None)
        page, text = app.screen.query_one(VerticalScroll), app.screen.query_one(PageText)
        for key, place in (("down", 1), ("pagedown", 17), ("pageup", 1), ("up", 0), ("end", page.max_scroll_y)):
            await pilot.press(key)
            await until(pilot, lambda place=place: page.scroll_y == place)
        assert page.max_scroll_y > 200
        await pilot.press("home")
        await until(pilot, lambda: page.scroll_y == 0)
        clock.now += 0.1
        await until(pilot, lambda: app.snapshot.epoch == 2)
        assert app.snapshot.status is Status.RUNNING
        for size in ((80, 24), (40, 15)):
            await pilot.resize_terminal(*size)
            room = size[0], size[1] - 1  # below it are its keys
            await until(pilot, lambda room=room: app.screen.query_one(Vertical).outer_size == room)
            await pilot.pause()
            assert page.max_scroll_x == 0, size
            assert text.size.width <= page.scrollable_content_region.width, size
            shown = "".join("".join(segment.text for segment in text.render_line(y)) for y in range(text.size.height))
            assert letters(shown) == letters(re.sub("<!--.*?-->", "", MANUAL["how-it-works"])), size
