"""The diagnosis of a run in words: in one line and in full, and what to try where it goes wrong."""

from __future__ import annotations

import math
from collections.abc import Iterable

from quadfit_tui.core.analysis import (
    Diagnosis,
    Pace,
    Remedy,
    Rise,
    diagnose,
    epoch_of_rate_below,
    first_rate,
    got_worse,
    loss_gap,
    needs_remedy,
    remedy,
)
from quadfit_tui.core.config import RunConfig
from quadfit_tui.core.figures import short, short_below
from quadfit_tui.core.limits import Ground, Limit
from quadfit_tui.core.optimizers import OPTIMIZERS
from quadfit_tui.core.problem import Problem
from quadfit_tui.core.rules import CONVENTIONS
from quadfit_tui.core.session import Snapshot
from quadfit_tui.core.states import Status
from quadfit_tui.core.trainer import batch_size
from quadfit_tui.core.trial import Trial
from quadfit_tui.core.verdict import misled, verdict

WIDTH = 78  # of the line
WORTHWHILE = 2  # as a factor in the condition number, from which on scaling is worth a word
CRAWLS = 100  # the condition number from which on w crawls in the flattest direction
_MORE, _WHY = "; i says more", "; i says why"
_NEAR = 0.01  # of a limit that rounding sets: so close to it, either may happen


def one_line(
    config: RunConfig,
    diagnosis: Diagnosis,
    rate: float,
    cure: Remedy | None = None,
    status: Status = Status.READY,
    width: int = WIDTH,
) -> str:
    """The diagnosis at the rate that the schedule has come to, in at most `width` ≤ 78 characters, if that is possible.

    What there is no room for is left out. `cure` is told where a rate is too high.
    """
    diverged = status is Status.DIVERGED
    said = _of_diverged(config, diagnosis, rate) if diverged else _of_rate(config, diagnosis, rate)
    too_slow = diagnosis.epochs is not None and diagnosis.epochs > config.epochs
    more = _WHY if diverged or too_slow or diagnosis.too_high(rate) else _MORE
    told = _told(config, diagnosis, rate, cure, status)
    choices = [text + tail for tail in (told + more, told, "") for text in said]
    return next((text for text in choices if len(text) <= width), choices[-1])


def _told(config: RunConfig, diagnosis: Diagnosis, rate: float, cure: Remedy | None, status: Status) -> str:
    """What follows the rate and its limit: what works, or how long it takes."""
    if status is Status.DIVERGED or diagnosis.too_high(rate):
        return "" if cure is None or cure.trial is None else f"; {_works(cure.trial)}"
    if status is Status.CONVERGED or diagnosis.epochs is None or diagnosis.limit.rate is None:
        return ""
    if diagnosis.epochs > config.epochs:
        return f"; needs {_epochs(diagnosis.epochs)}"
    if config.stop_on != "dataset":  # the run may end earlier, or go on
        return f"; mean loss below tol after {_epochs(diagnosis.epochs)}"
    return f"; should converge after {_epochs(diagnosis.epochs)}"


def _works(trial: Trial) -> str:
    if trial.converged:
        return f"lr {short(trial.rate)} converges after {_epochs(trial.epochs)}"
    return f"lr {short(trial.rate)} does not diverge"


def _of_rate(config: RunConfig, diagnosis: Diagnosis, rate: float) -> list[str]:
    """What a rate is beside the limit, in one way or a shorter one."""
    said, found, share = f"lr {short(rate)}", diagnosis.limit, diagnosis.fraction(rate)
    if found.rate is None or share is None:
        return [_without_limit(config)]
    limit = bound(found)
    if found.ground is Ground.SAFE:
        if share < 1:
            return [f"{said} is safe: below {limit} it cannot diverge", f"{said} is below {limit}: safe"]
        return [f"{said} may diverge: only below {limit} it surely cannot"]
    if found.ground is Ground.ROUNDING and abs(share - 1) < _NEAR:
        return [f"{said} is about the limit {limit}"]
    if share >= 1:
        return [f"{said} is above the limit {limit}"]
    if share > 0.995:
        return [f"{said} is just below the limit {short(found.rate)}"]
    return [f"{said} is {100 * share:.2g} % of the limit {limit}"]


def _of_diverged(config: RunConfig, diagnosis: Diagnosis, rate: float) -> list[str]:
    """Which rate was too high: that of the end, or the one that the run began with."""
    found, first = diagnosis.limit, first_rate(config)
    if found.rate is None:
        return [_without_limit(config)]
    culprit = rate if diagnosis.too_high(rate) else first
    if not diagnosis.too_high(culprit):
        return _of_rate(config, diagnosis, rate)
    said = f"lr {short(culprit)}" if culprit == rate else f"lr {short(culprit)} at the start"
    if found.ground is Ground.SAFE:
        return [
            f"{said} is above {bound(found)}, below which it cannot diverge",
            f"{said} is above the safe {bound(found)}",
        ]
    return [f"{said} is above the limit {bound(found)}"]


