"""A page whose line or server is lost: what it says, and that the same session goes on."""

import pages
import pytest
from browsers import chromium, needs_chromium, relay, served, showing, until
from pages import TOKEN

pytestmark = [pytest.mark.xdist_group("browser"), pytest.mark.timeout(600), needs_chromium]


async def test_lost_connection_resumes_session():
    async with relay() as line, showing(origin=line.url) as found, chromium() as browser:
        line.leads_to = found.port
        tab = await browser.tab(f"{line.url}/#{TOKEN}", expected=["WebSocket connection"])
        await tab.sees("size ")
        await tab.press("x")
        await tab.sees("typed 78")
        before = await tab.page.evaluate("sessionStorage.session")
        line.cut()
        await tab.says("The connection is lost")
        await tab.sees("size ", gone=["typed 78"])  # all is shown anew
        await tab.press("y")
        await tab.sees("typed 79")
        assert await tab.page.evaluate("sessionStorage.session") == before


async def test_page_without_network_says_so_at_once():
    async with relay() as line, showing(origin=line.url) as found, chromium() as browser:
        line.leads_to = found.port
        tab = await browser.tab(f"{line.url}/#{TOKEN}", expected=["WebSocket"])
        await tab.sees("size ")
        before = await tab.page.evaluate("sessionStorage.session")
        line.flows.clear()  # the line is silent, but not cut
        await tab.page.evaluate("dispatchEvent(new Event('offline'))")
        await tab.says("The connection is lost")
        line.flows.set()
        await until(lambda: tab.page.is_hidden("#notice"), bool)
        await tab.press("y")
        await tab.sees("typed 79")
        assert await tab.page.evaluate("sessionStorage.session") == before


async def test_manual_retry_during_automatic_retry():
    async with relay() as line, showing(origin=line.url) as found, chromium() as browser:
        line.leads_to = found.port
        tab = await browser.tab(f"{line.url}/#{TOKEN}", expected=["WebSocket"])
        await tab.sees("size ")
        line.flows.clear()
        line.cut()
        await tab.says("The connection is lost")
        await pages.until(lambda: line.hanging)  # the page tries
        await tab.page.click("#notice button")
        await pages.until(lambda: line.hanging > 1)
        line.flows.set()
        await until(lambda: tab.page.is_hidden("#notice"), bool)
        await tab.press("y")
        await tab.sees("typed 79")


@pytest.mark.parametrize("kind", ["", "text/html", "text/plain"])
async def test_page_reconnects_to_restarted_server(kind):
    with served() as (process, url):
        async with chromium() as browser:
            tab = await browser.tab(url, expected=["ERR_CONNECTION_REFUSED", "WebSocket connection", "502"])
            await tab.sees("READY")
            if kind:  # a proxy is there all the time

                async def answer(route):
                    await route.fulfill(status=502, content_type=kind, body="<h1>Bad Gateway</h1>")

                await tab.page.route("**/session", answer)
            port = url.rstrip("/").rpartition(":")[2]
            process.terminate()
            process.wait()
            await tab.says("The server was stopped.")
            await tab.press("Enter")
            await tab.says("The server does not answer")
            with served("--port", port):
                await tab.sees("READY")
