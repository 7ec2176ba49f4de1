"""The diagnosis in full: each sentence is true of the run."""

import re

import numpy as np
import pytest
from diagnoses import NOISY, at_start, curvature, diagnosed, ended, first_page, page, page_alone

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.diagnosis.wording.advice import advised
from quadfit_tui.core.session.playback import Unit
from quadfit_tui.core.session.session import RunSession
from quadfit_tui.core.text.numbers import format_count
from quadfit_tui.core.training.status import Status

pytestmark = pytest.mark.xdist_group("diagnoses")  # each run is diagnosed once, for all of them


def test_the_page_of_a_diverged_run():
    said = page(ended(PRESETS["too-fast"]))
    assert said["The run"].startswith("Diverged in epoch 6")
    assert said["The run"].endswith("The mean loss first increased at update 2 of epoch 0, from 4.96e+06 to 7.481e+07.")
    assert said["What works"] == (
        "Tested: with lr 0.92 and everything else unchanged, the run converges after 25 epochs."
    )
    assert said["Learning rate"].startswith(
        "Learning rate 1.2 is above the limit 1.03. "
        "The schedule starts at 1.2 and only falls below the limit from epoch 9 on."
    )
    assert "While the rate is just above the limit, updates overshoot" in said["Learning rate"]
    assert "Losses" not in said


def test_page_of_prematurely_stopped_run():
    said = page_alone(ended(PRESETS["article-as-printed"]))
    assert "However, the mean loss of all 800 samples, 3.86e+05, is not" in said["The run"]
    assert said["Losses"] == (
        "The last update's loss is 0, rounded to 2 decimals; the mean loss of all 800 samples is 3.86e+05. "
        "Stopping when the former falls below tol 1e-05 is too early; stop on = dataset checks the latter."
    )
    assert "Epochs" not in said  # it has ended


