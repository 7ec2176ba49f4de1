"""A real browser for the tests: Debian's Chromium without a window, what its pages show, and a server beside it."""

import asyncio
import os
import re
import shutil
import subprocess
import sys
from contextlib import asynccontextmanager, contextmanager, suppress
from urllib.parse import urlsplit

import pytest
from pages import PROGRAM, server
from playwright.async_api import Error, async_playwright

from quadfit_tui.serve.page import files, page

CHROMIUM = shutil.which("chromium")
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="needs chromium")
OPTIONS = ["--no-sandbox"] if os.geteuid() == 0 else []  # which Chromium has none of for root
WINDOW = {"width": 1300, "height": 760}  # some 160 columns, 36 rows


async def until(look, fits):
    """Looks until what is seen fits, and gives it; after a minute or more tells what there is instead."""
    for _ in range(600):
        if fits(seen := await look()):
            return seen
        await asyncio.sleep(0.1)
    raise AssertionError(f"in the end there is:\n{seen}")


class Tab:
    """A page of the program in a browser. What went wrong in it, and what it asked other hosts for, is in `faults`."""

    def __init__(self, page, url):
        self.page, self.url, self.faults = page, url, []
        host = urlsplit(url).netloc
        page.on("console", lambda said: said.type == "error" and self.faults.append(said.text))
        page.on("pageerror", lambda failure: self.faults.append(str(failure)))
        page.on("request", lambda asked: urlsplit(asked.url).netloc != host and self._is_blob(asked.url))
        page.on("websocket", lambda opened: urlsplit(opened.url).netloc != host and self.faults.append(opened.url))

    def _is_blob(self, url):
        if not url.startswith(f"blob:{urlsplit(self.url).scheme}://{urlsplit(self.url).netloc}/"):
            self.faults.append(url)

    async def screen(self):
        """What the terminal shows."""
        try:
            return (await self.page.inner_text(".xterm-rows", timeout=1000)).replace("\xa0", " ")
        except Error:  # the page is being loaded
            return ""

    async def sees(self, *texts, gone=()):
        """Waits until all of some texts are shown and others are not; gives the screen."""

        def fits(shown):
            return all(text in shown for text in texts) and not any(text in shown for text in gone)

        return await until(self.screen, fits)

    async def says(self, pattern):
        """Waits until the page itself says something over the terminal."""
        await until(self._notice, lambda said: re.search(pattern, said))

    async def _notice(self):
        return await self.page.inner_text("#notice") if await self.page.is_visible("#notice") else ""

    async def press(self, *keys):
        for key in keys:
            await self.page.keyboard.press(key)

    async def click(self, text):
        """Clicks in the middle of a text that the terminal shows."""
        shown = (await self.screen()).splitlines()
        row = next(number for number, line in enumerate(shown) if text in line)
        box = await self.page.locator(".xterm-rows > div").nth(row).bounding_box()
        size = await self.page.evaluate("document.querySelector('.xterm-screen').offsetWidth")
        cell = size / max(map(len, shown))
        column = shown[row].index(text) + len(text) / 2
        await self.page.mouse.click(box["x"] + column * cell, box["y"] + box["height"] / 2)

    async def size(self):
        """How many rows the terminal has."""
        return await self.page.locator(".xterm-rows > div").count()


@asynccontextmanager
async def chromium():
    """A browser; its `tab` opens a page of the program, with options of a context of Playwright's."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        opened = []

        async def tab(url, *, before="", expected=(), **options):
            context = await browser.new_context(**{"viewport": WINDOW, "locale": "en-US"} | options)
            made = Tab(await context.new_page(), url)
            made.context, made.expected = context, expected
            if before:
                await made.page.add_init_script(before)
            opened.append(made)
            await made.page.goto(url, timeout=240_000)  # milliseconds: one of forty on two busy cores takes some
            return made

        browser.tab = tab
        yield browser
        await browser.close()
        faults = [f for made in opened for f in made.faults if not any(text in f for text in made.expected)]
        assert not faults, "\n".join(faults)


@contextmanager
def served(*options):
    """The command itself: its process and the URL that it prints; at the end it has to be ended by TERM."""
    command = [sys.executable, "-m", "quadfit_tui", "serve", "--port", "0", "--progress", "none", *options]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
    try:
        url = server.stdout.readline().strip()
        assert url, "it prints no address"
        yield server, url
        server.terminate()
        assert server.wait() == 128 + 15
    finally:
        if server.poll() is None:
            server.kill()
            server.wait()
        server.stdout.close()


class Line:
    """A line to a server that can be cut or hang, as a network does; `hanging` is how many connections wait for it."""

    def __init__(self):
        self.leads_to, self.url, self._ends = None, "", []
        self.hanging, self.flows = 0, asyncio.Event()
        self.flows.set()

    async def carry(self, reader, writer):
        """Passes on what comes from either end."""
        self.hanging += 1
        await self.flows.wait()
        self.hanging -= 1
        away, back = await asyncio.open_connection("127.0.0.1", self.leads_to)
        self._ends += [writer, back]
        await asyncio.gather(self._pass_on(reader, back), self._pass_on(away, writer))

    async def _pass_on(self, reader, writer):
        with suppress(OSError):
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        writer.close()

    def cut(self):
        """Ends all connections without a word."""
        for end in self._ends:
            end.transport.abort()
        self._ends = []


@asynccontextmanager
async def relay():
    """A line, at an address of its own."""
    line = Line()
    async with await asyncio.start_server(line.carry, "127.0.0.1", 0) as listening:
        line.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
        yield line
        line.cut()


def showing(script=PROGRAM, **options):
    """A server within the test, of the real page and a program in the place of the app."""
    return server(script, files=files(None), page=page, **options)
