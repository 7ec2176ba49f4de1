"""The program in odd environments and at odd sizes: it is at home there, or says in one line why not."""

import random
import re
import sys

import pytest
from harness import QUESTION
from trials import AT_LENGTH

from quadfit_tui.ui.terminal.modes import Modes

COLOR = re.compile(rb"\x1b\[(?:[\d;]*;)?(?:3\d|4\d|9\d|10\d)(?:;[\d;]*)?m")
MOUSE = re.compile(rb"\x1b\[\?10(?:00|03|06|15)[hl]")
DRAWN = "─│┤┬·⠤"
WITHOUT_LOCALE = {"LANG": None}
ANOTHER_WINDOW = {"COLUMNS": "40", "LINES": "10"}

FULL = {
    "screen": {"TERM": "screen"},
    "LC_ALL=POSIX, nonsense in TEXTUAL_FPS": {"LC_ALL": "POSIX", "TEXTUAL_FPS": "five"},
    "truecolor, another window": {"COLORTERM": "truecolor"} | ANOTHER_WINDOW,
    "xterm": {"TERM": "xterm"},
    "no locale": WITHOUT_LOCALE,
    "LC_ALL=C, as it is; TEXTUAL_FPS": {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "TEXTUAL_FPS": "5"},
}
ASCII = {
    "linux": {"TERM": "linux"},
    "LC_ALL=C and no UTF-8 mode": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    "vt100": {"TERM": "vt100"},
    "no TERM": {"TERM": None},
    "Latin-1": {"LC_ALL": "en_US.ISO-8859-1"},
    "ASCII output": {"PYTHONIOENCODING": "ascii"},
}


@pytest.mark.parametrize("env", FULL.values(), ids=FULL)
def test_it_draws_with_all_characters(terminal, env):
    app = terminal("-p", "article", env=env, screens=1, answers=True)
    screen = app.until("? Keys")  # at the end of the last row
    assert [char for char in DRAWN if char not in screen] == []
    assert screen.splitlines()[-1].startswith(" space Play")
    app.send("q")
    assert app.end() == 0
    assert app.left() == []
    assert app.text.split() == []  # also where there is one screen only, nothing is left on it


@pytest.mark.parametrize("env", ASCII.values(), ids=ASCII)
def test_it_draws_in_ascii(terminal, env):
    app = terminal("-p", "article", env=env, screens=1, answers=True)
    screen = app.until("? Keys")
    assert "*o* fitted" in screen
    assert "500+" in screen
    assert _signs_for_others(screen) == []
    app.send("l")
    assert "Enter Apply and restart" in app.until("Next field")
    app.send("\x11")
    assert app.end() == 0
    assert app.output.isascii()
    assert app.left() == []
    assert app.output.startswith(b"\x1b[?1049h\x1b[?25l\x1b[?7l")
    assert app.text.split() == []
    if "TERM" in env:  # plain ones, which take what they do not know for text
        assert b"$p" not in app.output


def test_every_view_and_page_in_ascii(terminal):
    app = terminal("--ascii", "--preset", "too-fast", "--play", answers=True)
    app.until("DIVERGED")
    for keys, seen in [("2", "mean loss"), ("3", "1e200"), ("4", "opt"), ("5", "Epoch 6"), ("1", "500+")]:
        app.send(keys)
        app.until(seen)
        app.read(0.1)
        assert _signs_for_others(app.text) == []
    app.until("i: what helps")  # the diagnosis is there
    pages = {"i": "Diagnosis", "t": "Runs", "k": "Twin run", "?": "Help", "\x1bOP": "Manual"}
    for key, title in pages.items():
        app.send(key)
        app.until(f"+- {title}")
        app.read(0.05)
        app.send("\x1b")
    app.send("\x11")
    assert app.end() == 0
    assert app.output.isascii()
    assert not re.search(rb"\\[ux][0-9a-f]{2}", app.output)


