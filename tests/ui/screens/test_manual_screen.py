"""F1: going about in the manual by keys and the mouse, its links, its search."""

from app_helpers import burst, until
from textual.containers import Vertical, VerticalScroll
from textual.widgets import OptionList

from quadfit_tui.core.explain.manual import pages, title_of
from quadfit_tui.ui.display.capabilities import Capabilities
from quadfit_tui.ui.screens.list_screen import ListScreen
from quadfit_tui.ui.screens.manual import ManualScreen, PageText

TITLES = [title_of(markdown) for markdown in pages().values()]


def title(app):
    """That of the page that is shown."""
    return app.screen.query_one(PageText).lines[0].text


def seen(app):
    """The lines of the page that are in sight."""
    page = app.screen.query_one(VerticalScroll)
    lines = app.screen.query_one(PageText).lines
    return [line.text for line in lines[round(page.scroll_y) :][: page.size.height]]


async def opened(app, pilot):
    await pilot.press("f1")
    await until(pilot, lambda: isinstance(app.screen, ManualScreen))
    await pilot.pause()


async def test_f1_and_arrow_navigation(make_app):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot)
        assert title(app) == "How it works"
        for expected in (*TITLES[1:], TITLES[0]):
            await pilot.press("right")
            assert title(app) == expected
        await pilot.press("left")
        assert title(app) == TITLES[-1]
        await pilot.press("backspace", "backspace")
        assert title(app) == TITLES[-1]  # where it was before the last but one
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, ManualScreen))


async def searched(app, pilot, words):
    """The rows that a search finds, as they are listed."""
    await pilot.press("slash")
    await until(pilot, lambda: isinstance(app.screen, ListScreen))
    await pilot.press(*words)
    await pilot.pause()
    found = app.screen.query_one(OptionList)
    return [str(found.get_option_at_index(at).prompt) for at in range(found.option_count)]


async def test_search_jumps_to_matching_line(make_app):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot)
        await pilot.press("right")
        rows = await searched(app, pilot, "momentum")
        assert len(rows) > 4
        assert all("momentum" in " ".join(row.split()) for row in rows)
        await pilot.press("down", "enter")
        await until(pilot, lambda: isinstance(app.screen, ManualScreen) and title(app) == "How it works")
        await until(pilot, lambda: "momentum" in seen(app)[0])
        await pilot.press("backspace")
        await until(pilot, lambda: title(app) == TITLES[1])


async def test_empty_search_lists_pages_escape_returns(make_app):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot)
        assert [row.strip() for row in await searched(app, pilot, "")] == TITLES
        await pilot.press(*"q?")
        await until(pilot, lambda: "nothing like this" in str(app.screen.query_one(OptionList).options[0].prompt))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, ManualScreen))
        assert title(app) == "How it works"
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, ManualScreen))


async def test_search_typed_in_one_burst(make_app):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot)
        burst(app, ["slash", *"sudx", "backspace", "o", "enter"])
        await until(pilot, lambda: isinstance(app.screen, ManualScreen) and title(app) == "A server for a class")
        await until(pilot, lambda: any("sudo" in line for line in seen(app)))


async def test_links_by_tab_enter_and_click(make_app):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot)
        await pilot.press("right")
        text, page = app.screen.query_one(PageText), app.screen.query_one(VerticalScroll)
        links = [link.target for link in text.links]
        assert links[0] == "how-it-works.md#how-to-read-the-views"
        await pilot.press("enter")  # none is chosen
        assert title(app) == TITLES[1]
        await pilot.press("tab", "tab", "shift+tab")
        assert text.chosen == 0
        await until(pilot, lambda: page.scroll_y > 0)  # so that the link is in sight
        await pilot.press("enter")
        await until(pilot, lambda: title(app) == "How it works")
        await until(pilot, lambda: seen(app)[0] == "How to read the views")
        await pilot.press("backspace")
        await until(pilot, lambda: title(app) == TITLES[1] and page.scroll_y > 0)
        await pilot.pause()
        link = text.links[0]
        await pilot.click(text, offset=(link.start + 1, link.line))
        await until(pilot, lambda: title(app) == "How it works")


async def test_contents_placement_and_section_links(make_app):
    app = make_app()
    async with app.run_test(size=(120, 30)) as pilot:
        await opened(app, pilot)
        contents, page = app.screen.query_one(OptionList), app.screen.query_one(VerticalScroll)
        assert contents.region.right <= page.region.x
        rows = [str(contents.get_option_at_index(at).prompt) for at in range(contents.option_count)]
        assert [row for row in rows if not row.startswith(" ")] == TITLES
        at = rows.index("  Step 3: one number for the error, and its derivatives")
        await pilot.click(contents, offset=(3, at))
        await until(pilot, lambda: seen(app)[0].startswith("Step 3: "))
        await pilot.resize_terminal(80, 24)
        await until(pilot, lambda: app.screen.query_one(Vertical).outer_size.width == 80)
        await pilot.pause()
        assert page.region.bottom <= contents.region.y
        assert contents.size.height == 4
        assert max(len(line) for line in seen(app)) <= 76


async def test_ascii_terminal_gets_ascii_pages(make_app):
    app = make_app(capabilities=Capabilities(ascii=True))
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot)
        for _ in TITLES:
            assert all(line.text.isascii() for line in app.screen.query_one(PageText).lines), title(app)
            await pilot.press("right")


async def test_small_screen_hides_contents(make_app):
    app = make_app()
    async with app.run_test(size=(40, 12)) as pilot:
        await opened(app, pilot)
        assert not app.screen.query_one(OptionList).display
        assert app.screen.query_one(PageText).size.width >= 34
        await searched(app, pilot, "zoom")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, ManualScreen) and any("zoom" in line for line in seen(app)))
