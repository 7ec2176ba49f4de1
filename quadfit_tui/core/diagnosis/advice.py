"""The diagnosis of a run in words: in one line and in full, and what to try where it goes wrong."""

from __future__ import annotations

import math
from collections.abc import Iterable

from quadfit_tui.core.diagnosis.diagnose import (
    Diagnosis,
    RateForecast,
    Remedy,
    Rise,
    diagnose,
    epoch_of_rate_below,
    find_remedy,
    first_rate,
    got_worse,
    loss_gap,
    may_have_settled_far,
    needs_remedy,
    offered,
)
from quadfit_tui.core.diagnosis.rate_comparison import of_diverged, of_rate
from quadfit_tui.core.diagnosis.rate_trials import TRIED_SCHEDULE, RateTrial, tries_schedule
from quadfit_tui.core.diagnosis.settling import is_constant, is_far, is_good
from quadfit_tui.core.diagnosis.stability import LimitBasis
from quadfit_tui.core.diagnosis.verdict import misled, verdict
from quadfit_tui.core.methods.gradients import CONVENTIONS
from quadfit_tui.core.methods.optimizers import OPTIMIZERS
from quadfit_tui.core.session.snapshot import Snapshot
from quadfit_tui.core.text.document import LINE_WIDTH
from quadfit_tui.core.text.numbers import counted, short
from quadfit_tui.core.training.status import Status

WORTHWHILE = 2  # as a factor in the condition number, from which on scaling is worth a word
CRAWLS = 100  # the condition number from which on w crawls in the flattest direction
_MORE, _WHY = ("; i says more", "; i: more"), ("; i says why", "; i: why")
_WORSE = "; gets worse"
_SAME = 1e-6  # of the least mean loss, above which a place is another than the optimum


def one_line(
    diagnosis: Diagnosis,
    rate: float,
    remedy: Remedy | None = None,
    status: Status = Status.READY,
    width: int = LINE_WIDTH,
) -> str:
    """The diagnosis at the rate that the schedule has come to, in at most `width` ≤ 78 characters, if that is possible.

    What there is no room for is left out. `remedy` is as `offered`.
    """
    diverged = status is Status.DIVERGED
    said = of_diverged(diagnosis, rate) if diverged else of_rate(diagnosis, rate)
    too_slow = diagnosis.epochs is not None and not diagnosis.converges
    too_high = diagnosis.too_high(rate) and not diagnosis.converges
    told = _told(diagnosis, remedy, status)
    wrong = diverged or too_slow or too_high or diagnosis.settles_far or remedy is not None or told == [_WORSE]
    pointed = [text + more for text in told for more in (_WHY if wrong else _MORE)]
    ends = [*sorted(pointed, key=len, reverse=True), *told, ""]
    choices = [text + end for end in ends for text in said]
    return next((text for text in choices if len(text) <= width), choices[-1])


def _told(diagnosis: Diagnosis, remedy: Remedy | None, status: Status) -> list[str]:
    """What follows the rate and its limit, in one way or a shorter one: where it leads, how long it takes, a remedy."""
    config = diagnosis.task.config
    epochs, coming, settles = diagnosis.epochs, diagnosis.forecast, diagnosis.settles
    if settles is not None and not is_good(settles.mean_loss, diagnosis.least, config.tol) and epochs is None:
        loss, least = f"{settles.mean_loss:.2g}", f"{diagnosis.least:.2g}"
        ends = None if coming is None else coming.mean_loss
        if ends is None or not _apart(ends, settles.mean_loss, config.tol):
            return [
                f"; settles at a mean loss of {loss}, the best is {least}",
                f"; mean loss nears {loss}, best {least}",
            ]
        if status.ended:
            return [f"; would settle at a mean loss of {loss}", f"; would settle at mean loss {loss}"]
        nears = f"; nears a mean loss of {loss}, but ends at {ends:.2g}"
        return [f"{nears} after {_epochs(config.epochs)}", nears, f"; nears mean loss {loss}, but ends at {ends:.2g}"]
    if remedy is not None and remedy.trial is not None:
        mended = _mended(remedy.trial)
        worse = coming is not None and coming.gets_worse and not status.ended
        return [f"{_WORSE}{text}" for text in mended if worse] + mended
    if status.ended:
        return [""]
    if epochs is None:
        if coming is not None and coming.gets_worse and coming.mean_loss is None:
            return [_WORSE]
        return ["; it will diverge"] if coming is not None and coming.diverges else [""]
    if not diagnosis.converges:
        return [f"; needs {_epochs(epochs)}"]
    if config.stop_on != "dataset":  # the run may end earlier, or go on
        return [f"; mean loss below tol after {_epochs(epochs)}"]
    return [f"; should converge after {_epochs(epochs)}"]


