"""Work that goes wrong, for tests of the engine: here, where its workers find it, too."""

import os
import signal
from dataclasses import dataclass

from quadfit_tui import RunConfig
from quadfit_tui.sweeps.rows import ResultRows
from quadfit_tui.sweeps.space import Space
from quadfit_tui.sweeps.work import SweepJob

BASE = RunConfig(samples=8, epochs=6, noise=0.3, stop_on="never")
RATES = (0.01, 0.1, 0.5, 2000.0)


def space(seeds=25):
    """A space of 4 rates, of which the last one diverges, and so many seeds."""
    return Space(BASE, {"lr": RATES, "seed": range(seeds)})


def whole(parts):
    """All rows in the order of their cells."""
    return ResultRows.joined(parts)


def same(rows, others):
    """Whether they are the same to the last bit."""
    names = [name for name in vars(rows) if name != "errors"]
    return dict(rows.errors) == dict(others.errors) and all(
        getattr(rows, name).tobytes() == getattr(others, name).tobytes() for name in names
    )


@dataclass(frozen=True)
class DeadlyWork(SweepJob):
    """Some cells kill whoever trains them, unless that is the process of the test."""

    deadly: frozenset[int] = frozenset()
    parent: int = 0

    def train(self, cells):
        if self.deadly.intersection(cells) and os.getpid() != self.parent:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().train(cells)


@dataclass(frozen=True)
class OnceDeadlyWork(SweepJob):
    """The process that trains a cell is killed, as long as a file is there, which goes by that."""

    cell: int = 0
    marker: str = ""

    def train(self, cells):
        if self.cell in cells and os.path.exists(self.marker):
            os.unlink(self.marker)
            os.kill(os.getpid(), signal.SIGKILL)
        return super().train(cells)


@dataclass(frozen=True)
class WrongWork(SweepJob):
    """Some cells raise an error."""

    wrong: frozenset[int] = frozenset()

    def train(self, cells):
        if self.wrong.intersection(cells):
            raise ZeroDivisionError("by nought")
        return super().train(cells)
