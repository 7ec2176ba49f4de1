"""The ground of a chart: which band each cell has, found again place by place; what is drawn upon it, and instead."""

from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pyte
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pseudo_locale import columns
from tables import table
from trials import trials

from quadfit_tui.core.export.picture import InkSpan, Picture, ansi_lines, svg_lines
from quadfit_tui.ui.charts.axes import AXES, BELOW, inner_columns, ruler
from quadfit_tui.ui.charts.render import draw
from quadfit_tui.ui.charts.spec import (
    GROUND_ROLES,
    AxisScale,
    ChartSpec,
    Ground,
    Note,
    Role,
    Series,
    ground_of,
    letter_of,
    role_of,
)
from quadfit_tui.ui.display.capabilities import Capabilities
from quadfit_tui.ui.themes import DARK, chart_colors, theme_variables
from quadfit_tui.ui.widgets.chart_view import ChartView, changed_spans

WINDOW = (1.0, 1000.0), (-3.0, 5.0)
BARE = Series(Role.CONTOUR, np.array([1.0, 1000.0]), np.array([-3.0, 5.0]), line=True, bare=True)
WHOLE = Ground(np.array([1.0]), np.array([0.0]), np.zeros((1, 1), np.int8), 1, "#")


def inside(spec, width, height, **options):
    """The rows between the legend and the axis, right of the axis, and the rulers of that."""
    rows = draw(spec, width, height, **options)
    y = ruler(spec.y_scale, spec.y_range, height - 1 - BELOW)
    left = width - inner_columns(width, y)
    x = ruler(spec.x_scale, spec.x_range, width - left, across=True)
    return [(row.text[left:], row.roles[left:]) for row in rows[1:-BELOW]], x, y


def bands_of(own, place):
    """The numbers of the places that are nearest to one, two of them in the middle; none too far beyond the ends."""
    if len(own) == 1:
        return {0}
    far = [abs(each - place) for each in own]
    low, high = own[0] - (own[1] - own[0]) / 2, own[-1] + (own[-1] - own[-2]) / 2
    near = 1e-9 * (high - low)
    found = (
        {at for at, each in enumerate(far) if each <= min(far) + near} if low - near <= place <= high + near else set()
    )
    return found | {None} if min(abs(place - low), abs(place - high)) <= near else found or {None}


@trials(60)
@given(
    st.integers(1, 40),
    st.integers(1, 30),
    st.integers(1, 9),
    st.sampled_from([AxisScale.LINEAR, AxisScale.LOG]),
    st.sampled_from([0.4, 1.0, 1.3]),
    st.integers(30, 90),
    st.integers(8, 15),
    st.integers(0, 2**32 - 1),
)
def test_half_cells_have_nearest_band(across, up, count, scale, share, width, height, seed):
    ends = AXES[scale].place(np.array(WINDOW[0]))
    own_x = np.linspace(ends.mean() - share * np.ptp(ends) / 2, ends.mean() + share * np.ptp(ends) / 2, across)
    own_y = np.linspace(1 - 4 * share, 1 + 4 * share, up)
    bands = np.random.default_rng(seed).integers(-1, count, (up, across)).astype(np.int8)
    ground = Ground(np.array([AXES[scale].value(place) for place in own_x]), own_y, bands, count)
    rows, x, y = inside(ChartSpec(*WINDOW, (), x_scale=scale, ground=ground), width, height)
    ramp = [round(band * 8 / max(1, count - 1)) for band in range(count)]
    step_x = (x.limits[1] - x.limits[0]) / (len(rows[0][0]) - 1)
    step_y = (y.limits[1] - y.limits[0]) / (len(rows) - 1)
    for line, (text, letters) in enumerate(rows):
        for column, (sign, letter) in enumerate(zip(text, letters, strict=True)):
            middle = y.limits[1] - line * step_y
            halves = {" ": (ground_of(letter),) * 2, "▀": (None, ground_of(letter)), "▄": (ground_of(letter), None)}[
                sign
            ]
            ink = None if sign == " " else GROUND_ROLES.index(role_of(letter))
            halves = [ink if half is None else half for half in halves]
            for half, place in zip(halves, (middle + step_y / 4, middle - step_y / 4), strict=True):
                allowed = {
                    -1 if None in (a, b) or bands[b, a] < 0 else ramp[bands[b, a]]
                    for a in bands_of(own_x.tolist(), x.limits[0] + column * step_x)
                    for b in bands_of(own_y.tolist(), place)
                }
                assert half in allowed, (line, column)


