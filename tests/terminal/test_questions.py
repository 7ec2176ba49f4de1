"""What was asked of the terminal is answered while the program is there to read it, and never at the shell's prompt."""

import os
import random
import signal

import pytest
from harness import ALL_ANSWERS, QUESTION, ROUND_TRIP
from trials import variants

ENDS = {"ctrl+q": "\x11", "TERM": signal.SIGTERM, "q": "q"}
ENDS = {f"{name}_{seed}": (end, seed) for seed in range(3) for name, end in ENDS.items()}


@pytest.mark.parametrize(("end", "seed"), variants(ENDS, 1))
def test_slow_line_leaves_no_answers_at_prompt(terminal, end, seed):
    app = terminal("--play", answers=ALL_ANSWERS, delay=ROUND_TRIP)
    line = app.line()
    app.until("RUNNING")
    app.read(random.Random(seed).uniform(0, 3 * ROUND_TRIP))
    app.send(end) if isinstance(end, str) else app.signal(end)
    assert app.end() == (0 if isinstance(end, str) else 128 + end)
    assert app.left() == []
    assert app.unread(line) == b""
    os.close(line)


BEFORE = {"no_frame": (0, ROUND_TRIP), "longer": (1, 0.8), "a_frame": (1, ROUND_TRIP)}


@pytest.mark.parametrize(("frames", "round_trip"), variants(BEFORE, 1))
def test_early_quit_leaves_no_answers_at_prompt(terminal, frames, round_trip):
    app = terminal(answers=ALL_ANSWERS, delay=round_trip)
    line = app.line()
    app.wait(lambda: app.output.count(QUESTION) >= frames)
    app.send("q")
    assert app.end() == 0
    assert app.unread(line) == b""
    os.close(line)
