"""Median and quartiles over the seeds of the mean loss by epoch: of some runs of a sweep, which are trained again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from quadfit_tui.core.methods.stopping import STOP_RULES
from quadfit_tui.core.model.array import Array
from quadfit_tui.core.model.incremental_job import JobSteps
from quadfit_tui.core.model.parabola import distinct
from quadfit_tui.core.model.problem import Dataset
from quadfit_tui.core.model.task import FitTask, task_pieces
from quadfit_tui.core.text.language import _, comma_separated
from quadfit_tui.core.training.position import Position
from quadfit_tui.core.training.record_log import RecordLog
from quadfit_tui.core.training.timeline import Timeline
from quadfit_tui.sweeps.pictures.picture import named, parameters, quartiles, value_name
from quadfit_tui.sweeps.rows import DIVERGED, FAILED, ResultRows
from quadfit_tui.sweeps.space import Space

MOST_BANDS = 6  # as many as there are colors for runs
MOST_RUNS = 200  # of all bands: one by one they take once or twice the time of the sweep
POINTS = 200  # at which quartiles are taken


@dataclass(frozen=True, eq=False)
class LossBand:
    """The mean loss of `runs` runs that differ in the seed: its quartiles at each of `epochs`, shape (3, n).

    inf if too many runs have diverged, of which there are `diverged`. A run that has ended stays at its mean loss.
    `label` has the values of the band, `brief` the same in fewer characters; empty where only the seed varies.
    """

    label: str
    brief: str
    quartiles: Array
    runs: int
    diverged: int


@dataclass(frozen=True, eq=False)
class LossBands:
    """Bands over `epochs`, whole epochs done, shape (n,), ascending; `tol` if all their runs stop below it.

    `notes` are sentences on what they are of.
    """

    epochs: NDArray[np.int64]
    bands: tuple[LossBand, ...]
    tol: float | None
    notes: tuple[str, ...]


def loss_bands(space: Space, rows: ResultRows, problem: Dataset | None = None) -> JobSteps[LossBands]:
    """Trains runs of a sweep and returns a band for each combination of what varies beside the seed.

    Of many combinations MOST_BANDS are chosen evenly, of many seeds the first ones. Raises ValueError if all runs
    failed, and ConfigError if samples cannot be read.
    """
    rows = rows.part(rows.status != FAILED)
    if not len(rows):
        raise ValueError(_("no run of this sweep could be trained"))
    groups = _groups(space, rows)
    chosen = np.linspace(0, len(groups) - 1, min(len(groups), MOST_BANDS)).round().astype(int)
    shown = [groups[at][: MOST_RUNS // len(chosen)] for at in chosen.tolist()]
    epochs = distinct(np.linspace(0, rows.epochs[np.concatenate(shown)].max(), POINTS + 1).astype(np.int64))
    losses = yield from _trained(space, rows, shown, epochs, problem)
    bands = []
    for group, found in zip(shown, losses, strict=True):
        columns = space.columns(rows.cell[group[:1]])
        values = [(name, columns[name][0]) for name in parameters(space) if columns[name][0] is not None]
        label, brief = (comma_separated([name_of(*each) for each in values]) for name_of in (named, value_name))
        at = np.tile(np.arange(len(epochs)), len(group))
        diverged = int((rows.status[group] == DIVERGED).sum())
        bands.append(LossBand(label, brief, quartiles(found.ravel(), at, len(epochs)), len(group), diverged))
    return LossBands(epochs, tuple(bands), _tol(space), tuple(_notes(bands, groups)))


def _groups(space: Space, rows: ResultRows) -> list[NDArray[np.intp]]:
    """Returns the rows of each combination of what varies beside the seed, in the order of the cells."""
    places, code = space.used_places(rows.cell), np.zeros(len(rows), dtype=np.intp)
    for name in parameters(space):
        code = code * (len(space.axes[name]) + 1) + places[name] + 1
    order = np.lexsort((rows.cell, code))
    return np.split(order, np.flatnonzero(np.diff(code[order])) + 1)


def _trained(
    space: Space,
    rows: ResultRows,
    groups: Sequence[NDArray[np.intp]],
    epochs: NDArray[np.int64],
    problem: Dataset | None,
) -> JobSteps[list[Array]]:
    """Trains the runs of each group once more; returns their mean losses at the epochs, shape (m, n) each."""
    curves = [np.full((len(group), len(epochs)), np.inf) for group in groups]
    known = () if problem is None else (problem,)
    # Seed by seed, so that samples which are made with one are made once.
    todo = sorted((at, band) for band, group in enumerate(groups) for at in range(len(group)))
    for done, (at, band) in enumerate(todo):
        config = space.config(int(rows.cell[groups[band][at]]))
        task = FitTask(config, problem) if problem is not None else (yield from task_pieces(config, *known))
        known = (task.problem,)
        run, passed = Timeline(task), list[Array]()
        for epoch in epochs.tolist():
            while run.position.epoch < epoch and not run.at_end:
                run.approach(Position(epoch, 0), RecordLog())
                yield (done + run.position.epoch / config.epochs) / len(todo)
            passed.append(run.trainer.trained_w)
        losses = task.trained.drawn_losses(np.array(passed))  # no number of a w at which it diverged
        curves[band][at] = np.where(np.isfinite(losses), losses, np.inf)
    return curves


def _tol(space: Space) -> float | None:
    """Returns the bound that all losses are to fall below; None if it differs, or nothing stops there."""
    if {"tol", "stop_on"}.intersection(space.axes) or STOP_RULES[space.base.stop_on].judged is None:
        return None
    return space.base.tol or None


def _notes(bands: Sequence[LossBand], groups: Sequence[NDArray[np.intp]]) -> Iterator[str]:
    """Yields what the bands are of, in sentences."""
    one = _("{diverged} of {runs} ({band})")
    if diverged := [band for band in bands if band.diverged]:
        told = [one.format(diverged=each.diverged, runs=each.runs, band=each.label or _("all")) for each in diverged]
        yield _("Diverged: {bands}.").format(bands=comma_separated(told))
    runs, most = max(band.runs for band in bands), max(map(len, groups))
    if most > runs:
        yield _("Median and quartiles over {runs} of {most} seeds.").format(runs=runs, most=most)
    elif runs > 1:
        yield _("Median and quartiles over {runs} seeds.").format(runs=runs)
    if len(bands) < len(groups):
        yield _("Curves: {shown} of {most}.").format(shown=len(bands), most=len(groups))
