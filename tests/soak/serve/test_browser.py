"""The page in a real browser: what a student sees, clicks, types, copies, saves; how it ends, and comes back."""

import asyncio
import base64
import re

import pages
import pytest
from browsers import chromium, needs_chromium, served, showing, until
from lessons_taken import right
from pages import TOKEN
from trials import FOR_RELEASE

from quadfit_tui.teaching.judging.facts import Facts
from quadfit_tui.teaching.notation.catalog import Catalog
from quadfit_tui.teaching.notation.lesson import StepKind, parse_solution

pytestmark = [pytest.mark.xdist_group("browser"), pytest.mark.timeout(600), needs_chromium]
BRAILLE = re.compile("[\u2801-\u28ff]")


@pytest.fixture(scope="module")
def program():
    """The program as it is served: the server, and its URL."""
    with served() as both:
        yield both


@pytest.fixture
def url(program):
    return program[1]


async def test_font_renders_braille_and_colors(url):
    async with chromium() as browser:
        tab = await browser.tab(url)
        assert BRAILLE.search(await tab.sees("READY", "fitted", "space Play"))
        assert await tab.page.title() == "quadfit-tui"
        colors = await tab.page.evaluate(
            "[...new Set([...document.querySelectorAll('.xterm-rows span')].map(each => getComputedStyle(each).color))]"
        )
        assert len(colors) > 5
        fonts = "[...document.fonts].map(each => `${each.family} ${each.weight} ${each.status}`)"
        assert await tab.page.evaluate(fonts) == ["quadfit terminal 400 loaded", "quadfit terminal 700 loaded"]


async def test_it_plays_and_takes_clicks(url):
    async with chromium() as browser:
        tab = await browser.tab(url)
        await tab.sees("READY")
        await tab.press("Space")
        await tab.sees("RUNNING")
        await until(tab.screen, lambda shown: re.search(r"[1-9]\d* of 500 epochs", shown))
        await tab.press("Space")
        shown = await tab.sees("PAUSED", "1 Fit: follow")
        assert int(re.search(r"(\d+) of 500 epochs", shown)[1]) > 0
        await tab.click("6 Map")
        await tab.sees("PAUSED", "6 Map: ")


async def test_what_is_copied_reaches_the_clipboard(url):
    async with chromium() as browser:
        tab = await browser.tab(url, permissions=["clipboard-read", "clipboard-write"])
        await tab.sees("READY")
        await tab.press("Shift+Y")
        await tab.sees("Copied to the clipboard")
        assert await tab.page.evaluate("navigator.clipboard.readText()") == "quadfit-tui --preset playground --at start"


async def test_copy_without_clipboard_offers_text(url):
    async with chromium() as browser:
        tab = await browser.tab(url, before="delete Navigator.prototype.clipboard")
        await tab.sees("READY")
        await tab.press("Shift+Y")
        await tab.page.wait_for_selector("#copy:not([hidden])")
        chosen = "(field => field.value.slice(field.selectionStart, field.selectionEnd))(document.activeElement)"
        assert await tab.page.evaluate(chosen) == "quadfit-tui --preset playground --at start"
        await tab.press("Escape", "Space")
        await tab.sees("RUNNING")


async def test_what_is_saved_is_downloaded(url):
    async with chromium() as browser:
        tab = await browser.tab(url)
        await tab.sees("READY")
        await tab.press("w")
        await tab.sees("svg")
        async with tab.page.expect_download() as download:
            await tab.press("Enter")
        saved = await download.value
        assert saved.suggested_filename == "fit.svg"
        with open(await saved.path(), encoding="utf-8") as file:
            assert file.read().startswith("<svg ")


async def test_window_resize_changes_rows(url):
    async with chromium() as browser:
        tab = await browser.tab(url)
        await tab.sees("READY", "noise")
        rows = await tab.size()
        await tab.page.set_viewport_size({"width": 648, "height": 512})
        await tab.sees("space Play n Step")  # as the keys stand where there are 80 columns
        row = await tab.page.locator(".xterm-rows > div").first.bounding_box()
        assert (await tab.size(), rows, row["width"]) == (24, 37, 640)


async def test_a_reload_finds_the_same_session(url):
    async with chromium() as browser:
        tab = await browser.tab(url)
        await tab.sees("READY")
        await tab.press("n", "n", "n")
        await tab.sees("PAUSED", " 3 of 500 epochs")
        there = await tab.page.evaluate("sessionStorage.session")
        await tab.page.reload()
        await tab.sees("PAUSED", " 3 of 500 epochs")
        assert there == await tab.page.evaluate("sessionStorage.session")
        await tab.press("n")
        await tab.sees(" 4 of 500 epochs")


