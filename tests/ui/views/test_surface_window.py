"""The window of the view *surface*: what it holds, against contours found by passes over the samples, and how still it
is."""

from itertools import pairwise, product

import numpy as np
import pytest
from app_helpers import go
from hypothesis import given
from hypothesis import strategies as st
from tables import table
from trials import trials

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.model.loss_surface import LossContours
from quadfit_tui.core.session.session import RunSession
from quadfit_tui.ui.charts.contours import Contours
from quadfit_tui.ui.charts.spec import Role
from quadfit_tui.ui.views import surface
from quadfit_tui.ui.views.scene import scene_of
from quadfit_tui.ui.views.surface import PAIRS
from quadfit_tui.ui.views.surface_window import (
    FLATTEST,
    HALVINGS,
    LATELY,
    MARGIN,
    steady_height,
    window_around,
)
from quadfit_tui.ui.views.view_table import VIEWS

BEST, HELD = VIEWS["surface"].options["third"]
LESSON = PRESETS["full-batch"].replace(init=(2, -4, 4), schedule="constant", epochs=200)
NARROW = RunConfig(samples=5, x_min=10, x_max=11, lr=1e-5, batch="full", schedule="constant")
WORDS = {"window": "path", "pair": "a c", "third": BEST}


def at(config, *moments):
    return go(RunSession(PRESETS[config] if isinstance(config, str) else config), *moments)


def window_of(session, **words):
    view = VIEWS["surface"]
    spec = view.draw(scene_of(session), view.initial_options(session.snapshot()) | words)
    return spec.x_range, spec.y_range


def features(problem):
    return np.stack([problem.x**2, problem.x, np.ones_like(problem.x)])


def ellipse(snapshot, pair, third):
    """Points on which the mean loss is the present one, shape (720, 2): along rays it is a parabola."""
    problem, terms = snapshot.problem, features(snapshot.problem)
    other = terms[3 - sum(pair)]

    def loss(point):
        left = problem.y - point @ terms[[*pair]]
        held = snapshot.w[3 - sum(pair)] if third == HELD else (left @ other) / (other @ other)
        return float(np.mean((left - held * other) ** 2))

    if third == HELD:
        target = problem.y - snapshot.w[3 - sum(pair)] * other
        center = np.linalg.lstsq(terms[[*pair]].T, target, rcond=None)[0]
    else:
        center = np.linalg.lstsq(terms.T, problem.y, rcond=None)[0][[*pair]]
    least, found = loss(center), []
    for turn in np.linspace(0, 2 * np.pi, 720, endpoint=False):
        ray = np.array([np.cos(turn), np.sin(turn)])
        found.append(center + ray * np.sqrt((snapshot.mean_loss - least) / (loss(center + ray) - least)))
    return np.array(found)


@table(("config", "moment"), [("playground", 0), ("playground", 9), ("article", 0), ("momentum", 4), (LESSON, 0)])
@table("third", [BEST, HELD])
@table("window", ["path", "near"])
def test_contour_of_present_loss_fits_window(config, moment, third, window):
    session = at(config, (moment,))
    pair = "a b" if third == HELD else "a c"
    points = ellipse(session.snapshot(), PAIRS[pair], third)
    for values, (low, high) in zip(points.T, window_of(session, pair=pair, third=third, window=window), strict=True):
        assert low < values.min() < values.max() < high
        assert window == "path" or high - low < 12 * (values.max() - values.min())


@table("config", ["article", "playground", "ill-conditioned", "momentum", "noisy", LESSON, NARROW])
@table("pair", PAIRS)
def test_contours_are_never_flat_lines(config, pair):
    session = at(config, (0,))
    terms = features(session.snapshot().problem)[[*PAIRS[pair]]]
    steep = np.sqrt((terms**2).mean(axis=1))  # with the third held a contour is as wide as 1/steep where it is cut
    for moment in (0, 1, 4, 40):
        go(session, (moment,))
        for window in ("path", "near"):
            sizes = np.ptp(window_of(session, pair=pair, window=window, third=HELD), axis=1) * steep
            assert 1 <= sizes.max() / sizes.min() <= FLATTEST * (1 + 1e-9)


