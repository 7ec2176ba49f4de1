"""Every theme: what is written and drawn can be read, and runs are told apart, whatever colors somebody sees."""

import math
import re
from functools import cache
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import pytest
from all_screens import PRESET, SOME, walk
from app_helpers import at_once, until
from certified_colors import CERTIFIED
from tables import table
from textual.color import Color
from textual.theme import BUILTIN_THEMES
from trials import variants

from quadfit_tui.ui.charts.spec import GROUND_ROLES, RUN_ROLES, Role, ground_of, letter_of, role_of, run_roles
from quadfit_tui.ui.display.color_palette import FIRST, FIXED, difference, lab, nearest
from quadfit_tui.ui.themes import (
    COLORS,
    DARK,
    DARK_COLORS,
    LIGHT,
    LIGHT_COLORS,
    THEMES,
    chart_colors,
    theme_variables,
    with_readable_text,
)
from quadfit_tui.ui.widgets.chart_view import ChartView

TRIED = ["textual-dark", "textual-light", "nord", "gruvbox", "dracula", "catppuccin-latte"]
FRAMES = set("▁▂▃▄▅▆▇▀▔▐━─│╭╮╰╯└┤┬╌● ") | set(map(chr, range(0x2800, 0x2900)))  # not text: curves, bars and borders


def contrast(one, other):
    """WCAG 2.2: relative luminance, and contrast ratio."""

    def luminance(channels):
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (v / 255 for v in channels)]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    dark, light = sorted(map(luminance, (one, other)))
    return (light + 0.05) / (dark + 0.05)


def of_256(channels):
    return FIXED[nearest(channels) - FIRST]


def painted(app):
    """All that is seen: pairs of colors, and an example of what is written in them. Of a page, not what lies below."""
    if len(app.screen_stack) == 1:
        strips = app.screen._compositor.render_strips()
    else:
        leaves = (widget for widget in app.screen.query("*") if not widget.children and widget.size)
        strips = (strip for widget in leaves for strip in widget.render_lines(widget.size.region))
    for segment in (segment for strip in strips for segment in strip):
        if segment.text.strip() and segment.style.color and segment.style.bgcolor:
            yield tuple(segment.style.color.get_truecolor()), tuple(segment.style.bgcolor.get_truecolor()), segment.text


async def colors(app, theme):
    """What is written on a walk through the screens, and what is drawn at the end, by their pairs of colors."""
    app.theme = theme
    texts, curves = {}, {}
    async with app.run_test(size=(120, 34)) as pilot:
        async for _done in walk(pilot, turns=[], actions=SOME):
            for ink, paper, text in painted(app):
                if set(text) - FRAMES:
                    texts[ink, paper] = text
        chart = app.query_one(ChartView)
        for role in set(Role) - {Role.BLANK, Role.HERE, *GROUND_ROLES}:
            style = chart.style_of(role)
            curves[tuple(style.color.get_truecolor()), tuple(style.bgcolor.get_truecolor())] = role
        bar, track = (Color.parse(app.theme_variables[name]) for name in ("scrollbar", "scrollbar-background"))
        assert contrast(bar.rgb, track.rgb) > 4.49
    return texts, curves


@pytest.mark.parametrize("theme", variants({theme: theme for theme in TRIED}, 1))
async def test_text_and_curve_contrast(make_app, theme):
    texts, curves = await colors(make_app(PRESET, runner=at_once), theme)
    assert len(texts) > 20
    assert {text: pair for pair, text in texts.items() if contrast(*pair) < 4.5} == {}
    assert {role: pair for pair, role in curves.items() if contrast(*pair) < 4.49} == {}  # its name is in the legend
    # Rounded to 256 colors, of which few are dark, some of it is lost.
    assert {text: pair for pair, text in texts.items() if contrast(*map(of_256, pair)) < 2.4} == {}


async def test_ansi_theme_keeps_terminal_colors(make_app):
    """How they look is the terminal's: a gray that is readable on black is not on white."""
    app = make_app("full-batch", runner=at_once)
    async with app.run_test(size=(140, 45)) as pilot:  # where the facts tell of each run in its color
        await pilot.press("e", "k", "s")
        for theme, runs in (("ansi-dark", DARK_COLORS[6:]), ("ansi-light", LIGHT_COLORS[6:])):
            app.theme = theme
            await pilot.pause()
            assert app.query_one(ChartView).style_of(Role.BATCH).color.is_default, theme
            assert app.query_one(ChartView).style_of(Role.FITTED).color.number == 1, theme
            assert app.theme_variables["run-1"] == runs[0], theme
            assert Color.parse(app.theme_variables["chosen"]).ansi in (7, 8), theme  # light gray, dark gray
            await pilot.press("t")
            await pilot.pause()
            assert {str(cell.spans[0].style) for cell in app.screen.query_one("DataTable").get_column_at(0)} == {
                runs[0],
                "ansi_red",
            }, theme
            await pilot.press("escape")


