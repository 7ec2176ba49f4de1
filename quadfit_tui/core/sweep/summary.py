"""What the runs of a sweep came to: how they ended, the best of them, and the commands that give one again."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from quadfit_tui.core.config.parameters import PARAMETERS
from quadfit_tui.core.model.problem import Problem
from quadfit_tui.core.model.task import Task, make_task
from quadfit_tui.core.session.reproduction import NotReproducibleError, app_command, run_command
from quadfit_tui.core.sweep.rows import STATUSES, Rows, best_of
from quadfit_tui.core.sweep.space import Space
from quadfit_tui.core.text.numbers import counted, short
from quadfit_tui.core.training.position import Position


@dataclass(frozen=True, eq=False)
class Summary:
    """What `rows` of a sweep say, in any order; `problem` has the samples if they are given."""

    space: Space
    rows: Rows
    problem: Problem | None = None

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many runs ended in each of STATUSES."""
        return dict(zip(STATUSES, np.bincount(self.rows.status, minlength=len(STATUSES)).tolist(), strict=True))

    @cached_property
    def best(self) -> int | None:
        """Which row is the best; None where all diverged or failed."""
        return best_of(self.rows.mean_loss, self.rows.cell)

    def lines(self) -> list[str]:
        """The summary in sentences, and the command that opens the best run in the app."""
        ended = ", ".join(
            f"{format(count, ',' if count >= 10_000 else '')} {status}" for status, count in self.counts.items()
        )
        lines = [f"{counted(len(self.rows), 'run')}: {ended}."]
        if self.best is None:
            return [*lines, "None of them has a mean loss at its end, so none is the best."]
        cell, epochs = int(self.rows.cell[self.best]), int(self.rows.epochs[self.best])
        loss, least = (short(float(each[self.best])) for each in (self.rows.mean_loss, self.rows.least))
        how = f"{STATUSES[self.rows.status[self.best]]} after {counted(epochs, 'epoch')}"
        lines.append(f"The best is {shown(self.space, cell)}: mean loss {loss}, where the least is {least}; {how}.")
        try:
            command = app_command(task_of(self.space, cell, self.problem), Position(epochs, 0))
        except NotReproducibleError as reason:
            return [*lines, str(reason)]
        return [*lines, "This opens it in the app:", command]

    @property
    def failure(self) -> str:
        """How many runs failed, and why the first of them did; empty where none did."""
        if not self.counts["failed"]:
            return ""
        first = min(self.rows.errors)
        return f"{counted(self.counts['failed'], 'run')} failed; the first is cell {first}: {self.rows.errors[first]}"


def shown(space: Space, cell: int) -> str:
    """A cell in words, with its values of the parameters that vary and make a difference: `cell 7 (lr 0.1, seed 2)`."""
    found = {name: column[0] for name, column in space.columns([cell]).items()}
    words = [
        f"{PARAMETERS[name].label} {short(value) if isinstance(value, float) else PARAMETERS[name].show(value)}"
        for name, value in found.items()
        if value is not None
    ]
    return f"cell {cell} ({', '.join(words)})" if words else f"cell {cell}"


def command_of(space: Space, cell: int, problem: Problem | None = None) -> str:
    """The command that trains a cell alone; raises NotReproducibleError."""
    return run_command(task_of(space, cell, problem), ["--quiet"])


def task_of(space: Space, cell: int, problem: Problem | None = None) -> Task:
    """A cell as a task."""
    config = space.config(cell)
    return make_task(config) if problem is None else Task(config, problem)
