"""The diagnosis of a run in sentences: the page of i, and the advice that `run` prints at the end."""

from __future__ import annotations

import math
from collections.abc import Iterable

from quadfit_tui.core.config.parameters import PARAMETERS, RunConfig
from quadfit_tui.core.diagnosis.diagnose import (
    CRAWLS,
    RateForecast,
    Remedy,
    RunDiagnosis,
    diagnose,
    end_of_run,
    find_remedy,
    needs_remedy,
    offered,
)
from quadfit_tui.core.diagnosis.stability import LimitBasis
from quadfit_tui.core.diagnosis.trials import Trial
from quadfit_tui.core.diagnosis.wording.changes import ending_phrase, remedy_sentences
from quadfit_tui.core.diagnosis.wording.convergence import epoch_sentences, settling_sentences
from quadfit_tui.core.diagnosis.wording.rate_comparison import (
    IN_FULL,
    UNNUMBERED,
    compare_ended_rate,
    compare_rate,
    in_few_columns,
    is_used_up,
    limit_name,
)
from quadfit_tui.core.methods.gradients import CONVENTIONS
from quadfit_tui.core.methods.optimizers import OPTIMIZERS
from quadfit_tui.core.methods.schedules import epoch_of_rate_below, first_rate, is_constant
from quadfit_tui.core.methods.stopping import STOP_RULES
from quadfit_tui.core.session.closeness import aim, is_good, tol_tells
from quadfit_tui.core.session.snapshot import Snapshot
from quadfit_tui.core.session.verdict import got_worse, is_diverging, stopped_above_tol, verdict
from quadfit_tui.core.text.language import (
    N_,
    _,
    clauses,
    full_stop,
    join_and,
    ngettext,
    paragraph,
)
from quadfit_tui.core.text.numbers import format_distinct, format_short
from quadfit_tui.core.text.sentences import capitalized
from quadfit_tui.core.training.status import Status

_CLOSE_TO_LIMIT = 0.9  # a learning rate above this part of its limit is not said to suit the run


def details(
    snapshot: Snapshot, diagnosis: RunDiagnosis, at_rate: RateForecast | None, remedy: Remedy | None
) -> list[tuple[str, str]]:
    """Returns the full diagnosis of a run as (heading, sentences) for the page of i; leaves out what is None.

    What is None is still being computed. `remedy` comes from `offered`. The caller translates the headings.
    """
    rate, overflowed = snapshot.lr, snapshot.overflowed
    compare = compare_ended_rate if snapshot.status is Status.DIVERGED else compare_rate
    comparison = compare(diagnosis, rate, IN_FULL)
    parts: dict[str, Iterable[str]] = {
        N_("In short"): [_in_short(snapshot, diagnosis)],
        N_("The run"): _run(snapshot, diagnosis, remedy),
        N_("What works"): [] if remedy is None else remedy_sentences(remedy, diagnosis),
        N_("Learning rate"): [full_stop(comparison[0]), *_of_schedule(diagnosis), *_grounds(diagnosis)],
        N_("Where it settles"): [] if overflowed else settling_sentences(snapshot, diagnosis),
        N_("Epochs"): [] if _early(snapshot, diagnosis) else epoch_sentences(snapshot, diagnosis, at_rate),
        N_("Condition"): [_condition(diagnosis, _is_soon(snapshot, diagnosis, at_rate))],
        N_("Losses"): [] if overflowed else _losses(snapshot),
    }
    together = {heading: paragraph(tuple(sentences)) for heading, sentences in parts.items()}
    return [(heading, sentences) for heading, sentences in together.items() if sentences]


