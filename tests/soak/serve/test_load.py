"""What many pages, idle ones and hostile ones cost a server, and what is left of them: nothing."""

import asyncio
import os
import random
import signal
import sys
from contextlib import asynccontextmanager, suppress

import pytest
from command_line import PROGRAM
from harness import APP, Program
from pages import GREETING, Page, Server, children, raw, server, sessions_of, until
from pages import PROGRAM as ECHO
from random_input import pieces
from trials import FOR_RELEASE, drawn
from websockets.exceptions import ConnectionClosed

from quadfit_tui.serve.messages import MOST_BYTES

MB = 1 << 20
QUESTION, ANSWER = b"\x1b[6n", b"\x1b[1;1R"
# It shows more and more, and takes nothing of what is typed.
FLOOD = "import os\nwhile True: os.write(1, b'x' * 4096)"
SERVED = """
import sys
from pages import TOKEN, Spawned, running
from quadfit_tui.serve.server import ServerOptions, bind, run
listening = bind("127.0.0.1", 0)
served = ServerOptions(Spawned, 40, 600.0, running(sys.argv[1]), {}, str.encode, {TOKEN: ""})
tell = warn = lambda _: None
def fault(failure):
    print("fault", failure, flush=True)
begun = lambda: print(listening.getsockname()[1], flush=True)
run(listening, "127.0.0.1", served, begun=begun, tell=tell, warn=warn, fault=fault)
"""


def memory(number):
    """The memory of a process in bytes, of what it shares its part."""
    with open(f"/proc/{number}/smaps_rollup") as about:
        return next(int(line.split()[1]) << 10 for line in about if line.startswith("Pss:"))


def own_memory(number):
    """What a process has of its own: of files that it shares, its part grows as other programs end."""
    with open(f"/proc/{number}/smaps_rollup") as about:
        return next(int(line.split()[1]) << 10 for line in about if line.startswith("Anonymous:"))


def descriptors(number):
    return len(os.listdir(f"/proc/{number}/fd"))


@asynccontextmanager
async def process(*command):
    """A server in a process of its own, which tells its port, or address, first; at its end it has told no more."""
    environ = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    begun = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE, env=environ)
    try:
        first = (await begun.stdout.readline()).decode().strip().rstrip("/")
        served = Server(int(first.rpartition(":")[2]), None, None)
        served.number = begun.pid
        yield served
    finally:
        begun.terminate()
        rest, _ = await begun.communicate()
    assert rest == b""
    assert not children(begun.pid)


def stand_in(script):
    """A server whose pages have a script in the place of the app."""
    return process(sys.executable, "-c", SERVED, script)


def program(*args):
    """The server as people start it."""
    return process(*PROGRAM, "serve", "--port", "0", "--progress", "none", *args)


class Shown(Page):
    """A page that answers the questions of the app, as a terminal does, and reads on."""

    @classmethod
    async def of(cls, served, token=None, **greeting):
        page = cls(await served.open(token))
        await page.greet(**greeting)
        page.answers = set()
        page.reading = asyncio.ensure_future(page._read())
        return page

    async def _read(self):
        async for message in self.socket:
            self.shown += message
            for _ in range(message.count(QUESTION)):  # while it reads on, as browsers do whatever they have to send
                self.answers.add(asyncio.ensure_future(self._answer()))

    async def _answer(self):
        with suppress(ConnectionClosed):
            await self.socket.send(ANSWER)
        self.answers.discard(asyncio.current_task())

    async def has_shown(self, length=3000):
        while len(self.shown) < length:
            assert not self.reading.done(), self.shown[-500:]
            await asyncio.sleep(0.05)

    async def leave(self):
        """As a browser does whose tab is closed."""
        self.reading.cancel()
        await self.socket.close(1001)


