"""The table of optimizers: each rule against its published form, what it uses, and that it finds the optimum."""

import math
import re
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from optimizer_cases import configs, every_optimizer, gradients, rates
from tables import table
from trials import cases, trials

from quadfit_tui.core.config.parameters import PARAMETERS, USED_BY, RunConfig
from quadfit_tui.core.explain.worked_update import worked_update
from quadfit_tui.core.methods.optimizers import OPTIMIZERS, Optimizer
from quadfit_tui.core.session.session import RunSession
from quadfit_tui.core.training.status import Status

properties = trials(60)


def changes(config, gradients, lr):
    """What the rule adds to a parameter that sees these gradients, one after another."""
    optimizer = OPTIMIZERS[config.optimizer]
    rule = optimizer.rule(config)
    slots = (0.0,) * optimizer.slots
    made = []
    for update, gradient in enumerate(gradients, 1):
        change, slots = rule(gradient, slots, lr, update)
        assert len(slots) == optimizer.slots
        made.append(change)
    return made


# The published rules, written out as sums over everything seen so far: nothing is remembered from update to update.


def published_sgd(config, seen, lr):  # noqa: ARG001  every oracle has one signature
    return -lr * seen[-1]


def published_momentum(config, seen, lr):
    return sum(-lr * g * config.momentum**age for age, g in enumerate(reversed(seen)))


def published_nesterov(config, seen, lr):
    # Sutskever's form takes the gradient at the point looked ahead to, θ + μ·v; that point is what moves here.
    before = published_momentum(config, seen[:-1], lr) if seen[:-1] else 0.0
    now = published_momentum(config, seen, lr)
    return (now - config.momentum * before) + config.momentum * now


def published_adagrad(config, seen, lr):
    return -lr * seen[-1] / (math.sqrt(sum(g**2 for g in seen)) + config.epsilon)


def mean(values, keep):
    return sum((1 - keep) * value * keep**age for age, value in enumerate(reversed(values)))


def published_rmsprop(config, seen, lr):
    return -lr * seen[-1] / (math.sqrt(mean([g**2 for g in seen], config.rho)) + config.epsilon)


def published_adam(config, seen, lr):
    t = len(seen)
    m = mean(seen, config.beta1) / (1 - config.beta1**t)
    v = mean([g**2 for g in seen], config.beta2) / (1 - config.beta2**t)
    return -lr * m / (math.sqrt(v) + config.epsilon)


PUBLISHED = {
    "sgd": published_sgd,
    "momentum": published_momentum,
    "nesterov": published_nesterov,
    "adagrad": published_adagrad,
    "rmsprop": published_rmsprop,
    "adam": published_adam,
}


@every_optimizer
@properties
@given(config=configs, gradients=gradients, lr=rates)
def test_rule_is_the_published_one(name, config, gradients, lr):
    made = changes(config.replace(optimizer=name), gradients, lr)
    scale = lr * max(1.0, *map(abs, gradients))  # what cancels in a sum leaves a rounding error of this size
    for done, change in enumerate(made, 1):
        assert change == pytest.approx(PUBLISHED[name](config, gradients[:done], lr), rel=1e-9, abs=1e-10 * scale)


def test_nesterov_matches_sutskever_lookahead():
    # Sutskever et al. 2013, equations 3 and 4, on a parabola: v ← μ·v − η·f'(θ + μ·v); θ ← θ + v.
    def slope(w):
        return 3 * (w - 2)

    mu, lr = 0.8, 0.1
    theta, v = 5.0, 0.0
    rule, w, slots = OPTIMIZERS["nesterov"].rule(RunConfig(momentum=mu)), 5.0, (0.0,)
    for update in range(1, 50):
        v = mu * v - lr * slope(theta + mu * v)
        theta = theta + v
        change, slots = rule(slope(w), slots, lr, update)
        w += change
        assert w == pytest.approx(theta + mu * v, rel=1e-12)


@every_optimizer
@properties
@given(config=configs, gradient=st.floats(-1e3, 1e3), slot=st.floats(-1e3, 1e3), lr=rates)
def test_affine_optimizer_is_the_same_rule(name, config, gradient, slot, lr):
    optimizer = OPTIMIZERS[name]
    if not optimizer.is_affine:
        doubled = [changes(config.replace(optimizer=name), [scale * 5.0], lr)[0] for scale in (1, 2)]
        assert doubled[1] != pytest.approx(2 * doubled[0])
        return
    keep, carry, push = optimizer.affine(config)
    slots = (slot,) * optimizer.slots
    change, after = optimizer.rule(config)(gradient, slots, lr, 7)
    v = slot if slots else 0.0
    tolerance = 1e-12 * (abs(v) + lr * abs(gradient))
    assert change == pytest.approx(carry * v - push * lr * gradient, abs=tolerance)
    for remembered in after:
        assert remembered == pytest.approx(keep * v - lr * gradient, abs=tolerance)


