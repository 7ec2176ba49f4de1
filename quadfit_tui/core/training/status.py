"""The words of the play state machine: where a run stands, what a step is, how fast it plays."""

from __future__ import annotations

from enum import StrEnum

# Units a second by name; None: as fast as it goes.
SPEEDS: dict[str, int | None] = {"1": 1, "2": 2, "5": 5, "10": 10, "30": 30, "max": None}
DEFAULT_SPEED = 10


class Status(StrEnum):
    """Where a run stands."""

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


class Unit(StrEnum):
    """What one step of a run is, and what it plays by."""

    UPDATE = "update"
    EPOCH = "epoch"
