"""What is said of a run before it ends, and of one that went wrong: true of the run, and short enough."""

import re
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from quadfit_tui.core import trial
from quadfit_tui.core.advice import advised, details, one_line
from quadfit_tui.core.analysis import Remedy, diagnose, needs_remedy, offered, pace, remedy
from quadfit_tui.core.config import RunConfig
from quadfit_tui.core.limits import limit
from quadfit_tui.core.presets import PRESETS
from quadfit_tui.core.problem import make_problem
from quadfit_tui.core.session import Session
from quadfit_tui.core.states import Status, Unit

NOISY = {"noise": 0.5, "schedule": "constant", "init": (-1, 10, 26), "epochs": 200}


def ended(config):
    session = Session(config, speed=None)
    session.play()
    while not session.status.ended:
        session.advance(1)
    return session.snapshot()


@cache
def consulted(config):
    """A run before its first update, its diagnosis, and a remedy where one is due."""
    snapshot = Session(config).snapshot()
    found = diagnose(config, snapshot.problem)
    cure = remedy(config, snapshot.problem, found.limit) if needs_remedy(snapshot, found) else None
    return snapshot, found, offered(snapshot, found, cure)


def line(config, rate=None, width=78):
    """The line as it is before the first update, or at another rate; with a remedy where one is due."""
    snapshot, found, cure = consulted(config)
    return one_line(config, found, snapshot.lr if rate is None else rate, cure, Status.READY, width)


def page(snapshot):
    config, problem = snapshot.config, snapshot.problem
    found = diagnose(config, problem)
    cure = remedy(config, problem, found.limit) if needs_remedy(snapshot, found) else None
    cure = offered(snapshot, found, cure)
    return dict(details(snapshot, found, pace(config, problem, snapshot.lr), cure))


def curvature(x):
    rows = np.column_stack([x * x, x, np.ones_like(x)])
    return rows.T @ rows / len(x)


@pytest.mark.parametrize(
    ("config", "said"),
    [
        (PRESETS["article"], "lr 0.5 is 49 % of the limit 1.03; should converge after 25 epochs; i says more"),
        (PRESETS["momentum"], "lr 1 is 33 % of the limit 3.03; should converge after 68 epochs; i says more"),
        (PRESETS["too-fast"], "lr 1.2 is above the limit 1.03; lr 0.92 converges after 25 epochs; i says why"),
        (PRESETS["noisy"], "lr 0.5 is safe: below 0.666 it cannot diverge; i says more"),
        (
            PRESETS["noisy"].replace(lr=0.7, tol=1.0),
            "lr 0.7 is above the safe 0.666; should converge after 1 epoch; i says more",
        ),
        (
            PRESETS["noisy"].replace(lr=0.7, schedule="constant"),
            "lr 0.7 may diverge: only below 0.666 it surely cannot; i says why",
        ),
        (PRESETS["full-batch"].replace(lr=1.784), "lr 1.784 is just below the limit 1.7846; i says more"),
        (PRESETS["article"].replace(lr=1.031), "lr 1.031 is about the limit 1.03; lr 0.92 converges after 25 epochs"),
        (PRESETS["adam"], "adam: lr has no such limit; should converge after 33 epochs; i says more"),
        (
            PRESETS["adam"].replace(noise=0.5, epochs=2),
            "adam scales each gradient itself: lr has no such limit; i says more",
        ),
        (
            RunConfig(optimizer="momentum", shuffle=True),
            "momentum: no limit of lr is known; lr 0.25 converges after 11",
        ),
        (RunConfig(lr=0.8, **NOISY), "lr 0.8 is 78 % of the limit 1.03; settles at mean loss 1.4e+05, best 0.25"),
    ],
)
def test_the_line_before_a_run(config, said):
    assert line(config)[: len(said)] == said


def test_the_line_follows_the_rate_and_says_nothing_of_one_that_is_gone():
    assert line(PRESETS["too-fast"], rate=0.6).startswith("lr 0.6 is 58 % of the limit 1.03")
    assert line(PRESETS["article"], rate=0.25).startswith(
        "lr 0.25 is 24 % of the limit 1.03; should converge after 25 epochs"
    )
    assert line(PRESETS["article"], rate=0.5 * 2**-20).startswith("lr 4.768e-07 is 4.6e-05 % of the limit 1.03")


@pytest.mark.parametrize("width", [78, 58])
@pytest.mark.parametrize("name", PRESETS)
def test_the_line_fits(name, width):
    config = PRESETS[name]
    for rate in (config.lr, config.lr / 1024, config.lr * 50):
        assert len(line(config, rate, width)) <= width


