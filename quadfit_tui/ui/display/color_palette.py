"""The palettes of 256 and of 16 colors: finds the color in them that people see as nearest to another one.

Of the 256 only the fixed 240 are used, because users choose the first 16 themselves. Nearest is by CIEDE2000
(G. Sharma, W. Wu, E. N. Dalal: The CIEDE2000 Color-Difference Formula, Color Research & Application 30, 2005) between
CIE L*a*b* of sRGB under D65 (IEC 61966-2-1): plain distances take a dark red or blue for a gray, a dark gray for navy,
or orange for red. Lightness counts half (k_L = 2 in the formula), since the palettes have few dark colors, and users
recognize an error by its hue.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from quadfit_tui.core.model.array import Array

Channels = tuple[int, int, int]  # red, green, blue, from 0 to 255

FIRST = 16  # number of the first fixed color
_LEVELS = (0, 95, 135, 175, 215, 255)  # values of a channel in xterm's cube of 6 × 6 × 6 colors; 24 grays follow it
FIXED: tuple[Channels, ...] = (
    *((red, green, blue) for red in _LEVELS for green in _LEVELS for blue in _LEVELS),
    *((gray, gray, gray) for gray in range(8, 248, 10)),
)
_HUES: tuple[Channels, ...] = (  # those of the first 16 colors that are hues, from red to cyan, in xterm's shades
    *((205, 0, 0), (0, 205, 0), (205, 205, 0), (0, 0, 238), (205, 0, 205), (0, 205, 205)),
    *((255, 0, 0), (0, 255, 0), (255, 255, 0), (92, 92, 255), (255, 0, 255), (0, 255, 255)),
)
_TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
_WHITE = _TO_XYZ.sum(axis=1)
_DELTA = 6 / 29  # the cube root below which L*a*b* uses a line instead
_FAR = 25.0**7
_K_L = 2.0


@cache
def nearest(color: Channels) -> int:
    """Returns the number, from 16 to 255, of the fixed color nearest to a color."""
    if color in FIXED:
        return FIRST + FIXED.index(color)
    return FIRST + _index_of_nearest(color, FIXED)


@cache
def nearest_hue(color: Channels) -> int:
    """Returns the number of the hue nearest to a color, from 1, red, to 6, cyan."""
    return 1 + _index_of_nearest(color, _HUES) % 6


def _index_of_nearest(color: Channels, others: tuple[Channels, ...]) -> int:
    return int(difference(_in_lab(color), _in_lab(others), _K_L).argmin())


@cache
def _in_lab(channels: Channels | tuple[Channels, ...]) -> Array:
    return lab(np.array(channels, float))


def lab(channels: Array) -> Array:
    """Converts sRGB colors to CIE L*a*b*; the last axis of `channels` is red, green, blue from 0 to 255."""
    encoded = channels / 255
    linear = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
    xyz = (linear[..., None, :] * _TO_XYZ).sum(axis=-1) / _WHITE
    root = np.where(xyz > _DELTA**3, np.cbrt(xyz), xyz / (3 * _DELTA**2) + 4 / 29)
    x, y, z = root[..., 0], root[..., 1], root[..., 2]
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def difference(one: Array, others: Array, k_l: float = 1.0) -> Array:
    """Computes the color difference CIEDE2000 between one color, shape (3,), and others, (…, 3), all in L*a*b*.

    The names are those of the paper.
    """
    l1, a1, b1 = one
    l2, a2, b2 = others[..., 0], others[..., 1], others[..., 2]
    c_bar = (np.hypot(a1, b1) + np.hypot(a2, b2)) / 2
    stretch = 1.5 - 0.5 * np.sqrt(c_bar**7 / (c_bar**7 + _FAR))
    c1, c2 = np.hypot(stretch * a1, b1), np.hypot(stretch * a2, b2)
    h1, h2 = np.degrees(np.arctan2(b1, stretch * a1)), np.degrees(np.arctan2(b2, stretch * a2))
    apart = np.where(c1 * c2 == 0, 0.0, (h2 - h1 + 180) % 360 - 180)  # the angle between the hues, the shorter way
    h_bar = np.where(c1 * c2 == 0, h1 + h2, h1 + apart / 2)
    d_l, d_c, d_h = l2 - l1, c2 - c1, 2 * np.sqrt(c1 * c2) * np.sin(np.radians(apart / 2))
    l_bar, c_bar = (l1 + l2) / 2 - 50, (c1 + c2) / 2
    t = 1 - 0.17 * _cos(h_bar - 30) + 0.24 * _cos(2 * h_bar) + 0.32 * _cos(3 * h_bar + 6) - 0.2 * _cos(4 * h_bar - 63)
    turn = 30 * np.exp(-(((((h_bar - 275) + 180) % 360 - 180) / 25) ** 2))
    r_t = -np.sin(np.radians(2 * turn)) * 2 * np.sqrt(c_bar**7 / (c_bar**7 + _FAR))
    by_l = d_l / k_l / (1 + 0.015 * l_bar**2 / np.sqrt(20 + l_bar**2))
    by_c = d_c / (1 + 0.045 * c_bar)
    by_h = d_h / (1 + 0.015 * c_bar * t)
    delta_e: Array = np.sqrt(by_l**2 + by_c**2 + by_h**2 + r_t * by_c * by_h)
    return delta_e


def _cos(degrees: Array) -> Array:
    return np.cos(np.radians(degrees))
