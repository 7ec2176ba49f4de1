"""Runs over time, for charts: the range of time that is seen, and of many points those that can be distinguished."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from quadfit_tui.core.config.differences import earlier_values
from quadfit_tui.core.config.parameters import PARAMETERS, RunConfig
from quadfit_tui.core.methods.schedules import SCHEDULES
from quadfit_tui.core.model.array import Array
from quadfit_tui.core.model.parabola import PARAMETER_NAMES, distinct
from quadfit_tui.core.session.runs import Run
from quadfit_tui.core.session.snapshot import Snapshot
from quadfit_tui.core.text.language import _, comma_separated, ngettext
from quadfit_tui.core.training.curves import Curves
from quadfit_tui.core.training.timeline import PATH_UPDATES
from quadfit_tui.ui.charts.axes import widest_window
from quadfit_tui.ui.charts.spec import Note, Range, Role, Series
from quadfit_tui.ui.views.scene import Scene

COLUMNS = 400  # dots of a chart of 200 characters
LEAST_EPOCHS = 10  # least length of a window of time, if the run can become so long: else the window jumps at its start
SURE_EPOCHS = 100  # epochs of an earlier run that are seen from the start on
TIMES_LONGER = 10  # times as many epochs of earlier runs are seen as the current run has, or it would become a sliver
MOST_CHANGES = 50  # marked changes of the learning rate; more would be a ribbon
MARKS_PER_LINE = 8
DOTS = 200  # in the line of a level
FEW = 2  # with so many earlier runs, the legend has their settings even if it is brief
END, END_PLACES = 0.3, 40  # share of a window from the end of a line in which its name may stand; places tried there
HUGE = 1e307  # replaces values that no double holds
DIVERGED = 1e3  # beside runs that converge, values beyond so many times the largest start are out of the window


class TimeSeries(NamedTuple):
    """The curves of a run: `x`, shape (n,), increasing, epochs or updates done; `mean_loss`, (n,); `w`, (n, 3)."""

    x: Array
    mean_loss: Array
    w: Array


def w_by_epoch(curves: Curves) -> Array:
    """Returns the w of each epoch of a run's curves, shape (n, 3)."""
    return np.column_stack([curves.values[name] for name in PARAMETER_NAMES])


def run_series(run: Run) -> TimeSeries:
    """Returns a run by epochs, thinned as its curves are, with its newest point, which may lie within an epoch."""
    curves, w = run.curves, w_by_epoch(run.curves)
    x, mean_loss = curves.epochs.astype(np.float64), curves.values["mean_loss"]
    if run.position.update:
        x, w = np.append(x, _length(run)), np.vstack([w, run.w])
        mean_loss = np.append(mean_loss, run.mean_loss)
    return TimeSeries(x, mean_loss, w)


