"""The style of a cell, and the shortest escape sequence (SGR: Select Graphic Rendition) from one style to the next."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from rich.color import Color, ColorSystem, ColorType
from rich.style import Style

from quadfit_tui.ui.display.color_palette import nearest, nearest_hue

# SGR codes (ECMA-48, 8.3.117) by the attributes of Rich's styles: on, off.
_ATTRIBUTES = {
    "bold": ("1", "22"),
    "dim": ("2", "22"),
    "italic": ("3", "23"),
    "underline": ("4", "24"),
    "blink": ("5", "25"),
    "reverse": ("7", "27"),
    "strike": ("9", "29"),
}
_BARE = frozenset({"bold", "underline", "reverse"})  # what every terminal has
_SHOWN_ON_BLANKS = frozenset({"underline", "reverse", "strike"})
_FOREGROUND, _BACKGROUND = "39", "49"  # the terminal's own colors
_BLACK, _WHITE, _ON_BLACK, _ON_WHITE = "30", "37", "40", "47"
_PALE = frozenset({"32", "33", "36", "37", "92", "93", "96", "97"})  # neither can be read on white, nor white on it
_CONTRAST = 0.2  # of luminance, from which on a background stands out where there are no colors
_COLORED = 48  # between the largest and the smallest channel of a color, from which on it is no gray
_FULL = 80  # between these, from which on it is no tint
_SYSTEMS = {"standard": ColorSystem.STANDARD, "256": ColorSystem.EIGHT_BIT, "truecolor": ColorSystem.TRUECOLOR}


class CellStyle(NamedTuple):
    """SGR codes of the colors, and the names of attributes. `foreground` is empty where any will do: on a blank."""

    foreground: str = _FOREGROUND
    background: str = _BACKGROUND
    attributes: frozenset[str] = frozenset()

    @property
    def for_blanks(self) -> CellStyle:
        """Returns the style for a blank, whose foreground is not seen."""
        return self if self.attributes & _SHOWN_ON_BLANKS else self._replace(foreground="", attributes=frozenset())


PLAIN = CellStyle()


def cell_styles(colors: str, bare: bool = False) -> Callable[[Style], tuple[CellStyle, CellStyle]]:
    """What turns a style of Rich's into that of a cell, and that of a blank one, on a terminal.

    `colors` are those of its Capabilities; `bare`: it has few attributes.

    Without colors, what has a background that stands out is reversed: else nobody would see which line is chosen.
    With them, no foreground goes without a background: which one the terminal itself has is not known.
    """
    system = _SYSTEMS.get(colors)
    allowed = _BARE if bare else frozenset(_ATTRIBUTES)

    def cell_style(style: Style) -> CellStyle:
        attributes = frozenset(name for name in allowed if getattr(style, name))
        if system is None:
            return CellStyle(attributes=attributes ^ {"reverse"} if _stands_out(style.bgcolor) else attributes)
        if system is ColorSystem.STANDARD:
            foreground, background = _of_sixteen(style)
            # Many terminals show what is bold in the bright shade of its color: black as a gray.
            return CellStyle(foreground, background, attributes - {"bold"} if foreground == _BLACK else attributes)
        foreground, background = _codes(style.color, system, True), _codes(style.bgcolor, system, False)
        return CellStyle(foreground or _FOREGROUND, background or _BACKGROUND, attributes)

    @lru_cache(maxsize=512)
    def both(style: Style) -> tuple[CellStyle, CellStyle]:
        return cell_style(style), cell_style(style).for_blanks

    return both


def _of_sixteen(style: Style) -> tuple[str, str]:
    """Foreground and background where there are 16 colors: too far from each other for a theme's dark or light shades.

    So these are black or white, and grays the other one; what has a tint of a color is reversed. A theme that asks for
    the terminal's own gets them.
    """
    background = style.bgcolor
    if background is None or background.is_default:
        return _codes(style.color, ColorSystem.STANDARD, True) or _FOREGROUND, _BACKGROUND
    is_light = _luminance(background) > 0.5
    plain = _BLACK if is_light else _WHITE
    if _stands_out(background):
        if _COLORED <= _spread(background) < _FULL:  # of a field in use: the nearest hue would outshine all else
            return (_WHITE, _ON_BLACK) if is_light else (_BLACK, _ON_WHITE)
        is_pale = _hue(background, 30) in _PALE
        return _BLACK if is_pale else _WHITE, _hue(background, 40)
    is_plain = style.color is None or style.color.is_default or _is_gray(style.color)
    foreground = plain if style.color is None or is_plain else _hue(style.color, 30 if is_light else 90)
    return (plain if is_light and foreground in _PALE else foreground), _ON_WHITE if is_light else _ON_BLACK


def _hue(color: Color, first: int) -> str:
    """The code of the nearest of six hues, in the dark or the bright shade that begins with `first`."""
    if color.type is ColorType.TRUECOLOR and not _is_gray(color):
        return str(first + nearest_hue(color.get_truecolor()))
    return _codes(color, ColorSystem.STANDARD, first != 40)


def _is_gray(color: Color) -> bool:
    return _spread(color) < _COLORED


def _spread(color: Color) -> int:
    channels = color.get_truecolor()
    return max(channels) - min(channels)


def _codes(color: Color | None, system: ColorSystem, foreground: bool) -> str:
    if color is None:
        return ""
    if system is ColorSystem.EIGHT_BIT and color.type is ColorType.TRUECOLOR:
        return f"{38 if foreground else 48};5;{nearest(color.get_truecolor())}"
    return ";".join(color.downgrade(system).get_ansi_codes(foreground))


def _stands_out(background: Color | None) -> bool:
    """Whether a background is neither dark nor light but something between, as those of chosen lines are."""
    if background is None or background.is_default:
        return False
    return _CONTRAST < _luminance(background) < 1 - _CONTRAST


def _luminance(color: Color) -> float:
    """From 0, black, to 1, white; by Rec. 709, of the encoded channels, which is near enough."""
    red, green, blue = color.get_truecolor()
    return (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255


@lru_cache(maxsize=1024)
def change(old: CellStyle | None, new: CellStyle) -> tuple[str, CellStyle]:
    """The shortest sequence that changes the style, and the one that the terminal has then.

    `old` is None where it is not known.
    """
    if not new.foreground:
        before = old or PLAIN
        new = CellStyle(before.foreground, new.background, before.attributes - _SHOWN_ON_BLANKS)
    if new == old:
        return "", new
    anew = _sequence(["0", *_set(PLAIN, new)])
    return (anew if old is None else min(_sequence(_set(old, new)), anew, key=len)), new


def _set(old: CellStyle, new: CellStyle) -> list[str]:
    """The codes that lead from one style to another."""
    off = {_ATTRIBUTES[name][1] for name in old.attributes - new.attributes}
    on = [codes[0] for name, codes in _ATTRIBUTES.items() if _is_set(name, off, old, new)]
    colors = [code for code, before in zip(new[:2], old[:2], strict=True) if code != before]
    return [*sorted(off), *on, *colors]


def _is_set(name: str, off: set[str], old: CellStyle, new: CellStyle) -> bool:
    """Whether an attribute has to be switched on: 22 switches bold and dim off, both."""
    return name in new.attributes and (name not in old.attributes or _ATTRIBUTES[name][1] in off)


def _sequence(codes: list[str]) -> str:
    return f"\x1b[{';'.join(codes) if codes != ['0'] else ''}m"