def diverged_line(config, end):
    found = diagnose(config, end.problem)
    return one_line(config, found, end.lr, remedy(config, end.problem, found.limit), end.status)


def test_the_line_of_a_diverged_run_tells_rate_limit_and_what_works():
    config = PRESETS["too-fast"]
    end = ended(config)
    assert end.status is Status.DIVERGED
    assert diverged_line(config, end) == (
        "lr 1.2 is above the limit 1.03; lr 0.92 converges after 25 epochs; i says why"
    )
    shuffled = RunConfig(lr=2.0, shuffle=True)
    assert diverged_line(shuffled, ended(shuffled)) == (
        "lr 2 is above the safe 0.666; lr 0.65 converges after 1 epoch; i says why"
    )


def test_a_run_that_is_too_short_is_told_what_it_needs_and_one_that_has_converged_nothing():
    slow = PRESETS["ill-conditioned"]
    assert line(slow) == "lr 1e-06 is 63 % of the limit 1.59e-06; needs 19094728 epochs; i says why"
    end = ended(PRESETS["article"])
    said = one_line(PRESETS["article"], diagnose(PRESETS["article"], end.problem), end.lr, None, end.status)
    assert said == "lr 0.125 is 12 % of the limit 1.03; i says more"


def test_a_rate_that_has_come_below_the_limit_is_not_blamed():
    # It grows at the first rate, and overflows at a lower one that would be good from a nearer start.
    config = RunConfig(samples=20, lr=2.5, decay_every=300, epochs=301, batch="full", stop_on="never")
    problem = make_problem(config)
    said = one_line(config, diagnose(config, problem), 1.25, None, Status.DIVERGED)
    largest = np.linalg.eigvalsh(curvature(problem.x))[-1]
    assert said == f"lr 2.5 at the start is above the limit {2 / largest:.3g}; i says why"


@pytest.mark.parametrize(
    "changes",
    [
        {"lr": 1.2},
        {"lr": 2.5, "batch": 16},
        {"lr": 2.0, "shuffle": True},
        {"lr": 9.0, "batch": "full", "optimizer": "momentum", "schedule": "constant", "epochs": 1000},
        {"lr": 1.1},  # gets worse, and ends within the doubles
    ],
    ids=str,
)
def test_what_run_says_in_the_end_names_a_rate_with_which_a_restart_ends_as_told(changes):
    config = RunConfig(**changes)
    words = advised(ended(config))
    assert len(words.splitlines()) == 1
    rate, epochs = re.search(r"\. With lr (\S+) the run converges after (\d+) epochs?\.$", words).groups()
    end = ended(config.replace(lr=float(rate)))
    assert (end.status, end.epoch) == (Status.CONVERGED, int(epochs))


def test_what_run_says_of_a_run_that_did_not_go_wrong_is_its_verdict():
    assert advised(ended(PRESETS["full-batch"])).endswith("is not below tol 1e-05.")
    away = ended(RunConfig(noise=0.5, init=(2, -4, 3), lr=0.1, schedule="constant", epochs=3))
    assert advised(away).endswith("At the start it was less: 0.2503.")


def test_the_page_of_a_diverged_run():
    said = page(ended(PRESETS["too-fast"]))
    assert said["The run"].startswith("diverged in epoch 6")
    assert said["The run"].endswith("The mean loss first rose at update 2 of epoch 0, from 4.96e+06 to 7.481e+07.")
    assert said["What works"] == ("Tried: with lr 0.92, and all else the same, it converges after 25 epochs.")
    assert said["Learning rate"].startswith(
        "lr 1.2 is above the limit 1.03. The schedule begins with 1.2, and is low enough only from epoch 9 on."
    )
    assert "Losses" not in said


def test_the_page_of_a_run_that_stopped_too_early():
    said = page(ended(PRESETS["article-as-printed"]))
    assert "But the mean loss of all 800 samples, 3.86e+05, is not" in said["The run"]
    assert said["Losses"] == (
        "The last update's loss is 0, rounded to 2 decimals; the mean loss of all 800 samples is 3.86e+05. "
        "Stopping on the former below tol 1e-05 is too early; stop on dataset judges the latter."
    )
    assert "redict" not in said["Epochs"]  # it has ended


def test_the_page_tells_both_losses_of_a_single_update():
    session = Session(RunConfig())
    session.seek(0, 3)
    session.advance(1e9)
    snapshot = session.snapshot()
    w, (x, y) = snapshot.w, (snapshot.problem.x, snapshot.problem.y)
    mean = float(np.mean((w[0] * x * x + w[1] * x + w[2] - y) ** 2))
    assert page(snapshot)["Losses"] == (
        f"The last update's loss is {snapshot.loss:.4g}; the mean loss of all 800 samples is {mean:.4g}, "
        f"{mean / snapshot.loss:.4g} times as much."
    )


