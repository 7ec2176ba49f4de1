"""How soon the app's first picture is there, and what memory sessions take, against a small app that does nothing."""

import contextlib
import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path
from statistics import median

import pytest

SIZE = (24, 80)
SESSIONS = 10
SETTLED = 2.5  # seconds after the first picture: the diagnosis is worked out by then, and the baseline's log is full
_ESCAPES = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07]*\x07|[@-_])")

# The command, and what it shows when all of its first picture is there.
OURS = (
    [Path(sys.executable).with_name("quadfit-tui")],
    (b"mean loss", b"playground", "┤".encode(), b"fitted", b"grad a", b"Data"),
)
BASELINE = [sys.executable, Path(__file__).with_name("baseline.py")], (b"ready>",)


class Started:
    """A program on a pseudo-terminal of its own."""

    def __init__(self, command, shown, cache):
        env = {**os.environ, "TERM": "xterm-256color", "LANG": "C.UTF-8", "PYTHONPYCACHEPREFIX": str(cache)}
        for name in ("PYTHONDONTWRITEBYTECODE", "COLUMNS", "LINES", "NO_COLOR", "TEXTUAL_FPS"):
            env.pop(name, None)
        self._shown = shown
        self._terminal, inside = pty.openpty()
        fcntl.ioctl(inside, termios.TIOCSWINSZ, struct.pack("HHHH", *SIZE, 0, 0))
        self._begun = time.perf_counter()
        self._process = subprocess.Popen(
            command, stdin=inside, stdout=inside, stderr=inside, env=env, start_new_session=True
        )
        os.close(inside)

    def wait(self):
        """The seconds until its first picture was complete."""
        output = b""
        while not all(text in _ESCAPES.sub(b"", output) for text in self._shown):
            assert time.perf_counter() - self._begun < 30, output[-500:]
            output += self._read(0.1)
        return time.perf_counter() - self._begun

    def settle(self, seconds):
        """Reads on for some time."""
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            self._read(0.02)

    def _read(self, patience):
        return os.read(self._terminal, 65536) if select.select([self._terminal], [], [], patience)[0] else b""

    @property
    def processor_time(self):
        """The seconds that all of its threads have had."""
        files = Path(f"/proc/{self._process.pid}/task").glob("*/schedstat")
        return sum(int(file.read_text().split()[0]) for file in files) / 1e9

    @property
    def memory(self):
        """Its share of the memory in MB: of what processes have in common, each has a part."""
        rollup = Path(f"/proc/{self._process.pid}/smaps_rollup").read_text()
        return int(re.search(r"^Pss:\s+(\d+)", rollup, re.MULTILINE)[1]) / 1024

    def end(self):
        self._process.kill()
        self._process.wait()
        os.close(self._terminal)


@contextlib.contextmanager
def started(program, cache, count=1):
    """So many sessions of a program."""
    sessions = [Started(*program, cache) for _ in range(count)]
    try:
        yield sessions
    finally:
        for session in sessions:
            session.end()


def first_picture(program, cache):
    """The seconds that pass until it, and those of processor time."""
    with started(program, cache) as (session,):
        return session.wait(), session.processor_time


def memory(program, cache):
    with started(program, cache, SESSIONS) as sessions:
        for session in sessions:
            session.wait()
        for session in sessions:
            session.settle(SETTLED / SESSIONS)
        return sum(session.memory for session in sessions)


@pytest.mark.skipif(not Path("/proc/self/schedstat").exists(), reason="only Linux tells of processor time as it runs")
def test_the_first_picture(benchmark, report, tmp_path):
    rounds = []

    def one_round():
        order = (OURS, BASELINE) if len(rounds) % 2 else (BASELINE, OURS)
        seconds = {id(program): first_picture(program, tmp_path) for program in order}
        rounds.append([ours / its for ours, its in zip(seconds[id(OURS)], seconds[id(BASELINE)], strict=True)])

    one_round()  # compiles, as installing would do
    rounds.clear()
    benchmark.pedantic(one_round, rounds=9)
    figure = "the app's first picture at 80x24, all of it, against a small Textual app that plotext draws a chart for"
    for clock, ratios in zip(("the time that passes", "processor time"), zip(*rounds, strict=True), strict=True):
        benchmark.extra_info[clock] = report(figure, clock, median(ratios), ratios, 1.15)


@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="only Linux tells of shared memory")
def test_the_memory_of_sessions(benchmark, report, tmp_path):
    rounds = []

    def one_round():
        rounds.append(memory(OURS, tmp_path) / memory(BASELINE, tmp_path))

    one_round()
    rounds.clear()
    benchmark.pedantic(one_round, rounds=3)
    figure = f"the memory of {SESSIONS} sessions beside each other, against as many of that app"
    benchmark.extra_info["ratio"] = report(figure, "their proportional share", median(rounds), rounds, 1.2)
