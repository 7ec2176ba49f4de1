"""The palette of 256 colors, and which of them is nearest."""

import numpy as np
import pytest
from certified_colors import CERTIFIED
from rich._palettes import EIGHT_BIT_PALETTE
from tables import table

from quadfit_tui.ui.display.color_palette import FIRST, FIXED, difference, lab, nearest


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
def test_theme_colors_keep_their_hue(color, expected, said):
    assert bytes(FIXED[nearest(tuple(bytes.fromhex(color))) - FIRST]).hex() == expected, said
