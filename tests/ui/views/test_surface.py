"""The view *surface*: its levels, path, marks and arrow against values worked out in other ways."""

from itertools import cycle, product

import numpy as np
import pytest
from app_helpers import as_text, go
from hypothesis import given
from hypothesis import strategies as st
from tables import table
from trials import trials, variants

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.model.loss_surface import surface_of
from quadfit_tui.core.model.problem import make_dataset
from quadfit_tui.core.session.session import RunSession
from quadfit_tui.ui.charts.axes import widest_window
from quadfit_tui.ui.charts.contours import Contours, Label, contours_of, distances, format_brief, levels
from quadfit_tui.ui.charts.render import draw as draw_chart
from quadfit_tui.ui.charts.spec import ChartSpec, Role, Series, ground_of
from quadfit_tui.ui.views.scene import scene_of
from quadfit_tui.ui.views.surface import PAIRS
from quadfit_tui.ui.views.view_table import VIEWS

properties = trials(100)
BEST, HELD = VIEWS["surface"].options["third"]


def at(config, epoch=0, update=0, back=None):
    """A session at a point of a run, then taken to an earlier epoch."""
    session = RunSession(PRESETS[config] if isinstance(config, str) else config)
    return go(session, (epoch, update), *([] if back is None else [(back,)]))


def draw(session, settles=None, **words):
    view = VIEWS["surface"]
    return view.draw(scene_of(session, settles), view.initial_options(session.snapshot()) | words)


def series(spec, role, **wanted):
    found = [each for each in spec.series if each.role is role]
    return [each for each in found if all(getattr(each, name) == value for name, value in wanted.items())]


def only(spec, role, **wanted):
    (found,) = series(spec, role, **wanted)
    return found


@table("pair", PAIRS)
@table("window", ["path", "near"])
def test_contours_lie_at_labeled_loss(pair, window):
    session = at("article-minibatch", 2, 7)
    snapshot, spec = session.snapshot(), draw(session, pair=pair, window=window, third=HELD)
    written = {float(note.text) for note in spec.notes}
    assert len(written) >= 4
    found = set()
    for line in series(spec, Role.CONTOUR, line=True):
        for point in np.stack([line.x, line.y], axis=1)[::10]:
            w = snapshot.w.copy()
            w[[*PAIRS[pair]]] = point
            loss = snapshot.problem.mean_loss(w)
            level = min(written, key=lambda level: abs(level - loss))
            assert loss == pytest.approx(level, rel=1e-9)
            found.add(level)
    assert found == {*sorted(written)[:: 2 if len(written) > 5 else 1]}
    for note in spec.notes:
        w = snapshot.w.copy()
        w[[*PAIRS[pair]]] = note.x[0], note.y[0]
        assert snapshot.problem.mean_loss(w) == pytest.approx(float(note.text), rel=1e-9)


@table("pair", PAIRS)
@table("preset", ["playground", "noisy", "ill-conditioned"])
@table("third", [BEST, HELD])
def test_ground_bands_match_contour_levels(preset, pair, third):
    session = at(preset, 4)
    problem, w = session.snapshot().problem, session.snapshot().w
    spec = draw(session, pair=pair, third=third)
    ground, edges = spec.ground, sorted(float(note.text) for note in spec.notes if note.role is Role.CONTOUR)
    assert ground.count == len(edges) + 1 <= 9
    for own, window in ((ground.x, spec.x_range), (ground.y, spec.y_range)):
        assert (own[0], own[-1]) == pytest.approx(widest_window(window))
        assert np.diff(own) == pytest.approx(np.full(len(own) - 1, (own[-1] - own[0]) / (len(own) - 1)), rel=1e-9)
    other = 3 - sum(PAIRS[pair])
    term = problem.x ** (2 - other)
    for row, column in product(range(0, len(ground.y), 17), range(0, len(ground.x), 23)):
        there = w.copy()
        there[[*PAIRS[pair]]] = ground.x[column], ground.y[row]
        if third == BEST:
            there[other] = 0.0
            there[other] = (problem.y - np.polyval(there, problem.x)) @ term / (term @ term)
        assert ground.bands[row, column] == sum(problem.mean_loss(there) > edge for edge in edges)


