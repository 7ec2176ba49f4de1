"""Keys and pastes in one packet, and floods of them, on a real terminal: the program lives on, and ends in order."""

import os
import random
import re
import signal
from contextlib import suppress
from pathlib import Path

import pytest
from documents import MANUAL
from trials import variants


def test_400_keys_in_one_packet_arrive(terminal):
    app = terminal("-p", "article", answers=True)
    app.until("READY")
    app.send("n" * 400)
    app.send("b")
    app.until("update 399 of")


# More than can be done within the patience of a test, and in no brackets: what takes a program to its end is left out.
PROSE = "".join(MANUAL.values()).encode().replace(b"\n", b"\r").replace(b"q", b"")
_KEYS = [*" nbeBg[]u+-=v12345zoxhyirlptck?/\t\r\x1b\x7f", *(f"\x1b[{end}" for end in "ABCDHFZ")]
KEYS = "".join(random.Random(0).choices(_KEYS, k=150_000)).encode()
CLICKS = b"".join(b"\x1b[<0;%d;%dM\x1b[<0;%d;%dm" % (x, y, x, y) for x in range(1, 81) for y in range(1, 25)) * 6
FLOODS = {
    "text on a vt100": ("vt100", PROSE * 4, "\x11"),
    "keys on a Linux console": ("linux", KEYS, signal.SIGTERM),
    "keys": ("xterm-256color", KEYS, "\x11"),
    "one key": ("xterm-256color", b"n" * 150_000, "\x11"),
    "clicks": ("xterm-256color", CLICKS, signal.SIGTERM),
    "text on a Linux console": ("linux", PROSE * 4, signal.SIGTERM),
}


def resident(app):
    """MB of memory."""
    return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{app.pid}/status").read_text())[1]) / 1024


def pour(app, data):
    """Types, as fast as it is read."""
    while data:
        os.set_blocking(app.fd, False)
        with suppress(BlockingIOError):
            data = data[os.write(app.fd, data[:4096]) :]
        os.set_blocking(app.fd, True)  # for the answers
        app.read(0.002)
        assert app.is_alive, app.text


@pytest.mark.parametrize(("term", "flood", "end"), variants(FLOODS, 1))
def test_flood_memory_is_bounded_and_app_quits(terminal, tmp_path, term, flood, end):
    app = terminal(env={"TERM": term, "HOME": str(tmp_path)}, answers=True)
    app.until("READY")
    pour(app, flood[: len(flood) // 4])
    before = resident(app)
    pour(app, flood)
    assert resident(app) < before + 20
    if isinstance(end, str):
        pour(app, end.encode())
    else:
        app.signal(end)
    assert app.end() == (0 if isinstance(end, str) else 128 + end)
    assert app.left() == []


def test_dropped_keys_are_reported(terminal):
    app = terminal(answers=True)
    app.until("READY")
    pour(app, b"n" * 20_000)
    app.until("Keys came faster than the app could")
    pour(app, b"\x11")
    assert app.end() == 0
