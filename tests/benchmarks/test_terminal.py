"""What the app sends to a terminal while it plays, what it does at rest, and how soon a key is seen on slow lines."""

import os
import time
from pathlib import Path
from statistics import median

import pytest
from harness import Terminal

from quadfit_tui.ui.views.view_table import VIEWS

PLAYING = ("--play", "--speed", "10", "--preset", "noisy", "--epochs", "100000", "--stop-on", "never")
MEASURED = 3  # seconds
MOST_SENT = 15.0  # KB a second
MOST_AT_REST = 0.3  # percent of a core
# Bytes a second that a line takes, None: all at once; and milliseconds from a key to its letter.
LINES = {"a local terminal": (None, 50), "a line of 64 KB/s": (64_000, 150), "a line of 16 KB/s": (16_000, 300)}


class Session(Terminal):
    """The app in a terminal that answers, behind a line of so many bytes a second."""

    rate = None

    def __enter__(self):
        self.until("l Rate")
        self.read_for(1.5)
        return self

    def __exit__(self, *_):
        self.close()

    def read_for(self, seconds, until=lambda: False):
        """Reads for so long, or until something is true, as fast as the line is; tells how many bytes came."""
        got, end = 0, time.monotonic() + seconds
        while time.monotonic() < end and not until():
            began = time.monotonic()
            piece = len(self.read(0.005, most=max(64, (self.rate or 10**7) // 200)))
            got += piece
            if self.rate:
                time.sleep(max(0.0, piece / self.rate - (time.monotonic() - began)))
        return got

    @property
    def processor_time(self):
        """The seconds that the program has computed for."""
        user, system = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


@pytest.mark.parametrize("view", VIEWS)
def test_what_is_sent_while_it_plays(benchmark, report, view):
    sent = []
    with Session("--view", view, *PLAYING, answers=True) as app:
        benchmark.pedantic(lambda: sent.append(app.read_for(MEASURED) / MEASURED / 1000), rounds=3)
    figure = "bytes sent while playing ten epochs a second at 80x24"
    benchmark.extra_info["KB/s"] = report(figure, view, median(sent), sent, MOST_SENT, "KB/s")


def test_nothing_is_sent_at_rest(benchmark, report):
    sent, shares = [], []

    def one_round():
        began = app.processor_time
        sent.append(app.read_for(2 * MEASURED) / 1000)
        shares.append(100 * (app.processor_time - began) / (2 * MEASURED))

    with Session(answers=True) as app:
        app.read_for(2)  # the diagnosis
        benchmark.pedantic(one_round, rounds=3)
    figure = "at rest, before a run is played"
    report(figure, "bytes sent", max(sent), sent, 0.0, "KB")
    benchmark.extra_info["percent"] = report(figure, "processor time", median(shares), shares, MOST_AT_REST, "%")


@pytest.mark.parametrize("line", LINES)
def test_how_soon_a_key_is_seen(benchmark, report, line):
    rate, most = LINES[line]
    waits = []
    with Session("--view", "loss", *PLAYING, answers=True) as app:
        app.send("l")
        app.read_for(5, lambda: "Next field" in app.text)
        app.rate = rate
        app.read_for(2)

        def one_round():
            typed = "QWRTYUI"[: len(waits) + 1]
            began = time.monotonic()
            app.send(typed[-1])
            app.read_for(10, lambda: typed in app.text)
            waits.append(1000 * (time.monotonic() - began))

        benchmark.pedantic(one_round, rounds=7)
    figure = "from a key to its letter in a field, while playing"
    benchmark.extra_info["ms"] = report(figure, line, median(waits), waits, most, "ms")
