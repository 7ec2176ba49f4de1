"""Quantity: the name and unit of a column of samples, as parsed from the heading in its file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

from quadfit_tui.core.text.language import with_remark
from quadfit_tui.core.text.width import cell_width, ellipsize

LONGEST = 16  # maximum width of a name, and of a unit, in terminal columns: an axis shows more beside them
_LONGEST_IN_FORMULA = 12  # maximum width of a name, in terminal columns
_BRACKETS = re.compile(r"(.*?)\s*(?:\(([^()]+)\)|\[([^\[\]]+)\]|（([^（）]+)）|【([^【】]+)】|［([^［］]+)］)")
_LENGTHS = frozenset(["km", "m", "cm", "mm", "µm", "μm", "in", "ft", "千米", "公里", "米", "厘米", "毫米"])
_TIMES = frozenset(["h", "min", "s", "sec", "ms", "µs", "μs", "小时", "分钟", "秒", "毫秒"])


@dataclass(frozen=True)
class Quantity:
    """The name of x or y, at most LONGEST terminal columns wide, and its unit, empty if unknown."""

    name: str
    unit: str = ""

    @property
    def label(self) -> str:
        """The label of an axis, such as `height (cm)`."""
        return with_remark(self.name, self.unit) if self.unit else self.name

    @property
    def is_short_word(self) -> bool:
        """Whether the name can stand in a formula: one short word without operators or spaces."""
        return self.name.isidentifier() and cell_width(self.name) <= _LONGEST_IN_FORMULA


class Quantities(NamedTuple):
    """The quantities of x and y; named `x` and `y` without units if no heading names them."""

    x: Quantity = Quantity("x")
    y: Quantity = Quantity("y")

    @property
    def symbols(self) -> tuple[str, str]:
        """The symbols of x and y in formulas: their names, if both are usable and differ, else `x` and `y`."""
        x, y = (
            quantity.name if quantity.is_short_word else default for quantity, default in zip(self, "xy", strict=True)
        )
        return ("x", "y") if x == y else (x, y)

    @property
    def acceleration(self) -> str:
        """The unit of 2a if y is a length and x a time, such as `m/s²`; else empty."""
        is_motion = self.y.unit in _LENGTHS and self.x.unit in _TIMES
        return f"{self.y.unit}/{self.x.unit}²" if is_motion else ""


UNNAMED = Quantities()


def parse_heading(heading: str, usual: str, below: str = "") -> Quantity:
    """Parses the name and unit out of a column's heading, such as `height (cm)`, `t [s]` or `高度（厘米）`.

    Characters that don't print are dropped. Brackets at the end hold the unit only if it is a known one: `height
    (corrected)` is a name. `usual` is the name if the heading has none; `below` is the column's cell in a row of units.
    """
    text = _printable(heading).lstrip("%# ")  # MATLAB writes headings as comments
    name, unit = _split_brackets(text)
    if not _is_known(unit):
        name, unit = text, "".join(_split_brackets(_printable(below)))
    name = ellipsize(name[: 3 * LONGEST], LONGEST)  # cut first: combining accents have no width, but take memory
    return Quantity(name or usual, unit if _is_known(unit) else "")


def _printable(text: str) -> str:
    """Returns a text without characters that don't print, its words separated by single blanks."""
    words = ("".join(filter(str.isprintable, word)) for word in text.split())
    return " ".join(filter(None, words))


def _split_brackets(text: str) -> tuple[str, str]:
    """Splits `height (cm)` into the text before the final brackets and the text in them; no brackets: (text, "")."""
    match = _BRACKETS.fullmatch(text)
    if not match:
        return text, ""
    return match[1], next(filter(None, match.groups()[1:])).strip()


def _is_known(unit: str) -> bool:
    """Whether a text is a known unit that is short enough for an axis."""
    from quadfit_tui.core.model.units import is_unit  # imported late: generated samples have no headings

    return is_unit(unit) and cell_width(unit) <= LONGEST
