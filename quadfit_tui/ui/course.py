"""The course of a run over time, for charts: which epochs are seen, and of many points those that can be told apart."""

from __future__ import annotations

import numpy as np

from quadfit_tui.core.config import RunConfig
from quadfit_tui.core.schedules import SCHEDULES
from quadfit_tui.core.session import Snapshot
from quadfit_tui.ui.chartspec import Array, Range

COLUMNS = 400  # dots of a chart of 200 characters
LEAST_EPOCHS = 10  # a window of time is this long, or as long as the run can become: at its start it does not jump
MOST_CHANGES = 50  # of the learning rate that are marked; more would be a ribbon
HUGE = 1e307  # stands for what no double holds


def thinned(x: Array, y: Array, window: Range, columns: int = COLUMNS) -> tuple[Array, Array]:
    """Of the points (x, y), each of shape (n,) and x increasing, those that a chart of so many columns can show.

    These are the first, the lowest, the highest and the last one of each column, so that no spike is lost, and the
    nearest one on either side of the window, where the line comes from and goes to. In their order; nan is neither low
    nor high.
    """
    low, high = window
    first, last = np.searchsorted(x, low, "left"), np.searchsorted(x, high, "right")
    inside = slice(max(0, first - 1), last + 1)
    x, y = x[inside], y[inside]
    if len(x) <= 2 * columns:
        return x, y
    column = np.floor((x - low) / (high - low) * columns)
    begins = np.flatnonzero(np.diff(column, prepend=-np.inf))
    ends = np.append(begins[1:], len(x)) - 1
    lowest = np.lexsort((np.where(np.isnan(y), np.inf, y), column))[begins]
    highest = np.lexsort((np.where(np.isnan(y), -np.inf, y), column))[ends]
    kept = np.unique(np.concatenate([begins, lowest, highest, ends]))
    return x[kept], y[kept]


def time_of(snapshot: Snapshot) -> float:
    """Where the visited position lies on an axis of epochs."""
    return snapshot.epoch + snapshot.update / snapshot.updates_per_epoch


def newest_time(snapshot: Snapshot) -> float:
    """Where the newest position lies on an axis of epochs."""
    return snapshot.newest.epoch + snapshot.newest.update / snapshot.updates_per_epoch


def whole_time(snapshot: Snapshot) -> Range:
    """All epochs of the run so far; at its beginning as many as keep the window from changing with every epoch."""
    return 0.0, max(newest_time(snapshot), float(min(LEAST_EPOCHS, snapshot.config.epochs)))


def recent_time(snapshot: Snapshot) -> Range:
    """A tenth of the epochs so far, but some at least: the newest ones, or those around a visited position."""
    _, end = whole_time(snapshot)
    width = max(end / 10, min(end, float(LEAST_EPOCHS)))
    high = min(end, max(time_of(snapshot) + width / 2, width))
    return high - width, high


def rate_changes(config: RunConfig, window: Range) -> list[int]:
    """The epochs done at which the learning rate changes, within a window of epochs.

    None at all where it changes with every epoch, or more often than can be marked.
    """
    schedule, (low, high) = SCHEDULES[config.schedule], window
    found: list[int] = []
    epoch = max(0, int(low) - 1)
    if schedule.holds(config, epoch) == schedule.holds(config, epoch + 1) == 1:
        return []
    for _ in range(2 * MOST_CHANGES):
        rate = schedule.rate(config, epoch)
        epoch += schedule.holds(config, epoch)
        if epoch > high:
            return found if len(found) <= MOST_CHANGES else []
        if epoch >= low and schedule.rate(config, epoch) != rate:
            found.append(epoch)
    return []
