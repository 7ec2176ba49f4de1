"""Parses the numbers in cells: finds whether commas, dots and other signs separate decimals or thousands."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from itertools import repeat
from operator import contains
from typing import NamedTuple

from quadfit_tui.core.config.value_types import plain_float, read_number
from quadfit_tui.core.text.language import N_, _
from quadfit_tui.core.text.quoting import LONGEST_TEXT, normalized, quoted

AMBIGUOUS = "ambiguous"  # the kind of fault of a number whose comma has no known meaning yet
_GROUPS = r"[-+]?[1-9][0-9]{0,2}"
_GROUPED = {  # by the sign between thousands, of which a number may have only one
    ",": re.compile(_GROUPS + r"(?:,[0-9]{3})+(?:\.[0-9]*)?"),
    ".": re.compile(_GROUPS + r"(?:\.[0-9]{3})+(?:,[0-9]*)?"),
    "'": re.compile(_GROUPS + r"(?:'[0-9]{3})+(?:[.,][0-9]*)?"),
    " ": re.compile(_GROUPS + r"(?: [0-9]{3})+(?:[.,][0-9]*)?"),
}
_OPEN = re.compile(_GROUPS + r"[.,][0-9]{3}")  # ambiguous: thousands, or three decimals
# By the signs that may occur: a part of a number with a sign that _OPEN does not match, so that its sign is clear.
_TELLS = {
    signs: re.compile(rf"(?<![0-9{signs}])(?:0[0-9]*)?[{signs}]|[0-9]{{4}}[{signs}]|[{signs}](?![0-9]{{3}}(?![0-9eE]))")
    for signs in (".", ".,")
}
_DECIMAL_SIGNS = {",": ".", ".": ","}  # by the sign between thousands
_PART_COLUMNS = (";", "\t", "|")  # delimiters with which spaces may separate thousands
_FORTRAN = re.compile(r"(?<=[0-9.,])[dD](?=[-+]?[0-9])")  # Fortran writes 4D0 for 4e0
_PART_THOUSANDS = {
    ",": N_("commas part thousands, as {number} tells, which is {value}"),
    ".": N_("dots part thousands, as {number} tells, which is {value}"),
    "'": N_("apostrophes part thousands, as {number} tells, which is {value}"),
    " ": N_("spaces part thousands, as {number} tells, which is {value}"),
}
_SETTLED = {
    ",": N_("commas part thousands, as the decimal point of {decimal} tells: {number} is {value}"),
    ".": N_("dots part thousands, as the decimal comma of {decimal} tells: {number} is {value}"),
}
_IN_DOUBT = {
    ",": N_(
        "{number} is read with a decimal comma, as {value}, and all others alike; "
        "if commas part thousands, it is {other}"
    ),
    ".": N_(
        "{number} is read with a decimal point, as {value}, and all others alike; if dots part thousands, it is {other}"
    ),
}
_AMBIGUOUS = {
    ",": N_("{number} is ambiguous beside {other}, which has commas between thousands"),
    ".": N_("{number} is ambiguous beside {other}, which has dots between thousands"),
    "'": N_("{number} is ambiguous beside {other}, which has apostrophes between thousands"),
    " ": N_("{number} is ambiguous beside {other}, which has spaces between thousands"),
}


def _cleaned(text: str) -> str:
    return normalized(text).replace("’", "'")


def grouping(cleaned: str, delimiter: str | None) -> str:
    """Returns the sign between the thousands of `1,234.5`, `1.234,5`, `1,234,567`, `1'234` and the like; else "".

    A single comma or dot, as in `1,234`, is ambiguous: "".
    """
    for sign, pattern in _GROUPED.items():
        if sign in cleaned and pattern.fullmatch(cleaned):
            if sign == " " and delimiter not in _PART_COLUMNS:
                return ""
            return "" if _OPEN.fullmatch(cleaned) else sign
    return ""


def number_of(text: str, delimiter: str | None, thousands: str = "") -> float:
    """Parses the number in a cell; a comma that is not the delimiter is a decimal comma, also in `1,125`.

    `thousands` is the comma or dot that is known to separate thousands in the whole file. Raises ValueError with the
    reason.
    """
    if not thousands:
        try:
            return plain_float(
                text if delimiter == "," else text.replace(",", ".")
            )  # fast path, correct for nearly all numbers
        except ValueError:
            pass
    cleaned = _FORTRAN.sub("e", _cleaned(text))
    if thousands:
        return read_number("/".join(_ungrouped(part.strip(), thousands) for part in cleaned.split("/")))
    if sign := grouping(cleaned, delimiter):
        return plain_float(_ungrouped(cleaned, sign))
    return read_number(cleaned if delimiter == "," else cleaned.replace(",", "."))


def _ungrouped(cleaned: str, thousands: str) -> str:
    """Returns a number's text without separators of thousands and with a decimal point."""
    is_grouped = _GROUPED[thousands].fullmatch(cleaned)
    return (cleaned.replace(thousands, "") if is_grouped else cleaned).replace(",", ".")


def is_number(cell: str, delimiter: str | None) -> bool:
    """Whether a cell can be parsed as a finite number."""
    try:
        return math.isfinite(number_of(cell, delimiter))
    except ValueError:
        return False


