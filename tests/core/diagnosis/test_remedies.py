"""What is offered to a run that goes wrong: all that was tried is told, and nothing worse."""

from dataclasses import replace

import pytest
from diagnoses import NOISY, ended, page

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.diagnosis import rate_trials
from quadfit_tui.core.diagnosis.advice import advised, details, one_line
from quadfit_tui.core.diagnosis.diagnose import Remedy, diagnose, find_remedy, needs_remedy, offered
from quadfit_tui.core.session.session import Session
from quadfit_tui.core.training.status import Status


def test_a_run_that_converges_is_offered_nothing_worse():
    config = RunConfig(lr=1.05)  # the schedule brings it below the limit in time
    end = ended(config)
    assert end.status is Status.CONVERGED
    assert "What works" not in page(end)
    worse = find_remedy(end.task, diagnose(end.task, looking_ahead=False).limit)
    assert one_line(
        diagnose(end.task),
        end.lr,
        offered(end, diagnose(end.task), worse),
        end.status,
    ).endswith("i says more")


def test_a_change_that_ends_no_better_than_the_run_is_not_offered():
    config = RunConfig(batch="full", lr=2.0, schedule="halve", epochs=30, init=(-1, 10, 26))
    end = ended(config)
    found = diagnose(end.task)
    assert needs_remedy(end, found)
    change = find_remedy(end.task, found.limit).trial
    for ends, is_offered in ((0.5 * change.mean_loss, False), (2 * change.mean_loss, True)):
        remedy = offered(replace(end, mean_loss=ends), found, Remedy(None, change))
        assert (remedy.trial is not None) is is_offered


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"lr": 1.0},
            "Neither with schedule halve nor with a lower rate was the run found to end nearer to the optimum.",
        ),
        ({"lr": 2.0}, "No lower rate was found with which the run would end nearer to the optimum."),
        (
            {"lr": 1.0, "schedule": "cosine"},
            "No lower rate was found with which the run would end nearer to the optimum.",
        ),
    ],
    ids=str,
)
def test_where_nothing_works_all_that_was_tried_is_told(monkeypatch, changes, said):
    config = RunConfig(**NOISY | changes)
    tried = set()

    def trial_of(task, changed, *_):
        tried.update(name for name in ("lr", "schedule") if getattr(changed, name) != getattr(task.config, name))

    monkeypatch.setattr(rate_trials, "_try", trial_of)
    snapshot = Session(config).snapshot()
    found = diagnose(snapshot.task, looking_ahead=False)
    remedy = Remedy(None, rate_trials.try_changes(snapshot.task, found.limit))
    assert dict(details(snapshot, found, None, remedy))["What works"] == said
    assert tried == ({"lr", "schedule"} if "schedule" in said else {"lr"})


def test_of_a_change_that_comes_nearer_only_the_mean_loss_is_told():
    """Not that it does not diverge: the run itself need not have diverged, either."""
    config = RunConfig(batch="full", lr=3.0, epochs=10)
    end = ended(config)
    mean_loss = ended(config.replace(lr=1.6)).mean_loss
    assert end.status is Status.FINISHED
    assert advised(end).endswith(
        f" lr 3 at the start is above the limit 1.78. With lr 1.6 the run ends at a mean loss of {mean_loss:.4g}."
    )
    assert page(end)["What works"] == (
        f"Tried: with lr 1.6, and all else the same, after 10 epochs the mean loss is {mean_loss:.4g}; "
        f"the best possible is {end.problem.least:.4g}."
    )
