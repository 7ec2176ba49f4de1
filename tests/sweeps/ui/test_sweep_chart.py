"""The charts of a sweep: which bands and lines they have, in colors and in signs, and what is written on them."""

from dataclasses import replace

import numpy as np
import pytest
from app_helpers import as_text

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.model.incremental_job import run_job
from quadfit_tui.core.rate_map.rate_map import CellOutcome
from quadfit_tui.sweeps.pictures.loss_bands import LossBand, LossBands, loss_bands
from quadfit_tui.sweeps.pictures.sweep_line import sweep_line
from quadfit_tui.sweeps.pictures.sweep_map import sweep_map
from quadfit_tui.sweeps.space import Space
from quadfit_tui.sweeps.ui.map_chart import map_chart
from quadfit_tui.sweeps.ui.sweep_chart import bands_chart, sweep_chart
from quadfit_tui.sweeps.work import SweepJob
from quadfit_tui.ui.charts.render import draw
from quadfit_tui.ui.charts.spec import RUN_ROLES, AxisScale, Role, ground_of
from quadfit_tui.ui.picture import COLORLESS, chart_picture

BASE = RunConfig(samples=12, epochs=40, batch=1, schedule="constant", tol=0.5, init="random", noise=0.1)
RATES = np.geomspace(0.001, 20, 12)
AXES = {
    "momentum": {"optimizer": ["momentum"], "lr": RATES, "momentum": [0, 0.3, 0.6, 0.9], "seed": range(3)},
    "optimizers": {"optimizer": ["sgd", "rmsprop", "adam"], "lr": RATES, "seed": range(3)},
    "rates": {"lr": RATES, "seed": range(5)},
    "losses": {"stop_on": ["never"], "lr": RATES, "seed": range(5)},
    "methods": {"optimizer": ["adagrad", "rmsprop", "adam"], "seed": range(3)},
    "seeds": {"seed": range(9)},
}


@pytest.fixture(scope="module")
def sweeps():
    """Sweeps of each kind, which are trained once."""
    spaces = {name: Space(BASE, each) for name, each in AXES.items()}
    return {name: (space, SweepJob(space).train(range(len(space)))) for name, space in spaces.items()}


def chart(sweep):
    return run_job(sweep_chart(*sweep)).spec


def test_map_matches_view_map(sweeps):
    spec = chart(sweeps["momentum"])
    assert (spec.x_name, spec.y_name, spec.x_scale, spec.y_scale) == (
        "learning rate",
        "momentum",
        AxisScale.LOG,
        AxisScale.LINEAR,
    )
    assert (spec.ground.label, spec.ground.brief) == ("epochs until below tol", "epochs")
    assert [each.label for each in spec.series if each.label] == ["limit of convergence", "fastest"]
    assert {"diverges", "not within 40 epochs"} <= {note.text for note in spec.notes}
    rows = as_text(spec, 80, 24)
    assert rows[0].startswith("momentum")
    assert rows[1] == "Each place: the median of 3 runs, over seed."
    assert {"epochs until below tol", "* fastest"} <= {part.strip() for part in rows[0].split("  ")}


@pytest.mark.parametrize("halves", [0, 2])
def test_map_cells_painted_or_signed(sweeps, halves):
    space, rows = sweeps["momentum"]
    found = sweep_map(space, rows)
    spec = map_chart(found)
    shown = draw(spec, 80, 24, signs=not halves)
    painted = {ground_of(letter) for row in shown[2:] for letter in row.roles} - {-1}
    signs = {sign for row in shown[2:-2] for sign in row.text.split("│")[-1]} & set(spec.ground.signs)
    count = len({*np.unique(found.bands())} - {-1})
    assert count > 2
    assert (len(painted), len(signs) >= count) == ((count, False) if halves else (0, True))
    assert {*np.unique(found.outcomes)} == {CellOutcome.CONVERGES, CellOutcome.UNFINISHED, CellOutcome.DIVERGES}


def test_choices_are_labeled_strips(sweeps):
    spec = chart(sweeps["optimizers"])
    rows = as_text(spec, 80, 24)
    named = [
        at for name in ("adam", "rmsprop", "sgd") for at, row in enumerate(rows) if row.strip().startswith(f"{name}┤")
    ]
    assert len(named) == 3
    assert named == sorted(named)


def test_the_cursor_stands_at_a_place(sweeps):
    for name, cell, place in (("momentum", 2 * 3 + 3 * 4 * 5, (RATES[5], 0.6)), ("seeds", 0, None)):
        found = run_job(sweep_chart(*sweeps[name]))
        assert found.place_of(cell) == place
    spec, place_of = run_job(sweep_chart(*sweeps["rates"]))
    x, y = place_of(5 * 8)
    line = next(each for each in spec.series if each.label == "median")
    assert (x, y) == (RATES[8], line.y[8])
    assert any("[" in row and "]" in row for row in as_text(replace(spec, cursor=(x, y)), 80, 24)[3:])


