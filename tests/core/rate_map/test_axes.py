"""The axes of a map: round numbers, evenly spread, from far below the limit to beyond the last border."""

import math
from decimal import Decimal

import numpy as np
import pytest
from epochs import radius, random_case
from trials import cases

from quadfit_tui.core.config.parameters import PARAMETERS, RunConfig
from quadfit_tui.core.diagnosis.stability import limit
from quadfit_tui.core.model.incremental_job import run_job
from quadfit_tui.core.model.task import FitTask, make_task
from quadfit_tui.core.rate_map.axes import HIGHEST, levels_of, reach, rounded_rates
from quadfit_tui.core.rate_map.rate_map import Up


@pytest.mark.parametrize("most", [2, 9, 60, 120, 300])
@pytest.mark.parametrize("span", [1.5, 40, 5000, 1e12])
def test_rates_are_round_and_evenly_spread(most, span):
    low, high = 0.00123456, 0.00123456 * span
    rates = rounded_rates(low, high, most)
    assert 2 <= len(rates) <= most
    even = math.log(rates[-1] / rates[0]) / (len(rates) - 1)
    assert rates[0] <= low * math.exp(even / 4)
    assert rates[-1] >= high * math.exp(-even / 4)
    assert len(rates) > most * 0.8 or most < 10
    apart = np.diff(np.log(rates))
    assert (apart > 0).all()
    assert apart.min() >= even / 2.5
    assert apart.max() <= even * 1.6
    digits = max(len(Decimal(repr(rate)).normalize().as_tuple().digits) for rate in rates.tolist())
    assert digits <= math.ceil(2 - math.log10(even))


def test_rates_include_one_two_five_steps():
    for low, high in ((0.0017, 5), (0.0005, 0.9), (1e-3, 1e3), (3e-9, 2e-6)):
        rates = rounded_rates(low, high, 120).tolist()
        tens = [float(f"{first}e{power}") for first in (1, 2, 5) for power in range(-9, 4)]
        assert [each for each in tens if low <= each <= high and each not in rates] == []


def test_highest_rate_matches_parameter_table():
    assert PARAMETERS["lr"].value_type.high == HIGHEST


@pytest.mark.parametrize("seed", cases(range(40)))
def test_beyond_the_last_border_nothing_converges(seed):
    config, problem = random_case(seed)
    config = config.replace(lr=1e-5)
    low, high = run_job(reach(FitTask(config, problem), Up.MOMENTUM, np.array([config.momentum])))
    assert low <= min(limit(FitTask(config, problem)).rate, 1e-2) / 100
    assert all(radius(config, problem.x, rate) >= 1 for rate in high * np.geomspace(1, 16, 40))
    assert radius(config, problem.x, high / 40) < 1


def test_own_rate_is_on_axis():
    for rate in (1e-9, 50.0):
        config = RunConfig(samples=24, lr=rate, schedule="constant")
        low, high = run_job(reach(make_task(config), Up.BATCH, np.array([1.0, 24.0])))
        assert low <= rate <= high
        low, high = run_job(reach(make_task(config.replace(optimizer="adam")), Up.BATCH, np.array([1.0])))
        assert low <= rate <= high


def test_levels_are_those_that_mean_something():
    task = make_task(RunConfig(samples=800))
    assert levels_of(task, Up.BATCH, 40).tolist() == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 800]
    assert levels_of(task, Up.BATCH, 3).tolist() == [1, 32, 800]
    assert levels_of(task, Up.SCALED, 40).tolist() == [0, 1]
    shares = levels_of(task, Up.MOMENTUM, 34)
    assert shares.tolist() == [*(float(f"{at / 20:.2f}") for at in range(19)), 0.99]
    assert {0.1, 0.5, 0.8, 0.9, 0.95} < set(levels_of(task, Up.BETA1, 40).tolist())
    decays = levels_of(task, Up.DECAY, 20)
    assert decays.tolist() == [float(f"{at / 20:.2f}") for at in range(1, 21)]
    for up, levels in ((Up.MOMENTUM, shares), (Up.DECAY, decays), (Up.BETA1, shares), (Up.RHO, shares)):
        assert [RunConfig(**{up.value: level}) for level in levels.tolist()]
    assert len(levels_of(task, Up.RHO, 500)) == 100
