"""The library: what `import quadfit_tui` gives, and all of it that a version promises to keep."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from operator import index
from typing import TYPE_CHECKING, Any, SupportsIndex, TypeVar

import numpy as np
from numpy.typing import NDArray

from quadfit_tui.core.config.parameters import ConfigError, RunConfig
from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.diagnosis.diagnose import Diagnosis
from quadfit_tui.core.diagnosis.diagnose import diagnose as diagnose_task
from quadfit_tui.core.explain.worked_update import worked_update
from quadfit_tui.core.model.array import Array
from quadfit_tui.core.model.task import make_task
from quadfit_tui.core.rate_map.rate_map import RateMap, figures_of, ups_of
from quadfit_tui.core.session.session import Session
from quadfit_tui.core.session.verdict import verdict
from quadfit_tui.core.session.visit import PastEndError, trained
from quadfit_tui.core.session.visit import visit as visited
from quadfit_tui.core.training.record_log import RecordLog

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

_Kind = TypeVar("_Kind", bound=np.generic)
_Word = TypeVar("_Word", bound=str)
Moment = str | SupportsIndex  # "start", "15:3", or an epoch by its number

__all__ = [
    "PRESETS",
    "ConfigError",
    "Diagnosis",
    "RateMap",
    "RunConfig",
    "Session",
    "TrainedRun",
    "diagnose",
    "explain",
    "rate_map",
    "train",
]


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

    @cached_property
    def mean_loss(self) -> Array:
        """The mean squared error over all samples after each epoch: float64, shape (n,), in units of y².

        Worked out when it is first asked for: n passes over the samples.
        """
        problem = self._session.timeline.task.trained
        return _kept(np.array([problem.mean_loss(w) for w in self._trained_w], dtype=float))

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


def _kept(array: NDArray[_Kind]) -> NDArray[_Kind]:
    """The array, which cannot be changed any more."""
    array.flags.writeable = False
    return array


def train(config: RunConfig) -> TrainedRun:
    """Trains a run until it converges, has done all of its epochs, or diverges; takes some 100 bytes for each epoch.

    Raises ConfigError where its file of samples, or its batch size for them, cannot be used.
    """
    session = Session(config, speed=None)
    session.play()
    logs = list(trained(session))
    w = np.concatenate([log.column("trained_w") for log in logs])
    return TrainedRun(
        config=session.config,
        status=str(session.status),
        epoch=_kept(np.arange(len(w), dtype=np.int64)),
        lr=_kept(np.concatenate([log.column("lr") for log in logs])),
        loss=_kept(np.concatenate([log.column("loss") for log in logs])),
        w=_kept(session.timeline.task.to_x(w)),
        _trained_w=w,
        _session=session,
    )


def visit(session: Session, moment: Moment, *, after_update: bool = False) -> Iterator[RecordLog]:
    """Takes a session to a moment of its run, such as "start", 14 or "15:3", and pauses there; gives what is trained.

    Raises ValueError where the run has no such moment, or ends before it, TypeError for what is no moment.
    """
    try:
        asked = moment if isinstance(moment, str) else str(index(moment))
    except TypeError:
        raise TypeError(f"{moment!r} is not a moment; allowed: a text such as '15:3', or a whole number") from None
    try:
        yield from visited(session, asked, after_update=after_update)
    except PastEndError as past:
        raise ValueError(f"{past}; {verdict(session.snapshot())}") from None


def explain(run: TrainedRun, moment: Moment) -> str:
    """One update of a run with its own numbers in the formulas, as lines of text: what `run --explain` writes.

    `moment` names the update: 14 or "14" the last one of epoch 14, "15:3" the third one of epoch 15; epochs count from
    0, updates from 1. Raises ValueError where the run has no such update.
    """
    session = run._session
    for _ in visit(session, moment, after_update=True):
        pass
    record = session.snapshot().record
    assert record is not None  # at least one update is done
    return "\n".join(worked_update(record))


def diagnose(config: RunConfig) -> Diagnosis:
    """What can be said of a run beforehand, as the app's line of diagnosis does; may take some seconds.

    Promised of a Diagnosis are `limit.rate`, the learning rate below which w settles or at least cannot diverge (above
    it, it may), or None where none is known; `optimum`, the least-squares (a, b, c); `least`, the mean loss there;
    `condition`, the condition number; `epochs`, after how many epochs the mean loss will be below tol, None where that
    is not foreseen; `converges`, whether that is within the run; `rest`, where w comes to rest if the run goes on, with
    `w`, `mean_loss` and `why`, an Enum whose value says it, or None where that is not known, or the mean loss comes
    below tol before. Raises ConfigError where its file of samples, or its
    batch size for them, cannot be used.
    """
    return diagnose_task(make_task(config))


def rate_map(
    config: RunConfig, up: str | None = None, figure: str | None = None, size: tuple[int, int] = (120, 40)
) -> RateMap:
    """What runs come to that differ from one in the learning rate, and in `up`: the view *map* as arrays.

    `up` is the name of a parameter: "momentum", "beta1", "rho" or "decay_rate", as the run uses them, "batch" or
    "scale_features"; the first of these without it. `figure` is "speed", "settles" or "ends", as far as they mean
    something for the run, as the view has them. `size` are the most rates and levels. It may take a minute.

    Promised of a RateMap are, all float64 but for outcomes: `rates`, shape (m,), learning rates; `levels`, shape (n,),
    values of `up`; `values`, shape (n, m), the figure, nan where the run does not converge: of *speed* the epochs until
    a tenth is left of the distance from where w settles, of *settles* mean losses as multiples of the least one, of
    *ends* epochs until the loss is below tol; `factors`, shape (n, m), what an epoch leaves of that distance in the
    long run, nan where that is not known; `outcomes`, int8, shape (n, m): 1 converges, 2 diverges, 3 not certain, 4 not
    below tol within its epochs; `borders()`, lines between what converges and what diverges, shape (k, 2) each, of
    (rate, level); `config(row, column)`, the run of a cell; `fastest()`, the best cell, or None; `sentence(row,
    column)`. The arrays cannot be changed. Raises ValueError where `up` or `figure` means nothing for the run, or it
    takes too long, ConfigError as `train`.
    """
    from quadfit_tui.core.rate_map.pieces import whole_map

    task = make_task(config)
    chosen_up = _chosen("up", up, ups_of(config))
    found = whole_map(task, chosen_up, _chosen("figure", figure, figures_of(config, chosen_up)), size)
    if found.refusal:
        raise ValueError(found.refusal)
    return found


def _chosen(name: str, word: str | None, allowed: tuple[_Word, ...]) -> _Word:
    """The one among `allowed` that a word names; the first one without it."""
    if word is None:
        return allowed[0]
    for each in allowed:
        if each == word:
            return each
    raise ValueError(f"{name} = {word!r} means nothing for this run; allowed: {', '.join(allowed)}")
