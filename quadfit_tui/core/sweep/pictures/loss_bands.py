"""Median and quartiles over the seeds of the mean loss by epoch: of some runs of a sweep, which are trained again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from quadfit_tui.core.config.parameters import PARAMETERS
from quadfit_tui.core.methods.stopping import STOP_RULES
from quadfit_tui.core.model.array import Array
from quadfit_tui.core.model.parabola import distinct
from quadfit_tui.core.model.piecewise import Pieces
from quadfit_tui.core.model.problem import Problem
from quadfit_tui.core.model.task import Task, task_pieces
from quadfit_tui.core.sweep.pictures.picture_words import SEED, PictureWords, is_numeric, named, value_name
from quadfit_tui.core.sweep.rows import DIVERGED, FAILED, Rows, best_of
from quadfit_tui.core.sweep.space import Space
from quadfit_tui.core.text.language import _, comma_separated, listed
from quadfit_tui.core.training.position import Position
from quadfit_tui.core.training.record_log import RecordLog
from quadfit_tui.core.training.timeline import Timeline

MOST_BANDS = 6  # as many as there are colors for runs
MOST_SEEDS = 50  # of each: to train the runs again takes a small part of what a sweep of so many took
POINTS = 400  # at which quartiles are taken
QUARTILES = (0.25, 0.5, 0.75)


@dataclass(frozen=True, eq=False)
class LossBand:
    """The mean loss of `runs` runs that differ in the seed: its quartiles at each of `epochs`, shape (3, n).

    inf where a run that counts has diverged; of those there are `diverged`. A run that has ended stays at its mean
    loss. `label` tells the band from others, `brief` in few characters.
    """

    label: str
    brief: str
    quartiles: Array
    runs: int
    diverged: int


@dataclass(frozen=True, eq=False)
class LossBands:
    """Bands over `epochs`, whole epochs done, shape (n,), ascending; `tol` where all their runs are to come below it.

    `notes` are sentences on what they are of.
    """

    epochs: NDArray[np.int64]
    bands: tuple[LossBand, ...]
    tol: float | None
    notes: tuple[str, ...]


def bands_axis(space: Space, words: PictureWords) -> str:
    """The parameter whose values have a band each, the learning rate where that varies; empty where none does."""
    free = [name for name in space.varied if name not in (SEED, *words.held)]
    return words.axes[0] if words.axes else min(free, key=lambda name: name != "lr", default="")


def loss_bands(space: Space, rows: Rows, words: PictureWords, problem: Problem | None = None) -> Pieces[LossBands]:
    """The bands of some values of a parameter: MOST_BANDS at most, evenly chosen, over MOST_SEEDS seeds at most.

    All else is as in the best run of the sweep, or as it is held. Raises ValueError where there is no such run, and
    ConfigError where samples cannot be read.
    """
    name, rows = bands_axis(space, words), rows.part(rows.status != FAILED)
    places = space.used_places(rows.cell)
    groups = _groups(space, rows, places, name, words)
    numbers = [group[:MOST_SEEDS] for group in groups]
    epochs = distinct(np.linspace(0, rows.epochs[np.concatenate(numbers)].max(), POINTS + 1).astype(np.int64))
    quartiles = yield from _trained(space, rows, numbers, epochs, problem)
    varied = [each for each in space.varied if each not in (SEED, name)]
    own = [{each: int(places[each][group[0]]) for each in varied if places[each][group[0]] >= 0} for group in groups]
    common = {each: at for each, at in own[0].items() if all(mine.get(each, at) == at for mine in own)}
    bands = []
    for group, chosen, mine, found in zip(groups, numbers, own, quartiles, strict=True):
        value = {name: int(places[name][group[0]])} if name else {}
        told = value | {each: at for each, at in mine.items() if each not in common}
        label = comma_separated([named(each, space.axes[each][at]) for each, at in told.items()])
        brief = "".join(value_name(each, space.axes[each][at]) for each, at in value.items())
        diverged = int((rows.status[chosen] == DIVERGED).sum())
        bands.append(LossBand(label, brief, found, len(chosen), diverged))
    shared = [named(each, space.axes[each][at]) for each, at in common.items()]
    return LossBands(epochs, tuple(bands), _tol(space), tuple(_notes(space, name, bands, shared, groups)))


def _groups(
    space: Space, rows: Rows, places: dict[str, NDArray[np.intp]], name: str, words: PictureWords
) -> list[NDArray[np.intp]]:
    """The rows of each band, which differ in nothing but the seed.

    All else is as in the best run of all; where values are no numbers, as in the best run of each.
    """
    held = np.flatnonzero(words.holds(places, len(rows)))
    if not len(held):
        raise ValueError(_("no run of the sweep has these values"))
    others = [each for each in places if each not in (SEED, name)]
    best, found = _best(rows, held), list[NDArray[np.intp]]()
    for value in range(len(space.axes[name]) if name else 1):
        group = held[places[name][held] == value] if name else held
        for each in others if is_numeric(space.axes.get(name, ())) else ():
            group = group[(places[each][group] == places[each][best]) | (places[each][group] < 0)]
        if len(group):
            first = _best(rows, group)
            for each in others:
                group = group[places[each][group] == places[each][first]]
            found.append(group[np.argsort(rows.cell[group])])
    chosen = np.linspace(0, len(found) - 1, min(len(found), MOST_BANDS)).round().astype(int)
    return [found[at] for at in chosen.tolist()]


def _best(rows: Rows, chosen: NDArray[np.intp]) -> int:
    """The best of some rows; the first where all diverged or failed."""
    return int(chosen[best_of(rows.status[chosen], rows.mean_loss[chosen], rows.cell[chosen]) or 0])


def _trained(
    space: Space, rows: Rows, groups: Sequence[NDArray[np.intp]], epochs: NDArray[np.int64], problem: Problem | None
) -> Pieces[list[Array]]:
    """The quartiles of the mean losses of each group of rows at some epochs, shape (3, n): their runs, once more."""
    curves = [np.full((len(group), len(epochs)), np.inf) for group in groups]
    known = () if problem is None else (problem,)
    # Seed by seed, so that samples which are made with one are made once.
    todo = sorted((at, band) for band, group in enumerate(groups) for at in range(len(group)))
    for done, (at, band) in enumerate(todo):
        config = space.config(int(rows.cell[groups[band][at]]))
        task = Task(config, problem) if problem is not None else (yield from task_pieces(config, *known))
        known = (task.problem,)
        run, passed = Timeline(task), list[Array]()
        for epoch in epochs.tolist():
            while run.position.epoch < epoch and not run.at_end:
                run.approach(Position(epoch, 0), RecordLog())
                yield (done + run.position.epoch / config.epochs) / len(todo)
            passed.append(run.trainer.trained_w)
        losses = task.trained.drawn_losses(np.array(passed))  # no number of a w at which it diverged
        curves[band][at] = np.where(np.isfinite(losses), losses, np.inf)
    return [quartiles(each) for each in curves]


def quartiles(values: Array) -> Array:
    """The quartiles of each column of values, shape (m, n), linear between two of them: shape (3, n); inf is no error.

    Hyndman & Fan 1996, definition 7.
    """
    ordered, place = np.sort(values, axis=0), np.array(QUARTILES) * (len(values) - 1)
    low, high = ordered[np.floor(place).astype(int)], ordered[np.ceil(place).astype(int)]
    with np.errstate(invalid="ignore"):  # of inf − inf
        found: Array = np.where(low == high, low, low + (place % 1)[:, np.newaxis] * (high - low))
    return found


def _tol(space: Space) -> float | None:
    """What all losses are to fall below; None where that differs, or nothing can."""
    if {"tol", "stop_on"}.intersection(space.axes) or STOP_RULES[space.base.stop_on].judged is None:
        return None
    return space.base.tol or None


def _notes(
    space: Space, name: str, bands: Sequence[LossBand], shared: Sequence[str], groups: Sequence[NDArray[np.intp]]
) -> Iterator[str]:
    """What the bands are of, in sentences."""
    one = _("{diverged} of {runs} ({band})")
    if diverged := [band for band in bands if band.diverged]:
        told = [one.format(diverged=each.diverged, runs=each.runs, band=each.label or _("all")) for each in diverged]
        yield _("Diverged: {bands}.").format(bands=comma_separated(told))
    runs, most = max(band.runs for band in bands), max(map(len, groups))
    if most > runs:
        yield _("Median and quartiles over {runs} of {most} seeds.").format(runs=runs, most=most)
    elif runs > 1:
        yield _("Median and quartiles over {runs} seeds.").format(runs=runs)
    if shared and is_numeric(space.axes.get(name, ())):
        yield _("All else as in the best run: {values}.").format(values=listed(shared))
    elif shared:
        yield _("All have {values}.").format(values=listed(shared))
    if name and len(bands) < (most := len(space.axes[name])):
        words = _("Values of {parameter}: {shown} of {most}.")
        yield words.format(parameter=PARAMETERS[name].label, shown=len(bands), most=most)
