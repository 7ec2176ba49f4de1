"""Connections: which of too many are dropped, how long a silent one stays, and how much a page may leave unread."""

import asyncio
import logging
from contextlib import AsyncExitStack
from types import SimpleNamespace

import pytest
from pages import GREETING, PING, frame, gone, raw, server, until
from websockets.asyncio.messages import Assembler
from websockets.frames import Frame, Opcode

from quadfit_tui.serve.connections import Connections, most_connections

FLOOD = "import os\nwhile True: os.write(1, b'x' * 4096)"
AWAY = ["192.0.2.1", "192.0.2.2", "2001:db8::1"]


class Stub:
    """A connection that knows whether it was aborted."""

    def __init__(self):
        self.is_aborted = False
        self.transport = SimpleNamespace(abort=self.abort)

    def abort(self):
        self.is_aborted = True


def counted(places=2, is_proxied=False):
    return Connections(places, is_proxied, None)


def opened(counts, address, number=1):
    """New connections from an address."""
    made = [Stub() for _ in range(number)]
    for each in made:
        counts.opened(each, address)
    return made


async def cut_off(writer):
    """Waits until a connection is no more, whatever was not read of it."""
    while not writer.transport.is_closing():
        writer.write(frame(PING))
        await asyncio.sleep(0.05)


def aborted(stubs):
    return [each.is_aborted for each in stubs]


@pytest.mark.parametrize("address", AWAY)
def test_silent_connections_per_address_are_limited(address):
    counts = counted(places=2)
    others = opened(counts, "192.0.2.9", 4)
    assert aborted(opened(counts, address, 6)) == [True, True, False, False, False, False]
    assert not any(aborted(others))


@pytest.mark.parametrize("address", ["127.0.0.1", "127.0.0.2", "::1", "::ffff:127.0.0.1"])
def test_those_of_this_machine_are_not_counted(address):
    assert not any(aborted(opened(counted(), address, 100)))
    assert not any(aborted(opened(counted(is_proxied=True), AWAY[0], 100)))


def test_active_connections_are_not_counted():
    counts = counted(places=1)
    answered, shown = opened(counts, AWAY[0], 2)
    counts.answered(answered)
    with counts.shown(shown):
        assert not any(aborted([answered, shown, *opened(counts, AWAY[0], 2)]))


def test_full_server_drops_oldest_silent_connection():
    counts = counted(places=2)
    answered, silent, shown = opened(counts, "::1", 3)
    counts.answered(answered)
    with counts.shown(shown):
        rest = opened(counts, "::1", most_connections(2) - 3)
        assert not any(aborted([answered, silent, shown, *rest]))
        more = opened(counts, "::1", 2)
        assert aborted([answered, shown, silent, *rest[:2], *more]) == [False, False, True, True, False, False, False]


def test_full_server_drops_oldest_answered_connection():
    counts = counted(places=2)
    (shown,) = opened(counts, "::1")
    with counts.shown(shown):
        answered = opened(counts, "::1", most_connections(2) - 2)
        for each in answered:
            counts.answered(each)
        newcomers = opened(counts, "::1", 3)
        assert aborted([shown, *newcomers, *answered[:3]]) == [False, False, False, False, True, True, False]


def test_one_that_has_closed_takes_no_place():
    counts = counted(places=1)
    for _ in range(10):
        (one,) = opened(counts, AWAY[0])
        counts.closed(one)
    (one,) = opened(counts, AWAY[0])
    with counts.shown(one):
        counts.closed(one)
    assert not any(aborted(opened(counts, AWAY[0], 2)))


def test_silent_pages_per_name_are_limited():
    counts = counted(places=40)
    hers, his = opened(counts, AWAY[0], 6), opened(counts, AWAY[0], 4)
    for each in hers:
        counts.named(each, "Ann")
    for each in his:
        counts.named(each, "Ben")
    assert aborted(hers) == [True, True, False, False, False, False]
    assert not any(aborted(his))


async def test_page_loads_despite_silent_connections():
    async with server(most=1) as served:
        silent = [await asyncio.open_connection("127.0.0.1", served.port) for _ in range(most_connections(1) + 3)]
        ends = [asyncio.ensure_future(gone(reader)) for reader, _ in silent]
        await until(lambda: sum(end.done() for end in ends) == 3)
        assert [end.done() for end in ends] == [True] * 3 + [False] * most_connections(1)
        assert (await served.get("/"))[0] == 200
        async with served.page() as page:
            await page.sees(b"size")
            for _ in range(8):
                silent.append(await asyncio.open_connection("127.0.0.1", served.port))
            await page.types(b"x")
            await page.sees(b"typed 78")
        for _, writer in silent:
            writer.close()
        await asyncio.gather(*ends)


