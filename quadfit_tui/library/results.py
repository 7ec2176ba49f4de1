"""TrainedRun: a run that was trained to its end, as arrays; Updates: those of one of its epochs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from operator import index
from typing import TYPE_CHECKING, Any, Literal, SupportsIndex, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from quadfit_tui.core.config.own_values import format_typed_value
from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.export.writers import COLUMNS
from quadfit_tui.core.model.array import Array
from quadfit_tui.core.model.task import FitTask
from quadfit_tui.core.session.session import RunSession
from quadfit_tui.core.session.snapshot import Snapshot
from quadfit_tui.core.session.verdict import progress_word, verdict
from quadfit_tui.core.text.language import paragraph
from quadfit_tui.core.text.numbers import format_count, format_short, format_vector
from quadfit_tui.core.training.position import Position
from quadfit_tui.core.training.record_log import RecordLog
from quadfit_tui.core.training.timeline import Timeline
from quadfit_tui.library.notebook import html_page
from quadfit_tui.library.samples import ReadOnly, Samples

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

_Kind = TypeVar("_Kind", bound=np.generic)
EndName = Literal["converged", "finished", "diverged", "paused"]
VerdictName = Literal["optimum", "converged", "far"]


@dataclass(frozen=True, eq=False, repr=False)
class Updates(ReadOnly):
    """The updates of one epoch of a run, of which each array has a row; x and y have no units.

    `epoch` is its number. `update`: int64, shape (m,), counts from 1. `gradient`, `loss` and `w` are of each update
    what they are of an epoch's last one in a TrainedRun: shape (m, 3), (m,), (m, 3). The arrays cannot be changed.
    """

    epoch: int
    update: NDArray[np.int64]
    gradient: Array
    loss: Array
    w: Array

    def __repr__(self) -> str:
        return f"<Updates: {len(self.update)} of epoch {self.epoch}>"


@dataclass(frozen=True, eq=False, repr=False)
class TrainedRun(ReadOnly):
    """A run that was trained to its end: n epochs, of which each array has a row; x and y have no units.

    `config` is its RunConfig. `status` is how it ended: "converged", "finished" (all epochs done), "diverged", or
    "paused" where it was interrupted. A run diverges when its numbers overflow: its last row is then what it came to
    in that epoch, and its `gradient` and `loss` there are nan if it did no update in it. It has also diverged if its
    mean loss after all epochs is more than 1,000 times that of the start and more than that of w = 0: then all its
    numbers are finite.

    `epoch`: int64, shape (n,), the numbers 0 to n − 1. `lr`: float64, shape (n,), the learning rate of each epoch.
    `gradient`: float64, shape (n, 3), the gradient of the epoch's last update, by the parameters that are trained,
    which are those of scaled features where these are scaled.
    `loss`: float64, shape (n,), the mean squared error of the epoch's last batch before its update, in units of y².
    `w`: float64, shape (n, 3), the parameters a, b and c of f(x) = ax² + bx + c after each epoch, in units of y/x², y/x
    and y; in coordinates of x, whether features are scaled or not. All numbers are those that `quadfit-tui run`
    writes, to the last bit. The arrays cannot be changed.
    """

    config: RunConfig
    status: EndName
    epoch: NDArray[np.int64]
    lr: Array
    gradient: Array
    loss: Array
    w: Array
    _trained_w: Array
    _end: Snapshot

    @classmethod
    def of(cls, session: RunSession, end: Snapshot, logs: list[RecordLog]) -> TrainedRun:
        """Builds the result of a session that was trained up to the snapshot `end`, from the records of its epochs."""
        logs, names = logs or [RecordLog()], ("lr", "gradient", "loss", "trained_w")
        columns = {name: [log.column(name) for log in logs] for name in names}
        if end.overflowed:
            last = end.record if end.update else None
            columns["lr"].append(np.array([session.timeline.trainer.lr]))
            columns["gradient"].append(np.full((1, 3), np.nan) if last is None else last.gradient[np.newaxis])
            columns["loss"].append(np.array([np.nan if last is None else last.loss]))
            columns["trained_w"].append(end.trained_w[np.newaxis])
        arrays = {name: read_only(np.concatenate(parts)) for name, parts in columns.items()}
        trained_w = arrays.pop("trained_w")
        run = cls(
            config=session.config,
            status=cast("EndName", str(end.status)),
            epoch=read_only(np.arange(len(trained_w), dtype=np.int64)),
            w=read_only(end.task.to_x(trained_w)),
            _trained_w=trained_w,
            _end=end,
            **arrays,
        )
        if session.snapshot() is end:
            run.__dict__["_session"] = session  # the place where cached_property stores it
        return run

    def __getstate__(self) -> dict[str, Any]:
        """Returns what pickle stores: all but the session, which is large and is made anew when it is needed."""
        return {name: value for name, value in vars(self).items() if name != "_session"}

    @cached_property
    def _session(self) -> RunSession:
        """A session of the same run, on which `updates` and `explain` visit single updates."""
        return RunSession(self._task, speed=None)

    @property
    def _task(self) -> FitTask:
        return self._end.task

    @cached_property
    def samples(self) -> Samples:
        """The samples on which it was trained: the caller's, those of a file, or generated ones."""
        return Samples.of(self._task.problem)

    @property
    def optimum(self) -> Array:
        """The least-squares a, b and c: float64, shape (3,), in the units of w."""
        return read_only(self._task.problem.optimum.copy())

    @property
    def least(self) -> float:
        """The mean squared error at the optimum, in units of y²: no w has a lower one."""
        return self._task.trained.least

    @cached_property  # of a property that gives a Literal, jedi cannot tell what follows, nor of the run
    def verdict(self) -> VerdictName:
        """Where it ended: with w close to the optimum, or else with the mean loss below tol, or far from both.

        Close is what is within a tenth of the length of the optimum, and fits about as well: its mean loss exceeds the
        least one by at most a tenth of it, or a hundredth of the variance of y.
        """
        return progress_word(self._end)

    @property
    def told(self) -> str:
        """The sentence that says how it ended."""
        return verdict(self._end)

    @property
    def advice(self) -> str:
        """Why a run that has ended went wrong, and options that were tried and help, as `quadfit-tui run` prints them.

        An empty string where nothing went wrong, or nothing that helps is known. Takes some seconds.
        """
        from quadfit_tui.core.diagnosis.wording.advice import advice  # loaded late: few programs need it

        return paragraph([ways[0] for ways in advice(self._end)]) if self._end.status.ended else ""

    @cached_property
    def mean_loss(self) -> Array:
        """The mean squared error over all samples after each epoch: float64, shape (n,), in units of y².

        Computed on first use: n passes over the samples.
        """
        problem = self._task.trained
        return read_only(np.array([problem.mean_loss(w) for w in self._trained_w], dtype=float))

    def updates(self, epoch: SupportsIndex) -> Updates:
        """Trains one epoch again and returns its updates; epochs count from 0, or from the end if negative.

        Of the epoch in which the numbers overflowed only the updates before that are returned. A million updates take
        some 20 s. Raises IndexError if the run has no such epoch.
        """
        if not -len(self.epoch) <= index(epoch) < len(self.epoch):
            raise IndexError(f"epoch must be 0 to {len(self.epoch) - 1}, of this run, got {format_typed_value(epoch)}")
        number = int(self.epoch[index(epoch)])
        timeline, per_epoch = Timeline(self._task), self._task.updates_per_epoch
        rows: list[tuple[Array, float, Array]] = []
        ends = self._end.update if number == self._end.epoch else per_epoch
        for update in range(1, ends + 1):
            goal = Position.after(number * per_epoch + update, per_epoch)
            while timeline.position != goal:
                timeline.approach(goal, RecordLog())
            record = timeline.trainer.last
            assert record is not None  # the timeline has just done this update
            rows.append((record.gradient, record.loss, record.w))
        gradient, loss, w = (np.array([row[part] for row in rows], dtype=float) for part in range(3))
        updates = read_only(np.arange(1, len(rows) + 1, dtype=np.int64))
        gradient, loss, w = read_only(gradient.reshape(-1, 3)), read_only(loss), read_only(w.reshape(-1, 3))
        return Updates(number, updates, gradient, loss, w)

    def __repr__(self) -> str:
        epochs = format_count(self._end.epoch, "epoch")
        return f"<TrainedRun: {self.status} after {epochs}, w {format_vector(self._end.w)}>"

    def _repr_html_(self) -> str:
        rows = {
            "status": self.status,
            "epochs": str(self._end.epoch),
            "w": format_vector(self._end.w),
            "mean_loss": format_short(self._end.mean_loss),
            "optimum": format_vector(self.optimum),
            "least": format_short(self.least),
            "verdict": self.verdict,
        }
        return html_page(rows, self._end)

    def _columns(self) -> dict[str, NDArray[Any]]:
        """Returns the arrays of the run by the names that its columns have in a CSV file."""
        arrays = (self.epoch, self.lr, *self.gradient.T, self.loss, self.mean_loss, *self.w.T)
        return dict(zip(COLUMNS, arrays, strict=True))

    def to_pandas(self) -> pd.DataFrame:
        """Returns a frame of pandas with a row for each epoch, and the columns of `quadfit-tui run --format csv`.

        Raises ImportError if pandas is not installed.
        """
        frame: pd.DataFrame = library_named("pandas", "to_pandas").DataFrame(self._columns())
        return frame

    def to_polars(self) -> pl.DataFrame:
        """Returns a frame of polars with a row for each epoch, and the columns of `quadfit-tui run --format csv`.

        Raises ImportError if polars is not installed.
        """
        frame: pl.DataFrame = library_named("polars", "to_polars").DataFrame(self._columns())
        return frame


def library_named(name: str, method: str) -> Any:
    """Imports an optional library that a method needs; raises ImportError, which says how to install it."""
    try:
        return import_module(name)
    except ModuleNotFoundError as missing:
        if missing.name != name:  # the library itself is installed, but lacks one of its own
            raise
        raise ImportError(f"{method} needs {name}, which is not installed: pip install {name}", name=name) from None


def read_only(array: NDArray[_Kind]) -> NDArray[_Kind]:
    """Locks an array against changes and returns it."""
    array.flags.writeable = False
    return array
