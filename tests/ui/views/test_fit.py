"""The view *fit*: its ChartSpec against values worked out by hand."""

from itertools import pairwise

import numpy as np
import pytest
from app_helpers import as_text, go
from tables import table

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.session.playback import Unit
from quadfit_tui.core.session.session import RunSession
from quadfit_tui.core.text.width import cell_width as columns_of
from quadfit_tui.ui.charts.render import draw as render_draw
from quadfit_tui.ui.charts.spec import Role
from quadfit_tui.ui.views.fit import WINDOWS
from quadfit_tui.ui.views.scene import scene_of
from quadfit_tui.ui.views.view_table import VIEWS


def draw(session, window, optimum="hidden"):
    return VIEWS["fit"].draw(scene_of(session), {"window": window, "optimum": optimum})


def series(spec, label):
    (found,) = [series for series in spec.series if series.label == label]
    return found


def test_the_curves_are_those_of_the_moment():
    session = RunSession(PRESETS["article"])
    spec = draw(go(session, (1,)), "article")
    a, b, c = session.snapshot().w
    for x, y in zip(series(spec, "fitted").x[::50].tolist(), series(spec, "fitted").y[::50].tolist(), strict=True):
        assert y == pytest.approx(a * x**2 + b * x + c)
    for x, y in zip(series(spec, "true").x[::50].tolist(), series(spec, "true").y[::50].tolist(), strict=True):
        assert y == pytest.approx(2 * x**2 - 4 * x + 3)


def test_article_and_data_windows():
    session = RunSession(PRESETS["article"])
    article, data = draw(session, "article"), draw(session, "data")
    assert (article.x_range, article.y_range) == ((-50, 50), (-500, 500))
    # x from -1 to 0.9975 and y from 1 to 9, with 8 % on each side.
    assert data.x_range == pytest.approx((-1 - 0.08 * 1.9975, 0.9975 + 0.08 * 1.9975))
    assert data.y_range == pytest.approx((1 - 0.08 * 8, 9 + 0.08 * 8), abs=1e-4)


@table("window", WINDOWS)
def test_samples_are_samples_whatever_their_number(window):
    for count in (1, 2, 199, 200, 201, 5000):
        session = RunSession(RunConfig(samples=count, noise=1))
        snapshot, spec = session.snapshot(), draw(session, window)
        shown = series(spec, "samples")
        assert 1 <= len(shown.x) <= 200
        pairs = set(zip(snapshot.problem.x.tolist(), snapshot.problem.y.tolist(), strict=True))
        assert set(zip(shown.x.tolist(), shown.y.tolist(), strict=True)) <= pairs
        if count <= 200:
            assert len(shown.x) == count


def test_data_file_has_no_true_curve(tmp_path):
    path = tmp_path / "one.csv"
    path.write_text("3 5\n")
    session = RunSession(RunConfig(data=str(path)))
    assert VIEWS["fit"].initial_options(session.snapshot())["window"] == "follow"
    spec = draw(session, "data")
    assert not [series for series in spec.series if series.role is Role.TRUE]
    assert spec.x_range[0] < 3 < spec.x_range[1]
    assert spec.y_range[0] < 5 < spec.y_range[1]


def test_diverged_run_draws_without_warnings():
    session = go(RunSession(PRESETS["too-fast"], speed=None), (9,))
    assert session.status.ended
    with np.errstate(all="raise"):
        spec = draw(session, "article")
    assert len(series(spec, "fitted").x)


def in_update_mode(preset, updates):
    session = RunSession(PRESETS[preset])
    session.unit = Unit.UPDATE
    return go(session, divmod(updates, session.snapshot().updates_per_epoch))


