"""The drawing of charts: cut to the window first, whatever comes; rows of exact size."""

import statistics
from itertools import cycle, product

import numpy as np
import pytest
from app_helpers import as_text
from hypothesis import given
from hypothesis import strategies as st
from pseudo_locale import cells, columns
from tables import table
from trials import spread, trials, variants

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.session.playback import Unit
from quadfit_tui.core.session.session import RunSession
from quadfit_tui.ui.charts.render import MIN_WIDTH, draw
from quadfit_tui.ui.charts.spec import GROUND_ROLES, AxisScale, ChartSpec, Role, Series
from quadfit_tui.ui.themes import CHART_STYLES
from quadfit_tui.ui.views.scene import scene_of
from quadfit_tui.ui.views.view_table import VIEWS
from quadfit_tui.ui.widgets.chart_view import changed_spans

WINDOW = ((-50.0, 50.0), (-500.0, 500.0))


def line(x, y, role=Role.FITTED, **options):
    return Series(role, np.asarray(x, dtype=float), np.asarray(y, dtype=float), line=True, **options)


def chart(*series, window=WINDOW):
    return ChartSpec(*window, series)


def test_a_line_is_drawn_where_it_is():
    spec = chart(line([0, 10], [0, 10], label="up"), window=((0.0, 10.0), (0.0, 10.0)))
    assert as_text(spec, 24, 8, ascii=True) == [
        "y  *o* up",
        "10+                  ***",
        "  |             *****",
        "  |        *****",
        "  |   *****",
        " 0+***",
        "  ++---------+---------+",
        "   0         5      x 10",
    ]
    assert as_text(spec, 24, 8)[1:6] == [
        "10┤                  ⣀⠤⠄",
        "  │             ⣀⠤⠔⠊⠉",
        "  │        ⣀⡠⠔⠊⠉",
        "  │   ⣀⡠⠔⠒⠉",
        " 0┤⠐⠒⠉",
    ]
    assert [draw(spec, 15, 1), draw(spec, 0, 0)] == [[(15 * " ", 15 * " ")], []]


@table("values", [[700, 900, 9000, 2000], [9000, 700, 900]])
def test_offscreen_curve_reports_median(values):
    rows = draw(chart(line(range(len(values)), values, label="far")), 80, 20)
    assert any(f"↑ far: y ≈ {statistics.median(values):.2g} " in row.text for row in rows)


@table("y", [-1.0, 0.0, 0.05, 0.2, 25.9, 28.0, 30.0])
def test_legend_offscreen_arrow_matches_drawing(y):
    level = line(np.linspace(0, 6, 60), np.full(60, y), label="level")
    spec = chart(level, window=((0.7, 5.3), (0.08, 27.92)))  # the ticks make it wider
    told = "level ↑ above" if y > 14 else "level ↓ below"
    for height in spread(range(8, 30)):
        legend, *rows = draw(spec, 60, height)
        is_drawn = any(Role.FITTED in row.roles and not set("↑↓") & set(row.text) for row in rows)
        assert (told in legend.text) != is_drawn, height


@table(
    ("labels", "legends"),
    [
        (
            {"the first": "", "the second": ""},
            {
                32: "⠤⠤⠤ the second  ⠤⠤⠤ the first",
                28: "⠤ the second  ⠤ the first",
                27: "⠤ the second",
            },
        ),
        (
            {"without one": "", "second": "2", "first": "1"},
            {45: "⠤⠤⠤ first  ⠤⠤⠤ second  ⠤⠤⠤ without one", 40: "⠤ 1  ⠤ 2  ⠤ without one", 23: "⠤ 1  ⠤ 2"},
        ),
        (
            {"学习率": "", "动量": "动"},
            {23: "⠤⠤⠤ 动量  ⠤⠤⠤ 学习率", 22: "⠤ 动  ⠤ 学习率", 17: "⠤ 动  ⠤ 学习率", 16: "⠤ 动"},
        ),
    ],
)
def test_legend_shortens_then_drops_labels(labels, legends):
    x = np.array([-50.0, 50.0])
    spec = chart(*(line(x, x, label=label, short_label=brief) for label, brief in labels.items()))
    for width, legend in legends.items():
        assert draw(spec, width, 10)[0].text.rstrip() == f"y  {legend}"