@pytest.mark.parametrize("batch", [1, 7, "full"])
def test_an_optimizer_is_added_in_one_row(monkeypatch, batch):
    """One that remembers nothing and is no affine map, as none of the table is: w ← w − η·sign(g)."""

    def make(functions):
        return lambda g, _slots, lr, _t: (-lr * g / (functions.sqrt(g * g) + 1e-150), ())

    lines = ("s = g * g", "step = -lr * g / (sqrt(s) + 1e-150)")
    row = Optimizer(make, lines, (), (), False, "Nobody")
    monkeypatch.setitem(OPTIMIZERS, "sign", row)
    config = RunConfig(samples=49, batch=batch, lr=0.125, schedule="constant", stop_on="never", epochs=5, noise=1)
    object.__setattr__(config, "optimizer", "sign")  # the choice of words was made as the table was read
    session = RunSession(config, speed=None)
    session.play()
    while not session.status.ended:
        session.advance(1.0)
    snapshot = session.snapshot()
    changes = (snapshot.w - np.array(config.init)) / 0.125
    assert changes == pytest.approx(np.round(changes), abs=1e-9)  # whole numbers of steps
    assert 0 < np.abs(changes).max() <= snapshot.updates
    text = "\n".join(worked_update(snapshot.record))
    assert re.search(r"^s_a = (\(-.+\)|[^-]+)² = ", text, re.MULTILINE)
    assert re.search(r"^step_a = -0.125 × .+ / \(√.+ \+ 1e-150\) = -?0.125$", text, re.MULTILINE)
    assert "  s = g²\n  w ← w − lr·g / (√s + 1e-150)" in text


# What a row says of itself


@table("name", OPTIMIZERS)
@table("parameter", [row for row, users in USED_BY.items() if users.choice == "optimizer"])
def test_row_parameters_are_those_used(name, parameter):
    config = RunConfig(optimizer=name)
    other = config.replace(**{parameter: getattr(config, parameter) / 2})
    seen = [1e-4, 2.0, -3.0, 0.5]
    differs = changes(config, seen, 0.1) != changes(other, seen, 0.1)
    assert differs == (parameter in OPTIMIZERS[name].parameters)
    assert parameter in PARAMETERS


@table("name", OPTIMIZERS)
def test_row_tells_its_rule_and_its_source(name):
    assert OPTIMIZERS[name].remarked[-1][0].startswith("w ← w ")
    assert re.search(r"\b(19|20)\d\d\b", OPTIMIZERS[name].source)


@every_optimizer
@properties
@given(data=st.data())
def test_no_number_makes_a_rule_raise(name, data):
    share = st.floats(0, 1, exclude_max=True)
    config = RunConfig(
        momentum=data.draw(share),
        rho=data.draw(share),
        beta1=data.draw(share),
        beta2=data.draw(share),
        epsilon=data.draw(st.floats(0, 1, exclude_min=True)),
    )
    rule, slots = OPTIMIZERS[name].rule(config), (0.0,) * OPTIMIZERS[name].slots
    first = data.draw(st.integers(1, 10**15))
    for update, gradient in enumerate(data.draw(st.lists(st.floats(), min_size=1, max_size=5)), first):
        change, slots = rule(gradient, slots, data.draw(st.floats(5e-324, 1e6)), update)
        assert isinstance(change, float)
        assert all(isinstance(slot, float) for slot in slots)


# Many runs at once


def exact(numbers):
    """Numbers as what can be compared to the last bit and by their sign; nan is nan."""
    return [float(number).hex() for number in numbers]


@every_optimizer
@properties
@given(data=st.data())
def test_rule_of_runs_equals_single_rule(name, data):
    optimizer = OPTIMIZERS[name]
    runs, number = data.draw(st.integers(1, 20)), data.draw(st.sampled_from([1, 2, 3, 7, 1000, 10**15]))
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    configs = [RunConfig(momentum=m, rho=r, beta1=b, beta2=c, epsilon=e) for m, r, b, c, e in rng.random((runs, 5))]
    if data.draw(st.booleans()):
        configs = configs[:1] * runs
    given_values = {key: np.array([getattr(config, key) for config in configs]) for key in optimizer.parameters}
    if configs.count(configs[0]) == runs:  # one number for all runs
        given_values = {key: values.tolist()[0] for key, values in given_values.items()}
    rates = rng.choice([0.3, 5e-324, 1e6, rng.random()], runs)
    at_once, each = optimizer.rule_of_runs(given_values), [optimizer.rule(config) for config in configs]
    slots, of_each = (np.zeros(runs),) * optimizer.slots, [(0.0,) * optimizer.slots] * runs
    odd = [0.0, -0.0, 1e-320, 1e200, -1e308, math.inf, math.nan]
    for update in range(number, number + 4):
        seen = np.where(
            rng.random(runs) < 0.8, rng.normal(size=runs) * 10.0 ** rng.integers(-9, 9, runs), rng.choice(odd)
        )
        with np.errstate(all="raise"):  # it never raises, whatever is asked for
            changes, slots = at_once(seen, slots, rates, update)
        made = [
            rule(gradient, kept, rate, update)
            for rule, gradient, kept, rate in zip(each, seen.tolist(), of_each, rates.tolist(), strict=True)
        ]
        of_each = [kept for _, kept in made]
        assert exact(changes) == exact(change for change, _ in made)
        assert [exact(kept) for kept in slots] == [exact(kept) for kept in zip(*of_each, strict=True)]


