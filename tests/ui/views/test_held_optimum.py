"""No view shows the optimum while that is held back: neither as a mark or a number, nor by the window around it."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from app_helpers import go

from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.session.session import RunSession
from quadfit_tui.ui.charts.render import draw as render_draw
from quadfit_tui.ui.charts.spec import Role
from quadfit_tui.ui.views.scene import scene_of
from quadfit_tui.ui.views.view_table import VIEWS

RUNS = {
    "noisy": (PRESETS["noisy"], 100),
    "diverged": (PRESETS["full-batch"].replace(lr=1e6, schedule="constant"), 60),
    "on a slice": (PRESETS["ill-conditioned"], 5),
}


@pytest.fixture(params=RUNS)
def session(request):
    config, epochs = RUNS[request.param]
    return go(RunSession(config, speed=None), (epochs,))


def pictures(session, held):
    """What each view shows with each choice of its words: its name, its picture, the rows of that."""
    for name in ("fit", "parameters", "surface"):
        for chosen in product(*VIEWS[name].options.values()):
            words = dict(zip(VIEWS[name].options, chosen, strict=True))
            spec = VIEWS[name].draw(scene_of(session, withheld=held), words)
            yield name, spec, "\n".join(row.text for row in render_draw(spec, 100, 30))


def test_hidden_optimum_is_in_no_picture(session):
    for name, spec, rows in pictures(session, {"optimum"}):
        assert "optimum" not in rows, name
        assert "→" not in rows or name == "surface", name  # which has arrows
        assert "lowest" not in rows, name  # of a slice
        assert Role.OPTIMUM not in {each.role for each in spec.series}
        assert np.isfinite([*spec.x_range, *spec.y_range]).all()
        assert spec.y_range[0] < spec.y_range[1]
    assert {"optimum" in rows for name, _, rows in pictures(session, set()) if name == "surface"} == {True}
    assert any("→" in rows for name, _, rows in pictures(session, set()) if name == "parameters")


def test_near_window_surrounds_w_instead():
    session = go(RunSession(PRESETS["article"], speed=None), (2,))
    a, b, c = session.snapshot().w
    near = VIEWS["parameters"].draw(scene_of(session, withheld={"optimum"}), {"window": "near"}).y_range
    assert near[0] < min(a, b, c) < max(a, b, c) < near[1]
    assert near[1] - near[0] < 3 * (max(a, b, c) - min(a, b, c))
    assert near != VIEWS["parameters"].draw(scene_of(session), {"window": "near"}).y_range


def test_hidden_gradient_hides_surface_arrow():
    scene, words = scene_of(RunSession(PRESETS["full-batch"], speed=None)), {"pair": "a c", "third": "third at best"}
    told, held = (
        {each.role for each in VIEWS["surface"].draw(each, words | {"window": "path"}).series}
        for each in (scene, replace(scene, withheld={"gradient"}))
    )
    assert told - held == {Role.ARROW}
