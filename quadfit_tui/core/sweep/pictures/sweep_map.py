"""SweepMap: what the runs of a sweep come to over two of its parameters: at each place that of the median run."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from quadfit_tui.core.config.parameters import PARAMETERS
from quadfit_tui.core.model.array import Array
from quadfit_tui.core.rate_map.borders import border_lines
from quadfit_tui.core.rate_map.rate_map import MOST_EDGES, SAME, Figure, Outcome, edges_of
from quadfit_tui.core.sweep.pictures.picture_words import SEED, PictureWords, is_numeric, named, typed, value_name
from quadfit_tui.core.sweep.rows import CONVERGED, DIVERGED, FAILED, Rows
from quadfit_tui.core.sweep.space import Space
from quadfit_tui.core.text.language import _, comma_separated, counted_as, listed
from quadfit_tui.core.text.quoting import quoted, with_allowed

# From the best to the worst.
_RANKED = np.array([Outcome.CONVERGES, Outcome.UNFINISHED, Outcome.STOPS_EARLY, Outcome.DIVERGES])
_LEAST = 1e-300  # what a mean loss is divided by
_FEW_DECADES = 2  # of mean losses, which have edges at once, twice and five times a power of ten


class Told(StrEnum):
    """What a map tells of the runs."""

    ENDS = "ends"  # after how many epochs they converge
    SETTLES = "settles"  # with which mean loss they end, as a multiple of the least one
    LOSS = "loss"  # with which mean loss they end: where nothing hinders it from becoming 0


class MapAxis(NamedTuple):
    """A direction of a map: the parameter, its values, shape (n,), ascending, or 0 to n − 1 where these have `names`.

    Without a parameter, `name` is empty, and there is one place. `is_log`: they are evenly spread by their logarithms.
    """

    name: str
    values: Array
    names: tuple[str, ...] = ()
    is_log: bool = False


@dataclass(frozen=True, eq=False)
class SweepMap:
    """What the runs of a sweep come to, in arrays of shape (n, m): n places up, m across.

    `outcomes` has the Outcome of the median run, UNKNOWN where there is none; `values` what is `told` of it where it
    converges, nan elsewhere; `runs` of how many it is the median. `edges` are round values between the bands of color,
    ascending. `epochs` is the number of epochs that all runs may take, None where it varies. `notes` are sentences on
    what the map is of.
    """

    across: MapAxis
    up: MapAxis
    told: Told
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
        found[self.outcomes != Outcome.CONVERGES] = -1
        return found

    def borders(self) -> tuple[Array, ...]:
        """Every border between what diverges and what does not: lines of (across, up), each of shape (k, 2)."""
        if (self.outcomes == Outcome.UNKNOWN).any():
            return ()
        across, up = (np.log(axis.values) if axis.is_log else axis.values for axis in (self.across, self.up))
        good, unknown = self.outcomes != Outcome.DIVERGES, np.full(self.outcomes.shape, math.nan)
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

    def place_of(self, space: Space, cell: int) -> tuple[int, int] | None:
        """The row and column of a cell of the sweep; None of one for which one of the two makes no difference."""
        places = space.used_places([cell])
        up, across = (int(places[axis.name][0]) if axis.name else 0 for axis in (self.up, self.across))
        return None if min(up, across) < 0 else (int(self.ranks[0][up]), int(self.ranks[1][across]))


def map_axes(space: Space, words: PictureWords) -> tuple[str, str]:
    """The parameters across and up, the second one empty where nothing else varies; raises ValueError without one."""
    free = [name for name in space.varied if name not in words.held]
    numeric = [name for name in free if is_numeric(space.axes[name])]
    own = sorted(numeric, key=lambda name: (name == SEED, name != "lr"))
    if not own or (not words.axes and own[0] == SEED):
        raise ValueError(_("'map' needs numbers that vary, such as those of lr, beside the seed; allowed: bands"))
    if words.axes and words.axes[0] not in numeric:
        problem = _("{name} cannot go across: not all of its values are numbers")
        problem = problem.format(name=quoted(typed(words.axes[0])))
        raise ValueError(with_allowed(problem, comma_separated([*map(typed, numeric)])))
    across = words.axes[0] if words.axes else own[0]
    others = sorted((name for name in free if name not in (across, SEED)), key=lambda name: name not in numeric)
    up = words.axes[1] if len(words.axes) > 1 else next(iter(others), "")
    return across, up


def sweep_map(space: Space, rows: Rows, words: PictureWords) -> SweepMap:
    """The map of the runs that there are so far; raises ValueError where the sweep has nothing to go over."""
    across, up = map_axes(space, words)
    axes, ranks = zip(*(_axis(space, name) for name in (up, across)), strict=True)
    places = space.used_places(rows.cell)
    is_held = words.holds(places, len(rows))
    found = [places[name] if name else np.zeros(len(rows), dtype=np.intp) for name in (up, across)]
    is_placed: NDArray[np.bool_] = is_held & (found[0] >= 0) & (found[1] >= 0)
    is_used = is_placed & (rows.status != FAILED)
    failed, beside = int((is_placed & ~is_used).sum()), int((is_held & ~is_placed).sum())
    chosen, shape = rows.part(is_used), (len(axes[0].values), len(axes[1].values))
    place = ranks[0][found[0][is_used]] * shape[1] + ranks[1][found[1][is_used]]
    tol = np.array(space.values("tol"))[space.places(chosen.cell).get("tol", 0)]
    for told in (Told.ENDS, Told.SETTLES if _is_noisy(space) else Told.LOSS):
        outcomes, values, runs = _medians(chosen, tol, place, told, shape)
        if (outcomes == Outcome.CONVERGES).any():
            break
    return SweepMap(
        axes[1],
        axes[0],
        told,
        outcomes,
        values,
        runs,
        _edges(values, told),
        None if "epochs" in space.axes else space.base.epochs,
        tuple(_notes(space, words, (across, up), runs, failed=failed, beside=beside)),
        ranks,
    )


def _medians(
    rows: Rows, tol: Array, place: NDArray[np.intp], told: Told, shape: tuple[int, int]
) -> tuple[NDArray[np.int8], Array, NDArray[np.intp]]:
    """Outcome and value of the median run of each place, and how many runs it has.

    Runs are ordered by their value, with those that do not end well behind all others, and such as diverge last. Of an
    even number the two in the middle are taken: the outcome is that of the worse one, the value between theirs.
    """
    good = rows.status != DIVERGED
    if told is Told.ENDS:
        good = (rows.status == CONVERGED) & (rows.mean_loss < tol)
        key = rows.epochs.astype(np.float64)
    else:
        key = rows.mean_loss / np.maximum(rows.least, _LEAST) if told is Told.SETTLES else rows.mean_loss
    rank = np.select([good, rows.status == DIVERGED, rows.status == CONVERGED], [0, 3, 2], 1)
    order = np.lexsort((key, rank, place))
    begins = np.flatnonzero(np.diff(place[order], prepend=-1))
    there, runs = place[order][begins], np.diff(begins, append=len(place))
    lower, upper = order[begins + (runs - 1) // 2], order[begins + runs // 2]
    outcome = _RANKED[rank[upper]]
    outcomes = np.full(shape, Outcome.UNKNOWN, dtype=np.int8)
    values, count = np.full(shape, math.nan), np.zeros(shape, dtype=np.intp)
    outcomes.flat[there], count.flat[there] = outcome, runs
    values.flat[there] = np.where(outcome == Outcome.CONVERGES, key[lower] / 2 + key[upper] / 2, math.nan)
    return outcomes, values, count


def _edges(values: Array, told: Told) -> tuple[float, ...]:
    """Round values between the bands: of mean losses that are far apart powers of ten, evenly spread over them."""
    if told is not Told.LOSS:
        return edges_of(values, Figure(told.value))
    found = values[np.isfinite(values) & (values > 0)]
    if not len(found):
        return ()
    low, high = math.log10(found.min()), math.log10(found.max())
    if high - low <= _FEW_DECADES:
        return edges_of(values, Figure.ENDS)
    powers = range(math.floor(low) + 1, math.ceil(high))
    return tuple(10.0**power for power in powers[:: math.ceil(len(powers) / MOST_EDGES)])


def _notes(
    space: Space, words: PictureWords, axes: tuple[str, str], runs: NDArray[np.intp], *, failed: int, beside: int
) -> Iterator[str]:
    """What the map is of, in sentences."""
    over = [PARAMETERS[name].label for name in space.varied if name not in (*axes, *words.held)]
    held = [named(name, space.axes[name][at]) for name, at in words.held.items()]
    if held:
        yield _("Only {values}.").format(values=listed(held))
    if over and runs.any():
        found = runs[runs > 0]
        told = _("Each place: the median of {least} to {most} runs, over {parameters}.")
        if found.min() == found.max():
            told = _("Each place: the median of {most} runs, over {parameters}.")
        yield told.format(least=found.min(), most=found.max(), parameters=listed(over))
    if failed:
        yield counted_as("Failed, and left out: {n} run.", "Failed, and left out: {n} runs.", failed)
    if beside:
        yield counted_as(
            "Left out, as it makes no difference there ({parameters}): {n} run.",
            "Left out, as it makes no difference there ({parameters}): {n} runs.",
            beside,
            parameters=listed([PARAMETERS[name].label for name in axes if name]),
        )
    if missing := int((runs == 0).sum()):
        yield counted_as("Without a run so far: {n} place.", "Without a run so far: {n} places.", missing)


def _axis(space: Space, name: str) -> tuple[MapAxis, NDArray[np.intp]]:
    """The direction of a parameter, and where on it each of its values lies."""
    if not name:
        return MapAxis("", np.zeros(1), (_("median"),)), np.zeros(1, dtype=np.intp)
    values = space.axes[name]
    if not is_numeric(values):
        names = tuple(value_name(name, value) for value in values)
        return MapAxis(name, np.arange(len(values), dtype=np.float64), names), np.arange(len(values))
    numbers = np.array(values, dtype=np.float64)
    order = np.argsort(numbers, kind="stable")
    return MapAxis(name, numbers[order], (), _is_log(numbers[order])), np.argsort(order)


def _is_log(values: Array) -> bool:
    """Whether ascending values are spread more evenly by their logarithms; of two, whether they are far apart."""
    if values[0] <= 0:
        return False
    if len(values) < 3:
        return bool(values[-1] >= 10 * values[0])
    gaps, logs = np.diff(values), np.diff(np.log(values))
    return bool(logs.std() / logs.mean() < gaps.std() / gaps.mean())


def _is_noisy(space: Space) -> bool:
    """Whether no run can come to a mean loss of 0: the least one is what samples have of noise."""
    data = space.values("data")
    return all(data) or (not any(data) and min(space.values("noise")) > 0)
