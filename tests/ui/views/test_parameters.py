"""The view *parameters*: its ChartSpec against values worked out elsewhere."""

import re

import numpy as np
import pytest
from app_helpers import go

from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.session.session import RunSession
from quadfit_tui.ui.charts.render import draw as draw_chart
from quadfit_tui.ui.charts.spec import AxisScale, Role
from quadfit_tui.ui.views.scene import scene_of
from quadfit_tui.ui.views.view_table import VIEWS

ROLES = (Role.A, Role.B, Role.C)


def after(preset, *epochs):
    return go(RunSession(PRESETS[preset], speed=None), *((epoch,) for epoch in epochs))


def draw(session, window="all"):
    return VIEWS["parameters"].draw(scene_of(session), {"window": window})


def lines(spec, role):
    return [each for each in spec.series if each.role is role and each.line]


@pytest.mark.parametrize(("window", "scale"), [("all", AxisScale.SYMLOG), ("near", AxisScale.LINEAR)])
def test_parameter_lines_and_optima(window, scale):
    session = after("noisy", 7)
    spec = draw(session, window)
    assert spec.y_scale is scale
    problem, records = session.snapshot().problem, session.timeline.records(0, 7)
    optimum = np.polyfit(problem.x, problem.y, 2)
    for at, role in enumerate(ROLES):
        (line,) = lines(spec, role)
        best = next(each for each in spec.series if each.role is role)
        assert best.y == pytest.approx(np.full(len(best.y), optimum[at]))
        assert best.x[0] <= spec.x_range[0] < spec.x_range[1] <= best.x[-1]  # the axis may go on behind its window
        assert line.x.tolist() == list(range(8))
        assert line.y[0] == session.config.init[at]
        assert line.y[1:].tolist() == pytest.approx([record.w[at] for record in records])
        assert line.label == f"{session.snapshot().w[at]:.4g} → {optimum[at]:.4g}"
        assert spec.y_range[0] < optimum[at] < spec.y_range[1]


def test_the_whole_window_has_everything_in_it():
    spec = draw(after("article", 6))
    for role in ROLES:
        (line,) = lines(spec, role)
        assert spec.y_range[0] < line.y.min()
        assert line.y.max() < spec.y_range[1]


def test_legend_and_marks_follow_visited_moment():
    session = after("article", 9, 4)
    spec, w = draw(session), session.timeline.records(3, 4)[0].w
    here = [each for each in spec.series if each.role is Role.HERE]
    assert [each.x.tolist() for each in here] == [[4]] * 3
    assert [each.y[0] for each in here] == pytest.approx(w.tolist())
    assert lines(spec, Role.C)[0].label.startswith(f"{w[2]:.4g} → ")
    assert lines(spec, Role.C)[0].x[-1] == 9


def test_smallest_legend_has_all_three():
    session = after("noisy", 100)
    legend = draw_chart(draw(session), 48, 10)[0].text
    assert re.fullmatch(r"a 2\.\d+→2\.02  b -\d\.\d+→-4\.01  c \d\.\d+→2\.98 *", legend)


def test_earlier_runs_have_numbers_and_hues_of_parameters():
    session = after("article", 6)
    session.restart(PRESETS["article"].replace(lr=0.25))
    spec, earlier = draw(go(session, (3,))), RunSession(PRESETS["article"])
    (entry,) = lines(spec, Role.RUN_1)
    found = [line for role in ROLES for line in lines(spec, role) if line.dash]
    w = np.array([record.w for record in go(earlier, (6,)).timeline.records(0, 6)])
    assert (entry.label, len(entry.x), [line.label for line in found]) == ("#1 lr 0.5", 0, [""] * 3)
    assert [line.role for line in found] == [*ROLES]  # a hue for each parameter, whichever run it is of
    assert {each.sign for each in found} == {"1"}
    assert {note.text: note.role for note in spec.notes} == {**dict(zip("abc", ROLES, strict=True)), "#1": Role.RUN_1}
    for at, line in enumerate(found):
        assert line.y[1:].tolist() == pytest.approx(w[:, at].tolist())


@pytest.mark.parametrize(("changes", "count"), [({"lr": 0.1}, 1), ({"noise": 0.5}, 1), ({"true": (2.0, 1.0, -3.0)}, 0)])
def test_runs_toward_another_parabola_are_left_out(changes, count):
    session = after("article", 6)
    session.restart(PRESETS["article"].replace(**changes))
    spec = draw(go(session, (4,)))
    assert sum(note.text == "#1" for note in spec.notes) == count


def test_one_epoch_update_by_update():
    session = go(RunSession(PRESETS["article-minibatch"]), (2, 30))
    spec = draw(session, "epoch")
    assert spec.x_range == (0, 50)
    (line,) = lines(spec, Role.A)
    assert line.x.tolist() == list(range(31))
    for update in (0, 7, 30):
        assert line.y[update] == go(RunSession(PRESETS["article-minibatch"]), (2, update)).snapshot().w[0]
