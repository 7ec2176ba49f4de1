"""Sessions of pages: what a program of each shows, which page has it, and when it ends."""

import asyncio
import errno
import json
import os
import select
import tempfile
from contextlib import AsyncExitStack, suppress

import pytest
from pages import DEAF, SIZE, TELLS, TOKEN, Page, is_alive, server, until
from websockets.exceptions import ConnectionClosed


async def test_pages_have_separate_programs():
    async with server() as served, served.page() as one, served.page(size=[100, 30]) as other:
        await one.sees(b"size 80 24")
        await other.sees(b"size 100 30")
        await one.types(b"x")
        await one.sees(b"typed 78")
        await one.resize(50, 20)
        await one.sees(b"size 50 20")
        assert b"typed" not in other.shown
        assert one.session != other.session
        assert (served.status.pages, served.status.sessions) == (2, 2)


async def test_program_exit_closes_page():
    async with server() as served, served.page() as page:
        await page.sees(b"size")
        await page.types(b"q")
        assert await page.end() == (1000, "You have left the program.")
        assert (served.status.pages, served.status.failed, served.places.number) == (0, 0, 0)


@pytest.mark.parametrize("end", ["raise SystemExit(130)", "os.kill(0, signal.SIGINT)", "os.kill(0, signal.SIGQUIT)"])
async def test_exit_by_terminal_key_closes_page(end):
    async with server(f"import os, signal\nsignal.signal(signal.SIGINT, signal.SIG_DFL)\n{end}") as served:
        async with served.page() as page:
            assert await page.end() == (1000, "You have left the program.")
        assert served.status.failed == 0


async def test_a_program_that_fails_is_told():
    async with server("raise SystemExit(7)") as served, served.page() as page:
        assert await page.end() == (4002, "The program ended with exit code 7.")
        assert (served.status.failed, served.status.pages) == (1, 0)


def refuse(*_):
    raise OSError


