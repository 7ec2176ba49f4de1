"""Runs over time, for charts: which time is seen, and of many points those that can be told apart."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from quadfit_tui.core.config.differences import left_behind
from quadfit_tui.core.config.parameters import PARAMETERS, RunConfig
from quadfit_tui.core.methods.schedules import SCHEDULES
from quadfit_tui.core.model.array import Array
from quadfit_tui.core.model.parabola import PARAMETER_NAMES, distinct
from quadfit_tui.core.session.runs import Run
from quadfit_tui.core.session.snapshot import Snapshot
from quadfit_tui.core.text.language import _, comma_separated, ngettext
from quadfit_tui.core.training.curves import Curves
from quadfit_tui.core.training.timeline import PATH_UPDATES
from quadfit_tui.ui.charts.axes import wider
from quadfit_tui.ui.charts.spec import Note, Range, Role, Series
from quadfit_tui.ui.views.scene import Scene

COLUMNS = 400  # dots of a chart of 200 characters
LEAST_EPOCHS = 10  # a window of time is this long, or as long as the run can become: at its start it does not jump
SURE_EPOCHS = 100  # of an earlier run are seen from the start on; of a longer one
TIMES_LONGER = 10  # as many times the epochs of the present run, which is not to become a sliver
MOST_CHANGES = 50  # of the learning rate that are marked; more would be a ribbon
MARKS_PER_LINE = 8
DOTS = 200  # of the line of a level
FEW = 2  # earlier runs, whose settings the legend has in any case
END, END_PLACES = 0.3, 40  # of the width of a window: so far from the end of a line its name may be
HUGE = 1e307  # stands for what no double holds
DIVERGED = 1e3  # times the largest value of a start: beside other runs, what is beyond leaves the window


class TimeSeries(NamedTuple):
    """A run over time: `x`, shape (n,), increasing, in epochs or updates done; then `mean_loss` (n,) and `w` (n, 3)."""

    x: Array
    mean_loss: Array
    w: Array


def w_by_epoch(curves: Curves) -> Array:
    """w of each epoch of the curves, shape (n, 3)."""
    return np.column_stack([curves.values[name] for name in PARAMETER_NAMES])


def run_series(run: Run) -> TimeSeries:
    """A run by its epochs, thinned as its curves are; last comes its newest point, which may lie within an epoch."""
    curves, w = run.curves, w_by_epoch(run.curves)
    x, mean_loss = curves.epochs.astype(np.float64), curves.values["mean_loss"]
    if run.position.update:
        x, w = np.append(x, _length(run)), np.vstack([w, run.w])
        mean_loss = np.append(mean_loss, run.mean_loss)
    return TimeSeries(x, mean_loss, w)


def epoch_series(scene: Scene, most: int = PATH_UPDATES + 1) -> TimeSeries:
    """The visited epoch by its updates, as far as it is visited: `most` points of it, evenly spread.

    Where there is no path, since nothing has been done or an epoch has too many updates, it is the visited point alone.
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
    """Where the visited position lies on an axis of the updates of its epoch, from 0."""
    return float(snapshot.update or (snapshot.updates_per_epoch if snapshot.epoch else 0))


def update_axis_name(scene: Scene) -> str:
    """What an axis of updates is called, and why none are seen; the epoch is numbered as in the log, from 0 on."""
    snapshot = scene.snapshot
    epoch = snapshot.epoch if snapshot.update else max(0, snapshot.epoch - 1)
    too_long = bool(snapshot.epoch or snapshot.update) and not len(scene.epoch_path)
    said = _("updates in epoch {epoch}: too many to show") if too_long else _("updates in epoch {epoch}")
    return said.format(epoch=epoch)


def capped(losses: Array) -> Array:
    """Returns losses with all beyond HUGE, inf and nan too, as HUGE: above every window."""
    return np.where(losses < HUGE, losses, HUGE)


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
    counts = np.diff(begins, append=len(x))
    kept = np.zeros(len(x), dtype=np.bool_)
    kept[begins] = kept[begins + counts - 1] = True
    for extreme in (np.fmin, np.fmax):
        found = np.flatnonzero(y == np.repeat(extreme.reduceat(y, begins), counts))
        kept[found[np.diff(column[found], prepend=-np.inf) > 0]] = True  # the first of equals
    return x[kept], y[kept]


def marked(x: Array, y: Array, window: Range, share: float = 0.5) -> tuple[Array, Array]:
    """Some of the points (x, y), evenly spread over the window: `share`, from 0 to 1, tells those of lines apart."""
    low, high = window
    places = low + (high - low) * (np.arange(MARKS_PER_LINE) + share) / MARKS_PER_LINE
    at = distinct(np.searchsorted(x, places))
    at = at[at < len(x)]
    return x[at], y[at]


