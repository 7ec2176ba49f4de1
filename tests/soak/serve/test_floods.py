"""What anybody may send to the port of the server as people start it: others go on, and no line tells of it."""

import asyncio
import json
import os
import random
import socket
import struct
import subprocess
import sys
import time
from contextlib import AsyncExitStack, contextmanager, suppress

import pytest
from command_line import PROGRAM
from notices import without_root
from pages import BINARY, CLOSE, CONTINUATION, GREETING, PING, TEXT, Server, children, frame, gone, handshake, raw
from test_load import MB, own_memory
from trials import FOR_RELEASE, SEED

NAMES = ["Anna", "Ben"]
BYTES = 100_000  # of each attack
SILENT, BURSTS, PINGED = 400, 300, 100 * MB


class Flooded(Server):
    """The server, and the tokens of the attacker and of somebody else."""

    def __init__(self, process, urls):
        (address, _, self.attacker), (*_, self.other) = (url.partition("#") for url in (urls[0], urls[-1]))
        super().__init__(int(address.rstrip("/").rpartition(":")[2]), None, None)
        self.number = process.pid

    async def is_there(self):
        """Loads the page and its files as somebody else, and has a session."""
        for path in ("/", "/page.js", "/xterm.mjs", "/font.woff2"):
            assert (await self.get(path))[0] == 200
        async with self.page(self.other) as page:
            await page.sees(b"\x1b[?1049h")
            page.socket.transport.abort()


@contextmanager
def flooded(folder, names, *options):
    """The command; at its end it has told nothing but objects without a notice, and there is no report of a crash."""
    (folder / "tmp").mkdir()
    environ = os.environ | {"TMPDIR": str(folder / "tmp"), "XDG_STATE_HOME": str(folder / "state"), "HOME": str(folder)}
    environ |= {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    log = folder / "log"
    command = [*PROGRAM, "serve", "--port", "0", "--progress", "jsonl", *options]
    with (
        log.open("wb") as told,
        subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=told, stdin=subprocess.DEVNULL, text=True, cwd=folder, env=environ
        ) as process,
    ):
        try:
            yield Flooded(process, [process.stdout.readline().strip().rpartition("\t")[2] for _ in names or [""]])
        finally:
            process.terminate()
    assert process.returncode == 128 + 15
    records = [json.loads(line) for line in without_root(log.read_text()).splitlines()]
    assert [record for record in records if "notice" in record or "pages" not in record] == []
    assert list(folder.rglob("crash*")) == list((folder / "state").rglob("*")) == os.listdir(folder / "tmp") == []
    assert not children(process.pid)


KINDS = {"alone": [], "a class": NAMES}
DRAWN = [*KINDS] if FOR_RELEASE else [[*KINDS][SEED % len(KINDS)]]


@pytest.fixture(params=[KINDS[kind] for kind in DRAWN], ids=DRAWN)
def served(request, tmp_path):
    (tmp_path / "class.csv").write_text("\n".join(["name", *NAMES]))
    options = ["--names", "class.csv", "--records", "records"] * bool(request.param)
    with flooded(tmp_path, request.param, *options) as server:
        yield server


async def plain(served, data, *, reads=True, resets=False):
    """Sends bytes on a connection of their own, and reads what is answered, or resets it at once."""
    with suppress(OSError):
        reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
        try:
            writer.write(data)
            async with asyncio.timeout(1):
                await (gone(reader) if reads else writer.drain())
        except TimeoutError:
            pass
        finally:
            if resets:
                reset(writer)
            writer.transport.abort()


def reset(writer):
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


async def web(served, data, *, resets=False):
    """Sends bytes on a WebSocket, reads for a moment, and ends it."""
    with suppress(OSError, asyncio.IncompleteReadError):
        async with raw(served, data, token=served.attacker) as (reader, writer):
            with suppress(TimeoutError, ConnectionError):
                async with asyncio.timeout(0.3):
                    await writer.drain()
                    await gone(reader)
            if resets:
                reset(writer)


def request_of(served, method="GET", path="/", *more):
    return "\r\n".join([f"{method} {path} HTTP/1.1", f"Host: {served.host}", *more, "", ""]).encode()


