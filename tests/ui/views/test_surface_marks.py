"""The view *surface*: where its arrow ends, and what its legend has room for."""

import numpy as np
import pytest
from app_helpers import go
from tables import table

from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.session.session import RunSession
from quadfit_tui.ui.charts.render import draw as draw_chart
from quadfit_tui.ui.charts.spec import Role, role_of
from quadfit_tui.ui.views.scene import scene_of
from quadfit_tui.ui.views.surface import PAIRS
from quadfit_tui.ui.views.view_table import VIEWS


def draw(session, **words):
    view = VIEWS["surface"]
    return view.draw(scene_of(session), view.initial_options(session.snapshot()) | words)


def arrow_of(spec):
    """Where the arrow begins and ends, shape (2, 2)."""
    (found,) = [each for each in spec.series if each.role is Role.ARROW]
    assert found.head
    return np.stack([found.x, found.y], axis=1)


def labels(spec):
    return [each.label for each in spec.series if each.role is Role.ARROW]


PLAYGROUND = PRESETS["playground"]
NEXT_STEPS = {
    "half the derivative": (PLAYGROUND.replace(gradient="half"), 3),
    "the derivative": (PLAYGROUND.replace(gradient="full", lr=0.1), 3),
    "the start": (PLAYGROUND, 0),
    "above the limit": (PLAYGROUND.replace(lr=0.6), 5),
    "a rate that is halved": (PRESETS["full-batch"], 10),
    "just before it is": (PRESETS["full-batch"], 9),
    "scaled features": (PRESETS["ill-conditioned-scaled"], 2),
    "noise": (PRESETS["noisy"].replace(batch="full", samples=50), 1),
}


@pytest.mark.parametrize(("config", "epoch"), NEXT_STEPS.values(), ids=[*NEXT_STEPS])
def test_arrow_ends_where_next_update_takes_w(config, epoch):
    session = go(RunSession(config), (epoch,))
    now, specs = session.snapshot().w, {pair: draw(session, pair=pair) for pair in PAIRS}
    after = go(session, (epoch + 1,)).snapshot().w
    for pair, spec in specs.items():
        start, end = arrow_of(spec)
        assert start.tolist() == now[[*PAIRS[pair]]].tolist()
        assert end == pytest.approx(after[[*PAIRS[pair]]], rel=1e-9, abs=1e-12)
        assert labels(spec) == ["next step"]


OTHER_STEPS = {
    "single samples": ("article", (2, 7)),
    "batches": ("article-minibatch", (2, 0)),
    "momentum": ("momentum", (5, 0)),
    "adam": ("adam", (0, 9)),
    "an epoch that is rounded": (PRESETS["full-batch"].replace(round_epochs=2), (3, 0)),
    "a run that has ended": (PRESETS["full-batch"].replace(epochs=4), (4, 0)),
    "the full gradient of batches": (PRESETS["noisy"].replace(gradient="full"), (1, 2)),
}


@pytest.mark.parametrize(("config", "moment"), OTHER_STEPS.values(), ids=[*OTHER_STEPS])
def test_arrow_elsewhere_is_rate_times_gradient_of_all_samples(config, moment):
    session = go(RunSession(PRESETS[config] if isinstance(config, str) else config), moment)
    snapshot = session.snapshot()
    problem, w, convention = snapshot.problem, snapshot.w, {"half": 0.5, "full": 1.0}[snapshot.config.gradient]
    for pair, places in PAIRS.items():
        spec = draw(session, pair=pair)
        start, end = arrow_of(spec)
        assert start.tolist() == w[[*places]].tolist()
        for at, place in enumerate(places):
            step = np.eye(3)[place] * max(1e-3, 1e-4 * abs(w[place]))  # the mean loss is quadratic: any step is exact
            slope = (problem.mean_loss(w + step) - problem.mean_loss(w - step)) / (2 * step[place])
            assert end[at] - w[place] == pytest.approx(-snapshot.lr * convention * slope, rel=1e-5, abs=1e-9)
        assert labels(spec) == ["lr × gradient"]


def drawn_arrow(session, width, height, **options):
    """The legend, and the cells of the arrow, in rows of characters."""
    legend, *rows = draw_chart(draw(session), width, height, **options)
    cells = [text for row in rows for text, role in zip(*row, strict=True) if role_of(role) is Role.ARROW]
    return legend.text, cells


@table("options", [{"halves": 0}, {}, {"signs": True}, {"ascii": True}])
def test_arrow_shorter_than_character_is_left_out(options):
    session, seen = RunSession(PLAYGROUND), set()
    for epoch in (0, 1, 2, 5, 60, 90):
        legend, cells = drawn_arrow(go(session, (epoch,)), 60, 14, **options)
        assert ("next" in legend) is bool(cells)
        seen.add(bool(cells))
    assert seen == {True, False}


def test_arrow_beyond_window_is_clipped():
    session = go(RunSession(PLAYGROUND.replace(lr=200)), (0,))
    low, high = np.array([*zip(draw(session).x_range, draw(session).y_range, strict=True)])
    assert not ((low < arrow_of(draw(session))[1]) & (arrow_of(draw(session))[1] < high)).all()
    legend, cells = drawn_arrow(session, 60, 14, halves=0)
    assert "→ next" in legend
    assert cells
    assert not {*cells} & {*"→↗↑↖←↙↓↘"}  # its tip is out of sight


def test_arrow_points_where_next_update_leads_on_screen():
    session = RunSession(PLAYGROUND)
    legend, *rows = draw_chart(draw(session), 60, 20, halves=0)
    assert " ● now " in legend.text
    (tip,) = [(y, x) for y, row in enumerate(rows) for x, sign in enumerate(row.text) if sign in "→↗↑↖←↙↓↘"]
    _, *rows = draw_chart(draw(go(session, (1,))), 60, 20, halves=0)
    assert rows[tip[0]].text[tip[1]] == "●"


def test_now_is_marked_in_each_alphabet():
    session = go(RunSession(PLAYGROUND), (3,))
    for options, mark in (({}, "●"), ({"halves": 0}, "●"), ({"signs": True}, "●"), ({"ascii": True}, "@")):
        legend, *rows = draw_chart(draw(session), 60, 14, **options)
        assert f"{mark} now" in legend.text
        here = [text for row in rows for text, letter in zip(*row, strict=True) if role_of(letter) is Role.HERE]
        assert here == [mark]


def test_small_legend_keeps_path_and_earlier_runs():
    session = RunSession(PRESETS["noisy"])
    go(session, (1,))
    for run in range(1, 7):
        session.restart(PRESETS["noisy"].replace(lr=run / 7))
        go(session, (1,))
        view = VIEWS["surface"]
        spec = view.draw(scene_of(session), view.initial_options(session.snapshot()))
        rows = draw_chart(spec, *((48, 10) if run == 1 else (45, 24)))[: min(run, 2)]
        words = " ".join(row.text for row in rows).split()
        assert [word for word in words if word[0] in "#p"] == ["path", *(f"#{number}" for number in range(run, 0, -1))]


def test_brief_legend_shows_path_sign():
    session = go(RunSession(PRESETS["article"]), (1,))
    spec = VIEWS["surface"].draw(scene_of(session), VIEWS["surface"].initial_options(session.snapshot()))
    legend, *rows = draw_chart(spec, 48, 10, signs=True)
    drawn = [text for row in rows for text, role in zip(*row, strict=True) if role == Role.PATH]
    assert drawn.count("~") > 2 * drawn.count("o")
    assert "  ~ path  " in legend.text
