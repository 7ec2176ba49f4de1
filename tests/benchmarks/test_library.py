"""What the library costs a program that trains many runs, against a plain loop in NumPy, and to import."""

import gc
import os
import resource
import subprocess
import sys
import time
from statistics import median

import numpy as np
import pytest
from test_speed import agree, work_of

from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.library import train

FULL = PRESETS["article"].replace(batch="full", stop_on="never")  # 100 epochs, of one update each
ONE_EPOCH = FULL.replace(epochs=1, samples=24)
TURNS = 30


def loop(work):
    """Whoever needs no library: the gradient by a matrix of features, and the loss, as each update tells it."""
    x, y = work.samples
    features, w, found = np.column_stack([x * x, x, np.ones(len(x))]), np.array(work.config.init), []
    for rate in work.rates:
        residuals = features @ w - y
        loss = residuals @ residuals / len(y)  # noqa: F841
        w = w - rate * (residuals @ features / len(y))
        found.append(w)
    return np.array(found)


def whole(work):
    """The library, which makes the samples itself."""
    return train(work.config).w


def in_memory(work):
    """The library with samples in memory, whose SHA-256 names them."""
    x, y = work.samples
    return train(work.config, x=x, y=y).w


@pytest.mark.parametrize(
    ("name", "run", "config", "target"),
    [
        ("train(config)", whole, FULL, 1.2),
        ("train(config, x=x, y=y)", in_memory, FULL, None),
        ("train(config) of one epoch of 24 samples", whole, ONE_EPOCH, 0.65),  # 0.65 ms where the loop takes 1 ms
    ],
)
def test_a_run(benchmark, report, name, run, config, target):
    ours, theirs = work_of(config), work_of(FULL)
    assert agree(run(ours), loop(ours))
    ratios = []

    def one_round():
        mine, its = [], []
        gc.collect()
        gc.disable()
        for _ in range(TURNS):
            for do, work, seconds in ((run, ours, mine), (loop, theirs, its)):
                started = time.process_time()
                do(work)
                seconds.append(time.process_time() - started)
        gc.enable()
        ratios.append(median(mine) / median(its))

    one_round()
    ratios.clear()
    benchmark.pedantic(one_round, rounds=9)
    figure = "a run by the library, against a loop in NumPy: 100 epochs of full batches of 800 samples"
    benchmark.extra_info["ratio"] = report(figure, name, median(ratios), ratios, target)


def test_the_import(benchmark, report, tmp_path):
    env = {**os.environ, "PYTHONPYCACHEPREFIX": str(tmp_path)}  # compiled in the first round, as installing would do
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    programs = ("pass", "import numpy", "import quadfit_tui", "import numpy; from quadfit_tui import train")

    def turn(program):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-c", program], check=True, env=env)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    shares = []

    def one_round():
        turns = [[turn(program) for program in programs] for _ in range(5)]
        bare, numpy, package, both = map(median, zip(*turns, strict=True))
        shares.append([100 * (package - bare) / (numpy - bare), 100 * (both - numpy) / (numpy - bare)])

    one_round()
    shares.clear()
    benchmark.pedantic(one_round, rounds=5)
    figure = "what an import takes beyond Python's own start, against import numpy: processor time"
    names, targets = ("import quadfit_tui", "train of it, beyond NumPy"), (15, None)
    for name, target, share in zip(names, targets, zip(*shares, strict=True), strict=True):
        benchmark.extra_info[name] = report(figure, name, median(share), share, target, "%")