def test_legend_keeps_marks_and_run_numbers():
    x = np.array([-50.0, 50.0])
    run = Series(Role.RUN_2, x, x, line=True, label="#2 lr 0.125", short_label="#2", sign="2")
    spec = chart(run, Series(Role.RATE, x, x, label="0.5", mark="lr"), line(x, x, label="the present one"))
    assert draw(spec, 47, 10)[0].text.rstrip() == "y  ⠤⠤⠤ the present one  ⠤⠤⠤ #2 lr 0.125  lr 0.5"
    assert draw(spec, 46, 10)[0].text.rstrip() == "y  ⠤ the present one  #2  lr 0.5"
    assert draw(spec, 44, 10, signs=True)[0].text.rstrip() == "y  * the present one  #2  lr 0.5"


@table("ascii", [False, True])
def test_wide_names_keep_row_width(ascii):
    x = np.array([-50.0, 50.0])
    series = (line(x, x, label="学习率0.5"), line(x, x + 2000, Role.TRUE, label="真实e\u0301"))
    for width in spread(range(MIN_WIDTH, 60)):
        rows = draw(ChartSpec(*WINDOW, series, "完成的轮数", "平均损失"), width, 12, ascii)
        assert {columns(row.text) for row in rows} == {width}
        assert all(len(row.text) == len(row.roles) for row in rows)
        if ascii:
            assert all(row.text.isascii() for row in rows)


def test_wide_axis_name_moves_no_label():
    for width in (*range(16, 40), 80):
        named = draw(ChartSpec((0, 1000), (0, 1), (), x_name="轮数"), width, 8)[-1].text
        bare = draw(ChartSpec((0, 1000), (0, 1), (), x_name=""), width, 8)[-1].text
        assert "轮数" in named
        assert len(cells(named)) == width
        kept = [(x, cell) for x, cell in enumerate(cells(named)) if cell.isdecimal()]
        assert all(bare[x] == cell for x, cell in kept), width
        assert {*named.replace("轮数", "").split()} <= {*bare.split()}


def test_legend_gaps_are_blank():
    x = np.array([-50.0, 50.0])
    row = draw(chart(line(x, x, label="b"), Series(Role.HERE, x, x, label="w")), 30, 10)[0]
    assert row.text.rstrip() == "y  @ w  ⠤⠤⠤ b"
    assert row.roles.rstrip() == "aaannn  fffff"


ODD_SAMPLES = {
    "next to zero": [(0, 0), (4e-323, 1)],
    "far away": [(1e12 - 1e-4, 1), (1e12, 1 + 1e-9)],
    "twice the same": [(0, 0), (0, 0)],
    "one far away": [(1e12, 1e12)],
}


@pytest.mark.parametrize("samples", variants(ODD_SAMPLES, 2))
def test_no_samples_can_harm_the_chart(tmp_path, samples):
    path = tmp_path / "odd.csv"
    path.write_text("".join(f"{x!r} {y!r}\n" for x, y in samples))
    session = RunSession(RunConfig(data=str(path), lr=1e-9, batch=1))
    sizes = cycle([(30, 8), (53, 13), (120, 40)])
    for _ in range(2):
        for name, view in VIEWS.items():
            for words in product(*view.options.values()):
                size = next(sizes)
                rows = draw(view.draw(scene_of(session), dict(zip(view.options, words, strict=True))), *size)
                assert len(rows) == size[1], (name, words, size)
        session.step(Unit.EPOCH)
        session.advance(1e9)