def bound(limit: Limit) -> str:
    """A limit in three digits: not above it, unless rounding sets it, and leaves it no more digits than that."""
    assert limit.rate is not None
    return f"{limit.rate:.3g}" if limit.ground is Ground.ROUNDING else short_below(limit.rate)


def _epochs(count: int) -> str:
    return f"{count} epoch{'s' * (count != 1)}"


def _without_limit(config: RunConfig) -> str:
    if OPTIMIZERS[config.optimizer].affine is None:
        return f"{config.optimizer} scales each gradient itself: lr has no such limit"
    return f"{config.optimizer}: no limit of the learning rate is known for such epochs"


def details(
    snapshot: Snapshot, diagnosis: Diagnosis, at_rate: Pace | None, cure: Remedy | None
) -> list[tuple[str, str]]:
    """The diagnosis in full: headings with sentences. What is None is left out, as it is still being worked out."""
    config, rate, diverged = snapshot.config, snapshot.lr, snapshot.status is Status.DIVERGED
    said = _of_diverged(config, diagnosis, rate) if diverged else _of_rate(config, diagnosis, rate)
    grounds = _grounds(config, snapshot.problem, diagnosis)
    parts: dict[str, Iterable[str]] = {
        "The run": _run(snapshot, cure if needs_remedy(snapshot, diagnosis) else None),
        "What works": _cure(cure) if cure is not None and needs_remedy(snapshot, diagnosis) else [],
        "Learning rate": [f"{said[0]}.", *_of_schedule(config, diagnosis), *grounds],
        "Epochs": _of_epochs(config, snapshot.problem, diagnosis, at_rate),
        "Condition": [_condition(config, diagnosis)],
        "Losses": [] if diverged else _losses(snapshot),
    }
    together = {heading: " ".join(sentences) for heading, sentences in parts.items()}
    return [(heading, sentences) for heading, sentences in together.items() if sentences]


def _run(snapshot: Snapshot, cure: Remedy | None) -> Iterable[str]:
    """How it went wrong, and where that began."""
    if snapshot.status is Status.DIVERGED or misled(snapshot):
        yield verdict(snapshot)
    if cure is not None and cure.rise is not None:
        yield _rise(cure.rise)


def _of_schedule(config: RunConfig, diagnosis: Diagnosis) -> Iterable[str]:
    """What the schedule makes of a rate that is too high."""
    found, first = diagnosis.limit, first_rate(config)
    if found.rate is None or not diagnosis.too_high(first) or config.schedule == "constant":
        return
    below = epoch_of_rate_below(config, found.rate)
    if below is None:
        yield f"The schedule begins with {short(first)}, and does not become low enough within the run."
    else:
        yield f"The schedule begins with {short(first)}, and is low enough only from epoch {below} on."


def _grounds(config: RunConfig, problem: Problem, diagnosis: Diagnosis) -> Iterable[str]:
    """What the limit is, and what it rests on."""
    match diagnosis.limit.ground:
        case Ground.EXACT | Ground.ROUNDING:
            yield (
                "Below the limit w nears the optimum in the long run; just above, its updates overshoot, and it ends "
                "up ever farther off."
            )
    match diagnosis.limit.ground:
        case Ground.EXACT if config.optimizer == "sgd" and config.batch in ("full", len(problem.x)):
            yield (
                f"It is 2 / ({short(CONVENTIONS[config.gradient])} × {short(diagnosis.steepest)}), from the largest "
                "eigenvalue of the curvature of the mean loss."
            )
        case Ground.EXACT:
            yield "It is where the map of an epoch's updates, one after the other, stops shrinking: spectral radius 1."
        case Ground.ROUNDING:
            yield (
                "Near the limit w goes far off within an epoch before it comes back: what rounding adds meanwhile sets "
                "the limit, not the curvature alone."
            )
        case Ground.SAFE if config.shuffle:
            yield "No update lengthens the distance then. A new order each epoch has no fixed map: higher rates may do."
        case Ground.SAFE:
            yield "No update lengthens the distance then. An epoch has too many updates to tell more: higher may do."
        case Ground.NONE:
            pass


