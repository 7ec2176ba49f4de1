"""What is said of a rate beside its limit, and what is advised: true of the run."""

import re

import numpy as np
import pytest
from diagnoses import NOISY, at_start, beside_limit, curvature, diagnosed, ended, first_page, mended
from trials import AT_LENGTH

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.diagnosis.diagnose import diagnose, needs_remedy, offered
from quadfit_tui.core.diagnosis.stability import limit
from quadfit_tui.core.diagnosis.wording.advice import advised
from quadfit_tui.core.diagnosis.wording.rate_comparison import compare_ended_rate, compare_rate, in_few_columns
from quadfit_tui.core.model.problem import make_dataset
from quadfit_tui.core.model.task import FitTask, make_task
from quadfit_tui.core.session.session import RunSession
from quadfit_tui.core.session.verdict import heading
from quadfit_tui.core.training.status import Status

pytestmark = pytest.mark.xdist_group("diagnoses")  # each run is diagnosed once, for all of them


@pytest.mark.parametrize(
    ("config", "said"),
    [
        (PRESETS["article"], "lr 0.5 is 49 % of the limit 1.03"),
        (PRESETS["momentum"], "lr 1 is 33 % of the limit 3.03"),
        (PRESETS["too-fast"], "lr 1.2 is above the limit 1.03"),
        (PRESETS["noisy"], "lr 0.5 is safe: below 0.666 it cannot diverge"),
        (PRESETS["noisy"].replace(lr=0.7, tol=1.0), "lr 0.7 is above the safe rate 0.666"),
        (
            PRESETS["noisy"].replace(lr=0.7, schedule="constant"),
            "lr 0.7 may diverge; it is only safe below 0.666",
        ),
        (PRESETS["full-batch"].replace(lr=1.784), "lr 1.784 is just below the limit 1.7846"),
        (PRESETS["article"].replace(lr=1.031), "lr 1.031 is close to the limit 1.03"),  # it happens to converge
        (PRESETS["adam"], "adam rescales each gradient, so the learning rate has no fixed limit"),
        (
            RunConfig(optimizer="momentum", shuffle=True),
            "momentum: no learning-rate limit is known for this kind of run",
        ),
        (RunConfig(samples=5, batch=4, noise=3, schedule="constant"), "lr 0.5 is 35 % of the limit 1.44"),
    ],
)
def test_rate_beside_its_limit(config, said):
    assert beside_limit(config) == said


def test_rate_of_a_schedule_beside_its_limit():
    assert beside_limit(PRESETS["too-fast"], 0.6) == "lr 0.6 is 58 % of the limit 1.03"
    assert beside_limit(PRESETS["article"], 0.25) == "lr 0.25 is 24 % of the limit 1.03"
    used_up = "lr 0.5 at the start is 49 % of the limit 1.03; schedule halve has used it up: it is now 4.768e-07"
    assert beside_limit(PRESETS["article"], 0.5 * 2**-20) == used_up
    brief = in_few_columns(diagnosed(PRESETS["article"]), 0.5 * 2**-20)
    assert brief == ["schedule halve has used up lr 0.5"] or brief == ["halve has used up lr 0.5"]


def test_rate_of_diverged_run():
    config = PRESETS["too-fast"]
    end = ended(config)
    assert end.status is Status.DIVERGED
    assert compare_ended_rate(diagnosed(config), end.lr) == ["lr 1.2 is above the limit 1.03"]
    shuffled = ended(RunConfig(lr=2.0, shuffle=True))
    assert compare_ended_rate(diagnosed(shuffled.config), shuffled.lr)[-1] == "lr 2 is above the safe rate 0.666"


def test_lowered_rate_is_not_blamed():
    # It grows at the first rate, and overflows at a lower one that would be good from a nearer start.
    config = RunConfig(samples=20, lr=2.5, decay_every=300, epochs=301, batch="full", stop_on="never")
    problem = make_dataset(config)
    largest = np.linalg.eigvalsh(curvature(problem.x))[-1]
    assert compare_ended_rate(diagnosed(config), 1.25) == [f"lr 2.5 at the start is above the limit {2 / largest:.3g}"]


@pytest.mark.parametrize(
    "changes",
    [
        {"lr": 1.2},
        {"lr": 2.5, "batch": 16},
        {"lr": 2.0, "shuffle": True},
        {"lr": 9.0, "batch": "full", "optimizer": "momentum", "schedule": "constant", "epochs": 400},
        {"lr": 1.1},  # gets worse, and ends within the doubles
    ],
    ids=str,
)
def test_advised_rate_ends_as_predicted(changes):
    config = RunConfig(**changes)
    words = advised(ended(config))
    assert len(words.splitlines()) == 1
    rate, epochs = re.search(r"\. Try --lr (\S+): then the run converges after (\d+) epochs?\.$", words).groups()
    end = ended(config.replace(lr=float(rate)))
    assert (end.status, end.epoch) == (Status.CONVERGED, int(epochs))