@table("length", [14, 15, 16, 40])
def test_long_axis_name_truncated(length):
    rows = draw(ChartSpec(*WINDOW, (), x_name="n" * length), 16, 6)
    assert rows[-1].text == (" " + "n" * length)[:16].rjust(16)
    assert {(len(row.text), len(row.roles)) for row in rows} == {(16, 16)}


def test_axis_name_separated_from_labels():
    for width in spread(range(30, 120)):
        row = draw(ChartSpec((0, 1000), (0, 1), (), x_name="a (b at its best)"), width, 8)[-1].text
        before = row[: row.index("a (b")]
        assert before.endswith("  ") or not before.strip(), row


def test_every_role_has_style_and_mark():
    assert {*CHART_STYLES} == {*Role}
    for role in set(Role) - {Role.BLANK}:
        if role not in (Role.AXIS, Role.TEXT, Role.TITLE, Role.RESULT, Role.SCROLLBAR, *GROUND_ROLES):
            points = Series(role, np.array([0.0, 1.0]), np.array([0.0, 1.0]), label=role.name)
            assert role.name in draw(chart(points, line(points.x, points.y, role)), 40, 10)[0].text


@trials(60)
@given(st.lists(st.tuples(st.floats(-50, 50), st.floats(-500, 500)), max_size=6), st.floats(-10, 10))
def test_changed_spans_suffice_for_repaint(points, slope):
    x, y = np.array(points or [(0, 0)], dtype=float).T
    before = draw(chart(line([-50, 50], [0, 0])), 40, 12)
    after = draw(chart(line([-50, 50], [-50 * slope, 50 * slope]), Series(Role.SAMPLES, x, y)), 40, 12)
    patched = [list(zip(*row, strict=True)) for row in before]
    for span in changed_spans(before, after):
        patched[span.y][span.x : span.right] = list(zip(*after[span.y], strict=True))[span.x : span.right]
    assert patched == [list(zip(*row, strict=True)) for row in after]


def test_only_the_cells_that_changed_are_repainted():
    before = draw(chart(line([-50, 50], [0, 0])), 40, 12)
    after = draw(chart(line([-50, 50], [0, 0]), Series(Role.SAMPLES, np.array([0.0]), np.array([300.0]))), 40, 12)
    (span,) = changed_spans(before, after)
    assert (span.width, span.height) == (1, 1)
    assert "⠀" < after[span.y].text[span.x] <= "⣿"
    assert changed_spans(before, before) == []
    assert changed_spans(before, after[:-1]) is None


def test_wide_characters_repainted_whole():
    x = np.array([-50.0, 50.0])
    before, after, marked = (
        draw(chart(line(x, x, label=label)), 40, 12) for label in ("学习率", "学习者", "学习e\u0301")
    )
    assert changed_spans(before, after) == [(0, 0, 40, 1)]
    assert changed_spans(before, marked) == [(0, 0, 40, 1)]
    assert changed_spans(after, after) == []


def test_log_scale_matches_its_ticks():
    spec = ChartSpec(
        (0.0, 4.0), (1e-6, 1e2), (line([0, 4], [1e-6, 1e2]),), x_name="epoch", y_name="loss", y_scale=AxisScale.LOG
    )
    rows = as_text(spec, 40, 19, ascii=True)
    labels = {row.partition("+")[0].strip(): y for y, row in enumerate(rows) if "+" in row}
    assert {label for label in labels if label} == {"1e-6", "0.001", "1", "1000"}
    # A straight line here is one that grows by the same factor everywhere: three quarters of the way for 6 powers of 8.
    (row,) = [row for row in rows if row.strip().startswith("1+")]
    assert "*" in row[5 + 23 : 5 + 29]


def test_zero_loss_below_log_window():
    spec = ChartSpec((0.0, 2.0), (1e-3, 1.0), (line([0, 1, 2], [1.0, 0.0, np.nan]),), y_scale=AxisScale.LOG)
    assert any("*" in row for row in as_text(spec, 40, 10, ascii=True)[1:])
