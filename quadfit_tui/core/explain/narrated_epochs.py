"""The data of the narrator: its sentences, the run that it describes, and windows of epochs."""

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

LONG, BRIEF = 78, 38  # maximum columns of a sentence, and of its short form


class NarratedSentence(NamedTuple):
    """A sentence after so many epochs: its kind of event, in full and in brief; `warns`: something went wrong."""

    epochs: int
    kind: str
    full: str
    brief: str
    warns: bool = False


class EpochWindow(NamedTuple):
    """Epochs in order, of which those from index `new` on are new: `epochs` and `loss`, shape (n,); `w`, shape (n, 3).

    `off` is w − optimum, shape (n, 3); all nan if the optimum is unknown.
    """

    epochs: NDArray[np.int64]
    loss: Array
    w: Array
    off: Array
    new: int

    def ago(self, values: Array, count: int) -> Array:
        """Returns the values `count` epochs before each epoch, nan if these are missing."""
        before = np.full(values.shape, np.nan)
        if len(values) > count:
            apart = self.epochs[count:] - self.epochs[:-count] == count
            before[count:][apart] = values[:-count][apart]
        return before

    def lasting(self, holds: NDArray[np.bool_], count: int) -> NDArray[np.bool_]:
        """Returns whether a condition holds at each of the `count` epochs up to this one, for all epochs."""
        values, lasts = holds.astype(np.float64), holds.copy()
        for back in range(1, count):
            lasts &= self.ago(values, back) == 1
        return lasts


class NarratedRun:
    """The facts about a run that the tests of events need; `withheld` names the topics that a lesson holds back."""

    def __init__(self, task: FitTask, diagnosis: RunDiagnosis | None, withheld: Collection[str]) -> None:
        self.task, self.config, self.diagnosis, self.withheld = task, task.config, diagnosis, withheld
        self.start = task.loss_at_start
        self.low = math.inf  # the lowest mean loss so far
        self.grew: int | None = None  # the epoch of the first sentence on growth
        knows_best = diagnosis is not None and "optimum" not in withheld and math.isfinite(diagnosis.condition)
        self.best = np.array(diagnosis.optimum) if diagnosis and knows_best else np.full(3, np.nan)  # if there is one

    @cached_property
    def is_plain(self) -> bool:
        """Whether each epoch shrinks each direction by the same factor: one update of all samples at one rate."""
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
        """The factor of the mean loss in an epoch in the flattest direction; nan if another direction lasts longer."""
        shrinks = 1 - self.config.lr * CONVENTIONS[self.config.gradient] * self.directions[0]
        return float(shrinks[0] ** 2) if abs(shrinks[0]) >= np.abs(shrinks).max() else math.nan

    @property
    def little(self) -> float:
        """The mean loss below which little is left to gain."""
        assert self.diagnosis is not None
        return 10 * max(self.diagnosis.least, self.config.tol)


def number(value: float) -> str:
    """Formats a value with three digits, or with all before its point: 0.65, -2403, 5.79e+06."""
    if math.isinf(value):
        return _("over {most}").format(most="1e308")
    return f"{value:.0f}" if 1000 <= abs(value) < 1e5 else f"{value + 0.0:.3g}"


def numbers(one: float, other: float) -> tuple[str, str]:
    """Formats two values like `number`, or with as many digits as it takes to tell them apart."""
    texts = number(one), number(other)
    return texts if math.isinf(one) or math.isinf(other) else format_distinct(*map(float, texts))