async def test_failed_start_frees_place(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    async with server(start=refuse) as served, served.open() as socket:
        await socket.send(json.dumps({"size": SIZE}))
        await socket.wait_closed()
        assert (socket.close_code, socket.close_reason) == (4003, "The program could not be started.")
        assert served.places.number == 0
        assert os.listdir(tmp_path) == []


async def test_pages_per_name_are_limited():
    async with server(tokens={"hers": "Ann", "his": "Ben"}, most=9) as served, AsyncExitStack() as opened:
        hers = [await opened.enter_async_context(served.page("hers")) for _ in range(4)]
        async with served.open("hers") as more:
            await more.send(json.dumps({"size": SIZE}))
            await more.wait_closed()
            told = (1013, "Your address is already open in several pages; close one of them.")
            assert (more.close_code, more.close_reason) == told
        await opened.enter_async_context(served.page("his"))
        await hers[0].sees(b"size")
        await hers[0].types(b"q")
        await hers[0].end()
        await opened.enter_async_context(served.page("hers"))


async def test_last_output_before_exit_is_shown(monkeypatch):
    """Linux may tell of the end before the last of what was written has come over to the reader."""
    read, told = os.read, []

    def told_too_early(descriptor, most):
        if not told:
            told.append(descriptor)
            ended = select.poll()
            ended.register(descriptor, 0)  # which tells of a hang-up alone
            ended.poll()
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return read(descriptor, most)

    async with server("print('the last line')") as served:
        monkeypatch.setattr(os, "read", told_too_early)
        async with served.page() as page:
            assert (await page.end())[0] == 1000
    assert (page.shown, len(told)) == (b"the last line\r\n", 1)


async def test_reconnected_page_keeps_its_program():
    async with server(TELLS) as served:
        async with served.page() as page:
            number = await page.number()
            await page.sees(b"size 80 24")
        await until(lambda: served.status.waiting)
        async with served.page(again=page.session, size=[90, 30]) as back:
            assert back.session == page.session
            await back.sees(b"size 90 30")  # which it shows as it is continued
            await back.types(b"x")
            await back.sees(b"typed 78")
            assert (served.status.waiting, served.status.sessions) == (0, 1)
            assert is_alive(number)


async def test_broken_connection_keeps_its_program():
    async with server(TELLS, patience={"away": 0}) as served:
        async with served.page() as page:
            number = await page.number()
            page.socket.transport.abort()
        await until(lambda: served.status.waiting)
        async with served.page(again=page.session) as back:
            await back.sees(b"size 80 24")
            assert back.session == page.session
            assert is_alive(number)


async def test_abandoned_session_is_ended():
    async with server(TELLS, patience={"away": 0}) as served:
        async with served.page() as page:
            number = await page.number()
        await until(lambda: not served.places.number)
        assert not is_alive(number)
        async with served.page(again=page.session) as late:
            assert late.session != page.session


async def test_broken_session_ends_after_timeout():
    async with server(TELLS, patience={"lost": 0}) as served:
        async with served.page() as page:
            number = await page.number()
            page.socket.transport.abort()
        await until(lambda: not served.places.number)
        assert not is_alive(number)


async def test_a_page_that_answers_nothing_is_lost():
    patience = {"lost": 0, "ping": 0.01, "answer": 0.5}
    async with server(TELLS, patience=patience) as served, served.page() as page:
        number = await page.number()
        page.socket.transport.pause_reading()
        await until(lambda: not served.places.number)
        assert not is_alive(number)
        page.socket.transport.abort()


async def test_typing_page_without_pongs_stays_connected(monkeypatch):
    async with server(patience={"ping": 0.01, "answer": 0.3}) as served, served.page() as page:
        await page.sees(b"size")
        monkeypatch.setattr(page.socket.protocol, "send_pong", lambda _data: None)
        for _ in range(50):
            await page.types(b"x")
            await asyncio.sleep(0.01)
        assert served.status.pages == 1
        page.socket.transport.abort()


async def test_input_to_stuck_program_is_dropped():
    stuck = "import time, tty; tty.setraw(0); print('here', flush=True); time.sleep(600)"
    async with server(stuck, patience={"stuck": 0.02}) as served, served.page() as page:
        await page.sees(b"here")
        for _ in range(20):
            await page.types(b"x" * 20_000)
        await (await page.socket.ping())  # so all of it is read
        assert served.status.received == 400_000


async def test_page_with_unread_input_gets_farewell():
    ends = "import time, tty; tty.setraw(0); print('here', flush=True); time.sleep(0.3)"
    async with server(ends, patience={"farewell": 1000}) as served, served.page() as page:
        await page.sees(b"here")
        typing = asyncio.ensure_future(type_on(page))
        assert await page.end() == (1000, "You have left the program.")
        await typing


async def type_on(page):
    with suppress(ConnectionClosed):
        while True:
            await page.types(b"x" * 20_000)


async def test_another_page_takes_it_over():
    async with server() as served, served.page() as one:
        await one.sees(b"size 80 24")
        async with served.page(again=one.session, size=[70, 20]) as other:
            assert await one.end() == (4001, "Another page shows this session now.")
            await other.sees(b"size 70 20")
            await other.types(b"x")
            await other.sees(b"typed 78")
            assert served.status.pages == 1
        assert served.places.number == 1


async def test_deaf_process_group_is_killed():
    async with server(DEAF, patience={"away": 0, "lost": 0, "hangup": 0.05}) as served:
        async with served.page() as page:
            numbers = [await page.number(), await page.number(b"below")]
            assert all(map(is_alive, numbers))
        await until(lambda: not served.places.number)
        await until(lambda: not any(map(is_alive, numbers)))  # the system waits for what is below


async def test_the_end_of_the_server_ends_all():
    async with server(DEAF, patience={"hangup": 0.05}) as served:
        async with served.page() as left:
            numbers = [await left.number()]
        await until(lambda: served.status.waiting)
        page = await stay(served)
        numbers.append(await page.number())
    assert await page.end() == (1001, "The server was stopped.")
    assert not any(map(is_alive, numbers))


async def test_no_session_begins_while_the_server_ends():
    async with server() as served:
        await served.places.end()
        async with served.open() as socket:
            await socket.send(json.dumps({"size": SIZE}))
            await socket.wait_closed()
            assert (socket.close_code, served.places.number) == (1001, 0)


async def test_shutdown_does_not_wait_for_idle_connections():
    async with server(patience={"response": 1000, "closing": 0.2}) as served:
        idle = [await asyncio.open_connection("127.0.0.1", served.port) for _ in range(3)]
        page = await stay(served)
        await page.sees(b"size")
        page.socket.transport.pause_reading()  # and so agrees to no end
    for reader, writer in idle:
        with suppress(ConnectionError):
            assert await reader.read() == b""
        writer.close()
    page.socket.transport.abort()


async def stay(served):
    """A page that nobody closes."""
    page = Page(await served.open())
    await page.greet()
    return page


async def test_a_page_where_nobody_types_loses_it():
    async with server(idle=0.05) as served, served.page() as page:
        assert await page.end() == (4000, "Nothing was typed for a long time.")
        await until(lambda: not served.places.number)


async def test_full_server_refuses_until_a_place_frees():
    async with server(most=1) as served:
        async with served.page() as page:
            assert (await served.get("/session", authorization=f"Bearer {TOKEN}"))[0] == 503
        await until(lambda: served.status.waiting)
        async with served.open() as socket:  # as one that comes back is let in
            await socket.send(json.dumps({"size": SIZE}))
            await socket.wait_closed()
            assert (socket.close_code, socket.close_reason) == (1013, "All places are taken; try again later.")
        async with served.page(again=page.session) as back:
            await back.sees(b"size")
            await back.types(b"q")
            assert (await back.end())[0] == 1000
        await until(lambda: not served.places.number)
        async with served.page() as next_one:
            await next_one.sees(b"size")


async def test_reconnect_to_full_server_keeps_place():
    async with server(most=1) as served, served.page() as page:  # whose line broke, which nobody has noticed yet
        ask = {"authorization": f"Bearer {TOKEN}"}
        assert (await served.get("/session", quadfit_session=page.session, **ask))[0] == 426
        assert (await served.get("/session", quadfit_session="another", **ask))[0] == 503
        async with served.open(subprotocols=["quadfit", TOKEN, f"session.{page.session}"]) as socket:
            back = Page(socket)
            await back.greet(again=page.session)
            assert back.session == page.session
            assert (await page.end())[0] == 4001


async def test_other_name_cannot_resume_session():
    async with server(tokens={"a" * 22: "anna", "b" * 22: "ben"}) as served:
        async with served.open("a" * 22) as socket:
            await socket.send(json.dumps({"size": SIZE}))
            session = json.loads(await socket.recv())["session"]
        async with served.open("b" * 22) as socket:
            await socket.send(json.dumps({"size": SIZE, "again": session}))
            assert json.loads(await socket.recv())["session"] != session