@table(
    ("preset", "label", "shown"),
    [("article", "sample", 1), ("article-minibatch", "batch", 16), ("full-batch", "batch", 30)],
)
def test_update_mode_marks_batch_and_residuals(preset, label, shown):
    session = in_update_mode(preset, 3)
    snapshot = session.snapshot()
    marks = series(draw(session, "data"), label)
    assert marks.role is Role.BATCH
    assert shown * 0.8 <= len(marks.x) <= shown
    batch = set(zip(*(values.tolist() for values in snapshot.record.batch), strict=True))
    assert set(zip(marks.x.tolist(), marks.y.tolist(), strict=True)) <= batch
    (stems,) = [each for each in draw(session, "data").series if each.role is Role.BATCH and each.line]
    a, b, c = snapshot.w
    for x, y, stem in zip(marks.x.tolist(), marks.y.tolist(), range(0, len(stems.x), 3), strict=True):
        assert stems.x[stem : stem + 2].tolist() == [x, x]
        assert stems.y[stem : stem + 2].tolist() == pytest.approx([y, a * x**2 + b * x + c])
    assert np.isnan(stems.y[2::3]).all()  # nothing from one stem to the next


def test_batch_marks_spread_over_samples():
    marks = series(draw(in_update_mode("full-batch", 1), "data"), "batch")
    assert marks.x[0] < -0.9
    assert marks.x[-1] > 0.9
    assert np.diff(marks.x) == pytest.approx(marks.x[1] - marks.x[0])


def test_no_batch_marks_outside_update_mode():
    session = in_update_mode("article-minibatch", 0)
    assert Role.BATCH not in {each.role for each in draw(session, "data").series}
    session = in_update_mode("article-minibatch", 1)
    session.unit = Unit.EPOCH
    assert Role.BATCH not in {each.role for each in draw(session, "data").series}


def test_stems_stay_in_window():
    spec = draw(in_update_mode("article", 1), "data")  # far above it
    rows = as_text(spec, 60, 16)
    assert len(rows) == 16
    assert "# sample" in rows[0]
    above = [row[rows[[("#" in each) for each in rows].index(True, 1)].index("#")] for row in rows[1:-2]]
    assert any("\u2800" < sign <= "\u28ff" for sign in above)


def test_optimum_curve_is_polyfit_and_optional():
    session = RunSession(PRESETS["noisy"])
    assert "optimum" not in {each.label for each in draw(session, "data").series}
    best = series(draw(session, "data", "least squares"), "optimum")
    problem = session.snapshot().problem
    assert best.y == pytest.approx(np.polyval(np.polyfit(problem.x, problem.y, 2), best.x))
    dashes = {each.role: each.dash for each in draw(session, "data", "least squares").series if each.line}
    assert dashes == {Role.FITTED: 0, Role.TRUE: 1, Role.OPTIMUM: 2}  # each with gaps of its own over the one below


def test_presets_have_default_windows():
    windows = {
        name: VIEWS["fit"].initial_options(RunSession(config).snapshot())["window"] for name, config in PRESETS.items()
    }
    assert {name for name in PRESETS if windows[name] == "article"} >= {name for name in PRESETS if "article" in name}
    assert windows["noisy"] == windows["ill-conditioned"] == "follow"


def round_numbers(value):
    """Whether it is 1, 2 or 5 times a power of ten."""
    digits, _, _ = f"{value:.9e}".partition("e")
    return float(digits) in (1, 2, 5)


def test_follow_window_grows_in_round_steps():
    session, seen = RunSession(PRESETS["noisy"]), set()
    for _ in range(30):
        problem, spec = session.snapshot().problem, draw(session, "follow")
        data = draw(session, "data")
        assert spec.x_range == data.x_range
        inside = (series(spec, "fitted").x >= problem.x.min()) & (series(spec, "fitted").x <= problem.x.max())
        y, room = series(spec, "fitted").y[inside], data.y_range[1] - data.y_range[0]
        assert spec.y_range[0] <= min(y.min() + 0.05 * room, problem.y.min())
        assert spec.y_range[1] >= max(y.max() - 0.05 * room, problem.y.max())
        for more in (data.y_range[0] - spec.y_range[0], spec.y_range[1] - data.y_range[1]):
            assert more == 0 or round_numbers(round(more, 9))
        seen.add(spec.y_range)
        session.step(Unit.UPDATE)
        session.advance(1e9)
    assert len(seen) < 25  # it does not change with each update
    assert draw(session, "follow").y_range == draw(session, "follow").y_range


