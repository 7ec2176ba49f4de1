"""SweepLine: what the runs of a sweep come to over the one number that varies: median and quartiles over the seeds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from quadfit_tui.core.model.array import Array
from quadfit_tui.core.text.language import _, ngettext
from quadfit_tui.sweeps.pictures.picture import MapMetric, PictureAxis, parameters, picture_axis, quartiles, rank_runs
from quadfit_tui.sweeps.rows import FAILED, ResultRows
from quadfit_tui.sweeps.space import Space


@dataclass(frozen=True, eq=False)
class SweepLine:
    """The line of a sweep: quartiles over the seeds at each value of `axis` that has runs, n of them.

    `quartiles` has the lower one, the median and the upper one of the `metric` of the runs, shape (3, n); inf if
    too many of them fail. `runs`, `diverged` and `unfinished`, shape (n,), count runs; with MapMetric.ENDS, runs above
    tol are unfinished. `epochs` is the number of epochs that all runs may take, None if it varies. `notes` are
    sentences about the line.
    """

    axis: PictureAxis
    metric: MapMetric
    quartiles: Array
    runs: NDArray[np.intp]
    diverged: NDArray[np.intp]
    unfinished: NDArray[np.intp]
    epochs: int | None
    notes: tuple[str, ...]

    def best(self) -> int | None:
        """Returns the index of the value with the least median; None if no median is finite."""
        median = np.nan_to_num(self.quartiles[1], nan=np.inf, posinf=np.inf)
        return int(median.argmin()) if np.isfinite(median).any() else None

    def place_of(self, space: Space, cell: int) -> tuple[float, float] | None:
        """Returns the position of a cell, its value and the median there; None if that is not finite."""
        value = float(space.columns([cell])[self.axis.name][0])
        median = float(self.quartiles[1, int(np.searchsorted(self.axis.values, value))])
        return (value, median) if np.isfinite(median) else None


def sweep_line(space: Space, rows: ResultRows) -> SweepLine:
    """Computes the line of the runs done so far, for a chart: of epochs if some median run converges, else of losses.

    Raises ValueError if all runs failed.
    """
    axis, order = picture_axis(space, parameters(space)[0])
    used = rows.part(rows.status != FAILED)
    if not len(used):
        raise ValueError(_("no run of this sweep could be trained"))
    places, count = order[space.places(used.cell)[axis.name]], len(axis.values)
    for metric in (MapMetric.ENDS, MapMetric.LOSS):
        rank, number = rank_runs(space, used, metric)
        by_value = quartiles(np.where(rank == 0, number, np.inf), places, count)
        if np.isfinite(by_value[1]).any():
            break
    runs = np.bincount(places, minlength=count)
    has_runs = runs > 0
    runs = runs[has_runs]
    diverged = np.bincount(places[rank == 3], minlength=count)[has_runs]
    unfinished = np.bincount(places[(rank > 0) & (rank < 3)], minlength=count)[has_runs]
    return SweepLine(
        axis=axis._replace(values=axis.values[has_runs]),
        metric=metric,
        quartiles=by_value[:, has_runs],
        runs=runs,
        diverged=diverged,
        unfinished=unfinished,
        epochs=None if "epochs" in space.axes else space.base.epochs,
        notes=tuple(_notes(runs, diverged, unfinished, failed=len(rows) - len(used))),
    )


def _notes(
    runs: NDArray[np.intp], diverged: NDArray[np.intp], unfinished: NDArray[np.intp], *, failed: int
) -> Iterator[str]:
    """Yields the sentences below the line: the number of seeds, and of runs that diverged, did not end, or failed."""
    total, most = int(runs.sum()), int(runs.max())
    if most > 1 and runs.min() == most:
        yield _("Median and quartiles over {runs} seeds.").format(runs=most)
    elif most > 1:
        yield _("Median and quartiles over {least} to {most} seeds.").format(least=int(runs.min()), most=most)
    some = int(diverged.sum())
    if some:
        yield ngettext("{some} of {n} run diverged.", "{some} of {n} runs diverged.", total, some=some)
    some = int(unfinished.sum())
    if some:
        yield ngettext("{some} of {n} run did not converge.", "{some} of {n} runs did not converge.", total, some=some)
    if failed:
        yield ngettext("Failed, and left out: {n} run.", "Failed, and left out: {n} runs.", failed)
