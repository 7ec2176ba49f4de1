"""The numbers in cells, and what their commas and dots mean: decimals, or the separators of thousands."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from itertools import repeat
from operator import contains
from typing import NamedTuple

from quadfit_tui.core.config.value_types import plain_float, read_number
from quadfit_tui.core.text.language import _, noted
from quadfit_tui.core.text.quoting import LONGEST_TEXT, normalized, quoted

_GROUPED = {  # by the sign between thousands
    ",": re.compile(r"[-+]?[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]*)?"),
    ".": re.compile(r"[-+]?[1-9][0-9]{0,2}(?:\.[0-9]{3})+(?:,[0-9]*)?"),
}
_PART_THOUSANDS = {
    ",": noted("commas part thousands, as {number} tells, which is {value}"),
    ".": noted("dots part thousands, as {number} tells, which is {value}"),
}
_AMBIGUOUS = {
    ",": noted("{number} is ambiguous beside {other}, which has commas between thousands"),
    ".": noted("{number} is ambiguous beside {other}, which has dots between thousands"),
}
_IS_DECIMAL = re.compile(r"(?<!\d),|(?<!\d)0\d*,|\d{4},|,(?!\d{3}(?!\d))")  # a comma that parts no thousands
_ENOUGH = 10_000  # numbers with a comma that may part thousands, after which no other one is looked for


def grouping(text: str) -> str:
    """The sign between the thousands of `1,234.5`, `1.234,5`, `1,234,567` and the like; "" where it is none of them.

    Of one sign alone, as in `1,234`, it is not known.
    """
    if len(text) > LONGEST_TEXT or text.count(",") + text.count(".") < 2:
        return ""
    cleaned = normalized(text)
    return next((sign for sign, pattern in _GROUPED.items() if pattern.fullmatch(cleaned)), "")


def number_of(text: str, delimiter: str | None) -> float:
    """The number in a cell. A comma that does not part the columns is a decimal comma, also in `1,125`.

    Raises ValueError with the reason.
    """
    try:
        return plain_float(text if delimiter == "," else text.replace(",", "."))  # quick, and right for nearly all
    except ValueError:
        if sign := grouping(text):
            return plain_float(normalized(text).replace(sign, "").replace(",", "."))
        return read_number(text)


def is_number(cell: str, delimiter: str | None) -> bool:
    """Whether a cell has a finite number."""
    try:
        return math.isfinite(number_of(cell, delimiter))
    except ValueError:
        return False


def looks_numeric(cell: str) -> bool:
    """Whether a cell begins like a number: `nan` and `inf` do, too."""
    start = normalized(cell[:LONGEST_TEXT])
    try:
        float(start.replace(",", "."))
    except ValueError:
        return start[:1] in tuple("0123456789.-+")
    return True


def is_heading(cells: Iterable[str]) -> bool:
    """Whether no cell begins like a number: `nan` and `inf` are taken for values, not for headings."""
    return not any(looks_numeric(cell) for cell in cells)


class _Seen(NamedTuple):
    line: int
    text: str

    def __str__(self) -> str:
        return _("{number} in line {line}").format(number=quoted(self.text), line=self.line)


class Signs:
    """What the commas and dots in the numbers of a file mean, as far as they were seen.

    A sign that stands between thousands is no decimal sign in the same file.
    """

    def __init__(self, delimiter: str | None) -> None:
        self._grouped: dict[str, _Seen] = {}  # the first number with this sign between thousands
        self._lone: dict[str, _Seen] = {}  # the first number with this sign alone
        self._signs = "." if delimiter == "," else ",."  # that a plain number may have
        self._has_doubt = delimiter != ","  # a comma may be either, and none is known to be a decimal comma
        self._doubtful: _Seen | None = None  # the first of them
        self._looked_at = 0

    def see(self, line: int, cells: Iterable[str]) -> None:
        """Takes the numbers of a row."""
        for cell in cells:
            signs = [sign for sign in _GROUPED if sign in cell]
            if signs and (sign := grouping(cell)):
                self._grouped.setdefault(sign, _Seen(line, cell))
            elif signs:
                self._lone.setdefault(signs[0], _Seen(line, cell))
                if "," in signs and self._has_doubt:
                    self._doubt(line, cell)

    def see_lines(self, lines: list[str], first: int, cells: Iterable[Iterable[str]]) -> None:
        """Takes rows of plain numbers, of which few have to be looked at; `cells` has the numbers of each."""
        if any(any(map(contains, lines, repeat(sign))) for sign in self._wanted):
            for line, row in enumerate(cells, first):
                self.see(line, row)
                if not self._wanted:
                    return

    @property
    def _wanted(self) -> list[str]:
        """The signs of which more is to be known."""
        return [sign for sign in self._signs if sign not in self._lone or (sign == "," and self._has_doubt)]

    def _doubt(self, line: int, cell: str) -> None:
        self._looked_at += 1
        if _IS_DECIMAL.search(cell):
            self._has_doubt, self._doubtful = False, None
        else:
            self._doubtful = self._doubtful or _Seen(line, cell)
            self._has_doubt = self._looked_at < _ENOUGH

    @property
    def contradiction(self) -> str:
        """Why the numbers of the file cannot be told, where one sign stands for both; else nothing."""
        for sign, grouped in self._grouped.items():
            other = self._lone.get(sign) or next((seen for each, seen in self._grouped.items() if each != sign), None)
            if other:
                problem = _(_AMBIGUOUS[sign]).format(number=quoted(other.text), other=grouped)
                told = _("line {line}: {problem}; allowed: numbers without them")
                return told.format(line=other.line, problem=problem)
        return ""

    @property
    def notices(self) -> list[str]:
        """What was taken for what."""
        told = [
            _(_PART_THOUSANDS[sign]).format(number=seen, value=f"{number_of(seen.text, ';'):.15g}")
            for sign, seen in self._grouped.items()
        ]
        if self._doubtful:
            value = f"{number_of(self._doubtful.text, ';'):.15g}"
            notice = _("{number} is read with a decimal comma, as {value}, and all others alike")
            told.append(notice.format(number=self._doubtful, value=value))
        return told