def _apart(one: float, other: float, tol: float) -> bool:
    """Whether one of two mean losses is far above the other."""
    return is_far(one, other, tol) or is_far(other, one, tol)


def _mended(trial: RateTrial) -> list[str]:
    """What follows of a change, in one way or a shorter one."""
    if trial.converged:
        return [f"; {change(trial)} {_ends(trial)}"]
    brief = "mends it" if trial.good else f"ends at mean loss {short(trial.mean_loss)}"
    return [f"; with {change(trial)} it {_ends(trial)}", f"; {change(trial)} {brief}"]


def _ends(trial: RateTrial) -> str:
    """How a run ends, whoever it is: `converges after 25 epochs`."""
    if trial.converged:
        return f"converges after {_epochs(trial.epochs)}"
    return f"ends at a mean loss of {short(trial.mean_loss)}"


def change(trial: RateTrial) -> str:
    """What a trial has other than the run: `lr 0.92`, `schedule halve`."""
    return f"lr {short(trial.rate)}" if trial.changed == "lr" else f"schedule {trial.schedule}"


def _epochs(count: int) -> str:
    return counted(count, "epoch")


def details(
    snapshot: Snapshot, diagnosis: Diagnosis, at_rate: RateForecast | None, remedy: Remedy | None
) -> list[tuple[str, str]]:
    """The diagnosis in full: headings with sentences. What is None is left out, as it is still being worked out.

    `remedy` is as `offered`.
    """
    rate, diverged = snapshot.lr, snapshot.status is Status.DIVERGED
    said = of_diverged(diagnosis, rate) if diverged else of_rate(diagnosis, rate)
    parts: dict[str, Iterable[str]] = {
        "The run": _run(snapshot, remedy),
        "What works": [] if remedy is None else [_of_remedy(remedy, diagnosis)],
        "Learning rate": [f"{said[0]}.", *_of_schedule(diagnosis), *_grounds(diagnosis)],
        "Where it settles": [] if diverged else _of_settling(snapshot, diagnosis, at_rate),
        "Epochs": _of_epochs(snapshot, diagnosis, at_rate),
        "Condition": [_condition(diagnosis)],
        "Losses": [] if diverged else _losses(snapshot),
    }
    together = {heading: " ".join(sentences) for heading, sentences in parts.items()}
    return [(heading, sentences) for heading, sentences in together.items() if sentences]


def _run(snapshot: Snapshot, remedy: Remedy | None) -> Iterable[str]:
    """How it went wrong, and where that began."""
    if snapshot.status is Status.DIVERGED or misled(snapshot):
        yield verdict(snapshot)
    if remedy is not None and remedy.rise is not None:
        yield _rise(remedy.rise, (snapshot.epoch, snapshot.update) >= (remedy.rise.epoch, remedy.rise.update))


def _of_schedule(diagnosis: Diagnosis) -> Iterable[str]:
    """What the schedule makes of a rate that is too high."""
    config, found = diagnosis.task.config, diagnosis.limit
    first = first_rate(config)
    if found.rate is None or not diagnosis.too_high(first) or config.schedule == "constant":
        return
    below = epoch_of_rate_below(config, found.rate)
    if below is None:
        yield f"The schedule begins with {short(first)}, and does not become low enough within the run."
    else:
        yield f"The schedule begins with {short(first)}, and is low enough only from epoch {below} on."


