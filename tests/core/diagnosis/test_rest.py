"""Where a run comes to rest, against plain loops that go on until nothing moves any more."""

from dataclasses import replace

import numpy as np
import pytest
from diagnoses import at_start, curvature, diagnosed, ended, page_alone
from tables import table
from trials import cases

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.diagnosis.forecast import RunForecast
from quadfit_tui.core.diagnosis.rest import RestReason, find_rest
from quadfit_tui.core.diagnosis.stability import limit
from quadfit_tui.core.diagnosis.wording.advice import advised
from quadfit_tui.core.export.run_speech import outcome
from quadfit_tui.core.methods.schedules import SCHEDULES
from quadfit_tui.core.model.task import make_task

pytestmark = pytest.mark.xdist_group("diagnoses")  # each run is diagnosed once, for all of them

ROUNDED = RunConfig(round_epochs=2, lr=0.001, init=(2, -4, 4), batch="full", tol=0.1)


def plain_path(config, most):
    """w, as it is trained, after each of so many epochs, by a plain loop."""
    task = make_task(config)
    x, y = task.trained.x, task.trained.y
    size = len(x) if config.batch == "full" else config.batch
    samples = [*zip(x.tolist(), y.tolist(), strict=True)]
    batches = [samples[low : low + size] for low in range(0, len(x) - size + 1, size)]
    (a, b, c), va, vb, vc = task.start.tolist(), 0.0, 0.0, 0.0
    keep = config.momentum if config.optimizer == "momentum" else 0.0
    for epoch in range(most):
        rate = SCHEDULES[config.schedule].rate(config, epoch) * (2 if config.gradient == "full" else 1)
        for batch in batches:
            by_a = by_b = by_c = 0.0
            for at, truth in batch:
                residual = (a * at + b) * at + c - truth
                by_a, by_b, by_c = by_a + residual * at * at, by_b + residual * at, by_c + residual
            part = rate / size
            va, vb, vc = keep * va - part * by_a, keep * vb - part * by_b, keep * vc - part * by_c
            a, b, c = a + va, b + vb, c + vc
        yield a, b, c


def plain_rest(config, most=4000):
    """w after so many epochs: by then no rate of the cases moves it."""
    *_, w = plain_path(config, most)
    return make_task(config).to_x(np.array(w))


