"""The view *loss*: its ChartSpec against losses worked out one sample at a time."""

from itertools import cycle, product

import numpy as np
import pytest
from app_helpers import go
from tables import table
from trials import spread, variants

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.session.session import RunSession
from quadfit_tui.ui.charts.render import draw as drawn
from quadfit_tui.ui.charts.spec import Role
from quadfit_tui.ui.views.loss import loss_range
from quadfit_tui.ui.views.scene import scene_of
from quadfit_tui.ui.views.view_table import VIEWS

SIZES = [(30, 8), (50, 10), (100, 30), (200, 60)]
# In their numbers, or in the series that they have.
DIFFERENT = ["article-as-printed", "too-fast", "ill-conditioned-scaled", "own-data"]


def at_epoch(config, *epochs):
    return go(RunSession(config, speed=None), *((epoch,) for epoch in epochs))


def draw(session, window="all"):
    return VIEWS["loss"].draw(scene_of(session), {"window": window})


def series(spec, label):
    (found,) = [series for series in spec.series if series.label.startswith(label)]
    return found


def of_role(spec, role):
    return [series for series in spec.series if series.role is role]


def by_hand(epochs, lr=0.5):
    """The article's run as its formulas say, in plain Python: mean loss after each epoch, loss of its last update."""
    samples = [(i / 400 - 1, 2 * (i / 400 - 1) ** 2 - 4 * (i / 400 - 1) + 3) for i in range(800)]
    a, b, c = -11 / 6, -395 / 3, -2400.0
    means, losses = [], []
    for epoch in range(epochs + 1):
        means.append(sum((a * x * x + b * x + c - y) ** 2 for x, y in samples) / 800)
        rate = lr / 2 ** ((epoch + 1) // 10)
        for x, y in samples:
            residual = a * x * x + b * x + c - y
            a, b, c = a - rate * residual * x * x, b - rate * residual * x, c - rate * residual
        losses.append(residual**2)
    return means, losses[:-1]


def test_curves_match_losses_by_hand():
    spec = draw(at_epoch(PRESETS["article"], 12))
    means, losses = by_hand(12)
    assert series(spec, "mean loss").x.tolist() == list(range(13))
    assert series(spec, "mean loss").y == pytest.approx(means, rel=1e-6)
    batch = series(spec, "batch loss")
    assert batch.x == pytest.approx([epoch + 799 / 800 for epoch in range(12)])
    assert batch.y == pytest.approx(losses, rel=1e-6)
    low, high = spec.y_range
    assert low < 1e-5  # tol
    tol = series(spec, "tol")
    assert (tol.line, tol.mark, {*tol.y.tolist()}) == (False, "·", {1e-5})  # in dots: it is no curve
    assert high > max(means)
    legend = drawn(spec, 80, 12)[0].text
    assert "⠤⠤⠤ batch loss" in legend  # a line, as it is drawn; the sign is for lines without colors
    assert "# batch loss" in drawn(spec, 80, 12, signs=True)[0].text


def test_full_batch_has_no_batch_loss():
    assert "batch loss" not in {each.label for each in draw(at_epoch(PRESETS["full-batch"], 3)).series}


def test_earlier_runs_are_labeled_lines():
    session = at_epoch(PRESETS["article"].replace(lr=0.3), 6)
    session.restart(PRESETS["article"])
    spec = draw(go(session, (4,)))
    line, marks = of_role(spec, Role.RUN_1)
    means, _ = by_hand(6, lr=0.3)
    assert line.x.tolist() == list(range(7))
    assert line.y == pytest.approx(means, rel=1e-6)
    assert line.label == "#1 lr 0.3"
    assert line.sign == marks.sign == "1"
    assert set(zip(marks.x.tolist(), marks.y.tolist(), strict=True)) <= set(
        zip(line.x.tolist(), line.y.tolist(), strict=True)
    )
    assert spec.series[0] is line  # under everything else
    assert [(note.role, note.text) for note in spec.notes] == [(Role.RUN_1, "#1")]
    assert spec.y_range[1] > max(means)


@pytest.mark.parametrize(("scale", "is_drawn"), [(2, True), (3, True), (4, False), (1000, False)])
def test_runs_on_samples_of_another_magnitude_are_left_out(scale, is_drawn):
    article = PRESETS["article"]
    session = at_epoch(article, 6)
    session.restart(article.replace(true=tuple(scale * value for value in article.true)))  # scale² of its variance
    spec = draw(go(session, (4,)))
    assert bool(of_role(spec, Role.RUN_1)) is is_drawn
    assert [run.number for run in session.earlier] == [1]


def test_narrow_legend_distinguishes_runs():
    session = at_epoch(PRESETS["article"], 12)
    for lr in (0.1, 0.02):
        session.restart(PRESETS["article"].replace(lr=lr))
        go(session, (1,))
    assert drawn(draw(session), 49, 9)[0].text.startswith("⠤ mean  #2 lr 0.1  #1 lr 0.5  ")
    for lr in (0.03, 0.04, 0.05, 0.06):
        session.restart(PRESETS["article"].replace(lr=lr))
        go(session, (1,))
    spec = draw(go(session, (11,)))
    for signs, mean, batch in ((False, "⠤", "⠤"), (True, "*", "#")):
        legend = drawn(spec, 46, 9, signs=signs)[0].text
        assert legend == f"{mean} mean  #6  #5  #4  #3  #2  #1  {batch} batch  · tol"


def test_legend_is_complete_at_46_columns():
    legend = drawn(draw(at_epoch(PRESETS["article"], 25)), 46, 9)[0].text
    assert legend == "⠤ mean  ⠤ batch  · tol 1e-05  | lr 0.5 → 0.125"


def test_rate_changes_and_here_mark_stay_visible():
    article, diverged = draw(at_epoch(PRESETS["article"], 25)), at_epoch(PRESETS["too-fast"], 9)
    assert diverged.snapshot().mean_loss == np.inf
    for height in spread(range(8, 20)):
        rows = drawn(article, 48, height)[2:]
        assert len({x for row in rows for x, role in enumerate(row.roles) if role == Role.RATE}) == 2, height
        assert any(Role.HERE in row.roles for row in drawn(draw(diverged), 48, height)[1:]), height


def test_first_batch_loss_visible_and_tol_dotted():
    spec = draw(at_epoch(PRESETS["article"].replace(lr=0.01), 1))
    for signs, mark in ((False, "⠀"), (True, "#")):
        rows = drawn(spec, 46, 12, signs=signs)[1:]
        cells = {(role, "⠀" if "⠀" <= text <= "⣿" else text) for row in rows for text, role in zip(*row, strict=True)}
        assert (Role.BATCH, mark) in cells
        assert {text for role, text in cells if role == Role.TOL} == {"·"}


@table("name", ["loss", "parameters"])
def test_diverging_run_leaves_shared_window(name):
    def highest(session):
        return VIEWS[name].draw(scene_of(session), {"window": "all"}).y_range[1]

    session = at_epoch(PRESETS["article"], 5)
    session.restart(PRESETS["too-fast"])
    assert highest(go(session, (5,))) < (1e11 if name == "loss" else 1e8)
    assert highest(at_epoch(PRESETS["too-fast"], 5)) > 1e100


def test_very_low_earlier_run_leaves_window():
    landed = PRESETS["article"].replace(shuffle=True)
    session = at_epoch(landed, 1)
    assert session.snapshot().mean_loss < 1e-20
    assert draw(session).y_range[0] < 1e-20
    session.restart(PRESETS["article"])
    assert 1e-12 < draw(go(session, (5,))).y_range[0] < 1e-10
    session.restart(landed)
    assert draw(go(session, (1,))).y_range[0] < 1e-20


@table("name", ["loss", "parameters"])
def test_all_diverging_runs_are_shown(name):
    session = at_epoch(PRESETS["too-fast"], 5)
    alone = VIEWS[name].draw(scene_of(session), {"window": "all"})
    session.restart(PRESETS["too-fast"].replace(schedule="constant"))
    beside = VIEWS[name].draw(scene_of(go(session, (5,))), {"window": "all"})
    assert beside.y_range == pytest.approx(alone.y_range)
    rows = drawn(beside, 48, 10)
    assert any("#1" in row.text for row in rows[1:])
    assert any(Role.HERE in row.roles for row in rows[1:])


@table("losses", [[6e306, 9e306], [3e-308, 1e-305], [3e-308, 9e306], [5e-324], [1e300, 1e306]])
@table("least", [0.3, 1.0])
def test_extreme_losses_have_finite_window(losses, least):
    low, high = loss_range(np.array(losses), None, least)
    assert 0 < low < high < np.inf
    assert high / low >= 0.99 * 10**least


@table(("longer", "seen"), [(40, 40), (5000, 100)])
def test_longer_earlier_run_keeps_axis_short(longer, seen):
    session = at_epoch(RunConfig(epochs=longer, stop_on="never", batch="full"), longer)
    session.restart(PRESETS["article"])
    assert draw(go(session, (3,))).x_range == (0, seen)


@table("schedule", ["exponential", "cosine", "inverse-time"])
def test_continuous_schedule_has_no_rate_marks(schedule):
    session = at_epoch(PRESETS["full-batch"].replace(schedule=schedule), 20)
    rates, _ = of_role(draw(session), Role.RATE)
    assert not len(rates.x)
    assert f"{rates.mark} {rates.label}" == f"lr 0.5 → {session.snapshot().lr:.4g}"


def test_visited_moment_is_marked_future_stays():
    spec = draw(at_epoch(PRESETS["article"], 12, 5))
    (here,) = of_role(spec, Role.HERE)
    assert here.x.tolist() == [5]
    assert here.y.tolist() == pytest.approx([by_hand(5)[0][5]], rel=1e-6)
    assert series(spec, "mean loss").x[-1] == 12


def test_partial_epoch_is_drawn():
    session = go(RunSession(PRESETS["article"]), (1, 200))
    spec = draw(session)
    assert series(spec, "mean loss").x.tolist() == [0, 1, 1.25]
    assert of_role(spec, Role.HERE)[0].x.tolist() == [1.25]
    spec = draw(go(session, (0, 400)))
    assert series(spec, "mean loss").x.tolist() == [0, 1, 1.25]
    assert of_role(spec, Role.HERE)[0].x.tolist() == [0.5]


@table(("point", "epoch"), [((2, 301), 2), ((2,), 1)])
def test_one_epoch_update_by_update(point, epoch):
    session = go(RunSession(PRESETS["article"]), point)
    spec = draw(session, "epoch")
    assert spec.x_range == (0, 800)
    assert spec.x_name == f"updates in epoch {epoch}"
    curve = series(spec, "mean loss")
    updates = point[1] if len(point) > 1 else 800
    assert curve.x[0] == 0
    assert curve.x[-1] == updates
    for x, y in list(zip(curve.x.tolist(), curve.y.tolist(), strict=True))[:: len(curve.x) // 5]:
        there = go(RunSession(PRESETS["article"]), (epoch, int(x))).snapshot()
        assert y == pytest.approx(there.problem.mean_loss(there.w), rel=1e-9)


def test_start_lies_in_every_window():
    session = RunSession(PRESETS["article"])
    for window in VIEWS["loss"].options["window"]:
        spec = draw(session, window)
        assert of_role(spec, Role.HERE)[0].x.tolist() == [0]
        assert spec.y_range[0] < session.snapshot().mean_loss < spec.y_range[1]


def test_zero_and_infinite_losses_leave_window():
    perfect = draw(at_epoch(RunConfig(init=(2.0, -4.0, 3.0), tol=0, epochs=5), 3))
    assert not series(perfect, "mean loss").y.any()
    assert 0 < perfect.y_range[0] < perfect.y_range[1] < np.inf
    assert np.isfinite(series(draw(at_epoch(PRESETS["too-fast"], 9)), "mean loss").y).all()


@pytest.mark.parametrize("name", ["loss", "parameters"])
@pytest.mark.parametrize("preset", variants({name: name for name in [*DIFFERENT, *PRESETS]}, len(DIFFERENT)))
def test_every_moment_is_drawn_at_every_size(name, preset):
    session = RunSession(PRESETS["article"].replace(epochs=3), speed=None)
    go(session, (3,))
    session.restart(PRESETS[preset])
    words = [dict(zip(VIEWS[name].options, each, strict=True)) for each in product(*VIEWS[name].options.values())]
    assert len(words) % len(SIZES)  # or each of them would always have the same size
    sizes = cycle(SIZES)
    with np.errstate(all="raise"):
        for steps, point in enumerate(((0, 0), (0, 1), (1, 0), (PRESETS[preset].epochs, 0))):
            go(session, point)
            for each in words:
                width, height = next(sizes)
                rows = drawn(VIEWS[name].draw(scene_of(session), each), width, height)
                assert {len(row.text) for row in rows} == {width}, (steps, each, height)
                assert len(rows) == height, (steps, each, width)


def test_recent_window_fits_its_losses():
    session = at_epoch(PRESETS["full-batch"], 60, 20)
    spec = draw(session, "recent")
    means = session.timeline.history.curves().values["mean_loss"]
    assert spec.x_range == (15, 25)
    assert spec.y_range == loss_range(means[15:26], None, 0.3)  # not of those beyond, which are known, too
