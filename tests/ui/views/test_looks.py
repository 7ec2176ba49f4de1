"""Charts and pages of each view as text, as files and plain terminals have them."""

import pytest
from app_helpers import as_text, go, scene_for

from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.session.session import RunSession
from quadfit_tui.ui.views.view_table import VIEWS

PATHS = {"article-minibatch": [(1, 1)], "momentum": [(12, 0)], "too-fast": [(7, 0)]}


@pytest.mark.parametrize("view", VIEWS)
def test_look(snapshot, view):
    for preset, path in PATHS.items():
        config = PRESETS[preset].replace(samples=40) if view == "map" else PRESETS[preset]  # of 800 it takes seconds
        session = go(RunSession(config, clock=lambda: 0.0), *path)
        scene = scene_for(view, session)
        spec = VIEWS[view].draw(scene, VIEWS[view].initial_options(scene.snapshot))
        assert "\n".join(as_text(spec, 76, 18)) == snapshot(name=preset)
        assert "\n".join(as_text(spec, 40, 10, ascii=True)) == snapshot(name=f"{preset} in ASCII")