def test_the_page_tells_how_long_it_takes_with_the_schedule_and_without():
    config = RunConfig(batch="full", schedule="exponential", decay_every=1000, epochs=300)
    snapshot = Session(config).snapshot()
    said = page(snapshot)["Epochs"]
    with_it, constant = (int(re.search(before + r" (\d+) epochs", said)[1]) for before in ("after", "it would be"))
    assert ended(snapshot.config.replace(epochs=10**5)).epoch == with_it
    assert ended(snapshot.config.replace(epochs=10**5, schedule="constant")).epoch == constant == 277
    assert f"after {with_it} epochs with the schedule exponential (the run has 300)." in said
    left = 1 - 0.5 * float(np.linalg.eigvalsh(curvature(snapshot.problem.x))[0])
    assert f"An epoch at lr 0.5 multiplies the distance from the optimum by {left:.4g} in the long run." in said


def test_the_page_tells_what_no_w_can_reach():
    snapshot = Session(PRESETS["noisy"]).snapshot()
    x, y = snapshot.problem.x, snapshot.problem.y
    least = float(np.mean((np.polyval(np.polyfit(x, y, 2), x) - y) ** 2))
    assert page(snapshot)["Epochs"] == (
        f"No mean loss below tol 1e-05: at the optimum it is {least:.4g}. "
        f"At the end of its 100 epochs the mean loss will be {ended(PRESETS['noisy']).mean_loss:.4g}."
    )
    assert page(snapshot)["Condition"].startswith("The mean loss curves 14.13 times as much")
    assert "2 / (1 × 1.121)" in page(Session(PRESETS["full-batch"]).snapshot())["Learning rate"]


def test_data_that_leave_w_open_are_told():
    said = page(Session(RunConfig(samples=2)).snapshot())
    assert said["Condition"] == "The data leave w open: many w fit them equally well."


def test_what_is_still_being_worked_out_is_left_out():
    snapshot = ended(PRESETS["too-fast"])
    said = dict(details(snapshot, diagnose(snapshot.config, snapshot.problem), None, None))
    assert "What works" not in said


@pytest.mark.parametrize("name", ["ill-conditioned", "ill-conditioned-scaled"])
def test_condition_number_is_told_before_and_after_scaling(name):
    snapshot = Session(PRESETS[name]).snapshot()
    x = snapshot.problem.x
    before, after = (np.linalg.cond(curvature(values)) for values in (x, (x - x.mean()) / x.std()))
    said = page(snapshot)["Condition"]
    numbers = [float(found) for found in re.findall(r"\d[\d.]*(?:e[-+]\d+)?", said.replace(". ", " ").rstrip("."))]
    if name == "ill-conditioned-scaled":
        assert "without scaling" in said
        before, after = after, before
    else:
        assert "with scale features set to yes it would be" in said
    assert numbers == pytest.approx([before, after], rel=1e-3)


def test_the_page_tells_why_a_run_crawls():
    assert page(Session(PRESETS["ill-conditioned"]).snapshot())["Condition"].endswith("that way w crawls.")
    for other in (PRESETS["article"], PRESETS["ill-conditioned"].replace(optimizer="adam")):
        assert "crawls" not in page(Session(other).snapshot())["Condition"]


def test_where_scaling_would_help_little_it_is_not_told():
    """Of x with mean 0 and deviation 1 there is nothing to scale; of two different x nothing is determined."""
    edge = 3**0.5
    for config in (PRESETS["article"], RunConfig(x_min=-edge, x_max=edge, lr=0.1)):
        assert "scal" not in page(Session(config).snapshot())["Condition"]
    for scaled in (False, True):
        said = page(Session(RunConfig(samples=2, lr=0.1, scale_features=scaled)).snapshot())["Condition"]
        assert said == "The data leave w open: many w fit them equally well."


def test_line_of_a_run_with_scaled_features_is_about_z():
    config = PRESETS["ill-conditioned-scaled"]
    x = make_problem(config).x
    steepest = np.linalg.eigvalsh(curvature((x - x.mean()) / x.std()))[-1]
    assert line(config).startswith(f"lr 0.7 is {70 * steepest / 2:.2g} % of the limit {2 / steepest:.3g}")
    assert f"should converge after {ended(config).epoch} epochs" in line(config)