def dying_case(seed):
    rng = np.random.default_rng(seed)
    samples = int(rng.integers(3, 13))
    return RunConfig(
        samples=samples,
        noise=rng.uniform(0.1, 3),
        seed=seed,
        batch=(1, "full", int(rng.integers(1, samples + 1)))[seed % 3],
        optimizer=("sgd", "momentum")[seed // 3 % 2],
        momentum=0.5,
        gradient=("half", "full")[seed // 2 % 2],
        scale_features=seed % 5 == 0,
        lr=10 ** rng.uniform(-4, -1.3),
        schedule=("halve", "exponential")[seed // 6 % 2],
        decay_every=int(rng.integers(1, 20)),
        decay_rate=0.4,
        init=rng.normal(0, 50, 3),
    )


@pytest.mark.parametrize("seed", cases(range(24)))
def test_cosine_end_matches_plain_loop(seed):
    config = dying_case(seed).replace(schedule="cosine", epochs=1 + 13 * seed)
    found, w, problem = find_rest(make_task(config)), plain_rest(config, config.epochs), make_task(config).problem
    assert found.why is RestReason.ENDS
    assert found.w.tolist() == pytest.approx(w.tolist(), rel=1e-9, abs=1e-9)
    assert found.mean_loss == pytest.approx(float(np.mean((np.polyval(w, problem.x) - problem.y) ** 2)), rel=1e-6)


def test_page_of_rate_reaching_zero():
    config = PRESETS["full-batch"].replace(schedule="cosine")
    for snapshot in (at_start(config), ended(config)):
        told, left = page_alone(snapshot), ended(config).mean_loss
        assert told["Where it settles"] == (
            "Schedule cosine lowers the rate to 0 by the end of the run, which leaves w far from the optimum, at a "
            f"mean loss of {left:.4g}; the best possible is 0."
        )
        assert "mean loss will be" not in told.get("Epochs", "")
    assert not diagnosed(config).rests_at(left)  # a longer run has higher rates


def test_last_words_mention_rest_once_reached():
    config = RunConfig(x_min=0, x_max=2, samples=8, lr=0.02, batch="full", decay_every=5)
    for epochs, rests in ((20, False), (1000, True)):
        end = ended(config.replace(epochs=epochs))
        said = f" The run settles at a mean loss of {end.mean_loss:.2g}; the best is 0."
        assert (said in advised(end)) is rests
        lines = outcome(end, advises=True)
        assert any(heard.startswith("The run settles at a mean loss of ") for heard in lines) is rests


def test_last_words_use_loss_at_rest():
    config = RunConfig(true=(0, 0, 0), samples=1, seed=279, lr=9.8e-05, schedule="exponential", decay_every=1, epochs=1)
    rest = find_rest(make_task(config)).mean_loss
    assert f"{rest:.2g}" != f"{ended(config).mean_loss:.2g}"
    assert f"The run settles at a mean loss of {rest:.2g}; the best is 0." in advised(ended(config))


def test_vanishing_pace_approaches_nothing():
    """Of an epoch that takes 1e-22 off the distance w is not said to approach anything."""
    config = RunConfig(samples=39, x_min=-576, x_max=-572.35, noise=0.05, batch="full", schedule="constant", lr=1e-12)
    assert diagnosed(config).limit.rate > config.lr
    assert "approaches" not in page_alone(at_start(config))["Learning rate"]


def nearing_case(seed):
    """A run of a rate that goes down like 1/n."""
    config = dying_case(seed).replace(schedule="inverse-time", lr=1e-3, samples=12, batch=(1, "full", 4)[seed % 3])
    bound = limit(make_task(config)).rate
    return config.replace(lr=bound * (0.02, 0.8)[seed % 2], decay_every=1, decay_rate=(1.0, 0.2)[seed % 2])


@pytest.mark.parametrize("seed", cases(range(16)))
def test_inverse_time_pace_matches_plain_loop(seed):
    config = nearing_case(seed)
    found, task = find_rest(make_task(config)), make_task(config)
    best = np.polyfit(task.trained.x, task.trained.y, 2)
    assert found.why is RestReason.NEARS
    assert found.w.tolist() == pytest.approx(task.to_x(best).tolist(), rel=1e-8)
    path = np.array([*plain_path(config, 3000)]) - best
    before, after = np.linalg.norm(path[[299, 2999]], axis=1)
    flattest = np.linalg.eigh(curvature(task.trained.x))[1][:, 0]
    if found.power < 0.75:
        before, after = np.abs(path[[299, 2999]] @ flattest)
        assert before / after == pytest.approx(10**found.power, rel=0.02)
    else:
        assert after < max(before / 5, 1e-9)


def test_page_of_inverse_time_schedule():
    fast = RunConfig(samples=20, noise=1.0, schedule="inverse-time", lr=0.1, tol=1e-9)
    best = make_task(fast).problem
    assert page_alone(at_start(fast))["Where it settles"] == (
        "Schedule inverse-time lowers the rate so slowly that in the end w comes to the optimum."
    )
    slow = fast.replace(batch="full", decay_every=1, decay_rate=1.0)
    power = 0.1 * float(np.linalg.eigvalsh(curvature(best.x))[0])
    assert page_alone(at_start(slow))["Where it settles"] == (
        "With schedule inverse-time, w nears the optimum ever more slowly: in the long run, 10 times as many epochs "
        f"divide its distance in the flattest direction by about {10**power:.4g}."
    )
    heavy = slow.replace(optimizer="momentum", momentum=0.5)  # each gradient moves w by twice as much in the end
    assert f"by about {10 ** (2 * power):.4g}." in page_alone(at_start(heavy))["Where it settles"]


@pytest.mark.parametrize("seed", cases(range(48)))
def test_dying_rate_rest_matches_plain_loop(seed):
    config = dying_case(seed)
    found, w = find_rest(make_task(config)), plain_rest(config, 1200)
    problem = make_task(config).problem
    assert found is not None
    assert found.why is RestReason.DIES
    assert found.w.tolist() == pytest.approx(w.tolist(), rel=1e-9, abs=1e-9)
    assert found.mean_loss == pytest.approx(float(np.mean((np.polyval(w, problem.x) - problem.y) ** 2)), rel=1e-6)


def test_remaining_velocity_runs_out():
    config = RunConfig(samples=5, noise=1.0, batch="full", optimizer="momentum", momentum=0.95, lr=0.1, decay_every=1)
    assert find_rest(make_task(config)).w.tolist() == pytest.approx(plain_rest(config, 1200).tolist(), rel=1e-9)


def test_rest_after_return_from_far():
    """What is left of 1e13 is 1e4: beside the one that epochs take off, the other would be lost to rounding."""
    config = RunConfig(samples=8, x_min=-1.424859634576568, noise=0.5, lr=1.5829906905951414, decay_every=10)
    config = config.replace(init=(-1, 10, 26))
    assert find_rest(make_task(config)).w.tolist() == pytest.approx(plain_rest(config).tolist(), rel=1e-6)
    assert find_rest(make_task(config.replace(decay_every=50))) is None  # of 1e65 as much is left as rounding may leave


def test_dying_rate_does_not_approach_optimum():
    config = PRESETS["full-batch"]
    w, problem = plain_rest(config, 1200), make_task(config).problem
    left = float(np.mean((np.polyval(w, problem.x) - problem.y) ** 2))
    said = (
        "However long the run goes on, schedule halve lowers the rate so fast that w comes to rest far from the "
        f"optimum, at a mean loss of {left:.4g}; the best possible is 0."
    )
    for snapshot in (at_start(config), ended(config)):
        told = page_alone(snapshot)
        assert told["Where it settles"] == said
        assert "approaches" not in told["Learning rate"]
        assert "not predicted" not in told.get("Epochs", "")


def test_end_before_rate_dies_names_both():
    config = PRESETS["full-batch"].replace(epochs=1)
    left = float(find_rest(make_task(config)).mean_loss)
    told = page_alone(at_start(config))
    assert f"a mean loss of {left:.4g}" in told["Where it settles"]
    assert f"the mean loss will be {ended(config).mean_loss:.4g}" in told["Epochs"]


def test_convergence_before_rate_dies():
    config = PRESETS["full-batch"].replace(decay_every=500, epochs=1000)
    assert diagnosed(config).converges
    assert "Where it settles" not in page_alone(at_start(config))


def test_rounded_w_rests_without_pace():
    assert plain_rest(ROUNDED.replace(round_epochs=None), 1).round(2).tolist() == [2, -4, 4]
    found = find_rest(make_task(ROUNDED))
    assert (found.w.tolist(), found.why) == ([2, -4, 4], RestReason.ROUNDED)
    told = page_alone(at_start(ROUNDED))
    assert "multipl" not in told.get("Epochs", "")
    assert "approaches" not in told["Learning rate"]
    assert told["Where it settles"].startswith("Because w is rounded to 2 decimals after each epoch, it comes to rest ")
    assert told["Where it settles"].endswith(" at a mean loss of 1; the best possible is 0.")


@table(
    "changes",
    [
        {"optimizer": "adam"},
        {"shuffle": True},
        {"schedule": "inverse-time", "lr": 3.0},  # it may leave the doubles before
        {"schedule": "inverse-time", "shuffle": True},  # an epoch may bring w anywhere
        # w is rounded to what it was before it gets there
        {"schedule": "inverse-time", "lr": 0.02, "batch": "full", "noise": 0.0, "decay_every": 1, "tol": 1e-9},
        {"schedule": "inverse-time", "samples": 2},  # what the data leave open stays as it began
        {"schedule": "inverse-time", "samples": 1, "scale_features": True},
        {"schedule": "inverse-time", "lr": 1e-6, "batch": "full", "true": (0, 0, 0), "noise": 0.0},  # it hardly moves
        {"schedule": "inverse-time", "batch": 3},  # two samples are in no batch
        {"schedule": "cosine", "epochs": 10**6},  # too many rates
        {"lr": 1e6, "decay_every": 100},  # it leaves the doubles before
        {"noise": 0.0, "lr": 0.5, "decay_every": 100},  # it comes so close to the optimum that the rest is rounding
        {"round_epochs": 2, "batch": 3},  # less of two updates may come to more
    ],
    ids=str,
)
def test_unknown_rest_is_none(changes):
    assert find_rest(make_task(RunConfig(samples=20, noise=1.0, lr=0.1).replace(**changes))) is None


def test_page_after_rate_reached_zero():
    end = ended(RunConfig(decay_every=1, epochs=2000, stop_on="never"))
    assert end.lr == 0
    assert page_alone(end)["Epochs"] == "The rate has come down to 0: no gradient moves w any more."


@pytest.mark.parametrize("epochs", [9, 60, 300])
def test_cosine_with_rounding_matches_plain_loop(epochs):
    """Of a longer run the rates would be others, and so would the w that rounding keeps."""
    config = RunConfig(samples=57, x_min=-0.19, x_max=3.67, seed=478, init=(-1, 10, 26), lr=0.0276, schedule="cosine")
    config = config.replace(batch="full", epochs=epochs, round_epochs=3, stop_on="never")
    path = [config.init]
    x, y = (values.tolist() for values in (make_task(config).trained.x, make_task(config).trained.y))
    for epoch in range(epochs):
        (a, b, c), rate = path[-1], SCHEDULES["cosine"].rate(config, epoch) / len(x)
        residuals = [(a * at + b) * at + c - truth for at, truth in zip(x, y, strict=True)]
        moves = [sum(r * at**power for r, at in zip(residuals, x, strict=True)) for power in (2, 1, 0)]
        path.append(tuple(round(value - rate * move, 3) for value, move in zip((a, b, c), moves, strict=True)))
    told = find_rest(make_task(config))
    if path[-1] == path[-2]:
        assert told.w.tolist() == pytest.approx(path[-1], abs=1e-9)
    assert told is None or told.w.tolist() == pytest.approx(path[-1], abs=1e-9)


def test_far_start_rounding_is_not_loss():
    """A parabola goes through any two samples; what is left of a start at 47,200 are its last digits."""
    config = RunConfig(true=(0, 0, 0), samples=2, x_min=1990, x_max=2024, init=(47200, -46.6, 1), lr=4.7e-14)
    found = find_rest(make_task(config.replace(schedule="constant", epochs=167)))
    assert (found.why, found.mean_loss) == (RestReason.SETTLES, 0)


def test_possible_early_stop_hides_rest():
    known = diagnosed(RunConfig(samples=40, noise=0.5, schedule="cosine", epochs=300, init=(-1, 10, 26)))
    assert known.stalls is not None
    nothing = RunForecast()  # as where it takes too long
    assert replace(known, forecast=nothing).stalls is None
    never = replace(known.task, config=known.task.config.replace(stop_on="never"))
    assert replace(known, forecast=nothing, task=never).stalls is not None