@pytest.mark.parametrize(("theme", "same_as"), [("ansi-dark", DARK.name), ("ansi-light", LIGHT.name)])
async def test_picture_in_terminal_theme_has_own_colors(make_app, tmp_path, monkeypatch, theme, same_as):
    monkeypatch.chdir(tmp_path)
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        for app.theme, file in ((theme, tmp_path / "one.svg"), (same_as, tmp_path / "other.svg")):
            await pilot.press("w", *file.stem, "full_stop", "s", "v", "g", "enter")
            await until(pilot, file.exists)
    assert (tmp_path / "one.svg").read_text() == (tmp_path / "other.svg").read_text()


# One meaning a color

# G. M. Machado, M. M. Oliveira, L. A. F. Fernandes: A Physiologically-based Model for Simulation of Color Vision
# Deficiency, IEEE Trans. Vis. Comput. Graph. 15 (2009): without one kind of cones, of linear red, green and blue.
SEEN_BY = {
    "most": np.eye(3),
    "protanopes": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopes": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopes": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
OKABE_ITO = ["#e69f00", "#56b4e9", "#009e73", "#f0e442", "#0072b2", "#d55e00", "#cc79a7"]


def seen(colors, matrix):
    """Colors in L*a*b* as somebody sees them, by the matrix of what is left of linear red, green and blue."""
    encoded = np.array([Color.parse(color).rgb for color in colors]) / 255
    linear = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
    linear = np.clip(linear @ np.array(matrix).T, 0, 1)
    return lab(255 * np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055))


def ciede2000(one, other):
    """The difference of two colors in L*a*b*, written down step by step as in the paper of Sharma, Wu and Dalal."""
    (l_1, a_1, b_1), (l_2, a_2, b_2) = (tuple(map(float, color)) for color in (one, other))
    mean_chroma = (math.hypot(a_1, b_1) + math.hypot(a_2, b_2)) / 2  # equations 2 to 7
    g = 0.5 * (1 - math.sqrt(mean_chroma**7 / (mean_chroma**7 + 25**7)))
    c_1, c_2 = math.hypot((1 + g) * a_1, b_1), math.hypot((1 + g) * a_2, b_2)
    h_1, h_2 = (math.degrees(math.atan2(b, (1 + g) * a)) % 360 for a, b in ((a_1, b_1), (a_2, b_2)))
    turn = h_2 - h_1  # 8 to 11
    if c_1 * c_2 == 0:
        turn = 0
    elif turn > 180:
        turn -= 360
    elif turn < -180:
        turn += 360
    by_hue = 2 * math.sqrt(c_1 * c_2) * math.sin(math.radians(turn / 2))
    l_mean, c_mean = (l_1 + l_2) / 2, (c_1 + c_2) / 2  # 12 to 14
    if c_1 * c_2 == 0:
        h_mean = h_1 + h_2
    elif abs(h_1 - h_2) <= 180:
        h_mean = (h_1 + h_2) / 2
    else:
        h_mean = (h_1 + h_2 + 360) / 2 if h_1 + h_2 < 360 else (h_1 + h_2 - 360) / 2
    t = 1.0  # 15 to 21
    for share, times, ahead in ((-0.17, 1, -30), (0.24, 2, 0), (0.32, 3, 6), (-0.20, 4, -63)):
        t += share * math.cos(math.radians(times * h_mean + ahead))
    rotation = 30 * math.exp(-(((h_mean - 275) / 25) ** 2))
    r_c = 2 * math.sqrt(c_mean**7 / (c_mean**7 + 25**7))
    s_l = 1 + 0.015 * (l_mean - 50) ** 2 / math.sqrt(20 + (l_mean - 50) ** 2)
    parts = (l_2 - l_1) / s_l, (c_2 - c_1) / (1 + 0.045 * c_mean), by_hue / (1 + 0.015 * c_mean * t)  # 22
    mixed = -math.sin(math.radians(2 * rotation)) * r_c * parts[1] * parts[2]
    return math.sqrt(sum(part**2 for part in parts) + mixed)


@table(("one", "other", "expected"), CERTIFIED)
def test_ciede2000_oracle_matches_published_values(one, other, expected):
    assert ciede2000(one, other) == pytest.approx(expected, abs=5e-5)