def test_successful_run_gets_only_verdict():
    assert advised(ended(PRESETS["article"])).endswith("is below tol 1e-05.")
    away = ended(RunConfig(noise=0.5, init=(2, -4, 3), lr=0.1, schedule="constant", epochs=3))
    assert advised(away).endswith("It was lower at the start: 0.2503.")
    assert away.mean_loss < 1.5 * away.task.loss_at_start
    assert diagnosed(away.config).forecast.gets_worse


def test_rate_with_scaled_features():
    config = PRESETS["ill-conditioned-scaled"]
    x = make_dataset(config).x
    steepest = np.linalg.eigvalsh(curvature((x - x.mean()) / x.std()))[-1]
    assert beside_limit(config) == f"lr 0.7 is {70 * steepest / 2:.2g} % of the limit {2 / steepest:.3g}"
    assert diagnosed(config).epochs == ended(config).epoch


def test_worsening_near_rounding_limit():
    config = RunConfig(**NOISY, lr=1.0)  # rounding leaves few digits of where it settles
    assert ended(config).mean_loss > 1e20
    assert beside_limit(config) == "lr 1 is 97 % of the limit 1.03"
    assert diagnosed(config).forecast.gets_worse
    assert mended(config).trials[0].changed == ("schedule",)


THREE = RunConfig(samples=3, x_min=-1.7, x_max=0.9, init=(-1, 10, 26), schedule="constant", epochs=5000)
HEAVY = RunConfig(samples=24, optimizer="momentum", momentum=0.817, schedule="constant", epochs=5000)


def epochs_of_a_plain_loop(config):
    """After how many epochs the mean loss is below tol, one sample after the other; None where w leaves for good."""
    x = np.linspace(config.x_min, config.x_max, config.samples, endpoint=False)
    y = 2 * x * x - 4 * x + 3
    samples = [*zip(x.tolist(), y.tolist(), strict=True)]
    (a, b, c), va, vb, vc = map(float, config.init), 0.0, 0.0, 0.0
    keep = config.momentum if config.optimizer == "momentum" else 0.0
    for epoch in range(1, config.epochs + 1):
        for at, truth in samples:
            move = config.lr * ((a * at + b) * at + c - truth)
            va, vb, vc = keep * va - move * at * at, keep * vb - move * at, keep * vc - move
            a, b, c = a + va, b + vb, c + vc
        if max(map(abs, (a, b, c))) > 1e12:
            return None
        if sum(((a * at + b) * at + c - truth) ** 2 for at, truth in samples) / len(samples) < config.tol:
            return epoch
    return None


@pytest.mark.parametrize(
    ("config", "rates"),
    [(THREE, (0.2, 0.25, 0.571, 0.7)), (HEAVY, (0.1, 0.12, 0.15, 0.19, 0.25, 0.5))],
    ids=["plain descent", "momentum"],
)
def test_window_borders_match_plain_loop(config, rates):
    """It may stop converging as the rate grows, converge again, and so on: a plain loop tells."""
    first = limit(make_task(config)).rate
    for rate in rates if AT_LENGTH else rates[:3]:
        trained = config.replace(lr=rate)
        epochs, told, said = epochs_of_a_plain_loop(trained), beside_limit(trained), first_page(at_start(trained))
        if rate < first:
            assert epochs is not None
            assert f" % of the limit {first:.3g}" in told
        elif epochs is None:
            assert f"lr {rate} is above the limit {first:.3g}" in told
            assert needs_remedy(at_start(trained), diagnosed(trained))
        else:
            low, high = map(float, re.search(r"but stable: between (\S+) and (\S+) w settles again$", told).groups())
            assert first < low < rate < high
            assert diagnosed(trained).epochs == epochs
            assert not any(epochs_of_a_plain_loop(config.replace(lr=edge)) for edge in (0.98 * low, 1.02 * high))
            assert said["Learning rate"].startswith(
                f"Learning rate {rate} is above the first limit {first:.3g}, but stable: between {low} and {high} w "
                "settles again. Below the first limit, w eventually approaches the optimum; just above it, updates "
                "overshoot"
            )
            assert not diagnosed(trained).too_high(rate)
            assert not needs_remedy(at_start(trained), diagnosed(trained))


def test_schedule_leaving_a_window():
    config = THREE.replace(lr=0.571, schedule="exponential", decay_every=10)
    first = limit(make_task(config)).rate
    assert beside_limit(config, 0.571).startswith("lr 0.571 is above the first limit 0.21, but stable: ")
    assert beside_limit(config, 0.3) == "lr 0.3 is above the first limit 0.21"
    below = next(epoch for epoch in range(200) if 0.571 * config.decay_rate ** (epoch / 10) < first)
    assert (
        f"starts at 0.571 and only falls below the first limit from epoch {below} on."
        in (first_page(at_start(config))["Learning rate"])
    )