def test_contours_are_drawn_where_no_ground_is():
    spec = draw(at("playground", 4))
    lines = [each for each in series(spec, Role.CONTOUR, line=True) if len(each.x)]
    assert len(lines) > 3
    assert all(line.bare for line in lines)
    assert not any(each.bare for each in spec.series if each not in lines)
    flat = draw(at(RunConfig(samples=1), 0), pair="a b", third=BEST)
    assert flat.ground is None
    assert not any(each.bare for each in flat.series)


def test_straight_bands_have_labels_too():
    spec = draw(at(RunConfig(samples=2), 0), pair="a b")
    window = spec.x_range, spec.y_range
    for note in spec.notes:
        inside = [(low <= at) & (at <= high) for at, (low, high) in zip((note.x, note.y), window, strict=True)]
        assert np.logical_and(*inside).any()
    assert len(spec.notes) > 4


def test_path_is_epochs_then_updates():
    config = RunConfig(batch=100, epochs=9, stop_on="never", schedule="constant", lr=0.1)
    session = at(config, 3, 4)
    path = only(draw(session, pair="b c"), Role.PATH, line=True)
    expected = [at(config, epoch).snapshot().w for epoch in range(4)]
    expected += [at(config, 3, update).snapshot().w for update in range(5)]
    points = np.stack([path.x, path.y], axis=1)
    steps = points[1:][np.any(np.diff(points, axis=0) != 0, axis=1)]  # what is told twice is one place
    assert np.vstack([points[:1], steps]) == pytest.approx(
        np.array([expected[0], *expected[1:4], *expected[5:]])[:, 1:]
    )


def test_future_path_is_separate_series():
    session = at("full-batch", 20, back=12)
    spec = draw(session, pair="a c")
    curves = session.timeline.history.curves()
    past, ahead = only(spec, Role.PATH, line=True), only(spec, Role.AHEAD, line=True)
    assert (past.x[-1], past.y[-1]) == (ahead.x[0], ahead.y[0]) == tuple(session.snapshot().w[[0, 2]])
    assert ahead.x[1:].tolist() == curves.values["a"][13:].tolist()
    assert ahead.y[1:].tolist() == curves.values["c"][13:].tolist()
    assert past.x[0] == curves.values["a"][0]
    assert not series(draw(at("full-batch", 20)), Role.AHEAD)


@table("third", [BEST, HELD])
def test_now_start_and_optimum_are_marked(third):
    session = at("noisy", 3)
    snapshot = session.snapshot()
    for pair, places in PAIRS.items():
        spec = draw(session, pair=pair, third=third)
        start = session.timeline.history.curves().values
        for mark, point in (
            (only(spec, Role.HERE), snapshot.w),
            (only(spec, Role.OPTIMUM), snapshot.problem.optimum),
            (only(spec, Role.PATH, mark="s", label=""), [start[name][0] for name in "abc"]),
        ):
            assert [mark.x.tolist(), mark.y.tolist()] == [[point[places[0]]], [point[places[1]]]]
            assert spec.x_range[0] < mark.x[0] < spec.x_range[1]
            assert spec.y_range[0] < mark.y[0] < spec.y_range[1]


def test_lowest_point_of_slice_is_marked():
    session = at("full-batch", 3)
    snapshot = session.snapshot()
    spec = draw(session, pair="b c", third=HELD)
    lowest = only(spec, Role.CONTOUR, label="lowest on this slice")
    # With a held, y − a·x² is fitted by a straight line.
    line = np.polyfit(snapshot.problem.x, snapshot.problem.y - snapshot.w[0] * snapshot.problem.x**2, 1)
    assert [lowest.x[0], lowest.y[0]] == pytest.approx(line.tolist())
    assert spec.x_name == f"b (a = {snapshot.w[0]:.4g})"
    assert not series(draw(session, pair="b c", third=BEST), Role.CONTOUR, label="lowest on this slice")