async def test_forty_pages_take_little_and_leave_nothing():
    async with program() as served:
        pages = await asyncio.gather(*(Shown.of(served) for _ in range(40)))
        await asyncio.gather(*(page.has_shown() for page in pages))
        assert len(sessions_of(served.number)) == 40
        print(f"the server has {memory(served.number) / MB:.1f} MB")
        assert memory(served.number) < 30 * MB
        await asyncio.gather(*(page.leave() for page in pages))
        await asyncio.sleep(3)
        assert sessions_of(served.number) == []


async def test_sessions_come_and_go_apart_and_leave_nothing():
    """Ten at once, of which one is killed: in two languages, dark and light, with a file of their own."""
    async with program("--file", "README.md") as served:
        (forking,) = children(served.number)
        kept = None
        for turn in range(30 if FOR_RELEASE else 4):
            asked = [{"language": ("en", "zh_CN")[number % 2], "dark": number % 3 > 0} for number in range(10)]
            pages = await asyncio.gather(*(Shown.of(served, **greeting) for greeting in asked))
            await asyncio.gather(*(page.has_shown() for page in pages))
            for page, greeting in zip(pages, asked, strict=True):
                assert ("就绪".encode() in page.shown) == (greeting["language"] == "zh_CN")
                assert (b"READY" in page.shown) == (greeting["language"] == "en")
            numbers = sessions_of(served.number)
            folders = {os.readlink(f"/proc/{number}/cwd") for number in numbers}
            assert len(folders) == len(numbers) == 10
            assert all(os.listdir(folder) == ["README.md"] for folder in folders)
            for number in numbers:
                files = {os.readlink(f"/proc/{number}/fd/{name}") for name in os.listdir(f"/proc/{number}/fd")}
                assert sum(file.startswith("/dev/pts/") for file in files) == 1  # its own terminal, of no other
                assert not any("ptmx" in file or "TCP" in file for file in files)
            os.kill(numbers[turn % 10], signal.SIGKILL)
            await asyncio.gather(*(page.leave() for page in pages))
            await until(lambda: not sessions_of(served.number) and not any(map(os.path.exists, folders)))  # noqa: B023
            if turn == 1:  # from here on all is loaded
                kept = [(own_memory(number), descriptors(number)) for number in (served.number, forking)]
        for number, (memory_then, descriptors_then) in zip((served.number, forking), kept, strict=True):
            assert own_memory(number) < memory_then + 2 * MB
            assert descriptors(number) == descriptors_then
            assert len(os.listdir(f"/proc/{number}/task")) <= 2
        assert len(os.listdir(f"/proc/{forking}/task")) == 1


async def test_page_traffic_is_near_terminal_traffic():
    played = ("--preset", "article", "--epochs", "1000000", "--stop-on", "never", "--play", "--speed", "10")
    async with program("--", *played) as served:
        page = await Shown.of(served)
        await page.has_shown()
        terminal = Program("--no-settings", "--no-record", *played, command=APP, answers=True)
        try:
            await asyncio.to_thread(terminal.wait, lambda: len(terminal.output) > 3000)
            shown, written = len(page.shown), len(terminal.output)
            await asyncio.to_thread(terminal.read, 10)
            shown, written = len(page.shown) - shown, len(terminal.output) - written
        finally:
            terminal.close()
        print(f"{shown} bytes of a page, {written} of a terminal: {shown / written:.2f}")
        assert shown < 1.15 * written
        await page.leave()


async def test_successive_pages_leak_no_memory_or_descriptors():
    async with stand_in(ECHO) as served:
        before = None
        for number in range(120):
            async with served.open() as socket:
                page = Page(socket)
                await page.greet()
                await page.sees(b"size")
                await page.types(b"q")
                await page.end()
            if number == 19:  # from here on all is loaded
                before = own_memory(served.number), descriptors(served.number)
        await until(lambda: descriptors(served.number) <= before[1])
        print(f"{(own_memory(served.number) - before[0]) / MB:.2f} MB more after 100 pages")
        assert own_memory(served.number) < before[0] + MB
        assert children(served.number) == []


