"""How long the runs of a sweep take side by side, against a loop over `train`: a ratio for each kind.

In every round both take turns, by processor time; of the runs one by one only some are done, spread over all of them.
"""

import gc
import time

import numpy as np
import pytest

from quadfit_tui import RunConfig, train
from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.sweeps.space import Space
from quadfit_tui.sweeps.work import Work

ONE_BY_ONE = 100
PLAIN = RunConfig(samples=24, stop_on="never")
PLAYGROUND, NOISY = PRESETS["playground"], RunConfig(samples=24, noise=0.3, shuffle=True)


def rates(low, high, count):
    return {"lr": np.geomspace(low, high, count).tolist()}


# Of each kind: what all runs have in common, what varies, and the ratio that is to be met.
KINDS = {
    "playground, 2,000 rates": (PLAYGROUND, rates(0.01, 1, 2000), 0.2),
    "article, 2,000 rates": (RunConfig(), rates(0.01, 1, 2000), 0.5),
    "playground with Adam, 2,000 rates": (PLAYGROUND.replace(optimizer="adam"), rates(0.01, 1, 2000), 0.04),
    "playground with momentum, 2,000 rates": (
        PLAYGROUND.replace(optimizer="momentum"),
        rates(0.001, 0.1, 2000),
        0.6,
    ),
    "200 seeds": (NOISY, {"seed": range(200)}, 1.1),
    "200 seeds with Adam": (NOISY.replace(optimizer="adam"), {"seed": range(200)}, 0.4),
    "200 seeds, all samples at once": (PLAYGROUND.replace(noise=0.3), {"seed": range(200)}, 1.1),
    "adam, shuffled batches of 16 of 800": (
        PLAIN.replace(optimizer="adam", samples=800, batch=16, shuffle=True, epochs=20),
        rates(0.1, 100, 200),
        None,
    ),
    "rmsprop, 800 samples": (PLAIN.replace(optimizer="rmsprop", samples=800, epochs=10), rates(0.01, 10, 1000), None),
    "rounded, 24 samples": (PLAIN.replace(round_epochs=6), rates(0.01, 1.5, 1000), None),
}


@pytest.mark.parametrize("kind", KINDS)
def test_side_by_side(benchmark, report, kind):
    config, axes, target = KINDS[kind]
    space = Space(config, axes)
    some, ratios = range(0, len(space), max(1, len(space) // ONE_BY_ONE)), []

    def one_round():
        gc.collect()
        started = time.process_time()
        rows = Work(space).train(range(len(space)))
        between = time.process_time()
        alone = [train(space.config(cell)) for cell in some]
        ended = time.process_time()
        assert all(
            (rows.w[cell] == run.w[-1]).all()
            for cell, run in zip(some, alone, strict=True)
            if np.isfinite(rows.mean_loss[cell])
        )
        ratios.append((between - started) / (ended - between) * len(some) / len(space))

    one_round()
    ratios.clear()
    benchmark.pedantic(one_round, rounds=3)
    benchmark.extra_info["ratio"] = report(kind, "a loop over train()", float(np.median(ratios)), ratios, target)
