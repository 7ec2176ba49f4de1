"""TrainedRun: a run that was trained to its end, as arrays."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.model.array import Array
from quadfit_tui.core.session.session import Session
from quadfit_tui.library.samples import Samples

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

_Kind = TypeVar("_Kind", bound=np.generic)


@dataclass(frozen=True, eq=False)
class TrainedRun:
    """A run that was trained to its end: n whole epochs, of which each array has a row; x and y have no units.

    `config` is its RunConfig. `status` is how it ended: "converged", "finished" (all epochs done) or "diverged". What
    a diverged run did in the epoch in which it diverged has no row.

    `epoch`: int64, shape (n,), the numbers 0 to n − 1. `lr`: float64, shape (n,), the learning rate of each epoch.
    `loss`: float64, shape (n,), the mean squared error of the epoch's last batch before its update, in units of y².
    `w`: float64, shape (n, 3), the parameters a, b and c of f(x) = ax² + bx + c after each epoch, in units of y/x², y/x
    and y; in coordinates of x, whether features are scaled or not. All numbers are those that `quadfit-tui run`
    writes, to the last bit. The arrays cannot be changed.
    """

    config: RunConfig
    status: str
    epoch: NDArray[np.int64] = field(repr=False)
    lr: Array = field(repr=False)
    loss: Array = field(repr=False)
    w: Array = field(repr=False)
    _trained_w: Array = field(repr=False)
    _session: Session = field(repr=False)

    @property
    def samples(self) -> Samples:
        """The samples on which it was trained, also those of a file, or made."""
        problem = self._session.timeline.task.problem
        return Samples(problem.x, problem.y)

    @cached_property
    def mean_loss(self) -> Array:
        """The mean squared error over all samples after each epoch: float64, shape (n,), in units of y².

        Worked out when it is first asked for: n passes over the samples.
        """
        problem = self._session.timeline.task.trained
        return kept(np.array([problem.mean_loss(w) for w in self._trained_w], dtype=float))

    def _columns(self) -> dict[str, NDArray[Any]]:
        a, b, c = self.w.T
        return {
            "epoch": self.epoch,
            "lr": self.lr,
            "loss": self.loss,
            "mean_loss": self.mean_loss,
            "a": a,
            "b": b,
            "c": c,
        }

    def to_pandas(self) -> pd.DataFrame:
        """A frame of pandas with a row for each epoch: epoch, lr, loss, mean_loss, a, b, c.

        Raises ImportError where pandas is not installed.
        """
        frame: pd.DataFrame = _library("pandas").DataFrame(self._columns())
        return frame

    def to_polars(self) -> pl.DataFrame:
        """A frame of polars with a row for each epoch: epoch, lr, loss, mean_loss, a, b, c.

        Raises ImportError where polars is not installed.
        """
        frame: pl.DataFrame = _library("polars").DataFrame(self._columns())
        return frame


def _library(name: str) -> Any:
    try:
        return import_module(name)
    except ModuleNotFoundError as missing:
        if missing.name != name:  # it is there, and misses something itself
            raise
        raise ImportError(f"to_{name} needs {name}, which is not installed: pip install {name}", name=name) from None


def kept(array: NDArray[_Kind]) -> NDArray[_Kind]:
    """The array, which cannot be changed any more."""
    array.flags.writeable = False
    return array
