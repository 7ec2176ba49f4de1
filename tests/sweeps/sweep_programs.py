"""The command sweep for tests: in their process, or as a program that is killed and gone on with; and its file."""

import os
import signal
import subprocess
import time
from pathlib import Path

from command_line import PROGRAM, ROOT, called

from quadfit_tui.sweeps.sweep_file import read_sweep

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
    """The command, in a group of its own."""

    def __init__(self, path, *options, before=()):
        self.path = Path(path)
        self._said = Path(f"{path}.{time.monotonic_ns()}.said")
        with self._said.open("w") as said:
            self.process = subprocess.Popen(
                [*before, *PROGRAM, "sweep", *options, "-o", str(path)],
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                cwd=ROOT,
                process_group=0,
            )

    def until(self, count):
        """Waits until the file has so many rows; whether it has."""
        while len(cells_of(self.path)) < count:
            if self.process.poll() is not None:
                return False
            time.sleep(0.005)
        return True

    def workers(self):
        """The processes that train for it."""
        return [pid for pid in children(self.process.pid) if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()]

    def kill(self):
        """Kills it."""
        self.process.kill()
        self.process.wait()

    def end(self):
        return self.process.wait(timeout=120)

    def said(self):
        return self._said.read_text()


def cells_of(path):
    """The cells of whole lines of a sweep's file, as they stand there."""
    lines = Path(path).read_bytes().split(b"\n")[1:-1] if Path(path).exists() else []
    return [int(line.partition(b",")[0]) for line in lines]


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


def sent(pids, number=signal.SIGKILL):
    """Sends a signal to processes, if they are there."""
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue
