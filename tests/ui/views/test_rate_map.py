"""The view *map*: what is painted, written and marked where, against the runs themselves; what there is to choose."""

import re
from dataclasses import replace
from functools import cache
from itertools import product

import numpy as np
import pytest
from app_helpers import at_once, go, scene_for
from pseudo_locale import columns, pseudo_locale
from tables import table

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.model.task import make_task
from quadfit_tui.core.rate_map.pieces import map_pieces, whole_map
from quadfit_tui.core.rate_map.rate_map import CellOutcome, Figure, Up, figures_of, ups_of
from quadfit_tui.core.session.session import RunSession
from quadfit_tui.testing import screen_text
from quadfit_tui.ui.charts.render import cell_to_place
from quadfit_tui.ui.charts.render import draw as draw_chart
from quadfit_tui.ui.charts.spec import AxisScale, ChartSpec, Role, TextPage, ground_of, role_of
from quadfit_tui.ui.views.rate_map import SIGNS
from quadfit_tui.ui.views.scene import scene_of
from quadfit_tui.ui.views.view_table import VIEWS

VIEW = VIEWS["map"]
MOMENTUM = PRESETS["momentum"]
SIZE, FINE = (40, 21), (120, 40)  # columns and rows of a map
# Converges at some rates above others at which it does not.
SEVERAL = MOMENTUM.replace(samples=24, batch=1, momentum=0.817)


@cache
def map_of(config, up=None, figure=None):
    return whole_map(RunSession(config, speed=None).snapshot().task, up, figure, FINE if config is SEVERAL else SIZE)


def scene(config=MOMENTUM, *, up=None, figure=None, **more):
    return replace(scene_of(RunSession(config, speed=None)), rate_map=map_of(config, up, figure), **more)


def spec_of(shown):
    return VIEW.draw(shown, VIEW.initial_options(shown.snapshot))


def rows_of(shown, width=80, height=24, **how):
    return draw_chart(spec_of(shown), width, height, **how)


def series(spec, label):
    return next(each for each in spec.series if each.label == label)


def factor(config):
    """What an epoch of all samples, with momentum, leaves of the distance in the long run: by its eigenvalues."""
    x = RunSession(config).snapshot().problem.x
    features = np.stack([x * x, x, np.ones_like(x)])
    step = config.lr * features @ features.T / len(x)
    keep, one = config.momentum * np.eye(3), np.eye(3)
    return np.abs(np.linalg.eigvals(np.block([[one - step, keep], [-step, keep]]))).max()


def test_cell_colors_match_run_convergence():
    shown = scene()
    ground, edges = spec_of(shown).ground, shown.rate_map.edges
    assert 2 < ground.count == len(edges) + 1 <= 9
    for row, column in product(range(0, len(ground.y), 4), range(0, len(ground.x), 3)):
        left = factor(MOMENTUM.replace(lr=float(ground.x[column]), momentum=float(ground.y[row])))
        band = ground.bands[row, column]
        assert (left < 1) is (band >= 0)
        if band >= 0:
            epochs = np.log(10) / -np.log(left)
            low, high = edges[band - 1] if band else 0, edges[band] if band < len(edges) else np.inf
            assert low / (1 + 1e-9) < epochs <= high * (1 + 1e-9)
    assert {*np.unique(ground.bands)} == {-1, *range(ground.count)}


def test_edge_numbers_lie_on_their_edges():
    shown = scene()
    spec, seen = spec_of(shown), 0
    for row in rows_of(shown, 140, 40)[2:-2]:
        for number in re.finditer(r"(?<![\d.┤])\d+(?![\d.┤])", row.text):
            edge = float(number[0])
            if edge not in shown.rate_map.edges:
                continue
            before, after = (ground_of(row.roles[at]) for at in (number.start() - 2, number.end() + 1))
            at = shown.rate_map.edges.index(edge) * 8 / (spec.ground.count - 1)  # of nine colors: that before the edge
            assert min(before, after) <= round(at) < max(before, after) + 1, row.text
            seen += 1
    assert seen == len(shown.rate_map.edges)


def test_every_border_is_drawn_all_along():
    shown = scene(SEVERAL, up=Up.MOMENTUM)
    spec, borders = spec_of(shown), shown.rate_map.borders()
    drawn = [each for each in spec.series if each.role is Role.RATE]
    assert len(drawn) == len(borders)
    assert [each.label for each in drawn if each.label] == ["limit of convergence"]
    row = np.abs(shown.rate_map.levels - SEVERAL.momentum).argmin()
    assert np.count_nonzero(np.diff(shown.rate_map.outcomes[row] == CellOutcome.DIVERGES)) > 2  # and converges again
    width, height = 120, 40
    rows = rows_of(shown, width, height, signs=True)
    lined = np.array([[role == Role.RATE for role in row.roles] for row in rows])
    seen = 0
    for column, at in product(range(width), range(height)):
        place = cell_to_place(spec, width, height, column, at, signs=True)
        if place is None:
            continue
        rate, level = 10 ** place[0], place[1]
        # Runs as they are on the map, beside this cell on the left and the right.
        (left, right), up = 10 ** (place[0] + np.array([-0.04, 0.04])), np.abs(shown.rate_map.levels - level).argmin()
        ends = [np.abs(np.log(shown.rate_map.rates / each)).argmin() for each in (left, right)]
        outcomes = {int(shown.rate_map.outcomes[up, each]) for each in ends}
        inside = shown.rate_map.rates[0] < rate < shown.rate_map.rates[-1] and level <= shown.rate_map.levels[-1]
        if inside and outcomes == {CellOutcome.CONVERGES, CellOutcome.DIVERGES}:
            near = lined[max(0, at - 2) : at + 3, max(0, column - 4) : column + 5]
            assert near.any(), (rate, level)
            seen += 1
    assert seen > 40


def test_run_best_and_earlier_runs_are_marked():
    session = RunSession(MOMENTUM, speed=None)
    for rate, momentum, samples in ((0.2, 0.7, 800), (0.05, 0.5, 800), (0.05, 0.9, 40)):
        session.restart(MOMENTUM.replace(lr=rate, momentum=momentum, samples=samples))
        go(session, (2,))
    session.restart(MOMENTUM)
    shown = replace(scene_of(session), rate_map=map_of(MOMENTUM))
    spec, found = spec_of(shown), shown.rate_map
    marks = {each.mark: (each.label, each.x.item(), each.y.item()) for each in spec.series if len(each.mark) == 1}
    one, other, _ = (run.number for run in shown.earlier)
    row, column = found.fastest()
    assert {0.5, 0.7} < set(found.levels.tolist())  # else they are marked in the middles of their cells
    assert marks == {
        "@": ("this run", 1.0, 0.7),
        "*": ("fastest", found.rates[column], found.levels[row]),
        str(one): ("", 0.2, 0.7),
        str(other): ("", 0.05, 0.5),
    }
    assert [each.mark for each in spec.series if each.label == "earlier runs"] == [f"{one} {other}"]
    assert np.nanmin(found.values) == found.values[row, column]
    assert {*"@*", str(one), str(other)} <= {*"".join(row.text for row in rows_of(shown)[2:-2])}


