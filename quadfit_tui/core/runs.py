"""Runs beside each other: what is kept of an earlier run, and in what its settings differ."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from quadfit_tui.core.config import PARAMETERS, RunConfig
from quadfit_tui.core.history import Curves
from quadfit_tui.core.problem import Problem
from quadfit_tui.core.quadratic import Array
from quadfit_tui.core.states import Status

MOST_RUNS = 6  # earlier ones that are kept


class Run(NamedTuple):
    """A run that is not the present one any more: how far it came, with its course for curves.

    `number` counts the runs of a session from 1; w and `mean_loss` are those of the newest moment it was trained to.
    """

    number: int
    config: RunConfig
    problem: Problem
    status: Status
    epochs: int
    w: Array
    mean_loss: float
    curves: Curves

    @property
    def distance(self) -> float:
        """How far w is from the least-squares optimum, as the crow flies."""
        return float(np.linalg.norm(self.w - self.problem.optimum))


def differences(config: RunConfig, other: RunConfig) -> list[str]:
    """The settings that differ from `config` to `other`, in words: `lr 0.5 → 0.1`; what neither uses is left out."""
    idle = config.unused & other.unused
    found = []
    for name, parameter in PARAMETERS.items():
        before, after = getattr(config, name), getattr(other, name)
        if before != after and name not in idle:
            label = name.replace("_", " ")
            found.append(f"{label} {parameter.show(before) or 'none'} → {parameter.show(after) or 'none'}")
    return found