async def test_expired_session_shows_notice(url):
    async with chromium() as browser:
        tab = await browser.tab(url)
        await tab.sees("READY")
        await tab.page.evaluate("sessionStorage.session = 'another'")
        await tab.page.reload()
        await tab.sees("READY")
        await tab.says("has ended; this is a new one.\n+Close")
        await tab.press("Space")  # nothing has to be closed first
        await tab.sees("RUNNING")
        await tab.page.click("#notice button")
        assert not await tab.page.is_visible("#notice")
        await tab.press("Space")
        await tab.sees("PAUSED")
        await tab.page.reload()
        await tab.sees("PAUSED")
        assert not await tab.page.is_visible("#notice")


async def test_quit_shows_notice_and_restarts(url):
    async with chromium() as browser:
        tab = await browser.tab(url)
        await tab.sees("READY")
        await tab.press("n", "q")
        await tab.says("You have left the program.\n+Start again")
        await tab.press("Enter")  # the button has the focus
        await tab.sees("READY")
        assert not await tab.page.is_visible("#notice")
        await tab.press("n")
        await tab.sees("PAUSED")


async def test_a_lesson_is_taken_to_its_end():
    lesson = next(each for each in Catalog.packaged().lessons if each.id == "limit")
    facts = Facts(lesson)
    with served("--lesson", lesson.id) as (_, url):
        async with chromium() as browser:
            tab = await browser.tab(url)
            for number, step in enumerate(lesson.steps, 1):
                await tab.sees(f"step {number} of {len(lesson.steps)}", step.title)
                match step.kind:
                    case StepKind.DO:  # a rate is to be found
                        await tab.press("l", *f"{parse_solution(step.solution)['lr']}", "Enter")
                    case StepKind.PREDICT | StepKind.OBSERVE:
                        await tab.press(*right(lesson, step, facts), "Enter")
                        await tab.sees("Right")
                    case StepKind.EXPLAIN:
                        await tab.sees("Submit")
                        await tab.press(*"The data have their limit.", "Enter")
                        await tab.sees("Which says")
                        await tab.press(*right(lesson, step, facts), "Enter")
                await tab.sees("Enter: ")
                await tab.press("Enter")
            await tab.sees(lesson.title, gone=["step 9 of 9"])


async def test_language_follows_browser(url):
    async with chromium() as browser:
        tab = await browser.tab(url, locale="zh-CN")
        await tab.sees("就绪", "拟合")
        assert await tab.page.get_attribute("html", "lang") == "zh-CN"
        assert "F6" in (said := await tab.page.inner_text("#leave"))
        assert "终端" in said
        # A Han character is as wide as two cells: what is behind it stands where it belongs.
        ends = "rows => rows.map(row => row.lastChild?.getBoundingClientRect().right ?? 0)"
        assert max(await tab.page.eval_on_selector_all(".xterm-rows > div", ends)) <= 1300


BACKGROUNDS = {"dark": ["rgb(18, 18, 18)"] * 2, "light": ["rgb(255, 255, 255)"] * 2}


async def backgrounds(tab):
    """The background of the chart, and that of the page around it."""
    of_chart = "spans.filter(each => /[\u2801-\u28ff]/.test(each.textContent)).slice(0, 1)"
    background_of = f"spans => {of_chart}.map(each => getComputedStyle(each).backgroundColor)"
    return [
        *await tab.page.eval_on_selector_all(".xterm-rows span", background_of),
        await tab.page.evaluate("getComputedStyle(document.body).backgroundColor"),
    ]


@pytest.mark.parametrize("scheme", BACKGROUNDS)
async def test_color_scheme_follows_browser(url, scheme):
    async with chromium() as browser:
        tab = await browser.tab(url, color_scheme=scheme)
        await tab.sees("READY", "fitted")
        await until(lambda: backgrounds(tab), BACKGROUNDS[scheme].__eq__)


# A page whose connection can be closed, and which does not come back by itself.
CLOSABLE = """
window.WebSocket = class extends WebSocket { constructor(...given) { super(...given); window.opened = this; } };
const later = setTimeout;
window.setTimeout = (call, wait) => later(call, wait >= 500 ? 600000 : wait);
"""


async def test_scheme_change_applies_live_and_after_reconnect(url):
    async with chromium() as browser:
        tab = await browser.tab(url, color_scheme="dark", before=CLOSABLE)
        await tab.sees("READY", "fitted")
        session = await tab.page.evaluate("sessionStorage.session")
        for scheme in ("light", "dark"):
            await tab.page.emulate_media(color_scheme=scheme)
            await until(lambda: backgrounds(tab), BACKGROUNDS[scheme].__eq__)
        await tab.page.evaluate("opened.close(3000)")
        await tab.says("The connection is lost")
        await tab.page.emulate_media(color_scheme="light")
        await tab.page.click("#notice button")
        await until(lambda: backgrounds(tab), BACKGROUNDS["light"].__eq__)
        await tab.press("n")  # of what is typed, the first
        await tab.sees("PAUSED", " 1 of 500 epochs")
        assert await tab.page.evaluate("sessionStorage.session") == session