def test_cursor_brackets_and_sentence_match_cell():
    found = map_of(MOMENTUM)
    top, right = (count - 1 for count in found.values.shape)
    for cell in ((0, 0), (7, 12), (top, right), (top, 0)):
        shown = scene(cell=cell)
        for width, height in ((80, 18), (140, 40), (60, 12), (49, 20)):
            rows = rows_of(shown, width, height)
            (at,) = [number for number, row in enumerate(rows) if "[" in row.text]
            begin, end = rows[at].text.index("["), rows[at].text.index("]")
            assert end - begin == 2 or cell[1] in (0, len(found.rates) - 1)
            assert {role_of(rows[at].roles[each]) for each in (begin, end)} == {Role.HERE}
            across, up = cell_to_place(spec_of(shown), width, height, (begin + end) // 2, at)
            beside = at + 1 if cell[0] else at - 1
            one, other = (cell_to_place(spec_of(shown), width, height, *each) for each in ((20, at), (21, beside)))
            steps = np.abs(np.subtract(other, one))  # from cell to cell
            place = np.log10(found.rates[cell[1]]), found.levels[cell[0]]
            assert (np.abs(np.subtract((across, up), place)) <= (1.01, 0.51) * steps).all()
    assert "[" not in "".join(row.text for row in rows_of(scene()))


def test_saved_picture_alone_has_a_caption():
    found = map_of(MOMENTUM)
    for cell, (width, height) in product(((0, 0), (7, 12)), ((80, 18), (140, 40), (60, 12), (49, 20))):
        told = found.sentence(*cell)
        saved, shown = (
            " ".join(" ".join(row.text for row in rows_of(scene(cell=cell, is_saved=saved), width, height)).split())
            for saved in (True, False)
        )
        assert told[: width - 1] in saved
        assert (told in saved) is (len(told) <= width or height >= 16)
        assert told[: width - 1] not in shown
    shown = rows_of(scene(cell=(3, 3), is_saved=True), 80, 7)  # where a row is worth more in the chart
    assert not any(row.text.startswith("learning rate") for row in shown)


def test_cursor_brackets_show_run_between_cells():
    for rate in (0.483, 0.517, 0.55):
        config = SEVERAL.replace(lr=rate)
        found = whole_map(make_task(config))
        cell = found.cell_of(config)
        assert (found.rates[cell[1]], found.levels[cell[0]]) != (rate, config.momentum)
        shown = replace(scene_of(RunSession(config, speed=None)), rate_map=found, cell=cell)
        for width in range(60, 140, 7):
            assert "[@]" in "".join(row.text for row in rows_of(shown, width, 12))


def test_nothing_moves_when_the_cursor_does():
    for width, height in ((80, 24), (49, 20), (60, 10)):
        drawn = [rows_of(scene(cell=(19, column), is_saved=True), width, height) for column in range(3, 30)]
        assert len({tuple(row.text[:5] for row in rows[4:]) for rows in drawn}) == 1


def test_unpainted_areas_and_uncertain_cells_are_labeled():
    found = map_of(MOMENTUM)
    outcomes = found.outcomes.copy()
    outcomes[:, :8], outcomes[:, 8:10] = CellOutcome.UNFINISHED, CellOutcome.UNCERTAIN
    shown = scene()
    shown = replace(shown, rate_map=replace(found, outcomes=outcomes))
    spec = spec_of(shown)
    for text, outcome in (("diverges", CellOutcome.DIVERGES), ("not within 100 epochs", CellOutcome.UNFINISHED)):
        (note,) = [each for each in spec.notes if each.text == text]
        cells = {(x, y) for x, y in zip(note.x.tolist(), note.y.tolist(), strict=True)}
        rows, at = np.nonzero(outcomes == outcome)
        assert cells <= {*zip(found.rates[at].tolist(), found.levels[rows].tolist(), strict=True)}
        assert cells
    doubtful = series(spec, "not certain")
    assert (doubtful.mark, len(doubtful.x)) == ("?", 2 * len(found.levels))
    assert {*doubtful.x.tolist()} == {*found.rates[8:10].tolist()}
    text = "\n".join(row.text for row in rows_of(shown, 140, 40))
    for each in ("diverges", "not within 100 epochs", "?"):
        assert each in text


def test_pending_map_shows_progress_or_reason():
    before = scene_of(RunSession(MOMENTUM))
    assert spec_of(before) == TextPage(spec_of(before).rows)
    assert [row.text for row in spec_of(before).rows] == ["computing the map …"]
    assert [row.text for row in spec_of(replace(before, no_map="Predict first.")).rows] == ["Predict first."]
    refused = replace(before, rate_map=replace(map_of(MOMENTUM), refusal="It takes too long."))
    assert [row.text for row in spec_of(refused).rows] == ["It takes too long."]
    *parts, _ = map_pieces(before.snapshot.task.replace(batch=100), size=SIZE)
    part = next(each for each in parts if 0 < each.share < 0.9)
    told = rows_of(replace(before, rate_map=part))
    assert f"{int(100 * part.share)} % computed" in " ".join(row.text for row in told)
    assert "computed" not in " ".join(row.text for row in rows_of(scene()))


def test_flag_axis_has_two_numbered_strips():
    shown = scene(up=Up.SCALED)
    spec, rows = spec_of(shown), rows_of(shown, 100, 30)
    assert spec.y_scale is AxisScale.FLAG
    labels = [row.text[:4].strip() for row in rows if row.text[:4].strip(" │└")]
    assert [each for each in labels if each in ("yes┤", "no┤")] == ["yes┤", "no┤"]
    yes, no = (next(row.text for row in rows if row.text.startswith(label)) for label in ("yes┤", " no┤"))
    for strip, level in ((yes, 1), (no, 0)):
        found = {float(number) for number in re.findall(r"\d+", strip)}
        bands = shown.rate_map.bands()[level]
        assert found
        assert found <= {shown.rate_map.edges[band] for band in range(bands.min(initial=0), bands.max())}


def test_batch_size_axis_is_logarithmic():
    assert spec_of(scene(PRESETS["playground"], up=Up.BATCH)).y_scale is AxisScale.LOG


@pytest.mark.parametrize("name", ["momentum", "playground", "adam", "article", "own-data", "noisy"])
def test_irrelevant_words_are_left_out(name):
    snapshot = RunSession(PRESETS[name]).snapshot()
    words, left_out = VIEW.initial_options(snapshot), VIEW.left_out(snapshot)
    ups = ups_of(snapshot.config)
    assert [word for word in VIEW.options["up"] if word not in left_out] == [*ups]
    assert words == {"up": ups[0], "figure": figures_of(snapshot.config, ups[0])[0]}
    assert left_out.isdisjoint(words.values())
    figures = {figure for up in ups for figure in figures_of(snapshot.config, up)}
    assert {word for word in VIEW.options["figure"] if word not in left_out} == figures
    for unknown in left_out & {*Up}:
        assert VIEW.initial_options(snapshot, {"up": unknown}) == words


@table("size", [(40, 6), (60, 11), (80, 17), (200, 55), (16, 5), (120, 30)])
def test_draws_at_every_size_and_style(size):
    for shown in (scene(cell=(3, 9)), scene(up=Up.SCALED), scene(SEVERAL, up=Up.MOMENTUM)):
        for how in ({}, {"signs": True}, {"ascii": True}, {"halves": 1}):
            rows = rows_of(shown, *size, **how)
            assert [columns(row.text) for row in rows] == [size[0]] * size[1]
            assert how != {"ascii": True} or all(row.text.isascii() for row in rows)
            if size != (16, 5):
                assert {"@", "|" if how.get("signs") or how.get("ascii") else "@"} <= {
                    *"".join(row.text for row in rows)
                }


def test_band_signs_are_distinct_and_in_legend():
    shown = scene()
    ground = spec_of(shown).ground
    assert len({*ground.signs}) == ground.count == len(ground.signs)
    assert set(ground.signs) <= set(SIGNS)
    assert not {*SIGNS} & {*"@*?|[]0123456789"}
    rows = rows_of(shown, 100, 30, signs=True)
    assert rows[0].text.startswith(f"momentum  {ground.signs} epochs for one more digit")
    assert set(ground.signs) <= {*"".join(row.text for row in rows[2:-2])}
    painted = rows_of(shown, 100, 30)[0]
    begin = len("momentum  ")
    ramp = [ground_of(letter) for letter in painted.roles[begin : begin + ground.count]]
    assert ramp == sorted(ramp)
    assert (ramp[0], ramp[-1]) == (0, 8)


def test_wide_letters_take_their_room():
    with pseudo_locale():
        spec = spec_of(scene(cell=(4, 4), is_saved=True))
    assert "ｌａｎ" in spec.caption  # learning
    for width in range(40, 120, 7):
        for row in draw_chart(spec, width, 20):
            assert columns(row.text) == width
            assert len(row.text) == len(row.roles)


def test_the_figures_have_words_of_their_own():
    labels = set()
    for figure in Figure:
        config = PRESETS["playground"].replace(noise=0.5, samples=16, schedule="constant", epochs=200, tol=0.5)
        spec = spec_of(scene(config, up=Up.BATCH, figure=figure))
        assert isinstance(spec, ChartSpec)
        labels.add(spec.ground.label)
        assert any(each.label == ("best" if figure is Figure.SETTLES else "fastest") for each in spec.series)
    assert len(labels) == len(Figure)


async def test_keys_change_map_words_in_app(make_app):
    app = make_app("momentum", map_runner=at_once, views={"map": {}})
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert "epochs for one more digit" in screen_text(app) or "epochs/digit" in screen_text(app)
        await pilot.press("x")
        await pilot.pause()
        assert app.query_one("Panes").words["up"] == "batch"
        await pilot.press("z")
        await pilot.pause()
        assert app.query_one("Panes").words["figure"] == "ends"


def test_the_scene_of_tests_has_it():
    shown = scene_for("map", RunSession(RunConfig(samples=20, batch="full", schedule="constant")))
    assert shown.rate_map.share == 1
