"""LossAxes: the axes on which a student draws an expected mean loss, which give nothing of the run away."""

from __future__ import annotations

import math
from typing import NamedTuple

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.methods.stopping import STOP_RULES
from quadfit_tui.core.model.task import FitTask
from quadfit_tui.core.text.language import _

WHOLE = 100  # a place on the axes is told in hundredths: of the epochs, and of the height, which is logarithmic
AT_START, AT_TOL = 80, 10  # the heights of the mean loss at the start, and of tol: there is room above and below
_FEWEST, _USUAL, _MOST = 1.0, 8.0, 20.0  # decades from the start down to tol; the second where there is no tol
_FARTHEST = 1e150  # a mean loss from whose start there is room for all of that


class LossAxes(NamedTuple):
    """Axes that tell nothing of a run: they come from its mean loss at the start, tol and its epochs alone.

    `tol` is None where nothing stops the run. The start is at the height AT_START, tol at AT_TOL, where that is not out
    of reach.
    """

    start: float
    tol: float | None
    epochs: int

    @classmethod
    def of(cls, task: FitTask) -> LossAxes:
        """The axes for a run, which need not have been trained."""
        config = task.config
        return cls(task.loss_at_start, config.tol if ends_below_tol(config) else None, config.epochs)

    @property
    def refusal(self) -> str:
        """Why nothing can be drawn into them; empty where something can."""
        if not 0 < self.start < _FARTHEST:
            problem = _("begins with a mean loss of {loss}, of which there is no logarithm with room around it")
            return problem.format(loss=f"{self.start:g}")
        if self.tol is not None and self.start <= self.tol:
            problem = _("begins with a mean loss of {loss}, which is below tol already")
            return problem.format(loss=f"{self.start:g}")
        return ""

    @property
    def decades(self) -> float:
        """How many powers of ten there are between the heights of the start and tol."""
        below = _USUAL if self.tol is None else math.log10(self.start / self.tol)
        return min(max(below, _FEWEST), _MOST)

    @property
    def range(self) -> tuple[float, float]:
        """The mean losses at the lower and the upper end of the axis."""
        return self.loss(0), self.loss(WHOLE)

    def loss(self, height: float) -> float:
        """The mean loss at a height."""
        return float(self.start * 10 ** ((height - AT_START) / (AT_START - AT_TOL) * self.decades))

    def height(self, loss: float) -> float:
        """The height of a mean loss, within the axis or up to half of it beyond; at the top what is no number."""
        if not loss < self.loss(1.5 * WHOLE):
            return 1.5 * WHOLE
        decades = math.log10(max(loss, self.loss(-0.5 * WHOLE)) / self.start)
        return AT_START + decades / self.decades * (AT_START - AT_TOL)

    def epoch(self, share: float) -> int:
        """How many epochs are done at a place across."""
        return round(share / WHOLE * self.epochs)


def ends_below_tol(config: RunConfig) -> bool:
    """Whether a run ends where its loss is below tol; else the axes tell nothing of tol."""
    return STOP_RULES[config.stop_on].judged is not None and config.tol > 0