def test_ink_takes_band_of_painted_cell():
    line = Series(Role.PATH, np.array([1.0, 1000.0]), np.array([-3.0, 5.0]), line=True)
    note = Note(Role.TEXT, "学 a", np.array([200.0]), np.array([3.0]))
    plain, x, y = inside(ChartSpec(*WINDOW, (line,), notes=(note,)), 60, 14)
    seen, last, lowest = set(), columns(plain[0][0]) - 1, len(plain) - 1
    half = np.ptp(y.limits) / lowest / 4
    low, high = y.limits[0] + 3.5 * half, y.limits[1] - 3.5 * half  # so much of a cell's upper or lower half is left
    up = np.linspace(low, high, 11)[1::2]
    ground = Ground(np.linspace(1, 1000, 7), up, np.arange(35, dtype=np.int8).reshape(5, 7) % 9, 9)
    rows, _, _ = inside(ChartSpec(*WINDOW, (line,), notes=(note,), ground=ground), 60, 14)
    for at, ((text, letters), (drawn, roles)) in enumerate(zip(rows, plain, strict=True)):
        column = 0
        for sign, letter, own, role in zip(text, letters, drawn, roles, strict=True):
            if role != Role.BLANK:
                places = x.limits[0] + column * np.ptp(x.limits) / last, y.limits[1] - at * np.ptp(y.limits) / lowest
                a, b = (np.abs(each - place).argmin() for each, place in zip((ground.x, ground.y), places, strict=True))
                beyond = not (low <= places[1] - half <= places[1] + half <= high and places[0] <= 1000 + 999 / 12)
                assert (sign, role_of(letter)) == (own, role)
                assert ground_of(letter) == (-1 if beyond else ground.bands[b, a])
                seen |= {role, "half" if beyond and low <= places[1] <= high else beyond}
            column += 1 + (sign == "学")
        assert column == last + 1
    assert seen == {Role.PATH, Role.TEXT, True, False, "half"}


def test_wide_half_blocks_become_blanks():
    """Some terminals take half blocks for two columns."""
    bands = (np.arange(60)[:, np.newaxis] + np.arange(9)) % 9
    ground = Ground(np.linspace(1, 1000, 9), np.linspace(-9, 9, 60), bands.astype(np.int8), 9)
    spec = ChartSpec(*WINDOW, (), ground=ground)
    both, whole = (inside(spec, 60, 14, halves=halves)[0] for halves in (2, 1))
    assert {"▀"} <= set("".join(text for text, _ in both))
    assert set("".join(text for text, _ in whole)) == {" "}
    assert {ground_of(letter) for _, letters in whole for letter in letters} == {*range(9)}
    assert {role_of(letter) for _, letters in whole for letter in letters} == {Role.BLANK}


