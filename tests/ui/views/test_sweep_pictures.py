"""The charts of a sweep: which bands and lines they have, in colors and in signs, and what is written on them."""

from dataclasses import replace

import numpy as np
import pytest
from app_helpers import as_text

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.model.piecewise import done
from quadfit_tui.core.rate_map.rate_map import Outcome
from quadfit_tui.core.sweep.pictures.loss_bands import loss_bands
from quadfit_tui.core.sweep.pictures.picture_words import picture_words
from quadfit_tui.core.sweep.pictures.sweep_map import sweep_map
from quadfit_tui.core.sweep.space import Space
from quadfit_tui.core.sweep.work import Work
from quadfit_tui.ui.charts.render import draw
from quadfit_tui.ui.charts.spec import RUN_ROLES, Role, Scale, ground_of
from quadfit_tui.ui.picture import COLORLESS, chart_picture
from quadfit_tui.ui.views.sweep_bands import bands_chart
from quadfit_tui.ui.views.sweep_map import map_chart

BASE = RunConfig(samples=12, epochs=40, batch=1, schedule="constant", tol=0.5, init="random", noise=0.1)
RATES = np.geomspace(0.001, 20, 12)


@pytest.fixture(scope="module")
def sweeps():
    """Sweeps that are trained once: rates beside momentum, optimizers, and nothing but seeds."""
    axes = {
        "momentum": {"optimizer": ["momentum"], "lr": RATES, "momentum": [0, 0.3, 0.6, 0.9], "seed": range(3)},
        "optimizers": {"optimizer": ["sgd", "rmsprop", "adam"], "lr": RATES, "seed": range(3)},
        "rates": {"lr": RATES, "seed": range(3)},
    }
    spaces = {name: Space(BASE, each) for name, each in axes.items()}
    return {name: (space, Work(space).train(range(len(space)))) for name, space in spaces.items()}


def chart(sweep, text):
    space, rows = sweep
    words = picture_words(text, space)
    return (
        map_chart(sweep_map(space, rows, words))
        if words.kind == "map"
        else bands_chart(done(loss_bands(*sweep, words)))
    )


def test_a_map_has_the_ground_legend_and_words_of_the_view_map(sweeps):
    spec = chart(sweeps["momentum"], "map")
    assert (spec.x_name, spec.y_name, spec.x_scale, spec.y_scale) == (
        "learning rate",
        "momentum",
        Scale.LOG,
        Scale.LINEAR,
    )
    assert (spec.ground.label, spec.ground.brief) == ("epochs until below tol", "epochs")
    assert [each.label for each in spec.series if each.label] == ["limit of convergence", "fastest"]
    assert {"diverges", "not within 40 epochs"} <= {note.text for note in spec.notes}
    rows = as_text(spec, 80, 24)
    assert rows[0].startswith("momentum")
    assert rows[1] == "Each place: the median of 3 runs, over seed."
    assert {"epochs until below tol", "* fastest"} <= {part.strip() for part in rows[0].split("  ")}


@pytest.mark.parametrize("halves", [0, 2])
def test_each_place_is_painted_by_its_band_or_has_its_sign(sweeps, halves):
    space, rows = sweeps["momentum"]
    found = sweep_map(space, rows, picture_words("map", space))
    spec = map_chart(found)
    shown = draw(spec, 80, 24, signs=not halves)
    painted = {ground_of(letter) for row in shown[2:] for letter in row.roles} - {-1}
    signs = {sign for row in shown[2:-2] for sign in row.text.split("│")[-1]} & set(spec.ground.signs)
    count = len({*np.unique(found.bands())} - {-1})
    assert count > 2
    assert (len(painted), len(signs) >= count) == ((count, False) if halves else (0, True))
    assert {*np.unique(found.outcomes)} == {Outcome.CONVERGES, Outcome.UNFINISHED, Outcome.DIVERGES}


