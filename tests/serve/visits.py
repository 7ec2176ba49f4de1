"""Somebody at a page: types, and sees what a terminal of the page's size shows."""

import asyncio
import base64
import re

import pyte
from harness import _PRIVATE, ALL_ANSWERS
from pages import Page

SIZE = (120, 40)
SENT = re.compile(rb"\x1b\]1337;File=name=([\w+/=]+);size=(\d+);inline=0:([\w+/=]*)\x07")
OUT = "it is outside"


class Visit:
    """Somebody at a page: types, and sees what a terminal of its size shows."""

    def __init__(self, socket):
        self.page = Page(socket)
        self.output = b""
        self._screen = pyte.Screen(*SIZE)
        self._stream = pyte.ByteStream(self._screen)

    async def begin(self, **greeting):
        await self.page.greet(size=SIZE, **greeting)
        await self.see("READY", "space Play")

    async def look(self):
        """Takes what is shown next, and answers what a terminal is asked."""
        shown = await self.page.socket.recv()
        self.output += shown
        self._stream.feed(_PRIVATE.sub(b"", shown))
        for question, answer in ALL_ANSWERS.items():
            for _ in range(shown.count(question)):
                await self.page.types(answer)

    @property
    def text(self):
        return "\n".join(self._screen.display)

    async def see(self, *texts, gone=""):
        """Waits until all of some texts are to be seen, and another one is not."""
        try:
            async with asyncio.timeout(60):
                while not all(text in self.text for text in texts) or (gone and gone in self.text):
                    await self.look()
        except TimeoutError:
            raise AssertionError(f"{texts} do not show, or {gone!r} does:\n{self.text}") from None

    async def type(self, keys):
        await self.page.types(keys.encode())

    async def enter_data(self, path):
        """Types the name of a file of samples into its field."""
        await self.type("\x15")
        await self.see("Next field", gone=OUT)
        await self.type(f"{path}\r")

    async def go_to_data(self):
        await self.type("\x10")
        await self.see("play or pause")
        await self.type("field file")
        await self.see("go to the field file", gone="play or pause")
        await self.type("\r")
        await self.see("Next field", "CSV file of x and y")

    @property
    def downloads(self):
        """What was sent to the page, by its name."""
        found = SENT.findall(self.output)
        return {base64.b64decode(name).decode(): base64.b64decode(content) for name, _, content in found}
