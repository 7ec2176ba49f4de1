"""Lines and points in cells, against plotext, which drew them once; what is cut at the window."""

import numpy as np
import plotext
import pytest
from hypothesis import given
from hypothesis import strategies as st
from trials import trials

from quadfit_tui.ui.charts import plotext_frame
from quadfit_tui.ui.charts.canvas import Canvas, clip_polyline
from quadfit_tui.ui.charts.labels import write_notes
from quadfit_tui.ui.charts.spec import ChartSpec, Note, Role

WINDOW = ((-50.0, 50.0), (-500.0, 500.0))


def by_plotext(series, width, height):
    """Oracle: the cells of a plot without axes, for series of (role, x, y, sign or none for a braille line)."""
    figure = plotext.figure
    figure.clear()
    figure.theme("colorless")
    figure.plot_size(width, height)
    for side in (0, 1):
        figure.axes(active=False, side=side)
    for axis, window in enumerate(WINDOW):
        figure.ruler(axis, 0).lim(*window)
        figure.ruler(axis, 0).ticks([], [])
    numbers = {role: number for number, role in enumerate(Role, 1)}
    for role, x, y, sign in series:
        marker = plotext.marker(sign or "braille", numbers[role])
        signal = figure.signal(list(x), list(y), marker=marker)
        figure.draw(signal if sign else signal.lines())
    letters = {str(number): role for role, number in numbers.items()}
    rows = []
    for line in figure.build().string().splitlines()[:height]:
        role, cells = Role.BLANK, []
        for index, part in enumerate(plotext_frame._PAINT.split(line)):
            if index % 2:
                role = letters.get(part.rpartition(";")[2], Role.BLANK)
            else:
                cells += [(sign, " " if sign == " " else role) for sign in part]
        rows.append(cells)
    return rows


POINTS = st.lists(st.tuples(st.floats(-50, 50), st.floats(-500, 500)), min_size=1, max_size=12)


@trials(50)
@given(POINTS, st.booleans())
def test_a_lasting_line_is_drawn_as_any_other_on_every_canvas(points, bent):
    x, y = np.array(points).T
    y = np.where(y > 400, np.nan, 3 * y) if bent else y
    narrow = ((-50.0, 20.0), (-500.0, 500.0)), ((-50.0, 50.0), (-500.0, 100.0))
    canvases = [(20, 6, *WINDOW), (6, 20, *WINDOW), (20, 6, *narrow[0]), (20, 6, *narrow[1])]
    for role in (Role.GHOST, Role.CONTOUR):
        for args in canvases * 2:
            kept, anew = Canvas(*args), Canvas(*args)
            for canvas, lasting in ((kept, True), (anew, False)):
                canvas.add_line(Role.FITTED, x[::-1], x)
                canvas.add_line(role, x, y, lasting=lasting)
            assert kept.rows() == anew.rows()


@trials(50)
@given(
    st.lists(
        st.tuples(st.sampled_from([Role.FITTED, Role.TRUE, Role.GHOST]), POINTS, st.sampled_from(["", "", "o", "x"]))
    ),
    st.sampled_from([(20, 6), (53, 13), (150, 40)]),
)
def test_cells_are_those_that_plotext_would_fill(drawn, size):
    series = [(role, *np.array(points).T, sign) for role, points, sign in drawn]
    canvas = Canvas(*size, *WINDOW)
    for role, x, y, sign in series:
        if sign:
            canvas.add_points(role, x, y, sign)
        elif len(x) > 1:
            canvas.add_line(role, x, y)
    rows = [list(zip(text, roles, strict=True)) for text, roles in canvas.rows()]
    assert rows == by_plotext([each for each in series if each[3] or len(each[1]) > 1], *size)


def test_a_line_that_crosses_all_of_the_window_at_each_point_is_seen_as_such():
    x = np.linspace(-50, 50, 5001)
    canvas = Canvas(100, 30, *WINDOW)
    canvas.add_line(Role.PATH, x, np.where(np.arange(5001) % 2, 1e300, -1e300))
    assert {text[1:-1] for text, _ in canvas.rows()[1:-1]} == {"⣿" * 98}  # a value lies half a cell within the border


@trials(200)
@given(st.lists(st.tuples(st.floats(-100, 100), st.floats(-1000, 1000)), min_size=2, max_size=8))
def test_clipping_keeps_what_is_inside_and_nothing_else(points):
    x, y = np.array(points).T
    found = [*zip(*clip_polyline(x, y, *WINDOW), strict=True)]
    for px, py in found:
        assert ((px >= -50) & (px <= 50) & (py >= -500) & (py <= 500)).all()
    # Oracle: many points along every segment; those inside must lie on a piece, in number and place.
    t = np.linspace(0, 1, 201)
    for x0, y0, x1, y1 in zip(x[:-1], y[:-1], x[1:], y[1:], strict=True):
        sx, sy = x0 + t * (x1 - x0), y0 + t * (y1 - y0)
        for qx, qy in zip(sx[20:-20:40], sy[20:-20:40], strict=True):
            if abs(qx) < 49.9 and abs(qy) < 499:
                assert any(on_polyline(qx, qy, px, py) for px, py in found)


def on_polyline(qx, qy, px, py):
    """Whether a point lies on one of the segments, within rounding."""
    dx, dy = np.diff(px), np.diff(py)
    cross = np.abs(dx * (qy - py[:-1]) - dy * (qx - px[:-1]))
    near = cross <= 1e-6 * (1 + np.hypot(dx, dy))
    between = ((qx - px[:-1]) * (qx - px[1:]) <= 1e-6) & ((qy - py[:-1]) * (qy - py[1:]) <= 1e-6)
    return bool((near & between).any())


def test_clipping_cuts_at_the_border():
    cut_x, cut_y = clip_polyline(np.array([-100.0, 0, 0, 100]), np.array([0.0, 0, 600, 0]), *WINDOW)
    assert cut_x.tolist() == [[-50, 0], [0, 0], [pytest.approx(100 / 6), 50]]
    assert cut_y.tolist() == [[0, 0], [0, 500], [500, 300]]


@trials(200)
@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 3)), max_size=12),
    st.lists(st.tuples(st.integers(-2, 11), st.integers(-1, 4)), max_size=6),
    st.integers(1, 4),
)
def test_a_note_is_written_at_the_first_place_where_it_touches_nothing(taken, places, length):
    canvas = Canvas(10, 4, (0.0, 9.0), (0.0, 3.0))
    for column, line in taken:
        canvas.write(Role.PATH, column, line, "o")
    before = canvas.rows()
    x, y = np.array(places, dtype=float).reshape(-1, 2).T
    notes = (Note(Role.CONTOUR, "n" * length, x, y), Note(Role.CONTOUR, "m", x, y))
    write_notes(canvas, ChartSpec((0.0, 9.0), (0.0, 3.0), (), notes=notes))
    expected = [list(text) for text, _ in before]
    for sign, long in (("n", length), ("m", 1)):
        for column, height in places:
            first, line = column - long // 2, 3 - height
            inside = 0 <= first <= 10 - long and 0 <= line < 4
            if inside and not any((at, line) in taken for at in range(first - 1, first + long + 1)):
                expected[line][first : first + long] = sign * long
                taken += [(at, line) for at in range(first - 1, first + long + 1)]
                break
    assert [text for text, _ in canvas.rows()] == ["".join(row) for row in expected]
