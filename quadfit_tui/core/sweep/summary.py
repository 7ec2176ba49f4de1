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
from quadfit_tui.core.text.language import _, comma_separated, counted_as, noted_counts
from quadfit_tui.core.text.numbers import short
from quadfit_tui.core.training.position import Position

# How many runs ended so, and after how many epochs one did.
_COUNTS = {
    "converged": noted_counts("{n} converged", "{n} converged"),
    "finished": noted_counts("{n} finished", "{n} finished"),
    "diverged": noted_counts("{n} diverged", "{n} diverged"),
    "failed": noted_counts("{n} failed", "{n} failed"),
}
_ENDS = {
    "converged": noted_counts("converged after {n} epoch", "converged after {n} epochs"),
    "finished": noted_counts("finished after {n} epoch", "finished after {n} epochs"),
    "diverged": noted_counts("diverged after {n} epoch", "diverged after {n} epochs"),
}


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
        ended = comma_separated([counted_as(*_COUNTS[status], count) for status, count in self.counts.items()])
        lines = [counted_as("{n} run: {ended}.", "{n} runs: {ended}.", len(self.rows), ended=ended)]
        if self.best is None:
            return [*lines, _("None of them has a mean loss at its end, so none is the best.")]
        cell, epochs = int(self.rows.cell[self.best]), int(self.rows.epochs[self.best])
        loss, least = (short(float(each[self.best])) for each in (self.rows.mean_loss, self.rows.least))
        how = counted_as(*_ENDS[STATUSES[self.rows.status[self.best]]], epochs)
        told = _("The best is {cell}: mean loss {loss}, where the least is {least}; {end}.")
        lines.append(told.format(cell=shown(self.space, cell), loss=loss, least=least, end=how))
        try:
            command = app_command(task_of(self.space, cell, self.problem), Position(epochs, 0))
        except NotReproducibleError as reason:
            return [*lines, str(reason)]
        return [*lines, _("This opens it in the app:"), command]

    @property
    def failure(self) -> str:
        """How many runs failed, and why the first of them did; empty where none did."""
        if not self.counts["failed"]:
            return ""
        first = min(self.rows.errors)
        return counted_as(
            "{n} run failed; the first is cell {cell}: {problem}",
            "{n} runs failed; the first is cell {cell}: {problem}",
            self.counts["failed"],
            cell=first,
            problem=self.rows.errors[first],
        )


def shown(space: Space, cell: int) -> str:
    """A cell in words, with its values of the parameters that vary and make a difference: `cell 7 (lr 0.1, seed 2)`."""
    found = {name: column[0] for name, column in space.columns([cell]).items()}
    words = []
    for name, value in found.items():
        if value is not None:
            text = short(value) if isinstance(value, float) else PARAMETERS[name].show(value)
            words.append(_("{parameter} {value}").format(parameter=PARAMETERS[name].label, value=text))
    if not words:
        return _("cell {cell}").format(cell=cell)
    return _("cell {cell} ({values})").format(cell=cell, values=comma_separated(words))


def command_of(space: Space, cell: int, problem: Problem | None = None) -> str:
    """The command that trains a cell alone; raises NotReproducibleError."""
    return run_command(task_of(space, cell, problem), ["--quiet"])


def task_of(space: Space, cell: int, problem: Problem | None = None) -> Task:
    """A cell as a task."""
    config = space.config(cell)
    return make_task(config) if problem is None else Task(config, problem)
