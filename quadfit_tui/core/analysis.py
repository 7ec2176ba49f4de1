"""What can be said of a run beforehand and of one that diverged: a diagnosis, in one line and in full."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from quadfit_tui.core.config import RunConfig
from quadfit_tui.core.figures import short, short_below
from quadfit_tui.core.forecast import epochs_needed
from quadfit_tui.core.limits import Ground, Limit, condition, limit, shrinkage
from quadfit_tui.core.optimizers import OPTIMIZERS
from quadfit_tui.core.problem import Problem
from quadfit_tui.core.quadratic import curvature
from quadfit_tui.core.rules import CONVENTIONS
from quadfit_tui.core.trainer import Record, Trainer

MOST_FOLLOWED = 20_000  # updates that are followed one by one


@dataclass(frozen=True)
class Diagnosis:
    """What can be said of a learning rate beforehand.

    `fraction` is the rate in units of the limit, None where there is none. `condition` is that of the curvature, of
    eigenvalues `steepest` (the largest) and smaller. `left` is what an epoch at this constant rate leaves of the
    distance in the long run, None as in `shrinkage`; `epochs` as in `epochs_needed`.
    """

    rate: float
    limit: Limit
    fraction: float | None
    condition: float
    steepest: float
    left: float | None
    epochs: int | None


def diagnose(config: RunConfig, problem: Problem, rate: float | None = None) -> Diagnosis:
    """The diagnosis of a rate that a schedule has come to, without one of the rate that the run begins with."""
    rate = config.lr if rate is None else rate
    found = limit(config, problem)
    return Diagnosis(
        rate=rate,
        limit=found,
        fraction=None if found.rate is None else rate / found.rate,
        condition=condition(problem),
        steepest=float(np.linalg.eigvalsh(curvature(problem.x))[-1]),
        left=shrinkage(config, problem, rate),
        epochs=epochs_needed(config, problem),
    )


def working_rate(config: RunConfig, problem: Problem) -> float | None:
    """A rate with a margin below what is known to hold, with three digits; None where nothing is known."""
    found = limit(config, problem)
    if found.rate is None:
        return None
    return float(short_below(found.rate * (0.99 if found.ground is Ground.SAFE else 0.9)))


def one_line(diagnosis: Diagnosis, config: RunConfig) -> str:
    """The diagnosis in at most 78 characters."""
    rate, found = f"lr {short(diagnosis.rate)}", diagnosis.limit
    if found.rate is None:
        return _without_limit(config)
    bound = short_below(found.rate)
    if found.ground is Ground.SAFE:
        if diagnosis.rate < found.rate:
            return f"{rate} is safe: below {bound} it cannot diverge"
        return f"{rate} may diverge: only below {bound} it surely cannot"
    if diagnosis.rate >= found.rate:
        return f"{rate} is above the limit {bound}: at this rate the error grows"
    said = f"{rate} is {short(diagnosis.rate / found.rate)} of the limit {bound}"
    return said if diagnosis.epochs is None else f"{said}; {_epochs(diagnosis.epochs)} to tol"


def _epochs(count: int) -> str:
    return f"{count} epoch{'s' * (count != 1)}"


def _without_limit(config: RunConfig) -> str:
    if OPTIMIZERS[config.optimizer].affine is None:
        return f"{config.optimizer} scales each gradient itself: no limit of this kind"
    return f"{config.optimizer}: no limit of the learning rate is known for such epochs"


def details(diagnosis: Diagnosis, config: RunConfig) -> list[str]:
    """The diagnosis in full, in lines of at most 78 characters."""
    said = [one_line(diagnosis, config), *_grounds(diagnosis, config)]
    if math.isinf(diagnosis.condition):
        said.append("The data leave w open: many w fit them equally well.")
    else:
        said.append(f"Condition number of the curvature: {short(diagnosis.condition)}.")
    if diagnosis.left is not None and (diagnosis.left < 1 or diagnosis.limit.ground is Ground.EXACT):
        said.append(f"An epoch at this rate multiplies the error by {_radius(diagnosis.left)} in the long run.")
    if diagnosis.epochs is not None:
        more = f"; the run has {config.epochs}" if diagnosis.epochs > config.epochs else ""
        said.append(f"Mean loss below tol {short(config.tol)} after {_epochs(diagnosis.epochs)}{more}.")
    return said


def _radius(value: float) -> str:
    """A spectral radius, not rounded to the 1 that it is not."""
    if value != 1 and abs(value - 1) < 1e-3:
        return f"1 {'−' if value < 1 else '+'} {short(abs(value - 1))}"
    return short(value)


def _grounds(diagnosis: Diagnosis, config: RunConfig) -> list[str]:
    match diagnosis.limit.ground:
        case Ground.EXACT if config.batch == "full" and config.optimizer == "sgd":
            factor = short(CONVENTIONS[config.gradient])
            largest = short(diagnosis.steepest)
            return [f"The limit is 2 / ({factor} × {largest}): the largest eigenvalue of the curvature."]
        case Ground.EXACT:
            return ["At the limit an epoch's map stops to shrink the error: spectral radius 1."]
        case Ground.ROUNDING:
            return [
                "Within an epoch at such a rate errors grow a lot before they shrink:",
                "what rounding adds sets this limit, not the curvature alone.",
            ]
        case Ground.SAFE if config.shuffle:
            return ["A new order each epoch has no fixed map: higher rates may do, or not."]
        case Ground.SAFE:
            return ["An epoch has too many updates to tell the limit: higher rates may do."]
        case Ground.NONE:
            return []


def loss_gap(record: Record) -> float | None:
    """How many times the loss of its last update an epoch's mean loss is: far from 1, the former tells little.

    None of a single update, or where the division has no sense.
    """
    mean_loss = record.mean_loss
    return None if mean_loss is None or not record.loss > 0 else mean_loss / record.loss


class Rise(NamedTuple):
    """The first update after which the mean loss of the whole data set was more than before it; it counts from 1."""

    epoch: int
    update: int
    before: float
    after: float


def first_rise(config: RunConfig, problem: Problem, most: int = MOST_FOLLOWED) -> Rise | None:
    """The first rise of a run within `most` updates; None where there is none.

    Of small batches single updates often raise the mean loss, also in a run that converges.
    """
    trainer = Trainer(config, problem)
    reached, places = [trainer.w], [(0, 0)]
    while places and most > 0 and trainer.epoch < config.epochs and not trainer.diverged:
        for _ in range(min(most, 256)):
            record = trainer.advance(1)
            if record is None:
                break
            reached.append(record.w)
            places.append((record.epoch, record.update))
        most -= 256
        losses = problem.mean_losses(np.array(reached))
        risen = np.flatnonzero(~(losses[1:] <= losses[:-1]))
        for at in risen.tolist():
            before, after = problem.mean_loss(reached[at]), problem.mean_loss(reached[at + 1])
            if after > before:
                return Rise(*places[at + 1], before, after)
        reached, places = reached[-1:], places[-1:]
    return None


def divergence(config: RunConfig, problem: Problem) -> list[str]:
    """Why a run of this configuration diverged, and what to try: lines of at most 78 characters."""
    said = [one_line(diagnose(config, problem), config)]
    rise = first_rise(config, problem)
    if rise is not None:
        said.append(f"The mean loss first rose at update {rise.update} of epoch {rise.epoch}:")
        said.append(f"from {short(rise.before)} to {short(rise.after)}.")
    rate = working_rate(config, problem)
    if rate is not None and rate < config.lr:
        said.append(f"A learning rate that holds: {short(rate)}.")
    return said