def _in_short(snapshot: Snapshot, diagnosis: RunDiagnosis) -> str:
    """Returns the sentence that sums up the diagnosis for readers who read no formulas."""
    diverges = snapshot.status is Status.DIVERGED or is_diverging(snapshot, diagnosis.limit_at(snapshot.lr))
    foreseen = diagnosis.forecast is not None and (diagnosis.forecast.diverges or diagnosis.forecast.gets_worse)
    first = first_rate(snapshot.config)
    if (diverges or foreseen) and first > (diagnosis.limit_at(first) or math.inf):
        return _("The learning rate is too high: updates overshoot, and the parabola swings farther and farther away.")
    if stopped_above_tol(snapshot) or _early(snapshot, diagnosis):
        return _("The run stops too early: it looks at the loss of its last update, not at that of all samples.")
    if diagnosis.is_stopped_by_tol(snapshot.status):
        return _(
            "The mean loss is below tol before the first update, so the run stops whether it fits well or not. A lower "
            "tol lets it go on."
        )
    meets_tol = _meets_tol(snapshot, diagnosis)
    if meets_tol or _fits_well(snapshot, diagnosis):
        if _CLOSE_TO_LIMIT < first / (diagnosis.limit_at(first) or math.inf) < 1:
            return _("The learning rate is just below its limit, and works: in the end the parabola fits the samples.")
        if meets_tol:
            return _(
                "The learning rate suits this run: in the end the parabola is as close to the samples as was asked for."
            )
        return _("The learning rate suits this run: in the end the parabola fits the samples about as well as any can.")
    if diagnosis.epochs is not None:
        return _(
            "The run is too short for this learning rate: it ends before the parabola is as close as was asked for."
        )
    return _("The learning rate says how far an update goes: too low, the run takes forever; too high, it overshoots.")


def _meets_tol(snapshot: Snapshot, diagnosis: RunDiagnosis) -> bool:
    """Returns whether the run ends with a mean loss below tol, and did not begin with one."""
    if not diagnosis.tol_tells:
        return False
    return snapshot.mean_loss < snapshot.config.tol if snapshot.status.ended else diagnosis.converges


def _fits_well(snapshot: Snapshot, diagnosis: RunDiagnosis) -> bool:
    """Returns whether the run ends with a mean loss about as low as any can be, and did not begin with one."""
    least, aim = diagnosis.least, diagnosis.aim
    end = end_of_run(snapshot, diagnosis)
    return end is not None and is_good(end, least, aim) and not is_good(snapshot.task.loss_at_start, least, aim)


def _run(snapshot: Snapshot, diagnosis: RunDiagnosis, remedy: Remedy | None) -> Iterable[str]:
    """Yields sentences on how the run went or goes wrong, and where that began."""
    if snapshot.status is Status.DIVERGED or stopped_above_tol(snapshot):
        yield capitalized(verdict(snapshot))
    if early := _early(snapshot, diagnosis):
        yield ngettext(
            "Predicted: the run stops after {n} epoch, because {judged} is then below tol {tol}. However, the mean "
            "loss is then {loss}; stop on = dataset checks that one.",
            "Predicted: the run stops after {n} epochs, because {judged} is then below tol {tol}. However, the mean "
            "loss is then {loss}; stop on = dataset checks that one.",
            early[0],
            judged=_(STOP_RULES[snapshot.config.stop_on].name),
            tol=format_short(snapshot.config.tol),
            loss=format_short(early[1]),
        )
    if remedy is not None and remedy.rise is not None:
        epoch, update = remedy.rise.epoch, remedy.rise.update
        template = _("The mean loss will first increase at update {update} of epoch {epoch}, from {before} to {after}.")
        if (snapshot.epoch, snapshot.update) >= (epoch, update):
            template = _("The mean loss first increased at update {update} of epoch {epoch}, from {before} to {after}.")
        before, after = format_distinct(remedy.rise.before, remedy.rise.after)
        yield template.format(update=update, epoch=epoch, before=before, after=after)


def _early(snapshot: Snapshot, diagnosis: RunDiagnosis) -> tuple[int, float] | None:
    """Returns after how many epochs, and at which mean loss, the run will stop too early; None if it does not."""
    forecast = diagnosis.forecast
    return None if snapshot.status.ended or forecast is None else forecast.premature_stop


def _of_schedule(diagnosis: RunDiagnosis) -> Iterable[str]:
    """Yields a sentence on when the schedule lowers a rate that is too high below the limit, if ever."""
    config, limit = diagnosis.task.config, diagnosis.limit
    first = first_rate(config)
    if limit.rate is None or first < limit.rate or config.schedule == "constant":
        return
    below = epoch_of_rate_below(config, limit.rate, config.epochs)
    template = _("The schedule starts at {rate} and only falls below {limit} from epoch {epoch} on.")
    if below is None:
        template = _("The schedule starts at {rate} and never falls below {limit} during the run.")
    yield template.format(rate=format_short(first), limit=limit_name(diagnosis), epoch=below)


