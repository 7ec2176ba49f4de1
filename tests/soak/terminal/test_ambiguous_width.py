"""A terminal that takes characters of ambiguous width for two columns: it is asked, and sent none of them."""

import os
import re
import signal
from collections import deque
from unicodedata import east_asian_width

import pyte
import pytest
from harness import ANSWERS, QUESTION
from strict import StrictScreen

from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.session.session import RunSession
from quadfit_tui.ui.app import QuadfitApp
from quadfit_tui.ui.terminal import ambiguous_width
from quadfit_tui.ui.terminal.terminal_app import transliterate_for

ASKED = ambiguous_width.QUESTION.encode()
ONE, TWO = b"\x1b[1;2R", b"\x1b[1;3R"


@pytest.fixture
def shown(terminal):
    """The app on a terminal that takes so many columns, and refuses what has no room there."""

    def shown(columns, *args, size=(24, 80)):
        app = terminal("-p", "article", *args, size=size, answers={ASKED: ONE if columns == 1 else TWO, **ANSWERS})
        app.display = StrictScreen(size[1], size[0], ambiguous=columns)
        app.stream = pyte.ByteStream(app.display)
        app.until("? Keys")
        app.quiet()
        return app

    return shown


def ambiguous(text):
    return {char for char in text if east_asian_width(char) == "A"}


def numbers(text):
    return re.findall(r"\d[\d.]*(?:e[+-]?\d+)?", text)


def rows_of_numbers(text):
    """The numbers of each row but that of the parabolas: where x^2 takes more room, it has fewer digits."""
    return [numbers(line) for line in text.splitlines() if "fitted y = " not in line]


def test_numbers_match_in_narrow_characters(shown):
    one, two = (shown(columns, "--at", "14") for columns in (1, 2))
    assert ambiguous(one.text)
    for keys, seen in [("", "fitted"), ("2", "tol 1e-05"), ("3", "b -"), ("4", "path")]:
        for app in (one, two):
            app.send(keys)
            app.until(seen)
            app.quiet(0.1)
        assert ambiguous(two.text) == set()
        assert rows_of_numbers(two.text) == rows_of_numbers(one.text)


def test_large_numerals_are_disabled(shown):
    size = (45, 140)
    assert "epochs done ┗" in shown(1, "--teacher", size=size).text
    text = shown(2, "--teacher", size=size).text
    assert ambiguous(text) == set()
    assert text.splitlines()[0].rstrip().endswith("epochs/s")


def test_powers_are_spelled_with_caret(shown):
    app = shown(2, "--view", "update", "--at", "0:1")
    app.send("\x1b[6~")  # below the table of the update
    text = app.until("loss = r^2 = (-2279.166667)^2 = 5194600.694")
    assert ambiguous(text) == set()


def test_braille_and_what_is_wide_stay(shown):
    app = shown(2)
    assert re.search("[\u2801-\u28ff]", app.text)
    app.send("w" + "数据")
    app.until("数据")


def test_late_answer_redraws_everything(terminal):
    args = "-p", "article", "--teacher", "--view", "update", "--at", "0:1"
    app = terminal(*args, size=(45, 140), answers={ASKED: TWO, **ANSWERS}, delay=1000)
    app.until("r² =")
    assert ambiguous(app.text)
    app.display.reset()
    for piece in (TWO[:4], TWO[4:]):
        app.send(piece)
        app.read(0.15)  # longer than the time after which Esc is a key
    app.due, app.delay = deque((0.0, answer) for _, answer in [*app.due][1:]), 0.0  # those to frames
    app.until("r^2 =")
    app.until("? Keys")
    app.wait(lambda: app.text.splitlines()[0].rstrip().endswith("epochs/s"), "there are large numerals")
    app.send("n")
    app.until("0:2")
    assert ambiguous(app.text) == set()


def test_answer_before_first_frame():
    app = QuadfitApp(RunSession(PRESETS["article"], speed=10))
    app.use_narrow_charset()
    assert transliterate_for(app, "½ · 5²") == "1/2 - 5^2"


def test_the_first_frame_waits_for_no_answer(terminal):
    app = terminal()
    app.until("of the limit")
    assert app.output.count(ASKED) == 1
    assert ambiguous(app.text)


@pytest.mark.parametrize("answer", [ONE, b"\x1b[1;1R", b"\x1b[24;3R", b"\x1b[7;80R"])
def test_any_other_answer_is_one_column(terminal, answer):
    app = terminal("-p", "article", answers={ASKED: answer, **ANSWERS})
    app.until("of the limit")
    app.quiet()
    assert ambiguous(app.text)
    app.send(TWO)  # that of a frame, whose cursor may be anywhere
    app.send("n")
    app.until("0:1")
    assert ambiguous(app.text)


@pytest.mark.parametrize("args", [("--ascii",), ()])
def test_ascii_terminal_is_not_asked(terminal, args):
    app = terminal(*args, env={} if args else {"TERM": "linux"}, answers=True)
    app.wait(lambda: QUESTION in app.output)
    app.until("of the limit")
    assert "·".encode() not in app.output


def test_answer_is_kept_after_suspension(terminal):
    app = terminal(answers={ASKED: TWO, **ANSWERS})
    app.until("of the limit")
    app.quiet()
    app.signal(signal.SIGTSTP)
    app.wait(lambda: app.state == "T")
    app.signal(signal.SIGCONT)
    app.until("of the limit")
    app.quiet()
    assert ambiguous(app.text) == set()
    assert app.output.count(ASKED) == 1
    line = app.line()
    app.send("q")
    assert app.end() == 0
    assert app.left() == []
    assert app.unread(line) == b""
    os.close(line)