def test_a_run_of_which_nothing_is_predicted_may_converge_all_the_same():
    config = RunConfig(scale_features=True, lr=0.25)
    assert ended(config).status is Status.CONVERGED  # near the limit, where rounding has too much of a say
    said = page(Session(config).snapshot())["Epochs"]
    assert "Whether, and when, this run brings the mean loss below tol 1e-05 is not predicted." in said
    assert "No mean loss" not in said


@pytest.mark.parametrize("batch", [5, 10])
def test_in_a_new_order_each_epoch_the_epochs_are_predicted_as_well(batch):
    config = RunConfig(samples=10, shuffle=True, batch=batch, epochs=5000, schedule="constant", init=(1, -3, 2))
    said = page(Session(config).snapshot())["Epochs"]
    assert f"Predicted: mean loss below tol 1e-05 after {ended(config).epoch} epochs." in said


def test_of_a_run_that_has_ended_nothing_is_predicted():
    """Whatever it came to; what it would have come to at another rate is told where it went wrong."""
    for config in (PRESETS["article"], PRESETS["full-batch"], PRESETS["too-fast"], RunConfig(**NOISY, lr=0.1)):
        end = ended(config)
        said = page(end).get("Epochs", "")
        assert not re.search("redict|will be|would be|needs", said)
        found = diagnose(config, end.problem)
        assert not re.search("should|needs|will", one_line(config, found, end.lr, None, end.status))


# Where it settles


def test_a_run_that_settles_far_from_the_optimum_is_told_where_and_what_mends_it():
    config = RunConfig(**NOISY, lr=0.8)
    snapshot = Session(config).snapshot()
    reached, least = ended(config).mean_loss, snapshot.problem.mean_loss(snapshot.problem.optimum)
    assert reached > 1e5
    for said in (page(snapshot), page(ended(config))):
        assert said["Where it settles"].startswith(
            f"At the ends of epochs w settles far from the optimum, at a mean loss of {reached:.4g}; "
            f"the best possible is {least:.4g}."
        )
        mended = ended(config.replace(schedule="halve")).mean_loss
        assert mended < 1.01 * least
        assert said["What works"] == (
            f"Tried: with schedule halve, and all else the same, after 200 epochs the mean loss is {mended:.4g}; "
            f"the best possible is {least:.4g}."
        )
        assert "w nears the place where the run settles in the long run" in said["Learning rate"]
        assert "the distance from where it settles by" in said["Epochs"]
    assert advised(ended(config)).endswith(
        " lr 0.8 is 78 % of the limit 1.03. The run settles at a mean loss of 1.4e+05; the best is 0.25. "
        f"With schedule halve the run ends at a mean loss of {mended:.4g}."
    )


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"lr": 0.3}, "At the ends of epochs w settles beside the optimum, at a mean loss of 0.2502"),
        ({"lr": 0.3, "batch": "full"}, "At the ends of epochs w settles at the optimum."),
        ({"lr": 0.3, "batch": 450}, "The samples that no batch takes have no say in it."),
        ({"lr": 0.3, "noise": 0.0, "samples": 3, "batch": 2}, "The samples that no batch takes have no say in it."),
        ({"lr": 0.8, "schedule": "halve"}, "At a constant lr 0.8 w would settle far from the optimum"),
        ({"lr": 0.8, "schedule": "halve"}, "But the rate does not stay as it is."),
        ({"lr": 0.3, "shuffle": True}, "at a constant rate w does not come to rest"),
    ],
    ids=str,
)
def test_where_a_run_settles_is_said_as_it_is(changes, said):
    assert said in page(Session(RunConfig(**NOISY | changes)).snapshot())["Where it settles"]


@pytest.mark.parametrize("changes", [{"noise": 0.0}, {"optimizer": "adam"}], ids=str)
def test_where_nothing_is_to_be_said_of_it_nothing_is(changes):
    assert "Where it settles" not in page(Session(RunConfig(lr=0.3, **NOISY | changes)).snapshot())


def test_only_without_noise_an_update_is_said_to_lengthen_no_distance():
    """In a noisy run below the safe rate, updates do lengthen the distance from the optimum; without noise none do."""
    for noise, said in (
        (0.0, "Below it no update lengthens the distance from the optimum."),
        (0.5, "which w may leave"),
    ):
        config = RunConfig(**NOISY | {"noise": noise, "epochs": 3, "tol": 1e-30}, lr=0.5, shuffle=True)
        session, longer = Session(config), 0
        optimum = session.snapshot().problem.optimum
        while not session.status.ended:
            before = np.linalg.norm(session.snapshot().w - optimum)
            session.step(Unit.UPDATE)
            session.advance(1e9)
            longer += np.linalg.norm(session.snapshot().w - optimum) > before * (1 + 1e-9) + 1e-12
        assert bool(longer) is bool(noise)
        text = page(Session(config).snapshot())["Learning rate"]
        assert said in text
        assert ("lengthens the distance" in text) is (noise == 0)


