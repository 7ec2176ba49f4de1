"""The messages of a page are read as hostile input: a first one that is none holds no place, and nothing fails."""

import json
import random
import string
from contextlib import suppress

import pytest
from pages import server
from trials import AT_LENGTH
from websockets.exceptions import ConnectionClosed

from quadfit_tui.core.text.language import in_language
from quadfit_tui.serve.messages import IDLE, ClientHello, CloseReason, is_typed, read_greeting, read_size

GREETING = {"size": [80, 24], "again": "x" * 22, "language": "zh_CN", "dark": False}
VALUES = [None, True, -1, 0, 80, 24, 1e300, 10**40, "", "en", "x" * 300, [], [80, 24], [1, 2, 3], {}, {"size": [1, 1]}]


def hostile(rng):
    """A message that a page might send first, of whatever is at hand: text, or bytes."""
    kind = rng.random()
    if kind < 0.2:
        return rng.randbytes(rng.randint(0, 200))
    if kind < 0.4:
        return "".join(rng.choices(string.printable + "\x00é日\u202e", k=rng.randint(0, 100)))
    if kind < 0.5:
        return rng.choice("[{") * rng.randint(1, 30_000)
    if kind < 0.6:
        return json.dumps(rng.choice(VALUES))
    said = dict(GREETING)
    for name in rng.sample([*said, "more"], rng.randint(1, 3)):
        said[name] = rng.choice(VALUES)
    text = json.dumps(said)
    return text if rng.random() < 0.7 else text[: rng.randint(0, len(text))]


def refused(count, seed=1):
    """So many messages that are not those of pages."""
    rng, found = random.Random(seed), []
    while len(found) < count:
        message = hostile(rng)
        if read_greeting(message) is None:
            found.append(message)
    return found


def test_a_greeting_is_read():
    assert read_greeting(json.dumps(GREETING)) == ClientHello((80, 24), "x" * 22, "zh_CN", False)
    assert read_greeting('{"size": [1, 999999999999]}') == ClientHello((1, 999999999999), "", "en", True)
    assert read_greeting('{"size": [80, 24], "language": "tlh", "again": null}') == ClientHello(
        (80, 24), "", "en", True
    )


NONE = ["", "[]", "1", "null", "{}", '{"size": 80}', '{"size": [80]}', '{"size": [80, 24, 1]}', '{"size": [80, "24"]}']
NONE += ['{"size": [80, 24.0]}', '{"size": [true, 24]}', '{"size": [0, 24]}', '{"size": [-80, 24]}', "[" * 60_000]
NONE += ['{"size": [80, 24], "again": 1}', '{"size": [80, 24], "language": []}', '{"size": [80, 24], "dark": "no"}']
ANSWERS = [b"", b"\x1b[3;4R", b"\x1b[3;4R\x1b[12;1R", b"\x1b[?2026;2$y", b"\x1b[?1;2c", b"\x1b[>0;276;0c", b"\x1b[0n"]
ANSWERS += [b"\x1b[I", b"\x1b[O", b"\x1b]11;rgb:1212/1212/1212\x1b\\", b"\x1b]11;rgb:12/12/12\x07", b"\x1bP1+r\x1b\\"]
ANSWERS += [b"\x1b[?997;1n", b"\x1b[?997;2n"]  # dark, light


@pytest.mark.parametrize("text", NONE)
def test_invalid_greeting_is_refused(text):
    assert read_greeting(text) is None
    assert read_greeting(text.encode()) is None


def test_nothing_that_is_sent_fails():
    for number in range(10_000):
        message = hostile(random.Random(number))
        greeting = read_greeting(message)
        assert greeting is None or all(side > 0 for side in greeting.size)
        if isinstance(message, str):
            assert (read_size(message) is None) or read_size(message)[0] > 0


async def greet_with(served, messages):
    """Sends each of some messages as the first one of a page."""
    for message in messages:
        async with served.open() as socket:
            await socket.send(message)
            await socket.wait_closed()
            assert (socket.close_code, socket.close_reason) == (1008, "The first message is not that of a page.")


async def test_invalid_greeting_holds_no_place():
    async with server(most=1) as served:
        await greet_with(served, refused(10_000 if AT_LENGTH else 100))
        assert (served.places.number, served.status.sessions) == (0, 0)


async def test_missing_greeting_holds_no_place():
    async with server(most=1, patience={"greeting": 0.01}) as served, served.open() as socket:
        await socket.wait_closed()
        assert (socket.close_code, served.places.number) == (1008, 0)


async def test_invalid_resize_message_is_ignored():
    async with server() as served, served.page() as page:
        await page.sees(b"size 80 24")
        for message in refused(100, seed=2):
            if isinstance(message, str):
                await page.socket.send(message)
        await page.types(b"x")
        await page.sees(b"typed 78")
        assert page.shown.count(b"size") == 1


async def test_sizes_are_bounded():
    async with server() as served, served.page(size=[10**30, 10**30]) as page:
        await page.sees(b"size 500 200")
        await page.resize(1, 10**12)
        await page.sees(b"size 1 200")


@pytest.mark.parametrize("data", [b"x", b"\x1b", b"\x1b[A", b"\x1bOA", b"\x1b[<0;3;4M", b"\r", b"\x1b[3;4Rx", b"\x03"])
def test_keys_and_the_mouse_are_typed(data):
    assert is_typed(data)


@pytest.mark.parametrize("data", ANSWERS)
def test_terminal_answers_are_not_typed(data):
    assert not is_typed(data)


async def test_answers_alone_do_not_keep_a_session():
    async with server(idle=0.3) as served, served.page() as page:
        with suppress(ConnectionClosed):
            while True:
                await page.types(b"\x1b[3;4R")
                await page.socket.recv()
        assert page.socket.close_code == IDLE.code


def test_close_reason_is_translated_and_truncated():
    with in_language("zh_CN"):
        assert IDLE.reason("en") == "Nothing was typed for a long time."
    assert CloseReason(4000, "日" * 100).reason("en") == "日" * 41