async def test_many_requests_leak_no_memory_or_descriptors():
    async with program() as served:
        for number in range(3500):
            if number == 500:
                before = own_memory(served.number), descriptors(served.number)
            assert (await served.get("/nothing"))[0] == 404
        await until(lambda: descriptors(served.number) <= before[1])
        print(f"{(own_memory(served.number) - before[0]) / MB:.2f} MB more after 3,000 requests")
        assert own_memory(served.number) < before[0] + MB


async def test_a_page_that_reads_nothing_takes_nothing():
    async with stand_in(FLOOD) as served:
        async with served.open() as warm:
            await Page(warm).greet()
            await warm.recv()
        before = own_memory(served.number)
        async with raw(served, GREETING):
            for _ in range(30):
                await asyncio.sleep(0.1)
                assert own_memory(served.number) < before + MB
            print(f"{(own_memory(served.number) - before) / MB:.2f} MB more")


TYPES_MUCH = {
    "long messages to a program that takes nothing": (FLOOD, MOST_BYTES),
    "short messages to a program that takes nothing": (FLOOD, 1),
    "long messages to one that takes all": (ECHO, MOST_BYTES),
    "short messages to one that takes all": (ECHO, 1),
}


@pytest.mark.parametrize("case", drawn([*TYPES_MUCH], 1))
async def test_a_page_that_types_much_takes_nothing(case):
    script, length = TYPES_MUCH[case]
    async with stand_in(script) as served:
        async with served.open() as warm:
            await Page(warm).greet()
            await warm.recv()
            with suppress(TimeoutError):  # by a program that takes nothing
                async with asyncio.timeout(1):
                    for _ in range(32):
                        await warm.send(b"x" * MOST_BYTES)
        before = own_memory(served.number)
        async with served.open() as socket:
            await Page(socket).greet()

            async def read():
                async for _ in socket:
                    pass

            async def flood():
                for number in range(24 * MB // length):
                    await socket.send(b"x" * length)
                    if number % 64 == 0:  # else nobody looks at the memory as long as there is room for more
                        await asyncio.sleep(0)

            tasks = [asyncio.ensure_future(read()), asyncio.ensure_future(flood())]
            most = 0
            for _ in range(100 if FOR_RELEASE else 40):
                await asyncio.sleep(0.05)
                most = max(most, own_memory(served.number) - before)
            for task in tasks:
                task.cancel()
            print(f"at most {most / MB:.2f} MB more")
            assert most < 2 * MB  # of 24 that were typed
            socket.transport.abort()


async def test_random_input_is_survived():
    async with program() as served:
        pages = await asyncio.gather(*(Shown.of(served) for _ in range(4)))
        await asyncio.gather(*(page.has_shown() for page in pages))

        async def type_at_random(page, rng):
            end = asyncio.get_running_loop().time() + 30
            with suppress(ConnectionClosed):  # it is left in the middle
                while asyncio.get_running_loop().time() < end:
                    for piece in pieces(rng, 5):
                        if isinstance(piece, tuple):
                            await page.resize(*piece[::-1])
                        elif isinstance(piece, bytes):
                            for at in range(0, min(len(piece), 1 << 18), MOST_BYTES):
                                await page.types(piece[at : at + MOST_BYTES])
                    await asyncio.sleep(0.05)

        await asyncio.gather(*(type_at_random(page, random.Random(number)) for number, page in enumerate(pages)))
        for page in pages:  # it may have been left
            assert page.socket.close_code in (None, 1000), page.socket.close_reason
            assert b"Traceback" not in page.shown
        assert memory(served.number) < 30 * MB


async def test_concurrent_pages_respect_place_limit():
    async with server(ECHO, most=10) as served:
        opened = await asyncio.gather(*(_try(served) for _ in range(40)))
        assert sum(page is not None for page in opened) == 10
        assert served.places.number == 10


async def _try(served):
    try:
        page = Page(await served.open())
        await page.greet()
    except Exception:
        return None
    return page