def printed(**changes):
    """After how many epochs the article's rule stops its run, and the mean loss then: by a plain loop."""
    config = PRESETS["article-as-printed"].replace(**changes)
    x = np.linspace(-1, 1, config.samples, endpoint=False)
    y, w, rate = 2 * x * x - 4 * x + 3, np.array([float(value) for value in config.init]), config.lr
    for epoch in range(config.epochs):
        rate = config.lr / 2 ** ((epoch + 1) // config.decay_every)
        for at, truth in zip(x, y, strict=True):
            row = np.array([at * at, at, 1.0])
            residual = row @ w - truth
            w = w - rate * residual * row
        w = np.round(w, config.round_epochs)
        if round(residual**2, config.round_epochs) < config.tol:
            return epoch + 1, float(np.mean((np.polyval(w, x) - y) ** 2))
    return None


@pytest.mark.parametrize("changes", [{}, {"init": (-1, 10, 26)}, {"lr": 0.1}, {"samples": 50, "lr": 0.3}], ids=str)
def test_premature_stop_is_predicted(changes):
    config = PRESETS["article-as-printed"].replace(**changes)
    epochs, mean_loss = printed(**changes)
    said, told = page_alone(at_start(config)), f"stops after {format_count(epochs, 'epoch')}"
    if mean_loss < config.tol:
        assert told not in said.get("The run", "")
        return
    assert f"the run {told}, because the loss of the last update is then below tol 1e-05." in said["The run"]
    assert f"the mean loss is then {mean_loss:.4g};" in said["The run"]
    assert "Epochs" not in said  # whether it would come below tol is no longer a question


def test_losses_of_a_single_update():
    session = RunSession(RunConfig())
    session.seek(0, 3)
    session.advance(1e9)
    snapshot = session.snapshot()
    w, (x, y) = snapshot.w, (snapshot.problem.x, snapshot.problem.y)
    mean = float(np.mean((w[0] * x * x + w[1] * x + w[2] - y) ** 2))
    assert first_page(snapshot)["Losses"] == (
        f"The last update's loss is {snapshot.loss:.4g}; the mean loss of all 800 samples is {mean:.4g}, "
        f"{mean / snapshot.loss:.4g} times as large."
    )


def test_epochs_with_and_without_schedule():
    config = RunConfig(batch="full", schedule="exponential", decay_every=1000, epochs=300)
    snapshot = at_start(config)
    said = page_alone(snapshot)["Epochs"]
    with_it, constant = (int(re.search(before + r" (\d+) epochs", said)[1]) for before in ("after", "it would take"))
    assert ended(snapshot.config.replace(epochs=10**5)).epoch == with_it
    assert ended(snapshot.config.replace(epochs=10**5, schedule="constant")).epoch == constant == 277
    assert f"after {with_it} epochs with schedule exponential (the run has 300)." in said
    left = 1 - 0.5 * float(np.linalg.eigvalsh(curvature(snapshot.problem.x))[0])
    assert (
        f"an epoch at a constant learning rate of 0.5 would multiply the distance to the optimum by {left:.4g}." in said
    )


def test_unreachable_tol_is_explained():
    snapshot = at_start(PRESETS["noisy"])
    x, y = snapshot.problem.x, snapshot.problem.y
    least = float(np.mean((np.polyval(np.polyfit(x, y, 2), x) - y) ** 2))
    assert page_alone(snapshot)["Epochs"] == (
        f"The mean loss cannot fall below tol 1e-05: even at the optimum it is {least:.4g}. "
        f"At the end, after 100 epochs, the mean loss will be {ended(PRESETS['noisy']).mean_loss:.4g}."
    )
    assert page_alone(snapshot)["Condition"].startswith(
        "The condition number is 14.13: the mean loss curves that many times more"
    )
    assert "2 / (1 × 1.121)" in first_page(at_start(PRESETS["full-batch"]))["Learning rate"]


@pytest.mark.parametrize("name", ["ill-conditioned", "ill-conditioned-scaled"])
def test_condition_number_before_and_after_scaling(name):
    snapshot = at_start(PRESETS[name])
    x = snapshot.problem.x
    before, after = (np.linalg.cond(curvature(values)) for values in (x, (x - x.mean()) / x.std()))
    said = first_page(snapshot)["Condition"]
    numbers = [float(found) for found in re.findall(r"\d[\d.]*(?:e[-+]\d+)?", said.replace(". ", " ").rstrip("."))]
    if name == "ill-conditioned-scaled":
        assert "without scaling" in said
        before, after = after, before
    else:
        assert "with scale features = yes it would be" in said
    assert numbers == pytest.approx([before, after], rel=1e-3)


def test_crawling_is_explained_once_known():
    crawling = at_start(PRESETS["ill-conditioned"])
    assert page_alone(crawling)["Condition"].endswith("so w only crawls along it.")
    assert "crawls" not in first_page(crawling)["Condition"]
    for other in (PRESETS["article"], PRESETS["ill-conditioned"].replace(optimizer="adam")):
        assert "crawls" not in page_alone(at_start(other))["Condition"]


def test_nothing_crawls_where_an_epoch_is_enough():
    """The optimum is a step away along the steepest direction: few epochs, whatever the condition number."""
    config = RunConfig(x_min=9, x_max=11, samples=50, batch="full", schedule="constant", tol=1e-3)
    x = at_start(config).problem.x
    values, vectors = np.linalg.eigh(curvature(x))
    start = np.array([2.0, -4.0, 3.0]) + vectors[:, -1]
    config = config.replace(init=tuple(start.tolist()), lr=1 / float(values[-1]))
    for snapshot in (at_start(config), ended(config)):
        assert ended(config).epoch == 1
        assert "crawls" not in page_alone(snapshot)["Condition"]
    assert "crawls" in page_alone(at_start(config.replace(init=(2, -4, 4))))["Condition"]


def test_useless_scaling_is_not_mentioned():
    """Of x with mean 0 and deviation 1 there is nothing to scale; of two different x nothing is determined."""
    edge = 3**0.5
    for config in (PRESETS["article"], RunConfig(x_min=-edge, x_max=edge, lr=0.1)):
        assert "scal" not in first_page(at_start(config))["Condition"]
    for scaled in (False, True):
        said = first_page(at_start(RunConfig(samples=2, lr=0.1, scale_features=scaled)))["Condition"]
        assert said == "The data do not determine w: many choices of w fit equally well."


def test_unpredicted_run_may_converge():
    config = RunConfig(scale_features=True, lr=0.26)
    assert ended(config).status is Status.CONVERGED  # near the limit, where rounding has too much of a say
    said = page_alone(at_start(config))["Epochs"]
    assert "It is not predicted whether, or when, this run reaches a mean loss below tol 1e-05." in said
    assert "cannot fall" not in said


def test_ended_run_has_no_prediction():
    """Whatever it came to; what it would have come to at another rate is told where it went wrong."""
    for config in (PRESETS["article"], PRESETS["full-batch"], PRESETS["too-fast"], RunConfig(**NOISY, lr=0.1)):
        end = ended(config)
        said = page_alone(end).get("Epochs", "")
        assert not re.search("redict|will be|would be|needs", said)


def test_settling_far_away_suggests_remedy():
    config = RunConfig(**NOISY, lr=0.8)
    snapshot = at_start(config)
    reached, least = ended(config).mean_loss, snapshot.problem.mean_loss(snapshot.problem.optimum)
    assert reached > 1e5
    for said in (page(snapshot), page(ended(config))):
        assert said["Where it settles"].startswith(
            f"At the ends of epochs, w settles far from the optimum, at a mean loss of {reached:.4g}; "
            f"the best possible is {least:.4g}."
        )
        mended = ended(config.replace(schedule="halve")).mean_loss
        assert mended < 1.01 * least
        assert said["What works"] == (
            "Tested: with schedule halve and everything else unchanged, "
            f"the mean loss after 200 epochs is {mended:.4g}; "
            f"the best possible is {least:.4g}."
        )
        assert "w eventually approaches the place where the run settles" in said["Learning rate"]
        assert "the distance to the place where w settles by" in said["Epochs"]
    assert advised(ended(config)).endswith(
        " lr 0.8 is 78 % of the limit 1.03. The run settles at a mean loss of 1.4e+05; the best is 0.25. "
        f"Try --schedule halve: then the run ends at a mean loss of {mended:.4g}."
    )


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"lr": 0.3}, "At the ends of epochs, w settles near the optimum, at a mean loss of 0.2502"),
        ({"lr": 0.3, "batch": "full"}, "At the ends of epochs, w settles at the optimum."),
        ({"lr": 0.3, "batch": 450}, "Samples that are in no batch have no influence on it."),
        ({"lr": 0.3, "noise": 0.0, "samples": 3, "batch": 2}, "Samples that are in no batch have no influence on it."),
        ({"lr": 0.8, "schedule": "halve"}, "lowers the rate so fast that w comes to rest near the optimum"),
        ({"lr": 0.3, "shuffle": True}, "at a constant rate w never comes to rest"),
    ],
    ids=str,
)
def test_settling_place_wording(changes, said):
    assert said in page_alone(at_start(RunConfig(**NOISY | changes)))["Where it settles"]


