"""Scene, what the views draw from: a moment of a run, its curves so far, and the runs to compare it with."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from quadfit_tui.core.model.array import Array
from quadfit_tui.core.session.runs import Run
from quadfit_tui.core.session.session import RunSession
from quadfit_tui.core.session.snapshot import Snapshot
from quadfit_tui.core.training.curves import Curves
from quadfit_tui.ui.charts.spec import Role, Window, run_roles

if TYPE_CHECKING:
    from quadfit_tui.core.rate_map.rate_map import RateMap


class Drawing(NamedTuple):
    """Mean losses that somebody expects of the run, one who draws them or many: `curves` of epochs done and losses.

    `window` is that of the empty axes while it is drawn, None once the run is seen beside it; `pen` is where it is
    drawn on, where keys do that. `label` says whose it is, where it is not the user's own, `tol` what the run is to
    come to.
    """

    curves: tuple[tuple[Array, Array], ...]
    label: str = ""
    window: Window | None = None
    pen: tuple[float, float] | None = None
    tol: float | None = None


@dataclass(frozen=True, eq=False)
class Scene:
    """A moment of a session; what takes time to find out is found out when a view asks for it.

    `settles` is the w where the run settles, shape (3,); None where there is none, or that is not known. `withheld`
    names what is not to be shown, such as the optimum. `rate_map` is the map of the present task, as far as it is
    worked out, None before it is; `cell` is the row and column of it that the cursor is at, if it has one. `no_map`
    says why none is to come. `is_taught`: a lesson is open, which speaks of its runs. `drawing` is what somebody draws
    of the run, or has drawn. `is_saved`: the picture stands alone, and no row below it tells of the cursor.
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
        """Losses and parameters of the present run by epoch, up to its newest one."""
        return self.session.timeline.history.curves()

    @cached_property
    def epoch_path(self) -> Array:
        """w update by update within the epoch that is visited, shape (m, 3), m at most PATH_UPDATES + 1.

        Shape (0, 3) where the session has gone on since this moment, and does not know its path any more.
        """
        here = self.snapshot.number, self.snapshot.task, self.snapshot.position
        gone_on = (self.session.run.number, self.session.timeline.task, self.session.timeline.position) != here
        return np.empty((0, 3)) if gone_on else self.session.timeline.epoch_path()

    @cached_property
    def run(self) -> Run:
        """The present run, as far as it has come."""
        return self.session.run

    @cached_property
    def earlier(self) -> tuple[Run, ...]:
        """The runs to compare it with, the one that was left first first; none where it is compared with a drawing."""
        return self.session.earlier if self.drawing is None else ()

    @cached_property
    def roles(self) -> dict[int, Role]:
        """What each earlier run is drawn as, by its number."""
        return run_roles(run.number for run in self.earlier)


def scene_of(
    session: RunSession,
    settles: Array | None = None,
    held: Set[str] = frozenset(),
    is_taught: bool = False,
    drawing: Drawing | None = None,
) -> Scene:
    """The present moment."""
    return Scene(session, session.snapshot(), settles, held, is_taught=is_taught, drawing=drawing)
