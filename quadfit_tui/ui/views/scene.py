"""Scene: what the views draw from. A moment of a run, its course so far, and the runs to compare it with."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from quadfit_tui.core.model.array import Array
from quadfit_tui.core.session.runs import Run
from quadfit_tui.core.session.session import Session
from quadfit_tui.core.session.snapshot import Snapshot
from quadfit_tui.core.training.curves import Curves


@dataclass(frozen=True, eq=False)
class Scene:
    """A moment of a session; what takes time to find out is found out when a view asks for it.

    `settles` is the w where the run settles, shape (3,); None where it does not, or that is not known.
    """

    session: Session
    snapshot: Snapshot
    settles: Array | None = None

    @cached_property
    def curves(self) -> Curves:
        """The course of the present run, up to its newest epoch."""
        return self.session.timeline.history.curves()

    @cached_property
    def epoch_path(self) -> Array:
        """w update by update within the epoch that is visited, shape (m, 3), as Session.epoch_path gives it.

        Shape (0, 3) where the session has gone on since this moment, whose walk it does not know any more.
        """
        here = self.snapshot.run, self.snapshot.position
        gone_on = (self.session.run.number, self.session.timeline.position) != here
        return np.empty((0, 3)) if gone_on else self.session.epoch_path()

    @cached_property
    def run(self) -> Run:
        """The present run, as far as it has come."""
        return self.session.run

    @cached_property
    def earlier(self) -> tuple[Run, ...]:
        """The runs to compare it with, the one that was left first first."""
        return self.session.earlier


def scene_of(session: Session, settles: Array | None = None) -> Scene:
    """The present moment."""
    return Scene(session, session.snapshot(), settles)