PLAYGROUND = PRESETS["playground"]


@table(("rate", "windows"), [(0.05, 5), (0.2, 5), (0.4, 5), (0.5, 15), (0.55, 20)])
def test_follow_window_seldom_changes(rate, windows):
    session, seen = RunSession(PLAYGROUND.replace(lr=rate)), []
    for _ in range(40):
        seen.append(draw(session, "follow").y_range)
        session.step(Unit.EPOCH)
        session.advance(1e9)
    assert seen[0][0] < -3.12  # the lowest sample, and the top of the first curve
    assert seen[0][1] > 9
    assert 1 <= sum(before != after for before, after in pairwise(seen)) < windows


@table("rate", [0.55, 2])
def test_far_curve_keeps_samples_in_sight(rate):
    session = RunSession(PLAYGROUND.replace(lr=rate))
    for epoch in (0, 1, 2, 5, 20, 60, 100, 150, 182):
        spec = draw(go(session, (epoch,)), "follow")
        roles = [row.roles for row in render_draw(spec, 78, 11)[1:-2]]
        assert sum(row.count(Role.SAMPLES) for row in roles) >= 20, epoch
        (low, high), y = spec.y_range, series(spec, "samples").y
        assert (low < y).all()
        assert (y < high).all()


def test_follow_window_is_independent_of_history():
    session = go(RunSession(PLAYGROUND), (6,))
    there = draw(session, "follow").y_range
    session.step(Unit.EPOCH)
    session.advance(1e9)
    session.back(Unit.EPOCH)
    session.advance(1e9)
    assert draw(session, "follow").y_range == there != draw(go(RunSession(PLAYGROUND), (1,)), "follow").y_range


@table("size", [(49, 11), (34, 8), (51, 24), (54, 36)])
def test_follow_window_shows_data_at_any_size(size):
    session = RunSession(PRESETS["article"])
    for _ in range(12):
        rows = render_draw(draw(session, "follow"), *size)[1:]
        roles = "".join(row.roles for row in rows)
        assert str(Role.TRUE) in roles or str(Role.SAMPLES) in roles, session.snapshot().w
        assert str(Role.FITTED) in roles
        session.step(Unit.UPDATE)
        session.advance(1e9)


def test_legend_names_side_of_unseen_samples():
    session = RunSession(RunConfig(x_min=150, x_max=197))
    assert "samples → right" in as_text(draw(session, "article"), 80, 12)[0]
    assert "samples  " in f"{as_text(draw(session, 'data'), 80, 12)[0]}  "
    session = RunSession(RunConfig(x_min=-197, x_max=-150))
    assert "samples < left" in as_text(draw(session, "article"), 80, 12, ascii=True)[0]


def test_tiny_sample_range_gets_axis_bracket():
    session = RunSession(PRESETS["article"])
    spec = draw(session, "article")
    assert spec.bracket == (-1, 0.9975)
    assert [note.text for note in spec.notes] == ["x from -1 to 0.9975"]
    for columns, height in ((48, 12), (78, 11), (200, 40)):
        rows = as_text(spec, columns, height)
        assert any("x from -1 to 0.9975" in row for row in rows)
        axis = rows[-2]
        cells = columns - len(rows[-2].split("└")[0]) - 1  # from -50 to 50
        at, end = axis.index("["), axis.index("]")
        assert axis.count("[") == axis.count("]") == 1
        assert 2 <= end - at <= 2 + 0.03 * cells + 1  # around what is 2 % of the axis
        assert abs((at + end) / 2 - (columns - cells / 2)) <= 0.05 * cells
        # No column of dots stands for data.
        roles = [row.roles for row in render_draw(spec, columns, height)]
        assert sum(Role.SAMPLES in row for row in roles[1:-2] if "x from" not in row) <= 2
    data = draw(session, "data")
    assert data.bracket is None
    assert not data.notes
    assert draw(RunSession(RunConfig(x_min=150, x_max=151)), "article").bracket is None  # out of sight


