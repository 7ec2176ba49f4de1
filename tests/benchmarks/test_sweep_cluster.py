"""When a cluster pays, all by the clock, against a loop over `train`."""

import time
from statistics import median

import numpy as np
import pytest
from dask_cluster import DaskCluster

from quadfit_tui import RunConfig, train
from quadfit_tui.sweeps.engines.cluster import connected
from quadfit_tui.sweeps.engines.engine import results
from quadfit_tui.sweeps.space import Space
from quadfit_tui.sweeps.work import Work

BASE = RunConfig(samples=24, noise=0.3, schedule="constant", stop_on="never")
SIZES = {("sgd", 1_000): 300, ("sgd", 10_000): 300, ("sgd", 100_000): 300, ("adam", 10_000): 60}  # of them in the loop


@pytest.fixture(scope="module")
def workers(tmp_path_factory):
    pytest.importorskip("distributed")
    cluster = DaskCluster(tmp_path_factory.mktemp("dask"))
    try:
        for _ in range(2):
            cluster.worker()
        with connected(cluster.address) as (executor, count):
            while count() < 2:
                time.sleep(0.1)
            yield executor
    finally:
        cluster.end()


@pytest.mark.parametrize(("optimizer", "runs"), SIZES)
def test_who_trains(benchmark, report, monkeypatch, workers, optimizer, runs):
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "1")
    rates = np.geomspace(0.01, 1, runs // 50).tolist()
    space = Space(BASE.with_values({"optimizer": optimizer}), {"lr": rates, "seed": range(50)})
    some = np.linspace(0, runs - 1, SIZES[optimizer, runs]).astype(int)
    ratios = {"side by side": [], "two processes": [], "Dask, two workers": []}

    def taken(work):
        started = time.perf_counter()
        work()
        return time.perf_counter() - started

    def one_round():
        loop = taken(lambda: [train(space.config(int(cell))) for cell in some]) * runs / len(some)
        for name, how in zip(ratios, ({"jobs": 1}, {"jobs": 2}, {"executor": workers, "jobs": 2}), strict=True):
            ratios[name].append(taken(lambda how=how: list(results(Work(space), range(runs), **how))) / loop)

    benchmark.pedantic(one_round, rounds=3 if runs < 100_000 else 1)
    for name, found in ratios.items():
        title = f"{runs:,} runs by {optimizer}, against a loop over train"
        benchmark.extra_info[name] = report(title, name, median(found), found, None)
