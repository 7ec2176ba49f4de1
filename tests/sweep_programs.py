"""The command sweep for tests: in their process, or as a program that is killed and gone on with; and its journal."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path

from command_line import PROGRAM, ROOT, called

from quadfit_tui.core.sweep.formats import read_sweep

# 2,000 runs which no span shortens: some seconds of work for two processors.
LONG = ["--samples", "24", "--noise", "0.3", "--stop-on", "never", "--shuffle", "--epochs", "1000", "--seeds", "25"]
LONG += ["--lr", "0.01:1.5:40log", "--batch", "1", "--batch", "2"]
RUNS = 2000
# A few short runs, and 24 of them.
SHORT = ["--samples", "6", "-n", "5", "--noise", "0.5"]
MANY = [*SHORT, "--lr", "0.1:3:4log", "--optimizer", "sgd", "--optimizer", "adam", "--batch", "2", "--seeds", "3"]


def swept(name="x.csv", *args):
    """A sweep of which all runs are trained; gives what was read of its file."""
    done = called("sweep", *args, "-o", name)
    assert done.returncode == 0, done.stderr
    return read_sweep(name)


class SweepProgram:
    """The command with `--progress jsonl`, in a group of its own."""

    def __init__(self, path, *options, before=()):
        self.journal = Path(f"{path}.journal")
        self._said = Path(f"{path}.{time.monotonic_ns()}.said")
        with self._said.open("w") as said:
            self.process = subprocess.Popen(
                [*before, *PROGRAM, "sweep", *options, "--progress", "jsonl", "-o", str(path)],
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                cwd=ROOT,
                process_group=0,
            )

    def until(self, count):
        """Waits until the journal has so many rows."""
        while len(journaled(self.journal)) < count:
            assert self.process.poll() is None, self.said()
            time.sleep(0.01)

    def workers(self):
        """The processes that it has started."""
        return children(self.process.pid)

    def kill(self):
        """Kills it, and gives how many runs it had told of, which have to be in the journal."""
        self.process.kill()
        assert self.process.wait() == -signal.SIGKILL
        return max((line["done"] for line in self.told()), default=0)

    def end(self):
        return self.process.wait(timeout=120)

    def told(self):
        """The lines of its progress, whole ones."""
        lines = self.said().rpartition("\n")[0].splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]

    def said(self):
        return self._said.read_text()


def journaled(path):
    """The cells of whole lines of a journal, as they stand there."""
    lines = path.read_bytes().rpartition(b"\n")[0].splitlines() if path.exists() else []
    return [cell for line in lines for cell in json.loads(line).get("cell", [])]


def children(parent):
    """The processes that a process has started."""
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            state, above = Path("/proc", name, "stat").read_text().rpartition(")")[2].split()[:2]
        except OSError:  # it has just ended
            continue
        if int(above) == parent and state != "Z":
            found.append(int(name))
    return found