@table(("count", "marks"), [(5, 5), (11, 11), (24, 24), (60, 60), (61, 0)])
def test_few_samples_are_marked_above_curves(count, marks):
    session = go(RunSession(PLAYGROUND.replace(samples=count)), (120,))  # on the true curve, and so on all samples
    spec = draw(session, "follow")
    for ascii, mark in ((False, "●"), (True, "+")):
        legend, *rows = render_draw(spec, 200, 45, ascii=ascii)
        cells = [cell for row in rows[:-2] for cell in zip(*row, strict=True)]
        if marks or not ascii:
            assert cells.count((mark, Role.SAMPLES)) == marks
            assert (f"{mark} samples" in legend.text) is (marks > 0)
    if marks:
        assert [each.role for each in spec.series if each.line or each.mark][-1] is Role.SAMPLES


def test_samples_drawn_below_batch_without_labels():
    session = in_update_mode("article", 1)
    session.restart(session.config.replace(samples=11))
    session.unit = Unit.UPDATE
    session = go(session, (0, 1))
    assert [each.role for each in draw(session, "data").series][-3:] == [Role.SAMPLES, Role.BATCH, Role.BATCH]
    rows = render_draw(draw(session, "data"), 60, 16)
    assert sum(row.text.count("●") for row in rows[1:-2]) == 10
    assert sum(row.text.count("#") for row in rows[1:-2]) == 1


def test_unseen_curve_is_noted_at_edge():
    session = RunSession(PRESETS["article"])
    *_, last, _, _ = as_text(draw(session, "data"), 48, 12)
    assert "↓ fitted: y ≈ -2.4e+03" in last
    *_, last, _, _ = as_text(draw(session, "data"), 48, 12, ascii=True)
    assert "v fitted: y ~ -2.4e+03" in last
    session.restart(PRESETS["too-fast"])
    assert go(session, (9,)).status.ended
    assert "fitted: y ≈ " in "".join(as_text(draw(session, "article"), 48, 12)[1:])
    assert "⠤ fit ↓ below" in as_text(draw(session, "article"), 29, 6)[0]  # where its name has no room
    shown = as_text(draw(session, "follow"), 48, 12)
    assert any(set(row) & set(map(chr, range(0x2801, 0x2900))) for row in shown[1:])


@table("optimum", ["hidden", "least squares"])
def test_coinciding_curves_are_all_visible(optimum):
    session = go(RunSession(PLAYGROUND.replace(samples=200)), (120,))
    legend, *rows = render_draw(draw(session, "follow", optimum), 78, 14)
    roles = [role for row in rows[:-2] for role in row.roles]
    curves = (Role.FITTED, Role.TRUE) if optimum == "hidden" else (Role.FITTED, Role.TRUE, Role.OPTIMUM)
    total = sum(map(roles.count, curves))
    for role in curves:
        assert 0.15 * total < roles.count(role) < 0.85 * total, role
    assert "⠤⠤⠤ fitted" in legend.text
    assert "⠤ ⠤ true" in legend.text
    assert ("⠄⠄⠄ optimum" in legend.text) is (optimum != "hidden")


# The run before


def after_double(epochs, before=20, **changes):
    """A session after so many epochs of a run with twice the rate of the one before, which it left."""
    session = go(RunSession(PLAYGROUND), (before,))
    session.restart(PLAYGROUND.replace(lr=0.4, **changes))
    return go(session, (epochs,))


