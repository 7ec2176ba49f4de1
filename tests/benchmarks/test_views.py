"""How long a picture of each view takes: a frame is a tenth of a second, and there is more to do in it."""

import time
from dataclasses import replace
from itertools import product

import pytest
from app_helpers import scene_for

from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.session.playback import Unit
from quadfit_tui.core.session.session import Session
from quadfit_tui.ui.charts.render import draw
from quadfit_tui.ui.views.scene import scene_of
from quadfit_tui.ui.views.view_table import VIEWS

MOST = 60  # ms
SIZES = {"80x24": (48, 10), "200x60": (198, 54)}  # of the terminal, and of the view in it


def finished(config):
    """A run that has six earlier ones beside it, paused by single updates after its end and the step back from it."""
    session = Session(config, speed=None)
    session.unit = Unit.UPDATE
    for at in range(7):
        session.restart(config.replace(lr=config.lr * 0.9**at))
        session.seek(config.epochs)
        while session.is_busy:
            session.advance(1)
    assert len(session.earlier) == 6
    session.back(Unit.UPDATE)
    while session.is_busy:
        session.advance(1)
    return session


RUNS = {
    "the article's run": PRESETS["article"],
    "noise, batches of 16 in a new order": PRESETS["noisy"],
    "1,000,000 epochs": PRESETS["article"].replace(epochs=1_000_000, stop_on="never"),
    "100,000 samples, full batch": PRESETS["full-batch"].replace(samples=100_000, noise=1.0),
}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", VIEWS)
def test_view(benchmark, report, name, size):
    view, runs = VIEWS[name], {"momentum": PRESETS["momentum"]} if name == "map" else RUNS
    sessions = [finished(config) for config in runs.values()]
    rate_map = scene_for(name, sessions[0], (120, 40)).rate_map
    longest = []

    def one_round():
        worst = 0.0
        for session, words in product(sessions, product(*view.options.values())):
            session.advance(0)
            started = time.process_time()
            scene = replace(scene_of(session), rate_map=rate_map)
            rows = draw(view.draw(scene, dict(zip(view.options, words, strict=True))), *SIZES[size])
            worst = max(worst, time.process_time() - started)
            assert len(rows) == SIZES[size][1]
        longest.append(1000 * worst)

    benchmark.pedantic(one_round, rounds=5, warmup_rounds=1)
    del longest[0]  # the first one is not counted
    figure = f"the longest picture of a view, of {len(runs)} runs with six earlier ones, all options"
    middle = sorted(longest)[len(longest) // 2]
    benchmark.extra_info["ms"] = report(figure, f"{name} at {size}", middle, longest, MOST, "ms")
