"""Scene, the input of the views: a moment of a run, its curves so far, and the runs to compare it with."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from quadfit_tui.core.model.array import Array
from quadfit_tui.core.model.problem import Dataset
from quadfit_tui.core.session.runs import Run
from quadfit_tui.core.session.session import RunSession
from quadfit_tui.core.session.snapshot import Snapshot
from quadfit_tui.core.training.curves import Curves
from quadfit_tui.ui.charts.spec import Role, Window, run_roles

if TYPE_CHECKING:
    from quadfit_tui.core.rate_map.rate_map import RateMap


_MOST_TIMES_THE_VARIANCE = 10.0  # of y, between samples whose runs stand on one chart


class Drawing(NamedTuple):
    """Curves of mean losses that one or more students expect of the run; each is epochs done and losses.

    `window` is that of the empty axes while the user draws, None once the run is shown beside the curves. `pen` is the
    point from which keys draw on, if they do. `label` says whose the curves are, if not the user's own. `tol` is the
    loss at which the run will stop.
    """

    curves: tuple[tuple[Array, Array], ...]
    label: str = ""
    window: Window | None = None
    pen: tuple[float, float] | None = None
    tol: float | None = None


@dataclass(frozen=True, eq=False)
class Scene:
    """A moment of a session, from which views draw; what takes time to compute is computed when a view asks for it.

    `settles` is the w at which the run settles, shape (3,), or None if there is none or it is unknown. `withheld` names
    what a lesson hides, such as the optimum. `rate_map` is the map of the present task as far as it is computed, None
    before; `cell` is its row and column with the cursor, if it has one. `no_map` says why there will be no map.
    `is_taught`: whether a lesson is open, which names its runs. `drawing` is what the user draws of the run, or has
    drawn. `is_saved`: whether the picture stands alone, without the row about the cursor below it.
    """

    session: RunSession
    snapshot: Snapshot
    settles: Array | None = None
    withheld: Set[str] = frozenset()
    rate_map: RateMap | None = None
    cell: tuple[int, int] | None = None
    no_map: str = ""
    is_taught: bool = False
    drawing: Drawing | None = None
    is_saved: bool = False

    @cached_property
    def curves(self) -> Curves:
        """Losses and parameters of the current run by epoch, up to its newest one."""
        return self.session.timeline.history.curves()

    @cached_property
    def epoch_path(self) -> Array:
        """w after each update within the visited epoch, shape (m, 3), m at most PATH_UPDATES + 1.

        Its shape is (0, 3) if the session has gone on since this moment and does not know its path any more.
        """
        moment = self.snapshot.number, self.snapshot.task, self.snapshot.position
        present = self.session.run.number, self.session.timeline.task, self.session.timeline.position
        return self.session.timeline.epoch_path() if moment == present else np.empty((0, 3))

    @cached_property
    def run(self) -> Run:
        """The current run, as far as it is trained."""
        return self.session.run

    @cached_property
    def earlier(self) -> tuple[Run, ...]:
        """The earlier runs to compare it with, in the order in which they were left; none if there is a drawing.

        Runs on samples of another magnitude are left out: on one scale with them, all others would be flat lines.
        """
        if self.drawing is not None:
            return ()
        present = self.snapshot.problem
        return tuple(run for run in self.session.earlier if is_comparable(run.problem, present))

    @cached_property
    def roles(self) -> dict[int, Role]:
        """The role in which each earlier run is drawn, by its number: as in the table of runs, which lists all."""
        return run_roles(run.number for run in self.session.earlier)


def is_comparable(problem: Dataset, other: Dataset) -> bool:
    """Returns whether the losses on two sets of samples fit on one scale: the variances of y are within a factor."""
    low, high = sorted((problem.variance, other.variance))
    return problem.source == other.source or high <= _MOST_TIMES_THE_VARIANCE * low


def scene_of(
    session: RunSession,
    settles: Array | None = None,
    withheld: Set[str] = frozenset(),
    is_taught: bool = False,
    drawing: Drawing | None = None,
) -> Scene:
    """Creates the scene of a session's present moment; `withheld` names what a lesson hides."""
    return Scene(session, session.snapshot(), settles, withheld, is_taught=is_taught, drawing=drawing)