def _grounds(diagnosis: Diagnosis) -> Iterable[str]:
    """What the limit is, and what it rests on."""
    task, config = diagnosis.task, diagnosis.task.config
    if diagnosis.limit.basis in (LimitBasis.EXACT, LimitBasis.ROUNDING) and not diagnosis.left_to_rounding:
        place = "the optimum" if diagnosis.settles_at_best else "the place where the run settles"
        yield (
            f"Below the limit w nears {place} in the long run; just above, its updates overshoot, and w moves ever "
            "farther away."
        )
    match diagnosis.limit.basis:
        case LimitBasis.EXACT if config.optimizer == "sgd" and task.is_full_batch:
            yield (
                f"It is 2 / ({short(CONVENTIONS[config.gradient])} × {short(diagnosis.steepest)}), from the largest "
                "eigenvalue of the curvature of the mean loss."
            )
        case LimitBasis.EXACT:
            yield "It is where the map of an epoch's updates, one after the other, stops shrinking: spectral radius 1."
        case LimitBasis.ROUNDING:
            yield (
                "Near the limit w goes far off within an epoch before it comes back: what rounding adds meanwhile sets "
                "the limit, not the curvature alone."
            )
        case LimitBasis.SAFE:
            if diagnosis.fits:
                yield "Below it no update lengthens the distance from the optimum."
            else:
                yield (
                    "Below it, no update moves w away from what best fits its own samples. That is not the optimum, "
                    "so w may still move away from the optimum."
                )
            if config.shuffle:
                yield "A new order each epoch has no fixed map to tell more from: higher rates may work, too."
            else:
                yield "An epoch has too many updates to tell more: higher rates may work, too."


def _of_settling(snapshot: Snapshot, diagnosis: Diagnosis, at_rate: RateForecast | None) -> Iterable[str]:
    """Where w comes to in the end, if the rate stays as it is: after a run whose rate did not, nothing."""
    task, config, over = snapshot.task, snapshot.config, snapshot.status.ended
    if diagnosis.fits or OPTIMIZERS[config.optimizer].affine is None:
        return
    if over and not is_constant(config):
        return
    if diagnosis.left_to_rounding:
        coming = diagnosis.forecast
        yield f"At this rate rounding decides where the run {'ended' if over else 'ends'}."
        if got_worse(snapshot):
            yield "The mean loss was higher there than at the start."
        elif not over and coming is not None and coming.gets_worse:
            yield "The mean loss will be higher there than at the start."
        return
    if config.shuffle and not task.is_full_batch:
        yield (
            "No parabola meets all samples, and each epoch takes them in a new order: at a constant rate w does not "
            "come to rest, but keeps moving; how far depends on the rate."
        )
        return
    lasts = diagnosis.settles is not None
    settles = diagnosis.settles if lasts or at_rate is None else at_rate.settles
    if settles is None:
        return
    begins = "At the ends of epochs w settles" if lasts else f"At a constant lr {short(snapshot.lr)} w would settle"
    if settles.mean_loss <= (1 + _SAME) * diagnosis.least:
        yield f"{begins} at the optimum."
        return
    where = "far from" if is_far(settles.mean_loss, diagnosis.least, config.tol) else "beside"
    yield (
        f"{begins} {where} the optimum, at a mean loss of {short(settles.mean_loss)}; the best possible is "
        f"{short(diagnosis.least)}."
    )
    if task.updates_per_epoch == 1:
        yield "Samples that are in no batch do not count here."
    else:
        yield "Each update draws w to what fits its own samples best, and the last ones of an epoch count most."
    coming = diagnosis.forecast
    ends = snapshot.mean_loss if over else None if coming is None else coming.mean_loss
    if lasts and ends is not None and _apart(ends, settles.mean_loss, config.tol):
        yield f"The run {'ended' if over else 'ends'} before w {'was' if over else 'is'} there."
    if not lasts:
        yield "The schedule lowers the rate, so it does not stay there."


