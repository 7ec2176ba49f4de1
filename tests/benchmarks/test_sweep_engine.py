"""What it costs that processes train a sweep, against one alone: processor time of all of them, and by the clock."""

import resource
import time
from concurrent.futures import ThreadPoolExecutor
from statistics import median

import numpy as np
import pytest

from quadfit_tui import RunConfig, sweep

BASE = RunConfig(samples=24, stop_on="never", noise=0.3)
SIZES = {"200 runs, 0.1 s of work": 2, "5,000 runs, 2 s of work": 50}  # by their seeds; with 100 rates


def seconds():
    """Processor time of this process, and of those that it has waited for; the time of the clock."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return np.array([sum(each.ru_utime + each.ru_stime for each in used), time.perf_counter()])


def taken(seeds, **how):
    started = seconds()
    found = sweep(BASE, {"lr": np.geomspace(0.01, 1, 100)}, seeds=range(seeds), **how)
    return seconds() - started, found.w.tobytes()


@pytest.mark.parametrize("size", SIZES)
def test_by_processes(benchmark, report, monkeypatch, size):
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "1")
    ratios = {"two processes": [], "two processes, by the clock": [], "two threads, by the clock": []}

    def one_round():
        with ThreadPoolExecutor(2) as executor:
            (alone, w), (two, same), (threads, also) = (
                taken(SIZES[size], **how) for how in ({"jobs": 1}, {"jobs": 2}, {"executor": executor})
            )
        assert w == same == also
        for name, ratio in zip(ratios, (*two / alone, (threads / alone)[1]), strict=True):
            ratios[name].append(ratio)

    one_round()
    for found in ratios.values():
        found.clear()
    benchmark.pedantic(one_round, rounds=3)
    for name, found in ratios.items():
        target = 1.25 if name == "two processes" else None
        benchmark.extra_info[name] = report(
            f"a sweep of {size}, against one process", name, median(found), found, target
        )
