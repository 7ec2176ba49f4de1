"""The table of schedules: each rate against its published form, how long it holds, and what it uses."""

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tables import table
from trials import trials

from quadfit_tui.core.config.parameters import USED_BY, RunConfig
from quadfit_tui.core.methods.schedules import SCHEDULES

properties = trials(100)
every_schedule = pytest.mark.parametrize("name", list(SCHEDULES))

configs = st.builds(
    RunConfig,
    lr=st.floats(1e-6, 1e6),
    decay_every=st.integers(1, 1000),
    decay_rate=st.floats(0.01, 1),
    epochs=st.integers(1, 10_000),
)


def published_halve(config, epoch):
    rate = config.lr
    for _ in range((epoch + 1) // config.decay_every):
        rate /= 2
    return rate


def published_constant(config, epoch):  # noqa: ARG001  every oracle has one signature
    return config.lr


def published_exponential(config, epoch):
    return config.lr * math.exp(math.log(config.decay_rate) * epoch / config.decay_every)


def published_inverse_time(config, epoch):
    return float(Fraction(config.lr) / (1 + Fraction(config.decay_rate) * epoch / config.decay_every))


def published_cosine(config, epoch):
    return config.lr * (1 + math.cos(math.pi * epoch / config.epochs)) / 2


PUBLISHED = {
    "halve": published_halve,
    "constant": published_constant,
    "exponential": published_exponential,
    "cosine": published_cosine,
    "inverse-time": published_inverse_time,
}


@every_schedule
@properties
@given(config=configs, data=st.data())
def test_rate_is_the_published_one(name, config, data):
    epoch = data.draw(st.integers(0, config.epochs - 1))
    expected = PUBLISHED[name](config, epoch)
    # In the published form of cosine 1 + cos loses its last digits where it is small.
    near = {"abs": 1e-15 * config.lr} if name == "cosine" else {"abs": 0}
    assert SCHEDULES[name].rate(config, epoch) == pytest.approx(expected, rel=1e-9, **near)


@every_schedule
@properties
@given(config=configs, data=st.data())
def test_rate_holds_as_long_as_is_said(name, config, data):
    row, epoch = SCHEDULES[name], data.draw(st.integers(0, 20_000))
    holds = row.plateau_epochs(config, epoch)
    assert holds >= 1
    for later in {0, holds // 2, holds - 1}:
        assert row.rate(config, epoch + later) == row.rate(config, epoch)


def test_what_holds_for_long_is_known_to():
    # These are what lets a whole epoch be prepared once for many.
    ten = RunConfig(decay_every=10)
    assert [SCHEDULES["halve"].plateau_epochs(ten, epoch) for epoch in (0, 7, 8, 9, 18, 19)] == [9, 2, 1, 10, 1, 10]
    assert SCHEDULES["constant"].plateau_epochs(ten, 5) == 10**9
    assert SCHEDULES["exponential"].plateau_epochs(ten.replace(decay_rate=1), 5) == 10**9


@every_schedule
@properties
@given(config=configs, data=st.data())
def test_rate_never_rises_within_run(name, config, data):
    first, later = sorted(data.draw(st.tuples(*[st.integers(0, config.epochs - 1)] * 2)))
    rates = [SCHEDULES[name].rate(config, epoch) for epoch in (0, first, later)]
    assert config.lr >= rates[0] >= rates[1] >= rates[2] >= 0
    if name in ("cosine", "constant", "inverse-time"):  # the others halve below what a double can hold, in the end
        assert rates[2] > 0


@table("name", SCHEDULES)
@table("epoch", [0, 1, 10**6, 10**9 - 1])
def test_extremes_give_a_number(name, epoch):
    for lr in (5e-324, 1e-300, 1e6):
        for rate in (5e-324, 1e-300, 1):
            for every in (1, 10**9):
                config = RunConfig(lr=lr, decay_rate=rate, decay_every=every, epochs=10**9)
                found = SCHEDULES[name].rate(config, epoch)
                assert 0 <= found <= lr
                assert 1 <= SCHEDULES[name].plateau_epochs(config, epoch) <= 10**9


def test_cosine_last_epoch_is_above_zero():
    config = RunConfig(schedule="cosine", lr=1, epochs=10**9)
    last = SCHEDULES["cosine"].rate(config, 10**9 - 1)
    assert last == pytest.approx((math.pi / 2e9) ** 2, rel=1e-9)
    assert SCHEDULES["cosine"].rate(config, 10**9) == 0
    assert SCHEDULES["cosine"].rate(config, 10**9 + 5) == 0


@table("name", SCHEDULES)
@table("parameter", [row for row, users in USED_BY.items() if users.choice == "schedule"])
def test_row_parameters_are_those_used(name, parameter):
    config = RunConfig()
    other = config.replace(**{parameter: {"decay_every": 7, "decay_rate": 0.25}[parameter]})
    rates = [[SCHEDULES[name].rate(each, epoch) for epoch in range(30)] for each in (config, other)]
    assert (rates[0] != rates[1]) == (parameter in SCHEDULES[name].parameters)


@table("schedule", SCHEDULES)
def test_stretches_cover_epochs_with_near_rates(schedule):
    for epochs, factor in ((1, 1.5), (100, 1.26), (1000, 2.0)):
        config, done = RunConfig(schedule=schedule, epochs=epochs, decay_every=7, decay_rate=0.8, lr=0.7), 0
        for rate, count in SCHEDULES[schedule].stretches(config, factor):
            rates = [SCHEDULES[schedule].rate(config, epoch) for epoch in range(done, done + count)]
            assert max(rates) <= factor * rate or count == 1
            assert rate <= factor * min(rates)
            assert 1 <= count <= max(1, done)
            done += count
        assert done == epochs