@table(("epochs", "then"), [(0, 0), (1, 1), (7, 7), (20, 20), (21, 20), (90, 20)])
def test_run_before_is_drawn_after_as_many_epochs(epochs, then):
    spec = draw(after_double(epochs), "follow")
    a, b, c = go(RunSession(PLAYGROUND), (then,)).snapshot().w
    before = series(spec, "#1 lr 0.2")
    assert before.y == pytest.approx(a * before.x**2 + b * before.x + c)
    assert before.role is Role.RUN_1
    assert [each.label for each in spec.series][:2] == ["#1 lr 0.2", "fitted"]  # which lies over it


def test_run_before_that_ended_within_epoch_keeps_its_last_curve():
    session = go(RunSession(PRESETS["article"]), (0, 3))
    a, b, c = session.snapshot().w
    session.restart(PRESETS["article"].replace(lr=0.1))
    last = series(draw(go(session, (1,)), "data"), "#1 lr 0.5")
    assert last.y == pytest.approx(a * last.x**2 + b * last.x + c)
    start = series(draw(go(session, (0, 9)), "data"), "#1 lr 0.5")
    a, b, c = RunSession(PRESETS["article"]).snapshot().w
    assert start.y == pytest.approx(a * start.x**2 + b * start.x + c)


def test_only_the_last_run_on_the_same_samples_is_drawn():
    session = after_double(5)
    session.restart(PLAYGROUND.replace(lr=0.1))
    assert [each.label for each in draw(session, "follow").series if each.role.name.startswith("RUN")] == ["#2 lr 0.4"]
    session.restart(PLAYGROUND.replace(samples=30))
    assert not [each for each in draw(session, "follow").series if each.role.name.startswith("RUN")]
    assert not [each for each in draw(RunSession(PLAYGROUND), "follow").series if each.role.name.startswith("RUN")]


def test_run_before_moves_no_window_and_is_seen_at_every_width():
    session = after_double(6)
    alone = draw(go(RunSession(PLAYGROUND.replace(lr=0.4)), (6,)), "follow")
    spec = draw(session, "follow")
    assert (spec.x_range, spec.y_range) == (alone.x_range, alone.y_range)
    for size in ((37, 12), (48, 11), (78, 11), (100, 30), (140, 36)):
        legend, *rows = render_draw(spec, *size)
        seen = [role for row in rows[:-2] for role in row.roles]
        assert seen.count(Role.RUN_1) >= size[0] / 10
        assert seen.count(Role.RUN_1) < seen.count(Role.FITTED)
        assert "#1" in legend.text
    assert "⠄⠄⠄ #1 lr 0.2" in render_draw(spec, 100, 30)[0].text


def test_diverged_run_before_is_clipped():
    session = go(RunSession(PLAYGROUND.replace(lr=2), speed=None), (500,))
    assert session.status.ended
    session.restart(PLAYGROUND)
    for epochs in (0, 5, 180, 300):
        with np.errstate(all="raise", under="ignore"):
            rows = render_draw(draw(go(session, (epochs,)), "follow"), 78, 11)
        assert len(rows) == 11
    assert "#1 lr 2" in rows[0].text


@table(
    ("heading", "names"),
    [
        ("t (s),height (cm)", ("t (s)", "height (cm)")),
        ("speed,distance", ("speed", "distance")),
        ("时间（秒）,高度（厘米）", ("时间 (秒)", "高度 (厘米)")),
        ("a name without end (s),h", ("a name without … (s)", "h")),
        ("0,1", ("x", "y")),
    ],
)
def test_axes_bear_names_and_units(tmp_path, heading, names):
    path = tmp_path / "own.csv"
    path.write_text(f"{heading}\n1,2\n2,4\n3,9\n")
    session = RunSession(PRESETS["own-data"].replace(data=str(path)))
    spec = VIEWS["fit"].draw(scene_of(session), VIEWS["fit"].initial_options(session.snapshot()))
    assert (spec.x_name, spec.y_name) == names
    for width in (16, 30, 78):
        rows = as_text(spec, width, 12)
        assert max(map(columns_of, rows)) <= width
    assert rows[0].startswith(f"{names[1]}  ")
    assert rows[-1].endswith(names[0])