def _grounds(diagnosis: RunDiagnosis) -> Iterable[str]:
    """Yields sentences on what the limit means, and how it was computed."""
    task, config = diagnosis.task, diagnosis.task.config
    is_limit = diagnosis.limit.basis in (LimitBasis.EXACT, LimitBasis.ROUNDING)
    if is_limit and diagnosis.approaches:
        place = _("the optimum") if diagnosis.settles_at_best else _("the place where the run settles")
        template = _(
            "Below {limit}, w eventually approaches {place}; just above it, updates overshoot and w moves farther and "
            "farther away."
        )
        if diagnosis.limit.basis is LimitBasis.ROUNDING:
            template = _(
                "Well below {limit}, w eventually approaches {place}; just above it, updates overshoot and w moves "
                "farther and farther away."
            )
        yield template.format(limit=limit_name(diagnosis), place=place)
    elif is_limit and not is_constant(config) and config.round_epochs is None:
        template = _("While the rate is just above {limit}, updates overshoot and w moves farther and farther away.")
        yield template.format(limit=limit_name(diagnosis))
    match diagnosis.limit.basis:
        case LimitBasis.EXACT if config.optimizer == "sgd" and task.is_full_batch:
            template = _(
                "It is 2 / ({factor} × {curvature}), from the largest eigenvalue of the curvature of the mean loss."
            )
            yield template.format(
                factor=format_short(CONVENTIONS[config.gradient]), curvature=format_short(diagnosis.steepest)
            )
        case LimitBasis.EXACT:
            yield _(
                "The limit is the lowest rate at which the updates of one epoch, taken together, no longer shrink the "
                "error: their combined map has spectral radius 1."
            )
        case LimitBasis.ROUNDING:
            yield _(
                "Near the limit, w strays far from the optimum within an epoch before it returns, so the limit is set "
                "by rounding errors and not by the curvature alone. Just below it, these errors keep w from coming to "
                "rest."
            )
        case LimitBasis.SAFE:
            if diagnosis.fits:
                yield _("Below it, no update moves w away from the optimum.")
            else:
                yield _(
                    "Below it, no update moves w away from what fits the samples of that update best. That is not the "
                    "optimum, so w may still move away from the optimum."
                )
            if config.shuffle:
                yield _(
                    "Because the order changes every epoch, no exact limit can be computed; higher rates may also work."
                )
            else:
                yield _("An epoch has too many updates for an exact limit; higher rates may also work.")


def _is_soon(snapshot: Snapshot, diagnosis: RunDiagnosis, at_rate: RateForecast | None) -> bool:
    """Returns whether few epochs may lead close to the optimum, as from some starts or with many updates an epoch."""
    epochs_done = snapshot.epoch if snapshot.status.ended else snapshot.config.epochs
    needed = [diagnosis.epochs, None if at_rate is None else at_rate.epochs]
    end = end_of_run(snapshot, diagnosis)
    for epochs, loss in ((0, snapshot.task.loss_at_start), (epochs_done, end)):
        if loss is not None and is_good(loss, diagnosis.least, diagnosis.aim):
            needed.append(epochs)
    return (end is None and not any(needed)) or any(epochs is not None and epochs <= CRAWLS for epochs in needed)


def _condition(diagnosis: RunDiagnosis, is_soon: bool) -> str:
    """Returns the sentences on the condition number, and whether scaled features would change it."""
    config = diagnosis.task.config
    if math.isinf(diagnosis.condition):
        return _("The data do not determine w: many choices of w fit equally well.")
    other = diagnosis.other_condition
    comparison = []
    if config.scale_features and math.isfinite(other):
        comparison = [_("without scaling it would be {other}").format(other=format_short(other))]
    elif diagnosis.scaling_helps:
        comparison = [_("with scale features = yes it would be {other}").format(other=format_short(other))]
    first = _(
        "The condition number is {number}: the mean loss curves that many times more strongly in its steepest "
        "direction than in its flattest"
    )
    sentences = [full_stop(clauses([first.format(number=format_short(diagnosis.condition)), *comparison]))]
    if diagnosis.condition >= CRAWLS and not is_soon and OPTIMIZERS[config.optimizer].is_affine:
        sentences.append(
            _(
                "A rate low enough for the steepest direction is far too low for the "
                "flattest, so w only crawls along it."
            )
        )
    return paragraph(sentences)