async def test_incomplete_request_times_out():
    async with server(patience={"request": 0.2}) as served, served.page() as page:
        await page.sees(b"size")
        ends = []
        for sent in (b"", b"GET / HTTP/1.1\r\nHost: a\r\n", b"hello\r\n"):
            reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
            writer.write(sent)
            ends.append((reader, writer))
        for reader, writer in ends:
            await gone(reader)
            writer.close()
        await asyncio.sleep(0.3)
        await page.types(b"x")
        await page.sees(b"typed 78")


@pytest.mark.parametrize("tokens", [{"a": ""}, {"a": "Ann", "b": "Ben"}])
async def test_silent_pages_do_not_block_others(tokens):
    async with server(tokens=tokens, most=3) as served, AsyncExitStack() as held:
        silent = [await held.enter_async_context(raw(served, token="a")) for _ in range(70)]
        if tokens["a"]:
            await asyncio.gather(*(gone(reader) for reader, _ in silent[:-4]))  # the oldest ones of this name
        assert not any(reader.at_eof() for reader, _ in silent[-4:])
        for token in tokens:
            async with served.page(token) as page:
                await page.sees(b"size")


async def test_pinging_page_that_never_reads_is_aborted():
    patience = {"lost": 0, "ping": 1000}  # so nobody asks whether it is there
    async with server(patience=patience) as served, raw(served, GREETING) as (reader, writer):
        reader._transport.pause_reading()
        await until(lambda: served.status.pages)
        pings = frame(PING, b"x" * 125) * 500
        for _ in range(1000):  # 65 MB, of which the server takes less than one, and those on the way
            writer.write(pings)
            try:
                await writer.drain()
            except ConnectionError:
                break
        else:
            pytest.fail("it is taken on and on")
        await until(lambda: not served.places.number)


async def test_pinging_page_that_reads_is_answered():
    async with server() as served, served.page() as page:
        await page.sees(b"size")
        for _ in range(20):
            pongs = [await page.socket.ping(b"%d" % number + b"x" * 100) for number in range(100)]
            await asyncio.gather(*pongs)
        await page.types(b"x")
        await page.sees(b"typed 78")


async def test_unresponsive_page_is_aborted():
    patience = {"ping": 0.01, "answer": 0.1, "farewell": 1000}
    async with server(FLOOD, patience=patience) as served, raw(served, GREETING) as (reader, writer):
        reader._transport.pause_reading()
        await until(lambda: served.status.waiting)
        await cut_off(writer)


async def test_close_handshake_times_out():
    async with server(FLOOD, idle=0.5, patience={"farewell": 0.2}) as served, raw(served, GREETING) as (reader, writer):
        reader._transport.pause_reading()
        await cut_off(writer)


async def test_what_asyncio_logs_is_not_printed(capfd, caplog):
    logger = logging.getLogger("asyncio")
    caplog.set_level(logging.WARNING, "asyncio")  # which a test of a cluster may have turned off
    before = logger.handlers[:]
    async with server() as served:
        logger.warning("socket.send() raised exception.")
        logger.error("it is broken")
        (fault,) = served.faults
        assert "it is broken" in str(fault)
        served.faults.clear()
    assert capfd.readouterr() == ("", "")
    assert logger.handlers == before


@pytest.mark.parametrize(
    ("failure", "is_told"),
    [(AssertionError("ours"), True), (ValueError("ours"), True), (ConnectionResetError(), False), (EOFError(), False)],
)
async def test_faults_are_those_of_the_program(failure, is_told):
    async with server() as served:
        asyncio.get_running_loop().call_exception_handler({"message": "it failed", "exception": failure})
        assert served.faults == [failure] * is_told
        served.faults.clear()


async def test_library_assertion_is_no_fault():
    async with server() as served:
        left_over = Assembler()
        left_over.put(Frame(Opcode.CONT, b""))
        with pytest.raises(AssertionError) as failure:
            await left_over.get()
        asyncio.get_running_loop().call_exception_handler({"message": "it failed", "exception": failure.value})
        assert served.faults == []
