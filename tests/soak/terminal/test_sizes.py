"""Windows that say they are larger than any, and reports of such sizes that nobody has asked for."""

import math
import time
from pathlib import Path

import pytest
from harness import QUESTION
from trials import drawn

MOST = 300_000  # KB
HUGE = [(65535, 65535), (65535, 80), (24, 65535)]


def peak(pid):
    """The most memory that a process has had, in KB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))


def feel(app, seconds=60):
    """Answers without drawing what comes, which would take long, until something has come and nothing more does."""
    begun, end = len(app.output), time.monotonic() + seconds
    app._take = lambda piece: setattr(app, "output", app.output + piece)
    answered = app.output.count(QUESTION)
    came = math.inf
    while time.monotonic() < came + 0.5:
        if app.read(0.02, most=1 << 20):
            came = time.monotonic()
        app.send("\x1b[1;1R" * (app.output.count(QUESTION) - answered))
        answered = app.output.count(QUESTION)
        assert time.monotonic() < end, "it does not come to rest"
    return app.output[begun:]


@pytest.mark.parametrize(("rows", "columns"), drawn(HUGE, 1))
def test_huge_window_is_bounded_and_report_ignored(terminal, rows, columns):
    app = terminal(answers=True)
    app.until("of the limit")
    app.quiet()
    before = app.text
    app.send("\x1b[48;65535;65535;1;1t")
    app.quiet(0.7)
    assert app.text == before
    assert peak(app.pid) < MOST / 2
    app.set_size(rows, columns)
    feel(app)
    app.send("n")
    assert feel(app)
    assert peak(app.pid) < MOST
    app.send("q")
    assert app.end() == 0
    assert app.left() == []


class Frames:
    """The screens that a terminal has shown, each as it was once a frame had come."""

    def __init__(self, app):
        self._app, self._feed, self._rest = app, app.stream.feed, b""
        self.shown = []
        app.stream.feed = self._take

    def _take(self, data):
        *frames, self._rest = (self._rest + data).split(QUESTION)
        for frame in frames:
            self._feed(frame)
            self.shown.append(self._app.text)


# Over and under each number of columns from which something has another place.
WINDOWS = [(24, 80), (20, 122), (50, 200), (16, 59), (43, 121)]


def test_resize_shows_final_layout_at_once(terminal):
    app = terminal("-p", "article", size=(40, 140), answers=True)
    frames = Frames(app)
    app.until("space Play")
    app.send("nnn")
    app.until("0:3")
    app.rest()
    for rows, columns in WINDOWS:
        frames.shown.clear()
        app.resize(rows, columns)
        app.wait(lambda: frames.shown)
        app.rest()
        assert len({*frames.shown}) == 1, "\n".join(frames.shown)


def test_quick_resize_back_redraws_everything(terminal):
    app = terminal(answers=True)
    app.until("space Play")
    app.rest()
    before = app.text
    app.resize(30, 100)
    app.resize(24, 80)
    app.wait(lambda: app.text == before)