def test_a_run_near_a_limit_of_rounding_is_told_that_it_gets_worse_before_it_has():
    config = RunConfig(**NOISY, lr=1.0)  # rounding leaves few digits of where it settles
    assert ended(config).mean_loss > 1e20
    assert line(config) == "lr 1 is 97 % of the limit 1.03; schedule halve ends at a mean loss of 0.2501"


def test_a_run_that_converges_is_offered_nothing_worse():
    config = RunConfig(lr=1.05)  # the schedule brings it below the limit in time
    end = ended(config)
    assert end.status is Status.CONVERGED
    assert "What works" not in page(end)
    worse = remedy(config, end.problem, diagnose(config, end.problem, looking_ahead=False).limit)
    assert one_line(
        config, diagnose(config, end.problem), end.lr, offered(end, diagnose(config, end.problem), worse), end.status
    ).endswith("i says more")


def test_a_change_that_ends_no_better_than_the_run_is_not_offered():
    config = RunConfig(batch="full", lr=2.0, schedule="halve", epochs=30, init=(-1, 10, 26))
    end = ended(config)
    found = diagnose(config, end.problem)
    assert needs_remedy(end, found)
    change = remedy(config, end.problem, found.limit).trial
    for ends, is_offered in ((0.5 * change.mean_loss, False), (2 * change.mean_loss, True)):
        cure = offered(replace(end, mean_loss=ends), found, Remedy(None, change))
        assert (cure.trial is not None) is is_offered


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

    def trial_of(given, changed, *_):
        tried.update(name for name in ("lr", "schedule") if getattr(changed, name) != getattr(given, name))

    monkeypatch.setattr(trial, "_try", trial_of)
    snapshot = Session(config).snapshot()
    found = diagnose(config, snapshot.problem, looking_ahead=False)
    cure = Remedy(None, trial.try_changes(config, snapshot.problem, found.limit))
    assert dict(details(snapshot, found, None, cure))["What works"] == said
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


@pytest.mark.parametrize("share", [1 - 1e-2, 1 - 1e-5, 1 - 1e-9, 1 + 1e-9, 1 + 1e-5, 1 + 1e-2])
@pytest.mark.parametrize("scale", np.linspace(0.7, 1.3, 7))
@pytest.mark.parametrize("shuffle", [False, True])
def test_a_rate_is_never_told_on_the_wrong_side_of_the_limit(share, scale, shuffle):
    """Beside each other, the numbers as they are printed are in the order that the words say."""
    config = RunConfig(x_min=-scale, x_max=scale, batch=5 if shuffle else "full", shuffle=shuffle, samples=20, noise=1)
    problem = make_problem(config)
    config = config.replace(lr=share * limit(config, problem).rate)
    found = diagnose(config, problem, looking_ahead=False)
    for said in (
        one_line(config, found, config.lr, width=999),
        one_line(config, found, config.lr, None, Status.DIVERGED),
    ):
        rate, *_, bound = map(float, re.findall(r"\d[\d.]*(?:e[-+]\d+)?", said))
        assert (rate < bound) is (share < 1), said


def test_of_losses_that_are_the_same_the_one_tells_all_of_the_other():
    said = page(ended(RunConfig(true=(0, 0, 0), init=(0, 0, 0))))["Losses"]
    assert said == "The last update's loss is 0; the mean loss of all 800 samples is 0."


@pytest.mark.parametrize(
    ("changes", "epochs"),
    [
        ({"stop_on": "never"}, 25),
        ({"stop_on": "last-update", "batch": "full", "schedule": "constant"}, 277),
        ({"stop_on": "last-update"}, None),  # it ends before
    ],
    ids=str,
)
def test_a_run_that_does_not_stop_by_its_mean_loss_is_not_said_to_converge(changes, epochs):
    config = RunConfig(epochs=300, **changes)
    if epochs is None:
        end = ended(config)
        assert end.epoch < 25
        assert end.mean_loss > config.tol
        assert "epochs" not in line(config)
        return
    assert line(config).partition("; ")[2] == f"mean loss below tol after {epochs} epochs"
    session = Session(config.replace(stop_on="never"))
    for count, below in ((epochs - 1, False), (epochs, True)):
        session.seek(count)
        while session.is_busy:
            session.advance(1e9)
        assert (session.snapshot().mean_loss < config.tol) is below