def least_difference(colors, matrix):
    """CIEDE2000 of the two that are nearest to each other."""
    return min(float(difference(one, other[None])[0]) for one, other in combinations(seen(colors, matrix), 2))


@cache
def variables(theme):
    theme = THEMES[theme]
    keys = {"footer-key-foreground": "#888", "footer-description-foreground": "#888"}
    return with_readable_text({**keys, **theme.to_color_system().generate(), **theme.variables})


# What is seen together: in the charts and beside them; in charts of runs; in that of the parameters.
MEANINGS = {
    "the fit": ["true", "fitted", "samples", "text-primary", "footer-key-foreground", "text-warning"],
    "runs": ["fitted", *(COLORS[role] for role in RUN_ROLES)],
    "parameters": ["parameter-a", "parameter-b", "parameter-c"],
}


@pytest.mark.parametrize("eyes", SEEN_BY)
@pytest.mark.parametrize("meanings", MEANINGS)
@pytest.mark.parametrize("theme", [DARK.name, LIGHT.name])
def test_meanings_distinct_for_any_color_vision(theme, meanings, eyes):
    colors = [Color.parse(variables(theme)[name]).rgb for name in MEANINGS[meanings]]
    for shown in (colors, [of_256(color) for color in colors]):
        found = seen([Color(*color).hex for color in shown], SEEN_BY[eyes])
        apart = {pair: ciede2000(*(found[MEANINGS[meanings].index(name)] for name in pair)) for pair in PAIRS[meanings]}
        assert {pair: round(far, 1) for pair, far in apart.items() if far < 8} == {}


PAIRS = {name: [*combinations(meanings, 2)] for name, meanings in MEANINGS.items()}


def test_color_page_matches_theme_variables():
    page = (Path(__file__).parents[2] / ".github/decisions/a-color-has-one-meaning.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| [^|]+ \| `\$([a-z0-9-]+)` \| `(#\w+)` \| `(#\w+)` \| [^|]+ \|$", page, re.MULTILINE)
    assert {name for name, _, _ in rows} == {name for meanings in MEANINGS.values() for name in meanings}
    for theme, column in ((DARK.name, 1), (LIGHT.name, 2)):
        assert {row[0]: row[column] for row in rows} == {row[0]: variables(theme)[row[0]].lower() for row in rows}
        assert len({row[column] for row in rows}) == len(rows)
    assert set(COLORS.values()) <= {name for name, _, _ in rows}


@pytest.mark.parametrize("eyes", SEEN_BY)
@pytest.mark.parametrize("theme", [DARK.name, LIGHT.name])
def test_run_colors_as_distinct_as_okabe_ito(theme, eyes):
    colors = [variables(theme)[name] for name in MEANINGS["runs"]]
    assert len(colors) == len(set(colors)) == 7
    worst = min(least_difference(OKABE_ITO, matrix) for matrix in SEEN_BY.values())
    assert least_difference(colors, SEEN_BY[eyes]) >= worst > 5


@pytest.mark.parametrize("theme", TRIED)
def test_earlier_run_colors_distinct_in_every_theme(theme):
    found = variables(theme)
    colors = [found[COLORS[role]] for role in RUN_ROLES]
    for eyes, matrix in SEEN_BY.items():
        assert least_difference(colors, matrix) > 10, eyes
        paper, *inks = seen([found["background"], *colors], matrix)
        assert min(float(difference(ink, paper[None])[0]) for ink in inks) > 25, eyes
    assert all(contrast(*(Color.parse(each).rgb for each in (color, found["background"]))) >= 4.49 for color in colors)
    # Beside their numbers in the table of runs they are drawn, not written.
    for behind in ("panel", "surface"):
        assert all(contrast(*(Color.parse(each).rgb for each in (color, found[behind]))) >= 3 for color in colors)


@pytest.mark.parametrize("theme", sorted({*BUILTIN_THEMES} - {name for name in BUILTIN_THEMES if "ansi" in name}))
def test_field_and_scrollbar_contrast(theme):
    """Of many themes of Textual a field has no background of its own, and a scrollbar hardly a color."""
    found = {name: Color.parse(color) for name, color in variables(theme).items() if color.startswith("#")}
    assert contrast(found["boost"].rgb, found["surface"].rgb) > 1.08
    assert contrast(found["scrollbar"].rgb, found["scrollbar-background"].rgb) > 1.5


# The ground of charts


def ramp(theme):
    """The bands of a ground as all colors have them, and as the nearest of 256."""
    found = theme_variables(theme)
    colors = [Color.parse(found[f"ground-{at}"]).rgb for at in range(1, 10)]
    return colors, [of_256(color) for color in colors]