@table("preset", ["article", "full-batch", "ill-conditioned", "noisy"])
@table("pair", PAIRS)
def test_arrow_points_along_steepest_descent(preset, pair):
    session = at(preset, 2, 1)
    w = session.snapshot().w
    tip = only(draw(session, pair=pair), Role.ARROW, line=True)
    way = np.array([np.diff(tip.x)[0], np.diff(tip.y)[0]])
    falls = []
    for place in PAIRS[pair]:
        change = np.eye(3)[place] * max(1e-4, 1e-4 * abs(w[place]))
        mean_loss = session.snapshot().problem.mean_loss
        rise = mean_loss(w + change) - mean_loss(w - change)
        falls.append(-rise / (2 * change[place]))
    # One direction: the same ratio, the same signs.
    assert way[0] * falls[1] == pytest.approx(way[1] * falls[0], rel=1e-4, abs=1e-6 * np.abs(way).max())
    assert way @ falls > 0


def test_earlier_runs_have_numbered_paths():
    session, ran = RunSession(PRESETS["full-batch"]), []
    for lr, samples in ((0.5, 800), (0.3, 700), (0.1, 800), (0.7, 800)):
        session.restart(PRESETS["full-batch"].replace(lr=lr, samples=samples))
        go(session, (4,))
        if samples == 800:
            ran.append((session.snapshot().number, session.timeline.history.curves().values))
    spec = draw(session, pair="b c")
    earlier = [only(spec, role, line=True) for role in (Role.RUN_1, Role.RUN_3)]
    assert [(path.x.tolist(), path.y.tolist()) for path in earlier] == [
        (curves["b"].tolist(), curves["c"].tolist()) for _, curves in ran[:-1]
    ]
    numbers = {note.role: note.text for note in spec.notes if note.role is not Role.CONTOUR}
    assert numbers == {role: f"#{number}" for role, (number, _) in zip((Role.RUN_1, Role.RUN_3), ran[:-1], strict=True)}
    assert all(path.bare for path in earlier)
    points = [only(spec, role, line=False) for role in (Role.RUN_1, Role.RUN_3)]  # upon a ground
    assert [(each.label, each.sign) for each in points] == [("#1", "1"), ("#3", "3")]
    for each, path in zip(points, earlier, strict=True):
        assert {*zip(each.x.tolist(), each.y.tolist(), strict=True)} <= {
            *zip(path.x.tolist(), path.y.tolist(), strict=True)
        }
    assert "#1" in "".join(as_text(spec, 60, 20))


def test_earlier_run_path_ends_within_first_epoch():
    session = at("article", 0, 3)
    left = session.snapshot().w.tolist()
    session.restart(PRESETS["article"].replace(lr=0.1))
    path = only(draw(session, pair="a b"), Role.RUN_1, line=True)
    assert (path.x.tolist(), path.y.tolist()) == ([-11 / 6, left[0]], [-395 / 3, left[1]])


def test_no_arrow_at_optimum():
    spec = draw(at(RunConfig(init=(2, -4, 3)), 0))
    assert not series(spec, Role.ARROW)
    assert spec.x_range[0] < 2 < spec.x_range[1]
    assert spec.y_range[0] < 3 < spec.y_range[1]
    assert all(len(row) <= 50 for row in as_text(spec, 50, 10))


