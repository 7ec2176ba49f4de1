"""Pens: how a cell of the screen is coloured, and the shortest escape sequence from one to the next."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from rich.color import Color, ColorSystem
from rich.style import Style

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
_FOREGROUND, _BACKGROUND = "39", "49"  # the terminal's own colours
_CONTRAST = 0.2  # of luminance, from which on a background stands out where there are no colours
_COLOURED = 48  # between the largest and the smallest channel of a colour, from which on it is no grey
_SYSTEMS = {"standard": ColorSystem.STANDARD, "256": ColorSystem.EIGHT_BIT, "truecolor": ColorSystem.TRUECOLOR}


class Pen(NamedTuple):
    """SGR codes of the colours, and the names of attributes. `ink` is empty where any will do: on a blank."""

    ink: str = _FOREGROUND
    paper: str = _BACKGROUND
    attributes: frozenset[str] = frozenset()

    @property
    def for_blanks(self) -> Pen:
        """The same for a blank, whose ink is not seen."""
        return self if self.attributes & _SHOWN_ON_BLANKS else self._replace(ink="", attributes=frozenset())


PLAIN = Pen()


def pens(colours: str, bare: bool = False) -> Callable[[Style], tuple[Pen, Pen]]:
    """Makes the pen of a style, and that for blanks, for a terminal with `colours` (see Kind); `bare`: few attributes.

    Without colours, what has a background that stands out is reversed: else nobody would see which line is chosen.
    """
    system = _SYSTEMS.get(colours)
    allowed = _BARE if bare else frozenset(_ATTRIBUTES)

    def pen(style: Style) -> Pen:
        attributes = frozenset(name for name in allowed if getattr(style, name))
        if system is None:
            return Pen(attributes=attributes ^ {"reverse"} if _stands_out(style.bgcolor) else attributes)
        if system is ColorSystem.STANDARD:
            return Pen(*_of_sixteen(style), attributes)
        ink, paper = _codes(style.color, system, True), _codes(style.bgcolor, system, False)
        return Pen(ink or _FOREGROUND, paper or _BACKGROUND, attributes)

    @lru_cache(maxsize=512)
    def both(style: Style) -> tuple[Pen, Pen]:
        return pen(style), pen(style).for_blanks

    return both


def _of_sixteen(style: Style) -> tuple[str, str]:
    """Ink and paper where there are 16 colours: they are too far from each other for a theme's shades of dark or light.

    These are the terminal's own paper, and greys its own ink.
    """
    if style.bgcolor is not None and _stands_out(style.bgcolor):
        return "30" if _luminance(style.bgcolor) > 0.5 else "37", _codes(style.bgcolor, ColorSystem.STANDARD, False)
    if style.color is None or _is_grey(style.color):
        return _FOREGROUND, _BACKGROUND
    return _codes(style.color, ColorSystem.STANDARD, True) or _FOREGROUND, _BACKGROUND


def _is_grey(color: Color) -> bool:
    channels = color.get_truecolor()
    return max(channels) - min(channels) < _COLOURED


def _codes(color: Color | None, system: ColorSystem, foreground: bool) -> str:
    return "" if color is None else ";".join(color.downgrade(system).get_ansi_codes(foreground))


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
def change(old: Pen | None, new: Pen) -> tuple[str, Pen]:
    """The shortest sequence that changes pens, and the pen that the terminal has then.

    `old` is None where it is not known.
    """
    if not new.ink:
        before = old or PLAIN
        new = Pen(before.ink, new.paper, before.attributes - _SHOWN_ON_BLANKS)
    if new == old:
        return "", new
    anew = _sequence(["0", *_set(PLAIN, new)])
    return (anew if old is None else min(_sequence(_set(old, new)), anew, key=len)), new


def _set(old: Pen, new: Pen) -> list[str]:
    """The codes that lead from one pen to another."""
    off = {_ATTRIBUTES[name][1] for name in old.attributes - new.attributes}
    on = [codes[0] for name, codes in _ATTRIBUTES.items() if _is_set(name, off, old, new)]
    colours = [code for code, before in ((new.ink, old.ink), (new.paper, old.paper)) if code != before]
    return [*sorted(off), *on, *colours]


def _is_set(name: str, off: set[str], old: Pen, new: Pen) -> bool:
    """Whether an attribute has to be switched on: 22 switches bold and dim off, both."""
    return name in new.attributes and (name not in old.attributes or _ATTRIBUTES[name][1] in off)


def _sequence(codes: list[str]) -> str:
    return f"\x1b[{';'.join(codes) if codes != ['0'] else ''}m"
