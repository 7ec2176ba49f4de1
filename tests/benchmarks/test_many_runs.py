"""How long many runs side by side take, against the same ones by `train`, one after the other: a ratio for each kind.

In every round both take turns, by processor time; of the runs one by one only some are done, spread over all of them.
"""

import gc
import time

import numpy as np
import pytest

from quadfit_tui import RunConfig, train
from quadfit_tui.core.many_runs.side_by_side import SideBySide
from quadfit_tui.core.model.task import make_task

ONE_BY_ONE = 8
PLAIN = RunConfig(samples=24, stop_on="never")
KINDS = {
    "adam, 24 samples": (PLAIN.replace(optimizer="adam"), (0.1, 100), 1000),
    "adam, shuffled batches of 16 of 800": (
        PLAIN.replace(optimizer="adam", samples=800, batch=16, shuffle=True, epochs=20),
        (0.1, 100),
        200,
    ),
    "adam, all of 800 at once": (PLAIN.replace(optimizer="adam", samples=800, batch="full"), (0.1, 100), 200),
    "rmsprop, 800 samples": (PLAIN.replace(optimizer="rmsprop", samples=800, epochs=10), (0.01, 10), 1000),
    "sgd, halved, 24 samples": (PLAIN, (0.01, 1.5), 200),
    "sgd, rounded, 24 samples": (PLAIN.replace(round_epochs=6), (0.01, 1.5), 1000),
    "momentum, halved, 24 samples": (PLAIN.replace(optimizer="momentum"), (0.001, 0.1), 200),
}


@pytest.mark.parametrize("kind", KINDS)
def test_side_by_side(benchmark, report, kind):
    config, rates, count = KINDS[kind]
    task = make_task(config)
    tasks = [task.replace(lr=rate) for rate in np.geomspace(*rates, count).tolist()]
    chosen = tasks[count // ONE_BY_ONE // 2 :: count // ONE_BY_ONE]
    ratios = []

    def one_round():
        gc.collect()
        started = time.process_time()
        runs = SideBySide(tasks)
        while not runs.advance(0.01):
            pass
        between = time.process_time()
        alone = [train(each.config) for each in chosen]
        ended = time.process_time()
        together = [runs.ends[tasks.index(each)] for each in chosen]
        assert [end[:2] for end in together] == [(run.status, len(run.w) - (run.status == "diverged")) for run in alone]
        pairs = zip(together, alone, strict=True)
        assert all((end.w == run.w[-1]).all() for end, run in pairs if run.status != "diverged")
        ratios.append((between - started) / (ended - between) * len(chosen) / count)

    one_round()
    ratios.clear()
    benchmark.pedantic(one_round, rounds=3)
    figure = f"{kind}: {count} runs side by side"
    benchmark.extra_info["ratio"] = report(figure, "each by train()", float(np.median(ratios)), ratios)