def test_scheduled_rate_within_stable_window():
    config = RunConfig(samples=53, x_min=-0.073, x_max=0.474, seed=92, optimizer="momentum", momentum=0.5, batch=11)
    config = config.replace(lr=4.94, schedule="cosine", epochs=2)
    assert diagnosed(config).window is None
    assert shrinks(config, 2.47)
    assert not shrinks(config, 1.8)
    assert beside_limit(config, 2.47) == "lr 2.47 is above 1.77, below which w settles"
    assert beside_limit(config, 4.94) == "lr 4.94 is above the limit 1.77"


def test_rate_at_the_limit_wording():
    config = RunConfig(samples=1, x_min=-329, x_max=-327.78, lr=2, schedule="constant", batch="full")
    assert compare_ended_rate(diagnosed(config.replace(scale_features=True)), 2.0)[0] == "lr 2 is at the limit 2"


def shrinks(config, rate):
    """Whether a thousand epochs at a constant rate leave less of a distance, by training."""
    config = config.replace(lr=rate, schedule="constant", epochs=20_000, stop_on="never")
    end = ended(config)
    return np.abs(end.w - end.problem.optimum).max() < 1e-3


@pytest.mark.parametrize("share", [1 - 1e-2, 1 - 1e-5, 1 - 1e-9, 1 + 1e-9, 1 + 1e-5, 1 + 1e-2])
@pytest.mark.parametrize("shuffle", [False, True])
def test_printed_rate_and_limit_keep_order(share, shuffle):
    """Beside each other, the numbers as they are printed are in the order that the words say."""
    for scale in (0.7, 0.9, 1.3):
        config = RunConfig(
            x_min=-scale, x_max=scale, batch=5 if shuffle else "full", shuffle=shuffle, samples=20, noise=1
        )
        problem = make_dataset(config)
        config = config.replace(lr=share * limit(FitTask(config, problem)).rate)
        found = diagnose(FitTask(config, problem), looking_ahead=False)
        for said in (compare_rate(found, config.lr)[0], compare_ended_rate(found, config.lr)[0]):
            rate, bound, *_ = map(float, re.findall(r"\d[\d.]*(?:e[-+]\d+)?", re.sub(r"\S+ %", "", said)))
            assert (rate < bound) is (share < 1), said


@pytest.mark.parametrize(
    ("changes", "epochs"),
    [
        ({"stop_on": "never"}, 25),
        ({"stop_on": "last-update", "batch": "full", "schedule": "constant"}, 277),
        ({"stop_on": "last-update"}, None),  # it ends before
    ],
    ids=str,
)
def test_epochs_until_below_tol_by_any_rule(changes, epochs):
    config = RunConfig(epochs=300, **changes)
    if epochs is None:
        end = ended(config)
        assert end.epoch < 25
        assert end.mean_loss > config.tol
        assert diagnosed(config).forecast.premature_stop[0] == end.epoch
        return
    assert diagnosed(config).epochs == epochs
    session = RunSession(config.replace(stop_on="never"))
    for count, below in ((epochs - 1, False), (epochs, True)):
        session.seek(count)
        while session.is_busy:
            session.advance(1e9)
        assert (session.snapshot().mean_loss < config.tol) is below


def at_epochs(config, epochs):
    session = RunSession(config, speed=None)
    session.jump(epochs)
    session.advance(10.0)
    return session.snapshot()


def test_heading_and_remedy_while_diverging():
    config = PRESETS["playground"].replace(lr=1.0, epochs=60)
    found = diagnosed(config)
    for epochs in (1, 10, 60):
        snapshot = at_epochs(config, epochs)
        assert heading(snapshot, found.limit_at(snapshot.lr)) == ("DIVERGED" if epochs == 60 else "DIVERGING")
        (best, *_) = offered(snapshot, found, mended(config)).trials
        assert (best.config.lr, best.epochs) == (0.46, 42)
    assert ended(config.replace(lr=0.46)).epoch == 42


@pytest.mark.parametrize(
    ("config", "epochs"),
    [
        (PRESETS["playground"].replace(lr=0.5), 3),  # below the limit
        (PRESETS["playground"].replace(lr=1.0, schedule="halve"), 40),  # which the rate has come below
        (RunConfig(**NOISY, lr=0.8), 5),
        (PRESETS["noisy"].replace(lr=0.7, schedule="constant", init=(2, -4, 3)), 3),  # where only a safe rate is known
        (THREE.replace(lr=0.571, init=(2, -4, 4)), 1),  # in a window above the first limit
        (PRESETS["adam"], 1),
    ],
)
def test_unknown_divergence_is_not_claimed(config, epochs):
    snapshot = at_epochs(config, epochs)
    assert heading(snapshot, diagnosed(config).limit_at(snapshot.lr)) == "PAUSED"


def test_foreseen_shuffled_divergence_is_shown():
    config = PRESETS["article-minibatch"].replace(lr=5.0, schedule="constant", epochs=40)
    assert diagnosed(config).forecast.diverges
    snapshot = at_epochs(config, 2)
    assert heading(snapshot, diagnosed(config).limit_at(5.0)) == "DIVERGING"
