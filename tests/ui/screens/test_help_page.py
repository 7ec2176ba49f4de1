"""The page of keys: what is found in it, in one column or two."""

from app_helpers import at_once, burst, until
from textual.containers import VerticalScroll

from quadfit_tui.core.explain.glossary import GLOSSARY
from quadfit_tui.core.explain.manual import pages, title_of
from quadfit_tui.core.training.status import Status
from quadfit_tui.testing import screen_text
from quadfit_tui.ui.display.capabilities import Capabilities
from quadfit_tui.ui.keymap import KEYS
from quadfit_tui.ui.screens.help import ABOUT, LEAVING, HelpScreen
from quadfit_tui.ui.screens.manual import ManualScreen, PageText
from quadfit_tui.ui.views.view_table import OPTIONS, VIEWS


async def opened(pilot):
    await pilot.press("question_mark")
    await until(pilot, lambda: isinstance(pilot.app.screen, HelpScreen))
    await pilot.pause()


def lines(app):
    """The page on the screen without its frame."""
    page = app.screen.query_one(VerticalScroll).region
    rows = [line.rstrip()[page.x + 1 :] for line in screen_text(app).splitlines()[page.y + 1 : page.bottom - 1]]
    return [row.rstrip("│▁▂▃▄▅▆▇").rstrip() for row in rows]


def told(app):
    """All of its text, whatever is in sight."""
    return "\n".join(str(each.content) for each in (app.screen._body, app.screen._second)).strip()


async def test_current_view_keys_first_without_duplicates(make_app):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        for name in VIEWS:
            app.views.action_view(name)
            await opened(pilot)
            words, keys = told(app).split(" This view ")
            assert "one pass over all samples" in words
            assert keys.split("\n")[1] == VIEWS[name].summary
            first = keys.split(" On the main screen ")[0]
            for option, row in OPTIONS.items():
                assert (row.what in first.replace("\n            ", " ")) == (option in VIEWS[name].options), option
            assert ("copy the arithmetic" in first) == VIEWS[name].is_page
            text = " ".join(told(app).split())
            for key in (key for key in KEYS if key.show):
                assert text.count(f" {key.tooltip} ") == 1, (name, key.tooltip)
            assert told(app).endswith(ABOUT)
            await pilot.press("escape")


async def test_two_columns_from_width_100(make_app):
    app = make_app(capabilities=Capabilities(ascii=True))
    async with app.run_test(size=(80, 24)) as pilot:
        for size in ((40, 12), (99, 30), (100, 30), (140, 45)):
            await pilot.resize_terminal(*size)
            await opened(pilot)
            has_two = size[0] >= 100
            page, seen = app.screen.query_one(VerticalScroll), [*lines(app)]
            assert (page.max_scroll_x, page.outer_size.width) == (0, min(size[0], 160 if has_two else 81))
            assert ("Words on the first screen" not in map(str.strip, seen)) == has_two  # something stands beside it
            body, second = app.screen._body, app.screen._second
            assert bool(second.region.width) == has_two
            if has_two:
                assert abs(body.size.height - second.size.height) < 0.4 * body.size.height
            for static in (body, second) if has_two else (body,):
                for row in str(static.content).splitlines():
                    assert len(row) <= static.size.width or row in (ABOUT, LEAVING), row
            assert all(line.isascii() for line in str(body.content).splitlines())
            await pilot.press("escape")


async def test_search_filters_and_escape_resets(make_app):
    app = make_app("full-batch")
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        everything = told(app)
        burst(app, ["slash", *"epoch q?", *["backspace"] * 3, "enter"])
        await until(pilot, lambda: app.screen._field.value == "epoch")
        await pilot.pause()
        found = told(app)
        assert "train to the end of the epoch" in found
        assert "play or pause" not in found
        assert [row for row in found.splitlines() if row.startswith("Explanations")] == []
        top = app.screen.query_one(VerticalScroll)
        await pilot.press("slash")  # is typed, too
        await until(pilot, lambda: told(app) == "No key does that.")
        await pilot.press("escape")
        await until(pilot, lambda: told(app) == everything)
        assert app.screen.focused is top
        await pilot.press("slash", "a")
        await pilot.pause()
        await pilot.press("down", "down")
        await until(pilot, lambda: top.scroll_y == 2)
        await pilot.press("escape", "escape")
        await until(pilot, lambda: len(app.screen_stack) == 1)
        for key in ("question_mark", "enter", "space", "q", "escape"):
            await opened(pilot)
            await pilot.press(key)
            await until(pilot, lambda: len(app.screen_stack) == 1)
        assert app.session.status is Status.READY


async def test_help_begins_with_words_of_first_screen(make_app):
    app = make_app("playground", runner=at_once)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        first = screen_text(app).casefold()
        assert [word for word in GLOSSARY if word not in first] == []
        await pilot.press("?")
        shown = screen_text(app)
        assert LEAVING in " ".join(shown.replace("│", " ").split())
        assert [word for word in GLOSSARY if f" {word} " not in shown] == []
        assert shown.index("Esc closes") < shown.index("epoch")
        assert "F1" in shown
        await pilot.press("f1")  # to all the words
        await until(pilot, lambda: isinstance(app.screen, ManualScreen))
        await pilot.pause()
        assert title_of(pages()["words"]) == app.screen.query_one(PageText).lines[0].text
        await pilot.press("escape")
        assert len(app.screen_stack) == 1