def epoch_series(scene: Scene, most: int = PATH_UPDATES + 1) -> TimeSeries:
    """Returns the visited epoch by updates, up to the visited one: at most `most` points of it, evenly spread.

    It is the visited point alone if there is no path, because nothing is done or an epoch has too many updates.
    """
    snapshot, w = scene.snapshot, scene.epoch_path
    updates = snapshot.update or snapshot.updates_per_epoch
    if not len(w):
        w, x = snapshot.w[np.newaxis], np.array([update_coordinate(snapshot)])
    else:
        apart = 1
        while updates > PATH_UPDATES * apart:
            apart *= 2
        x = np.append(np.arange(0.0, updates, apart), updates)
    step = -(-len(x) // most)
    x, w = x[::-step][::-1], w[::-step][::-1]  # the last one stays
    return TimeSeries(x, snapshot.problem.mean_losses(w), w)


def update_coordinate(snapshot: Snapshot) -> float:
    """Returns the visited position on an axis of the updates of its epoch, from 0."""
    return float(snapshot.update or (snapshot.updates_per_epoch if snapshot.epoch else 0))


def update_axis_name(scene: Scene) -> str:
    """Formats the name of an axis of updates; it says so if there are too many to show.

    The epoch is numbered as in the log, from 0 on.
    """
    snapshot = scene.snapshot
    epoch = snapshot.epoch if snapshot.update else max(0, snapshot.epoch - 1)
    too_long = bool(snapshot.epoch or snapshot.update) and not len(scene.epoch_path)
    template = _("updates in epoch {epoch}: too many to show") if too_long else _("updates in epoch {epoch}")
    return template.format(epoch=epoch)


def capped(losses: Array) -> Array:
    """Replaces losses beyond HUGE, inf and nan by HUGE, which is above every window."""
    return np.where(losses < HUGE, losses, HUGE)


def thinned(x: Array, y: Array, window: Range, columns: int = COLUMNS) -> tuple[Array, Array]:
    """Thins the points (x, y), each of shape (n,) and x increasing, to those that a chart of `columns` can show.

    It keeps the first, the lowest, the highest and the last point of each column, so that no spike is lost, and the
    nearest point on either side of the window, from and to which the line leads. Their order stays; nan is neither low
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
    counts = np.diff(begins, append=len(x))
    kept = np.zeros(len(x), dtype=np.bool_)
    kept[begins] = kept[begins + counts - 1] = True
    for extreme in (np.fmin, np.fmax):
        extremes = np.flatnonzero(y == np.repeat(extreme.reduceat(y, begins), counts))
        is_first = np.diff(column[extremes], prepend=-np.inf) > 0  # of several equal extremes of a column
        kept[extremes[is_first]] = True
    return x[kept], y[kept]


def marked(x: Array, y: Array, window: Range, share: float = 0.5) -> tuple[Array, Array]:
    """Selects some of the points (x, y), evenly spread over the window, to mark a line.

    `share`, from 0 to 1, shifts them, so that the marks of several lines stand apart.
    """
    low, high = window
    places = low + (high - low) * (np.arange(MARKS_PER_LINE) + share) / MARKS_PER_LINE
    indices = distinct(np.searchsorted(x, places))
    indices = indices[indices < len(x)]
    return x[indices], y[indices]


# Ranges of time


def epoch_coordinate(snapshot: Snapshot) -> float:
    """Returns the visited position on an axis of epochs done; updates are fractions of an epoch."""
    return snapshot.position.epochs(snapshot.updates_per_epoch)


def _length(run: Run) -> float:
    """Returns how many epochs a run has done; updates are fractions of an epoch."""
    return run.position.epochs(run.task.updates_per_epoch)


def whole_range(scene: Scene) -> Range:
    """Computes the range of all epochs of the run so far, and of those of earlier runs.

    Of a much longer run it has only the beginning, so that the current run stays visible.
    """
    length = _length(scene.run)
    others = max((_length(run) for run in scene.earlier), default=0.0)
    seen = min(others, max(SURE_EPOCHS, TIMES_LONGER * length))
    return 0.0, max(length, seen, float(min(LEAST_EPOCHS, scene.snapshot.config.epochs)))


def recent_range(scene: Scene) -> Range:
    """Computes the range of a tenth of the epochs so far, some at least: the newest, or those around the visit."""
    end = max(_length(scene.run), float(min(LEAST_EPOCHS, scene.snapshot.config.epochs)))
    width = max(end / 10, min(end, float(LEAST_EPOCHS)))
    high = min(end, max(epoch_coordinate(scene.snapshot) + width / 2, width))
    return high - width, high


def update_range(scene: Scene) -> Range:
    """Returns the range of an axis of all updates of an epoch."""
    return 0.0, float(scene.snapshot.updates_per_epoch)


def rate_changes(config: RunConfig, window: Range) -> list[int]:
    """Returns the epochs done at which the learning rate changes, within a window of epochs.

    It returns none if the rate changes with every epoch, or more often than can be marked.
    """
    schedule, (low, high) = SCHEDULES[config.schedule], window
    changes: list[int] = []
    epoch = max(0, int(low) - 1)
    if schedule.plateau_epochs(config, epoch) == schedule.plateau_epochs(config, epoch + 1) == 1:
        return []
    for _plateau in range(MOST_CHANGES + 2):
        rate = schedule.rate(config, epoch)
        epoch += schedule.plateau_epochs(config, epoch)
        if epoch > high:
            return changes
        if epoch >= low and schedule.rate(config, epoch) != rate:
            changes.append(epoch)
    return []


def level(role: Role, value: float, window: Range, label: str = "", brief: str = "") -> Series:
    """Makes a series of dots across a window of time at a value to reach, such as tol; a line would seem a curve."""
    x = np.linspace(*widest_window(window), DOTS)
    return Series(role, x, np.full(DOTS, value), mark="·", label=label, short_label=brief)


# Earlier runs


def earlier_label(run: Run, config: RunConfig, is_taught: bool = False, brief: bool = False) -> str:
    """Formats the legend's label of an earlier run by a setting that the run of `config` has not: `#1 lr 0.5`.

    Dots follow if more settings differ. If a lesson is open (`is_taught`), there are none behind the learning rate, by
    which lessons name runs, and unless the label is `brief` the epochs of the run are added: `#1 lr 0.5, 68 epochs`.
    """
    parts = earlier_values(run.config, config)
    if is_taught:
        lr = PARAMETERS["lr"]
        rate, epochs = f"{lr.label} {lr.show(run.config.lr)}", ngettext("{n} epoch", "{n} epochs", run.position.epoch)
        if rate in parts or not parts:
            difference = rate
        elif len(parts) > 1:
            difference = f"{parts[0]} …"
        else:
            difference = parts[0]
        name = f"#{run.number} {difference}"
        return name if brief else comma_separated([name, epochs])
    if not parts:
        return _("#{run} earlier run").format(run=run.number)
    return f"#{run.number} {parts[0]}" + (" …" if len(parts) > 1 else "")


def earlier_line(scene: Scene, run: Run, x: Array, y: Array, window: Range, is_labeled: bool = True) -> list[Series]:
    """Returns the series of a curve (x, y) of an earlier run: a line, and points in the last digit of the run's number.

    The points distinguish it on terminals without colors.
    """
    role, sign = scene.roles[run.number], str(run.number)[-1]
    share = (scene.earlier.index(run) + 0.5) / len(scene.earlier)  # the signs of several runs stand apart
    line = Series(role, *thinned(x, y, window), line=True, sign=sign, lasting=True)
    if is_labeled:
        config = scene.snapshot.config
        label, brief = (earlier_label(run, config, scene.is_taught, is_brief) for is_brief in (False, True))
        many = len(scene.earlier) > FEW
        line = replace(
            line, label=label, short_label=brief if many else label, shortest_label=f"#{run.number}" if many else brief
        )
    return [line, Series(role, *marked(x, y, window, share), sign=sign, lasting=True)]


def end_note(role: Role, text: str, x: Array, y: Array, window: Range) -> Note:
    """Makes a note with a text near the end of a line (x, y), as close to it as there is room."""
    low, high = window
    end = min(high, float(x[-1])) if len(x) else high
    places = end - (high - low) * np.linspace(0.0, END, END_PLACES)
    return Note(role, text, places, np.interp(places, x, y, left=np.nan), beside=True)
