"""How long a sweep's cells take, against the same runs by others: ratios taken in one run.

In every round all take turns. Who works by himself is judged by processor time, who works in processes by the time that
passes; of those who take long some runs are done, spread over all of them, and the time is multiplied. All come to the
same w.
"""

import gc
import time

import joblib
import numba
import numpy as np
import pytest

from quadfit_tui import RunConfig, train
from quadfit_tui.core.methods.schedules import SCHEDULES
from quadfit_tui.core.model.task import make_task
from quadfit_tui.sweeps.space import Space
from quadfit_tui.sweeps.work import Work

CELLS = 10_000
CHUNK = 1000
SOME = 40  # of the runs, for a loop over train(); twice as many for NumPy's loops in processes
PLAIN = RunConfig(samples=24, epochs=100)
RATES = np.geomspace(0.01, 1, CELLS)
QUARTER = np.concatenate([np.geomspace(0.01, 1, CELLS * 3 // 4), np.geomspace(4, 100, CELLS // 4)])
KINDS = {
    "sgd, lr 0.01 to 1": (PLAIN, RATES, 0.15),
    "sgd, a quarter diverging": (PLAIN, QUARTER, 0.45),
    "sgd, never stopped": (PLAIN.replace(stop_on="never"), RATES, None),
    "momentum, lr 0.001 to 0.1": (PLAIN.replace(optimizer="momentum"), RATES / 10, None),
    "adam, lr 0.01 to 1": (PLAIN.replace(optimizer="adam"), RATES, 0.03),
}


@numba.njit
def compiled(x, y, start, rates, tol, optimizer, momentum, beta1, beta2, epsilon):
    """w of each run in the end, shape (runs, 3); nan where it diverged. `rates` has those of its epochs, (runs, m)."""
    found = np.empty((len(rates), 3))
    for run in range(len(rates)):
        w, g, m, s, t = start.copy(), np.zeros(3), np.zeros(3), np.zeros(3), 0
        for epoch in range(rates.shape[1]):
            for at in range(len(x)):
                g[2] = (w[0] * x[at] + w[1]) * x[at] + w[2] - y[at]
                g[1] = g[2] * x[at]
                g[0] = g[1] * x[at]
                t += 1
                for each in range(3):
                    if optimizer == 0:
                        w[each] -= rates[run, epoch] * g[each]
                    elif optimizer == 1:
                        m[each] = momentum * m[each] - rates[run, epoch] * g[each]
                        w[each] += m[each]
                    else:
                        m[each] = beta1 * m[each] + (1 - beta1) * g[each]
                        s[each] = beta2 * s[each] + (1 - beta2) * g[each] * g[each]
                        step = rates[run, epoch] * m[each] / (1 - beta1**t)
                        w[each] -= step / (np.sqrt(s[each] / (1 - beta2**t)) + epsilon)
            loss = 0.0
            for at in range(len(x)):
                loss += ((w[0] * x[at] + w[1]) * x[at] + w[2] - y[at]) ** 2
            if loss / len(x) < tol:
                break
            if not np.isfinite(loss):
                w[:] = np.nan
                break
        found[run] = w
    return found


def by_numpy(x, y, start, rates, tol, optimizer, momentum, beta1, beta2, epsilon):
    """The same of one run, whose rates have the shape (m,), as a loop in NumPy."""
    features, w, m, s, t = np.stack([x * x, x, np.ones(len(x))], axis=1), start.copy(), np.zeros(3), np.zeros(3), 0
    with np.errstate(all="ignore"):
        for rate in rates:
            for row, target in zip(features, y, strict=True):
                g = (row @ w - target) * row
                t += 1
                if optimizer == 0:
                    w -= rate * g
                elif optimizer == 1:
                    m = momentum * m - rate * g
                    w += m
                else:
                    m = beta1 * m + (1 - beta1) * g
                    s = beta2 * s + (1 - beta2) * g * g
                    w -= rate * (m / (1 - beta1**t)) / (np.sqrt(s / (1 - beta2**t)) + epsilon)
            loss = np.mean((features @ w - y) ** 2)
            if loss < tol:
                break
            if not np.isfinite(loss):
                return np.full(3, np.nan)
    return w


def agree(found, ours, accuracy):
    """Whether they diverge alike, and all others come to the same w."""
    lost = np.isnan(ours).any(axis=1)
    close = np.abs(found - ours).max(axis=1) <= accuracy * np.abs(ours).max(axis=1)
    return bool((np.isnan(found).any(axis=1) == lost).all() and close[~lost].all())


@pytest.mark.parametrize("kind", KINDS)
def test_a_sweep(benchmark, report, kind):
    config, lr, target = KINDS[kind]
    space, task = Space(config, {"lr": lr.tolist()}), make_task(config)
    rate = SCHEDULES[config.schedule].rate
    rates = np.array([[rate(each, epoch) for epoch in range(each.epochs)] for each in space.configs(range(CELLS))])
    tol = config.tol if config.stop_on == "dataset" else -1.0
    given = (tol, ("sgd", "momentum", "adam").index(config.optimizer), config.momentum)
    given = (*given, config.beta1, config.beta2, config.epsilon)
    samples = task.problem.x, task.problem.y, np.array(config.init)
    few, some = (range(CELLS // count // 2, CELLS, CELLS // count) for count in (SOME, 2 * SOME))
    ratios = {"a loop over train()": [], "a Numba loop": [], "joblib, two processes of NumPy loops": []}

    def one_round(processes):
        gc.collect()
        clocks, walls = [time.process_time()], [time.perf_counter()]

        def stop():
            clocks.append(time.process_time())
            walls.append(time.perf_counter())

        work = Work(space)
        parts = [work.train(range(low, low + CHUNK)) for low in range(0, CELLS, CHUNK)]
        stop()
        each = [train(space.config(cell)) for cell in few]
        stop()
        numbers = compiled(*samples, rates, *given)
        stop()
        apart = processes(joblib.delayed(by_numpy)(*samples, rates[cell], *given) for cell in some)
        stop()
        ours = np.concatenate([part.w for part in parts])
        assert [run.w[-1].tolist() for run in each if run.status != "diverged"] == [
            ours[cell].tolist() for cell, run in zip(few, each, strict=True) if run.status != "diverged"
        ]
        assert agree(numbers, ours, 1e-7)
        assert agree(np.array(apart), ours[some], 1e-7)
        if kind == "sgd, a quarter diverging":
            assert np.isnan(ours).any(axis=1).mean() == 0.25
        (mine, alone, loop, _), (passed, _, _, longer) = np.diff(clocks), np.diff(walls)
        for name, ratio in zip(
            ratios,
            (mine / alone * len(few) / CELLS, mine / loop, passed / longer * len(some) / CELLS),
            strict=True,
        ):
            ratios[name].append(ratio)

    with joblib.Parallel(n_jobs=2) as processes:
        one_round(processes)
        for each in ratios.values():
            each.clear()
        benchmark.pedantic(one_round, (processes,), rounds=3)
    for name, each in ratios.items():
        figure = f"a sweep of {CELLS:,} runs of 24 samples × 100 epochs: {kind}"
        benchmark.extra_info[name] = report(
            figure, name, float(np.median(each)), each, target if name == "a loop over train()" else None
        )
