"""The view *parameters*: its ChartSpec against values worked out elsewhere."""

import numpy as np
import pytest

from quadfit_tui.core.presets import PRESETS
from quadfit_tui.core.session import Session
from quadfit_tui.ui.chartspec import Role, Scale
from quadfit_tui.ui.scene import scene_of
from quadfit_tui.ui.views import VIEWS


def after(preset, epochs):
    session = Session(PRESETS[preset], speed=None)
    session.seek(epochs)
    while session.is_busy:
        session.advance(1)
    return session


def draw(session, window="all"):
    return VIEWS["parameters"].draw(scene_of(session), {"window": window})


@pytest.mark.parametrize(("window", "scale"), [("all", Scale.SYMLOG), ("near", Scale.LINEAR)])
def test_each_parameter_is_a_line_to_its_optimum(window, scale):
    session = after("noisy", 7)
    spec = draw(session, window)
    assert spec.y_scale is scale
    problem = session.snapshot().problem
    records = session.records(0, 7)
    optimum = np.polyfit(problem.x, problem.y, 2)
    for at, role in enumerate((Role.A, Role.B, Role.C)):
        best, line, _ = [each for each in spec.series if each.role is role]
        assert best.y == pytest.approx(np.full(len(best.y), optimum[at]))
        assert line.x.tolist() == list(range(8))
        assert line.y[1:].tolist() == pytest.approx([record.w[at] for record in records])
        assert line.label == f"{session.snapshot().w[at]:.4g} → {optimum[at]:.4g}"