RANDOM = random.Random(0).randbytes(BYTES)
EMPTY = frame(CONTINUATION, fin=False)
FRAGMENTS = frame(BINARY, fin=False) + EMPTY * 4096
ATTACKS = {
    "random bytes": lambda served: [plain(served, RANDOM[at : at + 1000]) for at in range(0, BYTES, 1000)],
    "lines": lambda served: [plain(served, b"hello\r\n" * 1000) for _ in range(BYTES // 7000)],
    "half a request": lambda served: [plain(served, request_of(served)[:-2]) for _ in range(300)],
    "a line without an end": lambda served: [plain(served, b"GET /" + b"x" * BYTES)],
    "a POST": lambda served: [plain(served, request_of(served, "POST", "/", f"Content-Length: {BYTES}") + RANDOM)],
    "many requests in one": lambda served: [plain(served, request_of(served) * (BYTES // 50))],
    "requests whose answers nobody reads": lambda served: [
        plain(served, request_of(served, "GET", "/font.woff2"), reads=False, resets=number % 2) for number in range(300)
    ],
    "a wrong token": lambda served: [plain(served, handshake(served, "x" * 22)) for _ in range(BYTES // 300)],
    "a handshake and more at once": lambda served: [plain(served, handshake(served, served.attacker) + RANDOM)],
    "random frames": lambda served: [web(served, RANDOM[at : at + 1000]) for at in range(0, BYTES, 1000)],
    "no greeting": lambda served: [web(served, b"") for _ in range(100)],
    "another greeting": lambda served: [web(served, frame(TEXT, b'{"size": [0, 1]}')) for _ in range(100)],
    "fragments": lambda served: [web(served, FRAGMENTS) for _ in range(BYTES // 24_000)],
    "fragments in a session": lambda served: [web(served, GREETING + FRAGMENTS + frame(CLOSE)) for _ in range(4)],
    "pings": lambda served: [web(served, GREETING + frame(PING, b"x" * 125) * (BYTES // 131))],
    "pings, and a reset": lambda served: [web(served, frame(PING) * (BYTES // 60), resets=True) for _ in range(10)],
    "typed in a session, and a reset": lambda served: [
        web(served, GREETING + frame(BINARY, b"\x1b[6n" * 8) * (BYTES // 160), resets=True) for _ in range(4)
    ],
    "ends of all kinds": lambda served: [
        web(served, GREETING * (code % 5 == 0) + frame(CLOSE, code.to_bytes(2) + b"\xff" * (code % 3)))
        for code in range(990, 1030)
    ],
}


async def test_attacks_leave_class_unaffected(served):
    await served.is_there()
    for name, attack in ATTACKS.items():
        print(name)
        waiting = attack(served)
        while waiting:
            some, waiting = waiting[:20], waiting[20:]
            await asyncio.gather(*some)
    await served.is_there()


async def test_a_page_loads_beside_silent_connections(served):
    async with AsyncExitStack() as stack:
        kept = []  # else asyncio would close them
        for number in range(SILENT):
            kept.append(await asyncio.open_connection("127.0.0.1", served.port))
            _, writer = kept[-1]
            stack.callback(writer.transport.abort)
            if number % 2:
                writer.write(b"GET / HTTP/1.1\r\n")
        begun = time.monotonic()
        await served.is_there()
        print(f"{time.monotonic() - begun:.2f} s for the page, its files and a session")


async def test_pinging_page_that_never_reads_is_dropped(served):
    await served.is_there()
    before, begun, most, sent = own_memory(served.number), time.monotonic(), 0, 0
    pings = frame(PING, b"x" * 125) * 500
    async with raw(served, GREETING, token=served.attacker) as (reader, writer):
        reader._transport.pause_reading()
        with suppress(ConnectionError):
            while sent < PINGED:
                writer.write(pings)
                sent += len(pings)
                await writer.drain()
                most = max(most, own_memory(served.number) - before)
        assert sent < PINGED
    print(f"{sent / MB:.1f} MB in {time.monotonic() - begun:.2f} s, at most {most / MB:.1f} MB more")
    assert most < 20 * MB
    await served.is_there()


async def test_bursts_of_fragments_are_no_fault(served):
    begun = time.monotonic()
    for number in range(BURSTS):
        async with raw(served, FRAGMENTS + EMPTY * (number % 3), token=served.attacker) as (reader, _):
            if number % 2:  # else it is gone at once
                await gone(reader)
    print(f"{time.monotonic() - begun:.1f} s for {BURSTS} bursts")
    await served.is_there()
