"""Runs side by side: what the present run and the earlier ones came to, and what differs between them.

An earlier run is kept with its Timeline, so that it can be shown again as it was left.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property

from quadfit_tui.core.config.differences import differences
from quadfit_tui.core.config.parameters import PARAMETERS
from quadfit_tui.core.model.task import FitTask
from quadfit_tui.core.session.snapshot import Moment
from quadfit_tui.core.text.language import _, comma_separated
from quadfit_tui.core.training.curves import Curves
from quadfit_tui.core.training.position import START
from quadfit_tui.core.training.status import Status
from quadfit_tui.core.training.timeline import Timeline

MOST_EARLIER = 6


@dataclass(frozen=True, eq=False)
class Run(Moment):
    """What a run has come to at its newest point.

    `status` is how it ended, else PAUSED, or READY where nothing was trained. `timeline` has all its past, to be looked
    at only.
    """

    timeline: Timeline = field(repr=False)

    @classmethod
    def of(cls, number: int, timeline: Timeline) -> Run:
        """The run of a timeline, as it stands."""
        position = timeline.newest
        unfinished = Status.READY if position == START else Status.PAUSED
        status = unfinished if timeline.end is None else timeline.end.status
        return cls(number, timeline.task, status, position, timeline.newest_w, timeline)

    @cached_property
    def distance(self) -> float:
        """‖w − optimum‖, the optimum being the least-squares w of its samples."""
        return math.dist(self.w.tolist(), self.problem.optimum.tolist())

    @cached_property
    def curves(self) -> Curves:
        """Its losses and parameters for charts: as they were when first asked for."""
        return self.timeline.history.curves()

    def is_as(self, task: FitTask) -> bool:
        """Whether a run of this task is the same to the last bit."""
        return self.problem.source == task.problem.source and not differences(self.config, task.config)


class RunHistory:
    """The earlier runs, at most MOST_EARLIER: the one that was left first goes first.

    `next_number` is that of the next run to begin: one of which nothing was trained leaves its number to it.
    """

    def __init__(self) -> None:
        self.runs: tuple[Run, ...] = ()
        self.next_number = 1

    def put(self, run: Run) -> None:
        """Adds a run that is being left, if anything of it was trained."""
        if run.position != START:
            self._use_number_of(run)
            run.timeline.release_memory()
            self.runs = (*self.runs, run)[-MOST_EARLIER:]

    def _use_number_of(self, run: Run) -> None:
        self.next_number = max(self.next_number, run.number + 1)

    def put_for(self, run: Run, task: FitTask, least: int = 0) -> None:
        """Adds a run that is left for a new one of `task`, unless it has done fewer than `least` epochs.

        Any run that is the same as the new one goes: there is to be one of them.
        """
        self.runs = tuple(other for other in self.runs if not other.is_as(task))
        if run.position.epoch < least:
            return
        if not run.is_as(task):
            self.put(run)
        elif run.position != START:
            self._use_number_of(run)

    def pop(self, number: int) -> Run:
        """Takes a run away, and gives it. Raises ValueError where there is none of this number."""
        run = next((run for run in self.runs if run.number == number), None)
        if run is None:
            raise ValueError(_("there is no earlier run {number}").format(number=number))
        self.runs = tuple(other for other in self.runs if other is not run)
        return run


# What differs


def compared(before: Run, after: Run, most: int = len(PARAMETERS)) -> str:
    """What differs between two runs, as a list of `most` differences at most."""
    changes = differences(before.config, after.config) or (_("the data file has changed"),)
    told = comma_separated(changes[:most])
    return _("{some} and {n} more").format(some=told, n=len(changes) - most) if len(changes) > most else told