@pytest.mark.parametrize("theme", [DARK.name, LIGHT.name])
def test_ground_bands_ordered_and_distinct(theme):
    paper = lab(np.array(Color.parse(theme_variables(theme)["background"]).rgb, float))
    for shown in ramp(theme):
        colors = [Color(*color).hex for color in shown]
        lightness = seen(colors, SEEN_BY["most"])[:, 0]
        away = np.abs(lightness - paper[0])
        assert (np.diff(away) < 0).all(), lightness  # the best is farthest from it
        for eyes, matrix in SEEN_BY.items():
            found = seen(colors, matrix)
            apart = [ciede2000(*pair) for pair in pairwise(found)]
            assert min(apart) >= (4 if eyes == "most" else 3), (eyes, apart)
        assert ciede2000(seen(colors, SEEN_BY["most"])[0], paper) > 50
        assert ciede2000(seen(colors, SEEN_BY["most"])[-1], paper) > 5


@pytest.mark.parametrize("theme", [DARK.name, LIGHT.name, "ansi-dark", "ansi-light"])
def test_ink_contrast_on_ground_bands(theme):
    inks, _ = chart_colors(theme_variables(theme))
    bands, _ = ramp(theme)
    seen = set()
    for letter, ink in inks.items():
        if ground_of(letter) >= 0:
            color, ground = (Color.parse(each).rgb for each in (ink.color, ink.ground))
            assert ground == bands[ground_of(letter)]
            if role_of(letter) in GROUND_ROLES:
                assert color == bands[GROUND_ROLES.index(role_of(letter))]
            else:
                assert contrast(color, ground) >= 4.5
                assert contrast(of_256(color), of_256(ground)) >= 4.5
                usual = inks[role_of(letter)]
                assert (ink.bold, ink.reverse) == (usual.bold, usual.reverse)
            seen.add(letter)
    assert seen == {letter_of(role, ground) for role in Role for ground in range(9)}


async def test_screen_and_file_ground_colors_agree(make_app):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        chart = app.query_one(ChartView)
        for theme in (DARK.name, LIGHT.name):
            app.theme = theme
            await pilot.pause()
            inks, paper = chart_colors(theme_variables(theme))
            for letter, ink in inks.items():
                if role_of(letter) is Role.BLANK:  # what is not seen
                    continue
                style = chart.cell_style(letter)
                assert style.color.triplet.hex == ink.color, letter
                assert style.bgcolor.triplet.hex == (ink.ground or paper)
                assert (bool(style.bold), bool(style.reverse)) == (ink.bold, ink.reverse)


def test_run_color_stable_unless_taken():
    assert run_roles(range(1, 7)) == dict(zip(range(1, 7), RUN_ROLES, strict=True))
    assert run_roles([3]) == {3: RUN_ROLES[2]}
    assert run_roles([2, 8, 9]) == {2: RUN_ROLES[1], 8: RUN_ROLES[2], 9: RUN_ROLES[3]}
    assert len(DARK_COLORS) == len(LIGHT_COLORS) == len(COLORS)
    for start in range(20):
        assert len(set(run_roles(range(start, start + 12, 2)).values())) == 6


async def test_run_color_same_in_chart_and_table(make_app):
    app = make_app("full-batch")
    async with app.run_test(size=(120, 34)) as pilot:
        await pilot.press("e")
        for rate in (0.1, 0.2):
            app.runs.restart(app.session.config.replace(lr=rate))
            await pilot.press("e")
        await pilot.press("2", "t")
        await pilot.pause()
        chart, table = app.screen_stack[0].query_one("#second", ChartView), app.screen.query_one("DataTable")
        for row, role in enumerate((Role.RUN_1, Role.RUN_2, Role.FITTED)):
            drawn = chart.style_of(role).color.get_truecolor()
            (swatch,) = table.get_row_at(row)[0].spans
            assert tuple(drawn) == Color.parse(swatch.style).rgb
        under_cursor = [part for part in table.render_line(3) if "━" in part.text]
        assert [part.style.color for part in under_cursor] == [chart.style_of(Role.FITTED).color]
        strips = [chart.render_line(y) for y in range(chart.size.height)]
        named = [(part.text.split(), part.style) for strip in strips for part in strip]
        for number, role in ((1, Role.RUN_1), (2, Role.RUN_2)):  # in the legend, and at the end of the curve
            styles = [style for words, style in named if f"#{number}" in words]
            assert len(styles) == 2
            assert {style.color for style in styles} == {chart.style_of(role).color}