# Ranges of time


def epoch_coordinate(snapshot: Snapshot) -> float:
    """Where the visited position lies on an axis of epochs done; a part of one for updates."""
    return snapshot.position.epochs(snapshot.updates_per_epoch)


def _length(run: Run) -> float:
    return run.position.epochs(run.task.updates_per_epoch)


def whole_range(scene: Scene) -> Range:
    """The range of all epochs of the run so far, and those of earlier ones.

    Of a much longer one only its beginning: the present run is to be seen.
    """
    length = _length(scene.run)
    others = max((_length(run) for run in scene.earlier), default=0.0)
    seen = min(others, max(SURE_EPOCHS, TIMES_LONGER * length))
    return 0.0, max(length, seen, float(min(LEAST_EPOCHS, scene.snapshot.config.epochs)))


def recent_range(scene: Scene) -> Range:
    """The range of a tenth of the epochs so far, but some at least: the newest, or those around the visited one."""
    end = max(_length(scene.run), float(min(LEAST_EPOCHS, scene.snapshot.config.epochs)))
    width = max(end / 10, min(end, float(LEAST_EPOCHS)))
    high = min(end, max(epoch_coordinate(scene.snapshot) + width / 2, width))
    return high - width, high


def update_range(scene: Scene) -> Range:
    """The range of an axis of all updates of an epoch."""
    return 0.0, float(scene.snapshot.updates_per_epoch)


def rate_changes(config: RunConfig, window: Range) -> list[int]:
    """The epochs done at which the learning rate changes, within a window of epochs.

    None of them where it changes with every epoch, or more often than can be marked.
    """
    schedule, (low, high) = SCHEDULES[config.schedule], window
    found: list[int] = []
    epoch = max(0, int(low) - 1)
    if schedule.plateau_epochs(config, epoch) == schedule.plateau_epochs(config, epoch + 1) == 1:
        return []
    for _at in range(MOST_CHANGES + 2):
        rate = schedule.rate(config, epoch)
        epoch += schedule.plateau_epochs(config, epoch)
        if epoch > high:
            return found
        if epoch >= low and schedule.rate(config, epoch) != rate:
            found.append(epoch)
    return []


def level(role: Role, value: float, window: Range, label: str = "", brief: str = "") -> Series:
    """A value that is aimed at, in dots across a window of time: it is not to be taken for a curve."""
    x = np.linspace(*wider(window), DOTS)
    return Series(role, x, np.full(DOTS, value), mark="·", label=label, brief=brief)


# Earlier runs


def earlier_label(run: Run, config: RunConfig, is_taught: bool = False, brief: bool = False) -> str:
    """What an earlier run had that the one of `config` has not: `#1 lr 0.5`; with dots where there is more of it.

    In a lesson no dots behind its rate, by which lessons call runs, and unless it is `brief` its epochs, too:
    `#1 lr 0.5, 68 epochs`.
    """
    parts = left_behind(run.config, config)
    if is_taught:
        lr = PARAMETERS["lr"]
        rate, epochs = f"{lr.label} {lr.show(run.config.lr)}", ngettext("{n} epoch", "{n} epochs", run.position.epoch)
        what = rate if rate in parts or not parts else f"{parts[0]} …" if parts[1:] else parts[0]
        return f"#{run.number} {what}" if brief else comma_separated([f"#{run.number} {what}", epochs])
    if not parts:
        return _("#{run} earlier run").format(run=run.number)
    return f"#{run.number} {parts[0]}" + (" …" if len(parts) > 1 else "")


def earlier_line(scene: Scene, run: Run, x: Array, y: Array, window: Range, is_labeled: bool = True) -> list[Series]:
    """A line of an earlier run, where there are no colors with the last digit of its number along it."""
    role, sign = scene.roles[run.number], str(run.number)[-1]
    share = (scene.earlier.index(run) + 0.5) / len(scene.earlier)  # the signs of several runs stand apart
    line = Series(role, *thinned(x, y, window), line=True, sign=sign, lasting=True)
    if is_labeled:
        label, brief = (earlier_label(run, scene.snapshot.config, scene.is_taught, each) for each in (False, True))
        many = len(scene.earlier) > FEW
        line = replace(line, label=label, brief=brief if many else label, least=f"#{run.number}" if many else brief)
    return [line, Series(role, *marked(x, y, window, share), sign=sign, lasting=True)]


def end_note(role: Role, text: str, x: Array, y: Array, window: Range) -> Note:
    """A text at the end of a line, as near to it as there is room."""
    low, high = window
    end = min(high, float(x[-1])) if len(x) else high
    places = end - (high - low) * np.linspace(0.0, END, END_PLACES)
    return Note(role, text, places, np.interp(places, x, y, left=np.nan), beside=True)