@table("name", OPTIMIZERS)
@table("gradient", [1e308, -1e308, math.inf, math.nan, 1e-320, 0.0])
def test_non_finite_and_zero_gradients_propagate(name, gradient):
    config = RunConfig(optimizer=name, epsilon=5e-324, beta2=math.nextafter(1, 0))
    made = changes(config, [gradient] * 3, 1e6)
    if gradient == 0:
        assert made == [0, 0, 0]
    elif abs(gradient) < 1:
        assert all(-math.inf < change < 0 for change in made)
    else:
        assert not any(map(math.isfinite, made))


# To the optimum, from the article's far start (a parabola 2400 away) on the article's data

# The learning rate of each optimizer and batch; with `every`, it is halved in the course of so many epochs. RMSprop
# needs that to settle: its change is about as large as the learning rate, however small the gradient is. So does Adam
# where one sample at a time, always in the same order, leads it around in a circle.
RATES = {
    ("sgd", 1): {"lr": 0.3},
    ("sgd", 16): {"lr": 0.3},
    ("sgd", "full"): {"lr": 1},
    ("momentum", 1): {"lr": 0.03},
    ("momentum", 16): {"lr": 0.01},
    ("momentum", "full"): {"lr": 0.3},
    ("nesterov", 1): {"lr": 0.03},
    ("nesterov", 16): {"lr": 0.01},
    ("nesterov", "full"): {"lr": 0.3},
    ("adagrad", 1): {"lr": 200},
    ("adagrad", 16): {"lr": 1000},
    ("adagrad", "full"): {"lr": 3000},
    ("rmsprop", 1): {"lr": 30, "every": 4},
    ("rmsprop", 16): {"lr": 30, "every": 5},
    ("rmsprop", "full"): {"lr": 300, "every": 20},
    ("adam", 1): {"lr": 2, "every": 5},
    ("adam", 16): {"lr": 100, "every": 10},
    ("adam", "full"): {"lr": 300},
}


@pytest.mark.parametrize(("batch", "shuffle"), cases([(16, True), (1, False), ("full", False)]))
@every_optimizer
def test_optimizers_converge_for_any_batch(name, batch, shuffle):
    row = RATES[name, batch]
    slower = {"schedule": "exponential", "decay_every": row["every"]} if "every" in row else {"schedule": "constant"}
    config = RunConfig(
        optimizer=name, batch=batch, shuffle=shuffle, lr=row["lr"], **slower, stop_on="dataset", tol=1e-8, epochs=1000
    )
    session = RunSession(config, speed=None)
    session.play()
    while not session.status.ended:
        session.advance(1.0)
    assert session.status is Status.CONVERGED
    w = session.snapshot().w.tolist()
    # The flattest direction of the data has a curvature of 0.079: a mean loss below 1e-8 is this near.
    assert w == pytest.approx([2, -4, 3], abs=4e-4)


@every_optimizer
@table("batch", [1, 16, "full"])
def test_run_follows_published_rule(name, batch, plain):
    """Every epoch of a short run, with exact sums over all gradients of each parameter."""
    config = RunConfig(
        optimizer=name, batch=batch, samples=48, lr=0.05, schedule="constant", momentum=0.75, init=(-1, 10, 26),
        stop_on="never", epochs=2 if batch == 1 else 6, gradient="full", beta1=0.5,
    )  # fmt: skip
    xs, ys = plain.samples(config)
    w, seen, expected = list(config.init), ([], [], []), []
    for _ in range(config.epochs):
        for batch_xs, batch_ys in plain.batches(config, xs, ys, None):
            _, gradient, _ = plain.update(w, batch_xs, batch_ys, config.lr, config.gradient)
            for g, before in zip(gradient, seen, strict=True):
                before.append(g)
            w = [wi + PUBLISHED[name](config, before, config.lr) for wi, before in zip(w, seen, strict=True)]
        expected.append(w)
    session = RunSession(config, speed=None)
    session.play()
    records = []
    while not session.status.ended:
        records += session.advance(1.0)
    assert [record.w.tolist() for record in records] == [pytest.approx(w, rel=1e-9, abs=1e-9) for w in expected]


def test_bias_correction_is_exact_late_in_run():
    # After 10,000 equal gradients both means are the gradient itself, and each update is one learning rate.
    made = changes(RunConfig(optimizer="adam"), [Fraction(3, 2).__float__()] * 10_000, 0.01)
    assert made == pytest.approx([-0.01] * 10_000, rel=1e-7)