@table("options", [{"halves": 0}, {"signs": True}, {"ascii": True}])
def test_ground_without_colors_uses_signs(options):
    bands = np.array([[-1, 0, 1, 2]], np.int8).repeat(3, axis=0)
    ground = Ground(np.linspace(125, 875, 4), np.linspace(-2, 4, 3), bands, 3, "@ .")
    line = Series(Role.PATH, np.array([1.0, 1000.0]), np.array([1.0, 1.0]), line=True, label="path")
    spec = ChartSpec((0, 1000), (-3.0, 5.0), (line, BARE), ground=ground)
    rows, x, _ = inside(spec, 60, 14, **options)
    bare, _, _ = inside(replace(spec, ground=None), 60, 14, **options)
    assert all(ord(letter) < 128 for _, letters in rows for letter in letters)
    seen = ""
    for (text, letters), (alone, roles) in zip(rows, bare, strict=True):
        for column, (sign, role) in enumerate(zip(text, letters, strict=True)):
            if alone[column] != " ":
                assert (sign, role) == (alone[column], roles[column])  # the path and what is bare: over the signs
            else:
                place = x.limits[0] + column * np.ptp(x.limits) / (len(text) - 1)
                band = int(place // 250) - 1 if 0 <= place <= 1000 else -1
                assert sign == ("@ ."[band] if band >= 0 else " "), column
                assert role == (Role.BLANK if sign == " " else Role.CONTOUR)
                seen += sign
    assert {*seen} == {*"@ ."}
    assert draw(spec, 60, 14, **options)[0] == draw(replace(spec, ground=None), 60, 14, **options)[0]  # the legend


def test_bare_series_only_without_painted_ground():
    drawn = {
        (ground is None, halves): any(Role.CONTOUR in {*map(role_of, roles)} for _, roles in rows)
        for ground in (None, replace(WHOLE, signs=""))
        for halves in (0, 1, 2)
        for rows, _, _ in [inside(ChartSpec(*WINDOW, (BARE,), ground=ground), 60, 14, halves=halves)]
    }
    assert drawn == {(none, halves): none or not halves for none in (True, False) for halves in (0, 1, 2)}


def test_signs_identify_series_on_ground():
    x, y = np.array([1.0, 1000.0]), np.array([0.0, 0.0])
    run = Series(Role.RUN_1, x, y + 2, line=True, label="#1", sign="1")
    path = Series(Role.PATH, x, y, line=True, label="path")
    epochs = Series(Role.PATH, x, y - 1, sign="o")
    signs = {}
    for ground in (None, WHOLE):
        rows, _, _ = inside(ChartSpec(*WINDOW, (run, path, epochs), ground=ground), 60, 14)
        signs[ground] = {
            role: {
                sign for text, roles in rows for sign, each in zip(text, roles, strict=True) if role_of(each) is role
            }
            for role in (Role.RUN_1, Role.PATH)
        }
    assert signs[WHOLE][Role.RUN_1] == {"1"}
    assert "o" in signs[WHOLE][Role.PATH]
    assert signs[WHOLE][Role.PATH] - {"o"} == signs[None][Role.PATH] <= {*map(chr, range(0x2801, 0x2900))}
    legend = draw(ChartSpec(*WINDOW, (run, path, epochs), ground=WHOLE), 60, 14)[0].text
    assert legend.rstrip() == "y  ⠤⠤⠤ path  1 #1"


def test_moving_mark_repaints_few_cells():
    bands = (np.arange(60)[:, np.newaxis] + np.arange(9)) % 9
    ground = Ground(np.linspace(1, 1000, 9), np.linspace(-9, 9, 60), bands.astype(np.int8), 9)
    before, after = (
        draw(ChartSpec(*WINDOW, (Series(Role.HERE, np.array([at]), np.array([0.0])),), ground=ground), 60, 14)
        for at in (300.0, 325.0)
    )
    assert changed_spans(before, before) == []
    (span,) = changed_spans(before, after)
    assert span.height == 1
    assert span.width <= 3


def test_svg_and_ansi_have_ground_colors():
    bands = (np.arange(60)[:, np.newaxis] + np.arange(9)) % 9
    ground = Ground(np.linspace(1, 1000, 9), np.linspace(-9, 4, 60), bands.astype(np.int8), 9)
    line = Series(Role.PATH, np.array([1.0, 1000.0]), np.array([-3.0, 5.0]), line=True)
    rows = draw(ChartSpec(*WINDOW, (line,), ground=ground), 60, 14)
    inks, paper = chart_colors(theme_variables(DARK.name))
    picture = Picture("", tuple(tuple(map(InkSpan, *row)) for row in rows), inks, paper)
    terminal = pyte.Screen(60, 14)
    pyte.Stream(terminal).feed("\r\n".join(ansi_lines(picture)))
    page, *elements = ElementTree.fromstring("\n".join(svg_lines(picture))).iter("{http://www.w3.org/2000/svg}rect")
    seen = {}  # by the halves of cells, in pixels from the margin
    for each in (each.attrib for each in elements):
        x, y, width, height = (float(each[name]) for name in ("x", "y", "width", "height"))
        for at in range(round((x - 12) / 8.4), round((x + width - 12) / 8.4)):
            for half in range(round((y - 12) / 8.5), round((y + height - 12) / 8.5)):
                assert seen.setdefault((half, at), each["fill"]) == each["fill"]
    assert page.attrib["fill"] == paper
    for line, (text, letters) in enumerate(rows):
        for column, (sign, letter) in enumerate(zip(text, letters, strict=True)):
            written, ground = inks[letter].color, inks[letter].ground
            halves = (written if sign == "▀" else ground, written if sign == "▄" else ground)
            assert halves == tuple(seen.get((2 * line + half, column), "") for half in (0, 1)), (line, column)
            cell = terminal.buffer[line][column]
            assert cell.data == sign
            if sign != " " or ground:
                assert (cell.fg, cell.bg) == (written[1:], ground[1:] or "default")
    assert {*seen.values()} == {inks[role].color for role in GROUND_ROLES}


async def test_pane_ground_by_terminal_colors(make_app):
    bands = (np.arange(60)[:, np.newaxis] + np.arange(9)) % 9
    ground = Ground(np.linspace(1, 1000, 9), np.linspace(-9, 9, 60), bands.astype(np.int8), 9, "@%#*+=-. ")
    spec = ChartSpec(*WINDOW, (), ground=ground)
    kinds = {"truecolor": "▀", "256": "▀", "standard": "@", "": "@"}
    for kind, sign in kinds.items():
        app = make_app(capabilities=Capabilities(colors=kind))
        async with app.run_test(size=(80, 24)):
            chart = app.query_one(ChartView)
            chart.show(spec, "surface")
            strips = [chart.render_line(y) for y in range(chart.size.height)]
            text = "".join(part.text for strip in strips for part in strip)
            painted = {part.style.bgcolor.triplet.hex for strip in strips for part in strip} & {
                app.theme_variables[f"ground-{at}"] for at in range(1, 10)
            }
            assert [each for each in "▀@" if each in text] == [sign], kind
            assert len(painted) == (9 if sign == "▀" else 0), kind
            app.use_narrow_charset()
            text = "".join(chart.render_line(y).text for y in range(chart.size.height))
            assert ("@" in text, "▀" in text) == (sign == "@", False), kind


@pytest.mark.parametrize("role", [Role.BLANK, Role.PATH, Role.GROUND_9])
def test_letter_encodes_role_and_ground(role):
    letters = {letter_of(role, ground): ground for ground in range(-1, 9)}
    assert len(letters) == 10
    assert all((role_of(letter), ground_of(letter)) == (role, ground) for letter, ground in letters.items())
    assert letter_of(role, -1) == role
