"""LossAxes: the axes on which a student draws an expected mean loss; they betray nothing of the run."""

from __future__ import annotations

import math
from typing import NamedTuple

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.methods.stopping import STOP_RULES
from quadfit_tui.core.model.task import FitTask
from quadfit_tui.core.text.language import _

WHOLE = 100  # positions on both axes count hundredths: of the epochs, and of the height, which is logarithmic
AT_START, AT_TOL = 80, 10  # heights of the mean loss at the start, and of tol, with room above and below
_FEWEST, _USUAL, _MOST = 1.0, 8.0, 20.0  # decades from the start down to tol; _USUAL if there is no tol
_FARTHEST = 1e150  # mean loss at the start above which the axis might overflow


class LossAxes(NamedTuple):
    """Axes for drawing a run, made from its mean loss at the start, tol and its number of epochs alone.

    `tol` is None if no loss stops the run. The start is at the height AT_START, tol at AT_TOL if it is within _FEWEST
    to _MOST decades.
    """

    start: float
    tol: float | None
    epochs: int

    @classmethod
    def of(cls, task: FitTask) -> LossAxes:
        """Makes the axes for a run, without training it."""
        config = task.config
        return cls(task.loss_at_start, config.tol if ends_below_tol(config) else None, config.epochs)

    @property
    def refusal(self) -> str:
        """The reason why nothing can be drawn on the axes; empty if one can."""
        if not 0 < self.start < _FARTHEST:
            problem = _("begins with a mean loss of {loss}, of which there is no logarithm with room around it")
            return problem.format(loss=f"{self.start:g}")
        if self.tol is not None and self.start <= self.tol:
            problem = _("begins with a mean loss of {loss}, which is below tol already")
            return problem.format(loss=f"{self.start:g}")
        return ""

    @property
    def decades(self) -> float:
        """The number of powers of ten between the heights AT_START and AT_TOL."""
        below = _USUAL if self.tol is None else math.log10(self.start / self.tol)
        return min(max(below, _FEWEST), _MOST)

    @property
    def range(self) -> tuple[float, float]:
        """The mean losses at the lower and the upper end of the vertical axis."""
        return self.loss(0), self.loss(WHOLE)

    def loss(self, height: float) -> float:
        """Computes the mean loss at a height, in hundredths of the axis."""
        return float(self.start * 10 ** ((height - AT_START) / (AT_START - AT_TOL) * self.decades))

    def height(self, loss: float) -> float:
        """Computes the height of a mean loss, clipped to half an axis beyond either end; NaN is at the top."""
        if not loss < self.loss(1.5 * WHOLE):
            return 1.5 * WHOLE
        decades = math.log10(max(loss, self.loss(-0.5 * WHOLE)) / self.start)
        return AT_START + decades / self.decades * (AT_START - AT_TOL)

    def epoch(self, share: float) -> int:
        """Computes the number of epochs done at a horizontal position, in hundredths of the axis."""
        return round(share / WHOLE * self.epochs)


def ends_below_tol(config: RunConfig) -> bool:
    """Whether a run ends as soon as its loss is below tol; else the axes do not show tol."""
    return STOP_RULES[config.stop_on].select_loss is not None and config.tol > 0
