"""How many columns of a terminal a text takes, and texts set by columns: a Han character takes two, an accent none."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Set
from functools import lru_cache
from itertools import accumulate

# Punctuation that begins no line, and that ends none (GB/T 15834, JIS X 4051).
_NOT_FIRST = frozenset("，。、；：！？）》」』】〕”’…—％℃·,.;:!?)]}%")
_NOT_LAST = frozenset("（《「『【〔“‘([{")
# Signs of a formula, between blanks: no line begins or ends with one, unless the formula is longer than a line.
_RELATIONS = frozenset("=≈≤≥<>←→")
_SIGNS = _RELATIONS | frozenset("−-+±×")
_LATIN = re.compile("[Ａ-Ｚａ-ｚ]{2}")

# What nearly all is made of, and is not looked at one by one: letters, signs, arrows, frames and dots of one column.
_SINGLE = re.compile(
    r"[\x00-\u02ff\u0391-\u03a1\u03a3-\u03c9\u2010-\u2027\u2030-\u205e\u2074-\u208e\u2190-\u22ff\u2500-\u25fc\u2800-\u28ff]*"
)


def is_single(text: str) -> bool:
    """Whether each character of a text takes one column."""
    return _SINGLE.fullmatch(text) is not None or all(_columns_of(char) == 1 for char in text)


@lru_cache(maxsize=4096)
def _columns_of(char: str) -> int:
    category = unicodedata.category(char)
    if category[0] == "M" or (category == "Cf" and char != "\u00ad") or "\u1160" <= char <= "\u11ff":
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def cell_width(text: str) -> int:
    """The columns that a text takes."""
    return len(text) if _SINGLE.fullmatch(text) else sum(map(_columns_of, text))


def has_formula(text: str) -> bool:
    """Whether a text has a sign of a formula between blanks."""
    return not _SIGNS.isdisjoint(text.split())


def cut(text: str, width: int) -> str:
    """As much of the begin of a text as there is room for in so many columns, no character of it halved."""
    if _SINGLE.fullmatch(text):
        return text[: max(0, width)]
    room = width
    for at, char in enumerate(text):
        room -= _columns_of(char)
        if room < 0:
            return text[:at]
    return text


def shortened(text: str, width: int) -> str:
    """A text if there is room for it in so many columns, else as much of its begin as leaves room for an ellipsis."""
    return text if cell_width(text) <= width else f"{cut(text, width - 1)}…"


def ljust(text: str, width: int) -> str:
    """A text at the left of so many columns, with blanks behind it."""
    return text + " " * (width - cell_width(text))


def rjust(text: str, width: int) -> str:
    """A text at the right of so many columns, with blanks before it."""
    return " " * (width - cell_width(text)) + text


def wrapped(text: str, width: int, first: str = "", rest: str = "") -> list[str]:
    """A text in lines of so many columns: `first` stands before the first of them, `rest` before each other one.

    It is parted at blanks, and beside any Han character, but so that no line begins with `，` or ends with `（`; within
    a formula or a word only where it is longer than a line.
    """
    lines: list[str] = []
    line, indent = first, first
    pieces = _unparted(" ".join(text.splitlines()).replace("\t", " ").strip(" "))
    for piece in _whole_formulas(pieces, width - cell_width(rest)):
        if line != indent and cell_width(line + piece.rstrip()) > width:
            lines.append(line.rstrip())
            line = indent = rest
        line += piece
        while cell_width(line.rstrip()) > width and len(line.rstrip()) > len(indent) + 1:
            head = max(cut(line, width), line[: len(indent) + 1], key=len)  # at least one character of the word
            lines.append(head.rstrip())
            line, indent = rest + line[len(head) :], rest
    return [*lines, line.rstrip()] if line != indent else lines


def line_begins(text: str, width: int) -> list[int]:
    """Where in a text the lines after the first one begin; blanks stay at their ends.

    It is parted as `wrapped` does, but for wide Latin letters, which are those of a word.
    """
    begins: list[int] = []
    begin, last = 0, len(text) - len(text.lstrip())
    pieces = _whole_formulas(_unparted(text[last:], keeps_latin=True), width)
    for end in accumulate(map(len, pieces), initial=last):
        while cell_width(text[begin:end].rstrip()) > width:
            begin = last if last > begin and text[begin:last].strip() else begin + (len(cut(text[begin:], width)) or 1)
            begins.append(begin)
        last = end
    return begins


def _unparted(text: str, keeps_latin: bool = False) -> Iterator[str]:
    """Yields the pieces of a text that stand on one line, each with the blanks behind it."""
    piece = ""
    for char in text:
        if piece and parts(piece[-1], char) and not (keeps_latin and _LATIN.match(piece[-1] + char)):
            yield piece
            piece = ""
        piece += char
    if piece:
        yield piece


def _whole_formulas(pieces: Iterable[str], width: int, opens: Set[str] = _SIGNS) -> Iterator[str]:
    """Yields pieces with each formula as one, if it fits into so many columns; else parted before its relations.

    `opens` are the signs before which no line ends.
    """
    formula: list[str] = []
    for piece in [*pieces, ""]:
        if formula and not (piece and (formula[-1].rstrip() in _SIGNS or piece.rstrip() in opens)):
            whole = "".join(formula)
            if cell_width(whole.rstrip()) <= width or len(formula) == 1:
                yield whole
            elif opens is _SIGNS:
                yield from _whole_formulas(formula, width, _SIGNS - _RELATIONS)
            else:
                yield from formula
            formula = []
        formula.append(piece)


def parts(before: str, after: str) -> bool:
    """Whether a line may end between two characters."""
    if after == " ":
        return False
    if before == " ":
        return True
    if after in _NOT_FIRST or before in _NOT_LAST or not _columns_of(after):
        return False
    return _columns_of(before) == 2 or _columns_of(after) == 2