def test_rounding_decided_end_names_no_place():
    config = RunConfig(**NOISY, lr=1.0)
    before, after = at_start(config), ended(config)
    assert after.mean_loss > 1e20 > before.mean_loss
    for snapshot, said in (
        (before, "At this rate, rounding decides where the run ends. The mean loss will be higher there than at the "),
        (
            after,
            "At this rate, rounding decides where the run ended. The mean loss was higher there than at the start.",
        ),
    ):
        told = page_alone(snapshot)
        assert told["Where it settles"].startswith(said)
        assert "approaches" not in told["Learning rate"]


def test_just_below_rounding_limit_wording():
    config = RunConfig(schedule="constant", lr=1.015)
    end = ended(config)
    assert not diagnosed(config).too_high(config.lr)
    assert end.mean_loss > 100 * config.tol
    for snapshot in (at_start(config), end):
        said = page_alone(snapshot)["Learning rate"]
        assert ". Well below the limit, w eventually approaches the optimum; just above it," in said
        assert said.endswith("Just below it, these errors keep w from coming to rest.")
    assert ended(config.replace(lr=1.0)).status is Status.CONVERGED
    assert ". Below the limit, w eventually" in page_alone(at_start(PRESETS["momentum"]))["Learning rate"]


@pytest.mark.parametrize(
    ("changes", "falls"),
    [
        ({"shuffle": True}, "only falls below the safe rate from epoch 29 on"),
        ({"shuffle": True, "epochs": 20}, "never falls below the safe rate during the run"),
        ({}, "only falls below the limit from epoch 19 on"),
    ],
    ids=str,
)
def test_safe_rate_is_not_called_limit(changes, falls):
    said = first_page(at_start(RunConfig(lr=3.0, batch=16, **changes)))["Learning rate"]
    assert f". The schedule starts at 3 and {falls}. " in said
    assert ("the limit" in said) is ("shuffle" not in changes)