def _signs_for_others(screen):
    """Question marks that stand for something that could not be shown."""
    return re.findall(r".*\?.*", re.sub(r"\? Keys", "", screen))


def test_no_color_and_no_mouse(terminal):
    """And without a mouse the terminal keeps it; whatever else the environment says."""
    env = {"NO_COLOR": "1", "COLORTERM": "truecolor", "LC_ALL": "POSIX", "TEXTUAL_FPS": "five"} | ANOTHER_WINDOW
    app = terminal("--init", "1,1,1", "--no-mouse", env=env, answers=True)
    screen = app.until("? Keys")
    assert "... true" in screen
    assert "*o* fitted" in screen
    assert all(char in screen for char in "─│┤┬·")
    app.send("l")
    app.until("how far each update moves")
    app.send("\x10")  # the palette
    app.until("Commands")
    app.send("\x1b")
    app.send("\x11")
    assert app.end() == 0
    assert not COLOR.search(app.output)
    assert not MOUSE.search(app.output)


def test_color_and_mouse_patterns_match():
    assert COLOR.search(b"\x1b[38;5;3m")
    assert COLOR.search(b"\x1b[1;31mx")
    assert not COLOR.search(b"\x1b[1;7m\x1b[m\x1b[22;24m")
    assert MOUSE.search(Modes(extras=True, mouse=True).enter().encode())


HEARD = {"TERM=dumb": ("dumb", ()), "--spoken": ("xterm-256color", ("--spoken",))}


@pytest.mark.parametrize(("term", "option"), HEARD.values(), ids=HEARD)
def test_spoken_mode_runs_and_teaches(terminal, tmp_path, term, option):
    app = terminal("--no-record", *option, env={"TERM": term, "HOME": str(tmp_path)})
    app.until("This is the preset playground")
    app.until("or quit.")
    app.send("go\r")
    app.until("Converged after 101 epochs")
    app.send("1\r")
    app.until("Press Enter to go on.")
    app.send("\r")
    app.until("Type A, B or C.")
    app.send("\x04")  # the end of the input
    app.until("You left at step 2")
    assert app.end() == 0
    assert b"\x1b" not in app.output
    assert list(tmp_path.iterdir()) == []


NO_ERRORS = """
import os
os.dup2(os.open("/dev/null", os.O_WRONLY), 2)
from quadfit_tui.main import main; main()
"""


def test_standard_error_may_be_anywhere(terminal):
    app = terminal(command=[sys.executable, "-c", NO_ERRORS], answers=True)
    assert "─" in app.until("? Keys")
    app.send("q")
    assert app.end() == 0


SIZES = [(1, 1), (5, 20), (100, 300), (2, 2), (3, 5), (2, 10), (10, 40), (24, 80)]


@pytest.mark.parametrize(("rows", "columns"), SIZES)
def test_any_size(terminal, rows, columns):
    app = terminal("--play", size=(rows, columns), answers=True)
    app.wait(lambda: QUESTION in app.output)
    for keys in ("?", "qlx\r"):
        app.read(0.1)
        app.send(keys)
    app.read(0.1)
    app.send("\x11")
    assert app.end() == 0
    assert app.left() == []


def test_terminal_of_unknown_size(terminal):
    app = terminal(size=(24, 80))
    app.set_size(0, 0)
    app.until("? Keys")


def test_screen_recovers_after_many_resizes(terminal):
    app = terminal("--preset", "article", answers=True)
    app.until("of the limit")
    app.quiet(0.2)
    before = app.text
    rng = random.Random(1)
    for _ in range(200 if AT_LENGTH else 40):
        app.resize(rng.choice([1, 2, 3, 5, 10, 24, 50, 100]), rng.choice([1, 2, 5, 20, 39, 80, 120, 200, 300]))
        app.read(0.02)
    app.resize(24, 80)
    app.wait(lambda: app.text == before)
