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
from quadfit_tui.core.model.task import FitTask, task_steps
from quadfit_tui.core.text.language import _, comma_separated
from quadfit_tui.core.training.position import Position
from quadfit_tui.core.training.record_log import RecordLog
from quadfit_tui.core.training.timeline import Timeline
from quadfit_tui.sweeps.pictures.picture import labeled_value, parameters, quartiles, value_name
from quadfit_tui.sweeps.rows import DIVERGED, FAILED, ResultRows
from quadfit_tui.sweeps.space import Space

MOST_BANDS = 6  # there are as many colors for runs
MOST_RUNS = 200  # runs of all bands together: trained one by one, they take once or twice the time of the sweep
POINTS = 200  # epochs at which quartiles are computed


@dataclass(frozen=True, eq=False)
class LossBand:
    """The mean loss by epoch of `runs` runs that differ in the seed: its quartiles, shape (3, n), at n epochs.

    A quartile is inf if too many runs have diverged; `diverged` counts them. A run that has ended keeps its mean loss.
    `label` has the values of the band, `brief` the same in fewer characters; empty if only the seed varies.
    """

    label: str
    brief: str
    quartiles: Array
    runs: int
    diverged: int


@dataclass(frozen=True, eq=False)
class LossBands:
    """The bands of a sweep over `epochs`, whole epochs done, shape (n,), ascending.

    `tol` is the bound below which all their runs stop, or None. `notes` are sentences about the bands.
    """

    epochs: NDArray[np.int64]
    bands: tuple[LossBand, ...]
    tol: float | None
    notes: tuple[str, ...]


def loss_bands(space: Space, rows: ResultRows, problem: Dataset | None = None) -> JobSteps[LossBands]:
    """Trains runs of a sweep again and returns a band for each combination of the parameters that vary but the seed.

    Of many combinations MOST_BANDS are chosen evenly, of many seeds the first ones. `problem` has the samples if they
    are known. Raises ValueError if all runs failed, and ConfigError if samples cannot be read.
    """
    rows = rows.part(rows.status != FAILED)
    if not len(rows):
        raise ValueError(_("no run of this sweep could be trained"))
    groups = _groups(space, rows)
    chosen = np.linspace(0, len(groups) - 1, min(len(groups), MOST_BANDS)).round().astype(int)
    shown = [groups[index][: MOST_RUNS // len(chosen)] for index in chosen.tolist()]
    epochs = distinct(np.linspace(0, rows.epochs[np.concatenate(shown)].max(), POINTS + 1).astype(np.int64))
    losses = yield from _trained(space, rows, shown, epochs, problem)
    bands = []
    for group, band_losses in zip(shown, losses, strict=True):
        columns = space.columns(rows.cell[group[:1]])
        values = {name: columns[name][0] for name in parameters(space) if columns[name][0] is not None}
        label = comma_separated([labeled_value(name, value) for name, value in values.items()])
        brief = comma_separated([value_name(name, value) for name, value in values.items()])
        places = np.tile(np.arange(len(epochs)), len(group))
        diverged = int((rows.status[group] == DIVERGED).sum())
        bands.append(LossBand(label, brief, quartiles(band_losses.ravel(), places, len(epochs)), len(group), diverged))
    return LossBands(epochs, tuple(bands), _tol(space), tuple(_notes(bands, groups)))


def _groups(space: Space, rows: ResultRows) -> list[NDArray[np.intp]]:
    """Groups the rows by the parameters that vary but the seed; returns each group's indices, in order of cells."""
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
    """Trains the runs of each group again; returns their mean losses at the n epochs, shape (m, n) for m runs."""
    curves = [np.full((len(group), len(epochs)), np.inf) for group in groups]
    known = () if problem is None else (problem,)
    # The runs of one seed follow each other, so that its samples are made only once.
    todo = sorted((index, band) for band, group in enumerate(groups) for index in range(len(group)))
    for done, (index, band) in enumerate(todo):
        config = space.config(int(rows.cell[groups[band][index]]))
        task = FitTask(config, problem) if problem is not None else (yield from task_steps(config, *known))
        known = (task.problem,)
        run, weights = Timeline(task), list[Array]()
        for epoch in epochs.tolist():
            while run.position.epoch < epoch and not run.at_end:
                run.approach(Position(epoch, 0), RecordLog())
                yield (done + run.position.epoch / config.epochs) / len(todo)
            weights.append(run.trainer.trained_w)
        losses = task.trained.drawn_losses(np.array(weights))  # not finite if the run has diverged
        curves[band][index] = np.where(np.isfinite(losses), losses, np.inf)
    return curves


def _tol(space: Space) -> float | None:
    """Returns the tol at which all runs stop; None if it varies, is 0, or no stopping rule uses it."""
    if {"tol", "stop_on"}.intersection(space.axes) or STOP_RULES[space.base.stop_on].select_loss is None:
        return None
    return space.base.tol or None


def _notes(bands: Sequence[LossBand], groups: Sequence[NDArray[np.intp]]) -> Iterator[str]:
    """Yields the sentences below the bands: diverged runs, the number of seeds, and combinations that are not drawn."""
    template = _("{diverged} of {runs} ({band})")
    counts = [
        template.format(diverged=band.diverged, runs=band.runs, band=band.label or _("all"))
        for band in bands
        if band.diverged
    ]
    if counts:
        yield _("Diverged: {bands}.").format(bands=comma_separated(counts))
    runs, most = max(band.runs for band in bands), max(map(len, groups))
    if most > runs:
        yield _("Median and quartiles over {runs} of {most} seeds.").format(runs=runs, most=most)
    elif runs > 1:
        yield _("Median and quartiles over {runs} seeds.").format(runs=runs)
    if len(bands) < len(groups):
        yield _("Curves: {shown} of {most}.").format(shown=len(bands), most=len(groups))