def test_choices_are_strips_that_their_names_stand_at(sweeps):
    spec = chart(sweeps["optimizers"], "map")
    rows = as_text(spec, 80, 24)
    named = [
        at for name in ("adam", "rmsprop", "sgd") for at, row in enumerate(rows) if row.strip().startswith(f"{name}┤")
    ]
    assert len(named) == 3
    assert named == sorted(named)


def test_one_parameter_is_a_row_of_bands(sweeps):
    rows = as_text(chart(sweeps["rates"], "map"), 80, 24)
    assert any(row.strip().startswith("median┤") for row in rows)
    inside = {row.split("│")[-1] for row in rows[3:-3] if "┤" not in row}
    assert len(inside) == 1  # all alike


def test_the_cursor_stands_at_a_place(sweeps):
    space, rows = sweeps["momentum"]
    found = sweep_map(space, rows, picture_words("map", space))
    row, column = found.place_of(space, 2 * 3 + 3 * 4 * 5)
    place = found.across.values[column], found.up.values[row]
    assert place == (RATES[5], 0.6)
    spec = replace(map_chart(found), cursor=place)
    assert any("[" in line and "]" in line for line in as_text(spec, 80, 24)[3:])


def test_bands_are_lines_of_medians_with_strokes_to_the_quartiles(sweeps):
    space, rows = sweeps["rates"]
    words = picture_words("bands", space)
    found = done(loss_bands(space, rows, words))
    spec = bands_chart(found)
    assert (spec.x_name, spec.y_scale) == ("epochs done", Scale.LOG)
    for at, (band, role) in enumerate(zip(found.bands, RUN_ROLES, strict=True), 1):
        strokes, line = (each for each in sorted(spec.series, key=lambda each: bool(each.label)) if each.role is role)
        assert (line.label, line.sign) == (band.label, str(at))
        inside = band.quartiles[1] < 1e300
        assert set(line.y.tolist()) >= {band.quartiles[1][inside].min(), band.quartiles[1][0]}
        assert np.isnan(strokes.y[2::3]).all()
        low, high = np.interp(strokes.x[::3], found.epochs, band.quartiles[0]), strokes.y[1::3]
        known = np.isfinite(low)
        assert (strokes.y[::3][known] <= low[known] * 1.01).all()
        assert (high[known] >= strokes.y[::3][known]).all()
    labels = [part.strip() for row in as_text(spec, 120, 30)[:2] for part in row.split("  ") if part]
    assert len([label for label in labels if " lr " in label]) == 6
    assert "· tol 0.5" in labels
    legend = [row.text for row in draw(spec, 30, 30, signs=True)[:3]]
    narrow = [part.strip() for row in legend for part in row.split("  ") if part]
    assert {f"{at} {band.brief}" for at, band in enumerate(found.bands, 1)} <= {*narrow}


def test_what_diverges_does_not_dwarf_the_rest_and_is_told(sweeps):
    spec = chart(sweeps["rates"], "bands")
    assert spec.y_range[1] < 1e6
    assert "3 of 3 (lr 20)." in spec.caption


def test_without_colors_each_line_has_a_digit(sweeps):
    spec = chart(sweeps["rates"], "bands")
    text = "\n".join(row.text for row in draw(spec, 80, 24, ascii=True))
    assert text.isascii()
    assert {"1", "2", "3", "4", "5", ","} <= set("".join(text.split("\n")[4:-2]))


@pytest.mark.parametrize("text", ["map", "bands"])
@pytest.mark.parametrize("size", [(20, 6), (40, 12), (200, 60)])
def test_a_picture_has_the_size_that_it_is_asked_for(sweeps, text, size):
    picture = chart_picture(chart(sweeps["momentum"], text), "title", size, COLORLESS)
    assert len(picture.rows) == size[1]
    assert {sum(len(span.text) for span in row) for row in picture.rows} == {size[0]}


def test_colors_of_lines_are_those_of_runs(sweeps):
    spec = chart(sweeps["rates"], "bands")
    roles = {Role(letter) for row in draw(spec, 100, 30) for letter in row.roles}
    assert roles >= set(RUN_ROLES)
