"""SweepMap: what the runs of a sweep come to over two of its parameters: at each place that of the median run."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from quadfit_tui.core.config.parameters import PARAMETERS
from quadfit_tui.core.model.array import Array
from quadfit_tui.core.rate_map.borders import border_lines
from quadfit_tui.core.rate_map.rate_map import MOST_EDGES, SAME, CellOutcome, Figure, edges_of
from quadfit_tui.core.text.language import _, join_and, ngettext
from quadfit_tui.sweeps.pictures.picture import (
    MapMetric,
    PictureAxis,
    parameters,
    picture_axis,
    rank_runs,
)
from quadfit_tui.sweeps.rows import FAILED, ResultRows
from quadfit_tui.sweeps.space import Space

# From the best to the worst.
_RANKED = np.array([CellOutcome.CONVERGES, CellOutcome.UNFINISHED, CellOutcome.STOPS_EARLY, CellOutcome.DIVERGES])
_FEW_DECADES = 2  # mean losses over at most so many decades have edges at 1, 2 and 5 times a power of ten


@dataclass(frozen=True, eq=False)
class SweepMap:
    """The outcomes of a sweep's runs over two parameters, in arrays of shape (n, m): n places up, m across.

    `outcomes` has the CellOutcome of the median run, UNKNOWN if a place has no run; `values` its `metric` if it
    converges, else nan; `runs` the number of runs of each place. `edges` are round values between the bands of color,
    ascending. `epochs` is the number of epochs that all runs may take, None if it varies. `notes` are sentences about
    the map.
    """

    across: PictureAxis
    up: PictureAxis
    metric: MapMetric
    outcomes: NDArray[np.int8]
    values: Array
    runs: NDArray[np.intp]
    edges: tuple[float, ...]
    epochs: int | None
    notes: tuple[str, ...]
    ranks: tuple[NDArray[np.intp], NDArray[np.intp]]  # up and across: the index on the axis of each value of the sweep

    def bands(self) -> NDArray[np.int8]:
        """Returns the band of color of each place, shape (n, m): 0 the best, −1 if not converged or unknown."""
        bands = np.searchsorted(self.edges, np.nan_to_num(self.values, nan=0.0), side="left").astype(np.int8)
        bands[self.outcomes != CellOutcome.CONVERGES] = -1
        return bands

    def borders(self) -> tuple[Array, ...]:
        """Returns the borders between diverging and other places: lines of (across, up), each of shape (k, 2).

        Empty if a place has no run yet.
        """
        if (self.outcomes == CellOutcome.UNKNOWN).any():
            return ()
        across, up = (np.log(axis.values) if axis.is_log else axis.values for axis in (self.across, self.up))
        good, unknown = self.outcomes != CellOutcome.DIVERGES, np.full(self.outcomes.shape, math.nan)
        lines = border_lines(good, unknown, across, up, apart=bool(self.up.names))
        for line in lines:
            for column, axis in enumerate((self.across, self.up)):
                if axis.is_log:
                    line[:, column] = np.exp(line[:, column])
        return tuple(lines)

    def best(self) -> tuple[int, int] | None:
        """Returns row and column of the first place with the least value, or None if nothing converges."""
        if np.isnan(self.values).all():
            return None
        row, column = np.argwhere(self.values <= SAME * np.nanmin(self.values))[0].tolist()
        return row, column

    def place_of(self, space: Space, cell: int) -> tuple[float, float] | None:
        """Returns the position of a cell, across and up; None if one of the two parameters has no effect on it."""
        places = space.used_places([cell])
        up, across = (int(places[axis.name][0]) for axis in (self.up, self.across))
        if min(up, across) < 0:
            return None
        return float(self.across.values[self.ranks[1][across]]), float(self.up.values[self.ranks[0][up]])


def sweep_map(space: Space, rows: ResultRows) -> SweepMap:
    """Computes the map of the runs done so far, over the first two parameters that vary, for a chart."""
    names = across, up = parameters(space)[:2]
    axes, ranks = zip(*(picture_axis(space, name) for name in (up, across)), strict=True)
    places = space.used_places(rows.cell)
    places_up, places_across = places[up], places[across]
    is_placed: NDArray[np.bool_] = (places_up >= 0) & (places_across >= 0)
    is_used = is_placed & (rows.status != FAILED)
    used, shape = rows.part(is_used), (len(axes[0].values), len(axes[1].values))
    place = ranks[0][places_up[is_used]] * shape[1] + ranks[1][places_across[is_used]]
    for metric in (MapMetric.ENDS, MapMetric.SETTLES if _is_noisy(space) else MapMetric.LOSS):
        outcomes, values, runs = _medians(*rank_runs(space, used, metric), place, shape)
        if (outcomes == CellOutcome.CONVERGES).any():
            break
    failed, beside = int((is_placed & ~is_used).sum()), int((~is_placed).sum())
    return SweepMap(
        across=axes[1],
        up=axes[0],
        metric=metric,
        outcomes=outcomes,
        values=values,
        runs=runs,
        edges=_edges(values, metric),
        epochs=None if "epochs" in space.axes else space.base.epochs,
        notes=tuple(_notes(space, names, runs, failed=failed, beside=beside)),
        ranks=ranks,
    )


def _medians(
    rank: NDArray[np.intp], key: Array, place: NDArray[np.intp], shape: tuple[int, int]
) -> tuple[NDArray[np.int8], Array, NDArray[np.intp]]:
    """Returns the outcome and the value of the median run of each place, and its number of runs, shape (n, m) each.

    `rank`, `key` and `place` have the rank, the metric and the flat index of the place of each run. Runs are ordered by
    their rank, then by their metric. Of an even number the two in the middle count: the outcome is that of the worse
    one, the value the mean of both.
    """
    order = np.lexsort((key, rank, place))
    begins = np.flatnonzero(np.diff(place[order], prepend=-1))
    filled, runs = place[order][begins], np.diff(begins, append=len(place))
    lower, upper = order[begins + (runs - 1) // 2], order[begins + runs // 2]
    outcome = _RANKED[rank[upper]]
    outcomes = np.full(shape, CellOutcome.UNKNOWN, dtype=np.int8)
    values, count = np.full(shape, math.nan), np.zeros(shape, dtype=np.intp)
    outcomes.flat[filled], count.flat[filled] = outcome, runs
    values.flat[filled] = np.where(outcome == CellOutcome.CONVERGES, key[lower] / 2 + key[upper] / 2, math.nan)
    return outcomes, values, count


def _edges(values: Array, metric: MapMetric) -> tuple[float, ...]:
    """Returns round values between the bands of color; for mean losses over many decades, powers of ten."""
    if metric is not MapMetric.LOSS:
        return edges_of(values, Figure(metric.value))
    positive = values[np.isfinite(values) & (values > 0)]
    if not len(positive):
        return ()
    low, high = math.log10(positive.min()), math.log10(positive.max())
    if high - low <= _FEW_DECADES:
        return edges_of(values, Figure.ENDS)
    powers = range(math.floor(low) + 1, math.ceil(high))
    return tuple(10.0**power for power in powers[:: math.ceil(len(powers) / MOST_EDGES)])


def _notes(space: Space, axes: Sequence[str], runs: NDArray[np.intp], *, failed: int, beside: int) -> Iterator[str]:
    """Yields the sentences below the map: how many runs each place has, and how many are left out.

    `failed` counts the runs that failed, `beside` those on which one of the axes has no effect.
    """
    over = [PARAMETERS[name].label for name in space.varied if name not in axes]
    if over and runs.any():
        counts = runs[runs > 0]
        template = _("Each place: the median of {least} to {most} runs, over {parameters}.")
        if counts.min() == counts.max():
            template = _("Each place: the median of {most} runs, over {parameters}.")
        yield template.format(least=counts.min(), most=counts.max(), parameters=join_and(over))
    if failed:
        yield ngettext("Failed, and left out: {n} run.", "Failed, and left out: {n} runs.", failed)
    if beside:
        yield ngettext(
            "Left out, as it makes no difference there ({parameters}): {n} run.",
            "Left out, as it makes no difference there ({parameters}): {n} runs.",
            beside,
            parameters=join_and([PARAMETERS[name].label for name in axes]),
        )
    missing = int((runs == 0).sum())
    if missing:
        yield ngettext("Without a run so far: {n} place.", "Without a run so far: {n} places.", missing)


def _is_noisy(space: Space) -> bool:
    """Whether all samples are noisy, so that no run can reach a mean loss of 0."""
    data = space.values("data")
    return all(data) or (not any(data) and min(space.values("noise")) > 0)
