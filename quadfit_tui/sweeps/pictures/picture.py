"""What the pictures of a sweep have in common: which one it has, axes, ranks of runs, quartiles, names of values."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from quadfit_tui.core.config.parameters import PARAMETERS
from quadfit_tui.core.model.array import Array
from quadfit_tui.core.text.language import _
from quadfit_tui.sweeps.rows import CONVERGED, DIVERGED, ResultRows
from quadfit_tui.sweeps.space import Space

SEED = "seed"  # the parameter over which medians and quartiles are computed
QUARTILES = (0.25, 0.5, 0.75)
_LEAST = 1e-300  # lower bound of the least mean loss, by which others are divided


class MapMetric(StrEnum):
    """The number that a picture shows of each run."""

    ENDS = "ends"  # the number of epochs until the mean loss is below tol
    SETTLES = "settles"  # the final mean loss as a multiple of that of the optimum
    LOSS = "loss"  # the final mean loss


class PictureAxis(NamedTuple):
    """An axis of a picture: a parameter and its values, shape (n,), ascending; 0 to n − 1 if the values have `names`.

    `is_log`: the values are evenly spread by their logarithms.
    """

    name: str
    values: Array
    names: tuple[str, ...] = ()
    is_log: bool = False


def picture_of(space: Space) -> str:
    """Returns the kind of picture that fits what varies in a sweep: "map", "line" or "bands".

    A line is over one number that varies, a map over two parameters; if no number varies but the seed, bands are over
    the epochs.
    """
    names = parameters(space)
    if not any(is_numeric(space.axes[name]) for name in names):
        return "bands"
    return "map" if len(names) > 1 else "line"


def parameters(space: Space) -> list[str]:
    """Returns the parameters that vary, without the seed, for the axes: the learning rate first, then other numbers."""
    names = [name for name in space.varied if name != SEED]
    return sorted(names, key=lambda name: (name != "lr", not is_numeric(space.axes[name])))


def picture_axis(space: Space, name: str) -> tuple[PictureAxis, NDArray[np.intp]]:
    """Returns the axis of a parameter, and the index on it of each value of the sweep, shape (n,)."""
    values = space.axes[name]
    if not is_numeric(values):
        names = tuple(value_name(name, value) for value in values)
        return PictureAxis(name, np.arange(len(values), dtype=np.float64), names), np.arange(len(values))
    numbers = np.array(values, dtype=np.float64)
    order = np.argsort(numbers, kind="stable")
    return PictureAxis(name, numbers[order], (), _is_log(numbers[order])), np.argsort(order)


def _is_log(values: Array) -> bool:
    """Whether ascending values are spread more evenly by their logarithms; of two, whether the ratio is 10 or more."""
    if values[0] <= 0:
        return False
    if len(values) < 3:
        return bool(values[-1] >= 10 * values[0])
    gaps, logs = np.diff(values), np.diff(np.log(values))
    return bool(logs.std() / logs.mean() < gaps.std() / gaps.mean())


def rank_runs(space: Space, rows: ResultRows, metric: MapMetric) -> tuple[NDArray[np.intp], Array]:
    """Returns a rank for each run by its outcome, and its value of a metric, shape (n,) each, to find median runs.

    Ranks are 0: it ended well; 1: it did not come below tol; 2: its rule stopped it above tol; 3: it diverged.
    """
    good, number = rows.status != DIVERGED, rows.mean_loss
    if metric is MapMetric.ENDS:
        tol = np.array(space.values("tol"))[space.places(rows.cell).get("tol", 0)]
        good, number = (rows.status == CONVERGED) & (rows.mean_loss < tol), rows.epochs.astype(np.float64)
    elif metric is MapMetric.SETTLES:
        number = rows.mean_loss / np.maximum(rows.least, _LEAST)
    return np.select([good, rows.status == DIVERGED, rows.status == CONVERGED], [0, 3, 2], 1), number


def quartiles(values: Array, places: NDArray[np.intp], count: int) -> Array:
    """Computes the quartiles of the values at each of `count` places, shape (3, count); nan at a place without values.

    `places` has the place of each value. Quartiles are interpolated linearly between two values (Hyndman & Fan 1996,
    definition 7), and inf if the upper one is inf.
    """
    ordered = np.append(values[np.lexsort((values, places))], np.nan)
    runs = np.bincount(places, minlength=count)
    begins = np.cumsum(runs) - runs
    position = np.array(QUARTILES)[:, np.newaxis] * np.maximum(runs - 1, 0)
    low = ordered[begins + np.floor(position).astype(np.intp)]
    high = ordered[begins + np.ceil(position).astype(np.intp)]
    with np.errstate(invalid="ignore"):  # inf − inf is nan
        interpolated = np.where(low == high, low, low + (position % 1) * (high - low))
    return np.where(runs > 0, interpolated, np.nan)


def is_numeric(values: Sequence[object]) -> bool:
    """Whether all values of a parameter are numbers, which an axis can order."""
    return all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)


def value_name(name: str, value: object) -> str:
    """Formats a value of a parameter briefly, for pictures and tables: `0.1`, `sgd`, `none`."""
    if isinstance(value, float):
        return f"{value:.4g}"
    return PARAMETERS[name].show(value) or _("none")


def labeled_value(name: str, value: object) -> str:
    """Formats a value briefly after the label of its parameter: `momentum 0.9`."""
    return _("{parameter} {value}").format(parameter=PARAMETERS[name].label, value=value_name(name, value))
