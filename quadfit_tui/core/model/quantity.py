"""Quantity: what a column of samples measures, as the heading of its file says: a name and a unit."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

from quadfit_tui.core.text.language import with_remark
from quadfit_tui.core.text.width import cell_width, shortened

LONGEST = 16  # columns of a name, and of a unit: what stands beside them on an axis needs room, too
_LONGEST_IN_FORMULA = 12  # columns of a name
_BRACKETS = re.compile(r"(.*?)\s*(?:\(([^()]+)\)|\[([^\[\]]+)\]|（([^（）]+)）|【([^【】]+)】|［([^［］]+)］)")
_LENGTHS = frozenset(["km", "m", "cm", "mm", "µm", "μm", "in", "ft", "千米", "公里", "米", "厘米", "毫米"])
_TIMES = frozenset(["h", "min", "s", "sec", "ms", "µs", "μs", "小时", "分钟", "秒", "毫秒"])


@dataclass(frozen=True)
class Quantity:
    """A name of at most LONGEST columns, and a unit, empty where none is known."""

    name: str
    unit: str = ""

    @property
    def label(self) -> str:
        """What an axis bears: `height (cm)`."""
        return with_remark(self.name, self.unit) if self.unit else self.name

    @property
    def is_short_word(self) -> bool:
        """Whether the name can stand in a formula: one short word, without signs of its own."""
        return self.name.isidentifier() and cell_width(self.name) <= _LONGEST_IN_FORMULA


class Quantities(NamedTuple):
    """What x and y are: `x` and `y` without units, where no heading says more."""

    x: Quantity = Quantity("x")
    y: Quantity = Quantity("y")

    @property
    def symbols(self) -> tuple[str, str]:
        """What a formula calls x and y: by their names, where these can stand in it and differ."""
        x, y = (each.name if each.is_short_word else usual for each, usual in zip(self, "xy", strict=True))
        return ("x", "y") if x == y else (x, y)

    @property
    def acceleration(self) -> str:
        """The unit of 2a where y is a length and x a time; else empty."""
        is_motion = self.y.unit in _LENGTHS and self.x.unit in _TIMES
        return f"{self.y.unit}/{self.x.unit}²" if is_motion else ""


UNNAMED = Quantities()


def quantity_of(heading: str, usual: str, below: str = "") -> Quantity:
    """The quantity of a heading such as `height (cm)`, `t [s]` or `高度（厘米）`, without what does not print.

    Brackets at its end hold its unit only if that is a known one: `height (corrected)` is a name. `usual` is the name
    where the heading has none; `below` is its cell in a row of units.
    """
    text = _printed(heading).lstrip("%# ")  # it may be a comment of MATLAB
    name, unit = _parted(text)
    if not _is_known(unit):
        name, unit = text, "".join(_parted(_printed(below)))
    name = shortened(name[: 3 * LONGEST], LONGEST)  # accents take no columns, but room
    return Quantity(name or usual, unit if _is_known(unit) else "")


def _printed(text: str) -> str:
    """A text without what does not print, a blank between its words."""
    words = ("".join(filter(str.isprintable, word)) for word in text.split())
    return " ".join(filter(None, words))


def _parted(text: str) -> tuple[str, str]:
    """What stands before the brackets at the end of a text, and in them; all of it where there are none."""
    found = _BRACKETS.fullmatch(text)
    return (found[1], next(filter(None, found.groups()[1:])).strip()) if found else (text, "")


def _is_known(unit: str) -> bool:
    from quadfit_tui.core.model.units import is_unit  # samples that are made have no headings

    return is_unit(unit) and cell_width(unit) <= LONGEST