@table("pair", PAIRS)
def test_settling_point_is_marked_unless_optimum(pair):
    session = at("noisy", 3)
    snapshot, settles = session.snapshot(), np.array([40.0, -30.0, 20.0])
    spec = draw(session, settles, pair=pair)
    mark = only(spec, Role.OPTIMUM, label="settles")
    assert (mark.x.tolist(), mark.y.tolist(), mark.mark) == ([settles[PAIRS[pair][0]]], [settles[PAIRS[pair][1]]], "x")
    assert spec.x_range[0] < mark.x[0] < spec.x_range[1]
    assert spec.y_range[0] < mark.y[0] < spec.y_range[1]
    assert "x settles" in draw_chart(spec, 48, 9)[0].text
    outside = np.array([1e3, 1e3, 1e3])
    assert (draw(session, outside, pair=pair).x_range, spec.x_range) == (draw(session, pair=pair).x_range,) * 2
    for other in (None, snapshot.problem.optimum * (1 + 1e-9), outside):
        assert not series(draw(session, other, pair=pair), Role.OPTIMUM, label="settles")


def test_legend_is_complete_at_48_columns():
    steps = PRESETS["noisy"].replace(lr=0.9)  # long ones, which are seen
    session = at(steps)
    legend = draw_chart(draw(session), 48, 9)[0]
    assert legend.text == "c  ● now  * opt  → grad  ⠤ path    loss  s start"
    assert [ground_of(letter) for letter in legend.roles] == [0 if place == 33 else -1 for place in range(48)]
    bare = draw_chart(draw(session), 48, 9, halves=0)
    assert bare[0].text == "c  ● now  * opt  → grad  ⠤ path  ⠤ loss  s start"
    visited = draw(at(steps, 6, back=0))
    assert draw_chart(visited, 48, 9, halves=0)[0].text == "c  ● now  * opt  → grad  ⠤ path  ⠤ later  ⠤ loss"
    go(session, (6,))
    session.restart(steps.replace(lr=0.8))
    assert draw_chart(draw(session), 48, 9, halves=0)[0].text.rstrip() == "c  ● now  * opt  → grad  ⠤ path  ⠤ loss  #1"


def test_near_is_nearer_than_the_path():
    session = at("article", 15)
    whole, near = draw(session), draw(session, window="near")
    assert near.y_range[1] - near.y_range[0] < 0.1 * (whole.y_range[1] - whole.y_range[0])


@table(("preset", "pair"), [("article", "a c"), ("ill-conditioned", "a c"), (RunConfig(x_min=2000, x_max=2020), "b c")])
def test_default_pair_is_flattest_direction(preset, pair):
    session = at(preset)
    assert VIEWS["surface"].initial_options(session.snapshot())["pair"] == pair


EXTREME = {
    "diverges": PRESETS["too-fast"],
    "far off": RunConfig(true=(1e12, -1e12, 1e12), lr=0.1),
    "one sample": RunConfig(samples=1),
    "a narrow range far away": RunConfig(x_min=1e12 - 1, x_max=1e12, lr=1e-50),
    "diverges at once": RunConfig(batch="full", lr=1e3, schedule="constant"),
    "two samples": RunConfig(samples=2),
    "far away": RunConfig(x_min=999_990, x_max=1e6, lr=1e-25),
}


@pytest.mark.parametrize("config", variants(EXTREME, 4))
def test_any_run_draws_without_warnings(config):
    session = at(config)
    for point, drawn in zip(((0, 0), (0, 1), (2, 0), (90, 0)), cycle(PAIRS), strict=False):
        go(session, point)
        with np.errstate(all="raise", under="ignore"):
            for words in product(*VIEWS["surface"].options.values()):
                spec = draw(session, **dict(zip(VIEWS["surface"].options, words, strict=True)))
                assert spec.x_range[0] < spec.x_range[1], (point, words)
                assert spec.y_range[0] < spec.y_range[1], (point, words)
                if drawn in words:
                    assert len(draw_chart(spec, 50, 10)) == 10, (point, words)


# Levels, windows, notes, heads


