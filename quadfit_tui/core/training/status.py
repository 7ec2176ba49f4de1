"""Status: whether a run goes on, and how it ended."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # at run time, the table of formats imports this module without NumPy
    from quadfit_tui.core.model.task import FitTask

MOST_GROWTH = 1000  # in units of the mean loss at the start; a run that ends above it has diverged


class Status(StrEnum):
    """The status of a run; also a string, and so in its repr."""

    __repr__ = str.__repr__

    READY = "ready"
    RUNNING = "running"
    PAUSED = "paused"
    CONVERGED = "converged"
    FINISHED = "finished"
    DIVERGED = "diverged"

    @property
    def ended(self) -> bool:
        """Whether the run has ended, so that only a restart leads on."""
        return self in (Status.CONVERGED, Status.FINISHED, Status.DIVERGED)


def status_after_all_epochs(task: FitTask, mean_loss: float) -> Status:
    """Returns the status, from its mean loss, of a run that has done all of its epochs without being stopped by a rule.

    It diverged if that is more than MOST_GROWTH times the mean loss at the start and more than that of w = 0: a start
    close to the optimum has so small a loss that even a thousand times as much is little.
    """
    # The loss of w = 0, shared by all runs on the same samples, is tested first: few runs need loss_at_start.
    has_grown = mean_loss > task.trained.loss_of_zero and mean_loss > MOST_GROWTH * task.loss_at_start
    return Status.DIVERGED if has_grown else Status.FINISHED
