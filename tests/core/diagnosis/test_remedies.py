"""What is offered to a run that goes wrong: all that was tried is told, and nothing worse."""

import math
import re
from dataclasses import replace

import pytest
from diagnoses import NOISY, at_start, diagnosed, ended, mended, page
from session_driver import with_mean_loss
from trials import AT_LENGTH

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.diagnosis import trials
from quadfit_tui.core.diagnosis.diagnose import Remedy, diagnose, find_remedy, needs_remedy, offered
from quadfit_tui.core.diagnosis.forecast import RunForecast
from quadfit_tui.core.diagnosis.trials import Trial
from quadfit_tui.core.diagnosis.wording.advice import advised, details
from quadfit_tui.core.session.whole_run import RunOutcome
from quadfit_tui.core.training.status import Status

pytestmark = pytest.mark.xdist_group("diagnoses")  # each run is diagnosed once, for all of them


def test_converging_run_gets_no_remedy():
    config = RunConfig(lr=1.05)  # the schedule brings it below the limit in time
    end = ended(config)
    assert end.status is Status.CONVERGED
    assert "What works" not in page(end)
    assert offered(end, diagnosed(config), mended(config)) is None


def test_worse_change_is_not_offered():
    config = RunConfig(batch="full", lr=2.0, schedule="halve", epochs=30, init=(-1, 10, 26))
    end = ended(config)
    found = diagnosed(config)
    assert needs_remedy(end, found)
    (change,) = mended(config).trials
    for ends, is_offered in ((0.5 * change.mean_loss, False), (2 * change.mean_loss, True)):
        remedy = offered(with_mean_loss(end, ends), found, Remedy(None, (change,)))
        assert bool(remedy.trials) is is_offered


@pytest.mark.parametrize(
    ("changes", "in_time"),
    [
        ({"lr": 1.0, "noise": 0.0}, True),
        ({"lr": 2.0}, True),
        ({"lr": 1e-9, "scale_features": True}, True),
        ({"lr": 1e-9, "scale_features": True}, False),
        ({"lr": 1.0, "schedule": "cosine"}, False),
    ],
    ids=str,
)
def test_tested_and_untested_changes_are_named(monkeypatch, changes, in_time):
    config, trained = RunConfig(**NOISY | changes), []

    def diverges(task, _):
        trained.append(task.config)
        return RunOutcome(Status.DIVERGED, 1, math.inf, False) if in_time else None

    monkeypatch.setattr(trials, "whole_run", diverges)
    snapshot = at_start(config)
    found = diagnose(snapshot.task, looking_ahead=False)  # so it is not known how the run itself ends
    said = dict(details(snapshot, found, None, find_remedy(found)))["What works"]
    told = re.fullmatch(
        r"No change was found that makes the run converge\. "
        r"(Tested without convergence|Not tested, because it takes too long): (.*)\.",
        said,
    )
    assert told[1] == ("Tested without convergence" if in_time else "Not tested, because it takes too long")
    named = {each for kind in told[2].split("; ") for each in changes_named(kind, config)}
    names = ("lr", "schedule", "scale_features")
    assert named == {tuple(getattr(each, name) for name in names) for each in trained}
    assert {len(set(values)) > 1 for values in zip(*named, strict=True)} == {True, not config.scale_features}


def changes_named(kind, config):
    """(lr, schedule, whether features are scaled) of a kind of changes, as the page names it."""
    schedule = re.search(r"schedule (\S+)", kind)
    rates = re.search(r"lr (.*)", kind)
    for rate in re.split(r", | and ", rates[1]) if rates else [config.lr]:
        scaled = config.scale_features or "scaled features" in kind
        yield float(rate), schedule[1] if schedule else config.schedule, scaled


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"batch": "full", "lr": 5}, Status.FINISHED),
        ({"batch": "full", "lr": 4, "stop_on": "last-update", "tol": 1.0}, Status.CONVERGED),
        ({"init": (2, -4, 3), "lr": 50}, Status.CONVERGED),
        ({"batch": "full", "lr": 8, "schedule": "inverse-time", "decay_rate": 1}, Status.CONVERGED),
    ][: 4 if AT_LENGTH else 2],
    ids=str,
)
def test_no_worse_change_despite_rounding(changes, status):
    config = RunConfig(**{"epochs": 300, "tol": 0.01} | changes)
    found, end = diagnosed(config), ended(config)
    assert end.status is status
    assert found.too_high(config.lr)
    assert found.forecast.mean_loss is None
    assert found.forecast.outcome == end.mean_loss
    assert mended(config).trials
    said = page(at_start(config)).get("What works")
    if status is Status.CONVERGED:
        assert said is None
    else:  # lower rates end higher; none that converges was known before other schedules were tried, too
        best = mended(config).trials[0]
        assert best.changed == ("lr", "schedule")
        assert said == (
            f"Tested: with lr {best.config.lr} and schedule constant and everything else unchanged, the run converges "
            f"after {best.epochs} epochs. Tested without convergence: lr 1.6."
        )


