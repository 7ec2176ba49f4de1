"""A program on a pseudo-terminal of 80x24 that is as far away as a line makes it."""

import os
import re
import select
import subprocess
import sys
import termios
import time
from collections import deque
from pathlib import Path

PATIENCE = 60  # seconds until something is seen; a slow machine is no fault of the program
FIRST_PICTURE = "mean loss", "playground", "┤", "fitted", "grad a", "Play"  # all of it is there
ANSWERS = {b"\x1b[6n": b"\x1b[1;1R", b"\x1b[?2026$p": b"\x1b[?2026;2$y"}  # as xterm has them
_QUESTIONS = re.compile(b"|".join(map(re.escape, ANSWERS)))
_ESCAPES = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07]*\x07|[@-_])")


class App:
    """The app, or another Python program: `rate` is how many bytes a second its line takes, None without a bound.

    Answers to its questions come `delay` seconds later.
    """

    rate = None

    def __init__(self, *arguments, command=("-m", "quadfit_tui"), delay=0.0):
        self.output, self._looked_at, self._delay, self._due = b"", 0, delay, deque()
        environ = {name: value for name, value in os.environ.items() if not name.startswith("LC_")}
        environ |= {"TERM": "xterm-256color", "LANG": "C.UTF-8"}
        for name in ("COLUMNS", "LINES", "NO_COLOR", "TEXTUAL_FPS", "COLORTERM", "TERM_PROGRAM"):
            environ.pop(name, None)
        self._terminal, inside = os.openpty()
        termios.tcsetwinsize(self._terminal, (24, 80))
        self._began = time.perf_counter()
        self._process = subprocess.Popen(
            [sys.executable, *command, *arguments],
            stdin=inside, stdout=inside, stderr=inside, env=environ, start_new_session=True,
        )  # fmt: skip
        os.close(inside)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.kill()
        self._process.wait()
        os.close(self._terminal)

    def send(self, keys):
        os.write(self._terminal, keys if isinstance(keys, bytes) else keys.encode())

    def read(self, seconds, until=lambda: False):
        """Reads for so long, or until something is so, as fast as the line is; returns how many bytes came."""
        before, end = len(self.output), time.perf_counter() + seconds
        while not until() and (left := end - time.perf_counter()) > 0:
            began = time.perf_counter()
            if select.select([self._terminal], [], [], min(left, 0.005))[0]:
                try:
                    piece = os.read(self._terminal, max(64, (self.rate or 10**7) // 200))
                except OSError:
                    raise SystemExit(f"it has ended: {self.text()[-300:]!r}") from None
                self._take(piece)
                if self.rate:
                    time.sleep(max(0.0, len(piece) / self.rate - (time.perf_counter() - began)))
            while self._due and self._due[0][0] <= time.perf_counter():
                self.send(self._due.popleft()[1])
        return len(self.output) - before

    def _take(self, piece):
        self.output += piece
        for question in _QUESTIONS.finditer(self.output, self._looked_at):
            self._looked_at = question.end()
            self._due.append((time.perf_counter() + self._delay, ANSWERS[question[0]]))

    def until(self, *texts, since=0):
        """Reads until all of these have been seen, in what was sent after so many bytes."""
        self.read(PATIENCE, lambda: all(text in self.text(since) for text in texts))
        missing = [text for text in texts if text not in self.text(since)]
        if missing:
            raise SystemExit(f"not seen within {PATIENCE} seconds: {', '.join(missing)}")

    def text(self, since=0):
        return _ESCAPES.sub(b"", self.output[since:]).decode(errors="replace")

    def first_picture(self, shown=FIRST_PICTURE):
        """The milliseconds until its first picture is complete, of the processor and of the clock."""
        self.until(*shown)
        return {"ms": 1000 * self.processor_time, "wall": 1000 * (time.perf_counter() - self._began)}

    def share(self, seconds):
        """The percent of a core that it takes, and the KB a second that it sends."""
        used, began = self.processor_time, time.perf_counter()
        sent = self.read(seconds)
        passed = time.perf_counter() - began
        return {"percent": 100 * (self.processor_time - used) / passed, "KBps": sent / passed / 1000}

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


def memory_of(apps, shown=FIRST_PICTURE):
    """The memory of programs beside each other, once the first picture of each is there, and a little later."""
    try:
        for app in apps:
            app.until(*shown)
        for app in apps:
            app.read(0.3)
        return {"MB": sum(app.memory for app in apps)}
    finally:
        for app in apps:
            app.__exit__()