def test_end_before_settling_is_mentioned():
    config = RunConfig(samples=5, batch=4, noise=3, schedule="constant")
    before, after = at_start(config), ended(config)
    assert page_alone(before)["Where it settles"].endswith("The run ends before w gets there.")
    assert page_alone(after)["Where it settles"].endswith("The run ended before w got there.")
    assert f"the mean loss will be {after.mean_loss:.4g}" in page_alone(before)["Epochs"]


def test_future_rise_uses_future_tense():
    session = RunSession(PRESETS["too-fast"])
    for updates, said in (
        (0, "will first increase"),
        (1, "will first increase"),
        (2, "first increased"),
        (3, "first increased"),
    ):
        session.seek(0, updates)
        session.advance(1e9)
        assert f"The mean loss {said} at update 2 of epoch 0, from" in page(session.snapshot())["The run"]


@pytest.mark.parametrize("config", [RunConfig(noise=0.5), PRESETS["noisy"]], ids=["ordered", "shuffled"])
def test_ended_run_omits_constant_rate(config):
    assert "Where it settles" in page_alone(at_start(config))
    after = page_alone(ended(config))
    assert "constant" not in after.get("Where it settles", "")
    assert "each epoch at lr" not in after["Epochs"]


def test_distance_claim_only_without_noise():
    """In a noisy run below the safe rate, updates do lengthen the distance from the optimum; without noise none do."""
    for noise, said in (
        (0.0, "Below it, no update moves w away from the optimum."),
        (0.5, "so w may still move away from the optimum"),
    ):
        config = RunConfig(**NOISY | {"noise": noise, "epochs": 3, "tol": 1e-30}, lr=0.5, shuffle=True)
        session, longer = RunSession(config), 0
        optimum = session.snapshot().problem.optimum
        while not session.status.ended:
            before = np.linalg.norm(session.snapshot().w - optimum)
            session.step(Unit.UPDATE)
            session.advance(1e9)
            longer += np.linalg.norm(session.snapshot().w - optimum) > before * (1 + 1e-9) + 1e-12
        assert bool(longer) is bool(noise)
        text = first_page(at_start(config))["Learning rate"]
        assert said in text
        assert ("no update moves w away from the optimum" in text) is (noise == 0)


def test_equal_losses_have_no_ratio():
    said = first_page(ended(RunConfig(true=(0, 0, 0), init=(0, 0, 0))))["Losses"]
    assert said == "The last update's loss is 0; the mean loss of all 800 samples is 0."


def test_start_at_optimum_does_not_crawl():
    config = RunConfig(true=(0, 0, 0), samples=3, x_min=65, x_max=67, init=(0, 0, 0), lr=4e-8, shuffle=True, tol=0)
    assert "crawls" not in page_alone(at_start(config))["Condition"]
    assert "crawls" in page_alone(at_start(config.replace(init=(1, 1, 1))))["Condition"]


@pytest.mark.parametrize(
    ("config", "words"),
    [
        (PRESETS["playground"], "suits this run"),
        (PRESETS["playground"].replace(lr=0.05, epochs=200), "too short for this learning rate"),
        (PRESETS["article-as-printed"], "stops too early"),
        (RunConfig(optimizer="adagrad"), "says how far an update goes"),
    ],
)
def test_summary_comes_first_without_algebra(config, words):
    for snapshot in (at_start(config), ended(config)):
        heading, said = next(iter(page(snapshot).items()))
        assert heading == "In short"
        assert words in said
        assert not re.search(r"\d|%|λ|\blr\b", said)


@pytest.mark.parametrize("epochs", [12, 500])
def test_summary_of_diverging_run(epochs):
    config = PRESETS["playground"].replace(lr=1.0, epochs=epochs)
    for snapshot in (at_start(config), ended(config)):
        assert "too high" in page(snapshot)["In short"].split(":")[0]
