"""The current run and the earlier ones: how they came out, and the differences between them.

An earlier run keeps its Timeline, so that it can be shown again as it was left.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
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

MOST_EARLIER = 6  # maximum number of earlier runs that are kept


@dataclass(frozen=True, eq=False)
class Run(Moment):
    """A run of the session at its newest point.

    `status` is that of its end, else PAUSED, or READY if nothing was trained. `timeline` has all its past and is
    read-only.
    """

    timeline: Timeline = field(repr=False)

    @classmethod
    def of(cls, number: int, timeline: Timeline) -> Run:
        """Returns the run of a timeline, at its newest point."""
        position = timeline.newest
        unfinished = Status.READY if position == START else Status.PAUSED
        status = unfinished if timeline.end is None else timeline.end.status
        return cls(number, timeline.task, status, position, timeline.newest_w, timeline)

    @cached_property
    def distance(self) -> float:
        """The distance ‖w − optimum‖ to the least-squares w of its samples."""
        return math.dist(self.w.tolist(), self.problem.optimum.tolist())

    @cached_property
    def curves(self) -> Curves:
        """Its losses and parameters for charts, as they were at the first access."""
        return self.timeline.history.curves()

    def is_same_run(self, task: FitTask) -> bool:
        """Returns whether a run of this task would be the same to the last bit."""
        return self.problem.source == task.problem.source and not differences(self.config, task.config)


class RunHistory:
    """The earlier runs, at most MOST_EARLIER: the one that was left first is dropped first.

    `next_number` is the number of the next run; a run of which nothing was trained does not use one up.
    """

    def __init__(self) -> None:
        self.runs: tuple[Run, ...] = ()
        self.next_number = 1

    def add(self, run: Run) -> None:
        """Adds a run that is being left, if anything of it was trained."""
        if run.position != START:
            self._use_number_of(run)
            run.timeline.release_memory()
            self.runs = (*self.runs, run)[-MOST_EARLIER:]

    def _use_number_of(self, run: Run) -> None:
        """Makes the next run have a higher number than this one."""
        self.next_number = max(self.next_number, run.number + 1)

    def add_replaced(self, run: Run, task: FitTask, least: int = 0) -> None:
        """Adds a run that is left for a new one of `task`, unless it has done fewer than `least` epochs.

        Removes runs that are the same as the new one.
        """
        self.runs = tuple(other for other in self.runs if not other.is_same_run(task))
        if run.position.epoch < least:
            return
        if not run.is_same_run(task):
            self.add(run)
        elif run.position != START:
            self._use_number_of(run)

    def put_back(self, runs: Sequence[Run]) -> None:
        """Keeps these runs, which were earlier ones once, in the place of those that are kept now."""
        self.runs = tuple(run for run in runs if run.position != START)[-MOST_EARLIER:]

    def pop(self, number: int) -> Run:
        """Removes and returns an earlier run. Raises ValueError if none has this number."""
        run = next((run for run in self.runs if run.number == number), None)
        if run is None:
            raise ValueError(_("there is no earlier run {number}").format(number=number))
        self.runs = tuple(other for other in self.runs if other is not run)
        return run


def format_differences(before: Run, after: Run, most: int = len(PARAMETERS)) -> str:
    """Formats the differences between two runs as a list of at most `most`, and the number of others."""
    changes = differences(before.config, after.config) or (_("the data file has changed"),)
    listed = comma_separated(changes[:most])
    return _("{some} and {n} more").format(some=listed, n=len(changes) - most) if len(changes) > most else listed