def test_vanishing_rate_gets_better_remedy():
    config = RunConfig(batch="full", lr=12.0, schedule="exponential", decay_every=2, epochs=250, stop_on="never")
    found, end = diagnosed(config), ended(config)
    assert found.forecast.end == end.mean_loss > end.task.loss_at_start
    best = mended(config).trials[0]
    assert page(at_start(config))["What works"].startswith(
        "Tested: with lr 1.4 and schedule constant and everything else unchanged, the run brings the mean loss below "
        f"tol after {best.epochs} epochs."
    )
    assert ended(best.config).mean_loss < config.tol


def test_unknown_end_offers_only_converging_changes():
    config = RunConfig(batch="full", lr=8.0)
    snapshot = at_start(config)
    found = replace(diagnosed(config), forecast=RunForecast())
    nearer, converging = (
        Trial(config.replace(lr=lr), ("lr",), converged, converged, 100, 1e-6)
        for lr, converged in ((1, False), (2, True))
    )
    assert offered(snapshot, found, Remedy(None, (nearer, converging))).trials == (converging,)
    said = dict(details(snapshot, found, None, offered(snapshot, found, Remedy(None, (nearer,)))))["What works"]
    assert said == "No change was found that makes the run converge."


CRAWLING = PRESETS["ill-conditioned"]
DIVERGING = CRAWLING.replace(lr=1e-3)


@pytest.mark.parametrize("config", [CRAWLING, DIVERGING], ids=["crawls", "diverges"])
def test_scaling_remedy_ends_as_predicted(config):
    before, after = at_start(config), ended(config)
    found = diagnosed(config)
    for snapshot in (before, after):
        remedy = offered(snapshot, found, mended(config))
        best, *others = remedy.trials
        assert best.changed == ("lr", "scale_features")
        end = ended(best.config)
        assert (end.status, end.epoch, end.mean_loss) == (Status.CONVERGED, best.epochs, best.mean_loss)
        assert best.config == config.replace(scale_features=True, lr=best.config.lr)
        # A lower rate is beside it where that one mends something: where it crawls, it would only crawl the slower.
        assert [trial.changed for trial in others] == ([("lr",)] if config is DIVERGING else [])
        assert [ended(trial.config).mean_loss for trial in others] == [trial.mean_loss for trial in others]
        said = f"with scaled features and lr {best.config.lr} and everything else unchanged, the run converges after"
        assert page(snapshot)["What works"].startswith(f"Tested: {said} {best.epochs} epochs.")
    options = f" Try --scale-features --lr {best.config.lr}: then the run converges after {best.epochs} epochs."
    assert advised(after).endswith(options)


def test_scaling_alone_keeps_the_rate():
    config = RunConfig(x_min=100, x_max=101, samples=20, lr=0.5, batch="full", schedule="constant", init=(0, 0, 0))
    (trial,) = (trial for trial in mended(config).trials if "lr" not in trial.changed)
    assert trial.config == config.replace(scale_features=True)
    end = ended(trial.config)
    assert end.status is Status.CONVERGED
    assert (
        f"with scaled features and everything else unchanged, the run converges after {end.epoch} epochs"
        in (page(at_start(config))["What works"])
    )


@pytest.mark.parametrize(
    "config",
    [
        PRESETS["full-batch"],  # not enough epochs, but the condition number would hardly change
        PRESETS["article"],
        CRAWLING.replace(init=(2, -4, 3)),  # ends well
        CRAWLING.replace(scale_features=True, lr=0.01, epochs=3),
        RunConfig(x_min=100, x_max=101, samples=2, lr=1e-5, epochs=3),  # nothing determines w, scaled or not
    ],
    ids=str,
)
def test_useless_scaling_is_not_offered(config):
    for snapshot in (at_start(config), ended(config)):
        assert "with scale" not in page(snapshot).get("What works", "")
    assert "--scale-features" not in advised(ended(config))


def test_nonconverging_remedy_names_mean_loss():
    config = RunConfig(batch="full", lr=3.0, epochs=10)
    end = ended(config)
    mean_loss = ended(config.replace(lr=1.6)).mean_loss
    assert end.status is Status.DIVERGED
    assert advised(end).endswith(
        " lr 3 at the start is above the limit 1.78. "
        f"Try --lr 1.6: then the run ends at a mean loss of {mean_loss:.4g}."
    )
    assert page(end)["What works"] == (
        f"Tested: with lr 1.6 and everything else unchanged, the mean loss after 10 epochs is {mean_loss:.4g}; "
        f"the best possible is {end.problem.least:.4g}. "
        "Tested without convergence: lr 1.7; scaled features with lr 0.8 and 3; schedule constant with lr 1.4 and 3; "
        "scaled features and schedule constant with lr 0.64 and 3."
    )


def test_untried_own_rate_is_not_failed():
    """Of rates a quarter apart the nearest one is far off where the own one is just below the limit."""
    config = RunConfig(true=(0, 0, 0), samples=64, seed=666, init=(550, -220000, 1), lr=1.46, schedule="inverse-time")
    config = config.replace(decay_every=7, decay_rate=0.9, batch=63, epochs=48, gradient="full", stop_on="last-update")
    assert ended(config.replace(scale_features=True)).status is Status.CONVERGED
    assert not any(tested.scale_features for tested in mended(config).failed)
