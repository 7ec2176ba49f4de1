"""Slow, frozen and dumb lines: frames are dropped, keys never, and nothing is sent that nobody could take."""

import re
import signal
import sys
import time

import pytest
from harness import ALL_ANSWERS, ANSWERS, GONE, QUESTION
from trials import AT_LENGTH

from quadfit_tui.ui.terminal.flow_control import FIRST_ANSWER

FULL_SPEED = ("--speed", "max", "--epochs", "1000000000", "--stop-on", "never", "--shuffle", "--noise", "50")
FULL_SPEED += ("--batch", "16", "--schedule", "constant", "--view", "loss")
STEADILY = ("--play", *FULL_SPEED, "--speed", "30")  # always a change to send, and the processor left to others
LETTERS = "QWRTYUI" if AT_LENGTH else "QWR"


def slowly(app, rate, seconds, until=lambda: False):
    """Takes `rate` bytes a second, in small pieces, for so long or until something is true; tells whether it is."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and not until():
        began = time.monotonic()
        got = app.read(0.05, most=max(64, rate // 50))
        time.sleep(max(0.0, len(got) / rate - (time.monotonic() - began)))
    return until()


@pytest.mark.parametrize("answers", [True, False], ids=["answers", "does_not_answer"])
def test_keys_stay_fast_on_slow_line(terminal, answers):
    app = terminal("--play", *FULL_SPEED, answers=answers)
    app.until("RUNNING")
    slowly(app, 16_000, 0.5)
    app.send("l")
    assert slowly(app, 16_000, 5, lambda: "Next field" in app.text)
    waits = []
    for n in range(1, len(LETTERS) + 1):
        began = time.monotonic()
        app.send(LETTERS[n - 1])
        assert slowly(app, 16_000, 10, lambda n=n: LETTERS[:n] in app.text), app.text
        waits.append(time.monotonic() - began)
    assert sorted(waits)[len(waits) // 2] < 2  # far above what the benchmarks tell: a backlog would be far more
    app.send("\x11")
    assert app.end() == 0
    assert app.left() == []


def test_burst_of_keys_is_applied(terminal):
    app = terminal("--play", *FULL_SPEED, answers=True)
    app.until("RUNNING")
    app.send("l" + "\x7f" * 3 + "0.25\r")
    app.until("lr 0.25")
    app.send("g" + "3:2" + "\r" + "nnn" + "b")
    app.until("epoch 3:4")
    app.until("PAUSED")


WAITS = """
from quadfit_tui.ui.terminal import driver, flow_control
flow_control.LOST = driver._TYPING = 600  # seconds: else a busy machine takes an answer for lost, a page for no key's
from quadfit_tui.main import main; main()
"""


def test_frames_wait_for_previous_answers(terminal):
    """The frame of a key is sent while one answer is due, any other frame waits for it."""
    app = terminal(*STEADILY, command=[sys.executable, "-c", WAITS])
    answered = 0

    def asked():
        return app.output.count(QUESTION)

    def answer(all_but=0):
        nonlocal answered
        count = max(0, asked() - all_but - answered)
        app.send(ANSWERS[QUESTION] * count)
        answered += count

    app.until("RUNNING")
    app.quiet(0.3)  # it waits for answers, and takes them from now on
    for _ in range(2):
        answer()
        app.wait(lambda: asked() > answered)
        app.read(0.2)
        assert asked() == answered + 1
    app.send(" ")
    app.wait(lambda: answer() or "PAUSED" in app.text)
    app.rest(answer)
    app.send("n")
    app.wait(lambda: asked() > answered)
    app.rest(lambda: answer(all_but=1))
    # A frame is under way, and nobody has told that it has arrived.
    app.send("?")
    app.until("Words on the first screen")
    app.rest()
    assert asked() == answered + 2
    app.send("q")
    before = app.output
    app.rest()
    assert app.output == before
    app.send(ANSWERS[QUESTION])
    app.until("? Keys")
    app.rest()
    assert asked() == answered + 3


def test_output_to_silent_terminal_is_limited(terminal):
    """A terminal that never answers is sent less than 16 kB a second, and asked nothing at the end."""
    app = terminal(*STEADILY, "--fps", "60", size=(40, 120))
    app.until("RUNNING")
    app.read(FIRST_ANSWER + 0.2)
    first = len(app.output)
    app.wait(lambda: len(app.output) > first)
    before = len(app.output)
    app.read(1)
    assert 100 < len(app.output) - before < 16_000
    app.send("\x11")
    assert app.end() == 0
    assert QUESTION in app.output
    assert QUESTION not in app.output.rpartition(GONE)[2]


def _full(terminal, *args, **options):
    """The app on a line that takes nothing any more."""
    app = terminal(*STEADILY, "--fps", "60", *args, **options)
    app.until("RUNNING")
    _fill(app)
    return app


def _fill(app):
    """Has nobody read any more, not even the picture of a key, which is sent at once."""
    app.fill()
    app.send("2")
    time.sleep(0.1)


ENDS = {"ctrl_q": None, "TERM": signal.SIGTERM, "HUP": signal.SIGHUP, "INT": signal.SIGINT}


@pytest.mark.parametrize("number", ENDS.values(), ids=ENDS)
def test_ends_in_order_when_output_is_unread(terminal, number):
    app = _full(terminal, "--speed", "max")
    if number is None:
        app.send("\x11")
    else:
        app.signal(number)
    assert app.gone() == (0 if number is None else 128 + number)
    app.read(0.3)
    assert app.left() == []


def test_stop_and_signal_with_unread_output(terminal):
    app = _full(terminal)
    app.signal(signal.SIGTSTP)
    end = time.monotonic() + 10
    while app.state != "T":
        assert time.monotonic() < end
        time.sleep(0.01)
    app.read(0.2)
    assert app.left() == []
    app.signal(signal.SIGCONT)
    app.until("RUNNING")
    app.until("? Keys")
    _fill(app)
    app.signal(signal.SIGTSTP)
    time.sleep(0.1)  # it waits for the line
    app.signal(signal.SIGTERM)
    assert app.gone() == 143
    app.read(0.2)
    assert app.left() == []


SHARES = """
from quadfit_tui.ui.terminal import output_queue
output_queue._opened_again = lambda terminal: terminal
from quadfit_tui.main import main
main()
"""


def test_unread_shared_terminal_does_not_block_exit(terminal):
    app = _full(terminal, command=[sys.executable, "-c", SHARES])
    app.signal(signal.SIGTERM)
    assert app.gone(2) == 143
    app.read(0.2)
    assert app.left() == []


def test_idle_sends_nothing_and_frames_are_synchronized(terminal):
    app = terminal("-p", "article", answers=ALL_ANSWERS)
    app.until("of the limit")
    assert b"\x1b[?2026$p" in app.output
    for keys in ("2l", "\x1b?"):  # at rest with a field in use; on a page
        app.send(keys)
        app.quiet(1)
        assert app.read(0.7) == b""
    app.send("\x1b")
    app.until("? Keys")
    before = len(app.output)
    app.send("n")
    app.until("update 1 of 800")
    frames = app.output[before:].split(QUESTION)[:-1]
    assert all(re.fullmatch(rb"\x1b\[\?2026h.*\x1b\[\?2026l", frame, re.DOTALL) for frame in frames)
