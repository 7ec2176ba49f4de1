"""Sentences on tested changes of a run: what each changes, and how the run ends with it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import reduce

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.diagnosis.diagnose import Remedy, RunDiagnosis
from quadfit_tui.core.diagnosis.trials import Trial, kind_of
from quadfit_tui.core.methods.stopping import STOP_RULES
from quadfit_tui.core.text.language import _, clauses, join_and, ngettext, ngettext_noop
from quadfit_tui.core.text.numbers import format_short

MOST_RATES = 8  # maximum number of rates that are listed one by one


def ending_phrase(trial: Trial) -> str:
    """Formats how the run of a trial ends, as the end of a sentence: `converges after 25 epochs`."""
    if trial.converged and STOP_RULES[trial.config.stop_on].select_loss is None:
        counts = ngettext_noop(
            "brings the mean loss below tol after {n} epoch", "brings the mean loss below tol after {n} epochs"
        )
        return ngettext(*counts, trial.epochs)
    if trial.converged:
        return ngettext("converges after {n} epoch", "converges after {n} epochs", trial.epochs)
    return _("ends at a mean loss of {loss}").format(loss=loss_phrase(trial))


def loss_phrase(trial: Trial) -> str:
    """Formats the final mean loss of a trial, 0.2501, or a bound if rounding leaves no digits of it: at most 1e-30."""
    if trial.at_most is None:
        return format_short(trial.mean_loss)
    return _("at most {loss}").format(loss=format_short(trial.at_most))


def change(trial: Trial) -> str:
    """Formats how a trial differs from the run: `lr 0.92`, `schedule halve`, `scaled features and lr 0.7`."""
    return _change(trial.config, trial.changed)


def _change(config: RunConfig, changed: Collection[str]) -> str:
    """Joins the names of the changed parameters of a configuration: see `change`."""
    words = {
        "scale_features": _("scaled features"),
        "lr": _("lr {rate}").format(rate=format_short(config.lr)),
        "schedule": _("schedule {name}").format(name=config.schedule),
    }
    changes = [word for name, word in words.items() if name in changed]
    return reduce(lambda first, last: _("{first} and {last}").format(first=first, last=last), changes)


def remedy_sentences(remedy: Remedy, diagnosis: RunDiagnosis) -> Iterable[str]:
    """Yields sentences on the results of the tested changes, the best one first."""
    own = diagnosis.task.config
    if not remedy.trials:
        yield (
            _("No change was found that makes the run converge.")
            if diagnosis.tol_tells
            else _("Nothing better was found.")
        )
    for trial in remedy.trials:
        if trial.converged:
            template = _("Tested: with {change} and everything else unchanged, the run {ends}.")
            yield template.format(change=change(trial), ends=ending_phrase(trial))
        else:
            yield ngettext(
                "Tested: with {change} and everything else unchanged, the mean loss after {n} epoch is {loss}; the "
                "best possible is {least}.",
                "Tested: with {change} and everything else unchanged, the mean loss after {n} epochs is {loss}; the "
                "best possible is {least}.",
                trial.epochs,
                change=change(trial),
                loss=loss_phrase(trial),
                least=format_short(diagnosis.least),
            )
    trial_configs = {trial.config for trial in remedy.trials}
    failed = [config for config in remedy.failed if config not in trial_configs]
    if failed and diagnosis.tol_tells:
        yield _("Tested without convergence: {changes}.").format(changes=_together(failed, own))
    if remedy.untested:
        template = _("Not tested, because it takes too long: {changes}.")
        yield template.format(changes=_together(remedy.untested, own))


def _together(configs: Iterable[RunConfig], own: RunConfig) -> str:
    """Formats changes of a run by kind, each with its rates: `lr 0.1, 0.4 and 2; schedule constant`."""
    kinds = dict[tuple[bool, str], list[RunConfig]]()
    for config in configs:
        kinds.setdefault(kind_of(config), []).append(config)
    clause_by_change = dict[tuple[str, ...], str]()  # the keys are the changed parameters without the rate
    for alike in kinds.values():
        first = alike[0]
        changed = tuple(name for name in ("scale_features", "schedule") if getattr(first, name) != getattr(own, name))
        text = rates = _rates([config.lr for config in alike])
        if changed:
            text = _change(first, changed)
        if changed and {config.lr for config in alike} != {own.lr}:
            text = _("{change} with {rates}").format(change=text, rates=rates)
        clause_by_change[changed] = text
    return clauses([clause_by_change[changed] for changed in sorted(clause_by_change, key=len)])


def _rates(rates: Collection[float]) -> str:
    """Formats learning rates, `lr 0.1, 0.4 and 2`; if there are many, their number and range."""
    if len(rates) > MOST_RATES:
        places = {"low": format_short(min(rates)), "high": format_short(max(rates))}
        return ngettext("{n} rate from lr {low} to {high}", "{n} rates from lr {low} to {high}", len(rates), **places)
    return _("lr {rates}").format(rates=join_and([format_short(rate) for rate in sorted(rates)]))