async def test_tab_stays_in_app_and_f6_leaves(url):
    async with chromium() as browser:
        tab = await browser.tab(url)
        await tab.sees("READY")
        await tab.press("Tab")
        await tab.sees("Cancel", gone=["space Play"])  # in the form
        focused = "document.activeElement.id || document.activeElement.className"
        assert await tab.page.evaluate(focused) == "xterm-helper-textarea"
        await tab.press("F6")
        assert await tab.page.evaluate(focused) == "leave"


@pytest.mark.timeout(300)  # forty take 90 s beside other tests; a call to the browser may never come back
async def test_a_class_of_pages_leaves_no_process():
    with served("--most", str(count := 40 if FOR_RELEASE else 12)) as (process, url):
        async with chromium() as browser:
            few = asyncio.Semaphore(3)  # else a request takes longer than a server waits, and is sent again

            async def loaded():
                async with few:
                    tab = await browser.tab(url, expected=["WebSocket connection", "Failed to load resource"])
                    await tab.sees("READY")
                    return tab

            tabs = await asyncio.gather(*(loaded() for _ in range(count)))
            assert len(pages.sessions_of(process.pid)) == count
            late = await browser.tab(url, expected=["503", "WebSocket connection"])
            await late.says("All places are taken")
            await asyncio.gather(*(tab.context.close() for tab in tabs))
            while pages.sessions_of(process.pid):
                await asyncio.sleep(0.1)


async def test_token_moves_from_url_to_tab():
    async with showing() as found, chromium() as browser:
        tab = await browser.tab(f"http://{found.host}/#{TOKEN}")
        await tab.sees("size ")
        assert tab.page.url == f"http://{found.host}/"
        await tab.page.reload()
        await tab.sees("size ")
        refused = ["401", "WebSocket connection"]
        for address in (f"http://{found.host}/", f"http://{found.host}/#wrong", f"http://{found.host}/#no/token"):
            other = await browser.tab(address, expected=refused)
            await other.says("This address has no valid token; open the whole address that you were given.")


HOSTILE = """
import os, sys, tty
tty.setraw(0)
os.write(1, %r)
os.write(1, b"typed " + os.read(0, 100).hex().encode())
os.read(0, 1)
"""


COUNTING = """
import os, tty
tty.setraw(0)
os.write(1, b"ready ")
count = 0
while count < 200000:
    count += len(os.read(0, 65536))
os.write(1, b"typed %d" % count)
os.read(0, 1)
"""


async def test_clipboard_cannot_be_read():
    async with showing(HOSTILE % b"\x1b]52;c;?\x07ready ") as found, chromium() as browser:
        url = f"http://{found.host}/#{TOKEN}"
        tab = await browser.tab(url, permissions=["clipboard-read", "clipboard-write"])
        await tab.sees("ready")
        await tab.press("x")
        await tab.sees("typed 78")


@pytest.mark.parametrize(
    ("name", "saved"), [("../../.bashrc", ".._.._.bashrc"), ("拟合.csv", "拟合.csv"), ("", "quadfit-tui")]
)
async def test_download_name_is_sanitized(name, saved):
    words = f"name={base64.b64encode(name.encode()).decode()};size=3;inline=0".encode()
    async with showing(HOSTILE % (b"\x1b]1337;File=" + words + b":YWJj\x07ready ")) as found, chromium() as browser:
        tab = await browser.tab(f"http://{found.host}/", expected=["401", "WebSocket connection"])
        async with tab.page.expect_download() as download:
            await tab.page.goto(f"http://{found.host}/#{TOKEN}")
        assert (await download.value).suggested_filename.lstrip("._") == saved.lstrip("._")


async def test_long_paste_is_split():
    async with showing(COUNTING) as found, chromium() as browser:
        tab = await browser.tab(f"http://{found.host}/#{TOKEN}")
        await tab.sees("ready")
        await tab.page.evaluate(
            "() => { const data = new DataTransfer(); data.setData('text/plain', 'x'.repeat(200000));"
            "document.activeElement.dispatchEvent(new ClipboardEvent('paste', {clipboardData: data, bubbles: true})); }"
        )
        await tab.sees("typed 200000")


async def test_program_title_becomes_page_title():
    async with showing(HOSTILE % b"\x1b]2;epoch 3\x07ready ") as found, chromium() as browser:
        tab = await browser.tab(f"http://{found.host}/#{TOKEN}")
        await tab.sees("ready")
        assert await tab.page.title() == "epoch 3"