@table("preset", ["full-batch", "noisy"])
def test_start_at_optimum_has_wide_window(preset):
    best = at(preset).snapshot().problem.optimum
    session = at(PRESETS[preset].replace(init=tuple(best.tolist()), stop_on="never"), (1,))
    for low, high in window_of(session):
        assert high - low > 0.01


BATCHES = ["article", "noisy"]
STAYS = ["playground", "full-batch", "momentum", "ill-conditioned", "ill-conditioned-scaled", LESSON]


@table("config", [*BATCHES, *STAYS])
def test_window_of_run_holds_still(monkeypatch, config):
    monkeypatch.setattr(surface, "contours_of", lambda *_: Contours((), ()))  # which take longest
    session = at(config)
    beginning, default = session.snapshot(), VIEWS["surface"].initial_options(session.snapshot())["pair"]
    pairs = (default,) if config in BATCHES else PAIRS
    windows = {each: set() for each in product(pairs, (BEST, HELD))}
    for epoch in range(60):
        go(session, (epoch,))
        for (pair, third), found in windows.items():
            found.add(window_of(session, pair=pair, third=third))
    for (pair, third), found in windows.items():
        (window,) = found
        if pair == default:
            points = ellipse(beginning, PAIRS[pair], third)
            for values, (low, high) in zip(points.T, window, strict=True):
                assert low < values.min() < values.max() < high, third


FAR = RunConfig(x_min=2000, x_max=2020, batch="full", scale_features=True, lr=0.5, schedule="constant", epochs=300)


TWO = RunConfig(samples=2, batch="full", lr=0.1)


@table("config", [NARROW, FAR, TWO, *STAYS])
def test_path_stays_in_window_and_is_readable(config):
    """Also where the contour of the start is hundreds of times as long as wide."""
    session = at(config)
    first = window_of(session)
    go(session, (min(300, session.config.epochs),))
    spec = VIEWS["surface"].draw(scene_of(session), VIEWS["surface"].initial_options(session.snapshot()))
    assert (spec.x_range, spec.y_range) == first
    seen = [each for each in spec.series if (each.role is Role.PATH and each.line) or each.role is Role.OPTIMUM]
    x, y = (np.concatenate(each) for each in ([one.x for one in seen], [one.y for one in seen]))
    assert max(np.ptp(x) / np.ptp(spec.x_range), np.ptp(y) / np.ptp(spec.y_range)) > 0.07


def times_as_wide(first, best, path):
    """How many times as wide as the `first` window one is that has been doubled until a path is in it."""
    times = 1
    for point in path:
        for at, middle, (low, high) in zip(point, best, first, strict=True):
            margin = (high - low) * MARGIN / (1 + 2 * MARGIN)  # which is not to be left
            while not middle - times * (middle - low - margin) <= at <= middle + times * (high - margin - middle):
                times *= 2
    return times


PLAYGROUND = PRESETS["playground"]
LEAVES = {
    "slowly": (PLAYGROUND.replace(lr=0.53), 80),
    "fast": (PLAYGROUND.replace(lr=2), 30),
    "and comes back": (PLAYGROUND.replace(lr=0.7, schedule="halve"), 40),
}