def _of_epochs(snapshot: Snapshot, diagnosis: Diagnosis, at_rate: RateForecast | None) -> Iterable[str]:
    """How fast the error goes, and how long it takes; of a run that has ended nothing is predicted."""
    config, coming = snapshot.config, diagnosis.forecast
    if at_rate is not None and at_rate.left is not None and not (snapshot.status.ended and not is_constant(config)):
        at_best = diagnosis.settles_at_best
        yield (
            f"An epoch at lr {short(at_rate.rate)} multiplies the distance from "
            f"{'the optimum' if at_best else 'where it settles'} by {_radius(at_rate.left)} in the long run."
        )
    goal = f"mean loss below tol {short(config.tol)}"
    if not diagnosis.least < config.tol:
        yield f"No {goal}: at the optimum it is {short(diagnosis.least)}."
    if snapshot.status.ended or coming is None:
        return
    with_it = "" if config.schedule == "constant" else f" with the schedule {config.schedule}"
    if coming.epochs is not None:
        more = f" (the run has {config.epochs})" if coming.epochs > config.epochs else ""
        yield f"Predicted: {goal} after {_epochs(coming.epochs)}{with_it}{more}."
    elif coming.diverges:
        yield f"Predicted: the run diverges{with_it}."
    elif diagnosis.least < config.tol:
        yield f"Whether, and when, this run brings the {goal} is not predicted."
    if coming.mean_loss is not None:
        yield f"At the end of its {_epochs(config.epochs)} the mean loss will be {short(coming.mean_loss)}."
    if at_rate is not None and at_rate.epochs is not None and config.schedule != "constant":
        yield f"At a constant lr {short(at_rate.rate)} from the start it would be {_epochs(at_rate.epochs)}."


def _radius(value: float) -> str:
    """A spectral radius, not rounded to the 1 that it is not."""
    if value != 1 and abs(value - 1) < 1e-3:
        return f"1 {'−' if value < 1 else '+'} {short(abs(value - 1))}"
    return short(value)


def _condition(diagnosis: Diagnosis) -> str:
    config = diagnosis.task.config
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
    if snapshot.loss is None or snapshot.task.is_full_batch:
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


def _rise(rise: Rise, has_been: bool) -> str:
    rises = "first rose" if has_been else "will first rise"
    return (
        f"The mean loss {rises} at update {rise.update} of epoch {rise.epoch}, "
        f"from {short(rise.before)} to {short(rise.after)}."
    )


def _of_remedy(remedy: Remedy, diagnosis: Diagnosis) -> str:
    trial = remedy.trial
    if trial is None and tries_schedule(diagnosis.task.config, diagnosis.limit):
        return (
            f"Neither with schedule {TRIED_SCHEDULE} nor with a lower rate was the run found to end nearer to the "
            "optimum."
        )
    if trial is None:
        return "No lower rate was found with which the run would end nearer to the optimum."
    tried = f"Tried: with {change(trial)}, and all else the same,"
    if trial.converged:
        return f"{tried} it {_ends(trial)}."
    return (
        f"{tried} after {_epochs(trial.epochs)} the mean loss is {short(trial.mean_loss)}; "
        f"the best possible is {short(diagnosis.least)}."
    )


def advised(snapshot: Snapshot) -> str:
    """The verdict on a run that has ended, with what to try where it went wrong; that may take some seconds."""
    said = verdict(snapshot)
    task = snapshot.task
    if snapshot.status is not Status.DIVERGED and not got_worse(snapshot) and not may_have_settled_far(snapshot):
        return said
    diagnosis = diagnose(task, looking_ahead=False)
    if not needs_remedy(snapshot, diagnosis):
        return said
    sentences = [said, f"{of_diverged(diagnosis, snapshot.lr)[0]}."]
    if diagnosis.settles is not None and diagnosis.settles_far:
        reached, least = f"{diagnosis.settles.mean_loss:.2g}", f"{diagnosis.least:.2g}"
        sentences.append(f"The run settles at a mean loss of {reached}; the best is {least}.")
    remedy = offered(snapshot, diagnosis, find_remedy(task, diagnosis.limit))
    if remedy is not None and remedy.trial is not None:
        sentences.append(f"With {change(remedy.trial)} the run {_ends(remedy.trial)}.")
    return " ".join(sentences)
