"""A file of a million rows: how long it takes to load, beside np.loadtxt on the same file, and its pictures."""

import gc
import time
from itertools import product
from statistics import median

import numpy as np
import pytest

from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.model.samples.reader import read_samples
from quadfit_tui.core.session.session import Session
from quadfit_tui.ui.charts.render import draw
from quadfit_tui.ui.views.scene import scene_of
from quadfit_tui.ui.views.view_table import VIEWS

ROWS = 1_000_000
MOST = 2  # times as long as NumPy
MOST_OF_A_PICTURE = 60  # ms


@pytest.fixture(scope="module")
def columns():
    x = np.random.default_rng(1).standard_normal(ROWS)
    return np.column_stack([x, 2 * x * x - 4 * x + 3, np.arange(ROWS)])


@pytest.fixture(scope="module")
def write(columns, tmp_path_factory):
    def write(style, delimiter, places):
        path = tmp_path_factory.mktemp("files") / "million.csv"
        np.savetxt(path, columns[:, places], fmt=style, delimiter=delimiter)
        return str(path)

    return write


def seconds(work):
    started = time.process_time()
    found = work()
    return time.process_time() - started, found


@pytest.mark.parametrize(
    ("name", "style", "delimiter", "places", "chosen"),
    [
        ("six decimals", "%.6f", ",", [0, 1], None),
        ("all digits", "%.17g", ",", [0, 1], None),
        ("blanks", "%.6f", " ", [0, 1], None),
        ("two of three columns", "%.6f", ",", [2, 0, 1], (1, 2)),
    ],
)
def test_loading(benchmark, report, write, name, style, delimiter, places, chosen):
    path = write(style, delimiter, places)
    ratios = []

    def one_round():
        gc.collect()
        theirs, expected = seconds(
            lambda: np.loadtxt(path, delimiter=None if delimiter == " " else delimiter, usecols=chosen)
        )
        ours, found = seconds(lambda: read_samples(path, chosen and tuple(str(place + 1) for place in chosen)))
        assert np.array_equal(np.column_stack(found[:2]), expected)
        ratios.append(ours / theirs)

    benchmark.pedantic(one_round, rounds=5)
    report(f"loading a file of {ROWS:,} rows", f"np.loadtxt, {name}", median(ratios), ratios, MOST)


def test_pictures(benchmark, report, write):
    session = Session(PRESETS["own-data"].replace(data=write("%.6f", ",", [0, 1])), speed=None)
    session.play()
    while not session.status.ended:
        session.advance(1)
    longest = []

    def one_round():
        worst = 0.0
        for view in VIEWS.values():
            for words in product(*view.options.values()):
                chosen = dict(zip(view.options, words, strict=True))
                taken, _ = seconds(lambda: draw(view.draw(scene_of(session), chosen), 198, 54))  # noqa: B023
                worst = max(worst, taken)
        longest.append(1000 * worst)

    benchmark.pedantic(one_round, rounds=5, warmup_rounds=1)
    del longest[0]  # the first one is not counted
    report(f"pictures of {ROWS:,} samples", "the slowest", median(longest), longest, MOST_OF_A_PICTURE, "ms")
