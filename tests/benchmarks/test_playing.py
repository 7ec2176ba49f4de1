"""How much of a core the app takes while it plays ten epochs a second: many share a server, and a slow one."""

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
import threading
from pathlib import Path
from statistics import median

import pytest

from quadfit_tui.ui.views.view_table import VIEWS

BEFORE, MEASURED = 2, 3  # seconds: until it plays evenly, and then
MOST = 15.0  # percent of a core
SIZE = (80, 24)
LONG = ["--epochs", "100000", "--stop-on", "never"]
RUNS = {
    "the article's run at a constant rate": [*LONG, "--schedule", "constant"],
    "noise, batches of 16 in a new order": [*LONG, "--preset", "noisy"],
}


def share(arguments):
    """Percent of a core, on a terminal that reads whatever it is sent."""
    ours, its = pty.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", SIZE[1], SIZE[0], 0, 0))
    result, written = os.pipe()
    command = [sys.executable, Path(__file__).with_name("playing.py"), str(written), str(BEFORE), str(MEASURED)]
    env = {**os.environ, "TERM": "xterm-256color", "LANG": "C.UTF-8"}
    program = subprocess.Popen(
        [*command, "--play", *arguments],
        stdin=its, stdout=its, stderr=its, env=env, pass_fds=[written], start_new_session=True,
    )  # fmt: skip
    os.close(its)
    os.close(written)
    seen = []
    reader = threading.Thread(target=read, args=(ours, seen))
    reader.start()
    with os.fdopen(result) as found:
        text = found.read()
    program.wait()
    reader.join()
    os.close(ours)
    assert text, b"".join(seen)[-2000:].decode(errors="replace")
    assert len(b"".join(seen)) > 1000 * (BEFORE + MEASURED) / 2  # it did play
    return 100 * float(text)


def read(terminal, seen):
    """Until nobody has the other end any more."""
    while True:
        try:
            data = os.read(terminal, 65536)
        except OSError:
            return
        if not data:
            return
        seen.append(data)


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("run", RUNS)
def test_playing(benchmark, report, view, run):
    shares = []
    arguments = ["--view", view, *RUNS[run]]
    benchmark.pedantic(lambda: shares.append(share(arguments)), rounds=3)
    figure = f"processor time while playing ten epochs a second at {SIZE[0]}x{SIZE[1]}, {run}"
    benchmark.extra_info["percent"] = report(figure, view, median(shares), shares, MOST, "%")
