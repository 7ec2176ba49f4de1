"""The views where there are no colors: whose line is whose is told by the signs that lines are drawn in."""

from dataclasses import replace
from itertools import combinations, product

import pytest
from app_helpers import go, scene_for

from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.session.session import RunSession
from quadfit_tui.ui.charts.render import draw
from quadfit_tui.ui.charts.spec import Role
from quadfit_tui.ui.views.view_table import VIEWS

CHARTS = [name for name, view in VIEWS.items() if not view.is_page]
NO_SIGNS = (Role.BLANK, Role.AXIS)
LEVEL = "·"  # what a curve is to come to: the letter of the parameter is among the dots
SHARED = {LEVEL, "1", "2"}  # by a, b and c of an earlier run, the number of which it is
HEADS = str.maketrans(dict.fromkeys("↗↑↖←↙↓↘", "→"))


def scene(name):
    """Late in a run with noise, beside two earlier ones; it was trained further than it is viewed. A map of such runs
    would take seconds."""
    preset = PRESETS["momentum" if name == "map" else "noisy"]
    session = RunSession(preset, speed=None)
    for rate in (0.05, 0.02):
        go(session, (6,))
        session.restart(preset.replace(lr=rate))
    go(session, (9,), (8, 0) if name == "map" else (0, 20))
    return scene_for(name, session)


def signs(rows):
    """The characters of each role in rows."""
    found = {}
    for text, roles in rows:
        for sign, role in zip(text.translate(HEADS), roles, strict=True):
            if role not in NO_SIGNS and sign != " ":
                found.setdefault(role, set()).add(sign)
    return found


@pytest.mark.parametrize("name", CHARTS)
def test_series_signs_are_distinct_and_in_legend(name):
    view, shown = VIEWS[name], scene(name)
    seen = set()
    for words in product(*view.options.values()):
        spec = view.draw(shown, dict(zip(view.options, words, strict=True)))
        rows = draw(replace(spec, notes=()), 160, 40, signs=True)
        legend, inside = signs(rows[:2]), signs(rows[2:-2])
        for (one, its), (other, others) in combinations(inside.items(), 2):
            assert its & others <= SHARED, (words, one, other)
        for series in spec.series:
            if series.label and series.role in inside:
                assert inside[series.role] & legend[series.role] - {LEVEL} or series.role is Role.TOL, (words, series)
                seen.add(series.role)
    assert len(seen) > 2
