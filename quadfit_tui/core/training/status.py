"""Status: whether a run goes on, and how it ended."""

from __future__ import annotations

from enum import StrEnum


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