def test_line_of_medians_with_quartile_strokes(sweeps):
    found = sweep_line(*sweeps["rates"])
    spec = chart(sweeps["rates"])
    assert (spec.x_name, spec.x_scale, spec.y_name) == ("learning rate", AxisScale.LOG, "epochs until below tol")
    strokes, line, points, *marks, best = spec.series
    converges = np.isfinite(found.quartiles[1])
    assert 3 < converges.sum() < len(RATES)
    for series in (line, points):
        assert series.x.tolist() == RATES.tolist()
        assert series.y[converges].tolist() == found.quartiles[1][converges].tolist()
        assert np.isnan(series.y[~converges]).all()
    for at in np.flatnonzero(converges):
        low, high, gap = strokes.y[3 * at : 3 * at + 3]
        assert (low, np.isnan(gap)) == (found.quartiles[0, at], True)
        assert high == min(found.quartiles[2, at], 1e307)
    assert (best.label, best.y.tolist()) == ("fastest", [found.quartiles[1].min()])
    counts = {"diverged": found.diverged, "not within 40 epochs": found.unfinished}
    assert {mark.label: mark.x.tolist() for mark in marks} == {
        label: RATES[count > 0].tolist() for label, count in counts.items()
    }
    assert all(spec.y_range[0] < mark.y.min() < spec.y_range[1] for mark in marks)
    assert max(found.quartiles[:, converges][:2].ravel()) < min(mark.y.min() for mark in marks)


def test_endless_runs_have_loss_line(sweeps):
    spec = chart(sweeps["losses"])
    assert (spec.y_name, spec.y_scale) == ("mean loss at the end", AxisScale.LOG)
    assert {each.label for each in spec.series} == {"", "median", "best", "diverged"}
    assert "\n".join(as_text(spec, 80, 24)).count("x") >= len(RATES[RATES > 5])


def test_single_runs_have_no_band():
    space = Space(BASE.replace(noise=0), {"lr": [0.1, 0.2, 0.3]})
    spec = chart((space, SweepJob(space).train(range(3))))
    assert {each.label for each in spec.series} == {"", "each run", "fastest"}
    assert spec.caption == ""


def test_loss_bands_of_medians_and_quartiles(sweeps):
    for name, count in (("methods", 3), ("seeds", 1)):
        found = run_job(loss_bands(*sweeps[name]))
        spec = bands_chart(found)
        assert (spec.x_name, spec.y_scale, len(found.bands)) == ("epochs done", AxisScale.LOG, count)
        for at, (band, role) in enumerate(zip(found.bands, RUN_ROLES, strict=False), 1):
            strokes, line = (each for each in spec.series if each.role is role)
            assert (line.label, line.sign) == (band.label or "all runs", str(at))
            assert set(line.y.tolist()) <= {*band.quartiles[1].tolist()}
            places = np.searchsorted(found.epochs, strokes.x[::3])
            assert strokes.y[::3].tolist() == band.quartiles[0][places].tolist()
            assert strokes.y[1::3].tolist() == band.quartiles[2][places].tolist()
            assert np.isnan(strokes.y[2::3]).all()
    assert "· tol 0.5" in as_text(spec, 120, 30)[0]


def test_diverged_runs_do_not_scale_axis():
    space = Space(BASE.replace(lr=5.0), {"optimizer": ["sgd", "adagrad"], "seed": range(3)})
    spec = chart((space, SweepJob(space).train(range(len(space)))))
    assert spec.y_range[1] < 1e6
    assert "3 of 3 (optimizer sgd)." in spec.caption


def test_band_as_high_as_the_bound_is_seen_whole():
    """A thousand times the median of a start and no more dwarfs nothing: what diverges beside it leaves the window."""
    bands = [LossBand(str(top), "", np.array([[1.0, top]] * 3), 3, 0) for top in (1000.0, 1e9)]
    spec = bands_chart(LossBands(np.array([0, 1]), tuple(bands), None, ()))
    assert 1000 <= spec.y_range[1] < 1e4


@pytest.mark.parametrize("name", AXES)
@pytest.mark.parametrize("size", [(20, 6), (40, 12), (200, 60)])
def test_picture_has_requested_size(sweeps, name, size):
    picture = chart_picture(chart(sweeps[name]), "title", size, COLORLESS)
    assert len(picture.rows) == size[1]
    assert {sum(len(span.text) for span in row) for row in picture.rows} == {size[0]}


def test_without_colors_each_line_has_a_sign(sweeps):
    for name, signs in (("methods", "123,"), ("rates", "o,x-*")):
        rows = [row.text for row in draw(chart(sweeps[name]), 80, 24, ascii=True)]
        assert "".join(rows).isascii()
        assert {*signs} <= {*"".join(rows[3:-2])}


def test_colors_of_lines_are_those_of_runs(sweeps):
    roles = {Role(letter) for row in draw(chart(sweeps["methods"]), 100, 30) for letter in row.roles}
    assert {*RUN_ROLES[:3]} == roles & {*RUN_ROLES}
