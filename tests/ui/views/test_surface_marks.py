"""The view *surface*: how far its arrow reaches, and what its legend has room for."""

import numpy as np
import pytest
from app_helpers import go
from hypothesis import given
from hypothesis import strategies as st
from tables import table
from trials import trials

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.model.loss_surface import surface_of
from quadfit_tui.core.model.problem import make_problem
from quadfit_tui.core.session.session import Session
from quadfit_tui.ui.charts.render import draw as draw_chart
from quadfit_tui.ui.charts.spec import Role
from quadfit_tui.ui.views.scene import scene_of
from quadfit_tui.ui.views.surface import ARROW, PAIRS, arrow
from quadfit_tui.ui.views.view_table import VIEWS


def tip_of(surface, w, pair, window):
    """The tip of the arrow at the start of a run, where no update has been done."""
    ends = arrow(surface, w, w, pair, window)
    assert ends is None or np.array_equal(ends[0], w[[*pair]])
    return None if ends is None else ends[1]


@table("size", [1e-150, 1.0, 1e170, 1e300])
def test_arrow_length_is_independent_of_window(size):
    surface = surface_of(make_problem(RunConfig(samples=20)))
    window = (-size, size), (-size / 1e5, size / 1e5)
    tip = tip_of(surface, np.zeros(3), PAIRS["a b"], window)
    across = tip / [2 * size, 2e-5 * size]
    assert np.hypot(*across) == pytest.approx(0.2, rel=1e-12) == ARROW


@trials(100)
@given(*[st.floats(-3, 3)] * 3, st.floats(0.001, 0.999), st.floats(0.001, 0.999), st.sampled_from([*PAIRS]))
def test_arrow_tip_stays_in_window(a, b, c, across, up, pair):
    surface, w = surface_of(make_problem(RunConfig(samples=20))), np.array([a, b, c])
    here = w[[*PAIRS[pair]]]
    low = here - np.array([across, up])
    window = tuple(zip(low.tolist(), (low + 1).tolist(), strict=True))
    tip = tip_of(surface, w, PAIRS[pair], window)
    if tip is not None:
        assert ((tip >= low - 1e-9) & (tip <= low + 1 + 1e-9)).all()
        far = tip_of(surface, w, PAIRS[pair], tuple((at - 9, at + 9) for at in here.tolist())) - here
        way = tip - here
        assert way @ far == pytest.approx(np.hypot(*way) * np.hypot(*far))  # shorter, not turned
        assert np.hypot(*way) <= ARROW * (1 + 1e-9)


UPDATES = {
    "the start": ("full-batch", (0, 0)),
    "full batch": ("full-batch", (3, 0)),
    "within an epoch": ("article", (2, 7)),
    "the end of an epoch": ("article-minibatch", (2, 0)),
    "momentum": ("momentum", (5, 0)),
    "scaled": ("ill-conditioned-scaled", (2, 0)),
}


@pytest.mark.parametrize(("preset", "moment"), UPDATES.values(), ids=[*UPDATES])
@table("pair", PAIRS)
def test_arrow_starts_before_last_update(preset, moment, pair):
    session = go(Session(PRESETS[preset]), moment)
    per_epoch = session.snapshot().updates_per_epoch
    one_less = divmod(max(0, moment[0] * per_epoch + moment[1] - 1), per_epoch)
    before = go(Session(PRESETS[preset]), one_less).snapshot().w
    spec = VIEWS["surface"].draw(scene_of(session), VIEWS["surface"].words(session.snapshot()) | {"pair": pair})
    (found,) = [each for each in spec.series if each.role is Role.ARROW and each.line]
    (path,) = [each for each in spec.series if each.role is Role.PATH and each.line]
    places, w = [*PAIRS[pair]], session.snapshot().w
    assert [found.x[0], found.y[0]] == pytest.approx(before[places], rel=1e-12)
    assert [path.x[-2], path.y[-2]] == [found.x[0], found.y[0]]
    assert [path.x[-1], path.y[-1]] == w[places].tolist()


@table(("update", "length"), [(0.0, ARROW), (0.099, ARROW), (0.11, 0.055), (0.38, 0.19), (0.5, ARROW)])
def test_arrow_tip_avoids_w_after_update(update, length):
    surface, before = surface_of(make_problem(RunConfig(samples=20))), np.array([2.0, -4.0, 4.0])
    window = (0.0, 4.0), (0.0, 8.0)
    way = tip_of(surface, before, PAIRS["a c"], window) - before[[0, 2]]
    after = before.copy()
    after[[0, 2]] += way * update / ARROW
    start, tip = arrow(surface, before, after, PAIRS["a c"], window)
    assert start.tolist() == [2, 4]
    assert np.hypot(*((tip - start) / [4, 8])) == pytest.approx(length)
    assert np.hypot(*((tip - after[[0, 2]]) / [4, 8])) > 0.05


def test_no_arrow_from_outside_window():
    surface, inside, outside = surface_of(make_problem(RunConfig(samples=20))), np.ones(3), np.array([9.0, 1.0, 1.0])
    window = (0.0, 2.0), (0.0, 2.0)
    assert arrow(surface, outside, inside, PAIRS["a b"], window) is None
    assert arrow(surface, inside, outside, PAIRS["a b"], window) is not None


def test_small_legend_keeps_path_and_earlier_runs():
    session = Session(PRESETS["noisy"])
    go(session, (1,))
    for run in range(1, 7):
        session.restart(PRESETS["noisy"].replace(lr=run / 7))
        go(session, (1,))
        view = VIEWS["surface"]
        spec = view.draw(scene_of(session), view.words(session.snapshot()))
        rows = draw_chart(spec, *((48, 10) if run == 1 else (45, 24)))[: min(run, 2)]
        words = " ".join(row.text for row in rows).split()
        assert [word for word in words if word[0] in "#p"] == ["path", *(f"#{number}" for number in range(run, 0, -1))]


def test_brief_legend_shows_path_sign():
    session = go(Session(PRESETS["article"]), (1,))
    spec = VIEWS["surface"].draw(scene_of(session), VIEWS["surface"].words(session.snapshot()))
    legend, *rows = draw_chart(spec, 48, 10, signs=True)
    drawn = [text for row in rows for text, role in zip(*row, strict=True) if role == Role.PATH]
    assert drawn.count("~") > 2 * drawn.count("o")
    assert "  ~ path  " in legend.text
