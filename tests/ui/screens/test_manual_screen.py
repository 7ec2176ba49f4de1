"""F1: going about in the manual by keys and the mouse, its links, its search."""

from app_helpers import burst, until
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Input, OptionList

from quadfit_tui.core.explain.manual import pages, title_of
from quadfit_tui.ui.display.capabilities import Capabilities
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


async def test_f1_opens_how_it_works_and_the_arrows_lead_through_all_pages_and_back(make_app):
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


async def test_a_search_finds_momentum_and_goes_to_the_line_that_has_it(make_app):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot)
        await pilot.press("right", "slash", *"momentum")
        await until(pilot, lambda: app.screen.query_one("#hits", OptionList).option_count > 3)
        assert "momentum" in str(app.screen.query_one("#hits", OptionList).get_option_at_index(0).prompt)
        await pilot.press("down", "enter")
        await until(pilot, lambda: title(app) == "How it works")
        await until(pilot, lambda: "momentum" in seen(app)[0])
        await pilot.press("backspace")
        await until(pilot, lambda: title(app) == TITLES[1])


async def test_letters_of_a_search_are_no_keys_and_esc_leaves_the_search_first(make_app):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot)
        await pilot.press("slash", *"q?/", "left", "backspace")
        field = app.screen.query_one(Input)
        await until(pilot, lambda: field.value == "q/")
        assert "nothing was found" in str(app.screen.query_one("#hits", OptionList).get_option_at_index(0).prompt)
        await pilot.press("enter")  # there is nothing to open
        assert app.screen.query_one("#hits").display
        await pilot.press("escape")
        assert title(app) == "How it works"
        assert app.screen.query_one(PageText).display
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, ManualScreen))


async def test_a_search_typed_in_one_packet_opens_what_it_found(make_app):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot)
        burst(app, ["slash", *"loginctl", *["backspace"] * 8, *"sudo", "enter"])
        await until(pilot, lambda: title(app) == "A server for a class")
        await until(pilot, lambda: any("sudo" in line for line in seen(app)))


async def test_tab_goes_from_link_to_link_and_enter_follows_and_a_click_does(make_app):
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
        link = text.links[0]
        await pilot.click(text, offset=(link.start + 1, link.line))
        await until(pilot, lambda: title(app) == "How it works")


async def test_the_contents_stand_beside_the_page_or_below_it_and_lead_to_its_sections(make_app):
    app = make_app()
    async with app.run_test(size=(120, 30)) as pilot:
        await opened(app, pilot)
        contents, page = app.screen.query_one("#contents", OptionList), app.screen.query_one(VerticalScroll)
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


async def test_on_an_ascii_terminal_all_of_it_is_ascii(make_app):
    app = make_app(capabilities=Capabilities(ascii=True))
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot)
        for _ in TITLES:
            assert all(line.text.isascii() for line in app.screen.query_one(PageText).lines), title(app)
            await pilot.press("right")
        assert app.screen.query_one(Vertical).border_subtitle.isascii()


async def test_on_a_small_screen_the_page_has_all_the_room(make_app):
    app = make_app()
    async with app.run_test(size=(40, 12)) as pilot:
        await opened(app, pilot)
        assert not app.screen.query_one("#contents").display
        assert app.screen.query_one(PageText).size.width >= 34
        await pilot.press("slash", *"zoom")
        await until(pilot, lambda: app.screen.query_one("#hits", OptionList).option_count > 0)
        await pilot.press("enter")
        await until(pilot, lambda: any("zoom" in line for line in seen(app)))