def looks_numeric(cell: str) -> bool:
    """Whether a cell begins like a number, and so is no heading; also `nan`, `inf`, and a circled 2 alone."""
    start = normalized(cell[:LONGEST_TEXT])
    try:
        float(start.replace(",", "."))
    except ValueError:
        is_numeral = start[:1].isnumeric() and not any(char.isalpha() and char not in "eEdD" for char in start)
        return is_numeral or start[:1] in tuple("0123456789.-+")
    return True


def is_heading(cells: Iterable[str]) -> bool:
    """Whether cells are headings: none begins like a number, and `nan` and `inf` count as numbers."""
    return not any(looks_numeric(cell) for cell in cells)


class _Seen(NamedTuple):
    """A number as written in a cell of a line, quoted in messages."""

    line: int
    text: str

    def __str__(self) -> str:
        return _("{number} in line {line}").format(number=quoted(self.text), line=self.line)


class Signs:
    """The meaning of commas, dots and other signs in a file's numbers: decimals or thousands, the same in all columns.

    In a number such as `1,234` the sign is ambiguous. It separates thousands if another number shows it, by thousands
    of its own (`1,234,567`), or because its decimal sign is the other one (`12.5`); else it precedes decimals.
    """

    def __init__(self, delimiter: str | None) -> None:
        self._delimiter = delimiter
        self._tells = _TELLS["." if delimiter == "," else ".,"]
        self._thousands: dict[str, _Seen] = {}  # by sign, the first number that has it between thousands
        self._decimals: dict[str, _Seen] = {}  # by sign, the first number that has it before decimals
        self._open: dict[str, _Seen] = {}  # by sign, the first number in which it is ambiguous

    def see(self, line: int, cells: Iterable[str]) -> None:
        """Records the signs in the numbers of a row, which is line `line` of the file."""
        for cell in cells:
            if (cell.isdecimal() and cell.isascii()) or len(cell) > LONGEST_TEXT:
                continue
            for part in _cleaned(cell).split("/"):
                self._see(part.strip(), _Seen(line, cell))

    def _see(self, cleaned: str, seen: _Seen) -> None:
        if _OPEN.fullmatch(cleaned):
            self._open.setdefault("," if "," in cleaned else ".", seen)
            return
        thousands = grouping(cleaned, self._delimiter)
        if thousands:
            self._thousands.setdefault(thousands, seen)
        for sign in _DECIMAL_SIGNS:
            if sign in cleaned and sign != thousands:
                self._decimals.setdefault(sign, seen)

    def see_lines(self, lines: list[str], first: int, cells: Iterable[Iterable[str]]) -> None:
        """Records the signs in lines that NumPy has read, skipping them quickly if they show nothing new.

        `first` is the number of the first line, `cells` the cells of x and y in each line.
        """
        present = [sign for sign in self._undecided if any(map(contains, lines, repeat(sign)))]
        if any(sign not in self._open for sign in present) or (present and any(map(self._tells.search, lines))):
            for line, row in enumerate(cells, first):
                self.see(line, row)
                if not self._undecided:
                    return

    @property
    def _undecided(self) -> list[str]:
        """The signs that a plain number may have and that are not yet known to be decimal signs."""
        return [sign for sign in ("." if self._delimiter == "," else ",.") if sign not in self._decimals]

    @property
    def thousands(self) -> str:
        """The comma or dot that separates thousands in numbers that were parsed as decimals; "" if all are correct."""
        for sign, decimal in _DECIMAL_SIGNS.items():
            if self._thousands.keys() <= {sign} and sign not in self._decimals:
                was_refused = self._delimiter == "," == decimal and decimal in self._open
                if (sign in self._open or was_refused) and (sign in self._thousands or decimal in self._decimals):
                    return sign
        return ""

    @property
    def contradiction(self) -> str:
        """The message that a sign stands for both decimals and thousands, so that numbers are ambiguous; else ""."""
        for sign, grouped in self._thousands.items():
            other = self._decimals.get(sign) or next(
                (seen for other_sign, seen in self._thousands.items() if other_sign != sign), None
            )
            if other:
                problem = _(_AMBIGUOUS[sign]).format(number=quoted(other.text), other=grouped)
                template = _("line {line}: {problem}; allowed: numbers without them")
                return template.format(line=other.line, problem=problem)
        if len(self._open) == 2 and not (self._thousands or self._decimals):
            one, other = sorted(self._open.values())
            template = _(
                "line {line}: {number} is ambiguous beside {other}; allowed: numbers without signs for thousands"
            )
            return template.format(line=other.line, number=quoted(other.text), other=one)
        return ""

    @property
    def notices(self) -> list[str]:
        """Notices to the user of how ambiguous signs were read."""
        notices = [
            _(_PART_THOUSANDS[sign]).format(number=seen, value=_format_value(seen, sign))
            for sign, seen in self._thousands.items()
        ]
        for sign, seen in self._open.items():
            decimal = _DECIMAL_SIGNS[sign]
            if notices or sign in self._decimals:
                continue
            if decimal in self._decimals:
                notices.append(
                    _(_SETTLED[sign]).format(
                        decimal=self._decimals[decimal], number=seen, value=_format_value(seen, sign)
                    )
                )
            elif self._delimiter != ",":
                values = {"value": _format_value(seen, decimal), "other": _format_value(seen, sign)}
                notices.append(_(_IN_DOUBT[sign]).format(number=seen, **values))
        return notices


def _format_value(seen: _Seen, thousands: str) -> str:
    """Formats the value of a number if `thousands` is its sign between thousands, for a message."""
    return f"{number_of(seen.text, ';', thousands):.15g}"
