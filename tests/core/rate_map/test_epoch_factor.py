"""What an epoch leaves of the distance, of many runs at once: against maps built by a plain loop."""

import math
from functools import partial

import numpy as np
import pytest
from epochs import epoch_map, radius, random_case
from trials import cases

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.diagnosis.stability import limit
from quadfit_tui.core.model.incremental_job import map_progress, run_job
from quadfit_tui.core.model.parabola import residuals
from quadfit_tui.core.model.problem import Dataset
from quadfit_tui.core.model.task import FitTask, make_task
from quadfit_tui.core.rate_map import epoch_factor
from quadfit_tui.core.rate_map.axes import factors_of, updates_of
from quadfit_tui.core.rate_map.epoch_factor import composed_epoch, directions, factors_of_orders, fixed_points
from quadfit_tui.core.rate_map.rate_map import Up


def updates_at(task, rates, momenta=None):
    levels = np.full(len(rates), task.config.momentum) if momenta is None else momenta
    return updates_of(task, rates, levels, Up.MOMENTUM)


@pytest.mark.parametrize("seed", cases(range(60)))
def test_factors_are_those_of_a_plain_loop(seed):
    config, problem = random_case(seed)
    task = FitTask(config, problem)
    rates = limit(task).rate * np.array([1e-3, 0.2, 0.7, 0.99, 1.5])
    momenta = np.array([0, 0.3, 0.9, config.momentum, 0.99])
    logs, noise = run_job(factors_of(task, updates_at(task, rates, momenta)))
    for rate, mu, found, off in zip(rates, momenta, logs, noise, strict=True):
        expected = radius(config.replace(momentum=mu), problem.x, rate)
        assert math.exp(found) == pytest.approx(expected, rel=1e-7, abs=1e-12)  # a double root has half of the digits
        assert off < 1e-9


def test_single_update_epochs_keep_all_digits():
    # Of a rate so low that 1 − ρ has no digits left: 2·rate·λ of the smallest eigenvalue, over 1 − momentum.
    task = make_task(RunConfig(samples=50, batch="full", optimizer="momentum", schedule="constant"))
    x = task.problem.x
    slowest = np.linalg.eigvalsh(np.vander(x, 3).T @ np.vander(x, 3) / 50)[0]
    rates = np.array([1e-13, 1e-11])
    logs, _ = run_job(factors_of(task, updates_at(task, rates, np.array([0.5, 0.9]))))
    assert logs == pytest.approx(-rates * slowest / np.array([0.5, 0.1]), rel=1e-9)


def test_composed_maps_are_independent_of_pieces(monkeypatch):
    task = make_task(RunConfig(samples=40, optimizer="nesterov", schedule="constant", noise=1))
    updates = updates_at(task, np.array([0.01, 0.3]), np.array([0.2, 0.8]))
    whole = run_job(composed_epoch(task.problem.x, task.problem.y, 1, updates))
    monkeypatch.setattr(epoch_factor, "PIECE", 1)
    pieces = composed_epoch(task.problem.x, task.problem.y, 1, updates)
    assert [next(pieces) for _ in range(40)] == [at / 40 for at in range(1, 41)]
    assert np.array_equal(run_job(pieces).deviations, whole.deviations)


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "nesterov"])
@pytest.mark.parametrize("batch", [1, 3, "full"])
def test_settling_places_match_plain_loop(optimizer, batch):
    config = RunConfig(samples=12, noise=1, optimizer=optimizer, batch=batch, schedule="constant", momentum=0.6)
    task = make_task(config)
    problem, center = task.trained, task.trained.center
    rates = np.array([0.2, 0.4])
    updates, y = updates_at(task, rates), -residuals(center, problem.x, problem.y)
    deviations = run_job(composed_epoch(problem.x, y, task.batch, updates)).deviations
    for w, rate in zip(fixed_points(directions(problem, 12), deviations) + center, rates, strict=True):
        # A plain loop of many epochs from beside it comes back to it.
        a, v = w + 0.1, np.zeros(3)
        size = task.batch
        for _ in range(2400 // task.updates_per_epoch):
            for low in range(0, 12 - size + 1, size):
                rows = np.vander(problem.x[low : low + size], 3)
                g = rows.T @ (rows @ a - problem.y[low : low + size]) / size
                mu = 0.0 if optimizer == "sgd" else 0.6
                v = mu * v - rate * g
                a = a + (mu * v - rate * g if optimizer == "nesterov" else v)
        assert a == pytest.approx(w, rel=1e-6, abs=1e-9)


def test_undetermined_directions_are_ignored():
    x = np.array([1.0, 1.0, 2.0, 2.0])
    for batch in (2, "full"):
        config = RunConfig(samples=4, schedule="constant", optimizer="momentum", momentum=0.5, batch=batch)
        task = FitTask(config, Dataset(x, 3 * x, None))
        logs, _ = run_job(factors_of(task, updates_at(task, np.array([0.02]))))
        assert math.exp(logs[0]) == pytest.approx(radius(config, x, 0.02), rel=1e-9)
        assert logs[0] < -1e-6


def test_shuffled_factor_is_product_of_maps():
    config = RunConfig(samples=10, batch=2, shuffle=True, schedule="constant", optimizer="momentum", momentum=0.7)
    task = make_task(config)
    drawn = np.random.default_rng(5)
    orders = [drawn.permutation(10) for _ in range(30)]
    product = np.eye(6)
    for order in orders:
        product = epoch_map(config, task.problem.x[order], 0.4) @ product
    expected = math.log(np.abs(np.linalg.eigvals(product)).max()) / 30
    updates = updates_at(task, np.array([0.4, 0.1]))
    shares = []
    logs, noise = run_job(
        map_progress(factors_of_orders(task.problem, 2, updates, partial(next, iter(orders)), 30), shares.append)
    )
    assert shares == pytest.approx([epoch / 30 for epoch in range(1, 31)])
    assert logs[0] == pytest.approx(expected, rel=1e-9)
    assert 0 < noise[1] < noise[0]


def test_overflowing_maps_diverge_for_certain():
    task = make_task(RunConfig(samples=200, schedule="constant"))
    logs, noise = run_job(factors_of(task, updates_at(task, np.array([1e5]))))
    assert logs[0] == math.inf
    assert noise[0] == 0
