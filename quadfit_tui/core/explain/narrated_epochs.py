"""Sentences of the narrator, and the run and the epochs that it tells of."""

from __future__ import annotations

import math
from collections.abc import Collection
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from quadfit_tui.core.diagnosis.diagnose import RunDiagnosis
from quadfit_tui.core.methods.gradients import CONVENTIONS
from quadfit_tui.core.methods.schedules import is_constant
from quadfit_tui.core.model.array import Array
from quadfit_tui.core.model.parabola import curvature
from quadfit_tui.core.model.task import FitTask
from quadfit_tui.core.text.language import _
from quadfit_tui.core.text.numbers import format_distinct

LONG, BRIEF = 78, 38  # columns of a sentence, and of its short form


class NarratedSentence(NamedTuple):
    """What is told after so many epochs: of which kind it is, in full and in brief; `warns` of what went wrong."""

    epochs: int
    kind: str
    full: str
    brief: str
    warns: bool = False


class EpochWindow(NamedTuple):
    """Epochs in order, of which those from index `new` on are new: `epochs` and `loss`, shape (n,); `w`, shape (n, 3).

    `off` is w − optimum, shape (n, 3); all nan where the optimum is not known.
    """

    epochs: NDArray[np.int64]
    loss: Array
    w: Array
    off: Array
    new: int

    def ago(self, values: Array, count: int) -> Array:
        """The values so many epochs before, nan where these are not there."""
        before = np.full(values.shape, np.nan)
        if len(values) > count:
            apart = self.epochs[count:] - self.epochs[:-count] == count
            before[count:][apart] = values[:-count][apart]
        return before

    def lasting(self, holds: NDArray[np.bool_], count: int) -> NDArray[np.bool_]:
        """Whether something holds at each of the `count` epochs up to this one."""
        values, lasts = holds.astype(np.float64), holds.copy()
        for back in range(1, count):
            lasts &= self.ago(values, back) == 1
        return lasts


class NarratedRun:
    """What is known of a run that is told of; `withheld` names what a lesson holds back."""

    def __init__(self, task: FitTask, diagnosis: RunDiagnosis | None, held: Collection[str]) -> None:
        self.task, self.config, self.diagnosis, self.withheld = task, task.config, diagnosis, held
        self.start = task.loss_at_start
        self.low = math.inf  # the lowest mean loss so far
        self.grew: int | None = None  # the epoch at which it was first told to grow
        best = None if diagnosis is None or "optimum" in held else np.array(diagnosis.optimum)
        self.best = np.full(3, np.nan) if best is None else best

    @cached_property
    def is_plain(self) -> bool:
        """Whether each epoch takes the same share off in each direction: one update of all samples by one rate."""
        config = self.config
        is_sgd = config.optimizer == "sgd" and self.task.is_full_batch and is_constant(config)
        return is_sgd and not config.scale_features and config.round_epochs is None

    @cached_property
    def directions(self) -> tuple[Array, Array]:
        """The eigenvalues of the curvature, ascending, shape (3,), and its eigenvectors, the columns of (3, 3)."""
        values, vectors = np.linalg.eigh(curvature(self.task.problem.x))
        return values, vectors

    @cached_property
    def pace(self) -> float:
        """What an epoch leaves of the mean loss in the flattest direction; nan where another one is left at last."""
        shrinks = 1 - self.config.lr * CONVENTIONS[self.config.gradient] * self.directions[0]
        return float(shrinks[0] ** 2) if abs(shrinks[0]) >= np.abs(shrinks).max() else math.nan

    @property
    def little(self) -> float:
        """The mean loss from which on there is little left to do."""
        assert self.diagnosis is not None
        return 10 * max(self.diagnosis.least, self.config.tol)


def number(value: float) -> str:
    """A value with three digits, or with more where it has more before its point: 0.65, -2403, 5.79e+06."""
    if math.isinf(value):
        return _("over {most}").format(most="1e308")
    return f"{value:.0f}" if 1000 <= abs(value) < 1e5 else f"{value + 0.0:.3g}"


def numbers(one: float, other: float) -> tuple[str, str]:
    """Two values in so many digits, or in as many as it takes to tell them apart."""
    told = number(one), number(other)
    return told if math.isinf(one) or math.isinf(other) else format_distinct(*map(float, told))
