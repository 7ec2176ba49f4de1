"""What the screen shows after somebody's hands were at work is what is drawn when all of it is drawn anew."""

import random
import signal
import sys
import time

import pytest
from strict import refused
from trials import drawn

HANDS = drawn([(24, 80, 60), (34, 120, 400)], 1)
# What is said on the screen goes away soon.
PROGRAM = "from textual.app import App; App.NOTIFICATION_TIMEOUT = 0.5; from quadfit_tui.main import main; main()"
KEYS = [
    "\x1b[A",
    "\x1b[B",
    "\x1b[C",
    "\x1b[D",
    "\x1b[H",
    "\x1b[F",
    "\x1b[5~",
    "\x1b[6~",
    "\x1b[3~",
    "\x7f",
    "\t",
    "\x1b[Z",
]
KEYS += [*"bBneuvi123456lp[]g+-0.,-/ax", "\x15", "\x01", "\x05", "\x1bb", "ä"]
PASTED = ["0.1", "-11/6, 3, 5", "日本語", "e\u0301" * 40, "x" * 500, "a\nb", "\x1b[2J\x07", "\t", "👩\u200d💻", ""]


def click(x, y, button=0):
    return f"\x1b[<{button};{x + 1};{y + 1}M\x1b[<{button};{x + 1};{y + 1}m"


def drag(x, y, to_x, to_y):
    return f"\x1b[<0;{x + 1};{y + 1}M\x1b[<32;{to_x + 1};{to_y + 1}M\x1b[<0;{to_x + 1};{to_y + 1}m"


def paste(text):
    return f"\x1b[200~{text}\x1b[201~"


def leave_all_pages(app):
    """Back to the front, until all that was typed has had its effect, and what was said for a moment has gone."""
    end = time.monotonic() + 60
    while "Words on the first screen" not in app.text:  # a busy machine drops keys that come faster than it takes them
        assert time.monotonic() < end, app.text
        for key in "\x1b\x1b\x1b\x1b?":
            app.send(key)
            app.read(0.05)
        app.quiet(0.2)
    app.send("\x1b")
    app.wait(lambda: "? Keys" in app.text and "▌" not in app.text and "computing" not in app.text)


def assert_it_is_drawn_as_anew(app, size):
    """On a terminal that refuses what it does not know, and has all drawn anew over what it showed."""
    leave_all_pages(app)
    app.quiet(0.6)  # longer than anything is said
    assert refused(app.output, size) == b""
    before = app.text
    app.stream.feed(b"\x1b#8")  # all of it is another letter
    assert app.text != before
    app.signal(signal.SIGCONT)
    app.until("? Keys")  # in the last row
    app.quiet(0.6)
    assert app.text == before


@pytest.mark.parametrize(("rows", "columns", "count"), HANDS)
def test_mouse_and_pastes_equal_redraw(terminal, rows, columns, count):
    app = terminal("--epochs=20", command=[sys.executable, "-c", PROGRAM], size=(rows, columns), answers=True)
    app.until("space Play")
    _click_on_fields(app, range(4, rows - 3, 5 if count < 100 else 1))
    assert_it_is_drawn_as_anew(app, (rows, columns))
    _use_hands(app, random.Random(str((rows, columns))), rows, columns, count)
    assert_it_is_drawn_as_anew(app, (rows, columns))


def _click_on_fields(app, rows):
    """Where a field is made by the click, its cursor has no place when it is told: `ESC[1;-8H` was sent."""
    for y in rows:
        app.send(click(20, y))
        app.read(0.03)
        app.send(paste("0.25"))
        app.read(0.01)
        app.send("\x1b")
        app.read(0.03)
        app.send("n")
        app.read(0.03)


def _use_hands(app, chance, rows, columns, count):
    for _ in range(count):
        x, y = chance.randrange(columns), chance.randrange(rows - 1)  # the last row has a key that ends it
        app.send(
            chance.choice(
                [
                    click(x, y),
                    click(chance.randrange(14, 30), y),
                    drag(x, y, chance.randrange(columns), chance.randrange(rows - 1)),
                    f"\x1b[<{chance.choice([64, 65])};{x + 1};{y + 1}M",
                    paste(chance.choice(PASTED)),
                    "\x1b",
                    chance.choice(KEYS),
                    chance.choice(KEYS),
                ]
            )
        )
        app.read(0.01)
        assert app.is_alive, app.text
