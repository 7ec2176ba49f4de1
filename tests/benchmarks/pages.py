"""Pages of a class, as browsers have them but without a browser: what `serve` takes for all of them on this machine.

The pages are in this process, so that a core has less for the server: `client` is how much of one they take.
"""

import asyncio
import json
import os
import re
import signal
import sys
import time
from pathlib import Path
from statistics import mean, median

from terminals import _ESCAPES, ANSWERS, PATIENCE
from websockets.asyncio.client import connect

SIZE, LARGER = [80, 24], [80, 25]
SPEED = 10  # epochs a second
SETTLED, MEASURED = 10, 10  # seconds of playing
LETTERS = "QZXJWYK"  # which are in nothing else that changes
RUN = "--preset", "noisy", "--epochs", "100000", "--stop-on", "never", "--speed", str(SPEED)


class Page:
    """A page: `output` is what it was sent last, `frames` how many pictures in all."""

    def __init__(self, port):
        self.output, self.frames = b"", 0
        self._port = port

    async def open(self):
        address = f"127.0.0.1:{self._port}"
        self._socket = await connect(
            f"ws://{address}/session", origin=f"http://{address}", subprotocols=["quadfit"],
            compression=None, proxy=None, ping_interval=None, max_size=None,
        )  # fmt: skip
        await self._socket.send(json.dumps({"size": SIZE, "language": "en", "dark": True}))
        self._reading = asyncio.create_task(self._read())

    async def _read(self):
        async for message in self._socket:
            if isinstance(message, bytes):
                self.output = (self.output + message)[-100_000:]
                self.frames += message.count(b"\x1b[?2026l")
                for question, answer in ANSWERS.items():
                    for _ in range(message.count(question)):
                        await self._socket.send(answer)

    async def send(self, keys):
        await self._socket.send(keys if isinstance(keys, bytes) else keys.encode())

    async def until(self, *texts):
        """Waits until all of these were sent since `output` was emptied last."""
        async with asyncio.timeout(PATIENCE):
            while not all(text in self.text for text in texts):
                await asyncio.sleep(0.004)

    @property
    def text(self):
        return _ESCAPES.sub(b"", self.output).decode(errors="replace")

    async def echo(self, letter):
        """The milliseconds from a letter to its picture in a field."""
        self.output, began = b"", time.perf_counter()
        await self.send(letter)
        await self.until(letter)
        return 1000 * (time.perf_counter() - began)

    async def epoch(self):
        """The epoch on the screen, by a size that has all of it sent again."""
        self.output = b""
        await self._socket.send(json.dumps({"size": LARGER}))
        await self.until("mean loss")
        await asyncio.sleep(0.5)
        return max(map(int, re.findall(r"epoch\s+(\d+)", self.text)), default=0)


def sessions_of(number):
    """The processes that a server has started, and that have started none themselves."""
    below = [int(child) for child in Path(f"/proc/{number}/task/{number}/children").read_text().split()]
    return [session for child in below for session in sessions_of(child) or [child]]


def memory(number):
    """Its share of the memory in MB: of what processes have in common, each has a part."""
    rollup = Path(f"/proc/{number}/smaps_rollup").read_text()
    return int(re.search(r"^Pss:\s+(\d+)", rollup, re.MULTILINE)[1]) / 1024


async def typed(page, number):
    """What each letter takes on one of the pages, which are typed on one after the other, not at once."""
    await page.send("l")
    await page.until("Next field")
    await asyncio.sleep(0.1 * number)
    waits = []
    for letter in LETTERS:
        waits.append(await page.echo(letter))
        await asyncio.sleep(1)
    await page.send("\x1b")
    return waits


async def figures_of(port, server, count):
    began = time.perf_counter()
    pages = [Page(port) for _ in range(count)]
    await asyncio.gather(*(page.open() for page in pages))
    await asyncio.gather(*(page.until("mean loss", "READY") for page in pages))
    opened = time.perf_counter() - began
    for page in pages:
        await page.send(" ")
    played = time.perf_counter()
    await asyncio.sleep(SETTLED)
    before, used, since = [page.frames for page in pages], time.process_time(), time.perf_counter()
    await asyncio.sleep(MEASURED)
    passed = time.perf_counter() - since
    client = 100 * (time.process_time() - used) / passed
    frames = [(page.frames - first) / passed for page, first in zip(pages, before, strict=True)]
    shares = [memory(session) for session in sessions_of(server)]
    letters = await asyncio.gather(*(typed(page, at) for at, page in enumerate(pages)))
    waits = sorted(wait for page in letters for wait in page)
    late = []
    for page in pages:
        due = SPEED * (time.perf_counter() - played)
        late.append(due - await page.epoch())
    print(f"late by {median(late):.0f} epochs, at most {max(late):.0f}; {len(waits)} letters", file=sys.stderr)
    return {
        "opened": opened,
        "MB": mean(shares),
        "most": max(shares),
        "ms": median(waits),
        "slow": waits[len(waits) * 95 // 100],
        "gap": 1000 / max(min(frames), 0.01),
        "late": max(late) / SPEED,
        "client": client,
    }


async def figures(count):
    """The figures of a server that has so many pages, each of which plays."""
    command = [sys.executable, "-m", "quadfit_tui", "serve", "--port", "0", "--most", str(count), "--", *RUN]
    pipe, null = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
    environ = os.environ
    server = await asyncio.create_subprocess_exec(*command, stdout=pipe, stderr=null, env=environ)
    try:
        port = int(re.search(rb":(\d+)/", await server.stdout.readline())[1])
        await asyncio.sleep(4)  # as long as a teacher takes to say it
        return await figures_of(port, server.pid, count)
    finally:
        server.send_signal(signal.SIGTERM)
        await server.wait()
