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
from quadfit_tui.core.text.language import _, listed, ngettext
from quadfit_tui.sweeps.pictures.picture import (
    MapMetric,
    PictureAxis,
    parameters,
    picture_axis,
    ranked,
)
from quadfit_tui.sweeps.rows import FAILED, ResultRows
from quadfit_tui.sweeps.space import Space

# From the best to the worst.
_RANKED = np.array([CellOutcome.CONVERGES, CellOutcome.UNFINISHED, CellOutcome.STOPS_EARLY, CellOutcome.DIVERGES])
_FEW_DECADES = 2  # of mean losses, which have edges at once, twice and five times a power of ten


@dataclass(frozen=True, eq=False)
class SweepMap:
    """What the runs of a sweep come to, in arrays of shape (n, m): n places up, m across.

    `outcomes` has the CellOutcome of the median run, UNKNOWN where there is none; `values` the `metric` of it where it
    converges, nan elsewhere; `runs` of how many it is the median. `edges` are round values between the bands of color,
    ascending. `epochs` is the number of epochs that all runs may take, None where it varies. `notes` are sentences on
    what the map is of.
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
    ranks: tuple[NDArray[np.intp], NDArray[np.intp]]  # up and across: where each value of the axes of the sweep lies

    def bands(self) -> NDArray[np.int8]:
        """The band of color of each place, 0 the best, shape (n, m); −1 where it does not converge or is not known."""
        found = np.searchsorted(self.edges, np.nan_to_num(self.values, nan=0.0), side="left").astype(np.int8)
        found[self.outcomes != CellOutcome.CONVERGES] = -1
        return found

    def borders(self) -> tuple[Array, ...]:
        """Every border between what diverges and what does not: lines of (across, up), each of shape (k, 2)."""
        if (self.outcomes == CellOutcome.UNKNOWN).any():
            return ()
        across, up = (np.log(axis.values) if axis.is_log else axis.values for axis in (self.across, self.up))
        good, unknown = self.outcomes != CellOutcome.DIVERGES, np.full(self.outcomes.shape, math.nan)
        lines = border_lines(good, unknown, across, up, apart=bool(self.up.names))
        for line in lines:
            for at, axis in enumerate((self.across, self.up)):
                line[:, at] = np.exp(line[:, at]) if axis.is_log else line[:, at]
        return tuple(lines)

    def best(self) -> tuple[int, int] | None:
        """The place with the least value, row and column; of several the first one; None where nothing converges."""
        if np.isnan(self.values).all():
            return None
        row, column = np.argwhere(self.values <= SAME * np.nanmin(self.values))[0].tolist()
        return row, column

    def place_of(self, space: Space, cell: int) -> tuple[float, float] | None:
        """Returns the values across and up of a cell of the sweep; None if one of the two makes no difference to it."""
        places = space.used_places([cell])
        up, across = (int(places[axis.name][0]) for axis in (self.up, self.across))
        if min(up, across) < 0:
            return None
        return float(self.across.values[self.ranks[1][across]]), float(self.up.values[self.ranks[0][up]])


def sweep_map(space: Space, rows: ResultRows) -> SweepMap:
    """Returns the map of the runs that there are so far, over the first two parameters that vary."""
    names = across, up = parameters(space)[:2]
    axes, ranks = zip(*(picture_axis(space, name) for name in (up, across)), strict=True)
    places = space.used_places(rows.cell)
    found = [places[name] for name in (up, across)]
    is_placed: NDArray[np.bool_] = (found[0] >= 0) & (found[1] >= 0)
    is_used = is_placed & (rows.status != FAILED)
    chosen, shape = rows.part(is_used), (len(axes[0].values), len(axes[1].values))
    place = ranks[0][found[0][is_used]] * shape[1] + ranks[1][found[1][is_used]]
    for told in (MapMetric.ENDS, MapMetric.SETTLES if _is_noisy(space) else MapMetric.LOSS):
        outcomes, values, runs = _medians(*ranked(space, chosen, told), place, shape)
        if (outcomes == CellOutcome.CONVERGES).any():
            break
    failed, beside = int((is_placed & ~is_used).sum()), int((~is_placed).sum())
    return SweepMap(
        axes[1],
        axes[0],
        told,
        outcomes,
        values,
        runs,
        _edges(values, told),
        None if "epochs" in space.axes else space.base.epochs,
        tuple(_notes(space, names, runs, failed=failed, beside=beside)),
        ranks,
    )


def _medians(
    rank: NDArray[np.intp], key: Array, place: NDArray[np.intp], shape: tuple[int, int]
) -> tuple[NDArray[np.int8], Array, NDArray[np.intp]]:
    """Returns the outcome and the value of the median run of each place, and how many runs it has.

    Runs are ordered by their rank, then by what is told of them. Of an even number the two in the middle are taken: the
    outcome is that of the worse one, the value between theirs.
    """
    order = np.lexsort((key, rank, place))
    begins = np.flatnonzero(np.diff(place[order], prepend=-1))
    there, runs = place[order][begins], np.diff(begins, append=len(place))
    lower, upper = order[begins + (runs - 1) // 2], order[begins + runs // 2]
    outcome = _RANKED[rank[upper]]
    outcomes = np.full(shape, CellOutcome.UNKNOWN, dtype=np.int8)
    values, count = np.full(shape, math.nan), np.zeros(shape, dtype=np.intp)
    outcomes.flat[there], count.flat[there] = outcome, runs
    values.flat[there] = np.where(outcome == CellOutcome.CONVERGES, key[lower] / 2 + key[upper] / 2, math.nan)
    return outcomes, values, count


def _edges(values: Array, told: MapMetric) -> tuple[float, ...]:
    """Round values between the bands: of mean losses that are far apart powers of ten, evenly spread over them."""
    if told is not MapMetric.LOSS:
        return edges_of(values, Figure(told.value))
    found = values[np.isfinite(values) & (values > 0)]
    if not len(found):
        return ()
    low, high = math.log10(found.min()), math.log10(found.max())
    if high - low <= _FEW_DECADES:
        return edges_of(values, Figure.ENDS)
    powers = range(math.floor(low) + 1, math.ceil(high))
    return tuple(10.0**power for power in powers[:: math.ceil(len(powers) / MOST_EDGES)])


def _notes(space: Space, axes: Sequence[str], runs: NDArray[np.intp], *, failed: int, beside: int) -> Iterator[str]:
    """Yields what the map is of, in sentences."""
    over = [PARAMETERS[name].label for name in space.varied if name not in axes]
    if over and runs.any():
        found = runs[runs > 0]
        told = _("Each place: the median of {least} to {most} runs, over {parameters}.")
        if found.min() == found.max():
            told = _("Each place: the median of {most} runs, over {parameters}.")
        yield told.format(least=found.min(), most=found.max(), parameters=listed(over))
    if failed:
        yield ngettext("Failed, and left out: {n} run.", "Failed, and left out: {n} runs.", failed)
    if beside:
        yield ngettext(
            "Left out, as it makes no difference there ({parameters}): {n} run.",
            "Left out, as it makes no difference there ({parameters}): {n} runs.",
            beside,
            parameters=listed([PARAMETERS[name].label for name in axes]),
        )
    if missing := int((runs == 0).sum()):
        yield ngettext("Without a run so far: {n} place.", "Without a run so far: {n} places.", missing)


def _is_noisy(space: Space) -> bool:
    """Whether no run can come to a mean loss of 0: the least one is what samples have of noise."""
    data = space.values("data")
    return all(data) or (not any(data) and min(space.values("noise")) > 0)
