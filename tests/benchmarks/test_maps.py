"""The map of rates: beside the maps of epochs that the diagnosis composes, and beside a drawing of a view."""

import time
from statistics import median

import numpy as np
import pytest

from quadfit_tui.core.algebra.affine_maps import log_spectral_radius
from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.diagnosis.stability import EpochMaps, descent_of
from quadfit_tui.core.model.task import make_task
from quadfit_tui.core.rate_map.pieces import map_pieces, whole_map
from quadfit_tui.core.session.session import Session
from quadfit_tui.ui.charts.render import draw
from quadfit_tui.ui.views.scene import scene_of
from quadfit_tui.ui.views.view_table import VIEWS

LONGEST_SLICE = 20  # ms


def seconds(work):
    started = time.process_time()
    work()
    return time.process_time() - started


def row_by_row(task, found):
    """The same factors by the diagnosis's maps."""
    with np.errstate(all="ignore"):
        for level in found.levels.tolist():
            epochs = EpochMaps(descent_of(task.replace(momentum=level)), task.trained)
            log_spectral_radius(epochs.linear(epochs.maps(found.rates).matrix))


@pytest.mark.parametrize(("batch", "most"), [(16, 0.3), (1, 0.1)])
def test_map_beside_the_diagnosis(benchmark, report, batch, most):
    task, ratios = make_task(PRESETS["momentum"].replace(batch=batch)), []
    found = whole_map(task)

    def one_round():
        ours = seconds(lambda: whole_map(task))
        ratios.append(ours / seconds(lambda: row_by_row(task, found)))

    benchmark.pedantic(one_round, rounds=3)
    report(f"map, batches of {batch} of 800", "epochs' maps row by row", median(ratios), ratios, most)


def test_map_beside_a_drawing_of_the_surface(benchmark, report):
    session, ratios = Session(PRESETS["momentum"], speed=None), []
    session.seek(5)
    while session.is_busy:
        session.advance(1)
    view = VIEWS["surface"]
    words = {option: choices[0] for option, choices in view.options.items()}

    def one_round():
        ours = seconds(lambda: whole_map(session.timeline.task))
        ratios.append(ours / seconds(lambda: draw(view.draw(scene_of(session), words), 78, 20)))

    benchmark.pedantic(one_round, rounds=7, warmup_rounds=1)
    del ratios[0]
    report("map of preset momentum", "a drawing of the surface", median(ratios), ratios, 1)


@pytest.mark.parametrize("batch", ["full", 16, 1])
def test_slices(benchmark, report, batch):
    task, longest = make_task(PRESETS["momentum"].replace(batch=batch)), []

    def one_round():
        slices, started = [], time.process_time()
        for _ in map_pieces(task):
            slices.append(time.process_time() - started)
            started = time.process_time()
        longest.append(1000 * max(slices))

    benchmark.pedantic(one_round, rounds=3)
    report(f"longest slice of a map, batch {batch}", "", median(longest), longest, LONGEST_SLICE, "ms")
