"""The program on a real pseudo-terminal: what a person sees, and what the terminal is left with."""

import re
import sys
import termios

import pexpect
import pytest
from harness import Terminal

# Terminal modes that must be off again at the end: alternate screen, mouse, bracketed paste, focus reports.
LEFT_ON = ("1049", "1000", "1003", "1006", "1015", "2004", "1004")


@pytest.fixture
def terminal():
    opened = []

    def start(*args: str) -> Terminal:
        opened.append(Terminal(*args))
        return opened[-1]

    yield start
    for each in opened:
        each.child.close(force=True)


def test_a_session_from_start_to_quit(terminal):
    app = terminal("--speed", "2")  # slow enough to read every line on the way
    screen = app.until("q Quit")
    assert "READY" in screen
    assert "⠤⠤⠤ true" in screen

    app.child.send(" ")
    app.until("RUNNING")
    app.until("   3  0.50000 -0.45939")  # the log
    app.child.send(" ")
    screen = app.until("PAUSED")
    epoch = int(re.search(r"(\d+) of 100 epochs", screen)[1])

    app.child.send("nn")
    app.until("update 2 of 800")
    app.child.send("e")
    app.until(f"{epoch + 1:>3} of 100 epochs")
    assert app.read(0.3) is not None
    assert app.read(0.5) == b""  # nothing changes, nothing is sent

    app.child.send("l0.1\r")  # in one go, as over a slow link
    app.until("lr 0.1 ")
    app.until("READY")
    app.child.send(" ")
    app.until("RUNNING")
    app.child.send("q")
    app.read(10)

    assert app.child.exitstatus == 0
    assert termios.tcgetattr(app.child.child_fd) == app.before
    for mode in LEFT_ON:
        switches = re.findall(rb"\x1b\[\?%s([hl])" % mode.encode(), app.output)
        assert switches[-1:] in ([], [b"l"])
    assert re.findall(rb"\x1b\[\?1049([hl])", app.output) == [b"h", b"l"]
    assert re.findall(rb"\x1b\[\?25([hl])", app.output)[-1] == b"h"
    assert b"Traceback" not in app.output


def test_a_diverging_run_as_fast_as_it_goes(terminal):
    app = terminal("--preset", "too-fast", "--speed", "max")
    app.until("q Quit")
    app.child.send(" ")
    screen = app.until("DIVERGED")
    assert "diverged in epoch 6" in " ".join(screen.split())
    assert "true" in screen
    app.child.send("?")
    app.until("play or pause")
    app.child.send("q")  # closes the page
    app.until("DIVERGED")
    app.child.send("q")
    app.read(10)
    assert app.child.exitstatus == 0


def test_without_a_terminal_it_names_the_command_that_needs_none():
    child = pexpect.spawn("/bin/sh", ["-c", f"{sys.executable} -m quadfit_tui </dev/null; echo code $?"], timeout=10)
    text = child.read().decode()
    assert "quadfit-tui run" in text
    assert "code 2" in text
    assert len(text.splitlines()) == 2
