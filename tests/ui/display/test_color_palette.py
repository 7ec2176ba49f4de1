"""The palette of 256 colors, and which of them is nearest."""

import numpy as np
import pytest
from rich._palettes import EIGHT_BIT_PALETTE
from tables import table

from quadfit_tui.ui.display.color_palette import FIRST, FIXED, difference, lab, nearest

# Of Table 1 of Sharma, Wu and Dalal (2005), whose pairs try each discontinuity of the formula.
CERTIFIED = [
    ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
    ((50.0, 0.0, 0.0), (50.0, -1.0, 2.0), 2.3669),
    ((50.0, -1.0, 2.0), (50.0, 0.0, 0.0), 2.3669),
    ((50.0, 2.49, -0.001), (50.0, -2.49, 0.0009), 7.1792),
    ((50.0, 2.49, -0.001), (50.0, -2.49, 0.0011), 7.2195),
    ((50.0, 2.5, 0.0), (73.0, 25.0, -18.0), 27.1492),
    ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
    ((90.8027, -2.0831, 1.4410), (91.1528, -1.6435, 0.0447), 1.4441),
    ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
]


@table(("one", "other", "expected"), CERTIFIED)
def test_the_difference_is_the_certified_one(one, other, expected):
    assert difference(np.array(one), np.array([other]))[0] == pytest.approx(expected, abs=5e-5)


@table(
    ("channels", "expected"),
    [((255, 255, 255), (100, 0, 0)), ((0, 0, 0), (0, 0, 0)), ((255, 0, 0), (53.24, 80.09, 67.20))],
)
def test_lab_is_that_of_srgb(channels, expected):
    assert lab(np.array(channels, float)) == pytest.approx(expected, abs=0.05)


def test_the_fixed_colors_are_those_of_xterm():
    assert [tuple(EIGHT_BIT_PALETTE[FIRST + number]) for number in range(240)] == [*FIXED]


def test_each_fixed_color_is_nearest_to_itself():
    # 16 of the cube's grays are among the grays, too.
    assert [FIXED[nearest(color) - FIRST] for color in FIXED] == [*FIXED]


@table(
    ("color", "expected", "said"),
    [
        ("242f38", "303030", "a panel is a dark gray, not navy"),
        ("1e1e1e", "1c1c1c", "so is the form"),
        ("5c2d38", "875f5f", "a field with an error is red, not purple"),
        ("124266", "005f87", "a field in use is a dark blue"),
        ("008139", "008700", "a curve stays green"),
        ("ffc473", "ffd787", "a heading stays orange"),
    ],
)
def test_a_color_of_the_themes_keeps_its_hue(color, expected, said):
    assert bytes(FIXED[nearest(tuple(bytes.fromhex(color))) - FIRST]).hex() == expected, said