def _losses(snapshot: Snapshot) -> Iterable[str]:
    """Yields sentences that compare the loss of the last update with the mean loss."""
    config, count, decimals = snapshot.config, len(snapshot.problem.x), snapshot.config.round_epochs
    if snapshot.loss is None or snapshot.task.is_full_batch:
        return
    gap, loss = snapshot.mean_loss / snapshot.loss if snapshot.loss else None, format_short(snapshot.loss)
    last = _("The last update's loss is {loss}").format(loss=loss)
    if decimals is not None and not snapshot.update:
        last = ngettext(
            "The last update's loss is {loss}, rounded to {n} decimal",
            "The last update's loss is {loss}, rounded to {n} decimals",
            decimals,
            loss=loss,
        )
    mean = _("the mean loss of all {count} samples is {loss}")
    places = {"count": count, "loss": format_short(snapshot.mean_loss)}
    if gap is not None:
        mean = _("the mean loss of all {count} samples is {loss}, {times} times as large")
        places["times"] = format_short(gap)
    yield full_stop(clauses([last, mean.format(**places)]))
    if snapshot.update == 0 and snapshot.loss < config.tol <= snapshot.mean_loss:
        template = _(
            "Stopping when the former falls below tol {tol} is too early; stop on = dataset checks the latter."
        )
        yield template.format(tol=format_short(config.tol))
    elif snapshot.loss != snapshot.mean_loss and (gap is None or not 0.1 < gap < 10):
        yield _("One says little about the other.")


def advised(snapshot: Snapshot) -> str:
    """Returns the verdict on a run that has ended, and options to try if it went wrong; takes seconds."""
    return paragraph([verdict(snapshot), *(ways[0] for ways in advice(snapshot))])


def advice(snapshot: Snapshot) -> list[list[str]]:
    """Returns why a run that has ended went wrong, and the options to try: at most three sentences.

    Each comes in several versions, ever shorter. Takes some seconds.
    """
    diverged = snapshot.status is Status.DIVERGED
    if snapshot.status is Status.CONVERGED and not tol_tells(snapshot.task) and not stopped_above_tol(snapshot):
        return [[_("The mean loss is below tol before the first update: try a lower --tol."), _("Try a lower --tol.")]]
    if not diverged and is_good(snapshot.mean_loss, snapshot.task.trained.least, aim(snapshot.task)):
        return []
    diagnosis = diagnose(snapshot.task, looking_ahead=False)
    if not needs_remedy(snapshot, diagnosis):
        return []
    compared = compare_ended_rate(diagnosis, snapshot.lr) + compare_ended_rate(diagnosis, snapshot.lr, UNNUMBERED)
    if is_used_up(snapshot.config, snapshot.lr):
        compared += in_few_columns(diagnosis, snapshot.lr)
    sentences = [list(map(full_stop, compared))]
    if diagnosis.rest is not None and diagnosis.rests_at(snapshot.mean_loss):
        ways = (
            _("The run settles at a mean loss of {loss}; the best is {least}."),
            _("The run settles at a mean loss of {loss}."),
        )
        loss, least = f"{diagnosis.rest.mean_loss:.2g}", f"{diagnosis.least:.2g}"
        sentences.append([way.format(loss=loss, least=least) for way in ways])
    remedy = offered(snapshot, diagnosis, find_remedy(diagnosis))
    if remedy is not None and remedy.trials:
        sentences.append(_to_try(remedy.trials[0], snapshot.config))
    too_high = diverged or got_worse(snapshot) or diagnosis.too_high(first_rate(snapshot.config))
    return sentences if too_high or len(sentences) > 1 else []


def _to_try(best: Trial, config: RunConfig) -> list[str]:
    """Formats the options of the change that works best, and the options to leave out with it: two versions."""
    names = sorted(best.changed, key=lambda name: name != "scale_features")  # scaling makes the difference
    options = " ".join(PARAMETERS[name].as_option(getattr(best.config, name)) for name in names)
    ways, places = (_("Try {options}: then the run {ends}."), _("Try {options}.")), {"options": options}
    if idle := _idle_options(config, best.config):
        ways = _("Try {options} without {others}: then the run {ends}."), _("Try {options} without {others}.")
        places["others"] = join_and(idle)
    return [way.format(**places, ends=ending_phrase(best)) for way in ways]


def _idle_options(config: RunConfig, changed: RunConfig) -> list[str]:
    """Returns the given options that would have no effect on the changed run, where they would be refused."""
    return [
        PARAMETERS[name].option
        for name in PARAMETERS
        if name in changed.unused - config.unused and getattr(config, name) != PARAMETERS[name].default
    ]