@pytest.mark.parametrize(("config", "epochs"), LEAVES.values(), ids=[*LEAVES])
@table("third", [BEST, HELD])
def test_window_doubles_exactly_when_w_leaves(monkeypatch, config, epochs, third):
    monkeypatch.setattr(surface, "contours_of", lambda *_: Contours((), ()))
    session, seen = at(config), []
    first, best = window_of(session, third=third), session.snapshot().problem.optimum[[0, 2]]
    path = []
    for epoch in range(epochs):
        go(session, (epoch,))
        path.append(session.snapshot().w[[0, 2]])
        seen.append(times_as_wide(first, best, path))
        for middle, (low, high), found in zip(best, first, window_of(session, third=third), strict=True):
            wider = middle + (np.array([low, high]) - middle) * seen[-1]
            assert found == pytest.approx(tuple(wider.tolist()))
    assert seen[0] == 1
    assert seen[-1] >= 2
    for epoch in (epochs - 1, 0, epochs // 2):  # going back shows what was shown then
        spec = VIEWS["surface"].draw(scene_of(go(session, (epoch,))), WORDS | {"third": third})
        if seen[epoch] <= 2:
            assert spec.caption == ("" if seen[epoch] == 1 else "Twice as wide: w left the window.")
        else:
            number, said = spec.caption.split(" × ")
            assert (float(number), said) == (pytest.approx(seen[epoch], rel=0.05), "as wide: w left the window.")
            assert len(spec.caption) <= 37 or seen[epoch] > 1e99  # what there is room for beside another view


def test_window_has_room_for_updates_of_epoch():
    session = at(PRESETS["too-fast"], (0, 0))
    first, best = window_of(session), session.snapshot().problem.optimum[[0, 2]]
    path = [session.snapshot().w[[0, 2]]]
    for update in range(1, 40):
        go(session, (0, update))
        path.append(session.snapshot().w[[0, 2]])
        times = times_as_wide(first, best, path)
        assert np.ptp(window_of(session)[0]) == pytest.approx(times * np.ptp(first[0]))
    assert times > 1


def test_near_window_seldom_changes_during_playback(monkeypatch):
    monkeypatch.setattr(surface, "contours_of", lambda *_: Contours((), ()))
    for config, most in (("playground", 10), ("momentum", 14), ("noisy", 16), (LESSON, 14)):
        session, windows = at(config), {BEST: [], HELD: []}
        for epoch in range(60):
            go(session, (epoch,))
            for third, found in windows.items():  # with the third held, it is another surface each time
                found.append(window_of(session, window="near", third=third))
        for third, found in windows.items():
            changes = sum(one != other for one, other in pairwise(found))
            assert 1 <= changes <= most, (config, third, changes)


@table("preset", ["playground", "article", "noisy"])
def test_window_is_independent_of_history(preset):
    played = at(preset, *((epoch,) for epoch in range(13)))
    there, back = at(preset, (12,)), at(preset, (40,), (12,))
    for third in (BEST, HELD):
        for window in ("path", "near"):
            words = {"window": window, "third": third}
            assert window_of(played, **words) == window_of(there, **words)
            assert window_of(there, **words) == window_of(back, **words)


@trials(200)
@given(st.lists(st.floats(0, 1e306), min_size=1, max_size=60))
def test_steady_height_equals_plain_loop(heights):
    kept = None
    for at, _ in enumerate(heights):
        largest = max(heights[max(0, at - LATELY + 1) : at + 1])
        rounded = np.ceil(2 * np.log2(np.clip(largest, 1e-307, 1e307))) / 2
        if kept is None or rounded > kept or rounded <= kept - HALVINGS:
            kept = rounded
    found = steady_height(np.array(heights))
    assert found == 2.0**kept
    assert heights[-1] <= found * (1 + 1e-9)


@trials(100)
@given(
    st.lists(st.tuples(*[st.floats(allow_nan=False, allow_infinity=False)] * 2), min_size=1, max_size=5),
    st.tuples(*[st.floats(-1e12, 1e12)] * 2),
    st.sampled_from([0.0, 1e-200, 1.0, 1e9, 1e300]),
    st.sampled_from([np.eye(2), np.zeros((2, 2)), np.array([[1.0, 1.0], [0, 1e-9]]), np.array([[0.0, 3.0], [0, 0]])]),
)
def test_window_is_nonempty_and_contains_points(points, best, height, root):
    points = np.array([best, *points])
    section = LossContours(np.array(best), root, 0.0)
    for values, (low, high) in zip(points.T, window_around(points, section, height, 1.0), strict=True):
        assert low < high < np.inf
        assert ((values >= low) & (values <= high) | (np.abs(values) > 1e300)).all()


def test_ellipse_reach_matches_contour():
    section = LossContours(np.array([3.0, -2.0]), np.array([[2.0, 1.5], [0.0, 0.25]]), 7.0)
    widths, longer = section.contour_extent()
    for axis, width in enumerate(widths):
        assert section.losses(section.center + width * np.eye(2)[[axis]])[0] == pytest.approx(8)
    (contour,) = section.contour(8.0, ((-20.0, 20.0), (-20.0, 20.0)))
    farthest = np.abs(contour - section.center).max(axis=0)
    assert farthest == pytest.approx(widths * longer, rel=2e-3)
    assert (farthest <= widths * longer * (1 + 1e-12)).all()
