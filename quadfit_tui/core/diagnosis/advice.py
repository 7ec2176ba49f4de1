"""The diagnosis of a run in words: the page of i, and what `run` says at the end, with what to try."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

from quadfit_tui.core.config.parameters import PARAMETERS, RunConfig
from quadfit_tui.core.diagnosis.diagnose import (
    CRAWLS,
    Diagnosis,
    RateForecast,
    Remedy,
    diagnose,
    end_of_run,
    find_remedy,
    needs_remedy,
    offered,
)
from quadfit_tui.core.diagnosis.one_line import apart, change, ends
from quadfit_tui.core.diagnosis.rate_comparison import name_of_limit, of_diverged, of_rate
from quadfit_tui.core.diagnosis.rest import Rest, Why
from quadfit_tui.core.diagnosis.stability import LimitBasis
from quadfit_tui.core.methods.gradients import CONVENTIONS
from quadfit_tui.core.methods.optimizers import OPTIMIZERS
from quadfit_tui.core.methods.schedules import epoch_of_rate_below, first_rate, is_constant
from quadfit_tui.core.methods.stopping import STOP_RULES
from quadfit_tui.core.model.array import Array
from quadfit_tui.core.session.closeness import Closeness, closeness, is_good
from quadfit_tui.core.session.snapshot import Snapshot
from quadfit_tui.core.session.verdict import got_worse, is_diverging, misled, verdict
from quadfit_tui.core.text.numbers import counted, short, told_apart
from quadfit_tui.core.text.sentences import capitalized
from quadfit_tui.core.training.status import Status

_FAST = 0.75  # as the power of the epochs by which a distance shrinks
_SAME = 1e-6  # of the least mean loss, above which a place is another than the optimum


def details(
    snapshot: Snapshot, diagnosis: Diagnosis, at_rate: RateForecast | None, remedy: Remedy | None
) -> list[tuple[str, str]]:
    """The diagnosis in full: headings with sentences. What is None is left out, as it is still being worked out.

    `remedy` is as `offered`.
    """
    rate, diverged = snapshot.lr, snapshot.status is Status.DIVERGED
    compare = of_diverged if diverged else of_rate
    said = compare(diagnosis, rate, "Learning rate")
    parts: dict[str, Iterable[str]] = {
        "In short": [_in_short(snapshot, diagnosis)],
        "The run": _run(snapshot, diagnosis, remedy),
        "What works": [] if remedy is None else _of_remedy(remedy, diagnosis),
        "Learning rate": [f"{capitalized(said[0])}.", *_of_schedule(diagnosis), *_grounds(diagnosis)],
        "Where it settles": [] if diverged else _of_settling(snapshot, diagnosis),
        "Epochs": [] if _early(snapshot, diagnosis) else _of_epochs(snapshot, diagnosis, at_rate),
        "Condition": [_condition(diagnosis, _is_soon(snapshot, diagnosis, at_rate))],
        "Losses": [] if diverged else _losses(snapshot),
    }
    together = {heading: " ".join(sentences) for heading, sentences in parts.items()}
    return [(heading, sentences) for heading, sentences in together.items() if sentences]


def _in_short(snapshot: Snapshot, diagnosis: Diagnosis) -> str:
    """What is the matter, for whoever reads no formulas."""
    diverges = snapshot.status is Status.DIVERGED or is_diverging(snapshot, diagnosis.limit_at(snapshot.lr))
    foreseen = diagnosis.forecast is not None and (diagnosis.forecast.diverges or diagnosis.forecast.gets_worse)
    first = first_rate(snapshot.config)
    if (diverges or foreseen) and first > (diagnosis.limit_at(first) or math.inf):
        return "The learning rate is too high: updates overshoot, and the parabola swings farther and farther away."
    if misled(snapshot) or _early(snapshot, diagnosis):
        return "The run stops too early: it looks at the loss of its last update, not at that of all samples."
    if snapshot.status is Status.CONVERGED or diagnosis.converges:
        return "The learning rate suits this run: the parabola comes as close to the samples as was asked for."
    if diagnosis.epochs is not None:
        return "The run is too short for this learning rate: it ends before the parabola is as close as was asked for."
    return "The learning rate says how far an update goes: too low, the run takes forever; too high, it overshoots."


def _run(snapshot: Snapshot, diagnosis: Diagnosis, remedy: Remedy | None) -> Iterable[str]:
    """How it went or goes wrong, and where that began."""
    if snapshot.status is Status.DIVERGED or misled(snapshot):
        yield capitalized(verdict(snapshot))
    if early := _early(snapshot, diagnosis):
        epochs, mean_loss = early
        yield (
            f"Predicted: the run stops after {counted(epochs, 'epoch')}, because "
            f"{STOP_RULES[snapshot.config.stop_on].name} is then below tol {short(snapshot.config.tol)}. "
            f"However, the mean loss is then {short(mean_loss)}; stop on = dataset checks that one."
        )
    if remedy is not None and remedy.rise is not None:
        epoch, update = remedy.rise.epoch, remedy.rise.update
        rises = "first increased" if (snapshot.epoch, snapshot.update) >= (epoch, update) else "will first increase"
        before, after = told_apart(remedy.rise.before, remedy.rise.after)
        yield f"The mean loss {rises} at update {update} of epoch {epoch}, from {before} to {after}."


def _early(snapshot: Snapshot, diagnosis: Diagnosis) -> tuple[int, float] | None:
    """After how many epochs the run will stop too early, and at which mean loss."""
    coming = diagnosis.forecast
    return None if snapshot.status.ended or coming is None else coming.misled


def _of_schedule(diagnosis: Diagnosis) -> Iterable[str]:
    """What the schedule makes of a rate that is too high."""
    config, found = diagnosis.task.config, diagnosis.limit
    first = first_rate(config)
    if found.rate is None or first < found.rate or config.schedule == "constant":
        return
    below, bound = epoch_of_rate_below(config, found.rate, config.epochs), f"the {name_of_limit(diagnosis)}"
    if below is None:
        yield f"The schedule starts at {short(first)} and never falls below {bound} during the run."
    else:
        yield f"The schedule starts at {short(first)} and only falls below {bound} from epoch {below} on."


def _grounds(diagnosis: Diagnosis) -> Iterable[str]:
    """What the limit is, and what it rests on."""
    task, config = diagnosis.task, diagnosis.task.config
    is_limit = diagnosis.limit.basis in (LimitBasis.EXACT, LimitBasis.ROUNDING)
    if is_limit and diagnosis.approaches:
        place = "the optimum" if diagnosis.settles_at_best else "the place where the run settles"
        below = "Well below" if diagnosis.limit.basis is LimitBasis.ROUNDING else "Below"
        yield (
            f"{below} the {name_of_limit(diagnosis)}, w eventually approaches {place}; just above it, updates "
            "overshoot and w moves farther and farther away."
        )
    elif is_limit and not is_constant(config) and config.round_epochs is None:
        name = name_of_limit(diagnosis)
        yield f"While the rate is just above the {name}, updates overshoot and w moves farther and farther away."
    match diagnosis.limit.basis:
        case LimitBasis.EXACT if config.optimizer == "sgd" and task.is_full_batch:
            yield (
                f"It is 2 / ({short(CONVENTIONS[config.gradient])} × {short(diagnosis.steepest)}), from the largest "
                "eigenvalue of the curvature of the mean loss."
            )
        case LimitBasis.EXACT:
            yield (
                "The limit is the lowest rate at which the updates of one epoch, taken together, no longer shrink the "
                "error: their combined map has spectral radius 1."
            )
        case LimitBasis.ROUNDING:
            yield (
                "Near the limit, w strays far from the optimum within an epoch before it returns, so the limit is set "
                "by rounding errors and not by the curvature alone. Just below it, these errors keep w from coming to "
                "rest."
            )
        case LimitBasis.SAFE:
            if diagnosis.fits:
                yield "Below it, no update moves w away from the optimum."
            else:
                yield (
                    "Below it, no update moves w away from what fits the samples of that update best. That is not the "
                    "optimum, so w may still move away from the optimum."
                )
            if config.shuffle:
                yield (
                    "Because the order changes every epoch, no exact limit can be computed; higher rates may also work."
                )
            else:
                yield "An epoch has too many updates for an exact limit; higher rates may also work."


def _of_settling(snapshot: Snapshot, diagnosis: Diagnosis) -> Iterable[str]:
    """Where w comes to in the end, if the rate stays as it is or dies out; after other runs nothing."""
    task, config, over = snapshot.task, snapshot.config, snapshot.status.ended
    if diagnosis.stalls is not None and snapshot.status is not Status.CONVERGED:
        yield from _stall(diagnosis, diagnosis.stalls)
        return
    if diagnosis.fits or not OPTIMIZERS[config.optimizer].is_affine or (over and not is_constant(config)):
        return
    if diagnosis.left_to_rounding:
        coming = diagnosis.forecast
        yield f"At this rate, rounding decides where the run {'ended' if over else 'ends'}."
        if got_worse(snapshot):
            yield "The mean loss was higher there than at the start."
        elif not over and coming is not None and coming.gets_worse:
            yield "The mean loss will be higher there than at the start."
        return
    if config.shuffle and not task.is_full_batch:
        yield (
            "No parabola passes through all samples, and each epoch takes them in a new order. So at a constant rate w "
            "never comes to rest but keeps moving; how far depends on the rate."
        )
        return
    settles = diagnosis.settles
    if settles is None:
        return
    yield f"At the ends of epochs, w settles {_place(diagnosis, settles.w, settles.mean_loss)}"
    if settles.mean_loss <= (1 + _SAME) * diagnosis.least:
        return
    if task.updates_per_epoch == 1:
        yield "Samples that are in no batch have no influence on it."
    else:
        yield "Each update pulls w toward what fits its own samples best, and the last updates of an epoch count most."
    coming = diagnosis.forecast
    end = snapshot.mean_loss if over else None if coming is None else coming.mean_loss
    if end is not None and apart(end, settles.mean_loss, config.tol):
        yield f"The run {'ended' if over else 'ends'} before w {'got' if over else 'gets'} there."


def _place(diagnosis: Diagnosis, w: Array, mean_loss: float) -> str:
    """Where a w is, in coordinates of x, to end a sentence."""
    if mean_loss <= (1 + _SAME) * diagnosis.least:
        return "at the optimum."
    reached, least = told_apart(mean_loss, diagnosis.least)
    told = f"at a mean loss of {reached}; the best possible is {least}."
    match closeness(diagnosis.task, w, mean_loss):
        case Closeness.CLOSE:
            return f"near the optimum, {told}"
        case Closeness.FAR:
            return f"far from the optimum, {told}"
        case Closeness.AWAY:
            return told


def _stall(diagnosis: Diagnosis, rest: Rest) -> Iterable[str]:
    """Where w comes to rest, and why."""
    place, name = _place(diagnosis, rest.w, rest.mean_loss), diagnosis.task.config.schedule
    match rest.why:
        case Why.ROUNDED:
            decimals = counted(diagnosis.task.config.round_epochs or 0, "decimal")
            yield f"Because w is rounded to {decimals} after each epoch, it comes to rest {place}"
        case Why.ENDS:
            yield f"Schedule {name} lowers the rate to 0 by the end of the run, which leaves w {place}"
        case Why.NEARS if rest.power is not None and rest.power < _FAST:
            yield (
                f"With schedule {name}, w nears the optimum ever more slowly: in the long run, 10 times as many epochs "
                f"divide its distance in the flattest direction by about {short(10**rest.power)}."
            )
        case Why.NEARS:
            yield f"Schedule {name} lowers the rate so slowly that in the end w comes to the optimum."
        case _:
            yield f"However long the run goes on, schedule {name} lowers the rate so fast that w comes to rest {place}"


def _of_epochs(snapshot: Snapshot, diagnosis: Diagnosis, at_rate: RateForecast | None) -> Iterable[str]:
    """How fast the error goes, and how long it takes; of a run that has ended nothing is predicted."""
    config, coming = snapshot.config, diagnosis.forecast
    lasts, taken = is_constant(config), None if at_rate is None else at_rate.decrement
    if at_rate is not None and at_rate.rate == 0:
        yield "The rate has come down to 0: no gradient moves w any more."
    elif at_rate is not None and taken is not None and taken.is_known and (lasts or not snapshot.status.ended):
        place = "the optimum" if diagnosis.settles_at_best else "the place where w settles"
        rate, to = short(at_rate.rate), f"the distance to {place} by {_factor(taken.share)}"
        if lasts:
            yield f"In the long run, each epoch at learning rate {rate} multiplies {to}."
        else:
            yield f"In the long run, an epoch at a constant learning rate of {rate} would multiply {to}."
    tol = short(config.tol)
    if not diagnosis.least < config.tol:
        bound, least = told_apart(config.tol, diagnosis.least)
        yield f"The mean loss cannot fall below tol {bound}: even at the optimum it is {least}."
    if snapshot.status.ended or coming is None:
        return
    with_it = "" if config.schedule == "constant" else f" with schedule {config.schedule}"
    if coming.epochs is not None:
        more = f" (the run has {config.epochs:,})" if coming.epochs > config.epochs else ""
        yield f"Predicted: mean loss below tol {tol} after {counted(coming.epochs, 'epoch')}{with_it}{more}."
    elif coming.diverges:
        yield f"Predicted: the run diverges{with_it}."
    elif diagnosis.least < config.tol and not (diagnosis.stalls and diagnosis.stalls.mean_loss > config.tol):
        yield f"It is not predicted whether, or when, this run reaches a mean loss below tol {tol}."
    if coming.mean_loss is not None and not (diagnosis.stalls and diagnosis.stalls.why is Why.ENDS):
        yield f"At the end, after {counted(config.epochs, 'epoch')}, the mean loss will be {short(coming.mean_loss)}."
    if at_rate is not None and at_rate.epochs is not None and config.schedule != "constant":
        takes = counted(at_rate.epochs, "epoch")
        yield f"With a constant learning rate of {short(at_rate.rate)} from the start it would take {takes}."


def _factor(taken: float) -> str:
    """What an epoch leaves of the distance that takes so much off it: not rounded to the 1 that it is not."""
    if abs(taken) < 1e-3:
        return f"1 {'−' if taken > 0 else '+'} {short(abs(taken))}"
    return short(1 - taken)


def _is_soon(snapshot: Snapshot, diagnosis: Diagnosis, at_rate: RateForecast | None) -> bool:
    """Whether few epochs may lead close to the optimum, as they do from some starts or by many updates."""
    config, done = snapshot.config, snapshot.epoch if snapshot.status.ended else snapshot.config.epochs
    needed, end = [diagnosis.epochs, None if at_rate is None else at_rate.epochs], end_of_run(snapshot, diagnosis)
    for epochs, loss in ((0, snapshot.task.loss_at_start), (done, end)):
        needed += [epochs] if loss is not None and is_good(loss, diagnosis.least, config.tol) else []
    return (end is None and not any(needed)) or any(epochs is not None and epochs <= CRAWLS for epochs in needed)


def _condition(diagnosis: Diagnosis, is_soon: bool) -> str:
    config = diagnosis.task.config
    if math.isinf(diagnosis.condition):
        return "The data do not determine w: many choices of w fit equally well."
    other, more = diagnosis.other_condition, ""
    if config.scale_features and math.isfinite(other):
        more = f"; without scaling it would be {short(other)}"
    elif diagnosis.scaling_helps:
        more = f"; with scale features = yes it would be {short(other)}"
    crawls = ""
    if diagnosis.condition >= CRAWLS and not is_soon and OPTIMIZERS[config.optimizer].is_affine:
        crawls = (
            " A rate low enough for the steepest direction is far too low for the flattest, so w only crawls along it."
        )
    return (
        f"The condition number is {short(diagnosis.condition)}: the mean loss curves that many times more strongly in "
        f"its steepest direction than in its flattest{more}.{crawls}"
    )


def _losses(snapshot: Snapshot) -> Iterable[str]:
    """How far the loss of the last update is from the mean loss."""
    config, count, decimals = snapshot.config, len(snapshot.problem.x), snapshot.config.round_epochs
    if snapshot.loss is None or snapshot.task.is_full_batch:
        return
    gap = snapshot.mean_loss / snapshot.loss if snapshot.loss else None
    rounded = "" if decimals is None or snapshot.update else f", rounded to {counted(decimals, 'decimal')}"
    times = "" if gap is None else f", {short(gap)} times as large"
    yield (
        f"The last update's loss is {short(snapshot.loss)}{rounded}; "
        f"the mean loss of all {count} samples is {short(snapshot.mean_loss)}{times}."
    )
    if snapshot.update == 0 and snapshot.loss < config.tol <= snapshot.mean_loss:
        yield (
            f"Stopping when the former falls below tol {short(config.tol)} is too early; stop on = dataset checks the "
            "latter."
        )
    elif snapshot.loss != snapshot.mean_loss and (gap is None or not 0.1 < gap < 10):
        yield "One says little about the other."


def _of_remedy(remedy: Remedy, diagnosis: Diagnosis) -> Iterable[str]:
    """How the changes came out that were tested, the best one first."""
    if not remedy.trials:
        yield "Nothing was found that converges."
    for trial in remedy.trials:
        tested = f"Tested: with {change(trial)} and everything else unchanged,"
        if trial.converged:
            yield f"{tested} the run {ends(trial)}."
        else:
            yield (
                f"{tested} the mean loss after {counted(trial.epochs, 'epoch')} is {short(trial.mean_loss)}; "
                f"the best possible is {short(diagnosis.least)}."
            )
    if remedy.failed:
        yield f"Tested without convergence: {', '.join(remedy.failed)}."
    if remedy.untested:
        yield f"Not tested, because it takes too long: {', '.join(remedy.untested)}."


def advised(snapshot: Snapshot) -> str:
    """The verdict on a run that has ended, with the options to try where it went wrong; that may take some seconds."""
    return " ".join([verdict(snapshot), *(ways[0] for ways in advice(snapshot))])


def advice(snapshot: Snapshot) -> list[list[str]]:
    """Why a run that has ended went wrong, and the options to try: at most three sentences, each in ways ever shorter.

    That may take some seconds.
    """
    diverged = snapshot.status is Status.DIVERGED
    if not diverged and is_good(snapshot.mean_loss, snapshot.task.trained.least, snapshot.config.tol):
        return []
    diagnosis = diagnose(snapshot.task, looking_ahead=False)
    if not needs_remedy(snapshot, diagnosis):
        return []
    compared = of_diverged(diagnosis, snapshot.lr)
    compared += [re.sub(r"^lr \S+", "lr", way) for way in compared]
    sentences = [[f"{way}." for way in compared]]
    if diagnosis.rest is not None and diagnosis.rests_at(snapshot.mean_loss):
        reached, least = f"{diagnosis.rest.mean_loss:.2g}", f"{diagnosis.least:.2g}"
        settles = f"The run settles at a mean loss of {reached}"
        sentences.append([f"{settles}; the best is {least}.", f"{settles}."])
    remedy = offered(snapshot, diagnosis, find_remedy(diagnosis))
    if remedy is not None and remedy.trials:
        best = remedy.trials[0]
        names = sorted(best.changed, key=lambda name: name != "scale_features")  # what makes the difference first
        options = " ".join(PARAMETERS[name].given(getattr(best.config, name)) for name in names)
        if idle := _idle_options(snapshot.config, best.config):
            options += f" without {' and '.join(idle)}"
        sentences.append([f"Try {options}: then the run {ends(best)}.", f"Try {options}."])
    too_high = diverged or got_worse(snapshot) or diagnosis.too_high(first_rate(snapshot.config))
    return sentences if too_high or len(sentences) > 1 else []


def _idle_options(config: RunConfig, changed: RunConfig) -> list[str]:
    """The options that give a run what makes no difference to it once it is changed: there they would be refused."""
    return [
        PARAMETERS[name].option
        for name in PARAMETERS
        if name in changed.unused - config.unused and getattr(config, name) != PARAMETERS[name].default
    ]
