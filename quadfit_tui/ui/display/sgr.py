"""The style of a cell, and the shortest escape sequence (SGR: Select Graphic Rendition) from one style to the next."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from rich.color import Color, ColorSystem, ColorType
from rich.style import Style

from quadfit_tui.ui.display.color_palette import nearest, nearest_hue

# SGR codes (ECMA-48, 8.3.117) that switch attributes on and off, by their names in Rich's styles.
_ATTRIBUTES = {
    "bold": ("1", "22"),
    "dim": ("2", "22"),
    "italic": ("3", "23"),
    "underline": ("4", "24"),
    "blink": ("5", "25"),
    "reverse": ("7", "27"),
    "strike": ("9", "29"),
}
_BARE = frozenset({"bold", "underline", "reverse"})  # attributes of every terminal
_SHOWN_ON_BLANKS = frozenset({"underline", "reverse", "strike"})
_FOREGROUND, _BACKGROUND = "39", "49"  # the terminal's own colors
_BLACK, _WHITE, _ON_BLACK, _ON_WHITE = "30", "37", "40", "47"
_PALE = frozenset({"32", "33", "36", "37", "92", "93", "96", "97"})  # unreadable on white, as is white on them
_CONTRAST = 0.2  # luminance between a background that stands out and black or white
_COLORED = 48  # least difference between the largest and the smallest channel of a color that is no gray
_FULL = 80  # least such difference of a color that is more than a tint
_SYSTEMS = {"standard": ColorSystem.STANDARD, "256": ColorSystem.EIGHT_BIT, "truecolor": ColorSystem.TRUECOLOR}


class CellStyle(NamedTuple):
    """The style of a cell: SGR codes of its colors, and names of attributes; `foreground` is "" if any will do."""

    foreground: str = _FOREGROUND
    background: str = _BACKGROUND
    attributes: frozenset[str] = frozenset()

    @property
    def for_blanks(self) -> CellStyle:
        """The style for a blank, which shows its foreground only if it is underlined, struck or reversed."""
        if self.attributes & _SHOWN_ON_BLANKS:
            return self
        return self._replace(foreground="", attributes=frozenset())


PLAIN = CellStyle()


def style_converter(colors: str, bare: bool = False) -> Callable[[Style], tuple[CellStyle, CellStyle]]:
    """Returns a function that converts a style of Rich to the styles of a cell with ink and of a blank cell.

    `colors` is the color system of the terminal's Capabilities; `bare`: the terminal has few attributes.

    Without colors, a background that stands out becomes reverse video: else nobody would see which line is chosen.
    With colors, each foreground has a background, too, since the terminal's own one is unknown.
    """
    system = _SYSTEMS.get(colors)
    allowed = _BARE if bare else frozenset(_ATTRIBUTES)

    def cell_style(style: Style) -> CellStyle:
        attributes = frozenset(name for name in allowed if getattr(style, name))
        if system is None:
            return CellStyle(attributes=attributes ^ {"reverse"} if _stands_out(style.bgcolor) else attributes)
        if system is ColorSystem.STANDARD:
            foreground, background = _standard_colors(style)
            # Many terminals show bold text in the bright shade of its color, so that black would become gray.
            return CellStyle(foreground, background, attributes - {"bold"} if foreground == _BLACK else attributes)
        foreground, background = _codes(style.color, system, True), _codes(style.bgcolor, system, False)
        return CellStyle(foreground or _FOREGROUND, background or _BACKGROUND, attributes)

    @lru_cache(maxsize=512)
    def both(style: Style) -> tuple[CellStyle, CellStyle]:
        return cell_style(style), cell_style(style).for_blanks

    return both


def _standard_colors(style: Style) -> tuple[str, str]:
    """Returns the codes of foreground and background on a terminal with 16 colors.

    These are too few for the dark or light shades of a theme: such backgrounds become black or white, and gray text on
    them the other one. Backgrounds with a tint of a color are reversed. A theme that has the terminal's own colors gets
    these.
    """
    background = style.bgcolor
    if background is None or background.is_default:
        return _codes(style.color, ColorSystem.STANDARD, True) or _FOREGROUND, _BACKGROUND
    is_light = _luminance(background) > 0.5
    plain = _BLACK if is_light else _WHITE
    if _stands_out(background):
        if _COLORED <= _spread(background) < _FULL:  # a field in use, which would outshine all else in the nearest hue
            return (_WHITE, _ON_BLACK) if is_light else (_BLACK, _ON_WHITE)
        is_pale = _hue(background, 30) in _PALE
        return _BLACK if is_pale else _WHITE, _hue(background, 40)
    is_plain = style.color is None or style.color.is_default or _is_gray(style.color)
    foreground = plain if style.color is None or is_plain else _hue(style.color, 30 if is_light else 90)
    return (plain if is_light and foreground in _PALE else foreground), _ON_WHITE if is_light else _ON_BLACK


def _hue(color: Color, first: int) -> str:
    """Returns the code of the nearest of six hues; `first` is that of black: 30, bright 90, for backgrounds 40."""
    if color.type is ColorType.TRUECOLOR and not _is_gray(color):
        return str(first + nearest_hue(color.get_truecolor()))
    return _codes(color, ColorSystem.STANDARD, first != 40)


def _is_gray(color: Color) -> bool:
    return _spread(color) < _COLORED


def _spread(color: Color) -> int:
    """Returns the difference between the largest and the smallest channel of a color."""
    channels = color.get_truecolor()
    return max(channels) - min(channels)


def _codes(color: Color | None, system: ColorSystem, foreground: bool) -> str:
    """Returns the SGR codes of a color in a color system, joined by `;`, or "" for no color."""
    if color is None:
        return ""
    if system is ColorSystem.EIGHT_BIT and color.type is ColorType.TRUECOLOR:
        return f"{38 if foreground else 48};5;{nearest(color.get_truecolor())}"
    return ";".join(color.downgrade(system).get_ansi_codes(foreground))


def _stands_out(background: Color | None) -> bool:
    """Checks whether a background is neither dark nor light, as that of a chosen line."""
    if background is None or background.is_default:
        return False
    return _CONTRAST < _luminance(background) < 1 - _CONTRAST


def _luminance(color: Color) -> float:
    """Computes the luminance of a color, from 0, black, to 1, white.

    The weights are those of Rec. 709, for the encoded channels instead of linear ones, which is near enough.
    """
    red, green, blue = color.get_truecolor()
    return (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255


@lru_cache(maxsize=1024)
def sgr_between(old: CellStyle | None, new: CellStyle) -> tuple[str, CellStyle]:
    """Returns the shortest sequence that changes the terminal's style, and the style that it has then.

    `old` is None if unknown. If `new` has no foreground, the terminal keeps the old one.
    """
    if not new.foreground:
        before = old or PLAIN
        new = CellStyle(before.foreground, new.background, before.attributes - _SHOWN_ON_BLANKS)
    if new == old:
        return "", new
    after_reset = _sequence(["0", *_codes_between(PLAIN, new)])
    if old is None:
        return after_reset, new
    return min(_sequence(_codes_between(old, new)), after_reset, key=len), new


def _codes_between(old: CellStyle, new: CellStyle) -> list[str]:
    """Returns the codes that change one style to another."""
    off = {_ATTRIBUTES[name][1] for name in old.attributes - new.attributes}
    on = [codes[0] for name, codes in _ATTRIBUTES.items() if _is_set(name, off, old, new)]
    colors = [code for code, before in zip(new[:2], old[:2], strict=True) if code != before]
    return [*sorted(off), *on, *colors]


def _is_set(name: str, off: set[str], old: CellStyle, new: CellStyle) -> bool:
    """Checks whether an attribute must be switched on, perhaps again: the code 22 switches both bold and dim off."""
    return name in new.attributes and (name not in old.attributes or _ATTRIBUTES[name][1] in off)


def _sequence(codes: list[str]) -> str:
    """Formats the escape sequence for codes; that of a reset alone has no number."""
    return f"\x1b[{';'.join(codes) if codes != ['0'] else ''}m"
