"""Status: whether a run goes on, and how it ended."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the table of formats, which needs this, needs no NumPy
    from quadfit_tui.core.model.task import FitTask

MOST_GROWTH = 1000  # times the mean loss at the start


class Status(StrEnum):
    """Where a run stands; a text, and shown as one."""

    __repr__ = str.__repr__

    READY = "ready"
    RUNNING = "running"
    PAUSED = "paused"
    CONVERGED = "converged"
    FINISHED = "finished"
    DIVERGED = "diverged"

    @property
    def ended(self) -> bool:
        """Whether only a restart leads on."""
        return self in (Status.CONVERGED, Status.FINISHED, Status.DIVERGED)


def status_after_all_epochs(task: FitTask, mean_loss: float) -> Status:
    """Returns how a run ended that has done all of its epochs and that no rule stopped, by its mean loss then.

    It diverged if that is more than MOST_GROWTH times the mean loss at the start and more than that of w = 0: a start
    beside the optimum has so small a loss that a thousand times as much is nothing.
    """
    # That of zero is the same for all runs of the same samples: the other is worked out for few of them.
    has_grown = mean_loss > task.trained.loss_of_zero and mean_loss > MOST_GROWTH * task.loss_at_start
    return Status.DIVERGED if has_grown else Status.FINISHED
