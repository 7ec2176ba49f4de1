"""SCHEDULES: the learning rate of each epoch, counted from 0."""

from __future__ import annotations

import math
from collections.abc import Callable

Schedule = Callable[[float, int, int], float]


def halve(base: float, epoch: int, decay_every: int) -> float:
    """Halves the rate every `decay_every` epochs: base / 2^⌊(epoch+1)/decay_every⌋, the article's schedule.

    So with decay_every = 10 epochs 0–8 run at the base rate, epochs 9–18 at half of it.
    """
    return math.ldexp(base, -((epoch + 1) // decay_every))


def constant(base: float, epoch: int, decay_every: int) -> float:  # noqa: ARG001  every schedule has one signature
    """Keeps the rate as it is."""
    return base


SCHEDULES: dict[str, Schedule] = {"halve": halve, "constant": constant}