@properties
@given(st.floats(0, 1e12), st.floats(1e-6, 1e12))
def test_levels_are_round_numbers_in_range(low, size):
    high = low + max(size, 1e-6 * low)
    values = levels(low, high)
    texts = [format_brief(value) for value in values]
    assert 2 <= len(values) <= 8
    assert values == sorted(values)
    assert all(low < value < high for value in values)
    assert len(set(texts)) == len(values)
    assert [float(text) for text in texts] == pytest.approx(values, rel=1e-9, abs=1e-9 * high)


@table(
    ("low", "high", "texts"),
    [
        (0, 2, ["0.01", "0.02", "0.05", "0.1", "0.2", "0.5", "1"]),
        (0, 5e6, ["2e4", "5e4", "1e5", "2e5", "5e5", "1e6", "2e6"]),
        (0.25, 60, ["0.5", "1", "2", "5", "10", "20", "50"]),
        (0.1, 6000, ["20", "50", "100", "200", "500", "1000", "2000", "5000"]),
        (1, 30, ["2", "5", "10", "20"]),
        (7.1, 7.4, ["7.15", "7.2", "7.25", "7.3", "7.35"]),
        (3, 3, []),
        (0, np.inf, []),
        (0, 1.1e308, []),
        (0, 5e-324, []),
        (0, 1e308, ["5e305", "1e306", "2e306", "5e306", "1e307", "2e307", "5e307"]),
    ],
)
def test_levels_match_examples(low, high, texts):
    assert [format_brief(level) for level in levels(low, high)] == texts


def test_round_numbers_are_written_short():
    numbers = {0.03: "0.03", 300.0: "300", 9999.0: "9999", 1e4: "1e4", 3e-5: "3e-5", 1.5e20: "1.5e20", 0.1 + 0.2: "0.3"}
    assert {value: format_brief(value) for value in numbers} == numbers


def test_label_prefers_place_farthest_from_rest():
    places = np.array([[0.0, 0.0], [5.0, 500.0], [9.0, 900.0]])
    contour, path, window = np.array([[0.0, 100.0]]), np.array([[9.0, 899.0]]), ((0.0, 10.0), (0.0, 1000.0))
    label = Label("3", places, distances(places, contour, window))
    (found,) = Contours((), (label,)).notes(path, window)
    assert np.stack([found.x, found.y], axis=1).tolist() == [[5, 500], [0, 0], [9, 900]]


def test_contours_are_cached_per_surface_and_window():
    surface = surface_of(make_dataset(PRESETS["noisy"]))
    sections = [surface.at(np.array([1.0, 2.0, c]), (0, 1)) for c in (3.0, 4.0)] + [
        surface.minimized_over_third((0, 1))
    ]
    windows = [((-9.0, 9.0), (-9.0, 9.0)), ((-9.0, 9.0), (-9.0, 8.0))]
    for section, window in product([*sections, sections[0]._replace(least=7.0)], windows):
        found, around = contours_of(section, window), (widest_window(window[0]), widest_window(window[1]))
        assert contours_of(section, window) is found
        levels = [float(label.text) for label in found.labels]
        drawn = levels[::2] if len(levels) > 5 else levels
        expected = [part for level in drawn for part in section.contour(level, around)]
        assert len(found.lines) == len(expected) > 2
        for line, part in zip(found.lines, expected, strict=True):
            assert np.array_equal(np.stack([line.x, line.y], axis=1), part)


@table(
    ("x", "y", "head", "plain"),
    [(4, 0, "→", ">"), (0, 4, "↑", "^"), (-4, 0, "←", "<"), (0, -4, "↓", "v"), (4, 4, "↗", "/"), (-4, 4, "↖", "\\")],
)
def test_arrow_head_matches_direction(x, y, head, plain):
    arrow = Series(Role.ARROW, np.array([5.0, 5.0 + x]), np.array([5.0, 5.0 + y]), line=True, head=True)
    spec = ChartSpec((0.0, 10.0), (0.0, 10.0), (arrow,))
    assert any(head in row for row in as_text(spec, 46, 23)[1:])
    assert any(plain in row for row in as_text(spec, 46, 23, ascii=True)[1:-2])
