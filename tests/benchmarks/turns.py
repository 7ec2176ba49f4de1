"""Takes measures in turns, each time by a process of its own, and prints tables of what they come to."""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
LONGEST = 600  # seconds of one turn
UNITS = {"ms": "ms", "MB": "MB", "percent": "% of a core", "KBps": "KB/s"}
UNITS |= {"opened": "s to open", "most": "MB at most", "slow": "ms, 95 of 100", "gap": "ms to the next picture"}
UNITS |= {"late": "s of training late", "client": "% of a core, the client"}


class CannotRunError(Exception):
    """Why there are no figures: a commit lacks what is measured, a package is not installed, it takes too long."""


def turn(name, tree):
    """The figures of a measure, of the program in a folder, by their names."""
    with tempfile.TemporaryDirectory() as folder:
        environ = {**os.environ, "PYTHONPATH": str(tree), "XDG_CONFIG_HOME": folder, "OPENBLAS_NUM_THREADS": "1"}
        environ.pop("PYTHONDONTWRITEBYTECODE", None)
        command = [sys.executable, HERE / "measured.py", name]
        try:
            done = subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, timeout=LONGEST)
        except subprocess.TimeoutExpired:
            raise CannotRunError(f"takes more than {LONGEST} seconds") from None
    if done.returncode:
        raise CannotRunError((done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1])
    return json.loads(done.stdout.splitlines()[-1])


def in_turns(one, other, rounds):
    """The figures of two sides, each a name and a folder, in rounds of ABBA: two dictionaries of lists."""
    found = [[], []]
    for _ in range(rounds):
        for side in (0, 1, 1, 0):
            found[side].append(turn(*(one, other)[side]))
    return [{figure: [each[figure] for each in side] for figure in side[0]} for side in found]


def ratios(mine, theirs):
    """The ratio of each round: of what its two turns come to."""
    pairs = [[sum(side[at : at + 2]) for at in range(0, len(side), 2)] for side in (mine, theirs)]
    return [one / other for one, other in zip(*pairs, strict=True) if other] or [float("nan")]


def spread(values, show):
    return f"{show(median(values))}  ({show(min(values))} to {show(max(values))})"


def short(value):
    """A figure or a ratio with three digits; a large ratio to somebody slower as 1/945."""
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}"


def as_ratio(value):
    return f"1/{1 / value:,.0f}" if 0 < value < 0.05 else f"{value:.2f}"


class Printed:
    """A table whose rows are printed as they come: the first column is for names."""

    def __init__(self, *columns):
        self._widths = [30, *(max(22, len(column) + 2) for column in columns)]
        self.row("", *columns)

    def row(self, *cells):
        print("".join(cell.ljust(width) for cell, width in zip(cells, self._widths, strict=False)).rstrip(), flush=True)

    def failed(self, name, why):
        print(f"{name:30}cannot run: {why}", flush=True)


def quiet():
    """How busy the machine is, for those who read the table."""
    with contextlib.suppress(OSError):
        return f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    return f"{os.cpu_count()} cores"


def chosen(names, part):
    found = [name for name in names if part in name]
    if not found:
        raise SystemExit(f"no benchmark has {part!r} in its name; there are: {', '.join(names)}")
    return found