def _of_epochs(config: RunConfig, problem: Problem, diagnosis: Diagnosis, at_rate: Pace | None) -> Iterable[str]:
    """How fast the error goes, and how long it takes."""
    if at_rate is not None and at_rate.left is not None:
        yield (
            f"An epoch at lr {short(at_rate.rate)} multiplies the distance from the optimum by "
            f"{_radius(at_rate.left)} in the long run."
        )
    goal = f"mean loss below tol {short(config.tol)}"
    if not diagnosis.least < config.tol:
        yield f"No {goal}: at the optimum it is {short(diagnosis.least)}."
        return
    if diagnosis.epochs is not None:
        more = f" (the run has {config.epochs})" if diagnosis.epochs > config.epochs else ""
        with_it = "" if config.schedule == "constant" else f" with the schedule {config.schedule}"
        yield f"Predicted: {goal} after {_epochs(diagnosis.epochs)}{with_it}{more}."
    elif OPTIMIZERS[config.optimizer].affine is None:
        yield f"How many epochs {config.optimizer} takes is not predicted."
    elif config.shuffle and batch_size(config, problem) < len(problem.x):
        yield "With a new order each epoch it is not predicted how many it takes."
    elif config.round_epochs is not None:
        yield "With w rounded after each epoch it is not predicted how many it takes."
    elif not diagnosis.too_high(first_rate(config)):
        yield f"Whether, and when, this schedule brings the {goal} is not predicted."
    if at_rate is not None and at_rate.epochs is not None and config.schedule != "constant":
        yield f"At a constant lr {short(at_rate.rate)} from the start it would be {_epochs(at_rate.epochs)}."


def _radius(value: float) -> str:
    """A spectral radius, not rounded to the 1 that it is not."""
    if value != 1 and abs(value - 1) < 1e-3:
        return f"1 {'−' if value < 1 else '+'} {short(abs(value - 1))}"
    return short(value)


def _condition(config: RunConfig, diagnosis: Diagnosis) -> str:
    if math.isinf(diagnosis.condition):
        return "The data leave w open: many w fit them equally well."
    before, other = "", diagnosis.other_condition
    if config.scale_features:
        before = f", which is {short(other)} without scaling" if math.isfinite(other) else ""
    elif other < diagnosis.condition / WORTHWHILE:
        before = f"; with scale features set to yes it would be {short(other)}"
    crawls = ""
    if diagnosis.condition >= CRAWLS and OPTIMIZERS[config.optimizer].affine is not None:
        crawls = " A rate that is low enough for the steepest is far too low for the flattest: that way w crawls."
    return (
        f"The mean loss curves {short(diagnosis.condition)} times as much in its steepest direction as in its "
        f"flattest: the condition number{before}.{crawls}"
    )


def _losses(snapshot: Snapshot) -> Iterable[str]:
    """How far the loss of the last update is from the mean loss."""
    config, count = snapshot.config, len(snapshot.problem.x)
    if snapshot.loss is None or snapshot.batch is None or len(snapshot.batch[0]) == count:
        return
    gap = loss_gap(snapshot.loss, snapshot.mean_loss)
    rounded = "" if config.round_epochs is None or snapshot.update else f", rounded to {config.round_epochs} decimals"
    times = "" if gap is None else f", {short(gap)} times as much"
    yield (
        f"The last update's loss is {short(snapshot.loss)}{rounded}; "
        f"the mean loss of all {count} samples is {short(snapshot.mean_loss)}{times}."
    )
    if snapshot.update == 0 and snapshot.loss < config.tol <= snapshot.mean_loss:
        yield f"Stopping on the former below tol {short(config.tol)} is too early; stop on dataset judges the latter."
    elif snapshot.loss != snapshot.mean_loss and (gap is None or not 0.1 < gap < 10):
        yield "The one tells little of the other."


def _rise(rise: Rise) -> str:
    return (
        f"The mean loss first rose at update {rise.update} of epoch {rise.epoch}, "
        f"from {short(rise.before)} to {short(rise.after)}."
    )


def _cure(cure: Remedy) -> Iterable[str]:
    trial = cure.trial
    if trial is None:
        yield "No lower rate was found with which it would end nearer to the optimum."
    elif trial.converged:
        yield f"Tried: with lr {short(trial.rate)}, and all else the same, it converges after {_epochs(trial.epochs)}."
    else:
        yield (
            f"Tried: with lr {short(trial.rate)}, and all else the same, it does not diverge; "
            f"after {_epochs(trial.epochs)} the mean loss is {short(trial.mean_loss)}."
        )


def advised(snapshot: Snapshot) -> str:
    """The verdict on a run that has ended, with what to try where it went wrong; that may take some seconds."""
    said = verdict(snapshot)
    config, problem = snapshot.config, snapshot.problem
    if snapshot.status is not Status.DIVERGED and not got_worse(snapshot):
        return said
    diagnosis = diagnose(config, problem)
    if not needs_remedy(snapshot, diagnosis):
        return said
    cure = remedy(config, problem, diagnosis.limit)
    culprit = _of_diverged(config, diagnosis, snapshot.lr)[0]
    works = "" if cure.trial is None else f"; {_works(cure.trial)}"
    return f"{said} {culprit}{works}."
